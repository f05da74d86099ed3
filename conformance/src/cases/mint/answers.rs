//! What a mint answers: the link, or who may not have one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::cases::case::{Case, Cost, Kind, Needs};
use crate::cases::mint::arguments::MINT;
use crate::failure::{Failure, Verdict};
use crate::talk::answer::Answer;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    Case {
        id: "mint/answers/a-link-and-nothing-else",
        sentence: "A mint answers 200 application/json with one string under the key link.",
        rules: &[
            "UL-01", "UL-02", "UL-22", "UL-78", "UL-94", "API-06", "API-155", "API-214",
        ],
        kind: Kind::Required,
        cost: Cost::calls(1),
        needs: Needs::NOTHING,
        run: |t| Box::pin(a_link_and_nothing_else(t)),
    },
    Case {
        id: "mint/answers/spelling",
        sentence: "The answer is spelled with one space after the colon and ends without a newline.",
        rules: &["UL-165", "UL-166", "API-21", "API-151"],
        kind: Kind::Observed,
        cost: Cost::calls(1),
        needs: Needs::NOTHING,
        run: |t| Box::pin(spelling(t)),
    },
    Case {
        id: "mint/answers/headers",
        sentence: "The answer carries the headers that were captured on rpc calls.",
        rules: &[
            "UL-166", "API-23", "API-141", "API-143", "API-144", "API-146", "API-147", "API-150",
        ],
        kind: Kind::Observed,
        cost: Cost::calls(1),
        needs: Needs::NOTHING,
        run: |t| Box::pin(headers(t)),
    },
    Case {
        id: "mint/answers/wrong-content-type",
        sentence: "Another request Content-Type is a 400 that quotes it and lists those that are taken.",
        rules: &["UL-79", "API-42"],
        kind: Kind::Observed,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(wrong_content_type(t)),
    },
    Case {
        id: "mint/answers/content-types",
        sentence: "The three listed request Content-Types are taken.",
        rules: &["UL-79", "API-06"],
        kind: Kind::Observed,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(content_types(t)),
    },
    Case {
        id: "mint/answers/invalid-token",
        sentence: "A token that nobody issued gets 401 in JSON with a challenge.",
        rules: &["UL-82", "API-40", "API-102", "API-105"],
        kind: Kind::Observed,
        cost: Cost::calls(1),
        needs: Needs::NOTHING,
        run: |t| Box::pin(invalid_token(t)),
    },
    Case {
        id: "mint/answers/missing-scope",
        sentence: "A token without files.content.write gets 401 that names the scope.",
        rules: &["UL-04", "UL-80", "API-108"],
        kind: Kind::Required,
        cost: Cost::calls(1),
        needs: Needs::RESTRICTED_TOKEN,
        run: |t| Box::pin(missing_scope(t)),
    },
    Case {
        id: "mint/answers/app-credentials",
        sentence: "App credentials alone do not open the mint.",
        rules: &["UL-03"],
        kind: Kind::Required,
        cost: Cost::calls(1),
        needs: Needs::NOTHING,
        run: |t| Box::pin(app_credentials(t)),
    },
    Case {
        id: "mint/answers/bad-path-root",
        sentence: "A path root that the account does not have is a 422.",
        rules: &["UL-83", "API-112"],
        kind: Kind::Required,
        cost: Cost::calls(1),
        needs: Needs::NOTHING,
        run: |t| Box::pin(bad_path_root(t)),
    },
    Case {
        id: "mint/answers/app-folder",
        sentence: "An app that is confined to its folder may mint.",
        rules: &["UL-05", "API-250"],
        kind: Kind::Required,
        cost: Cost::calls(2),
        needs: Needs::NOTHING,
        run: |t| Box::pin(app_folder(t)),
    },
    Case {
        id: "mint/answers/account-is-not-looked-at",
        sentence: "A mint succeeds whatever lies at its path, and changes nothing there.",
        rules: &["UL-08", "UL-85", "API-189"],
        kind: Kind::Required,
        cost: Cost::calls(10),
        needs: Needs::NOTHING,
        run: |t| Box::pin(account_is_not_looked_at(t)),
    },
    Case {
        id: "mint/answers/many-links-for-one-path",
        sentence: "Links for one path are all different, and each works once.",
        rules: &["UL-86"],
        kind: Kind::Required,
        cost: Cost::calls(7),
        needs: Needs::NOTHING,
        run: |t| Box::pin(many_links_for_one_path(t)),
    },
    Case {
        id: "mint/answers/path-root-is-frozen",
        sentence: "The path root of the mint counts when the link is used, where none is sent.",
        rules: &["UL-88", "API-251"],
        kind: Kind::Required,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(path_root_is_frozen(t)),
    },
];

async fn a_link_and_nothing_else(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let answer = t
        .mint_with(argument)
        .await?
        .expect_status(200)?
        .expect_header("Content-Type", "application/json")?;
    let link = answer.string_at("/link")?;
    if answer
        .json()?
        .as_object()
        .is_none_or(|object| object.len() != 1)
    {
        return Err(answer.differs("link is the only key", "others stand beside it"));
    }
    if !(link.starts_with("https://") || link.starts_with("http://")) {
        return Err(answer.differs("link is an absolute URL", &link));
    }
    Ok(())
}

async fn spelling(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let answer = t.mint_with(argument).await?.expect_status(200)?;
    let link = answer.string_at("/link")?;
    let length = answer.body().len().to_string();
    answer
        .expect_text(&format!(r#"{{"link": "{link}"}}"#))?
        .expect_header_that("Content-Length", "is the length of the body", |value| {
            value == length
        })?;
    Ok(())
}

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
        .expect_header(
            "Access-Control-Expose-Headers",
            "Accept-Ranges, Content-Range, ETag, Dropbox-API-Result",
        )?
        .expect_header("Cache-Control", "no-cache")?
        .expect_header("X-Content-Type-Options", "nosniff")?
        .expect_header("X-Frame-Options", "SAMEORIGIN")?
        .expect_header("Accept-Encoding", "identity,gzip")?
        .expect_header("Server", "envoy")?
        .expect_header("Vary", "Accept-Encoding")?
        .expect_header_that("X-Server-Response-Time", "is a whole number", is_number)?
        .expect_header_that(
            "X-Dropbox-Request-Id",
            "is 32 lower-case hex digits",
            is_request_id,
        )?;
    Ok(())
}

fn is_number(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the value is a request id (API-141).
pub fn is_request_id(value: &str) -> bool {
    value.len() == 32
        && value
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

async fn wrong_content_type(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    for content_type in [
        "application/octet-stream",
        "text/plain",
        "application/x-www-form-urlencoded",
    ] {
        let request = t.rpc_request(MINT, &argument).content_type(content_type);
        t.send(request).await?.expect_bad_request(&format!(
            "Bad HTTP \"Content-Type\" header: \"{content_type}\".  Expecting one of \
             \"application/json\", \"application/json; charset=utf-8\", \
             \"text/plain; charset=dropbox-cors-hack\"."
        ))?;
    }
    Ok(())
}

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
        .expect_error_with_status(401, "invalid_access_token")?
        .expect_header_that("WWW-Authenticate", "is a challenge", |value| {
            !value.is_empty()
        })?;
    Ok(())
}

async fn missing_scope(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let request = t
        .rpc_request(MINT, &argument)
        .without_header("Authorization")
        .header("Authorization", t.bearer(t.restricted_token()?));
    t.send(request)
        .await?
        .expect_error_with_status(401, "missing_scope")?
        .expect_at("/error/required_scope", "files.content.write")?;
    Ok(())
}

async fn app_credentials(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let request = t
        .rpc_request(MINT, &argument)
        .without_header("Authorization")
        // `conformance:conformance`
        .header("Authorization", "Basic Y29uZm9ybWFuY2U6Y29uZm9ybWFuY2U=");
    t.send(request).await?.expect_status_in(&[400, 401])?;
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

async fn bad_path_root(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let root = json!({".tag": "root", "root": "1"});
    let answer = mint_under(t, &argument, &root).await?;
    if is_app_folder(&answer) {
        return Err(t.does_not_apply("an App-folder app has no path root (API-69)"));
    }
    answer.expect_error_with_status(422, "invalid_root")?;
    Ok(())
}

async fn app_folder(t: &Context) -> Verdict {
    let argument = t.mint_argument(&commit_info("/a.txt"));
    let root = json!({".tag": "home"});
    if !is_app_folder(&mint_under(t, &argument, &root).await?) {
        return Err(t.does_not_apply("the app has access to the whole Dropbox"));
    }
    t.mint_with(argument).await?.expect_status(200)?;
    Ok(())
}

async fn account_is_not_looked_at(t: &Context) -> Verdict {
    let before = t.given_file("/taken.txt", b"there").await?;
    t.given_folder("/folder").await?;
    for path in [
        "/taken.txt",
        "/folder",
        "/taken.txt/below-a-file",
        "/no/such/parents/a.txt",
        "/desktop.ini",
        "/back\\slash",
    ] {
        t.mint(commit_info(path).strict_conflict()).await?;
    }
    let after = t.file("/taken.txt").await?;
    if after.rev() != before.rev() {
        return Err(t.fail("a mint changed the file at its path"));
    }
    t.expect_nothing_at("/no").await
}

async fn many_links_for_one_path(t: &Context) -> Verdict {
    let mut links = Vec::new();
    for _ in 0..3 {
        links.push(t.mint(commit_info("/a.txt").overwrite()).await?);
    }
    let different: BTreeSet<&str> = links.iter().map(crate::talk::client::Link::url).collect();
    if different.len() != links.len() {
        return Err(t.fail("two mints gave the same link"));
    }
    for (link, body) in links.iter().zip([b"one", b"two", b"six"]) {
        t.consume(link, body).await?.expect_status(200)?;
    }
    t.expect_content("/a.txt", b"six").await?;
    Ok(())
}

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
