//! The journal itself: the latest entries, within bounds.

use super::entry::JournalEntry;
use super::query::{Miss, Query};
use crate::sync::{Mutex, MutexGuard};
use serde::Serialize;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How many entries are looked at for near misses.
const NEAR: usize = 1_000;
/// How many waits in vain are remembered.
const MOST_VAIN: usize = 20;
/// How many near misses are shown.
const SHOWN_MISSES: usize = 3;

/// What the journal keeps at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalLimits {
    /// Entries.
    pub entries: usize,
    /// Bytes of memory, about.
    pub bytes: usize,
}

impl Default for JournalLimits {
    /// 10,000 entries and 32 MiB.
    fn default() -> Self {
        Self {
            entries: 10_000,
            bytes: 32 << 20,
        }
    }
}

/// A wait of a test that found nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct VainWait {
    /// The account that it was about, as the journal prints it; none for all.
    pub account: Option<Arc<str>>,
    /// The number of the latest request when it ended.
    pub after: u64,
    /// What was waited for, and what came nearest.
    pub text: String,
}

/// What happened lately. Requests write it from many threads.
#[derive(Debug)]
pub struct Journal {
    limits: JournalLimits,
    ring: Mutex<Ring>,
    vain: Mutex<VecDeque<VainWait>>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Ring {
    last: u64,
    bytes: usize,
    entries: VecDeque<Kept>,
}

/// An entry, and what it counts for: the same when it goes as when it came.
#[derive(Debug)]
struct Kept {
    entry: Arc<JournalEntry>,
    size: usize,
}

impl Ring {
    /// The entries after this one.
    fn after(&self, sequence: u64) -> impl Iterator<Item = &Arc<JournalEntry>> {
        let first = self
            .entries
            .partition_point(|kept| kept.entry.sequence <= sequence);
        self.entries.iter().skip(first).map(|kept| &kept.entry)
    }
}

/// What was waited for did not come.
#[derive(Clone, Debug)]
pub struct NothingCame {
    /// What was waited for.
    pub query: Query,
    /// How long.
    pub timeout: Duration,
    /// What came nearest to it, the nearest first.
    pub nearest: Vec<Miss>,
    /// Entries that the journal has.
    pub entries: usize,
}

impl fmt::Display for NothingCame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "nothing like {} came within {:?}",
            self.query, self.timeout
        )?;
        match (self.nearest.is_empty(), self.entries) {
            (true, 0) => formatter.write_str("; no request came at all"),
            (true, entries) => write!(
                formatter,
                "; none of the {entries} requests in the journal is like it"
            ),
            (false, _) => {
                formatter.write_str("; the nearest:")?;
                let mut misses = self.nearest.iter();
                misses.try_for_each(|miss| write!(formatter, "\n  {miss}"))
            }
        }
    }
}

impl std::error::Error for NothingCame {}

impl Default for Journal {
    fn default() -> Self {
        Self::new(JournalLimits::default())
    }
}

impl Journal {
    /// An empty journal.
    pub fn new(limits: JournalLimits) -> Self {
        Self {
            limits,
            ring: Mutex::default(),
            vain: Mutex::default(),
            news: Notify::new(),
        }
    }

    /// Adds an entry, and drops the oldest ones beyond the limits. The sequence number it got.
    pub fn push(&self, mut entry: JournalEntry) -> u64 {
        // Freed after the lock.
        let mut dropped = Vec::new();
        let size = entry.size();
        let sequence = {
            let mut ring = self.lock();
            ring.last += 1;
            entry.sequence = ring.last;
            ring.bytes += size;
            let entry = Arc::new(entry);
            ring.entries.push_back(Kept { entry, size });
            while ring.entries.len() > self.limits.entries || ring.bytes > self.limits.bytes {
                let Some(oldest) = ring.entries.pop_front() else {
                    break;
                };
                ring.bytes -= oldest.size;
                dropped.push(oldest);
            }
            ring.last
        };
        drop(dropped);
        self.news.notify_waiters();
        sequence
    }

    /// The entries that are wanted, the oldest first; with a limit the latest so many.
    pub fn entries(&self, query: &Query) -> Vec<Arc<JournalEntry>> {
        let ring = self.lock();
        let entries = ring.entries.iter().rev().map(|kept| &kept.entry);
        let wanted = entries.filter(|entry| query.matches(entry));
        let mut found: Vec<_> = wanted
            .take(query.limit.unwrap_or(usize::MAX))
            .cloned()
            .collect();
        found.reverse();
        found
    }

    /// The latest so many entries, the oldest first.
    pub fn latest(&self, count: usize) -> Vec<Arc<JournalEntry>> {
        let ring = self.lock();
        let skipped = ring.entries.len().saturating_sub(count);
        let latest = ring.entries.iter().skip(skipped);
        latest.map(|kept| Arc::clone(&kept.entry)).collect()
    }

    /// The oldest entry that is wanted, as soon as there is one; it may be there already.
    pub async fn wait_for(
        &self,
        query: &Query,
        timeout: Duration,
    ) -> Result<Arc<JournalEntry>, NothingCame> {
        let coming = async {
            let mut looked_at = 0;
            loop {
                let (found, next) = self.following(looked_at, query, 1);
                if let Some(entry) = found.into_iter().next() {
                    return entry;
                }
                looked_at = next;
                self.beyond(looked_at).await;
            }
        };
        match tokio::time::timeout(timeout, coming).await {
            Ok(entry) => Ok(entry),
            Err(_) => Err(self.nothing_came(query, timeout)),
        }
    }

    /// The first wanted entries after this one, at most `count`, and the number to go on from.
    pub fn following(
        &self,
        sequence: u64,
        query: &Query,
        count: usize,
    ) -> (Vec<Arc<JournalEntry>>, u64) {
        let ring = self.lock();
        let after = ring.after(sequence);
        let wanted = after.filter(|entry| query.matches(entry));
        let found: Vec<_> = wanted.take(count).cloned().collect();
        let last = found.last().filter(|_| found.len() == count);
        let next = last.map_or(ring.last, |entry| entry.sequence);
        (found, next)
    }

    /// Over once there was an entry after this one.
    pub async fn beyond(&self, sequence: u64) {
        loop {
            // Asked for before looking, so that nothing that comes in between is missed.
            let news = self.news.notified();
            let mut news = std::pin::pin!(news);
            news.as_mut().enable();
            if self.last_sequence() > sequence {
                return;
            }
            news.await;
        }
    }

    /// What came nearest to what is wanted, the nearest first.
    pub fn nearest(&self, query: &Query) -> Vec<Miss> {
        let latest = self.latest(NEAR);
        let mut misses: Vec<Miss> = latest
            .iter()
            .rev()
            .filter(|entry| !query.matches(entry))
            .filter_map(|entry| query.miss(entry))
            .collect();
        misses.sort_by_key(|miss| miss.differs.len());
        misses.truncate(SHOWN_MISSES);
        misses
    }

    /// Remembers a wait that found nothing, and forgets the oldest beyond a few.
    pub fn waited_in_vain(&self, wait: VainWait) {
        let mut vain = self.vain.lock();
        vain.push_back(wait);
        if vain.len() > MOST_VAIN {
            vain.pop_front();
        }
    }

    /// The waits that found nothing, the oldest first.
    pub fn vain_waits(&self) -> Vec<VainWait> {
        self.vain.lock().iter().cloned().collect()
    }

    /// Forgets the entries, and what was waited for in vain; the numbers go on.
    pub fn clear(&self) {
        self.vain.lock().clear();
        let entries = {
            let mut ring = self.lock();
            ring.bytes = 0;
            std::mem::take(&mut ring.entries)
        };
        drop(entries);
    }

    /// The number of the latest entry, 0 before the first.
    pub fn last_sequence(&self) -> u64 {
        self.lock().last
    }

    /// The number of the oldest entry that is kept, or of the next one where there is none.
    pub fn first_sequence(&self) -> u64 {
        let ring = self.lock();
        let first = ring.entries.front();
        first.map_or(ring.last + 1, |kept| kept.entry.sequence)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// About how many bytes of memory the entries hold.
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// What to say when `query` found nothing.
    pub fn nothing_came(&self, query: &Query, timeout: Duration) -> NothingCame {
        NothingCame {
            query: query.clone(),
            timeout,
            nearest: self.nearest(query),
            entries: self.len(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::faults::{FaultId, HostKind};
    use crate::control::journal::Outcome;
    use crate::dropbox::time::Timestamp;
    use crate::rules::Rule;

    fn entry(route: &str, path: &str, status: u16) -> JournalEntry {
        JournalEntry {
            path: Some(path.to_owned()),
            status: Some(status),
            ..JournalEntry::new(
                Timestamp::from_seconds(1_700_000_000),
                http::Method::POST,
                HostKind::Content,
                route,
            )
        }
    }

    #[test]
    fn the_oldest_entries_go_when_there_are_too_many() {
        let journal = Journal::new(JournalLimits {
            entries: 3,
            bytes: usize::MAX,
        });
        for number in 1..=5 {
            assert_eq!(journal.push(entry("files/upload", "/a", 200)), number);
        }
        let sequences: Vec<u64> = journal
            .entries(&Query::default())
            .iter()
            .map(|entry| entry.sequence)
            .collect();
        assert_eq!(sequences, [3, 4, 5]);
    }

    #[test]
    fn the_bytes_are_bounded_too() {
        let journal = Journal::new(JournalLimits {
            entries: usize::MAX,
            bytes: 10_000,
        });
        for _ in 0..1_000 {
            journal.push(entry("files/upload", &"x".repeat(500), 200));
            assert!(journal.bytes() <= 10_000);
        }
        assert!(journal.len() > 5);
        journal.clear();
        assert_eq!((journal.bytes(), journal.last_sequence()), (0, 1_000));
    }

    #[test]
    fn a_query_finds_what_meets_every_condition() {
        let journal = Journal::default();
        journal.push(entry("files/upload", "/in/a.txt", 200));
        journal.push(entry("files/upload", "/in/b.txt", 409));
        journal.push(entry("upload_link", "/in/c.txt", 200));
        let found = |json: &str| -> Vec<u64> {
            let query: Query = serde_json::from_str(json).unwrap();
            let entries = journal.entries(&query);
            entries.iter().map(|entry| entry.sequence).collect()
        };
        assert_eq!(found(r#"{"path": "/IN/*"}"#), [1, 2, 3]);
        assert_eq!(found(r#"{"path": "/in/*", "status": 200}"#), [1, 3]);
        assert_eq!(found(r#"{"route": "files/upload", "limit": 1}"#), [2]);
        assert_eq!(found(r#"{"since": 2}"#), [3]);
        assert_eq!(found(r#"{"faulted": true}"#), [] as [u64; 0]);
        let error = serde_json::from_str::<Query>(r#"{"paht": "/a"}"#).unwrap_err();
        assert!(error.to_string().contains("`path`"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends_when_the_entry_comes() {
        let journal = Arc::new(Journal::default());
        let query = Query::route("upload_link").status(200);
        let waiting = {
            let (journal, query) = (Arc::clone(&journal), query.clone());
            tokio::spawn(async move { journal.wait_for(&query, Duration::from_mins(1)).await })
        };
        tokio::task::yield_now().await;
        journal.push(entry("upload_link", "/a", 410));
        tokio::task::yield_now().await;
        journal.push(entry("upload_link", "/b", 200));
        let found = waiting.await.unwrap().unwrap();
        assert_eq!(found.path.as_deref(), Some("/b"));
        let at_once = journal.wait_for(&query, Duration::ZERO).await.unwrap();
        assert_eq!(at_once.sequence, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_in_vain_shows_what_came_nearest() {
        let journal = Journal::default();
        let query = Query::route("upload_link").status(200).path("/in/a.txt");
        let error = journal
            .wait_for(&query, Duration::from_secs(1))
            .await
            .unwrap_err();
        assert!(
            error.to_string().ends_with("no request came at all"),
            "{error}"
        );
        journal.push(entry("files/upload", "/elsewhere", 200));
        let nearest = JournalEntry {
            rules: vec![Rule::new("UL-138")],
            ..entry("upload_link", "/in/a.txt", 410)
        };
        journal.push(nearest);
        let error = journal
            .wait_for(&query, Duration::from_secs(1))
            .await
            .unwrap_err();
        assert_eq!(error.nearest[0].entry.sequence, 2);
        let text = error.to_string();
        assert!(text.contains("status is 410, not 200"), "{text}");
        assert!(text.contains("UL-138 (documented): A second use"), "{text}");
    }

    #[test]
    fn what_a_fault_touched_is_no_evidence() {
        let mut entry = entry("files/upload", "/a", 200);
        assert!(entry.is_conformance_evidence());
        entry.fault = Some(FaultId(1));
        assert!(!entry.is_conformance_evidence());
        entry.fault = None;
        entry.outcome = Outcome::ClientLeft;
        assert!(!entry.is_conformance_evidence());
    }

    #[test]
    fn an_entry_is_printed_with_its_rules_and_their_evidence() {
        let entry = JournalEntry {
            rules: vec![Rule::new("UL-138")],
            ..entry("upload_link", "/a", 410)
        };
        let json = serde_json::to_value(&entry).unwrap();
        assert_eq!(json["at"], "2023-11-14T22:13:20Z");
        assert_eq!(json["rules"][0], "UL-138");
        assert_eq!(json["evidence"], "documented");
        assert_eq!(json["conformance_evidence"], true);
    }
}
