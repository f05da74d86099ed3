//! How Python prints values: the error texts of the argument validator quote them with `str` and
//! `repr`.

use std::fmt::Write as _;

use super::json::Json;

/// The longest value that an error text echoes whole, in characters (API-78).
const LONGEST_ECHO: usize = 1000;

/// The name that Stone gives to the type of a value, as in `expected integer, got string`.
pub fn type_name(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Boolean(_) => "boolean",
        Json::Integer(_) | Json::HugeInteger(_) => "integer",
        Json::Float(_) => "float",
        Json::String(_) => "string",
        Json::List(_) => "list",
        Json::Object(_) => "builtins.dict",
    }
}

/// The name of the Python class, as in `must be str, not int`.
pub fn class_name(value: &Json) -> &'static str {
    match value {
        Json::Null => "None",
        Json::Boolean(_) => "bool",
        Json::Integer(_) | Json::HugeInteger(_) => "int",
        Json::Float(_) => "float",
        Json::String(_) => "str",
        Json::List(_) => "list",
        Json::Object(_) => "dict",
    }
}

/// `str(value)`: a string is itself, everything else is its `repr`.
pub fn str(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => repr(other),
    }
}

/// `repr(value)`.
pub fn repr(value: &Json) -> String {
    let mut output = String::new();
    write_repr(&mut output, value);
    output
}

/// `text`, cut after 1000 characters with a remark (API-78).
pub fn truncated(text: &str) -> String {
    match text.char_indices().nth(LONGEST_ECHO) {
        Some((end, _)) => format!(
            "{} [The string has been truncated due to its length]",
            &text[..end]
        ),
        None => text.to_owned(),
    }
}

fn write_repr(output: &mut String, value: &Json) {
    match value {
        Json::Null => output.push_str("None"),
        Json::Boolean(true) => output.push_str("True"),
        Json::Boolean(false) => output.push_str("False"),
        Json::Integer(number) => {
            write!(output, "{number}").expect("writing to a string does not fail");
        }
        Json::HugeInteger(digits) => output.push_str(digits),
        Json::Float(number) => output.push_str(&float_repr(*number)),
        Json::String(text) => output.push_str(&string_repr(text)),
        Json::List(items) => {
            output.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    output.push_str(", ");
                }
                write_repr(output, item);
            }
            output.push(']');
        }
        Json::Object(members) => {
            output.push('{');
            for (at, (key, item)) in members.iter().enumerate() {
                if at > 0 {
                    output.push_str(", ");
                }
                output.push_str(&string_repr(key));
                output.push_str(": ");
                write_repr(output, item);
            }
            output.push('}');
        }
    }
}

/// `repr` of a string: single quotes unless it holds some and no double ones; what cannot be
/// printed is escaped.
pub fn string_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut output = String::with_capacity(text.len() + 2);
    output.push(quote);
    for character in text.chars() {
        let code = u32::from(character);
        match character {
            '\\' => output.push_str("\\\\"),
            '\n' => output.push_str("\\n"),
            '\r' => output.push_str("\\r"),
            '\t' => output.push_str("\\t"),
            _ if character == quote => {
                output.push('\\');
                output.push(quote);
            }
            _ if is_printable(character) => output.push(character),
            _ => match code {
                0..=0xff => write!(output, "\\x{code:02x}"),
                0x100..=0xffff => write!(output, "\\u{code:04x}"),
                _ => write!(output, "\\U{code:08x}"),
            }
            .expect("writing to a string does not fail"),
        }
    }
    output.push(quote);
    output
}

/// Python's `str.isprintable`, which is also the standard library's idea of what `escape_debug`
/// leaves alone.
///
/// The leading letter is there because `escape_debug` treats combining marks at the start of a text
/// differently.
fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return matches!(character, ' '..='~');
    }
    let mut text = String::from("a");
    text.push(character);
    text.escape_debug().nth(1) == Some(character)
}

/// `repr` of a float: the shortest digits that read back the same, with an exponent below 1e-4 and
/// from 1e16 on.
pub fn float_repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 {
            "inf".into()
        } else {
            "-inf".into()
        };
    }
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let shortest = format!("{value:e}");
        let (digits, exponent) = shortest
            .split_once('e')
            .expect("this format has an exponent");
        let exponent: i32 = exponent.parse().expect("the exponent is a number");
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_the_shortest_that_read_back() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.5, "1.5"),
            (1e15, "1000000000000000.0"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.25e-7, "1.25e-07"),
            (0.0001, "0.0001"),
            (0.000_01, "1e-05"),
            (1e100, "1e+100"),
            (-5e-324, "-5e-324"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(float_repr(value), expected);
        }
    }

    #[test]
    fn strings_choose_their_quotes_and_escape_what_cannot_be_printed() {
        for (text, expected) in [
            ("a", "'a'"),
            ("it's", "\"it's\""),
            ("it's \"x\"", "'it\\'s \"x\"'"),
            (
                "\\\n\r\t\0\u{7f}\u{a0}\u{ad}",
                "'\\\\\\n\\r\\t\\x00\\x7f\\xa0\\xad'",
            ),
            (
                "é\u{301}\u{200b}\u{3000}😀\u{e000}\u{f0000}",
                "'é\u{301}\\u200b\\u3000😀\\ue000\\U000f0000'",
            ),
        ] {
            assert_eq!(string_repr(text), expected);
        }
    }

    #[test]
    fn containers_nest() {
        let value = Json::parse(br#"{"a":[1,"x",null,true,1.0],"b":{}}"#).unwrap();
        assert_eq!(str(&value), "{'a': [1, 'x', None, True, 1.0], 'b': {}}");
    }

    #[test]
    fn long_values_are_cut_after_a_thousand_characters() {
        let thousand = "ä".repeat(1000);
        assert_eq!(truncated(&thousand), thousand);
        assert_eq!(
            truncated(&format!("{thousand}b")),
            format!("{thousand} [The string has been truncated due to its length]")
        );
    }
}
