//! The temporary file, cut into extents that are used again.
//!
//! The file has no name once it is open, so that nothing of it is left on the disk when the
//! process ends, however it ends. Its extents are handed out and taken back; space that was never
//! written takes no room on the disk, and what is free at the end of the file is given back to it.

use crate::sync::{Mutex, MutexGuard};
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Bytes in an extent.
const EXTENT: u64 = 256 << 10;

#[derive(Debug)]
pub(super) struct SpillFile {
    directory: Option<PathBuf>,
    file: OnceLock<File>,
    opening: Mutex<()>,
    /// Held while the file grows or shrinks. Whoever gives extents back does not wait for it.
    end_of_file: Mutex<()>,
    extents: Mutex<FreeExtents>,
}

#[derive(Debug, Default)]
struct FreeExtents {
    /// The lowest is used first: it has its room on the disk already, which counts when the disk
    /// is full.
    free: BTreeSet<u64>,
    end: u64,
}

impl FreeExtents {
    fn has_free_end(&self) -> bool {
        self.end > 0 && self.free.last() == Some(&(self.end - 1))
    }
}

/// The extents of one body, in order; all full but the last.
#[derive(Debug, Default)]
pub(super) struct Extents(Vec<u64>);

/// A stretch of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) at: u64,
    pub(super) length: usize,
}

impl Extents {
    /// The stretch that holds the bytes from `offset`: at most `length`, at most to the end of the extent.
    pub(super) fn piece(&self, offset: u64, length: usize) -> Piece {
        let index = usize::try_from(offset / EXTENT).unwrap_or(usize::MAX);
        let within = offset % EXTENT;
        let room = usize::try_from(EXTENT - within).unwrap_or(usize::MAX);
        Piece {
            at: self.0[index] * EXTENT + within,
            length: length.min(room),
        }
    }
}

impl SpillFile {
    pub(super) fn new(directory: Option<PathBuf>) -> Self {
        Self {
            directory,
            file: OnceLock::new(),
            opening: Mutex::default(),
            end_of_file: Mutex::default(),
            extents: Mutex::default(),
        }
    }

    pub(super) fn bytes_in_use(&self) -> u64 {
        let extents = self.lock();
        (extents.end - extents.free.len() as u64) * EXTENT
    }

    /// Writes `bytes` behind the `size` bytes that `extents` hold already. Blocks.
    pub(super) fn append(&self, extents: &mut Extents, size: u64, bytes: &[u8]) -> io::Result<()> {
        let mut size = size;
        let mut rest = bytes;
        while !rest.is_empty() {
            if size == extents.0.len() as u64 * EXTENT {
                extents.0.push(self.allocate());
            }
            let piece = extents.piece(size, rest.len());
            let (now, later) = rest.split_at(piece.length);
            write_all_at(self.file()?, now, piece.at)?;
            size += now.len() as u64;
            rest = later;
        }
        Ok(())
    }

    /// Fills `bytes` from the place `at` of the file. Blocks.
    pub(super) fn read(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        read_exact_at(self.file()?, bytes, at)
    }

    /// Takes extents back. Whether the end of the file is free now, so that [`Self::shrink`] has work.
    pub(super) fn free(&self, extents: &mut Extents) -> bool {
        let mut all = self.lock();
        all.free.extend(extents.0.drain(..));
        all.has_free_end()
    }

    /// Gives what is free at the end of the file back to the disk. Blocks, some 60 ms for a gigabyte.
    pub(super) fn shrink(&self) {
        let _no_growth = self.end_of_file();
        let mut all = self.lock();
        while all.has_free_end() {
            all.free.pop_last();
            all.end -= 1;
        }
        let end = all.end;
        drop(all);
        if let Some(file) = self.file.get()
            && let Err(error) = file.set_len(end * EXTENT)
        {
            tracing::debug!(%error, "free space could not be given back to the disk");
        }
    }

    /// Bytes from the beginning of the file to its end.
    #[cfg(test)]
    pub(super) fn length(&self) -> u64 {
        let file = self.file.get().expect("something was written");
        file.metadata().expect("an open file").len()
    }

    /// Blocks as long as the file shrinks: what lies behind its new end is lost.
    fn allocate(&self) -> u64 {
        let _no_shrinking = self.end_of_file();
        let mut extents = self.lock();
        if let Some(extent) = extents.free.pop_first() {
            return extent;
        }
        extents.end += 1;
        extents.end - 1
    }

    fn end_of_file(&self) -> MutexGuard<'_, ()> {
        self.end_of_file.lock()
    }

    fn lock(&self) -> MutexGuard<'_, FreeExtents> {
        self.extents.lock()
    }

    fn file(&self) -> io::Result<&File> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let _guard = self.opening.lock();
        if self.file.get().is_none() {
            let file = match &self.directory {
                Some(directory) => tempfile::tempfile_in(directory)?,
                None => tempfile::tempfile()?,
            };
            self.file.set(file).expect("only one thread is here");
        }
        Ok(self.file.get().expect("it was set just now"))
    }
}

#[cfg(unix)]
pub(super) fn write_all_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(unix)]
pub(super) fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
pub(super) fn write_all_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, at)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => {
                bytes = &bytes[written..];
                at += written as u64;
            }
        }
    }
    Ok(())
}

#[cfg(windows)]
pub(super) fn read_exact_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                at += read as u64;
            }
        }
    }
    Ok(())
}
