//! Headers that every answer has, how JSON is spelled, and the shape of a refusal for being too fast.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::cases::files::metadata::{FILE_KEYS, TAGGED_FILE_KEYS};
use crate::cases::mint::answers::{is_number, is_request_id};
use crate::failure::{Failure, Verdict};
use crate::talk::answer::{Answer, DISARMED, HSTS, NO_ROBOTS, PAGES_MAY_READ};
use crate::talk::context::Context;
use crate::talk::spelling::{Dialect, in_ascii};
use crate::targets::control::Controls;

pub const CASES: &[Case] = &[
    REQUEST_ID,
    API_SUCCESS,
    CONTENT_SUCCESS,
    BAD_REQUEST,
    ENDPOINT_ERROR,
    CONTENT_ERROR,
    SUMMARY_ENDS_IN_DOTS,
    VARIES_ONCE_LONG,
    EXPOSED,
    SPELLING,
    RESULT_HEADER,
    SHAPE,
    PROBE_CONFLICT_HEADERS,
];

const REQUEST_ID: Case = Case::observed("headers/common/request-id")
    .rules(&["API-141"])
    .claim("Every answer, errors too, has a request id of 32 lower-case hexadecimal digits.")
    .calls(4)
    .run(|t| Box::pin(request_id(t)));

async fn request_id(t: &Context) -> Verdict {
    let answers = [
        t.rpc("check/user", json!({"query": "foo"})).await?,
        t.rpc("check/user", json!({"query": 5})).await?,
        t.look_at("/nothing.txt").await?,
        t.upload(crate::talk::commit_info::commit_info("/a.txt"), b"x")
            .await?,
    ];
    let mut seen = std::collections::BTreeSet::new();
    for answer in answers {
        let rule = "is 32 lower-case hexadecimal digits";
        let answer = answer.by(&["API-141"]).expect_header_that(
            "X-Dropbox-Request-Id",
            rule,
            is_request_id,
        )?;
        if !seen.insert(answer.header("X-Dropbox-Request-Id").map(str::to_owned)) {
            return Err(answer.differs("the request id is new", "one that was there before"));
        }
    }
    Ok(())
}

const API_SUCCESS: Case = Case::observed("headers/common/api-success")
    .rules(&[
        "API-142", "API-143", "API-144", "API-146", "API-147", "API-150", "API-151",
    ])
    .claim("A success of the api host has the recorded headers.")
    .calls(1)
    .run(|t| Box::pin(api_success(t)));

async fn api_success(t: &Context) -> Verdict {
    t.rpc("check/user", json!({"query": "foo"}))
        .await?
        .expect_status(200)?
        .expect_header("Content-Type", "application/json")?
        .expect_header("Cache-Control", "no-cache")?
        .expect_answer_of_its_own()?
        .expect_header("X-Content-Type-Options", "nosniff")?
        .expect_header("X-Frame-Options", "SAMEORIGIN")?
        .expect_header_if_any("Vary", "Accept-Encoding")?
        .expect_header_if_any("Accept-Encoding", "identity,gzip")?
        .expect_header("Server", "envoy")?
        .expect_header("X-Dropbox-Response-Origin", "far_remote")?
        .expect_header_that("X-Server-Response-Time", "is a number", is_number)?;
    Ok(())
}

const CONTENT_SUCCESS: Case = Case::observed("headers/common/content-success")
    .rules(&[
        "API-09", "API-143", "API-148", "API-149", "API-151", "API-152",
    ])
    .claim(
        "A success of the content host has the recorded headers, and its result in the body only.",
    )
    .calls(1)
    .run(|t| Box::pin(content_success(t)));

async fn content_success(t: &Context) -> Verdict {
    t.upload(crate::talk::commit_info::commit_info("/a.txt"), b"x")
        .await?
        .expect_status(200)?
        .expect_header("Content-Type", "application/json")?
        .expect_no_header("Dropbox-API-Result")?
        .expect_header("Cache-Control", "no-cache")?
        .expect_answer_of_its_own()?
        .expect_header("X-Content-Type-Options", "nosniff")?
        .expect_header("X-Robots-Tag", NO_ROBOTS)?
        .expect_header("Strict-Transport-Security", HSTS)?
        .expect_header_if_any("Vary", "Accept-Encoding")?
        .expect_header_that("X-Server-Response-Time", "is a number", is_number)?;
    Ok(())
}

const BAD_REQUEST: Case = Case::observed("headers/common/bad-request")
    .rules(&["API-29", "API-34", "API-35", "API-143", "API-151"])
    .claim("A 400 has the recorded headers, and no response time.")
    .calls(2)
    .run(|t| Box::pin(bad_request(t)));

async fn bad_request(t: &Context) -> Verdict {
    let rpc = t.rpc("files/delete_v2", json!({})).await?;
    let upload = t.content("files/upload", json!({}), b"x").await?;
    for answer in [rpc, upload] {
        answer.refusal()?;
        answer
            .expect_status(400)?
            .expect_header("Content-Security-Policy", DISARMED)?
            .expect_answer_of_its_own()?
            .expect_header_if_any("Vary", "Accept-Encoding")?
            .expect_no_header("X-Server-Response-Time")?
            .expect_no_header("WWW-Authenticate")?;
    }
    Ok(())
}

const ENDPOINT_ERROR: Case = Case::required("headers/common/endpoint-error")
    .rules(&["API-124", "API-151"])
    .claim("A 409 is JSON without charset: a summary of the tags, then the error.")
    .calls(1)
    .run(|t| Box::pin(endpoint_error(t)));

async fn endpoint_error(t: &Context) -> Verdict {
    t.look_at("/nothing.txt")
        .await?
        .expect_error("path/not_found")?
        .expect_answer_of_its_own()?
        .expect_readable_by_pages_if_at_all()?
        .expect_disarmed_if_at_all()?
        .expect_keys("", &["error_summary", "error"])?
        .by(&["API-124"])
        .expect_at(
            "/error",
            json!({".tag": "path", "path": {".tag": "not_found"}}),
        )?;
    Ok(())
}

const CONTENT_ERROR: Case = Case::observed("headers/common/content-error")
    .rules(&["API-141", "API-148", "API-149"])
    .claim("An error of the content host has a request id, is for TLS only and for no robot.")
    .calls(1)
    .run(|t| Box::pin(content_error(t)));

async fn content_error(t: &Context) -> Verdict {
    let argument = json!({"path": t.path("/nothing.txt")});
    let answer = t.download("files/download", argument).await?;
    answer
        .expect_error("path/not_found")?
        .by(&["API-141"])
        .expect_header_that(
            "X-Dropbox-Request-Id",
            "is 32 lower-case hex digits",
            is_request_id,
        )?
        .by(&["API-149"])
        .expect_header("Strict-Transport-Security", HSTS)?
        .by(&["API-148"])
        .expect_header("X-Robots-Tag", NO_ROBOTS)?
        .by(&[])
        .expect_answer_of_its_own()?
        .expect_readable_by_pages_if_at_all()?
        .expect_disarmed_if_at_all()?;
    Ok(())
}

const SUMMARY_ENDS_IN_DOTS: Case = Case::observed("headers/common/summary-ends-in-dots")
    .rules(&["API-125", "API-126"])
    .claim("An error summary ends in a slash and at most three dots.")
    .calls(6)
    .run(|t| Box::pin(summary_ends_in_dots(t)));

async fn summary_ends_in_dots(t: &Context) -> Verdict {
    for _ in 0..6 {
        let known = ["", ".", "..", "..."].map(|dots| format!("path/not_found/{dots}"));
        t.look_at("/nothing.txt")
            .await?
            .expect_status(409)?
            .by(&["API-125"])
            .expect_string_that(
                "/error_summary",
                "ends in a slash and at most three dots",
                |text| known.iter().any(|known| known == text),
            )?
            .expect_nothing_at("/user_message")?;
    }
    Ok(())
}

const EXPOSED: Case = Case::observed("headers/cors/exposed")
    .rules(&["API-23"])
    .claim("A page may read an answer, its range, its tag and its result.")
    .calls(2)
    .run(|t| Box::pin(cors(t)));

async fn cors(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"hello").await?;
    let request = t.download_request("files/download", &json!({"path": t.path("/a.txt")}));
    t.send(request.header("Origin", "https://page.example"))
        .await?
        .expect_status(200)?
        .expect_header("Access-Control-Allow-Origin", "*")?
        .by(&["API-23"])
        .expect_header("Access-Control-Expose-Headers", PAGES_MAY_READ)?;
    Ok(())
}

const SPELLING: Case = Case::observed("headers/json/spelling")
    .rules(&["API-21", "API-28", "API-30", "API-209", "AQ-29"])
    .claim("JSON is spelled as Python does (the dialect of 2025) or as Go does (that of 2026), without a line end.")
    .calls(4)
    .run(|t| Box::pin(json_spelling(t)));

async fn json_spelling(t: &Context) -> Verdict {
    t.upload(
        crate::talk::commit_info::commit_info("/\u{fa}\u{1f600}.txt"),
        b"x",
    )
    .await?
    .expect_status(200)?
    .expect_order("", &FILE_KEYS)?
    .by(&["API-21"])
    .expect_spelled_as_dropbox_does()?;
    t.look_at("/\u{fa}\u{1f600}.txt")
        .await?
        .expect_status(200)?
        .expect_spelled_as_dropbox_does()?
        .expect_order("", &TAGGED_FILE_KEYS)?;
    t.look_at("/nothing.txt")
        .await?
        .expect_status(409)?
        .expect_spelled_as_dropbox_does()?
        .expect_order("", &["error_summary", "error"])?;
    t.rpc("check/user", json!({"query": "\u{7f}\u{e9}\"\\"}))
        .await?
        .expect_status(200)?
        .expect_spelled_as_dropbox_does()?;
    Ok(())
}

const RESULT_HEADER: Case = Case::observed("headers/json/result-header")
    .rules(&["API-15", "API-18", "API-21"])
    .claim("The result of a download stands in a header, in ASCII.")
    .calls(2)
    .run(|t| Box::pin(result_header(t)));

async fn result_header(t: &Context) -> Verdict {
    t.given_file("/\u{fa}.txt", b"hello").await?;
    let argument = json!({"path": t.path("/\u{fa}.txt")});
    let answer = t
        .download("files/download", argument)
        .await?
        .expect_status(200)?;
    let header = answer.header("Dropbox-API-Result").unwrap_or_default();
    let result: Value = serde_json::from_str(header)
        .map_err(|_| answer.differs("Dropbox-API-Result is JSON", header))?;
    if ![Dialect::Of2025, Dialect::Of2026]
        .iter()
        .any(|dialect| in_ascii(&dialect.spell(&result)) == header)
    {
        return Err(answer.differs("Dropbox-API-Result is spelled as Dropbox does", header));
    }
    if result["name"] != "\u{fa}.txt" || result.get(".tag").is_some() {
        return Err(answer.differs("it is the file's metadata without a tag", header));
    }
    Ok(())
}

/// Fifteen writes at once, none of which is tried again.
async fn burst(t: &Context) -> Result<Vec<Answer>, Failure> {
    let uploads = (0..15).map(|number| {
        let argument = json!({"path": t.path(&format!("/{number}.txt")), "mute": true});
        let request = t.content_request("files/upload", &argument).body(b"x");
        t.send(request.impatient().in_group("burst"))
    });
    join_all(uploads).await.into_iter().collect()
}

const VARIES_ONCE_LONG: Case = Case::observed("headers/common/varies-once-long")
    .rules(&["API-267"])
    .claim("An answer says that it varies by encoding once it is long enough to be compressed.")
    .calls(2)
    .run(|t| Box::pin(varies_once_long(t)));

async fn varies_once_long(t: &Context) -> Verdict {
    let echo = |length: usize| t.rpc("check/user", json!({"query": "x".repeat(length)}));
    echo(40)
        .await?
        .expect_status(200)?
        .expect_no_header("Vary")?;
    echo(400)
        .await?
        .expect_status(200)?
        .expect_header("Vary", "Accept-Encoding")?;
    Ok(())
}

const SHAPE: Case = Case::observed("headers/rate-limit/shape")
    .rules(&["API-131", "API-132", "API-133", "API-134", "API-135"])
    .claim("Where a write is refused for being too fast, the 429 says when to come again.")
    .calls(19)
    .run(|t| Box::pin(rate_limit_shape(t)));

async fn rate_limit_shape(t: &Context) -> Verdict {
    let mut refused = 0;
    if let Some(controls) = t.target().clock.controls() {
        refused += provoked(t, controls).await?;
    }
    for answer in burst(t).await? {
        let answer = answer.expect_status_in(&[200, 409, 429])?;
        match answer.status() {
            409 => drop(answer.expect_error("path/too_many_write_operations")?),
            429 => as_refused_for_being_too_fast(answer)?,
            _ => continue,
        }
        refused += 1;
    }
    if refused == 0 {
        return Err(t.does_not_apply("no write of the burst was refused"));
    }
    Ok(())
}

/// Has a fake refuse a write in each way that it can, and gives how many were refused.
async fn provoked(t: &Context, controls: &Controls) -> Result<usize, Failure> {
    let answers = [
        json!({"too_many_write_operations": {"retry_after": 1}}),
        json!({"too_many_requests": {"retry_after": 15}}),
        json!({"too_many_requests": {"retry_after": 15, "form": "text"}}),
    ];
    for answer in &answers {
        let fault = json!({"match": {"route": "files/upload"}, "phase": "head", "action": {"answer": answer}});
        // Other controls than these are no fault of a target.
        if controls.post_for_account("faults", &fault).await.is_err() {
            return Ok(0);
        }
        let argument = json!({"path": t.path("/refused.txt"), "mute": true});
        let request = t.content_request("files/upload", &argument).body(b"x");
        let refused = t.send(request.impatient()).await?.expect_status(429)?;
        let retry_after = &answer
            .as_object()
            .and_then(|map| map.values().next())
            .cloned();
        let wanted = retry_after
            .as_ref()
            .map_or(1, |form| form["retry_after"].as_u64().unwrap_or(1));
        let refused = refused
            .by(&["API-131", "API-133"])
            .expect_header("Retry-After", &wanted.to_string())?;
        as_refused_for_being_too_fast(refused.by(&[]))?;
    }
    t.expect_nothing_at("/refused.txt").await?;
    Ok(answers.len())
}

/// The 429 says when to come again, in its header, and in JSON with the reason.
fn as_refused_for_being_too_fast(answer: Answer) -> Verdict {
    let answer = answer.expect_header_that("Retry-After", "is a number of seconds", |value| {
        value.parse::<u32>().is_ok()
    })?;
    if answer.header("Content-Type") != Some("application/json") {
        answer.by(&["API-134"]).expect_header_that(
            "Content-Type",
            "is JSON or plain text",
            |value| value.starts_with("text/plain"),
        )?;
        return Ok(());
    }
    let reason = answer.string_at("/error/reason/.tag")?;
    let answer = answer
        .by(&["API-132"])
        .expect_string_that("/error_summary", "begins with the reason", |summary| {
            summary.starts_with(&format!("{reason}/"))
        })?
        .expect_nothing_at("/error/.tag")?;
    match reason.as_str() {
        "too_many_write_operations" => drop(answer.expect_nothing_at("/error/retry_after")?),
        _ => {
            let header = answer
                .header("Retry-After")
                .and_then(|text| text.parse::<u64>().ok());
            answer.expect_at("/error/retry_after", header)?;
        }
    }
    Ok(())
}

const PROBE_CONFLICT_HEADERS: Case = Case::probe("headers/probe-conflict-headers")
    .rules(&["AQ-14", "API-129"])
    .claim("Which headers a 409 has on each host.")
    .calls(2)
    .run(|t| Box::pin(probe_conflict_headers(t)));

async fn probe_conflict_headers(t: &Context) -> Verdict {
    let api = t.look_at("/nothing.txt").await?;
    let argument = json!({"path": t.path("/nothing.txt")});
    let content = t.download("files/download", argument).await?;
    for (host, answer) in [("api", api), ("content", content)] {
        let answer = answer.expect_status(409)?;
        let mut names: Vec<_> = answer
            .headers()
            .iter()
            .map(|(name, _)| name.to_ascii_lowercase())
            .collect();
        names.sort();
        t.observe("AQ-14", format!("{host}: {}", names.join(" ")));
    }
    Ok(())
}
