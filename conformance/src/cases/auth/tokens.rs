//! Tokens: which are refused, and with which words. A link needs none.

use serde_json::json;

use crate::cases::case::{Case, Needs};
use crate::failure::{Failure, Verdict};
use crate::secrecy::secret::Secret;
use crate::talk::answer::Answer;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;
use crate::targets::special_token::SpecialToken;

pub const CASES: &[Case] = &[
    EXPIRED,
    REVOKED,
    TOKEN_LACKS_SCOPE,
    APP_LACKS_SCOPE,
    APP_FOLDER_HAS_NO_PATH_ROOT,
    APP_FOLDER_MAY_MINT,
    SUSPENDED,
    NO_METADATA_SCOPE,
    TEAM_WITHOUT_A_USER,
    NO_AUTHORIZATION_HEADER,
];

const EXPIRED: Case = Case::observed("auth/tokens/expired")
    .rules(&["UL-82", "API-102", "API-107"])
    .claim("An expired token gets 401 expired_access_token in JSON, with a challenge.")
    .calls(1)
    .needing(Needs::special(SpecialToken::Expired))
    .run(|t| Box::pin(expired(t)));

async fn expired(t: &Context) -> Verdict {
    mint_as(t, t.special_token(SpecialToken::Expired)?)
        .await?
        .expect_error_with_status(401, "expired_access_token")?
        .by(&["UL-82"])
        .expect_header("WWW-Authenticate", "Bearer realm=\"Dropbox-API\"")?;
    Ok(())
}

const REVOKED: Case = Case::observed("auth/tokens/revoked")
    .rules(&["API-102", "API-107"])
    .claim("A revoked token gets 401 invalid_access_token in JSON.")
    .calls(1)
    .needing(Needs::special(SpecialToken::Revoked))
    .run(|t| Box::pin(revoked(t)));

async fn revoked(t: &Context) -> Verdict {
    mint_as(t, t.special_token(SpecialToken::Revoked)?)
        .await?
        .expect_error_with_status(401, "invalid_access_token")?;
    Ok(())
}

const TOKEN_LACKS_SCOPE: Case = Case::required("auth/tokens/token-lacks-scope")
    .rules(&["UL-04", "UL-80", "API-108"])
    .claim("A token without files.content.write gets 401 missing_scope that names the scope.")
    .calls(1)
    .needing(Needs::RESTRICTED_TOKEN)
    .run(|t| Box::pin(token_lacks_scope(t)));

async fn token_lacks_scope(t: &Context) -> Verdict {
    mint_as(t, t.restricted_token()?)
        .await?
        .expect_error_with_status(401, "missing_scope")?
        .by(&["UL-04", "UL-80", "API-108"])
        .expect_at("/error/required_scope", "files.content.write")?;
    Ok(())
}

const APP_LACKS_SCOPE: Case = Case::observed("auth/tokens/app-lacks-scope")
    .rules(&["UL-81", "API-67"])
    .claim("An app without files.content.write gets a 400 that says who can help.")
    .calls(1)
    .needing(Needs::special(SpecialToken::AppLacksScope))
    .run(|t| Box::pin(app_lacks_scope(t)));

async fn app_lacks_scope(t: &Context) -> Verdict {
    mint_as(t, t.special_token(SpecialToken::AppLacksScope)?)
        .await?
        // Some answers of 2026 name the app in between: the beginning and the end are common to all.
        .expect_bad_request_with("Your app ")?
        .by(&["UL-81", "API-67"]).expect_bad_request_with(
            "is not permitted to access this endpoint because it does not have the required scope \
             'files.content.write'. The owner of the app can enable the scope for the app using the \
             Permissions tab on the App Console.",
        )?;
    Ok(())
}

const APP_FOLDER_HAS_NO_PATH_ROOT: Case = Case::observed("auth/tokens/app-folder-has-no-path-root")
    .rules(&["API-69", "API-113"])
    .claim("An app with a folder of its own may not name a path root: 400.")
    .calls(1)
    .needing(Needs::special(SpecialToken::AppFolder))
    .run(|t| Box::pin(app_folder_has_no_path_root(t)));

async fn app_folder_has_no_path_root(t: &Context) -> Verdict {
    let request = t
        .rpc_request("files/get_metadata", &json!({"path": t.path("/a.txt")}))
        .header("Dropbox-API-Path-Root", r#"{".tag": "home"}"#);
    let token = t.special_token(SpecialToken::AppFolder)?;
    t.send(t.as_holder_of(token, request))
        .await?
        .by(&["API-69", "API-113"])
        .expect_bad_request_with("ath root is not supported for sandbox app")?;
    Ok(())
}

const APP_FOLDER_MAY_MINT: Case = Case::required("auth/tokens/app-folder-may-mint")
    .rules(&["UL-05", "API-250"])
    .claim("A token of an app with a folder of its own may mint.")
    .calls(1)
    .needing(Needs::special(SpecialToken::AppFolder))
    .run(|t| Box::pin(app_folder_may_mint(t)));

async fn app_folder_may_mint(t: &Context) -> Verdict {
    mint_as(t, t.special_token(SpecialToken::AppFolder)?)
        .await?
        .by(&["UL-05"])
        .expect_status(200)?;
    Ok(())
}

const SUSPENDED: Case = Case::required("auth/tokens/suspended")
    .rules(&["API-102", "API-107"])
    .claim("The token of a suspended user gets 401 user_suspended.")
    .calls(1)
    .needing(Needs::special(SpecialToken::Suspended))
    .run(|t| Box::pin(suspended(t)));

async fn suspended(t: &Context) -> Verdict {
    mint_as(t, t.special_token(SpecialToken::Suspended)?)
        .await?
        .expect_error_with_status(401, "user_suspended")?
        .expect_at("/error", json!({".tag": "user_suspended"}))?;
    Ok(())
}

const NO_METADATA_SCOPE: Case = Case::required("auth/tokens/no-metadata-scope")
    .rules(&["API-108"])
    .claim("The missing scope that a 401 names is the one of the route.")
    .calls(1)
    .needing(Needs::special(SpecialToken::NoMetadataScope))
    .run(|t| Box::pin(no_metadata_scope(t)));

async fn no_metadata_scope(t: &Context) -> Verdict {
    let request = t.rpc_request("files/get_metadata", &json!({"path": t.path("/a.txt")}));
    let token = t.special_token(SpecialToken::NoMetadataScope)?;
    t.send(t.as_holder_of(token, request))
        .await?
        .expect_error_with_status(401, "missing_scope")?
        .by(&["API-108"])
        .expect_at("/error/required_scope", "files.metadata.read")?;
    Ok(())
}

const TEAM_WITHOUT_A_USER: Case = Case::observed("auth/tokens/team-without-a-user")
    .rules(&["API-68"])
    .claim("A team's token that selects no user gets a 400 that names the header.")
    .calls(1)
    .needing(Needs::special(SpecialToken::Team))
    .run(|t| Box::pin(team_without_a_user(t)));

async fn team_without_a_user(t: &Context) -> Verdict {
    mint_as(t, t.special_token(SpecialToken::Team)?)
        .await?
        // Behind this the text names an address that nobody has published whole.
        .expect_bad_request_with(
            "This API function operates on a single Dropbox account, but the OAuth 2 access token you \
             provided is for an entire Dropbox Business team.",
        )?
        .by(&["API-68"]).expect_bad_request_with("\"Dropbox-API-Select-User\" HTTP header")?;
    Ok(())
}

const NO_AUTHORIZATION_HEADER: Case = Case::observed("auth/tokens/no-authorization-header")
    .rules(&["API-36"])
    .claim("A mint without an Authorization header is a 400.")
    .calls(1)
    .run(|t| Box::pin(no_authorization_header(t)));

async fn no_authorization_header(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let request = t.rpc_request("files/get_temporary_upload_link", &argument);
    t.send(request.without_header("Authorization"))
        .await?
        .by(&["API-36"])
        .expect_bad_request(
            "Must provide HTTP header \"Authorization\" or URL parameter \"authorization\".",
        )?;
    Ok(())
}

async fn mint_as(t: &Context, token: &Secret) -> Result<Answer, Failure> {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let request = t.rpc_request("files/get_temporary_upload_link", &argument);
    t.send(t.as_holder_of(token, request)).await
}
