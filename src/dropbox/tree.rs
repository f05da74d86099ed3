//! An account's files and folders, their past, and the order of their changes.
//!
//! Every collection shares its structure with its copies, so that a snapshot of the whole tree is
//! a clone that costs nothing, whatever the tree holds.

use super::commit_info::PropertyGroup;
use super::content::Content;
use super::free_name::{Numbering, Series};
use super::ids::micros_of;
use super::maps::SharedMap;
use super::metadata::{DeletedMetadata, FileMetadata, FolderMetadata, Metadata};
use super::path::{MalformedPath, Place, below_components, name_of, parent_of};
use super::time::Timestamp;
use imbl::{OrdMap, OrdSet, Vector};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use std::sync::Arc;

/// One content of one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// The rev (API-195).
    pub rev: String,
    pub client_modified: Timestamp,
    pub server_modified: Timestamp,
    /// The bytes and what is known of them.
    pub content: Content,
    pub property_groups: Vec<PropertyGroup>,
}

/// A file where it is, or where it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// `id:…`.
    pub id: Arc<str>,
    pub display: Arc<str>,
    pub version: Arc<Version>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Folder {
    /// `id:…`.
    pub id: Arc<str>,
    pub display: Arc<str>,
    /// How many folders the account had made with this one; the root is none of them.
    pub number: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Entry {
    File(File),
    Folder(Folder),
}

impl Entry {
    /// `id:…`.
    pub fn id(&self) -> &Arc<str> {
        match self {
            Self::File(file) => &file.id,
            Self::Folder(folder) => &folder.id,
        }
    }

    pub fn display(&self) -> &Arc<str> {
        match self {
            Self::File(file) => &file.display,
            Self::Folder(folder) => &folder.display,
        }
    }

    /// Where it stands in the list of its folder: folders as they were made, then files as they were
    /// committed (API-272).
    fn turn(&self) -> u64 {
        const FILES: u64 = 1 << 63;
        match self {
            Self::File(file) => FILES | micros_of(&file.version.rev),
            Self::Folder(folder) => folder.number,
        }
    }

    fn moved_to(&self, display: Arc<str>) -> Self {
        match self {
            Self::File(file) => Self::File(File {
                display,
                ..file.clone()
            }),
            Self::Folder(folder) => Self::Folder(Folder {
                display,
                ..folder.clone()
            }),
        }
    }
}

/// What is left of an entry that was deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deleted {
    pub display: Arc<str>,
    /// `id:…` of what was there.
    pub id: Arc<str>,
    pub was_file: bool,
    pub at: Timestamp,
}

/// What came to be at a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub key: Arc<str>,
    pub now: Now,
}

/// What is at a key since a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Now {
    Entry(Entry),
    Deleted(Deleted),
}

/// Where an entry stands in its folder: that folder's number, its turn there, its key.
type Standing = (u64, u64, Arc<str>);

/// The tree. Keys are paths in lower case; the root is not an entry.
///
/// Its changes are all that it is: the rest is found in them again, and only kept to find it quickly.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// By their positions. Of those that went with an old revision none is left.
    changes: OrdMap<usize, Change>,
    /// The position of the next change.
    next: usize,
    entries: OrdMap<Arc<str>, Entry>,
    standings: OrdSet<Standing>,
    folders_made: u64,
    keys: SharedMap<Arc<str>, Arc<str>>,
    deleted: OrdMap<Arc<str>, Deleted>,
    /// The changes of a path, and those that brought a content to an id or a rev.
    by_path: SharedMap<Arc<str>, Vector<usize>>,
    by_id: SharedMap<Arc<str>, Vector<usize>>,
    by_rev: SharedMap<Arc<str>, usize>,
    numbering: Numbering,
    used: u64,
    /// When the latest of the revisions was made that were let go.
    let_go_until: u64,
}

impl FromIterator<Change> for Tree {
    /// The tree that these changes make.
    fn from_iter<I: IntoIterator<Item = Change>>(changes: I) -> Self {
        let mut tree = Self::default();
        for change in changes {
            tree.change(change);
        }
        tree
    }
}

impl Tree {
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    pub fn file(&self, key: &str) -> Option<&File> {
        match self.entry(key) {
            Some(Entry::File(file)) => Some(file),
            _ => None,
        }
    }

    /// The key of the entry with this id.
    pub fn key_of(&self, id: &str) -> Option<&Arc<str>> {
        self.keys.get(id)
    }

    /// What was deleted at this key, if nothing came after it.
    pub fn deleted(&self, key: &str) -> Option<&Deleted> {
        self.deleted.get(key)
    }

    pub fn at_rev(&self, rev: &str) -> Option<&File> {
        self.file_of_change(*self.by_rev.get(rev)?)
    }

    /// Every content that was committed at this key and is kept, oldest first.
    pub fn revisions_at(&self, key: &str) -> Vector<File> {
        self.files_of_changes(self.by_path.get(key))
    }

    /// Every content that the file with this id had and that is kept, oldest first.
    pub fn revisions_of(&self, id: &str) -> Vector<File> {
        self.files_of_changes(self.by_id.get(id))
    }

    fn files_of_changes(&self, positions: Option<&Vector<usize>>) -> Vector<File> {
        let positions = positions.into_iter().flatten();
        positions
            .filter_map(|position| self.file_of_change(*position).cloned())
            .collect()
    }

    fn file_of_change(&self, position: usize) -> Option<&File> {
        match &self.changes.get(&position)?.now {
            Now::Entry(Entry::File(file)) => Some(file),
            _ => None,
        }
    }

    /// Bytes in the files that are there now.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// How many changes there were: the position of a reader that has seen all.
    pub fn position(&self) -> usize {
        self.next
    }

    /// The keys that changed since `position`, in the order of the changes, with their positions.
    pub fn changes_from(&self, position: usize) -> impl Iterator<Item = (usize, &Arc<str>)> {
        self.changes
            .range(position..)
            .map(|(position, change)| (*position, &change.key))
    }

    /// The changes themselves, by their positions.
    pub fn changes(&self) -> &OrdMap<usize, Change> {
        &self.changes
    }

    /// Puts a change back that was kept. They come in their order.
    #[cfg(feature = "data-dir")]
    pub(super) fn put_back(&mut self, position: usize, change: Change) {
        self.next = position;
        self.change(change);
    }

    /// Lets all but the latest revisions at these keys go, with what else came to be there between them, so that a
    /// path that is written again and again takes no more and more room. What is there now always stays.
    pub(super) fn let_go(&mut self, key: &str, keep: usize) {
        let Some(mut positions) = self.by_path.get(key).cloned() else {
            return;
        };
        if positions.len() <= keep {
            return;
        }
        let is_put = |changes: &OrdMap<usize, Change>, position: &usize| {
            let change = changes.get(position);
            change.is_some_and(|change| matches!(change.now, Now::Entry(_)))
        };
        let puts = positions.iter();
        let puts = puts
            .filter(|position| is_put(&self.changes, position))
            .count();
        let mut over = puts.saturating_sub(keep);
        // A deletion goes with the revision that it ended.
        while let Some(first) = positions.front().copied()
            && positions.len() > 1
        {
            match (is_put(&self.changes, &first), over) {
                (true, 0) => break,
                (true, _) => over -= 1,
                (false, _) => {}
            }
            positions.pop_front();
            if let Some(gone) = self.changes.remove(&first) {
                self.forget(first, &gone);
            }
        }
        self.by_path.insert(key.into(), positions);
    }

    /// A change is gone: nobody finds its revision any more, unless it came elsewhere by a move.
    fn forget(&mut self, position: usize, gone: &Change) {
        let Now::Entry(Entry::File(file)) = &gone.now else {
            return;
        };
        let rev = file.version.rev.as_str();
        let elsewhere = self.by_rev.get(rev).copied().filter(|at| *at != position);
        if elsewhere.is_none() {
            self.by_rev.remove(rev);
            self.let_go_until = self.let_go_until.max(micros_of(rev));
        }
        let Some(of_id) = self.by_id.get_mut(&file.id) else {
            return;
        };
        if let Some(index) = of_id.index_of(&position) {
            of_id.remove(index);
            if let Some(elsewhere) = elsewhere {
                of_id.insert_ord(elsewhere);
            }
        }
        if of_id.is_empty() {
            self.by_id.remove(&file.id);
        }
    }

    /// Whether a revision that is not there may be one that was let go.
    pub fn may_have_let_go(&self, rev: &str) -> bool {
        !self.by_rev.contains_key(rev) && micros_of(rev) <= self.let_go_until
    }

    /// The entries directly in `folder`, in the order of their keys, after the key `after`.
    pub fn children<'a>(
        &'a self,
        folder: &str,
        after: Option<&str>,
    ) -> impl Iterator<Item = (&'a Arc<str>, &'a Entry)> + 'a {
        directly_in(&self.entries, folder, after)
    }

    /// The entries directly in `folder` as Dropbox lists them (API-272), each with its turn, after one with
    /// this turn and key.
    pub fn in_turn<'a>(
        &'a self,
        folder: &str,
        after: Option<(u64, Arc<str>)>,
    ) -> impl Iterator<Item = (u64, &'a Arc<str>)> + 'a {
        let number = self.number_of(folder);
        let from = number.map(|number| match after {
            Some((turn, key)) => Bound::Excluded((number, turn, key)),
            None => Bound::Included((number, 0, "".into())),
        });
        from.into_iter()
            .flat_map(|from| self.standings.range((from, Bound::Unbounded)))
            .take_while(move |(folder, ..)| Some(*folder) == number)
            .map(|(_, turn, key)| (*turn, key))
    }

    /// The turn of what is at `key`.
    pub fn turn_of(&self, key: &str) -> Option<u64> {
        self.entry(key).map(Entry::turn)
    }

    /// The entries below `folder`, however deep, in the order of their keys, after the key `after`.
    pub fn descendants<'a>(
        &'a self,
        folder: &str,
        after: Option<&str>,
    ) -> impl Iterator<Item = (&'a Arc<str>, &'a Entry)> + 'a {
        below(&self.entries, folder, after)
    }

    /// What was deleted directly in `folder`, in the order of the keys, after the key `after`.
    pub fn deleted_children<'a>(
        &'a self,
        folder: &str,
        after: Option<&str>,
    ) -> impl Iterator<Item = (&'a Arc<str>, &'a Deleted)> + 'a {
        directly_in(&self.deleted, folder, after)
    }

    /// What was deleted below `folder`, in the order of the keys, after the key `after`.
    pub fn deleted_below<'a>(
        &'a self,
        folder: &str,
        after: Option<&str>,
    ) -> impl Iterator<Item = (&'a Arc<str>, &'a Deleted)> + 'a {
        below(&self.deleted, folder, after)
    }

    /// The first number that is free in the names that `key` is one of, as far as earlier searches
    /// know: all below it are taken.
    pub(super) fn first_number(&self, key: &str, series: Series) -> u64 {
        self.numbering.first(key, series)
    }

    /// Remembers that this is the first number that is free.
    pub(super) fn found_number(&mut self, key: &str, series: Series, number: u64) {
        self.numbering.found(key, series, number);
    }

    /// Whether no name was ever searched that is still there.
    #[cfg(test)]
    pub(super) fn knows_no_series(&self) -> bool {
        self.numbering.is_empty()
    }

    /// The nearest ancestor of `key` that is a file, if any (API-167).
    pub fn file_above(&self, key: &str) -> Option<&File> {
        let mut ancestor = parent_of(key);
        while !ancestor.is_empty() {
            if let Some(file) = self.file(ancestor) {
                return Some(file);
            }
            ancestor = parent_of(ancestor);
        }
        None
    }

    /// Puts a file there, over whatever file was there. The folder above is there already.
    pub fn put_file(&mut self, place: &Place, id: Arc<str>, version: Arc<Version>) -> FileMetadata {
        file_metadata(place.key(), &self.place_file(place, id, version))
    }

    /// As [`Tree::put_file`], for whoever does not need the metadata: they are as much work again.
    pub fn place_file(&mut self, place: &Place, id: Arc<str>, version: Arc<Version>) -> File {
        let file = File {
            id,
            display: place.shared_display(),
            version,
        };
        self.put(place.shared_key(), Entry::File(file.clone()));
        file
    }

    /// Puts a folder there. The folder above is there already, and nothing is at this place.
    pub fn put_folder(&mut self, place: &Place, id: Arc<str>) -> FolderMetadata {
        folder_metadata(place.key(), &self.place_folder(place, id))
    }

    /// As [`Tree::put_folder`], for whoever does not need the metadata.
    pub fn place_folder(&mut self, place: &Place, id: Arc<str>) -> Folder {
        let folder = Folder {
            id,
            display: place.shared_display(),
            number: self.folders_made + 1,
        };
        self.put(place.shared_key(), Entry::Folder(folder.clone()));
        folder
    }

    /// Takes the entry away, with everything below it. It stays known as deleted. Every key counts
    /// as changed, the topmost last: a cursor may look at a folder further down, or a new folder
    /// may come to the same place before a cursor goes on.
    pub fn delete(&mut self, key: &str, now: Timestamp) {
        let keys: Vec<Arc<str>> = self.subtree(key).map(|(key, _)| Arc::clone(key)).collect();
        for gone in keys.into_iter().rev() {
            if let Some(entry) = self.entries.get(&gone) {
                let deleted = Deleted {
                    display: Arc::clone(entry.display()),
                    id: Arc::clone(entry.id()),
                    was_file: matches!(entry, Entry::File(_)),
                    at: now,
                };
                self.change(Change {
                    key: gone,
                    now: Now::Deleted(deleted),
                });
            }
        }
    }

    /// What is at `from` and below it, the topmost first, with the places it comes to when `from` is
    /// moved or copied to `to`. One path that gets too long spoils it all.
    pub fn rebased(&self, from: &str, to: &Place) -> Result<Vec<(Place, Entry)>, MalformedPath> {
        let rebase = |(key, entry): (&Arc<str>, &Entry)| {
            Ok((to.rebase(from, key, entry.display())?, entry.clone()))
        };
        self.subtree(from).map(rebase).collect()
    }

    /// Moves what is at `from`, with everything below it, to where [`Tree::rebased`] put it. Nothing
    /// is there, and the folder above is.
    pub fn relocate(&mut self, from: &str, rebased: Vec<(Place, Entry)>, now: Timestamp) {
        self.delete(from, now);
        for (place, entry) in rebased {
            let entry = entry.moved_to(place.shared_display());
            self.put(place.shared_key(), entry);
        }
    }

    /// Spells the folder at `key`, and with it all that is below, in another letter case: one change.
    pub fn respell(&mut self, place: &Place) {
        if let Some(folder) = self.entry(place.key()) {
            let folder = folder.moved_to(place.shared_display());
            self.put(place.shared_key(), folder);
        }
    }

    /// Bytes in the files at or below `key`.
    pub fn size_of(&self, key: &str) -> u64 {
        self.subtree(key)
            .map(|(_, entry)| match entry {
                Entry::File(file) => file.version.content.size,
                Entry::Folder(_) => 0,
            })
            .sum()
    }

    /// The metadata of what is at `key` now, or of what was deleted there.
    pub fn metadata(&self, key: &str, include_deleted: bool) -> Option<Metadata> {
        match self.entry(key) {
            Some(Entry::File(file)) => Some(Metadata::File(file_metadata(key, file))),
            Some(Entry::Folder(folder)) => Some(Metadata::Folder(folder_metadata(key, folder))),
            None if include_deleted => self
                .deleted(key)
                .map(|deleted| Metadata::Deleted(deleted_metadata(key, deleted))),
            None => None,
        }
    }

    /// What is at `key`, and everything below it.
    fn subtree<'a>(
        &'a self,
        key: &str,
    ) -> impl DoubleEndedIterator<Item = (&'a Arc<str>, &'a Entry)> + 'a {
        let top = self.entries.get_key_value(key);
        let below: Vec<_> = self.descendants(key, None).collect();
        top.into_iter().chain(below)
    }

    fn put(&mut self, key: Arc<str>, entry: Entry) {
        let now = Now::Entry(entry);
        self.change(Change { key, now });
    }

    /// The one way in which a tree changes.
    pub(super) fn change(&mut self, change: Change) {
        let Change { key, now } = &change;
        let at_path = self.by_path.entry(Arc::clone(key)).or_default();
        at_path.push_back(self.next);
        let old = self.entry(key).and_then(|old| self.standing(key, old));
        old.and_then(|old| self.standings.remove(&old));
        match now {
            Now::Entry(entry) => {
                if let Some(old) = self.file(key) {
                    self.used -= old.version.content.size;
                }
                if let Entry::File(file) = entry {
                    self.used += file.version.content.size;
                    self.remember(file);
                }
                if !self.deleted.is_empty() {
                    self.deleted.remove(key);
                }
                if let Entry::Folder(folder) = entry {
                    self.folders_made = self.folders_made.max(folder.number);
                    self.spell_below(key, folder);
                }
                self.keys.insert(Arc::clone(entry.id()), Arc::clone(key));
                self.numbering.taken(key);
                let standing = self.standing(key, entry);
                standing.and_then(|standing| self.standings.insert(standing));
                self.entries.insert(Arc::clone(key), entry.clone());
            }
            Now::Deleted(deleted) => {
                if let Some(entry) = self.entries.remove(key) {
                    self.keys.remove(entry.id());
                    if let Entry::File(file) = &entry {
                        self.used -= file.version.content.size;
                    }
                }
                self.numbering.freed(key);
                self.deleted.insert(Arc::clone(key), deleted.clone());
            }
        }
        self.changes.insert(self.next, change);
        self.next += 1;
    }

    /// What is below a folder is spelled as the folder is now.
    fn spell_below(&mut self, key: &Arc<str>, folder: &Folder) {
        if self
            .entry(key)
            .is_none_or(|old| *old.display() == folder.display)
        {
            return;
        }
        let depth = key.matches('/').count();
        let below: Vec<_> = self
            .descendants(key, None)
            .map(|(key, entry)| {
                let display = [&folder.display, below_components(entry.display(), depth)].concat();
                (Arc::clone(key), entry.moved_to(display.into()))
            })
            .collect();
        self.entries.extend(below);
    }

    /// Where an entry stands in its folder, which is there.
    fn standing(&self, key: &Arc<str>, entry: &Entry) -> Option<Standing> {
        let folder = self.number_of(parent_of(key))?;
        Some((folder, entry.turn(), Arc::clone(key)))
    }

    /// The number of the folder at `key`.
    fn number_of(&self, key: &str) -> Option<u64> {
        match self.entry(key) {
            Some(Entry::Folder(folder)) => Some(folder.number),
            Some(Entry::File(_)) => None,
            None => key.is_empty().then_some(0),
        }
    }

    fn remember(&mut self, file: &File) {
        let position = self.next;
        let rev: Arc<str> = file.version.rev.as_str().into();
        // A move may leave the rev as it is: the file has this revision already.
        if !self.by_rev.contains_key(&rev) {
            let of_id = self.by_id.entry(Arc::clone(&file.id)).or_default();
            of_id.push_back(position);
        }
        self.by_rev.insert(rev, position);
    }
}

/// The metadata of a file at `key`, without its property groups.
pub fn file_metadata(key: &str, file: &File) -> FileMetadata {
    let version = &file.version;
    FileMetadata {
        name: name_of(&file.display).to_owned(),
        path_lower: key.to_owned(),
        path_display: file.display.to_string(),
        id: file.id.to_string(),
        client_modified: version.client_modified,
        server_modified: version.server_modified,
        rev: version.rev.clone(),
        size: version.content.size,
        content_hash: version.content.hash,
        property_groups: Vec::new(),
    }
}

/// The metadata of a folder at `key`.
pub fn folder_metadata(key: &str, folder: &Folder) -> FolderMetadata {
    FolderMetadata {
        name: name_of(&folder.display).to_owned(),
        path_lower: key.to_owned(),
        path_display: folder.display.to_string(),
        id: folder.id.to_string(),
    }
}

fn deleted_metadata(key: &str, deleted: &Deleted) -> DeletedMetadata {
    DeletedMetadata {
        name: name_of(&deleted.display).to_owned(),
        path_lower: key.to_owned(),
        path_display: deleted.display.to_string(),
    }
}

/// What is directly in `folder`, after the key `after`: each child costs one search, whatever is in it.
fn directly_in<'a, T>(
    map: &'a OrdMap<Arc<str>, T>,
    folder: &str,
    after: Option<&str>,
) -> impl Iterator<Item = (&'a Arc<str>, &'a T)> + 'a {
    let prefix = format!("{folder}/");
    let mut next = Bound::Excluded(after.map_or_else(|| prefix.clone(), str::to_owned));
    std::iter::from_fn(move || {
        let from = next.as_ref().map(String::as_str);
        let (key, value) = map.range::<_, str>((from, Bound::Unbounded)).next()?;
        let name = key.strip_prefix(prefix.as_str())?;
        match name.split_once('/') {
            // Inside a child folder: go on behind it. Its own key sorts before this one and
            // was either returned or lies before `after`.
            Some((child, _)) => {
                next = Bound::Included(past(&format!("{prefix}{child}")));
                Some(None)
            }
            None => {
                next = Bound::Excluded(key.to_string());
                Some(Some((key, value)))
            }
        }
    })
    .flatten()
}

/// What is below `folder`, however deep, after the key `after`.
fn below<'a, T>(
    map: &'a OrdMap<Arc<str>, T>,
    folder: &str,
    after: Option<&str>,
) -> impl Iterator<Item = (&'a Arc<str>, &'a T)> + 'a {
    let prefix = format!("{folder}/");
    let from = after.map_or_else(|| prefix.clone(), str::to_owned);
    map.range::<_, str>((Bound::Excluded(from.as_str()), Bound::Unbounded))
        .take_while(move |(key, _)| key.starts_with(&prefix))
}

/// The first key that can come behind everything below `key`.
fn past(key: &str) -> String {
    // '0' is the character after '/'.
    format!("{key}0")
}
