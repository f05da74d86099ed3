//! Getting bytes back: `files/download` and temporary links; and what `files/upload` itself refuses.

use std::time::Duration;

use serde_json::json;

use crate::cases::case::{Case, Needs};
use crate::failure::{Failure, Verdict};
use crate::http::{Body, Pattern, Request};
use crate::talk::answer::Answer;
use crate::talk::commit_info::commit_info;
use crate::talk::content_hash::content_hash;
use crate::talk::context::Context;

const LIMIT: u64 = 150 << 20;

pub const CASES: &[Case] = &[
    Case::required(
        "files/download/by-post-and-get",
        "A download gives the bytes, by POST and by GET, with the metadata in a header.",
        &["API-15", "API-16", "API-18", "API-216"],
        3,
        |t| Box::pin(download_by_post_and_get(t)),
    ),
    Case::observed(
        "files/download/headers",
        "A download is application/octet-stream with a length, a tag made of the rev, and ranges.",
        &["API-18"],
        2,
        |t| Box::pin(download_headers(t)),
    ),
    Case::required(
        "files/download/by-rev",
        "An older revision can still be downloaded.",
        &["API-192", "API-216"],
        3,
        |t| Box::pin(download_by_rev(t)),
    ),
    Case::required(
        "files/download/range",
        "A range is a 206 with these bytes only; one beyond the end is cut.",
        &["API-16", "API-19"],
        5,
        |t| Box::pin(download_range(t)),
    ),
    Case::required(
        "files/download/unchanged",
        "A GET that names the tag gets a 304 without bytes, and another tag the bytes.",
        &["API-16"],
        4,
        |t| Box::pin(download_unchanged(t)),
    ),
    Case::required(
        "files/download/folder",
        "A folder cannot be downloaded.",
        &["API-176", "API-178"],
        2,
        |t| Box::pin(download_folder(t)),
    ),
    Case::required(
        "files/temporary-link/gives-the-bytes",
        "A temporary link gives the bytes to anybody, whole and in part.",
        &["API-222"],
        4,
        |t| Box::pin(temporary_link(t)),
    ),
    Case::required(
        "files/temporary-link/expires",
        "A temporary link answers 410 after four hours.",
        &["API-222"],
        4,
        |t| Box::pin(temporary_link_expires(t)),
    )
    .needing(Needs::CLOCK)
    .waiting(14_402),
    Case::required(
        "files/temporary-link/folder",
        "There is no temporary link for a folder.",
        &["API-176", "API-182"],
        2,
        |t| Box::pin(temporary_link_folder(t)),
    ),
    Case::required(
        "files/upload/content-hash-holds",
        "An upload whose announced hash is right is stored; one whose hash is wrong is not.",
        &["API-173", "API-240"],
        3,
        |t| Box::pin(content_hash_holds(t)),
    ),
    Case::observed(
        "files/upload/conflict-body",
        "A conflict of files/upload is flattened under path and names the session that holds the data.",
        &["API-26", "API-163"],
        2,
        |t| Box::pin(conflict_body(t)),
    ),
    Case::required(
        "files/upload/conflict-can-be-finished",
        "The session of a failed upload can be committed elsewhere without the data.",
        &["API-164"],
        4,
        |t| Box::pin(conflict_can_be_finished(t)),
    ),
    Case::observed(
        "files/upload/chunked",
        "An upload may be chunked.",
        &["API-12"],
        2,
        |t| Box::pin(chunked(t)),
    ),
    Case::observed(
        "files/upload/empty",
        "An upload may be empty.",
        &["API-13", "API-203"],
        2,
        |t| Box::pin(empty(t)),
    ),
    Case::required(
        "files/upload/payload-too-large",
        "An upload of one byte more than 150 MiB is refused and stores nothing.",
        &["API-140", "API-173", "API-246"],
        2,
        |t| Box::pin(payload_too_large(t)),
    )
    .needing(Needs::BIG)
    .sending(LIMIT + 1),
    Case::required(
        "files/upload/payload-of-the-limit",
        "An upload of exactly 150 MiB is stored.",
        &["API-246"],
        2,
        |t| Box::pin(payload_of_the_limit(t)),
    )
    .needing(Needs::BIG)
    .sending(LIMIT),
    Case::probe(
        "files/upload/probe-session-of-a-conflict",
        "Whether a conflict still names a session, and in which form.",
        &["AQ-19"],
        2,
        |t| Box::pin(probe_session_of_a_conflict(t)),
    ),
    Case::required(
        "files/download/unsatisfiable-range",
        "A range that begins after the end is refused with words that say so.",
        &["API-19"],
        2,
        |t| Box::pin(unsatisfiable_range(t)),
    ),
];

fn download(t: &Context, path: &str) -> Request {
    t.download_request("files/download", &json!({"path": t.path(path)}))
}

async fn download_by_post_and_get(t: &Context) -> Verdict {
    let file = t.given_file("/a.txt", b"hello").await?;
    for method in ["POST", "GET"] {
        t.send(download(t, "/a.txt").method(method))
            .await?
            .expect_status(200)?
            .expect_bytes(b"hello")?
            .expect_header_that("Dropbox-API-Result", "tells the rev", |result| {
                result.contains(&format!("\"rev\": \"{}\"", file.rev()))
            })?;
    }
    Ok(())
}

async fn download_headers(t: &Context) -> Verdict {
    let file = t.given_file("/a.txt", b"hello").await?;
    t.send(download(t, "/a.txt"))
        .await?
        .expect_status(200)?
        .expect_header("Content-Type", "application/octet-stream")?
        .expect_header("Content-Length", "5")?
        .expect_header("Original-Content-Length", "5")?
        .expect_header("Accept-Ranges", "bytes")?
        .expect_header("ETag", &format!("W/\"{}\"", file.rev()))?
        .expect_header("Cache-Control", "no-cache")?;
    Ok(())
}

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

async fn temporary_link_folder(t: &Context) -> Verdict {
    t.given_folder("/folder").await?;
    link_to(t, "/folder").await?.expect_error("path/not_file")?;
    Ok(())
}

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
        .expect_string_that("/error/upload_session_id", "is there", |id| !id.is_empty())?;
    Ok(())
}

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
    t.expect_content("/b.txt", b"other").await?;
    Ok(())
}

async fn chunked(t: &Context) -> Verdict {
    let pieces: Vec<bytes::Bytes> = ["he", "l", "lo"].map(Into::into).to_vec();
    t.upload(commit_info("/a.txt"), Body::Chunks(pieces))
        .await?
        .expect_status(200)?;
    t.expect_content("/a.txt", b"hello").await?;
    Ok(())
}

async fn empty(t: &Context) -> Verdict {
    t.upload(commit_info("/a.txt"), b"")
        .await?
        .expect_status(200)?;
    let file = t.expect_content("/a.txt", b"").await?;
    if file.content_hash().starts_with("e3b0c442") {
        return Ok(());
    }
    Err(t.fail("the hash of an empty file is not that of nothing"))
}

async fn payload_too_large(t: &Context) -> Verdict {
    t.upload(
        commit_info("/a.bin"),
        Body::Generated(Pattern::Zeros, LIMIT + 1),
    )
    .await?
    .expect_error("payload_too_large")?;
    t.expect_nothing_at("/a.bin").await
}

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

async fn unsatisfiable_range(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"hello").await?;
    t.send(download(t, "/a.txt").header("Range", "bytes=10-"))
        .await?
        .expect_status_in(&[409, 416])?
        .expect_text_with("not_satisfiable")?;
    Ok(())
}
