//! `files/list_folder` and its cursors (API-217, API-218, API-236).

use super::account::{Account, View};
use super::assumptions::ListOrder;
use super::errors::{ListFolderContinueError, ListFolderError, LookupError, TemplateError};
use super::metadata::Metadata;
use super::path::{is_within, parent_of};
use super::tree::Entry;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::hash::BuildHasher as _;
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
    /// The templates whose property groups are told, `ptid:…`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub property_groups_of: Vec<String>,
}

impl Default for ListFolderOptions {
    fn default() -> Self {
        Self {
            recursive: false,
            include_deleted: false,
            limit: DEFAULT_PAGE,
            property_groups_of: Vec::new(),
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
    /// What was told last in this part of the first listing.
    listed: Option<Mark>,
    part: Part,
    position: usize,
}

/// Where a page ends: by the order of the keys, or at this turn in another order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Mark {
    Key(Arc<str>),
    Turn(u64, Arc<str>),
    Shuffled(usize, u64, Arc<str>),
}

/// The parts of a listing, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Part {
    Entries,
    Deleted,
    Changes,
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
            part: Part::Changes,
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
            || cursor.epoch != self.cursor_epoch()
            || !is_within(&cursor.folder, view.prefix())
        {
            return Err(ListFolderContinueError::Reset);
        }
        self.next_page(view, cursor)
    }

    /// Whether a continue from `cursor` would bring anything; none when the cursor is not good any
    /// more. What would bring nothing is behind the cursor from then on: nobody looks at it twice.
    pub fn has_changes(&self, cursor: &mut Cursor) -> Option<bool> {
        if cursor.account_id != self.account_id || cursor.epoch != self.cursor_epoch() {
            return None;
        }
        let tree = &self.state.tree;
        let mut changes = tree.changes_from(cursor.position);
        // The folder itself may be gone, which a continue would tell.
        let found = changes.find(|(_, key)| concerns(cursor, key) || **key == cursor.folder);
        let found = found.map(|(position, _)| position);
        cursor.position = found.unwrap_or_else(|| tree.position());
        Some(cursor.part != Part::Changes || found.is_some())
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
        // API-277
        if let Some(unknown) = self.state.templates.missing(&options.property_groups_of) {
            let error = TemplateError::TemplateNotFound(unknown.to_owned());
            return Err(ListFolderError::Template(error));
        }
        Ok(Cursor {
            account_id: self.account_id.clone(),
            epoch: self.cursor_epoch(),
            folder: place.shared_key(),
            options,
            listed: None,
            part: Part::Entries,
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
        let (entries, has_more) = match cursor.part {
            Part::Entries | Part::Deleted => self.listing_page(&mut cursor),
            Part::Changes => self.changes_page(&mut cursor),
        };
        let entries = entries
            .into_iter()
            // The caller's root is no entry of its own.
            .filter(|metadata| metadata.path_lower() != view.prefix())
            .map(|metadata| self.with_property_groups(metadata, &cursor.options.property_groups_of))
            .map(|metadata| view.show(metadata))
            .collect();
        Ok(Page {
            entries,
            cursor: cursor.to_text(),
            has_more,
        })
    }

    /// What was asked for, and not more than a page has (AQ-32).
    fn page_limit(&self, cursor: &Cursor) -> usize {
        let largest = self.state.assumptions.list_page_size;
        cursor.options.limit.min(largest).max(1)
    }

    fn listing_page(&self, cursor: &mut Cursor) -> (Vec<Metadata>, bool) {
        let tree = &self.state.tree;
        let limit = self.page_limit(cursor);
        let mut entries = Vec::new();
        if cursor.part == Part::Entries {
            // A recursive listing begins with the folder itself.
            let top = cursor.options.recursive && cursor.listed.is_none();
            let top = top.then(|| tree.metadata(&cursor.folder, false)).flatten();
            let (keys, rest) = self.entries_page(cursor, limit);
            let told = keys.iter().filter_map(|key| tree.metadata(key, false));
            entries.extend(top.into_iter().chain(told));
            if rest.is_some() {
                cursor.listed = rest;
                return (entries, true);
            }
            cursor.listed = None;
            cursor.part = Part::Deleted;
        }
        if cursor.options.include_deleted {
            let room = limit.saturating_sub(entries.len());
            let after = match &cursor.listed {
                Some(Mark::Key(key)) => Some(&**key),
                _ => None,
            };
            let (keys, has_more) = if cursor.options.recursive {
                page(tree.deleted_below(&cursor.folder, after), room)
            } else {
                page(tree.deleted_children(&cursor.folder, after), room)
            };
            entries.extend(keys.iter().filter_map(|key| tree.metadata(key, true)));
            if has_more {
                let last = keys.last().map(|key| Mark::Key(Arc::clone(key)));
                cursor.listed = last.or(cursor.listed.take());
                return (entries, true);
            }
        }
        cursor.listed = None;
        cursor.part = Part::Changes;
        // What changed while the pages were read comes next.
        let has_more = self.has_changes(cursor) == Some(true);
        (entries, has_more)
    }

    /// The keys of the next page of what is there, and where it ends if there are more.
    ///
    /// A listing goes on in the order in which it began. Of one that goes deep it is only known that a folder
    /// comes before what is in it (API-272), which the keys do.
    fn entries_page(&self, cursor: &Cursor, limit: usize) -> (Vec<&Arc<str>>, Option<Mark>) {
        let (tree, folder) = (&self.state.tree, &cursor.folder);
        let shuffles = match &cursor.listed {
            Some(mark) => matches!(mark, Mark::Shuffled(..)),
            None => self.state.assumptions.list_order == ListOrder::Shuffled,
        };
        if shuffles {
            return self.shuffled_page(cursor, limit);
        }
        if cursor.options.recursive {
            let after = match &cursor.listed {
                Some(Mark::Key(key)) => Some(&**key),
                _ => None,
            };
            let (keys, has_more) = page(tree.descendants(folder, after), limit);
            let last = keys.last().filter(|_| has_more);
            let mark = last.map(|key| Mark::Key(Arc::clone(key)));
            return (keys, mark);
        }
        let after = match &cursor.listed {
            Some(Mark::Turn(turn, key)) => Some((*turn, Arc::clone(key))),
            _ => None,
        };
        let in_turn = tree.in_turn(folder, after);
        let (told, has_more) = page(in_turn.map(|(turn, key)| (key, turn)), limit);
        let last = told.last().filter(|_| has_more);
        let mark = last.and_then(|key| Some(Mark::Turn(tree.turn_of(key)?, Arc::clone(key))));
        (told, mark)
    }

    /// A page in an order that nobody can rely on, but for folders before what is in them (AQ-28).
    fn shuffled_page(&self, cursor: &Cursor, limit: usize) -> (Vec<&Arc<str>>, Option<Mark>) {
        let (tree, folder) = (&self.state.tree, &cursor.folder);
        let hasher = foldhash::quality::FixedState::with_seed(cursor.position as u64);
        let place = |key: &Arc<str>| (key.matches('/').count(), hasher.hash_one(key));
        let all: Box<dyn Iterator<Item = &Arc<str>>> = if cursor.options.recursive {
            Box::new(tree.descendants(folder, None).map(|(key, _)| key))
        } else {
            Box::new(tree.in_turn(folder, None).map(|(_, key)| key))
        };
        let after = match &cursor.listed {
            Some(Mark::Shuffled(depth, hash, key)) => Some(((*depth, *hash), Arc::clone(key))),
            _ => None,
        };
        let after = after.as_ref().map(|(place, key)| (*place, key));
        let mut rest: Vec<_> = all
            .map(|key| (place(key), key))
            .filter(|told| after.is_none_or(|after| *told > after))
            .collect();
        let has_more = rest.len() > limit;
        if has_more {
            rest.select_nth_unstable(limit);
            rest.truncate(limit);
        }
        rest.sort_unstable();
        let mark = rest
            .last()
            .filter(|_| has_more)
            .map(|((depth, hash), key)| Mark::Shuffled(*depth, *hash, Arc::clone(key)));
        (rest.into_iter().map(|(_, key)| key).collect(), mark)
    }

    fn changes_page(&self, cursor: &mut Cursor) -> (Vec<Metadata>, bool) {
        let tree = &self.state.tree;
        let limit = self.page_limit(cursor);
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

/// The keys of one page, and whether there are more.
fn page<'a, T>(
    mut all: impl Iterator<Item = (&'a Arc<str>, T)>,
    limit: usize,
) -> (Vec<&'a Arc<str>>, bool) {
    let keys = all.by_ref().take(limit).map(|(key, _)| key).collect();
    (keys, all.next().is_some())
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
