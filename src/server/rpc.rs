//! The RPC style: the argument is the body, the result too (API-06 to API-08).
//!
//! The order of the checks is that of AQ-03: method, host, token, Content-Type, JSON, schema,
//! scope, path root; then the route itself.

use super::answer::Answer;
use super::argument::Argument;
use super::exchange::Exchange;
use super::problem::Problem;
use super::receive::BodyStream;
use super::routes::{Handler, Row};
use super::style::{self, Admitted};

pub async fn answer(row: &'static Row, exchange: Exchange, body: BodyStream) -> Answer {
    style::answer(&exchange, run(row, &exchange, body).await)
}

async fn run(row: &'static Row, exchange: &Exchange, body: BodyStream) -> Result<Answer, Problem> {
    let Handler::Rpc(handler) = row.handler else {
        unreachable!("the filter lets only this style pass")
    };
    exchange.record().route = Some(row.name);
    let body = style::argument_body(exchange, body).await?;
    let arrived = style::arrive(exchange, row, || Argument::from_body(exchange, row, &body));
    let Admitted { caller, argument } = arrived.await?.admit(exchange, row)?;
    style::carry_out(exchange, &caller, Some(argument), handler).await
}
