//! The cases, one file per chapter of the contract. Each file reads like a specification: what is
//! claimed stands in the table, how it is shown stands in the functions below it.
//!
//! A new case is a row and a function:
//!
//! ```
//! use conformance::case::{Case, Cost, Kind, Needs, Verdict};
//! use conformance::commit_info::commit_info;
//! use conformance::context::Context;
//!
//! pub const CASES: &[Case] = &[Case {
//!     id: "link/consume/second-use-is-gone",
//!     sentence: "A link that was used answers 410 with the documented text.",
//!     rules: &["UL-138"],
//!     kind: Kind::Required,
//!     cost: Cost::calls(3),
//!     needs: Needs::NOTHING,
//!     run: |t| Box::pin(second_use_is_gone(t)),
//! }];
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
//! - `Cost` is a promise that the runner holds the case to: count every request;
//! - a probe ends with `t.observe("OQ-01", "burns")`: the answer is the name of a choice in
//!   `fixtures/assumptions.json` where the question has choices, else few words and always the same;
//! - what runs at the same time goes through `tokio::join!` with `Request::in_group("race")`.

pub mod auth_account;
pub mod auth_header;
pub mod auth_tokens;
pub mod commit_effects;
pub mod commit_fields;
pub mod commit_modes;
pub mod commit_names;
pub mod commit_places;
pub mod commit_table;
pub mod files_content;
pub mod files_metadata;
pub mod files_paths;
pub mod folders_listing;
pub mod hash_vectors;
pub mod headers_common;
pub mod input_arguments;
pub mod input_content_type;
pub mod input_routes;
pub mod link_consume;
pub mod link_content_types;
pub mod link_expiry;
pub mod link_framing;
pub mod link_headers;
pub mod link_methods;
pub mod link_requests;
pub mod link_shape;
pub mod link_sizes;
pub mod link_texts;
pub mod link_use_once;
pub mod mint_answers;
pub mod mint_arguments;
pub mod mint_clients;
pub mod mint_commit_info;
pub mod mint_paths;
pub mod sessions_upload;
pub mod users_account;

use crate::case::Case;

/// Every case, in the order of the chapters.
pub fn all() -> Vec<Case> {
    [
        mint_arguments::CASES,
        mint_commit_info::CASES,
        mint_paths::CASES,
        mint_answers::CASES,
        mint_clients::CASES,
        link_shape::CASES,
        link_consume::CASES,
        link_content_types::CASES,
        link_sizes::CASES,
        link_texts::CASES,
        link_framing::CASES,
        link_requests::CASES,
        link_methods::CASES,
        link_headers::CASES,
        link_expiry::CASES,
        link_use_once::CASES,
        hash_vectors::CASES,
        commit_modes::CASES,
        auth_tokens::CASES,
        auth_header::CASES,
        auth_account::CASES,
        input_content_type::CASES,
        input_arguments::CASES,
        input_routes::CASES,
        headers_common::CASES,
        files_paths::CASES,
        files_metadata::CASES,
        files_content::CASES,
        folders_listing::CASES,
        sessions_upload::CASES,
        users_account::CASES,
        commit_table::CASES,
        commit_effects::CASES,
        commit_names::CASES,
        commit_fields::CASES,
        commit_places::CASES,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_well_formed() {
        let faults = crate::case::faults(&super::all());
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
