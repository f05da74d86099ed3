//! The RPC style: the argument is the body, the result too (API-06 to API-08).
//!
//! The order of the checks is that of AQ-03: method, host, token, Content-Type, JSON, schema,
//! scope, path root; then the route itself.

use crate::server::api::argument::Argument;
use crate::server::api::call::{self, AuthorizedCall};
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::http::problem::Problem;
use crate::server::receive::{self, BodyStream};
use crate::server::routes::{Call, Reply};
use crate::wire::routes::Route;

pub async fn answer(
    route: &'static Route,
    handler: fn(&mut Call<'_>) -> Reply,
    exchange: &Exchange,
    body: BodyStream,
) -> Result<Answer, Problem> {
    let body = receive::argument_body(exchange, body).await?;
    let arrived = call::check_head(exchange, route, || {
        Argument::from_body(exchange, route, &body)
    });
    let AuthorizedCall { caller, argument } = arrived.await?.authorize(exchange, route)?;
    call::carry_out(exchange, caller.as_ref(), Some(argument), handler).await
}
