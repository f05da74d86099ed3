//! What the page is made of.

use super::PAGE;
use crate::server::control_api;
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use http::StatusCode;

/// The document, with marks where the secret and the version go.
const DOCUMENT: &str = include_str!("assets/index.html");

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// A list of assets: each file beside its Content-Type.
macro_rules! assets {
    ($($name:literal: $content_type:expr),* $(,)?) => {
        &[$(($name, $content_type, include_str!(concat!("assets/", $name)))),*]
    };
}

/// What the document loads: name, Content-Type and text.
const ASSETS: &[(&str, &str, &str)] = assets! {
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "api.js": JAVASCRIPT,
    "app.js": JAVASCRIPT,
    "assumptions.js": JAVASCRIPT,
    "clock.js": JAVASCRIPT,
    "dom.js": JAVASCRIPT,
    "faults.js": JAVASCRIPT,
    "files.js": JAVASCRIPT,
    "links.js": JAVASCRIPT,
    "list.js": JAVASCRIPT,
    "live.js": JAVASCRIPT,
    "overview.js": JAVASCRIPT,
    "parts.js": JAVASCRIPT,
    "requests.js": JAVASCRIPT,
    "settings.js": JAVASCRIPT,
    "state.js": JAVASCRIPT,
    "stream.js": JAVASCRIPT,
    "upload.js": JAVASCRIPT,
    "words.js": JAVASCRIPT,
    "worker.js": JAVASCRIPT,
};

/// Nothing but what this server sends is loaded or run, and no page shows this one in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub fn answer(exchange: &Exchange) -> Option<Answer> {
    let path = exchange.path().strip_prefix(PAGE)?;
    let answer = if path.is_empty() {
        document(exchange)
    } else {
        let name = path.strip_prefix("page/")?;
        let found = ASSETS.iter().find(|(known, _, _)| *known == name)?;
        Answer::new(StatusCode::OK, found.1, found.2.to_owned())
    };
    Some(guarded(answer))
}

fn document(exchange: &Exchange) -> Answer {
    let with_secret = match control_api::check_page(exchange) {
        Ok(with_secret) => with_secret,
        Err(refusal) => return *refusal,
    };
    let secret = if with_secret {
        exchange.app().page_secret.expose()
    } else {
        ""
    };
    let text = DOCUMENT
        .replace("{{secret}}", secret)
        .replace("{{version}}", env!("CARGO_PKG_VERSION"));
    let answer = Answer::new(StatusCode::OK, "text/html; charset=utf-8", text);
    if with_secret {
        // Whoever opened the page has no hold on it. Browsers complain of this header where they do not trust the name.
        answer.with_header("cross-origin-opener-policy", "same-origin")
    } else {
        answer
    }
}

fn guarded(mut answer: Answer) -> Answer {
    answer.impersonates_dropbox = false;
    [
        ("content-security-policy", POLICY),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        // Another version of the program may answer at this address next time.
        ("cache-control", "no-store"),
        ("x-fake-dropbox", "page"),
    ]
    .into_iter()
    .fold(answer, |answer, (name, value)| {
        answer.with_header(name, value)
    })
}
