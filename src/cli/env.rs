//! `fake-dropbox env`.

use super::environment::{ClientFiles, Format, ServerAddress, make, variables};
use super::failure::{Failure, eprint_warning};
use super::ready;
use super::wait::ServerArguments;
use crate::control::LinkOrigin;
use clap::Args;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Print the variables that send programs' calls to Dropbox to a running server.
///
/// Evaluate the output: eval "$(fake-dropbox env)" in sh, bash and zsh; fake-dropbox env --format
/// fish | source in fish. The variables name files, which are written too: the server's
/// certificate, a bundle of it with the roots that you trust today, and a script for versions of
/// Node that ignore proxies.
///
/// Exit codes: 0 if the variables were printed; 1 if there is no server; 2 for wrong arguments.
/// After an error the output is a command that fails (false, or throw for PowerShell), so that a
/// script which stops at errors does not go on to the real Dropbox.
#[derive(Debug, Args)]
pub struct EnvArguments {
    #[command(flatten)]
    server: ServerArguments,

    /// From now on, let links lead to the server (local), or to Dropbox's own names (production),
    /// if every client uses the server as its proxy. [default: as the server was started]
    #[arg(long, value_name = "local|production")]
    links: Option<LinkOrigin>,

    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "sh")]
    format: Format,

    /// Directory for these files. [default: one in your cache directory]
    #[arg(
        long,
        value_name = "DIRECTORY",
        env = "FAKE_DROPBOX_ENV_DIR",
        hide_env = true
    )]
    dir: Option<PathBuf>,
}

/// Prints them.
pub fn run(arguments: &EnvArguments) -> Result<ExitCode, Failure> {
    print(arguments).inspect_err(|failure| stop(arguments.format, &failure.message))
}

/// Prints what stops the shell that evaluates it.
pub fn stop(format: Format, why: &str) {
    // It has something else to read than what was asked for, or nothing.
    let _ = io::stdout()
        .lock()
        .write_all(format.failing(why).as_bytes());
}

fn print(arguments: &EnvArguments) -> Result<ExitCode, Failure> {
    let origin = arguments.server.origin()?;
    let origin = origin.map_err(Failure::negative)?;
    let runtime = super::serve::runtime()?;
    let client = ready::client()?;
    let pem = runtime.block_on(ready::authority(&client, &origin))?;
    if let Some(links) = arguments.links {
        runtime.block_on(set_links(&client, &origin, links))?;
    }
    let place = place(&origin)?;
    let current = |name: &str| std::env::var(name).ok();
    let files = match &pem {
        Some(pem) => {
            let directory = match &arguments.dir {
                Some(directory) => directory.clone(),
                None => own_directory(&place)?,
            };
            make(&directory)?;
            let directory = std::path::absolute(&directory).unwrap_or(directory);
            Some(ClientFiles::write(&directory, pem, &current)?)
        }
        None => {
            eprint_warning(
                "the server was started without TLS, so no client can reach it under Dropbox's names: only its address is \
                 printed",
            );
            None
        }
    };
    let variables = variables(&place, files.as_ref(), &current);
    let ambiguous = arguments.format.ambiguous(&variables);
    if !ambiguous.is_empty() {
        eprint_warning(&format!(
            "readers of .env files differ in what they make of the directory's name in {}: name one without quotes, dollars and \
             backslashes with --dir",
            ambiguous.join(", ")
        ));
    }
    let mut out = io::stdout().lock();
    let written = arguments.format.write(&mut out, &variables);
    let written = written.and_then(|()| out.flush());
    written.map_err(|error| Failure::negative(format_args!("cannot write: {error}")))?;
    Ok(ExitCode::SUCCESS)
}

async fn set_links(
    client: &reqwest::Client,
    origin: &str,
    links: LinkOrigin,
) -> Result<(), Failure> {
    let url = format!("{origin}/_fake/v1/links/origin");
    let argument = serde_json::json!({ "links": links });
    let answer = client.post(&url).json(&argument).send().await;
    let refused = |why: String| {
        Failure::negative(format_args!(
            "cannot say where links lead ({why}); start the server with --links {links}"
        ))
    };
    match answer {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(refused(answer.status().to_string())),
        Err(error) => Err(refused(ready::root_cause(&error))),
    }
}

/// Host and port of an origin.
pub fn place(origin: &str) -> Result<ServerAddress, Failure> {
    let wrong = || Failure::cannot_start(format_args!("'{origin}' has no host and port"));
    let url = reqwest::Url::parse(origin).map_err(|_| wrong())?;
    let host = url.host_str().ok_or_else(wrong)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Ok(ServerAddress {
        host: host.to_owned(),
        port: url.port_or_known_default().ok_or_else(wrong)?,
    })
}

/// One directory for each address: files of a server that is gone make room for those of the next.
fn own_directory(place: &ServerAddress) -> Result<PathBuf, Failure> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let home = |below: &str| set("HOME").map(|home| PathBuf::from(home).join(below));
    let caches = if cfg!(windows) {
        set("LOCALAPPDATA").map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        home("Library/Caches")
    } else {
        let named: Option<OsString> = set("XDG_CACHE_HOME");
        named.map(PathBuf::from).or_else(|| home(".cache"))
    };
    let caches = caches.ok_or_else(|| {
        Failure::cannot_start(
            "this user has no home directory: say with --dir where files may be written",
        )
    })?;
    let name = format!("{}-{}", place.host.replace(':', "_"), place.port);
    Ok(caches.join("fake-dropbox").join(name))
}
