//! One file in a test's hands.

use super::Shared;
use crate::control::faults::PathPattern;
use crate::control::journal::{EXCERPT_BYTES, Query};
use crate::control::operations::files::{DeleteFile, EntryStatus, FileStatus, ReadFile};
use crate::control::operations::{ControlError, ErrorKind, content};
use crate::control::scope::Scope;
use bytes::Bytes;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A file, or a folder, whether it is there or not.
///
/// ```
/// use fake_dropbox::{FakeDropbox, File};
///
/// let dropbox = FakeDropbox::start_blocking();
/// let file: File<'_> = dropbox.account("token").file("/in/a.txt");
/// assert!(!file.exists() && file.try_bytes().is_err());
/// file.assert_missing();
///
/// let written = file.write("hello");
/// assert_eq!(file.status(), Some(written));
/// file.assert_bytes("hello");
/// assert_eq!((file.bytes(), file.text()), (b"hello".to_vec(), "hello".to_owned()));
/// assert_eq!(file.try_range(1..3).expect("they are there"), b"el");
/// file.delete();
/// assert!(dropbox.account("token").file("/in").try_write("").is_err(), "a folder is there");
/// ```
#[derive(Clone, Debug)]
pub struct File<'a> {
    shared: &'a Shared,
    scope: Scope,
    path: String,
}

impl<'a> File<'a> {
    pub(super) fn new(shared: &'a Shared, scope: Scope, path: &str) -> Self {
        Self {
            shared,
            scope,
            path: path.to_owned(),
        }
    }

    /// What is known of it; none if nothing is there.
    ///
    /// # Panics
    /// When its path is none.
    #[track_caller]
    pub fn status(&self) -> Option<EntryStatus> {
        let path = self.path.clone();
        let read = self
            .shared
            .run_blocking(self.scope.clone(), ReadFile { path });
        match read {
            Ok(status) => Some(status),
            Err(error) if error.kind == ErrorKind::NotFound => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Whether something is there.
    #[track_caller]
    pub fn exists(&self) -> bool {
        self.status().is_some()
    }

    /// Its bytes.
    ///
    /// # Panics
    /// When it is not there; the text shows what happened at this path instead.
    #[track_caller]
    pub fn bytes(&self) -> Vec<u8> {
        match self.try_bytes() {
            Ok(bytes) => bytes,
            Err(error) => panic!("{error}{}", self.what_happened()),
        }
    }

    /// Its bytes, or why there are none.
    pub fn try_bytes(&self) -> Result<Vec<u8>, ControlError> {
        self.try_range(0..u64::MAX)
    }

    /// Some of its bytes, such as the first mebibyte of a file that is too large to be held: from
    /// the start of the range to its end or that of the file.
    pub fn try_range(&self, range: Range<u64>) -> Result<Vec<u8>, ControlError> {
        let file = content::file(self.shared.app.controls(), &self.scope, &self.path)?;
        self.shared
            .block_on(async move { content::bytes(&file, range).await })
    }

    /// Writes it as its owner would, over what was there, without a request.
    ///
    /// # Panics
    /// When the account does not take it.
    #[track_caller]
    pub fn write(&self, content: impl Into<Bytes>) -> EntryStatus {
        match self.try_write(content) {
            Ok(status) => status,
            Err(error) => panic!("{error}"),
        }
    }

    /// Writes it, unless the account does not take it.
    pub fn try_write(&self, content: impl Into<Bytes>) -> Result<EntryStatus, ControlError> {
        let (app, scope) = (Arc::clone(&self.shared.app), self.scope.clone());
        let (path, content) = (self.path.clone(), content.into());
        self.shared.block_on(async move {
            let pieces = futures_util::stream::iter([Ok(content)]);
            content::write(app.controls(), &scope, &path, pieces).await
        })
    }

    /// Its bytes as a text.
    ///
    /// # Panics
    /// When it is not there, or is not UTF-8.
    #[track_caller]
    pub fn text(&self) -> String {
        match String::from_utf8(self.bytes()) {
            Ok(text) => text,
            Err(error) => panic!("{} is not UTF-8: {error}", self.path),
        }
    }

    /// Fails the test unless the file has these bytes.
    ///
    /// # Panics
    /// If it is not there or has others; the text shows what happened at this path.
    #[track_caller]
    pub fn assert_bytes(&self, wanted: impl AsRef<[u8]>) {
        let (found, wanted) = (self.bytes(), wanted.as_ref());
        if found != wanted {
            let same = found.iter().zip(wanted).take_while(|(a, b)| a == b).count();
            panic!(
                "{} has the wrong content ({} bytes, expected {}); from byte {} on it is {:?}, expected {:?}{}",
                self.path,
                found.len(),
                wanted.len(),
                same + 1,
                shown(&found[same..]),
                shown(&wanted[same..]),
                self.what_happened()
            );
        }
    }

    /// Fails the test if something is there.
    ///
    /// # Panics
    /// If something is; the text shows how it came.
    #[track_caller]
    pub fn assert_missing(&self) {
        if let Some(found) = self.status() {
            let what = found.file.map_or_else(
                || "a folder is".to_owned(),
                |file| {
                    let FileStatus {
                        size,
                        server_modified,
                        ..
                    } = file;
                    format!("a file of {size} bytes is, since {server_modified}")
                },
            );
            panic!(
                "nothing should be at {}, but {what}{}",
                self.path,
                self.what_happened()
            );
        }
    }

    /// Deletes it, with everything in it.
    ///
    /// # Panics
    /// When it is not there.
    #[track_caller]
    pub fn delete(&self) {
        let path = self.path.clone();
        self.shared.expect(&self.scope, DeleteFile { path });
    }

    fn what_happened(&self) -> String {
        self.shared.has_told.store(true, Ordering::Relaxed);
        let mut query = Query {
            limit: Some(5),
            account: self
                .scope
                .name()
                .map(|name| self.shared.app.aliases.account(name)),
            ..Query::default()
        };
        let journal = &self.shared.app.journal;
        query.path = PathPattern::new(&self.path).ok();
        let mut entries = journal.entries(&query);
        let mut text = String::from("\nRequests about this path:");
        if entries.is_empty() {
            query.path = None;
            entries = journal.entries(&query);
            text = String::from("\nNo request was about this path. The latest of the account:");
        }
        for entry in &entries {
            let _ = write!(text, "\n  {entry}");
        }
        if entries.is_empty() {
            text.push_str(" none");
        }
        text
    }
}

fn shown(bytes: &[u8]) -> Arc<str> {
    let end = bytes.len().min(40.min(EXCERPT_BYTES));
    String::from_utf8_lossy(&bytes[..end]).into()
}
