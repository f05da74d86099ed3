//! The other fields of a commit info, through a link and through `files/upload`.

use serde_json::json;

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::client::Via;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    WITHOUT_CLIENT_MODIFIED,
    REPLACED_CLIENT_MODIFIED,
    MUTE,
    UNKNOWN_TEMPLATE,
    EMPTY_PROPERTY_GROUPS,
    CONTENT_HASH_OF_AN_UPLOAD,
    DEFAULTS,
    PROBE_CLIENT_MODIFIED,
    LATER_STATE_COUNTS,
];

const PAST: &str = "1988-04-05T06:07:08Z";
const FUTURE: &str = "2099-01-02T03:04:05Z";

/// Seconds since the epoch of a time as the API writes it.
fn seconds(time: &str) -> Option<i64> {
    time.parse::<jiff::Timestamp>()
        .ok()
        .map(jiff::Timestamp::as_second)
}

const WITHOUT_CLIENT_MODIFIED: Case = Case::observed("commit/fields/without-client-modified")
    .rules(&["UL-15", "API-205"])
    .claim("Without a time of the client the time of the call is stored.")
    .calls(5)
    .run(|t| Box::pin(without_client_modified(t)));

async fn without_client_modified(t: &Context) -> Verdict {
    for (via, path) in [(Via::Link, "/link.txt"), (Via::Upload, "/upload.txt")] {
        t.commit(via, commit_info(path), b"hello")
            .await?
            .expect_status(200)?;
        let file = t.file(path).await?;
        let (client, server) = (file.text("client_modified"), file.text("server_modified"));
        let apart = seconds(server)
            .zip(seconds(client))
            .map(|(server, client)| server - client);
        // It may be a second or so older (API-205).
        if !apart.is_some_and(|apart| (0..=5).contains(&apart)) {
            return Err(t.fail(&format!(
                "client_modified is {client}, server_modified {server}"
            )));
        }
    }
    Ok(())
}

const REPLACED_CLIENT_MODIFIED: Case = Case::required("commit/fields/replaced-client-modified")
    .rules(&["OQ-21", "API-156"])
    .claim("New content brings its own client_modified with it.")
    .calls(5)
    .run(|t| Box::pin(replaced_client_modified(t)));

async fn replaced_client_modified(t: &Context) -> Verdict {
    let first = commit_info("/a.txt").client_modified("2001-02-03T04:05:06Z");
    t.upload(first, b"first").await?.expect_status(200)?;
    let second = commit_info("/a.txt").overwrite().client_modified(PAST);
    t.upload(second, b"second").await?.expect_status(200)?;
    let stored = t.expect_content("/a.txt", b"second").await?;
    if stored.text("client_modified") != PAST {
        return Err(t.fail("the file has not the client_modified of its content"));
    }
    Ok(())
}

const MUTE: Case = Case::required("commit/fields/mute")
    .rules(&["UL-16", "UL-137"])
    .claim("mute true and false store the same.")
    .calls(8)
    .run(|t| Box::pin(mute(t)));

async fn mute(t: &Context) -> Verdict {
    for (path, mute) in [("/a.txt", true), ("/b.txt", false)] {
        let info = commit_info(path).field("mute", mute);
        t.commit(Via::Link, info, b"hello")
            .await?
            .expect_status(200)?;
        t.expect_content(path, b"hello").await?;
    }
    let info = commit_info("/c.txt").field("mute", false);
    t.commit(Via::Upload, info, b"hello")
        .await?
        .expect_status(200)?;
    t.expect_content("/c.txt", b"hello").await?;
    Ok(())
}

const UNKNOWN_TEMPLATE: Case = Case::observed("commit/fields/unknown-template")
    .rules(&["UL-17", "UL-19", "UL-137", "UL-143", "API-173", "API-253"])
    .claim("A property group of a template that nobody made is refused, and the file is stored, both ways.")
    .calls(5)
    .run(|t| Box::pin(unknown_template(t)));

async fn unknown_template(t: &Context) -> Verdict {
    let group = json!([{
        "template_id": "ptid:conformance-nobody-made-it",
        "fields": [{"name": "name", "value": "value"}],
    }]);
    for (via, path) in [(Via::Link, "/link.txt"), (Via::Upload, "/upload.txt")] {
        let info = commit_info(path).field("property_groups", group.clone());
        let answer = t.commit(via, info, b"hello").await?;
        t.expect_commit_failed(via, answer, "properties_error/template_not_found")?;
        t.expect_content(path, b"hello").await?;
    }
    Ok(())
}

const EMPTY_PROPERTY_GROUPS: Case = Case::required("commit/fields/empty-property-groups")
    .rules(&["UL-17", "UL-58"])
    .claim("An empty list of property groups is no hindrance.")
    .calls(5)
    .run(|t| Box::pin(empty_property_groups(t)));

async fn empty_property_groups(t: &Context) -> Verdict {
    for (via, path) in [(Via::Link, "/link.txt"), (Via::Upload, "/upload.txt")] {
        let info = commit_info(path).field("property_groups", json!([]));
        t.commit(via, info, b"hello").await?.expect_status(200)?;
        t.expect_content(path, b"hello").await?;
    }
    Ok(())
}

const CONTENT_HASH_OF_AN_UPLOAD: Case = Case::required("commit/fields/content-hash-of-an-upload")
    .rules(&["UL-21", "API-154", "API-240"])
    .claim("files/upload holds the bytes against a content_hash, which a link cannot do.")
    .calls(3)
    .run(|t| Box::pin(content_hash_of_an_upload(t)));

async fn content_hash_of_an_upload(t: &Context) -> Verdict {
    let hash = |bytes: &[u8]| crate::talk::content_hash::content_hash(bytes);
    let wrong = commit_info("/a.txt").field("content_hash", hash(b"other"));
    t.upload(wrong, b"hello")
        .await?
        .by(&["API-240"])
        .expect_error("content_hash_mismatch")?;
    t.expect_nothing_at("/a.txt").await?;
    let right = commit_info("/a.txt").field("content_hash", hash(b"hello"));
    t.upload(right, b"hello").await?.expect_status(200)?;
    Ok(())
}

const DEFAULTS: Case = Case::required("commit/fields/defaults")
    .rules(&["UL-13", "UL-14", "UL-18", "API-153"])
    .claim("Without any field a commit adds, does not rename and does not mind identical content.")
    .calls(7)
    .run(|t| Box::pin(defaults(t)));

async fn defaults(t: &Context) -> Verdict {
    let argument = json!({"path": t.path("/a.txt")});
    let upload = |body: &'static [u8]| t.content("files/upload", argument.clone(), body);
    upload(b"first").await?.expect_status(200)?;
    upload(b"first").await?.expect_status(200)?;
    upload(b"other").await?.expect_error("path/conflict/file")?;
    t.expect_nothing_at("/a (1).txt").await?;
    let minting = json!({"commit_info": argument});
    let answer = t.mint_with(minting.clone()).await?.expect_status(200)?;
    let link = t.link_of(&answer, &minting)?;
    t.consume(&link, b"other").await?.expect_status(409)?;
    t.expect_content("/a.txt", b"first").await?;
    Ok(())
}

const PROBE_CLIENT_MODIFIED: Case = Case::probe("commit/fields/probe-client-modified")
    .rules(&["OQ-21", "UL-137", "API-207"])
    .claim("What becomes of the client_modified of a mint, in the past and in the future.")
    .calls(6)
    .run(|t| Box::pin(probe_client_modified(t)));

async fn probe_client_modified(t: &Context) -> Verdict {
    let mut stored = Vec::new();
    for (path, time) in [("/past.txt", PAST), ("/future.txt", FUTURE)] {
        t.commit(Via::Link, commit_info(path).client_modified(time), b"hello")
            .await?
            .expect_status(200)?;
        stored.push(t.file(path).await?.text("client_modified") == time);
    }
    let answer = match stored[..] {
        [true, true] => "as_given",
        [true, false] => "clamped_to_now",
        [false, false] => "ignored",
        _ => "only the future is kept",
    };
    t.observe("OQ-21", answer);
    Ok(())
}

const LATER_STATE_COUNTS: Case = Case::required("commit/fields/later-state-counts")
    .rules(&["UL-85", "UL-161", "API-189"])
    .claim("A commit info is judged when the link is used, not when it was minted.")
    .calls(5)
    .run(|t| Box::pin(later_state_counts(t)));

async fn later_state_counts(t: &Context) -> Verdict {
    let free_then = t.mint(commit_info("/a.txt")).await?;
    t.given_file("/a.txt", b"there").await?;
    t.consume(&free_then, b"other").await?.expect_status(409)?;
    let taken_then = t.mint(commit_info("/a.txt").overwrite()).await?;
    t.consume(&taken_then, b"other").await?.expect_status(200)?;
    Ok(())
}
