//! The cases, one file per chapter of the contract. Each file reads like a specification: what is
//! claimed, and below it the conversation that shows it.
//!
//! A new case is a claim, the conversation below it that shows it, and its name in the list:
//!
//! ```
//! use conformance::cases::case::Case;
//! use conformance::failure::Verdict;
//! use conformance::talk::commit_info::commit_info;
//! use conformance::talk::context::Context;
//!
//! pub const CASES: &[Case] = &[SECOND_USE_IS_GONE];
//!
//! const SECOND_USE_IS_GONE: Case = Case::required("link/consume/second-use-is-gone")
//!     .rules(&["UL-138"])
//!     .claim("A link that was used answers 410 with the documented text.")
//!     .calls(3)
//!     .run(|t| Box::pin(second_use_is_gone(t)));
//!
//! async fn second_use_is_gone(t: &Context) -> Verdict {
//!     let link = t.mint(commit_info("/a.txt")).await?;
//!     t.consume(&link, b"first").await?.expect_status(200)?;
//!     t.consume(&link, b"second")
//!         .await?
//!         .expect_status(410)?
//!         .expect_text("Temporary upload link has been recently consumed.")?;
//!     Ok(())
//! }
//! ```
//!
//! Things to know:
//! - a path in `commit_info("/a.txt")` and `t.file("/a.txt")` is relative to the case's own folder;
//!   an argument written as JSON uses `t.path("/a.txt")`, and what lies outside is refused;
//! - `calls` is a promise that the runner holds the case to: count every request;
//! - a probe ends with `t.observe("OQ-01", "burns")`: the answer is the name of a choice in
//!   `fixtures/assumptions.json` where the question has choices, else few words and always the same;
//! - what runs at the same time goes through `tokio::join!` with `Request::in_group("race")`.

pub mod auth;
pub mod case;
pub mod commit;
pub mod files;
pub mod folders;
pub mod hash;
pub mod headers;
pub mod input;
pub mod link;
pub mod mint;
pub mod sessions;
pub mod sharing;
pub mod users;

use crate::cases::case::Case;

/// Every case, in the order of the chapters.
pub fn all() -> Vec<Case> {
    [
        mint::CASES,
        link::CASES,
        hash::CASES,
        commit::CASES,
        auth::CASES,
        input::CASES,
        headers::CASES,
        files::CASES,
        folders::CASES,
        sessions::CASES,
        sharing::CASES,
        users::CASES,
    ]
    .concat()
    .concat()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_well_formed() {
        let faults = crate::cases::case::faults(&super::all());
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
