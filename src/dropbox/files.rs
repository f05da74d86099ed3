//! Looking at, deleting, creating, moving and copying entries.

use super::account::{Account, View};
use super::assumptions::{CaseOnlyMove, CopyPropertyGroups, MovedFolderRevs};
use super::download_link::DownloadLink;
use super::errors::{
    CreateFolderError, DeleteError, GetMetadataError, GetTemporaryLinkError, LookupError,
    RelocationError, WriteConflictError, WriteError,
};
use super::free_name::free_name;
use super::metadata::{FileMetadata, FolderMetadata, Metadata};
use super::path::{MalformedPath, PathArgument, Place, is_within};
use super::time::Timestamp;
use super::tree::{Entry, Version, file_metadata};
use super::world::{Caller, Tokens};
use std::sync::Arc;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RelocationOptions {
    /// Take another name instead of a conflict.
    pub autorename: bool,
}

impl Account {
    /// `files/get_metadata` (API-215, API-233).
    pub fn get_metadata(
        &self,
        view: &View,
        path: &str,
        include_deleted: bool,
    ) -> Result<Metadata, GetMetadataError> {
        if matches!(PathArgument::parse(path), PathArgument::Rev(_)) {
            let (key, file) = self
                .file_to_read(view, path)
                .map_err(GetMetadataError::Path)?;
            return Ok(Metadata::File(view.show_file(file_metadata(&key, &file))));
        }
        let place = self
            .place_to_read(view, path)
            .map_err(GetMetadataError::Path)?;
        // The caller's root is no entry (API-60).
        if place.key() == view.prefix() {
            return Err(GetMetadataError::Path(LookupError::NotFound));
        }
        let metadata = self.state.tree.metadata(place.key(), include_deleted);
        metadata
            .map(|metadata| view.show(metadata))
            .ok_or(GetMetadataError::Path(LookupError::NotFound))
    }

    /// `files/delete_v2` (API-219, API-232): the metadata are those before the deletion.
    pub fn delete(
        &mut self,
        view: &View,
        path: &str,
        parent_rev: Option<&str>,
        now: Timestamp,
    ) -> Result<Metadata, DeleteError> {
        let place = self
            .place_to_read(view, path)
            .map_err(DeleteError::PathLookup)?;
        if place.key() == view.prefix() {
            return Err(DeleteError::PathWrite(WriteError::NoWritePermission));
        }
        let metadata = self
            .state
            .tree
            .metadata(place.key(), false)
            .ok_or(DeleteError::PathLookup(LookupError::NotFound))?;
        self.check_writable(place.key())
            .map_err(DeleteError::PathWrite)?;
        if let Some(parent_rev) = parent_rev {
            match &metadata {
                Metadata::File(file) if file.rev == parent_rev => {}
                Metadata::File(_) => {
                    return Err(DeleteError::PathWrite(WriteError::Conflict(
                        WriteConflictError::File,
                    )));
                }
                _ => return Err(DeleteError::PathLookup(LookupError::NotFile)),
            }
        }
        self.state.tree.delete(place.key(), now);
        Ok(view.show(metadata))
    }

    /// `files/create_folder_v2` (API-220, API-234).
    pub fn create_folder(
        &mut self,
        view: &View,
        path: &str,
        autorename: bool,
    ) -> Result<FolderMetadata, CreateFolderError> {
        let mut place = self
            .place_to_write(view, path)
            .map_err(CreateFolderError::Path)?;
        if let Some(conflict) = self.conflict_at(view, &place) {
            if !autorename
                || conflict == WriteConflictError::FileAncestor
                || place.key() == view.prefix()
            {
                return Err(CreateFolderError::Path(WriteError::Conflict(conflict)));
            }
            place = free_name(&mut self.state.tree, &place, None)
                .ok_or(CreateFolderError::Path(WriteError::Conflict(conflict)))?;
        }
        let place = self.make_parents(&place);
        let id = self.next_entry_id();
        Ok(view.show_folder(self.state.tree.put_folder(&place, id)))
    }

    /// `files/move_v2`: the entry, with everything below it, keeps its id; its files are new revisions
    /// (API-271).
    pub fn relocate(
        &mut self,
        view: &View,
        from: &str,
        to: &str,
        options: RelocationOptions,
        now: Timestamp,
    ) -> Result<Metadata, RelocationError> {
        let (source, target) = self.relocation(view, from, to, options)?;
        self.check_writable(source.key())
            .map_err(RelocationError::FromWrite)?;
        let mut rebased = self.rebased(&source, &target)?;
        if target.key() == source.key() {
            self.change_case(&target, now);
            return Ok(self.shown(view, &target));
        }
        let target = self.make_parents(&target);
        let below = self.state.assumptions.moved_folder_revs == MovedFolderRevs::New;
        for (place, entry) in &mut rebased {
            if let Entry::File(file) = entry
                && (below || place.key() == target.key())
            {
                file.version = self.moved_version(&file.version, now);
            }
        }
        self.state.tree.relocate(source.key(), rebased, now);
        Ok(self.shown(view, &target))
    }

    /// `files/copy_v2`: the copies are new entries with new ids and revs.
    pub fn copy(
        &mut self,
        view: &View,
        from: &str,
        to: &str,
        options: RelocationOptions,
        now: Timestamp,
    ) -> Result<Metadata, RelocationError> {
        let (source, target) = self.relocation(view, from, to, options)?;
        if target.key() == source.key() {
            return Err(RelocationError::DuplicatedOrNestedPaths);
        }
        let added = self.state.tree.size_of(source.key());
        self.check_space(0, added).map_err(RelocationError::To)?;
        let rebased = self.rebased(&source, &target)?;
        let target = self.make_parents(&target);
        for (place, entry) in rebased {
            let id = self.next_entry_id();
            match entry {
                Entry::Folder(_) => {
                    self.state.tree.place_folder(&place, id);
                }
                Entry::File(file) => {
                    let mut version = self.moved_version(&file.version, now);
                    if self.state.assumptions.copy_property_groups == CopyPropertyGroups::Drops {
                        Arc::make_mut(&mut version).property_groups.clear();
                    }
                    self.state.tree.place_file(&place, id, version);
                }
            }
        }
        Ok(self.shown(view, &target))
    }

    /// The same content as a revision of its own, made now.
    fn moved_version(&mut self, version: &Version, now: Timestamp) -> Arc<Version> {
        Arc::new(Version {
            rev: self.next_rev(now),
            server_modified: now,
            ..version.clone()
        })
    }

    /// A move that changes the letter case alone (API-275, AQ-26).
    fn change_case(&mut self, target: &Place, now: Timestamp) {
        let renames = match self.state.assumptions.case_only_move {
            CaseOnlyMove::Renames => true,
            CaseOnlyMove::AsSeen => self.state.tree.file(target.key()).is_none(),
            CaseOnlyMove::KeepsName => false,
        };
        if !renames {
            return;
        }
        match self.state.tree.file(target.key()).cloned() {
            Some(file) => {
                let version = self.moved_version(&file.version, now);
                self.state.tree.place_file(target, file.id, version);
            }
            None => self.state.tree.respell(target),
        }
    }

    /// `files/get_temporary_link` (API-222): the file's metadata and the token of the link.
    pub fn make_download_link(
        &mut self,
        tokens: &Tokens,
        caller: &Caller,
        path: &str,
        now: Timestamp,
    ) -> Result<(FileMetadata, Arc<str>), GetTemporaryLinkError> {
        let view = &caller.view;
        let (key, file) = self
            .file_to_read(view, path)
            .map_err(GetTemporaryLinkError::Path)?;
        if !self.profile.email_verified {
            return Err(GetTemporaryLinkError::EmailNotVerified);
        }
        let metadata = view.show_file(file_metadata(&key, &file));
        let token: Arc<str> = self.ids.base64url(48).into();
        tokens.add(&token, &caller.account);
        let link = DownloadLink::new(file, now);
        let gone = self.state.add_download(Arc::clone(&token), link);
        tokens.forget(gone.iter());
        Ok((metadata, token))
    }

    fn relocation(
        &mut self,
        view: &View,
        from: &str,
        to: &str,
        options: RelocationOptions,
    ) -> Result<(Place, Place), RelocationError> {
        let source = self
            .place_to_read(view, from)
            .map_err(RelocationError::FromLookup)?;
        // The root cannot go anywhere.
        if source.key() == view.prefix() {
            return Err(RelocationError::FromLookup(LookupError::NotFile));
        }
        let Some(entry) = self.state.tree.entry(source.key()) else {
            return Err(RelocationError::FromLookup(LookupError::NotFound));
        };
        let is_folder = matches!(entry, Entry::Folder(_));
        let mut target = self.place_to_write(view, to).map_err(RelocationError::To)?;
        if target.key() == source.key() {
            // Another letter case is no conflict, the same one is (API-273).
            let target = self.spelled(&target);
            return if target.display() == &**entry.display() {
                Err(RelocationError::DuplicatedOrNestedPaths)
            } else {
                Ok((source, target))
            };
        }
        if is_folder && is_within(target.key(), source.key()) {
            return Err(RelocationError::CantMoveFolderIntoItself);
        }
        if let Some(conflict) = self.conflict_at(view, &target) {
            if !options.autorename
                || conflict == WriteConflictError::FileAncestor
                || target.key() == view.prefix()
            {
                return Err(RelocationError::To(WriteError::Conflict(conflict)));
            }
            target = free_name(&mut self.state.tree, &target, None)
                .ok_or(RelocationError::To(WriteError::Conflict(conflict)))?;
        }
        Ok((source, target))
    }

    /// What a move or copy of `source` to `target` puts there; nothing is done if any of it would have
    /// a path that no client could name.
    fn rebased(
        &self,
        source: &Place,
        target: &Place,
    ) -> Result<Vec<(Place, Entry)>, RelocationError> {
        let rebased = self.state.tree.rebased(source.key(), &self.spelled(target));
        rebased.map_err(|MalformedPath| RelocationError::To(WriteError::MalformedPath))
    }

    fn conflict_at(&self, view: &View, place: &Place) -> Option<WriteConflictError> {
        if self.state.tree.file_above(place.key()).is_some() {
            return Some(WriteConflictError::FileAncestor);
        }
        match self.state.tree.entry(place.key()) {
            Some(Entry::File(_)) => Some(WriteConflictError::File),
            Some(Entry::Folder(_)) => Some(WriteConflictError::Folder),
            None => (place.key() == view.prefix()).then_some(WriteConflictError::Folder),
        }
    }

    fn shown(&self, view: &View, place: &Place) -> Metadata {
        view.show(
            self.state
                .tree
                .metadata(place.key(), false)
                .expect("it was put there just now"),
        )
    }
}

#[cfg(test)]
mod tests;
