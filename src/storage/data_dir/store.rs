//! The rows, in one file of redb: a commit is there as a whole or not at all.

use super::disk::Disk;
use crate::dropbox::recorded::RowChange;
use crate::storage::spill::{read_exact_at, write_all_at};
use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");
const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");

/// The form of the rows that this program writes.
pub(super) const FORMAT: u64 = 2;

/// Bytes of the file that are held in memory: all that is read is read once, at the start.
const CACHE: usize = 16 << 20;

/// Changes that are committed together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    clears: Vec<Vec<u8>>,
    rows: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.clears.is_empty() && self.rows.is_empty()
    }

    /// Comes after what is in it.
    pub(super) fn add(&mut self, change: RowChange) {
        match change {
            RowChange::Put(key, value) => {
                self.rows.insert(key, Some(value));
            }
            RowChange::Remove(key) => {
                self.rows.insert(key, None);
            }
            RowChange::Clear(prefix) => {
                let mut behind = self.rows.split_off(&prefix);
                behind.retain(|key, _| !key.starts_with(&prefix));
                self.rows.append(&mut behind);
                self.clears.push(prefix);
            }
        }
    }

    /// Puts another one behind it.
    pub(super) fn append(&mut self, later: Self) {
        for prefix in later.clears {
            self.add(RowChange::Clear(prefix));
        }
        self.rows.extend(later.rows);
    }
}

/// The file.
#[derive(Debug)]
pub(super) struct Store {
    database: Database,
    sync_failed: Arc<AtomicBool>,
}

/// Why the store does not do what it should.
#[derive(Debug)]
pub(super) struct StoreFailed {
    pub(super) reason: String,
    /// Nobody knows any more what is on the disk: after a sync that failed, the next one says nothing.
    pub(super) for_good: bool,
}

#[derive(Debug)]
struct Backend {
    file: File,
    disk: Disk,
    sync_failed: Arc<AtomicBool>,
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        read_exact_at(&self.file, out, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.call()?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        let synced = self.disk.sync(|| self.file.sync_data());
        if synced.is_err() {
            self.sync_failed.store(true, Ordering::SeqCst);
        }
        synced
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk.call()?;
        write_all_at(&self.file, data, offset)
    }
}

impl Store {
    /// Opens the file, or makes it.
    pub(super) fn open(path: &Path, disk: &Disk) -> Result<Self, StoreFailed> {
        let sync_failed = Arc::new(AtomicBool::new(false));
        let failed = |reason: String| StoreFailed {
            reason,
            for_good: sync_failed.load(Ordering::SeqCst),
        };
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|error| failed(error.to_string()))?;
        let backend = Backend {
            file,
            disk: disk.clone(),
            sync_failed: Arc::clone(&sync_failed),
        };
        // redb asserts some of what a damaged file breaks.
        let opened = quietly(|| {
            redb::Builder::new()
                .set_cache_size(CACHE)
                .create_with_backend(backend)
        });
        let database = match opened {
            Some(opened) => opened.map_err(|error| failed(error.to_string()))?,
            None => return Err(failed("it is not one that can be read".to_owned())),
        };
        Ok(Self {
            database,
            sync_failed,
        })
    }

    /// The form of the rows; none in a store that was made just now.
    pub(super) fn format(&self) -> Result<Option<u64>, StoreFailed> {
        let read = || -> Result<Option<u64>, redb::Error> {
            let reading = self.database.begin_read()?;
            match reading.open_table(ABOUT) {
                Ok(table) => Ok(table.get("format")?.map(|format| format.value())),
                Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
                Err(error) => Err(error.into()),
            }
        };
        self.told(quietly(read))
    }

    /// Notes the form of the rows in a store that was made just now.
    pub(super) fn begin(&self) -> Result<(), StoreFailed> {
        let begin = || -> Result<(), redb::Error> {
            let writing = self.database.begin_write()?;
            writing.open_table(ABOUT)?.insert("format", FORMAT)?;
            writing.open_table(ROWS)?;
            writing.commit()?;
            Ok(())
        };
        self.told(quietly(begin))
    }

    /// Every row in the order of the keys.
    pub(super) fn each<E>(
        &self,
        mut take: impl FnMut(&[u8], &[u8]) -> Result<(), E>,
    ) -> Result<Result<(), E>, StoreFailed> {
        let read = || -> Result<Result<(), E>, redb::Error> {
            let table = self.database.begin_read()?.open_table(ROWS)?;
            for row in table.iter()? {
                let (key, value) = row?;
                if let Err(error) = take(key.value(), value.value()) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        };
        self.told(quietly(read))
    }

    /// Commits changes: once this is over they are on the disk.
    pub(super) fn commit(&self, batch: &Batch) -> Result<(), StoreFailed> {
        let commit = || -> Result<(), redb::Error> {
            let mut writing = self.database.begin_write()?;
            // Costs a little at each commit, and saves a walk through the whole file after a crash.
            writing.set_quick_repair(true);
            {
                let mut table = writing.open_table(ROWS)?;
                for prefix in &batch.clears {
                    let behind = behind(prefix);
                    table.retain_in(prefix.as_slice()..behind.as_slice(), |_, _| false)?;
                }
                for (key, value) in &batch.rows {
                    match value {
                        Some(value) => table.insert(key.as_slice(), value.as_slice())?,
                        None => table.remove(key.as_slice())?,
                    };
                }
            }
            writing.commit()?;
            Ok(())
        };
        self.told(quietly(commit))
    }

    fn told<T>(&self, done: Option<Result<T, redb::Error>>) -> Result<T, StoreFailed> {
        let failed = |reason: String| StoreFailed {
            reason,
            for_good: self.sync_failed.load(Ordering::SeqCst),
        };
        match done {
            Some(done) => done.map_err(|error| failed(error.to_string())),
            None => Err(failed("it contradicts itself".to_owned())),
        }
    }
}

/// The first key that does not begin with `prefix`, which is no key of only the last byte.
fn behind(prefix: &[u8]) -> Vec<u8> {
    let mut behind = prefix.to_vec();
    while let Some(last) = behind.pop() {
        if let Some(next) = last.checked_add(1) {
            behind.push(next);
            break;
        }
    }
    behind
}

/// What is done, or nothing where it panicked.
fn quietly<T>(doing: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(doing)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cleared_is_gone_and_what_comes_after_it_stays() {
        let put = |key: &[u8]| RowChange::Put(key.to_vec(), b"x".to_vec());
        let mut batch = Batch::default();
        batch.add(put(b"a1"));
        batch.add(put(b"b1"));
        batch.add(RowChange::Clear(b"a".to_vec()));
        batch.add(put(b"a2"));
        let keys: Vec<&[u8]> = batch.rows.keys().map(Vec::as_slice).collect();
        assert_eq!(keys, [b"a2", b"b1"]);
        assert_eq!(behind(b"a\xff"), b"b");
    }
}
