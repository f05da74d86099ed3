//! The arguments that name a target, and how it is reached.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::Args;

use crate::safety::stopping::stopped;
use crate::secrecy::secret::{Secret, SecretKind, Vault};
use crate::targets::special_token::SpecialToken;
use crate::targets::{CannotRun, GivenTokens, Reach, Target, dropbox, fake, url};

/// Whom to talk to.
#[derive(Clone, Debug, Args)]
pub struct TargetArguments {
    /// `fake` (started in this process), `dropbox`, or the URL of a server.
    #[arg(long, value_name = "fake|dropbox|URL", default_value = "fake")]
    pub target: String,
    #[command(flatten)]
    pub reach: ReachArguments,
}

/// How to get there.
#[derive(Clone, Debug, Args)]
pub struct ReachArguments {
    /// The environment variable that holds the access token. A server named by its URL gets a made-up
    /// token if this is not given.
    #[arg(long, value_name = "NAME")]
    pub token_env: Option<String>,
    /// The environment variable that holds a token of a second account.
    #[arg(long, value_name = "NAME")]
    pub second_token_env: Option<String>,
    /// The environment variable that holds a token without the scope files.content.write.
    #[arg(long, value_name = "NAME")]
    pub restricted_token_env: Option<String>,
    /// A token that something is wrong with, and the environment variable that holds it: expired,
    /// revoked, suspended, no-metadata-scope, app-lacks-scope, app-folder, team.
    #[arg(long, value_name = "KIND=NAME")]
    pub special_token: Vec<String>,
    /// Have a fake with our controls give the run an app with a folder of its own, as a run on Dropbox has
    /// it. A target that takes no such app, or a token that was given, stays as it is.
    #[arg(long)]
    pub app_folder: bool,
    /// Where the rpc routes are, instead of the target's usual place.
    #[arg(long, value_name = "URL")]
    pub api_url: Option<String>,
    /// Where the content routes are, instead of the target's usual place.
    #[arg(long, value_name = "URL")]
    pub content_url: Option<String>,
    /// Trust the certificates in this PEM file instead of the system's.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Connect to this address whatever the host names resolve to: for a stand-in under real names.
    #[arg(long, value_name = "IP:PORT")]
    pub connect_to: Option<SocketAddr>,
    /// How many seconds one answer may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub timeout: u64,
}

/// A target, and what must stay alive for it.
#[derive(Debug)]
pub struct Connected {
    /// The target.
    pub target: Arc<Target>,
    /// The fake in this process, if it is the target: it stops when this is dropped.
    _alive: Option<fake::RunningFake>,
}

/// As [`connect`], given up when the run is to end: nothing was done until then.
pub async fn connect_unless_stopped(
    name: &str,
    reach: &ReachArguments,
    stopping: &AtomicBool,
) -> Result<Connected, CannotRun> {
    tokio::select! {
        connected = connect(name, reach) => connected,
        () = stopped(stopping) => Err(CannotRun(
            "The run was interrupted before it began: nothing was done.".to_owned(),
        )),
    }
}

/// Connects to the target of that name.
pub async fn connect(name: &str, reach: &ReachArguments) -> Result<Connected, CannotRun> {
    let vault = Arc::new(Vault::default());
    let token = |variable: Option<&String>| -> Result<Option<Secret>, CannotRun> {
        let Some(variable) = variable else {
            return Ok(None);
        };
        let value = std::env::var(variable).map_err(|_| {
            CannotRun(format!(
                "The environment variable {variable} is not set: set it to a token."
            ))
        })?;
        Ok(Some(vault.keep(SecretKind::AccessToken, value.trim())))
    };
    let second = token(reach.second_token_env.as_ref())?;
    let restricted = token(reach.restricted_token_env.as_ref())?;
    let mut special = BTreeMap::new();
    for pair in &reach.special_token {
        let (kind, variable) = pair.split_once('=').ok_or_else(|| {
            CannotRun(format!(
                "--special-token {pair} is not of the form KIND=NAME."
            ))
        })?;
        let kind: SpecialToken = kind.parse().map_err(|text| CannotRun(format!("{text}.")))?;
        let variable = variable.to_owned();
        if let Some(secret) = token(Some(&variable))? {
            special.insert(kind, secret);
        }
    }
    let given = |main| GivenTokens {
        main,
        second,
        restricted,
        special,
        app_folder: reach.app_folder,
    };
    let place = |api: &str, content: &str| Reach {
        api: reach.api_url.clone().unwrap_or_else(|| api.to_owned()),
        content: reach
            .content_url
            .clone()
            .unwrap_or_else(|| content.to_owned()),
        ca_file: reach.ca_file.clone(),
        connect_to: reach.connect_to,
        timeout: Duration::from_secs(reach.timeout.max(1)),
    };
    let mut running = None;
    let target = match name {
        "dropbox" => {
            let variable = reach.token_env.as_deref().unwrap_or("DROPBOX_ACCESS_TOKEN");
            let credentials =
                dropbox::Credentials::read(&vault, variable, |name| std::env::var(name).ok())?;
            let reach = place(dropbox::API, dropbox::CONTENT);
            dropbox::connect(&reach, credentials, given(None), Arc::clone(&vault)).await?
        }
        "fake" => {
            let fake = fake::start()?;
            let main = token(reach.token_env.as_ref())?;
            let reach = place(&fake.url, &fake.url);
            let target = url::connect("fake", &reach, given(main), Arc::clone(&vault)).await?;
            running = Some(fake);
            target
        }
        address if address.starts_with("http://") || address.starts_with("https://") => {
            let main = token(reach.token_env.as_ref())?;
            let address = address.trim_end_matches('/');
            let reach = place(address, address);
            url::connect(address, &reach, given(main), Arc::clone(&vault)).await?
        }
        other => {
            return Err(CannotRun(format!(
                "{other} is no target: give fake, dropbox, or a URL that begins with http:// or https://."
            )));
        }
    };
    Ok(Connected {
        target: Arc::new(target),
        _alive: running,
    })
}
