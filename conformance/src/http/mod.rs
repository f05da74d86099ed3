//! Two ways to speak HTTP: [`client`] for ordinary calls, [`raw`] for cases about the bytes
//! themselves (interim answers, framing by hand, bodies cut off).

pub mod client;
pub mod raw;
pub mod tls;

use std::fmt;

use bytes::Bytes;

#[derive(Clone)]
pub enum Body {
    /// No body and no `Content-Length` of its own making.
    None,
    /// These bytes, with `Content-Length`.
    Bytes(Bytes),
    /// These pieces, with `Transfer-Encoding: chunked`, one chunk per piece.
    Chunks(Vec<Bytes>),
    /// Generated while it is sent, never held whole, with `Content-Length`.
    Generated(Pattern, u64),
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Body({} bytes)", self.len())
    }
}

impl Body {
    /// How many bytes the body has.
    pub fn len(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Chunks(chunks) => chunks.iter().map(|chunk| chunk.len() as u64).sum(),
            Self::Generated(_, size) => *size,
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(Bytes::copy_from_slice(bytes))
    }
}

impl<const N: usize> From<&[u8; N]> for Body {
    fn from(bytes: &[u8; N]) -> Self {
        Self::Bytes(Bytes::copy_from_slice(bytes))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Bytes(text.into())
    }
}

/// Contents that can be made of any size, as the content-hash vectors define them (UL-174).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Every byte is zero.
    Zeros,
    /// Byte `i` is `i mod 251`.
    Mod251,
}

impl Pattern {
    /// `length` bytes of it from byte `from` on.
    pub fn slice(self, from: u64, length: usize) -> Vec<u8> {
        match self {
            Self::Zeros => vec![0; length],
            Self::Mod251 => (from..from + length as u64)
                .map(|index| u8::try_from(index % 251).unwrap_or_default())
                .collect(),
        }
    }
}

/// One request, before it is sent. It may hold secrets, so it does not print itself.
#[derive(Clone)]
pub struct Request {
    pub method: String,
    pub url: String,
    /// Headers in order, as they will be written.
    pub headers: Vec<(String, String)>,
    pub body: Body,
    /// Exchanges of one group ran at the same time: their order means nothing.
    pub group: Option<&'static str>,
    /// Whether a `Retry-After` is obeyed by trying again.
    pub patient: bool,
}

impl Request {
    pub fn post(url: impl Into<String>) -> Self {
        Self::new("POST", url)
    }

    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: Body::None,
            group: None,
            patient: true,
        }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Leaves out what [`Self::header`] or a shortcut put there.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    /// Another Content-Type, or the first one.
    #[must_use]
    pub fn content_type(self, value: &str) -> Self {
        self.without_header("Content-Type")
            .header("Content-Type", value)
    }

    #[must_use]
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Adds `?query` to the URL.
    #[must_use]
    pub fn query(mut self, query: &str) -> Self {
        self.url
            .push(if self.url.contains('?') { '&' } else { '?' });
        self.url.push_str(query);
        self
    }

    /// Says that this request runs at the same time as the others of its group.
    #[must_use]
    pub fn in_group(mut self, name: &'static str) -> Self {
        self.group = Some(name);
        self
    }

    /// Takes a 429 or 503 as the answer instead of waiting and trying again.
    #[must_use]
    pub fn impatient(mut self) -> Self {
        self.patient = false;
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Request({})", self.method)
    }
}

/// An answer as it came, before any redaction: it stays inside the suite.
#[derive(Clone)]
pub struct Reply {
    /// `HTTP/1.1` and the like.
    pub version: String,
    pub status: u16,
    /// The reason phrase where the layer shows it.
    pub reason: Option<String>,
    /// Headers in order. Names as the layer gives them: lower case from [`client`].
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Reply({})", self.status)
    }
}

impl Reply {
    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Why there was no answer. The text holds no URL and no header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoReply {
    /// Nobody accepted the connection.
    #[error("no connection: {0}")]
    Connect(String),
    /// The connection stood, and then it ended before the answer was whole.
    #[error("the connection ended before the answer was complete: {0}")]
    Cut(String),
    /// Nothing came in time.
    #[error("no answer within {0} seconds")]
    Timeout(u64),
    /// What came was no HTTP.
    #[error("the answer is not HTTP: {0}")]
    Malformed(String),
    /// The request could not be written down.
    #[error("the request could not be made: {0}")]
    Request(String),
}
