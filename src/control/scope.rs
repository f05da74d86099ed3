//! Which accounts an operation applies to.

use std::fmt;
use std::sync::Arc;

/// Which accounts an operation applies to: all of the server, or one.
///
/// ```
/// use fake_dropbox::internals::control::scope::Scope;
///
/// assert!(Scope::All.covers(None));
/// assert!(Scope::account("alice").covers(Some("alice")));
/// assert!(!Scope::account("alice").covers(Some("bob")));
/// assert!(!Scope::account("alice").covers(None));
/// assert_eq!(Scope::account("alice").name(), Some("alice"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Every account, and requests that belong to none.
    #[default]
    All,
    /// The account with this name.
    Account(Arc<str>),
}

impl Scope {
    /// The scope of the account with this name.
    pub fn account(name: &str) -> Self {
        Self::Account(name.into())
    }

    /// Whether something that belongs to `account` is within the scope.
    pub fn covers(&self, account: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Account(name) => account == Some(&**name),
        }
    }

    /// The name of the account, if it is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::Account(name) => Some(name),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => formatter.write_str("all accounts"),
            // The name of an account can be an access token: it is not printed.
            Self::Account(_) => formatter.write_str("one account"),
        }
    }
}
