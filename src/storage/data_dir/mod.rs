//! A directory that keeps everything, over the end of the program.
//!
//! `store` holds the rows, `contents` the bytes of files by their hash, `incoming` what is on its way; whoever holds
//! `lock` uses it.

mod contents;
mod disk;
mod keeper;
mod store;

pub use contents::{Contents, Incoming, KeptContent};
#[cfg(test)]
pub use disk::DiskFaults;
pub use disk::{Disk, Durability};
use keeper::Keeper;

pub use super::not_kept::NotKept;
use super::{Place, Stored};
use crate::dropbox::content::Body;
use crate::dropbox::content_hash::ContentHash;
use crate::dropbox::recorded::{BadRow, Loader, Recorder};
use contents::sync_directory;
use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{FORMAT, Store, StoreFailed};

const LOCK: &str = "lock";
const STORE: &str = "store";
const NEW_STORE: &str = "store.new";
const CONTENTS: &str = "contents";
const INCOMING: &str = "incoming";

/// Why a directory cannot be used. Nothing in it was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataDirError {
    /// It is something else.
    #[error("{0} is not a directory: name one with --data-dir")]
    NotADirectory(PathBuf),
    /// Others may read it.
    #[error(
        "{directory} may be used by other users (its mode is {mode:03o}), and it holds tokens: make it private with \
         'chmod 700 {directory}'"
    )]
    NotPrivate {
        /// The directory.
        directory: String,
        /// Who may do what.
        mode: u32,
    },
    /// Another server has it.
    #[error(
        "{0} is in use by another fake-dropbox: stop that one, or name another directory with --data-dir"
    )]
    InUse(PathBuf),
    /// It holds something else.
    #[error(
        "{directory} holds '{name}', which is not fake-dropbox's: name a directory of its own with --data-dir"
    )]
    Foreign {
        /// The directory.
        directory: String,
        /// What is in it.
        name: String,
    },
    /// The system refuses something.
    #[error("cannot {doing} {path}: {source}")]
    Io {
        /// What was to be done.
        doing: &'static str,
        /// Where.
        path: String,
        /// Why not.
        source: io::Error,
    },
    /// Another version wrote it.
    #[error(
        "{directory} was written by {} fake-dropbox (format {format}; this one reads format {FORMAT}): use that version, or \
         name another directory with --data-dir",
        if *.format > FORMAT { "a newer" } else { "an older" }
    )]
    OtherFormat {
        /// The directory.
        directory: String,
        /// The form of its rows.
        format: u64,
    },
    /// Something is missing, or is not what was written.
    #[error(
        "{directory} is damaged: {reason}. Nothing in it was changed: put a copy of it back, or name another directory \
         with --data-dir"
    )]
    Damaged {
        /// The directory.
        directory: String,
        /// What is wrong.
        reason: String,
    },
}

/// A directory in use.
#[derive(Debug)]
pub struct DataDir {
    keeper: Arc<Keeper>,
    contents: Arc<Contents>,
    // The last to go: from then on others may use the directory.
    lock: File,
}

impl DataDir {
    /// Takes a directory, which is made if need be, and reads what is in it; nothing where it is new.
    pub fn open(directory: &Path, disk: Disk) -> Result<(Self, Option<Loader>), DataDirError> {
        prepare(directory)?;
        let lock = take(directory)?;
        refuse_foreign(directory)?;
        let paths = |name: &str| directory.join(name);
        let (store_path, contents_path) = (paths(STORE), paths(CONTENTS));
        let damaged = |reason: String| DataDirError::Damaged {
            directory: directory.display().to_string(),
            reason,
        };
        let broken =
            |failed: StoreFailed| damaged(format!("its store cannot be read: {}", failed.reason));
        let is_new = !exists(&store_path)?;
        if is_new && exists(&contents_path)? && has_entries(&contents_path)? {
            return Err(damaged("it has contents but no store".to_owned()));
        }
        if !is_new && !exists(&contents_path)? {
            return Err(damaged(
                "it has a store but no directory 'contents'".to_owned(),
            ));
        }
        let incoming = paths(INCOMING);
        for path in [&contents_path, &incoming] {
            make_private(path)?;
        }
        probe(&incoming, &contents_path)?;
        let contents = Contents::new(contents_path.clone(), incoming.clone(), disk.clone());
        if is_new {
            make_store(directory, &disk)?;
        } else if fs::metadata(&store_path).is_ok_and(|file| file.len() == 0) {
            return Err(damaged("its store is empty".to_owned()));
        }
        let store = Store::open(&store_path, &disk).map_err(broken)?;
        match store.format().map_err(broken)? {
            None => return Err(damaged("its store does not say its format".to_owned())),
            Some(format) if format != FORMAT => {
                return Err(DataDirError::OtherFormat {
                    directory: directory.display().to_string(),
                    format,
                });
            }
            Some(_) => {}
        }
        let there = sizes(&contents_path)?;
        let (mut loader, mut is_empty) = (Loader::default(), true);
        let mut find = |body: &mut Body| find(&contents, &there, body);
        store
            .each(|key, value| {
                is_empty = false;
                loader.add(key, value, &mut find)
            })
            .map_err(broken)?
            .map_err(|bad: BadRow| damaged(bad.to_string()))?;
        contents.remove_all_but_used(&there);
        remove_entries(&incoming);
        let keeper = Keeper::start(store, store_path, disk, Arc::clone(&contents))
            .map_err(|source| failed("start a thread for", directory, source))?;
        let opened = Self {
            keeper: Arc::new(keeper),
            contents,
            lock,
        };
        // Whoever made it may have ended before the first row.
        Ok((opened, (!is_empty).then_some(loader)))
    }

    /// Who is told what changes.
    pub fn recorder(&self) -> Arc<dyn Recorder> {
        Arc::clone(&self.keeper) as Arc<dyn Recorder>
    }

    /// Where the bytes of files are.
    pub fn contents(&self) -> &Arc<Contents> {
        &self.contents
    }

    /// Writes what is left, and lets others use the directory.
    pub fn end(&self) {
        self.keeper.end();
        if let Err(error) = self.lock.unlock() {
            tracing::debug!(%error, "the data directory could not be unlocked");
        }
    }

    /// Over once all that has changed so far is on the disk.
    pub async fn kept(&self) -> Result<(), NotKept> {
        self.keeper.kept().await
    }
}

/// Says where the bytes are that a row refers to.
fn find(
    contents: &Arc<Contents>,
    there: &HashMap<ContentHash, u64>,
    body: &mut Body,
) -> Result<(), String> {
    let about = body.about();
    let place = if !about.kept {
        Place::Nowhere
    } else if about.size == 0 {
        Place::empty()
    } else {
        match there.get(&about.hash) {
            Some(size) if *size == about.size => Place::Kept(Arc::new(contents.refer(about.hash))),
            Some(size) => {
                return Err(format!(
                    "contents/{} has {size} bytes instead of {}",
                    about.hash, about.size
                ));
            }
            None => return Err(format!("contents/{} is missing", about.hash)),
        }
    };
    body.put_at(Stored {
        size: about.size,
        place,
    });
    Ok(())
}

fn failed(doing: &'static str, path: &Path, source: io::Error) -> DataDirError {
    DataDirError::Io {
        doing,
        path: path.display().to_string(),
        source,
    }
}

fn exists(path: &Path) -> Result<bool, DataDirError> {
    path.try_exists()
        .map_err(|error| failed("look at", path, error))
}

fn prepare(directory: &Path) -> Result<(), DataDirError> {
    match fs::metadata(directory) {
        Ok(metadata) if !metadata.is_dir() => {
            Err(DataDirError::NotADirectory(directory.to_owned()))
        }
        #[cfg(unix)]
        Ok(metadata) => {
            // Nothing for the group, and nothing for others.
            let mode = std::os::unix::fs::MetadataExt::mode(&metadata) & 0o777;
            if mode.trailing_zeros() >= 6 {
                return Ok(());
            }
            Err(DataDirError::NotPrivate {
                directory: directory.display().to_string(),
                mode,
            })
        }
        #[cfg(not(unix))]
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make_private(directory),
        Err(error) => Err(failed("look at", directory, error)),
    }
}

fn make_private(directory: &Path) -> Result<(), DataDirError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(directory)
        .map_err(|error| failed("make", directory, error))
}

/// Takes the lock, which goes with the program however it ends.
fn take(directory: &Path) -> Result<File, DataDirError> {
    let path = directory.join(LOCK);
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options
        .open(&path)
        .map_err(|error| failed("write", &path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DataDirError::InUse(directory.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed("lock", &path, error)),
    }
}

fn refuse_foreign(directory: &Path) -> Result<(), DataDirError> {
    for name in names(directory)? {
        if ![LOCK, STORE, NEW_STORE, CONTENTS, INCOMING].contains(&name.as_str()) {
            return Err(DataDirError::Foreign {
                directory: directory.display().to_string(),
                name,
            });
        }
    }
    Ok(())
}

fn names(directory: &Path) -> Result<Vec<String>, DataDirError> {
    let read = || -> io::Result<Vec<String>> {
        fs::read_dir(directory)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    };
    read().map_err(|error| failed("read", directory, error))
}

fn has_entries(directory: &Path) -> Result<bool, DataDirError> {
    Ok(!names(directory)?.is_empty())
}

/// The contents that are there, with their bytes.
fn sizes(directory: &Path) -> Result<HashMap<ContentHash, u64>, DataDirError> {
    let read = || -> io::Result<HashMap<ContentHash, u64>> {
        let mut sizes = HashMap::new();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if let Ok(hash) = entry.file_name().to_string_lossy().parse() {
                sizes.insert(hash, entry.metadata()?.len());
            }
        }
        Ok(sizes)
    };
    read().map_err(|error| failed("read", directory, error))
}

/// What was on its way when the server ended goes.
fn remove_entries(incoming: &Path) {
    for entry in fs::read_dir(incoming).into_iter().flatten().flatten() {
        let _stays = fs::remove_file(entry.path());
    }
}

/// Better met at the start than in the middle of an upload: a directory that cannot be written, or whose parts are
/// on different disks.
fn probe(incoming: &Path, contents: &Path) -> Result<(), DataDirError> {
    let file = tempfile::NamedTempFile::new_in(incoming)
        .map_err(|error| failed("write into", incoming, error))?;
    let path = contents.join("probe");
    match file.persist(&path) {
        Ok(_) => fs::remove_file(&path).map_err(|error| failed("write into", contents, error)),
        Err(error) => Err(failed(
            "rename a file of 'incoming' into",
            contents,
            error.error,
        )),
    }
}

/// A store appears in one step: one that is there was whole once.
fn make_store(directory: &Path, disk: &Disk) -> Result<(), DataDirError> {
    let (new, path) = (directory.join(NEW_STORE), directory.join(STORE));
    let cannot = |error: StoreFailed| failed("write", &path, io::Error::other(error.reason));
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failed("write", &new, error));
        }
        _ => {}
    }
    let store = Store::open(&new, disk).map_err(cannot)?;
    store.begin().map_err(cannot)?;
    drop(store);
    disk.call()
        .and_then(|()| fs::rename(&new, &path))
        .and_then(|()| disk.sync(|| sync_directory(directory)))
        .map_err(|error| failed("write", &path, error))
}
