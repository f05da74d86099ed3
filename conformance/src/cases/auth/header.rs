//! The `Authorization` header, and the parameters that stand for it.

use serde_json::json;

use crate::cases::case::{Case, Needs};
use crate::failure::{Failure, Verdict};
use crate::http::Request;
use crate::talk::answer::Answer;
use crate::talk::context::Context;
use crate::talk::spelling::query_safe;

pub const CASES: &[Case] = &[
    Case::observed(
        "auth/header/missing",
        "A call without an Authorization is a 400 that names both places where one may stand.",
        &["API-29", "API-36"],
        2,
        |t| Box::pin(missing(t)),
    ),
    Case::observed(
        "auth/header/bearer-alone",
        "The word Bearer without a token is a 400 that quotes it.",
        &["API-37"],
        1,
        |t| Box::pin(bearer_alone(t)),
    ),
    Case::observed(
        "auth/header/token-without-bearer",
        "A token without the word Bearer is a 400 that quotes the first five characters only.",
        &["API-38"],
        1,
        |t| Box::pin(token_without_bearer(t)),
    ),
    Case::observed(
        "auth/header/empty",
        "An empty Authorization is a 400 with the newer wording.",
        &["API-39"],
        1,
        |t| Box::pin(empty(t)),
    ),
    Case::observed(
        "auth/header/token-of-impossible-shape",
        "A token that cannot be one is an invalid_access_token, not a malformed header.",
        &["API-40", "API-102"],
        1,
        |t| Box::pin(token_of_impossible_shape(t)),
    ),
    Case::required(
        "auth/header/url-parameters",
        "Token and argument may stand in the URL of a simple request, if it rejects preflights.",
        &["API-09", "API-22"],
        2,
        |t| Box::pin(url_parameters(t)),
    ),
    Case::required(
        "auth/header/url-parameter-without-its-flag",
        "A token in the URL is refused without reject_cors_preflight=true.",
        &["API-22", "API-39"],
        1,
        |t| Box::pin(url_parameter_without_its_flag(t)),
    ),
    Case::required(
        "auth/header/check-app-takes-basic",
        "check/app takes the key and the secret of an app by HTTP Basic and echoes the query.",
        &["API-114", "API-227"],
        2,
        |t| Box::pin(check_app_takes_basic(t)),
    )
    .needing(Needs::FAKE_ONLY),
    Case::probe(
        "auth/header/probe-basic-on-a-user-route",
        "What a route for users says to HTTP Basic.",
        &["AQ-02"],
        1,
        |t| Box::pin(probe_basic_on_a_user_route(t)),
    ),
];

fn check_user(t: &Context, authorization: Option<&str>) -> Request {
    let request = t
        .rpc_request("check/user", &json!({"query": "foo"}))
        .without_header("Authorization");
    match authorization {
        Some(value) => request.header("Authorization", value),
        None => request,
    }
}

async fn refused(t: &Context, authorization: &str, message: &str) -> Result<Answer, Failure> {
    t.send(check_user(t, Some(authorization)))
        .await?
        .expect_bad_request(message)
}

async fn missing(t: &Context) -> Verdict {
    let message = r#"Must provide HTTP header "Authorization" or URL parameter "authorization"."#;
    t.send(check_user(t, None))
        .await?
        .expect_bad_request(message)?
        .expect_no_header("WWW-Authenticate")?;
    let upload = t.content_request("files/upload", &json!({"path": t.path("/a.txt")}));
    t.send(upload.without_header("Authorization").body(b"x"))
        .await?
        .expect_bad_request(message)?;
    Ok(())
}

async fn bearer_alone(t: &Context) -> Verdict {
    let message = r#"Invalid authorization value in HTTP header "Authorization": "Bearer".  Expecting "Bearer <oauth2-access-token>"."#;
    refused(t, "Bearer", message).await?;
    Ok(())
}

async fn token_without_bearer(t: &Context) -> Verdict {
    let message = r#"Invalid authorization value in HTTP header "Authorization": "sl.Bl...".  Expecting "Bearer <oauth2-access-token>"."#;
    refused(t, "sl.Bl-which-is-no-token-at-all", message).await?;
    Ok(())
}

async fn empty(t: &Context) -> Verdict {
    t.send(check_user(t, Some("")))
        .await?
        .expect_status(400)?
        .expect_text_with(
            "Error in call to API function \"check/user\": \
             Invalid authorization value in HTTP header/URL parameter",
        )?;
    Ok(())
}

async fn token_of_impossible_shape(t: &Context) -> Verdict {
    // Even a fake that takes any token can tell that this is none.
    t.send(check_user(t, Some("Bearer {no-token}")))
        .await?
        .expect_error_with_status(401, "invalid_access_token")?;
    Ok(())
}

/// A simple request as a page sends it: nothing in its headers needs a preflight.
fn simple_upload(t: &Context, path: &str, flag: &str) -> Request {
    let argument = json!({"path": t.path(path), "mute": true}).to_string();
    let bearer = t.bearer(&t.target().tokens.main);
    Request::post(format!("{}/2/files/upload", t.target().content))
        .query(&format!("arg={}", query_safe(&argument)))
        .query(&format!("authorization={}{flag}", query_safe(&bearer)))
        .content_type("text/plain; charset=dropbox-cors-hack")
        .header("Origin", "https://page.example")
        .body(b"hello")
}

async fn url_parameters(t: &Context) -> Verdict {
    t.send(simple_upload(t, "/a.txt", "&reject_cors_preflight=true"))
        .await?
        .expect_status(200)?
        .expect_header("Access-Control-Allow-Origin", "*")?;
    t.expect_content("/a.txt", b"hello").await?;
    Ok(())
}

async fn url_parameter_without_its_flag(t: &Context) -> Verdict {
    t.send(simple_upload(t, "/a.txt", ""))
        .await?
        .expect_status(400)?
        .expect_text_with("Invalid authorization value in HTTP header/URL parameter")?;
    Ok(())
}

/// `conformance:secret`
const BASIC: &str = "Basic Y29uZm9ybWFuY2U6c2VjcmV0";

async fn check_app_takes_basic(t: &Context) -> Verdict {
    let request = |query: &str| {
        t.rpc_request("check/app", &json!({ "query": query }))
            .without_header("Authorization")
            .header("Authorization", BASIC)
    };
    let answer = t.send(request("foo")).await?;
    if answer.status() == 401 {
        return Err(t.does_not_apply("the target knows its apps"));
    }
    answer
        .expect_status(200)?
        .expect_text(r#"{"result": "foo"}"#)?;
    t.send(
        request("foo")
            .without_header("Authorization")
            .header("Authorization", "Bearer x"),
    )
    .await?
    .expect_status_in(&[400, 401])?;
    Ok(())
}

async fn probe_basic_on_a_user_route(t: &Context) -> Verdict {
    let answer = t.send(check_user(t, Some(BASIC))).await?;
    let quotes = answer.text().contains("HTTP header \"Authorization\"");
    let words = if quotes {
        "quoting the header"
    } else {
        "in other words"
    };
    t.observe(
        "AQ-02",
        format!("Basic on a user route: {} {words}", answer.status()),
    );
    Ok(())
}
