//! What browsers ask before they ask (UL-153 to UL-157).

use crate::rules::Rule;
use crate::server::http::CONTROL_PREFIX;
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::wire::dialect::PLACEHOLDER;
use crate::wire::headers;
use http::{Method, StatusCode};

/// Whether it is a preflight whose page asks that it fail (API-268): then its answer has no header for browsers.
pub fn is_rejected(exchange: &Exchange) -> bool {
    *exchange.method() == Method::OPTIONS && asks_to_reject(exchange)
}

/// Whether the address says `reject_cors_preflight=true` (API-22).
pub fn asks_to_reject(exchange: &Exchange) -> bool {
    exchange.query_parameter("reject_cors_preflight").as_deref() == Some("true")
}

/// The answer to a preflight: it looks at no link and no token, and touches nothing (OQ-12).
pub fn preflight(exchange: &Exchange) -> Answer {
    if exchange.path().starts_with(CONTROL_PREFIX) {
        // A page of another origin has no business with the controls.
        let detail = "The controls answer no page of another origin.";
        return Answer::about_the_fake(StatusCode::FORBIDDEN, "not for web pages", detail);
    }
    if is_rejected(exchange) {
        let text = format!(
            "{PLACEHOLDER}This preflight is rejected: reject_cors_preflight=true asks for that."
        );
        return Answer::text(StatusCode::BAD_REQUEST, text).with_rules(&[Rule::new("API-268")]);
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
