//! The one place that reads the time.
//!
//! Everything else is handed a [`Timestamp`]. The clock can be frozen and moved, for the whole
//! server or for one account; real durations are measured with a [`Stopwatch`] and never moved.

#[cfg(feature = "data-dir")]
use crate::dropbox::recorded::{BadRow, decode};
use crate::dropbox::recorded::{Kind, Recording, Rows, SHARED};
use crate::dropbox::time::Timestamp;
use crate::sync::{Mutex, MutexGuard};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::watch;

/// The clock of a server and of each of its accounts.
///
/// ```
/// use fake_dropbox::internals::control::clock::{Change, Clock};
/// use std::time::Duration;
///
/// let clock = Clock::new();
/// clock.change(None, Change::Freeze);
/// let before = clock.now(None);
/// clock.change(None, Change::Advance(Duration::from_secs(4 * 3600)));
/// assert_eq!(clock.now(None).since(before), Duration::from_secs(4 * 3600));
/// ```
#[derive(Debug)]
pub struct Clock {
    state: Mutex<State>,
    moves: watch::Sender<u64>,
    recording: Recording,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    server: Pace,
    accounts: HashMap<Arc<str>, Pace>,
}

/// How a clock goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pace {
    /// Along with the real time, this many microseconds ahead of it (behind it, when negative).
    Running {
        /// Microseconds.
        ahead: i64,
    },
    /// Not at all.
    Frozen(Timestamp),
}

impl Default for Pace {
    fn default() -> Self {
        Self::Running { ahead: 0 }
    }
}

/// What a clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub now: Timestamp,
    /// Whether it stands still.
    pub frozen: bool,
}

/// What becomes of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It stops where it is.
    Freeze,
    /// It stops at this moment.
    FreezeAt(Timestamp),
    /// It goes ahead by this long, whether it stands still or not.
    Advance(Duration),
    /// It shows this moment, and goes on from there or stays there.
    Set(Timestamp),
    /// It goes on from where it stands.
    Resume,
    /// It shows the real time again.
    Reset,
}

impl Pace {
    /// What it shows at this real time.
    fn at(self, real: Timestamp) -> Reading {
        match self {
            Self::Running { ahead } => Reading {
                now: Timestamp::from_micros(real.as_micros().saturating_add(ahead)),
                frozen: false,
            },
            Self::Frozen(now) => Reading { now, frozen: true },
        }
    }

    fn changed(self, change: Change, real: Timestamp) -> Self {
        let running_from = |moment: Timestamp| Self::Running {
            ahead: moment.as_micros().saturating_sub(real.as_micros()),
        };
        match (change, self) {
            (Change::Freeze, _) => Self::Frozen(self.at(real).now),
            (Change::FreezeAt(moment), _) | (Change::Set(moment), Self::Frozen(_)) => {
                Self::Frozen(moment)
            }
            (Change::Set(moment), Self::Running { .. }) => running_from(moment),
            (Change::Advance(by), Self::Frozen(moment)) => Self::Frozen(moment.plus(by)),
            (Change::Advance(by), Self::Running { ahead }) => {
                let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
                Self::Running {
                    ahead: ahead.saturating_add(by),
                }
            }
            (Change::Resume, _) => running_from(self.at(real).now),
            (Change::Reset, _) => Self::default(),
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock {
    /// A clock that shows the real time.
    pub fn new() -> Self {
        Self {
            state: Mutex::default(),
            moves: watch::channel(0).0,
            recording: Recording::default(),
        }
    }

    /// The clock that was kept in this row; one that shows the real time, where none was.
    #[cfg(feature = "data-dir")]
    pub fn kept(row: Option<&[u8]>) -> Result<Self, BadRow> {
        let mut clock = Self::new();
        if let Some(row) = row {
            clock.state = Mutex::new(decode(&[], row)?);
        }
        Ok(clock)
    }

    /// From now on its moves are kept there.
    #[cfg(feature = "data-dir")]
    pub fn record_to(&mut self, recording: &Recording) {
        self.recording = recording.clone();
    }

    /// The time for an account, or for the server.
    pub fn now(&self, account: Option<&str>) -> Timestamp {
        self.read(account).now
    }

    /// What the clock of an account, or of the server, shows.
    pub fn read(&self, account: Option<&str>) -> Reading {
        self.pace(account).at(real_now())
    }

    /// How the clock of an account, or of the server, goes.
    pub fn pace(&self, account: Option<&str>) -> Pace {
        let state = self.lock();
        account
            .and_then(|account| state.accounts.get(account))
            .copied()
            .unwrap_or(state.server)
    }

    /// Changes the clock of one account, or of the server and every account, in one step. What it shows
    /// then.
    pub fn change(&self, account: Option<&str>, change: Change) -> Reading {
        let real = real_now();
        let pace = {
            let mut state = self.lock();
            let server = state.server;
            let pace = match (account, change) {
                // An account goes with the server again.
                (Some(account), Change::Reset) => {
                    state.accounts.remove(account);
                    server
                }
                (Some(account), change) => {
                    let pace = state.accounts.entry(account.into()).or_insert(server);
                    *pace = pace.changed(change, real);
                    *pace
                }
                (None, Change::Reset) => {
                    *state = State::default();
                    state.server
                }
                (None, change) => {
                    state.server = server.changed(change, real);
                    for pace in state.accounts.values_mut() {
                        *pace = pace.changed(change, real);
                    }
                    state.server
                }
            };
            let mut rows = Rows::default();
            rows.put(SHARED, Kind::Clock, &[], &*state);
            self.recording.record(rows);
            pace
        };
        self.moves.send_modify(|moves| *moves += 1);
        pace.at(real)
    }

    /// Told whenever the clock is moved, frozen or resumed.
    pub fn moves(&self) -> watch::Receiver<u64> {
        self.moves.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

/// Measures real time, for the journal and the log.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(
        clippy::disallowed_methods,
        reason = "this module is where the time is read"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has been.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The real time, for what must not follow the fake's clock, such as the dates of certificates.
#[expect(
    clippy::disallowed_methods,
    reason = "this module is where the time is read"
)]
pub fn real_time() -> SystemTime {
    SystemTime::now()
}

fn real_now() -> Timestamp {
    let since_epoch = real_time()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn a_frozen_clock_stands_and_can_be_moved() {
        let clock = Clock::new();
        clock.change(None, Change::Freeze);
        let before = clock.now(None);
        assert_eq!(clock.now(None), before);
        clock.change(None, Change::Advance(HOUR));
        assert_eq!(clock.now(None), before.plus(HOUR));
        clock.change(None, Change::Set(Timestamp::from_seconds(5)));
        assert_eq!(clock.now(None), Timestamp::from_seconds(5));
    }

    #[test]
    fn an_account_has_a_clock_of_its_own_once_it_is_moved() {
        let clock = Clock::new();
        clock.change(None, Change::Freeze);
        clock.change(Some("a"), Change::Advance(HOUR));
        assert_eq!(clock.now(Some("a")).since(clock.now(Some("b"))), HOUR);
        clock.change(None, Change::Advance(HOUR));
        assert_eq!(clock.now(Some("a")).since(clock.now(Some("b"))), HOUR);
        clock.change(Some("a"), Change::Reset);
        assert_eq!(clock.now(Some("a")), clock.now(None));
    }

    #[test]
    fn a_clock_goes_on_from_where_it_was_frozen() {
        let clock = Clock::new();
        clock.change(None, Change::Freeze);
        clock.change(None, Change::Set(Timestamp::from_seconds(100)));
        clock.change(None, Change::Resume);
        let now = clock.now(None);
        assert!(
            now >= Timestamp::from_seconds(100) && now < Timestamp::from_seconds(160),
            "{now:?}"
        );
    }

    #[test]
    fn who_waits_is_told_of_every_move() {
        let clock = Clock::new();
        let moves = clock.moves();
        clock.change(None, Change::Advance(HOUR));
        assert!(moves.has_changed().expect("the clock is there"));
    }

    #[test]
    fn a_clock_that_is_frozen_at_a_moment_never_stands_at_another() {
        let clock = Clock::new();
        let mut moves = clock.moves();
        clock.change(None, Change::FreezeAt(Timestamp::from_seconds(9)));
        assert_eq!(clock.pace(None), Pace::Frozen(Timestamp::from_seconds(9)));
        // One move: whoever waits is not told of a moment in between.
        assert_eq!(*moves.borrow_and_update(), 1);
    }
}
