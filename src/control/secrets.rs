//! Secrets, and the names that stand for them wherever something is printed.
//!
//! Whoever holds an access token or an unused link can write to the account, so neither is ever
//! printed, also not by accident: [`Secret`] has no way to show itself, and what is shown instead
//! is an [`Alias`] such as `link:7`.

use crate::sync::{Mutex, MutexGuard};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What is printed for a secret that has no alias.
pub const REDACTED: &str = "(redacted)";

/// A text that is not printed.
///
/// ```
/// use fake_dropbox::Secret;
///
/// let secret = Secret::new("sl.abc");
/// assert_eq!(format!("{secret} {secret:?}"), "(redacted) (redacted)");
/// assert_eq!(secret.expose(), "sl.abc");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", schemars(with = "String"))]
pub struct Secret(Arc<str>);

impl Secret {
    /// Hides a text.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// 32 hexadecimal digits that nobody can guess.
    pub(crate) fn random() -> Self {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the system has random numbers");
        Self::new(&format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    /// The text itself, for comparisons.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::new(&text))
    }
}

/// Kinds of secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretKind {
    /// The name of an account that was made by a token nobody declared: it is that token.
    Account,
    /// A temporary link for downloads.
    Download,
    /// A temporary upload link.
    Link,
    /// An app's secret, an authorization code or a refresh token.
    Secret,
    /// The key of a shared link.
    Shared,
    /// An access token.
    Token,
}

pub(super) const KINDS: [SecretKind; 6] = [
    SecretKind::Account,
    SecretKind::Download,
    SecretKind::Link,
    SecretKind::Secret,
    SecretKind::Shared,
    SecretKind::Token,
];

impl SecretKind {
    /// The word before the number of an alias.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Download => "download",
            Self::Link => "link",
            Self::Secret => "secret",
            Self::Shared => "shared",
            Self::Token => "token",
        }
    }
}

/// What stands for a secret: its kind and a number, printed `link:7`.
///
/// ```
/// use fake_dropbox::{Alias, BadAlias, Query, SecretKind};
///
/// let link: Alias = "link:7".parse()?;
/// assert_eq!((link.kind, link.number), (SecretKind::Link, 7));
/// assert_eq!(SecretKind::Link.as_str(), "link");
/// let about_it = Query::default().link(link);
/// # drop(about_it);
/// # Ok::<(), BadAlias>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", schemars(with = "String"))]
pub struct Alias {
    /// What the secret is.
    pub kind: SecretKind,
    /// Counts the secrets of this kind from 1.
    pub number: u64,
}

/// The alias of an upload link.
pub type LinkAlias = Alias;

impl fmt::Display for Alias {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.kind.as_str(), self.number)
    }
}

impl Serialize for Alias {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Alias {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that is not an alias.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an alias is one of account, download, link, secret, shared and token, then ':' and a number, such as link:7"
)]
pub struct BadAlias;

impl FromStr for Alias {
    type Err = BadAlias;

    fn from_str(text: &str) -> Result<Self, BadAlias> {
        let (word, number) = text.split_once(':').ok_or(BadAlias)?;
        let kind = KINDS.into_iter().find(|kind| kind.as_str() == word);
        Ok(Self {
            kind: kind.ok_or(BadAlias)?,
            number: number.parse().map_err(|_| BadAlias)?,
        })
    }
}

/// Which alias stands for which secret.
///
/// It knows a bounded number of secrets of each kind. One that was not seen for so long that it
/// was forgotten gets a new number when it comes back; no number is ever given twice.
#[derive(Debug)]
pub struct Aliases {
    capacity: usize,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    kinds: HashMap<SecretKind, OfKind>,
    public_accounts: HashSet<Arc<str>>,
    /// What is printed for accounts that are known under an alias.
    printed_accounts: HashMap<Arc<str>, Arc<str>>,
}

#[derive(Default)]
struct OfKind {
    numbers: HashMap<Arc<str>, u64>,
    /// In the order of their numbers.
    secrets: VecDeque<Arc<str>>,
    /// How many came before those: the number of the last one.
    forgotten: u64,
}

impl OfKind {
    /// The number of a secret, from now on if it had none, and what was forgotten for it.
    fn number(&mut self, secret: &str, capacity: usize) -> (u64, Option<Arc<str>>) {
        if let Some(&number) = self.numbers.get(secret) {
            return (number, None);
        }
        let secret = Arc::<str>::from(secret);
        self.secrets.push_back(Arc::clone(&secret));
        let number = self.forgotten + self.secrets.len() as u64;
        self.numbers.insert(secret, number);
        if self.secrets.len() <= capacity {
            return (number, None);
        }
        let oldest = self.secrets.pop_front();
        self.forgotten += 1;
        if let Some(oldest) = &oldest {
            self.numbers.remove(oldest);
        }
        (number, oldest)
    }

    fn secret(&self, number: u64) -> Option<&Arc<str>> {
        let place = number.checked_sub(self.forgotten + 1)?;
        self.secrets.get(usize::try_from(place).ok()?)
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Known").finish_non_exhaustive()
    }
}

impl Default for Aliases {
    fn default() -> Self {
        Self::with_capacity(65_536)
    }
}

impl Aliases {
    /// Remembers at most so many secrets of each kind.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            known: Mutex::default(),
        }
    }

    /// The alias that stands for a secret, from now on if there was none.
    pub fn alias(&self, kind: SecretKind, secret: &str) -> Alias {
        self.alias_in(&mut self.lock(), kind, secret)
    }

    /// The alias that stands for a secret, if there is one.
    pub fn known(&self, kind: SecretKind, secret: &str) -> Option<Alias> {
        let known = self.lock();
        let number = *known.kinds.get(&kind)?.numbers.get(secret)?;
        Some(Alias { kind, number })
    }

    /// The secret that an alias stands for.
    pub fn secret(&self, alias: Alias) -> Option<Secret> {
        let known = self.lock();
        let secret = known.kinds.get(&alias.kind)?.secret(alias.number)?;
        Some(Secret(Arc::clone(secret)))
    }

    /// Says that the name of an account was chosen as a name, so it may be printed. The names of
    /// all others may be tokens.
    pub fn publish_account(&self, name: &str) {
        self.lock().public_accounts.insert(name.into());
    }

    /// What is printed for an account: its name if it may be printed, else an alias.
    pub fn account(&self, name: &str) -> Arc<str> {
        let mut known = self.lock();
        if let Some(name) = known.public_accounts.get(name) {
            return Arc::clone(name);
        }
        if let Some(printed) = known.printed_accounts.get(name) {
            return Arc::clone(printed);
        }
        let alias = self.alias_in(&mut known, SecretKind::Account, name);
        let printed = Arc::<str>::from(alias.to_string());
        known
            .printed_accounts
            .insert(name.into(), Arc::clone(&printed));
        printed
    }

    fn alias_in(&self, known: &mut Known, kind: SecretKind, secret: &str) -> Alias {
        let of_kind = known.kinds.entry(kind).or_default();
        let (number, forgotten) = of_kind.number(secret, self.capacity);
        if let Some(forgotten) = forgotten
            && kind == SecretKind::Account
        {
            known.printed_accounts.remove(&forgotten);
        }
        Alias { kind, number }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_keeps_its_alias_and_an_alias_leads_back() {
        let aliases = Aliases::default();
        let first = aliases.alias(SecretKind::Link, "abc");
        let second = aliases.alias(SecretKind::Link, "def");
        assert_eq!(
            (first.to_string(), second.to_string()),
            ("link:1".into(), "link:2".into())
        );
        assert_eq!(aliases.alias(SecretKind::Link, "abc"), first);
        assert_eq!(aliases.secret(second).unwrap().expose(), "def");
        assert_eq!("link:2".parse(), Ok(second));
    }

    #[test]
    fn the_oldest_secret_is_forgotten_and_its_number_is_not_given_again() {
        let aliases = Aliases::with_capacity(2);
        for token in ["a", "b", "c"] {
            aliases.alias(SecretKind::Token, token);
        }
        assert_eq!(aliases.known(SecretKind::Token, "a"), None);
        let first = Alias {
            kind: SecretKind::Token,
            number: 1,
        };
        assert_eq!(aliases.secret(first), None);
        let last = aliases.alias(SecretKind::Token, "a");
        assert_eq!(last.number, 4);
        assert_eq!(aliases.secret(last).unwrap().expose(), "a");
        let printed: Vec<_> = ["a", "b", "c", "a", "c"]
            .map(|name| aliases.account(name).to_string())
            .into();
        let expected = [
            "account:1",
            "account:2",
            "account:3",
            "account:4",
            "account:3",
        ];
        assert_eq!(printed, expected);
    }

    #[test]
    fn an_account_is_printed_by_its_name_only_if_it_was_chosen_as_one() {
        let aliases = Aliases::default();
        aliases.publish_account("alice");
        assert_eq!(&*aliases.account("alice"), "alice");
        assert_eq!(&*aliases.account("sl.token"), "account:1");
        assert!(!format!("{aliases:?}").contains("sl.token"));
    }

    #[test]
    fn an_alias_says_how_it_is_spelled() {
        let error = "lnk:7".parse::<Alias>().unwrap_err().to_string();
        assert!(error.contains("such as link:7"), "{error}");
    }
}
