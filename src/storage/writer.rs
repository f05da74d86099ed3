//! Takes the bytes of one upload as they arrive.

use super::spill::Extents;
use super::{Place, Reservation, Storage, Stored};
use bytes::{Bytes, BytesMut};
use std::io;
use std::sync::Arc;

/// Bytes that are gathered before they go to the disk in one call.
const DISK_WRITE: usize = 1 << 20;

/// Bodies up to this many bytes are copied into a buffer of their own: a small piece of a large
/// network buffer would keep all of it alive.
const SMALL: u64 = 64 << 10;

/// The bytes of one upload so far. When it is dropped unfinished, nothing is left of them.
#[derive(Debug)]
pub struct Writer {
    storage: Arc<Storage>,
    size: u64,
    chunks: Vec<Bytes>,
    reservation: Option<Reservation>,
    disk: Option<OnDisk>,
}

#[derive(Debug)]
struct OnDisk {
    extents: Extents,
    written: u64,
    gathered: BytesMut,
}

impl Writer {
    pub(super) fn new(storage: Arc<Storage>) -> Self {
        Self {
            storage,
            size: 0,
            chunks: Vec::new(),
            reservation: None,
            disk: None,
        }
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
                    Some(whole) => whole.absorb(reservation),
                    None => self.reservation = Some(reservation),
                }
                self.chunks.push(bytes);
                return Ok(());
            }
            self.move_to_disk().await?;
        }
        self.gather(&bytes).await
    }

    /// The bytes at rest.
    pub async fn finish(mut self) -> io::Result<Stored> {
        self.flush().await?;
        let place = match self.disk.take() {
            Some(OnDisk { extents, .. }) => Place::Disk {
                storage: Arc::clone(&self.storage),
                extents,
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
        self.disk = Some(OnDisk {
            extents: Extents::default(),
            written: 0,
            gathered: BytesMut::new(),
        });
        for chunk in std::mem::take(&mut self.chunks) {
            self.gather(&chunk).await?;
        }
        self.reservation = None;
        Ok(())
    }

    async fn gather(&mut self, bytes: &[u8]) -> io::Result<()> {
        let disk = self
            .disk
            .as_mut()
            .expect("only called when the bytes go to the disk");
        disk.gathered.extend_from_slice(bytes);
        if disk.gathered.len() >= DISK_WRITE {
            self.flush().await
        } else {
            Ok(())
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        let Some(mut disk) = self.disk.take() else {
            return Ok(());
        };
        if disk.gathered.is_empty() {
            self.disk = Some(disk);
            return Ok(());
        }
        // The extents travel with the work, so that they are given back even when this future is
        // dropped while the disk is busy.
        let mut work = DiskWork {
            storage: Arc::clone(&self.storage),
            extents: std::mem::take(&mut disk.extents),
        };
        let (written, gathered) = (disk.written, disk.gathered.split());
        disk.written += gathered.len() as u64;
        let done = tokio::task::spawn_blocking(move || {
            let result = work
                .storage
                .spill
                .append(&mut work.extents, written, &gathered);
            (result, std::mem::take(&mut work.extents))
        });
        let (result, extents) = done.await.map_err(io::Error::other)?;
        disk.extents = extents;
        self.disk = Some(disk);
        result
    }
}

#[derive(Debug)]
struct DiskWork {
    storage: Arc<Storage>,
    extents: Extents,
}

impl Drop for DiskWork {
    fn drop(&mut self) {
        self.storage.spill.free(&mut self.extents);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(disk) = &mut self.disk {
            self.storage.spill.free(&mut disk.extents);
        }
    }
}
