//! `fake-dropbox ca`.

use super::environment::{TRUST_STORE_PASSWORD, der, put, store};
use super::failure::Failure;
use super::ready;
use super::wait::ServerArguments;
use crate::server::certificates::CERTIFICATE_FILE;
use clap::Args;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Print the certificate that clients must trust, or write it to a file.
///
/// The output is PEM. Private keys never leave the server.
///
/// Exit codes: 0 if it was printed or written; 1 if there is no server, or the server has no
/// certificate; 2 for wrong arguments and files that cannot be written.
#[derive(Debug, Args)]
pub struct CaArguments {
    #[command(flatten)]
    server: ServerArguments,

    /// Take the certificate from the directory of a kept authority, instead of from a server.
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "port_file")]
    ca_dir: Option<PathBuf>,

    /// Write the certificate to this file, as PEM.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Write a trust store for Java to this file, as PKCS#12.
    #[arg(long, value_name = "FILE")]
    pkcs12: Option<PathBuf>,

    /// Password of the trust store. Nothing in the store is secret.
    #[arg(long, value_name = "PASSWORD", default_value = TRUST_STORE_PASSWORD, requires = "pkcs12")]
    password: String,
}

/// Prints or writes it.
pub fn run(arguments: &CaArguments) -> Result<ExitCode, Failure> {
    let pem = match &arguments.ca_dir {
        Some(directory) => kept(directory)?,
        None => of_server(&arguments.server)?,
    };
    if let Some(path) = &arguments.out {
        put(path, pem.as_bytes())?;
    }
    if let Some(path) = &arguments.pkcs12 {
        put(path, &store(&pem, None, &arguments.password)?)?;
    }
    if arguments.out.is_none() && arguments.pkcs12.is_none() {
        let mut out = io::stdout().lock();
        let written = out.write_all(pem.as_bytes()).and_then(|()| out.flush());
        written.map_err(|error| Failure::negative(format_args!("cannot write: {error}")))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn kept(directory: &Path) -> Result<String, Failure> {
    let path = directory.join(CERTIFICATE_FILE);
    let pem = std::fs::read_to_string(&path).map_err(|error| {
        Failure::negative(format_args!(
            "cannot read {}: {error}; a server that is started with --ca-dir {} makes it",
            path.display(),
            directory.display()
        ))
    })?;
    // Whatever else somebody put there is not shown.
    if der(&pem).is_err() || pem.contains("PRIVATE KEY") {
        return Err(Failure::negative(format_args!(
            "{} is not the certificate of a fake-dropbox: a server that is started with --ca-dir and an empty directory makes one",
            path.display()
        )));
    }
    Ok(pem)
}

fn of_server(server: &ServerArguments) -> Result<String, Failure> {
    let origin = server.origin()?.map_err(Failure::negative)?;
    let runtime = super::serve::runtime()?;
    let client = ready::client()?;
    let pem = runtime.block_on(ready::authority(&client, &origin))?;
    pem.ok_or_else(|| {
        Failure::negative(format_args!(
            "the server at {origin} was started without TLS: it has no certificate"
        ))
    })
}
