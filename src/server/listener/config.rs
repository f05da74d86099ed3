//! What a listener is told before it starts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::hosts::AllowedTunnel;

/// Where to listen, and the limits that every connection is held to.
#[derive(Clone, Debug)]
pub struct ListenerConfig {
    /// Addresses that must be bound. Port 0 takes a free port; the addresses that say 0 share one.
    pub addresses: Vec<SocketAddr>,
    /// Addresses that are bound where the machine has them (`::1` is missing in many containers).
    pub optional_addresses: Vec<SocketAddr>,
    /// The certificate for clients that speak TLS; without it their hellos are closed.
    #[cfg(feature = "tls")]
    pub tls: Option<super::TlsSettings>,
    /// Foreign hosts that `CONNECT`, and requests in clear text, are passed on to. All others are refused.
    pub allowed_tunnels: Vec<AllowedTunnel>,
    /// Is told of each tunnel, and each such request, that is refused, with its host and port. A `Server` takes it for its
    /// tally.
    pub refused_tunnels: TunnelWatch,
    /// Is told of each TLS handshake that failed, with the host that was asked for and the reason in words.
    pub failed_handshakes: TunnelWatch,
    pub http: HttpLimits,
    /// How long a connection may stay silent before its first byte, inside a tunnel too.
    pub first_byte_timeout: Duration,
    /// How long a TLS handshake may take.
    pub tls_handshake_timeout: Duration,
    /// How long the far end of a passed-on tunnel may take to accept it.
    pub tunnel_connect_timeout: Duration,
    /// How long requests in flight may go on after the stop before they are cut.
    pub stop_grace: Duration,
}

/// Limits and habits of HTTP/1 and HTTP/2.
#[derive(Clone, Debug)]
pub struct HttpLimits {
    /// Largest read buffer of an HTTP/1 connection in bytes; bodies arrive in chunks up to about
    /// twice this size. A megabyte makes uploads a third faster than hyper's default. Connections that come while there
    /// are many get less, down to 64 KiB and the largest head.
    pub max_buffer_bytes: usize,
    /// Largest number of header lines of a request; `None` is hyper's own limit of 100. More is a
    /// 431 with an empty body, by hyper.
    pub max_headers: Option<usize>,
    /// Largest sum of the target, header names and header values in bytes. More is a 431.
    pub max_header_bytes: usize,
    /// How long the rest of a request's head may take after its first byte.
    pub header_read_timeout: Duration,
    /// How long a connection may wait for its next request.
    pub idle_timeout: Duration,
    /// Whether a `Date` header of the machine's time is added to answers that have none.
    pub auto_date_header: bool,
}

/// Somebody who wants to know of tunnels, or nobody.
#[derive(Clone, Default)]
pub struct TunnelWatch(Option<Arc<dyn Fn(&str) + Send + Sync>>);

impl TunnelWatch {
    pub fn new(tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    pub(super) fn tell(&self, authority: &str) {
        if let Some(tell) = &self.0 {
            tell(authority);
        }
    }
}

impl std::fmt::Debug for TunnelWatch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let watches = self.0.is_some();
        formatter
            .debug_tuple("TunnelWatch")
            .field(&watches)
            .finish()
    }
}

impl ListenerConfig {
    /// Listens on `127.0.0.1`, and on `::1` where the machine has it. Port 0 takes a free port.
    pub fn loopback(port: u16) -> Self {
        Self {
            optional_addresses: vec![SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), port)],
            ..Self::on(vec![SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)])
        }
    }

    /// Listens on exactly these addresses.
    pub fn on(addresses: Vec<SocketAddr>) -> Self {
        Self {
            addresses,
            optional_addresses: Vec::new(),
            #[cfg(feature = "tls")]
            tls: None,
            allowed_tunnels: Vec::new(),
            refused_tunnels: TunnelWatch::default(),
            failed_handshakes: TunnelWatch::default(),
            http: HttpLimits::default(),
            first_byte_timeout: Duration::from_secs(30),
            tls_handshake_timeout: Duration::from_secs(15),
            tunnel_connect_timeout: Duration::from_secs(15),
            stop_grace: Duration::from_secs(10),
        }
    }
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            max_buffer_bytes: 1 << 20,
            max_headers: None,
            max_header_bytes: 64 << 10,
            header_read_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_mins(2),
            auto_date_header: true,
        }
    }
}
