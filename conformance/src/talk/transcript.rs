//! What was said, as it may be shown: the evidence of a run.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::http::{Body, Reply, Request};
use crate::secrecy::normaliser::Normaliser;
use crate::secrecy::redacted::Redacted;

/// How much of a body is kept as text.
const SHOWN: usize = 16 * 1024;

/// One request and what came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// Counts from 1 within the case, in the order in which the requests started.
    pub number: usize,
    /// Exchanges of one group ran at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    pub request: Sent,
    /// What came back, or why nothing did.
    #[serde(flatten)]
    pub outcome: Came,
    /// How long it took, in milliseconds. Never compared.
    pub milliseconds: u64,
}

/// A request on paper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    pub method: Redacted,
    pub url: Redacted,
    /// The headers that the suite set.
    pub headers: Vec<(String, Redacted)>,
    pub body: Content,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    Answer(Received),
    /// No answer, and why.
    NoAnswer(Redacted),
}

/// An answer on paper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Received {
    /// `HTTP/1.1` and the like.
    pub version: String,
    pub status: u16,
    /// The reason phrase where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Redacted>,
    pub headers: Vec<(String, Redacted)>,
    pub body: Content,
}

/// A body on paper: its text, or what it weighs and its SHA-256.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Nothing.
    Empty,
    /// Text, whole.
    Text(Redacted),
    /// Bytes that are no text, or too many.
    Bytes {
        size: u64,
        /// What they are: a SHA-256, or the name of a pattern.
        what: String,
    },
}

/// The exchanges of one case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Transcript {
    /// In the order of [`Exchange::number`].
    pub exchanges: Vec<Exchange>,
}

impl Transcript {
    /// Adds an exchange at the place of its number.
    pub fn insert(&mut self, exchange: Exchange) {
        let at = self
            .exchanges
            .partition_point(|known| known.number < exchange.number);
        self.exchanges.insert(at, exchange);
    }
}

/// Puts a request on paper.
pub fn sent(request: &Request, normaliser: &Normaliser) -> Sent {
    if let Body::Bytes(bytes) = &request.body {
        normaliser.sent(&String::from_utf8_lossy(bytes));
    }
    for (_, value) in &request.headers {
        normaliser.sent(value);
    }
    Sent {
        method: normaliser.text(&request.method),
        url: normaliser.text(&request.url),
        headers: headers(&request.headers, normaliser),
        body: match &request.body {
            Body::Chunks(chunks) => content(&chunks.concat(), normaliser),
            Body::None => Content::Empty,
            Body::Bytes(bytes) => content(bytes, normaliser),
            Body::Generated(pattern, size) => Content::Bytes {
                size: *size,
                what: format!("pattern {pattern:?}"),
            },
        },
    }
}

/// Puts an answer on paper. What it teaches about ids and secrets is learned first.
pub fn received(reply: &Reply, normaliser: &Normaliser) -> Received {
    if let Ok(json) = serde_json::from_slice(&reply.body) {
        normaliser.learn(&json);
    }
    Received {
        version: reply.version.clone(),
        status: reply.status,
        reason: reply.reason.as_deref().map(|text| normaliser.text(text)),
        headers: headers(&reply.headers, normaliser),
        body: content(&reply.body, normaliser),
    }
}

/// Puts bytes that were written by hand on paper.
pub fn sent_raw(origin: &str, bytes: &[u8], normaliser: &Normaliser) -> Sent {
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map_or(bytes.len(), |at| at + 4);
    let (head, body) = bytes.split_at(end);
    let head = String::from_utf8_lossy(head);
    normaliser.sent(&head);
    let mut lines = head.lines();
    let start = lines.next().unwrap_or_default();
    let (method, rest) = start.split_once(' ').unwrap_or((start, ""));
    let target = rest.rsplit_once(' ').map_or(rest, |(target, _)| target);
    let pairs: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    Sent {
        method: normaliser.text(method),
        url: normaliser.text(&format!("{origin}{target}")),
        headers: headers(&pairs, normaliser),
        body: content(body, normaliser),
    }
}

fn headers(pairs: &[(String, String)], normaliser: &Normaliser) -> Vec<(String, Redacted)> {
    pairs
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), normaliser.header(name, value)))
        .collect()
}

fn content(bytes: &[u8], normaliser: &Normaliser) -> Content {
    if bytes.is_empty() {
        return Content::Empty;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if bytes.len() <= SHOWN => Content::Text(normaliser.text(text)),
        _ => Content::Bytes {
            size: bytes.len() as u64,
            what: format!("sha256 {}", hex(&Sha256::digest(bytes))),
        },
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a String takes every write");
        out
    })
}
