//! The upload style: the argument is in a header, the body is content (API-09 to API-13), with a length
//! or in chunks (API-12).

use crate::server::api::argument::{Argument, check_content_type_of_content};
use crate::server::api::call::{self, Admitted};
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::http::problem::Problem;
use crate::server::receive::{BodyStream, Receiving, receive};
use crate::server::routes::{Call, Handler, Incoming, Row};

pub async fn answer(row: &'static Row, exchange: Exchange, body: BodyStream) -> Answer {
    call::answer(&exchange, run(row, &exchange, body).await)
}

async fn run(row: &'static Row, exchange: &Exchange, body: BodyStream) -> Result<Answer, Problem> {
    let Handler::Upload(prepare) = row.handler else {
        unreachable!("the filter lets only this style pass")
    };
    let app = exchange.app();
    exchange.record().route = Some(row.name);
    let arrived = call::arrive(exchange, row, || Argument::from_head(exchange, row)).await?;
    check_content_type_of_content(exchange, row)?;
    let Admitted { caller, argument } = arrived.admit(exchange, row)?;
    let limit = app.config.max_upload_size;
    let (hasher, then) = prepare(&mut Call::new(exchange, caller.as_ref(), Some(argument)))?;
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
        Err(error) => match call::not_received(exchange, error) {
            Some(problem) => return Err(problem),
            None => Incoming::TooLarge,
        },
    };
    call::carry_out(exchange, caller.as_ref(), None, |call| then(call, incoming)).await
}
