//! Lies about tokens in other places, scopes and roots.

use serde_json::json;

use super::catalogue::{Lie, answer, header, request};
use super::means::{as_anybody, retold};

pub const LIES: &[Lie] = &[
    answer(
        "a call without a token is a 401",
        "auth/header/missing",
        |ask, said, _| {
            if ask.header("authorization").is_empty() && said.status == 400 {
                said.status = 401;
            }
        },
    ),
    answer(
        "a 400 ends in a line break",
        "auth/header/missing",
        |_, said, _| {
            if said.status == 400 {
                said.body = format!("{}\n", said.text()).into();
            }
        },
    ),
    answer(
        "one blank stands before Expecting",
        "auth/header/bearer-alone",
        |_, said, _| {
            retold(said, "  Expecting", " Expecting");
        },
    ),
    answer(
        "the whole refused token is echoed",
        "auth/header/token-without-bearer",
        |_, said, _| {
            retold(said, "sl.Bl...", "sl.Bl-which-is-no-token-at-all");
        },
    ),
    answer(
        "an empty Authorization is a missing one",
        "auth/header/empty",
        |_, said, _| {
            retold(
                said,
                "Invalid authorization value in HTTP header/URL parameter",
                "Must provide HTTP header",
            );
        },
    ),
    answer(
        "a token of impossible shape is a malformed header",
        "auth/header/token-of-impossible-shape",
        |ask, said, _| {
            if ask.header("authorization").contains('{') {
                said.status = 400;
            }
        },
    ),
    request(
        "a token of impossible shape opens an account",
        "auth/header/token-of-impossible-shape",
        |ask, _| {
            if ask.header("authorization").contains('{') {
                as_anybody(ask);
            }
        },
    ),
    request(
        "the URL parameter authorization is not read",
        "auth/header/url-parameters",
        |ask, _| {
            ask.path = ask.path.replace("authorization=", "ignored=");
        },
    ),
    request(
        "the URL parameter needs no flag",
        "auth/header/url-parameter-without-its-flag",
        |ask, _| {
            if ask.path.contains("authorization=") {
                ask.path.push_str("&reject_cors_preflight=true");
            }
        },
    ),
    answer(
        "check/app echoes nothing",
        "auth/header/check-app-takes-basic",
        |ask, said, _| {
            if ask.route() == "check/app" {
                said.replace("\"foo\"", "\"\"");
            }
        },
    ),
    answer(
        "a missing scope is a 403",
        "auth/scope/token-lacks-it-on-the-api-host",
        |_, said, _| {
            if said.status == 401 {
                said.status = 403;
            }
        },
    ),
    answer(
        "a 401 for a missing scope has the tag alone",
        "auth/scope/token-lacks-it-on-the-api-host",
        |_, said, _| {
            if said.status == 401 {
                said.change_json(|json| json["error"] = json!({".tag": "missing_scope"}));
            }
        },
    ),
    request(
        "files/upload does not look at the scope",
        "auth/scope/token-lacks-it-on-the-content-host",
        |ask, _| {
            if ask.header("authorization").contains("restricted") {
                as_anybody(ask);
            }
        },
    ),
    answer(
        "a missing write scope closes every route",
        "auth/scope/other-routes-stay-open",
        |ask, said, _| {
            if ask.header("authorization").contains("restricted") {
                said.status = 401;
            }
        },
    ),
    answer(
        "another account's file is a 403",
        "auth/accounts/are-apart",
        |ask, said, _| {
            if ask.route() == "files/get_metadata" && said.status == 409 {
                said.status = 403;
            }
        },
    ),
    request(
        "Dropbox-API-Select-User is ignored",
        "auth/select-user/with-a-users-token",
        |ask, _| {
            ask.headers
                .retain(|(name, _)| name != "dropbox-api-select-user");
        },
    ),
    request(
        "a path root without access is ignored",
        "auth/path-root/namespace-without-access",
        |ask, _| {
            if ask.header("dropbox-api-path-root").contains("938429923") {
                ask.headers
                    .retain(|(name, _)| name != "dropbox-api-path-root");
            }
        },
    ),
    answer(
        "a wrong root is not put right",
        "auth/path-root/wrong-root",
        |_, said, _| {
            if said.status == 422 {
                said.change_json(|json| json["error"] = json!({".tag": "invalid_root"}));
            }
        },
    ),
    answer(
        "revoke answers with an object",
        "auth/revoke/ends-the-token",
        |ask, said, _| {
            if ask.route() == "auth/token/revoke" {
                said.body = "{}".into();
            }
        },
    ),
    request(
        "a token outlives its revocation",
        "auth/revoke/ends-the-token",
        |ask, _| {
            if ask.header("authorization").contains("conformance-own")
                && ask.route() != "auth/token/revoke"
            {
                as_anybody(ask);
            }
        },
    ),
    header(
        "a 401 may be stored",
        "auth/revoke/the-401-has-its-headers",
        ("", 401),
        ("cache-control", None),
    ),
];
