//! `fake-dropbox wait`.

use super::failure::Failure;
use super::ready::{self, DEFAULT_URL, NotReady};
use crate::config::Span;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// The pause between two questions at first; it doubles up to the longest one.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// The first answer has at least this long.
const FIRST_ANSWER: Duration = Duration::from_secs(1);

/// Return as soon as a server is ready.
///
/// A server is ready when it answers and is a fake-dropbox; an open port is not enough. Exit codes:
/// 0 if it is ready; 1 if it was not in time; 2 for wrong arguments.
#[derive(Debug, Args)]
pub struct WaitArguments {
    #[command(flatten)]
    server: ServerArguments,

    /// How long to wait.
    #[arg(
        long,
        value_name = "TIME",
        default_value = "30s",
        env = "FAKE_DROPBOX_WAIT_TIMEOUT",
        hide_env = true
    )]
    timeout: Span,
}

/// Which running server is meant.
#[derive(Debug, Args)]
pub struct ServerArguments {
    /// Address of the server. [default: http://127.0.0.1:8080]
    #[arg(long, value_name = "URL", env = "FAKE_DROPBOX_URL", hide_env = true)]
    pub url: Option<String>,

    /// Port file of the server, instead of its address.
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    pub port_file: Option<PathBuf>,
}

impl ServerArguments {
    /// The origin to ask now: a port file may come later.
    pub fn origin(&self) -> Result<Result<String, NotReady>, Failure> {
        match &self.port_file {
            Some(path) => Ok(ready::origin_in(path)),
            None => ready::origin(self.url.as_deref().unwrap_or(DEFAULT_URL)).map(Ok),
        }
    }
}

/// Waits.
pub fn run(arguments: &WaitArguments) -> Result<ExitCode, Failure> {
    let runtime = super::serve::runtime()?;
    let client = ready::client()?;
    let mut last = NotReady::Silent("it did not answer in time".to_owned());
    let ended = runtime.block_on(async {
        // Asked at least once: on a busy machine a short time is over before it begins.
        let first = once(&client, &arguments.server, &mut last);
        if let Ok(Ok(true)) =
            tokio::time::timeout(arguments.timeout.0.max(FIRST_ANSWER), first).await
        {
            return Ok(Ok(()));
        }
        let waiting = wait(&client, &arguments.server, &mut last);
        tokio::time::timeout(arguments.timeout.0, waiting).await
    });
    match ended {
        Ok(ready) => ready.map(|()| ExitCode::SUCCESS),
        Err(_) => Err(Failure::negative(format_args!(
            "no server was ready within {}: {last}",
            arguments.timeout
        ))),
    }
}

async fn wait(
    client: &reqwest::Client,
    server: &ServerArguments,
    last: &mut NotReady,
) -> Result<(), Failure> {
    let mut pause = FIRST_PAUSE;
    while !once(client, server, last).await? {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Ok(())
}

/// Asks once. Whether the server is ready; if not, `last` says why.
async fn once(
    client: &reqwest::Client,
    server: &ServerArguments,
    last: &mut NotReady,
) -> Result<bool, Failure> {
    let answer = match server.origin()? {
        Ok(origin) => ready::ask(client, &origin).await,
        Err(not_yet) => Err(not_yet),
    };
    match answer {
        Ok(()) => Ok(true),
        Err(reason) => {
            *last = reason;
            Ok(false)
        }
    }
}
