//! The one place that reads this machine's calendar.

/// Today in UTC, as `2026-01-02`.
pub fn today() -> String {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .to_string()
}
