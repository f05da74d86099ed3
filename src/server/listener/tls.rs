//! TLS on a connection whose first byte asked for it.

use std::fmt;
use std::io;
use std::sync::Arc;

use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::rustls::{AlertDescription, Error, PeerIncompatible, ServerConfig};

use super::facts::{ConnectionFacts, Scheme};
use super::hosts::{CONTENT_HOST, plain_host};
use super::socket::BoxedStream;

const HTTP_1_1: &[u8] = b"http/1.1";
const HTTP_2: &[u8] = b"h2";

/// What a listener shows to clients that speak TLS.
///
/// `h2` and `http/1.1` are taken by ALPN, and `h2` where a client offers both, except that one which
/// names `content.dropboxapi.com` gets `http/1.1` then (UL-130). One that speaks nothing but `h2`,
/// as the Rust SDK's own client does to every host, gets it there too: no observation speaks
/// against it, and that client is published for exactly this host.
///
/// A client that names a host which the certificate does not cover is shown the same certificate:
/// it will say which name is missing better than a failed handshake could. The log gets a line.
#[derive(Clone)]
pub struct TlsSettings {
    http2_first: Arc<ServerConfig>,
    http1_first: Arc<ServerConfig>,
    names: Arc<[String]>,
    http2_on_content_host: bool,
}

impl TlsSettings {
    /// `names` are the host names and addresses that the certificate in `config` covers.
    pub(crate) fn new(mut config: ServerConfig, names: &[String]) -> Self {
        config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1_1.to_vec()];
        // The server's order decides.
        let mut http1_first = config.clone();
        http1_first.alpn_protocols.reverse();
        let names = names.iter().map(|name| plain_host(name)).collect();
        Self {
            http2_first: Arc::new(config),
            http1_first: Arc::new(http1_first),
            names,
            http2_on_content_host: false,
        }
    }

    /// Prefers HTTP/2 on `content.dropboxapi.com` as on the other hosts, against UL-130.
    #[must_use]
    pub fn with_http2_on_content_host(mut self, offered: bool) -> Self {
        self.http2_on_content_host = offered;
        self
    }

    /// The host names and addresses that the certificate covers, in lower case, without brackets.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether the certificate covers a host. A wildcard stands for one label (RFC 6125).
    pub(super) fn covers(&self, plain_host: &str) -> bool {
        let parent = plain_host.split_once('.').map(|(_, parent)| parent);
        self.names.iter().any(|name| {
            name == plain_host
                || name
                    .strip_prefix("*.")
                    .is_some_and(|suffix| parent == Some(suffix))
        })
    }

    /// Shakes hands and adds what was agreed on to the facts.
    pub(super) async fn accept(
        &self,
        stream: BoxedStream,
        facts: &mut ConnectionFacts,
    ) -> io::Result<BoxedStream> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await;
        let start = start.map_err(in_words)?;
        let server_name = start.client_hello().server_name().map(plain_host);
        if let Some(name) = &server_name
            && !self.covers(name)
        {
            tracing::warn!(
                id = facts.id,
                peer = %facts.peer,
                %name,
                "a TLS client asks for a name that the certificate does not cover: it will refuse it"
            );
        }
        // Said where the handshake fails as well.
        facts.server_name = server_name.as_deref().map(Into::into);
        let is_content_host = server_name.as_deref() == Some(CONTENT_HOST);
        let config = if is_content_host && !self.http2_on_content_host {
            &self.http1_first
        } else {
            &self.http2_first
        };
        let stream = start.into_stream(Arc::clone(config)).await;
        let stream = stream.map_err(in_words)?;
        let alpn = stream.get_ref().1.alpn_protocol();
        facts.alpn = alpn.map(|protocol| String::from_utf8_lossy(protocol).into());
        facts.scheme = Scheme::Https;
        Ok(Box::new(stream))
    }
}

/// Why a handshake failed, in words that say what to look at.
fn in_words(error: io::Error) -> io::Error {
    const DISTRUST: &str = "the client does not trust the certificate: it goes by roots of its own, or by a file without the fake's";
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    let words = match cause {
        Some(Error::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnsupportedCertificate,
        )) => DISTRUST,
        Some(Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon)) => {
            "the client and the fake have no cipher in common: Dropbox's SDK for Java before 7 pins ciphers and roots, and \
             takes an HttpRequestor of your own"
        }
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the client went away in the handshake: most do that which do not trust the certificate"
        }
        _ => return error,
    };
    io::Error::new(error.kind(), format!("{words} ({error})"))
}

impl fmt::Debug for TlsSettings {
    /// Leaves the configuration out, which holds the private key.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TlsSettings")
            .field("names", &self.names)
            .field("http2_on_content_host", &self.http2_on_content_host)
            .finish_non_exhaustive()
    }
}
