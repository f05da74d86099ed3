//! Who may call the controls.

use super::super::answer::Answer;
use super::super::exchange::Exchange;
use http::StatusCode;

/// The header in which callers from elsewhere show the control token.
pub const CONTROL_TOKEN_HEADER: &str = "x-fake-dropbox-control-token";

/// Refuses callers from another machine that do not show the token, and web pages of another origin.
pub fn check(exchange: &Exchange) -> Result<(), Box<Answer>> {
    let refuse = |title, detail: &str| {
        Err(Box::new(Answer::about_the_fake(
            StatusCode::FORBIDDEN,
            title,
            detail,
        )))
    };
    let token = exchange.app().config.control_token.as_deref();
    let shown = exchange.header(CONTROL_TOKEN_HEADER);
    let shows_token = token.is_some() && token == shown;
    if shown.is_some() && !shows_token {
        return refuse(
            "wrong control token",
            "The control token is not the one that this server was started with.",
        );
    }
    if !shows_token && !exchange.facts().peer.ip().to_canonical().is_loopback() {
        return refuse(
            "not from elsewhere",
            "The controls answer this machine only, or who shows the control token in the header \
             X-Fake-Dropbox-Control-Token: start the server with one.",
        );
    }
    let origin = exchange.origin();
    let own = format!("{}://{}", origin.scheme.as_str(), origin.authority);
    let is_foreign_page = exchange
        .headers()
        .get("origin")
        .is_some_and(|origin| !origin.as_bytes().eq_ignore_ascii_case(own.as_bytes()))
        || exchange
            .header("sec-fetch-site")
            .is_some_and(|site| !matches!(site, "same-origin" | "none"));
    if is_foreign_page {
        return refuse(
            "not for web pages",
            "The controls answer no page of another origin.",
        );
    }
    Ok(())
}
