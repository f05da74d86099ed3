//! The journal in a test's hands.

use super::Shared;
use crate::control::faults::PathPattern;
use crate::control::journal::{JournalEntry, Miss, Outcome, Query};
use crate::control::operations::ControlError;
use crate::control::operations::journal::{ClearJournal, Entries, ReadJournal, WaitForEntry};
use crate::control::scope::Scope;
use std::borrow::Borrow;
use std::fmt::Write as _;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What happened to an account, or to all.
///
/// ```
/// use fake_dropbox::{FakeDropbox, Journal, Query};
/// use std::time::Duration;
///
/// let dropbox = FakeDropbox::start_blocking();
/// let journal: Journal<'_> = dropbox.journal();
/// journal.expect(0).route("upload_link");
/// assert!(journal.find(Query::route("upload_link")).is_empty());
/// // In vain: the text says what came instead.
/// let waited = journal.wait_for_blocking(Query::route("upload_link"), Duration::from_millis(1));
/// assert!(waited.is_err());
/// journal.clear();
/// ```
#[derive(Clone, Debug)]
pub struct Journal<'a> {
    shared: &'a Shared,
    scope: Scope,
}

impl<'a> Journal<'a> {
    pub(super) fn new(shared: &'a Shared, scope: Scope) -> Self {
        Self { shared, scope }
    }

    /// The requests that meet every condition, the oldest first.
    ///
    /// # Panics
    /// When the query can never match; the text says why.
    #[track_caller]
    pub fn find(&self, query: impl Borrow<Query>) -> Vec<Arc<JournalEntry>> {
        self.read(query.borrow()).entries
    }

    /// The latest request that meets every condition.
    ///
    /// ```
    /// # use fake_dropbox::{FakeDropbox, Query};
    /// # let client = reqwest::Client::builder();
    /// # let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let client = client.no_proxy().build().unwrap();
    /// let dropbox = FakeDropbox::start().await;
    /// let link = dropbox.account("token").mint("/in/a.txt");
    /// client.post(&link).body("hello").send().await?;
    /// let entry = dropbox.journal().latest(Query::route("upload_link"));
    /// assert_eq!(entry.path.as_deref(), Some("/in/a.txt"));
    /// // Why it was answered like this.
    /// assert!(entry.rules[0].id().starts_with("UL-"));
    /// # Ok::<(), reqwest::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Panics
    /// If there is none; the text shows what came nearest.
    #[track_caller]
    pub fn latest(&self, query: impl Borrow<Query>) -> Arc<JournalEntry> {
        let query = query.borrow();
        let found = self.read(query);
        if let Some(entry) = found.entries.last() {
            return Arc::clone(entry);
        }
        panic!("no request is like {query}{}", self.nearest_text(&found))
    }

    /// Fails the test unless so many requests meet every condition that follows: the sentence is
    /// checked where it ends.
    ///
    /// ```
    /// # let dropbox = fake_dropbox::FakeDropbox::start_blocking();
    /// dropbox.journal().expect(0).route("upload_link").status(410);
    /// ```
    ///
    /// # Panics
    /// At the end of the sentence, if there are more or fewer; the text shows them, or what came
    /// nearest.
    #[track_caller]
    pub fn expect(&self, count: usize) -> Expectation<'a> {
        Expectation {
            journal: self.clone(),
            count,
            query: Query::default(),
            from: Location::caller(),
        }
    }

    /// The oldest request that meets every condition, as soon as there is one.
    pub async fn wait_for(
        &self,
        query: impl Borrow<Query>,
        timeout: Duration,
    ) -> Result<Arc<JournalEntry>, ControlError> {
        let waiting = wait(query.borrow(), timeout);
        self.shared.run(self.scope.clone(), waiting).await
    }

    /// The same, and the thread waits.
    pub fn wait_for_blocking(
        &self,
        query: impl Borrow<Query>,
        timeout: Duration,
    ) -> Result<Arc<JournalEntry>, ControlError> {
        let waiting = wait(query.borrow(), timeout);
        self.shared.run_blocking(self.scope.clone(), waiting)
    }

    /// Where no request meets every condition: what came nearest, each with what is different.
    #[track_caller]
    pub fn nearest(&self, query: impl Borrow<Query>) -> Vec<Miss> {
        self.read(query.borrow()).nearest
    }

    /// Forgets all entries, of all accounts: those of one alone are not forgotten.
    ///
    /// # Panics
    /// When this is the journal of one account.
    #[track_caller]
    pub fn clear(&self) {
        self.shared.expect(&self.scope, ClearJournal {});
    }

    #[track_caller]
    fn read(&self, query: &Query) -> Entries {
        self.shared.expect(&self.scope, ReadJournal(query.clone()))
    }

    fn nearest_text(&self, found: &Entries) -> String {
        let mut text = String::new();
        for miss in &found.nearest {
            let _ = write!(text, "\n  nearest: {miss}");
        }
        if self.shared.app.journal.is_empty() {
            text.push_str("; no request came at all");
        }
        text
    }
}

/// How many requests a test expects, and which: see [`Journal::expect`]. It is checked when it is
/// dropped, which is at the end of the sentence.
#[derive(Debug)]
pub struct Expectation<'a> {
    journal: Journal<'a>,
    count: usize,
    query: Query,
    from: &'static Location<'static>,
}

#[expect(
    clippy::return_self_not_must_use,
    reason = "it is checked when it is dropped: a sentence that ends here is used"
)]
impl Expectation<'_> {
    /// Only requests to this route.
    pub fn route(mut self, name: &str) -> Self {
        self.query.route = Some(name.to_owned());
        self
    }

    /// Only requests with this path, perhaps with `*` and `**`.
    ///
    /// # Panics
    /// When no path matches the pattern.
    #[track_caller]
    pub fn path(mut self, pattern: &str) -> Self {
        self.query.path = Some(PathPattern::of(pattern));
        self
    }

    /// Only requests with this status.
    pub fn status(mut self, status: u16) -> Self {
        self.query.status = Some(status);
        self
    }

    /// Only requests that ended like this.
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.query.outcome = Some(outcome);
        self
    }

    fn check(&self) {
        let Self {
            journal,
            count,
            query,
            from,
        } = self;
        let found = match journal
            .shared
            .run_blocking(journal.scope.clone(), ReadJournal(query.clone()))
        {
            Ok(found) => found,
            Err(error) => panic!("{from}: {error}"),
        };
        if found.entries.len() == *count {
            return;
        }
        let entries = found.entries.iter();
        let lines: String = entries.map(|entry| format!("\n  {entry}")).collect();
        let plural = if *count == 1 { "request" } else { "requests" };
        let there = match found.entries.len() {
            0 => "there is none".to_owned(),
            1 => "there is one:".to_owned(),
            count => format!("there are {count}:"),
        };
        journal.shared.has_told.store(true, Ordering::Relaxed);
        panic!(
            "{from}: {count} {plural} should be like {query}, but {there}{lines}{}",
            journal.nearest_text(&found)
        );
    }
}

impl Drop for Expectation<'_> {
    fn drop(&mut self) {
        // A test that fails already says why.
        if !std::thread::panicking() {
            self.check();
        }
    }
}

fn wait(query: &Query, timeout: Duration) -> WaitForEntry {
    WaitForEntry {
        query: query.clone(),
        timeout_milliseconds: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
    }
}
