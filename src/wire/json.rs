//! Request JSON, read the way Python's `json.loads` reads it (API-70).
//!
//! Python differs from most JSON parsers where it matters here: `NaN` and `Infinity` are numbers,
//! `1e400` is infinite, integers have no upper bound, and of a repeated key the last value stands
//! at the first one's place.

use hifijson::num::LexWrite as _;
use hifijson::str::LexAlloc as _;
use hifijson::token::Lex;
use hifijson::{Expect, Read as _, SliceLexer};
use std::borrow::Cow;
use std::collections::HashMap;

/// How deep lists and objects may nest. Python gives up at about a thousand; no argument needs more
/// than six.
const DEPTH_LIMIT: usize = 200;

/// Objects up to this size are searched for repeated keys one by one.
const SMALL_OBJECT: usize = 16;

/// A JSON value with Python's distinctions: integers and floats differ, integers are unbounded.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// A number without fraction and exponent.
    Integer(i128),
    /// An integer that does not fit: its decimal digits with an optional minus sign, without
    /// leading zeros.
    HugeInteger(String),
    /// A number with fraction or exponent, `NaN`, `Infinity`, `-Infinity`.
    Float(f64),
    String(String),
    /// `[…]`
    List(Vec<Json>),
    /// `{…}`, in the order in which the keys came first. No key stands twice.
    Object(Vec<(String, Json)>),
}

/// The input is not JSON. Displays as the message of API-45, API-46 and API-70.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("could not decode input as JSON")]
pub struct NotJson;

impl Json {
    /// Reads one JSON document from a request body or from the decoded URL parameter `arg`.
    ///
    /// Input that is not UTF-8 is refused, and so is a lone surrogate (`"\ud800"`): Python would
    /// take the latter, but no Dropbox path can hold it and no Rust string can either.
    pub fn parse(input: &[u8]) -> Result<Self, NotJson> {
        let mut lexer = SliceLexer::new(input);
        lexer
            .exactly_one(Lex::ws_peek, |next, lexer| read(next, lexer, DEPTH_LIMIT))
            .map_err(|Stop| NotJson)
    }

    /// The value at `key` if this is an object that has it.
    pub fn member(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }
}

/// Whether a value of `Dropbox-API-Arg` escapes what the documentation wants escaped: 0x7F and
/// everything above (API-20).
pub fn is_header_safe(value: &[u8]) -> bool {
    value.iter().all(|byte| *byte < 0x7f)
}

/// Why reading stops: whatever it is, the answer is the same.
struct Stop;

impl From<Expect> for Stop {
    fn from(_: Expect) -> Self {
        Self
    }
}

/// Reads the value that begins with `next`.
fn read(next: u8, lexer: &mut SliceLexer<'_>, depth: usize) -> Result<Json, Stop> {
    match next {
        b'"' => Ok(Json::String(string(lexer)?)),
        b'[' => {
            let depth = depth.checked_sub(1).ok_or(Stop)?;
            let mut items = Vec::new();
            lexer.discarded().seq(b']', Lex::ws_peek, |next, lexer| {
                items.push(read(next, lexer, depth)?);
                Ok::<_, Stop>(())
            })?;
            Ok(Json::List(items))
        }
        b'{' => {
            let depth = depth.checked_sub(1).ok_or(Stop)?;
            let mut members = Members::default();
            lexer.discarded().seq(b'}', Lex::ws_peek, |next, lexer| {
                if next != b'"' {
                    return Err(Stop);
                }
                let key = string(lexer)?;
                lexer.expect(Lex::ws_peek, b':').ok_or(Stop)?;
                let next = lexer.ws_peek().ok_or(Stop)?;
                members.insert(key, read(next, lexer, depth)?);
                Ok(())
            })?;
            Ok(Json::Object(members.list))
        }
        b'n' | b't' | b'f' => match lexer.null_or_bool().ok_or(Stop)? {
            None => Ok(Json::Null),
            Some(value) => Ok(Json::Boolean(value)),
        },
        // Python's three words.
        b'N' if lexer.strip_prefix(b"NaN") => Ok(Json::Float(f64::NAN)),
        b'I' if lexer.strip_prefix(b"Infinity") => Ok(Json::Float(f64::INFINITY)),
        b'-' if lexer.strip_prefix(b"-Infinity") => Ok(Json::Float(f64::NEG_INFINITY)),
        b'-' | b'0'..=b'9' => {
            let (digits, parts) = lexer.num_string().validated().map_err(|_| Stop)?;
            number(digits, parts.is_int())
        }
        _ => Err(Stop),
    }
}

/// Reads the string that begins here.
fn string(lexer: &mut SliceLexer<'_>) -> Result<String, Stop> {
    let text = lexer.discarded().str_string();
    text.map(Cow::into_owned).map_err(|_| Stop)
}

/// Members in the order of a Python dict. Big objects get an index, so that a hostile body costs no
/// quadratic time.
#[derive(Default)]
struct Members {
    list: Vec<(String, Json)>,
    index: HashMap<String, usize>,
}

impl Members {
    fn insert(&mut self, key: String, value: Json) {
        let position = if self.index.is_empty() {
            self.list.iter().position(|(name, _)| *name == key)
        } else {
            self.index.get(&key).copied()
        };
        if let Some(position) = position {
            self.list[position].1 = value;
            return;
        }
        if !self.index.is_empty() {
            self.index.insert(key.clone(), self.list.len());
        }
        self.list.push((key, value));
        if self.index.is_empty() && self.list.len() > SMALL_OBJECT {
            self.index = self
                .list
                .iter()
                .enumerate()
                .map(|(at, (name, _))| (name.clone(), at))
                .collect();
        }
    }
}

/// `digits` is what the JSON grammar calls a number.
fn number(digits: &str, is_integer: bool) -> Result<Json, Stop> {
    /// Python refuses to convert longer integers (`sys.int_info.default_max_str_digits`), which is
    /// a decoding error.
    const MOST_INTEGER_DIGITS: usize = 4300;

    if !is_integer {
        return digits.parse().map(Json::Float).map_err(|_| Stop);
    }
    if digits.trim_start_matches('-').len() > MOST_INTEGER_DIGITS {
        return Err(Stop);
    }
    Ok(digits
        .parse()
        .map_or_else(|_| Json::HugeInteger(digits.to_owned()), Json::Integer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Json, NotJson> {
        Json::parse(text.as_bytes())
    }

    #[test]
    fn numbers_are_pythons() {
        assert_eq!(parse("14400"), Ok(Json::Integer(14400)));
        assert_eq!(parse("-0"), Ok(Json::Integer(0)));
        assert_eq!(parse("60.0"), Ok(Json::Float(60.0)));
        assert_eq!(parse("1e400"), Ok(Json::Float(f64::INFINITY)));
        assert_eq!(parse("-1E+400"), Ok(Json::Float(f64::NEG_INFINITY)));
        assert_eq!(parse("Infinity"), Ok(Json::Float(f64::INFINITY)));
        assert_eq!(parse("-Infinity"), Ok(Json::Float(f64::NEG_INFINITY)));
        assert!(matches!(parse("NaN"), Ok(Json::Float(value)) if value.is_nan()));
        assert_eq!(
            parse("18446744073709551615"),
            Ok(Json::Integer(u64::MAX.into()))
        );
        assert_eq!(
            parse("-9223372036854775809"),
            Ok(Json::Integer(-9_223_372_036_854_775_809))
        );
        let huge = "9".repeat(4300);
        assert_eq!(parse(&huge), Ok(Json::HugeInteger(huge.clone())));
        assert_eq!(
            parse(&format!("-{huge}")),
            Ok(Json::HugeInteger(format!("-{huge}")))
        );
        assert_eq!(parse(&format!("{huge}9")), Err(NotJson));
    }

    #[test]
    fn of_a_repeated_key_the_last_value_stands_at_the_first_place() {
        let expected = Json::Object(vec![
            ("a".into(), Json::Integer(3)),
            ("b".into(), Json::Integer(2)),
        ]);
        assert_eq!(parse(r#"{"a":1,"b":2,"\u0061":3}"#), Ok(expected));
    }

    #[test]
    fn repeated_keys_are_found_in_big_objects_too() {
        let members: Vec<String> = (0..100)
            .chain(0..100)
            .map(|at| format!("\"k{at}\":{at}"))
            .collect();
        let Ok(Json::Object(parsed)) = parse(&format!("{{{}}}", members.join(","))) else {
            panic!("not an object");
        };
        assert_eq!(parsed.len(), 100);
        assert!(parsed.iter().enumerate().all(|(at, (name, value))| {
            *name == format!("k{at}") && *value == Json::Integer(at.try_into().unwrap())
        }));
    }

    #[test]
    fn what_python_refuses_is_refused() {
        for text in [
            "",
            " ",
            "nul",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{'a':1}",
            "01",
            "1.",
            ".5",
            "+1",
            "-NaN",
            "nan",
            "1 2",
            "\"\u{1}\"",
            "\"\\x\"",
            "{a:1}",
            "\u{feff}null",
            "0x10",
            "1e",
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
        ] {
            assert_eq!(parse(text), Err(NotJson), "{text:?}");
        }
        assert_eq!(Json::parse(b"\"\xff\""), Err(NotJson));
        assert_eq!(parse(&"[".repeat(100_000)), Err(NotJson));
    }

    #[test]
    fn strings_may_be_escaped_or_raw() {
        assert_eq!(
            parse("\"\\u00fa\\ud83d\\ude00\\/\u{7f}\""),
            Ok(Json::String("ú😀/\u{7f}".into()))
        );
        assert_eq!(parse(" \t\r\n\"ú😀\" \n"), Ok(Json::String("ú😀".into())));
    }

    #[test]
    fn a_header_escapes_delete_and_everything_above() {
        for (value, safe) in [
            (&b"{\"path\":\"/\\u00fa ~\"}"[..], true),
            (b"\"\x7f\"", false),
            ("{\"path\":\"/ú\"}".as_bytes(), false),
        ] {
            assert_eq!(is_header_safe(value), safe, "{value:?}");
        }
        let raw = Json::parse("{\"path\":\"/ú\"}".as_bytes()).expect("JSON");
        assert_eq!(raw.member("path"), Some(&Json::String("/ú".into())));
    }
}
