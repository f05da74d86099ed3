//! `files/list_revisions` (API-221).

use super::account::{Account, View};
use super::errors::{ListRevisionsError, LookupError};
use super::metadata::FileMetadata;
use super::path::PathArgument;
use super::time::Timestamp;
use super::tree::{File, file_metadata};
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

#[cfg(test)]
mod tests;
