//! What whoever keeps the state is told: what each step changed.
//!
//! A step ends with the difference between the state before it and after it, as rows: a key, and what stands under
//! it now. The rows of one step are kept together or not at all. Nobody has to say what he changed, so nobody can
//! forget it; and where the state shares its structure with its copy, looking for the difference costs as much as
//! the difference is large.

mod account;
mod credentials;
#[cfg(feature = "data-dir")]
mod load;

pub use account::AccountImage;
pub(super) use account::{Counters, Identity};
pub use credentials::CredentialsImage;
pub(super) use credentials::TokensRow;
#[cfg(feature = "data-dir")]
pub use load::{BadRow, FindBody, Loaded, Loader, decode};

use super::account::AccountState;
use super::world::Defaults;
use crate::sync::{Mutex, MutexGuard};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// What a row is about. The numbers are the store's: they stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// The seed of all ids.
    World = 1,
    Defaults = 2,
    Apps = 3,
    Grants = 4,
    RefreshTokens = 5,
    Codes = 6,
    UsedCodes = 7,
    /// Where the ids of tokens go on, and whether unknown ones are good.
    Tokens = 8,
    Clock = 9,
    Webhooks = 10,
    Snapshots = 11,
    /// Who an account is.
    Identity = 32,
    /// Where its ids and revs go on.
    Counters = 33,
    Settings = 34,
    Uploads = 35,
    Changes = 36,
    Links = 37,
    Sessions = 38,
    SessionParts = 39,
    Downloads = 40,
    SharedLinks = 41,
}

/// The part of the store that a row belongs to: an account, a state that was saved, or what all share.
pub type Part = u64;

/// What all accounts share.
pub const SHARED: Part = 0;

/// The beginning of the keys of a part, or of one kind in it.
pub fn prefix(part: Part, kind: Option<Kind>) -> Vec<u8> {
    let mut key = part.to_be_bytes().to_vec();
    key.extend(kind.map(|kind| kind as u8));
    key
}

/// What becomes of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowChange {
    /// This stands under this key now.
    Put(Vec<u8>, Vec<u8>),
    Remove(Vec<u8>),
    /// Nothing stands any more under a key that begins like this.
    Clear(Vec<u8>),
}

/// What a step changes in the store.
#[derive(Clone, Debug, Default)]
pub struct Rows(pub Vec<RowChange>);

impl Rows {
    /// This stands under this key now.
    pub fn put<T: Serialize + ?Sized>(&mut self, part: Part, kind: Kind, key: &[u8], value: &T) {
        let key = [&prefix(part, Some(kind)), key].concat();
        self.0.push(RowChange::Put(key, encode(value)));
    }

    /// Nothing stands under this key any more.
    pub fn remove(&mut self, part: Part, kind: Kind, key: &[u8]) {
        let key = [&prefix(part, Some(kind)), key].concat();
        self.0.push(RowChange::Remove(key));
    }

    /// Nothing of a part, or of one kind in it, is there any more.
    pub fn clear(&mut self, part: Part, kind: Option<Kind>) {
        self.0.push(RowChange::Clear(prefix(part, kind)));
    }

    /// The whole of a state that was saved.
    pub fn put_state(&mut self, part: Part, state: &AccountState) {
        account::state(part, &AccountState::default(), state, true, self);
    }

    /// What is different in a map with texts as keys.
    fn differences<V: Serialize + PartialEq>(
        &mut self,
        (part, kind): (Part, Kind),
        before: &OrdMap<Arc<str>, V>,
        after: &OrdMap<Arc<str>, V>,
    ) {
        if after.is_empty() && !before.is_empty() {
            return self.clear(part, Some(kind));
        }
        for item in before.diff(after) {
            match item {
                DiffItem::Add(key, value)
                | DiffItem::Update {
                    new: (key, value), ..
                } => {
                    self.put(part, kind, key.as_bytes(), value);
                }
                DiffItem::Remove(key, _) => self.remove(part, kind, key.as_bytes()),
            }
        }
    }

    /// One value, if it is another than before.
    fn difference<V: Serialize + PartialEq>(
        &mut self,
        (part, kind): (Part, Kind),
        before: Option<&V>,
        after: &V,
    ) {
        if before != Some(after) {
            self.put(part, kind, &[], after);
        }
    }
}

#[cfg(feature = "data-dir")]
fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).expect("all that is recorded has a form in bytes")
}

/// Without the feature nobody records.
#[cfg(not(feature = "data-dir"))]
fn encode<T: Serialize + ?Sized>(_: &T) -> Vec<u8> {
    Vec::new()
}

/// Whoever keeps what changes.
pub trait Recorder: Debug + Send + Sync {
    /// Takes what one step changed; steps come in their order.
    fn record(&self, rows: Rows);
}

/// Where all parts of a world find the one who keeps it, if there is one.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    recorder: Arc<OnceLock<Arc<dyn Recorder>>>,
    parts: Arc<AtomicU64>,
}

impl Recording {
    /// From now on this one is told.
    pub fn begin(&self, recorder: Arc<dyn Recorder>) {
        let _only_once = self.recorder.set(recorder);
    }

    /// Whether somebody is told.
    pub fn is_on(&self) -> bool {
        self.recorder.get().is_some()
    }

    /// Tells what a step changed.
    pub fn record(&self, rows: Rows) {
        if let Some(recorder) = self.recorder.get()
            && !rows.0.is_empty()
        {
            recorder.record(rows);
        }
    }

    /// A part of the store that nobody has.
    pub fn new_part(&self) -> Part {
        self.parts.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The parts up to this one are taken.
    #[cfg(feature = "data-dir")]
    fn taken(&self, part: Part) {
        self.parts.fetch_max(part, Ordering::Relaxed);
    }
}

/// Something whose changes can be recorded.
pub trait Record {
    /// All of it that is recorded, as it is at a moment.
    type Image: Debug;

    fn image(&self) -> Self::Image;

    /// The rows by which an image is another than the one before; all of it, where nothing was before.
    fn changes(part: Part, before: Option<&Self::Image>, after: &Self::Image, rows: &mut Rows);
}

/// A lock around something whose changes are recorded as its steps end.
#[derive(Debug)]
pub(super) struct Recorded<T: Record> {
    part: Part,
    recording: Recording,
    held: Mutex<Held<T>>,
}

#[derive(Debug)]
struct Held<T: Record> {
    value: T,
    /// What was recorded last.
    image: Option<T::Image>,
    touched: bool,
}

impl<T: Record> Recorded<T> {
    pub(super) fn new(part: Part, recording: &Recording, value: T) -> Self {
        Self {
            part,
            recording: recording.clone(),
            held: Mutex::new(Held {
                value,
                image: None,
                touched: true,
            }),
        }
    }

    /// One that was recorded as it is.
    #[cfg(feature = "data-dir")]
    fn known(part: Part, recording: &Recording, value: T) -> Self {
        recording.taken(part);
        let recorded = Self::new(part, recording, value);
        {
            let mut held = recorded.held.lock();
            held.image = Some(held.value.image());
            held.touched = false;
        }
        recorded
    }

    pub(super) fn part(&self) -> Part {
        self.part
    }

    pub(super) fn lock(&self) -> RecordedGuard<'_, T> {
        RecordedGuard {
            held: self.held.lock(),
            of: self,
            left_behind: None,
        }
    }
}

/// Something during a step. Looking at it changes nothing; whoever writes has it looked through at the end.
#[derive(Debug)]
pub struct RecordedGuard<'a, T: Record> {
    held: MutexGuard<'a, Held<T>>,
    of: &'a Recorded<T>,
    // It goes once the lock is free: it can be a lot.
    left_behind: Option<T::Image>,
}

impl<T: Record> RecordedGuard<'_, T> {
    /// Ends the step: its changes, which are the caller's to record, and what it leaves behind.
    pub(super) fn settle(&mut self, rows: &mut Rows) -> Option<T::Image> {
        if !self.of.recording.is_on() || !std::mem::take(&mut self.held.touched) {
            return None;
        }
        let after = self.held.value.image();
        T::changes(self.of.part, self.held.image.as_ref(), &after, rows);
        self.held.image.replace(after)
    }
}

impl<T: Record> Deref for RecordedGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.held.value
    }
}

impl<T: Record> DerefMut for RecordedGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.held.touched = true;
        &mut self.held.value
    }
}

impl<T: Record> Drop for RecordedGuard<'_, T> {
    fn drop(&mut self) {
        let mut rows = Rows::default();
        self.left_behind = self.settle(&mut rows);
        // While the lock is held: those who come next come next in the store, too.
        self.of.recording.record(rows);
    }
}

/// How the store spells what accounts to come are like.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct DefaultsRow {
    assumptions: AssumptionsRow,
    quota: u64,
}

impl Record for Defaults {
    type Image = DefaultsRow;

    fn image(&self) -> DefaultsRow {
        DefaultsRow {
            assumptions: AssumptionsRow::of(&self.assumptions),
            quota: self.quota.0,
        }
    }

    fn changes(part: Part, before: Option<&DefaultsRow>, after: &DefaultsRow, rows: &mut Rows) {
        rows.difference((part, Kind::Defaults), before, after);
    }
}

/// Assumptions as names and values: there will be others, and those that are there may go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssumptionsRow(String);

impl AssumptionsRow {
    fn of(assumptions: &super::assumptions::Assumptions) -> Self {
        Self(serde_json::to_string(assumptions).expect("assumptions are plain data"))
    }
}
