//! The commit engine, the tree and its cursors against a small model.
//!
//! The model is a map from lower-case paths to entries, written from the rules (API-153 to
//! API-172, API-232 to API-236). It names ids and revs by numbers; the first sight of a real one
//! binds it, and from then on the two must stay together.

use super::{config, seconds};
use fake_dropbox::dropbox::account::{Account, AccountState, Profile, Quota, View};
use fake_dropbox::dropbox::assumptions::Assumptions;
use fake_dropbox::dropbox::commit_info::{CommitInfo, WriteMode};
use fake_dropbox::dropbox::content::Content;
use fake_dropbox::dropbox::content_hash::ContentHash;
use fake_dropbox::dropbox::errors::{
    CommitError, CreateFolderError, DeleteError, ListFolderContinueError, ListFolderError,
    LookupError, RelocationError, WriteConflictError, WriteError,
};
use fake_dropbox::dropbox::files::RelocationOptions;
use fake_dropbox::dropbox::ids::IdSource;
use fake_dropbox::dropbox::listing::{Cursor, ListFolderOptions};
use fake_dropbox::dropbox::metadata::Metadata;
use fake_dropbox::dropbox::path::Place;
use fake_dropbox::dropbox::time::Timestamp;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Collisions of case, of depth, and of what sorts between `a` and `a/`.
const PATHS: [&str; 16] = [
    "/a",
    "/A",
    "/a/b",
    "/A/B",
    "/a/b/c.txt",
    "/a/B/C.TXT",
    "/a/c.txt",
    "/a!x",
    "/a0",
    "/b.txt",
    "/B.TXT",
    "/b (1).txt",
    "/Ü/b.txt",
    "/ü/v1.2",
    "/a/",
    "/a/desktop.ini",
];
const CONTENTS: [&[u8]; 4] = [b"", b"one", b"three", b"seventeen bytes !"];
const QUOTA: u64 = 60;
/// The app folder of the runs that have one.
const APP_FOLDER: &str = "/Apps/Model";

#[derive(Clone, Debug, PartialEq)]
struct Node {
    name: String,
    id: usize,
    file: Option<FileNode>,
}

#[derive(Clone, Debug, PartialEq)]
struct FileNode {
    content: usize,
    rev: usize,
    client_modified: Option<i64>,
}

#[derive(Clone, Debug, Default)]
struct Nodes {
    entries: BTreeMap<String, Node>,
    /// Where something was deleted: whether it was a file, and its id.
    deleted: BTreeMap<String, (bool, usize)>,
}

/// The answers to the open questions that change what a commit does.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question with two answers"
)]
struct Choices {
    new_rev_for_identical: bool,
    strict_overwrite_keeps: bool,
    overwrite_renames_case: bool,
    same_id_after_delete: bool,
    update_after_delete_conflicts: bool,
}

#[derive(Clone, Debug)]
struct Model {
    in_app_folder: bool,
    choices: Choices,
    nodes: Nodes,
    saved: Option<Nodes>,
    ids: usize,
    revs: usize,
    outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    /// Something is at this key now, and whether anything changed.
    At(String, bool),
    Deleted,
    Failed(&'static str),
    NotAWrite,
}

#[derive(Clone, Copy, Debug)]
enum Rev {
    Current,
    Wrong,
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    Add,
    Overwrite,
    Update(Rev),
}

#[derive(Clone, Debug)]
enum Step {
    Upload {
        path: &'static str,
        mode: Mode,
        autorename: bool,
        strict: bool,
        content: usize,
        client_modified: Option<i64>,
    },
    Delete {
        path: &'static str,
        parent_rev: Option<Rev>,
    },
    CreateFolder {
        path: &'static str,
        autorename: bool,
    },
    Relocate {
        from: &'static str,
        to: &'static str,
        autorename: bool,
        copy: bool,
    },
    Wait(Duration),
    Save,
    Restore,
    List {
        path: &'static str,
        recursive: bool,
        limit: usize,
        pages: usize,
    },
    FollowCursors,
}

fn parent(key: &str) -> &str {
    key.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(_, name)| name)
}

fn below(key: &str, folder: &str) -> bool {
    key.len() > folder.len() && key.starts_with(folder) && key.as_bytes()[folder.len()] == b'/'
}

fn size(content: usize) -> u64 {
    CONTENTS[content].len() as u64
}

impl Nodes {
    fn used(&self) -> u64 {
        let files = self.entries.values().filter_map(|node| node.file.as_ref());
        files.map(|file| size(file.content)).sum()
    }

    fn display(&self, key: &str) -> String {
        if key.is_empty() {
            return String::new();
        }
        let node = &self.entries[key];
        format!("{}/{}", self.display(parent(key)), node.name)
    }

    /// What a listing of the folder shows.
    fn listing(&self, folder: &str, recursive: bool) -> BTreeMap<String, Node> {
        let shown = |key: &str| {
            if recursive {
                below(key, folder) || (key == folder && !folder.is_empty())
            } else {
                !key.is_empty() && parent(key) == folder && key != folder
            }
        };
        let entries = self.entries.iter().filter(|(key, _)| shown(key));
        entries
            .map(|(key, node)| (key.clone(), node.clone()))
            .collect()
    }

    fn remove(&mut self, key: &str) -> Vec<(String, Node)> {
        let keys: Vec<String> = self
            .entries
            .keys()
            .filter(|other| *other == key || below(other, key))
            .cloned()
            .collect();
        keys.into_iter()
            .map(|key| {
                let node = self.entries.remove(&key).expect("it is a key");
                self.deleted
                    .insert(key.clone(), (node.file.is_some(), node.id));
                (key, node)
            })
            .collect()
    }

    fn insert(&mut self, key: String, node: Node) {
        self.deleted.remove(&key);
        self.entries.insert(key, node);
    }
}

impl Model {
    /// What is wrong with the path itself (API-169, API-171), or its key.
    fn key(path: &str) -> Result<String, &'static str> {
        if path.ends_with('/') {
            Err("malformed_path")
        } else if name(path) == "desktop.ini" {
            Err("disallowed_name")
        } else {
            Ok(path.to_lowercase())
        }
    }

    fn file_above(&self, key: &str) -> bool {
        let mut above = parent(key);
        while !above.is_empty() {
            if self
                .nodes
                .entries
                .get(above)
                .is_some_and(|node| node.file.is_some())
            {
                return true;
            }
            above = parent(above);
        }
        false
    }

    fn in_the_way(&self, key: &str) -> Option<&'static str> {
        if self.file_above(key) {
            return Some("conflict/file_ancestor");
        }
        let node = self.nodes.entries.get(key)?;
        Some(if node.file.is_some() {
            "conflict/file"
        } else {
            "conflict/folder"
        })
    }

    /// API-161, API-162.
    fn free(&self, path: &str, file: bool, conflicted: bool) -> String {
        let old = name(path);
        let (stem, extension) = match old.rfind('.') {
            Some(dot) if file && dot > 0 => old.split_at(dot),
            _ => (old, ""),
        };
        let stem = if conflicted {
            format!("{stem} (conflicted copy)")
        } else {
            stem.to_owned()
        };
        let plain = conflicted.then(|| format!("{}/{stem}{extension}", parent(path)));
        plain
            .into_iter()
            .chain((1..1_000).map(|n| format!("{}/{stem} ({n}){extension}", parent(path))))
            .find(|path| !self.nodes.entries.contains_key(&path.to_lowercase()))
            .expect("fewer entries than numbers")
    }

    fn new_id(&mut self) -> usize {
        self.ids += 1;
        self.ids
    }

    fn new_rev(&mut self) -> usize {
        self.revs += 1;
        self.revs
    }

    fn make_parents(&mut self, path: &str) {
        let folder = parent(path);
        let key = folder.to_lowercase();
        if folder.is_empty() || self.nodes.entries.contains_key(&key) {
            return;
        }
        self.make_parents(folder);
        let node = Node {
            name: name(folder).to_owned(),
            id: self.new_id(),
            file: None,
        };
        self.nodes.insert(key, node);
    }

    fn upload(
        &mut self,
        path: &str,
        mode: Mode,
        (autorename, strict): (bool, bool),
        content: usize,
        client_modified: Option<i64>,
    ) -> Result<Outcome, &'static str> {
        let key = Self::key(path)?;
        if self.file_above(&key) {
            return Err("conflict/file_ancestor");
        }
        let there = self.nodes.entries.get(&key).cloned();
        let right_rev = matches!(mode, Mode::Update(Rev::Current));
        // API-156, row by row.
        let decision = match &there {
            None => {
                let deleted_file = self.nodes.deleted.get(&key).is_some_and(|(file, _)| *file);
                let refuses = self.choices.update_after_delete_conflicts && deleted_file;
                if matches!(mode, Mode::Update(_)) && (strict || refuses) {
                    Err("conflict/file")
                } else {
                    Ok(true)
                }
            }
            Some(Node { file: None, .. }) => Err("conflict/folder"),
            Some(Node {
                file: Some(file), ..
            }) if file.content == content => {
                let conflict = strict
                    && match mode {
                        Mode::Add | Mode::Update(Rev::Wrong) => true,
                        Mode::Overwrite => !self.choices.strict_overwrite_keeps,
                        Mode::Update(Rev::Current) => false,
                    };
                if conflict {
                    Err("conflict/file")
                } else {
                    Ok(self.choices.new_rev_for_identical)
                }
            }
            Some(_) if matches!(mode, Mode::Overwrite) || right_rev => Ok(true),
            Some(_) => Err("conflict/file"),
        };
        let (path, there) = match decision {
            Ok(false) => return Ok(Outcome::At(key, false)),
            Ok(true) => (path.to_owned(), there),
            Err(_) if autorename => (self.free(path, true, matches!(mode, Mode::Update(_))), None),
            Err(conflict) => return Err(conflict),
        };
        let key = path.to_lowercase();
        let replaced = there
            .as_ref()
            .and_then(|node| node.file.as_ref())
            .map_or(0, |file| size(file.content));
        if self.nodes.used() - replaced + size(content) > QUOTA {
            return Err("insufficient_space");
        }
        self.make_parents(&path);
        let given = name(&path).to_owned();
        let in_use = |id: usize| self.nodes.entries.values().any(|node| node.id == id);
        let (node_name, id) = match (there, self.nodes.deleted.get(&key)) {
            (Some(node), _) if self.choices.overwrite_renames_case => (given, node.id),
            (Some(node), _) => (node.name, node.id),
            (None, Some((true, id))) if self.choices.same_id_after_delete && !in_use(*id) => {
                (given, *id)
            }
            _ => (given, self.new_id()),
        };
        let node = Node {
            name: node_name,
            id,
            file: Some(FileNode {
                content,
                rev: self.new_rev(),
                client_modified,
            }),
        };
        self.nodes.insert(key.clone(), node);
        Ok(Outcome::At(key, true))
    }

    fn delete(&mut self, path: &str, parent_rev: Option<Rev>) -> Result<Outcome, &'static str> {
        if path.ends_with('/') {
            return Err("path_lookup/malformed_path");
        }
        let key = path.to_lowercase();
        let node = self
            .nodes
            .entries
            .get(&key)
            .ok_or("path_lookup/not_found")?;
        match (parent_rev, &node.file) {
            (None, _) | (Some(Rev::Current), Some(_)) => {}
            (Some(Rev::Wrong), Some(_)) => return Err("path_write/conflict/file"),
            (Some(_), None) => return Err("path_lookup/not_file"),
        }
        self.nodes.remove(&key);
        Ok(Outcome::Deleted)
    }

    fn create_folder(&mut self, path: &str, autorename: bool) -> Result<Outcome, &'static str> {
        let key = Self::key(path)?;
        let path = match self.in_the_way(&key) {
            None => path.to_owned(),
            Some("conflict/file_ancestor") => return Err("conflict/file_ancestor"),
            Some(_) if autorename => self.free(path, false, false),
            Some(conflict) => return Err(conflict),
        };
        self.make_parents(&format!("{path}/x"));
        Ok(Outcome::At(path.to_lowercase(), true))
    }

    fn relocate(
        &mut self,
        from: &str,
        to: &str,
        autorename: bool,
        copy: bool,
    ) -> Result<Outcome, &'static str> {
        if from.ends_with('/') {
            return Err("from_lookup/malformed_path");
        }
        let source = from.to_lowercase();
        let node = self
            .nodes
            .entries
            .get(&source)
            .ok_or("from_lookup/not_found")?;
        let is_file = node.file.is_some();
        let target = Self::key(to)?;
        if target == source {
            return Err("duplicated_or_nested_paths");
        }
        if !is_file && below(&target, &source) {
            return Err("cant_move_folder_into_itself");
        }
        let to = match self.in_the_way(&target) {
            None => to.to_owned(),
            Some("conflict/file_ancestor") => return Err("conflict/file_ancestor"),
            Some(_) if autorename => self.free(to, is_file, false),
            Some(conflict) => return Err(conflict),
        };
        let target = to.to_lowercase();
        let subtree: Vec<(String, Node)> = self
            .nodes
            .entries
            .iter()
            .filter(|(key, _)| **key == source || below(key, &source))
            .map(|(key, node)| (key.clone(), node.clone()))
            .collect();
        if copy {
            let files = subtree.iter().filter_map(|(_, node)| node.file.as_ref());
            let added: u64 = files.map(|file| size(file.content)).sum();
            if self.nodes.used() + added > QUOTA {
                return Err("insufficient_space");
            }
        }
        self.make_parents(&to);
        if !copy {
            self.nodes.remove(&source);
        }
        for (key, mut node) in subtree {
            if key == source {
                name(&to).clone_into(&mut node.name);
            }
            if copy {
                node.id = self.new_id();
                if let Some(file) = &mut node.file {
                    self.revs += 1;
                    file.rev = self.revs;
                }
            }
            self.nodes
                .insert(format!("{target}{}", &key[source.len()..]), node);
        }
        Ok(Outcome::At(target, true))
    }
}

fn steps() -> impl Strategy<Value = Step> {
    let path = || prop::sample::select(&PATHS[..]);
    let rev = || prop_oneof![3 => Just(Rev::Current), 1 => Just(Rev::Wrong)];
    let mode = prop_oneof![
        Just(Mode::Add),
        Just(Mode::Overwrite),
        rev().prop_map(Mode::Update)
    ];
    let client_modified = prop::option::weighted(0.2, Just(1_000_000_000));
    let upload = (
        path(),
        mode,
        any::<(bool, bool)>(),
        0..CONTENTS.len(),
        client_modified,
    );
    prop_oneof![
        8 => upload.prop_map(|(path, mode, (autorename, strict), content, client_modified)| {
            Step::Upload { path, mode, autorename, strict, content, client_modified }
        }),
        3 => (path(), prop::option::weighted(0.3, rev()))
            .prop_map(|(path, parent_rev)| Step::Delete { path, parent_rev }),
        2 => (path(), any::<bool>())
            .prop_map(|(path, autorename)| Step::CreateFolder { path, autorename }),
        4 => (path(), path(), any::<bool>(), any::<bool>()).prop_map(
            |(from, to, autorename, copy)| Step::Relocate { from, to, autorename, copy }
        ),
        1 => (0..3_000_000_u64).prop_map(|micros| Step::Wait(Duration::from_micros(micros))),
        1 => Just(Step::Save),
        1 => Just(Step::Restore),
        3 => (prop_oneof![1 => Just(""), 1 => path()], any::<bool>(), 1..4_usize, 1..4_usize)
            .prop_map(|(path, recursive, limit, pages)| Step::List { path, recursive, limit, pages }),
        2 => Just(Step::FollowCursors),
    ]
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        any::<(bool, [bool; 5])>()
            .prop_map(|(in_app_folder, answers)| {
                let [
                    new_rev_for_identical,
                    strict_overwrite_keeps,
                    overwrite_renames_case,
                    same_id_after_delete,
                    update_after_delete_conflicts,
                ] = answers;
                Self {
                    in_app_folder,
                    choices: Choices {
                        new_rev_for_identical,
                        strict_overwrite_keeps,
                        overwrite_renames_case,
                        same_id_after_delete,
                        update_after_delete_conflicts,
                    },
                    nodes: Nodes::default(),
                    saved: None,
                    ids: 0,
                    revs: 0,
                    outcome: Outcome::NotAWrite,
                }
            })
            .boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        steps().boxed()
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        let outcome = match step.clone() {
            Step::Upload {
                path,
                mode,
                autorename,
                strict,
                content,
                client_modified,
            } => state.upload(path, mode, (autorename, strict), content, client_modified),
            Step::Delete { path, parent_rev } => state.delete(path, parent_rev),
            Step::CreateFolder { path, autorename } => state.create_folder(path, autorename),
            Step::Relocate {
                from,
                to,
                autorename,
                copy,
            } => state.relocate(from, to, autorename, copy),
            Step::Save => {
                state.saved = Some(state.nodes.clone());
                Ok(Outcome::NotAWrite)
            }
            Step::Restore => {
                if let Some(saved) = &state.saved {
                    state.nodes = saved.clone();
                }
                Ok(Outcome::NotAWrite)
            }
            Step::Wait(_) | Step::List { .. } | Step::FollowCursors => Ok(Outcome::NotAWrite),
        };
        state.outcome = outcome.unwrap_or_else(Outcome::Failed);
        state
    }
}

/// What a client knows that replays a cursor's pages.
#[derive(Debug)]
struct Replica {
    folder: String,
    recursive: bool,
    cursor: String,
    entries: BTreeMap<String, Metadata>,
}

impl Replica {
    /// As the documentation of `list_folder` tells clients to do.
    fn replay(&mut self, metadata: Metadata) {
        let key = metadata.path_lower().to_owned();
        if !matches!(metadata, Metadata::Folder(_)) {
            self.entries
                .retain(|other, _| *other != key && !below(other, &key));
        }
        if !matches!(metadata, Metadata::Deleted(_)) {
            self.entries.insert(key, metadata);
        }
    }
}

struct Real {
    account: Account,
    view: View,
    now: Timestamp,
    saved: Option<(AccountState, Nodes)>,
    ids: BTreeMap<usize, String>,
    revs: BTreeMap<usize, String>,
    replicas: Vec<Replica>,
}

fn write_error(error: &WriteError) -> &'static str {
    match error {
        WriteError::MalformedPath => "malformed_path",
        WriteError::DisallowedName => "disallowed_name",
        WriteError::InsufficientSpace => "insufficient_space",
        WriteError::Conflict(WriteConflictError::File) => "conflict/file",
        WriteError::Conflict(WriteConflictError::Folder) => "conflict/folder",
        WriteError::Conflict(WriteConflictError::FileAncestor) => "conflict/file_ancestor",
        other => panic!("nothing here gives {other:?}"),
    }
}

impl Real {
    /// A rev that is the current one of the file at `path`, or one that is not.
    fn rev(&self, path: &str, rev: Rev) -> String {
        let metadata = self.account.get_metadata(&self.view, path, false);
        match (rev, metadata) {
            (Rev::Current, Ok(Metadata::File(file))) => file.rev,
            _ => "0123456789".to_owned(),
        }
    }

    fn upload(&mut self, step: &Step) -> Outcome {
        let Step::Upload {
            path,
            mode,
            autorename,
            strict,
            content,
            client_modified,
        } = *step
        else {
            panic!("not an upload: {step:?}");
        };
        let info = CommitInfo {
            mode: match mode {
                Mode::Add => WriteMode::Add,
                Mode::Overwrite => WriteMode::Overwrite,
                Mode::Update(rev) => WriteMode::Update(self.rev(path, rev)),
            },
            autorename,
            strict_conflict: strict,
            client_modified: client_modified.map(seconds),
            ..CommitInfo::new(path)
        };
        let content = Content {
            hash: ContentHash::of(CONTENTS[content]),
            size: size(content),
            bodies: Vec::new(),
        };
        match self.account.commit(&self.view, &info, content, self.now) {
            Ok(done) => Outcome::At(done.file.path_lower, done.written),
            Err(CommitError::Write(error)) => Outcome::Failed(write_error(&error)),
            Err(error) => panic!("nothing here gives {error:?}"),
        }
    }

    fn delete(&mut self, path: &str, parent_rev: Option<Rev>) -> Outcome {
        let parent_rev = parent_rev.map(|rev| self.rev(path, rev));
        let deleted = self
            .account
            .delete(&self.view, path, parent_rev.as_deref(), self.now);
        match deleted {
            Ok(_) => Outcome::Deleted,
            Err(DeleteError::PathLookup(LookupError::NotFound)) => {
                Outcome::Failed("path_lookup/not_found")
            }
            Err(DeleteError::PathLookup(LookupError::NotFile)) => {
                Outcome::Failed("path_lookup/not_file")
            }
            Err(DeleteError::PathLookup(LookupError::MalformedPath)) => {
                Outcome::Failed("path_lookup/malformed_path")
            }
            Err(DeleteError::PathWrite(WriteError::Conflict(WriteConflictError::File))) => {
                Outcome::Failed("path_write/conflict/file")
            }
            Err(error) => panic!("nothing here gives {error:?}"),
        }
    }

    fn create_folder(&mut self, path: &str, autorename: bool) -> Outcome {
        match self.account.create_folder(&self.view, path, autorename) {
            Ok(folder) => Outcome::At(folder.path_lower, true),
            Err(CreateFolderError::Path(error)) => Outcome::Failed(write_error(&error)),
        }
    }

    fn relocate(&mut self, from: &str, to: &str, autorename: bool, copy: bool) -> Outcome {
        let options = RelocationOptions { autorename };
        let (account, view, now) = (&mut self.account, &self.view, self.now);
        let done = if copy {
            account.copy(view, from, to, options, now)
        } else {
            account.relocate(view, from, to, options, now)
        };
        match done {
            Ok(metadata) => Outcome::At(metadata.path_lower().to_owned(), true),
            Err(RelocationError::FromLookup(LookupError::NotFound)) => {
                Outcome::Failed("from_lookup/not_found")
            }
            Err(RelocationError::FromLookup(LookupError::MalformedPath)) => {
                Outcome::Failed("from_lookup/malformed_path")
            }
            Err(RelocationError::To(error)) => Outcome::Failed(write_error(&error)),
            Err(RelocationError::CantMoveFolderIntoItself) => {
                Outcome::Failed("cant_move_folder_into_itself")
            }
            Err(RelocationError::DuplicatedOrNestedPaths) => {
                Outcome::Failed("duplicated_or_nested_paths")
            }
            Err(error) => panic!("nothing here gives {error:?}"),
        }
    }

    /// Lists some pages and keeps the cursor.
    fn list(&mut self, nodes: &Nodes, path: &str, recursive: bool, limit: usize, pages: usize) {
        let options = ListFolderOptions {
            recursive,
            limit,
            include_deleted: false,
        };
        let first = self.account.list_folder(&self.view, path, options);
        let node = nodes.entries.get(&path.to_lowercase());
        let wanted = match node {
            _ if path.ends_with('/') => Some(LookupError::MalformedPath),
            Some(Node { file: Some(_), .. }) => Some(LookupError::NotFolder),
            None if !path.is_empty() => Some(LookupError::NotFound),
            _ => None,
        };
        let page = match (first, wanted) {
            (Ok(page), None) => page,
            (Err(ListFolderError::Path(error)), Some(wanted)) if error == wanted => return,
            (got, wanted) => panic!("list_folder {path:?}: {got:?}, not {wanted:?}"),
        };
        let mut replica = Replica {
            folder: path.to_lowercase(),
            recursive,
            cursor: page.cursor,
            entries: BTreeMap::new(),
        };
        page.entries
            .into_iter()
            .for_each(|entry| replica.replay(entry));
        let mut has_more = page.has_more;
        for _ in 1..pages {
            if has_more {
                has_more = self
                    .follow(&mut replica)
                    .expect("nothing happened between the pages");
            }
        }
        self.replicas.push(replica);
    }

    fn follow(&self, replica: &mut Replica) -> Result<bool, ListFolderContinueError> {
        let cursor = Cursor::parse(&replica.cursor).expect("it came from a page");
        let page = self.account.list_folder_continue(&self.view, cursor)?;
        page.entries
            .into_iter()
            .for_each(|entry| replica.replay(entry));
        replica.cursor = page.cursor;
        Ok(page.has_more)
    }

    /// Every cursor is replayed to its end and must show what the model shows.
    fn follow_cursors(&mut self, nodes: &Nodes) {
        for mut replica in std::mem::take(&mut self.replicas) {
            let node = nodes.entries.get(&replica.folder);
            let wanted = match node {
                Some(Node { file: Some(_), .. }) => Some(LookupError::NotFolder),
                None if !replica.folder.is_empty() => Some(LookupError::NotFound),
                _ => None,
            };
            let end = loop {
                match self.follow(&mut replica) {
                    Ok(true) => {}
                    Ok(false) => break None,
                    Err(ListFolderContinueError::Path(error)) => break Some(error),
                    Err(ListFolderContinueError::Reset) => panic!("a good cursor was reset"),
                }
            };
            assert_eq!(end, wanted, "{replica:?}");
            if wanted.is_none() {
                let listing = nodes.listing(&replica.folder, replica.recursive);
                self.compare(nodes, &listing, &replica.entries);
                let cursor = Cursor::parse(&replica.cursor).expect("it came from a page");
                assert_eq!(self.account.has_changes(&cursor), Some(false));
                self.replicas.push(replica);
            }
        }
    }

    fn compare(
        &mut self,
        nodes: &Nodes,
        wanted: &BTreeMap<String, Node>,
        got: &BTreeMap<String, Metadata>,
    ) {
        let keys = |entries: &BTreeMap<String, Node>| entries.keys().cloned().collect::<Vec<_>>();
        assert_eq!(got.keys().cloned().collect::<Vec<_>>(), keys(wanted));
        for (key, node) in wanted {
            let display = nodes.display(key);
            let (id, path_display, shown_name) = match &got[key] {
                Metadata::File(file) => {
                    let wanted = node
                        .file
                        .as_ref()
                        .expect("a file only where the model has one");
                    bind(&mut self.revs, wanted.rev, &file.rev);
                    assert_eq!(file.content_hash, ContentHash::of(CONTENTS[wanted.content]));
                    assert_eq!(file.size, size(wanted.content));
                    if let Some(given) = wanted.client_modified {
                        assert_eq!(file.client_modified, seconds(given));
                    } else {
                        assert!(file.client_modified <= file.server_modified);
                    }
                    (&file.id, &file.path_display, &file.name)
                }
                Metadata::Folder(folder) => {
                    assert_eq!(node.file, None, "{key}");
                    (&folder.id, &folder.path_display, &folder.name)
                }
                Metadata::Deleted(_) => panic!("{key} is there"),
            };
            // A change of letter case alone is not reported as a change of the folder above.
            assert_eq!(path_display, &display);
            assert_eq!(shown_name, name(&display));
            bind(&mut self.ids, node.id, id);
        }
    }
}

/// The first sight of a real name binds it; two numbers never share one.
fn bind(names: &mut BTreeMap<usize, String>, number: usize, name: &str) {
    if let Some(bound) = names.get(&number) {
        assert_eq!(bound, name, "number {number}");
    } else {
        assert!(
            !names.values().any(|other| other == name),
            "{name} is not new"
        );
        names.insert(number, name.to_owned());
    }
}

impl StateMachineTest for Real {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(model: &Model) -> Self {
        let mut assumptions = Assumptions::default();
        let choices = [
            (
                "identical_content",
                model.choices.new_rev_for_identical,
                ["keeps_rev", "new_rev"],
            ),
            (
                "strict_overwrite_identical",
                model.choices.strict_overwrite_keeps,
                ["conflict", "keeps"],
            ),
            (
                "overwrite_renames_case",
                model.choices.overwrite_renames_case,
                ["no", "yes"],
            ),
            (
                "upload_after_delete_id",
                model.choices.same_id_after_delete,
                ["new", "same"],
            ),
            (
                "update_after_delete",
                model.choices.update_after_delete_conflicts,
                ["writes", "conflicts"],
            ),
        ];
        for (name, answer, spelled) in choices {
            assumptions
                .set(name, spelled[usize::from(answer)])
                .expect("one of the choices");
        }
        let ids = IdSource::from_seed(1);
        let mut account = Account::new(ids, Profile::default(), Arc::new(assumptions));
        account.state.quota = Quota(QUOTA);
        let view = if model.in_app_folder {
            let folder = Place::root().join(APP_FOLDER).expect("a good path");
            View::new(folder, 7)
        } else {
            account.home_view()
        };
        Self {
            account,
            view,
            now: seconds(1_700_000_000),
            saved: None,
            ids: BTreeMap::new(),
            revs: BTreeMap::new(),
            replicas: Vec::new(),
        }
    }

    fn apply(mut real: Self, model: &Model, step: Step) -> Self {
        let revs_before = real.revs.values().max().cloned();
        let last_before = real.revs.len();
        let outcome = match &step {
            Step::Upload { .. } => real.upload(&step),
            Step::Delete { path, parent_rev } => real.delete(path, *parent_rev),
            Step::CreateFolder { path, autorename } => real.create_folder(path, *autorename),
            Step::Relocate {
                from,
                to,
                autorename,
                copy,
            } => real.relocate(from, to, *autorename, *copy),
            Step::Wait(duration) => {
                real.now = real.now.plus(*duration);
                Outcome::NotAWrite
            }
            Step::Save => {
                real.saved = Some((real.account.state.clone(), model.nodes.clone()));
                Outcome::NotAWrite
            }
            Step::Restore => {
                if let Some((state, _)) = &real.saved {
                    real.account.restore(state.clone());
                    let cursors = real.replicas.drain(..).map(|replica| replica.cursor);
                    for cursor in cursors {
                        let cursor = Cursor::parse(&cursor).expect("it came from a page");
                        assert_eq!(
                            real.account.list_folder_continue(&real.view, cursor),
                            Err(ListFolderContinueError::Reset)
                        );
                    }
                }
                Outcome::NotAWrite
            }
            Step::List {
                path,
                recursive,
                limit,
                pages,
            } => {
                real.list(&model.nodes, path, *recursive, *limit, *pages);
                Outcome::NotAWrite
            }
            Step::FollowCursors => {
                real.follow_cursors(&model.nodes);
                Outcome::NotAWrite
            }
        };
        assert_eq!(outcome, model.outcome, "{step:?}");
        Self::check_invariants(&real, model);
        // Whatever was just made is bound now, and every new rev is past every old one.
        let listing = model.nodes.listing("", true);
        let got = all(&real);
        real.compare(&model.nodes, &listing, &got);
        let new = real
            .revs
            .iter()
            .filter(|(number, _)| **number > last_before);
        assert!(new.clone().all(|(_, rev)| Some(rev) > revs_before.as_ref()));
        real
    }

    fn check_invariants(real: &Self, model: &Model) {
        assert_eq!(real.account.state.tree.used(), model.nodes.used());
        // A saved state does not change with what comes after it.
        if let Some((state, nodes)) = &real.saved {
            assert_eq!(state.tree.used(), nodes.used());
            let prefix = real.view.prefix();
            let keys: Vec<&str> = state
                .tree
                .descendants(prefix, None)
                .map(|(key, _)| &key[prefix.len()..])
                .collect();
            assert_eq!(keys, nodes.entries.keys().collect::<Vec<_>>());
        }
    }
}

fn all(real: &Real) -> BTreeMap<String, Metadata> {
    let options = ListFolderOptions {
        recursive: true,
        ..ListFolderOptions::default()
    };
    let page = real
        .account
        .list_folder(&real.view, "", options)
        .expect("the root is always there");
    assert!(!page.has_more);
    let keys: Vec<&str> = page.entries.iter().map(Metadata::path_lower).collect();
    assert!(keys.is_sorted(), "{keys:?}");
    page.entries
        .into_iter()
        .map(|entry| (entry.path_lower().to_owned(), entry))
        .collect()
}

prop_state_machine! {
    #![proptest_config(config(60))]

    #[test]
    fn the_commit_engine_does_what_the_model_does(sequential 1..80 => Real);
}
