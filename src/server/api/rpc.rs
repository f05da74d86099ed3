//! The RPC style: the argument is the body, the result too (API-06 to API-08).
//!
//! The order of the checks is that of AQ-03: method, host, token, Content-Type, JSON, schema,
//! scope, path root; then the route itself.

use crate::server::api::argument::Argument;
use crate::server::api::call::{self, Admitted};
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::http::problem::Problem;
use crate::server::receive::BodyStream;
use crate::server::routes::{Handler, Row};

pub async fn answer(row: &'static Row, exchange: Exchange, body: BodyStream) -> Answer {
    call::answer(&exchange, run(row, &exchange, body).await)
}

async fn run(row: &'static Row, exchange: &Exchange, body: BodyStream) -> Result<Answer, Problem> {
    let Handler::Rpc(handler) = row.handler else {
        unreachable!("the filter lets only this style pass")
    };
    exchange.record().route = Some(row.name);
    let body = call::argument_body(exchange, body).await?;
    let arrived = call::arrive(exchange, row, || Argument::from_body(exchange, row, &body));
    let Admitted { caller, argument } = arrived.await?.admit(exchange, row)?;
    call::carry_out(exchange, caller.as_ref(), Some(argument), handler).await
}
