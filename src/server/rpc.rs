//! The RPC style: the argument is the body, the result too (API-06 to API-08).
//!
//! The order of the checks is that of AQ-03: method, host, token, Content-Type, JSON, schema,
//! scope, path root; then the route itself.

use super::answer::Answer;
use super::argument::Argument;
use super::exchange::{Exchange, Point};
use super::problem::Problem;
use super::receive::BodyStream;
use super::routes::{Call, Handler, Row};
use super::style::{self, Admitted};
use http::StatusCode;

/// Answers a call.
pub async fn answer(row: &'static Row, exchange: Exchange, body: BodyStream) -> Answer {
    style::answer(row, &exchange, run(row, &exchange, body).await)
}

async fn run(row: &'static Row, exchange: &Exchange, body: BodyStream) -> Result<Answer, Problem> {
    let Handler::Rpc(handler) = row.handler else {
        unreachable!("the filter lets only this style pass")
    };
    let app = exchange.app();
    exchange.record().route = Some(row.name);
    let body = style::argument_body(exchange, body).await?;
    let arrived = style::arrive(exchange, row, || Argument::from_body(exchange, row, &body));
    let Admitted { caller, argument } = arrived.await?.admit(exchange, row)?;
    exchange.reach(Point::BeforeCommit).await?;
    let result = {
        let mut world = app.world();
        let before = style::position(&world, &caller);
        let now = exchange.now();
        let mut call = Call {
            world: &mut world,
            caller: &caller,
            now,
            exchange,
            upload_limit: app.config.max_upload_size,
            argument: Some(argument),
        };
        let result = handler(&mut call);
        style::tell_changes(app, &world, &caller, before);
        result
    };
    let value = result?;
    exchange.reach(Point::AfterCommit).await?;
    Ok(Answer::json(StatusCode::OK, &value).by(&exchange.record().rules))
}
