//! Lies about folders and their listings.

use serde_json::json;

use super::catalogue::{Lie, answer, request};
use super::means::{CONTINUE, LIST, asked, drop_request_header, on};

pub const LIES: &[Lie] = &[
    request(
        "the long poll does not mind a token",
        "folders/longpoll/takes-no-authorization",
        |ask, _| {
            if ask.route() == "files/list_folder/longpoll" {
                drop_request_header(ask, "authorization");
            }
        },
    ),
    answer(
        "the long poll has no patience",
        "folders/longpoll/takes-no-authorization",
        |_, said, _| said.set_header("x-db-timeout", "0"),
    ),
    answer(
        "a folder over a file is a folder's conflict",
        "folders/create/over-something",
        |ask, said, _| {
            if ask.route() == "files/create_folder_v2" {
                said.replace("conflict/file", "conflict/folder");
            }
        },
    ),
    request(
        "a folder forgets autorename",
        "folders/create/autorename",
        |ask, _| {
            asked(ask, "files/create_folder_v2", |argument| {
                argument["autorename"] = false.into();
            });
        },
    ),
    answer(
        "a listing misses an entry",
        "folders/list/shape",
        |ask, said, _| {
            on(ask, said, LIST, |json| {
                json["entries"].as_array_mut().map(Vec::pop);
            });
        },
    ),
    request(
        "recursive is ignored",
        "folders/list/recursive",
        |ask, _| {
            asked(ask, LIST, |argument| argument["recursive"] = false.into());
        },
    ),
    answer(
        "the first page is said to be the last",
        "folders/list/pages",
        |ask, said, _| {
            on(ask, said, LIST, |json| json["has_more"] = false.into());
        },
    ),
    answer(
        "a file is an empty folder",
        "folders/list/of-a-file",
        |_, said, _| {
            if said.text().contains("not_folder") {
                said.status = 200;
            }
        },
    ),
    request(
        "deleted entries are not listed",
        "folders/list/deleted-ones",
        |ask, _| {
            asked(ask, LIST, |argument| {
                argument["include_deleted"] = false.into();
            });
        },
    ),
    request(
        "deleted entries are always listed",
        "folders/list/deleted-ones",
        |ask, _| {
            asked(ask, LIST, |argument| {
                if argument["path"]
                    .as_str()
                    .is_some_and(|path| path.contains("deleted-ones"))
                {
                    argument["include_deleted"] = true.into();
                }
            });
        },
    ),
    answer(
        "a cursor forgets a change",
        "folders/continue/tells-what-is-new",
        |ask, said, _| {
            on(ask, said, CONTINUE, |json| {
                json["entries"].as_array_mut().map(Vec::pop);
            });
        },
    ),
    answer(
        "a deletion is not told",
        "folders/continue/tells-what-is-new",
        |ask, said, _| {
            on(ask, said, CONTINUE, |json| {
                if let Some(list) = json["entries"].as_array_mut() {
                    list.retain(|entry| entry[".tag"] != "deleted");
                }
            });
        },
    ),
    answer(
        "a latest cursor tells nothing",
        "folders/latest-cursor/skips-what-is-there",
        |ask, said, _| {
            on(ask, said, CONTINUE, |json| json["entries"] = json!([]));
        },
    ),
    answer(
        "a long poll sees no change",
        "folders/longpoll/changes",
        |_, said, _| said.replace("{\"changes\":true}", "{\"changes\":false}"),
    ),
];
