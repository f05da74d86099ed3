//! What all requests share.

pub(super) mod common_headers;
pub mod config;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod dial;
pub(super) mod hashing;
pub mod public_url;

use crate::control::LinkOriginSwitch;
use crate::control::clock::Clock;
use crate::control::faults::FaultPlan;
use crate::control::journal::Journal;
use crate::control::operations::snapshots::Snapshots;
use crate::control::operations::{ControlError, Controls, ErrorKind, Readable};
use crate::control::secrets::{Aliases, Secret};
use crate::control::tally::Tally;
use crate::control::webhooks::Webhooks;
use crate::dropbox::credentials::Holder;
use crate::dropbox::ids::IdSource;
use crate::dropbox::world::World;
use crate::server::app::common_headers::CommonHeaders;
use crate::server::app::config::ServerConfig;
use crate::server::app::hashing::Uploads;
use crate::storage::Storage;
use crate::storage::data_dir::{DataDir, NotKept};
use crate::sync::{Mutex, Signal};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;

#[derive(Debug)]
pub struct App {
    pub config: ServerConfig,
    pub clock: Clock,
    /// Where bytes rest.
    pub storage: Arc<Storage>,
    pub faults: FaultPlan,
    pub journal: Journal,
    /// What happened altogether, in numbers.
    pub tally: Tally,
    pub aliases: Arc<Aliases>,
    pub links: LinkOriginSwitch,
    /// What stands in our own page, and in no other: by it the controls know the page. It is no id, so that no seed
    /// tells it.
    pub page_secret: Secret,
    pub snapshots: Snapshots,
    /// Whenever something was done that may have changed what is there, and that no entry of the journal tells.
    pub(crate) done: Signal,
    /// Who is told of changes.
    pub webhooks: Webhooks,
    /// The bodies that are on their way.
    pub uploads: Uploads,
    /// How the network of an isolated command is reached.
    #[cfg(all(feature = "cli", target_os = "linux"))]
    pub inside: std::sync::OnceLock<dial::Dial>,
    /// What every answer says besides.
    pub common_headers: CommonHeaders,
    world: World,
    request_ids: Mutex<IdSource>,
    requests: AtomicU64,
    stopping: watch::Sender<bool>,
    data_dir: Option<DataDir>,
}

/// What outlives the program.
#[cfg(feature = "data-dir")]
#[derive(Debug)]
pub struct Lasting {
    pub data_dir: DataDir,
    pub clock: Clock,
    pub snapshots: Snapshots,
    pub webhooks: Webhooks,
}

impl App {
    pub fn new(config: ServerConfig, world: World) -> Arc<Self> {
        let storage = Storage::new(config.storage.clone());
        Arc::new(Self::of(config, world, storage))
    }

    /// One that goes on where another stopped.
    #[cfg(feature = "data-dir")]
    pub fn lasting(config: ServerConfig, world: World, lasting: Lasting) -> Arc<Self> {
        let contents = Arc::clone(lasting.data_dir.contents());
        let storage = Storage::lasting(config.storage.clone(), contents);
        Arc::new(Self {
            clock: lasting.clock,
            snapshots: lasting.snapshots,
            webhooks: lasting.webhooks,
            data_dir: Some(lasting.data_dir),
            ..Self::of(config, world, storage)
        })
    }

    fn of(config: ServerConfig, world: World, storage: Arc<Storage>) -> Self {
        let aliases = Arc::new(Aliases::default());
        // Whoever is there before the first request was declared under a name; later ones may be
        // there under a token.
        for account in world.accounts() {
            aliases.publish_account(account.name());
        }
        for (_, grant) in world.credentials().grants() {
            match &grant.holder {
                Holder::User(name) => aliases.publish_account(name),
                Holder::Team(names) => names.iter().for_each(|name| aliases.publish_account(name)),
            }
        }
        let request_ids = IdSource::from_seed(config.seed).branch("requests");
        Self {
            clock: Clock::new(),
            storage,
            faults: FaultPlan::new(config.seed),
            journal: Journal::new(config.journal),
            tally: Tally::default(),
            aliases,
            links: LinkOriginSwitch::new(config.links),
            page_secret: Secret::random(),
            snapshots: Snapshots::default(),
            done: Signal::default(),
            webhooks: Webhooks::default(),
            uploads: Uploads::default(),
            #[cfg(all(feature = "cli", target_os = "linux"))]
            inside: std::sync::OnceLock::new(),
            common_headers: CommonHeaders::default(),
            world,
            request_ids: Mutex::new(request_ids),
            requests: AtomicU64::new(0),
            stopping: watch::channel(false).0,
            data_dir: None,
            config,
        }
    }

    /// An outcome, once it is as lasting as it will be.
    pub async fn lasting_outcome<T>(
        &self,
        done: Result<T, ControlError>,
    ) -> Result<T, ControlError> {
        let kept = self.kept().await;
        kept.map_err(|error| {
            let detail = format!("The data directory could not be written: {}.", error.reason);
            ControlError::new(ErrorKind::Conflict, detail)
        })?;
        done
    }

    /// Nothing comes any more: what lasts is written, and others may use its directory.
    pub fn end(&self) {
        if let Some(data_dir) = &self.data_dir {
            data_dir.end();
        }
    }

    /// Over once all that has changed so far is as lasting as it will be. Whatever tells somebody of the state waits
    /// for it: what was told must be found again.
    pub async fn kept(&self) -> Result<(), NotKept> {
        match &self.data_dir {
            Some(data_dir) => data_dir.kept().await,
            None => Ok(()),
        }
    }

    /// Everything that the fake knows.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What a test can do to it.
    pub fn controls(&self) -> Controls<'_> {
        Controls {
            world: &self.world,
            clock: &self.clock,
            faults: &self.faults,
            journal: &self.journal,
            aliases: &self.aliases,
            storage: &self.storage,
            snapshots: &self.snapshots,
            webhooks: &self.webhooks,
            links: &self.links,
            done: &self.done,
            readable: Readable::Everything,
        }
    }

    /// The same for a caller over HTTP, who may be another user of this machine.
    pub fn controls_over_http(&self) -> Controls<'_> {
        Controls {
            readable: Readable::Below(&self.config.seed_roots),
            ..self.controls()
        }
    }

    /// A new request id, 32 hexadecimal digits (API-141), and how many dots the summary of an
    /// error ends in, if it is one (API-125).
    pub fn next_request(&self) -> (u128, usize) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut ids = self.request_ids.lock();
        let id = u128::from_be_bytes(ids.sixteen_bytes());
        let dots = usize::try_from(ids.below(4)).unwrap_or(0);
        (id, dots)
    }

    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// The server is about to stop: whoever waits for something comes to an end.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Whether the server is about to stop.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Over once the server is about to stop.
    pub async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        // The sender lives as long as this does.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }
}
