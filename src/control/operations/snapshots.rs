//! Saving the state of accounts under a name, and putting them back to it.

use super::{Answered, ControlError, Controls, Count, ErrorKind, Operation};
use crate::control::scope::Scope;
use crate::dropbox::account::{Account, AccountState};
#[cfg(feature = "data-dir")]
use crate::dropbox::recorded::{BadRow, Loaded, decode};
use crate::dropbox::recorded::{Kind, Part, Recording, Rows, SHARED};
use crate::sync::{Mutex, MutexGuard};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The most snapshots that are kept, over all accounts.
const MAX_SNAPSHOTS: usize = 10_000;

/// Saved states by scope and name. A state shares its structure with the account that it was
/// taken from, so saving and restoring one account takes the same time whatever is in it.
#[derive(Debug, Default)]
pub struct Snapshots {
    saved: Mutex<Saves>,
    recording: Recording,
}

type Saves = HashMap<Scope, BTreeMap<String, Saved>>;

#[derive(Clone, Debug)]
struct Saved {
    states: SavedStates,
    /// Where they are kept.
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum SavedStates {
    One(Box<AccountState>),
    All(HashMap<Arc<str>, AccountState>),
}

/// A snapshot as it is kept: whose it is (none: everybody's), its name, and the accounts with the parts of the
/// store that hold their states.
#[derive(Debug, Serialize, Deserialize)]
struct SnapshotRow {
    account: Option<Arc<str>>,
    name: String,
    states: Vec<(Arc<str>, Part)>,
}

impl Snapshots {
    /// Those that were kept in these rows, with their states.
    #[cfg(feature = "data-dir")]
    pub fn kept(rows: Vec<(Vec<u8>, Vec<u8>)>, loaded: &mut Loaded) -> Result<Self, BadRow> {
        let mut saves = Saves::new();
        for (key, value) in rows {
            let row: SnapshotRow = decode(&key, &value)?;
            let parts = row.states.iter().map(|(_, part)| *part).collect();
            let mut all = HashMap::new();
            for (account, part) in row.states {
                let state = loaded.take_state(&account, part)?;
                all.insert(account, state);
            }
            let (scope, states) = match row.account {
                None => (Scope::All, SavedStates::All(all)),
                Some(account) => {
                    let state = all.remove(&account);
                    let state = state.ok_or(BadRow::Missing("of a snapshot"))?;
                    (Scope::Account(account), SavedStates::One(Box::new(state)))
                }
            };
            let of_scope = saves.entry(scope).or_default();
            of_scope.insert(row.name, Saved { states, parts });
        }
        Ok(Self {
            saved: Mutex::new(saves),
            recording: Recording::default(),
        })
    }

    /// From now on they are kept there.
    #[cfg(feature = "data-dir")]
    pub fn record_to(&mut self, recording: &Recording) {
        self.recording = recording.clone();
    }

    fn lock(&self) -> MutexGuard<'_, Saves> {
        self.saved.lock()
    }

    /// The row of one that is kept, and its states. A state is written as a whole: only saving takes the longer the
    /// more is in it.
    fn rows_of(&self, scope: &Scope, name: &str, saved: &mut Saved) -> Rows {
        let mut rows = Rows::default();
        if !self.recording.is_on() {
            return rows;
        }
        let states: Vec<(Arc<str>, &AccountState)> = match (scope, &saved.states) {
            (Scope::Account(account), SavedStates::One(state)) => {
                vec![(Arc::clone(account), state)]
            }
            (_, SavedStates::One(_)) => Vec::new(),
            (_, SavedStates::All(states)) => {
                let states = states.iter();
                states
                    .map(|(account, state)| (Arc::clone(account), state))
                    .collect()
            }
        };
        let mut row = SnapshotRow {
            account: scope.name().map(Into::into),
            name: name.to_owned(),
            states: Vec::new(),
        };
        for (account, state) in states {
            let part = self.recording.new_part();
            rows.put_state(part, state);
            row.states.push((account, part));
        }
        rows.put(SHARED, Kind::Snapshots, &key(scope, name), &row);
        saved.parts = row.states.iter().map(|(_, part)| *part).collect();
        rows
    }

    fn record_removed(&self, removed: &Saved, rows: &mut Rows) {
        if self.recording.is_on() {
            for part in &removed.parts {
                rows.clear(*part, None);
            }
        }
    }
}

fn key(scope: &Scope, name: &str) -> Vec<u8> {
    let account = scope.name().unwrap_or_default();
    // The length comes first: no two pairs have one key.
    let length = (account.len() as u64).to_be_bytes();
    [&length, account.as_bytes(), name.as_bytes()].concat()
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
        let states = match scope {
            Scope::Account(name) => {
                let account = controls.world.account(name);
                let state = account.lock().state.clone();
                SavedStates::One(Box::new(state))
            }
            Scope::All => {
                let save = |name: &Arc<str>, account: &mut Account| {
                    (Arc::clone(name), account.state.clone())
                };
                let states = controls
                    .world
                    .everything(|everything| everything.each(save));
                SavedStates::All(states.into_iter().collect())
            }
        };
        let mut saved = Saved {
            states,
            parts: Vec::new(),
        };
        let mut rows = controls.snapshots.rows_of(scope, &self.name, &mut saved);
        let mut snapshots = controls.snapshots.lock();
        let count: usize = snapshots.values().map(BTreeMap::len).sum();
        let of_scope = snapshots.entry(scope.clone()).or_default();
        if count >= MAX_SNAPSHOTS && !of_scope.contains_key(&self.name) {
            return Err(ControlError::new(
                ErrorKind::Conflict,
                format!("There are {MAX_SNAPSHOTS} snapshots already; delete some."),
            ));
        }
        if let Some(replaced) = of_scope.insert(self.name, saved) {
            controls.snapshots.record_removed(&replaced, &mut rows);
        }
        controls.snapshots.recording.record(rows);
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
        match saved.states {
            SavedStates::One(state) => {
                // What was there before goes once the lock is free.
                controls.replace_each(scope, |_, account| account.restore((*state).clone()));
                Ok(())
            }
            SavedStates::All(mut states) => {
                controls.replace_each(scope, |name, account| match states.remove(name) {
                    Some(state) => account.restore(state),
                    // It came later: nothing was in it.
                    None => account.reset(),
                });
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
            Some(removed) => {
                let mut rows = Rows::default();
                controls.snapshots.record_removed(&removed, &mut rows);
                rows.remove(SHARED, Kind::Snapshots, &key(scope, &self.name));
                controls.snapshots.recording.record(rows);
                Ok(())
            }
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
        let count = controls.replace_each(scope, |_, account| account.reset());
        Ok(Count { count })
    }
}
