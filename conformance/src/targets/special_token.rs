//! Tokens that something is wrong with, or that are of a kind of their own: what an account must be
//! seen through to know a refusal.

use std::fmt;
use std::str::FromStr;

/// One kind of token. A fake with our controls declares them; for another target they may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpecialToken {
    /// Its four hours are over (API-107).
    Expired,
    Revoked,
    Suspended,
    /// It lacks the scope `files.metadata.read` (API-108).
    NoMetadataScope,
    /// Its app lacks the scope `files.content.write` (API-67).
    AppLacksScope,
    /// Its app has a folder of its own (API-69, API-250).
    AppFolder,
    /// It is a whole team's (API-68).
    Team,
}

impl SpecialToken {
    pub const ALL: [Self; 7] = [
        Self::Expired,
        Self::Revoked,
        Self::Suspended,
        Self::NoMetadataScope,
        Self::AppLacksScope,
        Self::AppFolder,
        Self::Team,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
            Self::NoMetadataScope => "no-metadata-scope",
            Self::AppLacksScope => "app-lacks-scope",
            Self::AppFolder => "app-folder",
            Self::Team => "team",
        }
    }
}

impl fmt::Display for SpecialToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for SpecialToken {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|kind| kind.name()).collect();
            format!(
                "{name} is no kind of token: give one of {}",
                names.join(", ")
            )
        })
    }
}
