//! The clock in a test's hands.

use super::Shared;
use crate::control::operations::Moment;
use crate::control::operations::clock::{
    AdvanceClock, FreezeClock, ReadClock, ResetClock, ResumeClock, SetClock,
};
use crate::control::scope::Scope;
use crate::dropbox::time::Timestamp;
use std::time::Duration;

/// The clock of an account, or of the server and every account.
///
/// ```
/// use fake_dropbox::{Clock, FakeDropbox, Moment};
/// use std::time::Duration;
///
/// let dropbox = FakeDropbox::start_blocking();
/// let clock = dropbox.clock();
/// let before = clock.freeze();
/// clock.advance(Duration::from_secs(4 * 3600));
/// assert_eq!(clock.now().since(before), Duration::from_secs(4 * 3600));
///
/// let noon: Moment = "2026-01-31T12:00:00Z".parse().expect("a time");
/// clock.freeze_at(noon);
/// assert!(clock.is_frozen() && clock.now() == noon.0);
/// clock.set(std::time::SystemTime::now());
/// clock.resume();
/// clock.reset();
/// let of_one: Clock<'_> = dropbox.account("token").clock();
/// of_one.advance(Duration::from_secs(60));
/// ```
#[derive(Clone, Debug)]
pub struct Clock<'a> {
    shared: &'a Shared,
    scope: Scope,
}

impl<'a> Clock<'a> {
    pub(super) fn new(shared: &'a Shared, scope: Scope) -> Self {
        Self { shared, scope }
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        self.shared.expect(&self.scope, ReadClock {}).now.0
    }

    /// Whether it stands still.
    pub fn is_frozen(&self) -> bool {
        self.shared.expect(&self.scope, ReadClock {}).frozen
    }

    /// Stops it; where it stands from now on.
    pub fn freeze(&self) -> Timestamp {
        let stopped = FreezeClock { at: None };
        self.shared.expect(&self.scope, stopped).now.0
    }

    /// Stops it at a point in time.
    pub fn freeze_at(&self, at: impl Into<Moment>) {
        let at = Some(at.into());
        self.shared.expect(&self.scope, FreezeClock { at });
    }

    /// Moves it ahead, to the microsecond.
    ///
    /// # Panics
    /// When it would not move, or pass the year 9999.
    #[track_caller]
    pub fn advance(&self, by: Duration) {
        self.shared.expect(&self.scope, AdvanceClock::by(by));
    }

    /// Sets it; it goes on from there, or stays there if it is frozen.
    pub fn set(&self, to: impl Into<Moment>) {
        let to = to.into();
        self.shared.expect(&self.scope, SetClock { to });
    }

    /// Lets it go on from where it stands.
    pub fn resume(&self) {
        self.shared.expect(&self.scope, ResumeClock {});
    }

    /// Puts it back to the real time, an account's to that of the server.
    pub fn reset(&self) {
        self.shared.expect(&self.scope, ResetClock {});
    }
}
