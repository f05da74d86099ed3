//! The argument of `files/get_temporary_upload_link`: what is refused, and with which words.

use serde_json::json;

use crate::case::{Case, Cost, Kind, Needs, Verdict};
use crate::commit_info::commit_info;
use crate::context::Context;

/// The chapter.
pub const CASES: &[Case] = &[
    Case {
        id: "mint/arguments/duration-bounds-are-inclusive",
        sentence: "60 and 14400 seconds are accepted, as integers too.",
        rules: &["UL-11", "UL-38"],
        kind: Kind::Required,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(duration_bounds_are_inclusive(t)),
    },
    Case {
        id: "mint/arguments/duration-out-of-range",
        sentence: "A duration below 60 or above 14400 is a 400 with the validator's words.",
        rules: &["UL-11", "UL-39", "UL-40", "UL-41"],
        kind: Kind::Observed,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(duration_out_of_range(t)),
    },
];

async fn duration_bounds_are_inclusive(t: &Context) -> Verdict {
    for duration in [json!(60), json!(60.0), json!(14400)] {
        t.mint(commit_info("/a.txt").duration(duration)).await?;
    }
    Ok(())
}

async fn duration_out_of_range(t: &Context) -> Verdict {
    for (duration, message) in [
        (json!(59), "59.000000 is not greater than 60.000000"),
        (json!(14401), "14401.000000 is not less than 14400.000000"),
        (json!(14400.5), "14400.500000 is not less than 14400.000000"),
    ] {
        let argument = t.mint_argument(&commit_info("/a.txt").duration(duration));
        t.mint_with(argument)
            .await?
            .expect_bad_request(&format!("request body: duration: {message}"))?;
    }
    Ok(())
}
