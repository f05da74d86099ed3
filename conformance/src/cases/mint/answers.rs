//! What a mint answers: the link, or who may not have one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::cases::case::{Case, Needs};
use crate::cases::mint::arguments::MINT;
use crate::failure::{Failure, Verdict};
use crate::talk::answer::{Answer, PAGES_MAY_READ};
use crate::talk::client::Link;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    A_LINK_AND_NOTHING_ELSE,
    SPELLING,
    HEADERS,
    WRONG_CONTENT_TYPE,
    CONTENT_TYPES,
    INVALID_TOKEN,
    MISSING_SCOPE,
    APP_CREDENTIALS,
    BAD_PATH_ROOT,
    APP_FOLDER,
    ACCOUNT_IS_NOT_LOOKED_AT,
    MANY_LINKS_FOR_ONE_PATH,
    PATH_ROOT_IS_FROZEN,
];

const A_LINK_AND_NOTHING_ELSE: Case = Case::required("mint/answers/a-link-and-nothing-else")
    .rules(&[
        "UL-01", "UL-02", "UL-22", "UL-78", "UL-94", "API-06", "API-155", "API-214",
    ])
    .claim("A mint answers 200 application/json with one string under the key link.")
    .calls(1)
    .run(|t| Box::pin(a_link_and_nothing_else(t)));

async fn a_link_and_nothing_else(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let answer = t
        .mint_with(argument)
        .await?
        .expect_status(200)?
        .expect_header("Content-Type", "application/json")?
        .by(&["UL-01", "UL-02", "UL-22", "UL-94"])
        .expect_keys("", &["link"])?;
    answer
        .by(&["UL-78"])
        .expect_string_that("/link", "is an absolute URL", |link| {
            link.starts_with("https://") || link.starts_with("http://")
        })?;
    Ok(())
}

const SPELLING: Case = Case::observed("mint/answers/spelling")
    .rules(&["UL-165", "UL-166", "API-21", "API-151"])
    .claim("The answer is spelled in a dialect of Dropbox, that of 2025 or that of 2026, without a newline.")
    .calls(1)
    .run(|t| Box::pin(spelling(t)));

async fn spelling(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let answer = t.mint_with(argument).await?.expect_status(200)?;
    let length = answer.body().len().to_string();
    answer
        .expect_spelled_as_dropbox_does()?
        .expect_header_that("Content-Length", "is the length of the body", |value| {
            value == length
        })?;
    Ok(())
}

const HEADERS: Case = Case::observed("mint/answers/headers")
    .rules(&[
        "UL-166", "API-23", "API-141", "API-143", "API-144", "API-146", "API-147", "API-150",
    ])
    .claim("The answer carries the headers that were captured on rpc calls.")
    .calls(1)
    .run(|t| Box::pin(headers(t)));

async fn headers(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    // The capture is that of a browser.
    let request = t
        .rpc_request(MINT, &argument)
        .header("Origin", "https://page.example");
    t.send(request)
        .await?
        .expect_status(200)?
        .expect_header("Access-Control-Allow-Origin", "*")?
        .expect_header("Access-Control-Expose-Headers", PAGES_MAY_READ)?
        .expect_header("Cache-Control", "no-cache")?
        .expect_header("X-Content-Type-Options", "nosniff")?
        .expect_header("X-Frame-Options", "SAMEORIGIN")?
        .expect_header_if_any("Accept-Encoding", "identity,gzip")?
        .expect_header("Server", "envoy")?
        .expect_header_if_any("Vary", "Accept-Encoding")?
        .expect_header_that("X-Server-Response-Time", "is a whole number", is_number)?
        .by(&["API-141"])
        .expect_header_that(
            "X-Dropbox-Request-Id",
            "is 32 lower-case hex digits",
            is_request_id,
        )?;
    Ok(())
}

/// Whether the value is a whole number.
pub fn is_number(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the value is a request id (API-141).
pub fn is_request_id(value: &str) -> bool {
    value.len() == 32
        && value
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

const WRONG_CONTENT_TYPE: Case = Case::observed("mint/answers/wrong-content-type")
    .rules(&["UL-79", "API-42"])
    .claim("Another request Content-Type is a 400 that quotes it and lists those that are taken.")
    .calls(3)
    .run(|t| Box::pin(wrong_content_type(t)));

async fn wrong_content_type(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    for content_type in [
        "application/octet-stream",
        "text/plain",
        "application/x-www-form-urlencoded",
    ] {
        let request = t.rpc_request(MINT, &argument).content_type(content_type);
        t.send(request)
            .await?
            .by(&["UL-79"])
            .expect_bad_request(&format!(
                "Bad HTTP \"Content-Type\" header: \"{content_type}\".  Expecting one of \
             \"application/json\", \"application/json; charset=utf-8\", \
             \"text/plain; charset=dropbox-cors-hack\"."
            ))?;
    }
    Ok(())
}

const CONTENT_TYPES: Case = Case::observed("mint/answers/content-types")
    .rules(&["UL-79", "API-06"])
    .claim("The three listed request Content-Types are taken.")
    .calls(3)
    .run(|t| Box::pin(content_types(t)));

async fn content_types(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    for content_type in [
        "application/json",
        "application/json; charset=utf-8",
        "text/plain; charset=dropbox-cors-hack",
    ] {
        let request = t.rpc_request(MINT, &argument).content_type(content_type);
        t.send(request)
            .await?
            .expect_status(200)?
            .string_at("/link")?;
    }
    Ok(())
}

const INVALID_TOKEN: Case = Case::observed("mint/answers/invalid-token")
    .rules(&["UL-82", "API-40", "API-102", "API-105"])
    .claim("A token that nobody issued gets 401 in JSON with a challenge.")
    .calls(1)
    .run(|t| Box::pin(invalid_token(t)));

async fn invalid_token(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let request = t
        .rpc_request(MINT, &argument)
        .without_header("Authorization")
        .header(
            "Authorization",
            "Bearer sl.conformance-nobody-issued-this-token",
        );
    let answer = t.send(request).await?;
    if answer.status() == 200 && !t.target().real {
        return Err(t.does_not_apply("this target opens an account for whatever token it meets"));
    }
    answer
        .by(&["API-105"])
        .expect_error_with_status(401, "invalid_access_token")?
        .expect_header_that("WWW-Authenticate", "is a challenge", |value| {
            !value.is_empty()
        })?;
    Ok(())
}

const MISSING_SCOPE: Case = Case::required("mint/answers/missing-scope")
    .rules(&["UL-04", "UL-80", "API-108"])
    .claim("A token without files.content.write gets 401 that names the scope.")
    .calls(1)
    .needing(Needs::RESTRICTED_TOKEN)
    .run(|t| Box::pin(missing_scope(t)));

async fn missing_scope(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let request = t
        .rpc_request(MINT, &argument)
        .without_header("Authorization")
        .header("Authorization", t.bearer(t.restricted_token()?));
    t.send(request)
        .await?
        .expect_error_with_status(401, "missing_scope")?
        .by(&["UL-04", "UL-80", "API-108"])
        .expect_at("/error/required_scope", "files.content.write")?;
    Ok(())
}

const APP_CREDENTIALS: Case = Case::required("mint/answers/app-credentials")
    .rules(&["UL-03"])
    .claim("App credentials alone do not open the mint.")
    .calls(1)
    .run(|t| Box::pin(app_credentials(t)));

async fn app_credentials(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let request = t
        .rpc_request(MINT, &argument)
        .without_header("Authorization")
        // `conformance:conformance`
        .header("Authorization", "Basic Y29uZm9ybWFuY2U6Y29uZm9ybWFuY2U=");
    t.send(request)
        .await?
        .by(&["UL-03"])
        .expect_status_in(&[400, 401])?;
    Ok(())
}

/// Mints under a path root.
async fn mint_under(t: &Context, argument: &Value, root: &Value) -> Result<Answer, Failure> {
    let request = t
        .rpc_request(MINT, argument)
        .header("Dropbox-API-Path-Root", root.to_string());
    t.send(request).await
}

/// Whether this is the 400 that an app with a folder of its own gets for any path root (API-69).
fn is_app_folder(answer: &Answer) -> bool {
    answer.status() == 400 && answer.text().contains("Path root")
}

const BAD_PATH_ROOT: Case = Case::required("mint/answers/bad-path-root")
    .rules(&["UL-83", "API-112"])
    .claim("A path root that the account does not have is a 422.")
    .calls(1)
    .run(|t| Box::pin(bad_path_root(t)));

async fn bad_path_root(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let root = json!({".tag": "root", "root": "1"});
    let answer = mint_under(t, &argument, &root).await?;
    if is_app_folder(&answer) {
        return Err(t.does_not_apply("an App-folder app has no path root (API-69)"));
    }
    answer
        .by(&["UL-83"])
        .expect_error_with_status(422, "invalid_root")?;
    Ok(())
}

const APP_FOLDER: Case = Case::required("mint/answers/app-folder")
    .rules(&["UL-05", "API-250"])
    .claim("An app that is confined to its folder may mint.")
    .calls(2)
    .run(|t| Box::pin(app_folder(t)));

async fn app_folder(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let root = json!({".tag": "home"});
    if !is_app_folder(&mint_under(t, &argument, &root).await?) {
        return Err(t.does_not_apply("the app has access to the whole Dropbox"));
    }
    t.mint_with(argument)
        .await?
        .by(&["UL-05"])
        .expect_status(200)?;
    Ok(())
}

const ACCOUNT_IS_NOT_LOOKED_AT: Case = Case::required("mint/answers/account-is-not-looked-at")
    .rules(&["UL-08", "UL-85", "API-189"])
    .claim("A mint succeeds whatever lies at its path, and changes nothing there.")
    .calls(8)
    .run(|t| Box::pin(account_is_not_looked_at(t)));

async fn account_is_not_looked_at(t: &Context) -> Verdict {
    let before = t.given_file("/taken.txt", b"there").await?;
    t.given_folder("/folder").await?;
    for path in [
        "/taken.txt",
        "/folder",
        "/taken.txt/below-a-file",
        "/no/such/parents/a.txt",
    ] {
        t.mint(commit_info(path).strict_conflict()).await?;
    }
    let after = t.file("/taken.txt").await?;
    if after.rev() != before.rev() {
        return Err(t.fail("a mint changed the file at its path"));
    }
    t.expect_nothing_at("/no").await
}

const MANY_LINKS_FOR_ONE_PATH: Case = Case::required("mint/answers/many-links-for-one-path")
    .rules(&["UL-86"])
    .claim("Links for one path are all different, and each works once.")
    .calls(7)
    .run(|t| Box::pin(many_links_for_one_path(t)));

async fn many_links_for_one_path(t: &Context) -> Verdict {
    let mut links = Vec::new();
    for _ in 0..3 {
        links.push(t.mint(commit_info("/a.txt").overwrite()).await?);
    }
    let different: BTreeSet<&str> = links.iter().map(Link::url).collect();
    if different.len() != links.len() {
        return Err(t.fail("two mints gave the same link"));
    }
    for (link, body) in links.iter().zip([b"one", b"two", b"six"]) {
        t.consume(link, body).await?.expect_status(200)?;
    }
    t.shows(&["UL-86"], t.expect_content("/a.txt", b"six"))
        .await?;
    Ok(())
}

const PATH_ROOT_IS_FROZEN: Case = Case::required("mint/answers/path-root-is-frozen")
    .rules(&["UL-88", "API-251"])
    .claim("The path root of the mint counts when the link is used, where none is sent.")
    .calls(5)
    .run(|t| Box::pin(path_root_is_frozen(t)));

async fn path_root_is_frozen(t: &Context) -> Verdict {
    let account = t
        .rpc("users/get_current_account", Value::Null)
        .await?
        .expect_status(200)?;
    let root = account.string_at("/root_info/root_namespace_id")?;
    if account.string_at("/root_info/home_namespace_id")? != root {
        return Err(t.does_not_apply(
            "the root is not the home: the file would land outside of the run's folder",
        ));
    }
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let path_root = json!({".tag": "root", "root": root});
    let answer = mint_under(t, &argument, &path_root).await?;
    if is_app_folder(&answer) {
        return Err(t.does_not_apply("an App-folder app has no path root (API-69)"));
    }
    let link = t.link_of(&answer.expect_status(200)?, &argument)?;
    t.consume(&link, b"hello").await?.expect_status(200)?;
    let request = t
        .rpc_request("files/get_metadata", &json!({"path": t.path("/a.txt")}))
        .header("Dropbox-API-Path-Root", path_root.to_string());
    t.send(request)
        .await?
        .expect_status(200)?
        .expect_at("/size", 5)?;
    Ok(())
}
