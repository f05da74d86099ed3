//! Requests in clear text to other hosts, from clients that take this server for their proxy: which are
//! passed on, and which are refused.

use std::sync::Arc;

use http::uri::{Scheme as UriScheme, Uri};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Version, header};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;

use super::body::{AnswerBody, BoxError};
use super::conversation::{InFlight, Shared};
use super::facts::{ConnectionFacts, Scheme};
use super::hosts::{HTTP_PORT, HTTPS_PORT, plain_host};
use super::problem::{NOT_DROPBOX, PROBLEM, problem};
use super::service::{ConnectionService, DynService, ResponseFuture, at_once, refusal};
use super::tunnel::connect;

/// Headers that are about one connection, and not about the request.
const OF_ONE_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Where a request goes that is not this server's.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// To this host, which was allowed by name.
    To { host: String, port: u16 },
    /// Nowhere: this host and port are not allowed.
    Refused { host: String, port: u16 },
}

/// Where a request goes, if it is meant for another host. Only a client that takes this server for its
/// proxy names a host in the target (RFC 9112 section 3.2.2).
pub(super) fn elsewhere<B>(
    request: &Request<B>,
    facts: &ConnectionFacts,
    shared: &Shared,
) -> Option<Elsewhere> {
    let is_plain = facts.scheme == Scheme::Http && facts.tunnel.is_none();
    if !is_plain || request.version() == Version::HTTP_2 {
        return None;
    }
    let uri = request.uri();
    let usual = match uri.scheme()? {
        scheme if *scheme == UriScheme::HTTPS => HTTPS_PORT,
        _ => HTTP_PORT,
    };
    let host = plain_host(uri.host()?);
    let port = uri.port_u16().unwrap_or(usual);
    let allowed = &shared.allowed_tunnels;
    if usual == HTTP_PORT && allowed.iter().any(|allowed| allowed.allows(&host, port)) {
        return Some(Elsewhere::To { host, port });
    }
    // Who names this very port means this server, by a name that the service judges.
    let is_here = host.is_empty() || shared.answers_for(&host) || port == facts.local.port();
    (!is_here).then_some(Elsewhere::Refused { host, port })
}

impl<S: DynService> ConnectionService<S> {
    /// Answers a request that is meant for another host.
    pub(super) fn forward(
        &self,
        request: Request<Incoming>,
        to: Elsewhere,
        in_flight: InFlight,
    ) -> ResponseFuture {
        let (id, peer) = (self.facts.id, self.facts.peer);
        let (host, port) = match to {
            Elsewhere::To { host, port } => (host, port),
            Elsewhere::Refused { host, port } => {
                let name = named(&host, port);
                let text = format!(
                    "The request for {} is refused: this server stands for Dropbox only. If it is meant, start the server \
                     with --allow-tunnel {name}.",
                    without_query(request.uri())
                );
                tracing::warn!(id, %peer, "{text}");
                self.context.shared.refused_tunnels.tell(&name);
                return at_once(misdirected(&text, in_flight));
            }
        };
        let limit = self.context.shared.tunnel_connect_timeout;
        let lifetime = self.context.lifetime.clone();
        let control = Arc::clone(&self.control);
        Box::pin(async move {
            let sent = async {
                let stream = connect(&host, port, limit).await?;
                let (mut sender, connection) =
                    hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
                lifetime.spawn(async move {
                    tokio::select! {
                        _ = connection => {}
                        () = control.killed() => {}
                    }
                });
                Ok::<_, BoxError>(sender.send_request(onward(request)?).await?)
            };
            match sent.await {
                Ok(mut response) => {
                    leave_the_hop(response.headers_mut());
                    Ok(response.map(|body| AnswerBody::new(body, in_flight)))
                }
                Err(error) => {
                    let name = named(&host, port);
                    let text = format!("The request to {name} could not be passed on: {error}.");
                    tracing::warn!(id, "{text}");
                    Ok(refusal(StatusCode::BAD_GATEWAY, text, in_flight))
                }
            }
        })
    }
}

/// The refusal of a request that is not this server's.
fn misdirected(text: &str, in_flight: InFlight) -> Response<AnswerBody> {
    let status = StatusCode::MISDIRECTED_REQUEST;
    let mut response = refusal(status, problem(status, "foreign host", text), in_flight);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, PROBLEM);
    headers.insert(NOT_DROPBOX.0, NOT_DROPBOX.1);
    response
}

/// A request as its origin wants it.
fn onward(request: Request<Incoming>) -> Result<Request<Incoming>, http::Error> {
    let (mut parts, body) = request.into_parts();
    leave_the_hop(&mut parts.headers);
    if let Some(authority) = parts.uri.authority() {
        let host = HeaderValue::from_str(authority.as_str())?;
        parts.headers.insert(header::HOST, host);
    }
    parts.uri = match parts.uri.path_and_query() {
        Some(path) => Uri::from(path.clone()),
        None => Uri::from_static("/"),
    };
    parts.version = Version::HTTP_11;
    Ok(Request::from_parts(parts, body))
}

/// Takes out what is about the connection it came on.
fn leave_the_hop(headers: &mut HeaderMap) {
    let listed: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in listed.iter().chain(&OF_ONE_HOP) {
        headers.remove(name);
    }
}

/// A host and its port as `--allow-tunnel` takes them.
fn named(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

/// What stands in a query may be a secret.
fn without_query(uri: &Uri) -> String {
    let text = uri.to_string();
    text.split('?').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_one_connection_is_not_passed_on() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "X-Mine, close"),
            ("x-mine", "1"),
            ("proxy-authorization", "Basic eDp5"),
            ("transfer-encoding", "chunked"),
            ("authorization", "Bearer t"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        leave_the_hop(&mut headers);
        assert_eq!(headers.len(), 1);
        assert!(headers.contains_key("authorization"));
    }

    #[test]
    fn a_query_is_not_repeated() {
        let uri = Uri::from_static("http://user.test:81/a?token=secret");
        assert_eq!(without_query(&uri), "http://user.test:81/a");
    }
}
