//! The bytes of files, each content once, in a file that is called by its hash.
//!
//! Bytes are written aside, synced and renamed; the directory is synced before a row names them. A file goes once
//! nobody refers to it and no row on the disk does.

use super::disk::Disk;
use crate::dropbox::content_hash::ContentHash;
use crate::storage::spill::{read_exact_at, write_all_at};
use crate::sync::Mutex;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::NamedTempFile;

/// All contents of a data directory.
#[derive(Debug)]
pub struct Contents {
    directory: PathBuf,
    incoming: PathBuf,
    disk: Disk,
    uses: Mutex<HashMap<ContentHash, u64>>,
    unused: Mutex<Vec<ContentHash>>,
    /// Whether there are names that the disk may not know yet.
    renamed: AtomicBool,
}

/// One content that somebody refers to.
#[derive(Debug)]
pub struct KeptContent {
    contents: Arc<Contents>,
    hash: ContentHash,
}

impl Drop for KeptContent {
    fn drop(&mut self) {
        let mut uses = self.contents.uses.lock();
        if let Some(count) = uses.get_mut(&self.hash) {
            *count -= 1;
            if *count == 0 {
                uses.remove(&self.hash);
                self.contents.unused.lock().push(self.hash);
            }
        }
    }
}

impl KeptContent {
    /// Fills `bytes` from the place `at` of the content. Blocks.
    pub fn read(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        let file = File::open(self.contents.path(self.hash))?;
        read_exact_at(&file, bytes, at)
    }
}

/// Bytes that arrive. They go with their handle, unless they are kept.
#[derive(Debug)]
pub struct Incoming {
    contents: Arc<Contents>,
    file: NamedTempFile,
}

impl Incoming {
    /// Writes `bytes` at the place `at`. Blocks.
    pub fn write(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.contents.disk.call()?;
        write_all_at(self.file.as_file(), bytes, at)
    }

    /// Keeps them under their hash. Blocks.
    pub fn keep(self, hash: ContentHash) -> io::Result<KeptContent> {
        let contents = self.contents;
        let kept = || KeptContent {
            contents: Arc::clone(&contents),
            hash,
        };
        if let Some(count) = contents.uses.lock().get_mut(&hash) {
            *count += 1;
            return Ok(kept());
        }
        contents.disk.sync(|| self.file.as_file().sync_data())?;
        contents.disk.call()?;
        let mut uses = contents.uses.lock();
        // Of two that come at once, the second replaces what is the same.
        self.file
            .persist(contents.path(hash))
            .map_err(|error| error.error)?;
        contents.renamed.store(true, Ordering::SeqCst);
        *uses.entry(hash).or_default() += 1;
        Ok(kept())
    }
}

impl Contents {
    pub(super) fn new(directory: PathBuf, incoming: PathBuf, disk: Disk) -> Arc<Self> {
        Arc::new(Self {
            directory,
            incoming,
            disk,
            uses: Mutex::default(),
            unused: Mutex::default(),
            renamed: AtomicBool::new(true),
        })
    }

    /// A place for bytes that arrive. Blocks.
    pub fn incoming(self: &Arc<Self>) -> io::Result<Incoming> {
        self.disk.call()?;
        Ok(Incoming {
            file: NamedTempFile::new_in(&self.incoming)?,
            contents: Arc::clone(self),
        })
    }

    /// The content that a row refers to.
    pub(super) fn refer(self: &Arc<Self>, hash: ContentHash) -> KeptContent {
        *self.uses.lock().entry(hash).or_default() += 1;
        KeptContent {
            contents: Arc::clone(self),
            hash,
        }
    }

    /// Makes sure that the disk knows all names. Blocks.
    pub(super) fn sync_names(&self) -> io::Result<()> {
        if self.renamed.swap(false, Ordering::SeqCst) {
            let synced = self.disk.sync(|| sync_directory(&self.directory));
            if synced.is_err() {
                self.renamed.store(true, Ordering::SeqCst);
            }
            return synced;
        }
        Ok(())
    }

    /// Those that nobody refers to any more. Their rows go with the changes that are there already.
    pub(super) fn take_unused(&self) -> Vec<ContentHash> {
        std::mem::take(&mut *self.unused.lock())
    }

    /// Removes what is still unused. What cannot be removed is removed at the next start.
    pub(super) fn remove_unused(&self, unused: Vec<ContentHash>) {
        for hash in unused {
            // Whoever brings the same content again waits, and brings the file again.
            let uses = self.uses.lock();
            if !uses.contains_key(&hash)
                && let Err(error) = fs::remove_file(self.path(hash))
            {
                tracing::debug!(%error, "a content that nobody refers to could not be removed");
            }
        }
    }

    /// Removes what nobody refers to, among those that are there at the start.
    pub(super) fn remove_all_but_used(&self, there: &HashMap<ContentHash, u64>) {
        let unused = there.keys().copied().collect();
        self.remove_unused(unused);
    }

    fn path(&self, hash: ContentHash) -> PathBuf {
        self.directory.join(hash.to_string())
    }
}

/// Makes sure that the names in a directory are on the disk.
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(directory)?.sync_all()?;
    #[cfg(not(unix))]
    let _nothing_to_sync = directory;
    Ok(())
}
