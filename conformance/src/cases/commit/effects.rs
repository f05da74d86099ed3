//! What a commit leaves behind beyond the cells of the table, and what it says when it fails.

use std::time::Duration;

use serde_json::json;

use crate::cases::case::{Case, Needs};
use crate::failure::{Failure, Verdict};
use crate::talk::answer::DISARMED;
use crate::talk::client::Via;
use crate::talk::client::without_tag;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    PROBE_IDENTICAL_CONTENT,
    PROBE_STRICT_OVERWRITE,
    PROBE_UPDATE_AFTER_DELETE,
    PROBE_ID_AFTER_DELETE,
    REPLACED_FILE_KEEPS_ITS_ID,
    IDENTICAL_CONTENT_KEEPS_EVERYTHING,
    ANSWER_IS_WHAT_IS_THERE,
    TIME_OF_AN_OVERWRITE,
    FAILURE_IS_ONE_TEXT,
    FAILURE_OF_AN_UPLOAD,
];

const CONTENT: &[u8] = b"what is sent";

const PROBE_IDENTICAL_CONTENT: Case = Case::probe("commit/effects/probe-identical-content")
    .rules(&["OQ-20", "UL-32", "API-157"])
    .claim("Whether an upload of identical content gives the file a new rev.")
    .calls(5)
    .run(|t| Box::pin(probe_identical_content(t)));

async fn probe_identical_content(t: &Context) -> Verdict {
    let before = t.given_file("/a.txt", CONTENT).await?;
    t.commit(Via::Link, commit_info("/a.txt"), CONTENT)
        .await?
        .expect_status(200)?;
    let by_link = t.file("/a.txt").await?.rev() == before.rev();
    let uploaded = t
        .commit(Via::Upload, commit_info("/a.txt"), CONTENT)
        .await?
        .expect_status(200)?;
    let answer = match (by_link, uploaded.string_at("/rev")? == before.rev()) {
        (true, true) => "keeps_rev",
        (false, false) => "new_rev",
        _ => "a link and files/upload differ",
    };
    t.observe("OQ-20", answer);
    Ok(())
}

const PROBE_STRICT_OVERWRITE: Case = Case::probe("commit/effects/probe-strict-overwrite")
    .rules(&["AQ-11", "UL-180", "API-156"])
    .claim("What overwrite with strict_conflict does to identical content.")
    .calls(5)
    .run(|t| Box::pin(probe_strict_overwrite(t)));

async fn probe_strict_overwrite(t: &Context) -> Verdict {
    t.given_file("/a.txt", CONTENT).await?;
    let info = || commit_info("/a.txt").overwrite().strict_conflict();
    let by_link = t.commit(Via::Link, info(), CONTENT).await?.status();
    let by_upload = t.commit(Via::Upload, info(), CONTENT).await?.status();
    let answer = match (by_link, by_upload) {
        (409, 409) => "conflict",
        (200, 200) => "keeps",
        _ => "a link and files/upload differ",
    };
    t.observe("AQ-11", answer);
    Ok(())
}

const ANSWER_IS_WHAT_IS_THERE: Case = Case::observed("commit/effects/answer-is-what-is-there")
    .rules(&["API-157", "API-209"])
    .claim("files/upload answers with the file as it then is, of new, of other and of identical content.")
    .calls(6)
    .run(|t| Box::pin(answer_is_what_is_there(t)));

async fn answer_is_what_is_there(t: &Context) -> Verdict {
    for body in [b"first", b"other", b"other"] {
        let answer = t.upload(commit_info("/a.txt").overwrite(), body).await?;
        let answer = answer.expect_status(200)?;
        let there = without_tag(t.entry("/a.txt").await?);
        answer.expect_json(&there)?;
    }
    Ok(())
}

const TIME_OF_AN_OVERWRITE: Case = Case::observed("commit/effects/time-of-an-overwrite")
    .rules(&["API-205"])
    .claim("server_modified is the time of the commit: an overwrite by a link moves it, a look does not.")
    .calls(5)
    .waiting(2)
    .needing(Needs::CLOCK)
    .run(|t| Box::pin(time_of_an_overwrite(t)));

async fn time_of_an_overwrite(t: &Context) -> Verdict {
    let before = t.given_file("/a.txt", b"first").await?;
    // The link is older than the commit.
    let link = t.mint(commit_info("/a.txt").overwrite()).await?;
    t.let_pass(Duration::from_secs(2)).await?;
    let kept = t.file("/a.txt").await?;
    t.consume(&link, b"other").await?.expect_status(200)?;
    let after = t.file("/a.txt").await?;
    let times = [&before, &kept, &after].map(|file| {
        let time = file.text("server_modified").parse::<jiff::Timestamp>();
        time.map_err(|_| t.fail("expected that server_modified is a time"))
    });
    let [before, kept, after] = times;
    let (before, kept, after) = (before?, kept?, after?);
    let passed = after.duration_since(before).as_secs();
    // The target may be slow, and its clock may be moved by the two seconds only.
    t.expect(
        &[],
        kept == before && (1..120).contains(&passed),
        &format!(
            "the file was written again after two seconds, and server_modified went on by {passed}"
        ),
    )
}

async fn deleted_file(t: &Context) -> Result<crate::talk::client::File, Failure> {
    let file = t.given_file("/a.txt", CONTENT).await?;
    t.rpc("files/delete_v2", json!({"path": t.path("/a.txt")}))
        .await?
        .expect_status(200)?;
    Ok(file)
}

const PROBE_UPDATE_AFTER_DELETE: Case = Case::probe("commit/effects/probe-update-after-delete")
    .rules(&["AQ-13.update_after_delete", "API-156"])
    .claim("What an update with the rev of a deleted file does.")
    .calls(4)
    .run(|t| Box::pin(probe_update_after_delete(t)));

async fn probe_update_after_delete(t: &Context) -> Verdict {
    let deleted = deleted_file(t).await?;
    let info = commit_info("/a.txt").update(deleted.rev());
    let answer = match t.commit(Via::Link, info, CONTENT).await?.status() {
        200 => "writes",
        409 => "conflicts",
        _ => "something else",
    };
    t.observe("AQ-13.update_after_delete", answer);
    Ok(())
}

const PROBE_ID_AFTER_DELETE: Case = Case::probe("commit/effects/probe-id-after-delete")
    .rules(&["AQ-13", "API-160"])
    .claim("Which id a file gets where a deleted one was.")
    .calls(4)
    .run(|t| Box::pin(probe_id_after_delete(t)));

async fn probe_id_after_delete(t: &Context) -> Verdict {
    let deleted = deleted_file(t).await?;
    let again = t
        .upload(commit_info("/a.txt"), CONTENT)
        .await?
        .expect_status(200)?;
    let same = again.string_at("/id")? == deleted.id();
    t.observe("AQ-13", if same { "same" } else { "new" });
    Ok(())
}

const REPLACED_FILE_KEEPS_ITS_ID: Case =
    Case::observed("commit/effects/replaced-file-keeps-its-id")
        .rules(&["API-160", "UL-161"])
        .claim("A file that is replaced through a link keeps its id and gets a new rev.")
        .calls(5)
        .run(|t| Box::pin(replaced_file_keeps_its_id(t)));

async fn replaced_file_keeps_its_id(t: &Context) -> Verdict {
    let before = t.given_file("/a.txt", b"first").await?;
    let info = commit_info("/a.txt").update(before.rev());
    t.commit(Via::Link, info, b"second")
        .await?
        .expect_status(200)?;
    let after = t.expect_content("/a.txt", b"second").await?;
    t.expect(
        &["API-160"],
        after.id() == before.id() && after.rev() != before.rev(),
        "a replaced file has its old id and a new rev",
    )?;
    // The rev of before is not the current one any more.
    let stale = commit_info("/a.txt").update(before.rev());
    t.upload(stale, b"third")
        .await?
        .expect_error("path/conflict/file")?;
    Ok(())
}

const IDENTICAL_CONTENT_KEEPS_EVERYTHING: Case = Case::observed(
    "commit/effects/identical-content-keeps-everything",
)
.rules(&["OQ-20", "API-157", "API-158", "UL-32"])
.claim("Identical content updates no metadata, even with overwrite and another client_modified.")
.calls(5)
.run(|t| Box::pin(identical_content_keeps_everything(t)));

async fn identical_content_keeps_everything(t: &Context) -> Verdict {
    t.given_file("/a.txt", CONTENT).await?;
    let before = t.file("/a.txt").await?;
    let info = commit_info("/a.txt")
        .overwrite()
        .client_modified("2001-02-03T04:05:06Z");
    t.commit(Via::Link, info, CONTENT)
        .await?
        .expect_status(200)?;
    let after = t.file("/a.txt").await?;
    if after.rev() != before.rev() {
        return Err(t.does_not_apply("identical content gets a new rev here (OQ-20)"));
    }
    t.expect(
        &["API-158"],
        after.without_groups() == before.without_groups(),
        "identical content changed the metadata",
    )
}

const FAILURE_IS_ONE_TEXT: Case = Case::observed("commit/effects/failure-is-one-text")
    .rules(&["UL-107", "UL-142", "UL-143", "UL-165"])
    .claim("The 409 of a failed commit is one plain text that hides the cause.")
    .calls(3)
    .run(|t| Box::pin(failure_is_one_text(t)));

async fn failure_is_one_text(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"there").await?;
    let answer = t
        .commit(Via::Link, commit_info("/a.txt"), CONTENT)
        .await?
        .expect_status(409)?;
    // Whether a full stop belongs to it is not certain (UL-142).
    let text = answer.text();
    t.expect(
        &["UL-142"],
        text.trim_end_matches('.') == "Temporary upload link led to invalid upload attempt",
        &format!("the body is {text:?}, and not the observed text and nothing else"),
    )
}

const FAILURE_OF_AN_UPLOAD: Case = Case::observed("commit/effects/failure-of-an-upload")
    .rules(&["API-26", "API-124", "API-125", "API-163", "UL-87", "UL-169"])
    .claim("The 409 of files/upload names the cause, flattened, with an id for another try.")
    .calls(2)
    .run(|t| Box::pin(failure_of_an_upload(t)));

async fn failure_of_an_upload(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"there").await?;
    let answer = t
        .commit(Via::Upload, commit_info("/a.txt"), CONTENT)
        .await?
        .expect_error("path/conflict/file")?
        .expect_at("/error/.tag", "path")?
        .by(&["API-26", "API-163"])
        .expect_at(
            "/error/reason",
            json!({".tag": "conflict", "conflict": {".tag": "file"}}),
        )?;
    answer.string_at("/error/upload_session_id")?;
    let length = answer.body().len().to_string();
    let answer = answer
        .expect_header("Content-Security-Policy", DISARMED)?
        .by(&["UL-169"])
        .expect_header_that("Content-Length", "is the length of the body", |value| {
            value == length
        })?;
    let summary = answer.string_at("/error_summary")?;
    if !matches!(
        summary.strip_prefix("path/conflict/file/"),
        Some("" | "." | ".." | "...")
    ) {
        return Err(answer.differs(
            "the summary ends in a slash and at most three dots",
            &summary,
        ));
    }
    Ok(())
}
