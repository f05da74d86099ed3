//! Lies about the first forms of routes.

use serde_json::json;

use super::catalogue::{Lie, answer, request};
use super::means::{asked, on};

pub const LIES: &[Lie] = &[
    answer(
        "the older form of a new folder comes in a wrapper",
        "files/older-forms/create-folder",
        |ask, said, _| {
            on(ask, said, "files/create_folder", |json| {
                *json = json!({"metadata": json.clone()});
            });
        },
    ),
    request(
        "the older move takes another name instead of a conflict",
        "files/older-forms/copy-and-move",
        |ask, _| {
            asked(ask, "files/move", |argument| {
                argument["autorename"] = true.into();
            });
        },
    ),
    answer(
        "the older copy has no tag",
        "files/older-forms/copy-and-move",
        |ask, said, _| {
            on(ask, said, "files/copy", |json| {
                json.as_object_mut().map(|entry| entry.remove(".tag"));
            });
        },
    ),
    answer(
        "the older append answers an empty object",
        "files/older-forms/append",
        |ask, said, _| {
            on(ask, said, "files/upload_session/append", |json| {
                *json = json!({});
            });
        },
    ),
];
