//! Accounts that are there from the start. Apps, tokens and grants are declared as the controls declare them.
//!
//! ```
//! use fake_dropbox::config::AccountSettings;
//! use fake_dropbox::{App, Expiry, FakeDropbox, Grant, Token};
//!
//! let dropbox = FakeDropbox::builder().configure(|settings| {
//!     let account = AccountSettings {
//!         quota: Some("1 MiB".parse().expect("a size")),
//!         folders: vec!["/in".to_owned()],
//!         ..AccountSettings::default()
//!     };
//!     settings.accounts.insert("alice".to_owned(), account);
//!     settings.apps.push(App::new("app-key"));
//!     settings.tokens.push(Token {
//!         app: Some("app-key".to_owned()),
//!         expires_at: Some("4h".parse::<Expiry>().expect("a span of time")),
//!         ..Token::new("token", "alice")
//!     });
//!     settings.refresh_tokens.push(Grant::of_refresh_token("refresh", "alice"));
//!     settings.codes.push(Grant::of_code("code", "alice"));
//! });
//! let dropbox = dropbox.start_blocking();
//! assert_eq!(dropbox.account("token").status().quota, 1 << 20);
//! ```

use super::assume::Assumed;
use super::quantities::ByteSize;
use crate::dropbox::account::Profile;
use serde::Deserialize;

/// An account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountSettings {
    /// Who the user is.
    pub profile: Profile,
    /// Bytes that it may hold; none means [`super::Settings::quota`].
    pub quota: Option<ByteSize>,
    /// Folders that are there, by path.
    pub folders: Vec<String>,
    /// Its own answers to open questions, over those of the whole server.
    pub assume: Assumed,
}
