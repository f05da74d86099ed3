//! Whom the cases talk to. A target is known by its URLs and tokens only.

pub mod clock;
pub mod control;
pub mod declared;
pub mod dropbox;
pub mod fake;
pub mod special_token;
pub mod url;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use crate::http::client::{Client, Version};
use crate::http::raw::Origin;
use crate::http::tls;
use crate::secrecy::secret::{Secret, Vault};
use crate::targets::clock::TargetClock;
use crate::targets::special_token::SpecialToken;

/// Why a run cannot begin or go on: one sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CannotRun(pub String);

impl From<String> for CannotRun {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// A target that is ready to be talked to.
#[derive(Debug)]
pub struct Target {
    /// What reports call it: `fake`, `dropbox`, or the URL's host.
    pub name: String,
    /// Where the rpc routes are, without a slash at the end.
    pub api: String,
    /// Where the content routes are, without a slash at the end.
    pub content: String,
    pub tokens: Tokens,
    pub clock: TargetClock,
    /// Whether somebody's real files are behind it.
    pub real: bool,
    /// Whether it was reached at Dropbox's own addresses without a detour: only then does a recording
    /// prove anything about Dropbox.
    pub genuine: bool,
    /// Ordinary calls.
    pub client: Client,
    /// For raw connections.
    pub tls: Arc<ClientConfig>,
    /// Where every connection goes instead of what the names resolve to.
    pub connect_to: Option<SocketAddr>,
    /// How long one answer may take.
    pub timeout: Duration,
    /// Every secret that was met.
    pub vault: Arc<Vault>,
}

#[derive(Clone, Debug)]
pub struct Tokens {
    /// The account that the run works in.
    pub main: Secret,
    pub second: Option<Secret>,
    /// The same app without `files.content.write`.
    pub restricted: Option<Secret>,
    /// Tokens that something is wrong with.
    pub special: BTreeMap<SpecialToken, Secret>,
}

/// Tokens from the environment, where there are any.
#[derive(Clone, Debug, Default)]
pub struct GivenTokens {
    pub main: Option<Secret>,
    /// Of another account.
    pub second: Option<Secret>,
    /// Without `files.content.write`.
    pub restricted: Option<Secret>,
    /// That something is wrong with.
    pub special: BTreeMap<SpecialToken, Secret>,
    /// Whether those that are made up shall be for an app with a folder of its own.
    pub app_folder: bool,
}

#[derive(Clone, Debug)]
pub struct Reach {
    /// Where the rpc routes are.
    pub api: String,
    /// Where the content routes are.
    pub content: String,
    /// Instead of the system's roots.
    pub ca_file: Option<PathBuf>,
    /// Instead of name resolution.
    pub connect_to: Option<SocketAddr>,
    /// How long one answer may take.
    pub timeout: Duration,
}

impl Reach {
    /// Sets up the HTTP layers.
    pub fn layers(&self) -> Result<(Client, Arc<ClientConfig>), CannotRun> {
        let mut hosts = Vec::new();
        for url in [&self.api, &self.content] {
            let (origin, path) = Origin::of(url).map_err(|_| {
                CannotRun(format!(
                    "{url} is no URL: give http://HOST:PORT or https://HOST."
                ))
            })?;
            if path != "/" {
                return Err(CannotRun(format!(
                    "{url} has a path: give the origin only, such as http://127.0.0.1:8080."
                )));
            }
            hosts.push(origin.host);
        }
        // Links may name a host of their own (OQ-08); a stand-in answers for these as well.
        let others = [
            "api.dropbox.com",
            "content.dropboxapi.com",
            "dl.dropboxusercontent.com",
            "notify.dropboxapi.com",
        ];
        hosts.extend(others.map(str::to_owned));
        let tls = tls::client_config(self.ca_file.as_deref())?;
        let client = Client::new(
            tls.clone(),
            Version::Http1,
            self.connect_to,
            &hosts,
            self.timeout,
        )?;
        Ok((client, Arc::new(tls)))
    }
}

impl Target {
    /// A client for the same target that speaks HTTP/2 where it can.
    pub fn client_for_http2(&self) -> Result<Client, CannotRun> {
        let tls = ClientConfig::clone(&self.tls);
        let hosts = ["api.dropboxapi.com", "content.dropboxapi.com"].map(str::to_owned);
        let client = Client::new(tls, Version::Newest, self.connect_to, &hosts, self.timeout);
        Ok(client?)
    }

    pub fn new(
        name: &str,
        reach: &Reach,
        layers: (Client, Arc<ClientConfig>),
        tokens: Tokens,
        vault: Arc<Vault>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            api: reach.api.trim_end_matches('/').to_owned(),
            content: reach.content.trim_end_matches('/').to_owned(),
            tokens,
            clock: TargetClock::Waited,
            real: false,
            genuine: false,
            client: layers.0,
            tls: layers.1,
            connect_to: reach.connect_to,
            timeout: reach.timeout,
            vault,
        }
    }

    /// Where `list_folder/longpoll` is (API-01): on a host of its own if the api host has Dropbox's
    /// name, else with the others.
    pub fn notify(&self) -> String {
        self.api
            .replace("//api.dropboxapi.com", "//notify.dropboxapi.com")
    }

    /// Whether the target has the hosts that Dropbox has.
    pub fn has_hosts_apart(&self) -> bool {
        self.api != self.content
    }
}
