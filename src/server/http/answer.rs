//! An answer before it becomes HTTP.

use crate::rules::Rule;
use crate::server::listener::{BoxError, ConnectionAction, NOT_DROPBOX, problem};
use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderName, HeaderValue, StatusCode};
use std::fmt;
use std::pin::Pin;

/// Bytes of an answer as they come.
pub type AnswerStream = Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>> + Send + Sync>>;

pub enum AnswerBody {
    Bytes(Bytes),
    /// Bytes as they come.
    Stream {
        /// How many; none where nobody knows.
        length: Option<u64>,
        /// The bytes.
        stream: AnswerStream,
    },
}

impl fmt::Debug for AnswerBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes", self.length())
    }
}

impl AnswerBody {
    /// How many bytes it has, as far as that is known.
    pub fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Stream { length, .. } => length.unwrap_or(0),
        }
    }
}

/// An answer: what a route says, and by which rules.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    /// Its Content-Type; none for a body without bytes.
    pub content_type: Option<HeaderValue>,
    /// Headers of this answer alone; those that all answers have are added later.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: AnswerBody,
    /// The rules that decided it.
    pub rules: Vec<Rule>,
    /// Why, in words, where the rules alone do not tell.
    pub note: Option<String>,
    /// Whether it plays Dropbox's part; not so for answers about the fake itself.
    pub impersonates_dropbox: bool,
    /// What to do to the connection instead of answering.
    pub action: Option<ConnectionAction>,
}

impl Answer {
    /// JSON in Dropbox's spelling, with the Content-Type that its SDKs insist on (API-151).
    pub fn json(status: StatusCode, text: String) -> Self {
        Self::new(status, "application/json", text)
    }

    /// Plain text (API-151).
    pub fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.into())
    }

    /// A refusal of a method, in plain text, with the methods that are taken, such as `GET, HEAD`.
    pub fn method_not_allowed(methods: &'static str, text: impl Into<String>) -> Self {
        Self::text(StatusCode::METHOD_NOT_ALLOWED, text).with_header("allow", methods)
    }

    pub fn new(status: StatusCode, content_type: &'static str, body: String) -> Self {
        Self {
            status,
            content_type: Some(HeaderValue::from_static(content_type)),
            headers: Vec::new(),
            body: AnswerBody::Bytes(body.into()),
            rules: Vec::new(),
            note: None,
            impersonates_dropbox: true,
            action: None,
        }
    }

    pub fn empty(status: StatusCode) -> Self {
        Self {
            content_type: None,
            ..Self::new(status, "text/plain", String::new())
        }
    }

    /// An answer about the fake, which nobody can take for Dropbox's.
    pub fn about_the_fake(status: StatusCode, title: &str, detail: &str) -> Self {
        let text = problem(status, title, detail) + "\n";
        let mut answer = Self::new(status, "application/problem+json", text);
        answer.impersonates_dropbox = false;
        answer.note = Some(detail.to_owned());
        answer.headers.push(NOT_DROPBOX);
        answer
    }

    /// No answer: the connection ends.
    pub fn none(action: ConnectionAction) -> Self {
        Self {
            action: Some(action),
            ..Self::empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }

    /// The same answer, decided by these rules.
    #[must_use]
    pub fn with_rules(mut self, rules: &[Rule]) -> Self {
        self.rules.extend_from_slice(rules);
        self
    }

    /// The same answer with a header of its own.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        // A header that no client could read is still better than one that is silently not there.
        let bytes = value
            .bytes()
            .map(|byte| if byte.is_ascii_control() { b' ' } else { byte });
        let value = HeaderValue::from_bytes(&bytes.collect::<Vec<u8>>());
        let value = value.expect("no control character is left");
        self.headers.push((HeaderName::from_static(name), value));
        self
    }

    /// The same answer with a note for the journal.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_header_is_dropped_for_what_its_value_holds() {
        for (value, sent) in [
            ("plain", "plain"),
            ("ünïcode ☃", "ünïcode ☃"),
            ("two\r\nlines\u{7f}", "two  lines "),
        ] {
            let answer = Answer::empty(StatusCode::OK).with_header("dropbox-api-result", value);
            let headers: Vec<_> = answer
                .headers
                .iter()
                .map(|(_, value)| value.as_bytes())
                .collect();
            assert_eq!(headers, [sent.as_bytes()], "{value:?}");
        }
    }
}
