//! Lies about files, folders, sessions and accounts.

use serde_json::{Value, json};

use super::catalogue::{Lie, answer, request};
use super::proxy::{Ask, Memory, Said};

/// Changes the JSON of a success of this route.
fn on(ask: &Ask, said: &mut Said, route: &str, change: impl FnOnce(&mut Value)) {
    if ask.route() == route && said.status == 200 {
        said.change_json(change);
    }
}

/// Changes the argument of this route.
fn asked(ask: &mut Ask, route: &str, change: impl FnOnce(&mut Value)) {
    if ask.route() == route {
        ask.change_argument(change);
    }
}

fn rename_in_path(argument: &mut Value, from: &str, to: &str) {
    if let Some(path) = argument["path"].as_str() {
        argument["path"] = path.replace(from, to).into();
    }
}

fn drop_request_header(ask: &mut Ask, name: &str) {
    ask.headers.retain(|(known, _)| known != name);
}

fn is_download_link(ask: &Ask) -> bool {
    ask.path.starts_with("/cd/0/get/")
}

fn first_answer_again(ask: &Ask, said: &mut Said, memory: &Memory) {
    if let Some(first) = memory.first_success.get(&ask.path) {
        *said = first.clone();
    }
}

const UPLOAD: &str = "files/upload";
const METADATA: &str = "files/get_metadata";
const LIST: &str = "files/list_folder";
const CONTINUE: &str = "files/list_folder/continue";
const APPEND: &str = "files/upload_session/append_v2";
const FINISH: &str = "files/upload_session/finish";

/// Every lie of the chapters.
pub const LIES: &[Lie] = &[
    answer(
        "missing folders are not made",
        "files/paths/parents-are-made",
        |ask, said, _| {
            if ask.route() == METADATA && ask.body.ends_with(b"math\"}") {
                said.status = 409;
            }
        },
    ),
    answer(
        "a file on the way is an ordinary conflict",
        "files/paths/file-on-the-way",
        |_, said, _| {
            said.replace("file_ancestor", "file");
        },
    ),
    request(
        "letter case counts",
        "files/paths/case-does-not-count",
        |ask, _| {
            asked(ask, METADATA, |argument| {
                rename_in_path(argument, "ä.txt", "other.txt");
            });
        },
    ),
    request(
        "a blank at the end is cut off",
        "files/paths/malformed",
        |ask, _| {
            asked(ask, UPLOAD, |argument| {
                rename_in_path(argument, ".txt ", ".txt");
            });
        },
    ),
    request(
        "two slashes count as one",
        "files/paths/malformed",
        |ask, _| {
            asked(ask, UPLOAD, |argument| rename_in_path(argument, "//", "/"));
        },
    ),
    answer(
        "a malformed path has a value",
        "files/paths/malformed",
        |_, said, _| {
            said.replace(
                "{\".tag\": \"malformed_path\"}",
                "{\".tag\": \"malformed_path\", \"malformed_path\": \"x\"}",
            );
        },
    ),
    request(
        "a back-slash is read as a slash",
        "files/paths/malformed-to-read",
        |ask, _| {
            asked(ask, METADATA, |argument| {
                rename_in_path(argument, "\\", "/");
            });
        },
    ),
    request(
        "256 characters are not too many",
        "files/paths/longest-name",
        |ask, _| {
            let (long, fits) = ("n".repeat(256), "n".repeat(255));
            asked(ask, UPLOAD, |argument| {
                rename_in_path(argument, &long, &fits);
            });
        },
    ),
    request(
        "a system file's name is stored",
        "files/paths/disallowed",
        |ask, _| {
            asked(ask, UPLOAD, |argument| {
                rename_in_path(argument, ".DS_Store", "DS_Store");
            });
        },
    ),
    answer(
        "a disallowed name is called malformed",
        "files/paths/disallowed",
        |_, said, _| {
            said.replace("disallowed_name", "malformed_path");
        },
    ),
    request(
        "a harmless name is refused",
        "files/paths/almost-disallowed",
        |ask, _| {
            asked(ask, UPLOAD, |argument| {
                rename_in_path(argument, "desktop.ini.txt", "desktop.ini");
            });
        },
    ),
    answer(
        "files/upload answers with a tag",
        "files/metadata/of-an-upload",
        |_, said, _| {
            said.replace("{\"name\"", "{\".tag\": \"file\", \"name\"");
        },
    ),
    answer(
        "the display path is in lower case",
        "files/metadata/of-an-upload",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| {
                json["path_display"] = json["path_lower"].clone();
            });
        },
    ),
    answer(
        "times have fractions",
        "files/metadata/of-an-upload",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| {
                json["server_modified"] = "2026-01-02T03:04:05.5Z".into();
            });
        },
    ),
    answer(
        "an upload's size is too large by one",
        "files/metadata/of-an-upload",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| json["size"] = 15.into());
        },
    ),
    answer(
        "is_downloadable is missing",
        "files/metadata/of-an-upload",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| {
                json.as_object_mut()
                    .map(|map| map.shift_remove("is_downloadable"));
            });
        },
    ),
    answer(
        "the rev of the metadata is another",
        "files/metadata/of-a-file",
        |ask, said, _| {
            on(ask, said, METADATA, |json| {
                json["rev"] = "0123456789abcdef".into();
            });
        },
    ),
    answer(
        "the tag does not come first",
        "files/metadata/of-a-file",
        |ask, said, _| {
            on(ask, said, METADATA, |json| {
                json.as_object_mut().map(|map| {
                    let tag = map.shift_remove(".tag");
                    map.insert(".tag".to_owned(), tag.unwrap_or_default())
                });
            });
        },
    ),
    answer(
        "a folder has a rev",
        "files/metadata/of-a-folder",
        |ask, said, _| {
            on(ask, said, METADATA, |json| {
                json["rev"] = "0123456789abcdef".into();
            });
        },
    ),
    answer(
        "what is missing is a 404",
        "files/metadata/of-nothing",
        |ask, said, _| {
            if ask.route() == METADATA && said.status == 409 {
                said.status = 404;
            }
        },
    ),
    request(
        "deleted entries are never shown",
        "files/metadata/of-something-deleted",
        |ask, _| {
            asked(ask, METADATA, |argument| {
                argument["include_deleted"] = false.into();
            });
        },
    ),
    answer(
        "a deleted entry keeps its id",
        "files/metadata/of-something-deleted",
        |ask, said, _| {
            on(ask, said, METADATA, |json| {
                json["id"] = "id:AAAAAAAAAAAAAAAAAAAAAA".into();
            });
        },
    ),
    answer(
        "a rev names nothing",
        "files/metadata/by-id-and-rev",
        |ask, said, _| {
            if ask.body.starts_with(b"{\"path\":\"rev:") {
                said.status = 409;
            }
        },
    ),
    answer(
        "an overwrite changes the id",
        "files/metadata/rev-and-id-of-an-overwrite",
        |ask, said, memory| {
            let count = memory.asked.get(&ask.path).copied().unwrap_or_default();
            on(ask, said, UPLOAD, |json| {
                json["id"] = format!("id:AAAAAAAAAAAAAAAAAAA{count:03}").into();
            });
        },
    ),
    answer(
        "an overwrite keeps the rev",
        "files/metadata/rev-and-id-of-an-overwrite",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| {
                json["rev"] = "0123456789abcdef".into();
            });
        },
    ),
    request(
        "the client's time is ignored",
        "files/metadata/client-modified",
        |ask, _| {
            asked(ask, UPLOAD, |argument| {
                argument
                    .as_object_mut()
                    .map(|map| map.shift_remove("client_modified"));
            });
        },
    ),
    answer(
        "the year one is kept",
        "files/metadata/client-modified-of-the-year-one",
        |_, said, _| {
            said.replace("2001-01-01T00:00:00Z", "0001-01-01T00:00:00Z");
        },
    ),
    answer(
        "the client's time is long ago",
        "files/metadata/client-modified-omitted",
        |ask, said, _| {
            on(ask, said, UPLOAD, |json| {
                json["client_modified"] = "1970-01-01T00:00:00Z".into();
            });
        },
    ),
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
        "a continued listing has no property_groups",
        "folders/continue/property-groups",
        |ask, said, _| {
            on(ask, said, CONTINUE, |json| {
                for entry in json["entries"].as_array_mut().into_iter().flatten() {
                    entry
                        .as_object_mut()
                        .map(|map| map.shift_remove("property_groups"));
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
    answer(
        "a long poll is spelled like the others",
        "folders/longpoll/changes",
        |_, said, _| said.replace("{\"changes\":true}\n", "{\"changes\": true}"),
    ),
    answer(
        "append answers with an object",
        "sessions/sequential/three-parts",
        |ask, said, _| {
            if ask.route() == APPEND {
                said.body = "{}".into();
            }
        },
    ),
    request(
        "the last part of a session is lost",
        "sessions/sequential/three-parts",
        |ask, _| {
            if ask.route() == FINISH {
                ask.body = "".into();
            }
        },
    ),
    request(
        "finish needs no Content-Type",
        "sessions/sequential/finish-without-data",
        |ask, _| {
            if ask.route() == FINISH && ask.header("content-type").is_empty() {
                ask.headers.push((
                    "content-type".to_owned(),
                    "application/octet-stream".to_owned(),
                ));
            }
        },
    ),
    answer(
        "the right offset is told wrong",
        "sessions/sequential/wrong-offset",
        |_, said, _| said.replace("\"correct_offset\": 9", "\"correct_offset\": 8"),
    ),
    answer(
        "finish does not wrap a wrong offset",
        "sessions/sequential/wrong-offset",
        |ask, said, _| {
            if ask.route() == FINISH {
                said.change_json(|json| json["error"] = json["error"]["lookup_failed"].clone());
            }
        },
    ),
    answer(
        "a big part's offset is not told",
        "sessions/sequential/wrong-offset-of-a-big-part",
        |ask, said, _| {
            if ask.route() == APPEND {
                said.status = 413;
            }
        },
    ),
    answer(
        "an unknown session is a closed one",
        "sessions/sequential/unknown-session",
        |ask, said, _| {
            if ask.route() == APPEND {
                said.replace("not_found", "closed");
            }
        },
    ),
    answer(
        "a closed session takes more",
        "sessions/sequential/closed",
        |ask, said, _| {
            if ask.route() == APPEND {
                said.status = 200;
            }
        },
    ),
    request(
        "a session does not check hashes",
        "sessions/sequential/content-hash",
        |ask, _| {
            asked(ask, APPEND, |argument| {
                argument
                    .as_object_mut()
                    .map(|map| map.shift_remove("content_hash"));
            });
        },
    ),
    answer(
        "finish flattens a conflict",
        "sessions/finish/conflict",
        |ask, said, _| {
            if ask.route() == FINISH {
                said.change_json(|json| {
                    json["error"] = json!({".tag": "path", "reason": json["error"]["path"]});
                });
            }
        },
    ),
    request(
        "finish forgets autorename",
        "sessions/finish/autorename",
        |ask, _| {
            asked(ask, FINISH, |argument| {
                argument["commit"]["autorename"] = false.into();
            });
        },
    ),
    answer(
        "a batch succeeds as a whole",
        "sessions/finish/batch",
        |_, said, _| said.replace("\"failure\"", "\"success\""),
    ),
    answer(
        "a session never ends",
        "sessions/expiry/seven-days",
        |ask, said, _| {
            if ask.route() == APPEND {
                said.status = 200;
            }
        },
    ),
    request(
        "blocks are stored in the order of their arrival",
        "sessions/concurrent/parts-in-any-order",
        |ask, memory| {
            let count = memory.asked.get(&ask.path).copied().unwrap_or_default();
            asked(ask, APPEND, |argument| {
                if count < 3 {
                    argument["cursor"]["offset"] = ((count - 1) * (4 << 20)).into();
                }
            });
        },
    ),
    request(
        "a concurrent session starts with data",
        "sessions/concurrent/start-refuses",
        |ask, _| {
            if ask.route() == "files/upload_session/start" {
                ask.body = "".into();
            }
        },
    ),
    answer(
        "an odd offset is a wrong one",
        "sessions/concurrent/append-refuses",
        |_, said, _| said.replace("concurrent_session_invalid_offset", "incorrect_offset"),
    ),
    answer(
        "a gap is filled with nothing",
        "sessions/concurrent/finish-refuses",
        |ask, said, _| {
            if ask.route() == FINISH && said.text().contains("missing_data") {
                said.status = 200;
            }
        },
    ),
    answer(
        "check/user has more to say",
        "users/check/echoes",
        |ask, said, _| on(ask, said, "check/user", |json| json["ok"] = true.into()),
    ),
    answer(
        "an account id has no prefix",
        "users/account/shape",
        |ask, said, _| {
            on(ask, said, "users/get_current_account", |json| {
                json["account_id"] = "0123456789".into();
            });
        },
    ),
    answer(
        "the account names no root",
        "users/account/root-info",
        |ask, said, _| {
            on(ask, said, "users/get_current_account", |json| {
                json["root_info"] = json!({".tag": "user"});
            });
        },
    ),
    answer(
        "nothing is ever used",
        "users/space/counts",
        |ask, said, _| {
            on(ask, said, "users/get_space_usage", |json| {
                json["used"] = 0.into();
            });
        },
    ),
    answer(
        "the token endpoint answers in application/json",
        "users/oauth/refresh",
        |ask, said, _| {
            if ask.path == "/oauth2/token" {
                said.set_header("content-type", "application/json");
            }
        },
    ),
    answer(
        "a refresh gives a new refresh token",
        "users/oauth/refresh",
        |_, said, _| {
            said.replace("\"expires_in\"", "\"refresh_token\": \"x\", \"expires_in\"");
        },
    ),
    answer(
        "an unknown grant type is called invalid",
        "users/oauth/unsupported-grant",
        |_, said, _| said.replace("unsupported_grant_type", "invalid_request"),
    ),
    answer(
        "a used code is taken again",
        "users/oauth/code",
        |ask, said, _| {
            if ask.path == "/oauth2/token" && said.text().contains("invalid_grant") {
                said.status = 200;
            }
        },
    ),
];
