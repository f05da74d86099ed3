//! How Dropbox writes JSON: as Python's `json.dumps` does (API-21).

use std::fmt::Write as _;

use serde_json::Value;

use crate::failure::Failure;
use crate::talk::answer::Answer;

/// The text that Python writes for this value: `", "` and `": "`, and all but ASCII escaped.
pub fn python_style(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (index, (key, item)) in map.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write_string(out, key);
                out.push_str(": ");
                write_value(out, item);
            }
            out.push('}');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for unit in text.encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(plain @ ' '..='~') => out.push(plain),
            _ => write!(out, "\\u{unit:04x}").expect("a String takes every write"),
        }
    }
    out.push('"');
}

/// The text as a part of a query: everything but letters and digits in `%XX`.
pub fn query_safe(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("a String takes every write");
        }
        out
    })
}

/// The keys of an object, in the order in which they came.
pub fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .map(|map| map.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

impl Answer {
    /// The body is JSON in Dropbox's spelling, to the byte: separators, escapes, no line end.
    pub fn expect_python_style(self) -> Result<Self, Failure> {
        let wanted = python_style(&self.json()?);
        self.expect_text(&wanted)
    }

    /// The object at the pointer has exactly these keys in this order.
    pub fn expect_keys(self, pointer: &str, wanted: &[&str]) -> Result<Self, Failure> {
        let value = self.at(pointer)?;
        let came = keys(&value);
        if came == wanted {
            return Ok(self.met());
        }
        let expected = format!("the keys at {pointer:?} are {}", wanted.join(", "));
        Err(self.differs(&expected, &came.join(", ")))
    }

    /// The string at the pointer passes the check; `rule` says what the check wants.
    pub fn expect_string_that(
        self,
        pointer: &str,
        rule: &str,
        check: impl FnOnce(&str) -> bool,
    ) -> Result<Self, Failure> {
        let came = self.string_at(pointer)?;
        if check(&came) {
            return Ok(self.met());
        }
        Err(self.differs(&format!("{pointer} {rule}"), &came))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_written_as_python_writes_it() {
        let value = json!({"a": [1, null, true], "b": "\u{fa}\u{1f600}\u{7f}\"\\\n", "c": {}});
        assert_eq!(
            python_style(&value),
            r#"{"a": [1, null, true], "b": "\u00fa\ud83d\ude00\u007f\"\\\n", "c": {}}"#
        );
        assert_eq!(query_safe("a b\u{fa}{"), "a%20b%C3%BA%7B");
    }
}
