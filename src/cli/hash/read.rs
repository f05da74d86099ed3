//! Hashing a file, on several threads where it has several blocks.

use super::super::failure::plain;
use super::progress::Progress;
use crate::dropbox::content_hash::{BLOCK_SIZE, ContentHash, ContentHasher};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

/// Bytes that are read in one go.
const PIECE: usize = 1 << 18;
/// Threads beyond this number wait for the disk.
const MOST_THREADS: usize = 8;

/// Where bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Stdin,
    File(PathBuf),
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" {
            Self::Stdin
        } else {
            Self::File(path)
        }
    }
}

impl Source {
    /// Its name as text, for messages.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) => path.to_string_lossy().into_owned(),
        }
    }

    /// Its name as the system spells it.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Stdin => b"-".to_vec(),
            Self::File(path) => path.as_os_str().as_encoded_bytes().to_vec(),
        }
    }

    /// Its size, if that can be known beforehand.
    pub fn expected_size(&self) -> Option<u64> {
        match self {
            Self::Stdin => None,
            Self::File(path) => {
                let metadata = std::fs::metadata(path).ok()?;
                // Pipes and devices say 0 and go on.
                metadata.is_file().then_some(metadata.len())
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashed {
    pub hash: ContentHash,
    /// How many bytes there were.
    pub size: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum CannotHash {
    #[error("cannot read {name}: {}", plain(.source))]
    Read { name: String, source: io::Error },
    #[error("{name} changed while it was read")]
    Changed { name: String },
}

/// Hashes a whole source.
pub fn hash(source: &Source, progress: &Progress) -> Result<Hashed, CannotHash> {
    let failed = |error| CannotHash::Read {
        name: source.name(),
        source: error,
    };
    match source {
        Source::Stdin => one_by_one(io::stdin().lock(), progress).map_err(failed),
        Source::File(path) => {
            let file = File::open(path).map_err(failed)?;
            let metadata = file.metadata().map_err(failed)?;
            let blocks = metadata.len().div_ceil(BLOCK_SIZE as u64);
            if !metadata.is_file() || blocks < 2 {
                return one_by_one(file, progress).map_err(failed);
            }
            let all = all_blocks(path, metadata.len(), progress).map_err(failed)?;
            let size_now = file.metadata().map_err(failed)?.len();
            match all {
                Some(hash) if size_now == metadata.len() => Ok(Hashed {
                    hash,
                    size: size_now,
                }),
                _ => Err(CannotHash::Changed {
                    name: source.name(),
                }),
            }
        }
    }
}

fn one_by_one(mut from: impl Read, progress: &Progress) -> io::Result<Hashed> {
    let mut hasher = ContentHasher::new();
    let mut piece = vec![0; PIECE];
    loop {
        match from.read(&mut piece) {
            Ok(0) => {
                let size = hasher.size();
                let hash = hasher.finish();
                return Ok(Hashed { hash, size });
            }
            Ok(length) => {
                hasher.update(&piece[..length]);
                progress.add(length as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Hashes the blocks of a file on several threads; each takes the next block that nobody has. None
/// if the file ends too early.
fn all_blocks(path: &Path, size: u64, progress: &Progress) -> io::Result<Option<ContentHash>> {
    let blocks = size.div_ceil(BLOCK_SIZE as u64);
    let next = AtomicU64::new(0);
    let too_short = AtomicBool::new(false);
    let digests = Mutex::new(Vec::new());
    let work = || -> io::Result<()> {
        let mut file = File::open(path)?;
        let mut piece = vec![0; PIECE];
        let mut own = Vec::new();
        while !too_short.load(Ordering::Relaxed) {
            let block = next.fetch_add(1, Ordering::Relaxed);
            if block >= blocks {
                break;
            }
            let start = block * BLOCK_SIZE as u64;
            let length = (size - start).min(BLOCK_SIZE as u64);
            file.seek(SeekFrom::Start(start))?;
            match one_block((&file).take(length), length, &mut piece, progress)? {
                Some(digest) => own.push((block, digest)),
                None => too_short.store(true, Ordering::Relaxed),
            }
        }
        let mut digests = digests.lock().expect("no holder of this lock can panic");
        digests.append(&mut own);
        Ok(())
    };
    let most = usize::try_from(blocks).unwrap_or(MOST_THREADS);
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(MOST_THREADS)
        .min(most);
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut ended = work();
        for other in others {
            ended = ended.and(other.join().expect("the work does not panic"));
        }
        ended
    })?;
    if too_short.into_inner() {
        return Ok(None);
    }
    let mut digests = digests
        .into_inner()
        .expect("no holder of this lock can panic");
    digests.sort_unstable_by_key(|(block, _)| *block);
    Ok(Some(ContentHash::of_blocks(
        digests.into_iter().map(|(_, digest)| digest),
    )))
}

/// The digest of one block; none if there are fewer bytes than it should have.
fn one_block(
    mut from: impl Read,
    length: u64,
    piece: &mut [u8],
    progress: &Progress,
) -> io::Result<Option<[u8; 32]>> {
    let mut block = Sha256::new();
    let mut read = 0;
    loop {
        match from.read(piece) {
            Ok(0) => return Ok((read == length).then(|| block.finalize().into())),
            Ok(bytes) => {
                block.update(&piece[..bytes]);
                read += bytes as u64;
                progress.add(bytes as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_file_of_any_number_of_blocks_has_the_hash_of_its_bytes() {
        for size in [
            0,
            1,
            BLOCK_SIZE - 1,
            BLOCK_SIZE,
            BLOCK_SIZE + 1,
            3 * BLOCK_SIZE + 17,
        ] {
            let bytes: Vec<u8> = (0..size)
                .map(|at| u8::try_from(at % 251).expect("below 251"))
                .collect();
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&bytes).unwrap();
            let source = Source::from(file.path().to_owned());
            let hashed = hash(&source, &Progress::over(&source)).unwrap();
            assert_eq!(hashed.hash, ContentHash::of(&bytes), "{size}");
            assert_eq!(hashed.size, size as u64);
        }
    }

    #[test]
    fn a_file_that_ends_too_early_is_noticed() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&vec![1; BLOCK_SIZE + 5]).unwrap();
        let source = Source::from(file.path().to_owned());
        let progress = Progress::over(&source);
        let longer = 2 * BLOCK_SIZE as u64 + 1;
        assert!(
            all_blocks(file.path(), longer, &progress)
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_directory_cannot_be_hashed() {
        let directory = tempfile::tempdir().unwrap();
        let source = Source::from(directory.path().to_owned());
        let error = hash(&source, &Progress::over(&source)).unwrap_err();
        assert!(error.to_string().starts_with("cannot read "), "{error}");
        assert!(!error.to_string().contains("os error"), "{error}");
    }
}
