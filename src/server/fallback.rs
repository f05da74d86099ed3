//! What is not there, said so that nobody can take it for Dropbox's word.

use crate::dropbox::assumptions::UnknownRoute;
use crate::rules::{Rule, dropbox_route};
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::wire::errors::bad_input::BadInput;
use http::{Method, StatusCode};

/// The answer to a request that no route takes.
pub fn answer(exchange: &Exchange) -> Answer {
    let path = exchange.path();
    if let Some(route) = path.strip_prefix("/2/").filter(|route| !route.is_empty()) {
        return if dropbox_route(route).is_some() {
            not_faked(exchange, route)
        } else {
            unknown_route(exchange, route)
        };
    }
    if path == "/" && *exchange.method() == Method::GET {
        return welcome(exchange);
    }
    let detail = format!(
        "{} {} is nothing that this server has. Nothing was done.",
        exchange.method(),
        exchange.shown_path()
    );
    Answer::about_the_fake(StatusCode::NOT_FOUND, "not here", &detail)
}

fn not_faked(exchange: &Exchange, route: &str) -> Answer {
    let detail = format!(
        "{route} is a route of Dropbox that this fake does not have. Nothing was done. \
         The README lists the routes that it has."
    );
    tracing::warn!(route = exchange.shown_path(), method = %exchange.method(), "not faked: answered with a 501");
    Answer::about_the_fake(StatusCode::NOT_IMPLEMENTED, "not faked", &detail)
}

fn unknown_route(exchange: &Exchange, route: &str) -> Answer {
    tracing::warn!(route = exchange.shown_path(), method = %exchange.method(), "Dropbox has no such route");
    let text = BadInput::UnknownRoute.text(route).print(exchange.dialect());
    let status = match exchange.assumptions().unknown_route {
        UnknownRoute::BadRequest => StatusCode::BAD_REQUEST,
        UnknownRoute::NotFound => StatusCode::NOT_FOUND,
    };
    Answer::text(status, text).with_rules(&[Rule::new("API-63")])
}

fn welcome(exchange: &Exchange) -> Answer {
    let origin = exchange.origin();
    let text = format!(
        "This is fake-dropbox {}, a Dropbox for tests.\n\nSee what happens, in a browser: {base}/_fake/\n\nMint a temporary upload link:\n\n  \
         curl -X POST {base}/2/files/get_temporary_upload_link -H 'Authorization: Bearer test' \
         -H 'Content-Type: application/json' -d '{{\"commit_info\":{{\"path\":\"/hello.txt\"}}}}'\n\n\
         and POST a file to it once, with Content-Type: application/octet-stream.\n\
         Links begin with {links}/\n",
        env!("CARGO_PKG_VERSION"),
        links = exchange.link_base(),
        base = format_args!("{}://{}", origin.scheme.as_str(), origin.authority),
    );
    let mut answer = Answer::text(StatusCode::OK, text);
    answer.impersonates_dropbox = false;
    answer
}
