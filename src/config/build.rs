//! From settings to what each part of a server is told.

use super::host::ListenHost;
use super::settings::{ContentPolicy, Settings, UnknownTokens};
use crate::control::LinkOrigin;
use crate::control::faults::BadFault;
use crate::control::operations::ControlError;
use crate::dropbox::account::Quota;
use crate::dropbox::assumptions::Assumptions;
use crate::dropbox::bounds::Bounds;
use crate::dropbox::time::Timestamp;
use crate::dropbox::world::World;
use crate::server::ServerConfig;
use crate::server::app::public_url::{BadPublicUrl, PublicUrl};
#[cfg(feature = "tls")]
use crate::server::certificates::{CertificateAuthority, CertificateError};
use crate::server::http::origin::is_host_name;
use crate::server::listener::{AllowedTunnel, HttpLimits, InvalidTunnel, ListenerConfig};
use crate::storage::StorageConfig;
use crate::wire::errors::Spell;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
#[cfg(feature = "tls")]
use std::time::SystemTime;

/// Why settings cannot be used.
///
/// ```
/// use fake_dropbox::config::BadSettings;
/// use fake_dropbox::{FakeDropbox, StartError};
///
/// let nowhere = FakeDropbox::builder().configure(|settings| settings.host.clear());
/// let refused = nowhere.try_start_blocking().expect_err("nobody could reach it");
/// assert!(matches!(refused, StartError::Settings(BadSettings::NoHost)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadSettings {
    /// Links cannot lead to Dropbox's names and to a public URL.
    #[error(
        "links lead to Dropbox's names (links = production) or to a public URL, not to both: leave one of them out"
    )]
    TwoOrigins,
    /// The public URL is not one.
    #[error(transparent)]
    PublicUrl(#[from] BadPublicUrl),
    /// A host that tunnels may go to is not one.
    #[error(transparent)]
    Tunnel(#[from] InvalidTunnel),
    /// A name that a `Host` header may carry is more than a name.
    #[error(
        "'{0}' is not a host name that can be allowed: write the name alone, without scheme, port and path"
    )]
    AllowedHost(String),
    /// A fault can never match or never act.
    #[error("the {number}. of the [[faults]]: {source}")]
    Fault {
        /// Which one, counted from 1.
        number: usize,
        /// Why.
        source: BadFault,
    },
    /// A file cannot be put into its account.
    #[error("the {number}. of the [[files]]: {reason}")]
    File {
        /// Which one, counted from 1.
        number: usize,
        /// Why.
        reason: String,
    },
    /// There is nothing to listen on.
    #[error("no host to listen on is named")]
    NoHost,
    /// A limit does not fit into this machine's memory.
    #[error("{name} is more than this machine can hold")]
    TooLarge {
        /// The setting.
        name: &'static str,
    },
    /// An app's scope list, or a token's, names an app that nobody declared.
    #[error("{what} names the app '{key}', which is not declared: add it under [[apps]]")]
    UnknownApp {
        /// Whose app it is, without secrets.
        what: String,
        /// The key.
        key: String,
    },
    /// An app, a token or a grant cannot be declared.
    #[error("{what}: {source}")]
    Declaration {
        /// The entry, without secrets.
        what: String,
        /// Why, as the controls say it.
        source: ControlError,
    },
    /// A token is declared twice.
    #[error("{what} is there twice")]
    Twice {
        /// The entry, without secrets.
        what: String,
    },
    /// A refresh token stands among the codes, or a code among the refresh tokens.
    #[error("{what} needs the key '{key}'")]
    WrongList {
        /// The entry, without secrets.
        what: String,
        /// What it needs.
        key: &'static str,
    },
    /// A folder cannot be made.
    #[error("the folder '{path}' of the account '{account}' cannot be made: {reason}")]
    Folder {
        /// The account.
        account: String,
        /// The folder.
        path: String,
        /// Why, in Dropbox's words.
        reason: String,
    },
}

impl Settings {
    /// What the routes are told.
    pub(crate) fn server(&self) -> Result<ServerConfig, BadSettings> {
        let public_url = self.public_url.as_deref().map(str::parse::<PublicUrl>);
        if self.links == LinkOrigin::Production && self.public_url.is_some() {
            return Err(BadSettings::TwoOrigins);
        }
        let mut names = self.allow_host.iter();
        if let Some(name) = names.find(|name| !is_host_name(name)) {
            return Err(BadSettings::AllowedHost(name.clone()));
        }
        let mut config = ServerConfig {
            seed: self.seed.unwrap_or_else(random_seed),
            links: self.links,
            public_url: public_url.transpose()?,
            allowed_hosts: self.allow_host.clone(),
            any_host: !self.is_loopback(),
            max_upload_size: self.max_upload_size.0,
            upload_speed: self.upload_speed.map(|rate| rate.0),
            max_json_size: size("limits.json_size", self.limits.json_size.0)?,
            ..ServerConfig::default()
        };
        config.storage = StorageConfig {
            keep: self.content == ContentPolicy::Memory,
            memory_limit: self.memory_limit.0,
            directory: self.spill_dir.clone(),
        };
        config.control_token.clone_from(&self.control_token);
        config.seed_roots.clone_from(&self.seed_root);
        config.webhooks_anywhere = self.webhooks_anywhere;
        config.journal.entries = self.journal_entries;
        config.journal.bytes = size("journal_memory", self.journal_memory.0)?;
        Ok(config)
    }

    /// What the listener is told, but for the certificate.
    pub(crate) fn listener(&self) -> Result<ListenerConfig, BadSettings> {
        let (mut addresses, mut optional_addresses) = (Vec::new(), Vec::new());
        for host in &self.host {
            match host {
                ListenHost::Address(address) => {
                    addresses.push(SocketAddr::new(*address, self.port));
                }
                ListenHost::Loopback => {
                    let [four, six] = [
                        IpAddr::V4(Ipv4Addr::LOCALHOST),
                        IpAddr::V6(Ipv6Addr::LOCALHOST),
                    ];
                    addresses.push(SocketAddr::new(four, self.port));
                    optional_addresses.push(SocketAddr::new(six, self.port));
                }
            }
        }
        if addresses.is_empty() {
            return Err(BadSettings::NoHost);
        }
        remove_repeated(&mut addresses);
        optional_addresses.retain(|address| !addresses.contains(address));
        remove_repeated(&mut optional_addresses);
        let limits = &self.limits;
        let tunnels = self.allow_tunnel.iter().map(|host| host.parse());
        Ok(ListenerConfig {
            optional_addresses,
            allowed_tunnels: tunnels.collect::<Result<Vec<AllowedTunnel>, _>>()?,
            http: HttpLimits {
                max_header_bytes: size("limits.header_bytes", limits.header_bytes.0)?,
                header_read_timeout: limits.header_time.0,
                idle_timeout: limits.idle_time.0,
                ..HttpLimits::default()
            },
            first_byte_timeout: limits.first_byte_time.0,
            tls_handshake_timeout: limits.tls_handshake_time.0,
            stop_grace: limits.stop_time.0,
            ..ListenerConfig::on(addresses)
        })
    }

    /// The certificate authority: the one that is kept, or a fresh one. None without TLS.
    #[cfg(feature = "tls")]
    pub(crate) fn authority(
        &self,
        now: SystemTime,
    ) -> Result<Option<CertificateAuthority>, CertificateError> {
        if !self.tls {
            return Ok(None);
        }
        let names = self.certificate_names();
        match &self.ca_dir {
            Some(directory) => CertificateAuthority::load_or_create(directory, &names, now),
            None => CertificateAuthority::fresh(&names, now),
        }
        .map(Some)
    }

    /// The names that the server's certificate covers besides the usual ones.
    #[cfg(feature = "tls")]
    pub(crate) fn certificate_names(&self) -> Vec<String> {
        let addresses = self.host.iter().filter_map(|host| match host {
            ListenHost::Address(address) if !address.is_unspecified() => Some(address.to_string()),
            _ => None,
        });
        let public_url = self
            .public_url
            .as_deref()
            .and_then(|url| url.parse::<PublicUrl>().ok());
        let public_host = public_url.map(|url| url.host().to_owned());
        // A certificate spells an IPv6 address without brackets.
        let named = self.allow_host.iter().cloned().chain(public_host);
        let named = named.map(|host| host.trim_matches(['[', ']']).to_owned());
        addresses.chain(named).collect()
    }

    /// How much is kept of what clients make.
    pub(crate) fn bounds(&self) -> Result<Bounds, BadSettings> {
        Ok(Bounds {
            revisions: self.keep_revisions.0,
            link_bytes: size("link_memory", self.link_memory.0)?,
            accounts: self.max_idle_accounts,
        })
    }

    /// The answers to open questions.
    pub(crate) fn assumptions(&self) -> Assumptions {
        self.assume.over(&Assumptions::default())
    }

    /// The world as it is at the start, which is `now`.
    pub(crate) fn world(&self, seed: u64, now: Timestamp) -> Result<World, BadSettings> {
        let world = World::new(seed, self.assumptions()).bounded(self.bounds()?);
        world.defaults().quota = Quota(self.quota.0);
        world.credentials().open = self.unknown_tokens == UnknownTokens::Accept;
        self.declare(&world, now)?;
        Ok(world)
    }

    /// Declares what a world has that was kept. Whatever is there goes on as it was; what is given now and was not
    /// there comes to it, and answers to open questions that are given now hold for all.
    #[cfg(feature = "data-dir")]
    pub(crate) fn declare_again(&self, world: &World, now: Timestamp) -> Result<(), BadSettings> {
        world.everything(|everything| {
            everything.defaults(|defaults| {
                defaults.assumptions = Arc::new(self.assume.over(&defaults.assumptions));
                if self.quota != Self::default().quota {
                    defaults.quota = Quota(self.quota.0);
                }
            });
            everything.each(|_, account| {
                let assumptions = self.assume.over(&account.state.assumptions);
                if assumptions != *account.state.assumptions {
                    account.state.assumptions = Arc::new(assumptions);
                }
            });
        });
        if self.unknown_tokens != Self::default().unknown_tokens {
            world.credentials().open = self.unknown_tokens == UnknownTokens::Accept;
        }
        self.declare(world, now)
    }

    pub(super) fn declare(&self, world: &World, now: Timestamp) -> Result<(), BadSettings> {
        for app in &self.apps {
            let what = format!("[[apps]] '{}'", app.key);
            app.declare(world).map_err(|error| bad(what, error))?;
        }
        self.declare_accounts(world)?;
        for (index, token) in self.tokens.iter().enumerate() {
            let what = format!("[[tokens]] entry {}", index + 1);
            let mut before = self.tokens[..index].iter();
            if before.any(|other| other.token == token.token) {
                return Err(BadSettings::Twice { what });
            }
            self.check_app(&what, token.app.as_deref())?;
            // One that was kept may be revoked by now.
            if world
                .credentials()
                .known_grant(token.token.expose())
                .is_some()
            {
                continue;
            }
            token
                .declare(world, now)
                .map_err(|error| bad(what, error))?;
        }
        for (list, grants) in [
            ("refresh_tokens", &self.refresh_tokens),
            ("codes", &self.codes),
        ] {
            for (number, grant) in (1..).zip(grants) {
                let what = format!("[[{list}]] entry {number}");
                if grant.code.is_some() != (list == "codes") {
                    let key = if list == "codes" { "code" } else { "token" };
                    return Err(BadSettings::WrongList { what, key });
                }
                self.check_app(&what, grant.app.as_deref())?;
                let mut texts = [&grant.code, &grant.refresh_token].into_iter().flatten();
                if texts.any(|text| world.credentials().knows(text.expose())) {
                    continue;
                }
                grant.declare(world).map_err(|error| bad(what, error))?;
            }
        }
        Ok(())
    }

    fn declare_accounts(&self, world: &World) -> Result<(), BadSettings> {
        let whole_server = self.assumptions();
        for (name, settings) in &self.accounts {
            let is_new = world.known_account(name).is_none();
            let shared = world.declare_account(name, settings.profile.clone());
            let mut account = shared.lock();
            if let Some(quota) = settings.quota {
                account.state.quota = Quota(quota.0);
            }
            if !settings.assume.is_empty() {
                account.state.assumptions = Arc::new(settings.assume.over(&whole_server));
            }
            if !is_new {
                continue;
            }
            let view = account.home_view();
            for path in &settings.folders {
                let refused = |reason: String| BadSettings::Folder {
                    account: name.clone(),
                    path: path.clone(),
                    reason,
                };
                if !path.starts_with('/') {
                    return Err(refused("a path begins with a slash".to_owned()));
                }
                account
                    .create_folder(&view, path, false)
                    .map_err(|error| refused(error.spell().summary(0)))?;
            }
        }
        Ok(())
    }

    /// Whether only this machine reaches the server.
    ///
    /// ```
    /// assert!(fake_dropbox::config::Settings::default().is_loopback());
    /// ```
    pub fn is_loopback(&self) -> bool {
        self.host.iter().all(|host| host.is_loopback())
    }

    fn check_app(&self, what: &str, key: Option<&str>) -> Result<(), BadSettings> {
        match key {
            Some(key) if !self.apps.iter().any(|app| app.key == key) => {
                Err(BadSettings::UnknownApp {
                    what: what.to_owned(),
                    key: key.to_owned(),
                })
            }
            _ => Ok(()),
        }
    }
}

fn bad(what: String, source: ControlError) -> BadSettings {
    BadSettings::Declaration { what, source }
}

fn size(name: &'static str, bytes: u64) -> Result<usize, BadSettings> {
    usize::try_from(bytes).map_err(|_| BadSettings::TooLarge { name })
}

pub(super) fn random_seed() -> u64 {
    getrandom::u64().expect("the system has random numbers")
}

fn remove_repeated(addresses: &mut Vec<SocketAddr>) {
    let mut seen = Vec::new();
    addresses.retain(|address| {
        let is_new = !seen.contains(address);
        seen.push(*address);
        is_new
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::AccountSettings;
    use crate::control::operations::credentials::{DeclareGrant, DeclareToken};

    fn refused(settings: &Settings) -> String {
        let refused = settings.server().map(|_| ());
        let refused =
            refused.and_then(|()| settings.world(0, Timestamp::from_seconds(0)).map(|_| ()));
        refused.expect_err("bad settings").to_string()
    }

    #[test]
    fn what_cannot_be_used_is_said_in_words() {
        let allowed = |name: &str| Settings {
            allow_host: vec![name.to_owned()],
            ..Settings::default()
        };
        assert_eq!(
            refused(&allowed("fake:8080")),
            "'fake:8080' is not a host name that can be allowed: write the name alone, without scheme, port and path"
        );
        assert!(allowed("fake").server().is_ok() && allowed("[::2]").server().is_ok());
        assert_eq!(
            allowed("[::2]")
                .certificate_names()
                .last()
                .map(String::as_str),
            Some("::2")
        );

        let token = |text: &str, account: Option<&str>| Settings {
            tokens: vec![DeclareToken {
                account: account.map(str::to_owned),
                ..DeclareToken::new(text, "")
            }],
            ..Settings::default()
        };
        assert_eq!(
            refused(&token("", Some("a"))),
            "[[tokens]] entry 1: The token is empty."
        );
        for impossible in ["two words", &"t".repeat(4097)] {
            assert_eq!(
                refused(&token(impossible, Some("a"))),
                "[[tokens]] entry 1: The token can never be used: it has other characters than letters, digits and -._~+/, or more than 4096."
            );
        }
        let nobody = refused(&token("x", None));
        assert!(
            nobody.starts_with("[[tokens]] entry 1: A token is for an account or a team"),
            "{nobody}"
        );
        let codes = Settings {
            codes: vec![DeclareGrant::of_refresh_token("x", "a")],
            ..Settings::default()
        };
        assert_eq!(refused(&codes), "[[codes]] entry 1 needs the key 'code'");

        let mut settings = Settings::default();
        let account = AccountSettings {
            folders: vec!["/a/".to_owned()],
            ..AccountSettings::default()
        };
        settings.accounts.insert("alice".to_owned(), account);
        assert_eq!(
            refused(&settings),
            "the folder '/a/' of the account 'alice' cannot be made: path/malformed_path/"
        );
    }
}
