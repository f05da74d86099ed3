//! The bytes of a file, which are no JSON: reading and writing them, for both faces.

use super::files::{EntryStatus, elsewhere, nothing_there, place};
use super::{ControlError, Controls, ErrorKind, account_name};
use crate::control::scope::Scope;
use crate::dropbox::account::Account;
use crate::dropbox::commit_info::{CommitInfo, WriteMode};
use crate::dropbox::content::Content;
use crate::dropbox::content_hash::ContentHasher;
use crate::dropbox::errors::CommitError;
use crate::dropbox::time::Timestamp;
use crate::dropbox::tree::{Entry, File};
use crate::storage::{ReadError, Storage, Stored};
use crate::wire::errors::Spell;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::ops::Range;
use std::sync::Arc;

/// Bytes that are read at once.
pub(super) const PIECE: usize = 256 << 10;

/// The file at a path, with a handle on its bytes.
pub fn file(controls: Controls<'_>, scope: &Scope, path: &str) -> Result<File, ControlError> {
    let place = place(path)?;
    let found = controls.with_account(scope, |account, _| {
        if place.is_root() {
            return Err(is_a_folder(path));
        }
        match account.state.tree.entry(place.key()) {
            Some(Entry::File(file)) => Ok(file.clone()),
            Some(Entry::Folder(_)) => Err(is_a_folder(path)),
            None => Err(nothing_there(&account.state.tree, path)),
        }
    });
    found.map_err(|error| elsewhere(controls, scope, path, error))
}

fn is_a_folder(path: &str) -> ControlError {
    ControlError::bad(format!(
        "{path:?} is a folder, which has no bytes; list_files shows what is in it."
    ))
}

/// Some bytes of a file, in memory; a range that ends behind the file ends with it.
pub async fn bytes(file: &File, range: Range<u64>) -> Result<Vec<u8>, ControlError> {
    let size = file.version.content.size;
    if range.start >= size && size > 0 || range.start > range.end {
        return Err(no_such_range(file));
    }
    let end = range.end.min(size);
    let mut all = Vec::new();
    let mut begins_at = 0;
    for body in &file.version.content.bodies {
        let Some(stored) = body.stored::<Stored>() else {
            continue;
        };
        let ends_at = begins_at + stored.size();
        let mut position = range.start.max(begins_at);
        while position < end.min(ends_at) {
            let wanted = usize::try_from(end.min(ends_at) - position).unwrap_or(usize::MAX);
            let piece = stored.read(position - begins_at, wanted.min(PIECE)).await;
            let piece = piece.map_err(|error| unreadable(&error))?;
            position += piece.len() as u64;
            all.extend_from_slice(&piece);
        }
        begins_at = ends_at;
    }
    Ok(all)
}

/// What is said of a range that is not in a file.
pub fn no_such_range(file: &File) -> ControlError {
    ControlError::bad(format!(
        "The range is not in the file, which has {} bytes.",
        file.version.content.size
    ))
}

fn unreadable(error: &ReadError) -> ControlError {
    ControlError::new(ErrorKind::Conflict, format!("There are no bytes: {error}."))
}

/// Puts bytes away that come in pieces.
async fn store(
    storage: &Arc<Storage>,
    mut pieces: impl Stream<Item = std::io::Result<Bytes>> + Unpin,
) -> Result<Content, ControlError> {
    let failed = |error: std::io::Error| {
        ControlError::new(
            ErrorKind::Conflict,
            format!("The bytes could not be stored: {error}."),
        )
    };
    let mut hasher = ContentHasher::new();
    let mut writer = storage.writer();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(failed)?;
        hasher.update(&piece);
        writer.write(piece).await.map_err(failed)?;
    }
    let hash = hasher.finish();
    let stored = writer.finish(hash).await.map_err(failed)?;
    Ok(Content {
        size: stored.size(),
        hash,
        bodies: vec![stored.into_body(hash)],
    })
}

/// Writes a file as its owner would, over what was there.
pub async fn write(
    controls: Controls<'_>,
    scope: &Scope,
    path: &str,
    pieces: impl Stream<Item = std::io::Result<Bytes>> + Unpin + Send,
) -> Result<EntryStatus, ControlError> {
    account_name(scope)?;
    let place = place(path)?;
    let content = store(controls.storage, pieces).await?;
    let written = controls.with_account(scope, |account, now| {
        commit(account, path, content, now)?;
        let entry = account.state.tree.entry(place.key());
        entry
            .map(EntryStatus::from)
            .ok_or_else(|| nothing_there(&account.state.tree, path))
    });
    controls.done.notify();
    written
}

fn commit(
    account: &mut Account,
    path: &str,
    content: Content,
    now: Timestamp,
) -> Result<(), ControlError> {
    let info = CommitInfo {
        mode: WriteMode::Overwrite,
        ..CommitInfo::new(path)
    };
    let view = account.home_view();
    match account.commit(&view, &info, content, now) {
        Ok(_) => Ok(()),
        Err(CommitError::Write(error)) => Err(refused(path, &error)),
        Err(CommitError::Properties(error)) => Err(refused(path, &error)),
    }
}

/// What is said where an account does not take a write, in Dropbox's words.
pub(super) fn refused(path: &str, error: &impl Spell) -> ControlError {
    let why = error.spell().summary(0);
    let why = why.trim_end_matches('/');
    let what_to_do = if why.ends_with("insufficient_space") {
        "; set_quota makes room"
    } else if why.contains("conflict") {
        "; list_files shows what is in the way"
    } else {
        "; list_refused_writes shows where a test refuses writes"
    };
    ControlError::new(
        ErrorKind::Conflict,
        format!("The account refuses the write at {path:?}: {why}{what_to_do}."),
    )
}
