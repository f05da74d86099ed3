//! From the table of routes to warp's filters: one for each style.
//!
//! Every filter is boxed: the type of an unboxed tree of them outgrows the compiler. A filter
//! rejects only what is not its own; what a route has to say against a request is an answer.

use crate::server::api::download;
use crate::server::api::longpoll;
use crate::server::api::rpc;
use crate::server::api::upload;
use crate::server::control_api;
use crate::server::fallback;
use crate::server::http::answer::Answer;
use crate::server::http::cors;
use crate::server::http::exchange::Exchange;
use crate::server::links::download_link;
use crate::server::links::upload_link;
use crate::server::oauth;
use crate::server::receive::BodyStream;
use crate::server::routes::{self, Handler, Row};
use bytes::{Buf, Bytes};
use futures_util::{Stream, StreamExt};
use http::Method;
use warp::filters::BoxedFilter;
use warp::path::FullPath;
use warp::{Filter, Rejection};

/// Every route there is. What is asked most stands first, and outermost: each step inwards costs
/// boxes.
pub fn all() -> BoxedFilter<(Answer,)> {
    [
        rpc_routes(),
        upload_links(),
        upload_routes(),
        download_routes(),
        longpoll_route(),
        download_links(),
        token_endpoint(),
        controls(),
        preflights(),
    ]
    .into_iter()
    .rev()
    .fold(fallback(), |rest, routes| routes.or(rest).unify().boxed())
}

fn preflights() -> BoxedFilter<(Answer,)> {
    warp::options()
        .and(exchange())
        .then(|exchange: Exchange| async move { cors::preflight(&exchange) })
        .boxed()
}

fn rpc_routes() -> BoxedFilter<(Answer,)> {
    row(|row| matches!(row.handler, Handler::Rpc(_)))
        .and(exchange())
        .and(body())
        .then(rpc::answer)
        .boxed()
}

fn upload_routes() -> BoxedFilter<(Answer,)> {
    row(|row| matches!(row.handler, Handler::Upload(_)))
        .and(exchange())
        .and(body())
        .then(upload::answer)
        .boxed()
}

fn download_routes() -> BoxedFilter<(Answer,)> {
    row(|row| matches!(row.handler, Handler::Download(_)))
        .and(exchange())
        .and(body())
        .then(download::answer)
        .boxed()
}

fn longpoll_route() -> BoxedFilter<(Answer,)> {
    row(|row| matches!(row.handler, Handler::Longpoll))
        .and(exchange())
        .and(body())
        .then(longpoll::answer)
        .boxed()
}

fn upload_links() -> BoxedFilter<(Answer,)> {
    below("/apitul")
        .and(exchange())
        .and(body())
        .then(upload_link::answer)
        .boxed()
}

fn download_links() -> BoxedFilter<(Answer,)> {
    below("/cd/0/get")
        .and(exchange())
        .then(download_link::answer)
        .boxed()
}

fn controls() -> BoxedFilter<(Answer,)> {
    below(control_api::PREFIX)
        .and(exchange())
        .and(body())
        .then(control_api::answer)
        .boxed()
}

fn token_endpoint() -> BoxedFilter<(Answer,)> {
    // Go's SDK still asks under the older path (API-02).
    exactly(&["/oauth2/token", "/1/oauth2/token"])
        .and(exchange())
        .and(body())
        .then(oauth::answer)
        .boxed()
}

fn fallback() -> BoxedFilter<(Answer,)> {
    exchange()
        .then(|exchange: Exchange| async move { fallback::answer(&exchange) })
        .boxed()
}

/// The row of the table that the path names, letter by letter: warp's own path filters let a
/// trailing slash pass.
fn row(wanted: fn(&Row) -> bool) -> BoxedFilter<(&'static Row,)> {
    path(move |path| {
        path.strip_prefix("/2/")
            .and_then(routes::find)
            .filter(|row| wanted(row))
    })
}

fn below(prefix: &'static str) -> BoxedFilter<()> {
    let is_below = move |path: &str| {
        let rest = path.strip_prefix(prefix)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(())
    };
    path(is_below).untuple_one().boxed()
}

fn exactly(paths: &'static [&'static str]) -> BoxedFilter<()> {
    path(|path| paths.contains(&path).then_some(()))
        .untuple_one()
        .boxed()
}

/// What a path means here, if anything. A preflight is about a path, but no request for it.
fn path<T: Send + 'static>(
    meaning: impl Fn(&str) -> Option<T> + Clone + Send + Sync + 'static,
) -> BoxedFilter<(T,)> {
    warp::method()
        .and(warp::path::full())
        .and_then(move |method: Method, path: FullPath| {
            let found = (method != Method::OPTIONS)
                .then(|| meaning(path.as_str()))
                .flatten();
            std::future::ready(found.ok_or_else(warp::reject::not_found))
        })
        .boxed()
}

fn exchange() -> impl Filter<Extract = (Exchange,), Error = Rejection> + Copy {
    warp::ext::get::<Exchange>()
}

fn body() -> impl Filter<Extract = (BodyStream,), Error = Rejection> + Copy {
    warp::body::stream().map(|chunks| Box::pin(in_bytes(chunks)) as BodyStream)
}

/// No copy is made: each chunk is one piece of bytes already.
fn in_bytes<B: Buf>(
    chunks: impl Stream<Item = Result<B, warp::Error>>,
) -> impl Stream<Item = Result<Bytes, warp::Error>> {
    chunks.map(|chunk| chunk.map(|mut chunk| chunk.copy_to_bytes(chunk.remaining())))
}
