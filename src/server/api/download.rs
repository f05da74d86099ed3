//! The download style: the argument is in a header, the answer is content (API-15 to API-19).

use crate::dropbox::tree::File;
use crate::rules::Rule;
use crate::server::api::argument::{Argument, check_content_type_of_content};
use crate::server::api::call::{self, AuthorizedCall};
use crate::server::http::answer::Answer;
use crate::server::http::content;
use crate::server::http::exchange::Exchange;
use crate::server::http::problem::Problem;
use crate::server::receive::{self, BodyStream, collect};
use crate::server::routes::Call;
use crate::wire::dialect::Dialect;
use crate::wire::errors::bad_input::BadInput;
use crate::wire::errors::{Spell, Spelled};
use crate::wire::routes::Route;
use serde_json::Value;

/// How many bytes of a body that must not be there come back in the refusal.
const LONGEST_ECHO: usize = 1000;

pub async fn answer(
    route: &'static Route,
    handler: fn(&mut Call<'_>) -> Result<(Value, File), Problem>,
    exchange: &Exchange,
    body: BodyStream,
) -> Result<Answer, Problem> {
    let arrived =
        call::check_head(exchange, route, || Argument::from_head(exchange, route)).await?;
    check_content_type_of_content(exchange, route)?;
    let body = collect(body, LONGEST_ECHO)
        .await
        .map_err(|error| receive::client_left(exchange, &error))?;
    let body = body.as_deref().map(String::from_utf8_lossy);
    // What is said of a longer one nobody has seen.
    let body = body.as_deref().unwrap_or("...");
    if !body.is_empty() {
        return Err(Problem::bad_input(
            route.name,
            BadInput::BodyNotEmpty { body },
        ));
    }
    let AuthorizedCall { caller, argument } = arrived.authorize(exchange, route)?;
    let (metadata, file) = handler(&mut Call::new(exchange, caller.as_ref(), Some(argument)))?;
    let rules = exchange.record().rules.clone();
    match content::answer(exchange, &file, "application/octet-stream") {
        Ok(answer) if answer.impersonates_dropbox => Ok(answer
            .with_header(
                "dropbox-api-result",
                &call::spelled(exchange, metadata, Dialect::header),
            )
            .with_rules(&rules)),
        Ok(answer) => Ok(answer),
        Err(_) => Err(Problem::endpoint(RangeNotSatisfiable, Rule::new("API-19"))),
    }
}

/// The first range is not there: an error whose summary holds `range/not_satisfiable` (API-19).
struct RangeNotSatisfiable;

impl Spell for RangeNotSatisfiable {
    fn spell(&self) -> Spelled {
        Spelled::union("range", &NotSatisfiable)
    }
}

struct NotSatisfiable;

impl Spell for NotSatisfiable {
    fn spell(&self) -> Spelled {
        Spelled::tag("not_satisfiable")
    }
}
