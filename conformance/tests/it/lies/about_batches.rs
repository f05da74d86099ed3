//! Lies about batches and searches.

use serde_json::{Value, json};

use super::catalogue::{Lie, answer, request};
use super::means::{asked, on};

fn last_entry_gone(json: &mut Value) {
    json["entries"].as_array_mut().map(Vec::pop);
}

pub const LIES: &[Lie] = &[
    answer(
        "a folder that is asked for twice has two results",
        "files/batches/create-folders",
        |ask, said, _| {
            on(ask, said, "files/create_folder_batch", |json| {
                json["entries"][2]["metadata"]["name"] = "new (1)".into();
            });
        },
    ),
    request(
        "force_async is ignored",
        "files/batches/create-folders-as-a-job",
        |ask, _| {
            asked(ask, "files/create_folder_batch", |argument| {
                argument["force_async"] = false.into();
            });
        },
    ),
    answer(
        "a batch of deletes is done at once",
        "files/batches/delete",
        |ask, said, _| {
            on(ask, said, "files/delete_batch", |json| {
                *json = json!({".tag": "complete", "entries": []});
            });
        },
    ),
    answer(
        "a batch misses its last entry",
        "files/batches/copy-and-move",
        |ask, said, _| {
            on(ask, said, "files/move_batch/check_v2", last_entry_gone);
        },
    ),
    answer(
        "an older batch fails entry by entry",
        "files/batches/older-copy",
        |ask, said, _| {
            on(ask, said, "files/copy_batch/check", |json| {
                *json = json!({".tag": "complete", "entries": []});
            });
        },
    ),
    answer(
        "an open session is finished in a batch",
        "files/batches/sessions",
        |ask, said, _| {
            on(
                ask,
                said,
                "files/upload_session/finish_batch/check",
                |json| {
                    json["entries"][1] = json["entries"][0].clone();
                },
            );
        },
    ),
    answer(
        "an unknown job is still in progress",
        "files/batches/unknown-job",
        |ask, said, _| {
            if ask.route() == "files/delete_batch/check" && said.status == 409 {
                said.status = 200;
                said.change_json(|json| *json = json!({".tag": "in_progress"}));
            }
        },
    ),
    answer(
        "a match stands one level deep",
        "files/search/by-words",
        |ask, said, _| {
            on(ask, said, "files/search_v2", |json| {
                for found in json["matches"].as_array_mut().into_iter().flatten() {
                    found["metadata"] = found["metadata"]["metadata"].clone();
                }
            });
        },
    ),
    answer(
        "the first page of a search is said to be the last",
        "files/search/pages",
        |ask, said, _| {
            on(ask, said, "files/search_v2", |json| {
                json["has_more"] = false.into();
            });
        },
    ),
    answer(
        "a search in a folder that is not there is an error",
        "files/search/no-such-folder",
        |ask, said, _| {
            if ask.route() == "files/search_v2" {
                said.status = 409;
            }
        },
    ),
    answer(
        "the older search does not say where it goes on",
        "files/search/older-form",
        |ask, said, _| {
            on(ask, said, "files/search", |json| json["start"] = 0.into());
        },
    ),
];
