//! Tokens: which are refused, and with which words. A link needs none.

use serde_json::json;

use crate::cases::case::{Case, Cost, Kind, Needs};
use crate::failure::{Failure, Verdict};
use crate::secrecy::secret::Secret;
use crate::talk::answer::Answer;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;
use crate::targets::special_token::SpecialToken;

pub const CASES: &[Case] = &[
    Case {
        id: "auth/tokens/expired",
        sentence: "An expired token gets 401 expired_access_token in JSON, with a challenge.",
        rules: &["UL-82", "API-102", "API-107"],
        kind: Kind::Observed,
        cost: Cost::calls(1),
        needs: Needs::special(SpecialToken::Expired),
        run: |t| Box::pin(expired(t)),
    },
    Case {
        id: "auth/tokens/revoked",
        sentence: "A revoked token gets 401 invalid_access_token in JSON.",
        rules: &["API-102", "API-107"],
        kind: Kind::Observed,
        cost: Cost::calls(1),
        needs: Needs::special(SpecialToken::Revoked),
        run: |t| Box::pin(revoked(t)),
    },
    Case {
        id: "auth/tokens/token-lacks-scope",
        sentence: "A token without files.content.write gets 401 missing_scope that names the scope.",
        rules: &["UL-04", "UL-80", "API-108"],
        kind: Kind::Required,
        cost: Cost::calls(1),
        needs: Needs::RESTRICTED_TOKEN,
        run: |t| Box::pin(token_lacks_scope(t)),
    },
    Case {
        id: "auth/tokens/app-lacks-scope",
        sentence: "An app without files.content.write gets a 400 in plain text that says who can help.",
        rules: &["UL-81", "API-67"],
        kind: Kind::Observed,
        cost: Cost::calls(1),
        needs: Needs::special(SpecialToken::AppLacksScope),
        run: |t| Box::pin(app_lacks_scope(t)),
    },
    Case {
        id: "auth/tokens/app-folder-has-no-path-root",
        sentence: "An app with a folder of its own may not name a path root: 400 in plain text.",
        rules: &["API-69", "API-113"],
        kind: Kind::Observed,
        cost: Cost::calls(1),
        needs: Needs::special(SpecialToken::AppFolder),
        run: |t| Box::pin(app_folder_has_no_path_root(t)),
    },
    Case::required(
        "auth/tokens/app-folder-may-mint",
        "A token of an app with a folder of its own may mint.",
        &["UL-05", "API-250"],
        1,
        |t| Box::pin(app_folder_may_mint(t)),
    )
    .needing(Needs::special(SpecialToken::AppFolder)),
    Case::required(
        "auth/tokens/suspended",
        "The token of a suspended user gets 401 user_suspended.",
        &["API-102", "API-107"],
        1,
        |t| Box::pin(suspended(t)),
    )
    .needing(Needs::special(SpecialToken::Suspended)),
    Case::required(
        "auth/tokens/no-metadata-scope",
        "The missing scope that a 401 names is the one of the route.",
        &["API-108"],
        1,
        |t| Box::pin(no_metadata_scope(t)),
    )
    .needing(Needs::special(SpecialToken::NoMetadataScope)),
    Case::observed(
        "auth/tokens/team-without-a-user",
        "A team's token that selects no user gets a 400 in plain text that names the header.",
        &["API-68"],
        1,
        |t| Box::pin(team_without_a_user(t)),
    )
    .needing(Needs::special(SpecialToken::Team)),
    Case {
        id: "auth/tokens/no-authorization-header",
        sentence: "A mint without an Authorization header is a 400 in plain text.",
        rules: &["API-36"],
        kind: Kind::Observed,
        cost: Cost::calls(1),
        needs: Needs::NOTHING,
        run: |t| Box::pin(no_authorization_header(t)),
    },
];

async fn expired(t: &Context) -> Verdict {
    mint_as(t, t.special_token(SpecialToken::Expired)?)
        .await?
        .expect_error_with_status(401, "expired_access_token")?
        .expect_header("WWW-Authenticate", "Bearer realm=\"Dropbox-API\"")?;
    Ok(())
}

async fn revoked(t: &Context) -> Verdict {
    mint_as(t, t.special_token(SpecialToken::Revoked)?)
        .await?
        .expect_error_with_status(401, "invalid_access_token")?;
    Ok(())
}

async fn token_lacks_scope(t: &Context) -> Verdict {
    mint_as(t, t.restricted_token()?)
        .await?
        .expect_error_with_status(401, "missing_scope")?
        .expect_at("/error/required_scope", "files.content.write")?;
    Ok(())
}

async fn app_lacks_scope(t: &Context) -> Verdict {
    mint_as(t, t.special_token(SpecialToken::AppLacksScope)?)
        .await?
        .expect_status(400)?
        .expect_header("Content-Type", "text/plain; charset=utf-8")?
        // Some answers of 2026 name the app in between: the beginning and the end are common to all.
        .expect_text_with("Error in call to API function \"files/get_temporary_upload_link\": Your app ")?
        .expect_text_with(
            "is not permitted to access this endpoint because it does not have the required scope \
             'files.content.write'. The owner of the app can enable the scope for the app using the \
             Permissions tab on the App Console.",
        )?;
    Ok(())
}

async fn app_folder_has_no_path_root(t: &Context) -> Verdict {
    let request = t
        .rpc_request("files/get_metadata", &json!({"path": t.path("/a.txt")}))
        .header("Dropbox-API-Path-Root", r#"{".tag": "home"}"#);
    let token = t.special_token(SpecialToken::AppFolder)?;
    t.send(t.as_holder_of(token, request))
        .await?
        .expect_status(400)?
        .expect_text_with("ath root is not supported for sandbox app")?;
    Ok(())
}

async fn app_folder_may_mint(t: &Context) -> Verdict {
    mint_as(t, t.special_token(SpecialToken::AppFolder)?)
        .await?
        .expect_status(200)?;
    Ok(())
}

async fn suspended(t: &Context) -> Verdict {
    mint_as(t, t.special_token(SpecialToken::Suspended)?)
        .await?
        .expect_error_with_status(401, "user_suspended")?
        .expect_at("/error", json!({".tag": "user_suspended"}))?;
    Ok(())
}

async fn no_metadata_scope(t: &Context) -> Verdict {
    let request = t.rpc_request("files/get_metadata", &json!({"path": t.path("/a.txt")}));
    let token = t.special_token(SpecialToken::NoMetadataScope)?;
    t.send(t.as_holder_of(token, request))
        .await?
        .expect_error_with_status(401, "missing_scope")?
        .expect_at("/error/required_scope", "files.metadata.read")?;
    Ok(())
}

async fn team_without_a_user(t: &Context) -> Verdict {
    mint_as(t, t.special_token(SpecialToken::Team)?)
        .await?
        .expect_status(400)?
        .expect_header("Content-Type", "text/plain; charset=utf-8")?
        // Behind this the text names an address that nobody has published whole.
        .expect_text_with(
            "Error in call to API function \"files/get_temporary_upload_link\": This API function operates on \
             a single Dropbox account, but the OAuth 2 access token you provided is for an entire Dropbox \
             Business team.",
        )?
        .expect_text_with("\"Dropbox-API-Select-User\" HTTP header")?;
    Ok(())
}

async fn no_authorization_header(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let request = t.rpc_request("files/get_temporary_upload_link", &argument);
    t.send(request.without_header("Authorization"))
        .await?
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
