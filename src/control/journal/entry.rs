//! One request and its answer.

use super::messages::Messages;
use super::redaction::Excerpt;
use crate::control::faults::{FaultId, HostKind};
use crate::control::secrets::LinkAlias;
use crate::dropbox::time::Timestamp;
use crate::rules::{Evidence, Rule, evidence_of};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How a request ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The whole answer was handed over.
    #[default]
    Answered,
    /// The client went away before it had its answer.
    ClientLeft,
    /// A fault ended the connection, or cut the answer off.
    Aborted,
    /// The server stopped before the answer was handed over.
    ServerStopped,
}

/// One request and its answer. Secrets stand in it by their aliases only.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalEntry {
    /// Counts the entries of a server from 1; the journal gives it.
    pub sequence: u64,
    /// When the request arrived, by the fake's clock.
    pub at: Timestamp,
    /// From there to the end of the answer, in real time.
    pub duration: Duration,
    /// The account as it may be printed: see [`super::Redactor::account`].
    pub account: Option<Arc<str>>,
    /// The HTTP method.
    pub method: http::Method,
    /// Where it was sent.
    pub host: HostKind,
    /// The name of the route, or what was asked for where there is none.
    pub route: Arc<str>,
    /// The path in the argument, or of the link.
    pub path: Option<String>,
    /// The link that was minted, used or followed.
    pub link: Option<LinkAlias>,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// The rules that decided the answer.
    pub rules: Vec<Rule>,
    /// Why, in a sentence.
    pub note: Option<String>,
    /// Fields that were sent and not used.
    pub unused_fields: Vec<String>,
    /// Bytes of the request's body that arrived.
    pub request_bytes: u64,
    /// Bytes of the answer's body that were handed over.
    pub response_bytes: u64,
    /// The fault that had a part in it.
    pub fault: Option<FaultId>,
    /// How it ended.
    pub outcome: Outcome,
    /// What was said.
    pub(crate) messages: Messages,
}

impl JournalEntry {
    /// An entry about a request that has just arrived.
    pub(crate) fn new(at: Timestamp, method: http::Method, host: HostKind, route: &str) -> Self {
        Self {
            sequence: 0,
            at,
            duration: Duration::ZERO,
            account: None,
            method,
            host,
            route: route.into(),
            path: None,
            link: None,
            status: None,
            rules: Vec::new(),
            note: None,
            unused_fields: Vec::new(),
            request_bytes: 0,
            response_bytes: 0,
            fault: None,
            outcome: Outcome::Answered,
            messages: Messages::default(),
        }
    }

    /// The beginning of the request, without its secrets.
    pub fn request(&self) -> &Excerpt {
        self.messages.request()
    }

    /// The beginning of the answer, without its secrets.
    pub fn response(&self) -> &Excerpt {
        self.messages.response()
    }

    /// How the answer is known: as little as the least of its rules. None without rules.
    pub fn evidence(&self) -> Option<Evidence> {
        (!self.rules.is_empty()).then(|| evidence_of(&self.rules))
    }

    /// Why it was refused, in words: what the journal notes, what the answer said, the rule. Of an
    /// answer that went well only the note.
    ///
    /// ```no_run
    /// # let dropbox = fake_dropbox::FakeDropbox::start_blocking();
    /// let refused = dropbox.journal().latest(fake_dropbox::Query::route("upload_link").status(410));
    /// println!("{}", refused.why().unwrap_or_default());
    /// ```
    pub fn why(&self) -> Option<String> {
        let is_refused = self.status.is_none_or(|status| status >= 400);
        let rule = self.rules.first().filter(|_| is_refused);
        let rule = rule.map(|rule| format!("{rule} ({}): {}", rule.evidence(), rule.statement()));
        let said = is_refused.then(|| self.said()).flatten();
        // A note often says more of the same.
        let said = said.filter(|said| self.note.as_ref() != Some(said));
        let parts = [self.note.clone(), said, rule];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" | "))
    }

    /// What a refusal says of itself: its sentence, or the summary of its error.
    fn said(&self) -> Option<String> {
        let body = self.response().body()?;
        let Ok(json) = serde_json::from_str::<serde_json::Value>(body) else {
            let is_page = body.trim_start().starts_with('<');
            // The route is known.
            let said = body.trim();
            let framed = said.strip_prefix("Error in call to API function \"");
            let said = framed
                .and_then(|framed| framed.split_once("\": "))
                .map_or(said, |(_, words)| words);
            return (!is_page).then(|| said.to_owned());
        };
        let said = [
            "/user_message/text",
            "/error_summary",
            "/error_description",
            "/error",
            "/detail",
        ];
        let said = said
            .into_iter()
            .filter_map(|place| json.pointer(place)?.as_str());
        said.map(str::to_owned).next()
    }

    /// Whether the exchange may be held against Dropbox: not when a fault had a part in it or it
    /// did not come to its end.
    pub fn is_conformance_evidence(&self) -> bool {
        self.fault.is_none() && self.outcome == Outcome::Answered
    }

    /// About how many bytes of memory the entry holds.
    pub(crate) fn size(&self) -> usize {
        let texts = self.unused_fields.iter().map(|field| field.capacity() + 24);
        size_of::<Self>()
            + self.account.as_ref().map_or(0, |account| account.len())
            + self.route.len()
            + self.path.as_ref().map_or(0, String::capacity)
            + self.note.as_ref().map_or(0, String::capacity)
            + texts.sum::<usize>()
            + self.rules.capacity() * size_of::<Rule>()
            + self.messages.size()
    }
}

/// At most so many characters of it: who reads a list wants to see its lines.
fn shortened(text: &str) -> std::borrow::Cow<'_, str> {
    const MOST: usize = 200;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()).into(),
        None => text.into(),
    }
}

/// A time as the journal prints it: RFC 3339 with microseconds where there are any.
pub(crate) fn print_time(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.as_micros()).map_or_else(
        |_| format!("{} µs", at.as_micros()),
        |time| time.to_string(),
    )
}

/// An entry without what was said, as a list shows it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Brief<'a> {
    sequence: u64,
    at: String,
    duration_microseconds: u64,
    account: Option<&'a str>,
    method: &'a str,
    host: HostKind,
    route: &'a str,
    path: Option<&'a str>,
    link: Option<LinkAlias>,
    status: Option<u16>,
    rules: Vec<&'static str>,
    evidence: Option<&'static str>,
    note: Option<&'a str>,
    why: Option<String>,
    unused_fields: &'a [String],
    request_bytes: u64,
    response_bytes: u64,
    fault: Option<FaultId>,
    outcome: Outcome,
    conformance_evidence: bool,
}

/// An entry as it is printed.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", schemars(rename = "JournalEntry"))]
struct Printed<'a> {
    #[serde(flatten)]
    brief: Brief<'a>,
    sentences: Vec<&'static str>,
    request: &'a Excerpt,
    response: &'a Excerpt,
}

impl JournalEntry {
    /// The entry without what was said.
    pub fn brief(&self) -> Brief<'_> {
        Brief {
            sequence: self.sequence,
            at: print_time(self.at),
            duration_microseconds: u64::try_from(self.duration.as_micros()).unwrap_or(u64::MAX),
            account: self.account.as_deref(),
            method: self.method.as_str(),
            host: self.host,
            route: &self.route,
            path: self.path.as_deref(),
            link: self.link,
            status: self.status,
            rules: self.rules.iter().map(|rule| rule.id()).collect(),
            evidence: self.evidence().map(Evidence::name),
            note: self.note.as_deref(),
            why: self.why(),
            unused_fields: &self.unused_fields,
            request_bytes: self.request_bytes,
            response_bytes: self.response_bytes,
            fault: self.fault,
            outcome: self.outcome,
            conformance_evidence: self.is_conformance_evidence(),
        }
    }
}

impl Serialize for JournalEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let printed = Printed {
            brief: self.brief(),
            sentences: self.rules.iter().map(|rule| rule.statement()).collect(),
            request: self.request(),
            response: self.response(),
        };
        printed.serialize(serializer)
    }
}

#[cfg(feature = "openapi")]
impl schemars::JsonSchema for JournalEntry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "JournalEntry".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Printed::json_schema(generator)
    }
}

impl fmt::Display for JournalEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "#{} {} {}",
            self.sequence, self.method, self.route
        )?;
        if let Some(path) = &self.path {
            write!(formatter, " {path}")?;
        }
        if let Some(link) = self.link {
            write!(formatter, " {link}")?;
        }
        match self.status {
            Some(status) => write!(formatter, " -> {status}")?,
            None => formatter.write_str(" -> no answer")?,
        }
        if self.outcome != Outcome::Answered {
            write!(formatter, " ({:?})", self.outcome)?;
        }
        if let Some(account) = &self.account {
            write!(formatter, " [{account}]")?;
        }
        if let Some(fault) = self.fault {
            write!(formatter, " {fault}")?;
        }
        if let Some(why) = self.why() {
            write!(formatter, ": {}", shortened(&why))?;
        }
        Ok(())
    }
}
