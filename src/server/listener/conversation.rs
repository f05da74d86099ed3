//! One connection, or one tunnel, from its first byte to its end.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;

use super::config::{HttpLimits, ListenerConfig, TunnelWatch};
use super::facts::{ConnectionFacts, Scheme};
use super::hosts::{AllowedTunnel, DROPBOX_HOSTS, is_local};
use super::lifetime::Lifetime;
use super::service::{ConnectionService, DynService};
use super::socket::{BoxedStream, Control, Prefixed};
use super::tls::TlsSettings;

/// The first byte of every TLS connection: the content type of a handshake record.
const TLS_HANDSHAKE: u8 = 0x16;
/// How long a connection that was told to end may take for its last bytes.
const LAST_BYTES: Duration = Duration::from_secs(2);
/// Flow-control windows of HTTP/2: hyper's defaults suit many small streams, not uploads.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;

/// What all connections of a listener share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) limits: HttpLimits,
    pub(super) allowed_tunnels: Vec<AllowedTunnel>,
    pub(super) refused_tunnels: TunnelWatch,
    pub(super) failed_handshakes: TunnelWatch,
    pub(super) tunnel_connect_timeout: Duration,
    tls: Option<TlsSettings>,
    tls_handshake_timeout: Duration,
    first_byte_timeout: Duration,
    any_version: auto::Builder<TokioExecutor>,
    http1_only: auto::Builder<TokioExecutor>,
    /// Connections that speak HTTP now.
    speaking: Arc<AtomicUsize>,
}

/// One of the connections that speak HTTP.
struct Speaking(Arc<AtomicUsize>);

impl Speaking {
    /// Counts in, with all that there are then.
    fn begin(all: &Arc<AtomicUsize>) -> (Self, usize) {
        let count = all.fetch_add(1, Ordering::Relaxed) + 1;
        (Self(Arc::clone(all)), count)
    }
}

impl Drop for Speaking {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What all read buffers together may take until each is as small as it gets.
const BUFFERS: usize = 16 << 20;
/// The smallest read buffer.
const LEAST_BUFFER: usize = 64 << 10;

/// The read buffer of one of so many connections: `most`, or less where there are many.
fn buffer_for(most: usize, least: usize, connections: usize) -> usize {
    let share = BUFFERS / connections.max(1);
    share.max(least).min(most)
}

/// What a connection is served with.
#[derive(Clone, Debug)]
pub(super) struct ServiceContext<S> {
    pub(super) shared: Arc<Shared>,
    pub(super) service: S,
    pub(super) lifetime: Lifetime,
}

/// What happens on one conversation, for the idle timer.
#[derive(Debug, Default)]
pub(super) struct Activity {
    in_flight: AtomicUsize,
    finished: AtomicU64,
    http2: AtomicBool,
}

/// What a connection was waiting for when its time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waited {
    /// The rest of a request's head.
    InHead,
    /// The next request.
    BetweenRequests,
}

/// A request from its head to the end of its answer.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl Shared {
    pub(super) fn new(config: &ListenerConfig) -> Self {
        let limits = config.http.clone();
        let mut any_version = auto::Builder::new(TokioExecutor::new());
        any_version
            .http1()
            .timer(TokioTimer::new())
            // hyper's timeout also runs between requests, so it cannot tell a client that is slow
            // from one that has nothing to ask: `wait_until_idle` does both.
            .header_read_timeout(None)
            // Answers clients that shut their sending half down after a request, and lets handlers
            // run to their end when a client goes away.
            .half_close(true)
            .max_buf_size(limits.max_buffer_bytes)
            .auto_date_header(limits.auto_date_header);
        if let Some(max_headers) = limits.max_headers {
            any_version.http1().max_headers(max_headers);
        }
        any_version
            .http2()
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(u32::try_from(limits.max_header_bytes).unwrap_or(u32::MAX))
            .auto_date_header(limits.auto_date_header);
        Self {
            limits,
            allowed_tunnels: config.allowed_tunnels.clone(),
            refused_tunnels: config.refused_tunnels.clone(),
            failed_handshakes: config.failed_handshakes.clone(),
            tunnel_connect_timeout: config.tunnel_connect_timeout,
            #[cfg(feature = "tls")]
            tls: config.tls.clone(),
            #[cfg(not(feature = "tls"))]
            tls: None,
            tls_handshake_timeout: config.tls_handshake_timeout,
            first_byte_timeout: config.first_byte_timeout,
            http1_only: any_version.clone().http1_only(),
            any_version,
            speaking: Arc::default(),
        }
    }

    /// Whether clients can speak TLS here.
    pub(super) fn offers_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether tunnels to a host (as `plain_host` gives it) end here.
    pub(super) fn answers_for(&self, host: &str) -> bool {
        match &self.tls {
            Some(tls) => tls.covers(host),
            None => DROPBOX_HOSTS.contains(&host) || is_local(host),
        }
    }

    /// The versions of HTTP that the client may speak after what ALPN agreed on.
    fn builder(&self, facts: &ConnectionFacts, connections: usize) -> auto::Builder<TokioExecutor> {
        let mut builder = match (facts.scheme, facts.alpn.as_deref()) {
            (Scheme::Http, _) | (Scheme::Https, Some("h2")) => self.any_version.clone(),
            (Scheme::Https, _) => self.http1_only.clone(),
        };
        // A head has to fit in.
        let least = LEAST_BUFFER.max(self.limits.max_header_bytes + LEAST_BUFFER);
        let most = self.limits.max_buffer_bytes;
        builder
            .http1()
            .max_buf_size(buffer_for(most, least, connections));
        builder
    }
}

impl Activity {
    pub(super) fn begin(self: &Arc<Self>, http2: bool) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        self.http2.store(http2, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.finished.fetch_add(1, Ordering::AcqRel);
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Speaks with a client until one side has enough. The boxed future ends the recursion of tunnels.
pub(super) fn converse<S: DynService>(
    stream: BoxedStream,
    mut facts: ConnectionFacts,
    control: Arc<Control>,
    context: ServiceContext<S>,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let mut lifetime = context.lifetime.clone();
        let beginning = tokio::time::timeout(
            context.shared.first_byte_timeout,
            Prefixed::read_beginning(stream),
        );
        let beginning = tokio::select! {
            beginning = beginning => beginning,
            () = lifetime.draining() => return,
            () = control.killed() => return,
        };
        let (id, peer) = (facts.id, facts.peer);
        let stream = match beginning {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                tracing::debug!(id, %peer, %error, "a connection broke before its first byte");
                return;
            }
            Err(_) => {
                tracing::debug!(id, %peer, "a connection said nothing and was closed");
                return;
            }
        };
        let first_byte = stream.first_byte();
        let stream: BoxedStream = Box::new(stream);
        match first_byte {
            None => tracing::trace!(id, %peer, "a connection closed before its first byte"),
            Some(TLS_HANDSHAKE) => {
                let accepted = tokio::select! {
                    accepted = accept_tls(stream, &mut facts, &context.shared) => accepted,
                    () = lifetime.draining() => return,
                    () = control.killed() => return,
                };
                match accepted {
                    Ok(stream) => speak_http(stream, facts, control, context).await,
                    Err(error) => {
                        tracing::warn!(id, %peer, %error, "a TLS client was closed");
                        let asked = facts.tunnel.as_ref().map(ToString::to_string);
                        let asked = asked.or_else(|| facts.server_name.as_deref().map(Into::into));
                        let asked = asked.unwrap_or_else(|| facts.local.to_string());
                        context
                            .shared
                            .failed_handshakes
                            .tell(&format!("{asked}: {error}"));
                    }
                }
            }
            Some(_) => speak_http(stream, facts, control, context).await,
        }
    })
}

async fn accept_tls(
    stream: BoxedStream,
    facts: &mut ConnectionFacts,
    shared: &Shared,
) -> io::Result<BoxedStream> {
    let Some(tls) = &shared.tls else {
        return Err(no_tls());
    };
    let accepted = tokio::time::timeout(shared.tls_handshake_timeout, tls.accept(stream, facts));
    accepted.await.unwrap_or_else(|_| {
        Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the handshake took too long",
        ))
    })
}

fn no_tls() -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        "it began with TLS, which is not offered here",
    )
}

async fn speak_http<S: DynService>(
    stream: BoxedStream,
    facts: ConnectionFacts,
    control: Arc<Control>,
    context: ServiceContext<S>,
) {
    let shared = Arc::clone(&context.shared);
    let mut lifetime = context.lifetime.clone();
    let activity = Arc::new(Activity::default());
    let (id, peer) = (facts.id, facts.peer);
    let (_speaking, connections) = Speaking::begin(&shared.speaking);
    let builder = shared.builder(&facts, connections);
    let exchange = ConnectionService {
        context,
        facts,
        control: Arc::clone(&control),
        activity: Arc::clone(&activity),
    };
    let service = service_fn(move |request| exchange.answer(request));
    let mut connection =
        pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
    let outcome = tokio::select! {
        biased;
        () = control.killed() => return,
        outcome = connection.as_mut() => outcome,
        () = lifetime.draining() => {
            control.set_lingers(false);
            connection.as_mut().graceful_shutdown();
            connection.await
        }
        waited = wait_until_idle(&activity, &control, &shared.limits) => {
            tracing::debug!(id, %peer, ?waited, "a connection asked nothing for too long: closed");
            if waited == Waited::InHead {
                return;
            }
            control.set_lingers(false);
            connection.as_mut().graceful_shutdown();
            let last_bytes = tokio::time::timeout(LAST_BYTES, connection);
            last_bytes.await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(id, %peer, error = &*error, "a connection ended early");
    }
}

/// Resolves when the client has asked nothing for the idle timeout, or has taken longer than the
/// header timeout for the head of a request.
///
/// It looks at counters a few times per timeout, so that requests do not pay for resetting a
/// timer: a timeout may be up to a quarter late.
async fn wait_until_idle(activity: &Activity, control: &Control, limits: &HttpLimits) -> Waited {
    let period =
        (limits.idle_timeout.min(limits.header_read_timeout) / 4).max(Duration::from_millis(5));
    let mut ticks = tokio::time::interval(period);
    ticks.tick().await;
    let mut finished = 0;
    let mut quiet_bytes = None;
    let (mut idle_for, mut head_for) = (Duration::ZERO, Duration::ZERO);
    loop {
        ticks.tick().await;
        let now_finished = activity.finished.load(Ordering::Acquire);
        if activity.in_flight.load(Ordering::Acquire) > 0 || now_finished != finished {
            finished = now_finished;
            quiet_bytes = Some(control.bytes_read());
            (idle_for, head_for) = (Duration::ZERO, Duration::ZERO);
            continue;
        }
        // Before the first request everything that was read is the beginning of a head.
        // HTTP/2 also sends frames while it asks nothing.
        let in_head =
            quiet_bytes != Some(control.bytes_read()) && !activity.http2.load(Ordering::Relaxed);
        idle_for += period;
        if in_head {
            head_for += period;
        }
        if head_for >= limits.header_read_timeout {
            return Waited::InHead;
        }
        if idle_for >= limits.idle_timeout && !in_head {
            return Waited::BetweenRequests;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_connections_each_reads_little_at_a_time() {
        let buffer = |connections| buffer_for(1 << 20, 128 << 10, connections);
        assert_eq!((buffer(1), buffer(16)), (1 << 20, 1 << 20));
        assert_eq!((buffer(32), buffer(1_000)), (512 << 10, 128 << 10));
        assert_eq!(
            buffer_for(32 << 10, 128 << 10, 1),
            32 << 10,
            "what was asked for is the most"
        );
    }
}
