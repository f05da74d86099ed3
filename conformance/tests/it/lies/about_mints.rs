//! Lies about mints and the links that they give.

use serde_json::json;

use super::catalogue::{Lie, answer, request};
use super::means::{
    as_anybody, drop_request_header, first_answer_again, is_case_mint, mint, path, refuse, retold,
    set_request_header,
};

pub const LIES: &[Lie] = &[
    answer(
        "an unknown field at the top is told by another name",
        "mint/arguments/unknown-field",
        |ask, said, _| {
            if is_case_mint(ask) {
                retold(said, "unknown field 'extra'", "unknown field 'other'");
            }
        },
    ),
    answer(
        "a content_hash of a mint is told as a missing field",
        "mint/arguments/no-content-hash",
        |ask, said, _| {
            if is_case_mint(ask) {
                retold(said, "unknown field", "missing required field");
            }
        },
    ),
    request(
        "a commit info without a path gets one",
        "mint/arguments/missing-field",
        |ask, _| {
            mint(ask, |argument| {
                if argument["commit_info"]["path"].is_null() {
                    argument["commit_info"] = json!({"path": "/unnamed"});
                }
            });
        },
    ),
    answer(
        "a body that is not JSON is told in other words",
        "mint/arguments/no-json",
        |ask, said, _| {
            if ask.is_mint() {
                said.replace("could not decode input as JSON", "invalid JSON");
            }
        },
    ),
    request(
        "update as a bare string is taken for add",
        "mint/commit-info/update-is-an-object",
        |ask, _| {
            mint(ask, |argument| {
                let mode = &mut argument["commit_info"]["mode"];
                if *mode == "update" {
                    *mode = "add".into();
                }
            });
        },
    ),
    request(
        "an unknown mode is taken for add",
        "mint/commit-info/mode-tag",
        |ask, _| {
            mint(ask, |argument| {
                let mode = &mut argument["commit_info"]["mode"];
                if mode.is_object() {
                    *mode = "add".into();
                }
            });
        },
    ),
    request(
        "a rev in upper case is taken",
        "mint/commit-info/rev",
        |ask, _| {
            mint(ask, |argument| {
                let rev = &mut argument["commit_info"]["mode"]["update"];
                if let Some(text) = rev.as_str() {
                    *rev = text.to_lowercase().into();
                }
            });
        },
    ),
    answer(
        "a mode must be a bare string",
        "mint/commit-info/spellings-of-mode",
        |ask, said, _| {
            if is_case_mint(ask) && ask.text().contains(".tag") {
                refuse(said, 400);
            }
        },
    ),
    request(
        "a boolean may be anything",
        "mint/commit-info/booleans",
        |ask, _| {
            mint(ask, |argument| {
                for name in ["autorename", "mute", "strict_conflict"] {
                    let value = &mut argument["commit_info"][name];
                    if !value.is_boolean() {
                        *value = true.into();
                    }
                }
            });
        },
    ),
    answer(
        "nobody may be muted",
        "mint/commit-info/booleans-are-accepted",
        |ask, said, _| {
            if is_case_mint(ask) && ask.text().contains("\"mute\":true") {
                refuse(said, 400);
            }
        },
    ),
    answer(
        "a refused time is not echoed",
        "mint/commit-info/timestamp",
        |ask, said, _| {
            if ask.is_mint() {
                retold(said, "time data", "a time");
            }
        },
    ),
    answer(
        "null is no value for a time",
        "mint/commit-info/nullable-fields",
        |ask, said, _| {
            if is_case_mint(ask) && ask.text().contains(":null") {
                refuse(said, 400);
            }
        },
    ),
    request(
        "property groups are not looked at",
        "mint/commit-info/property-groups",
        |ask, _| {
            mint(ask, |argument| {
                argument["commit_info"]["property_groups"] = json!([]);
            });
        },
    ),
    answer(
        "a mint takes no property groups",
        "mint/commit-info/well-formed-property-group",
        |ask, said, _| {
            if is_case_mint(ask) && ask.text().contains("ptid:") {
                refuse(said, 400);
            }
        },
    ),
    request(
        "a path without a slash is given one",
        "mint/paths/pattern",
        |ask, _| {
            mint(ask, |argument| {
                let path = &mut argument["commit_info"]["path"];
                if let Some(text) = path.as_str() {
                    *path = format!("/{text}").into();
                }
            });
        },
    ),
    answer(
        "a path that is no string is printed as JSON",
        "mint/paths/no-string",
        |ask, said, _| {
            if ask.is_mint() {
                retold(said, "None", "null");
                retold(said, "True", "true");
            }
        },
    ),
    answer(
        "a long path is refused by the mint",
        "mint/paths/any-length",
        |ask, said, _| {
            if is_case_mint(ask) && ask.body.len() > 1000 {
                refuse(said, 400);
            }
        },
    ),
    answer(
        "the id of a folder begins no path",
        "mint/paths/relative-to-a-folder-id",
        |ask, said, _| {
            if is_case_mint(ask) && ask.text().contains("\"id:") {
                refuse(said, 400);
            }
        },
    ),
    request(
        "the name is kept in lower case",
        "mint/paths/letter-case",
        |ask, _| {
            path(ask, str::to_lowercase);
        },
    ),
    answer(
        "a mint tells when the link expires",
        "mint/answers/a-link-and-nothing-else",
        |ask, said, _| {
            if is_case_mint(ask) {
                said.change_json(|json| json["expires"] = 14400.into());
            }
        },
    ),
    answer(
        "the answer of a mint has a space before the colon",
        "mint/answers/spelling",
        |ask, said, _| {
            if is_case_mint(ask) {
                said.replace("\"link\":", "\"link\" :");
            }
        },
    ),
    answer(
        "a mint answers without a request id",
        "mint/answers/headers",
        |ask, said, _| {
            if is_case_mint(ask) {
                said.drop_header("x-dropbox-request-id");
            }
        },
    ),
    request(
        "a mint takes any Content-Type",
        "mint/answers/wrong-content-type",
        |ask, _| {
            if is_case_mint(ask) {
                set_request_header(ask, "content-type", "application/json");
            }
        },
    ),
    answer(
        "a mint takes application/json only",
        "mint/answers/content-types",
        |ask, said, _| {
            if is_case_mint(ask) && ask.header("content-type") != "application/json" {
                refuse(said, 400);
            }
        },
    ),
    request(
        "a mint asks for no scope",
        "mint/answers/missing-scope",
        |ask, _| {
            if is_case_mint(ask) {
                as_anybody(ask);
            }
        },
    ),
    request(
        "an app mints without a user",
        "mint/answers/app-credentials",
        |ask, _| {
            if is_case_mint(ask) {
                as_anybody(ask);
            }
        },
    ),
    request(
        "the path root of a mint is not looked at",
        "mint/answers/bad-path-root",
        |ask, _| {
            if is_case_mint(ask) {
                drop_request_header(ask, "dropbox-api-path-root");
            }
        },
    ),
    answer(
        "a mint looks whether the path is taken",
        "mint/answers/account-is-not-looked-at",
        |ask, said, _| {
            if is_case_mint(ask) && ask.text().contains("/taken.txt") {
                refuse(said, 409);
            }
        },
    ),
    answer(
        "a second mint for a path gives the first link again",
        "mint/answers/many-links-for-one-path",
        |ask, said, memory| {
            if is_case_mint(ask) {
                first_answer_again(ask, said, memory);
            }
        },
    ),
    answer(
        "a mint under a path root is refused",
        "mint/answers/path-root-is-frozen",
        |ask, said, _| {
            if is_case_mint(ask) && !ask.header("dropbox-api-path-root").is_empty() {
                refuse(said, 422);
            }
        },
    ),
    answer(
        "a duration with a decimal point is refused",
        "mint/clients/python",
        |ask, said, _| {
            if is_case_mint(ask) && ask.text().contains("14400.0") {
                refuse(said, 400);
            }
        },
    ),
    answer(
        "a duration is required",
        "mint/clients/rust",
        |ask, said, _| {
            if is_case_mint(ask) && !ask.text().contains("duration") {
                refuse(said, 400);
            }
        },
    ),
    answer(
        "a mode must be an object",
        "mint/clients/javascript",
        |ask, said, _| {
            if is_case_mint(ask) && ask.text().contains("\"mode\":\"add\"") {
                refuse(said, 400);
            }
        },
    ),
    answer(
        "a default must not be sent",
        "mint/clients/go",
        |ask, said, _| {
            if is_case_mint(ask) && ask.text().contains("\"strict_conflict\":false") {
                refuse(said, 400);
            }
        },
    ),
    answer(
        "an hour is no duration",
        "mint/clients/habits",
        |ask, said, _| {
            if is_case_mint(ask) && ask.text().contains("\"duration\":3600") {
                refuse(said, 400);
            }
        },
    ),
    answer(
        "a link ends in a query",
        "link/shape/path",
        |ask, said, _| {
            if is_case_mint(ask) {
                said.replace("\"}", "?dl=1\"}");
            }
        },
    ),
    answer(
        "every mint gives the same link",
        "link/shape/tokens-differ",
        |ask, said, memory| {
            if is_case_mint(ask) {
                first_answer_again(ask, said, memory);
            }
        },
    ),
];
