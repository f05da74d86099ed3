//! An account that many requests share, and what every one of its steps goes through.

use super::account::Account;
use super::recorded::{AccountImage, Part, Recorded, RecordedGuard, Recording, Rows};
use crate::sync::{Beyond, Mutex, RwLock, RwLockReadGuard, Signal};
use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// An account behind its lock. Steps in one account follow one another; those in others go on beside.
#[derive(Debug)]
pub struct SharedAccount {
    name: Arc<str>,
    account_id: String,
    gate: Arc<Gate>,
    account: Recorded<Account>,
    changes: Signal,
}

/// What a step goes through before it comes to its account: nobody passes while somebody does one
/// step on all accounts.
#[derive(Debug, Default)]
pub(super) struct Gate {
    pub(super) open: RwLock<()>,
    pub(super) changed: ChangedAccounts,
    pub(super) recording: Recording,
}

/// The names of the accounts that changed, until somebody takes them.
#[derive(Debug, Default)]
pub struct ChangedAccounts {
    names: Mutex<BTreeSet<Arc<str>>>,
    signal: Signal,
}

impl ChangedAccounts {
    /// Waits until an account changes, and takes the names of those that did.
    pub async fn take(&self) -> BTreeSet<Arc<str>> {
        loop {
            let seen = self.signal.times();
            let names = std::mem::take(&mut *self.names.lock());
            if !names.is_empty() {
                return names;
            }
            self.signal.beyond(seen).await;
        }
    }

    fn add(&self, name: &Arc<str>) {
        if self.names.lock().insert(Arc::clone(name)) {
            self.signal.notify();
        }
    }
}

impl SharedAccount {
    pub(super) fn new(account: Account, gate: Arc<Gate>) -> Self {
        let part = gate.recording.new_part();
        let account = Recorded::new(part, &gate.recording, account);
        Self::around(account, gate)
    }

    /// An account, behind the gate through which all steps go.
    pub(super) fn around(account: Recorded<Account>, gate: Arc<Gate>) -> Self {
        let (name, account_id) = {
            let account = account.lock();
            (Arc::clone(&account.name), account.account_id.clone())
        };
        Self {
            name,
            account_id,
            gate,
            account,
            changes: Signal::default(),
        }
    }

    /// Where it is kept.
    pub(super) fn part(&self) -> Part {
        self.account.part()
    }

    /// The name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// `dbid:…`.
    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    /// The account, for one step. Whoever waits for changes is told when the step is over. A step
    /// takes no second account, and ends before the next `await`.
    pub fn lock(&self) -> AccountGuard<'_> {
        let gate = self.gate.open.read();
        let account = self.account.lock();
        AccountGuard {
            before: mark(&account),
            account,
            _gate: gate,
            told: Told {
                shared: self,
                changed: false,
            },
        }
    }

    /// One step in the account by whoever has closed the gate; whether it changed something. What is to be
    /// recorded comes into `rows`.
    pub(super) fn step_alone<T>(
        &self,
        step: impl FnOnce(&mut Account) -> T,
        rows: &mut Rows,
    ) -> (T, bool, Option<AccountImage>) {
        let mut account = self.account.lock();
        let before = mark(&account);
        let result = step(&mut account);
        let changed = before != mark(&account);
        if changed {
            account.let_revisions_go(before.0);
        }
        let left_behind = account.settle(rows);
        (result, changed, left_behind)
    }

    /// How many changes there were; see [`SharedAccount::changed`].
    pub fn changes(&self) -> u64 {
        self.changes.times()
    }

    /// Over once there were more than `seen` changes. Who counts them before he looks at the account
    /// misses none.
    pub fn changed(&self, seen: u64) -> impl Future<Output = ()> + Send + '_ {
        let wait: Beyond<'_> = self.changes.beyond(seen);
        wait
    }

    /// Tells whoever waits that the account changed.
    pub(super) fn tell(&self) {
        self.changes.notify();
        self.gate.changed.add(&self.name);
    }
}

/// What a change moves.
fn mark(account: &Account) -> (usize, u64) {
    (account.state.tree.position(), account.epoch)
}

/// An account during a step.
#[derive(Debug)]
pub struct AccountGuard<'a> {
    before: (usize, u64),
    // The order of the fields is that of their ends: whoever is told finds the account free.
    account: RecordedGuard<'a, Account>,
    _gate: RwLockReadGuard<'a, ()>,
    told: Told<'a>,
}

#[derive(Debug)]
struct Told<'a> {
    shared: &'a SharedAccount,
    changed: bool,
}

impl Deref for AccountGuard<'_> {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.account
    }
}

impl DerefMut for AccountGuard<'_> {
    fn deref_mut(&mut self) -> &mut Account {
        &mut self.account
    }
}

impl Drop for AccountGuard<'_> {
    fn drop(&mut self) {
        self.told.changed = self.before != mark(&self.account);
        if self.told.changed {
            self.account.let_revisions_go(self.before.0);
        }
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if self.changed {
            self.shared.tell();
        }
    }
}
