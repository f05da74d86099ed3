//! Who may call the controls.

use super::super::answer::Answer;
use super::super::exchange::Exchange;
use crate::control::secrets::Secret;
use http::StatusCode;
use std::net::IpAddr;

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
    let token = exchange.app().config.control_token.as_ref();
    let shown = exchange.header(CONTROL_TOKEN_HEADER);
    match judge(exchange.facts().peer.ip(), token.map(Secret::expose), shown) {
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
                "The controls answer this machine only, or who shows the control token in the header \
                 X-Fake-Dropbox-Control-Token: start the server with --control-token.",
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

/// Whether a caller at this address may call, who perhaps shows a token.
fn judge(peer: IpAddr, token: Option<&str>, shown: Option<&str>) -> Verdict {
    match (token, shown) {
        (Some(token), Some(shown)) if token == shown => Verdict::May,
        (_, Some(_)) => Verdict::WrongToken,
        (_, None) if peer.to_canonical().is_loopback() => Verdict::May,
        (_, None) => Verdict::FromElsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_and_who_shows_the_token_may_call() {
        let rows = [
            ("127.0.0.1", None, None, Verdict::May),
            ("::1", Some("t"), None, Verdict::May),
            ("::ffff:127.0.0.1", None, None, Verdict::May),
            ("192.0.2.1", None, None, Verdict::FromElsewhere),
            ("192.0.2.1", Some("t"), None, Verdict::FromElsewhere),
            ("192.0.2.1", Some("t"), Some("t"), Verdict::May),
            ("192.0.2.1", Some("t"), Some("u"), Verdict::WrongToken),
            ("192.0.2.1", None, Some(""), Verdict::WrongToken),
            ("127.0.0.1", Some("t"), Some("u"), Verdict::WrongToken),
        ];
        for (peer, token, shown, verdict) in rows {
            let peer = peer.parse().expect("an address");
            assert_eq!(
                judge(peer, token, shown),
                verdict,
                "{peer} {token:?} {shown:?}"
            );
        }
    }
}
