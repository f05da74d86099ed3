//! Ordinary calls, by reqwest: no redirects followed, nothing decompressed.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use rustls::ClientConfig;

use super::{Body, NoReply, Pattern, Reply, Request};

/// Which HTTP is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    Http1,
    /// HTTP/2 where TLS settles on it.
    Newest,
}

#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    timeout: Duration,
}

impl Client {
    /// `connect_to` overrules name resolution for the given hosts, so that a stand-in can be reached
    /// under the real names.
    pub fn new(
        mut tls: ClientConfig,
        version: Version,
        connect_to: Option<SocketAddr>,
        hosts: &[String],
        timeout: Duration,
    ) -> Result<Self, String> {
        if version == Version::Newest {
            tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        }
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(15).min(timeout))
            .no_proxy();
        if version == Version::Http1 {
            builder = builder.http1_only();
        }
        if let Some(address) = connect_to {
            for host in hosts {
                builder = builder.resolve(host, address);
            }
        }
        let http = builder
            .build()
            .map_err(|error| format!("The HTTP client cannot be set up: {error}"))?;
        Ok(Self { http, timeout })
    }

    /// Sends one request and reads the whole answer.
    pub async fn send(&self, request: Request) -> Result<Reply, NoReply> {
        let seconds = self.timeout.as_secs();
        // A big body gets time of its own: 1 MiB a second is slower than any real uplink used for this.
        let allowance = self.timeout + Duration::from_secs(request.body.len() / (1 << 20));
        match tokio::time::timeout(allowance, self.exchange(request)).await {
            Ok(reply) => reply,
            Err(_) => Err(NoReply::Timeout(seconds)),
        }
    }

    async fn exchange(&self, request: Request) -> Result<Reply, NoReply> {
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|error| NoReply::Request(error.to_string()))?;
        let mut builder = self.http.request(method, &request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        builder = match request.body {
            Body::None => builder,
            Body::Bytes(bytes) => builder.body(bytes),
            Body::Chunks(chunks) => builder.body(reqwest::Body::wrap_stream(stream::iter(
                chunks.into_iter().map(Ok::<_, std::io::Error>),
            ))),
            Body::Generated(pattern, size) => builder
                .header("Content-Length", size)
                .body(reqwest::Body::wrap_stream(generated(pattern, size))),
        };
        let answer = builder.send().await.map_err(|error| no_reply(&error))?;
        let version = format!("{:?}", answer.version());
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let body = answer.bytes().await.map_err(|error| no_reply(&error))?;
        Ok(Reply {
            version,
            status,
            reason: None,
            headers,
            body,
        })
    }
}

fn generated(
    pattern: Pattern,
    size: u64,
) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> + Send {
    const PIECE: u64 = 256 * 1024;
    stream::iter((0..size.div_ceil(PIECE)).map(move |index| {
        let from = index * PIECE;
        let length = usize::try_from(PIECE.min(size - from)).expect("at most 256 KiB");
        Ok(Bytes::from(pattern.slice(from, length)))
    }))
}

/// The innermost cause, without the URL that reqwest puts around it.
fn no_reply(error: &reqwest::Error) -> NoReply {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let text = if std::ptr::addr_eq(cause, error) {
        "no further cause is known".to_owned()
    } else {
        cause.to_string()
    };
    if error.is_connect() {
        NoReply::Connect(text)
    } else if error.is_builder() {
        NoReply::Request(text)
    } else if error.is_timeout() {
        NoReply::Timeout(0)
    } else {
        NoReply::Cut(text)
    }
}
