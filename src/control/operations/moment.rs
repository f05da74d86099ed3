//! Points in time as a test writes and reads them.

use crate::control::journal::print_time;
use crate::dropbox::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

/// The first moment of the year 1.
const FIRST: jiff::Timestamp = jiff::Timestamp::constant(-62_135_596_800, 0);

/// A point in time: RFC 3339, to the microsecond, such as `2026-01-31T12:00:00.5Z`.
///
/// ```
/// use fake_dropbox::Moment;
/// use std::time::SystemTime;
///
/// let moment: Moment = "1970-01-01T00:00:01Z".parse()?;
/// assert_eq!(moment.0.as_seconds(), 1);
/// assert_eq!(moment.to_string(), "1970-01-01T00:00:01Z");
/// assert!(moment < Moment::from(SystemTime::now()));
/// assert!("noon".parse::<Moment>().is_err());
/// # Ok::<(), fake_dropbox::BadMoment>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", schemars(with = "String"))]
pub struct Moment(pub Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl FromStr for Moment {
    type Err = BadMoment;

    fn from_str(text: &str) -> Result<Self, BadMoment> {
        let time: Option<jiff::Timestamp> = text.parse().ok();
        // Four digits of a year are all that Dropbox's times have.
        let time = time.filter(|time| *time >= FIRST);
        let time = time.ok_or_else(|| BadMoment(text.to_owned()))?;
        Ok(Self(Timestamp::from_micros(time.as_microsecond())))
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&print_time(self.0))
    }
}

impl From<Timestamp> for Moment {
    fn from(time: Timestamp) -> Self {
        Self(time)
    }
}

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        let micros = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(Timestamp::from_micros(
            match time.duration_since(SystemTime::UNIX_EPOCH) {
                Ok(after) => micros(after),
                Err(before) => -micros(before.duration()),
            },
        ))
    }
}

/// A text that is not a point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a point in time from the year 1 to the last day but one of 9999: write it like 2026-01-31T12:00:00Z"
)]
pub struct BadMoment(String);

/// When something ends: at a moment, or so long after its declaration. Written as `2030-01-01T00:00:00Z` or as `4h`.
///
/// ```
/// use fake_dropbox::{BadExpiry, Expiry, Moment};
/// use std::time::Duration;
///
/// assert_eq!("4h".parse(), Ok(Expiry::After(Duration::from_secs(14_400))));
/// let moment: Moment = "2030-01-01T00:00:00Z".parse().expect("a moment");
/// assert_eq!("2030-01-01T00:00:00Z".parse(), Ok(Expiry::from(moment)));
/// let refused: BadExpiry = "soon".parse::<Expiry>().unwrap_err();
/// assert!(refused.to_string().contains("4h"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", schemars(with = "String"))]
pub enum Expiry {
    /// At this moment.
    At(Moment),
    /// This long after the declaration.
    After(Duration),
}

impl Expiry {
    /// The moment, for a declaration at `now`.
    pub fn counted_from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(Moment(moment)) => moment,
            Self::After(span) => now.plus(span),
        }
    }
}

impl From<Moment> for Expiry {
    fn from(moment: Moment) -> Self {
        Self::At(moment)
    }
}

impl FromStr for Expiry {
    type Err = BadExpiry;

    fn from_str(text: &str) -> Result<Self, BadExpiry> {
        if let Ok(moment) = text.parse() {
            return Ok(Self::At(moment));
        }
        let span: Option<jiff::SignedDuration> = text.trim().parse().ok();
        let span = span.and_then(|span| Duration::try_from(span).ok());
        span.map(Self::After)
            .ok_or_else(|| BadExpiry(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Expiry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that says no end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a moment such as 2030-01-01T00:00:00Z nor a span of time such as 4h")]
pub struct BadExpiry(String);
