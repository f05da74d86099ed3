//! What a move makes of a file, beside taking its content along.

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::failure::{Failure, Verdict};
use crate::talk::answer::Answer;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    IS_A_NEW_REVISION,
    ONTO_ITSELF,
    PROBE_CHANGE_OF_CASE,
    PROBE_REVS_BELOW_A_FOLDER,
];

async fn move_to(t: &Context, from: &str, to: &str) -> Result<Answer, Failure> {
    let argument = json!({
        "from_path": t.path(from),
        "to_path": t.path(to),
        "autorename": true,
    });
    t.rpc("files/move_v2", argument).await
}

async fn revs(t: &Context, path: &str, mode: &str) -> Result<Vec<Value>, Failure> {
    let argument = json!({"path": t.path(path), "mode": mode});
    let answer = t.rpc("files/list_revisions", argument).await?;
    let answer = answer.expect_status(200)?;
    let entries = answer.at("/entries")?;
    let revs = entries.as_array().into_iter().flatten();
    Ok(revs.map(|entry| entry["rev"].clone()).collect())
}

const IS_A_NEW_REVISION: Case = Case::observed("files/move/is-a-new-revision")
    .rules(&["API-271"])
    .claim("A file that moves keeps its id and its content and is a new revision.")
    .calls(4)
    .run(|t| Box::pin(is_a_new_revision(t)));

async fn is_a_new_revision(t: &Context) -> Verdict {
    let before = t.given_file("/from.txt", b"hello").await?;
    let moved = move_to(t, "/from.txt", "/to.txt")
        .await?
        .expect_status(200)?
        .by(&["API-271"]);
    for kept in ["id", "content_hash", "client_modified"] {
        moved
            .clone()
            .expect_at(&format!("/metadata/{kept}"), before.text(kept))?;
    }
    let rev = moved.at("/metadata/rev")?;
    let is_new = rev != before.rev();
    t.expect(
        &["API-271"],
        is_new,
        "the rev is the one of before the move",
    )?;
    let by_path = revs(t, "/to.txt", "path").await?;
    let only = by_path == [rev.clone()];
    t.expect(
        &["API-271"],
        only,
        "the new path has other revisions than this one",
    )?;
    let by_id = revs(t, "/to.txt", "id").await?;
    let both = by_id == [rev, before.rev().into()];
    t.expect(
        &["API-271"],
        both,
        "the file does not have both revisions by its id",
    )
}

const ONTO_ITSELF: Case = Case::observed("files/move/onto-itself")
    .rules(&["API-269", "API-273"])
    .claim("A move to exactly the same path is refused, however its letters are spelled.")
    .calls(3)
    .run(|t| Box::pin(onto_itself(t)));

async fn onto_itself(t: &Context) -> Verdict {
    t.given_file("/é.txt", b"hello").await?;
    for to in ["/é.txt", "/e\u{301}.txt"] {
        move_to(t, "/é.txt", to)
            .await?
            .by(&["API-273"])
            .expect_error("duplicated_or_nested_paths")?;
    }
    Ok(())
}

const PROBE_CHANGE_OF_CASE: Case = Case::probe("files/move/probe-change-of-case")
    .rules(&["AQ-26", "API-273", "API-275"])
    .claim("What a move does that changes the letter case alone.")
    .calls(4)
    .run(|t| Box::pin(probe_change_of_case(t)));

async fn probe_change_of_case(t: &Context) -> Verdict {
    t.given_folder("/folder").await?;
    t.given_file("/file.txt", b"hello").await?;
    let mut answers = Vec::new();
    for (from, to) in [("/folder", "/Folder"), ("/file.txt", "/File.txt")] {
        let answer = move_to(t, from, to).await?;
        answers.push(match answer.status() {
            200 => answer.string_at("/metadata/name")?,
            status => status.to_string(),
        });
    }
    let answer = match [&*answers[0], &*answers[1]] {
        ["Folder", "file.txt"] => "as_seen".to_owned(),
        ["Folder", "File.txt"] => "renames".to_owned(),
        ["folder", "file.txt"] => "keeps_name".to_owned(),
        _ => answers.join(", "),
    };
    t.observe("AQ-26", answer);
    Ok(())
}

const PROBE_REVS_BELOW_A_FOLDER: Case = Case::probe("files/move/probe-revs-below-a-folder")
    .rules(&["AQ-27", "API-271"])
    .claim("Whether files have new revs after the folder above them was moved.")
    .calls(3)
    .run(|t| Box::pin(probe_revs_below_a_folder(t)));

async fn probe_revs_below_a_folder(t: &Context) -> Verdict {
    let before = t.given_file("/from/a.txt", b"hello").await?;
    move_to(t, "/from", "/to").await?.expect_status(200)?;
    let after = t.file("/to/a.txt").await?;
    let kept = after.rev() == before.rev();
    t.observe("AQ-27", if kept { "kept" } else { "new" });
    Ok(())
}
