//! Lies about upload sessions, and about users and their apps.

use serde_json::json;

use super::catalogue::{Lie, answer, request};
use super::means::{APPEND, FINISH, asked, on};

pub const LIES: &[Lie] = &[
    answer(
        "a bad request names append_v2 as it was called",
        "sessions/append/named-in-a-bad-request",
        |_, said, _| said.replace("append:2", "append_v2"),
    ),
    answer(
        "every code gives a refresh token",
        "users/oauth/code-without-offline-access",
        |_, said, _| {
            said.replace("\"account_id\"", "\"refresh_token\": \"x\", \"account_id\"");
        },
    ),
    request(
        "the bytes of a failed finish are lost",
        "sessions/sequential/failed-finish",
        |ask, _| {
            if ask.route() == FINISH && ask.body.is_empty() {
                asked(ask, FINISH, |argument| {
                    argument["cursor"]["offset"] = json!(3);
                });
            }
        },
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
