//! What happens, as it happens: server-sent events.
//!
//! Three kinds: `hello` says first from where the stream goes on, `requests` brings entries of the journal in brief, and
//! `changed` says that something was done by the controls. A request may have changed anything, too.

use super::arguments;
use crate::control::journal::{JournalEntry, Query};
use crate::control::operations::ControlError;
use crate::control::scope::Scope;
use crate::server::app::App;
use crate::server::http::answer::{Answer, AnswerBody};
use crate::server::http::content::SyncStream;
use crate::server::http::exchange::Exchange;
use bytes::Bytes;
use futures_util::stream;
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// The most entries in one event.
const BATCH: usize = 500;
/// What happens in so short a time is told together.
const PAUSE: Duration = Duration::from_millis(40);
/// How often whoever follows is told that we are still there.
const BEAT: Duration = Duration::from_secs(15);

/// Follows what happens: from the entry after `since`, or after the one that `Last-Event-ID` names.
pub fn answer(exchange: &Exchange) -> Result<Answer, ControlError> {
    let app = Arc::clone(exchange.app());
    let account = match arguments::scope(exchange)? {
        Scope::All => None,
        Scope::Account(name) => Some(app.aliases.account(&name)),
    };
    let since = arguments::since(exchange)?;
    // Another start of the server gave that number.
    let since = since.filter(|since| *since <= app.journal.last_sequence());
    let follower = Follower {
        query: Query {
            account,
            ..Query::default()
        },
        last: since.unwrap_or(0),
        done: app.done.times(),
        app,
    };
    let hello = event(
        "hello",
        follower.last,
        &json!({
            "version": env!("CARGO_PKG_VERSION"),
            "since": follower.last,
            "first_sequence": follower.app.journal.first_sequence(),
        }),
    );
    let events = stream::unfold(
        (follower, Some(hello)),
        |(mut follower, hello)| async move {
            let event = match hello {
                Some(hello) => hello,
                None => follower.next().await?,
            };
            Some((Ok(Bytes::from(event)), (follower, None)))
        },
    );
    let mut answer = Answer::new(StatusCode::OK, "text/event-stream", String::new());
    answer.body = AnswerBody::Stream {
        length: None,
        stream: Box::pin(SyncStream::new(events)),
    };
    answer.impersonates_dropbox = false;
    Ok(answer
        .with_header("cache-control", "no-store")
        .with_header("x-fake-dropbox", "control"))
}

/// Whoever follows, and what they know already.
struct Follower {
    app: Arc<App>,
    query: Query,
    last: u64,
    done: u64,
}

impl Follower {
    /// The next event; none once the server stops.
    async fn next(&mut self) -> Option<String> {
        let app = Arc::clone(&self.app);
        loop {
            let (entries, next) = app.journal.following(self.last, &self.query, BATCH);
            self.last = next;
            if !entries.is_empty() {
                return Some(self.requests(&entries));
            }
            let done = app.done.times();
            if done != std::mem::replace(&mut self.done, done) {
                let first = json!({ "first_sequence": app.journal.first_sequence() });
                return Some(event("changed", self.last, &first));
            }
            tokio::select! {
                () = app.journal.beyond(self.last) => {}
                () = app.done.beyond(self.done) => {}
                () = app.stopped() => return None,
                () = tokio::time::sleep(BEAT) => return Some(": still here\n\n".to_owned()),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn requests(&self, entries: &[Arc<JournalEntry>]) -> String {
        let entries: Vec<_> = entries.iter().map(|entry| entry.brief()).collect();
        event("requests", self.last, &json!({ "entries": entries }))
    }
}

fn event(name: &str, id: u64, data: &Value) -> String {
    format!("event: {name}\nid: {id}\ndata: {data}\n\n")
}
