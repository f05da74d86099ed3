//! The calls of Dropbox's API: who calls, what is asked, and in which style.

mod argument;
mod call;
mod caller;
mod download;
mod longpoll;
mod rpc;
mod upload;

use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::http::problem::Problem;
use crate::server::receive::BodyStream;
use crate::server::routes::{Handler, Row};

/// Answers a call of a route of the table, in the route's style.
pub async fn answer(row: Row, exchange: &Exchange, body: BodyStream) -> Result<Answer, Problem> {
    let Row { route, handler } = row;
    exchange.record().route = Some(route.name);
    match handler {
        Handler::Rpc(handler) => rpc::answer(route, handler, exchange, body).await,
        Handler::Upload(prepare) => upload::answer(route, prepare, exchange, body).await,
        Handler::Download(handler) => download::answer(route, handler, exchange, body).await,
        Handler::Longpoll => longpoll::answer(route, exchange, body).await,
    }
}
