//! Lies about files: deleted, moved, copied, downloaded, uploaded.

use serde_json::{Value, json};

use super::catalogue::{Lie, answer, request};
use super::means::{
    FINISH, UPLOAD, asked, drop_request_header, first_answer_again, is_download_link, on,
};

const MOVE: &str = "files/move_v2";

pub const LIES: &[Lie] = &[
    answer(
        "delete describes a deleted entry",
        "files/delete/returns-what-was-there",
        |ask, said, _| {
            if ask.route() == "files/delete_v2" {
                said.replace("\".tag\": \"file\"", "\".tag\": \"deleted\"");
            }
        },
    ),
    answer(
        "a delete of nothing succeeds",
        "files/delete/of-nothing",
        |ask, said, _| {
            if ask.route() == "files/delete_v2" {
                said.status = 200;
            }
        },
    ),
    request(
        "parent_rev is ignored",
        "files/delete/parent-rev",
        |ask, _| {
            asked(ask, "files/delete_v2", |argument| {
                argument
                    .as_object_mut()
                    .map(|map| map.shift_remove("parent_rev"));
            });
        },
    ),
    request("a deleted folder stays", "files/delete/folder", |ask, _| {
        if ask.route() == "files/delete_v2" && ask.body.ends_with(b"/folder\"}") {
            "/2/files/get_metadata".clone_into(&mut ask.path);
        }
    }),
    request(
        "files/delete answers as delete_v2 does",
        "files/delete/older-form",
        |ask, _| {
            if ask.route() == "files/delete" {
                ask.path.push_str("_v2");
            }
        },
    ),
    answer(
        "the oldest revision comes first",
        "files/revisions/newest-first",
        |ask, said, _| {
            on(ask, said, "files/list_revisions", |json| {
                if let Some(list) = json["entries"].as_array_mut() {
                    list.reverse();
                }
            });
        },
    ),
    answer(
        "there are never more revisions",
        "files/revisions/newest-first",
        |ask, said, _| {
            on(ask, said, "files/list_revisions", |json| {
                json["has_more"] = false.into();
            });
        },
    ),
    answer(
        "a deleted file is not told to be deleted",
        "files/revisions/of-something-deleted",
        |ask, said, _| {
            on(ask, said, "files/list_revisions", |json| {
                json["is_deleted"] = false.into();
            });
        },
    ),
    answer(
        "a folder's revisions are not found",
        "files/revisions/of-nothing-and-of-a-folder",
        |_, said, _| {
            said.replace("not_file", "not_found");
        },
    ),
    request(
        "a move leaves the original",
        "files/move/keeps-content",
        |ask, _| {
            ask.path = ask.path.replace("move_v2", "copy_v2");
        },
    ),
    answer(
        "a move keeps the rev",
        "files/move/is-a-new-revision",
        |ask, said, memory| {
            let upload = memory.first_success.get("/2/files/upload");
            let before = upload.and_then(|said| serde_json::from_slice::<Value>(&said.body).ok());
            on(ask, said, MOVE, |json| {
                json["metadata"]["rev"] =
                    before.map_or(Value::Null, |before| before["rev"].clone());
            });
        },
    ),
    answer(
        "a move gives a new id",
        "files/move/is-a-new-revision",
        |ask, said, _| {
            on(ask, said, MOVE, |json| {
                json["metadata"]["id"] = "id:AAAAAAAAAAAAAAAAAAAAAA".into();
            });
        },
    ),
    request(
        "the revisions of before a move are lost",
        "files/move/is-a-new-revision",
        |ask, _| {
            asked(ask, "files/list_revisions", |argument| {
                argument["mode"] = "path".into();
            });
        },
    ),
    answer(
        "a move onto itself is a success",
        "files/move/onto-itself",
        |ask, said, _| {
            if ask.route() == MOVE && said.status == 409 {
                said.status = 200;
            }
        },
    ),
    request(
        "a move forgets autorename",
        "files/move/autorename",
        |ask, _| {
            asked(ask, "files/move_v2", |argument| {
                argument["autorename"] = false.into();
            });
        },
    ),
    answer(
        "a move counts from two",
        "files/move/autorename",
        |_, said, _| said.replace("(1)", "(2)"),
    ),
    request(
        "a move onto a file takes another name",
        "files/move/refusals",
        |ask, _| {
            asked(ask, "files/move_v2", |argument| {
                argument["autorename"] = true.into();
            });
        },
    ),
    request(
        "a copy takes the original away",
        "files/copy/gives-a-new-id",
        |ask, _| {
            ask.path = ask.path.replace("copy_v2", "move_v2");
        },
    ),
    answer(
        "a download cannot be a GET",
        "files/download/by-post-and-get",
        |ask, said, _| {
            if ask.method == "GET" {
                said.status = 405;
            }
        },
    ),
    answer(
        "a download has no metadata",
        "files/download/by-post-and-get",
        |_, said, _| said.drop_header("dropbox-api-result"),
    ),
    answer(
        "a download gives other bytes",
        "files/download/by-post-and-get",
        |ask, said, _| {
            if ask.route() == "files/download" {
                said.replace("hello", "hallo");
            }
        },
    ),
    answer(
        "a download's tag is not its rev",
        "files/download/headers",
        |_, said, _| said.set_header("etag", "W/\"other\""),
    ),
    answer(
        "a download has the type of its extension",
        "files/download/headers",
        |ask, said, _| {
            if ask.route() == "files/download" {
                said.set_header("content-type", "text/plain");
            }
        },
    ),
    answer(
        "the newest bytes come for any rev",
        "files/download/by-rev",
        |ask, said, _| {
            if ask.route() == "files/download" {
                said.replace("first", "second");
            }
        },
    ),
    request("Range is ignored", "files/download/range", |ask, _| {
        drop_request_header(ask, "range");
    }),
    answer(
        "a range is told without the size",
        "files/download/range",
        |_, said, _| said.set_header("content-range", "bytes 2-4/*"),
    ),
    request(
        "If-None-Match is ignored",
        "files/download/unchanged",
        |ask, _| drop_request_header(ask, "if-none-match"),
    ),
    answer(
        "a folder is not found by a download",
        "files/download/folder",
        |_, said, _| said.replace("not_file", "not_found"),
    ),
    request(
        "an unsatisfiable range is ignored",
        "files/download/unsatisfiable-range",
        |ask, _| drop_request_header(ask, "range"),
    ),
    answer(
        "a temporary link wants a token",
        "files/temporary-link/gives-the-bytes",
        |ask, said, _| {
            if is_download_link(ask) {
                said.status = 401;
            }
        },
    ),
    request(
        "a temporary link knows no ranges",
        "files/temporary-link/gives-the-bytes",
        |ask, _| {
            if is_download_link(ask) {
                drop_request_header(ask, "range");
            }
        },
    ),
    answer(
        "a temporary link never ends",
        "files/temporary-link/expires",
        |ask, said, memory| {
            if is_download_link(ask) {
                first_answer_again(ask, said, memory);
            }
        },
    ),
    answer(
        "a temporary link ends too early",
        "files/temporary-link/expires",
        |ask, said, _| {
            if is_download_link(ask) {
                said.status = 410;
            }
        },
    ),
    answer(
        "a folder is not found by a temporary link",
        "files/temporary-link/folder",
        |_, said, _| said.replace("not_file", "not_found"),
    ),
    request(
        "an announced hash is not checked",
        "files/upload/content-hash-holds",
        |ask, _| {
            asked(ask, UPLOAD, |argument| {
                argument
                    .as_object_mut()
                    .map(|map| map.shift_remove("content_hash"));
            });
        },
    ),
    answer(
        "a conflict is not flattened",
        "files/upload/conflict-body",
        |ask, said, _| {
            if ask.route() == UPLOAD && said.status == 409 {
                said.change_json(|json| {
                    json["error"] = json!({".tag": "path", "path": json["error"]["reason"]});
                });
            }
        },
    ),
    answer(
        "a conflict names no session",
        "files/upload/conflict-body",
        |_, said, _| {
            if said.status == 409 {
                said.change_json(|json| {
                    json["error"]
                        .as_object_mut()
                        .map(|map| map.shift_remove("upload_session_id"));
                });
            }
        },
    ),
    answer(
        "the session of a conflict is unknown",
        "files/upload/conflict-can-be-finished",
        |ask, said, _| {
            if ask.route() == FINISH {
                said.status = 409;
            }
        },
    ),
    request(
        "a chunked upload loses its last byte",
        "files/upload/chunked",
        |ask, _| {
            if ask.route() == UPLOAD && ask.header("transfer-encoding") == "chunked" {
                ask.body = ask.body.slice(..ask.body.len() - 1);
            }
        },
    ),
    request(
        "an empty upload gets a byte",
        "files/upload/empty",
        |ask, _| {
            if ask.route() == UPLOAD && ask.body.is_empty() {
                ask.body = "x".into();
            }
        },
    ),
];
