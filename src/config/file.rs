//! The configuration file.

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
    #[error("the configuration file {} is not right:\n{}", .path.display(), .source.to_string().trim_end())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why; unknown keys come with the list of those that there are.
        source: Box<toml::de::Error>,
    },
}

impl Settings {
    /// Reads settings from a TOML file. What it does not mention has its default.
    pub fn from_file(path: &Path) -> Result<Self, BadConfigFile> {
        let text = std::fs::read_to_string(path).map_err(|source| BadConfigFile::Read {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|source| BadConfigFile::Parse {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }
}
