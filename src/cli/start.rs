//! Starting a server from settings.

use super::failure::{Failure, plain};
use crate::config::{ContentPolicy, Prepared, Settings};
use crate::server::Server;
use crate::server::certificates::CertificateAuthority;
use crate::server::listener::BindError;
use std::io;

/// Takes a port for a server with these settings. Needs a runtime.
pub async fn start(settings: &Settings) -> Result<Server, Failure> {
    check_spill_directory(settings)?;
    let Prepared {
        app,
        listener,
        files,
        authority,
    } = settings.prepare().map_err(Failure::cannot_start)?;
    if let Some(why) = authority.as_ref().and_then(CertificateAuthority::replaced) {
        tracing::warn!(
            "the certificate authority in --ca-dir is a new one, for {why}: where the old one was trusted, trust the one that \
             `fake-dropbox ca` prints"
        );
    }
    if settings.seed.is_none() {
        tracing::debug!("--seed {} gives the ids of this run again", app.config.seed);
    }
    files.put(&app).await.map_err(Failure::cannot_start)?;
    Server::bind(app, listener).await.map_err(cannot_bind)
}

/// A full or forbidden directory is better met at the start than in the middle of an upload.
fn check_spill_directory(settings: &Settings) -> Result<(), Failure> {
    let system = std::env::temp_dir();
    let directory = settings.spill_dir.as_ref().unwrap_or(&system);
    if settings.content == ContentPolicy::None {
        return Ok(());
    }
    match tempfile::tempfile_in(directory) {
        Ok(_) => Ok(()),
        // It may never be needed.
        Err(error) if settings.spill_dir.is_none() => {
            tracing::warn!(
                "cannot make a temporary file in {}: {}; uploads beyond --memory-limit will fail: name another directory with \
                 --spill-dir or TMPDIR",
                directory.display(),
                plain(&error)
            );
            Ok(())
        }
        Err(error) => Err(Failure::cannot_start(format_args!(
            "cannot make a temporary file in {}: {}; name another directory with --spill-dir",
            directory.display(),
            plain(&error)
        ))),
    }
}

fn cannot_bind(error: BindError) -> Failure {
    let BindError::Address { address, source } = &error else {
        return Failure::cannot_start(error);
    };
    let (host, port) = (address.ip(), address.port());
    let sentence = match source.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} on {host} is in use: stop what listens there, or take another port with --port \
             (--port 0 takes a free one)"
        ),
        io::ErrorKind::AddrNotAvailable => {
            format!("{host} is not an address of this machine: name one of its own with --host")
        }
        io::ErrorKind::PermissionDenied => {
            format!("port {port} may not be taken by this user: take one above 1023 with --port")
        }
        _ => error.to_string(),
    };
    Failure::cannot_start(sentence)
}
