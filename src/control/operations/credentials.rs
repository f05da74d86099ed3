//! Apps and tokens that a test declares.

use super::{Answered, ControlError, Controls, Expiry, Operation};
use crate::control::scope::Scope;
use crate::control::secrets::Secret;
use crate::dropbox::credentials::{
    App, AppAccess, DEFAULT_APP, Grant, Holder, TOKEN_SHAPE, is_token_shaped,
};
use crate::dropbox::errors::AccessError;
use crate::dropbox::time::Timestamp;
use crate::dropbox::world::World;
use crate::rules::check_scopes;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Declares an app as the App Console would.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
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
    /// Where its users may be sent back to after they let it in, to the letter. Without any: every address with
    /// https, of this machine, or of the app itself (`db-KEY://`).
    #[serde(default)]
    pub redirect_uris: Option<BTreeSet<String>>,
}

impl DeclareApp {
    /// An app that may do everything, without a secret.
    pub fn new(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            secret: None,
            app_folder: None,
            scopes: None,
            redirect_uris: None,
        }
    }

    /// Declares it, whichever way the declaration came.
    pub(crate) fn declare(&self, world: &World) -> Result<(), ControlError> {
        not_empty("The key of the app", &self.key)?;
        known(self.scopes.as_ref())?;
        let folder = self.app_folder.clone();
        world.credentials().declare_app(App {
            key: self.key.clone(),
            secret: self
                .secret
                .as_ref()
                .map(|secret| secret.expose().to_owned()),
            access: folder.map_or(AppAccess::FullDropbox, AppAccess::AppFolder),
            scopes: self.scopes.clone(),
            redirect_uris: self.redirect_uris.clone(),
        });
        Ok(())
    }
}

impl Operation for DeclareApp {
    type Answer = ();
    const NAME: &'static str = "declare_app";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/apps";
    const SUMMARY: &'static str = "Declares an app with its secret, its scopes and what it sees of an account, or changes it.";

    async fn run(self, controls: Controls<'_>, _scope: &Scope) -> Answered<Self> {
        self.declare(controls.world)
    }
}

/// There are scopes that no route asks for, too (API-282).
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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeclareToken {
    /// The token.
    pub token: Secret,
    /// The name of its account, which may be printed; not with `team_members`. Without either it is for the account
    /// that the operation concerns.
    #[serde(default)]
    pub account: Option<String>,
    /// The names of the accounts of a team, for a team's token.
    #[serde(default, alias = "team")]
    pub team_members: Option<Vec<String>>,
    /// The key of its app.
    #[serde(default)]
    pub app: Option<String>,
    /// Its scopes; all if nothing is said.
    #[serde(default)]
    pub scopes: Option<BTreeSet<String>>,
    /// The last moment at which it may be used, by the clock of its account: `2030-01-01T00:00:00Z`, or as the time
    /// that it has from now on, `4h`. For ever if nothing is said.
    #[serde(default)]
    pub expires_at: Option<Expiry>,
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

    /// The accounts that it is for.
    fn accounts(&self) -> &[String] {
        let of_a_team = self.team_members.as_deref();
        of_a_team.unwrap_or(self.account.as_slice())
    }

    /// Declares it, whichever way the declaration came. `now` is the time of the first account that it is for.
    pub(crate) fn declare(&self, world: &World, now: Timestamp) -> Result<(), ControlError> {
        not_empty("The token", self.token.expose())?;
        if !is_token_shaped(self.token.expose()) {
            return Err(ControlError::bad(format!(
                "The token can never be used: it has {TOKEN_SHAPE}."
            )));
        }
        known(self.scopes.as_ref())?;
        let holder = match (&self.account, &self.team_members) {
            (Some(account), None) if !account.is_empty() => Holder::User(account.as_str().into()),
            (None, Some(members)) if !members.is_empty() => {
                Holder::Team(members.iter().map(|name| name.as_str().into()).collect())
            }
            _ => {
                return Err(ControlError::bad(
                    "A token is for an account or a team: give either 'account' or 'team_members', of which there is at least one.",
                ));
            }
        };
        for name in self.accounts() {
            // Whoever has a token is there, whether it is used or not.
            let _ = world.account(name);
        }
        let grant = Grant {
            holder,
            app: self.app.as_deref().unwrap_or(DEFAULT_APP).into(),
            scopes: self.scopes.clone(),
            expires_at: self.expires_at.map(|expiry| expiry.counted_from(now)),
            revoked: self.revoked,
            suspended: self.suspended,
            denied: self.denied,
        };
        world
            .credentials()
            .declare_token(self.token.expose(), grant);
        Ok(())
    }
}

impl Operation for DeclareToken {
    type Answer = ();
    const NAME: &'static str = "declare_token";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/tokens";
    const SUMMARY: &'static str =
        "Declares an access token: whose it is, its app, its scopes and until when it may be used.";

    async fn run(mut self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        if self.accounts().is_empty()
            && let Some(name) = scope.name()
        {
            // It may have no name that can be printed: then it stays so.
            self.account = Some(name.to_owned());
            return self.declare(controls.world, controls.now(scope));
        }
        let now = controls
            .clock
            .now(self.accounts().first().map(String::as_str));
        self.declare(controls.world, now)?;
        for name in self.accounts() {
            controls.aliases.publish_account(name);
        }
        Ok(())
    }
}

/// Declares a refresh token or an authorization code.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeclareGrant {
    /// A refresh token; not with `code`.
    #[serde(default, alias = "token")]
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
    /// Whether the refresh token was revoked.
    #[serde(default)]
    pub revoked: bool,
    /// Whether the code was asked for with `token_access_type=offline`: only then it gives a refresh token, too.
    #[serde(default)]
    pub offline: bool,
}

impl DeclareGrant {
    /// A refresh token that any app may use for everything.
    pub fn of_refresh_token(token: &str, account: &str) -> Self {
        Self {
            refresh_token: Some(Secret::new(token)),
            code: None,
            account: account.to_owned(),
            app: None,
            scopes: None,
            revoked: false,
            offline: false,
        }
    }

    /// An authorization code that any app may use for everything.
    pub fn of_code(code: &str, account: &str) -> Self {
        Self {
            refresh_token: None,
            code: Some(Secret::new(code)),
            ..Self::of_refresh_token("", account)
        }
    }

    /// Declares it, whichever way the declaration came.
    pub(crate) fn declare(&self, world: &World) -> Result<(), ControlError> {
        let (account, app, scopes) = (&self.account, self.app.as_deref(), self.scopes.clone());
        not_empty("The name of the account", account)?;
        known(scopes.as_ref())?;
        let mut credentials = world.credentials();
        match (&self.refresh_token, &self.code) {
            (Some(_), None) if self.offline => {
                return Err(ControlError::bad(
                    "Only a code can be 'offline'; a refresh token is what such a code gives.",
                ));
            }
            (Some(token), None) => {
                not_empty("The refresh token", token.expose())?;
                credentials.declare_refresh_token(token.expose(), account, app, scopes);
                if self.revoked {
                    credentials.revoke_refresh_token(token.expose());
                }
            }
            (None, Some(code)) if !self.revoked => {
                not_empty("The code", code.expose())?;
                credentials.declare_code(code.expose(), account, app, scopes, self.offline);
            }
            (None, Some(_)) => {
                return Err(ControlError::bad(
                    "Only a refresh token can be 'revoked'; a code is used once.",
                ));
            }
            _ => return Err(ControlError::bad("Give either 'refresh_token' or 'code'.")),
        }
        Ok(())
    }
}

impl Operation for DeclareGrant {
    type Answer = ();
    const NAME: &'static str = "declare_renewal";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/renewals";
    const SUMMARY: &'static str =
        "Declares a refresh token or an authorization code for an account.";

    async fn run(self, controls: Controls<'_>, _scope: &Scope) -> Answered<Self> {
        self.declare(controls.world)?;
        controls.aliases.publish_account(&self.account);
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_token_ends_at_a_moment_or_after_a_while_under_one_name() {
        let read = |key: &str, value: &str| {
            let token = json!({"token": "t", "account": "a", key: value});
            serde_json::from_value::<DeclareToken>(token)
        };
        let now = Timestamp::from_seconds(1_000);
        for (value, seconds) in [("4h", 15_400), ("1970-01-01T00:00:09Z", 9)] {
            let expiry = read("expires_at", value).unwrap().expires_at.unwrap();
            assert_eq!(expiry.counted_from(now), Timestamp::from_seconds(seconds));
        }
        let other_name = read("expires", "4h").unwrap_err().to_string();
        assert!(other_name.contains("`expires_at`"), "{other_name}");
    }
}
