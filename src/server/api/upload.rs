//! The upload style: the argument is in a header, the body is content (API-09 to API-13), with a length
//! or in chunks (API-12).

use crate::dropbox::content_hash::ContentHasher;
use crate::server::api::argument::{Argument, check_content_type_of_content};
use crate::server::api::call::{self, AuthorizedCall};
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::http::problem::Problem;
use crate::server::receive::{self, BodyStream, Receiving, receive};
use crate::server::routes::{Call, Incoming, WhenReceived};
use crate::wire::routes::Route;

pub async fn answer(
    route: &'static Route,
    prepare: fn(&mut Call<'_>) -> Result<(ContentHasher, WhenReceived), Problem>,
    exchange: &Exchange,
    body: BodyStream,
) -> Result<Answer, Problem> {
    let app = exchange.app();
    let arrived =
        call::check_head(exchange, route, || Argument::from_head(exchange, route)).await?;
    check_content_type_of_content(exchange, route)?;
    let AuthorizedCall { caller, argument } = arrived.authorize(exchange, route)?;
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
        Err(error) => match receive::not_received(exchange, error) {
            Some(problem) => return Err(problem),
            None => Incoming::TooLarge,
        },
    };
    call::carry_out(exchange, caller.as_ref(), None, |call| then(call, incoming)).await
}
