//! Who the token belongs to, and the token endpoint.

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::cases::mint::answers::{is_number, is_request_id};
use crate::failure::{Failure, Verdict};
use crate::http::Request;
use crate::talk::answer::Answer;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    ECHOES,
    SHAPE,
    ROOT_INFO,
    COUNTS,
    BAD_CLIENT,
    UNSUPPORTED_GRANT,
    REFRESH,
    CODE,
    CODE_WITHOUT_OFFLINE,
    REFUSAL,
    PROBE_FORM_OF_ERRORS,
];

const ECHOES: Case = Case::required("users/check/echoes")
    .rules(&["API-226"])
    .claim("check/user echoes the query, and takes none as an empty one.")
    .calls(2)
    .run(|t| Box::pin(check_echoes(t)));

async fn check_echoes(t: &Context) -> Verdict {
    t.rpc("check/user", json!({"query": "foo"}))
        .await?
        .expect_status(200)?
        .expect_json(&json!({"result": "foo"}))?;
    t.rpc("check/user", json!({}))
        .await?
        .expect_status(200)?
        .by(&["API-226"])
        .expect_json(&json!({"result": ""}))?;
    Ok(())
}

const SHAPE: Case = Case::observed("users/account/shape")
    .rules(&["API-200", "API-228", "API-230"])
    .claim("get_current_account has the recorded keys.")
    .calls(1)
    .run(|t| Box::pin(account_shape(t)));

async fn account_shape(t: &Context) -> Verdict {
    let name = [
        "given_name",
        "surname",
        "familiar_name",
        "display_name",
        "abbreviated_name",
    ];
    let answer = t
        .rpc("users/get_current_account", Value::Null)
        .await?
        .expect_status(200)?
        .expect_keys("/name", &name)?
        .expect_string_that("/account_id", "is dbid: and 35 characters", |id| {
            id.len() == 40 && id.starts_with("dbid:")
        })?
        .expect_string_that("/account_type/.tag", "is one of three", |tag| {
            ["basic", "pro", "business"].contains(&tag)
        })?;
    for key in [
        "account_id",
        "name",
        "email",
        "email_verified",
        "disabled",
        "locale",
        "referral_link",
        "is_paired",
        "account_type",
        "root_info",
    ] {
        answer.at(&format!("/{key}"))?;
    }
    for key in ["email_verified", "disabled", "is_paired"] {
        answer
            .clone()
            .expect_at_that(&format!("/{key}"), "is true or false", Value::is_boolean)?;
    }
    let answer = answer
        .expect_string_that("/email", "is an address", |email| email.contains('@'))?
        .expect_string_that("/locale", "is a language", |locale| {
            locale
                .split(['-', '_'])
                .next()
                .is_some_and(|language| (2..=3).contains(&language.len()))
        })?
        .expect_string_that("/referral_link", "is a link", |link| {
            link.starts_with("https://")
        })?;
    if answer.at("/country").is_ok() {
        answer.expect_string_that("/country", "is two letters", |country| {
            country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase())
        })?;
    }
    Ok(())
}

const ROOT_INFO: Case = Case::required("users/account/root-info")
    .rules(&["API-230", "API-251"])
    .claim("The account names its root and home namespace.")
    .calls(1)
    .run(|t| Box::pin(root_info(t)));

async fn root_info(t: &Context) -> Verdict {
    let digits = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    t.rpc("users/get_current_account", Value::Null)
        .await?
        .expect_status(200)?
        .expect_string_that("/root_info/.tag", "is user or team", |tag| {
            ["user", "team"].contains(&tag)
        })?
        .expect_string_that("/root_info/root_namespace_id", "is a number", digits)?
        .expect_string_that("/root_info/home_namespace_id", "is a number", digits)?;
    Ok(())
}

const COUNTS: Case = Case::required("users/space/counts")
    .rules(&["API-229"])
    .claim("get_space_usage counts what is stored against an allocation.")
    .calls(3)
    .run(|t| Box::pin(space_counts(t)));

async fn space_counts(t: &Context) -> Verdict {
    let used = |answer: &Answer| answer.at("/used").map(|used| used.as_u64());
    let before = t
        .rpc("users/get_space_usage", Value::Null)
        .await?
        .expect_status(200)?
        .expect_keys("", &["used", "allocation"])?
        .expect_string_that("/allocation/.tag", "is individual or team", |tag| {
            ["individual", "team"].contains(&tag)
        })?;
    t.given_file("/a.txt", b"0123456789").await?;
    let after = t
        .rpc("users/get_space_usage", Value::Null)
        .await?
        .expect_status(200)?;
    if t.target().real {
        // The real account counts when it likes, and others write to it.
        return Ok(());
    }
    if used(&after)? == used(&before)?.map(|used| used + 10) {
        return Ok(());
    }
    Err(after.differs("ten bytes more are used", &after.text()))
}

fn token_request(t: &Context, form: &str) -> Request {
    Request::post(format!("{}/oauth2/token", t.target().api))
        .content_type("application/x-www-form-urlencoded")
        .body(form.to_owned())
}

const STRANGER: &str = "grant_type=refresh_token&refresh_token=no-such-token&client_id=conformance0no0app&client_secret=none";

const BAD_CLIENT: Case = Case::observed("users/oauth/bad-client")
    .rules(&["API-115", "API-122", "API-266"])
    .claim("An unknown app is a 400 with code and description in one string.")
    .calls(1)
    .run(|t| Box::pin(bad_client(t)));

async fn bad_client(t: &Context) -> Verdict {
    let answer = t.send(token_request(t, STRANGER)).await?;
    if answer.status() == 200 {
        return Err(t.does_not_apply("the target takes any app"));
    }
    let answer = answer
        .expect_status(400)?
        .expect_string_that(
            "/error",
            "begins with invalid_client: Invalid client_id",
            |error| error.starts_with("invalid_client: Invalid client_id"),
        )?
        .expect_nothing_at("/error_description")?;
    expect_headers_of_a_refusal(answer)
}

const UNSUPPORTED_GRANT: Case = Case::required("users/oauth/unsupported-grant")
    .rules(&["API-02", "API-123"])
    .claim("A grant type that does not exist is a 400 in the manner of RFC 6749.")
    .calls(2)
    .needing(crate::cases::case::Needs::FAKE_ONLY)
    .run(|t| Box::pin(unsupported_grant(t)));

async fn unsupported_grant(t: &Context) -> Verdict {
    for (form, error) in [
        (
            "grant_type=password&client_id=conformance",
            "unsupported_grant_type",
        ),
        ("client_id=conformance", "invalid_request"),
    ] {
        let answer = t.send(token_request(t, form)).await?.expect_status(400)?;
        if answer.text().contains("invalid_client") {
            return Err(t.does_not_apply("the target knows its apps"));
        }
        answer.expect_at("/error", error)?;
    }
    Ok(())
}

const REFRESH: Case = Case::observed("users/oauth/refresh")
    .rules(&["API-116", "API-118", "API-119", "API-252"])
    .claim("A refresh token gives a new access token, as text/javascript.")
    .calls(2)
    .needing(crate::cases::case::Needs::FAKE_ONLY)
    .run(|t| Box::pin(refresh(t)));

async fn refresh(t: &Context) -> Verdict {
    let token = t.token_of_its_own();
    let form = format!(
        "grant_type=refresh_token&refresh_token={}&client_id=conformance",
        token.expose()
    );
    let answer = t.send(token_request(t, &form)).await?;
    if answer.status() == 400 {
        return Err(t.does_not_apply("the target takes declared refresh tokens only"));
    }
    let answer = answer
        .expect_status(200)?
        .expect_header("Content-Type", "text/javascript")?
        .expect_header("Cache-Control", "no-cache")?
        .expect_header("X-Frame-Options", "SAMEORIGIN")?
        .expect_header("X-Content-Type-Options", "nosniff")?
        .expect_header_that("X-Server-Response-Time", "is a number", is_number)?
        .expect_header_that("X-Dropbox-Request-Id", "is 32 digits", is_request_id)?
        .expect_spelled_as_dropbox_does()?
        .expect_keys("", &["token_type", "access_token", "expires_in"])?;
    let answer = expect_access_token(answer)?;
    let bearer = format!("Bearer {}", answer.string_at("/access_token")?);
    let request = t
        .rpc_request("check/user", &json!({"query": "foo"}))
        .without_header("Authorization")
        .header("Authorization", bearer);
    t.send(request).await?.expect_status(200)?;
    Ok(())
}

/// A token that anybody who holds it may use for four hours.
fn expect_access_token(answer: Answer) -> Result<Answer, Failure> {
    answer
        .expect_at("/token_type", "bearer")?
        .expect_string_that("/access_token", "begins with sl.", |token| {
            token.starts_with("sl.")
        })?
        .expect_at_that("/expires_in", "is four hours", |seconds| {
            matches!(seconds.as_u64(), Some(14_399 | 14_400))
        })
}

const CODE: Case = Case::observed("users/oauth/code")
    .rules(&["API-116", "API-117", "API-121"])
    .claim("A code gives tokens once; used again it is an invalid_grant with its words.")
    .calls(2)
    .needing(crate::cases::case::Needs::FAKE_ONLY)
    .run(|t| Box::pin(code(t)));

async fn code(t: &Context) -> Verdict {
    let code = t.token_of_its_own();
    let form = format!(
        "grant_type=authorization_code&code={}&client_id=conformance&token_access_type=offline",
        code.expose()
    );
    let answer = t.send(token_request(t, &form)).await?;
    if answer.status() == 400 {
        return Err(t.does_not_apply("the target takes declared codes only"));
    }
    let answer = answer
        .expect_status(200)?
        .expect_header("Content-Type", "text/javascript")?
        .expect_spelled_as_dropbox_does()?;
    expect_access_token(answer)?
        .expect_string_that("/refresh_token", "cannot be guessed", |token| {
            token.len() > 20
        })?
        .expect_string_that("/scope", "lists scopes in order", |scope| {
            scope.split(' ').is_sorted() && scope.contains("account_info.read")
        })?
        .expect_string_that("/uid", "is a number", |uid| uid.parse::<u64>().is_ok())?
        .expect_string_that("/account_id", "begins with dbid:", |id| {
            id.starts_with("dbid:")
        })?;
    t.send(token_request(t, &form))
        .await?
        .by(&["API-121"])
        .expect_status(400)?
        .expect_at("/error", "invalid_grant")?
        .expect_at("/error_description", "code doesn't exist or has expired")?;
    Ok(())
}

const CODE_WITHOUT_OFFLINE: Case = Case::observed("users/oauth/code-without-offline-access")
    .rules(&["API-117"])
    .claim("A code that was not asked for with offline access gives no refresh token.")
    .calls(1)
    .needing(crate::cases::case::Needs::FAKE_ONLY)
    .run(|t| Box::pin(code_without_offline(t)));

async fn code_without_offline(t: &Context) -> Verdict {
    let code = t.token_of_its_own();
    let form = format!(
        "grant_type=authorization_code&code={}&client_id=conformance",
        code.expose()
    );
    let answer = t.send(token_request(t, &form)).await?;
    if answer.status() == 400 {
        return Err(t.does_not_apply("the target takes declared codes only"));
    }
    answer
        .expect_status(200)?
        .expect_nothing_at("/refresh_token")?;
    Ok(())
}

const REFUSAL: Case = Case::observed("users/oauth/refusal")
    .rules(&["API-266"])
    .claim("What the token endpoint refuses, every page may read, and no cache is told of.")
    .calls(1)
    .needing(crate::cases::case::Needs::FAKE_ONLY)
    .run(|t| Box::pin(refusal(t)));

async fn refusal(t: &Context) -> Verdict {
    let form = "grant_type=password&client_id=conformance";
    let answer = t.send(token_request(t, form)).await?;
    expect_headers_of_a_refusal(answer.expect_status(400)?)
}

fn expect_headers_of_a_refusal(answer: Answer) -> Verdict {
    answer
        .by(&["API-266"])
        .expect_header("Content-Type", "application/json")?
        .expect_header("Access-Control-Allow-Origin", "*")?
        .expect_no_header("Cache-Control")?
        .expect_no_header("X-Content-Type-Options")?
        .expect_no_header("Vary")?;
    Ok(())
}

const PROBE_FORM_OF_ERRORS: Case = Case::probe("users/oauth/probe-form-of-errors")
    .rules(&["AQ-17"])
    .claim("Which Content-Type and keys an error of the token endpoint has.")
    .calls(1)
    .run(|t| Box::pin(probe_form_of_errors(t)));

async fn probe_form_of_errors(t: &Context) -> Verdict {
    let answer = t.send(token_request(t, "grant_type=refresh_token")).await?;
    let keys = crate::talk::spelling::keys(&answer.json()?).join(", ");
    let content_type = answer.header("Content-Type").unwrap_or("none");
    t.observe(
        "AQ-17",
        format!("{} {content_type}: {keys}", answer.status()),
    );
    Ok(())
}
