//! Locks, and waiting for what they guard: the one layer through which steps meet each other.
//!
//! A lock under which somebody panicked is taken all the same: a step that panics is answered with a
//! 500, and what it left behind is still a state.
//!
//! With the feature `interleavings` the same code runs on the locks of a model checker, which tries the
//! orders in which threads can come to them (`.ci/long interleavings`).

#[cfg(feature = "interleavings")]
use loom::sync as locks;
use std::collections::BTreeMap;
use std::pin::Pin;
#[cfg(not(feature = "interleavings"))]
use std::sync as locks;
use std::sync::PoisonError;
use std::task::{Context, Poll, Waker};

pub(crate) use locks::{MutexGuard, RwLockReadGuard, RwLockWriteGuard};

/// [`std::sync::Mutex`] whose poison is nobody's.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(locks::Mutex<T>);

impl<T> Mutex<T> {
    /// Guards `value`.
    pub(crate) fn new(value: T) -> Self {
        Self(locks::Mutex::new(value))
    }

    /// Waits for its turn.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// [`std::sync::RwLock`] whose poison is nobody's.
#[derive(Debug, Default)]
pub(crate) struct RwLock<T>(locks::RwLock<T>);

impl<T> RwLock<T> {
    /// Waits until nobody writes.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nobody else is there.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts something that happens, and wakes whoever waits for the next time.
#[derive(Debug, Default)]
pub(crate) struct Signal(Mutex<Signalled>);

#[derive(Debug, Default)]
struct Signalled {
    times: u64,
    waiters: u64,
    waiting: BTreeMap<u64, Waker>,
}

impl Signal {
    /// How often it happened. Who looks at this before he looks at what it is about misses nothing.
    pub(crate) fn times(&self) -> u64 {
        self.0.lock().times
    }

    /// It happens.
    pub(crate) fn notify(&self) {
        let woken = {
            let mut signalled = self.0.lock();
            signalled.times += 1;
            std::mem::take(&mut signalled.waiting)
        };
        woken.into_values().for_each(Waker::wake);
    }

    /// Over once it has happened more than `seen` times.
    pub(crate) fn beyond(&self, seen: u64) -> Beyond<'_> {
        Beyond {
            signal: self,
            seen,
            waiter: None,
        }
    }
}

/// A wait; it leaves nothing behind when it is dropped.
#[derive(Debug)]
pub(crate) struct Beyond<'a> {
    signal: &'a Signal,
    seen: u64,
    waiter: Option<u64>,
}

impl Future for Beyond<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut signalled = self.signal.0.lock();
        if signalled.times > self.seen {
            return Poll::Ready(());
        }
        let waiter = self.waiter.unwrap_or_else(|| {
            signalled.waiters += 1;
            signalled.waiters
        });
        signalled.waiting.insert(waiter, context.waker().clone());
        drop(signalled);
        self.waiter = Some(waiter);
        Poll::Pending
    }
}

impl Drop for Beyond<'_> {
    fn drop(&mut self) {
        if let Some(waiter) = self.waiter {
            let gone = self.signal.0.lock().waiting.remove(&waiter);
            drop(gone);
        }
    }
}

#[cfg(all(test, not(feature = "interleavings")))]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn everybody_who_waits_is_woken_once_and_who_left_is_forgotten() {
        let (signal, woken) = (Signal::default(), Arc::new(Woken::default()));
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        let mut waits = [signal.beyond(0), signal.beyond(0), signal.beyond(0)];
        for wait in &mut waits {
            assert!(Pin::new(&mut *wait).poll(&mut context).is_pending());
            assert!(Pin::new(wait).poll(&mut context).is_pending());
        }
        let [mut first, second, third] = waits;
        drop(second);
        signal.notify();
        assert_eq!(woken.0.load(Ordering::Relaxed), 2);
        assert!(Pin::new(&mut first).poll(&mut context).is_ready());
        drop(third);
        assert!(signal.0.lock().waiting.is_empty());
    }

    #[test]
    fn what_happened_before_the_wait_is_not_missed() {
        let signal = Signal::default();
        let seen = signal.times();
        signal.notify();
        let mut context = Context::from_waker(Waker::noop());
        assert!(
            Pin::new(&mut signal.beyond(seen))
                .poll(&mut context)
                .is_ready()
        );
    }

    #[test]
    fn a_lock_under_which_somebody_panicked_is_taken_all_the_same() {
        let lock = Arc::new(Mutex::new(1));
        let shared = Arc::clone(&lock);
        let panicked = std::thread::spawn(move || {
            let mut value = shared.lock();
            *value = 2;
            panic!("a step that panics");
        });
        assert!(panicked.join().is_err());
        assert_eq!(*lock.lock(), 2);
    }
}
