//! Getting bytes back: `files/download` and temporary links; and what `files/upload` itself refuses.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cases::case::{Case, Needs};
use crate::cases::mint::answers::{is_number, is_request_id};
use crate::failure::{Failure, Verdict};
use crate::http::{Body, Pattern, Request};
use crate::talk::answer::{Answer, HSTS, NO_ROBOTS};
use crate::talk::client::without_tag;
use crate::talk::commit_info::commit_info;
use crate::talk::content_hash::content_hash;
use crate::talk::context::Context;

const LIMIT: u64 = 150 << 20;

pub const CASES: &[Case] = &[
    BY_POST_AND_GET,
    HEADERS,
    BY_REV,
    RANGE,
    UNCHANGED,
    DOWNLOAD_FOLDER,
    GIVES_THE_BYTES,
    TYPE_OF_THE_FILE,
    EXPIRES,
    TEMPORARY_LINK_FOLDER,
    CONTENT_HASH_HOLDS,
    CONFLICT_BODY,
    CONFLICT_CAN_BE_FINISHED,
    CHUNKED,
    EMPTY,
    PAYLOAD_TOO_LARGE,
    PAYLOAD_OF_THE_LIMIT,
    PROBE_SESSION_OF_A_CONFLICT,
    UNSATISFIABLE_RANGE,
];

fn download(t: &Context, path: &str) -> Request {
    t.download_request("files/download", &json!({"path": t.path(path)}))
}

const BY_POST_AND_GET: Case = Case::required("files/download/by-post-and-get")
    .rules(&["API-15", "API-16", "API-18", "API-216"])
    .claim("A download gives the bytes, by POST and by GET, with the metadata in a header.")
    .calls(3)
    .run(|t| Box::pin(download_by_post_and_get(t)));

async fn download_by_post_and_get(t: &Context) -> Verdict {
    let file = t.given_file("/a.txt", b"hello").await?;
    for method in ["POST", "GET"] {
        t.send(download(t, "/a.txt").method(method))
            .await?
            .expect_status(200)?
            .expect_bytes(b"hello")?
            .expect_header_that("Dropbox-API-Result", "tells the rev", |result| {
                let result: Value = serde_json::from_str(result).unwrap_or_default();
                result["rev"] == file.rev()
            })?;
    }
    Ok(())
}

const HEADERS: Case = Case::observed("files/download/headers")
    .rules(&["API-18"])
    .claim(
        "A download is application/octet-stream with a length, a tag made of the rev, and ranges.",
    )
    .calls(3)
    .run(|t| Box::pin(download_headers(t)));

async fn download_headers(t: &Context) -> Verdict {
    let file = t.given_file("/a.txt", b"hello").await?;
    for method in ["POST", "GET"] {
        t.send(download(t, "/a.txt").method(method))
            .await?
            .expect_status(200)?
            .expect_header("Content-Type", "application/octet-stream")?
            .expect_header("Content-Length", "5")?
            .expect_header("Original-Content-Length", "5")?
            .expect_header("Accept-Ranges", "bytes")?
            .expect_header("ETag", &format!("W/\"{}\"", file.rev()))?
            .expect_header("Cache-Control", "no-cache")?
            .expect_header("X-Robots-Tag", NO_ROBOTS)?
            .expect_header("Strict-Transport-Security", HSTS)?
            .expect_header_if_any("X-Content-Type-Options", "nosniff")?
            .expect_header_that("X-Server-Response-Time", "is a number", is_number)?
            .expect_header_that("X-Dropbox-Request-Id", "is 32 digits", is_request_id)?;
    }
    Ok(())
}

const BY_REV: Case = Case::required("files/download/by-rev")
    .rules(&["API-192", "API-216"])
    .claim("An older revision can still be downloaded.")
    .calls(3)
    .run(|t| Box::pin(download_by_rev(t)));

async fn download_by_rev(t: &Context) -> Verdict {
    let first = t.given_file("/a.txt", b"first").await?;
    t.given_file("/a.txt", b"second").await?;
    t.download(
        "files/download",
        json!({"path": format!("rev:{}", first.rev())}),
    )
    .await?
    .expect_status(200)?
    .expect_bytes(b"first")?;
    Ok(())
}

const RANGE: Case = Case::required("files/download/range")
    .rules(&["API-16", "API-19"])
    .claim("A range is a 206 with these bytes only; one beyond the end is cut.")
    .calls(5)
    .run(|t| Box::pin(download_range(t)));

async fn download_range(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"0123456789").await?;
    for (range, bytes, shown) in [
        ("bytes=2-4", &b"234"[..], "bytes 2-4/10"),
        ("bytes=0-", b"0123456789", "bytes 0-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=8-400", b"89", "bytes 8-9/10"),
    ] {
        t.send(download(t, "/a.txt").header("Range", range))
            .await?
            .expect_status(206)?
            .expect_bytes(bytes)?
            .expect_header("Content-Range", shown)?;
    }
    Ok(())
}

const UNCHANGED: Case = Case::required("files/download/unchanged")
    .rules(&["API-16"])
    .claim("A GET that names the tag gets a 304 without bytes, and another tag the bytes.")
    .calls(4)
    .run(|t| Box::pin(download_unchanged(t)));

async fn download_unchanged(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"hello").await?;
    let get = || download(t, "/a.txt").method("GET");
    let first = t.send(get()).await?.expect_status(200)?;
    let tag = first.header("ETag").unwrap_or_default().to_owned();
    t.send(get().header("If-None-Match", tag))
        .await?
        .expect_status(304)?
        .expect_bytes(b"")?;
    t.send(get().header("If-None-Match", "W/\"000000000\""))
        .await?
        .expect_status(200)?
        .expect_bytes(b"hello")?;
    Ok(())
}

const DOWNLOAD_FOLDER: Case = Case::required("files/download/folder")
    .rules(&["API-176", "API-178"])
    .claim("A folder cannot be downloaded.")
    .calls(2)
    .run(|t| Box::pin(download_folder(t)));

async fn download_folder(t: &Context) -> Verdict {
    t.given_folder("/folder").await?;
    t.send(download(t, "/folder"))
        .await?
        .expect_error("path/not_file")?;
    Ok(())
}

async fn link_to(t: &Context, path: &str) -> Result<Answer, Failure> {
    t.rpc("files/get_temporary_link", json!({"path": t.path(path)}))
        .await
}

const GIVES_THE_BYTES: Case = Case::required("files/temporary-link/gives-the-bytes")
    .rules(&["API-222"])
    .claim("A temporary link gives the bytes to anybody, whole and in part.")
    .calls(4)
    .run(|t| Box::pin(temporary_link(t)));

async fn temporary_link(t: &Context) -> Verdict {
    let file = t.given_file("/a.txt", b"0123456789").await?;
    let answer = link_to(t, "/a.txt")
        .await?
        .expect_status(200)?
        .expect_keys("", &["metadata", "link"])?
        .expect_keys("/metadata", &crate::cases::files::metadata::FILE_KEYS)?
        .expect_at("/metadata/rev", file.rev())?;
    let link = answer.string_at("/link")?;
    t.send(Request::new("GET", &link))
        .await?
        .expect_status(200)?
        .expect_bytes(b"0123456789")?
        .expect_no_header("Dropbox-API-Result")?;
    t.send(Request::new("GET", &link).header("Range", "bytes=2-4"))
        .await?
        .expect_status(206)?
        .expect_bytes(b"234")?;
    Ok(())
}

const TYPE_OF_THE_FILE: Case = Case::required("files/temporary-link/type-of-the-file")
    .rules(&["API-222"])
    .claim("A temporary link serves a file with the Content-Type of its kind, and its metadata are the file's.")
    .calls(12)
    .run(|t| Box::pin(type_of_the_file(t)));

async fn type_of_the_file(t: &Context) -> Verdict {
    for (name, kind) in [
        ("/a.txt", "text/plain"),
        ("/a.jpg", "image/jpeg"),
        ("/a.pdf", "application/pdf"),
    ] {
        t.given_file(name, b"0123456789").await?;
        let there = without_tag(t.entry(name).await?);
        let answer = link_to(t, name).await?.expect_status(200)?;
        let link = answer.expect_at("/metadata", there)?.string_at("/link")?;
        t.send(Request::new("GET", &link))
            .await?
            .expect_status(200)?
            .by(&["API-222"])
            .expect_header_that("Content-Type", "is that of the file", |value| {
                value == kind || value.starts_with(&format!("{kind};"))
            })?;
    }
    Ok(())
}

const EXPIRES: Case = Case::required("files/temporary-link/expires")
    .rules(&["API-222"])
    .claim("A temporary link answers 410 after four hours.")
    .calls(4)
    .needing(Needs::CLOCK)
    .waiting(14_402)
    .run(|t| Box::pin(temporary_link_expires(t)));

async fn temporary_link_expires(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"hello").await?;
    let link = link_to(t, "/a.txt")
        .await?
        .expect_status(200)?
        .string_at("/link")?;
    t.let_pass(Duration::from_secs(14_390)).await?;
    t.send(Request::new("GET", &link))
        .await?
        .expect_status(200)?;
    t.let_pass(Duration::from_secs(12)).await?;
    t.send(Request::new("GET", &link))
        .await?
        .expect_status(410)?;
    Ok(())
}

const TEMPORARY_LINK_FOLDER: Case = Case::required("files/temporary-link/folder")
    .rules(&["API-176", "API-182"])
    .claim("There is no temporary link for a folder.")
    .calls(2)
    .run(|t| Box::pin(temporary_link_folder(t)));

async fn temporary_link_folder(t: &Context) -> Verdict {
    t.given_folder("/folder").await?;
    link_to(t, "/folder").await?.expect_error("path/not_file")?;
    Ok(())
}

const CONTENT_HASH_HOLDS: Case = Case::required("files/upload/content-hash-holds")
    .rules(&["API-173", "API-240"])
    .claim("An upload whose announced hash is right is stored; one whose hash is wrong is not.")
    .calls(3)
    .run(|t| Box::pin(content_hash_holds(t)));

async fn content_hash_holds(t: &Context) -> Verdict {
    let announced = |hash: String| commit_info("/a.txt").field("content_hash", hash);
    t.upload(announced(content_hash(b"other")), b"hello")
        .await?
        .expect_error("content_hash_mismatch")?
        .expect_at("/error", json!({".tag": "content_hash_mismatch"}))?;
    t.expect_nothing_at("/a.txt").await?;
    t.upload(announced(content_hash(b"hello")), b"hello")
        .await?
        .expect_status(200)?;
    Ok(())
}

const CONFLICT_BODY: Case = Case::observed("files/upload/conflict-body")
    .rules(&["API-26", "API-163"])
    .claim(
        "A conflict of files/upload is flattened under path and names the session that holds the \
         data.",
    )
    .calls(2)
    .run(|t| Box::pin(conflict_body(t)));

async fn conflict_body(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"first").await?;
    t.upload(commit_info("/a.txt"), b"other")
        .await?
        .expect_error("path/conflict/file")?
        .expect_keys("/error", &[".tag", "reason", "upload_session_id"])?
        .expect_at(
            "/error/reason",
            json!({".tag": "conflict", "conflict": {".tag": "file"}}),
        )?
        .by(&["API-26", "API-163"])
        .expect_string_that("/error/upload_session_id", "is there", |id| !id.is_empty())?;
    Ok(())
}

const CONFLICT_CAN_BE_FINISHED: Case = Case::required("files/upload/conflict-can-be-finished")
    .rules(&["API-164"])
    .claim("The session of a failed upload can be committed elsewhere without the data.")
    .calls(4)
    .run(|t| Box::pin(conflict_can_be_finished(t)));

async fn conflict_can_be_finished(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"first").await?;
    let conflict = t
        .upload(commit_info("/a.txt"), b"other")
        .await?
        .expect_status(409)?;
    let session = conflict.string_at("/error/upload_session_id")?;
    let argument = json!({
        "cursor": {"session_id": session, "offset": 5},
        "commit": t.commit_argument(&commit_info("/b.txt")),
    });
    t.content("files/upload_session/finish", argument, b"")
        .await?
        .expect_status(200)?;
    t.shows(&["API-164"], t.expect_content("/b.txt", b"other"))
        .await?;
    Ok(())
}

const CHUNKED: Case = Case::observed("files/upload/chunked")
    .rules(&["API-12"])
    .claim("An upload may be chunked.")
    .calls(2)
    .run(|t| Box::pin(chunked(t)));

async fn chunked(t: &Context) -> Verdict {
    let pieces: Vec<bytes::Bytes> = ["he", "l", "lo"].map(Into::into).to_vec();
    t.upload(commit_info("/a.txt"), Body::Chunks(pieces))
        .await?
        .expect_status(200)?;
    t.shows(&["API-12"], t.expect_content("/a.txt", b"hello"))
        .await?;
    Ok(())
}

const EMPTY: Case = Case::observed("files/upload/empty")
    .rules(&["API-13", "API-203"])
    .claim("An upload may be empty.")
    .calls(2)
    .run(|t| Box::pin(empty(t)));

async fn empty(t: &Context) -> Verdict {
    t.upload(commit_info("/a.txt"), b"")
        .await?
        .expect_status(200)?;
    let file = t
        .shows(&["API-13"], t.expect_content("/a.txt", b""))
        .await?;
    if file.content_hash().starts_with("e3b0c442") {
        return Ok(());
    }
    Err(t.fail("the hash of an empty file is not that of nothing"))
}

const PAYLOAD_TOO_LARGE: Case = Case::required("files/upload/payload-too-large")
    .rules(&["API-140", "API-173", "API-246"])
    .claim("An upload of one byte more than 150 MiB is refused and stores nothing.")
    .calls(2)
    .needing(Needs::BIG)
    .sending(LIMIT + 1)
    .run(|t| Box::pin(payload_too_large(t)));

async fn payload_too_large(t: &Context) -> Verdict {
    t.upload(
        commit_info("/a.bin"),
        Body::Generated(Pattern::Zeros, LIMIT + 1),
    )
    .await?
    .by(&["API-140"])
    .expect_error("payload_too_large")?;
    t.expect_nothing_at("/a.bin").await
}

const PAYLOAD_OF_THE_LIMIT: Case = Case::required("files/upload/payload-of-the-limit")
    .rules(&["API-246"])
    .claim("An upload of exactly 150 MiB is stored.")
    .calls(2)
    .needing(Needs::BIG)
    .sending(LIMIT)
    .run(|t| Box::pin(payload_of_the_limit(t)));

async fn payload_of_the_limit(t: &Context) -> Verdict {
    t.upload(
        commit_info("/a.bin"),
        Body::Generated(Pattern::Zeros, LIMIT),
    )
    .await?
    .expect_status(200)?
    .expect_at("/size", LIMIT)?;
    Ok(())
}

const PROBE_SESSION_OF_A_CONFLICT: Case = Case::probe("files/upload/probe-session-of-a-conflict")
    .rules(&["AQ-19"])
    .claim("Whether a conflict still names a session, and in which form.")
    .calls(2)
    .run(|t| Box::pin(probe_session_of_a_conflict(t)));

async fn probe_session_of_a_conflict(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"first").await?;
    let conflict = t
        .upload(commit_info("/a.txt"), b"other")
        .await?
        .expect_status(409)?;
    let form = match conflict.string_at("/error/upload_session_id") {
        Err(_) => "none",
        Ok(id) if id.starts_with("pid_upload_session:") => "pid_upload_session",
        Ok(_) => "bare",
    };
    t.observe("AQ-19", form);
    Ok(())
}

const UNSATISFIABLE_RANGE: Case = Case::required("files/download/unsatisfiable-range")
    .rules(&["API-19"])
    .claim("A range that begins after the end is refused with words that say so.")
    .calls(2)
    .run(|t| Box::pin(unsatisfiable_range(t)));

async fn unsatisfiable_range(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"hello").await?;
    t.send(download(t, "/a.txt").header("Range", "bytes=10-"))
        .await?
        .expect_status_in(&[409, 416])?
        .expect_text_with("not_satisfiable")?;
    Ok(())
}
