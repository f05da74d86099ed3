//! What the service learns about a connection, and what it can do to it.

use std::net::SocketAddr;
use std::sync::Arc;

use http::uri::Authority;

use super::presence::ClientPresence;

/// What is known about the connection a request came in on.
///
/// It stands in the extensions of every request; a warp filter reads it with
/// `warp::ext::get::<ConnectionFacts>()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionFacts {
    /// Counts the accepted connections from 1. A tunnel has the id of the connection it is in.
    pub id: u64,
    pub peer: SocketAddr,
    /// The address the client connected to.
    pub local: SocketAddr,
    /// Whether the request came in over TLS, in the innermost layer.
    pub scheme: Scheme,
    /// The host name in the TLS hello (SNI); `None` without TLS or when it names none.
    pub server_name: Option<Arc<str>>,
    /// The protocol agreed on by ALPN (`h2`, `http/1.1`); `None` without TLS or without ALPN.
    pub alpn: Option<Arc<str>>,
    /// Host and port of the `CONNECT` that opened the tunnel this request came through.
    pub tunnel: Option<Authority>,
    pub presence: ClientPresence,
}

/// The scheme of a request as the client spelled it in its URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

impl Scheme {
    /// The scheme as a URL spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// What to do to the connection in place of an answer.
///
/// A service puts it into the extensions of a response, which is then not sent. To break off in
/// the middle of an answer instead, let the response's body end in an error: head and chunks so
/// far are sent, and the connection ends there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionAction {
    /// Close without an answer. On HTTP/1 the connection closes (the system turns that into a
    /// reset when parts of the request are still unread); on HTTP/2 the stream is reset and
    /// the other streams go on.
    Abort,
    /// Reset the TCP connection (RST), with everything that runs on it.
    Reset,
}
