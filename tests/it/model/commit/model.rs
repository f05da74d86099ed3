//! The model: what ought to be there.

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;
use std::collections::BTreeMap;
use std::time::Duration;
use unicode_normalization::UnicodeNormalization as _;

/// Collisions of case, of how letters are spelled, of depth, and of what sorts between `a` and `a/`.
pub(super) const PATHS: [&str; 19] = [
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
    "/U\u{308}/B.TXT",
    "/İ",
    "/i/a",
    "/a/",
    "/a/desktop.ini",
];
pub(super) const CONTENTS: [&[u8]; 4] = [b"", b"one", b"three", b"seventeen bytes !"];
pub(super) const QUOTA: u64 = 60;
/// The app folder of the runs that have one.
pub(super) const APP_FOLDER: &str = "/Apps/Model";

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) id: usize,
    pub(super) file: Option<FileNode>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct FileNode {
    pub(super) content: usize,
    pub(super) rev: usize,
    pub(super) client_modified: Option<i64>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    pub(super) entries: BTreeMap<String, Node>,
    /// Where something was deleted: whether it was a file, and its id.
    pub(super) deleted: BTreeMap<String, (bool, usize)>,
}

/// The answers to the open questions that change what a commit does.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question with two answers"
)]
pub(super) struct Choices {
    pub(super) new_rev_for_identical: bool,
    pub(super) strict_overwrite_keeps: bool,
    pub(super) overwrite_renames_case: bool,
    pub(super) same_id_after_delete: bool,
    pub(super) update_after_delete_conflicts: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) in_app_folder: bool,
    pub(super) choices: Choices,
    pub(super) nodes: Nodes,
    pub(super) saved: Option<Nodes>,
    pub(super) ids: usize,
    pub(super) revs: usize,
    pub(super) outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// Something is at this key now, and whether anything changed.
    At(String, bool),
    Deleted,
    Failed(&'static str),
    NotAWrite,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Rev {
    Current,
    Wrong,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Mode {
    Add,
    Overwrite,
    Update(Rev),
}

#[derive(Clone, Debug)]
pub(super) enum Step {
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

pub(super) fn parent(key: &str) -> &str {
    key.rsplit_once('/').map_or("", |(parent, _)| parent)
}

pub(super) fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(_, name)| name)
}

pub(super) fn below(key: &str, folder: &str) -> bool {
    key.len() > folder.len() && key.starts_with(folder) && key.as_bytes()[folder.len()] == b'/'
}

pub(super) fn size(content: usize) -> u64 {
    CONTENTS[content].len() as u64
}

impl Nodes {
    pub(super) fn used(&self) -> u64 {
        let files = self.entries.values().filter_map(|node| node.file.as_ref());
        files.map(|file| size(file.content)).sum()
    }

    pub(super) fn display(&self, key: &str) -> String {
        if key.is_empty() {
            return String::new();
        }
        let node = &self.entries[key];
        format!("{}/{}", self.display(parent(key)), node.name)
    }

    /// What a listing of the folder shows.
    pub(super) fn listing(&self, folder: &str, recursive: bool) -> BTreeMap<String, Node> {
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

    pub(super) fn remove(&mut self, key: &str) -> Vec<(String, Node)> {
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

    pub(super) fn insert(&mut self, key: String, node: Node) {
        self.deleted.remove(&key);
        self.entries.insert(key, node);
    }
}

/// A path as the service keeps it (API-269).
fn composed(path: &str) -> String {
    path.nfc().collect()
}

/// The key of a path (API-270).
pub(super) fn fold(path: &str) -> String {
    composed(&dbxcase::dbx_str_lowercase(&composed(path)))
}

impl Model {
    /// What is wrong with the path itself (API-169, API-171), or its key.
    pub(super) fn key(path: &str) -> Result<String, &'static str> {
        if path.ends_with('/') {
            Err("malformed_path")
        } else if name(path) == "desktop.ini" {
            Err("disallowed_name")
        } else {
            Ok(fold(path))
        }
    }

    pub(super) fn file_above(&self, key: &str) -> bool {
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

    pub(super) fn in_the_way(&self, key: &str) -> Option<&'static str> {
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
    pub(super) fn free(&self, path: &str, conflicted: bool) -> String {
        let old = name(path);
        let (stem, extension) = match old.rfind('.') {
            Some(dot) if dot > 0 => old.split_at(dot),
            _ => (old, ""),
        };
        let stem = if conflicted {
            format!("{stem} (Fake Dropbox's conflicted copy)")
        } else {
            stem.to_owned()
        };
        let plain = conflicted.then(|| format!("{}/{stem}{extension}", parent(path)));
        plain
            .into_iter()
            .chain((1..1_000).map(|n| format!("{}/{stem} ({n}){extension}", parent(path))))
            .find(|path| !self.nodes.entries.contains_key(&fold(path)))
            .expect("fewer entries than numbers")
    }

    pub(super) fn new_id(&mut self) -> usize {
        self.ids += 1;
        self.ids
    }

    pub(super) fn new_rev(&mut self) -> usize {
        self.revs += 1;
        self.revs
    }

    pub(super) fn make_parents(&mut self, path: &str) {
        let folder = parent(path);
        let key = fold(folder);
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

    pub(super) fn upload(
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
            Ok(true) => (composed(path), there),
            Err(_) if autorename => (
                self.free(&composed(path), matches!(mode, Mode::Update(_))),
                None,
            ),
            Err(conflict) => return Err(conflict),
        };
        let key = fold(&path);
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

    pub(super) fn delete(
        &mut self,
        path: &str,
        parent_rev: Option<Rev>,
    ) -> Result<Outcome, &'static str> {
        if path.ends_with('/') {
            return Err("path_lookup/malformed_path");
        }
        let key = fold(path);
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

    pub(super) fn create_folder(
        &mut self,
        path: &str,
        autorename: bool,
    ) -> Result<Outcome, &'static str> {
        let key = Self::key(path)?;
        let path = match self.in_the_way(&key) {
            None => composed(path),
            Some("conflict/file_ancestor") => return Err("conflict/file_ancestor"),
            Some(_) if autorename => self.free(&composed(path), false),
            Some(conflict) => return Err(conflict),
        };
        self.make_parents(&format!("{path}/x"));
        Ok(Outcome::At(fold(&path), true))
    }

    pub(super) fn relocate(
        &mut self,
        from: &str,
        to: &str,
        autorename: bool,
        copy: bool,
    ) -> Result<Outcome, &'static str> {
        if from.ends_with('/') {
            return Err("from_lookup/malformed_path");
        }
        let source = fold(from);
        let node = self
            .nodes
            .entries
            .get(&source)
            .ok_or("from_lookup/not_found")?;
        let is_file = node.file.is_some();
        let target = Self::key(to)?;
        if target == source {
            let to = composed(to);
            if copy || name(&to) == node.name {
                return Err("duplicated_or_nested_paths");
            }
            // API-273
            if !is_file && let Some(node) = self.nodes.entries.get_mut(&source) {
                name(&to).clone_into(&mut node.name);
            }
            return Ok(Outcome::At(target, !is_file));
        }
        if !is_file && below(&target, &source) {
            return Err("cant_move_folder_into_itself");
        }
        let to = match self.in_the_way(&target) {
            None => composed(to),
            Some("conflict/file_ancestor") => return Err("conflict/file_ancestor"),
            Some(_) if autorename => self.free(&composed(to), false),
            Some(conflict) => return Err(conflict),
        };
        let target = fold(&to);
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
            }
            // API-271
            if let Some(file) = &mut node.file {
                self.revs += 1;
                file.rev = self.revs;
            }
            self.nodes
                .insert(format!("{target}{}", &key[source.len()..]), node);
        }
        Ok(Outcome::At(target, true))
    }
}

pub(super) fn steps() -> impl Strategy<Value = Step> {
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
