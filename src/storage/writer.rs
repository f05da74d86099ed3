//! Takes the bytes of one upload as they arrive.

#[cfg(feature = "data-dir")]
use super::data_dir::Incoming;
use super::spill::Extents;
use super::{GATHERED, Place, Reservation, Storage, Stored};
use crate::dropbox::content_hash::ContentHash;
use bytes::Bytes;
use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::task::JoinHandle;

/// Bytes that one upload gathers before they go to the disk in one call: fewer, the more uploads there are.
const DISK_WRITE: RangeInclusive<usize> = 64 << 10..=1 << 20;

/// Bodies up to this many bytes are copied into a buffer of their own: a small piece of a large
/// network buffer would keep all of it alive.
const SMALL: u64 = 64 << 10;

/// Pieces below this many bytes are copied together: each on its own would keep the network buffer alive that it came
/// in, which can be many times its size.
const TINY: usize = 128 << 10;

/// The bytes of one upload so far. When it is dropped unfinished, nothing is left of them.
#[derive(Debug)]
pub struct Writer {
    storage: Arc<Storage>,
    size: u64,
    chunks: Vec<Bytes>,
    /// Tiny pieces, which come behind `chunks`.
    tiny: Vec<u8>,
    reservation: Option<Reservation>,
    disk: Option<OnDisk>,
}

/// Pieces that go to the disk: some are gathered while others are written.
#[derive(Debug)]
struct OnDisk {
    /// It is one of them.
    storage: Arc<Storage>,
    gathered: Vec<Bytes>,
    gathered_bytes: usize,
    /// How many are gathered.
    until: usize,
    written: u64,
    /// Here, unless they are with the work.
    written_to: Option<SetAside>,
    work: Option<JoinHandle<io::Result<SetAside>>>,
}

impl OnDisk {
    fn new(storage: &Arc<Storage>) -> Self {
        storage.to_disk.fetch_add(1, Ordering::Relaxed);
        let mut new = Self {
            storage: Arc::clone(storage),
            gathered: Vec::new(),
            gathered_bytes: 0,
            until: 0,
            written: 0,
            written_to: None,
            work: None,
        };
        new.share();
        new
    }

    /// Takes its share of what all uploads may gather.
    fn share(&mut self) {
        let all = self.storage.to_disk.load(Ordering::Relaxed).max(1);
        self.until = (GATHERED / all).clamp(*DISK_WRITE.start(), *DISK_WRITE.end());
    }
}

impl Drop for OnDisk {
    fn drop(&mut self) {
        self.storage.to_disk.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A part of the disk that nobody else uses, until it is handed on or given back.
#[derive(Debug)]
enum SetAside {
    Temporary(TemporaryExtents),
    /// A file that can be kept.
    #[cfg(feature = "data-dir")]
    Lasting(Incoming),
}

#[derive(Debug)]
struct TemporaryExtents {
    storage: Arc<Storage>,
    extents: Extents,
}

impl SetAside {
    /// Blocks.
    fn new(storage: Arc<Storage>) -> io::Result<Self> {
        #[cfg(feature = "data-dir")]
        if let Some(contents) = &storage.contents {
            return contents.incoming().map(Self::Lasting);
        }
        Ok(Self::Temporary(TemporaryExtents {
            storage,
            extents: Extents::default(),
        }))
    }

    /// Writes behind the `at` bytes that are there. Blocks.
    fn append(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Temporary(TemporaryExtents { storage, extents }) => {
                storage.spill.append(extents, at, bytes)
            }
            #[cfg(feature = "data-dir")]
            Self::Lasting(incoming) => incoming.write(bytes, at),
        }
    }
}

impl Drop for TemporaryExtents {
    fn drop(&mut self) {
        self.storage.give_back(&mut self.extents);
    }
}

impl Writer {
    pub(super) fn new(storage: Arc<Storage>) -> Self {
        #[cfg(feature = "data-dir")]
        let lasts = storage.config.keep && storage.contents.is_some();
        #[cfg(not(feature = "data-dir"))]
        let lasts = false;
        Self {
            disk: lasts.then(|| OnDisk::new(&storage)),
            storage,
            size: 0,
            chunks: Vec::new(),
            tiny: Vec::new(),
            reservation: None,
        }
    }

    /// Bytes that wait to go to the disk.
    #[cfg(test)]
    pub(super) fn gathered(&self) -> usize {
        self.disk.as_ref().map_or(0, |disk| disk.gathered_bytes)
    }

    /// Takes the next bytes.
    pub async fn write(&mut self, bytes: Bytes) -> io::Result<()> {
        self.size += bytes.len() as u64;
        if !self.storage.config.keep || bytes.is_empty() {
            return Ok(());
        }
        if self.disk.is_none() {
            if let Some(reservation) = self.storage.reserve(bytes.len() as u64) {
                match &mut self.reservation {
                    Some(all) => all.take_over(reservation),
                    none => *none = Some(reservation),
                }
                self.hold(bytes);
                return Ok(());
            }
            self.move_to_disk().await?;
        }
        self.hold(bytes);
        self.gather().await
    }

    /// Keeps a piece, tiny ones together.
    fn hold(&mut self, bytes: Bytes) {
        if bytes.len() < TINY {
            self.tiny.extend_from_slice(&bytes);
            if self.tiny.len() as u64 >= SMALL {
                self.gather_tiny();
            }
        } else {
            self.gather_tiny();
            self.chunks.push(bytes);
        }
    }

    fn gather_tiny(&mut self) {
        if !self.tiny.is_empty() {
            // No larger than what is in it.
            let tiny = std::mem::take(&mut self.tiny).into_boxed_slice();
            self.chunks.push(Bytes::from(tiny));
        }
    }

    /// The bytes at rest; their content hash is this.
    pub async fn finish(
        mut self,
        #[cfg_attr(
            not(feature = "data-dir"),
            expect(unused_variables, reason = "only what is kept is found by its hash")
        )]
        hash: ContentHash,
    ) -> io::Result<Stored> {
        self.gather_tiny();
        if self.disk.is_some() {
            self.gather().await?;
            self.flush().await?;
            self.written().await?;
        }
        let place = match self.disk.take() {
            Some(mut disk) => match disk.written_to.take() {
                None => Place::empty(),
                Some(SetAside::Temporary(mut temporary)) => Place::Disk {
                    storage: Arc::clone(&self.storage),
                    extents: std::mem::take(&mut temporary.extents),
                },
                #[cfg(feature = "data-dir")]
                Some(SetAside::Lasting(incoming)) => {
                    let kept = tokio::task::spawn_blocking(move || incoming.keep(hash));
                    Place::Kept(Arc::new(kept.await.map_err(io::Error::other)??))
                }
            },
            None if self.storage.config.keep => {
                let mut chunks = std::mem::take(&mut self.chunks);
                if self.size <= SMALL {
                    chunks = vec![Bytes::from(chunks.concat())];
                }
                Place::Memory {
                    chunks,
                    _reservation: self.reservation.take(),
                }
            }
            None => Place::Nowhere,
        };
        Ok(Stored {
            size: self.size,
            place,
        })
    }

    async fn move_to_disk(&mut self) -> io::Result<()> {
        self.disk = Some(OnDisk::new(&self.storage));
        self.gather().await?;
        self.reservation = None;
        Ok(())
    }

    /// Hands whatever is held to the disk, as soon as there is enough of it.
    async fn gather(&mut self) -> io::Result<()> {
        for chunk in std::mem::take(&mut self.chunks) {
            let disk = self.on_disk();
            disk.gathered_bytes += chunk.len();
            disk.gathered.push(chunk);
            if disk.gathered_bytes >= disk.until {
                self.flush().await?;
            }
        }
        Ok(())
    }

    fn on_disk(&mut self) -> &mut OnDisk {
        self.disk
            .as_mut()
            .expect("only called when the bytes go to the disk")
    }

    /// Begins to write what was gathered, once what was written before is there.
    async fn flush(&mut self) -> io::Result<()> {
        self.written().await?;
        let storage = Arc::clone(&self.storage);
        // Whoever waits for a turn takes no more from his client meanwhile.
        let turns = Arc::clone(&storage.turns);
        let turn = turns.acquire_owned().await.map_err(io::Error::other)?;
        let disk = self.on_disk();
        disk.share();
        let gathered = std::mem::take(&mut disk.gathered);
        let length = std::mem::take(&mut disk.gathered_bytes);
        if length == 0 {
            return Ok(());
        }
        let mut at = disk.written;
        disk.written += length as u64;
        let set_aside = disk.written_to.take();
        // It travels with the work, so that it is given back even when nobody waits for it any more.
        disk.work = Some(tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let mut set_aside = match set_aside {
                Some(set_aside) => set_aside,
                None => SetAside::new(storage)?,
            };
            for bytes in gathered {
                set_aside.append(at, &bytes)?;
                at += bytes.len() as u64;
            }
            Ok(set_aside)
        }));
        Ok(())
    }

    /// Waits until what was handed to the disk is there.
    async fn written(&mut self) -> io::Result<()> {
        if let Some(work) = self.on_disk().work.take() {
            self.on_disk().written_to = Some(work.await.map_err(io::Error::other)??);
        }
        Ok(())
    }
}
