//! `CONNECT`: which tunnels end here, which are passed on, and which are refused.

use std::io;
use std::sync::Arc;

use http::uri::Authority;
use http::{Request, Response, StatusCode, Version};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::body::AnswerBody;
use super::conversation::{InFlight, Shared, converse};
use super::facts::{ConnectionFacts, Scheme};
use super::hosts::{HTTPS_PORT, is_local, plain_host};
use super::service::{ConnectionService, DynService, ResponseFuture, at_once, refusal};

/// What to do with a `CONNECT`.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The tunnel ends in this server.
    Here,
    /// The tunnel is passed on to the host, which was allowed by name.
    PassOn { host: String, port: u16 },
    /// No tunnel, and why.
    Refused(StatusCode, String),
}

impl<S: DynService> ConnectionService<S> {
    /// Answers a `CONNECT`, which never reaches the service.
    pub(super) fn open_tunnel(
        &self,
        mut request: Request<Incoming>,
        in_flight: InFlight,
    ) -> ResponseFuture {
        let Some(authority) = request.uri().authority().cloned() else {
            let text = "A CONNECT names a host and a port.".to_owned();
            return at_once(no_tunnel(StatusCode::BAD_REQUEST, text, in_flight));
        };
        let verdict = judge(&authority, &self.facts, &self.context.shared);
        let upgrade = hyper::upgrade::on(&mut request);
        let http2 = request.version() == Version::HTTP_2;
        // The answer ends at once; the tunnel is in flight until it closes.
        let established = established(self.activity.begin(http2));
        tracing::debug!(id = self.facts.id, %authority, ?verdict, "a tunnel was asked for");
        match verdict {
            Verdict::Refused(status, text) => {
                tracing::warn!(id = self.facts.id, peer = %self.facts.peer, "{text}");
                self.context.shared.refused_tunnels.tell(authority.as_str());
                at_once(no_tunnel(status, text, in_flight))
            }
            Verdict::Here => {
                self.end_here(authority, upgrade, in_flight);
                at_once(established)
            }
            Verdict::PassOn { host, port } => {
                let connect_timeout = self.context.shared.tunnel_connect_timeout;
                let lifetime = self.context.lifetime.clone();
                let control = Arc::clone(&self.control);
                let id = self.facts.id;
                Box::pin(async move {
                    let target = match connect(&host, port, connect_timeout).await {
                        Ok(target) => target,
                        Err(error) => {
                            let text =
                                format!("The tunnel to {authority} could not be opened: {error}.");
                            tracing::warn!(id, "{text}");
                            return Ok(no_tunnel(StatusCode::BAD_GATEWAY, text, in_flight));
                        }
                    };
                    let mut stopping = lifetime.clone();
                    lifetime.spawn(async move {
                        let _in_flight = in_flight;
                        tokio::select! {
                            () = pass_on(upgrade, target, id) => {}
                            () = stopping.draining() => {}
                            () = control.killed() => {}
                        }
                    });
                    Ok(established)
                })
            }
        }
    }

    /// Treats the bytes of a tunnel as a fresh connection.
    fn end_here(&self, authority: Authority, upgrade: OnUpgrade, in_flight: InFlight) {
        let facts = ConnectionFacts {
            scheme: Scheme::Http,
            server_name: None,
            alpn: None,
            tunnel: Some(authority),
            ..self.facts.clone()
        };
        let control = Arc::clone(&self.control);
        let context = self.context.clone();
        self.context.lifetime.spawn(async move {
            let _in_flight = in_flight;
            match upgrade.await {
                Ok(upgraded) => {
                    converse(Box::new(TokioIo::new(upgraded)), facts, control, context).await;
                }
                Err(error) => {
                    tracing::debug!(id = facts.id, %error, "a tunnel broke before it began");
                }
            }
        });
    }
}

fn judge(authority: &Authority, facts: &ConnectionFacts, shared: &Shared) -> Verdict {
    let host = plain_host(authority.host());
    let port = authority.port_u16().filter(|_| !host.is_empty());
    let Some(port) = port else {
        let text =
            format!("The tunnel to {authority} is not opened: it does not name a host and a port.");
        return Verdict::Refused(StatusCode::BAD_REQUEST, text);
    };
    if let Some(outer) = &facts.tunnel {
        let text = format!("The tunnel to {authority} is not opened inside the tunnel to {outer}.");
        return Verdict::Refused(StatusCode::FORBIDDEN, text);
    }
    if is_own_port(&host, port, facts) {
        return Verdict::Here;
    }
    if shared
        .allowed_tunnels
        .iter()
        .any(|allowed| allowed.allows(&host, port))
    {
        return Verdict::PassOn { host, port };
    }
    if !shared.answers_for(&host) {
        let text = format!(
            "The tunnel to {authority} is refused: this server stands for Dropbox only. If it is \
             meant, start the server with --allow-tunnel {authority}."
        );
        return Verdict::Refused(StatusCode::FORBIDDEN, text);
    }
    if port != HTTPS_PORT {
        let text = format!(
            "The tunnel to {authority} is refused: {host} is answered on port {HTTPS_PORT} only, \
             not on port {port}."
        );
        return Verdict::Refused(StatusCode::FORBIDDEN, text);
    }
    if !shared.offers_tls() {
        let text = format!(
            "The tunnel to {authority} is not opened: this server does not offer TLS, which a client \
             would speak in it."
        );
        return Verdict::Refused(StatusCode::NOT_IMPLEMENTED, text);
    }
    Verdict::Here
}

/// Whether a tunnel leads to the very port it was asked for on. Some clients ask for a tunnel to
/// reach plain HTTP too.
fn is_own_port(host: &str, port: u16, facts: &ConnectionFacts) -> bool {
    is_local(host) && port == facts.local.port()
}

/// Why plain HTTP is not answered here: in a tunnel to port 443 only TLS makes sense.
pub(super) fn objection_to_plain_http(facts: &ConnectionFacts) -> Option<String> {
    let tunnel = facts.tunnel.as_ref()?;
    let host = plain_host(tunnel.host());
    let own = is_own_port(&host, tunnel.port_u16()?, facts);
    (facts.scheme == Scheme::Http && !own).then(|| {
        format!("This is the tunnel to {tunnel}: it takes TLS, but plain HTTP was spoken in it.")
    })
}

/// A refusal that says why in the reason phrase too: that is all that most clients show of the
/// answer to a `CONNECT`.
fn no_tunnel(status: StatusCode, text: String, in_flight: InFlight) -> Response<AnswerBody> {
    let reason = ReasonPhrase::try_from(text.clone());
    let mut response = refusal(status, text, in_flight);
    if let Ok(reason) = reason {
        response.extensions_mut().insert(reason);
    }
    response
}

fn established(in_flight: InFlight) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::new(Empty::new(), in_flight));
    let reason = ReasonPhrase::from_static(b"Connection established");
    response.extensions_mut().insert(reason);
    response
}

pub(super) async fn connect(
    host: &str,
    port: u16,
    limit: std::time::Duration,
) -> io::Result<TcpStream> {
    let connected = tokio::time::timeout(limit, TcpStream::connect((host, port))).await;
    let stream = connected.map_err(|_| {
        let text = format!("no connection within {} ms", limit.as_millis());
        io::Error::new(io::ErrorKind::TimedOut, text)
    })??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn pass_on(upgrade: OnUpgrade, mut target: TcpStream, id: u64) {
    let outcome = match upgrade.await {
        Ok(upgraded) => {
            let mut client = TokioIo::new(upgraded);
            tokio::io::copy_bidirectional(&mut client, &mut target).await
        }
        Err(error) => Err(io::Error::other(error)),
    };
    match outcome {
        Ok((sent, received)) => tracing::debug!(id, sent, received, "a passed-on tunnel closed"),
        Err(error) => tracing::debug!(id, %error, "a passed-on tunnel broke"),
    }
}
