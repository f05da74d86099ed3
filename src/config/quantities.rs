//! Sizes and spans of time as people write them.

use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::Duration;

/// A number of bytes. Written as `1048576`, `1MiB`, `1.5GiB` or `150MB`; a bare `K`, `M`, `G` or
/// `T` means the binary unit.
///
/// ```
/// use fake_dropbox::config::{BadByteSize, ByteSize};
///
/// assert_eq!("150MiB".parse(), Ok(ByteSize(157_286_400)));
/// assert_eq!("150MB".parse(), Ok(ByteSize(150_000_000)));
/// assert_eq!(ByteSize(157_286_400).to_string(), "150MiB");
/// let refused: BadByteSize = "much".parse::<ByteSize>().unwrap_err();
/// assert!(refused.to_string().contains("write a number of bytes"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

/// The text is not a number of bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a size: write a number of bytes, or a number with a unit such as 512KiB, 150MiB, 2GiB (powers of 1024) \
     or 150MB (powers of 1000)"
)]
pub struct BadByteSize(String);

/// Units with their bytes, in lower case.
const UNITS: [(&str, u64); 14] = [
    ("", 1),
    ("b", 1),
    ("k", 1 << 10),
    ("kib", 1 << 10),
    ("kb", 1_000),
    ("m", 1 << 20),
    ("mib", 1 << 20),
    ("mb", 1_000_000),
    ("g", 1 << 30),
    ("gib", 1 << 30),
    ("gb", 1_000_000_000),
    ("t", 1 << 40),
    ("tib", 1 << 40),
    ("tb", 1_000_000_000_000),
];

impl FromStr for ByteSize {
    type Err = BadByteSize;

    fn from_str(text: &str) -> Result<Self, BadByteSize> {
        let bad = || BadByteSize(text.to_owned());
        let plain = text.trim().replace('_', "");
        let end = plain
            .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
            .unwrap_or(plain.len());
        let (number, unit) = plain.split_at(end);
        let unit = unit.trim().to_ascii_lowercase();
        let (_, bytes) = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(bad)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let whole: u64 = whole.parse().map_err(|_| bad())?;
        let whole = whole.checked_mul(*bytes).ok_or_else(bad)?;
        if !number.contains('.') {
            return Ok(Self(whole));
        }
        // A part of a byte is no size, and nine digits are more than anybody needs.
        if *bytes == 1 || fraction.is_empty() || fraction.len() > 9 {
            return Err(bad());
        }
        let digits: u64 = fraction.parse().map_err(|_| bad())?;
        let scale = 10_u128.pow(u32::try_from(fraction.len()).map_err(|_| bad())?);
        let part = u64::try_from(u128::from(digits) * u128::from(*bytes) / scale);
        Ok(Self(
            whole
                .checked_add(part.map_err(|_| bad())?)
                .ok_or_else(bad)?,
        ))
    }
}

impl fmt::Display for ByteSize {
    /// In the largest unit that leaves no rest.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes) = *self;
        let units = [
            ("TiB", 1_u64 << 40),
            ("GiB", 1 << 30),
            ("MiB", 1 << 20),
            ("KiB", 1 << 10),
        ];
        let unit = units
            .iter()
            .find(|(_, unit)| bytes != 0 && bytes % unit == 0);
        match unit {
            Some((name, unit)) => write!(formatter, "{}{name}", bytes / unit),
            None => write!(formatter, "{bytes}"),
        }
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Size;

        impl Visitor<'_> for Size {
            type Value = ByteSize;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number of bytes, or a size such as \"150MiB\"")
            }

            fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<ByteSize, E> {
                u64::try_from(bytes)
                    .map(ByteSize)
                    .map_err(|_| E::custom(BadByteSize(bytes.to_string())))
            }

            fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<ByteSize, E> {
                Ok(ByteSize(bytes))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ByteSize, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Size)
    }
}

/// Bytes a second. Written as `2MB/s` or `2MB`.
///
/// ```
/// use fake_dropbox::config::{BadByteRate, ByteRate};
///
/// assert_eq!("2MB/s".parse::<ByteRate>()?.bytes_per_second(), 2_000_000);
/// let refused: BadByteRate = "0".parse::<ByteRate>().unwrap_err();
/// assert!(refused.to_string().contains("2MB/s"));
/// # Ok::<(), BadByteRate>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRate(pub(super) NonZeroU64);

impl ByteRate {
    /// How many bytes a second.
    pub fn bytes_per_second(self) -> u64 {
        self.0.get()
    }
}

/// The text is not a number of bytes a second.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a speed: write a number of bytes a second that is not 0, such as 2MB/s")]
pub struct BadByteRate(String);

impl FromStr for ByteRate {
    type Err = BadByteRate;

    fn from_str(text: &str) -> Result<Self, BadByteRate> {
        let size = text.strip_suffix("/s").unwrap_or(text).parse::<ByteSize>();
        let bytes = size.ok().and_then(|size| NonZeroU64::new(size.0));
        bytes.map(Self).ok_or_else(|| BadByteRate(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for ByteRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A span of time. Written as `30s`, `2m`, `1h 30m`, `500ms`, or as ISO 8601 has it (`PT2H`).
///
/// ```
/// use fake_dropbox::config::{BadSpan, Span};
/// use std::time::Duration;
///
/// assert_eq!("1h 30m".parse(), Ok(Span(Duration::from_secs(5400))));
/// let refused: BadSpan = "soon".parse::<Span>().unwrap_err();
/// assert!(refused.to_string().contains("write a number with a unit"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

/// The text is not a span of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a span of time: write a number with a unit, such as 500ms, 30s, 2m or 1h 30m"
)]
pub struct BadSpan(String);

impl FromStr for Span {
    type Err = BadSpan;

    fn from_str(text: &str) -> Result<Self, BadSpan> {
        let span = text.trim().parse::<jiff::SignedDuration>();
        span.ok()
            .and_then(|span| Duration::try_from(span).ok())
            .map(Self)
            .ok_or_else(|| BadSpan(text.to_owned()))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::SignedDuration::try_from(self.0) {
            Ok(span) => write!(formatter, "{span:#}"),
            Err(_) => write!(formatter, "{:?}", self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// How many of something are kept: a number, or all. Written as `100` or `unlimited`.
///
/// ```
/// use fake_dropbox::config::{BadMost, Most};
///
/// assert_eq!("100".parse(), Ok(Most(Some(100))));
/// assert_eq!("unlimited".parse(), Ok(Most(None)));
/// let refused: BadMost = "0".parse::<Most>().unwrap_err();
/// assert!(refused.to_string().contains("unlimited"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Most(pub Option<usize>);

/// The text says not how many.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not how many are kept: write a whole number from 1, or unlimited")]
pub struct BadMost(String);

impl FromStr for Most {
    type Err = BadMost;

    fn from_str(text: &str) -> Result<Self, BadMost> {
        match (text, text.parse()) {
            ("unlimited", _) => Ok(Self(None)),
            (_, Ok(number)) if number > 0 => Ok(Self(Some(number))),
            _ => Err(BadMost(text.to_owned())),
        }
    }
}

impl<'de> Deserialize<'de> for Most {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Most;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a whole number from 1, or \"unlimited\"")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Most, E> {
                number.to_string().parse().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Most, E> {
                number.to_string().parse().map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Most, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_binary_or_a_decimal_unit() {
        for (text, bytes) in [
            ("0", 0),
            ("42", 42),
            ("42 B", 42),
            ("4k", 4096),
            ("4 KiB", 4096),
            ("4kB", 4000),
            ("1_000", 1000),
            ("1.5GiB", 3 << 29),
            ("0.5MB", 500_000),
            ("2T", 2 << 40),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused_with_examples() {
        for text in [
            "",
            "-1",
            "MiB",
            "1.5",
            "1.",
            "1.5.5M",
            "1 XB",
            "1e9",
            "99999999999T",
            "18446744073709551616",
        ] {
            let error = text.parse::<ByteSize>().unwrap_err().to_string();
            assert!(error.contains("150MiB"), "{error}");
        }
    }

    #[test]
    fn a_size_is_printed_in_the_largest_whole_unit_and_reads_back() {
        for (bytes, text) in [
            (0, "0"),
            (1, "1"),
            (1 << 20, "1MiB"),
            (300_000_000, "300000000"),
            (2 << 40, "2TiB"),
        ] {
            assert_eq!(ByteSize(bytes).to_string(), text);
            assert_eq!(text.parse(), Ok(ByteSize(bytes)));
        }
    }

    #[test]
    fn a_span_has_a_unit_and_does_not_go_backwards() {
        assert_eq!("500ms".parse(), Ok(Span(Duration::from_millis(500))));
        assert_eq!("PT2M".parse(), Ok(Span(Duration::from_mins(2))));
        assert_eq!(Span(Duration::from_mins(2)).to_string(), "2m");
        for text in ["", "5", "-5s", "soon"] {
            let error = text.parse::<Span>().unwrap_err().to_string();
            assert!(error.contains("30s"), "{error}");
        }
    }
}
