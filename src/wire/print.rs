//! JSON as the servers of Dropbox print it. [`Dialect`](super::dialect::Dialect) chooses.

use std::io;

use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

use super::python;

/// As Python's `json.dumps` prints it (API-21): separators are `", "` and `": "`, everything but
/// printable ASCII is escaped (0x7F too), keys stand in the order given, and no newline follows
/// (UL-165).
pub fn python(value: &Value) -> String {
    let mut output = Vec::with_capacity(128);
    value
        .serialize(&mut Serializer::with_formatter(&mut output, PythonStyle))
        .expect("a value whose keys are strings can be written to memory");
    String::from_utf8(output).expect("the formatter writes ASCII only")
}

/// As Go's `encoding/json` prints a map (API-256): no spaces, keys sorted by their bytes, `&`, `<`, `>`
/// and the two line separators of Unicode escaped, all else as it is.
pub fn go(value: &Value) -> String {
    let mut text = String::with_capacity(128);
    write_go(&mut text, value, false);
    text
}

/// The same with everything but ASCII escaped, as a header needs it.
pub fn go_in_ascii(value: &Value) -> String {
    let mut text = String::with_capacity(128);
    write_go(&mut text, value, true);
    text
}

fn write_go(text: &mut String, value: &Value, in_ascii: bool) {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            let mut before = '{';
            for (key, value) in members {
                text.push(before);
                before = ',';
                write_go_string(text, key, in_ascii);
                text.push(':');
                write_go(text, value, in_ascii);
            }
            text.push_str(if before == '{' { "{}" } else { "}" });
        }
        Value::Array(items) => {
            let mut before = '[';
            for item in items {
                text.push(before);
                before = ',';
                write_go(text, item, in_ascii);
            }
            text.push_str(if before == '[' { "[]" } else { "]" });
        }
        Value::String(string) => write_go_string(text, string, in_ascii),
        other => text.push_str(&other.to_string()),
    }
}

fn write_go_string(text: &mut String, string: &str, in_ascii: bool) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '&' | '<' | '>' | '\u{2028}' | '\u{2029}' => escape(text, character),
            _ if character < ' ' => escape(text, character),
            _ if in_ascii && !(' '..='~').contains(&character) => escape(text, character),
            _ => text.push(character),
        }
    }
    text.push('"');
}

fn escape(text: &mut String, character: char) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        text.push_str(&format!("\\u{unit:04x}"));
    }
}

/// The text of a body from the services that are not written in Python: no spaces, a newline at the
/// end. The notify host answers so (API-21).
pub fn compact(value: &Value) -> String {
    format!("{value}\n")
}

struct PythonStyle;

impl Formatter for PythonStyle {
    fn begin_array_value<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first {
            Ok(())
        } else {
            writer.write_all(b", ")
        }
    }

    fn begin_object_key<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first {
            Ok(())
        } else {
            writer.write_all(b", ")
        }
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn write_f64<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(python::float_repr(value).as_bytes())
    }

    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut units = [0; 2];
        let mut plain = 0;
        for (at, character) in fragment.char_indices() {
            if character.is_ascii() && character != '\u{7f}' {
                continue;
            }
            writer.write_all(&fragment.as_bytes()[plain..at])?;
            for unit in character.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
            plain = at + character.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[plain..])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_body_looks_like_json_dumps() {
        let value = json!({"content-hash": "e3b0", "list": [1, 2.0, true, null, [], {}], "é": "ú😀\u{7f}\"\\\n\u{1}/"});
        assert_eq!(
            python(&value),
            "{\"content-hash\": \"e3b0\", \"list\": [1, 2.0, true, null, [], {}], \
             \"\\u00e9\": \"\\u00fa\\ud83d\\ude00\\u007f\\\"\\\\\\n\\u0001/\"}"
        );
    }

    #[test]
    fn the_body_of_a_link_reply_is_84_bytes() {
        assert_eq!(python(&json!({"content-hash": "e".repeat(64)})).len(), 84); // UL-133
    }

    #[test]
    fn a_header_escapes_delete_too() {
        let value = json!({"field": "some_üñîcødé_and_\u{7f}"});
        assert_eq!(
            python(&value),
            r#"{"field": "some_\u00fc\u00f1\u00eec\u00f8d\u00e9_and_\u007f"}"#
        );
        assert_eq!(
            go_in_ascii(&value),
            r#"{"field":"some_\u00fc\u00f1\u00eec\u00f8d\u00e9_and_\u007f"}"#
        );
    }

    #[test]
    fn go_sorts_the_keys_and_escapes_what_html_minds() {
        let value =
            json!({"b": [1, true, null, [], {}], ".tag": "a&<>é😀\u{2028}\"\\\n\u{1}/", "B": -1});
        assert_eq!(
            go(&value),
            "{\".tag\":\"a\\u0026\\u003c\\u003eé😀\\u2028\\\"\\\\\\n\\u0001/\",\"B\":-1,\
             \"b\":[1,true,null,[],{}]}"
        );
    }

    #[test]
    fn floats_look_like_pythons() {
        assert_eq!(
            python(&json!([14400.0, 1e16, 1e-5, 0.1, 1e22])),
            "[14400.0, 1e+16, 1e-05, 0.1, 1e+22]"
        );
    }
}
