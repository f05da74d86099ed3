//! Points in time, as the service sees them.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
///
/// The service prints whole seconds (API-204) but builds revs from microseconds (API-197), so the
/// finer unit is kept. Nothing in this module reads a clock: every `now` is handed in.
///
/// ```
/// use fake_dropbox::internals::dropbox::time::Timestamp;
/// use std::time::Duration;
///
/// let minted = Timestamp::from_seconds(1_000);
/// assert_eq!(minted.plus(Duration::from_secs(60)).as_seconds(), 1_060);
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The point `microseconds` after the epoch (before it, when negative).
    pub const fn from_micros(microseconds: i64) -> Self {
        Self(microseconds)
    }

    /// The point `seconds` after the epoch (before it, when negative).
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This point moved later; it stops at the end of time instead of wrapping.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_before_the_epoch_round_down() {
        assert_eq!(Timestamp::from_micros(-1).as_seconds(), -1);
    }

    #[test]
    fn time_saturates_instead_of_wrapping() {
        let end = Timestamp::from_micros(i64::MAX);
        assert_eq!(end.plus(Duration::from_secs(1)), end);
        assert_eq!(Timestamp::from_seconds(0).since(end), Duration::ZERO);
    }
}
