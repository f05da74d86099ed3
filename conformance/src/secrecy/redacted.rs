//! Text that may be shown.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Text that may be shown. Only the normaliser makes one, or a recording that one has written.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Redacted(pub(super) String);

impl Redacted {
    /// Words of the suite itself, known when it was compiled.
    pub fn fixed(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// Puts the run folder's own name back for a message that must name it. The name is random and
    /// the suite's own, so it is no secret.
    pub(crate) fn with_folder_name(self, folder: &str) -> Self {
        Self(self.0.replace("<run>", folder.trim_start_matches('/')))
    }

    /// This sentence, and another one after it.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self(format!("{} {}", self.0, other.0))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
