//! The one place that reads the time.
//!
//! Everything else is handed a [`Timestamp`]. The clock can be frozen and moved, for the whole
//! server or for one account; real durations are measured with a [`Stopwatch`] and never moved.

use crate::dropbox::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::watch;

/// The clock of a server and of each of its accounts.
///
/// ```
/// use fake_dropbox::internals::control::clock::Clock;
/// use std::time::Duration;
///
/// let clock = Clock::new();
/// clock.freeze(None);
/// let before = clock.now(None);
/// clock.advance(None, Duration::from_secs(4 * 3600));
/// assert_eq!(clock.now(None).since(before), Duration::from_secs(4 * 3600));
/// ```
#[derive(Debug)]
pub struct Clock {
    state: Mutex<State>,
    moves: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    server: Pace,
    accounts: HashMap<Arc<str>, Pace>,
}

/// How a clock goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Pace {
    fn now(self) -> Timestamp {
        match self {
            Self::Running { ahead } => {
                Timestamp::from_micros(real_now().as_micros().saturating_add(ahead))
            }
            Self::Frozen(moment) => moment,
        }
    }

    fn advanced(self, by: i64) -> Self {
        match self {
            Self::Running { ahead } => Self::Running {
                ahead: ahead.saturating_add(by),
            },
            Self::Frozen(moment) => Self::Frozen(Timestamp::from_micros(
                moment.as_micros().saturating_add(by),
            )),
        }
    }

    fn at(self, moment: Timestamp) -> Self {
        match self {
            Self::Running { .. } => Self::Running {
                ahead: moment.as_micros().saturating_sub(real_now().as_micros()),
            },
            Self::Frozen(_) => Self::Frozen(moment),
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
        }
    }

    /// The time for an account, or for the server.
    pub fn now(&self, account: Option<&str>) -> Timestamp {
        self.pace(account).now()
    }

    /// How the clock of an account, or of the server, goes.
    pub fn pace(&self, account: Option<&str>) -> Pace {
        let state = self.lock();
        account
            .and_then(|account| state.accounts.get(account))
            .copied()
            .unwrap_or(state.server)
    }

    /// Stops the clock where it is: of one account, or of the server and every account.
    pub fn freeze(&self, account: Option<&str>) {
        self.change(account, |pace| Pace::Frozen(pace.now()));
    }

    /// Stops the clock at a moment, in one step.
    pub fn freeze_at(&self, account: Option<&str>, moment: Timestamp) {
        self.change(account, |_| Pace::Frozen(moment));
    }

    /// Moves the clock ahead.
    pub fn advance(&self, account: Option<&str>, by: Duration) {
        let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.change(account, |pace| pace.advanced(by));
    }

    /// Sets the clock; it goes on from there, or stays there if it is frozen.
    pub fn set(&self, account: Option<&str>, moment: Timestamp) {
        self.change(account, |pace| pace.at(moment));
    }

    /// Lets a frozen clock go on from where it stands.
    pub fn resume(&self, account: Option<&str>) {
        self.change(account, |pace| Pace::default().at(pace.now()));
    }

    /// Puts the clock back to the real time. An account goes with the server again.
    pub fn reset(&self, account: Option<&str>) {
        {
            let mut state = self.lock();
            match account {
                Some(account) => {
                    state.accounts.remove(account);
                }
                None => *state = State::default(),
            }
        }
        self.moves.send_modify(|moves| *moves += 1);
    }

    /// Told whenever the clock is moved, frozen or resumed.
    pub fn moves(&self) -> watch::Receiver<u64> {
        self.moves.subscribe()
    }

    fn change(&self, account: Option<&str>, change: impl Fn(Pace) -> Pace) {
        {
            let mut state = self.lock();
            let server = state.server;
            if let Some(account) = account {
                let pace = state.accounts.entry(account.into()).or_insert(server);
                *pace = change(*pace);
            } else {
                state.server = change(server);
                state
                    .accounts
                    .values_mut()
                    .for_each(|pace| *pace = change(*pace));
            }
        }
        self.moves.send_modify(|moves| *moves += 1);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no code panics while it holds this lock")
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
        clock.freeze(None);
        let before = clock.now(None);
        assert_eq!(clock.now(None), before);
        clock.advance(None, HOUR);
        assert_eq!(clock.now(None), before.plus(HOUR));
        clock.set(None, Timestamp::from_seconds(5));
        assert_eq!(clock.now(None), Timestamp::from_seconds(5));
    }

    #[test]
    fn an_account_has_a_clock_of_its_own_once_it_is_moved() {
        let clock = Clock::new();
        clock.freeze(None);
        clock.advance(Some("a"), HOUR);
        assert_eq!(clock.now(Some("a")).since(clock.now(Some("b"))), HOUR);
        clock.advance(None, HOUR);
        assert_eq!(clock.now(Some("a")).since(clock.now(Some("b"))), HOUR);
        clock.reset(Some("a"));
        assert_eq!(clock.now(Some("a")), clock.now(None));
    }

    #[test]
    fn a_clock_goes_on_from_where_it_was_frozen() {
        let clock = Clock::new();
        clock.freeze(None);
        clock.set(None, Timestamp::from_seconds(100));
        clock.resume(None);
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
        clock.advance(None, HOUR);
        assert!(moves.has_changed().expect("the clock is there"));
    }

    #[test]
    fn a_clock_that_is_frozen_at_a_moment_never_stands_at_another() {
        let clock = Clock::new();
        let mut moves = clock.moves();
        clock.freeze_at(None, Timestamp::from_seconds(9));
        assert_eq!(clock.pace(None), Pace::Frozen(Timestamp::from_seconds(9)));
        // One move: whoever waits is not told of a moment in between.
        assert_eq!(*moves.borrow_and_update(), 1);
    }
}
