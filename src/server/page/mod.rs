//! The page at `/_fake/`: what the fake holds and what happens to it, for people.
//!
//! It is HTML, CSS and modules of JavaScript that the browser takes as they are; what it shows and does goes through the
//! controls. The document alone holds the secret by which they know the page, so it has a guard of its own. What it
//! loads is the same for everybody.

#[cfg(feature = "page")]
mod assets;

use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use http::{Method, StatusCode};

/// Where it is.
pub const PAGE: &str = "/_fake/";

pub fn answer(exchange: &Exchange) -> Answer {
    if !matches!(*exchange.method(), Method::GET | Method::HEAD) {
        let detail = format!("{} takes GET, not {}.", exchange.path(), exchange.method());
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let problem = Answer::about_the_fake(status, "wrong method", &detail);
        return problem.with_header("allow", "GET, HEAD");
    }
    if exchange.path() == PAGE.trim_end_matches('/') {
        let mut answer = Answer::empty(StatusCode::PERMANENT_REDIRECT);
        answer.impersonates_dropbox = false;
        // Whatever a proxy put in front of the path stays there.
        return answer
            .with_header("location", "_fake/")
            .with_header("x-fake-dropbox", "page");
    }
    found(exchange).unwrap_or_else(|| {
        let detail = format!(
            "There is nothing at {}. The page is at {PAGE}, the controls are below /_fake/v1.",
            exchange.path()
        );
        Answer::about_the_fake(StatusCode::NOT_FOUND, "not here", &detail)
    })
}

#[cfg(feature = "page")]
fn found(exchange: &Exchange) -> Option<Answer> {
    assets::answer(exchange)
}

#[cfg(not(feature = "page"))]
fn found(exchange: &Exchange) -> Option<Answer> {
    let detail = "This fake was built without the feature 'page' of the crate fake-dropbox, so it has no page; the controls below /_fake/v1 answer all the same. Turn the feature on to look at it in a browser.";
    let problem = || Answer::about_the_fake(StatusCode::NOT_FOUND, "no page", detail);
    (exchange.path() == PAGE).then(problem)
}
