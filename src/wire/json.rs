//! Request JSON, read the way Python's `json.loads` reads it (API-70).
//!
//! Python differs from most JSON parsers where it matters here: `NaN` and `Infinity` are numbers,
//! `1e400` is infinite, integers have no upper bound, and of a repeated key the last value stands
//! at the first one's place.

use std::collections::HashMap;

use jiter::{Jiter, Peek};

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
        let mut reader = Jiter::new(input).with_allow_inf_nan();
        let value = reader
            .peek()
            .map_err(|_| NotJson)
            .and_then(|peek| read(&mut reader, peek, DEPTH_LIMIT))?;
        reader.finish().map_err(|_| NotJson)?;
        Ok(value)
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

fn read(reader: &mut Jiter<'_>, peek: Peek, depth: usize) -> Result<Json, NotJson> {
    match peek {
        Peek::Null => reader
            .known_null()
            .map(|()| Json::Null)
            .map_err(|_| NotJson),
        Peek::True | Peek::False => reader
            .known_bool(peek)
            .map(Json::Boolean)
            .map_err(|_| NotJson),
        Peek::String => reader
            .known_str()
            .map(|text| Json::String(text.to_owned()))
            .map_err(|_| NotJson),
        Peek::Array => read_list(reader, depth),
        Peek::Object => read_object(reader, depth),
        _ => number(reader.known_number_bytes(peek).map_err(|_| NotJson)?),
    }
}

fn read_list(reader: &mut Jiter<'_>, depth: usize) -> Result<Json, NotJson> {
    let depth = depth.checked_sub(1).ok_or(NotJson)?;
    let mut items = Vec::new();
    let mut next = reader.known_array().map_err(|_| NotJson)?;
    while let Some(peek) = next {
        items.push(read(reader, peek, depth)?);
        next = reader.array_step().map_err(|_| NotJson)?;
    }
    Ok(Json::List(items))
}

fn read_object(reader: &mut Jiter<'_>, depth: usize) -> Result<Json, NotJson> {
    let depth = depth.checked_sub(1).ok_or(NotJson)?;
    let mut members = Members::default();
    let mut next = reader
        .known_object()
        .map_err(|_| NotJson)?
        .map(str::to_owned);
    while let Some(key) = next {
        let peek = reader.peek().map_err(|_| NotJson)?;
        members.insert(key, read(reader, peek, depth)?);
        next = reader.next_key().map_err(|_| NotJson)?.map(str::to_owned);
    }
    Ok(Json::Object(members.list))
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

/// `digits` is what the JSON grammar calls a number, or one of Python's three words.
fn number(digits: &[u8]) -> Result<Json, NotJson> {
    /// Python refuses to convert longer integers (`sys.int_info.default_max_str_digits`), which is
    /// a decoding error.
    const MOST_INTEGER_DIGITS: usize = 4300;

    let text = std::str::from_utf8(digits).map_err(|_| NotJson)?;
    match text {
        "NaN" => return Ok(Json::Float(f64::NAN)),
        "Infinity" => return Ok(Json::Float(f64::INFINITY)),
        "-Infinity" => return Ok(Json::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    if text.contains(['.', 'e', 'E']) {
        return text.parse().map(Json::Float).map_err(|_| NotJson);
    }
    if text.trim_start_matches('-').len() > MOST_INTEGER_DIGITS {
        return Err(NotJson);
    }
    Ok(text
        .parse()
        .map_or_else(|_| Json::HugeInteger(text.to_owned()), Json::Integer))
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
