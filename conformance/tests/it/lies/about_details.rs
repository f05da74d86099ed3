//! Lies about what is easily passed over: durations that nobody times, letters, bytes that are called text,
//! headers of refusals, members of listings.

use serde_json::json;

use super::catalogue::{Lie, answer, request};
use super::means::{
    CONTINUE, LIST, METADATA, UPLOAD, is_download_link, mint, on, set_request_header,
};
use super::proxy::{Ask, Said};

const STATED: &str = "link/expiry/any-stated-duration";
const NOT_LONGER: &str = "link/expiry/not-a-second-longer";
const REQUEST_IDS: &str = "link/answers/request-ids";
const REFUSAL: &str = "link/answers/of-a-refusal";
const SUCCESS: &str = "link/answers/of-a-success";
const LETTERS: &str = "mint/paths/keeps-its-letters";
const OTHER_CONTENT: &str = "commit/table/other-content";
const ENTRIES: &str = "folders/listing/entries-are-the-metadata";
const AS_THERE: &str = "commit/effects/answer-is-what-is-there";
const TYPES: &str = "link/content-type/all-others";
const BYTES: &str = "link/content-type/plain-text-is-bytes";
const KIND: &str = "files/temporary-link/type-of-the-file";
const RATE: &str = "headers/rate-limit/shape";

fn lasts_instead(ask: &mut Ask, stated: u64, lasts: u64) {
    mint(ask, |argument| {
        if argument["duration"] == json!(stated) {
            argument["duration"] = json!(lasts);
        }
    });
}

/// Changes the path that is minted.
fn minted_path(ask: &mut Ask, change: impl FnOnce(&str) -> String) {
    mint(ask, |argument| {
        if let Some(path) = argument["commit_info"]["path"].as_str() {
            argument["commit_info"]["path"] = change(path).into();
        }
    });
}

/// Changes the last part of a path, or what stands before it below the folder of the case.
fn in_lower_case(path: &str, name_too: bool) -> String {
    match path.rsplit_once('/') {
        Some((parents, name)) if !name_too => format!("{}/{name}", parents.to_lowercase()),
        _ => path.to_lowercase(),
    }
}

fn refused_with(ask: &Ask, said: &mut Said, status: u16, change: impl FnOnce(&mut Said)) {
    if ask.is_link() && said.status == status {
        change(said);
    }
}

fn taken_as_bytes(ask: &mut Ask, content_type: &str) {
    if ask.is_link() && ask.header("content-type") == content_type {
        set_request_header(ask, "content-type", "application/octet-stream");
    }
}

fn retyped(ask: &mut Ask, from: &[u8], to: &[u8]) {
    if ask.is_link() && ask.header("content-type").starts_with("text/plain") {
        let text: Vec<u8> = ask.body.to_vec();
        if let Some(at) = text.windows(from.len()).position(|part| part == from) {
            ask.body = [&text[..at], to, &text[at + from.len()..]].concat().into();
        }
    }
}

/// Changes a member of each file in a listing.
fn listed(ask: &Ask, said: &mut Said, route: &str, member: &str, value: &serde_json::Value) {
    on(ask, said, route, |page| {
        for entry in page["entries"].as_array_mut().into_iter().flatten() {
            if entry[".tag"] == "file" {
                entry[member] = value.clone();
            }
        }
    });
}

pub const LIES: &[Lie] = &[
    request("a link of an hour lives four", STATED, |ask, _| {
        lasts_instead(ask, 3_600, 14_400);
    }),
    request("a link of two hours lives two minutes", STATED, |ask, _| {
        lasts_instead(ask, 7_200, 120);
    }),
    request("a link of five minutes lives ten", STATED, |ask, _| {
        lasts_instead(ask, 300, 600);
    }),
    request(
        "four hours that are stated are two minutes",
        STATED,
        |ask, _| {
            lasts_instead(ask, 14_400, 120);
        },
    ),
    request(
        "a link of a minute lives a second longer",
        NOT_LONGER,
        |ask, _| {
            lasts_instead(ask, 60, 61);
        },
    ),
    answer(
        "the 200 of a link has no request id",
        REQUEST_IDS,
        |ask, said, _| {
            refused_with(ask, said, 200, |said| {
                said.drop_header("x-dropbox-request-id");
            });
        },
    ),
    answer(
        "the 410 of a link is called JSON",
        REFUSAL,
        |ask, said, _| {
            refused_with(ask, said, 410, |said| {
                said.set_header("content-type", "application/json");
            });
        },
    ),
    answer(
        "the 409 of a link is called a page",
        REFUSAL,
        |ask, said, _| {
            refused_with(ask, said, 409, |said| {
                said.set_header("content-type", "text/html");
            });
        },
    ),
    answer(
        "the 410 of a link may be had without TLS",
        REFUSAL,
        |ask, said, _| {
            refused_with(ask, said, 410, |said| {
                said.drop_header("strict-transport-security");
            });
        },
    ),
    answer(
        "robots may follow the 409 of a link",
        REFUSAL,
        |ask, said, _| {
            refused_with(ask, said, 409, |said| said.drop_header("x-robots-tag"));
        },
    ),
    answer("the 200 of a link may be kept", SUCCESS, |ask, said, _| {
        refused_with(ask, said, 200, |said| {
            said.set_header("cache-control", "public, max-age=600");
        });
    }),
    answer(
        "the type of a link's 200 may be guessed",
        SUCCESS,
        |ask, said, _| {
            refused_with(ask, said, 200, |said| {
                said.drop_header("x-content-type-options");
            });
        },
    ),
    request("a new file's name is in lower case", LETTERS, |ask, _| {
        minted_path(ask, |path| in_lower_case(path, true));
    }),
    request("parents are made in lower case", LETTERS, |ask, _| {
        minted_path(ask, |path| in_lower_case(path, false));
    }),
    answer(
        "a look repeats the letters that were asked for",
        LETTERS,
        |ask, said, _| {
            let asked: serde_json::Value = serde_json::from_slice(&ask.body).unwrap_or_default();
            let name = asked["path"]
                .as_str()
                .and_then(|path| path.rsplit('/').next());
            if let Some(name) = name.filter(|name| !name.starts_with("id:")) {
                on(ask, said, METADATA, |json| json["name"] = name.into());
            }
        },
    ),
    request(
        "an update by a link takes an older rev",
        OTHER_CONTENT,
        |ask, _| {
            mint(ask, |argument| {
                let info = &mut argument["commit_info"];
                if info["mode"][".tag"] == "update" && info["mode"]["update"] != "0123456789abcdef"
                {
                    info["mode"] = "overwrite".into();
                }
            });
        },
    ),
    answer("a listing has other sizes", ENTRIES, |ask, said, _| {
        listed(ask, said, LIST, "size", &json!(8));
    }),
    answer("a listing has another rev", ENTRIES, |ask, said, _| {
        listed(ask, said, LIST, "rev", &json!("0123456789abc"));
    }),
    answer(
        "what is new has another content hash",
        ENTRIES,
        |ask, said, _| {
            listed(ask, said, CONTINUE, "content_hash", &json!("0".repeat(64)));
        },
    ),
    answer("what is new has another id", ENTRIES, |ask, said, _| {
        listed(
            ask,
            said,
            CONTINUE,
            "id",
            &json!("id:AAAAAAAAAAAAAAAAAAAAAA"),
        );
    }),
    answer(
        "path_lower of a listing is not in lower case",
        ENTRIES,
        |ask, said, _| {
            on(ask, said, LIST, |page| {
                for entry in page["entries"].as_array_mut().into_iter().flatten() {
                    entry["path_lower"] = entry["path_display"].clone();
                }
            });
        },
    ),
    answer(
        "identical content is answered with a new rev",
        AS_THERE,
        |ask, said, memory| {
            if memory.asked[&ask.path] > 2 {
                on(ask, said, UPLOAD, |json| {
                    json["rev"] = "0123456789abc".into();
                });
            }
        },
    ),
    answer(
        "server_modified stands still",
        "commit/effects/time-of-an-overwrite",
        |ask, said, memory| {
            let first = memory.first_success.get(&ask.path);
            let first = first
                .and_then(|first| serde_json::from_slice::<serde_json::Value>(&first.body).ok());
            if let Some(first) = first {
                on(ask, said, METADATA, |json| {
                    json["server_modified"] = first["server_modified"].clone();
                });
            }
        },
    ),
    request("a PDF is taken", TYPES, |ask, _| {
        taken_as_bytes(ask, "application/pdf");
    }),
    request("a video is taken", TYPES, |ask, _| {
        taken_as_bytes(ask, "video/mp4");
    }),
    request("line ends of a plain text are changed", BYTES, |ask, _| {
        retyped(ask, b"\r\n", b"\n");
    }),
    request("the BOM of a plain text is left out", BYTES, |ask, _| {
        retyped(ask, b"\xef\xbb\xbf", b"");
    }),
    request(
        "what is no UTF-8 in a plain text is replaced",
        BYTES,
        |ask, _| {
            retyped(ask, b"\xff", b"\xef\xbf\xbd");
        },
    ),
    request("a plain text ends at NUL", BYTES, |ask, _| {
        if ask.is_link() && ask.header("content-type").starts_with("text/plain") {
            let end = ask.body.iter().position(|byte| *byte == 0);
            ask.body.truncate(end.unwrap_or(ask.body.len()));
        }
    }),
    answer(
        "a token counts in whatever letter case",
        "link/shape/letter-case-of-a-token",
        |ask, said, _| {
            if ask.is_link() && said.status == 409 {
                said.status = 200;
                said.body = r#"{"content-hash": "0"}"#.into();
            }
        },
    ),
    answer(
        "a page without an origin is turned away",
        "link/cors/sandboxed-page",
        |ask, said, _| {
            if ask.header("origin") == "null" {
                said.status = 403;
            }
        },
    ),
    request(
        "autorename finds the same name again",
        "commit/autorename/again-and-again",
        |ask, memory| {
            let minted = memory.asked[&ask.path];
            mint(ask, |argument| {
                let path = argument["commit_info"]["path"].as_str().unwrap_or_default();
                if minted > 3 {
                    argument["commit_info"]["path"] = path.replace("/a.txt", "/a (1).txt").into();
                    argument["commit_info"]["mode"] = "overwrite".into();
                }
            });
        },
    ),
    answer(
        "a temporary link does not know pictures",
        KIND,
        |ask, said, _| {
            if is_download_link(ask) && said.header("content-type").starts_with("image/") {
                said.set_header("content-type", "application/octet-stream");
            }
        },
    ),
    answer(
        "a temporary link comes with another size",
        KIND,
        |ask, said, _| {
            on(ask, said, "files/get_temporary_link", |json| {
                json["metadata"]["size"] = 11.into();
            });
        },
    ),
    answer(
        "sixteen MiB are too large for a link",
        "link/size/far-below-every-limit",
        |ask, said, _| {
            if ask.is_link() && ask.body.len() > 16 << 20 {
                said.status = 413;
            }
        },
    ),
    answer("a 429 says another time in its body", RATE, |_, said, _| {
        if said.status == 429 {
            said.change_json(|json| {
                if let Some(time) = json["error"].get_mut("retry_after") {
                    *time = 1.into();
                }
            });
        }
    }),
    answer("the error of a 429 has a tag", RATE, |_, said, _| {
        if said.status == 429 {
            said.change_json(|json| json["error"][".tag"] = "rate_limit".into());
        }
    }),
];
