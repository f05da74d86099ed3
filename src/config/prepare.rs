//! From settings to a server that only has to take its port: one way for the program and the library.

#[cfg(feature = "data-dir")]
use super::UnknownTokens;
#[cfg(feature = "data-dir")]
use super::build::random_seed;
use super::files::FilesAtStart;
use super::{BadSettings, Settings};
use crate::control::clock::Clock;
#[cfg(feature = "tls")]
use crate::control::clock::real_time;
#[cfg(feature = "data-dir")]
use crate::control::operations::snapshots::Snapshots;
#[cfg(feature = "data-dir")]
use crate::control::webhooks::Webhooks;
#[cfg(feature = "data-dir")]
use crate::dropbox::account::Quota;
#[cfg(feature = "data-dir")]
use crate::dropbox::recorded::{BadRow, Kind};
#[cfg(feature = "data-dir")]
use crate::dropbox::world::World;
#[cfg(feature = "data-dir")]
use crate::server::app::Lasting;
#[cfg(feature = "tls")]
use crate::server::certificates::{CertificateAuthority, CertificateError};
use crate::server::listener::ListenerConfig;
use crate::server::{App, ServerConfig};
#[cfg(feature = "data-dir")]
use crate::storage::data_dir::{DataDir, DataDirError, Disk};
use std::collections::BTreeSet;
#[cfg(feature = "data-dir")]
use std::path::Path;
use std::sync::Arc;

/// What a server starts with.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) app: Arc<App>,
    pub(crate) listener: ListenerConfig,
    pub(crate) files: FilesAtStart,
    #[cfg(feature = "tls")]
    pub(crate) authority: Option<CertificateAuthority>,
}

/// Why there is nothing to start with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CannotPrepare {
    #[error(transparent)]
    Settings(#[from] BadSettings),
    #[cfg(feature = "data-dir")]
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    #[cfg(feature = "tls")]
    #[error(transparent)]
    Certificates(#[from] CertificateError),
}

impl Settings {
    /// Makes the state, the certificates and the configuration of the listener.
    pub(crate) fn prepare(&self) -> Result<Prepared, CannotPrepare> {
        #[cfg_attr(
            not(feature = "tls"),
            expect(unused_mut, reason = "only TLS changes them")
        )]
        let (mut config, mut listener) = (self.server()?, self.listener()?);
        #[cfg(feature = "tls")]
        let authority = {
            let now = real_time();
            let authority = self.authority(now)?;
            if let Some(authority) = &authority {
                listener.tls = Some(authority.tls(now)?);
                config.authority_pem = Some(authority.ca_pem().to_owned());
                config.authority_replaced = authority.replaced().map(str::to_owned);
            }
            authority
        };
        let (app, kept) = self.app(config)?;
        for (index, settings) in self.faults.iter().enumerate() {
            let (scope, rule) = settings.fault();
            let number = index + 1;
            let added = app.faults.add(scope, rule);
            added.map_err(|source| BadSettings::Fault { number, source })?;
        }
        Ok(Prepared {
            app,
            listener,
            files: FilesAtStart {
                files: self.files.clone(),
                kept,
            },
            #[cfg(feature = "tls")]
            authority,
        })
    }

    /// The app, and the accounts that were kept for it.
    fn app(&self, config: ServerConfig) -> Result<(Arc<App>, BTreeSet<String>), CannotPrepare> {
        #[cfg(feature = "data-dir")]
        if let Some(directory) = &self.data_dir {
            return self.lasting_app(config, directory, Disk::new(self.durability));
        }
        let world = self.world(config.seed, Clock::new().now(None))?;
        Ok((App::new(config, world), BTreeSet::new()))
    }

    /// An app whose state is in a directory: what is there, or a new one.
    #[cfg(feature = "data-dir")]
    fn lasting_app(
        &self,
        mut config: ServerConfig,
        directory: &Path,
        disk: Disk,
    ) -> Result<(Arc<App>, BTreeSet<String>), CannotPrepare> {
        let damaged = |bad: BadRow| DataDirError::Damaged {
            directory: directory.display().to_string(),
            reason: bad.to_string(),
        };
        let (data_dir, rows) = DataDir::open(directory, disk)?;
        let is_new = rows.is_none();
        let mut rows = rows.unwrap_or_default();
        let mut one = |kind: Kind| rows.take(kind).pop().map(|(_, value)| value);
        let mut clock = Clock::kept(one(Kind::Clock).as_deref()).map_err(damaged)?;
        let mut webhooks = Webhooks::kept(one(Kind::Webhooks).as_deref()).map_err(damaged)?;
        let snapshot_rows = rows.take(Kind::Snapshots);
        let mut snapshots = Snapshots::default();
        let world = if is_new {
            World::new(config.seed, self.assumptions())
        } else {
            let mut loaded = rows
                .finish(|account| clock.now(Some(account)))
                .map_err(damaged)?;
            snapshots = Snapshots::kept(snapshot_rows, &mut loaded).map_err(damaged)?;
            loaded.world
        };
        let world = world.bounded(self.bounds()?);
        clock.record_to(world.recording());
        webhooks.record_to(world.recording());
        snapshots.record_to(world.recording());
        let now = clock.now(None);
        let kept = world.accounts();
        let kept = kept.iter().map(|account| account.name().to_string());
        let kept = kept.collect();
        if is_new {
            world.defaults().quota = Quota(self.quota.0);
            world.credentials().open = self.unknown_tokens == UnknownTokens::Accept;
            self.declare(&world, now)?;
        } else {
            self.declare_again(&world, now)?;
            // No id of a request comes twice.
            config.seed = random_seed();
        }
        world.record_to(data_dir.recorder());
        let lasting = Lasting {
            data_dir,
            clock,
            snapshots,
            webhooks,
        };
        Ok((App::lasting(config, world, lasting), kept))
    }
}

#[cfg(all(test, feature = "data-dir"))]
mod tests;
