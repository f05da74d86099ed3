//! Apps and tokens that a test declares.
//!
//! ```
//! use fake_dropbox::FakeDropbox;
//! use fake_dropbox::control::operations::credentials::{
//!     AcceptAnyToken, DeclareApp, DeclareRenewal, DeclareToken, RevokeToken,
//! };
//! use fake_dropbox::control::scope::Scope;
//! use fake_dropbox::control::secrets::Secret;
//!
//! let dropbox = FakeDropbox::start_blocking();
//! dropbox.run_blocking(&Scope::All, DeclareApp {
//!     secret: Some(Secret::new("app-secret")),
//!     ..DeclareApp::new("app-key")
//! })?;
//! dropbox.run_blocking(&Scope::All, DeclareToken {
//!     app: Some("app-key".to_owned()),
//!     ..DeclareToken::new("token", "alice")
//! })?;
//! dropbox.run_blocking(&Scope::All, DeclareRenewal::of_refresh_token("refresh", "alice"))?;
//! dropbox.run_blocking(&Scope::All, DeclareRenewal::of_code("code", "alice"))?;
//! // A token that nobody declared is invalid from now on.
//! dropbox.run_blocking(&Scope::All, AcceptAnyToken { accept: false })?;
//! dropbox.run_blocking(&Scope::All, RevokeToken::access("token"))?;
//! dropbox.run_blocking(&Scope::All, RevokeToken::refresh("refresh"))?;
//! # Ok::<(), fake_dropbox::control::operations::ControlError>(())
//! ```

use super::{Answered, ControlError, Controls, Moment, Operation};
use crate::control::scope::Scope;
use crate::control::secrets::Secret;
use crate::dropbox::credentials::{App, AppAccess, DEFAULT_APP, Grant, Holder};
use crate::dropbox::errors::AccessError;
use crate::rules::check_scopes;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Declares an app as the App Console would.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeclareApp {
    /// Its key, the OAuth client id.
    pub key: String,
    /// Its secret; without one none is checked, and a webhook has to bring its own.
    #[serde(default)]
    pub secret: Option<Secret>,
    /// The name of its app folder; without one it sees the whole account.
    #[serde(default)]
    pub app_folder: Option<String>,
    /// The scopes that it may have; all if nothing is said.
    #[serde(default)]
    pub scopes: Option<BTreeSet<String>>,
}

impl DeclareApp {
    /// An app that may do everything, without a secret.
    pub fn new(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            secret: None,
            app_folder: None,
            scopes: None,
        }
    }
}

impl Operation for DeclareApp {
    type Answer = ();
    const NAME: &'static str = "declare_app";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/apps";
    const SUMMARY: &'static str = "Declares an app with its secret, its scopes and what it sees of an account, or changes it.";

    async fn run(self, controls: Controls<'_>, _scope: &Scope) -> Answered<Self> {
        if self.key.is_empty() {
            return Err(ControlError::bad("An app needs a key."));
        }
        known(self.scopes.as_ref())?;
        controls.world.credentials().declare_app(App {
            key: self.key,
            secret: self.secret.map(|secret| secret.expose().to_owned()),
            access: self
                .app_folder
                .map_or(AppAccess::FullDropbox, AppAccess::AppFolder),
            scopes: self.scopes,
        });
        Ok(())
    }
}

fn known(scopes: Option<&BTreeSet<String>>) -> Result<(), ControlError> {
    check_scopes(scopes).map_err(|unknown| ControlError::bad(format!("{unknown}.")))
}

fn not_empty(what: &str, text: &str) -> Result<(), ControlError> {
    if text.is_empty() {
        return Err(ControlError::bad(format!("{what} is empty.")));
    }
    Ok(())
}

/// Declares an access token.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeclareToken {
    /// The token.
    pub token: Secret,
    /// The name of its account, which may be printed; not with `team_members`.
    #[serde(default)]
    pub account: Option<String>,
    /// The names of the accounts of a team, for a team's token.
    #[serde(default)]
    pub team_members: Option<Vec<String>>,
    /// The key of its app.
    #[serde(default)]
    pub app: Option<String>,
    /// Its scopes; all if nothing is said.
    #[serde(default)]
    pub scopes: Option<BTreeSet<String>>,
    /// The last moment at which it may be used, by the clock of its account.
    #[serde(default)]
    pub expires_at: Option<Moment>,
    /// Whether it was revoked.
    #[serde(default)]
    pub revoked: bool,
    /// Whether its user is suspended.
    #[serde(default)]
    pub suspended: bool,
    /// The 403 that answers everything it asks for, because the account or its team forbids it.
    #[serde(default)]
    pub denied: Option<AccessError>,
}

impl DeclareToken {
    /// A token for one account that may do everything and lives for ever.
    pub fn new(token: &str, account: &str) -> Self {
        Self {
            token: Secret::new(token),
            account: Some(account.to_owned()),
            team_members: None,
            app: None,
            scopes: None,
            expires_at: None,
            revoked: false,
            suspended: false,
            denied: None,
        }
    }
}

impl Operation for DeclareToken {
    type Answer = ();
    const NAME: &'static str = "declare_token";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/tokens";
    const SUMMARY: &'static str =
        "Declares an access token: whose it is, its app, its scopes and until when it may be used.";

    async fn run(self, controls: Controls<'_>, _scope: &Scope) -> Answered<Self> {
        not_empty("The token", self.token.expose())?;
        known(self.scopes.as_ref())?;
        let holder = match (self.account, self.team_members) {
            (Some(account), None) if !account.is_empty() => {
                controls.aliases.publish_account(&account);
                Holder::User(account.into())
            }
            (None, Some(members)) if !members.is_empty() => {
                let members = members.iter();
                Holder::Team(
                    members
                        .inspect(|name| controls.aliases.publish_account(name))
                        .map(|name| name.as_str().into())
                        .collect(),
                )
            }
            _ => {
                return Err(ControlError::bad(
                    "A token is either for one account ('account') or for the members of a team ('team_members'), of which there is at least one.",
                ));
            }
        };
        let grant = Grant {
            holder,
            app: self.app.as_deref().unwrap_or(DEFAULT_APP).into(),
            scopes: self.scopes,
            expires_at: self.expires_at.map(|Moment(at)| at),
            revoked: self.revoked,
            suspended: self.suspended,
            denied: self.denied,
        };
        for name in grant.accounts() {
            // Whoever has a token is there, whether it is used or not.
            let _ = controls.world.account(name);
        }
        let mut credentials = controls.world.credentials();
        credentials.declare_token(self.token.expose(), grant);
        Ok(())
    }
}

/// Declares a refresh token or an authorization code.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeclareRenewal {
    /// A refresh token; not with `code`.
    #[serde(default)]
    pub refresh_token: Option<Secret>,
    /// An authorization code.
    #[serde(default)]
    pub code: Option<Secret>,
    /// The name of the account, which may be printed.
    pub account: String,
    /// The key of the app that may use it; any if nothing is said.
    #[serde(default)]
    pub app: Option<String>,
    /// The scopes that it gives; all if nothing is said.
    #[serde(default)]
    pub scopes: Option<BTreeSet<String>>,
}

impl DeclareRenewal {
    /// A refresh token that any app may use for everything.
    pub fn of_refresh_token(token: &str, account: &str) -> Self {
        Self {
            refresh_token: Some(Secret::new(token)),
            code: None,
            account: account.to_owned(),
            app: None,
            scopes: None,
        }
    }

    /// An authorization code that any app may use for everything.
    pub fn of_code(code: &str, account: &str) -> Self {
        Self {
            refresh_token: None,
            code: Some(Secret::new(code)),
            account: account.to_owned(),
            app: None,
            scopes: None,
        }
    }
}

impl Operation for DeclareRenewal {
    type Answer = ();
    const NAME: &'static str = "declare_renewal";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/renewals";
    const SUMMARY: &'static str =
        "Declares a refresh token or an authorization code for an account.";

    async fn run(self, controls: Controls<'_>, _scope: &Scope) -> Answered<Self> {
        let (account, app) = (&self.account, self.app.as_deref());
        not_empty("The name of the account", account)?;
        known(self.scopes.as_ref())?;
        controls.aliases.publish_account(account);
        let mut credentials = controls.world.credentials();
        match (&self.refresh_token, &self.code) {
            (Some(token), None) => {
                credentials.declare_refresh_token(token.expose(), account, app, self.scopes);
            }
            (None, Some(code)) => {
                credentials.declare_code(code.expose(), account, app, self.scopes);
            }
            _ => {
                return Err(ControlError::bad("Give either 'refresh_token' or 'code'."));
            }
        }
        Ok(())
    }
}

/// Ends a token.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RevokeToken {
    /// The access token; not with `refresh_token`.
    #[serde(default)]
    pub token: Option<Secret>,
    /// The refresh token.
    #[serde(default)]
    pub refresh_token: Option<Secret>,
}

impl RevokeToken {
    /// Ends an access token.
    pub fn access(token: &str) -> Self {
        Self {
            token: Some(Secret::new(token)),
            refresh_token: None,
        }
    }

    /// Ends a refresh token.
    pub fn refresh(token: &str) -> Self {
        Self {
            token: None,
            refresh_token: Some(Secret::new(token)),
        }
    }
}

impl Operation for RevokeToken {
    type Answer = ();
    const NAME: &'static str = "revoke_token";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/tokens/revoke";
    const SUMMARY: &'static str = "Ends an access token or a refresh token, as its user could in the settings of the account.";

    async fn run(self, controls: Controls<'_>, _scope: &Scope) -> Answered<Self> {
        let mut credentials = controls.world.credentials();
        match (&self.token, &self.refresh_token) {
            (Some(token), None) => credentials.revoke(token.expose()),
            (None, Some(token)) => credentials.revoke_refresh_token(token.expose()),
            _ => {
                return Err(ControlError::bad("Give either 'token' or 'refresh_token'."));
            }
        }
        Ok(())
    }
}

/// Says what a token is that nobody declared.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AcceptAnyToken {
    /// `true`: an account of its own. `false`: invalid.
    pub accept: bool,
}

impl Operation for AcceptAnyToken {
    type Answer = ();
    const NAME: &'static str = "accept_any_token";
    const METHOD: &'static str = "PUT";
    const PATH: &'static str = "/tokens/accept_any";
    const SUMMARY: &'static str = "Says whether a token that nobody declared makes an account of its own, as at the start, or is invalid.";

    async fn run(self, controls: Controls<'_>, _scope: &Scope) -> Answered<Self> {
        controls.world.credentials().open = self.accept;
        Ok(())
    }
}
