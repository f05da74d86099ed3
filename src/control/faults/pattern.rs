//! Patterns that paths are held against.

use crate::dropbox::letters::fold;
use regex_lite::Regex;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A path, or a pattern of paths: `*` stands for any characters but `/`, `**` for any characters.
/// Case does not matter, as in Dropbox (API-168).
///
/// ```
/// use fake_dropbox::PathPattern;
///
/// let pattern = PathPattern::new("/In/*.txt").expect("a pattern");
/// assert_eq!(pattern.as_str(), "/In/*.txt");
/// assert!(pattern.matches("/in/A.TXT"));
/// assert!(!pattern.matches("/in/sub/a.txt"));
/// assert!(PathPattern::new("/in/**").expect("a pattern").matches("/in/sub/a.txt"));
/// ```
#[derive(Clone)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", schemars(with = "String"))]
pub struct PathPattern {
    text: String,
    regex: Option<Regex>,
    folded: String,
}

impl PathPattern {
    /// Reads a pattern. A path of Dropbox begins with `/`, `id:`, `rev:` or `ns:`; the root is empty.
    pub fn new(text: &str) -> Result<Self, String> {
        let begins_well = text.is_empty()
            || ["/", "id:", "rev:", "ns:", "*"]
                .iter()
                .any(|start| text.starts_with(start));
        if !begins_well {
            return Err(format!(
                "no path matches {text:?}: paths begin with '/', 'id:', 'rev:' or 'ns:' (or the pattern with '*')"
            ));
        }
        let folded = fold(text);
        let regex = if text.contains('*') {
            Some(translate(&folded)?)
        } else {
            None
        };
        Ok(Self {
            text: text.to_owned(),
            regex,
            folded,
        })
    }

    /// The same, in a test.
    #[track_caller]
    pub(crate) fn of(text: &str) -> Self {
        match Self::new(text) {
            Ok(pattern) => pattern,
            Err(error) => panic!("{error}"),
        }
    }

    /// Whether a path matches.
    pub fn matches(&self, path: &str) -> bool {
        let path = fold(path);
        match &self.regex {
            Some(regex) => regex.is_match(&path),
            None => self.folded == path,
        }
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn translate(pattern: &str) -> Result<Regex, String> {
    let mut regex = String::from("(?s)^");
    let mut rest = pattern;
    while let Some(star) = rest.find('*') {
        regex.push_str(&regex_lite::escape(&rest[..star]));
        rest = &rest[star + 1..];
        if let Some(after) = rest.strip_prefix('*') {
            regex.push_str(".*");
            rest = after;
        } else {
            regex.push_str("[^/]*");
        }
    }
    regex.push_str(&regex_lite::escape(rest));
    regex.push('$');
    Regex::new(&regex).map_err(|_| "the path pattern is too long".to_owned())
}

impl FromStr for PathPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::new(text)
    }
}

impl PartialEq for PathPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PathPattern {}

impl fmt::Debug for PathPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.text)
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Serialize for PathPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for PathPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_mean_something_elsewhere_are_plain_here() {
        let pattern = PathPattern::new("/a.b[1]+/*").unwrap();
        assert!(pattern.matches("/A.B[1]+/c"));
        assert!(!pattern.matches("/axb1/c"));
    }

    #[test]
    fn a_pattern_that_no_path_can_match_is_refused() {
        let error = PathPattern::new("in/a.txt").unwrap_err();
        assert!(error.contains("paths begin with '/'"), "{error}");
    }
}
