//! Where bytes rest: in memory up to a limit and in a temporary file beyond it, in a directory that lasts, or nowhere.

#[cfg(feature = "data-dir")]
pub mod data_dir;
#[cfg(not(feature = "data-dir"))]
#[path = "no_data_dir.rs"]
pub mod data_dir;
mod not_kept;
mod spill;
mod writer;

use crate::dropbox::content::{AboutBody, Body};
use crate::dropbox::content_hash::ContentHash;
use bytes::{Bytes, BytesMut};
use spill::{Extents, SpillFile};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::sync::Semaphore;

pub use writer::Writer;

/// How many uploads write to the disk at a time; the others wait, and their clients with them.
const WRITERS: usize = 16;

/// Bytes that all uploads together gather before they go to the disk.
const GATHERED: usize = 8 << 20;

/// How uploaded bytes are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageConfig {
    /// Whether bytes are kept at all. If not, uploads are hashed and counted, and cannot be read.
    pub keep: bool,
    /// Bytes that are held in memory, over all files; what comes later goes to the disk. Besides, uploads on their way to
    /// it hold some 16 MiB together, or 128 KiB each where there are very many.
    pub memory_limit: u64,
    /// Where the temporary file is made; the system's place for such files if none is named.
    pub directory: Option<PathBuf>,
}

impl Default for StorageConfig {
    /// Keep everything, 256 MiB of it in memory.
    fn default() -> Self {
        Self {
            keep: true,
            memory_limit: 256 << 20,
            directory: None,
        }
    }
}

/// The place for the bytes of one server. They go when the last handle on them goes.
#[derive(Debug)]
pub struct Storage {
    config: StorageConfig,
    in_memory: AtomicU64,
    /// Uploads whose bytes go to the disk now.
    to_disk: AtomicUsize,
    /// Who may write to the disk: each writes on a thread of its own.
    turns: Arc<Semaphore>,
    spill: SpillFile,
    #[cfg(feature = "data-dir")]
    contents: Option<Arc<data_dir::Contents>>,
}

impl Storage {
    /// A storage that holds nothing yet. The temporary file is made when it is first needed.
    pub fn new(config: StorageConfig) -> Arc<Self> {
        Arc::new(Self::empty(config))
    }

    fn empty(config: StorageConfig) -> Self {
        Self {
            in_memory: AtomicU64::new(0),
            to_disk: AtomicUsize::new(0),
            turns: Arc::new(Semaphore::new(WRITERS)),
            spill: SpillFile::new(config.directory.clone()),
            #[cfg(feature = "data-dir")]
            contents: None,
            config,
        }
    }

    /// A storage that puts bytes where they outlive the program.
    #[cfg(feature = "data-dir")]
    pub fn lasting(config: StorageConfig, contents: Arc<data_dir::Contents>) -> Arc<Self> {
        Arc::new(Self {
            contents: Some(contents),
            ..Self::empty(config)
        })
    }

    /// A writer for the bytes of one upload.
    pub fn writer(self: &Arc<Self>) -> Writer {
        Writer::new(Arc::clone(self))
    }

    /// Bytes that are in memory now.
    pub fn bytes_in_memory(&self) -> u64 {
        self.in_memory.load(Ordering::Relaxed)
    }

    /// Bytes that are set aside on the disk now.
    pub fn bytes_on_disk(&self) -> u64 {
        self.spill.bytes_in_use()
    }

    /// Takes extents of the disk back. The file shrinks beside, where there is a runtime: whoever drops a file
    /// may hold the world's lock.
    fn give_back(self: &Arc<Self>, extents: &mut Extents) {
        if !self.spill.free(extents) {
            return;
        }
        let storage = Arc::clone(self);
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn_blocking(move || storage.spill.shrink());
            }
            Err(_) => storage.spill.shrink(),
        }
    }

    /// Takes `bytes` of the memory, if the limit allows.
    fn reserve(self: &Arc<Self>, bytes: u64) -> Option<Reservation> {
        let limit = self.config.memory_limit;
        let taken = self
            .in_memory
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(bytes).filter(|used| *used <= limit)
            });
        taken.is_ok().then(|| Reservation {
            storage: Arc::clone(self),
            bytes,
        })
    }
}

/// Memory that is taken; given back when dropped.
#[derive(Debug)]
struct Reservation {
    storage: Arc<Storage>,
    bytes: u64,
}

impl Reservation {
    /// Takes over what another one of the same storage holds.
    fn take_over(&mut self, mut other: Self) {
        self.bytes += std::mem::take(&mut other.bytes);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.storage
            .in_memory
            .fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Bytes at rest.
#[derive(Debug)]
pub struct Stored {
    size: u64,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Memory {
        chunks: Vec<Bytes>,
        _reservation: Option<Reservation>,
    },
    Disk {
        storage: Arc<Storage>,
        extents: Extents,
    },
    /// In a directory that lasts.
    #[cfg(feature = "data-dir")]
    Kept(Arc<data_dir::KeptContent>),
    Nowhere,
}

/// Why stored bytes cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// They were never kept.
    #[error("the content was not kept: this server was started without content")]
    NotKept,
    /// The disk failed.
    #[error("the content cannot be read back: {0}")]
    Disk(#[from] io::Error),
}

impl Stored {
    /// How many bytes they are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether they can be read at all.
    pub fn is_kept(&self) -> bool {
        !matches!(self.place, Place::Nowhere)
    }

    /// A handle on them, whose content hash is this.
    pub fn into_body(self, hash: ContentHash) -> Body {
        let about = AboutBody {
            hash,
            size: self.size,
            kept: self.is_kept(),
        };
        Body::new(about, self)
    }

    /// Up to `length` bytes from `offset`; fewer where a piece ends, none only at the end.
    pub async fn read(&self, offset: u64, length: usize) -> Result<Bytes, ReadError> {
        let length =
            length.min(usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX));
        if length == 0 {
            return Ok(Bytes::new());
        }
        match &self.place {
            Place::Nowhere => Err(ReadError::NotKept),
            Place::Memory { chunks, .. } => Ok(read_chunks(chunks, offset, length)),
            #[cfg(feature = "data-dir")]
            Place::Kept(content) => {
                let content = Arc::clone(content);
                let read = tokio::task::spawn_blocking(move || {
                    let mut bytes = BytesMut::zeroed(length);
                    content.read(offset, &mut bytes)?;
                    Ok::<_, io::Error>(bytes.freeze())
                });
                Ok(read.await.map_err(io::Error::other)??)
            }
            Place::Disk { storage, extents } => {
                let (storage, piece) = (Arc::clone(storage), extents.piece(offset, length));
                let read = tokio::task::spawn_blocking(move || {
                    let mut bytes = BytesMut::zeroed(piece.length);
                    storage.spill.read(piece.at, &mut bytes)?;
                    Ok::<_, io::Error>(bytes.freeze())
                });
                Ok(read.await.map_err(io::Error::other)??)
            }
        }
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        if let Place::Disk { storage, extents } = &mut self.place {
            storage.give_back(extents);
        }
    }
}

impl Place {
    /// Where no bytes are.
    fn empty() -> Self {
        Self::Memory {
            chunks: Vec::new(),
            _reservation: None,
        }
    }
}

fn read_chunks(chunks: &[Bytes], offset: u64, length: usize) -> Bytes {
    let mut skip = usize::try_from(offset).unwrap_or(usize::MAX);
    for chunk in chunks {
        if skip < chunk.len() {
            return chunk.slice(skip..chunk.len().min(skip + length));
        }
        skip -= chunk.len();
    }
    Bytes::new()
}

#[cfg(test)]
mod tests;
