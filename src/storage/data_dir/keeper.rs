//! Takes what steps change, and has it on the disk before anybody is answered.
//!
//! One thread commits. While it does, the changes of others gather, and share the next commit: so many clients
//! at once cost as many syncs as one.

use super::contents::Contents;
use super::disk::Disk;
use super::store::{Batch, Store, StoreFailed};
use crate::dropbox::recorded::{Recorder, Rows};
use crate::storage::not_kept::NotKept;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::watch;

/// How far the disk has come.
#[derive(Clone, Debug, Default)]
struct Progress {
    /// The changes up to this one are on the disk.
    kept: u64,
    /// Those up to this one were tried, and why they are not there.
    failed: Option<(u64, NotKept)>,
}

#[derive(Debug)]
pub struct Keeper {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    work: Condvar,
    progress: watch::Sender<Progress>,
}

#[derive(Debug, Default)]
struct Queue {
    batch: Batch,
    /// Counts the changes that came.
    taken: u64,
    /// Somebody waits for what failed.
    again: bool,
    ending: bool,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder for Keeper {
    fn record(&self, rows: Rows) {
        let mut queue = self.shared.queue();
        for change in rows.0 {
            queue.batch.add(change);
        }
        queue.taken += 1;
        self.shared.work.notify_one();
    }
}

impl Keeper {
    pub(super) fn start(
        store: Store,
        path: PathBuf,
        disk: Disk,
        contents: Arc<Contents>,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            work: Condvar::new(),
            progress: watch::channel(Progress::default()).0,
        });
        let writer = Writer {
            shared: Arc::clone(&shared),
            store: Some(store),
            path,
            disk,
            contents,
        };
        let thread = std::thread::Builder::new()
            .name("fake-dropbox data".to_owned())
            .spawn(move || writer.run())?;
        Ok(Self {
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Over once all that has changed so far is on the disk.
    pub async fn kept(&self) -> Result<(), NotKept> {
        let taken = self.shared.queue().taken;
        let mut progress = self.shared.progress.subscribe();
        {
            let progress = progress.borrow_and_update();
            if progress.kept >= taken {
                return Ok(());
            }
            if let Some((tried, error)) = &progress.failed
                && *tried >= taken
            {
                let error = error.clone();
                drop(progress);
                self.try_again();
                return Err(error);
            }
        }
        let reached = progress.wait_for(|progress| {
            progress.kept >= taken
                || progress
                    .failed
                    .as_ref()
                    .is_some_and(|(tried, _)| *tried >= taken)
        });
        match reached.await {
            Ok(progress) if progress.kept >= taken => Ok(()),
            Ok(progress) => Err(progress
                .failed
                .as_ref()
                .map_or_else(ended, |(_, error)| error.clone())),
            Err(_) => Err(ended()),
        }
    }

    /// Perhaps there is room by now.
    fn try_again(&self) {
        self.shared.queue().again = true;
        self.shared.work.notify_one();
    }

    /// Writes what is left, and lets go of the store.
    pub(super) fn end(&self) {
        self.shared.queue().ending = true;
        self.shared.work.notify_one();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            let _ended = thread.join();
        }
    }
}

fn ended() -> NotKept {
    NotKept {
        reason: "the server has ended".to_owned(),
        for_good: true,
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.end();
    }
}

struct Writer {
    shared: Arc<Shared>,
    store: Option<Store>,
    path: PathBuf,
    disk: Disk,
    contents: Arc<Contents>,
}

impl Writer {
    fn run(mut self) {
        let mut batch = Batch::default();
        let mut unused = Vec::new();
        let mut lost: Option<NotKept> = None;
        loop {
            let (taken, ending) = {
                let mut queue = self.shared.queue();
                while queue.batch.is_empty() && !queue.again && !queue.ending {
                    queue = self
                        .shared
                        .work
                        .wait(queue)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                queue.again = false;
                // First what is unused, then the changes: so those by which it became unused are among them.
                unused.extend(self.contents.take_unused());
                batch.append(std::mem::take(&mut queue.batch));
                (queue.taken, queue.ending)
            };
            let done = match &lost {
                Some(error) => Err(error.clone()),
                None if batch.is_empty() => Ok(()),
                None => self.commit(&batch).map_err(|failed| NotKept {
                    reason: failed.reason,
                    for_good: failed.for_good,
                }),
            };
            match done {
                Ok(()) => {
                    batch = Batch::default();
                    self.contents.remove_unused(std::mem::take(&mut unused));
                    self.shared.progress.send_modify(|progress| {
                        progress.kept = taken;
                        progress.failed = None;
                    });
                }
                Err(error) => {
                    tracing::error!(
                        "the data directory cannot be written: {error}; requests are answered with a 507{}",
                        if error.for_good {
                            " until the server is started again"
                        } else {
                            ""
                        }
                    );
                    if error.for_good {
                        lost = Some(error.clone());
                    }
                    self.shared.progress.send_modify(|progress| {
                        progress.failed = Some((taken, error));
                    });
                }
            }
            if ending {
                return;
            }
        }
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), StoreFailed> {
        let names = self.contents.sync_names();
        names.map_err(|error| StoreFailed {
            reason: error.to_string(),
            for_good: true,
        })?;
        let store = match self.store.take() {
            Some(store) => store,
            // After an error the file is read again; the changes are all here still.
            None => Store::open(&self.path, &self.disk)?,
        };
        store.commit(batch)?;
        self.store = Some(store);
        Ok(())
    }
}
