//! Lies about arguments and Content-Types.

use serde_json::json;

use super::catalogue::{Lie, answer, request};
use super::means::{retold, set_request_header};

pub const LIES: &[Lie] = &[
    answer(
        "rpc refuses the type of a simple request",
        "input/content-type/rpc-takes-three",
        |ask, said, _| {
            if ask.header("content-type").contains("cors-hack") {
                said.status = 400;
            }
        },
    ),
    request(
        "rpc takes a form",
        "input/content-type/rpc-refuses-others",
        |ask, _| {
            set_request_header(ask, "content-type", "application/json");
        },
    ),
    request(
        "an upload may be called JSON",
        "input/content-type/upload-refuses-others",
        |ask, _| {
            if ask.header("content-type").contains("json") && ask.route() == "files/upload" {
                set_request_header(ask, "content-type", "application/octet-stream");
            }
        },
    ),
    answer(
        "uploads refuse the type of a simple request",
        "input/content-type/upload-takes-two",
        |ask, said, _| {
            if ask.header("content-type").contains("cors-hack") {
                said.status = 400;
            }
        },
    ),
    request(
        "an upload needs no Content-Type",
        "input/content-type/missing",
        |ask, _| {
            if ask.header("content-type").is_empty() && ask.route() == "files/upload" {
                set_request_header(ask, "content-type", "application/octet-stream");
            }
        },
    ),
    request(
        "a download takes any Content-Type",
        "input/content-type/download",
        |ask, _| {
            if ask.route() == "files/download" {
                ask.headers.retain(|(name, _)| name != "content-type");
            }
        },
    ),
    answer(
        "a missing argument is no JSON",
        "input/argument/missing",
        |_, said, _| {
            retold(
                said,
                "Must provide HTTP header \"Dropbox-API-Arg\" or URL parameter \"arg\".",
                "request body: could not decode input as JSON",
            );
        },
    ),
    answer(
        "a broken header is told as a body",
        "input/argument/not-json-in-the-header",
        |_, said, _| {
            retold(said, "HTTP header \"Dropbox-API-Arg\"", "request body");
        },
    ),
    answer(
        "a broken body is told in other words",
        "input/argument/not-json-in-the-body",
        |_, said, _| {
            retold(said, "could not decode input as JSON", "invalid JSON");
        },
    ),
    answer(
        "a fault in the URL is told as the header's",
        "input/argument/in-the-url",
        |_, said, _| {
            retold(
                said,
                "URL parameter \"arg\"",
                "HTTP header \"Dropbox-API-Arg\"",
            );
        },
    ),
    request(
        "accents are lost on the way",
        "input/argument/escapes-in-the-header",
        |ask, _| {
            let plain = ask.header("dropbox-api-arg").replace("\\u00fc", "u");
            if ask.route() == "files/upload" {
                set_request_header(ask, "dropbox-api-arg", &plain);
            }
        },
    ),
    request(
        "an object counts as no argument",
        "input/void/takes-null-only",
        |ask, _| {
            if ask.route().starts_with("users/") && ask.body == "{}" {
                ask.body = "null".into();
            }
        },
    ),
    answer(
        "a call without a body is refused",
        "input/void/no-body-at-all",
        |ask, said, _| {
            if ask.body.is_empty() {
                said.status = 400;
            }
        },
    ),
    answer(
        "a missing field wins over an unknown one",
        "input/schema/unknown-field-wins",
        |_, said, _| {
            retold(
                said,
                "unknown field 'root'",
                "missing required field 'path'",
            );
        },
    ),
    answer(
        "a missing field is told with double quotes",
        "input/schema/missing-field",
        |_, said, _| {
            retold(said, "'path'", "\"path\"");
        },
    ),
    answer(
        "null is told as JSON spells it",
        "input/schema/null-for-a-string",
        |_, said, _| {
            retold(said, "'None'", "'null'");
        },
    ),
    answer(
        "a bare tag is called a string",
        "input/schema/update-needs-an-object",
        |_, said, _| {
            retold(said, "got symbol", "got string");
        },
    ),
    answer(
        "a refused path comes without its pattern",
        "input/schema/relative-path",
        |_, said, _| {
            let text = said.text();
            if let Some((before, _)) = text.split_once(" pattern '") {
                said.body = format!("{before} the pattern").into();
            }
        },
    ),
    request(
        "fractions of a second are cut off",
        "input/schema/timestamps",
        |ask, _| {
            ask.change_argument(|argument| {
                if argument.get("client_modified").is_some() {
                    argument["client_modified"] = json!("2025-08-08T19:44:20Z");
                }
            });
        },
    ),
    answer(
        "a short hash is told without its length",
        "input/schema/upload-rows",
        |_, said, _| {
            retold(
                said,
                "at least 64 characters, got 3",
                "at least 64 characters",
            );
        },
    ),
    answer(
        "a bad boolean is told as JSON spells it",
        "input/schema/upload-rows",
        |_, said, _| {
            retold(
                said,
                "None is not a valid boolean",
                "null is not a valid boolean",
            );
        },
    ),
    request(
        "a limit beyond the bound is lowered to it",
        "input/schema/list-folder-rows",
        |ask, _| {
            ask.change_argument(|argument| {
                if argument["limit"] == json!(4000) {
                    argument["limit"] = json!(2000);
                }
            });
        },
    ),
    answer(
        "a fault is named without its place",
        "input/schema/session-rows",
        |_, said, _| {
            retold(said, "cursor.offset: ", "offset: ");
        },
    ),
    request(
        "a hundred and one revisions are a hundred",
        "input/schema/list-revisions-rows",
        |ask, _| {
            ask.change_argument(|argument| {
                if argument["limit"] == json!(101) {
                    argument["limit"] = json!(100);
                }
            });
        },
    ),
    answer(
        "the bounds of a query are told wrong",
        "input/schema/other-rows",
        |_, said, _| {
            retold(said, "at most 500", "at most 512");
        },
    ),
    answer(
        "a long value is cut without a word",
        "input/schema/long-values-are-cut",
        |_, said, _| {
            retold(
                said,
                " [The string has been truncated due to its length]",
                "",
            );
        },
    ),
    request(
        "list_folder takes a slash for the root",
        "input/root/list-folder-slash",
        |ask, _| {
            if ask.route() == "files/list_folder" {
                ask.change_argument(|argument| {
                    if argument["path"] == "/" {
                        argument["path"] = json!("");
                    }
                });
            }
        },
    ),
    answer(
        "the root's metadata are a 409",
        "input/root/get-metadata",
        |ask, said, _| {
            if ask.route() == "files/get_metadata" && said.status == 400 {
                said.status = 409;
            }
        },
    ),
    answer(
        "a bad cursor is not quoted",
        "input/cursor/bad",
        |_, said, _| {
            retold(said, "parameter: 'foo'", "parameter");
        },
    ),
    answer(
        "an unknown route is a conflict",
        "input/route/unknown",
        |ask, said, _| {
            if ask.route() == "files/no_such_route" {
                said.status = 409;
            }
        },
    ),
    request(
        "the body of a download is ignored",
        "input/route/body-on-a-download",
        |ask, _| {
            if ask.route() == "files/download" {
                ask.body = "".into();
            }
        },
    ),
];
