//! How connections learn that the server stops, and how the server learns that they are gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;

/// How long connections get to notice that they are cut.
const CUT_GRACE: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct StopReport {
    /// Connections whose requests outlasted the grace period and were cut.
    pub cut: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Serving,
    Draining,
    Cut,
}

/// The server's end: it moves all connections from one phase to the next.
#[derive(Debug)]
pub(super) struct Lifetimes {
    phase: watch::Sender<Phase>,
    tasks: Arc<AtomicUsize>,
}

/// A connection's end. The server waits until all of them are dropped.
#[derive(Clone, Debug)]
pub(super) struct Lifetime {
    phase: watch::Receiver<Phase>,
    tasks: Arc<AtomicUsize>,
}

/// Counts a task as alive until it is dropped.
#[derive(Debug)]
struct Alive(Arc<AtomicUsize>);

impl Lifetimes {
    pub(super) fn new() -> (Self, Lifetime) {
        let (sender, receiver) = watch::channel(Phase::Serving);
        let tasks = Arc::new(AtomicUsize::new(0));
        let lifetime = Lifetime {
            phase: receiver,
            tasks: Arc::clone(&tasks),
        };
        (
            Self {
                phase: sender,
                tasks,
            },
            lifetime,
        )
    }

    /// Lets requests in flight finish for `grace`, then cuts what is left.
    pub(super) async fn stop(self, grace: Duration) -> StopReport {
        self.phase.send_replace(Phase::Draining);
        if tokio::time::timeout(grace, self.phase.closed())
            .await
            .is_ok()
        {
            return StopReport { cut: 0 };
        }
        let cut = self.tasks.load(Ordering::Relaxed);
        self.phase.send_replace(Phase::Cut);
        if tokio::time::timeout(CUT_GRACE, self.phase.closed())
            .await
            .is_err()
        {
            tracing::warn!("some connections did not end: a handler blocks its thread");
        }
        StopReport { cut }
    }
}

impl Lifetime {
    /// Resolves when the server stops, or is gone.
    pub(super) async fn draining(&mut self) {
        // An error means that the server's end is gone, which is a stop too.
        let _ = self.phase.wait_for(|phase| *phase >= Phase::Draining).await;
    }

    /// Spawns a task that ends early when the grace period of a stop is over.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut phase = self.phase.clone();
        let tasks = Arc::clone(&self.tasks);
        tasks.fetch_add(1, Ordering::Relaxed);
        let alive = Alive(tasks);
        tokio::spawn(async move {
            let _alive = alive;
            tokio::select! {
                () = task => {}
                _ = phase.wait_for(|phase| *phase == Phase::Cut) => {}
            }
        });
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
