//! Which rules a case has shown, expectation by expectation.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Rules, as an expectation names them.
pub type Rules = &'static [&'static str];

/// What the expectations of one case have shown so far. Answers hold it, too.
#[derive(Clone, Debug, Default)]
pub struct Shown(Arc<Mutex<Record>>);

/// Which rules were shown, and which were contradicted.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// An expectation that would have failed otherwise has passed.
    pub shown: BTreeSet<&'static str>,
    /// A probe got an answer that such a rule excludes.
    pub contradicted: BTreeSet<&'static str>,
}

impl Shown {
    /// An expectation that names these rules has passed.
    pub fn show(&self, rules: Rules) {
        self.lock().shown.extend(rules);
    }

    /// An answer was given that these rules exclude.
    pub fn contradict(&self, rules: Rules) {
        self.lock().contradicted.extend(rules);
    }

    /// All of it.
    pub fn record(&self) -> Record {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        // Every change is one insertion: a panic leaves nothing half-done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
