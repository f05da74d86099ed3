//! Methods other than POST, and what browsers need.

use crate::cases::case::{Case, Cost, Kind, Needs};
use crate::failure::{Failure, Verdict};
use crate::http::Request;
use crate::talk::answer::Answer;
use crate::talk::client::Link;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    Case {
        id: "link/methods/probe-other-methods",
        sentence: "What PUT, GET, HEAD and DELETE get, and that none of them touches the link.",
        rules: &["OQ-11", "UL-113"],
        kind: Kind::Probe,
        cost: Cost::calls(6),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_other_methods(t)),
    },
    Case {
        id: "link/methods/a-read-does-not-use-the-link-up",
        sentence: "GET and HEAD are no uploads: the link still takes its POST afterwards.",
        rules: &["UL-104", "UL-113"],
        kind: Kind::Required,
        cost: Cost::calls(4),
        needs: Needs::NOTHING,
        run: |t| Box::pin(a_read_does_not_use_the_link_up(t)),
    },
    Case {
        id: "link/cors/preflight",
        sentence: "The preflight of a browser succeeds, allows POST and content-type, and leaves the link as it is.",
        rules: &["UL-154", "API-23"],
        kind: Kind::Observed,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(preflight(t)),
    },
    Case {
        id: "link/cors/probe-preflight-status",
        sentence: "Which status a preflight has.",
        rules: &["OQ-12", "UL-157"],
        kind: Kind::Probe,
        cost: Cost::calls(2),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_preflight_status(t)),
    },
    Case {
        id: "link/cors/probe-preflight-details",
        sentence: "What a preflight allows on a used link, for how long, and with reject_cors_preflight=true.",
        rules: &["OQ-12.details", "UL-154", "UL-157"],
        kind: Kind::Probe,
        cost: Cost::calls(4),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_preflight_details(t)),
    },
    Case {
        id: "link/cors/on-success",
        sentence: "A browser on any page may read the 200.",
        rules: &["UL-157", "UL-167", "API-23"],
        kind: Kind::Observed,
        cost: Cost::calls(2),
        needs: Needs::NOTHING,
        run: |t| Box::pin(on_success(t)),
    },
    Case {
        id: "link/cors/on-errors",
        sentence: "A browser may read the texts of 400, 409 and 410.",
        rules: &["UL-155", "UL-157", "API-23"],
        kind: Kind::Observed,
        cost: Cost::calls(8),
        needs: Needs::NOTHING,
        run: |t| Box::pin(on_errors(t)),
    },
    Case {
        id: "link/cors/probe-on-errors",
        sentence: "Whether the errors of a link carry Access-Control-Allow-Origin.",
        rules: &["OQ-12.cors_on_errors", "UL-155"],
        kind: Kind::Probe,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_on_errors(t)),
    },
];

const PAGE: &str = "https://page.example";

async fn probe_other_methods(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let mut statuses = Vec::new();
    for method in ["PUT", "GET", "HEAD", "DELETE"] {
        statuses.push(t.send(Request::new(method, link.url())).await?.status());
    }
    t.consume(&link, b"hello").await?.expect_status(200)?;
    let all = |wanted: u16| statuses.iter().all(|status| *status == wanted);
    let answer = if all(405) {
        "method_not_allowed".to_owned()
    } else if all(409) {
        "unknown_link".to_owned()
    } else {
        let [put, get, head, delete] = statuses[..] else {
            return Err(t.fail("four requests have four answers"));
        };
        format!("PUT {put}, GET {get}, HEAD {head}, DELETE {delete}")
    };
    t.observe("OQ-11", answer);
    Ok(())
}

async fn a_read_does_not_use_the_link_up(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    for method in ["GET", "HEAD"] {
        let answer = t.send(Request::new(method, link.url())).await?;
        if answer.status() < 400 {
            return Err(answer.differs("it is refused", &answer.status().to_string()));
        }
    }
    t.consume(&link, b"hello").await?.expect_status(200)?;
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
        .expect_header_that(
            "Access-Control-Allow-Headers",
            "allows content-type",
            |value| lists(value, "content-type"),
        )?;
    t.consume(&link, b"hello").await?.expect_status(200)?;
    Ok(())
}

async fn probe_preflight_status(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    t.observe("OQ-12", ask(t, &link, "").await?.status().to_string());
    Ok(())
}

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

async fn on_success(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    t.send(link.request().header("Origin", PAGE).body(b"hello"))
        .await?
        .expect_status(200)?
        .expect_header("Access-Control-Allow-Origin", "*")?
        .expect_header(
            "Access-Control-Expose-Headers",
            "Accept-Ranges, Content-Range, ETag, Dropbox-API-Result",
        )?;
    Ok(())
}

/// An answer of each status of an error, asked for from a page.
async fn errors(t: &Context) -> Result<[Answer; 3], Failure> {
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

async fn on_errors(t: &Context) -> Verdict {
    for answer in errors(t).await? {
        answer.expect_header_that(
            "Access-Control-Allow-Origin",
            "allows the page",
            allows_the_page,
        )?;
    }
    t.given_file("/taken.txt", b"there").await?;
    let link = t.mint(commit_info("/taken.txt")).await?;
    t.send(link.request().header("Origin", PAGE).body(b"other"))
        .await?
        .expect_status(409)?
        .expect_header_that(
            "Access-Control-Allow-Origin",
            "allows the page",
            allows_the_page,
        )?;
    Ok(())
}

async fn probe_on_errors(t: &Context) -> Verdict {
    let with = errors(t).await?;
    let carrying = with
        .iter()
        .filter(|answer| answer.header("Access-Control-Allow-Origin").is_some());
    let answer = match carrying.count() {
        3 => "yes",
        0 => "no",
        _ => "some",
    };
    t.observe("OQ-12.cors_on_errors", answer);
    Ok(())
}
