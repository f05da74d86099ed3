//! How many calls and bytes a run may spend, held while it runs.

use std::sync::atomic::{AtomicU64, Ordering};

/// Calls and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// Requests, repeated ones too.
    pub calls: u64,
    /// Bytes of request bodies.
    pub bytes: u64,
}

/// A limit, and what was spent of it.
#[derive(Debug)]
pub struct Budget {
    limit: Spending,
    calls: AtomicU64,
    bytes: AtomicU64,
}

impl Budget {
    /// A budget that nothing was spent of.
    pub fn new(limit: Spending) -> Self {
        Self {
            limit,
            calls: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    pub fn limit(&self) -> Spending {
        self.limit
    }

    pub fn spent(&self) -> Spending {
        Spending {
            calls: self.calls.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }

    /// Takes one call with a body of `bytes`; says what would be exceeded, and then takes nothing.
    pub fn take(&self, bytes: u64) -> Result<(), String> {
        if !fits(&self.calls, 1, self.limit.calls) {
            return Err(format!("the budget of {} calls is spent", self.limit.calls));
        }
        self.take_bytes(bytes).inspect_err(|_| {
            self.calls.fetch_sub(1, Ordering::Relaxed);
        })
    }

    /// Takes bytes that belong to a call that was taken before.
    pub fn take_bytes(&self, bytes: u64) -> Result<(), String> {
        if fits(&self.bytes, bytes, self.limit.bytes) {
            Ok(())
        } else {
            Err(format!("the budget of {} bytes is spent", self.limit.bytes))
        }
    }
}

/// Adds to the counter unless that would pass the limit.
fn fits(counter: &AtomicU64, more: u64, limit: u64) -> bool {
    counter
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |spent| {
            spent.checked_add(more).filter(|sum| *sum <= limit)
        })
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_does_not_fit_takes_nothing() {
        let budget = Budget::new(Spending {
            calls: 2,
            bytes: 10,
        });
        assert_eq!(budget.take(10), Ok(()));
        assert!(budget.take(1).unwrap_err().contains("10 bytes"));
        assert_eq!(
            budget.spent(),
            Spending {
                calls: 1,
                bytes: 10
            }
        );
        assert_eq!(budget.take(0), Ok(()));
        assert!(budget.take(0).unwrap_err().contains("2 calls"));
    }
}
