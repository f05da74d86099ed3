//! The decision table of `WriteMode`, through a link and through `files/upload`: one engine, one table.

use crate::cases::case::{Case, Cost, Kind, Needs};
use crate::failure::Verdict;
use crate::talk::client::Via;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[
    Case {
        id: "commit/modes/add-conflicts-with-other-content-by-link",
        sentence: "`add` does not touch a file with other content: 409 with the observed text.",
        rules: &["UL-32", "UL-142", "API-156"],
        kind: Kind::Observed,
        cost: Cost::calls(4),
        needs: Needs::NOTHING,
        run: |t| Box::pin(add_conflicts_with_other_content(t, Via::Link)),
    },
    Case {
        id: "commit/modes/add-conflicts-with-other-content-by-upload",
        sentence: "`add` does not touch a file with other content: 409 path/conflict/file.",
        rules: &["UL-32", "API-156", "API-163"],
        kind: Kind::Observed,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(add_conflicts_with_other_content(t, Via::Upload)),
    },
];

async fn add_conflicts_with_other_content(t: &Context, via: Via) -> Verdict {
    let before = t.given_file("/a.txt", b"first").await?;
    let answer = t.commit(via, commit_info("/a.txt"), b"other").await?;
    t.expect_commit_failed(via, answer, "path/conflict/file")?;
    let after = t.expect_content("/a.txt", b"first").await?;
    if after.rev() != before.rev() {
        return Err(t.fail("the rev changed although nothing was written"));
    }
    Ok(())
}
