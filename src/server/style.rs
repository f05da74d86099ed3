//! What the styles share.

use super::answer::Answer;
use super::app::App;
use super::argument::Argument;
use super::caller::{Shown, account_of};
use super::exchange::Exchange;
use super::origin::NamedHost;
use super::problem::Problem;
use super::receive::NotReceived;
use super::routes::{Handler, RouteHost, Row};
use crate::dropbox::assumptions::Assumptions;
use crate::dropbox::world::{Caller, World};
use crate::rules::Rule;
use crate::wire::errors::bad_input::BadInput;
use http::{Method, StatusCode};
use std::sync::Arc;

/// How a text begins that stands in for one that nobody has recorded.
pub const PLACEHOLDER: &str = crate::wire::errors::link::PLACEHOLDER;

/// The answer of a route.
pub fn answer(_row: &Row, exchange: &Exchange, result: Result<Answer, Problem>) -> Answer {
    result.unwrap_or_else(|problem| problem.into_answer(exchange.dots(), &assumptions(exchange)))
}

/// How the open questions are answered in the account that a request concerns.
pub fn assumptions(exchange: &Exchange) -> Arc<Assumptions> {
    let account = exchange.record().account.clone();
    let world = exchange.app().world();
    let known = account.and_then(|account| world.known_account(&account));
    Arc::clone(known.map_or(&world.assumptions, |account| &account.state.assumptions))
}

/// Notes whom and what a request concerns, as far as that is plain before anything was judged.
pub fn note_subject(exchange: &Exchange, shown: Option<&Shown>, argument: Option<&Argument>) {
    let account = shown.and_then(|shown| account_of(&mut exchange.app().world(), shown));
    let mut record = exchange.record();
    record.account = account;
    if let Some(Shown::Token(token)) = shown {
        record.token = Some(Arc::clone(token));
    }
    record.path = argument.and_then(Argument::path).map(str::to_owned);
}

/// Notes who calls.
pub fn note_caller(exchange: &Exchange, caller: &Caller) {
    if !caller.account.is_empty() {
        exchange.record().account = Some(Arc::clone(&caller.account));
    }
}

/// RPC and uploads are POST; downloads are GET, too (API-16). What Dropbox says to other methods
/// is not known (AQ-04).
pub fn check_method(exchange: &Exchange, row: &Row) -> Result<(), Problem> {
    let good = match row.handler {
        Handler::Download(_) => matches!(
            *exchange.method(),
            Method::POST | Method::GET | Method::HEAD
        ),
        _ => *exchange.method() == Method::POST,
    };
    if good {
        return Ok(());
    }
    let text = format!(
        "Error in call to API function \"{}\": {PLACEHOLDER}This function does not take {}.",
        row.name,
        exchange.method()
    );
    let answer = Answer::text(StatusCode::METHOD_NOT_ALLOWED, text).by(&[Rule::new("API-99")]);
    Err(Problem::Ready(Box::new(answer)))
}

/// Under Dropbox's own names, a route is only on its own host (API-64, API-97). Under any other
/// name everything is in one place.
pub fn check_host(exchange: &Exchange, row: &Row) -> Result<(), Problem> {
    let there = match exchange.named_host() {
        NamedHost::Any => return Ok(()),
        NamedHost::Api => row.host == RouteHost::Api,
        NamedHost::Content => row.host == RouteHost::Content,
        NamedHost::Notify => row.host == RouteHost::Notify,
        NamedHost::OtherDropbox => false,
    };
    if there {
        return Ok(());
    }
    if row.host == RouteHost::Notify {
        let answer = Answer::empty(StatusCode::NOT_FOUND).by(&[Rule::new("API-97")]);
        return Err(Problem::Ready(Box::new(answer)));
    }
    Err(Problem::bad_input(
        row.name,
        BadInput::WrongHost {
            host: row.host.name(),
        },
    ))
}

/// The client went away before its request was complete; nobody is there to answer.
pub fn client_left(exchange: &Exchange, error: &warp::Error) -> Problem {
    exchange.note_client_left();
    let note = format!("the client went away: {error}");
    Problem::Ready(Box::new(
        Answer::text(StatusCode::BAD_REQUEST, "").because(note),
    ))
}

/// An argument that does not fit into memory; no route of Dropbox's takes one.
pub fn argument_too_large(limit: usize) -> Problem {
    let detail = format!(
        "The argument is larger than {limit} bytes, the most that this server takes. Nothing was done."
    );
    Problem::Ready(Box::new(Answer::about_the_fake(
        StatusCode::PAYLOAD_TOO_LARGE,
        "argument too large",
        &detail,
    )))
}

/// A body that did not arrive; `None` where it was too large, which each route answers in its way.
pub fn not_received(exchange: &Exchange, error: NotReceived) -> Option<Problem> {
    match error {
        NotReceived::TooLarge(_) => None,
        NotReceived::Interrupted(error) => Some(client_left(exchange, &error)),
        NotReceived::Problem(problem) => Some(problem),
        NotReceived::Storage(error) => {
            tracing::error!(%error, "uploaded bytes could not be stored: the upload is answered with a 507 and nothing is kept");
            let detail = format!(
                "The bytes could not be stored on this machine: {error}. Nothing was kept."
            );
            let answer =
                Answer::about_the_fake(StatusCode::INSUFFICIENT_STORAGE, "storage failed", &detail);
            Some(Problem::Ready(Box::new(answer)))
        }
    }
}

/// How many changes the caller's account has seen.
pub fn position(world: &World, caller: &Caller) -> usize {
    world
        .known_account(&caller.account)
        .map_or(0, |account| account.state.tree.position())
}

/// Tells whoever waits that the account changed since `before`, if it did.
pub fn tell_changes(app: &App, world: &World, caller: &Caller, before: usize) {
    if position(world, caller) != before {
        app.changes.tell(&caller.account);
    }
}
