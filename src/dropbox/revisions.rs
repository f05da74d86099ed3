//! `files/list_revisions` (API-221) and `files/restore` (RT-102).

use super::account::{Account, View};
use super::errors::{
    ListRevisionsError, LookupError, RestoreError, WriteConflictError, WriteError,
};
use super::metadata::FileMetadata;
use super::path::PathArgument;
use super::time::Timestamp;
use super::tree::{Entry, File, Version, file_metadata};
use imbl::Vector;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListRevisionsMode {
    /// Those of whatever was at this path.
    #[default]
    Path,
    /// Those of the file that is at this path now, wherever it was.
    Id,
}

/// The revisions of a file, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Revisions {
    pub is_deleted: bool,
    /// Since when.
    pub server_deleted: Option<Timestamp>,
    pub entries: Vec<FileMetadata>,
    pub has_more: bool,
}

impl Account {
    /// The `limit` newest revisions, or those before `before_rev`.
    pub fn list_revisions(
        &self,
        view: &View,
        path: &str,
        mode: ListRevisionsMode,
        limit: usize,
        before_rev: Option<&str>,
    ) -> Result<Revisions, ListRevisionsError> {
        let tree = &self.state.tree;
        let lookup = ListRevisionsError::Path;
        let place = match PathArgument::parse(path) {
            PathArgument::Rev(_) => return Err(lookup(LookupError::NotFile)),
            _ => self.place_to_read(view, path).map_err(lookup)?,
        };
        let key = place.key();
        if tree.metadata(key, false).is_some() && tree.file(key).is_none() || key == view.prefix() {
            return Err(lookup(LookupError::NotFile));
        }
        let past: Vector<File> = match (mode, tree.file(key)) {
            (ListRevisionsMode::Id, Some(file)) => tree.revisions_of(&file.id),
            // A file that is gone has no id to go by.
            _ => tree.revisions_at(key),
        };
        if past.is_empty() {
            return Err(lookup(LookupError::NotFound));
        }
        let end = match before_rev {
            None => past.len(),
            Some(rev) => past
                .iter()
                .position(|file| file.version.rev == rev)
                .ok_or(ListRevisionsError::InvalidBeforeRev)?,
        };
        let start = end.saturating_sub(limit);
        let entries = past
            .iter()
            .take(end)
            .skip(start)
            .rev()
            .map(|file| {
                // A file that was moved shows the path that it has now.
                let file = File {
                    display: tree
                        .file(key)
                        .filter(|_| mode == ListRevisionsMode::Id)
                        .map_or_else(|| Arc::clone(&file.display), |now| Arc::clone(&now.display)),
                    ..file.clone()
                };
                view.show_file(file_metadata(key, &file))
            })
            .collect();
        let deleted = tree.deleted(key);
        Ok(Revisions {
            is_deleted: deleted.is_some(),
            server_deleted: deleted.map(|deleted| deleted.at),
            entries,
            has_more: start > 0,
        })
    }
}

impl Account {
    /// `files/restore` (RT-102): the content of a revision once more, as a new one. What is there keeps its id
    /// (RQ-16).
    pub fn restore_revision(
        &mut self,
        view: &View,
        path: &str,
        rev: &str,
        now: Timestamp,
    ) -> Result<FileMetadata, RestoreError> {
        let place = self
            .place_to_write(view, path)
            .map_err(RestoreError::PathWrite)?;
        let (was_at, old) = self
            .file_to_read(view, &format!("rev:{rev}"))
            .map_err(|_| RestoreError::InvalidRevision)?;
        let conflict = |with| RestoreError::PathWrite(WriteError::Conflict(with));
        if self.state.tree.file_above(place.key()).is_some() {
            return Err(conflict(WriteConflictError::FileAncestor));
        }
        let (id, replaced) = match self.state.tree.entry(place.key()) {
            Some(Entry::Folder(_)) => return Err(conflict(WriteConflictError::Folder)),
            Some(Entry::File(there)) if there.version.rev == rev => {
                return Ok(view.show_file(file_metadata(place.key(), there)));
            }
            Some(Entry::File(there)) => (Arc::clone(&there.id), there.version.content.size),
            // What was deleted comes back as itself, unless it lives on elsewhere.
            None if was_at == place.shared_key() && self.state.tree.key_of(&old.id).is_none() => {
                (Arc::clone(&old.id), 0)
            }
            None => (self.next_entry_id(), 0),
        };
        self.check_space(replaced, old.version.content.size)
            .map_err(RestoreError::PathWrite)?;
        let version = Version {
            rev: self.next_rev(now),
            server_modified: now,
            ..Version::clone(&old.version)
        };
        let place = self.make_parents(&place);
        let restored = self.state.tree.put_file(&place, id, Arc::new(version));
        Ok(view.show_file(restored))
    }
}

#[cfg(test)]
mod tests;
