//! Lies about restores and about others' accounts.

use super::catalogue::{Lie, answer};
use super::means::on;

pub const LIES: &[Lie] = &[
    answer(
        "a restored file has another hash",
        "files/restore/as-a-new-revision",
        |ask, said, _| {
            on(ask, said, "files/restore", |json| {
                json["content_hash"] = "0".repeat(64).into();
            });
        },
    ),
    answer(
        "a rev that never was is a missing file",
        "files/restore/as-a-new-revision",
        |ask, said, _| {
            if ask.route() == "files/restore" {
                said.replace("invalid_revision", "path_lookup/not_found");
            }
        },
    ),
    answer(
        "nobody is his own teammate",
        "users/others/accounts",
        |ask, said, _| {
            on(ask, said, "users/get_account", |json| {
                json["is_teammate"] = false.into();
            });
        },
    ),
    answer(
        "a feature has its value beside the tag",
        "users/others/features",
        |ask, said, _| {
            on(ask, said, "users/features/get_values", |json| {
                json["values"][0]["paper_as_files"] = true.into();
            });
        },
    ),
];
