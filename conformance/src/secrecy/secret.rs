//! Values that must never be seen: tokens, links, who the account belongs to.
//!
//! A [`Secret`] has no way to be printed. The only text that a report, a recording or the screen
//! takes is [`crate::secrecy::redacted::Redacted`], and only the redaction makes one.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// What sort of secret a value is. The word stands in the symbol that replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretKind {
    /// Opens the account.
    AccessToken,
    /// Makes access tokens.
    RefreshToken,
    /// Proves which app is speaking.
    AppSecret,
    AppKey,
    /// Whoever holds it can upload: the whole URL.
    Link,
    /// The last component of an upload link.
    LinkToken,
    /// `dbid:…` and the older numbers.
    AccountId,
    Name,
    Email,
    /// The number of somebody's root or home.
    Namespace,
}

impl SecretKind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::AccessToken => "access-token",
            Self::RefreshToken => "refresh-token",
            Self::AppSecret => "app-secret",
            Self::AppKey => "app-key",
            Self::Link => "link",
            Self::LinkToken => "link-token",
            Self::AccountId => "account-id",
            Self::Name => "name",
            Self::Email => "e-mail",
            Self::Namespace => "namespace",
        }
    }
}

/// A value that can be sent, and not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    kind: SecretKind,
    value: String,
}

impl Secret {
    /// Wraps a value that is not in any vault: prefer [`Vault::keep`].
    pub fn new(kind: SecretKind, value: impl Into<String>) -> Self {
        Self {
            kind,
            value: value.into(),
        }
    }

    /// The value itself, for the bytes of a request and for nothing else.
    pub fn expose(&self) -> &str {
        &self.value
    }

    pub fn kind(&self) -> SecretKind {
        self.kind
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<{}>", self.kind.word())
    }
}

/// Every secret that a run has met, so that no later text can carry one.
#[derive(Default)]
pub struct Vault {
    known: Mutex<Known>,
}

/// Every form of every secret by its first three bytes, so that a text is searched for all of them in one
/// pass: a run knows thousands, and asks for every header.
type Known = HashMap<[u8; 3], BTreeMap<String, SecretKind>>;

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Vault")
    }
}

impl Vault {
    /// Wraps a value and remembers it.
    pub fn keep(&self, kind: SecretKind, value: impl Into<String>) -> Secret {
        let value = value.into();
        self.remember(kind, &value);
        Secret { kind, value }
    }

    /// Remembers a value, and how it looks when it is escaped for a URL or for JSON.
    ///
    /// The shortest values are left out (two characters, five digits of a namespace): replacing
    /// every `A` or every `1` would make the text unreadable and hide nothing.
    pub fn remember(&self, kind: SecretKind, value: &str) {
        let shortest = if kind == SecretKind::Namespace { 6 } else { 3 };
        if value.chars().count() < shortest {
            return;
        }
        let mut known = self.lock();
        for form in [
            value.to_owned(),
            percent_encoded(value),
            json_escaped(value),
            // As Go writes JSON.
            value.replace('&', r"\u0026"),
            form_encoded(value),
        ] {
            if let Some(start) = form.as_bytes().first_chunk().copied() {
                known.entry(start).or_default().entry(form).or_insert(kind);
            }
        }
    }

    /// Every form of a known secret that stands in the text, where it stands first, in that order.
    pub(crate) fn found_in(&self, text: &str) -> Vec<(usize, String, SecretKind)> {
        let known = self.lock();
        let mut found = BTreeMap::new();
        for (at, start) in text.as_bytes().windows(3).enumerate() {
            let Some(forms) = start
                .try_into()
                .ok()
                .and_then(|start: [u8; 3]| known.get(&start))
            else {
                continue;
            };
            for (form, kind) in forms {
                if text.as_bytes()[at..].starts_with(form.as_bytes()) {
                    found.entry(form).or_insert((at, *kind));
                }
            }
        }
        let mut found: Vec<_> = found
            .into_iter()
            .map(|(form, (at, kind))| (at, form.clone(), kind))
            .collect();
        found.sort();
        found
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        // A panicking case cannot leave the map half-written: every insertion is one step.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All but letters, digits and `-._~` as `%XX`: for a query, a form, or a part of a URL.
pub fn percent_encoded(value: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("a String takes every write");
        }
    }
    out
}

fn form_encoded(value: &str) -> String {
    percent_encoded(value).replace("%20", "+")
}

/// As Python's `json.dumps` writes it: everything beyond ASCII as `\uXXXX`.
fn json_escaped(value: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(value.len());
    for unit in value.encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some(plain) if (' '..='~').contains(&plain) => out.push(plain),
            _ => write!(out, "\\u{unit:04x}").expect("a String takes every write"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_its_kind_and_nothing_else() {
        let secret = Secret::new(SecretKind::AccessToken, "sl.do-not-print");
        assert_eq!(format!("{secret:?}"), "<access-token>");
    }

    #[test]
    fn the_vault_knows_the_escaped_forms() {
        let vault = Vault::default();
        vault.remember(SecretKind::Name, "Zoë & Quill");
        for form in [
            "Zo%C3%AB%20%26%20Quill",
            "Zo%C3%AB+%26+Quill",
            r"Zo\u00eb & Quill",
            r"Zoë \u0026 Quill",
        ] {
            let found = vault.found_in(&format!("é {form}, {form}"));
            assert_eq!(found, [(3, form.to_owned(), SecretKind::Name)]);
        }
    }
}
