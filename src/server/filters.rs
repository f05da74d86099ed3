//! The ways into the house, as warp's filters: here alone a path is looked at.
//!
//! Every filter is boxed: the type of an unboxed tree of them outgrows the compiler. A filter
//! rejects only what is not its own; what a route has to say against a request is an answer.

use crate::server::api;
use crate::server::authorize;
use crate::server::control_api;
use crate::server::fallback;
use crate::server::http::answer::Answer;
use crate::server::http::cors;
use crate::server::http::exchange::Exchange;
use crate::server::http::problem::Problem;
use crate::server::links::download_link;
use crate::server::links::shared_link;
use crate::server::links::upload_link;
use crate::server::oauth;
use crate::server::page;
use crate::server::receive::BodyStream;
use crate::server::routes;
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
        api_calls(),
        upload_links(),
        download_links(),
        token_endpoint(),
        authorization(),
        shared_links(),
        shared_bytes(),
        shared_passwords(),
        controls(),
        page(),
        preflights(),
    ]
    .into_iter()
    .rev()
    .fold(fallback(), |rest, routes| routes.or(rest).unify().boxed())
}

/// The routes of the table. A name counts letter by letter: warp's own path filters let a trailing
/// slash pass.
fn api_calls() -> BoxedFilter<(Answer,)> {
    path(|path| path.strip_prefix("/2/").and_then(routes::find))
        .and(exchange())
        .and(body())
        .then(|row, exchange: Exchange, body| async move {
            answer(&exchange, api::answer(row, &exchange, body).await)
        })
        .boxed()
}

fn upload_links() -> BoxedFilter<(Answer,)> {
    below("/apitul")
        .and(exchange())
        .and(body())
        .then(|exchange: Exchange, body| async move {
            answer(&exchange, upload_link::answer(&exchange, body).await)
        })
        .boxed()
}

fn download_links() -> BoxedFilter<(Answer,)> {
    below("/cd/0/get")
        .and(exchange())
        .then(|exchange: Exchange| async move {
            answer(&exchange, download_link::answer(&exchange).await)
        })
        .boxed()
}

fn shared_links() -> BoxedFilter<(Answer,)> {
    below("/scl")
        .and(exchange())
        .then(|exchange: Exchange| async move {
            answer(&exchange, shared_link::answer(&exchange).await)
        })
        .boxed()
}

fn shared_bytes() -> BoxedFilter<(Answer,)> {
    below(shared_link::INLINE)
        .and(exchange())
        .then(|exchange: Exchange| async move {
            answer(&exchange, shared_link::bytes(&exchange).await)
        })
        .boxed()
}

fn shared_passwords() -> BoxedFilter<(Answer,)> {
    exactly(&[shared_link::PASSWORD])
        .and(exchange())
        .and(body())
        .then(|exchange: Exchange, body| async move {
            answer(&exchange, shared_link::password(&exchange, body).await)
        })
        .boxed()
}

fn token_endpoint() -> BoxedFilter<(Answer,)> {
    // Go's SDK still asks under the older path (API-02).
    exactly(&["/oauth2/token", "/1/oauth2/token"])
        .and(exchange())
        .and(body())
        .then(|exchange: Exchange, body| async move {
            answer(&exchange, oauth::answer(&exchange, body).await)
        })
        .boxed()
}

fn authorization() -> BoxedFilter<(Answer,)> {
    // Go's SDK asks under the older path here, too.
    exactly(&["/oauth2/authorize", "/1/oauth2/authorize"])
        .and(exchange())
        .and(body())
        .then(|exchange: Exchange, body| async move {
            answer(&exchange, authorize::answer(&exchange, body).await)
        })
        .boxed()
}

fn controls() -> BoxedFilter<(Answer,)> {
    below(control_api::PREFIX)
        .and(exchange())
        .and(body())
        .then(control_api::answer)
        .boxed()
}

fn page() -> BoxedFilter<(Answer,)> {
    below("/_fake")
        .and(exchange())
        .then(|exchange: Exchange| async move { page::answer(&exchange) })
        .boxed()
}

fn preflights() -> BoxedFilter<(Answer,)> {
    warp::options()
        .and(exchange())
        .then(|exchange: Exchange| async move { cors::preflight(&exchange) })
        .boxed()
}

fn fallback() -> BoxedFilter<(Answer,)> {
    exchange()
        .and(body())
        .then(|exchange: Exchange, body| async move {
            answer(&exchange, fallback::answer(&exchange, body).await)
        })
        .boxed()
}

/// Every route gives an answer or says why not; here the two become one.
fn answer(exchange: &Exchange, result: Result<Answer, Problem>) -> Answer {
    result.unwrap_or_else(|problem| problem.into_answer(exchange))
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
