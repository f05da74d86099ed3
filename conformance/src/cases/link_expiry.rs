//! A link lives for `duration` seconds from its mint.

use std::time::Duration;

use crate::case::{Case, Cost, Kind, Needs, Verdict};
use crate::commit_info::commit_info;
use crate::context::Context;

/// The chapter.
pub const CASES: &[Case] = &[
    Case {
        id: "link/expiry/works-until-then",
        sentence: "A link of 60 seconds works five seconds before its end.",
        rules: &["UL-11", "UL-111", "UL-151"],
        kind: Kind::Required,
        cost: Cost::calls(2).and_seconds(55),
        needs: Needs::CLOCK,
        run: |t| Box::pin(works_until_then(t)),
    },
    Case {
        id: "link/expiry/gone-afterwards",
        sentence: "A link of 60 seconds answers 410 two seconds after its end, and stores nothing.",
        rules: &["UL-108", "UL-111", "UL-139"],
        kind: Kind::Required,
        cost: Cost::calls(3).and_seconds(62),
        needs: Needs::CLOCK,
        run: |t| Box::pin(gone_afterwards(t)),
    },
];

async fn works_until_then(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").duration(60)).await?;
    t.let_pass(Duration::from_secs(55)).await?;
    t.consume(&link, b"hello").await?.expect_status(200)?;
    Ok(())
}

async fn gone_afterwards(t: &Context) -> Verdict {
    let link = t.mint(commit_info("/a.txt").duration(60)).await?;
    t.let_pass(Duration::from_secs(62)).await?;
    t.consume(&link, b"hello").await?.expect_status(410)?;
    t.expect_nothing_at("/a.txt").await?;
    Ok(())
}
