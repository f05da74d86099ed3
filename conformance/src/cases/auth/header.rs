//! The `Authorization` header, and the parameters that stand for it.

use serde_json::json;

use crate::cases::case::{Case, Needs};
use crate::failure::{Failure, Verdict};
use crate::http::Request;
use crate::secrecy::secret::percent_encoded;
use crate::talk::answer::Answer;
use crate::talk::context::Context;
use crate::talk::shown::Rules;

pub const CASES: &[Case] = &[
    MISSING,
    BEARER_ALONE,
    TOKEN_WITHOUT_BEARER,
    EMPTY,
    TOKEN_OF_IMPOSSIBLE_SHAPE,
    TOKEN_WITH_A_SPACE_OR_A_QUOTE,
    URL_PARAMETERS,
    URL_PARAMETER_WITHOUT_ITS_FLAG,
    CHECK_APP_TAKES_BASIC,
    PROBE_BASIC_ON_A_USER_ROUTE,
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

async fn refused(
    t: &Context,
    authorization: &str,
    message: &str,
    rules: Rules,
) -> Result<Answer, Failure> {
    t.send(check_user(t, Some(authorization)))
        .await?
        .by(rules)
        .expect_bad_request(message)
}

const MISSING: Case = Case::observed("auth/header/missing")
    .rules(&["API-29", "API-36"])
    .claim("A call without an Authorization is a 400 that names both places where one may stand.")
    .calls(2)
    .run(|t| Box::pin(missing(t)));

async fn missing(t: &Context) -> Verdict {
    let message = r#"Must provide HTTP header "Authorization" or URL parameter "authorization"."#;
    t.send(check_user(t, None))
        .await?
        .expect_bad_request(message)?
        .expect_no_header("WWW-Authenticate")?;
    let upload = t.content_request("files/upload", &json!({"path": t.path("/a.txt")}));
    t.send(upload.without_header("Authorization").body(b"x"))
        .await?
        .by(&["API-36"])
        .expect_bad_request(message)?;
    Ok(())
}

const BEARER_ALONE: Case = Case::observed("auth/header/bearer-alone")
    .rules(&["API-37"])
    .claim("The word Bearer without a token is a 400 that quotes it.")
    .calls(1)
    .run(|t| Box::pin(bearer_alone(t)));

async fn bearer_alone(t: &Context) -> Verdict {
    let message = r#"Invalid authorization value in HTTP header "Authorization": "Bearer".  Expecting "Bearer <oauth2-access-token>"."#;
    refused(t, "Bearer", message, &["API-37"]).await?;
    Ok(())
}

const TOKEN_WITHOUT_BEARER: Case = Case::observed("auth/header/token-without-bearer")
    .rules(&["API-38"])
    .claim("A token without the word Bearer is a 400 that quotes the first five characters only.")
    .calls(1)
    .run(|t| Box::pin(token_without_bearer(t)));

async fn token_without_bearer(t: &Context) -> Verdict {
    let message = r#"Invalid authorization value in HTTP header "Authorization": "sl.Bl...".  Expecting "Bearer <oauth2-access-token>"."#;
    refused(t, "sl.Bl-which-is-no-token-at-all", message, &["API-38"]).await?;
    Ok(())
}

const EMPTY: Case = Case::observed("auth/header/empty")
    .rules(&["API-39"])
    .claim("An empty Authorization is a 400 with the newer wording.")
    .calls(1)
    .run(|t| Box::pin(empty(t)));

async fn empty(t: &Context) -> Verdict {
    t.send(check_user(t, Some("")))
        .await?
        .by(&["API-39"])
        .expect_bad_request_with("Invalid authorization value in HTTP header/URL parameter")?;
    Ok(())
}

const TOKEN_OF_IMPOSSIBLE_SHAPE: Case = Case::observed("auth/header/token-of-impossible-shape")
    .rules(&["API-40", "API-102"])
    .claim("A token that cannot be one is an invalid_access_token, not a malformed header.")
    .calls(1)
    .run(|t| Box::pin(token_of_impossible_shape(t)));

async fn token_of_impossible_shape(t: &Context) -> Verdict {
    // Even a fake that takes any token can tell that this is none.
    t.send(check_user(t, Some("Bearer {no-token}")))
        .await?
        .by(&["API-40"])
        .expect_error_with_status(401, "invalid_access_token")?;
    Ok(())
}

const TOKEN_WITH_A_SPACE_OR_A_QUOTE: Case =
    Case::observed("auth/header/token-with-a-space-or-a-quote")
        .rules(&["API-280"])
        .claim("A token with a space or a quote in it is no token but a malformed header, a 400.")
        .calls(2)
        .run(|t| Box::pin(token_with_a_space_or_a_quote(t)));

async fn token_with_a_space_or_a_quote(t: &Context) -> Verdict {
    for (value, echo) in [
        ("Bearer no token", "Bearer no token"),
        (
            "Bearer access_token=\"#none\"",
            "Bearer access_token=\\\"#none\\\"",
        ),
    ] {
        let message = format!(
            "Invalid authorization value in HTTP header \"Authorization\": \"{echo}\".  \
             Expecting \"Bearer <oauth2-access-token>\"."
        );
        refused(t, value, &message, &["API-280"]).await?;
    }
    Ok(())
}

/// A simple request as a page sends it: nothing in its headers needs a preflight.
fn simple_upload(t: &Context, path: &str, flag: &str) -> Request {
    let argument = json!({"path": t.path(path), "mute": true}).to_string();
    let bearer = t.bearer(&t.target().tokens.main);
    Request::post(format!("{}/2/files/upload", t.target().content))
        .query(&format!("arg={}", percent_encoded(&argument)))
        .query(&format!("authorization={}{flag}", percent_encoded(&bearer)))
        .content_type("text/plain; charset=dropbox-cors-hack")
        .header("Origin", "https://page.example")
        .body(b"hello")
}

const URL_PARAMETERS: Case = Case::required("auth/header/url-parameters")
    .rules(&["API-09", "API-22"])
    .claim("Token and argument may stand in the URL of a simple request, if it rejects preflights.")
    .calls(2)
    .run(|t| Box::pin(url_parameters(t)));

async fn url_parameters(t: &Context) -> Verdict {
    t.send(simple_upload(t, "/a.txt", "&reject_cors_preflight=true"))
        .await?
        .expect_status(200)?
        .expect_header("Access-Control-Allow-Origin", "*")?;
    t.expect_content("/a.txt", b"hello").await?;
    Ok(())
}

const URL_PARAMETER_WITHOUT_ITS_FLAG: Case =
    Case::required("auth/header/url-parameter-without-its-flag")
        .rules(&["API-22", "API-39"])
        .claim("A token in the URL is refused without reject_cors_preflight=true.")
        .calls(1)
        .run(|t| Box::pin(url_parameter_without_its_flag(t)));

async fn url_parameter_without_its_flag(t: &Context) -> Verdict {
    t.send(simple_upload(t, "/a.txt", ""))
        .await?
        .expect_bad_request_with("Invalid authorization value in HTTP header/URL parameter")?;
    Ok(())
}

/// `conformance:secret`
const BASIC: &str = "Basic Y29uZm9ybWFuY2U6c2VjcmV0";

const CHECK_APP_TAKES_BASIC: Case = Case::required("auth/header/check-app-takes-basic")
    .rules(&["API-114", "API-227"])
    .claim("check/app takes the key and the secret of an app by HTTP Basic and echoes the query.")
    .calls(2)
    .needing(Needs::FAKE_ONLY)
    .run(|t| Box::pin(check_app_takes_basic(t)));

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
        .by(&["API-227"])
        .expect_json(&json!({"result": "foo"}))?;
    t.send(
        request("foo")
            .without_header("Authorization")
            .header("Authorization", "Bearer x"),
    )
    .await?
    .by(&["API-114"])
    .expect_status_in(&[400, 401])?;
    Ok(())
}

const PROBE_BASIC_ON_A_USER_ROUTE: Case = Case::probe("auth/header/probe-basic-on-a-user-route")
    .rules(&["AQ-02"])
    .claim("What a route for users says to HTTP Basic.")
    .calls(1)
    .run(|t| Box::pin(probe_basic_on_a_user_route(t)));

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
