//! Asking whether a server is there.

use super::failure::{Failure, plain};
use crate::server::AUTHORITY;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

/// The address of a server with the defaults.
pub const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// How long one question may take.
const QUESTION: Duration = Duration::from_secs(5);

/// Why a server is not ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// Nobody answers.
    Silent(String),
    /// Somebody answers who is not a fake-dropbox.
    NotOurs(String),
    /// The port file is not there yet, or holds no port.
    NoPort(String),
}

impl std::fmt::Display for NotReady {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Silent(reason) | Self::NotOurs(reason) | Self::NoPort(reason) => {
                formatter.write_str(reason)
            }
        }
    }
}

/// A client that goes straight to the server, whatever the environment says of proxies.
pub fn client() -> Result<reqwest::Client, Failure> {
    // Refused only when there is one already. Without one, a client that is built with TLS, as it
    // is beside other users of the library, cannot be made.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(QUESTION)
        .build()
        .map_err(|error| Failure::cannot_start(format_args!("cannot make a client: {error}")))
}

/// An origin that this program can ask: `http`, a host and perhaps a port.
pub fn origin(url: &str) -> Result<String, Failure> {
    let wrong = |why: &str| {
        Failure::cannot_start(format_args!(
            "'{url}' is not the address of a server: {why}; write it like {DEFAULT_URL}"
        ))
    };
    if url.starts_with("https://") {
        return Err(wrong("the server takes plain HTTP on the same port"));
    }
    let parsed = reqwest::Url::parse(url).map_err(|error| wrong(&error.to_string()))?;
    if parsed.scheme() != "http" || parsed.host().is_none() {
        return Err(wrong("it has no http:// and host"));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// The origin of the server that wrote this port file.
pub fn origin_in(port_file: &Path) -> Result<String, NotReady> {
    let text = std::fs::read_to_string(port_file).map_err(|error| {
        NotReady::NoPort(format!(
            "the port file {} cannot be read: {}",
            port_file.display(),
            plain(error)
        ))
    })?;
    match text.trim().parse::<u16>() {
        Ok(port) if port != 0 => Ok(format!("http://127.0.0.1:{port}")),
        _ => Err(NotReady::NoPort(format!(
            "{} holds no port",
            port_file.display()
        ))),
    }
}

/// Asks once whether a fake-dropbox answers at this origin.
pub async fn ask(client: &reqwest::Client, origin: &str) -> Result<(), NotReady> {
    let answer = client
        .get(format!("{origin}/"))
        .send()
        .await
        .map_err(|error| {
            NotReady::Silent(format!(
                "nobody answers at {origin}: {}",
                root_cause(&error)
            ))
        })?;
    let status = answer.status();
    let text = answer.text().await.unwrap_or_default();
    if status == reqwest::StatusCode::OK && text.starts_with("This is fake-dropbox") {
        return Ok(());
    }
    Err(NotReady::NotOurs(format!(
        "what answers at {origin} is not a fake-dropbox (GET / gave {status})"
    )))
}

/// The certificate that a server wants to be trusted, in PEM. None if it does not speak TLS.
pub async fn authority(client: &reqwest::Client, origin: &str) -> Result<Option<String>, Failure> {
    ask(client, origin).await.map_err(|reason| {
        Failure::negative(format_args!(
            "{reason}; start a server with `fake-dropbox serve`, or say where it is with --url or --port-file"
        ))
    })?;
    let cannot = |error: reqwest::Error| {
        let cause = root_cause(&error);
        Failure::negative(format_args!(
            "cannot ask {origin} for its certificate: {cause}"
        ))
    };
    let answer = client
        .get(format!("{origin}{AUTHORITY}"))
        .send()
        .await
        .map_err(cannot)?;
    if !answer.status().is_success() {
        return Ok(None);
    }
    answer.text().await.map(Some).map_err(cannot)
}

/// The innermost reason, which is the one that says something.
pub fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    plain(cause)
}
