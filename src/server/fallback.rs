//! What is not there, said so that nobody can take it for Dropbox's word.

use crate::dropbox::assumptions::UnknownRoute;
use crate::rules::Rule;
use crate::server::faults;
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::http::problem::Problem;
use crate::server::http::{AUTHORITY_REPLACED, CONTROL_PREFIX};
use crate::server::receive::{BodyStream, collect};
use crate::wire::errors::bad_input::BadInput;
use crate::wire::routes::{HostKind, not_faked};
use http::{Method, StatusCode};

/// The largest argument that is written down of a route that is not faked, in bytes.
const MOST_OF_AN_ARGUMENT: usize = 1 << 20;

/// The answer to a request that no route takes.
pub async fn answer(exchange: &Exchange, body: BodyStream) -> Result<Answer, Problem> {
    let path = exchange.path();
    if let Some(name) = path.strip_prefix("/2/").filter(|name| !name.is_empty()) {
        let Some(route) = not_faked(name) else {
            return Ok(unknown_route(exchange, name));
        };
        record_caller(exchange);
        if let Some(stubbed) = faults::stub(exchange, route).await {
            if let Ok(Some(argument)) = collect(body, MOST_OF_AN_ARGUMENT).await {
                exchange.record_argument(&argument);
            }
            let answer = stubbed.into_answer(exchange);
            return Ok(answer.with_header("x-fake-dropbox", "stub"));
        }
        return Ok(said_not_faked(exchange, route));
    }
    // Programs ask for the front page to see whether they are online.
    if path == "/" && matches!(*exchange.method(), Method::GET | Method::HEAD) {
        return Ok(welcome(exchange));
    }
    let detail = format!(
        "No such route: {} {}. Nothing was changed.",
        exchange.method(),
        exchange.shown_path()
    );
    Ok(Answer::about_the_fake(
        StatusCode::NOT_FOUND,
        "not here",
        &detail,
    ))
}

/// Notes whose access token the request shows, so that rules for an account find it.
fn record_caller(exchange: &Exchange) {
    let header = exchange.header("authorization").unwrap_or_default();
    let Some(("Bearer", token)) = header.split_once(' ') else {
        return;
    };
    let account = exchange.app().world().account_of_token(token.trim());
    let mut record = exchange.record();
    record.account = account;
    record.token = Some(token.trim().into());
}

fn said_not_faked(exchange: &Exchange, route: &str) -> Answer {
    let detail = format!(
        "{route} is a route of Dropbox that this fake does not have. Nothing was done. A test can write its answer: \
         POST {CONTROL_PREFIX}v1/faults {{\"match\":{{\"route\":\"{route}\"}},\"phase\":\"head\",\"action\":{{\"answer\":{{\"custom\":\
         {{\"status\":200,\"json\":{{}}}}}}}},\"times\":\"unlimited\"}}"
    );
    tracing::warn!(route = exchange.shown_path(), method = %exchange.method(), "not faked: answered with a 501");
    Answer::about_the_fake(StatusCode::NOT_IMPLEMENTED, "not faked", &detail)
}

fn unknown_route(exchange: &Exchange, route: &str) -> Answer {
    tracing::warn!(route = exchange.shown_path(), method = %exchange.method(), "Dropbox has no such route");
    let text = BadInput::UnknownRoute.text(route).print(exchange.dialect());
    let status = match exchange.assumptions().unknown_route {
        UnknownRoute::BadRequest => StatusCode::BAD_REQUEST,
        UnknownRoute::NotFound => StatusCode::NOT_FOUND,
    };
    Answer::text(status, text).with_rules(&[Rule::new("API-63")])
}

fn welcome(exchange: &Exchange) -> Answer {
    let origin = exchange.origin();
    let replaced = exchange.app().config.authority_replaced.as_ref();
    let replaced = replaced.map(|why| format!("{AUTHORITY_REPLACED}{why}\n"));
    let text = format!(
        "This is fake-dropbox {}, a Dropbox for tests.\n\nSee what happens, in a browser: {base}/_fake/\n\nMint a temporary upload link:\n\n  \
         curl -X POST {base}/2/files/get_temporary_upload_link -H 'Authorization: Bearer test' \
         -H 'Content-Type: application/json' -d '{{\"commit_info\":{{\"path\":\"/hello.txt\"}}}}'\n\n\
         and POST a file to it once, with Content-Type: application/octet-stream.\n\
         Links begin with {links}/\nLet an app in, in a browser: {site}/oauth2/authorize?response_type=code&client_id=APP\n{replaced}",
        env!("CARGO_PKG_VERSION"),
        links = exchange.link_base(),
        site = exchange.link_base_at(HostKind::Www),
        replaced = replaced.unwrap_or_default(),
        base = format_args!("{}://{}", origin.scheme.as_str(), origin.authority),
    );
    let mut answer = Answer::text(StatusCode::OK, text);
    answer.impersonates_dropbox = false;
    answer
}
