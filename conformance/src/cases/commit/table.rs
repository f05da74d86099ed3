//! The decision table of `WriteMode` (API-156), cell by cell, through a link and through
//! `files/upload`: one engine, so both leave the same behind.

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::failure::{Failure, Verdict};
use crate::talk::client::Via;
use crate::talk::commit_info::{CommitInfo, commit_info};
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    TABLE_FREE_PATH,
    TABLE_FREE_PATH_STRICTLY,
    FOLDER_IN_THE_WAY,
    FOLDER_IN_THE_WAY_STRICTLY,
    IDENTICAL_CONTENT,
    IDENTICAL_CONTENT_STRICTLY,
    OTHER_CONTENT,
    OTHER_CONTENT_STRICTLY,
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
    /// A rev that the same file had before it was overwritten.
    UpdateOfAnOlderRev,
}

#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Written,
    Kept,
    Conflict(&'static str),
}

use Mode::{Add, Overwrite, UpdateOfAnOlderRev, UpdateOfAnotherRev, UpdateOfTheRev};
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
    (UpdateOfAnOlderRev, Conflict(IN_THE_WAY)),
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

const TABLE_FREE_PATH: Case = Case::required("commit/table/free-path")
    .rules(&["UL-32", "UL-161", "API-156"])
    .claim("A free path is written in every mode, with an update of whatever rev too.")
    .calls(21)
    .run(|t| Box::pin(cells(t, FREE_PATH)));

const TABLE_FREE_PATH_STRICTLY: Case = Case::required("commit/table/free-path-strictly")
    .rules(&["UL-18", "UL-32", "API-156"])
    .claim(
        "With strict_conflict an update of what is not there conflicts; add and overwrite write.",
    )
    .calls(21)
    .run(|t| Box::pin(cells(t, FREE_PATH_STRICTLY)));

const FOLDER_IN_THE_WAY: Case = Case::required("commit/table/folder-in-the-way")
    .rules(&["UL-32", "UL-143", "UL-161", "API-156"])
    .claim("A folder in the way conflicts in every mode.")
    .calls(27)
    .run(|t| Box::pin(cells(t, FOLDER)));

const FOLDER_IN_THE_WAY_STRICTLY: Case = Case::required("commit/table/folder-in-the-way-strictly")
    .rules(&["UL-32", "API-156"])
    .claim("A folder in the way conflicts with strict_conflict, too.")
    .calls(27)
    .run(|t| Box::pin(cells(t, FOLDER_STRICTLY)));

const IDENTICAL_CONTENT: Case = Case::required("commit/table/identical-content")
    .rules(&["UL-32", "UL-161", "API-156", "API-157"])
    .claim("Identical content is no conflict in any mode: the file is left as it is.")
    .calls(41)
    .run(|t| Box::pin(cells(t, IDENTICAL)));

const IDENTICAL_CONTENT_STRICTLY: Case = Case::required("commit/table/identical-content-strictly")
    .rules(&["UL-18", "UL-32", "UL-180", "API-156"])
    .claim("With strict_conflict identical content conflicts, but for an update of the right rev.")
    .calls(31)
    .run(|t| Box::pin(cells(t, IDENTICAL_STRICTLY)));

const OTHER_CONTENT: Case = Case::required("commit/table/other-content")
    .rules(&["UL-32", "UL-142", "API-156", "API-159", "API-160"])
    .claim(
        "Of other content, add conflicts, overwrite replaces, and update replaces the right rev \
         only.",
    )
    .calls(53)
    .run(|t| Box::pin(cells(t, OTHER)));

const OTHER_CONTENT_STRICTLY: Case = Case::required("commit/table/other-content-strictly")
    .rules(&["UL-32", "API-156", "API-159", "API-160"])
    .claim("strict_conflict changes nothing where the content differs.")
    .calls(53)
    .run(|t| Box::pin(cells(t, OTHER_STRICTLY)));

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
    // Somebody else has written since.
    let before = match mode {
        UpdateOfAnOlderRev => Some(t.given_file(&path, b"something newer").await?),
        _ => before,
    };
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
    // Whether a file that is left as it is gets a new rev all the same is OQ-20.
    if outcome == Written && before.is_some() && rev == old_rev {
        return Err(after.differs("the file is written and has a new rev", "the old one"));
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
        UpdateOfTheRev | UpdateOfAnOlderRev => info.update(rev),
        UpdateOfAnotherRev => info.update(ANOTHER_REV),
    };
    if strict { info.strict_conflict() } else { info }
}
