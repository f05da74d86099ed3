//! Binding addresses and accepting connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Request, Response};
use http_body::Body;
use hyper::service::Service;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::body::BoxError;
use super::config::ListenerConfig;
use super::conversation::{ServiceContext, Shared, converse};
use super::facts::{ConnectionFacts, Scheme};
use super::lifetime::{Lifetimes, StopReport};
use super::presence::ClientPresence;
use super::request_body::RequestBody;
use super::service::DynService;
use super::socket::{Control, Socket};

/// Connections that the system queues before they are accepted.
const BACKLOG: u32 = 1024;
/// How often a free port is tried to be found that is free on all addresses.
const PORT_ATTEMPTS: usize = 16;
/// The pause after a failure to accept, which is mostly a lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Why a listener could not be bound.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// An address is taken, is not this machine's, or may not be used.
    #[error("cannot listen on {address}: {source}")]
    Address {
        /// The address as it was asked for.
        address: SocketAddr,
        source: io::Error,
    },
    /// The configuration names no address, or only optional ones that the machine does not have.
    #[error("there is no address to listen on")]
    NoAddress,
}

/// Bound addresses, ready to serve. Clients can connect already; they wait to be accepted.
#[derive(Debug)]
pub struct Listener {
    config: ListenerConfig,
    sockets: Vec<TcpListener>,
    addresses: Vec<SocketAddr>,
}

impl Listener {
    /// Binds all addresses of `config`.
    ///
    /// # Errors
    /// [`BindError`] when an address of [`ListenerConfig::addresses`] cannot be bound, or none was.
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O and time enabled.
    #[expect(
        clippy::unused_async,
        reason = "registering a socket needs a runtime: the signature says so"
    )]
    pub async fn bind(config: ListenerConfig) -> Result<Self, BindError> {
        let mut attempt = 1;
        loop {
            match bind_all(&config) {
                Ok(sockets) => {
                    let addresses = sockets.iter().map(|(_, address)| *address).collect();
                    let sockets = sockets.into_iter().map(|(socket, _)| socket).collect();
                    return Ok(Self {
                        config,
                        sockets,
                        addresses,
                    });
                }
                // The port that was free on one address may be taken on the next one.
                Err(BindError::Address { address, source })
                    if address.port() == 0
                        && source.kind() == io::ErrorKind::AddrInUse
                        && attempt < PORT_ATTEMPTS =>
                {
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Serves these sockets as well, which somebody else opened. None of them is among
    /// [`Self::local_addresses`].
    ///
    /// # Errors
    /// When a socket cannot be made ready for a runtime.
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O enabled.
    #[cfg(all(feature = "cli", target_os = "linux"))]
    pub(in crate::server) fn adopt(
        &mut self,
        sockets: Vec<std::net::TcpListener>,
    ) -> io::Result<()> {
        for socket in sockets {
            socket.set_nonblocking(true)?;
            self.sockets.push(TcpListener::from_std(socket)?);
        }
        Ok(())
    }

    /// The first address that was bound, with its real port.
    pub fn local_address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// All addresses that were bound, with their real ports, never empty.
    pub fn local_addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Serves until `stop` resolves and the connections are gone, which
    /// [`ListenerConfig::stop_grace`] limits.
    ///
    /// From the stop on nothing is accepted, silent and idle connections close at once, and
    /// requests in flight are answered and then closed. Dropping this future cuts everything.
    ///
    /// Each request carries [`ConnectionFacts`] in its extensions. A panic of the service is
    /// logged and answered with a 500; a [`super::ConnectionAction`] in the extensions of the
    /// response is carried out in place of an answer. An error of the service is an abort.
    pub async fn serve<S, B>(self, service: S, stop: impl Future<Output = ()>) -> StopReport
    where
        S: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let grace = self.config.stop_grace;
        let shared = Arc::new(Shared::new(&self.config));
        let (lifetimes, lifetime) = Lifetimes::new();
        let next_id = AtomicU64::new(1);
        {
            let context = ServiceContext {
                shared,
                service,
                lifetime,
            };
            let accepting = join_all(
                self.sockets
                    .into_iter()
                    .map(|socket| accept(socket, &context, &next_id)),
            );
            tokio::select! {
                () = stop => {}
                _ = accepting => {}
            }
        }
        lifetimes.stop(grace).await
    }
}

fn bind_all(config: &ListenerConfig) -> Result<Vec<(TcpListener, SocketAddr)>, BindError> {
    let mut bound = Vec::new();
    let mut free_port = 0;
    let mut addresses = config.addresses.clone();
    // Those that take the connections of others come first: [::], which may take IPv4 too, then 0.0.0.0.
    addresses.sort_by_key(|address| match address.ip().is_unspecified() {
        true if address.is_ipv6() => 0,
        true => 1,
        false => 2,
    });
    let required = addresses.iter().map(|address| (*address, true));
    let optional = config
        .optional_addresses
        .iter()
        .map(|address| (*address, false));
    for (address, required) in required.chain(optional) {
        let port = if address.port() == 0 {
            free_port
        } else {
            address.port()
        };
        match bind_one(SocketAddr::new(address.ip(), port)) {
            Ok((socket, local)) => {
                if address.port() == 0 {
                    free_port = local.port();
                }
                bound.push((socket, local));
            }
            Err(error) if !required && is_missing(&error) => {
                tracing::debug!(%address, %error, "this machine lacks an optional address");
            }
            Err(error) if is_covered(address, port, &bound, &error) => {
                tracing::debug!(%address, %error, "another address takes the connections of this one too");
            }
            Err(source) => return Err(BindError::Address { address, source }),
        }
    }
    if bound.is_empty() {
        Err(BindError::NoAddress)
    } else {
        Ok(bound)
    }
}

fn bind_one(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    // A restarted server gets its port back while old connections linger. On Windows the option
    // means that two servers may share a port, so it stays off there.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    let local = listener.local_addr()?;
    Ok((listener, local))
}

/// Whether an address cannot be bound because [::] or 0.0.0.0 has its port already, and with it
/// its connections.
fn is_covered(
    address: SocketAddr,
    port: u16,
    bound: &[(TcpListener, SocketAddr)],
    error: &io::Error,
) -> bool {
    let takes_it = |local: &SocketAddr| {
        local.port() == port
            && local.ip().is_unspecified()
            && (local.is_ipv6() || address.is_ipv4())
    };
    error.kind() == io::ErrorKind::AddrInUse && bound.iter().any(|(_, local)| takes_it(local))
}

/// Whether the machine does not have an address or its whole family.
fn is_missing(error: &io::Error) -> bool {
    /// `EAFNOSUPPORT` of Linux, the BSDs and Windows: std has no kind for it.
    const ADDRESS_FAMILY_NOT_SUPPORTED: [i32; 3] = [97, 47, 10047];
    error.kind() == io::ErrorKind::AddrNotAvailable
        || error
            .raw_os_error()
            .is_some_and(|code| ADDRESS_FAMILY_NOT_SUPPORTED.contains(&code))
}

/// Accepts connections for ever.
async fn accept<S: DynService>(
    socket: TcpListener,
    context: &ServiceContext<S>,
    next_id: &AtomicU64,
) {
    let mut is_told = false;
    loop {
        match socket.accept().await {
            Ok((stream, peer)) => {
                let id = next_id.fetch_add(1, Ordering::Relaxed);
                begin(stream, peer, id, context);
            }
            // The client was gone before it was accepted.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                if !is_told {
                    tracing::error!(%error, "cannot accept further connections; those that are there are answered");
                }
                is_told = true;
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn begin<S: DynService>(stream: TcpStream, peer: SocketAddr, id: u64, context: &ServiceContext<S>) {
    let local = match stream.local_addr().and_then(|local| {
        stream.set_nodelay(true)?;
        Ok(local)
    }) {
        Ok(local) => local,
        Err(error) => {
            tracing::debug!(%peer, %error, "a connection was gone at once");
            return;
        }
    };
    let facts = ConnectionFacts {
        id,
        peer,
        local,
        scheme: Scheme::Http,
        server_name: None,
        alpn: None,
        tunnel: None,
        presence: ClientPresence::default(),
    };
    let control = Control::new();
    let socket = Socket::new(stream, Arc::clone(&control), facts.presence.clone());
    let conversation = converse(Box::new(socket), facts, control, context.clone());
    context.lifetime.spawn(conversation);
}
