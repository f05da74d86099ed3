//! The decision table of `WriteMode` (API-156), cell by cell, through a link and through
//! `files/upload`: one engine, so both leave the same behind.

use serde_json::{Value, json};

use crate::case::{Case, Cost, Failure, Kind, Needs, Verdict};
use crate::commit_info::{CommitInfo, commit_info};
use crate::context::Context;
use crate::speech::Via;

/// The chapter.
pub const CASES: &[Case] = &[
    Case {
        id: "commit/table/free-path",
        sentence: "A free path is written in every mode, with an update of whatever rev too.",
        rules: &["UL-32", "UL-161", "API-156"],
        kind: Kind::Required,
        cost: Cost::calls(21),
        needs: Needs::NOTHING,
        run: |t| Box::pin(cells(t, FREE_PATH)),
    },
    Case {
        id: "commit/table/free-path-strictly",
        sentence: "With strict_conflict an update of what is not there conflicts; add and overwrite write.",
        rules: &["UL-18", "UL-32", "API-156"],
        kind: Kind::Required,
        cost: Cost::calls(21),
        needs: Needs::NOTHING,
        run: |t| Box::pin(cells(t, FREE_PATH_STRICTLY)),
    },
    Case {
        id: "commit/table/folder-in-the-way",
        sentence: "A folder in the way conflicts in every mode.",
        rules: &["UL-32", "UL-143", "UL-161", "API-156"],
        kind: Kind::Required,
        cost: Cost::calls(27),
        needs: Needs::NOTHING,
        run: |t| Box::pin(cells(t, FOLDER)),
    },
    Case {
        id: "commit/table/folder-in-the-way-strictly",
        sentence: "A folder in the way conflicts with strict_conflict, too.",
        rules: &["UL-32", "API-156"],
        kind: Kind::Required,
        cost: Cost::calls(27),
        needs: Needs::NOTHING,
        run: |t| Box::pin(cells(t, FOLDER_STRICTLY)),
    },
    Case {
        id: "commit/table/identical-content",
        sentence: "Identical content is no conflict in any mode: the file is left as it is.",
        rules: &["UL-32", "UL-161", "API-156", "API-157"],
        kind: Kind::Required,
        cost: Cost::calls(41),
        needs: Needs::NOTHING,
        run: |t| Box::pin(cells(t, IDENTICAL)),
    },
    Case {
        id: "commit/table/identical-content-strictly",
        sentence: "With strict_conflict identical content conflicts, but for an update of the right rev.",
        rules: &["UL-18", "UL-32", "UL-180", "API-156"],
        kind: Kind::Required,
        cost: Cost::calls(31),
        needs: Needs::NOTHING,
        run: |t| Box::pin(cells(t, IDENTICAL_STRICTLY)),
    },
    Case {
        id: "commit/table/other-content",
        sentence: "Of other content, add conflicts, overwrite replaces, and update replaces the right rev only.",
        rules: &["UL-32", "UL-142", "API-156", "API-159", "API-160"],
        kind: Kind::Required,
        cost: Cost::calls(41),
        needs: Needs::NOTHING,
        run: |t| Box::pin(cells(t, OTHER)),
    },
    Case {
        id: "commit/table/other-content-strictly",
        sentence: "strict_conflict changes nothing where the content differs.",
        rules: &["UL-32", "API-156", "API-159", "API-160"],
        kind: Kind::Required,
        cost: Cost::calls(41),
        needs: Needs::NOTHING,
        run: |t| Box::pin(cells(t, OTHER_STRICTLY)),
    },
    Case {
        id: "commit/table/probe-identical-content",
        sentence: "Whether an upload of identical content gives the file a new rev.",
        rules: &["OQ-20", "UL-32", "API-157"],
        kind: Kind::Probe,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_identical_content(t)),
    },
    Case {
        id: "commit/table/probe-strict-overwrite",
        sentence: "What overwrite with strict_conflict does to identical content.",
        rules: &["AQ-11", "UL-180", "API-156"],
        kind: Kind::Probe,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_strict_overwrite(t)),
    },
    Case {
        id: "commit/table/probe-update-after-delete",
        sentence: "What an update with the rev of a deleted file does.",
        rules: &["AQ-13.update_after_delete", "API-156"],
        kind: Kind::Probe,
        cost: Cost::calls(4),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_update_after_delete(t)),
    },
    Case {
        id: "commit/table/probe-id-after-delete",
        sentence: "Which id a file gets where a deleted one was.",
        rules: &["AQ-13", "API-160"],
        kind: Kind::Probe,
        cost: Cost::calls(4),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_id_after_delete(t)),
    },
    Case {
        id: "commit/table/replaced-file-keeps-its-id",
        sentence: "A file that is replaced through a link keeps its id and gets a new rev.",
        rules: &["API-160", "UL-161"],
        kind: Kind::Observed,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(replaced_file_keeps_its_id(t)),
    },
    Case {
        id: "commit/table/identical-content-keeps-everything",
        sentence: "Identical content updates no metadata, even with overwrite and another client_modified.",
        rules: &["API-157", "API-158", "UL-32"],
        kind: Kind::Observed,
        cost: Cost::calls(5),
        needs: Needs::NOTHING,
        run: |t| Box::pin(identical_content_keeps_everything(t)),
    },
    Case {
        id: "commit/table/failure-is-one-text",
        sentence: "The 409 of a failed commit is one plain text that hides the cause.",
        rules: &["UL-107", "UL-142", "UL-143", "UL-165"],
        kind: Kind::Observed,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(failure_is_one_text(t)),
    },
    Case {
        id: "commit/table/failure-of-an-upload",
        sentence: "The 409 of files/upload names the cause, flattened, with an id for another try.",
        rules: &["API-26", "API-124", "API-125", "API-163", "UL-87"],
        kind: Kind::Observed,
        cost: Cost::calls(2),
        needs: Needs::NOTHING,
        run: |t| Box::pin(failure_of_an_upload(t)),
    },
];

/// What is at the path before the commit.
#[derive(Clone, Copy, PartialEq)]
enum There {
    Nothing,
    Folder,
    Identical,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Add,
    Overwrite,
    UpdateOfTheRev,
    UpdateOfAnotherRev,
}

/// What comes of it.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Written,
    Kept,
    Conflict(&'static str),
}

use Mode::{Add, Overwrite, UpdateOfAnotherRev, UpdateOfTheRev};
use Outcome::{Conflict, Kept, Written};

/// A row: what is there, whether `strict_conflict` is set, and what each mode does.
struct Row {
    there: There,
    strict: bool,
    modes: &'static [(Mode, Outcome)],
}

const IN_THE_WAY: &str = "path/conflict/file";

const FREE_PATH: &Row = &Row {
    there: There::Nothing,
    strict: false,
    modes: &[
        (Add, Written),
        (Overwrite, Written),
        (UpdateOfAnotherRev, Written),
    ],
};

const FREE_PATH_STRICTLY: &Row = &Row {
    there: There::Nothing,
    strict: true,
    modes: &[
        (Add, Written),
        (Overwrite, Written),
        (UpdateOfAnotherRev, Conflict(IN_THE_WAY)),
    ],
};

const FOLDER_MODES: &[(Mode, Outcome)] = &[
    (Add, Conflict("path/conflict/folder")),
    (Overwrite, Conflict("path/conflict/folder")),
    (UpdateOfAnotherRev, Conflict("path/conflict/folder")),
];

const FOLDER: &Row = &Row {
    there: There::Folder,
    strict: false,
    modes: FOLDER_MODES,
};

const FOLDER_STRICTLY: &Row = &Row {
    there: There::Folder,
    strict: true,
    modes: FOLDER_MODES,
};

const IDENTICAL: &Row = &Row {
    there: There::Identical,
    strict: false,
    modes: &[
        (Add, Kept),
        (Overwrite, Kept),
        (UpdateOfTheRev, Kept),
        (UpdateOfAnotherRev, Kept),
    ],
};

/// Overwrite is a question of its own (AQ-11).
const IDENTICAL_STRICTLY: &Row = &Row {
    there: There::Identical,
    strict: true,
    modes: &[
        (Add, Conflict(IN_THE_WAY)),
        (UpdateOfTheRev, Kept),
        (UpdateOfAnotherRev, Conflict(IN_THE_WAY)),
    ],
};

const OTHER_MODES: &[(Mode, Outcome)] = &[
    (Add, Conflict(IN_THE_WAY)),
    (Overwrite, Written),
    (UpdateOfTheRev, Written),
    (UpdateOfAnotherRev, Conflict(IN_THE_WAY)),
];

const OTHER: &Row = &Row {
    there: There::Other,
    strict: false,
    modes: OTHER_MODES,
};

const OTHER_STRICTLY: &Row = &Row {
    there: There::Other,
    strict: true,
    modes: OTHER_MODES,
};

const CONTENT: &[u8] = b"what is sent";

/// A well-formed rev that no file has.
const ANOTHER_REV: &str = "0123456789abcdef";

/// Every cell of a row, both ways, and what is left behind compared.
async fn cells(t: &Context, row: &Row) -> Verdict {
    for (mode, outcome) in row.modes {
        let by_link = cell(t, row, *mode, *outcome, Via::Link).await?;
        let by_upload = cell(t, row, *mode, *outcome, Via::Upload).await?;
        if by_link != by_upload {
            return Err(t.fail(&format!(
                "{mode:?}: a link leaves {by_link} behind, files/upload {by_upload}"
            )));
        }
    }
    Ok(())
}

/// One cell. Gives what is there afterwards, as far as two ways can be compared.
async fn cell(
    t: &Context,
    row: &Row,
    mode: Mode,
    outcome: Outcome,
    via: Via,
) -> Result<Value, Failure> {
    let path = format!("/{via:?}/{mode:?}.txt").to_lowercase();
    let before = match row.there {
        There::Nothing => None,
        There::Folder => {
            t.given_folder(&path).await?;
            None
        }
        There::Identical => Some(t.given_file(&path, CONTENT).await?),
        There::Other => Some(t.given_file(&path, b"something else").await?),
    };
    let old_rev = before
        .as_ref()
        .map_or(ANOTHER_REV, |file| file.rev())
        .to_owned();
    let answer = t
        .commit(via, info(&path, mode, &old_rev, row.strict), CONTENT)
        .await?;
    if let Conflict(summary) = outcome {
        t.expect_commit_failed(via, answer, summary)?;
    } else {
        answer.expect_status(200)?;
    }
    let after = t.look_at(&path).await?;
    if row.there == There::Nothing && outcome != Written {
        after.expect_error("path/not_found")?;
        return Ok(Value::Null);
    }
    let after = after.expect_status(200)?;
    if row.there == There::Folder {
        return after.expect_at("/.tag", "folder")?.at("/name");
    }
    let rev = after.string_at("/rev")?;
    let kept = before.is_some() && rev == old_rev;
    if kept == (outcome == Written) {
        return Err(after.differs(
            if kept {
                "the file is written and has a new rev"
            } else {
                "the file keeps its rev"
            },
            if kept { "the old one" } else { "a new one" },
        ));
    }
    if let (Some(before), id) = (before, after.string_at("/id")?)
        && before.id() != id
    {
        return Err(after.differs("the file keeps its id", "another id"));
    }
    Ok(json!([
        after.at("/name")?,
        after.at("/size")?,
        after.at("/content_hash")?
    ]))
}

fn info(path: &str, mode: Mode, rev: &str, strict: bool) -> CommitInfo {
    let info = commit_info(path);
    let info = match mode {
        Add => info.field("mode", "add"),
        Overwrite => info.overwrite(),
        UpdateOfTheRev => info.update(rev),
        UpdateOfAnotherRev => info.update(ANOTHER_REV),
    };
    if strict { info.strict_conflict() } else { info }
}

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

/// Puts a file there and deletes it.
async fn deleted_file(t: &Context) -> Result<crate::speech::File, Failure> {
    let file = t.given_file("/a.txt", CONTENT).await?;
    t.rpc("files/delete_v2", json!({"path": t.path("/a.txt")}))
        .await?
        .expect_status(200)?;
    Ok(file)
}

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

async fn replaced_file_keeps_its_id(t: &Context) -> Verdict {
    let before = t.given_file("/a.txt", b"first").await?;
    let info = commit_info("/a.txt").update(before.rev());
    t.commit(Via::Link, info, b"second")
        .await?
        .expect_status(200)?;
    let after = t.expect_content("/a.txt", b"second").await?;
    if after.id() != before.id() || after.rev() == before.rev() {
        return Err(t.fail("a replaced file has its old id and a new rev"));
    }
    // The rev of before is not the current one any more.
    let stale = commit_info("/a.txt").update(before.rev());
    t.upload(stale, b"third").await?.expect_error(IN_THE_WAY)?;
    Ok(())
}

async fn identical_content_keeps_everything(t: &Context) -> Verdict {
    t.given_file("/a.txt", CONTENT).await?;
    let before = t.file("/a.txt").await?;
    let info = commit_info("/a.txt")
        .overwrite()
        .client_modified("2001-02-03T04:05:06Z");
    t.commit(Via::Link, info, CONTENT)
        .await?
        .expect_status(200)?;
    if t.file("/a.txt").await? != before {
        return Err(t.fail("identical content changed the metadata"));
    }
    Ok(())
}

async fn failure_is_one_text(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"there").await?;
    let answer = t
        .commit(Via::Link, commit_info("/a.txt"), CONTENT)
        .await?
        .expect_status(409)?;
    // Whether a full stop belongs to it is not certain (UL-142).
    match answer.text().trim_end_matches('.') {
        "Temporary upload link led to invalid upload attempt" => Ok(()),
        other => Err(answer.differs("the body is the observed text and nothing else", other)),
    }
}

async fn failure_of_an_upload(t: &Context) -> Verdict {
    t.given_file("/a.txt", b"there").await?;
    let answer = t
        .commit(Via::Upload, commit_info("/a.txt"), CONTENT)
        .await?
        .expect_error(IN_THE_WAY)?
        .expect_at("/error/.tag", "path")?
        .expect_at(
            "/error/reason",
            json!({".tag": "conflict", "conflict": {".tag": "file"}}),
        )?;
    answer.string_at("/error/upload_session_id")?;
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
