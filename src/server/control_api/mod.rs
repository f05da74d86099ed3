//! The controls over HTTP: JSON under `/_fake/v1`, one row of the table of operations for each
//! method and path.
//!
//! Only this machine, or whoever shows the control token, may call; no web page but our own may.

mod arguments;
mod events;
mod guard;
#[cfg(feature = "openapi")]
mod openapi;

use crate::control::journal::document;
use crate::control::operations::journal::ReadJournal;
use crate::control::operations::links::ReadLink;
use crate::control::operations::{ControlError, ErrorKind, Operation as _, Row, content, table};
use crate::control::scope::Scope;
use crate::rules::{explain, unknown_rule};
use crate::server::http::answer::Answer;
use crate::server::http::content as body;
use crate::server::http::exchange::Exchange;
use crate::server::receive::{BodyStream, collect};
use futures_util::StreamExt;
use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::Value;

#[cfg(feature = "page")]
#[cfg(feature = "page")]
pub use guard::check_page;
pub use guard::{CONTROL_TOKEN_HEADER, PAGE_SECRET_HEADER};
#[cfg(feature = "openapi")]
pub use openapi::document;

pub const PREFIX: &str = "/_fake/v1";
/// Where the description of all this is, behind the prefix.
pub const OPENAPI: &str = "/openapi.json";
/// Where to follow what happens, behind the prefix.
pub const EVENTS: &str = "/events";
/// Where an upload link is shown, behind the prefix.
pub const REVEAL: &str = "/links/reveal";
/// Where the bytes of a file are, behind the prefix.
pub const CONTENT: &str = "/files/content";
/// Where the journal is as text, one line for each request, behind the prefix.
pub const JOURNAL_TEXT: &str = "/journal.txt";
/// Where it is as one page that needs no server.
pub const JOURNAL_HTML: &str = "/journal.html";
/// Where a rule is explained, behind the prefix; its id follows.
pub const RULES: &str = "/rules/";
/// Where the certificate is that clients have to trust, from the root.
pub const AUTHORITY: &str = "/_fake/v1/ca.pem";
/// The largest argument in bytes.
const MAX_ARGUMENT: usize = 32 << 20;

pub async fn answer(exchange: Exchange, body: BodyStream) -> Answer {
    let result = run(&exchange, body).await;
    result.unwrap_or_else(|answer| *answer)
}

async fn run(exchange: &Exchange, body: BodyStream) -> Result<Answer, Box<Answer>> {
    // Every TLS client is shown it, so everybody may have it.
    if exchange.path() == AUTHORITY && *exchange.method() == Method::GET {
        return Ok(authority(exchange));
    }
    guard::check(exchange)?;
    let path = exchange
        .path()
        .strip_prefix(PREFIX)
        .unwrap_or_default()
        .trim_end_matches('/');
    match path {
        OPENAPI if *exchange.method() == Method::GET => description(),
        _ if *exchange.method() == Method::GET && path.starts_with(RULES) => {
            explanation(&path[RULES.len()..])
        }
        JOURNAL_TEXT | JOURNAL_HTML if *exchange.method() == Method::GET => {
            journal_for_people(exchange, path).await
        }
        CONTENT => bytes_of_a_file(exchange, body).await,
        EVENTS if *exchange.method() == Method::GET => events::answer(exchange).map_err(refused),
        REVEAL if *exchange.method() == Method::POST => reveal(exchange, body).await,
        _ => operation(exchange, find(exchange.method(), path)?, body).await,
    }
}

#[cfg(feature = "openapi")]
#[expect(
    clippy::unnecessary_wraps,
    reason = "without the feature there is none"
)]
fn description() -> Result<Answer, Box<Answer>> {
    let mut answer = Answer::new(StatusCode::OK, "application/json", document().to_string());
    answer.impersonates_dropbox = false;
    Ok(answer.with_header("x-fake-dropbox", "control"))
}

#[cfg(not(feature = "openapi"))]
fn description() -> Result<Answer, Box<Answer>> {
    let detail = "This fake was built without the feature 'openapi' of the crate fake-dropbox, so it has no description of its controls; they answer all the same. Turn the feature on, or read the description on a server that the program runs.";
    Err(Box::new(Answer::about_the_fake(
        StatusCode::NOT_FOUND,
        "no description",
        detail,
    )))
}

/// The entries that meet the conditions of the query, as text or as a page.
async fn journal_for_people(exchange: &Exchange, path: &str) -> Result<Answer, Box<Answer>> {
    let scope = arguments::scope(exchange).map_err(refused)?;
    let row = find(&Method::GET, ReadJournal::PATH)?;
    let argument = arguments::from_query(exchange, row).map_err(refused)?;
    let query = serde_json::from_value(argument);
    let query = query.map_err(|error| {
        let detail = format!("{error}; the conditions are those of {PREFIX}{}.", row.path);
        refused(ControlError::new(ErrorKind::BadArgument, detail))
    })?;
    let controls = exchange.app().controls_over_http();
    let found = ReadJournal(query).run(controls, &scope).await;
    let entries = found.map_err(refused)?.entries;
    let (media_type, text) = match path {
        JOURNAL_TEXT => ("text/plain; charset=utf-8", document::text(&entries)),
        _ => ("text/html; charset=utf-8", document::html(&entries)),
    };
    let mut answer = Answer::new(StatusCode::OK, media_type, text);
    answer.impersonates_dropbox = false;
    let answer = answer.with_header("x-fake-dropbox", "control");
    // It shows what strangers sent, and it has no business here but to be read.
    Ok(answer.with_header(
        "content-security-policy",
        "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    ))
}

/// What is known of a rule or an open question.
fn explanation(asked: &str) -> Result<Answer, Box<Answer>> {
    let explained = explain(asked).map(|explanation| json(&explanation));
    explained.ok_or_else(|| refused(ControlError::not_found(unknown_rule(asked))))
}

/// The certificate of the authority.
fn authority(exchange: &Exchange) -> Answer {
    let Some(pem) = &exchange.app().config.authority_pem else {
        let detail = "This server was started without TLS: there is no certificate to trust.";
        return Answer::about_the_fake(StatusCode::NOT_FOUND, "no TLS", detail);
    };
    let mut answer = Answer::new(StatusCode::OK, "application/x-pem-file", pem.clone());
    answer.impersonates_dropbox = false;
    answer
}

fn find(method: &Method, path: &str) -> Result<&'static Row, Box<Answer>> {
    let there: Vec<&Row> = table().iter().filter(|row| row.path == path).collect();
    if let Some(row) = there.iter().find(|row| *method == *row.method) {
        return Ok(*row);
    }
    let problem = |status, title, detail: String| Answer::about_the_fake(status, title, &detail);
    if there.is_empty() {
        let detail = format!(
            "There is no operation at {PREFIX}{path}. GET {PREFIX}{OPENAPI} describes those there are."
        );
        let problem = problem(StatusCode::NOT_FOUND, "no such operation", detail);
        return Err(Box::new(problem));
    }
    let methods: Vec<&str> = there.iter().map(|row| row.method).collect();
    let detail = format!(
        "{PREFIX}{path} takes {}, not {method}.",
        methods.join(" and ")
    );
    let problem = problem(StatusCode::METHOD_NOT_ALLOWED, "wrong method", detail);
    Err(Box::new(problem.with_header("allow", &methods.join(", "))))
}

async fn operation(
    exchange: &Exchange,
    row: &'static Row,
    body: BodyStream,
) -> Result<Answer, Box<Answer>> {
    let scope = arguments::scope(exchange).map_err(refused)?;
    let argument = if row.takes_query() {
        arguments::from_query(exchange, row)
    } else {
        argument_in_body(exchange, body).await
    };
    let argument = argument.map_err(refused)?;
    let controls = exchange.app().controls_over_http();
    let running = row.run(controls, &scope, argument);
    let done = tokio::select! {
        biased;
        done = running => done,
        // Nobody is there to be told what was waited for.
        () = exchange.facts().presence.gone() => {
            Err(ControlError::new(ErrorKind::TimedOut, "The caller went away."))
        }
        // Whoever waits for something comes to an end with the server.
        () = exchange.app().stopped() => {
            Err(ControlError::new(ErrorKind::TimedOut, "The server stops."))
        }
    };
    done.map(|value| json(&value)).map_err(refused)
}

/// `GET` gives the bytes of a file, `PUT` writes them.
async fn bytes_of_a_file(exchange: &Exchange, body: BodyStream) -> Result<Answer, Box<Answer>> {
    let scope = arguments::scope(exchange).map_err(refused)?;
    let path = arguments::only(exchange, "path").map_err(refused)?;
    let controls = exchange.app().controls_over_http();
    match *exchange.method() {
        Method::GET => {
            let file = content::file(controls, &scope, &path).map_err(refused)?;
            let answer = body::answer(exchange, &file, "application/octet-stream");
            let mut answer = answer.map_err(|_| {
                Box::new(Answer::about_the_fake(
                    StatusCode::RANGE_NOT_SATISFIABLE,
                    "no such range",
                    &content::no_such_range(&file).detail,
                ))
            })?;
            answer.impersonates_dropbox = false;
            Ok(answer.with_header("x-fake-dropbox", "control"))
        }
        Method::PUT => {
            let pieces = body.map(|piece| piece.map_err(std::io::Error::other));
            let written = content::write(controls, &scope, &path, pieces).await;
            written.map(|status| json(&status)).map_err(refused)
        }
        _ => {
            let detail = format!(
                "{PREFIX}{CONTENT} takes GET and PUT, not {}.",
                exchange.method()
            );
            let status = StatusCode::METHOD_NOT_ALLOWED;
            let problem = Answer::about_the_fake(status, "wrong method", &detail);
            Err(Box::new(problem.with_header("allow", "GET, PUT")))
        }
    }
}

/// The whole of a link, which is a secret: for this machine only.
async fn reveal(exchange: &Exchange, body: BodyStream) -> Result<Answer, Box<Answer>> {
    if guard::check_is_near(exchange).is_err() {
        let detail = "A whole link is a secret: it is shown to whoever asks on the machine of the server, under one of its own names such as localhost, and to nobody else, whatever token they show.";
        let status = StatusCode::FORBIDDEN;
        let refusal = Answer::about_the_fake(status, "not from elsewhere", detail);
        return Err(Box::new(refusal));
    }
    let scope = arguments::scope(exchange).map_err(refused)?;
    let argument = argument_in_body(exchange, body).await.map_err(refused)?;
    let read: ReadLink = serde_json::from_value(argument).map_err(|error| {
        let detail = format!(
            "The argument is not right: {error}. One that is right: {{\"link\":\"link:1\"}}."
        );
        refused(ControlError::new(ErrorKind::BadArgument, detail))
    })?;
    let link = read.reveal(exchange.app().controls_over_http(), &scope);
    let link = link.map_err(refused)?;
    let origin = exchange.origin();
    let url = format!(
        "{}://{}{}/apitul/1/{}",
        origin.scheme.as_str(),
        origin.authority,
        origin.prefix,
        link.expose()
    );
    Ok(json(&serde_json::json!({ "url": url })))
}

async fn argument_in_body(exchange: &Exchange, body: BodyStream) -> Result<Value, ControlError> {
    let body = collect(body, MAX_ARGUMENT).await;
    let body = body.map_err(|error| {
        ControlError::new(
            ErrorKind::BadArgument,
            format!("The argument broke off: {error}."),
        )
    })?;
    arguments::from_body(exchange, body.as_deref())
}

fn json(value: &impl Serialize) -> Answer {
    let mut text = serde_json::to_string_pretty(value).expect("answers are plain data");
    text.push('\n');
    let mut answer = Answer::new(StatusCode::OK, "application/json", text);
    answer.impersonates_dropbox = false;
    answer.with_header("x-fake-dropbox", "control")
}

fn refused(error: ControlError) -> Box<Answer> {
    let status = StatusCode::from_u16(error.kind.status()).expect("the kinds have statuses");
    Box::new(Answer::about_the_fake(
        status,
        error.kind.title(),
        &error.detail,
    ))
}

/// What a name in `?account=` or in an authorization means.
fn account_scope(name: &str) -> Scope {
    Scope::account(name)
}
