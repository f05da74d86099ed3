//! Timestamps as Python's `datetime.strptime` reads them, with its error texts (API-57, API-82,
//! UL-57, UL-77).

use jiff::civil::Date;

use crate::dropbox::time::Timestamp;

use super::json::Json;
use super::python;
use super::time;

/// The one timestamp format of the API (API-204).
pub const FORMAT: &str = "%Y-%m-%dT%H:%M:%SZ";

/// Reads `value` with [`FORMAT`], or gives the text that Python would complain with.
///
/// Python is more tolerant than the format looks: `2026-1-2t3:4:5z` is fine, and so are the digits
/// of other scripts.
pub fn parse(value: &Json) -> Result<Timestamp, String> {
    let Json::String(text) = value else {
        return Err(format!(
            "strptime() argument 1 must be str, not {}",
            python::class_name(value)
        ));
    };
    let mut reader = Reader { rest: text };
    let Some(fields) = reader.fields() else {
        let quoted = python::string_repr(text);
        return Err(format!(
            "time data {quoted} does not match format '{FORMAT}'"
        ));
    };
    if !reader.rest.is_empty() {
        return Err(format!("unconverted data remains: {}", reader.rest));
    }
    fields.moment()
}

struct Fields {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
}

impl Fields {
    fn moment(&self) -> Result<Timestamp, String> {
        if self.year == 0 {
            return Err("year 0 is out of range".into());
        }
        let date = Date::new(self.year, self.month, self.day)
            .map_err(|_| "day is out of range for month")?;
        // The format takes 60 and 61 for leap seconds; the value does not.
        if self.second > 59 {
            return Err("second must be in 0..59".into());
        }
        Ok(time::from_civil(date.at(
            self.hour,
            self.minute,
            self.second,
            0,
        )))
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn fields(&mut self) -> Option<Fields> {
        let year = self.year()?;
        self.literal('-')?;
        let month = self.number(|text| two_digits(text, false, 1..=12))?;
        self.literal('-')?;
        let day = self.number(day)?;
        self.literal('T')?;
        let hour = self.number(|text| two_digits(text, true, 0..=23))?;
        self.literal(':')?;
        let minute = self.number(|text| two_digits(text, true, 0..=59))?;
        self.literal(':')?;
        let second = self.number(|text| two_digits(text, true, 0..=61))?;
        self.literal('Z')?;
        Some(Fields {
            year,
            month,
            day,
            hour,
            minute,
            second,
        })
    }

    fn year(&mut self) -> Option<i16> {
        let mut characters = self.rest.chars();
        let mut year = 0;
        for _ in 0..4 {
            year = year * 10 + i16::from(digit(characters.next()?)?);
        }
        self.rest = characters.as_str();
        Some(year)
    }

    /// No separator of the format can be part of a number, so a number is all that stands before
    /// the next one.
    fn number(&mut self, read: impl Fn(&[char]) -> Option<i8>) -> Option<i8> {
        let end = self.rest.find(['-', ':', 'T', 't', 'Z', 'z'])?;
        let (text, rest) = self.rest.split_at(end);
        let characters: Vec<char> = text.chars().take(3).collect();
        let number = read(&characters)?;
        self.rest = rest;
        Some(number)
    }

    fn literal(&mut self, expected: char) -> Option<()> {
        let first = self.rest.chars().next()?;
        if !first.eq_ignore_ascii_case(&expected) {
            return None;
        }
        self.rest = &self.rest[1..];
        Some(())
    }
}

/// One or two digits. Where the first of two is not free in Python's expression, it is ASCII; the
/// last digit may be of any script if `foreign`.
fn two_digits(text: &[char], foreign: bool, range: std::ops::RangeInclusive<i8>) -> Option<i8> {
    let ascii = |character: char| {
        character
            .to_digit(10)
            .and_then(|value| i8::try_from(value).ok())
    };
    let last = |character: char| {
        if foreign {
            digit(character)
        } else {
            ascii(character)
        }
    };
    let value = match *text {
        [ones] => last(ones)?,
        // `6[0-1]` of the seconds is spelled out in ASCII.
        [tens, ones] if ascii(tens)? == 6 => 60 + ascii(ones)?,
        [tens, ones] => ascii(tens)? * 10 + last(ones)?,
        _ => return None,
    };
    range.contains(&value).then_some(value)
}

/// The day also takes a space for a leading zero, and a foreign last digit only after 1 and 2.
fn day(text: &[char]) -> Option<i8> {
    match *text {
        [' ', ones] => two_digits(&[ones], false, 1..=9),
        ['1' | '2', _] => two_digits(text, true, 1..=31),
        _ => two_digits(text, false, 1..=31),
    }
}

/// The value of a decimal digit of any script, as Python's `\d` and `int` take it.
fn digit(character: char) -> Option<i8> {
    /// The zeros of the scripts that have digits of their own (Unicode category Nd); nine more
    /// digits follow each.
    #[rustfmt::skip]
    const ZEROS: [u32; 66] = [
        0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
        0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
        0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x1_04a0, 0x1_0d30, 0x1_1066, 0x1_10f0, 0x1_1136,
        0x1_11d0, 0x1_12f0, 0x1_1450, 0x1_14d0, 0x1_1650, 0x1_16c0, 0x1_1730, 0x1_18e0, 0x1_1950, 0x1_1c50, 0x1_1d50,
        0x1_1da0, 0x1_6a60, 0x1_6ac0, 0x1_6b50, 0x1_d7ce, 0x1_d7d8, 0x1_d7e2, 0x1_d7ec, 0x1_d7f6, 0x1_e140, 0x1_e2f0,
        0x1_e950, 0x1_fbf0,
    ];
    let code = u32::from(character);
    let block = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    let value = code - ZEROS[block];
    (value < 10).then(|| i8::try_from(value).expect("a digit is below ten"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_text(text: &str) -> Result<Timestamp, String> {
        parse(&Json::String(text.into()))
    }

    #[test]
    fn the_usual_form_and_pythons_tolerance() {
        for text in [
            "2026-01-02T03:04:05Z",
            "2026-1-2T3:4:5Z",
            "2026-01- 2t03:04:05z",
            "２０２６-01-02T03:04:05Z",
            "2026-01-02T٣:04:0٥Z",
        ] {
            assert_eq!(
                parse_text(text),
                Ok(Timestamp::from_seconds(1_767_323_045)),
                "{text}"
            );
        }
        assert_eq!(
            parse_text("2026-01-1٣T00:00:00Z"),
            parse_text("2026-01-13T00:00:00Z")
        );
        assert_eq!(
            parse_text("0001-01-01T00:00:00Z"),
            Ok(Timestamp::from_seconds(-62_135_596_800))
        );
    }

    #[test]
    fn other_forms_do_not_match() {
        for text in [
            "",
            "2026-13-02T03:04:05Z",
            "2026-01-3٣T03:04:05Z",
            "2026-01-02T03:04:05.000Z",
            "2026-01-02T03:04:05+00:00",
            "26-01-02T03:04:05Z",
            "2026-01-02T24:04:05Z",
            "2026-01-02T03:60:05Z",
            "2026-01-02T03:04:62Z",
            "2026-00-02T03:04:05Z",
            "2026-01-00T03:04:05Z",
            "2026-01-32T03:04:05Z",
            "2026-001-02T03:04:05Z",
            "2026- 1-02T03:04:05Z",
            "2026-01-02 03:04:05Z",
            "2026-01-02T03:04:05",
            " 2026-01-02T03:04:05Z",
            "2026--02T03:04:05Z",
        ] {
            let expected = format!("time data '{text}' does not match format '%Y-%m-%dT%H:%M:%SZ'");
            assert_eq!(parse_text(text), Err(expected));
        }
        assert_eq!(
            parse_text("it's").unwrap_err(),
            "time data \"it's\" does not match format '%Y-%m-%dT%H:%M:%SZ'"
        );
    }

    #[test]
    fn impossible_dates_have_texts_of_their_own() {
        for (text, expected) in [
            ("2026-02-30T03:04:05Z", "day is out of range for month"),
            ("2025-02-29T03:04:61Z", "day is out of range for month"),
            ("0000-01-01T00:00:00Z", "year 0 is out of range"),
            ("2026-01-02T03:04:60Z", "second must be in 0..59"),
            ("2026-01-02T03:04:05Zabc", "unconverted data remains: abc"),
            ("2026-02-30T03:04:05Z ", "unconverted data remains:  "),
        ] {
            assert_eq!(parse_text(text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn anything_but_text_names_its_class() {
        for (value, class) in [
            ("5", "int"),
            ("true", "bool"),
            ("1.5", "float"),
            ("[]", "list"),
            ("{}", "dict"),
        ] {
            let value = Json::parse(value.as_bytes()).unwrap();
            assert_eq!(
                parse(&value).unwrap_err(),
                format!("strptime() argument 1 must be str, not {class}")
            );
        }
    }
}
