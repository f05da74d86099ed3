//! How a server is set up.

use crate::control::LinkOrigin;
use crate::control::journal::JournalLimits;
use crate::control::secrets::Secret;
use crate::server::app::public_url::PublicUrl;
use crate::storage::StorageConfig;
use std::num::NonZeroU64;
use std::path::PathBuf;

/// The most bytes that `files/upload` and each call of a session take: 150 MiB (API-246).
pub const UPLOAD_LIMIT: u64 = 150 << 20;

/// What the routes need to know. Addresses and TLS belong to the listener.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The source of every id.
    pub seed: u64,
    /// Where links lead at first.
    pub links: LinkOrigin,
    /// The origin of links, where it cannot be taken from the request.
    pub public_url: Option<PublicUrl>,
    /// Names that a `Host` header may carry besides the usual ones.
    pub allowed_hosts: Vec<String>,
    /// Whether requests under any name are answered. Right for a server that is not on loopback.
    pub any_host: bool,
    /// Bytes that `files/upload` and each call of a session take.
    pub max_upload_size: u64,
    /// Bytes a second at which the body of each upload is read.
    pub upload_speed: Option<NonZeroU64>,
    /// Bytes that a JSON argument in a body may have.
    pub max_json_size: usize,
    /// Where bytes rest.
    pub storage: StorageConfig,
    /// What callers of the controls show who are not on this machine; without one they are refused.
    pub control_token: Option<Secret>,
    /// The directories of this machine that callers of the controls may have read over HTTP.
    pub seed_roots: Vec<PathBuf>,
    /// Whether webhooks may go to other machines.
    pub webhooks_anywhere: bool,
    pub journal: JournalLimits,
    /// The certificate of the authority that clients have to trust, in PEM; none without TLS.
    pub authority_pem: Option<String>,
    /// Why that authority replaced a kept one at this start, if it did.
    pub authority_replaced: Option<String>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            links: LinkOrigin::default(),
            public_url: None,
            allowed_hosts: Vec::new(),
            any_host: false,
            max_upload_size: UPLOAD_LIMIT,
            upload_speed: None,
            max_json_size: 4 << 20,
            storage: StorageConfig::default(),
            control_token: None,
            seed_roots: Vec::new(),
            webhooks_anywhere: false,
            journal: JournalLimits::default(),
            authority_pem: None,
            authority_replaced: None,
        }
    }
}
