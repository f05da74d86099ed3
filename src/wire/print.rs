//! Answers, printed the way Python's `json.dumps` prints them (API-21).
//!
//! Separators are `", "` and `": "`, everything but printable ASCII is escaped (0x7F too), keys stand
//! in the order given, and no newline follows (UL-165).

use std::io;

use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

use super::python;

pub fn body(value: &Value) -> String {
    let mut output = Vec::with_capacity(128);
    value
        .serialize(&mut Serializer::with_formatter(&mut output, PythonStyle))
        .expect("a value whose keys are strings can be written to memory");
    String::from_utf8(output).expect("the formatter writes ASCII only")
}

/// The text of a header value, `Dropbox-API-Result` for one. It is that of a body: `json.dumps` leaves
/// nothing bare that a header could not hold (API-20).
pub fn header(value: &Value) -> String {
    body(value)
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
            body(&value),
            "{\"content-hash\": \"e3b0\", \"list\": [1, 2.0, true, null, [], {}], \
             \"\\u00e9\": \"\\u00fa\\ud83d\\ude00\\u007f\\\"\\\\\\n\\u0001/\"}"
        );
    }

    #[test]
    fn the_body_of_a_link_reply_is_84_bytes() {
        assert_eq!(body(&json!({"content-hash": "e".repeat(64)})).len(), 84); // UL-133
    }

    #[test]
    fn a_header_escapes_delete_too() {
        let value = json!({"field": "some_üñîcødé_and_\u{7f}"});
        assert_eq!(
            header(&value),
            r#"{"field": "some_\u00fc\u00f1\u00eec\u00f8d\u00e9_and_\u007f"}"#
        );
    }

    #[test]
    fn floats_look_like_pythons() {
        assert_eq!(
            body(&json!([14400.0, 1e16, 1e-5, 0.1, 1e22])),
            "[14400.0, 1e+16, 1e-05, 0.1, 1e+22]"
        );
    }
}
