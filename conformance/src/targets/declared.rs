//! Tokens that a fake with the controls of this workspace declares for the run, so that its refusals can be seen:
//! one without a scope, an expired one, a team's, … Each sees an account of its own.

use serde_json::{Value, json};

use crate::secrecy::secret::{Secret, SecretKind, Vault};
use crate::targets::Tokens;
use crate::targets::control::Controls;
use crate::targets::special_token::SpecialToken;

/// The scopes that the routes of the suite ask for.
const SCOPES: [&str; 5] = [
    "account_info.read",
    "files.content.read",
    "files.content.write",
    "files.metadata.read",
    "files.metadata.write",
];

/// The key of the app that lacks `files.content.write`.
const APP_WITHOUT_SCOPE: &str = "conformance-app-lacks-scope";
/// The key of the app with a folder of its own.
pub const APP_WITH_FOLDER: &str = "conformance-app-folder";

/// Declares each kind of token that was not given. What the target does not declare stays away, and the cases
/// that need it are skipped.
pub async fn declare_missing(tokens: &mut Tokens, controls: &Controls, vault: &Vault) {
    if tokens.restricted.is_none() {
        let scopes = json!({ "scopes": all_but("files.content.write") });
        let declared = declare("restricted", scopes, controls, vault).await;
        tokens.restricted = declared.map(|(token, _)| token);
    }
    for kind in SpecialToken::ALL {
        if tokens.special.contains_key(&kind) {
            continue;
        }
        if let Some((token, _)) = declare_special(Some(kind), controls, vault).await {
            tokens.special.insert(kind, token);
        }
    }
}

/// Declares a token of this kind, or one that nothing is wrong with, for an account of its own. Gives the token and
/// the name of the account.
pub async fn declare_special(
    kind: Option<SpecialToken>,
    controls: &Controls,
    vault: &Vault,
) -> Option<(Secret, String)> {
    if let Some(app) = kind.and_then(app_of) {
        controls.post("apps", &app).await.ok()?;
    }
    let special = kind.map_or_else(|| json!({}), what_is_special);
    declare(
        kind.map_or("main", SpecialToken::name),
        special,
        controls,
        vault,
    )
    .await
}

/// Declares a token that was made up, with an account of its own, for an app that may have a folder of its own.
/// A fake that does not is asked all the same: it may take any token.
pub async fn declare_account(token: &Secret, app_folder: bool, controls: &Controls) {
    let number: u128 = rand::random();
    let account = format!("conformance-{number:032x}");
    let mut argument = json!({ "token": token.expose(), "account": account });
    if app_folder && controls.post("apps", &app_with_folder()).await.is_ok() {
        argument["app"] = APP_WITH_FOLDER.into();
    }
    let _declared = controls.post("tokens", &argument).await;
}

async fn declare(
    name: &str,
    special: Value,
    controls: &Controls,
    vault: &Vault,
) -> Option<(Secret, String)> {
    let number: u128 = rand::random();
    let token = format!("sl.conformance-{name}-{number:032x}");
    let account = format!("conformance-{name}-{number:032x}");
    let mut argument = special;
    argument["token"] = token.as_str().into();
    if argument.get("team_members").is_some() {
        argument["team_members"] = json!([account]);
    } else {
        argument["account"] = account.as_str().into();
    }
    controls.post("tokens", &argument).await.ok()?;
    Some((vault.keep(SecretKind::AccessToken, token), account))
}

fn app_with_folder() -> Value {
    json!({ "key": APP_WITH_FOLDER, "app_folder": "conformance" })
}

/// The app behind a token of this kind, if it takes one.
fn app_of(kind: SpecialToken) -> Option<Value> {
    match kind {
        SpecialToken::AppLacksScope => {
            Some(json!({ "key": APP_WITHOUT_SCOPE, "scopes": all_but("files.content.write") }))
        }
        SpecialToken::AppFolder => Some(app_with_folder()),
        _ => None,
    }
}

fn what_is_special(kind: SpecialToken) -> Value {
    match kind {
        SpecialToken::Expired => json!({ "expires_at": "1970-01-01T00:00:00Z" }),
        SpecialToken::Revoked => json!({ "revoked": true }),
        SpecialToken::Suspended => json!({ "suspended": true }),
        SpecialToken::NoMetadataScope => json!({ "scopes": all_but("files.metadata.read") }),
        SpecialToken::AppLacksScope => json!({ "app": APP_WITHOUT_SCOPE }),
        SpecialToken::AppFolder => json!({ "app": APP_WITH_FOLDER }),
        SpecialToken::Team => json!({ "team_members": [] }),
    }
}

fn all_but(scope: &str) -> Vec<&'static str> {
    SCOPES.into_iter().filter(|known| *known != scope).collect()
}
