//! The RPC style: the argument is the body, the result too (API-06 to API-08).
//!
//! The order of the checks is that of AQ-03: method, host, token, Content-Type, JSON, schema,
//! scope, path root; then the route itself.

use super::answer::Answer;
use super::argument::Argument;
use super::caller::{authenticate, authorize, shown};
use super::exchange::{Exchange, Point};
use super::problem::Problem;
use super::receive::{BodyStream, collect};
use super::routes::{Call, Handler, Row};
use super::style;
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
    let limit = app.config.max_json_size;
    let body = collect(body, limit)
        .await
        .map_err(|error| style::client_left(exchange, &error))?;
    let body = body.ok_or_else(|| style::argument_too_large(limit))?;
    exchange.note_argument(&body);
    style::check_method(exchange, row)?;
    style::check_host(exchange, row)?;
    let shown = shown(exchange, row);
    let argument = Argument::from_body(exchange, row, &body);
    style::note_subject(exchange, shown.as_ref().ok(), argument.as_ref().ok());
    exchange.reach(Point::Head).await?;
    let shown = shown?;
    authenticate(&mut app.world(), &app.clock, &shown)?;
    let argument = argument?;
    let decoded = argument.validate(row, &style::assumptions(exchange))?;
    exchange.record().unused_fields = decoded.without_effect();
    let caller = authorize(&mut app.world(), exchange, row, &shown)?;
    style::note_caller(exchange, &caller);
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
            argument: Some(decoded),
        };
        let result = handler(&mut call);
        style::tell_changes(app, &world, &caller, before);
        result
    };
    let value = result?;
    exchange.reach(Point::AfterCommit).await?;
    Ok(Answer::json(StatusCode::OK, &value).by(&exchange.record().rules))
}
