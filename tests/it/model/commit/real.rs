//! The real engine, driven by the steps of the model and compared after each.

use super::super::{config, seconds};
use super::model::*;
use fake_dropbox::internals::dropbox::account::{Account, AccountState, Profile, Quota, View};
use fake_dropbox::internals::dropbox::assumptions::Assumptions;
use fake_dropbox::internals::dropbox::commit_info::{CommitInfo, WriteMode};
use fake_dropbox::internals::dropbox::content::Content;
use fake_dropbox::internals::dropbox::content_hash::ContentHash;
use fake_dropbox::internals::dropbox::errors::{
    CommitError, CreateFolderError, DeleteError, ListFolderContinueError, ListFolderError,
    LookupError, RelocationError, WriteConflictError, WriteError,
};
use fake_dropbox::internals::dropbox::files::RelocationOptions;
use fake_dropbox::internals::dropbox::ids::IdSource;
use fake_dropbox::internals::dropbox::listing::{Cursor, ListFolderOptions};
use fake_dropbox::internals::dropbox::metadata::Metadata;
use fake_dropbox::internals::dropbox::path::Place;
use fake_dropbox::internals::dropbox::time::Timestamp;
use proptest_state_machine::{StateMachineTest, prop_state_machine};
use std::collections::BTreeMap;
use std::sync::Arc;

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
            ..ListFolderOptions::default()
        };
        let first = self.account.list_folder(&self.view, path, options);
        let node = nodes.entries.get(&fold(path));
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
            folder: fold(path),
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
                let mut cursor = Cursor::parse(&replica.cursor).expect("it came from a page");
                assert_eq!(self.account.has_changes(&mut cursor), Some(false));
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
