//! Moments as the API writes them.

use jiff::SignedDuration;
use jiff::civil::DateTime;

use crate::dropbox::time::Timestamp;

/// The point in time that is zero.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// The moment in the one format of the API, `2026-01-02T03:04:05Z` (API-204).
pub fn print(moment: Timestamp) -> String {
    format!("{}Z", to_civil(moment))
}

/// The date and time of day in UTC, whole seconds. What lies outside the calendar becomes its last
/// or first second.
pub fn to_civil(moment: Timestamp) -> DateTime {
    EPOCH
        .saturating_add(SignedDuration::from_secs(moment.as_seconds()))
        .with()
        .subsec_nanosecond(0)
        .build()
        .expect("no fraction is a valid fraction")
}

/// The moment at which it is this date and time in UTC.
pub fn from_civil(civil: DateTime) -> Timestamp {
    Timestamp::from_seconds(civil.duration_since(EPOCH).as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_whole_seconds_in_utc() {
        for (micros, expected) in [
            (1_645_969_412_872_375, "2022-02-27T13:43:32Z"),
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
            (i64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(print(Timestamp::from_micros(micros)), expected);
        }
    }

    #[test]
    fn civil_time_comes_back() {
        for seconds in [0, 1_645_969_412, 253_402_300_799, -62_135_596_800] {
            let moment = Timestamp::from_seconds(seconds);
            assert_eq!(from_civil(to_civil(moment)), moment);
        }
    }
}
