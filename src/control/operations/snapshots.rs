//! Saving the state of accounts under a name, and putting them back to it.

use super::{Answered, ControlError, Controls, Count, ErrorKind, Operation};
use crate::control::scope::Scope;
use crate::dropbox::account::{Account, AccountState};
use crate::sync::{Mutex, MutexGuard};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The most snapshots that are kept, over all accounts.
const MAX_SNAPSHOTS: usize = 10_000;

/// Saved states by scope and name. A state shares its structure with the account that it was
/// taken from, so saving and restoring one account takes the same time whatever is in it.
#[derive(Debug, Default)]
pub struct Snapshots(Mutex<HashMap<Scope, BTreeMap<String, Saved>>>);

#[derive(Clone, Debug)]
enum Saved {
    One(Box<AccountState>),
    All(HashMap<Arc<str>, AccountState>),
}

impl Snapshots {
    fn lock(&self) -> MutexGuard<'_, HashMap<Scope, BTreeMap<String, Saved>>> {
        self.0.lock()
    }
}

/// Saves the state under a name.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SaveSnapshot {
    /// The name; a snapshot of this name is replaced.
    pub name: String,
}

impl Operation for SaveSnapshot {
    type Answer = ();
    const NAME: &'static str = "save_snapshot";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/snapshots";
    const SUMMARY: &'static str =
        "Saves files, links, sessions and settings of an account, or of all, under a name.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        if self.name.is_empty() {
            return Err(ControlError::bad("A snapshot needs a name."));
        }
        let saved = match scope {
            Scope::Account(name) => {
                let account = controls.world.account(name);
                let state = account.lock().state.clone();
                Saved::One(Box::new(state))
            }
            Scope::All => {
                let save = |name: &Arc<str>, account: &mut Account| {
                    (Arc::clone(name), account.state.clone())
                };
                let states = controls
                    .world
                    .everything(|everything| everything.each(save));
                Saved::All(states.into_iter().collect())
            }
        };
        let mut snapshots = controls.snapshots.lock();
        let count: usize = snapshots.values().map(BTreeMap::len).sum();
        let of_scope = snapshots.entry(scope.clone()).or_default();
        if count >= MAX_SNAPSHOTS && !of_scope.contains_key(&self.name) {
            return Err(ControlError::new(
                ErrorKind::Conflict,
                format!("There are {MAX_SNAPSHOTS} snapshots already; delete some."),
            ));
        }
        of_scope.insert(self.name, saved);
        Ok(())
    }
}

/// Puts the state back to a snapshot.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RestoreSnapshot {
    /// The name.
    pub name: String,
}

impl Operation for RestoreSnapshot {
    type Answer = ();
    const NAME: &'static str = "restore_snapshot";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/snapshots/restore";
    const SUMMARY: &'static str = "Puts an account, or all, back to a snapshot, which stays; an unknown name changes nothing.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let saved = {
            let snapshots = controls.snapshots.lock();
            let of_scope = snapshots.get(scope);
            let saved = of_scope.and_then(|saved| saved.get(&self.name)).cloned();
            saved.ok_or_else(|| unknown(&self.name, of_scope))?
        };
        match saved {
            Saved::One(state) => {
                // What was there before goes once the lock is free.
                controls.with_account(scope, |account, _| Ok(account.restore(*state)))?;
                Ok(())
            }
            Saved::All(mut states) => {
                controls.with_each(
                    scope,
                    |_| {},
                    |name, account| match states.remove(name) {
                        Some(state) => account.restore(state),
                        // It came later: nothing was in it.
                        None => account.reset(),
                    },
                );
                Ok(())
            }
        }
    }
}

fn unknown(name: &str, of_scope: Option<&BTreeMap<String, Saved>>) -> ControlError {
    let known: Vec<&str> = of_scope
        .into_iter()
        .flat_map(BTreeMap::keys)
        .map(String::as_str)
        .collect();
    let known = if known.is_empty() {
        "there are none".to_owned()
    } else {
        format!("there are {}", known.join(", "))
    };
    ControlError::not_found(format!(
        "There is no snapshot called {name:?} here; {known}. Nothing was changed."
    ))
}

/// Lists the snapshots.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListSnapshots {}

/// Names of snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SnapshotNames {
    /// In order.
    pub snapshots: Vec<String>,
}

impl Operation for ListSnapshots {
    type Answer = SnapshotNames;
    const NAME: &'static str = "list_snapshots";
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/snapshots";
    const SUMMARY: &'static str =
        "Lists the snapshots of an account, or those of all accounts together.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let snapshots = controls.snapshots.lock();
        let names = snapshots.get(scope).into_iter().flat_map(BTreeMap::keys);
        Ok(SnapshotNames {
            snapshots: names.cloned().collect(),
        })
    }
}

/// Forgets a snapshot.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeleteSnapshot {
    /// The name.
    pub name: String,
}

impl Operation for DeleteSnapshot {
    type Answer = ();
    const NAME: &'static str = "delete_snapshot";
    const METHOD: &'static str = "DELETE";
    const PATH: &'static str = "/snapshots";
    const SUMMARY: &'static str = "Forgets a snapshot.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let mut snapshots = controls.snapshots.lock();
        let of_scope = snapshots.get_mut(scope);
        let removed = of_scope.and_then(|saved| saved.remove(&self.name));
        match removed {
            Some(_) => Ok(()),
            None => Err(unknown(&self.name, snapshots.get(scope))),
        }
    }
}

/// Empties accounts: files, links and sessions go, settings stay.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reset {}

impl Operation for Reset {
    type Answer = Count;
    const NAME: &'static str = "reset";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/reset";
    const SUMMARY: &'static str = "Empties an account, or all: files, links, sessions and refused writes go; quota, assumptions and templates stay.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let count = controls.with_each(scope, |_| {}, |_, account| account.reset());
        Ok(Count { count })
    }
}
