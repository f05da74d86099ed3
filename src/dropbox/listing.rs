//! `files/list_folder` and its cursors (API-217, API-218, API-236).

use super::account::{Account, View};
use super::errors::{ListFolderContinueError, ListFolderError, LookupError};
use super::metadata::Metadata;
use super::path::{is_within, parent_of};
use super::tree::Entry;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::sync::Arc;

/// How many entries a page has where the caller does not say.
pub const DEFAULT_PAGE: usize = 500;

/// The most entries in a page, as the schema of the argument says.
const LARGEST_PAGE: usize = 2_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListFolderOptions {
    /// Everything below, not only what is directly in the folder.
    pub recursive: bool,
    /// Also what was deleted.
    pub include_deleted: bool,
    /// Entries in a page.
    pub limit: usize,
}

impl Default for ListFolderOptions {
    fn default() -> Self {
        Self {
            recursive: false,
            include_deleted: false,
            limit: DEFAULT_PAGE,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub entries: Vec<Metadata>,
    pub cursor: String,
    pub has_more: bool,
}

/// A place in a listing. Clients see it as opaque text (API-202).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// `dbid:…` of the account.
    pub account_id: String,
    epoch: u64,
    folder: Arc<str>,
    options: ListFolderOptions,
    /// The last key of the first listing that was told; none once the listing is through.
    listed: Option<Arc<str>>,
    listing: bool,
    position: usize,
}

/// The text is not a cursor of this service: 400 (API-61).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor")]
pub struct NotACursor;

impl Cursor {
    /// Reads what [`Cursor::to_text`] made.
    pub fn parse(text: &str) -> Result<Self, NotACursor> {
        let encoded = text.strip_prefix("AA").ok_or(NotACursor)?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| NotACursor)?;
        let (checksum, json) = bytes.split_at_checked(16).ok_or(NotACursor)?;
        if Sha256::digest(json)[..16] != *checksum {
            return Err(NotACursor);
        }
        let mut cursor: Self = serde_json::from_slice(json).map_err(|_| NotACursor)?;
        // Whoever makes a cursor of his own can put any number there.
        cursor.options.limit = cursor.options.limit.clamp(1, LARGEST_PAGE);
        Ok(cursor)
    }

    /// The cursor as clients see it.
    pub fn to_text(&self) -> String {
        let json = serde_json::to_vec(self).expect("a cursor is plain data");
        let mut bytes = Sha256::digest(&json)[..16].to_vec();
        bytes.extend(json);
        format!("AA{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl Account {
    pub fn list_folder(
        &self,
        view: &View,
        path: &str,
        options: ListFolderOptions,
    ) -> Result<Page, ListFolderError> {
        let cursor = self.cursor_at_start(view, path, options)?;
        self.next_page(view, cursor)
            .map_err(|_| ListFolderError::Path(LookupError::NotFound))
    }

    /// A cursor that has seen everything: `list_folder/get_latest_cursor`.
    pub fn latest_cursor(
        &self,
        view: &View,
        path: &str,
        options: ListFolderOptions,
    ) -> Result<String, ListFolderError> {
        let cursor = self.cursor_at_start(view, path, options)?;
        Ok(Cursor {
            listing: false,
            ..cursor
        }
        .to_text())
    }

    /// The page after `cursor`: the rest of the first listing, then only what changed (API-236).
    pub fn list_folder_continue(
        &self,
        view: &View,
        cursor: Cursor,
    ) -> Result<Page, ListFolderContinueError> {
        if cursor.account_id != self.account_id
            || cursor.epoch != self.epoch
            || !is_within(&cursor.folder, view.prefix())
        {
            return Err(ListFolderContinueError::Reset);
        }
        self.next_page(view, cursor)
    }

    /// Whether a continue from `cursor` would bring anything; none when the cursor is not good any
    /// more. What would bring nothing is behind the cursor from then on: nobody looks at it twice.
    pub fn has_changes(&self, cursor: &mut Cursor) -> Option<bool> {
        if cursor.account_id != self.account_id || cursor.epoch != self.epoch {
            return None;
        }
        let tree = &self.state.tree;
        let mut changes = tree.changes_from(cursor.position);
        // The folder itself may be gone, which a continue would tell.
        let found = changes.find(|(_, key)| concerns(cursor, key) || **key == cursor.folder);
        let found = found.map(|(position, _)| position);
        cursor.position = found.unwrap_or_else(|| tree.position());
        Some(cursor.listing || found.is_some())
    }

    fn cursor_at_start(
        &self,
        view: &View,
        path: &str,
        options: ListFolderOptions,
    ) -> Result<Cursor, ListFolderError> {
        // rclone has sent `//name` for the folders of a root since 2017 (API-169).
        let path = match path.strip_prefix('/') {
            Some(rest) if rest.starts_with('/') => rest,
            _ => path,
        };
        let place = self
            .place_to_read(view, path)
            .map_err(ListFolderError::Path)?;
        self.check_folder(view, place.key())
            .map_err(ListFolderError::Path)?;
        Ok(Cursor {
            account_id: self.account_id.clone(),
            epoch: self.epoch,
            folder: place.shared_key(),
            options,
            listed: None,
            listing: true,
            position: self.state.tree.position(),
        })
    }

    fn check_folder(&self, view: &View, key: &str) -> Result<(), LookupError> {
        match self.state.tree.entry(key) {
            Some(Entry::Folder(_)) => Ok(()),
            Some(Entry::File(_)) => Err(LookupError::NotFolder),
            // The caller's root is always there, even before anything is in it.
            None if key == view.prefix() => Ok(()),
            None => Err(LookupError::NotFound),
        }
    }

    fn next_page(&self, view: &View, mut cursor: Cursor) -> Result<Page, ListFolderContinueError> {
        self.check_folder(view, &cursor.folder)
            .map_err(ListFolderContinueError::Path)?;
        let (entries, has_more) = if cursor.listing {
            self.listing_page(&mut cursor)
        } else {
            self.changes_page(&mut cursor)
        };
        let entries = entries
            .into_iter()
            // The caller's root is no entry of its own.
            .filter(|metadata| metadata.path_lower() != view.prefix())
            .map(|metadata| view.show(metadata))
            .collect();
        Ok(Page {
            entries,
            cursor: cursor.to_text(),
            has_more,
        })
    }

    fn listing_page(&self, cursor: &mut Cursor) -> (Vec<Metadata>, bool) {
        let tree = &self.state.tree;
        let limit = cursor.options.limit.max(1);
        let after = cursor.listed.as_deref();
        // One more than a page tells whether there is more.
        let mut keys: Vec<&Arc<str>> = if cursor.options.recursive {
            tree.descendants(&cursor.folder, after)
                .map(|(key, _)| key)
                .take(limit + 1)
                .collect()
        } else {
            tree.children(&cursor.folder, after)
                .map(|(key, _)| key)
                .take(limit + 1)
                .collect()
        };
        let has_more = keys.len() > limit;
        keys.truncate(limit);
        let mut entries: Vec<Metadata> = keys
            .iter()
            .filter_map(|key| tree.metadata(key, false))
            .collect();
        // A recursive listing begins with the folder itself.
        if cursor.options.recursive && cursor.listed.is_none() {
            entries.splice(0..0, tree.metadata(&cursor.folder, false));
        }
        if has_more {
            cursor.listed = keys.last().map(|key| Arc::clone(key));
        } else {
            if cursor.options.include_deleted {
                entries.extend(self.deleted_in(cursor));
            }
            cursor.listing = false;
            cursor.listed = None;
        }
        // What changed while the pages were read comes next.
        let has_more = has_more || self.has_changes(cursor) == Some(true);
        (entries, has_more)
    }

    fn deleted_in(&self, cursor: &Cursor) -> Vec<Metadata> {
        let tree = &self.state.tree;
        tree.deleted_below(&cursor.folder)
            .filter(|(key, _)| concerns(cursor, key))
            .filter_map(|(key, _)| tree.metadata(key, true))
            .collect()
    }

    fn changes_page(&self, cursor: &mut Cursor) -> (Vec<Metadata>, bool) {
        let tree = &self.state.tree;
        let limit = cursor.options.limit.max(1);
        let mut keys: Vec<&Arc<str>> = Vec::new();
        let mut seen: HashSet<&str> = HashSet::new();
        let mut end = tree.position();
        for (index, key) in tree.changes_from(cursor.position) {
            if seen.contains(&**key) || !concerns(cursor, key) {
                continue;
            }
            if keys.len() == limit {
                end = index;
                break;
            }
            seen.insert(key);
            keys.push(key);
        }
        cursor.position = end;
        let has_more = end < tree.position();
        // What was deleted together with its folder goes without saying.
        let goes_without_saying = |key: &str| {
            let above = std::iter::successors(Some(parent_of(key)), |key| Some(parent_of(key)))
                .take_while(|key| key.len() > cursor.folder.len());
            tree.entry(key).is_none()
                && above
                    .into_iter()
                    .any(|key| seen.contains(key) && tree.entry(key).is_none())
        };
        let entries = keys
            .into_iter()
            .filter(|key| !goes_without_saying(key))
            .filter_map(|key| tree.metadata(key, true))
            .collect();
        (entries, has_more)
    }
}

/// Whether a change of `key` is one of the listing's.
fn concerns(cursor: &Cursor, key: &str) -> bool {
    if cursor.options.recursive {
        is_within(key, &cursor.folder)
    } else {
        key != &*cursor.folder && parent_of(key) == &*cursor.folder
    }
}

#[cfg(test)]
mod tests;
