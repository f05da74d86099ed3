//! The settings of a server as options, environment variables and a file.
//!
//! An option beats its environment variable, which beats the file, which beats the default. Options
//! are therefore optional: what is not given leaves the setting as it is.

use super::exec::CHECKS;
use super::failure::Failure;
#[cfg(feature = "data-dir")]
use crate::config::Durability;
use crate::config::{
    ByteRate, ByteSize, ContentPolicy, ListenHost, Most, Settings, Span, UnknownTokens,
};
use crate::control::LinkOrigin;
use crate::control::secrets::Secret;
use crate::server::app::public_url::PublicUrl;
use crate::server::listener::AllowedTunnel;
use clap::{Arg, Args};
use std::path::PathBuf;

/// How assumptions are spelled in the environment: with the name of the assumption behind it.
pub const ASSUME_VARIABLE: &str = "FAKE_DROPBOX_ASSUME_";

/// The token of the controls in the environment.
pub const CONTROL_TOKEN_VARIABLE: &str = "FAKE_DROPBOX_CONTROL_TOKEN";

/// Options of a server that have no variable: assumptions have one each, and FAKE_DROPBOX_TLS says both.
const WITHOUT_VARIABLE: [&str; 2] = ["assume", "no_tls"];

/// Gives an option of a server the variable of its name, as --port has FAKE_DROPBOX_PORT. Such options stand under
/// a heading; the checks of `exec` are those of one command and have none.
pub fn with_variable(option: Arg) -> Arg {
    let heading = option.get_help_heading();
    let is_of_a_server = heading.is_some_and(|heading| heading != CHECKS)
        && !WITHOUT_VARIABLE.contains(&option.get_id().as_str());
    match option.get_long() {
        Some(long) if is_of_a_server => {
            let name = long.replace('-', "_").to_ascii_uppercase();
            option.env(format!("FAKE_DROPBOX_{name}")).hide_env(true)
        }
        _ => option,
    }
}

/// Where to listen.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Where to listen")]
pub struct AddressArguments {
    /// Address to listen on: an IP address, or localhost for 127.0.0.1 and ::1. Can be repeated.
    /// [default: localhost]
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',')]
    pub host: Vec<ListenHost>,

    #[command(flatten)]
    pub reach: ReachArguments,
}

/// How a server is reached, wherever it listens.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Where to listen")]
pub struct ReachArguments {
    /// Port; 0 takes a free one. [default: 8080; with exec a free one]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,

    /// Origin of the links, for clients that reach this server through something else. Without it a
    /// link has the origin to which the request for it was sent.
    #[arg(long, value_name = "URL")]
    pub public_url: Option<PublicUrl>,

    /// Another name that a Host header may have. Can be repeated.
    ///
    /// On loopback, requests with other names are refused, because a web page could use them to
    /// reach this machine. The certificate covers this name too.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub allow_host: Vec<String>,
}

/// What the server is.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Accounts and answers")]
pub struct SettingsArguments {
    /// TOML file with settings, accounts, apps and tokens. An unknown key in it is an error.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Make all ids, revs and tokens from this number: the same number gives the same ones.
    /// [default: random]
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = seed
    )]
    pub seed: Option<u64>,

    /// Where all links lead: to this server (local), by the name or the --public-url at which
    /// clients reach it, or to Dropbox's own names (production). [default: local]
    ///
    /// With production, a client that does not use this server as its proxy, such as an ordinary
    /// browser, sends the file to the real Dropbox.
    #[arg(long, value_name = "local|production")]
    pub links: Option<LinkOrigin>,

    /// Which Dropbox to imitate: today's (2026), the one before May 2026 (2025), or either one for
    /// each answer, drawn from the seed (mixed). [default: 2026]
    ///
    /// Only the spelling of JSON and errors differs.
    #[arg(long, value_name = "2025|2026|mixed")]
    pub dialect: Option<String>,

    /// Give an open question another answer, such as failed_commit=frees. Can be repeated.
    ///
    /// Nobody outside Dropbox knows these answers. `fake-dropbox assumptions` lists the questions
    /// and their choices. Each also has an environment variable:
    /// FAKE_DROPBOX_ASSUME_FAILED_COMMIT=frees.
    #[arg(long, value_name = "NAME=VALUE")]
    pub assume: Vec<String>,

    /// What to do with a bearer token that nobody declared: give it an empty account of its own
    /// (accept), or answer 401 (refuse). [default: accept]
    #[arg(long, value_name = "accept|refuse", value_parser = unknown_tokens)]
    pub unknown_tokens: Option<UnknownTokens>,

    /// How many bytes an account may hold. [default: 2TiB]
    #[arg(long, value_name = "SIZE")]
    pub quota: Option<ByteSize>,

    #[command(flatten)]
    pub control: ControlArguments,

    #[command(flatten)]
    pub content: ContentArguments,

    #[command(flatten)]
    pub data: DataArguments,

    #[command(flatten)]
    pub tls: TlsArguments,

    #[command(flatten)]
    pub limits: LimitArguments,
}

/// What tests do to the server.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Controls")]
pub struct ControlArguments {
    /// Let other machines use the controls under `/_fake/v1` if they send this token in the header
    /// X-Fake-Dropbox-Control-Token. Without it, only programs on this machine may.
    ///
    /// A request that a proxy or a tunnel on this machine passes on counts as from elsewhere if a
    /// header such as Via or X-Forwarded-For says so. nginx's bare proxy_pass and ssh -R add no
    /// header: whoever may use them may use the controls.
    #[arg(long, value_name = "TOKEN")]
    pub control_token: Option<String>,

    /// Directory that seed_directory may read when it is called over HTTP, with everything below
    /// it. Can be repeated. [default: none]
    #[arg(long, value_name = "DIRECTORY")]
    pub seed_root: Vec<PathBuf>,

    /// Let webhooks go to other machines. Without it, they go to this one only.
    #[arg(long)]
    pub webhooks_anywhere: bool,

    /// How many requests the journal keeps: the latest, as far as --journal-memory goes. [default: 10000]
    #[arg(long, value_name = "NUMBER")]
    pub journal_entries: Option<usize>,

    /// How much memory the requests in the journal may take. [default: 32MiB]
    #[arg(long, value_name = "SIZE")]
    pub journal_memory: Option<ByteSize>,
}

/// What becomes of uploaded bytes.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Uploaded bytes")]
pub struct ContentArguments {
    /// Read the body of each upload at this speed, such as 2MB/s, so that you can see a progress bar
    /// move. [default: as fast as it comes]
    #[arg(long, value_name = "SIZE/s")]
    pub upload_speed: Option<ByteRate>,

    /// What to do with uploaded bytes: keep them (memory), up to --memory-limit in memory and the
    /// rest on disk, or only hash and count them (none). [default: memory]
    #[arg(long, value_name = "memory|none", value_parser = content_policy)]
    pub content: Option<ContentPolicy>,

    /// How many bytes of all files together stay in memory. [default: 256MiB]
    #[arg(long, value_name = "SIZE")]
    pub memory_limit: Option<ByteSize>,

    /// Directory for the temporary file that holds the rest. [default: the system's]
    #[arg(long, value_name = "DIRECTORY")]
    pub spill_dir: Option<PathBuf>,

    /// Largest body of files/upload and of each call of an upload session. [default: 150MiB]
    ///
    /// Links have their own limit: --assume link_size_limit=BYTES.
    #[arg(long, value_name = "SIZE")]
    pub max_upload_size: Option<ByteSize>,

    /// How many revisions of each path are kept, the latest. Older ones are not there any more, and
    /// their bytes are freed. [default: 100]
    #[arg(long, value_name = "NUMBER|unlimited")]
    pub keep_revisions: Option<Most>,
}

/// What outlives the server.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "What lasts")]
pub struct DataArguments {
    /// Keep everything in this directory: accounts, tokens, files, links, sessions, snapshots,
    /// clocks. The next server that uses it goes on where this one stopped. It is created if it is
    /// not there. It holds tokens, so only its owner may read it. [default: nothing is kept when
    /// the server stops]
    #[cfg(feature = "data-dir")]
    #[arg(long, value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,

    /// When to answer a change: when it is on the disk (full), or when the system has it (fast),
    /// which survives a crash of the program but not of the machine. [default: full]
    #[cfg(feature = "data-dir")]
    #[arg(long, value_name = "full|fast", value_parser = durability)]
    pub durability: Option<Durability>,
}

impl DataArguments {
    #[cfg(feature = "data-dir")]
    fn apply(&self, settings: &mut Settings) {
        if self.data_dir.is_some() {
            settings.data_dir.clone_from(&self.data_dir);
        }
        replace(&mut settings.durability, self.durability);
    }

    #[cfg(not(feature = "data-dir"))]
    fn apply(&self, _: &mut Settings) {}
}

/// TLS and tunnels.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "TLS and tunnels")]
pub struct TlsArguments {
    /// Accept TLS too, on the same port, with the server's own certificate authority. [default]
    #[arg(
        long, value_name = "true|false",
        num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true
    )]
    pub tls: Option<bool>,

    /// Accept plain HTTP only.
    #[arg(long, overrides_with = "tls")]
    pub no_tls: bool,

    /// Keep the certificate authority in this directory, so that you need to trust it only once a year. It can speak for
    /// Dropbox's hosts, this machine and the names given here, and for no other host. It is replaced a month before its
    /// end, and when it lacks a name. [default: a new one at every start]
    #[arg(long, value_name = "DIRECTORY")]
    pub ca_dir: Option<PathBuf>,

    /// A host that clients may reach through this server as their proxy: without a port by HTTPS,
    /// with :80 by plain HTTP. All others but Dropbox's are refused. Can be repeated.
    #[arg(long, value_name = "HOST[:PORT]", value_delimiter = ',')]
    pub allow_tunnel: Vec<AllowedTunnel>,
}

/// How much and how long a connection may ask.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArguments {
    /// Largest head of a request. [default: 64KiB]
    #[arg(long, value_name = "SIZE")]
    pub max_header_size: Option<ByteSize>,

    /// Largest JSON argument of a request. [default: 4MiB]
    #[arg(long, value_name = "SIZE")]
    pub max_json_size: Option<ByteSize>,

    /// How much memory the upload links of an account may take: some 100,000 by default. Beyond it
    /// the oldest that are used or expired are forgotten, and a mint that finds no room is refused.
    /// [default: 64MiB]
    #[arg(long, value_name = "SIZE")]
    pub link_memory: Option<ByteSize>,

    /// Beyond so many accounts, forget those that an undeclared token made and that hold nothing. They
    /// come back as they were with the next request. [default: 10000]
    #[arg(long, value_name = "NUMBER")]
    pub max_idle_accounts: Option<usize>,

    /// How long a connection may wait for its next request. [default: 2m]
    #[arg(long, value_name = "TIME")]
    pub idle_time: Option<Span>,

    /// How long requests under way may go on when the server stops. [default: 10s]
    #[arg(long, value_name = "TIME")]
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
        replace(&mut set.links, self.links);
        self.control.apply(set);
        self.content.apply(set);
        self.data.apply(set);
        self.tls.apply(set);
        self.limits.apply(set);
        replace(&mut set.link_memory, self.limits.link_memory);
        replace(&mut set.max_idle_accounts, self.limits.max_idle_accounts);
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
        if let Some(dialect) = &self.dialect {
            let set = settings.assume.set_text("dialect", dialect);
            set.map_err(|_| {
                Failure::cannot_start(format_args!(
                    "--dialect {dialect}: there are 2025, 2026 and mixed"
                ))
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
        replace_all(&mut settings.seed_root, &self.seed_root);
        settings.webhooks_anywhere |= self.webhooks_anywhere;
        replace(&mut settings.journal_entries, self.journal_entries);
        replace(&mut settings.journal_memory, self.journal_memory);
    }
}

impl AddressArguments {
    fn apply(&self, settings: &mut Settings) {
        replace_all(&mut settings.host, &self.host);
        self.reach.apply(settings);
    }
}

impl ReachArguments {
    pub fn apply(&self, settings: &mut Settings) {
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
        settings.upload_speed = self.upload_speed.or(settings.upload_speed);
        replace(&mut settings.max_upload_size, self.max_upload_size);
        replace(&mut settings.keep_revisions, self.keep_revisions);
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

#[cfg(feature = "data-dir")]
fn durability(text: &str) -> Result<Durability, String> {
    match text {
        "full" => Ok(Durability::Full),
        "fast" => Ok(Durability::Fast),
        _ => Err("write full or fast".to_owned()),
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
