//! The settings themselves.
//!
//! ```
//! use fake_dropbox::config::{ContentPolicy, Limits, Settings, UnknownTokens};
//!
//! let settings = Settings {
//!     content: ContentPolicy::None,
//!     unknown_tokens: UnknownTokens::Refuse,
//!     limits: Limits {
//!         json_size: "1 MiB".parse()?,
//!         ..Limits::default()
//!     },
//!     ..Settings::default()
//! };
//! assert!(settings.is_loopback());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::accounts::AccountSettings;
use super::assume::Assumed;
use super::files::FileSettings;
use super::host::ListenHost;
use super::quantities::{ByteRate, ByteSize, Most, Span};
use crate::control::LinkOrigin;
use crate::control::faults::{Action, FaultMatch, FaultRule, Phase, Times};
use crate::control::operations::credentials::{DeclareApp, DeclareGrant, DeclareToken};
use crate::control::scope::Scope;
use crate::control::secrets::Secret;
use crate::dropbox::account::Quota;
use crate::dropbox::bounds::Bounds;
use crate::server::app::config::ServerConfig;
use crate::server::listener::HttpLimits;
use crate::server::listener::ListenerConfig;
use crate::storage::StorageConfig;
#[cfg(feature = "data-dir")]
use crate::storage::data_dir::Durability;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Everything that can be decided before a server starts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where to listen.
    pub host: Vec<ListenHost>,
    /// The port; 0 takes a free one.
    pub port: u16,
    /// Where links lead: to this server, or to Dropbox's own names.
    pub links: LinkOrigin,
    /// The origin of links, where it cannot be taken from the request.
    pub public_url: Option<String>,
    /// Names that a `Host` header may carry besides those of this machine and of Dropbox.
    pub allow_host: Vec<String>,
    /// The source of every id; none means a new one at every start.
    pub seed: Option<u64>,
    /// Bytes that `files/upload` and each call of a session take. Links have the assumption
    /// `link_size_limit` instead.
    pub max_upload_size: ByteSize,
    /// How fast the body of each upload is read; none means as fast as it comes.
    pub upload_speed: Option<ByteRate>,
    /// Whether uploaded bytes are kept.
    pub content: ContentPolicy,
    /// Bytes that are held in memory, over all files; what comes later goes to the disk.
    pub memory_limit: ByteSize,
    /// Where the temporary file for the rest is made; none means the system's place for such files.
    pub spill_dir: Option<PathBuf>,
    /// The directory that keeps everything over the end of the program; none means that it is gone then.
    #[cfg(feature = "data-dir")]
    pub data_dir: Option<PathBuf>,
    /// How surely it keeps what was answered.
    #[cfg(feature = "data-dir")]
    pub durability: Durability,
    /// What a bearer token stands for that nobody declared.
    pub unknown_tokens: UnknownTokens,
    /// Bytes that an account may hold unless it says otherwise.
    pub quota: ByteSize,
    /// Whether TLS is spoken too, on the same port.
    pub tls: bool,
    /// Where the certificate authority is kept; none means a new one at every start.
    pub ca_dir: Option<PathBuf>,
    /// Foreign hosts, perhaps with a port, that tunnels and clear-text requests are passed on to.
    pub allow_tunnel: Vec<String>,
    /// How much and how long a connection may ask.
    pub limits: Limits,
    /// Answers to open questions that differ from the defaults.
    pub assume: Assumed,
    /// What callers from other machines show to reach the controls; without one they are refused.
    pub control_token: Option<Secret>,
    /// Directories of this machine that callers of the controls may have read over HTTP.
    pub seed_root: Vec<PathBuf>,
    /// Whether webhooks may go to other machines.
    pub webhooks_anywhere: bool,
    /// The most requests that the journal keeps.
    pub journal_entries: usize,
    /// The most memory that they take, about.
    pub journal_memory: ByteSize,
    /// How many revisions of each path are kept, the latest.
    pub keep_revisions: Most,
    /// The most memory that the upload links of an account take, about.
    pub link_memory: ByteSize,
    /// Beyond so many accounts those go that an undeclared token made and that hold nothing.
    pub max_idle_accounts: usize,
    /// Accounts by name.
    pub accounts: BTreeMap<String, AccountSettings>,
    /// Apps.
    pub apps: Vec<DeclareApp>,
    /// Access tokens.
    pub tokens: Vec<DeclareToken>,
    /// Refresh tokens.
    pub refresh_tokens: Vec<DeclareGrant>,
    /// Authorization codes.
    pub codes: Vec<DeclareGrant>,
    /// Files and folders that are there from the start.
    pub files: Vec<FileSettings>,
    /// Faults that are there from the start, and answers to routes that are not faked.
    pub faults: Vec<FaultSettings>,
}

/// A fault for one account or for all, with the fields that the controls take.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultSettings {
    /// The name of the account; none means all.
    #[serde(default)]
    pub account: Option<String>,
    /// Which requests.
    #[serde(rename = "match", default)]
    pub matcher: FaultMatch,
    /// When, in the course of such a request.
    pub phase: Phase,
    /// What happens.
    pub action: Action,
    /// How often; once if nothing is said.
    #[serde(default)]
    pub times: Times,
    /// How likely.
    #[serde(default)]
    pub probability: Option<f64>,
}

impl FaultSettings {
    /// The fault, and whom it concerns.
    pub(super) fn fault(&self) -> (Scope, FaultRule) {
        let scope = self.account.as_deref().map_or(Scope::All, Scope::account);
        let rule = FaultRule {
            matcher: self.matcher.clone(),
            phase: self.phase,
            action: self.action.clone(),
            times: self.times,
            probability: self.probability,
        };
        (scope, rule)
    }
}

/// Whether uploaded bytes are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContentPolicy {
    /// In memory up to the limit, on the disk beyond it.
    #[default]
    Memory,
    /// Not at all: uploads are hashed and counted, and cannot be read back.
    None,
}

/// What a bearer token stands for that nobody declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownTokens {
    /// An account of its own, empty at first.
    #[default]
    Accept,
    /// Rejected with 401.
    Refuse,
}

/// How much and how long a connection may ask.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The sum of the target, header names and header values of a request.
    pub header_bytes: ByteSize,
    /// The JSON argument of a request.
    pub json_size: ByteSize,
    /// How long a connection may wait for its next request.
    pub idle_time: Span,
    /// How long the rest of a request's head may take after its first byte.
    pub header_time: Span,
    /// How long a connection may stay silent before its first byte.
    pub first_byte_time: Span,
    /// How long a TLS handshake may take.
    pub tls_handshake_time: Span,
    /// How long requests under way may go on when the server stops.
    pub stop_time: Span,
}

impl Default for Settings {
    fn default() -> Self {
        let server = ServerConfig::default();
        let storage = StorageConfig::default();
        let bounds = Bounds::default();
        Self {
            host: vec![ListenHost::Loopback],
            port: 8080,
            links: LinkOrigin::default(),
            public_url: None,
            allow_host: Vec::new(),
            seed: None,
            max_upload_size: ByteSize(server.max_upload_size),
            upload_speed: None,
            content: ContentPolicy::Memory,
            memory_limit: ByteSize(storage.memory_limit),
            spill_dir: None,
            #[cfg(feature = "data-dir")]
            data_dir: None,
            #[cfg(feature = "data-dir")]
            durability: Durability::Full,
            unknown_tokens: UnknownTokens::Accept,
            quota: ByteSize(Quota::default().0),
            tls: cfg!(feature = "tls"),
            ca_dir: None,
            allow_tunnel: Vec::new(),
            limits: Limits::default(),
            assume: Assumed::default(),
            control_token: None,
            seed_root: Vec::new(),
            webhooks_anywhere: false,
            journal_entries: server.journal.entries,
            journal_memory: ByteSize(server.journal.bytes as u64),
            keep_revisions: Most(bounds.revisions),
            link_memory: ByteSize(bounds.link_bytes as u64),
            max_idle_accounts: bounds.accounts,
            accounts: BTreeMap::new(),
            apps: Vec::new(),
            tokens: Vec::new(),
            refresh_tokens: Vec::new(),
            codes: Vec::new(),
            files: Vec::new(),
            faults: Vec::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let http = HttpLimits::default();
        let listener = ListenerConfig::on(Vec::new());
        Self {
            header_bytes: ByteSize(http.max_header_bytes as u64),
            json_size: ByteSize(ServerConfig::default().max_json_size as u64),
            idle_time: Span(http.idle_timeout),
            header_time: Span(http.header_read_timeout),
            first_byte_time: Span(listener.first_byte_timeout),
            tls_handshake_time: Span(listener.tls_handshake_timeout),
            stop_time: Span(listener.stop_grace),
        }
    }
}
