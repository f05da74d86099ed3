//! The real Dropbox, or a stand-in that is reached by the same path.

use std::sync::Arc;

use serde_json::Value;

use crate::http::{NoReply, Reply, Request};
use crate::secrecy::secret::{Secret, SecretKind, Vault, percent_encoded};
use crate::targets::clock::TargetClock;
use crate::targets::{CannotRun, GivenTokens, Reach, Target, Tokens};

/// Where the rpc routes are.
pub const API: &str = "https://api.dropboxapi.com";
/// Where the content routes are.
pub const CONTENT: &str = "https://content.dropboxapi.com";

/// What opens the account. It comes from the environment and from nowhere else.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A short-lived token.
    AccessToken(Secret),
    Refresh {
        /// `DROPBOX_REFRESH_TOKEN`
        refresh_token: Secret,
        /// `DROPBOX_APP_KEY`
        app_key: Secret,
        /// `DROPBOX_APP_SECRET`; an app with PKCE has none.
        app_secret: Option<Secret>,
    },
}

impl Credentials {
    /// Reads them through `variable`, which gives the value of an environment variable.
    pub fn read(
        vault: &Vault,
        access_token_name: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, CannotRun> {
        let read = |name: &str, kind| {
            let value = variable(name)?.trim().to_owned();
            (!value.is_empty()).then(|| vault.keep(kind, value))
        };
        // A refresh token comes first: an access token next to it is often a stale one.
        if let Some(refresh_token) = read("DROPBOX_REFRESH_TOKEN", SecretKind::RefreshToken) {
            let app_key = read("DROPBOX_APP_KEY", SecretKind::AppKey).ok_or_else(|| {
                CannotRun("DROPBOX_REFRESH_TOKEN is set: set DROPBOX_APP_KEY too.".to_owned())
            })?;
            return Ok(Self::Refresh {
                refresh_token,
                app_key,
                app_secret: read("DROPBOX_APP_SECRET", SecretKind::AppSecret),
            });
        }
        read(access_token_name, SecretKind::AccessToken)
            .map(Self::AccessToken)
            .ok_or_else(|| {
                CannotRun(format!(
                    "There are no credentials: set {access_token_name}, or DROPBOX_REFRESH_TOKEN and \
                     DROPBOX_APP_KEY (and DROPBOX_APP_SECRET if the app has one)."
                ))
            })
    }
}

/// Connects; exchanges a refresh token for an access token first.
pub async fn connect(
    reach: &Reach,
    credentials: Credentials,
    given: GivenTokens,
    vault: Arc<Vault>,
) -> Result<Target, CannotRun> {
    let layers = reach.layers()?;
    let main = match credentials {
        Credentials::AccessToken(token) => token,
        Credentials::Refresh {
            refresh_token,
            app_key,
            app_secret,
        } => {
            let request = refresh(reach, &refresh_token, &app_key, app_secret.as_ref());
            let came = layers.0.send(request).await;
            access_token(&came, &vault)
                .map_err(|text| CannotRun(format!("{} {text}", reach.api.trim_end_matches('/'))))?
        }
    };
    let tokens = Tokens {
        main,
        second: given.second,
        restricted: given.restricted,
        special: given.special,
    };
    let mut target = Target::new("dropbox", reach, layers, tokens, vault);
    // Whatever answers under these names is treated as somebody's real account.
    target.real = true;
    target.genuine = target.api == API
        && target.content == CONTENT
        && reach.connect_to.is_none()
        && reach.ca_file.is_none();
    target.clock = TargetClock::Waited;
    Ok(target)
}

fn refresh(
    reach: &Reach,
    refresh_token: &Secret,
    app_key: &Secret,
    app_secret: Option<&Secret>,
) -> Request {
    let mut form = format!(
        "grant_type=refresh_token&refresh_token={}&client_id={}",
        percent_encoded(refresh_token.expose()),
        percent_encoded(app_key.expose())
    );
    if let Some(secret) = app_secret {
        form.push_str("&client_secret=");
        form.push_str(&percent_encoded(secret.expose()));
    }
    Request::post(format!("{}/oauth2/token", reach.api.trim_end_matches('/')))
        .content_type("application/x-www-form-urlencoded")
        .header(
            "User-Agent",
            format!(
                "fake-dropbox-conformance/{} (token)",
                env!("CARGO_PKG_VERSION")
            ),
        )
        .body(form)
}

/// The token in the answer (API-119), or what to do about the refusal (API-120, API-122).
fn access_token(came: &Result<Reply, NoReply>, vault: &Vault) -> Result<Secret, String> {
    let reply = came
        .as_ref()
        .map_err(|error| format!("gives no access token ({error}): check the network."))?;
    let json: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let error = json
        .get("error")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match json.get("access_token").and_then(Value::as_str) {
        Some(token) if reply.status == 200 => Ok(vault.keep(SecretKind::AccessToken, token)),
        _ if error.starts_with("invalid_grant") => Err(
            "does not take the refresh token: it was revoked or belongs to another app; authorise the \
             app again."
                .to_owned(),
        ),
        _ if error.starts_with("invalid_client") => Err(
            "does not know the app: check DROPBOX_APP_KEY and DROPBOX_APP_SECRET.".to_owned(),
        ),
        _ => Err(format!(
            "gives no access token (status {}): check that it is Dropbox.",
            reply.status
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Credentials, CannotRun> {
        let vault = Vault::default();
        Credentials::read(&vault, "DROPBOX_ACCESS_TOKEN", |name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_in_the_environment_says_what_to_set() {
        let error = read(&[("DROPBOX_ACCESS_TOKEN", " ")]).unwrap_err();
        assert!(error.0.contains("set DROPBOX_ACCESS_TOKEN"), "{error}");
    }

    #[test]
    fn a_refresh_token_needs_its_app_key_and_comes_first() {
        let both = [
            ("DROPBOX_REFRESH_TOKEN", "r"),
            ("DROPBOX_ACCESS_TOKEN", "a"),
        ];
        assert!(read(&both).unwrap_err().0.contains("DROPBOX_APP_KEY"));
        let whole = [both[0], both[1], ("DROPBOX_APP_KEY", "k")];
        assert!(matches!(read(&whole), Ok(Credentials::Refresh { .. })));
    }
}
