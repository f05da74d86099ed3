//! `oauth2/token`, in the four shapes in which clients ask it (API-115 to API-123).

use crate::control::faults::Phase;
use crate::dropbox::authorization::CodeUse;
use crate::dropbox::credentials::{ACCESS_TOKEN_LIFE, Issued, TokenRefusal};
use crate::dropbox::world::World;
use crate::rules::Rule;
use crate::server::faults;
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::http::head::{basic, query_parameter};
use crate::server::http::problem::Problem;
use crate::server::receive::{self, BodyStream, collect};
use crate::wire::errors::link::PLACEHOLDER;
use crate::wire::oauth::{self, BadTokenRequest, CodeExchange};
use crate::wire::routes::{self, TOKEN};
use http::header::AUTHORIZATION;
use http::{Method, StatusCode};
use serde_json::Value;
use std::collections::BTreeSet;

pub async fn answer(exchange: &Exchange, body: BodyStream) -> Result<Answer, Problem> {
    exchange.record().route = Some(TOKEN);
    let body = collect(body, exchange.app().config.max_json_size)
        .await
        .map_err(|error| receive::client_left(exchange, &error))?;
    let Some(body) = body else {
        let refusal = BadTokenRequest::InvalidRequest("grant_type");
        return Ok(refuse(oauth::bad_request(refusal), "API-123"));
    };
    exchange.record_argument(&body);
    faults::apply_at(exchange, Phase::Head).await?;
    if *exchange.method() != Method::POST {
        let text = format!("{PLACEHOLDER}This endpoint takes POST.");
        return Ok(Answer::method_not_allowed("POST", text).with_rules(&[Rule::new("API-115")]));
    }
    let form = String::from_utf8_lossy(&body).into_owned();
    faults::apply_at(exchange, Phase::BeforeCommit).await?;
    let answer = issue(exchange, &form);
    faults::apply_at(exchange, Phase::AfterCommit).await?;
    Ok(answer)
}

fn issue(exchange: &Exchange, form: &str) -> Answer {
    // The JS SDK puts everything into the query.
    let field = |name: &str| {
        query_parameter(form, name)
            .or_else(|| exchange.query_parameter(name))
            .filter(|value| !value.is_empty())
    };
    let Some(grant_type) = field("grant_type") else {
        return refuse(
            oauth::bad_request(BadTokenRequest::InvalidRequest("grant_type")),
            "API-123",
        );
    };
    let (key, secret) = client(exchange, &field);
    let world = exchange.app().world();
    let mut credentials = world.credentials();
    if let Err(refusal) = credentials.check_client(&key, secret.as_deref()) {
        return refuse(oauth::refusal(&refusal), "API-122");
    }
    // A token ends by the clock of its account.
    let clock = &exchange.app().clock;
    match grant_type.as_str() {
        "refresh_token" => {
            let Some(token) = field("refresh_token") else {
                return refuse(
                    oauth::bad_request(BadTokenRequest::InvalidRequest("refresh_token")),
                    "API-123",
                );
            };
            let scopes = field("scope").map(|scopes| {
                scopes
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect::<BTreeSet<_>>()
            });
            let account = credentials.account_of_refresh_token(&token);
            let now = clock.now(Some(account));
            match credentials.refresh(&token, &key, scopes, now) {
                Ok(issued) => {
                    note(exchange, &issued);
                    success(
                        &oauth::refresh(&issued.access_token, ACCESS_TOKEN_LIFE.as_secs()),
                        "API-119",
                    )
                }
                Err(refusal) => refuse(oauth::refusal(&refusal), rule(&refusal)),
            }
        }
        "authorization_code" => {
            let Some(code) = field("code") else {
                return refuse(
                    oauth::bad_request(BadTokenRequest::InvalidRequest("code")),
                    "API-123",
                );
            };
            let (redirect_uri, verifier) = (field("redirect_uri"), field("code_verifier"));
            let shown = CodeUse {
                offline: field("token_access_type").is_some_and(|kind| kind == "offline"),
                redirect_uri: redirect_uri.as_deref(),
                verifier: verifier.as_deref(),
                with_secret: secret.is_some(),
            };
            let account = credentials.account_of_code(&code);
            let now = clock.now(Some(account));
            let exchanged = credentials.exchange_code(&code, &key, &shown, now);
            drop(credentials);
            match exchanged {
                Ok(issued) => {
                    note(exchange, &issued);
                    success(&code_exchange(world, &issued), "API-116")
                }
                Err(refusal) => refuse(oauth::refusal(&refusal), rule(&refusal)),
            }
        }
        _ => refuse(
            oauth::bad_request(BadTokenRequest::UnsupportedGrantType),
            "API-123",
        ),
    }
}

/// Key and secret: by HTTP Basic, or as fields (API-115).
fn client(
    exchange: &Exchange,
    field: &impl Fn(&str) -> Option<String>,
) -> (String, Option<String>) {
    let header = exchange
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let credentials = header
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    if let Some((key, secret)) = credentials.and_then(|(_, credentials)| basic(credentials.trim()))
    {
        return (key, Some(secret).filter(|secret| !secret.is_empty()));
    }
    (
        field("client_id").unwrap_or_default(),
        field("client_secret"),
    )
}

fn code_exchange(world: &World, issued: &Issued) -> Value {
    let account = world.account(&issued.account);
    let user_id = account.lock().user_id;
    oauth::code_exchange(&CodeExchange {
        user_id,
        access_token: &issued.access_token,
        expires_in: ACCESS_TOKEN_LIFE.as_secs(),
        scopes: scopes_of(issued),
        refresh_token: issued.refresh_token.as_deref(),
        account_id: account.account_id(),
    })
}

/// The scopes of a token by name.
pub fn scopes_of(issued: &Issued) -> Vec<&str> {
    match &issued.scopes {
        Some(scopes) => scopes.iter().map(String::as_str).collect(),
        None => routes::scopes().into_iter().collect(),
    }
}

fn note(exchange: &Exchange, issued: &Issued) {
    exchange.record().account = Some(std::sync::Arc::clone(&issued.account));
}

fn success(body: &Value, rule: &'static str) -> Answer {
    // The token endpoint calls its JSON by another name (API-116).
    Answer::new(
        StatusCode::OK,
        "text/javascript",
        crate::wire::print::python(body),
    )
    .with_rules(&[Rule::new(rule)])
}

fn refuse(body: Value, rule: &'static str) -> Answer {
    Answer::json(StatusCode::BAD_REQUEST, crate::wire::print::python(&body))
        .with_rules(&[Rule::new(rule)])
}

fn rule(refusal: &TokenRefusal) -> &'static str {
    match refusal {
        TokenRefusal::BadRefreshToken => "API-120",
        TokenRefusal::BadCode => "API-121",
        TokenRefusal::RedirectMismatch => "SH-157",
        TokenRefusal::BadVerifier => "SH-158",
        TokenRefusal::NoAuthFunction => "SH-160",
        TokenRefusal::BadClient { .. } => "API-122",
    }
}
