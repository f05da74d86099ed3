//! How a difference is told: what came stands there as it came, so that its shape can be seen, and an
//! endless list is called that.

use conformance::cases;
use serde_json::json;

use super::catalogue::{Lie, answer};
use super::means::{CONTINUE, LIST, UPLOAD, on};
use super::run_through;

/// A lie, told by the case that catches it, and what has to stand in its sentence.
const TOLD: &[(Lie, &str)] = &[
    (
        answer(
            "parts of a second",
            "files/metadata/of-an-upload",
            |ask, said, _| {
                on(ask, said, UPLOAD, |json| {
                    json["server_modified"] = json!("2026-01-02T03:04:05.678Z");
                });
            },
        ),
        "2026-01-02T03:04:05.678Z",
    ),
    (
        answer(
            "a zone of its own",
            "files/metadata/of-an-upload",
            |ask, said, _| {
                on(ask, said, UPLOAD, |json| {
                    json["client_modified"] = json!("2026-01-02T03:04:05+00:00");
                });
            },
        ),
        "2026-01-02T03:04:05+00:00",
    ),
    (
        answer(
            "a rev in capitals",
            "files/metadata/of-an-upload",
            |ask, said, _| {
                on(ask, said, UPLOAD, |json| {
                    json["rev"] = json!("0123456789ABCDEF0");
                });
            },
        ),
        "0123456789ABCDEF0",
    ),
    (
        answer(
            "a size in quotes",
            "files/metadata/of-an-upload",
            |ask, said, _| {
                on(ask, said, UPLOAD, |json| json["size"] = json!("14"));
            },
        ),
        "/size is 14; what came: \"14\"",
    ),
    (
        answer(
            "a size with a point",
            "files/metadata/of-an-upload",
            |ask, said, _| {
                on(ask, said, UPLOAD, |json| json["size"] = json!(14.5));
            },
        ),
        "/size is 14; what came: 14.5",
    ),
    (
        answer(
            "a short account id",
            "users/account/shape",
            |ask, said, _| {
                on(ask, said, "users/get_current_account", |json| {
                    json["account_id"] = json!("dbid:AAH4f99T0taONIb");
                });
            },
        ),
        // Whose it is stays hidden, and how long it is does not.
        "(20 characters)",
    ),
    (
        answer(
            "a list without end",
            "folders/list/pages",
            |ask, said, _| {
                if [LIST, CONTINUE].contains(&ask.route()) && said.status == 200 {
                    said.change_json(|json| json["has_more"] = json!(true));
                }
            },
        ),
        "has_more is still true after",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_came_is_told_as_it_came_and_a_list_without_end_is_called_that() {
    for (lie, words) in TOLD {
        let mut cases = cases::all();
        cases.retain(|case| case.id == lie.caught_by);
        let report = run_through(*lie, cases).await;
        let case = report
            .cases
            .first()
            .unwrap_or_else(|| panic!("there is no {}", lie.caught_by));
        let detail = case.detail.as_ref().map_or("", |detail| detail.as_str());
        assert!(
            case.outcome.is_red() && detail.contains(words),
            "{}: {:?}, {detail}",
            lie.name,
            case.outcome
        );
        assert!(!detail.contains("budget"), "{}: {detail}", lie.name);
    }
}
