//! Bugs that another fake of the files around the links could well have.

use serde_json::{Value, json};

use super::catalogue::{Lie, answer, request};
use super::means::{
    APPEND, CONTINUE, FINISH, LIST, asked, drop_request_header, each_metadata, is_download_link,
    on, set_request_header,
};
use super::proxy::Ask;

const LATEST: &str = "files/list_folder/get_latest_cursor";
const REVISIONS: &str = "files/list_revisions";
const SEARCH: &str = "files/search_v2";
const OF_SHARED: &str = "sharing/get_shared_link_metadata";

pub const LIES: &[Lie] = &[
    request(
        "the last bytes are the first",
        "files/download/range",
        |ask, _| {
            let last = ask.header("range").strip_prefix("bytes=-");
            if let Some(count) = last.and_then(|count| count.parse::<u64>().ok()) {
                set_request_header(
                    ask,
                    "range",
                    &format!("bytes=0-{}", count.saturating_sub(1)),
                );
            }
        },
    ),
    request(
        "If-None-Match is not looked at",
        "files/download/unchanged",
        |ask, _| {
            drop_request_header(ask, "if-none-match");
        },
    ),
    answer(
        "a temporary link serves once",
        "files/temporary-link/gives-the-bytes",
        |ask, said, memory| {
            if is_download_link(ask) && ask.method == "GET" && memory.asked[&ask.path] > 1 {
                said.status = 410;
            }
        },
    ),
    Lie {
        before: Some(|ask, memory| {
            asked(ask, "files/download", |argument| {
                let rev = argument["path"]
                    .as_str()
                    .and_then(|path| path.strip_prefix("rev:"));
                if let Some(path) = rev.and_then(|rev| memory.notes.get(rev)) {
                    argument["path"] = path.clone().into();
                }
            });
        }),
        ..answer(
            "an older rev serves the newest bytes",
            "files/download/by-rev",
            |_, said, memory| {
                each_metadata(said, |metadata| {
                    let of = |name: &str| metadata[name].as_str().unwrap_or_default().to_owned();
                    memory.notes.insert(of("rev"), of("path_lower"));
                });
            },
        )
    },
    answer(
        "path_lower lowers the letters of ASCII alone",
        "files/paths/lower-case-letter-by-letter",
        |_, said, _| {
            each_metadata(said, |metadata| {
                let shown = metadata["path_display"].as_str().unwrap_or_default();
                if !shown.is_ascii() {
                    metadata["path_lower"] = shown.to_ascii_lowercase().into();
                }
            });
        },
    ),
    answer(
        "recursive is two levels deep",
        "folders/list/recursive",
        |ask, said, memory| {
            let argument = argument(ask);
            let below = if ask.route() == LIST && argument["recursive"] == true {
                argument["path"].as_str().map(str::to_lowercase)
            } else if ask.route() == CONTINUE {
                memory.notes.get(text(&argument["cursor"])).cloned()
            } else {
                None
            };
            let Some(below) = below else {
                return;
            };
            let route = ask.route();
            on(ask, said, route, |json| {
                memory
                    .notes
                    .insert(text(&json["cursor"]).to_owned(), below.clone());
                if let Some(entries) = json["entries"].as_array_mut() {
                    entries.retain(|entry| {
                        let path = text(&entry["path_lower"]).strip_prefix(&below);
                        path.is_none_or(|path| path.matches('/').count() <= 2)
                    });
                }
            });
        },
    ),
    answer(
        "a page begins with the end of the one before",
        "folders/list/pages",
        |ask, said, memory| {
            let before = memory.notes.get(text(&argument(ask)["cursor"])).cloned();
            if !matches!(ask.route(), LIST | CONTINUE) {
                return;
            }
            let route = ask.route();
            on(ask, said, route, |json| {
                let Some(entries) = json["entries"].as_array_mut() else {
                    return;
                };
                let last = entries.last().cloned();
                if let Some(entry) = before {
                    entries.insert(0, serde_json::from_str(&entry).unwrap());
                }
                if let (Some(last), true) = (last, json["has_more"] == true) {
                    memory
                        .notes
                        .insert(text(&json["cursor"]).to_owned(), last.to_string());
                }
            });
        },
    ),
    Lie {
        before: Some(|ask, memory| {
            let cursor = argument(ask);
            if ask.route() == CONTINUE
                && let Some(listing) = memory.notes.get(text(&cursor["cursor"]))
            {
                ask.path = format!("/2/{LIST}");
                ask.body = listing.clone().into();
            }
        }),
        ..answer(
            "the latest cursor is at the beginning",
            "folders/latest-cursor/skips-what-is-there",
            |ask, said, memory| {
                on(ask, said, LATEST, |json| {
                    memory
                        .notes
                        .insert(text(&json["cursor"]).to_owned(), ask.text());
                });
            },
        )
    },
    answer(
        "a cursor tells its changes once",
        "folders/continue/tells-what-is-new",
        |ask, said, memory| {
            on(ask, said, CONTINUE, |json| {
                let told = json["entries"]
                    .as_array_mut()
                    .filter(|told| !told.is_empty());
                let cursor = text(&argument(ask)["cursor"]).to_owned();
                if let Some(told) = told
                    && memory.notes.insert(cursor, String::new()).is_some()
                {
                    told.clear();
                }
            });
        },
    ),
    answer(
        "the deletion of a folder is not told",
        "folders/continue/tells-what-is-new",
        |ask, said, _| {
            on(ask, said, CONTINUE, |json| {
                if let Some(entries) = json["entries"].as_array_mut() {
                    entries.retain(|entry| {
                        entry[".tag"] != "deleted" || text(&entry["name"]).contains('.')
                    });
                }
            });
        },
    ),
    request(
        "longpoll does not mind an Authorization",
        "folders/longpoll/takes-no-authorization",
        |ask, _| {
            if ask.route() == "files/list_folder/longpoll" {
                drop_request_header(ask, "authorization");
            }
        },
    ),
    request(
        "a session that is closed at its start is open",
        "sessions/finish/batch",
        |ask, _| {
            asked(ask, "files/upload_session/start", |argument| {
                if argument["close"] == true {
                    argument["close"] = false.into();
                }
            });
        },
    ),
    answer(
        "finish tells the wrong offset back",
        "sessions/sequential/wrong-offset",
        |ask, said, _| {
            if ask.route() == FINISH && said.status == 409 {
                let sent: Value =
                    serde_json::from_str(ask.header("dropbox-api-arg")).unwrap_or_default();
                said.change_json(|json| {
                    if let Some(offset) = json["error"]["lookup_failed"].get_mut("correct_offset") {
                        *offset = sent["cursor"]["offset"].clone();
                    }
                });
            }
        },
    ),
    request(
        "append does not compare the hash",
        "sessions/sequential/content-hash",
        |ask, _| {
            asked(ask, APPEND, |argument| {
                if let Some(argument) = argument.as_object_mut() {
                    argument.remove("content_hash");
                }
            });
        },
    ),
    request(
        "a path that stands twice in a batch has one entry",
        "files/batches/create-folders",
        |ask, _| {
            asked(ask, "files/create_folder_batch", |argument| {
                if let Some(paths) = argument["paths"].as_array_mut() {
                    let mut known = Vec::new();
                    paths.retain(|path| {
                        let new = !known.contains(path);
                        known.push(path.clone());
                        new
                    });
                }
            });
        },
    ),
    answer(
        "a job that told its end is forgotten",
        "files/batches/create-folders-as-a-job",
        |ask, said, memory| {
            let job = argument(ask);
            let Some(job) = job["async_job_id"].as_str() else {
                return;
            };
            let over = !said.text().contains("in_progress");
            if said.status == 200
                && over
                && memory.notes.insert(job.to_owned(), String::new()).is_some()
            {
                said.status = 409;
                let error = json!({
                    "error": {".tag": "invalid_async_job_id"},
                    "error_summary": "invalid_async_job_id/",
                });
                said.body = error.to_string().into();
            }
        },
    ),
    request(
        "a new folder is never renamed",
        "folders/create/autorename",
        |ask, _| {
            asked(ask, "files/create_folder_v2", |argument| {
                if argument["autorename"] == true {
                    argument["autorename"] = false.into();
                }
            });
        },
    ),
    request(
        "revisions by id are those of the path",
        "files/move/is-a-new-revision",
        |ask, _| {
            asked(ask, REVISIONS, |argument| {
                if let Some(argument) = argument.as_object_mut() {
                    argument.remove("mode");
                }
            });
        },
    ),
    request(
        "a search does not mind extensions",
        "files/search/with-options",
        |ask, _| {
            asked(ask, SEARCH, |argument| {
                if let Some(options) = argument["options"].as_object_mut() {
                    options.remove("file_extensions");
                }
            });
        },
    ),
    request(
        "a search is in the whole account",
        "files/search/with-options",
        |ask, _| {
            asked(ask, SEARCH, |argument| {
                if let Some(options) = argument["options"].as_object_mut() {
                    options.remove("path");
                }
            });
        },
    ),
    request(
        "shared links of folders above are always told",
        "sharing/links/folders-above",
        |ask, _| {
            asked(ask, "sharing/list_shared_links", |argument| {
                if argument["direct_only"] == true {
                    argument["direct_only"] = false.into();
                }
            });
        },
    ),
    answer(
        "a shared link does not follow its file",
        "sharing/links/follow-a-move",
        |ask, said, memory| {
            let argument = argument(ask);
            if said.status == 200 && ask.route().starts_with("files/move") {
                let from = text(&argument["from_path"]).to_lowercase();
                memory.notes.insert(from, "moved".to_owned());
            }
            on(
                ask,
                said,
                "sharing/create_shared_link_with_settings",
                |json| {
                    let path = text(&argument["path"]).to_lowercase();
                    memory.notes.insert(text(&json["url"]).to_owned(), path);
                },
            );
            let of = memory.notes.get(text(&argument["url"]));
            if said.status == 200
                && ask.route() == OF_SHARED
                && of.is_some_and(|path| memory.notes.contains_key(path))
            {
                said.status = 409;
                let error = json!({
                    "error": {".tag": "shared_link_not_found"},
                    "error_summary": "shared_link_not_found/",
                });
                said.body = error.to_string().into();
            }
        },
    ),
    request(
        "a path in a shared folder is the folder",
        "sharing/links/inner-path",
        |ask, _| {
            asked(ask, OF_SHARED, |argument| {
                if let Some(argument) = argument.as_object_mut() {
                    argument.remove("path");
                }
            });
        },
    ),
];

fn argument(ask: &Ask) -> Value {
    serde_json::from_slice(&ask.body).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
