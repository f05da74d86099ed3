//! What stands around the body of an answer to an upload, and how the body is spelled.

use std::collections::BTreeSet;

use super::methods::{PAGE, errors};
use super::sizes::announce;
use crate::cases::case::Case;
use crate::cases::mint::answers::{is_number, is_request_id};
use crate::failure::{Failure, Verdict};
use crate::talk::answer::{Answer, DISARMED, HSTS, NO_ROBOTS, PAGES_MAY_READ};
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    OF_A_SUCCESS,
    OF_AN_ERROR,
    OF_A_REFUSAL,
    OF_A_413,
    SUCCESS_TO_THE_BYTE,
    NO_NEWLINE,
    REQUEST_IDS,
    NOTHING_IS_REVEALED,
    PROBE_ERROR_CONTENT_TYPE,
    PROBE_HEADERS,
];

async fn success(t: &Context) -> Result<Answer, Failure> {
    let link = t.mint(commit_info("/a.txt")).await?;
    t.consume(&link, b"hello").await?.expect_status(200)
}

const OF_A_SUCCESS: Case = Case::observed("link/answers/of-a-success")
    .rules(&[
        "UL-132", "UL-134", "UL-157", "UL-167", "API-143", "API-144", "API-146", "API-148",
        "API-149",
    ])
    .claim("The 200 carries the headers of the content host and no Dropbox-API-Result.")
    .calls(2)
    .run(|t| Box::pin(of_a_success(t)));

async fn of_a_success(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    // The capture is that of a browser.
    let request = link.request().header("Origin", PAGE);
    t.send(request.body(b"hello"))
        .await?
        .expect_status(200)?
        .by(&["UL-132"])
        .expect_header("Content-Type", "application/json")?
        .expect_header("Access-Control-Allow-Origin", "*")?
        .by(&["UL-157"])
        .expect_header("Access-Control-Expose-Headers", PAGES_MAY_READ)?
        .by(&["API-149"])
        .expect_header("Strict-Transport-Security", HSTS)?
        .by(&["UL-167", "API-148"])
        .expect_header("X-Robots-Tag", NO_ROBOTS)?
        .by(&["API-144"])
        .expect_header("Cache-Control", "no-cache")?
        .expect_answer_of_its_own()?
        .by(&["API-146"])
        .expect_header("X-Content-Type-Options", "nosniff")?
        .by(&["API-143"])
        .expect_header_that(
            "X-Server-Response-Time",
            "is a number of milliseconds",
            is_number,
        )?
        .expect_header_if_any("Accept-Encoding", "identity,gzip")?
        .expect_header_if_any("Vary", "Accept-Encoding")?
        .by(&["UL-134"])
        .expect_no_header("Dropbox-API-Result")?;
    Ok(())
}

const OF_AN_ERROR: Case = Case::observed("link/answers/of-an-error")
    .rules(&["UL-168", "API-35", "API-148", "API-149"])
    .claim("The 400 carries the headers of the content host and the policy that disarms its text.")
    .calls(2)
    .run(|t| Box::pin(of_an_error(t)));

async fn of_an_error(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    let request = link.request().content_type("image/jpeg").body(b"hello");
    t.send(request)
        .await?
        .expect_status(400)?
        .expect_header_that("Content-Type", "is text/plain", |value| {
            value.starts_with("text/plain")
        })?
        .expect_header("Content-Security-Policy", DISARMED)?
        .expect_header("X-Content-Type-Options", "nosniff")?
        .expect_header("Cache-Control", "no-cache")?
        .expect_answer_of_its_own()?
        .expect_readable_by_pages_if_at_all()?
        .expect_header("Strict-Transport-Security", HSTS)?
        .by(&["UL-168"])
        .expect_header("X-Robots-Tag", NO_ROBOTS)?;
    Ok(())
}

const OF_A_REFUSAL: Case = Case::observed("link/answers/of-a-refusal")
    .rules(&["UL-138", "UL-142", "API-148", "API-149"])
    .claim("The 409 and the 410 are plain texts with the headers of the content host, and for their asker alone.")
    .calls(5)
    .run(|t| Box::pin(of_a_refusal(t)));

async fn of_a_refusal(t: &Context) -> Verdict {
    let [_, conflict, gone] = errors(t).await?;
    for answer in [conflict, gone] {
        answer
            // Its charset is OQ-13.
            .expect_header_that("Content-Type", "is text/plain", |value| {
                value == "text/plain" || value.starts_with("text/plain;")
            })?
            .by(&["API-149"])
            .expect_header("Strict-Transport-Security", HSTS)?
            .by(&["API-148"])
            .expect_header("X-Robots-Tag", NO_ROBOTS)?
            .by(&[])
            .expect_answer_of_its_own()?
            .expect_readable_by_pages_if_at_all()?
            .expect_disarmed_if_at_all()?
            .expect_header_if_any("Vary", "Accept-Encoding")?
            .expect_header_if_any("Accept-Encoding", "identity,gzip")?;
    }
    Ok(())
}

const OF_A_413: Case = Case::observed("link/answers/of-a-413")
    .rules(&["UL-145", "UL-155", "API-23"])
    .claim("Where a length beyond every limit is a 413, no cache keeps it and no other page may read it.")
    .calls(2)
    .run(|t| Box::pin(of_a_413(t)));

async fn of_a_413(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt")).await?;
    match announce(t, &link).await? {
        Ok(answer) if answer.status() == 413 => answer
            .expect_answer_of_its_own()?
            .expect_readable_by_pages_if_at_all()?
            .expect_disarmed_if_at_all()
            .map(drop),
        _ => Err(t.does_not_apply("a length beyond every limit is no 413 here")),
    }
}

const SUCCESS_TO_THE_BYTE: Case = Case::observed("link/answers/success-to-the-byte")
    .rules(&["UL-105", "UL-131", "UL-133", "UL-165", "UL-173"])
    .claim(
        "The 200 is spelled in a dialect of Dropbox: in that of 2025 one space, 84 bytes in all, in \
         that of 2026 none.",
    )
    .calls(2)
    .run(|t| Box::pin(success_to_the_byte(t)));

async fn success_to_the_byte(t: &Context) -> Verdict {
    let answer = success(t).await?;
    let length = answer.body().len().to_string();
    answer
        .expect_header("Content-Length", &length)?
        .by(&["UL-133", "UL-165"])
        .expect_spelled_as_dropbox_does()?;
    Ok(())
}

const NO_NEWLINE: Case = Case::observed("link/answers/no-newline")
    .rules(&["UL-165", "API-30"])
    .claim("No text ends in a newline, and Content-Length is the length of the body.")
    .calls(5)
    .run(|t| Box::pin(no_newline(t)));

async fn no_newline(t: &Context) -> Verdict {
    for answer in errors(t).await? {
        let length = answer.body().len().to_string();
        if answer.body().is_empty() || answer.body().ends_with(b"\n") {
            return Err(answer.differs("there is a text without a newline at its end", &length));
        }
        answer.expect_header_that("Content-Length", "is the length of the body", |value| {
            value == length
        })?;
    }
    Ok(())
}

const REQUEST_IDS: Case = Case::observed("link/answers/request-ids")
    .rules(&["API-141"])
    .claim("Every answer of a link, a success too, carries a request id of its own.")
    .calls(7)
    .run(|t| Box::pin(request_ids(t)));

async fn request_ids(t: &Context) -> Verdict {
    let mut ids = BTreeSet::new();
    let [bad, conflict, gone] = errors(t).await?;
    for answer in [bad, conflict, gone, success(t).await?] {
        let answer = answer.by(&["API-141"]).expect_header_that(
            "X-Dropbox-Request-Id",
            "is 32 lower-case hex digits",
            is_request_id,
        )?;
        ids.extend(answer.header("X-Dropbox-Request-Id").map(str::to_owned));
    }
    if ids.len() != 4 {
        return Err(t.fail("two answers have the same request id"));
    }
    Ok(())
}

const NOTHING_IS_REVEALED: Case = Case::observed("link/answers/nothing-is-revealed")
    .rules(&["UL-131", "UL-135", "UL-164"])
    .claim("Whoever uses a link does not learn the name that autorename chose, nor id, nor rev.")
    .calls(3)
    .run(|t| Box::pin(nothing_is_revealed(t)));

async fn nothing_is_revealed(t: &Context) -> Verdict {
    t.given_file("/taken.txt", b"there").await?;
    let link = t.mint(commit_info("/taken.txt").autorename()).await?;
    let answer = t.consume(&link, b"other").await?.expect_status(200)?;
    let answer = answer.by(&["UL-135"]).expect_keys("", &["content-hash"])?;
    let telling = answer.headers().iter().find(|(_, value)| {
        value.contains("taken") || value.contains("id:") || value.contains("\"rev\"")
    });
    match telling {
        None => Ok(()),
        Some((name, _)) => Err(answer.differs("no header tells about the file", name)),
    }
}

const PROBE_ERROR_CONTENT_TYPE: Case = Case::probe("link/answers/probe-error-content-type")
    .rules(&["OQ-13", "UL-168", "API-151"])
    .claim("Which Content-Type the texts of a link have.")
    .calls(5)
    .run(|t| Box::pin(probe_error_content_type(t)));

async fn probe_error_content_type(t: &Context) -> Verdict {
    let types: BTreeSet<String> = errors(t)
        .await?
        .iter()
        .map(|answer| answer.header("Content-Type").unwrap_or("none").to_owned())
        .collect();
    t.observe("OQ-13", types.into_iter().collect::<Vec<_>>().join(" | "));
    Ok(())
}

const PROBE_HEADERS: Case = Case::probe("link/answers/probe-headers")
    .rules(&["OQ-13.headers", "UL-167", "UL-168"])
    .claim("Which headers the 200 of a link has beyond those that were captured elsewhere.")
    .calls(2)
    .run(|t| Box::pin(probe_headers(t)));

async fn probe_headers(t: &Context) -> Verdict {
    let answer = success(t).await?;
    let names: BTreeSet<&str> = answer
        .headers()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    t.observe(
        "OQ-13.headers",
        names.into_iter().collect::<Vec<_>>().join(", "),
    );
    Ok(())
}
