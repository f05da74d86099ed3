//! The configuration file.

use super::files::begin_at;
use super::settings::Settings;
use std::io;
use std::path::{Path, PathBuf};

/// Why a configuration file cannot be used.
///
/// ```
/// use fake_dropbox::config::{BadConfigFile, Settings};
/// use std::path::Path;
///
/// let error = Settings::from_file(Path::new("/nothing/is/here.toml")).unwrap_err();
/// assert!(matches!(error, BadConfigFile::Read { .. }));
/// ```
#[derive(Debug, thiserror::Error)]
pub enum BadConfigFile {
    /// It cannot be read.
    #[error("cannot read the configuration file {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not TOML, or says something that is no setting.
    ///
    /// What stands on the line is not shown: it may be a secret.
    #[error("the configuration file {} is not right: line {line}, column {column}: {reason}", .path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The column in characters, counted from 1.
        column: usize,
        /// What is wrong; unknown keys come with the list of those that there are.
        reason: String,
    },
}

impl Settings {
    /// Reads settings from a TOML file. What it does not mention has its default.
    pub fn from_file(path: &Path) -> Result<Self, BadConfigFile> {
        let text = std::fs::read_to_string(path).map_err(|source| BadConfigFile::Read {
            path: path.to_owned(),
            source,
        })?;
        let read = toml::from_str(&text).map_err(|error: toml::de::Error| {
            let before = text
                .get(..error.span().map_or(0, |span| span.start))
                .unwrap_or(&text);
            let last_line = before.rsplit('\n').next().unwrap_or_default();
            BadConfigFile::Parse {
                path: path.to_owned(),
                line: before.matches('\n').count() + 1,
                column: last_line.chars().count() + 1,
                reason: without_secrets(error.message()),
            }
        });
        let mut settings: Self = read?;
        begin_at(&mut settings.files, path.parent().unwrap_or(Path::new("")));
        Ok(settings)
    }
}

/// Keys whose value is a secret. One that was written as a key is unknown among them.
const SECRET_KEYS: [&str; 4] = ["`token`", "`refresh_token`", "`code`", "`secret`"];

/// A message of the reader without the value or the key that may be a secret in the wrong place.
fn without_secrets(message: &str) -> String {
    const UNKNOWN: &str = "unknown field ";
    let message = message.trim_end().replace('\n', "; ");
    if let Some(value) = message.strip_prefix("invalid type: string \"") {
        // The value may hold quotes of its own, and what is expected holds none.
        let expected = value
            .rsplit_once("\", expected ")
            .map_or("", |(_, what)| what);
        return format!("invalid type: a string, expected {expected}");
    }
    match (
        message.strip_prefix(UNKNOWN),
        message.rsplit_once("`, expected "),
    ) {
        (Some(_), Some((_, expected))) if SECRET_KEYS.iter().any(|key| expected.contains(key)) => {
            format!("unknown field, expected {expected}")
        }
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn no_mistake_in_the_file_shows_a_secret() {
        for text in [
            "control_token = [\"SEKRET\"]",
            "control_token = \"SEKRET",
            "control_token = SEKRET",
            "control_token = 'a'\ncontrol_token = 'SEKRET'",
            "tokens = \"SEKRET\"",
            "tokens = [\"SEKRET\"]",
            "tokens = [{ token = \"SEKRET\", account = 1 }]",
            "tokens = [{ token = \"SEKRET\", acount = 'a' }]",
            "tokens = [{ SEKRET = 'alice' }]",
            "[[tokens]]\n\"SEKRET\" = \"alice\"",
            "[[tokens]]\n\"SEKRET\\\", expected x\" = \"alice\"",
            "[[tokens]]\ntoken = \"SEKRET\" account = \"a\"",
            "[[tokens]]\ntoken = \"a\"\naccount = \"a\"\nscopes = \"SEKRET\"",
            "[[refresh_tokens]]\nSEKRET = 1",
            "[[codes]]\nSEKRET = 1",
            "[[apps]]\nkey = \"a\"\nsecret = { SEKRET = 1 }",
            "[[apps]]\nSEKRET = 1",
            "journal_entries = \"SEKRET\", expected\"",
            "SEKRET",
        ] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            let error = Settings::from_file(file.path()).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("SEKRET"), "{text}: {shown}");
            assert!(shown.contains("line "), "{shown}");
        }
    }
}
