//! From settings to a server that only has to take its port: one way for the program and the library.

use super::{BadSettings, Settings};
use crate::control::clock::Clock;
#[cfg(feature = "tls")]
use crate::control::clock::real_time;
use crate::server::App;
#[cfg(feature = "tls")]
use crate::server::certificates::{CertificateAuthority, CertificateError};
use crate::server::listener::ListenerConfig;
use std::sync::Arc;

/// What a server starts with.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) app: Arc<App>,
    pub(crate) listener: ListenerConfig,
    #[cfg(feature = "tls")]
    pub(crate) authority: Option<CertificateAuthority>,
}

/// Why there is nothing to start with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CannotPrepare {
    #[error(transparent)]
    Settings(#[from] BadSettings),
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
        let world = self.world(config.seed, Clock::new().now(None))?;
        #[cfg(feature = "tls")]
        let authority = {
            let now = real_time();
            let authority = self.authority(now)?;
            if let Some(authority) = &authority {
                listener.tls = Some(authority.tls(&self.certificate_names(), now)?);
                config.authority_pem = Some(authority.ca_pem().to_owned());
            }
            authority
        };
        let app = App::new(config, world);
        for (index, settings) in self.faults.iter().enumerate() {
            let (scope, rule) = settings.fault();
            let number = index + 1;
            let added = app.faults.add(scope, rule);
            added.map_err(|source| BadSettings::Fault { number, source })?;
        }
        Ok(Prepared {
            app,
            listener,
            #[cfg(feature = "tls")]
            authority,
        })
    }
}
