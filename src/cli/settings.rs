//! The settings of a server as options, environment variables and a file.
//!
//! An option beats its environment variable, which beats the file, which beats the default. Options
//! are therefore optional: what is not given leaves the setting as it is.

use super::exec::CHECKS;
use super::failure::Failure;
#[cfg(feature = "data-dir")]
use crate::config::Durability;
use crate::config::{ByteSize, ContentPolicy, ListenHost, Settings, Span, UnknownTokens};
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

    /// Origin that links get instead of the one under which the request came in, for clients that
    /// reach this server through something else.
    #[arg(long, value_name = "URL")]
    pub public_url: Option<PublicUrl>,

    /// Further name that a Host header may carry. Can be repeated.
    ///
    /// On loopback, requests under foreign names are refused, because a web page could use them to
    /// reach this machine. The certificate covers the name too.
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

    /// Source of all ids, revs and tokens: the same number gives the same ones. [default: random]
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = seed
    )]
    pub seed: Option<u64>,

    /// Where links lead, those for uploads and those for downloads: to this server (local), at the name or
    /// the --public-url by which clients reach it, or to Dropbox's own names (production). [default: local]
    ///
    /// With production, whoever follows a link without this server as a proxy, such as an ordinary browser,
    /// sends the file to the real Dropbox.
    #[arg(long, value_name = "local|production")]
    pub links: Option<LinkOrigin>,

    /// Which Dropbox is played: the one of today (2026), the one until May 2026 (2025), or either for
    /// each answer, drawn from the seed (mixed). [default: 2026]
    ///
    /// What happens is the same; how JSON and errors are spelled is not.
    #[arg(long, value_name = "2025|2026|mixed")]
    pub dialect: Option<String>,

    /// Answer an open question in another way, such as failed_commit=frees. Can be repeated.
    ///
    /// Nobody outside Dropbox knows these answers. A wrong name or value is refused with the ones
    /// that there are; FIDELITY.md explains them. In the environment each assumption has a variable
    /// of its own: FAKE_DROPBOX_ASSUME_FAILED_COMMIT=frees.
    #[arg(long, value_name = "NAME=VALUE")]
    pub assume: Vec<String>,

    /// What a bearer token stands for that nobody declared: an empty account of its own (accept),
    /// or nothing (refuse). [default: accept]
    #[arg(long, value_name = "accept|refuse", value_parser = unknown_tokens)]
    pub unknown_tokens: Option<UnknownTokens>,

    /// Bytes that an account may hold. [default: 2TiB]
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
    /// Let other machines use the controls under `/_fake/v1`, if they show this token in the header
    /// X-Fake-Dropbox-Control-Token. Without it only programs of this machine may.
    ///
    /// What a proxy or a tunnel on this machine passes on counts as from elsewhere if it says so by a
    /// header such as Via or X-Forwarded-For. A bare proxy_pass of nginx and ssh -R say nothing: whoever
    /// may use them may use the controls.
    #[arg(long, value_name = "TOKEN")]
    pub control_token: Option<String>,

    /// Directory of this machine that seed_directory may read when it is called over HTTP, with all below
    /// it. Can be repeated. [default: none]
    #[arg(long, value_name = "DIRECTORY")]
    pub seed_root: Vec<PathBuf>,

    /// Let webhooks go to other machines. Without it they go to this one only.
    #[arg(long)]
    pub webhooks_anywhere: bool,

    /// The most requests that the journal keeps. [default: 10000]
    #[arg(long, value_name = "NUMBER")]
    pub journal_entries: Option<usize>,
}

/// What becomes of uploaded bytes.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Uploaded bytes")]
pub struct ContentArguments {
    /// Keep uploaded bytes (memory: in memory up to --memory-limit, on the disk beyond it), or only
    /// hash and count them (none). [default: memory]
    #[arg(long, value_name = "memory|none", value_parser = content_policy)]
    pub content: Option<ContentPolicy>,

    /// Bytes held in memory, over all files. [default: 256MiB]
    #[arg(long, value_name = "SIZE")]
    pub memory_limit: Option<ByteSize>,

    /// Directory for the temporary file that takes the rest. [default: the system's]
    #[arg(long, value_name = "DIRECTORY")]
    pub spill_dir: Option<PathBuf>,

    /// Largest body of files/upload and of each call of an upload session. [default: 150MiB]
    ///
    /// Links have a limit of their own: --assume link_size_limit=BYTES.
    #[arg(long, value_name = "SIZE")]
    pub max_upload_size: Option<ByteSize>,
}

/// What outlives the server.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "What lasts")]
pub struct DataArguments {
    /// Directory that keeps everything: accounts, tokens, files, links, sessions, snapshots, clocks. The next server
    /// with this directory goes on where this one stopped. It is made if need be, and only its user may read it, for it
    /// holds tokens. [default: all is gone when the server stops]
    #[cfg(feature = "data-dir")]
    #[arg(long, value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,

    /// When a change is answered: once it is on the disk (full), or once the system has it (fast), which outlives the
    /// program but not the machine. [default: full]
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
    /// Speak TLS too, on the same port, with a certificate authority of its own. [default]
    #[arg(
        long, value_name = "true|false",
        num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true
    )]
    pub tls: Option<bool>,

    /// Speak plain HTTP only.
    #[arg(long, overrides_with = "tls")]
    pub no_tls: bool,

    /// Directory that keeps the certificate authority, so that it needs to be trusted only once.
    /// [default: a new one at every start]
    #[arg(long, value_name = "DIRECTORY")]
    pub ca_dir: Option<PathBuf>,

    /// Foreign host that clients may reach through this server as their HTTPS proxy; all others are
    /// refused. Can be repeated.
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
