//! The journal in a test's hands.

use super::Shared;
use crate::control::journal::{JournalEntry, Miss, Query};
use crate::control::operations::ControlError;
use crate::control::operations::journal::{ClearJournal, ReadJournal, WaitForEntry};
use crate::control::scope::Scope;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// What happened to an account, or to all.
///
/// ```
/// use fake_dropbox::FakeDropbox;
/// use fake_dropbox::control::journal::Query;
/// use fake_dropbox::embedded::JournalHandle;
/// use std::time::Duration;
///
/// let dropbox = FakeDropbox::start_blocking();
/// let journal: JournalHandle<'_> = dropbox.journal();
/// let uploads = Query::route("upload_link");
/// journal.assert_none(&uploads);
/// journal.assert_count(&uploads, 0);
/// assert!(journal.entries(&uploads).is_empty());
/// assert!(journal.nearest(&uploads).is_empty());
/// // In vain: the text says what came instead.
/// assert!(journal.wait_for_blocking(&uploads, Duration::from_millis(1)).is_err());
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert!(journal.wait_for(&uploads, Duration::from_millis(1)).await.is_err());
/// # });
/// journal.clear();
/// ```
#[derive(Clone, Debug)]
pub struct JournalHandle<'a> {
    shared: &'a Shared,
    scope: Scope,
}

impl<'a> JournalHandle<'a> {
    pub(super) fn new(shared: &'a Shared, scope: Scope) -> Self {
        Self { shared, scope }
    }

    /// The requests that meet every condition, the oldest first.
    #[track_caller]
    pub fn entries(&self, query: &Query) -> Vec<Arc<JournalEntry>> {
        let read = ReadJournal(query.clone());
        self.shared.expect(&self.scope, read).entries
    }

    /// The oldest request that meets every condition, as soon as there is one.
    pub async fn wait_for(
        &self,
        query: &Query,
        timeout: Duration,
    ) -> Result<Arc<JournalEntry>, ControlError> {
        let waiting = wait(query, timeout);
        self.shared.run(self.scope.clone(), waiting).await
    }

    /// The same, and the thread waits.
    pub fn wait_for_blocking(
        &self,
        query: &Query,
        timeout: Duration,
    ) -> Result<Arc<JournalEntry>, ControlError> {
        let waiting = wait(query, timeout);
        self.shared.run_blocking(self.scope.clone(), waiting)
    }

    /// Fails the test unless a request meets every condition, and shows what came nearest. The
    /// latest of those that do.
    ///
    /// # Panics
    /// If there is none.
    ///
    /// ```
    /// # fn ask(dropbox: &fake_dropbox::FakeDropbox, route: &str, argument: &str) -> String {
    /// #     use std::io::{Read, Write};
    /// #     let mut stream = std::net::TcpStream::connect(dropbox.address()).unwrap();
    /// #     let length = argument.len();
    /// #     write!(
    /// #         stream,
    /// #         "POST /2/{route} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
    /// #          authorization: Bearer token\r\ncontent-type: application/json\r\n\
    /// #          content-length: {length}\r\n\r\n{argument}"
    /// #     )
    /// #     .unwrap();
    /// #     let mut answer = String::new();
    /// #     stream.read_to_string(&mut answer).unwrap();
    /// #     answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    /// # }
    /// use fake_dropbox::FakeDropbox;
    /// use fake_dropbox::control::journal::Query;
    ///
    /// let dropbox = FakeDropbox::start_blocking();
    /// // `ask` stands for your own code: it calls a route with an argument.
    /// ask(&dropbox, "check/user", "{}");
    /// let entry = dropbox.journal().assert_any(&Query::route("check/user"));
    /// assert_eq!(entry.status, Some(200));
    /// ```
    #[track_caller]
    pub fn assert_any(&self, query: &Query) -> Arc<JournalEntry> {
        let found = self.shared.expect(&self.scope, ReadJournal(query.clone()));
        if let Some(entry) = found.entries.last() {
            return Arc::clone(entry);
        }
        let mut text = format!("no request is like {query}");
        for miss in found.nearest {
            let _ = write!(text, "\n  nearest: {miss}");
        }
        if self.shared.app.journal.is_empty() {
            text.push_str("; no request came at all");
        }
        panic!("{text}")
    }

    /// Where no request meets every condition: what came nearest, each with what is different.
    pub fn nearest(&self, query: &Query) -> Vec<Miss> {
        self.shared
            .expect(&self.scope, ReadJournal(query.clone()))
            .nearest
    }

    /// Forgets all entries, of all accounts: those of one alone are not forgotten.
    ///
    /// # Panics
    /// When this is the journal of one account.
    #[track_caller]
    pub fn clear(&self) {
        self.shared.expect(&self.scope, ClearJournal {});
    }

    /// Fails the test if a request meets every condition, and shows it.
    ///
    /// # Panics
    /// If there is one.
    #[track_caller]
    pub fn assert_none(&self, query: &Query) {
        let lines: Vec<String> = self
            .entries(query)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(
            lines.is_empty(),
            "no request should be like {query}, but:\n  {}",
            lines.join("\n  ")
        );
    }

    /// Fails the test unless so many requests meet every condition.
    ///
    /// # Panics
    /// If there are more or fewer.
    #[track_caller]
    pub fn assert_count(&self, query: &Query, count: usize) {
        let entries = self.entries(query);
        let lines: Vec<String> = entries.iter().map(ToString::to_string).collect();
        assert!(
            entries.len() == count,
            "{count} requests should be like {query}, but there are {}:\n  {}",
            entries.len(),
            lines.join("\n  ")
        );
    }
}

fn wait(query: &Query, timeout: Duration) -> WaitForEntry {
    WaitForEntry {
        query: query.clone(),
        timeout_milliseconds: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
    }
}
