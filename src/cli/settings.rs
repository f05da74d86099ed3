//! The settings of a server as options, environment variables and a file.
//!
//! An option beats its environment variable, which beats the file, which beats the default. Options
//! are therefore optional: what is not given leaves the setting as it is.

use super::failure::Failure;
use crate::config::{ByteSize, ContentPolicy, ListenHost, Settings, Span, UnknownTokens};
use crate::control::secrets::Secret;
use crate::server::http::origin::PublicUrl;
use crate::server::listener::AllowedTunnel;
use clap::Args;
use std::path::PathBuf;

/// How assumptions are spelled in the environment: with the name of the assumption behind it.
pub const ASSUME_VARIABLE: &str = "FAKE_DROPBOX_ASSUME_";

/// The token of the controls in the environment.
pub const CONTROL_TOKEN_VARIABLE: &str = "FAKE_DROPBOX_CONTROL_TOKEN";

/// Where to listen.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Where to listen")]
pub struct AddressArguments {
    /// Address to listen on: an IP address, or localhost for 127.0.0.1 and ::1. Can be repeated.
    /// [default: localhost]
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "FAKE_DROPBOX_HOST",
        value_delimiter = ',',
        hide_env = true
    )]
    pub host: Vec<ListenHost>,

    /// Port; 0 takes a free one. [default: 8080]
    #[arg(long, value_name = "PORT", env = "FAKE_DROPBOX_PORT", hide_env = true)]
    pub port: Option<u16>,

    /// Origin that links get instead of the one under which the request came in, for clients that
    /// reach this server through something else.
    #[arg(
        long,
        value_name = "URL",
        env = "FAKE_DROPBOX_PUBLIC_URL",
        hide_env = true
    )]
    pub public_url: Option<PublicUrl>,

    /// Further name that a Host header may carry. Can be repeated.
    ///
    /// On loopback, requests under foreign names are refused, because a web page could use them to
    /// reach this machine. The certificate covers the name too.
    #[arg(
        long,
        value_name = "NAME",
        env = "FAKE_DROPBOX_ALLOW_HOST",
        value_delimiter = ',',
        hide_env = true
    )]
    pub allow_host: Vec<String>,
}

/// What the server is.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Accounts and answers")]
pub struct SettingsArguments {
    /// TOML file with settings, accounts, apps and tokens. An unknown key in it is an error.
    #[arg(
        long,
        value_name = "FILE",
        env = "FAKE_DROPBOX_CONFIG",
        hide_env = true
    )]
    pub config: Option<PathBuf>,

    /// Source of all ids, revs and tokens: the same number gives the same ones. [default: random]
    #[arg(
        long,
        value_name = "NUMBER",
        env = "FAKE_DROPBOX_SEED",
        hide_env = true,
        value_parser = seed
    )]
    pub seed: Option<u64>,

    /// Answer an open question in another way, such as failed_commit=frees. Can be repeated.
    ///
    /// Nobody outside Dropbox knows these answers. A wrong name or value is refused with the ones
    /// that there are; FIDELITY.md explains them. In the environment each assumption has a variable
    /// of its own: FAKE_DROPBOX_ASSUME_FAILED_COMMIT=frees.
    #[arg(long, value_name = "NAME=VALUE")]
    pub assume: Vec<String>,

    /// What a bearer token stands for that nobody declared: an empty account of its own (accept),
    /// or nothing (refuse). [default: accept]
    #[arg(long, value_name = "accept|refuse", env = "FAKE_DROPBOX_UNKNOWN_TOKENS", hide_env = true, value_parser = unknown_tokens)]
    pub unknown_tokens: Option<UnknownTokens>,

    /// Bytes that an account may hold. [default: 2TiB]
    #[arg(long, value_name = "SIZE", env = "FAKE_DROPBOX_QUOTA", hide_env = true)]
    pub quota: Option<ByteSize>,

    #[command(flatten)]
    pub control: ControlArguments,

    #[command(flatten)]
    pub content: ContentArguments,

    #[command(flatten)]
    pub tls: TlsArguments,

    #[command(flatten)]
    pub limits: LimitArguments,
}

/// What tests do to the server.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Controls")]
pub struct ControlArguments {
    /// Let other machines use the controls under `/_fake/v1`, if they show this token in the header
    /// X-Fake-Dropbox-Control-Token. Without it only this machine may.
    #[arg(
        long,
        value_name = "TOKEN",
        env = CONTROL_TOKEN_VARIABLE,
        hide_env = true
    )]
    pub control_token: Option<String>,

    /// Let webhooks go to other machines. Without it they go to this one only.
    #[arg(long, env = "FAKE_DROPBOX_WEBHOOKS_ANYWHERE", hide_env = true)]
    pub webhooks_anywhere: bool,

    /// The most requests that the journal keeps. [default: 10000]
    #[arg(
        long,
        value_name = "NUMBER",
        env = "FAKE_DROPBOX_JOURNAL_ENTRIES",
        hide_env = true
    )]
    pub journal_entries: Option<usize>,
}

/// What becomes of uploaded bytes.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Uploaded bytes")]
pub struct ContentArguments {
    /// Keep uploaded bytes (memory: in memory up to --memory-limit, on the disk beyond it), or only
    /// hash and count them (none). [default: memory]
    #[arg(long, value_name = "memory|none", env = "FAKE_DROPBOX_CONTENT", hide_env = true, value_parser = content_policy)]
    pub content: Option<ContentPolicy>,

    /// Bytes held in memory, over all files. [default: 256MiB]
    #[arg(
        long,
        value_name = "SIZE",
        env = "FAKE_DROPBOX_MEMORY_LIMIT",
        hide_env = true
    )]
    pub memory_limit: Option<ByteSize>,

    /// Directory for the temporary file that takes the rest. [default: the system's]
    #[arg(
        long,
        value_name = "DIRECTORY",
        env = "FAKE_DROPBOX_SPILL_DIR",
        hide_env = true
    )]
    pub spill_dir: Option<PathBuf>,

    /// Largest body of files/upload and of each call of an upload session. [default: 150MiB]
    ///
    /// Links have a limit of their own: --assume link_size_limit=BYTES.
    #[arg(
        long,
        value_name = "SIZE",
        env = "FAKE_DROPBOX_MAX_UPLOAD_SIZE",
        hide_env = true
    )]
    pub max_upload_size: Option<ByteSize>,
}

/// TLS and tunnels.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "TLS and tunnels")]
pub struct TlsArguments {
    /// Speak TLS too, on the same port, with a certificate authority of its own. [default]
    #[arg(
        long, value_name = "true|false", env = "FAKE_DROPBOX_TLS", hide_env = true,
        num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true
    )]
    pub tls: Option<bool>,

    /// Speak plain HTTP only.
    #[arg(long, overrides_with = "tls")]
    pub no_tls: bool,

    /// Directory that keeps the certificate authority, so that it needs to be trusted only once.
    /// [default: a new one at every start]
    #[arg(
        long,
        value_name = "DIRECTORY",
        env = "FAKE_DROPBOX_CA_DIR",
        hide_env = true
    )]
    pub ca_dir: Option<PathBuf>,

    /// Foreign host that clients may reach through this server as their HTTPS proxy; all others are
    /// refused. Can be repeated.
    #[arg(
        long,
        value_name = "HOST[:PORT]",
        env = "FAKE_DROPBOX_ALLOW_TUNNEL",
        value_delimiter = ',',
        hide_env = true
    )]
    pub allow_tunnel: Vec<AllowedTunnel>,
}

/// How much and how long a connection may ask.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArguments {
    /// Largest head of a request. [default: 64KiB]
    #[arg(
        long,
        value_name = "SIZE",
        env = "FAKE_DROPBOX_MAX_HEADER_SIZE",
        hide_env = true
    )]
    pub max_header_size: Option<ByteSize>,

    /// Largest JSON argument of a request. [default: 4MiB]
    #[arg(
        long,
        value_name = "SIZE",
        env = "FAKE_DROPBOX_MAX_JSON_SIZE",
        hide_env = true
    )]
    pub max_json_size: Option<ByteSize>,

    /// How long a connection may wait for its next request. [default: 2m]
    #[arg(
        long,
        value_name = "TIME",
        env = "FAKE_DROPBOX_IDLE_TIME",
        hide_env = true
    )]
    pub idle_time: Option<Span>,

    /// How long requests under way may go on when the server stops. [default: 10s]
    #[arg(
        long,
        value_name = "TIME",
        env = "FAKE_DROPBOX_STOP_TIME",
        hide_env = true
    )]
    pub stop_time: Option<Span>,
}

impl SettingsArguments {
    /// The settings of the file, or the defaults, with these options over them.
    pub fn settings(&self, address: Option<&AddressArguments>) -> Result<Settings, Failure> {
        let mut settings = match &self.config {
            Some(path) => Settings::from_file(path).map_err(Failure::cannot_start)?,
            None => Settings::default(),
        };
        if let Some(address) = address {
            address.apply(&mut settings);
        }
        let set = &mut settings;
        set.seed = self.seed.or(set.seed);
        replace(&mut set.unknown_tokens, self.unknown_tokens);
        replace(&mut set.quota, self.quota);
        self.control.apply(set);
        self.content.apply(set);
        self.tls.apply(set);
        self.limits.apply(set);
        self.assume(set)?;
        Ok(settings)
    }

    fn assume(&self, settings: &mut Settings) -> Result<(), Failure> {
        let mut variables: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(name, value)| {
                let name = name.to_str()?.strip_prefix(ASSUME_VARIABLE)?;
                Some((name.to_ascii_lowercase(), value.into_string().ok()?))
            })
            .collect();
        variables.sort();
        for (name, value) in variables {
            settings.assume.set_text(&name, &value).map_err(|error| {
                let variable = name.to_ascii_uppercase();
                Failure::cannot_start(format_args!("{ASSUME_VARIABLE}{variable}: {error}"))
            })?;
        }
        for assumption in &self.assume {
            let (name, value) = assumption.split_once('=').ok_or_else(|| {
                Failure::cannot_start(format_args!(
                    "--assume {assumption}: write NAME=VALUE, such as failed_commit=frees"
                ))
            })?;
            let set = settings.assume.set_text(name, value);
            set.map_err(|error| {
                Failure::cannot_start(format_args!("--assume {assumption}: {error}"))
            })?;
        }
        Ok(())
    }
}

impl ControlArguments {
    fn apply(&self, settings: &mut Settings) {
        if let Some(token) = &self.control_token {
            settings.control_token = Some(Secret::new(token));
        }
        settings.webhooks_anywhere |= self.webhooks_anywhere;
        replace(&mut settings.journal_entries, self.journal_entries);
    }
}

impl AddressArguments {
    fn apply(&self, settings: &mut Settings) {
        replace_all(&mut settings.host, &self.host);
        replace_all(&mut settings.allow_host, &self.allow_host);
        replace(&mut settings.port, self.port);
        if let Some(url) = &self.public_url {
            settings.public_url = Some(url.to_string());
        }
    }
}

impl ContentArguments {
    fn apply(&self, settings: &mut Settings) {
        replace(&mut settings.content, self.content);
        replace(&mut settings.memory_limit, self.memory_limit);
        replace(&mut settings.max_upload_size, self.max_upload_size);
        if self.spill_dir.is_some() {
            settings.spill_dir.clone_from(&self.spill_dir);
        }
    }
}

impl TlsArguments {
    fn apply(&self, settings: &mut Settings) {
        let tls = if self.no_tls { Some(false) } else { self.tls };
        replace(&mut settings.tls, tls);
        if self.ca_dir.is_some() {
            settings.ca_dir.clone_from(&self.ca_dir);
        }
        if !self.allow_tunnel.is_empty() {
            settings.allow_tunnel = self.allow_tunnel.iter().map(ToString::to_string).collect();
        }
    }
}

impl LimitArguments {
    fn apply(&self, settings: &mut Settings) {
        let limits = &mut settings.limits;
        replace(&mut limits.header_bytes, self.max_header_size);
        replace(&mut limits.json_size, self.max_json_size);
        replace(&mut limits.idle_time, self.idle_time);
        replace(&mut limits.stop_time, self.stop_time);
    }
}

fn replace<T>(setting: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *setting = given;
    }
}

fn replace_all<T: Clone>(setting: &mut Vec<T>, given: &[T]) {
    if !given.is_empty() {
        *setting = given.to_vec();
    }
}

fn unknown_tokens(text: &str) -> Result<UnknownTokens, String> {
    match text {
        "accept" => Ok(UnknownTokens::Accept),
        "refuse" => Ok(UnknownTokens::Refuse),
        _ => Err("write accept or refuse".to_owned()),
    }
}

fn content_policy(text: &str) -> Result<ContentPolicy, String> {
    match text {
        "memory" => Ok(ContentPolicy::Memory),
        "none" => Ok(ContentPolicy::None),
        _ => Err("write memory or none".to_owned()),
    }
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| {
        format!(
            "'{text}' is not a seed: write a whole number from 0 to {}",
            u64::MAX
        )
    })
}
