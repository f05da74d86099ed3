//! Bytes by hand over TCP or TLS: for cases about heads, framing and connections that end early.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{NoReply, Reply};

trait Duplex: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Duplex for T {}

/// The largest head and the largest body that is read: this layer is for small answers.
const MOST: usize = 4 << 20;

/// Where to connect to: taken apart from a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Whether TLS is spoken.
    pub tls: bool,
    /// Name or address, without brackets.
    pub host: String,
    pub port: u16,
    /// What the `Host` header says.
    pub authority: String,
}

impl Origin {
    /// Takes an absolute URL apart; also gives the path with its query.
    pub fn of(url: &str) -> Result<(Self, String), NoReply> {
        let malformed = |why: &str| NoReply::Request(format!("the URL {why}"));
        let uri: http::Uri = url.parse().map_err(|_| malformed("is not one"))?;
        let authority = uri.authority().ok_or_else(|| malformed("names no host"))?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(malformed("is neither http nor https")),
        };
        let origin = Self {
            tls,
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(if tls { 443 } else { 80 }),
            authority: authority.as_str().to_owned(),
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok((origin, path.to_owned()))
    }
}

/// One open connection.
pub struct Connection {
    stream: Box<dyn Duplex>,
    received: BytesMut,
    alpn: Option<String>,
    timeout: Duration,
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Connection({} bytes waiting)",
            self.received.len()
        )
    }
}

impl Connection {
    /// Connects; `alpn` are the protocols that are offered in a TLS handshake.
    pub async fn open(
        origin: &Origin,
        connect_to: Option<SocketAddr>,
        tls: &ClientConfig,
        alpn: &[&str],
        timeout: Duration,
    ) -> Result<Self, NoReply> {
        let opened = async {
            let tcp = match connect_to {
                Some(address) => TcpStream::connect(address).await,
                None => TcpStream::connect((origin.host.as_str(), origin.port)).await,
            }
            .map_err(|error| NoReply::Connect(error.to_string()))?;
            // A byte that is written is sent: cases count on it.
            tcp.set_nodelay(true)
                .map_err(|error| NoReply::Connect(error.to_string()))?;
            if !origin.tls {
                return Ok((Box::new(tcp) as Box<dyn Duplex>, None));
            }
            let mut config = tls.clone();
            config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
            let name = ServerName::try_from(origin.host.clone())
                .map_err(|error| NoReply::Request(error.to_string()))?;
            let stream = TlsConnector::from(Arc::new(config))
                .connect(name, tcp)
                .await
                .map_err(|error| NoReply::Connect(error.to_string()))?;
            let chosen = stream
                .get_ref()
                .1
                .alpn_protocol()
                .map(|name| String::from_utf8_lossy(name).into_owned());
            Ok((Box::new(stream) as Box<dyn Duplex>, chosen))
        };
        let (stream, alpn) = bounded(timeout, opened).await?;
        Ok(Self {
            stream,
            received: BytesMut::new(),
            alpn,
            timeout,
        })
    }

    /// What ALPN settled on.
    pub fn alpn(&self) -> Option<&str> {
        self.alpn.as_deref()
    }

    /// Writes the bytes and flushes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), NoReply> {
        let stream = &mut self.stream;
        bounded(self.timeout, async {
            stream.write_all(bytes).await.map_err(cut)?;
            stream.flush().await.map_err(cut)
        })
        .await
    }

    /// Says that no more will be written, and stays open for reading.
    pub async fn finish_writing(&mut self) -> Result<(), NoReply> {
        let stream = &mut self.stream;
        bounded(self.timeout, async { stream.shutdown().await.map_err(cut) }).await
    }

    /// Reads one answer, an interim one (1xx) too. `to_head` says that the request was a HEAD.
    pub async fn read(&mut self, to_head: bool) -> Result<Reply, NoReply> {
        let timeout = self.timeout;
        bounded(timeout, self.read_reply(to_head)).await
    }

    /// Whether the other side has closed; waits at most `patience` to find out.
    pub async fn is_closed_within(&mut self, patience: Duration) -> bool {
        matches!(
            tokio::time::timeout(patience, self.fill()).await,
            Ok(Err(_) | Ok(0))
        )
    }

    async fn fill(&mut self) -> Result<usize, NoReply> {
        self.stream.read_buf(&mut self.received).await.map_err(cut)
    }

    async fn fill_some(&mut self) -> Result<(), NoReply> {
        if self.received.len() > MOST {
            return Err(NoReply::Malformed("more than 4 MiB came".to_owned()));
        }
        match self.fill().await? {
            0 => Err(NoReply::Cut("end of stream".to_owned())),
            _ => Ok(()),
        }
    }

    async fn read_reply(&mut self, to_head: bool) -> Result<Reply, NoReply> {
        let mut reply = loop {
            if let Some(reply) = self.parse_head()? {
                break reply;
            }
            self.fill_some().await?;
        };
        let bodiless = to_head || reply.status < 200 || matches!(reply.status, 204 | 304);
        reply.body = if bodiless {
            Bytes::new()
        } else if reply
            .header("Transfer-Encoding")
            .is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
        {
            self.read_chunks().await?
        } else if let Some(length) = reply.header("Content-Length") {
            let length = length
                .parse()
                .map_err(|_| NoReply::Malformed("Content-Length is no number".to_owned()))?;
            self.take(length).await?
        } else {
            self.read_to_end().await?
        };
        Ok(reply)
    }

    fn parse_head(&mut self) -> Result<Option<Reply>, NoReply> {
        let mut headers = [httparse::EMPTY_HEADER; 96];
        let mut head = httparse::Response::new(&mut headers);
        let parsed = head
            .parse(&self.received)
            .map_err(|error| NoReply::Malformed(error.to_string()))?;
        let httparse::Status::Complete(length) = parsed else {
            return Ok(None);
        };
        let reply = Reply {
            version: format!("HTTP/1.{}", head.version.unwrap_or_default()),
            status: head.code.unwrap_or_default(),
            reason: head.reason.map(str::to_owned),
            headers: head
                .headers
                .iter()
                .map(|header| {
                    let value = String::from_utf8_lossy(header.value).into_owned();
                    (header.name.to_owned(), value)
                })
                .collect(),
            body: Bytes::new(),
        };
        self.received.advance(length);
        Ok(Some(reply))
    }

    async fn take(&mut self, length: usize) -> Result<Bytes, NoReply> {
        while self.received.len() < length {
            self.fill_some().await?;
        }
        Ok(self.received.split_to(length).freeze())
    }

    async fn read_to_end(&mut self) -> Result<Bytes, NoReply> {
        while self.fill().await? > 0 {
            if self.received.len() > MOST {
                return Err(NoReply::Malformed("more than 4 MiB came".to_owned()));
            }
        }
        Ok(self.received.split().freeze())
    }

    async fn read_chunks(&mut self) -> Result<Bytes, NoReply> {
        let mut body = BytesMut::new();
        loop {
            let (head, size) = loop {
                match httparse::parse_chunk_size(&self.received) {
                    Ok(httparse::Status::Complete(found)) => break found,
                    Ok(httparse::Status::Partial) => self.fill_some().await?,
                    Err(_) => {
                        return Err(NoReply::Malformed("a chunk size is no number".to_owned()));
                    }
                }
            };
            self.received.advance(head);
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            if body.len().saturating_add(size) > MOST {
                return Err(NoReply::Malformed("more than 4 MiB came".to_owned()));
            }
            body.extend_from_slice(&self.take(size).await?);
            if self.take(2).await? != b"\r\n"[..] {
                return Err(NoReply::Malformed(
                    "a chunk does not end in CRLF".to_owned(),
                ));
            }
            if size == 0 {
                return Ok(body.freeze());
            }
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn cut(error: std::io::Error) -> NoReply {
    NoReply::Cut(error.to_string())
}

async fn bounded<T>(
    timeout: Duration,
    work: impl Future<Output = Result<T, NoReply>>,
) -> Result<T, NoReply> {
    tokio::time::timeout(timeout, work)
        .await
        .unwrap_or(Err(NoReply::Timeout(timeout.as_secs())))
}
