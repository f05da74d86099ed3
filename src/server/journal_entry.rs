//! Writing what happened into the journal and the log, once for every request.

use crate::control::journal::{JournalEntry, Message, Outcome, Unread};
use crate::control::secrets::SecretKind;
use crate::rules::{Evidence, Rule};
use crate::server::http::CONTROL_PREFIX;
use crate::server::http::exchange::{Exchange, Record};
use crate::server::listener::BoxError;
use crate::wire::routes;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The target of the log's one line for each request.
pub const REQUEST_LOG: &str = "fake_dropbox::requests";

/// What the journal has to know of an answer.
#[derive(Debug, Default)]
pub struct Answered {
    /// The status; none if the connection ends without an answer.
    pub status: Option<u16>,
    /// The rules that decided it.
    pub rules: Vec<Rule>,
    pub note: Option<String>,
    pub message: Message,
}

/// The line of the log about a request.
macro_rules! log {
    ($level:ident, $entry:expr) => {
        tracing::event!(
            target: REQUEST_LOG,
            tracing::Level::$level,
            method = %$entry.method,
            route = &*$entry.route,
            path = $entry.path.as_deref(),
            status = $entry.status,
            rules = (!$entry.rules.is_empty()).then(|| ids(&$entry.rules)),
            evidence = $entry.evidence().map(Evidence::name),
            bytes_in = $entry.request_bytes,
            bytes_out = $entry.response_bytes,
            microseconds = u64::try_from($entry.duration.as_micros()).unwrap_or(u64::MAX),
            why = $entry.why(),
        )
    };
}

fn ids(rules: &[Rule]) -> String {
    let ids: Vec<&str> = rules.iter().map(|rule| rule.id()).collect();
    ids.join(" ")
}

/// A request that the journal will learn of, however it ends.
#[derive(Debug)]
pub struct Recorder {
    pending: Option<(Exchange, Answered)>,
}

impl Recorder {
    /// From now on the request gets its entry.
    pub fn new(exchange: Exchange) -> Self {
        Self {
            pending: Some((exchange, Answered::default())),
        }
    }

    /// There is an answer, or the decision that there will be none.
    pub fn answered(&mut self, answered: Answered) {
        if let Some(pending) = &mut self.pending {
            pending.1 = answered;
        }
    }

    fn end(&mut self, outcome: Outcome, response_bytes: u64) {
        if let Some((exchange, answered)) = self.pending.take() {
            let is_control = exchange.path().starts_with(CONTROL_PREFIX);
            if is_control && !tracing::enabled!(target: REQUEST_LOG, tracing::Level::DEBUG) {
                return;
            }
            let record = std::mem::take(&mut *exchange.record());
            let route = record.route;
            let entry = entry(&exchange, record, answered, outcome, response_bytes);
            if is_control {
                log!(DEBUG, entry);
                return;
            }
            if tracing::enabled!(target: REQUEST_LOG, tracing::Level::INFO) {
                log!(INFO, entry);
            }
            // A foreign host is refused before anybody looks for the route.
            let is_known = route.is_some() || entry.status == Some(421);
            exchange.app().tally.count(&entry, is_known);
            exchange.app().journal.push(entry);
        }
    }

    fn fault_acted(&self) -> bool {
        self.pending
            .as_ref()
            .is_some_and(|(exchange, _)| exchange.record().fault.is_some())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let stopping = self
            .pending
            .as_ref()
            .is_some_and(|(exchange, _)| exchange.app().is_stopping());
        self.end(
            if stopping {
                Outcome::ServerStopped
            } else {
                Outcome::ClientLeft
            },
            0,
        );
    }
}

fn entry(
    exchange: &Exchange,
    record: Record,
    answered: Answered,
    outcome: Outcome,
    response_bytes: u64,
) -> JournalEntry {
    let app = exchange.app();
    let link_kind = match record.route {
        Some(routes::DOWNLOAD_LINK) => SecretKind::Download,
        Some(routes::SHARED_LINK) => SecretKind::Shared,
        Some(route) if route.starts_with("sharing/") => SecretKind::Shared,
        _ => SecretKind::Link,
    };
    let link = record.link.filter(|token| !token.is_empty());
    let alias = link
        .as_deref()
        .map(|token| app.aliases.alias(link_kind, token));
    let token = record.token.map(|token| (SecretKind::Token, token));
    // What was shown and not taken is a secret all the same.
    let headers = exchange.headers().get_all("authorization").iter().count();
    let is_taken = token.is_some() && headers < 2 || headers == 0 && exchange.query().is_empty();
    let shown = if record.route.is_some() && is_taken {
        Vec::new()
    } else {
        exchange.secrets()
    };
    let code = record.code.map(|code| (SecretKind::Secret, code));
    let shown = shown
        .into_iter()
        .map(|(kind, secret)| (kind, secret.into()));
    let secrets = token
        .into_iter()
        .chain(link.map(|link| (link_kind, link)))
        .chain(code)
        .chain(shown);
    let unread = Unread::new(
        &app.aliases,
        secrets.collect(),
        Message::copy(exchange.headers(), record.argument.as_deref()),
        answered.message,
    );
    let now = app.clock.now(record.account.as_deref());
    let host = routes::host(record.route);
    let method = exchange.method().clone();
    let mut entry = JournalEntry::new(now, method, host, record.route.unwrap_or_default());
    entry.duration = exchange.stopwatch().elapsed();
    entry.account = record
        .account
        .as_deref()
        .map(|name| app.aliases.account(name));
    entry.path = record.path;
    entry.link = alias;
    entry.status = answered.status;
    entry.rules = answered.rules;
    let note = answered.note.or(record.note);
    if record.route.is_some() && note.is_none() && record.unused_fields.is_empty() {
        entry.messages = unread.into();
    } else {
        // A text of the client's may quote a secret of its request.
        let mut redactor = unread.redactor();
        entry.messages = unread.read(&mut redactor);
        if record.route.is_none() {
            entry.route = redactor.text(exchange.path()).into();
        }
        entry.note = note.map(|note| redactor.text(&note));
        entry.unused_fields = record
            .unused_fields
            .iter()
            .map(|field| redactor.text(field))
            .collect();
    }
    entry.request_bytes = record.request_bytes;
    entry.response_bytes = response_bytes;
    entry.fault = record.fault;
    entry.outcome = match outcome {
        Outcome::Answered if record.client_left => Outcome::ClientLeft,
        Outcome::Answered if entry.status.is_none() => Outcome::Aborted,
        outcome => outcome,
    };
    if entry.outcome == Outcome::ClientLeft && record.client_left {
        entry.status = None;
    }
    entry
}

/// The body of an answer. The journal learns of the request when the last byte is handed over:
/// before the client has it, so whoever has seen an answer finds its entry.
#[derive(Debug)]
pub struct RecordedBody {
    inner: warp::reply::Response,
    sent: u64,
    length: Option<u64>,
    recorder: Recorder,
}

impl RecordedBody {
    /// The body in `body`; an answer to HEAD has it in name only. `length` is what its head
    /// announces.
    pub fn new(
        body: warp::reply::Response,
        mut recorder: Recorder,
        has_body: bool,
        length: Option<u64>,
    ) -> Self {
        if !has_body || body.body().is_end_stream() {
            recorder.end(Outcome::Answered, 0);
        }
        Self {
            inner: body,
            sent: 0,
            length,
            recorder,
        }
    }
}

impl Body for RecordedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let polled = Pin::new(self.inner.body_mut()).poll_frame(context);
        let polled = std::task::ready!(polled);
        let sent = match &polled {
            Some(Ok(frame)) => frame.data_ref().map_or(0, |data| data.len() as u64),
            Some(Err(_)) => {
                let outcome = if self.recorder.fault_acted() {
                    Outcome::Aborted
                } else {
                    Outcome::ClientLeft
                };
                let sent = self.sent;
                self.recorder.end(outcome, sent);
                0
            }
            None => 0,
        };
        self.sent += sent;
        // With its length announced, a body is not asked again after its last byte.
        let is_complete = self.length.is_some_and(|length| self.sent >= length);
        if polled.is_none() || is_complete || self.inner.body().is_end_stream() {
            let sent = self.sent;
            self.recorder.end(Outcome::Answered, sent);
        }
        Poll::Ready(polled.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.body().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.body().size_hint()
    }
}

impl Drop for RecordedBody {
    fn drop(&mut self) {
        let outcome = if self.recorder.fault_acted() {
            Outcome::Aborted
        } else {
            Outcome::ClientLeft
        };
        let sent = self.sent;
        self.recorder.end(outcome, sent);
    }
}
