//! Lies about the life of a link, and about conflicts.

use serde_json::json;

use super::catalogue::{Lie, answer, request};

const HASH: &str = "link/consume/answers-the-content-hash";
const SECOND: &str = "link/consume/second-use-is-gone";
const RANGE: &str = "mint/arguments/duration-out-of-range";
const BOUNDS: &str = "mint/arguments/duration-bounds-are-inclusive";
const UNKNOWN: &str = "link/consume/unknown-token-is-a-conflict";
const NO_AUTH: &str = "link/consume/needs-no-authorization";
const RACE: &str = "link/consume/one-of-two-at-once-wins";
const CHUNKS: &str = "link/framing/chunks-of-any-size";
const UNTIL: &str = "link/expiry/works-until-then";
const AFTERWARDS: &str = "link/expiry/gone-afterwards";
const ADD_LINK: &str = "commit/modes/add-conflicts-with-other-content-by-link";
const ADD_UPLOAD: &str = "commit/modes/add-conflicts-with-other-content-by-upload";

pub const LIES: &[Lie] = &[
    answer("a successful upload answers 201", HASH, |ask, said, _| {
        if ask.is_link() && said.status == 200 {
            said.status = 201;
        }
    }),
    answer(
        "the hash stands under content_hash",
        HASH,
        |ask, said, _| {
            if ask.is_link() {
                said.replace("content-hash", "content_hash");
            }
        },
    ),
    answer("the hash is in upper case", HASH, |ask, said, _| {
        if ask.is_link() && said.status == 200 {
            said.change_json(|json| {
                let hash = json["content-hash"]
                    .as_str()
                    .unwrap_or_default()
                    .to_uppercase();
                json["content-hash"] = hash.into();
            });
        }
    }),
    answer("the hash has one wrong digit", HASH, |ask, said, _| {
        if ask.is_link() && said.status == 200 {
            said.replace("\"9", "\"8");
        }
    }),
    answer(
        "the link answers with the file's metadata",
        HASH,
        |ask, said, _| {
            if ask.is_link() && said.status == 200 {
                said.change_json(|json| json["name"] = "a.txt".into());
            }
        },
    ),
    answer("the link's JSON has a charset", HASH, |ask, said, _| {
        if ask.is_link() && said.status == 200 {
            said.set_header("content-type", "application/json; charset=utf-8");
        }
    }),
    answer(
        "the link's JSON is called plain text",
        HASH,
        |ask, said, _| {
            if ask.is_link() && said.status == 200 {
                said.set_header("content-type", "text/plain; charset=utf-8");
            }
        },
    ),
    answer(
        "the link answers with a Dropbox-API-Result",
        HASH,
        |ask, said, _| {
            if ask.is_link() && said.status == 200 {
                said.set_header("dropbox-api-result", "{}");
            }
        },
    ),
    answer(
        "the metadata have the plain SHA-256 of a small file",
        HASH,
        |ask, said, _| {
            if ask.route() == "files/get_metadata" {
                said.replace(
                    "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50",
                    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                );
            }
        },
    ),
    answer("the size is one too many", HASH, |ask, said, _| {
        if ask.route() == "files/get_metadata" {
            said.replace("\"size\": 5", "\"size\": 6");
        }
    }),
    request("the last byte of an upload is lost", HASH, |ask, _| {
        if ask.is_link() && ask.body.len() > 1 {
            ask.body = ask.body.slice(..ask.body.len() - 1);
        }
    }),
    answer("a second use succeeds", SECOND, |ask, said, memory| {
        if ask.is_link()
            && said.status == 410
            && let Some(first) = memory.first_success.get(&ask.path)
        {
            *said = first.clone();
        }
    }),
    answer("a second use is a 409", SECOND, |ask, said, _| {
        if ask.is_link() && said.status == 410 {
            said.status = 409;
        }
    }),
    answer("a second use is a 404", SECOND, |ask, said, _| {
        if ask.is_link() && said.status == 410 {
            said.status = 404;
        }
    }),
    answer(
        "the text of a used link lacks its full stop",
        SECOND,
        |_, said, _| {
            said.replace("recently consumed.", "recently consumed");
        },
    ),
    answer(
        "the text of a used link ends in a line break",
        SECOND,
        |_, said, _| {
            said.replace("recently consumed.", "recently consumed.\n");
        },
    ),
    answer(
        "the text of a used link is in JSON",
        SECOND,
        |ask, said, _| {
            if ask.is_link() && said.status == 410 {
                said.body = format!("{{\"error_summary\": \"{}\"}}", said.text()).into();
            }
        },
    ),
    answer("an unknown link is a 404", UNKNOWN, |ask, said, _| {
        if ask.is_link() && said.status == 409 {
            said.status = 404;
        }
    }),
    answer("an unknown link is a 410", UNKNOWN, |ask, said, _| {
        if ask.is_link() && said.status == 409 {
            said.status = 410;
        }
    }),
    answer("a link wants a token", NO_AUTH, |ask, said, _| {
        if ask.is_link() && ask.header("authorization").is_empty() {
            said.status = 401;
        }
    }),
    answer(
        "a link answers with a challenge",
        NO_AUTH,
        |ask, said, _| {
            if ask.is_link() {
                said.set_header("www-authenticate", "Bearer realm=\"Dropbox-API\"");
            }
        },
    ),
    answer(
        "both of two uploads at once succeed",
        RACE,
        |ask, said, _| {
            if ask.is_link() && matches!(said.status, 409 | 410) {
                said.status = 200;
            }
        },
    ),
    answer(
        "neither of two uploads at once succeeds",
        RACE,
        |ask, said, _| {
            if ask.is_link() && said.status == 200 {
                said.status = 409;
            }
        },
    ),
    answer("a chunked body is refused", CHUNKS, |ask, said, _| {
        if ask.is_link() && ask.header("transfer-encoding") == "chunked" {
            said.status = 411;
        }
    }),
    request("only the first chunk is stored", CHUNKS, |ask, _| {
        if ask.is_link() && ask.header("transfer-encoding") == "chunked" {
            ask.body = ask.body.slice(..1);
        }
    }),
    request("sixty seconds are too short", BOUNDS, |ask, _| {
        if ask.is_mint() {
            ask.change_argument(|argument| {
                if argument["duration"] == json!(60) && argument["commit_info"]["path"] != "" {
                    let path = argument["commit_info"]["path"].as_str().unwrap_or_default();
                    // The runner's own question must still be answered.
                    if !path.ends_with("never-used.txt") {
                        argument["duration"] = json!(59);
                    }
                }
            });
        }
    }),
    request("four hours are too long", BOUNDS, |ask, _| {
        if ask.is_mint() {
            ask.change_argument(|argument| {
                if argument["duration"] == json!(14400) {
                    argument["duration"] = json!(14401);
                }
            });
        }
    }),
    request(
        "a duration below the bound is raised to it",
        RANGE,
        |ask, _| {
            if ask.is_mint() {
                ask.change_argument(|argument| {
                    if argument["duration"]
                        .as_f64()
                        .is_some_and(|seconds| seconds < 60.0)
                    {
                        argument["duration"] = json!(60);
                    }
                });
            }
        },
    ),
    request(
        "a duration above the bound is lowered to it",
        RANGE,
        |ask, _| {
            if ask.is_mint() {
                ask.change_argument(|argument| {
                    if argument["duration"]
                        .as_f64()
                        .is_some_and(|seconds| seconds > 14400.0)
                    {
                        argument["duration"] = json!(14400);
                    }
                });
            }
        },
    ),
    request(
        "half a second above the bound is rounded down",
        RANGE,
        |ask, _| {
            if ask.is_mint() {
                ask.change_argument(|argument| {
                    if argument["duration"] == json!(14400.5) {
                        argument["duration"] = json!(14400);
                    }
                });
            }
        },
    ),
    answer(
        "the range is told with fewer decimals",
        RANGE,
        |_, said, _| {
            said.replace("59.000000", "59.0");
        },
    ),
    answer("a bad argument is a 422", RANGE, |ask, said, _| {
        if ask.is_mint() && said.status == 400 {
            said.status = 422;
        }
    }),
    answer(
        "a bad argument is answered in JSON",
        RANGE,
        |ask, said, _| {
            if ask.is_mint() && said.status == 400 {
                said.set_header("content-type", "application/json");
            }
        },
    ),
    answer(
        "a bad argument is told without the function's name",
        RANGE,
        |ask, said, _| {
            if ask.is_mint() {
                said.replace(
                    "Error in call to API function \"files/get_temporary_upload_link\": ",
                    "",
                );
            }
        },
    ),
    answer(
        "a link is gone although its time is not over",
        UNTIL,
        |ask, said, _| {
            if ask.is_link() {
                said.status = 410;
            }
        },
    ),
    request(
        "a link lives a minute longer than it should",
        AFTERWARDS,
        |ask, _| {
            if ask.is_mint() {
                ask.change_argument(|argument| {
                    if argument["duration"] == json!(60) {
                        argument["duration"] = json!(120);
                    }
                });
            }
        },
    ),
    answer("an expired link is a 409", AFTERWARDS, |ask, said, _| {
        if ask.is_link() && said.status == 410 {
            said.status = 409;
        }
    }),
    request("add overwrites through a link", ADD_LINK, |ask, _| {
        if ask.is_mint() {
            ask.change_commit_info(|info| info["mode"] = "overwrite".into());
        }
    }),
    request(
        "add takes another name through a link",
        ADD_LINK,
        |ask, _| {
            if ask.is_mint() {
                ask.change_commit_info(|info| info["autorename"] = true.into());
            }
        },
    ),
    answer(
        "a conflict through a link names the error",
        ADD_LINK,
        |ask, said, _| {
            if ask.is_link() && said.status == 409 {
                said.body = "path/conflict/file".into();
            }
        },
    ),
    answer(
        "a conflict through a link is a 400",
        ADD_LINK,
        |ask, said, _| {
            if ask.is_link() && said.status == 409 {
                said.status = 400;
            }
        },
    ),
    request(
        "add overwrites through files/upload",
        ADD_UPLOAD,
        |ask, _| {
            if ask.route() == "files/upload" {
                ask.change_commit_info(|info| info["mode"] = "overwrite".into());
            }
        },
    ),
    answer(
        "a conflict is told as a folder's",
        ADD_UPLOAD,
        |ask, said, _| {
            if ask.route() == "files/upload" {
                said.replace("conflict/file/", "conflict/folder/");
            }
        },
    ),
    answer(
        "the tags of an error do not fit its summary",
        ADD_UPLOAD,
        |ask, said, _| {
            if ask.route() == "files/upload" {
                said.replace("\".tag\": \"file\"", "\".tag\": \"folder\"");
            }
        },
    ),
    answer("a 409 is plain text", ADD_UPLOAD, |ask, said, _| {
        if ask.route() == "files/upload" && said.status == 409 {
            said.set_header("content-type", "text/plain; charset=utf-8");
        }
    }),
];
