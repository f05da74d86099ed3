//! What browsers ask before they ask (UL-153 to UL-157).

use crate::rules::Rule;
use crate::server::http::CONTROL_PREFIX;
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::wire::headers;
use http::StatusCode;

/// The answer to a preflight: it looks at no link and no token, and touches nothing (OQ-12).
pub fn preflight(exchange: &Exchange) -> Answer {
    if exchange.path().starts_with(CONTROL_PREFIX) {
        // A page of another origin has no business with the controls.
        let detail = "The controls answer no page of another origin.";
        return Answer::about_the_fake(StatusCode::FORBIDDEN, "not for web pages", detail);
    }
    let status =
        StatusCode::from_u16(exchange.assumptions().preflight_status).unwrap_or(StatusCode::OK);
    let asked = exchange.header("access-control-request-headers");
    let answer = Answer::empty(status).with_rules(&[Rule::new("UL-154")]);
    headers::preflight(asked)
        .into_iter()
        .fold(answer, |answer, (name, value)| {
            answer.with_header(name, &value)
        })
}
