//! The commit engine: how content becomes a file, for `files/upload`, upload sessions and links.

use super::account::{Account, View};
use super::assumptions::{
    Assumptions, ClientModified, IdenticalContent, OverwritePropertyGroups,
    StrictOverwriteIdentical, UpdateAfterDelete, UploadAfterDeleteId,
};
use super::commit_info::{CommitInfo, WriteMode};
use super::content::Content;
use super::content_hash::ContentHash;
use super::errors::{CommitError, WriteConflictError, WriteError};
use super::free_name::free_name;
use super::metadata::FileMetadata;
use super::path::Place;
use super::property_templates::merged;
use super::time::Timestamp;
use super::tree::{Entry, Tree, Version, file_metadata};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub struct Committed {
    /// The file that is there now.
    pub file: FileMetadata,
    /// Whether anything was written; identical content writes nothing (API-157).
    pub written: bool,
}

/// What is at the path of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// Nothing, and whether a file was deleted there.
    Nothing {
        /// A file was there once.
        deleted_file: bool,
    },
    Folder,
    File {
        rev: &'a str,
        hash: ContentHash,
    },
}

/// What to do at the path of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Write: nothing is there, or what is there is replaced.
    Write,
    /// Leave what is there.
    Keep,
    Conflict(WriteConflictError),
}

/// The decision table of API-156, with the wrong rev of API-159 and the `strict_conflict` of UL-180.
/// To keep a file is to keep all its metadata (API-158).
pub fn decide(
    target: Target<'_>,
    info: &CommitInfo,
    hash: ContentHash,
    assumptions: &Assumptions,
) -> Decision {
    use Decision::{Conflict, Keep, Write};
    let (rev, identical) = match target {
        Target::Folder => return Conflict(WriteConflictError::Folder),
        Target::Nothing { deleted_file } => {
            let update = matches!(info.mode, WriteMode::Update(_));
            let refuses_deleted =
                deleted_file && assumptions.update_after_delete == UpdateAfterDelete::Conflicts;
            let conflict = update && (info.strict_conflict || refuses_deleted);
            return if conflict {
                Conflict(WriteConflictError::File)
            } else {
                Write
            };
        }
        Target::File { rev, hash: there } => (rev, there == hash),
    };
    let keep = match assumptions.identical_content {
        IdenticalContent::KeepsRev => Keep,
        IdenticalContent::NewRev => Write,
    };
    match (&info.mode, identical, info.strict_conflict) {
        (WriteMode::Update(expected), true, true) if expected == rev => keep,
        (WriteMode::Overwrite, true, true) => match assumptions.strict_overwrite_identical {
            StrictOverwriteIdentical::Conflict => Conflict(WriteConflictError::File),
            StrictOverwriteIdentical::Keeps => keep,
        },
        (_, true, false) => keep,
        (WriteMode::Overwrite, false, _) => Write,
        (WriteMode::Update(expected), false, _) if expected == rev => Write,
        _ => Conflict(WriteConflictError::File),
    }
}

impl Account {
    /// Evaluates `info` against the account as it is now and writes `content` if it may.
    ///
    /// The order: the path itself, whether one may write there, what is above it, what is at it,
    /// whether it fits.
    ///
    /// Property groups that do not fit are an error, and the file is there without them (API-253).
    pub fn commit(
        &mut self,
        view: &View,
        info: &CommitInfo,
        content: Content,
        now: Timestamp,
    ) -> Result<Committed, CommitError> {
        let Err(misfit) = self.state.templates.check(&info.property_groups) else {
            return self.commit_file(view, info, content, now);
        };
        let bare = CommitInfo {
            property_groups: Vec::new(),
            ..info.clone()
        };
        self.commit_file(view, &bare, content, now)?;
        Err(misfit)
    }

    fn commit_file(
        &mut self,
        view: &View,
        info: &CommitInfo,
        content: Content,
        now: Timestamp,
    ) -> Result<Committed, CommitError> {
        let mut place = self.place_to_write(view, &info.path)?;
        if place.key() == view.prefix() {
            return Err(WriteError::Conflict(WriteConflictError::Folder).into());
        }
        let tree = &mut self.state.tree;
        if tree.file_above(place.key()).is_some() {
            return Err(WriteError::Conflict(WriteConflictError::FileAncestor).into());
        }
        match decide(
            target(tree, place.key()),
            info,
            content.hash,
            &self.state.assumptions,
        ) {
            Decision::Keep => {
                let file = tree.file(place.key()).expect("only a file is kept");
                let file = view.show_file(file_metadata(place.key(), file));
                return Ok(Committed {
                    file,
                    written: false,
                });
            }
            Decision::Conflict(conflict) if info.autorename => {
                let update = matches!(info.mode, WriteMode::Update(_));
                // API-162; a slash in it would be a folder.
                let whose = self.profile.display_name().replace(['/', '\\'], " ");
                let words = &self.state.assumptions.conflicted_copy_name;
                let words = update.then(|| words.replace("{display_name}", &whose));
                place = free_name(tree, &place, words.as_deref())
                    .ok_or(WriteError::Conflict(conflict))?;
            }
            Decision::Conflict(conflict) => return Err(WriteError::Conflict(conflict).into()),
            Decision::Write => {}
        }
        let replaced = tree
            .file(place.key())
            .map_or(0, |file| file.version.content.size);
        self.check_space(replaced, content.size)?;
        let file = self.write(&place, info, content, now);
        Ok(Committed {
            file: view.show_file(file),
            written: true,
        })
    }

    fn write(
        &mut self,
        place: &Place,
        info: &CommitInfo,
        content: Content,
        now: Timestamp,
    ) -> FileMetadata {
        // UL-136
        let place = self.make_parents(place);
        // UL-137
        let client_modified = match (info.client_modified, self.state.assumptions.client_modified) {
            (None, _) | (_, ClientModified::Ignored) => now,
            (Some(given), ClientModified::ClampedToNow) => stored_date(given).min(now),
            (Some(given), ClientModified::AsGiven) => stored_date(given),
        };
        let replaced = match self.state.assumptions.overwrite_property_groups {
            OverwritePropertyGroups::Keeps => self.state.tree.file(place.key()),
            OverwritePropertyGroups::Drops => None,
        };
        let old_groups = replaced.map_or(&[][..], |file| &file.version.property_groups);
        let property_groups = merged(old_groups, &info.property_groups);
        let rev = self.next_rev(now);
        let version = Version {
            rev,
            client_modified,
            server_modified: now,
            content,
            property_groups,
        };
        let same_id = self.state.assumptions.upload_after_delete_id == UploadAfterDeleteId::Same;
        // A file that was moved away is deleted here and lives on with its id elsewhere.
        let is_free = |id: &str| self.state.tree.key_of(id).is_none();
        let tree = &self.state.tree;
        let (id, place) = match (tree.file(place.key()), tree.deleted(place.key())) {
            // The entry keeps its spelling (AQ-12).
            (Some(file), _) if !self.state.assumptions.overwrite_renames_case.is_yes() => {
                (Arc::clone(&file.id), place.spelled(&file.display))
            }
            (Some(file), _) => (Arc::clone(&file.id), place),
            (None, Some(deleted)) if same_id && deleted.was_file && is_free(&deleted.id) => {
                (Arc::clone(&deleted.id), place)
            }
            _ => (self.next_entry_id(), place),
        };
        self.state.tree.put_file(&place, id, Arc::new(version))
    }
}

fn target<'a>(tree: &'a Tree, key: &str) -> Target<'a> {
    match tree.entry(key) {
        None => Target::Nothing {
            deleted_file: tree.deleted(key).is_some_and(|deleted| deleted.was_file),
        },
        Some(Entry::Folder(_)) => Target::Folder,
        Some(Entry::File(file)) => Target::File {
            rev: &file.version.rev,
            hash: file.version.content.hash,
        },
    }
}

/// The year 1 is stored as 2001 (API-206), every other date as given (API-207).
fn stored_date(given: Timestamp) -> Timestamp {
    const YEAR_ONE: Timestamp = Timestamp::from_seconds(-62_135_596_800);
    const YEAR_2001: Timestamp = Timestamp::from_seconds(978_307_200);
    if given == YEAR_ONE { YEAR_2001 } else { given }
}

#[cfg(test)]
mod tests;
