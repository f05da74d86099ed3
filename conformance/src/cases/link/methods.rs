//! Methods other than POST, and what browsers need.

use super::sizes::announce;
use crate::cases::case::Case;
use crate::failure::{Failure, Verdict};
use crate::http::Request;
use crate::talk::answer::{Answer, PAGES_MAY_READ};
use crate::talk::client::Link;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    PROBE_OTHER_METHODS,
    PREFLIGHT,
    REJECTED_PREFLIGHT,
    PROBE_PREFLIGHT_STATUS,
    PROBE_PREFLIGHT_DETAILS,
    ON_SUCCESS,
    SANDBOXED_PAGE,
    PROBE_ON_ERRORS,
];

pub const PAGE: &str = "https://page.example";

const PROBE_OTHER_METHODS: Case = Case::probe("link/methods/probe-other-methods")
    .rules(&["OQ-11", "UL-113", "UL-104"])
    .claim("What PUT, GET, HEAD and DELETE get, and whether they touch the link.")
    .calls(6)
    .run(|t| Box::pin(probe_other_methods(t)));

async fn probe_other_methods(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let mut statuses = Vec::new();
    for method in ["PUT", "GET", "HEAD", "DELETE"] {
        statuses.push(t.send(Request::new(method, link.url())).await?.status());
    }
    let afterwards = t.consume(&link, b"hello").await?.status();
    let all = |wanted: u16| afterwards == 200 && statuses.iter().all(|status| *status == wanted);
    let answer = if all(405) {
        "method_not_allowed".to_owned()
    } else if all(409) {
        "unknown_link".to_owned()
    } else {
        let [put, get, head, delete] = statuses[..] else {
            return Err(t.fail("four requests have four answers"));
        };
        format!("PUT {put}, GET {get}, HEAD {head}, DELETE {delete}, then POST {afterwards}")
    };
    t.observe("OQ-11", answer);
    Ok(())
}

/// What a browser sends before it posts bytes from a page.
async fn ask(t: &Context, link: &Link, query: &str) -> Result<Answer, Failure> {
    let request = Request::new("OPTIONS", link.url())
        .header("Origin", PAGE)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type");
    t.send(if query.is_empty() {
        request
    } else {
        request.query(query)
    })
    .await
}

/// Whether a list of names in a header holds this one.
fn lists(value: &str, wanted: &str) -> bool {
    value
        .split(',')
        .any(|name| name.trim() == "*" || name.trim().eq_ignore_ascii_case(wanted))
}

fn allows_the_page(value: &str) -> bool {
    value == "*" || value == PAGE
}

const PREFLIGHT: Case = Case::observed("link/cors/preflight")
    .rules(&["UL-154", "API-23"])
    .claim(
        "The preflight of a browser succeeds, allows POST and content-type, and leaves the link as \
         it is.",
    )
    .calls(3)
    .run(|t| Box::pin(preflight(t)));

async fn preflight(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    ask(t, &link, "")
        .await?
        .expect_status_in(&[200, 204])?
        .expect_header_that(
            "Access-Control-Allow-Origin",
            "allows the page",
            allows_the_page,
        )?
        .expect_header_that("Access-Control-Allow-Methods", "allows POST", |value| {
            lists(value, "POST")
        })?
        .by(&["UL-154"])
        .expect_header_that(
            "Access-Control-Allow-Headers",
            "allows content-type",
            |value| lists(value, "content-type"),
        )?;
    t.consume(&link, b"hello").await?.expect_status(200)?;
    Ok(())
}

const REJECTED_PREFLIGHT: Case = Case::required("link/cors/rejected-preflight")
    .rules(&["API-268"])
    .claim("A preflight with reject_cors_preflight=true fails, and its link stays as it is.")
    .calls(3)
    .run(|t| Box::pin(rejected_preflight(t)));

async fn rejected_preflight(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    ask(t, &link, "reject_cors_preflight=true")
        .await?
        .expect_no_header("Access-Control-Allow-Origin")?
        .expect_no_header("Access-Control-Allow-Methods")?;
    t.consume(&link, b"hello").await?.expect_status(200)?;
    Ok(())
}

const PROBE_PREFLIGHT_STATUS: Case = Case::probe("link/cors/probe-preflight-status")
    .rules(&["OQ-12", "UL-157"])
    .claim("Which status a preflight has.")
    .calls(2)
    .run(|t| Box::pin(probe_preflight_status(t)));

async fn probe_preflight_status(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    t.observe("OQ-12", ask(t, &link, "").await?.status().to_string());
    Ok(())
}

const PROBE_PREFLIGHT_DETAILS: Case = Case::probe("link/cors/probe-preflight-details")
    .rules(&["OQ-12.details", "UL-154", "UL-157"])
    .claim(
        "What a preflight allows on a used link, for how long, and with \
         reject_cors_preflight=true.",
    )
    .calls(4)
    .run(|t| Box::pin(probe_preflight_details(t)));

async fn probe_preflight_details(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let rejecting = ask(t, &link, "reject_cors_preflight=true").await?.status();
    t.consume(&link, b"hello").await?.expect_status(200)?;
    let used = ask(t, &link, "").await?;
    let said = |name: &str| used.header(name).unwrap_or("nothing").to_owned();
    let answer = format!(
        "{} on a used link, methods {}, headers {}, max age {}; {rejecting} with reject_cors_preflight=true",
        used.status(),
        said("Access-Control-Allow-Methods"),
        said("Access-Control-Allow-Headers"),
        said("Access-Control-Max-Age"),
    );
    t.observe("OQ-12.details", answer);
    Ok(())
}

const ON_SUCCESS: Case = Case::observed("link/cors/on-success")
    .rules(&["UL-157", "UL-167", "API-23"])
    .claim("A browser on any page may read the 200.")
    .calls(2)
    .run(|t| Box::pin(on_success(t)));

async fn on_success(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    t.send(link.request().header("Origin", PAGE).body(b"hello"))
        .await?
        .expect_status(200)?
        .expect_header("Access-Control-Allow-Origin", "*")?
        .by(&["UL-157"])
        .expect_header("Access-Control-Expose-Headers", PAGES_MAY_READ)?;
    Ok(())
}

const SANDBOXED_PAGE: Case = Case::observed("link/cors/sandboxed-page")
    .rules(&["UL-167", "API-23"])
    .claim("A page without an origin of its own (a file, a sandboxed frame) may upload, too.")
    .calls(2)
    .run(|t| Box::pin(sandboxed_page(t)));

async fn sandboxed_page(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let request = link.request().header("Origin", "null").body(b"hello");
    t.send(request)
        .await?
        .expect_status(200)?
        .expect_header_that("Access-Control-Allow-Origin", "allows the page", |value| {
            matches!(value, "*" | "null")
        })?;
    Ok(())
}

/// A 400, a 409 and a 410, asked for from a page by five calls.
pub async fn errors(t: &Context) -> Result<[Answer; 3], Failure> {
    let link = t.mint(commit_info("/a.txt")).await?;
    let post = |link: Link, content_type: &'static str| async move {
        t.send(
            link.request()
                .content_type(content_type)
                .header("Origin", PAGE)
                .body(b"hello"),
        )
        .await
    };
    let bad = post(link.clone(), "image/jpeg").await?.expect_status(400)?;
    let unknown = t.unknown_link(&link, "AAAAAAAAAAAAAA");
    let conflict = post(unknown, "application/octet-stream")
        .await?
        .expect_status(409)?;
    // Whether the 400 left the link fresh is a question of its own: used or not, it is used now.
    t.consume(&link, b"hello")
        .await?
        .expect_status_in(&[200, 410])?;
    let gone = post(link, "application/octet-stream")
        .await?
        .expect_status(410)?;
    Ok([bad, conflict, gone])
}

const PROBE_ON_ERRORS: Case = Case::probe("link/cors/probe-on-errors")
    .rules(&["OQ-12.cors_on_errors", "UL-155", "UL-157", "API-23"])
    .claim("Whether the errors of a link carry Access-Control-Allow-Origin, a 413 too.")
    .calls(10)
    .run(|t| Box::pin(probe_on_errors(t)));

async fn probe_on_errors(t: &Context) -> Verdict {
    t.given_file("/taken.txt", b"there").await?;
    let link = t.mint(commit_info("/taken.txt")).await?;
    let request = link.request().header("Origin", PAGE).body(b"other");
    let failed = t.send(request).await?.expect_status(409)?;
    let mut errors = errors(t).await?.to_vec();
    errors.push(failed);
    let link = t.mint(commit_info("/a.txt").overwrite()).await?;
    // Whether a length beyond every limit is answered before its bytes is a question of its own.
    errors.extend(
        announce(t, &link)
            .await?
            .ok()
            .filter(|it| it.status() == 413),
    );
    let carrying = errors.iter().filter(|answer| {
        let allowed = answer.header("Access-Control-Allow-Origin");
        allowed.is_some_and(allows_the_page)
    });
    let answer = match carrying.count() {
        all if all == errors.len() => {
            t.confirms(&["UL-155"]);
            "yes"
        }
        0 => {
            t.contradicts(&["UL-155"]);
            "no"
        }
        _ => {
            t.contradicts(&["UL-155"]);
            "some"
        }
    };
    t.observe("OQ-12.cors_on_errors", answer);
    Ok(())
}
