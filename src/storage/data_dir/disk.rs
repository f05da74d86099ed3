//! What every write of a data directory goes through, so that a test can let any of them fail.

use std::io;
#[cfg(test)]
use std::ops::Range;
#[cfg(test)]
use std::sync::Arc;
#[cfg(test)]
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How surely what was written is there after the machine loses its power.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// It is on the disk before it is answered.
    #[default]
    Full,
    /// It is with the system, which writes it when it likes: it outlives the program, not the machine.
    Fast,
}

/// The disk as the data directory sees it.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    pub(super) durability: Durability,
    #[cfg(test)]
    faults: Option<Arc<DiskFaults>>,
}

/// Which calls fail: writes, syncs and renames are counted from 0.
#[cfg(test)]
#[derive(Debug)]
pub struct DiskFaults {
    calls: AtomicU64,
    fails: Range<u64>,
    error: io::ErrorKind,
    all_fail: AtomicBool,
}

#[cfg(test)]
impl DiskFaults {
    /// Those that fail, and how.
    pub fn new(fails: Range<u64>, error: io::ErrorKind) -> Arc<Self> {
        Arc::new(Self {
            calls: AtomicU64::new(0),
            fails,
            error,
            all_fail: AtomicBool::new(false),
        })
    }

    /// None fails, until all do.
    pub fn switched(error: io::ErrorKind) -> Arc<Self> {
        Self::new(u64::MAX..u64::MAX, error)
    }

    /// Whether all fail from now on.
    pub fn switch(&self, all_fail: bool) {
        self.all_fail.store(all_fail, Ordering::SeqCst);
    }

    /// How many calls there were.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }
}

impl Disk {
    /// A disk that keeps what it is given.
    pub fn new(durability: Durability) -> Self {
        Self {
            durability,
            #[cfg(test)]
            faults: None,
        }
    }

    /// The same with calls that fail.
    #[cfg(test)]
    #[must_use]
    pub fn failing(self, faults: Arc<DiskFaults>) -> Self {
        Self {
            faults: Some(faults),
            ..self
        }
    }

    /// Before a write, a rename, a sync: whether it works.
    #[cfg_attr(
        not(test),
        expect(clippy::unused_self, reason = "only a disk of a test fails")
    )]
    pub(super) fn call(&self) -> io::Result<()> {
        #[cfg(test)]
        if let Some(faults) = &self.faults {
            let call = faults.calls.fetch_add(1, Ordering::SeqCst);
            if faults.fails.contains(&call) || faults.all_fail.load(Ordering::SeqCst) {
                return Err(faults.error.into());
            }
        }
        Ok(())
    }

    /// Does `sync`, unless the system is trusted with it.
    pub(super) fn sync(&self, sync: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        if self.durability == Durability::Fast {
            return Ok(());
        }
        self.call()?;
        sync()
    }
}
