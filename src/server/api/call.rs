//! What the styles share.

use crate::dropbox::assumptions::Assumptions;
use crate::dropbox::world::Caller;
use crate::rules::Rule;
use crate::server::api::argument::Argument;
use crate::server::api::caller::{Shown, account_of, authenticate, authorize, shown};
use crate::server::http::answer::Answer;
use crate::server::http::exchange::{Exchange, Point};
use crate::server::http::origin::NamedHost;
use crate::server::http::problem::Problem;
use crate::server::receive::{BodyStream, NotReceived, collect};
use crate::server::routes::{Call, Handler, Reply, RouteHost, Row};
use crate::wire::errors::bad_input::BadInput;
use crate::wire::value::Decoded;
use bytes::Bytes;
use http::StatusCode;
use std::sync::Arc;

/// How a text begins that stands in for one that nobody has recorded.
pub const PLACEHOLDER: &str = crate::wire::errors::link::PLACEHOLDER;

pub fn answer(exchange: &Exchange, result: Result<Answer, Problem>) -> Answer {
    result.unwrap_or_else(|problem| problem.into_answer(exchange.dots(), &assumptions(exchange)))
}

/// How the open questions are answered in the account that a request concerns.
pub fn assumptions(exchange: &Exchange) -> Arc<Assumptions> {
    let account = exchange.record().account.clone();
    let world = exchange.app().world();
    match account.and_then(|account| world.known_account(&account)) {
        Some(account) => Arc::clone(&account.lock().state.assumptions),
        None => Arc::clone(&world.defaults().assumptions),
    }
}

/// A call whose head is good: method, host and token. Its argument is still to be judged.
#[derive(Debug)]
pub struct Arrived {
    shown: Shown,
    argument: Result<Argument, Problem>,
}

/// A call that may be carried out.
#[derive(Debug)]
pub struct Admitted {
    /// Who calls; nobody where no user has to say who he is.
    pub caller: Option<Caller>,
    /// What is asked.
    pub argument: Decoded,
}

/// The first half of what every call goes through, in the order of AQ-03: method, host, token.
pub async fn arrive(
    exchange: &Exchange,
    row: &'static Row,
    read: impl FnOnce() -> Result<Argument, Problem>,
) -> Result<Arrived, Problem> {
    check_method(exchange, row)?;
    check_host(exchange, row)?;
    let shown = shown(exchange, row);
    let argument = read();
    note_subject(exchange, shown.as_ref().ok(), argument.as_ref().ok());
    exchange.reach(Point::Head).await?;
    let shown = shown?;
    let app = exchange.app();
    authenticate(app.world(), &app.clock, &shown)?;
    Ok(Arrived { shown, argument })
}

impl Arrived {
    /// The second half: the argument, then scope and path root.
    pub fn admit(self, exchange: &Exchange, row: &'static Row) -> Result<Admitted, Problem> {
        let argument = self.argument?.validate(row, &assumptions(exchange))?;
        exchange.record().unused_fields = argument.without_effect();
        let caller = authorize(exchange.app().world(), exchange, row, &self.shown)?;
        if let Some(caller) = &caller {
            exchange.record().account = Some(Arc::clone(caller.account.name()));
        }
        Ok(Admitted { caller, argument })
    }
}

/// The body of a call whose argument it is.
pub async fn argument_body(exchange: &Exchange, body: BodyStream) -> Result<Bytes, Problem> {
    let limit = exchange.app().config.max_json_size;
    let body = collect(body, limit)
        .await
        .map_err(|error| client_left(exchange, &error))?;
    let body = body.ok_or_else(|| argument_too_large(limit))?;
    exchange.note_argument(&body);
    Ok(body)
}

/// Notes whom and what a request concerns, as far as that is plain before anything was judged.
fn note_subject(exchange: &Exchange, shown: Option<&Shown>, argument: Option<&Argument>) {
    let account = shown.and_then(|shown| account_of(exchange.app().world(), shown));
    let mut record = exchange.record();
    record.account = account;
    if let Some(Shown::Token(token)) = shown {
        record.token = Some(Arc::clone(token));
    }
    record.path = argument.and_then(Argument::path).map(str::to_owned);
}

/// RPC and uploads are POST; downloads are GET, too (API-16). What Dropbox says to other methods
/// is not known (AQ-04).
pub fn check_method(exchange: &Exchange, row: &Row) -> Result<(), Problem> {
    let methods = match row.handler {
        Handler::Download(_) => "GET, HEAD, POST",
        _ => "POST",
    };
    if methods
        .split(", ")
        .any(|method| method == exchange.method())
    {
        return Ok(());
    }
    let text = format!(
        "Error in call to API function \"{}\": {PLACEHOLDER}This function does not take {}.",
        row.name,
        exchange.method()
    );
    let answer = Answer::method_not_allowed(methods, text).by(&[Rule::new("API-99")]);
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
fn argument_too_large(limit: usize) -> Problem {
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

/// Carries a call out: the one step that changes the account, between the places where a test can let
/// something go wrong.
pub async fn carry_out(
    exchange: &Exchange,
    caller: Option<&Caller>,
    argument: Option<Decoded>,
    step: impl FnOnce(&mut Call<'_>) -> Reply,
) -> Result<Answer, Problem> {
    exchange.reach(Point::BeforeCommit).await?;
    let value = step(&mut Call::new(exchange, caller, argument))?;
    exchange.reach(Point::AfterCommit).await?;
    Ok(Answer::json(StatusCode::OK, &value).by(&exchange.record().rules))
}
