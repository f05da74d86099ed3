//! Files and folders of an account: reading them, and putting them there.

use super::content::{PIECE, refused, write};
use super::journal::{ten_seconds, timeout};
use super::{Answered, ControlError, Controls, Count, ErrorKind, Moment, Operation, account_name};
use crate::control::faults::PathPattern;
use crate::control::scope::Scope;
use crate::dropbox::errors::CreateFolderError;
use crate::dropbox::letters::fold;
use crate::dropbox::path::Place;
use crate::dropbox::tree::{Entry, File, Tree};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::Stream;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::AsyncReadExt;

/// The most entries in one answer.
const MAX_ENTRIES: usize = 10_000;
/// The most entries that are taken from a directory.
const MAX_SEEDED: usize = 100_000;

/// A file or a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct EntryStatus {
    /// The path as it is spelled.
    pub path: Arc<str>,
    /// `id:…`.
    pub id: Arc<str>,
    /// What a file has and a folder has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<FileStatus>,
}

/// What is known of the content of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct FileStatus {
    /// Bytes.
    pub size: u64,
    /// The rev.
    pub rev: String,
    /// The content hash.
    pub content_hash: String,
    /// As the client says.
    pub client_modified: Moment,
    /// When it was committed.
    pub server_modified: Moment,
}

impl From<&File> for FileStatus {
    fn from(File { version, .. }: &File) -> Self {
        Self {
            size: version.content.size,
            rev: version.rev.clone(),
            content_hash: version.content.hash.to_string(),
            client_modified: Moment(version.client_modified),
            server_modified: Moment(version.server_modified),
        }
    }
}

impl From<&Entry> for EntryStatus {
    fn from(entry: &Entry) -> Self {
        let file = match entry {
            Entry::Folder(_) => None,
            Entry::File(file) => Some(FileStatus::from(file)),
        };
        Self {
            path: Arc::clone(entry.display()),
            id: Arc::clone(entry.id()),
            file,
        }
    }
}

pub(super) fn place(path: &str) -> Result<Place, ControlError> {
    Place::root().join(path).map_err(|_| {
        ControlError::bad(format!(
            "{path:?} is no place in the account: paths begin with '/', and the root is ''."
        ))
    })
}

/// Lists what is in a folder, a page at a time.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ListFiles {
    /// The folder; the root if nothing is said.
    pub path: String,
    /// Also what is in folders below it.
    pub recursive: bool,
    /// Only what comes after this path; for the next page the last path of this one.
    pub after: Option<String>,
    /// At most so many; 1000 if nothing is said.
    pub limit: usize,
}

impl Default for ListFiles {
    fn default() -> Self {
        Self {
            path: String::new(),
            recursive: false,
            after: None,
            limit: 1000,
        }
    }
}

/// What is in a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Listing {
    /// In the order of their paths in lower case.
    pub entries: Vec<EntryStatus>,
    /// Whether there is more.
    pub more: bool,
}

impl Operation for ListFiles {
    type Answer = Listing;
    const NAME: &'static str = "list_files";
    const METHOD: &'static str = "GET";
    const NUMBERS: &'static [&'static str] = &["limit"];
    const FLAGS: &'static [&'static str] = &["recursive"];
    const PATH: &'static str = "/files";
    const SUMMARY: &'static str =
        "Lists files and folders in a folder of an account, a page at a time.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        if self.limit == 0 || self.limit > MAX_ENTRIES {
            return Err(ControlError::bad(format!(
                "One page has from 1 to {MAX_ENTRIES} entries."
            )));
        }
        let folder = place(&self.path)?;
        let after = self.after.as_deref().map(place).transpose()?;
        let after = after.as_ref().map(Place::key);
        let tree = controls.with_account(scope, |account, _| Ok(account.state.tree.clone()))?;
        match tree.entry(folder.key()) {
            Some(Entry::File(_)) => {
                return Err(ControlError::bad(format!("{:?} is a file.", self.path)));
            }
            None if !folder.is_root() => return Err(nothing_there(&tree, &self.path)),
            _ => {}
        }
        let page = |mut entries: &mut dyn Iterator<Item = (&Arc<str>, &Entry)>| {
            let taken = Iterator::take(&mut entries, self.limit);
            let taken: Vec<_> = taken.map(|(_, entry)| EntryStatus::from(entry)).collect();
            Listing {
                entries: taken,
                more: entries.next().is_some(),
            }
        };
        Ok(if self.recursive {
            page(&mut tree.descendants(folder.key(), after))
        } else {
            page(&mut tree.children(folder.key(), after))
        })
    }
}

pub(super) fn nothing_there(tree: &Tree, path: &str) -> ControlError {
    let elsewhere = in_app_folder(tree, path);
    ControlError::not_found(format!(
        "Nothing is at {path:?}; list_files shows what there is.{}",
        elsewhere.map_or_else(String::new, |hint| format!(" {hint}"))
    ))
}

/// The same error, with the account that has a file there.
pub(super) fn elsewhere(
    controls: Controls<'_>,
    scope: &Scope,
    path: &str,
    mut error: ControlError,
) -> ControlError {
    if error.kind == ErrorKind::NotFound
        && let Some(hint) = in_another_account(controls, scope, path)
    {
        error.detail.push(' ');
        error.detail.push_str(&hint);
    }
    error
}

/// Whoever looks with another token than the one that minted the link looks in vain.
fn in_another_account(controls: Controls<'_>, scope: &Scope, path: &str) -> Option<String> {
    let place = place(path).ok().filter(|place| !place.is_root())?;
    let accounts = controls.world.accounts();
    let mut others = accounts
        .iter()
        .filter(|other| !scope.covers(Some(other.name())));
    let found = others.find(|other| other.lock().state.tree.entry(place.key()).is_some())?;
    let name = controls.aliases.account(found.name());
    Some(format!(
        "Another account, {name}, has something at this path: is this the token that minted the link?"
    ))
}

/// Where a path leads for an app that sees its own folder only. The controls see the whole account.
fn in_app_folder(tree: &Tree, path: &str) -> Option<String> {
    let place = place(path).ok().filter(|place| !place.is_root())?;
    let mut there = tree
        .children("/apps", None)
        .filter_map(|(folder, _)| tree.entry(&format!("{folder}{}", place.key())));
    let found = EntryStatus::from(there.next()?).path;
    Some(format!(
        "An app with a folder of its own calls {found:?} so; here paths are those of the whole account."
    ))
}

/// Reads what is known of a file or a folder.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadFile {
    /// Its path in the whole account: that of an app's own folder begins with `/Apps/`.
    pub path: String,
}

impl Operation for ReadFile {
    type Answer = EntryStatus;
    const NAME: &'static str = "read_file";
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/file";
    const SUMMARY: &'static str =
        "Reads what is known of a file or a folder: size, rev, content hash and times.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let place = place(&self.path)?;
        let found = controls.with_account(scope, |account, _| {
            let entry = account.state.tree.entry(place.key());
            entry
                .map(EntryStatus::from)
                .ok_or_else(|| nothing_there(&account.state.tree, &self.path))
        });
        found.map_err(|error| elsewhere(controls, scope, &self.path, error))
    }
}

/// Lists what was at a path.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListRevisions {
    /// The path in the whole account.
    pub path: String,
}

/// The revisions of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct FileRevisions {
    /// The newest first.
    pub revisions: Vec<FileStatus>,
}

impl Operation for ListRevisions {
    type Answer = FileRevisions;
    const NAME: &'static str = "list_revisions";
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/file/revisions";
    const SUMMARY: &'static str =
        "Lists the revisions of the file at a path, the newest first, also of one that is gone.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let place = place(&self.path)?;
        let tree = controls.with_account(scope, |account, _| Ok(account.state.tree.clone()))?;
        let past = tree.revisions_at(place.key());
        if past.is_empty() {
            return Err(nothing_there(&tree, &self.path));
        }
        Ok(FileRevisions {
            revisions: past.iter().rev().map(FileStatus::from).collect(),
        })
    }
}

/// Puts files and folders into an account, without requests and without entries in the journal.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SeedFiles {
    /// In this order.
    pub entries: Vec<Seed>,
}

/// A file or a folder to put into an account.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Seed {
    /// A folder, if it is not there.
    Folder(String),
    /// A file, over what is there.
    File {
        /// Its path.
        path: String,
        /// Its content as a text; not with `base64`.
        #[serde(default)]
        text: Option<String>,
        /// Its content in base64.
        #[serde(default)]
        base64: Option<String>,
    },
}

impl Seed {
    /// A file with this content.
    pub fn file(path: &str, content: impl AsRef<[u8]>) -> Self {
        Self::File {
            path: path.to_owned(),
            text: None,
            base64: Some(STANDARD.encode(content)),
        }
    }
}

impl Operation for SeedFiles {
    type Answer = Count;
    const NAME: &'static str = "seed_files";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/files/seed";
    const SUMMARY: &'static str = "Puts files and folders into an account, without requests and without entries in the journal.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let count = self.entries.len();
        for entry in self.entries {
            match entry {
                Seed::Folder(path) => make_folder(controls, scope, &path)?,
                Seed::File { path, text, base64 } => {
                    let content = match (text, base64) {
                        (Some(text), None) => text.into_bytes(),
                        (None, Some(base64)) => STANDARD.decode(&base64).map_err(|error| {
                            ControlError::bad(format!(
                                "The content of {path:?} is not base64: {error}."
                            ))
                        })?,
                        (None, None) => Vec::new(),
                        _ => {
                            return Err(ControlError::bad(format!(
                                "Give either 'text' or 'base64' for {path:?}."
                            )));
                        }
                    };
                    let pieces = futures_util::stream::iter([Ok(Bytes::from(content))]);
                    write(controls, scope, &path, pieces).await?;
                }
            }
        }
        Ok(Count { count })
    }
}

fn make_folder(controls: Controls<'_>, scope: &Scope, path: &str) -> Result<(), ControlError> {
    let place = place(path)?;
    controls.with_account(scope, |account, _| {
        if matches!(
            account.state.tree.entry(place.key()),
            Some(Entry::Folder(_))
        ) || place.is_root()
        {
            return Ok(());
        }
        let view = account.home_view();
        let made = account.create_folder(&view, path, false);
        made.map(drop)
            .map_err(|CreateFolderError::Path(error)| refused(path, &error))
    })
}

/// Puts a directory of this machine into an account, with everything below it.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SeedDirectory {
    /// The directory on the machine of the fake: over HTTP, one below a --seed-root. Symbolic links in it are left out.
    pub directory: PathBuf,
    /// The folder that it becomes; the root if nothing is said.
    #[serde(default)]
    pub path: String,
}

impl Operation for SeedDirectory {
    type Answer = Count;
    const NAME: &'static str = "seed_directory";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/files/seed_directory";
    const SUMMARY: &'static str = "Puts a directory of the fake's machine into an account, with everything below it but symbolic links.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        account_name(scope)?;
        let unreadable = |path: &Path, error: std::io::Error| {
            ControlError::bad(format!("{} cannot be read: {error}.", path.display()))
        };
        let mut count = 0;
        let directory = controls.readable.directory(&self.directory).await?;
        let mut open = vec![(directory, self.path.clone())];
        while let Some((directory, path)) = open.pop() {
            make_folder(controls, scope, &path)?;
            let read = tokio::fs::read_dir(&directory).await;
            let mut read = read.map_err(|error| unreadable(&directory, error))?;
            while let Some(entry) = read
                .next_entry()
                .await
                .map_err(|error| unreadable(&directory, error))?
            {
                let local = entry.path();
                let name = entry.file_name().into_string().map_err(|name| {
                    ControlError::bad(format!(
                        "The name {} is not UTF-8, so Dropbox cannot have it.",
                        name.display()
                    ))
                })?;
                let path = format!("{path}/{name}");
                let kind = entry.file_type().await;
                let kind = kind.map_err(|error| unreadable(&local, error))?;
                count += usize::from(!kind.is_symlink());
                if count > MAX_SEEDED {
                    return Err(ControlError::bad(format!(
                        "{} has more than {MAX_SEEDED} entries; what came before is in the account.",
                        self.directory.display()
                    )));
                }
                if kind.is_dir() {
                    open.push((local, path));
                } else if kind.is_file() {
                    let file = tokio::fs::File::open(&local).await;
                    let file = file.map_err(|error| unreadable(&local, error))?;
                    write(controls, scope, &path, Box::pin(pieces_of(file))).await?;
                }
            }
        }
        Ok(Count { count })
    }
}

fn pieces_of(file: tokio::fs::File) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
    futures_util::stream::unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        match file.read(&mut piece).await {
            Ok(0) => None,
            Ok(length) => {
                piece.truncate(length);
                Some((Ok(Bytes::from(piece)), file))
            }
            Err(error) => Some((Err(error), file)),
        }
    })
}

/// Deletes a file, or a folder with everything in it.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeleteFile {
    /// Its path.
    pub path: String,
}

impl Operation for DeleteFile {
    type Answer = EntryStatus;
    const NAME: &'static str = "delete_file";
    const METHOD: &'static str = "DELETE";
    const PATH: &'static str = "/file";
    const SUMMARY: &'static str =
        "Deletes a file, or a folder with everything in it, as its owner would.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let place = place(&self.path)?;
        controls.with_account(scope, |account, now| {
            let entry = account.state.tree.entry(place.key());
            let status = EntryStatus::from(
                entry.ok_or_else(|| nothing_there(&account.state.tree, &self.path))?,
            );
            let view = account.home_view();
            let deleted = account.delete(&view, &self.path, None, now);
            deleted
                .map(|_| status)
                .map_err(|error| refused(&self.path, &error))
        })
    }
}

/// Waits until a file is there.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WaitForFile {
    /// Its path in the whole account, perhaps with `*` and `**`.
    pub path: PathPattern,
    /// How long, in real time: at most ten minutes.
    #[serde(default = "ten_seconds")]
    pub timeout_milliseconds: u64,
}

impl Operation for WaitForFile {
    type Answer = EntryStatus;
    const NAME: &'static str = "wait_for_file";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/files/wait";
    const SUMMARY: &'static str = "Waits until a file is at a path, or at one that matches a pattern; in vain, it tells what came instead.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let timeout = timeout(self.timeout_milliseconds)?;
        let name = account_name(scope)?;
        let coming = async {
            let account = controls.world.account(name);
            let mut seen = None;
            loop {
                let changes = account.changes();
                // A tree shares its structure, so a copy costs nothing and nobody waits for the look.
                let (tree, epoch) = controls.with_account(scope, |account, _| {
                    Ok((account.state.tree.clone(), account.epoch))
                })?;
                let since = seen.filter(|(known, _)| *known == epoch);
                let since = since.map(|(_, position)| position);
                if let Some(found) = find(&tree, &self.path, since) {
                    return Ok(EntryStatus::from(found));
                }
                seen = Some((epoch, tree.position()));
                account.changed(changes).await;
            }
        };
        match tokio::time::timeout(timeout, coming).await {
            Ok(found) => found,
            Err(_) => Err(ControlError::new(
                ErrorKind::TimedOut,
                nothing_arrived(controls, scope, &self.path, timeout)?,
            )),
        }
    }
}

/// The first file that matches, among what changed since a position if there is one.
fn find<'a>(tree: &'a Tree, pattern: &PathPattern, since: Option<usize>) -> Option<&'a Entry> {
    let text = pattern.as_str();
    let Some((literal, _)) = text.split_once('*') else {
        let place = Place::root().join(text).ok()?;
        return tree.entry(place.key()).filter(|entry| is_file(entry));
    };
    let wanted = |key: &str, entry: &Entry| is_file(entry) && pattern.matches(key);
    if let Some(since) = since {
        let mut changed = tree
            .changes_from(since)
            .filter_map(|(_, key)| Some((key, tree.entry(key)?)));
        return changed
            .find(|(key, entry)| wanted(key, entry))
            .map(|(_, entry)| entry);
    }
    let folder = literal.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut files = tree.descendants(&fold(folder), None);
    files
        .find(|(key, entry)| wanted(key, entry))
        .map(|(_, entry)| entry)
}

fn is_file(entry: &Entry) -> bool {
    matches!(entry, Entry::File(_))
}

fn nothing_arrived(
    controls: Controls<'_>,
    scope: &Scope,
    pattern: &PathPattern,
    timeout: std::time::Duration,
) -> Result<String, ControlError> {
    use crate::control::journal::Query;
    let account = controls.aliases.account(account_name(scope)?);
    let query = Query {
        account: Some(account),
        ..Query::default()
    };
    let at_path = Query {
        path: Some(pattern.clone()),
        ..query.clone()
    };
    let at_path = controls.journal.entries(&at_path);
    let mut text = format!("No file came to {pattern} within {timeout:?}; ");
    let shown = if at_path.is_empty() {
        text.push_str("no request was about that path. The latest requests of the account:");
        controls.journal.entries(&Query {
            limit: Some(5),
            ..query
        })
    } else {
        text.push_str("the requests about that path:");
        at_path
    };
    for entry in shown.iter().rev().take(5).rev() {
        text.push_str("\n  ");
        text.push_str(&entry.to_string());
    }
    if shown.is_empty() {
        text.push_str(" none");
    }
    let tree = controls.with_account(scope, |account, _| Ok(account.state.tree.clone()))?;
    let hint = in_app_folder(&tree, pattern.as_str());
    if let Some(hint) = hint.or_else(|| in_another_account(controls, scope, pattern.as_str())) {
        text.push('\n');
        text.push_str(&hint);
    }
    Ok(text)
}
