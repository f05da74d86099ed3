//! How Dropbox writes JSON, in each of its two dialects.

use std::fmt::Write as _;

use serde_json::Value;

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

/// How a server writes JSON and refusals: Dropbox's own way changed in May and June 2026, route by route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// As Python's `json.dumps` writes, in the order of the spec (API-21).
    Of2025,
    /// As Go writes maps: compact, the keys sorted, `&` as `\u0026`.
    Of2026,
}

impl Dialect {
    /// In which of the two this JSON is spelled, if it tells.
    pub fn of(json: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(json).ok()?;
        let is = |dialect: Self| dialect.spell(&value).as_bytes() == json.trim_ascii_end();
        match (is(Self::Of2025), is(Self::Of2026)) {
            (true, false) => Some(Self::Of2025),
            (false, true) => Some(Self::Of2026),
            _ => None,
        }
    }

    /// The text of this value.
    pub fn spell(self, value: &Value) -> String {
        match self {
            Self::Of2025 => python_style(value),
            Self::Of2026 => go_style(value),
        }
    }
}

/// The text that Go's `encoding/json` writes for this value, where objects are maps.
fn go_style(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let plain = Value::from(text.as_str()).to_string();
            [
                ('&', r"\u0026"),
                ('<', r"\u003c"),
                ('>', r"\u003e"),
                ('\u{2028}', r"\u2028"),
                ('\u{2029}', r"\u2029"),
            ]
            .iter()
            .fold(plain, |text, (raw, escaped)| text.replace(*raw, escaped))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(go_style).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(map) => {
            let mut members: Vec<_> = map.iter().collect();
            members.sort_by_key(|(key, _)| key.as_bytes());
            let members: Vec<String> = members
                .into_iter()
                .map(|(key, item)| format!("{}:{}", go_style(&key.as_str().into()), go_style(item)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        plain => plain.to_string(),
    }
}

/// The same JSON for a header: all but ASCII escaped.
pub fn in_ascii(json: &str) -> String {
    json.chars().fold(String::new(), |mut out, character| {
        if character.is_ascii() {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("a String takes every write");
            }
        }
        out
    })
}

/// What the validator of 2026 says where that of 2025 says this, as far as anybody has seen: a pattern
/// without its place and value, and a field without its place.
pub fn words_of_2026(message: &str) -> Option<String> {
    if let Some((_, pattern)) = message.split_once("' did not match pattern '") {
        let pattern = pattern.strip_suffix('\'')?;
        return Some(format!(
            "Value must be a string conforming to regex ({pattern})"
        ));
    }
    let (_, field) = message.split_once("unknown field '")?;
    Some(format!("unexpected key '{field}"))
}

/// The keys of an object, in the order in which they came.
pub fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .map(|map| map.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

/// A member that is `null` says what an absent one says (API-27), and whether an empty list of property
/// groups stands there is a question of its own (AQ-18).
pub fn without_what_is_open(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(key, item)| {
                let no_groups =
                    *key == "property_groups" && item.as_array().is_some_and(Vec::is_empty);
                !(item.is_null() || no_groups)
            })
            .map(|(key, item)| (key.clone(), without_what_is_open(item)))
            .collect(),
        Value::Array(items) => items.iter().map(without_what_is_open).collect(),
        plain => plain.clone(),
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
    }

    #[test]
    fn json_is_written_as_go_writes_it() {
        let value = json!({"b": "\u{fa}\u{1f600}&<", "a": [1, null], ".tag": {"c": true}});
        let text = r#"{".tag":{"c":true},"a":[1,null],"b":"ú😀\u0026\u003c"}"#;
        assert_eq!(Dialect::Of2026.spell(&value), text);
        assert_eq!(Dialect::of(text.as_bytes()), Some(Dialect::Of2026));
        assert_eq!(
            Dialect::of(python_style(&value).as_bytes()),
            Some(Dialect::Of2025)
        );
        assert_eq!(Dialect::of(b"null"), None);
        assert_eq!(Dialect::of(br#"{ "a":1 }"#), None);
    }

    #[test]
    fn a_pattern_and_an_unknown_field_have_other_words_in_2026() {
        // The first as it was captured on 2026-09-24.
        let pattern = r"(/(.|[\r\n])*|id:.*)|(rev:[0-9a-f]{9,})|(ns:[0-9]+(/(.|[\r\n])*)?)";
        assert_eq!(
            words_of_2026(&format!(
                "request body: path: 'not-a-path' did not match pattern '{pattern}'"
            )),
            Some(format!(
                "Value must be a string conforming to regex ({pattern})"
            ))
        );
        assert_eq!(
            words_of_2026("request body: unknown field 'quality'").as_deref(),
            Some("unexpected key 'quality'")
        );
        assert_eq!(words_of_2026("missing required field 'path'"), None);
    }
}
