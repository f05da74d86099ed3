//! What a token may do, and on whose behalf.

use serde_json::{Value, json};

use crate::cases::case::{Case, Needs};
use crate::failure::{Failure, Verdict};
use crate::http::Request;
use crate::talk::answer::{Answer, DISARMED};
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    TOKEN_LACKS_IT_ON_THE_API_HOST,
    TOKEN_LACKS_IT_ON_THE_CONTENT_HOST,
    OTHER_ROUTES_STAY_OPEN,
    ARE_APART,
    WITH_A_USERS_TOKEN,
    NAMESPACE_WITHOUT_ACCESS,
    BEFORE_THE_ROOT_FOLDER,
    WRONG_ROOT,
    UNKNOWN_ROOT,
    ENDS_THE_TOKEN,
    THE_401_HAS_ITS_HEADERS,
];

fn as_restricted(t: &Context, request: Request) -> Result<Request, Failure> {
    let bearer = t.bearer(t.restricted_token()?);
    Ok(request
        .without_header("Authorization")
        .header("Authorization", bearer))
}

const TOKEN_LACKS_IT_ON_THE_API_HOST: Case =
    Case::required("auth/scope/token-lacks-it-on-the-api-host")
        .rules(&["API-107", "API-108"])
        .claim("A token without the scope of an rpc route is a 401 that names the scope.")
        .calls(1)
        .needing(Needs::RESTRICTED_TOKEN)
        .run(|t| Box::pin(token_lacks_scope_on_the_api_host(t)));

async fn token_lacks_scope_on_the_api_host(t: &Context) -> Verdict {
    let argument = json!({"commit_info": {"path": t.path("/a.txt")}});
    let request = t.rpc_request("files/get_temporary_upload_link", &argument);
    t.send(as_restricted(t, request)?)
        .await?
        .expect_error_with_status(401, "missing_scope")?
        .expect_keys("/error", &[".tag", "required_scope"])?
        .by(&["API-108"])
        .expect_at("/error/required_scope", "files.content.write")?;
    Ok(())
}

const TOKEN_LACKS_IT_ON_THE_CONTENT_HOST: Case =
    Case::required("auth/scope/token-lacks-it-on-the-content-host")
        .rules(&["API-107", "API-108", "API-213"])
        .claim("files/upload with a token that may not write is a 401 and stores nothing.")
        .calls(2)
        .needing(Needs::RESTRICTED_TOKEN)
        .run(|t| Box::pin(token_lacks_scope_on_the_content_host(t)));

async fn token_lacks_scope_on_the_content_host(t: &Context) -> Verdict {
    let request = t.content_request("files/upload", &json!({"path": t.path("/a.txt")}));
    t.send(as_restricted(t, request.body(b"x"))?)
        .await?
        .expect_error_with_status(401, "missing_scope")?
        .by(&["API-108"])
        .expect_at("/error/required_scope", "files.content.write")?;
    t.expect_nothing_at("/a.txt").await
}

const OTHER_ROUTES_STAY_OPEN: Case = Case::required("auth/scope/other-routes-stay-open")
    .rules(&["API-108", "API-226"])
    .claim("A token that may not write may still read.")
    .calls(1)
    .needing(Needs::RESTRICTED_TOKEN)
    .run(|t| Box::pin(other_routes_stay_open(t)));

async fn other_routes_stay_open(t: &Context) -> Verdict {
    let request = t.rpc_request("check/user", &json!({"query": "foo"}));
    t.send(as_restricted(t, request)?)
        .await?
        .expect_status(200)?;
    Ok(())
}

const ARE_APART: Case = Case::required("auth/accounts/are-apart")
    .rules(&["API-215", "API-235"])
    .claim("What one account has another does not see.")
    .calls(2)
    .needing(Needs::SECOND_TOKEN)
    .run(|t| Box::pin(accounts_are_apart(t)));

async fn accounts_are_apart(t: &Context) -> Verdict {
    let file = t.given_file("/mine.txt", b"mine").await?;
    let bearer = t.bearer(t.second_token()?);
    let request = t
        .rpc_request("files/get_metadata", &json!({"path": file.id()}))
        .without_header("Authorization")
        .header("Authorization", bearer);
    t.send(request).await?.expect_error("path/not_found")?;
    Ok(())
}

const WITH_A_USERS_TOKEN: Case = Case::required("auth/select-user/with-a-users-token")
    .rules(&["API-109"])
    .claim("Dropbox-API-Select-User with the token of a single user is a 400.")
    .calls(1)
    .run(|t| Box::pin(select_user_with_a_users_token(t)));

async fn select_user_with_a_users_token(t: &Context) -> Verdict {
    let request = t.rpc_request("check/user", &json!({"query": "foo"}));
    t.send(request.header(
        "Dropbox-API-Select-User",
        "dbmid:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ))
    .await?
    .refusal()?;
    Ok(())
}

async fn with_path_root(t: &Context, root: Value) -> Result<Answer, Failure> {
    let request = t.rpc_request("files/get_metadata", &json!({"path": t.path("/a.txt")}));
    t.send(request.header("Dropbox-API-Path-Root", root.to_string()))
        .await
}

const NAMESPACE_WITHOUT_ACCESS: Case = Case::observed("auth/path-root/namespace-without-access")
    .rules(&["API-69", "API-111", "API-113"])
    .claim("A path root without access is a 422; an app-folder app may name none at all.")
    .calls(1)
    .run(|t| Box::pin(path_root_without_access(t)));

async fn path_root_without_access(t: &Context) -> Verdict {
    let root = json!({".tag": "namespace_id", "namespace_id": "938429923"});
    let answer = with_path_root(t, root).await?;
    if answer.status() == 400 {
        answer
            .by(&["API-113"])
            .expect_bad_request("Path root is not supported for sandbox app.")?;
        return Ok(());
    }
    answer
        .expect_error_with_status(422, "no_permission")?
        .by(&["API-111"])
        .expect_at("/error", json!({".tag": "no_permission"}))?;
    Ok(())
}

const BEFORE_THE_ROOT_FOLDER: Case = Case::observed("auth/path-root/before-the-root-folder")
    .rules(&["API-69", "API-111", "API-279"])
    .claim("A path root without access is told before a path that is the root folder.")
    .calls(2)
    .run(|t| Box::pin(before_the_root_folder(t)));

async fn before_the_root_folder(t: &Context) -> Verdict {
    let root = json!({".tag": "namespace_id", "namespace_id": "938429923"});
    let request = t.rpc_request("files/list_folder", &json!({"path": "/"}));
    let answer = t
        .send(request.header("Dropbox-API-Path-Root", root.to_string()))
        .await?
        .by(&["API-279"]);
    if answer.status() == 400 {
        answer.expect_bad_request("Path root is not supported for sandbox app.")?;
    } else {
        answer.expect_error_with_status(422, "no_permission")?;
    }
    let without = t.rpc("files/list_folder", json!({"path": "/"})).await?;
    without.by(&[]).refusal()?;
    Ok(())
}

const WRONG_ROOT: Case = Case::required("auth/path-root/wrong-root")
    .rules(&["API-69", "API-112", "API-113"])
    .claim(
        "A wrong root is a 422 that names the right one; an app-folder app may name none at all.",
    )
    .calls(1)
    .run(|t| Box::pin(wrong_path_root(t)));

async fn wrong_path_root(t: &Context) -> Verdict {
    let answer = with_path_root(t, json!({".tag": "root", "root": "938429923"})).await?;
    if answer.status() == 400 {
        answer
            .by(&["API-113"])
            .expect_bad_request("Path root is not supported for sandbox app.")?;
        return Ok(());
    }
    let info = "/error/invalid_root";
    answer
        .expect_error_with_status(422, "invalid_root")?
        .expect_keys("/error", &[".tag", "invalid_root"])?
        .expect_keys(info, &[".tag", "root_namespace_id", "home_namespace_id"])?
        .by(&["API-112"])
        .expect_string_that(&format!("{info}/root_namespace_id"), "is a number", |id| {
            !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
        })?;
    Ok(())
}

const UNKNOWN_ROOT: Case = Case::observed("auth/path-root/unknown-tag")
    .rules(&["API-265", "API-113"])
    .claim("A path root of a kind that does not exist is a 400 that names it.")
    .calls(2)
    .run(|t| Box::pin(unknown_path_root(t)));

async fn unknown_path_root(t: &Context) -> Verdict {
    for root in [json!("nowhere"), json!({".tag": "nowhere"})] {
        let answer = with_path_root(t, root).await?;
        if answer.refusal()?.contains("sandbox") {
            return Err(t.does_not_apply("an app-folder app may name no path root at all"));
        }
        answer
            .by(&["API-265"])
            .expect_bad_request("Dropbox-API-Path-Root: unknown tag 'nowhere'")?;
    }
    Ok(())
}

/// Revokes a token of the case's own, and gives what goes on with it.
async fn revoked(t: &Context) -> Result<String, Failure> {
    let bearer = t.bearer(&t.token_of_its_own());
    let request = t
        .rpc_request("auth/token/revoke", &Value::Null)
        .without_header("Authorization")
        .header("Authorization", &bearer);
    let answer = t.send(request).await?;
    if answer.status() == 401 {
        return Err(t.does_not_apply("the target takes declared tokens only"));
    }
    answer
        .expect_status(200)?
        .expect_header("Content-Type", "application/json")?
        .expect_text("null")?;
    Ok(bearer)
}

const ENDS_THE_TOKEN: Case = Case::required("auth/revoke/ends-the-token")
    .rules(&["API-08", "API-102", "API-103", "API-105", "API-107"])
    .claim(
        "auth/token/revoke answers null, and the token is an invalid_access_token on both hosts.",
    )
    .calls(4)
    .needing(Needs::FAKE_ONLY)
    .run(|t| Box::pin(revoke_ends_the_token(t)));

async fn revoke_ends_the_token(t: &Context) -> Verdict {
    let bearer = revoked(t).await?;
    let again = |request: Request| {
        request
            .without_header("Authorization")
            .header("Authorization", &bearer)
    };
    let check = t.rpc_request("check/user", &json!({"query": "foo"}));
    let upload = t.content_request("files/upload", &json!({"path": t.path("/a.txt")}));
    let download = t.download_request("files/download", &json!({"path": t.path("/a.txt")}));
    for request in [check, upload.body(b"x"), download] {
        t.send(again(request))
            .await?
            .by(&["API-105"])
            .expect_error_with_status(401, "invalid_access_token")?
            .expect_at("/error", json!({".tag": "invalid_access_token"}))?
            .expect_header("WWW-Authenticate", "Bearer realm=\"Dropbox-API\"")?;
    }
    Ok(())
}

const THE_401_HAS_ITS_HEADERS: Case = Case::observed("auth/revoke/the-401-has-its-headers")
    .rules(&["API-102", "API-141", "API-144", "API-146"])
    .claim("A 401 carries the challenge, the policy of errors and a request id.")
    .calls(2)
    .needing(Needs::FAKE_ONLY)
    .run(|t| Box::pin(the_401_has_its_headers(t)));

async fn the_401_has_its_headers(t: &Context) -> Verdict {
    let bearer = revoked(t).await?;
    let request = t
        .rpc_request("check/user", &json!({"query": "foo"}))
        .without_header("Authorization")
        .header("Authorization", bearer);
    t.send(request)
        .await?
        .expect_status(401)?
        .expect_header("Content-Type", "application/json")?
        .expect_header("WWW-Authenticate", "Bearer realm=\"Dropbox-API\"")?
        .expect_header("Cache-Control", "no-cache")?
        .expect_header("X-Content-Type-Options", "nosniff")?
        .expect_header("Content-Security-Policy", DISARMED)?
        .expect_header_that("X-Dropbox-Request-Id", "is 32 hex digits", |id| {
            id.len() == 32
        })?;
    Ok(())
}
