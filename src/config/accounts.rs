//! Accounts, apps and tokens that are there from the start.
//!
//! ```
//! use fake_dropbox::FakeDropbox;
//! use fake_dropbox::config::{
//!     AccountSettings, AppSettings, CodeSettings, Expiry, RefreshTokenSettings, TokenSettings,
//! };
//!
//! let dropbox = FakeDropbox::builder().configure(|settings| {
//!     let account = AccountSettings {
//!         quota: Some("1 MiB".parse().expect("a size")),
//!         folders: vec!["/in".to_owned()],
//!         ..AccountSettings::default()
//!     };
//!     settings.accounts.insert("alice".to_owned(), account);
//!     settings.apps.push(AppSettings {
//!         key: "app-key".to_owned(),
//!         secret: Some("app-secret".to_owned()),
//!         app_folder: None,
//!         scopes: None,
//!     });
//!     settings.tokens.push(TokenSettings {
//!         token: "token".to_owned(),
//!         account: Some("alice".to_owned()),
//!         app: Some("app-key".to_owned()),
//!         expires: Some(Expiry::After("4h".parse().expect("a span of time"))),
//!         ..TokenSettings::default()
//!     });
//!     settings.refresh_tokens.push(RefreshTokenSettings {
//!         token: "refresh token".to_owned(),
//!         account: "alice".to_owned(),
//!         ..RefreshTokenSettings::default()
//!     });
//!     settings.codes.push(CodeSettings {
//!         code: "code".to_owned(),
//!         account: "alice".to_owned(),
//!         ..CodeSettings::default()
//!     });
//! });
//! let dropbox = dropbox.start_blocking();
//! assert_eq!(dropbox.account("token").status().quota, 1 << 20);
//! ```

use super::assume::Assumed;
use super::quantities::{ByteSize, Span};
use crate::dropbox::account::Profile;
use crate::dropbox::errors::AccessError;
use crate::dropbox::time::Timestamp;
use serde::Deserialize;
use std::collections::BTreeSet;

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

/// An app, as it would be declared in the App Console.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppSettings {
    /// The key, which is also the OAuth client id.
    pub key: String,
    /// The secret; none is checked where none is declared.
    pub secret: Option<String>,
    /// The name of the one folder that it sees, `/Apps/<name>`; everything if there is none.
    pub app_folder: Option<String>,
    /// The scopes that it may have; none means all.
    pub scopes: Option<BTreeSet<String>>,
}

/// When a token ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// At this moment.
    At(Timestamp),
    /// So long after the start of the server.
    After(Span),
}

/// An access token. Names either one account or the members of a team.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenSettings {
    /// What clients send as the bearer token.
    pub token: String,
    /// The account that it is for; one that is not declared is made.
    pub account: Option<String>,
    /// The accounts of a team, for a token that needs `Dropbox-API-Select-User`.
    pub team: Option<Vec<String>>,
    /// The key of its app.
    pub app: Option<String>,
    /// Its scopes; none means all.
    pub scopes: Option<BTreeSet<String>>,
    /// When it ends, as a moment in RFC 3339 (`"2030-01-01T00:00:00Z"`) or as the time that it has
    /// from the start of the server (`"4h"`); none means never.
    #[serde(deserialize_with = "expiry")]
    pub expires: Option<Expiry>,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Whether its user is suspended.
    pub suspended: bool,
    /// Answers everything that it asks for with this 403 (API-110): `team_access_denied`,
    /// `invalid_account_type_endpoint`, `invalid_account_type_feature`, `paper_access_denied` or
    /// `no_permission`.
    pub denied: Option<AccessError>,
}

/// A refresh token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RefreshTokenSettings {
    /// What clients send as `refresh_token`.
    pub token: String,
    /// The account that it is for.
    pub account: String,
    /// The only app that may use it; none means any.
    pub app: Option<String>,
    /// Its scopes; none means all.
    pub scopes: Option<BTreeSet<String>>,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// An authorization code, which can be exchanged once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodeSettings {
    /// What clients send as `code`.
    pub code: String,
    /// The account that it is for.
    pub account: String,
    /// The only app that may use it; none means any.
    pub app: Option<String>,
    /// Its scopes; none means all.
    pub scopes: Option<BTreeSet<String>>,
}

fn expiry<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Expiry>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if let Ok(span) = text.parse() {
        return Ok(Some(Expiry::After(span)));
    }
    let moment: jiff::Timestamp = text.parse().map_err(|_| {
        serde::de::Error::custom(format!(
            "'{text}' is neither a moment such as 2030-01-01T00:00:00Z nor a span of time such as 4h"
        ))
    })?;
    Ok(Some(Expiry::At(Timestamp::from_micros(
        moment.as_microsecond(),
    ))))
}
