//! Who may call the controls.

use crate::control::secrets::Secret;
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use http::{HeaderMap, StatusCode};
use std::net::IpAddr;

/// The header in which callers from elsewhere show the control token.
pub const CONTROL_TOKEN_HEADER: &str = "x-fake-dropbox-control-token";

/// What a proxy adds to what it passes on.
const PASSED_ON: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// Refuses callers from another machine that do not show the token, and web pages of another origin.
pub fn check(exchange: &Exchange) -> Result<(), Box<Answer>> {
    let refuse = |title, detail: &str| {
        Err(Box::new(Answer::about_the_fake(
            StatusCode::FORBIDDEN,
            title,
            detail,
        )))
    };
    let token = exchange.app().config.control_token.as_ref();
    let shown = exchange.header(CONTROL_TOKEN_HEADER);
    let is_local = is_local(exchange.facts().peer.ip(), exchange.headers());
    match judge(is_local, token.map(Secret::expose), shown) {
        Verdict::May => {}
        Verdict::WrongToken => {
            return refuse(
                "wrong control token",
                "The control token is not the one that this server was started with.",
            );
        }
        Verdict::FromElsewhere => {
            return refuse(
                "not from elsewhere",
                "The controls answer this machine only, and nothing that a proxy passes on, or who shows the control \
                 token in the header X-Fake-Dropbox-Control-Token: start the server with --control-token.",
            );
        }
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    May,
    WrongToken,
    FromElsewhere,
}

/// Whether a request is of this machine's own. A tunnel or a proxy on it brings callers from anywhere,
/// and says so.
fn is_local(peer: IpAddr, headers: &HeaderMap) -> bool {
    let is_passed_on = PASSED_ON.iter().any(|name| headers.contains_key(*name));
    peer.to_canonical().is_loopback() && !is_passed_on
}

/// Whether a caller may call, from this machine or from elsewhere, who perhaps shows a token.
fn judge(is_local: bool, token: Option<&str>, shown: Option<&str>) -> Verdict {
    match (token, shown) {
        (Some(token), Some(shown)) if token == shown => Verdict::May,
        (_, Some(_)) => Verdict::WrongToken,
        (_, None) if is_local => Verdict::May,
        (_, None) => Verdict::FromElsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn this_machine_s_own_comes_from_loopback_and_through_no_proxy() {
        let mut headers = HeaderMap::new();
        for (peer, wanted) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("192.0.2.1", false),
        ] {
            let peer = peer.parse().expect("an address");
            assert_eq!(is_local(peer, &headers), wanted, "{peer}");
        }
        headers.insert("x-real-ip", http::HeaderValue::from_static("127.0.0.1"));
        assert!(!is_local(IpAddr::V4(Ipv4Addr::LOCALHOST), &headers));
    }

    #[test]
    fn only_this_machine_and_who_shows_the_token_may_call() {
        let rows = [
            (true, None, None, Verdict::May),
            (true, Some("t"), None, Verdict::May),
            (false, None, None, Verdict::FromElsewhere),
            (false, Some("t"), None, Verdict::FromElsewhere),
            (false, Some("t"), Some("t"), Verdict::May),
            (false, Some("t"), Some("u"), Verdict::WrongToken),
            (false, None, Some(""), Verdict::WrongToken),
            (true, Some("t"), Some("u"), Verdict::WrongToken),
        ];
        for (is_local, token, shown, verdict) in rows {
            assert_eq!(
                judge(is_local, token, shown),
                verdict,
                "{is_local} {token:?} {shown:?}"
            );
        }
    }
}
