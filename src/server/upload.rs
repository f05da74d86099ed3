//! The upload style: the argument is in a header, the body is content (API-09 to API-13), with a length
//! or in chunks (API-12).

use super::answer::Answer;
use super::argument::{Argument, check_content_type_of_content};
use super::exchange::Exchange;
use super::problem::Problem;
use super::receive::{BodyStream, Receiving, receive};
use super::routes::{Call, Handler, Incoming, Row};
use super::style::{self, Admitted};

pub async fn answer(row: &'static Row, exchange: Exchange, body: BodyStream) -> Answer {
    style::answer(&exchange, run(row, &exchange, body).await)
}

async fn run(row: &'static Row, exchange: &Exchange, body: BodyStream) -> Result<Answer, Problem> {
    let Handler::Upload(prepare) = row.handler else {
        unreachable!("the filter lets only this style pass")
    };
    let app = exchange.app();
    exchange.record().route = Some(row.name);
    let arrived = style::arrive(exchange, row, || Argument::from_head(exchange, row)).await?;
    check_content_type_of_content(exchange, row)?;
    let Admitted { caller, argument } = arrived.admit(exchange, row)?;
    let limit = app.config.max_upload_size;
    let (hasher, then) = prepare(&mut Call {
        world: &mut app.world(),
        caller: &caller,
        now: exchange.now(),
        exchange,
        upload_limit: limit,
        argument: Some(argument),
    })?;
    let incoming = match receive(
        exchange,
        body,
        Receiving {
            hasher,
            limit,
            sha256: false,
        },
    )
    .await
    {
        Ok(received) => Incoming::Bytes(Box::new(received)),
        Err(error) => match style::not_received(exchange, error) {
            Some(problem) => return Err(problem),
            None => Incoming::TooLarge,
        },
    };
    style::carry_out(exchange, &caller, None, |call| then(call, incoming)).await
}
