//! Who may call the controls.
//!
//! Whoever shows the control token may, and every program of this machine. A browser is a program that
//! does what strangers' pages say, so what it marks is taken from our own page only, which holds a
//! secret of this start. It follows that a tunnel which brings strangers and says nothing of it cannot be
//! told from a program of this machine.

use crate::control::secrets::Secret;
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::http::origin::is_local_name;
use http::{HeaderMap, StatusCode};
use std::net::IpAddr;

/// The header in which callers from elsewhere show the control token.
pub const CONTROL_TOKEN_HEADER: &str = "x-fake-dropbox-control-token";

/// The header in which our own page shows the secret that stands in it.
pub const PAGE_SECRET_HEADER: &str = "x-fake-dropbox-page";

/// What proxies and tunnels add to what they pass on, beside all that begins with `x-forwarded-`.
const PASSED_ON: [&str; 12] = [
    "cf-connecting-ip",
    "cf-ray",
    "client-ip",
    "fastly-client-ip",
    "forwarded",
    "true-client-ip",
    "via",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-host",
    "x-real-ip",
    "x-original-forwarded-for",
];

/// What browsers add to what a page asks for. `Sec-Fetch-Mode` alone does not count: the `fetch` of Node sends
/// it.
const MARKS: [&str; 5] = [
    "origin",
    "referer",
    "sec-fetch-dest",
    "sec-fetch-site",
    "sec-fetch-user",
];

/// Refuses all who may not use the controls.
pub fn check(exchange: &Exchange) -> Result<(), Box<Answer>> {
    let token = control_token(exchange);
    let secret = exchange.app().page_secret.expose();
    judged(exchange, |caller| caller.judge(token, secret))
}

/// Refuses all but this machine, whatever token they show: for what hands out a secret.
pub fn check_is_near(exchange: &Exchange) -> Result<(), Box<Answer>> {
    judged(exchange, |caller| caller.place())
}

/// Refuses all who may not have our own page. Whether it may have the secret: who is not on this machine has to
/// show the token.
#[cfg(feature = "page")]
pub fn check_page(exchange: &Exchange) -> Result<bool, Box<Answer>> {
    let is_near = check_is_near(exchange);
    judged(exchange, |caller| caller.judge_page())?;
    match (is_near, control_token(exchange)) {
        (Ok(()), _) => Ok(true),
        (Err(_), Some(_)) => Ok(false),
        (Err(refusal), None) => Err(refusal),
    }
}

fn control_token(exchange: &Exchange) -> Option<&str> {
    let token = exchange.app().config.control_token.as_ref();
    token.map(Secret::expose)
}

fn judged(
    exchange: &Exchange,
    judge: impl FnOnce(Caller<'_>) -> Verdict,
) -> Result<(), Box<Answer>> {
    let host = exchange.request_host();
    let origin = exchange.origin();
    let own_origin = format!("{}://{}", origin.scheme.as_str(), origin.authority);
    let verdict = judge(Caller {
        peer: exchange.facts().peer.ip(),
        host: host.as_deref(),
        own_origin: &own_origin,
        headers: exchange.headers(),
        is_reading: exchange.method().is_safe(),
    });
    let Some((title, detail)) = verdict.refusal() else {
        return Ok(());
    };
    Err(Box::new(Answer::about_the_fake(
        StatusCode::FORBIDDEN,
        title,
        detail,
    )))
}

/// What is known of a caller.
#[derive(Clone, Copy, Debug)]
struct Caller<'a> {
    peer: IpAddr,
    /// The host that it asked for, without the port.
    host: Option<&'a str>,
    /// The origin under which it reached us.
    own_origin: &'a str,
    headers: &'a HeaderMap,
    /// Whether it changes nothing.
    is_reading: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    May,
    WrongToken,
    FromElsewhere,
    ForeignHost,
    WebPage,
}

impl Verdict {
    /// What and why; none for whoever may call.
    const fn refusal(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::May => None,
            Self::WrongToken => Some((
                "wrong control token",
                "The control token is not the one that this server was started with.",
            )),
            Self::FromElsewhere => Some((
                "not from elsewhere",
                "The controls answer this machine only, and nothing that a proxy passes on, or who shows the control token in \
                 the header X-Fake-Dropbox-Control-Token: start the server with --control-token.",
            )),
            Self::ForeignHost => Some((
                "not under this name",
                "Without the control token the controls answer under the names of this machine only, such as localhost and \
                 127.0.0.1: ask for one of them, or start the server with --control-token and show the token in the header \
                 X-Fake-Dropbox-Control-Token.",
            )),
            Self::WebPage => Some((
                "not for web pages",
                "The controls answer no web page but the fake's own: let the program behind the page call them.",
            )),
        }
    }
}

impl Caller<'_> {
    /// Whether it may call, where the server has this token, and our own page this secret.
    fn judge(&self, token: Option<&str>, page_secret: &str) -> Verdict {
        let shows_token = match (self.header(CONTROL_TOKEN_HEADER), token) {
            (Some(shown), Some(token)) if shown == token => true,
            (Some(_), _) => return Verdict::WrongToken,
            (None, _) => false,
        };
        let place = self.place();
        if !shows_token && place != Verdict::May {
            return place;
        }
        let is_ours = self.is_own_origin()
            && (shows_token || self.header(PAGE_SECRET_HEADER) == Some(page_secret));
        if self.is_marked() && !is_ours && !self.is_typed() {
            return Verdict::WebPage;
        }
        Verdict::May
    }

    /// Whether it may have our own page: a browser shows it to a person, and to no other page.
    #[cfg(feature = "page")]
    fn judge_page(&self) -> Verdict {
        match self.header("sec-fetch-dest") {
            None | Some("document") => Verdict::May,
            Some(_) => Verdict::WebPage,
        }
    }

    /// Whether it is on this machine, and asked for it by its own name.
    fn place(&self) -> Verdict {
        if !self.peer.to_canonical().is_loopback() || self.is_passed_on() {
            return Verdict::FromElsewhere;
        }
        // A page whose name leads to this machine gives itself away by that name (DNS rebinding).
        if !self.host.is_some_and(is_local_name) {
            return Verdict::ForeignHost;
        }
        Verdict::May
    }

    fn header(&self, name: &str) -> Option<&str> {
        // What is no text is nobody's token, and is there all the same.
        Some(self.headers.get(name)?.to_str().unwrap_or_default())
    }

    fn is_passed_on(&self) -> bool {
        self.headers.keys().any(|name| {
            let name = name.as_str();
            name.starts_with("x-forwarded-") || PASSED_ON.contains(&name)
        })
    }

    fn is_marked(&self) -> bool {
        MARKS.iter().any(|name| self.headers.contains_key(*name))
    }

    /// The secret stands in a page that only this origin can read, and the token is kept there.
    fn is_own_origin(&self) -> bool {
        let origin = self.header("origin");
        origin.is_none_or(|origin| origin.eq_ignore_ascii_case(self.own_origin))
            && self
                .header("sec-fetch-site")
                .is_none_or(|site| site == "same-origin")
    }

    /// An address that somebody typed into the browser: no page can make it say so.
    fn is_typed(&self) -> bool {
        self.is_reading
            && self.header("sec-fetch-site") == Some("none")
            && !self.headers.contains_key("origin")
            && !self.headers.contains_key("referer")
    }
}

#[cfg(test)]
mod tests;
