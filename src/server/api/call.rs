//! The steps of every API call: head, authentication, argument, authorization, commit.

use crate::control::faults::Phase;
use crate::dropbox::world::Caller;
use crate::rules::Rule;
use crate::server::api::argument::Argument;
use crate::server::api::caller::{
    PresentedCredentials, account_of, authenticate, authorize, check_path_root,
    presented_credentials,
};
use crate::server::faults;
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::http::problem::Problem;
use crate::server::routes::{Call, Reply};
use crate::wire::dialect::{BadInputText, Dialect};
use crate::wire::errors::bad_input::{BadInput, Style};
use crate::wire::routes::{self, HostKind, Route};
use crate::wire::value::Decoded;
use http::StatusCode;
use serde_json::Value;
use std::sync::Arc;
use tokio::runtime::{Handle, RuntimeFlavor};

/// A call whose head is good: method, host and token. Its argument is still to be judged.
#[derive(Debug)]
pub struct AuthenticatedCall {
    presented: PresentedCredentials,
    argument: Result<Argument, Problem>,
}

/// A call that may be carried out.
#[derive(Debug)]
pub struct AuthorizedCall {
    /// Who calls; nobody where no user has to say who he is.
    pub caller: Option<Caller>,
    /// What is asked.
    pub argument: Decoded,
}

/// The first half of what every call goes through, in the order of AQ-03: method, host, token.
pub async fn check_head(
    exchange: &Exchange,
    route: &'static Route,
    read: impl FnOnce() -> Result<Argument, Problem>,
) -> Result<AuthenticatedCall, Problem> {
    check_method(exchange, route)?;
    check_host(exchange, route)?;
    let presented = presented_credentials(exchange, route);
    let argument = read();
    record_subject(exchange, presented.as_ref().ok(), argument.as_ref().ok());
    faults::apply_at(exchange, Phase::Head).await?;
    let presented = presented?;
    let app = exchange.app();
    authenticate(app.world(), &app.clock, &presented)?;
    Ok(AuthenticatedCall {
        presented,
        argument,
    })
}

impl AuthenticatedCall {
    /// The second half: the argument, then scope and path root; but a path root comes before a path that
    /// is the root folder (API-279).
    pub fn authorize(
        self,
        exchange: &Exchange,
        route: &'static Route,
    ) -> Result<AuthorizedCall, Problem> {
        let argument = self
            .argument?
            .validate(exchange, route, &exchange.assumptions());
        let world = exchange.app().world();
        let argument = match argument {
            Ok(argument) => argument,
            Err(misfit) => {
                if misfit.is_about_the_root {
                    check_path_root(world, exchange, route, &self.presented)?;
                }
                return Err(misfit.problem);
            }
        };
        exchange.record().unused_fields = argument.without_effect();
        let caller = authorize(world, exchange, route, &self.presented)?;
        if let Some(caller) = &caller {
            exchange.record().account = Some(Arc::clone(caller.account.name()));
        }
        Ok(AuthorizedCall { caller, argument })
    }
}

/// Notes whom and what a request concerns, as far as that is plain before anything was judged.
fn record_subject(
    exchange: &Exchange,
    presented: Option<&PresentedCredentials>,
    argument: Option<&Argument>,
) {
    let account = presented.and_then(|presented| account_of(exchange.app().world(), presented));
    let mut record = exchange.record();
    record.account = account;
    if let Some(PresentedCredentials::Token(token)) = presented {
        record.token = Some(Arc::clone(token));
    }
    record.path = argument.and_then(Argument::path).map(str::to_owned);
}

/// RPC and uploads are POST; downloads are GET, too (API-16). What Dropbox says to other methods
/// is not known (AQ-04).
pub fn check_method(exchange: &Exchange, route: &Route) -> Result<(), Problem> {
    let methods = match route.style {
        Style::Download => "GET, HEAD, POST",
        _ => "POST",
    };
    if methods
        .split(", ")
        .any(|method| method == exchange.method())
    {
        return Ok(());
    }
    let words = format!("This function does not take {}.", exchange.method());
    let text = BadInputText::unseen(route.name, &words).print(exchange.dialect());
    let answer = Answer::method_not_allowed(methods, text).with_rules(&[Rule::new("API-99")]);
    Err(Problem::Ready(Box::new(answer)))
}

/// Under Dropbox's own names, a route is only on its own host (API-64, API-97). Under any other
/// name everything is in one place.
pub fn check_host(exchange: &Exchange, route: &Route) -> Result<(), Problem> {
    let named = HostKind::named(exchange.origin().host());
    if named.is_none_or(|host| host == route.host) {
        return Ok(());
    }
    if route.host == HostKind::Notify {
        let answer = Answer::empty(StatusCode::NOT_FOUND).with_rules(&[Rule::new("API-97")]);
        return Err(Problem::Ready(Box::new(answer)));
    }
    Err(Problem::bad_input(
        route.name,
        BadInput::WrongHost {
            host: route.host.name(),
        },
    ))
}

/// Carries a call out: the one step that changes the account, between the places where a test can let
/// something go wrong.
pub async fn carry_out(
    exchange: &Exchange,
    caller: Option<&Caller>,
    argument: Option<Decoded>,
    step: impl FnOnce(&mut Call<'_>) -> Reply,
) -> Result<Answer, Problem> {
    faults::apply_at(exchange, Phase::BeforeCommit).await?;
    let step = || step(&mut Call::new(exchange, caller, argument));
    let value = if can_be_long(exchange) {
        tokio::task::block_in_place(step)
    } else {
        step()
    }?;
    faults::apply_at(exchange, Phase::AfterCommit).await?;
    let text = spelled(exchange, value, Dialect::body);
    Ok(Answer::json(StatusCode::OK, text).with_rules(&exchange.record().rules))
}

/// A result as the account's dialect has it, printed for a body or for a header.
pub fn spelled(exchange: &Exchange, value: Value, print: fn(Dialect, &Value) -> String) -> String {
    let assumptions = exchange.assumptions();
    let route = exchange.record().route.unwrap_or_default();
    let dialect = exchange.dialect_of(&assumptions).of_results(route);
    print(dialect, &dialect.result(&assumptions, route, value))
}

/// Whether the step can take a whole folder, and there are other threads that the requests waiting
/// behind it can go to: on the one that does it nothing else comes to its turn.
fn can_be_long(exchange: &Exchange) -> bool {
    let route = exchange.record().route.and_then(routes::find);
    route.is_some_and(|route| route.takes_a_folder)
        && Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread
}
