//! Lies about tokens in other places, arguments, Content-Types, headers and the spelling of JSON.

use serde_json::{Value, json};

use super::catalogue::{Lie, answer, request};
use super::proxy::{Ask, Said};

/// Changes the text of a bad request, and nothing else.
fn retold(said: &mut Said, from: &str, to: &str) {
    if said.status == 400 {
        said.replace(from, to);
    }
}

fn is_upload_of(ask: &Ask, case: &str) -> bool {
    ask.route() == "files/upload" && ask.header("dropbox-api-arg").contains(case)
}

fn set_request_header(ask: &mut Ask, name: &str, value: &str) {
    ask.headers.retain(|(known, _)| known != name);
    ask.headers.push((name.to_owned(), value.to_owned()));
}

fn as_anybody(ask: &mut Ask) {
    set_request_header(ask, "authorization", "Bearer sl.anybody-at-all");
}

/// Every lie of the chapters.
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
    answer(
        "a 401 may be stored",
        "auth/revoke/the-401-has-its-headers",
        |_, said, _| {
            if said.status == 401 {
                said.drop_header("cache-control");
            }
        },
    ),
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
        "an unknown route is a 404",
        "input/route/unknown",
        |ask, said, _| {
            if ask.route() == "files/no_such_route" {
                said.status = 404;
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
    answer(
        "a request id is in upper case",
        "headers/common/request-id",
        |_, said, _| {
            said.set_header("x-dropbox-request-id", "0123456789ABCDEF0123456789ABCDEF");
        },
    ),
    answer(
        "every request has the same id",
        "headers/common/request-id",
        |_, said, _| {
            said.set_header("x-dropbox-request-id", "0123456789abcdef0123456789abcdef");
        },
    ),
    answer(
        "a success does not tell how long it took",
        "headers/common/api-success",
        |_, said, _| {
            said.drop_header("x-server-response-time");
        },
    ),
    answer(
        "a success may be framed by anybody",
        "headers/common/api-success",
        |_, said, _| {
            said.drop_header("x-frame-options");
        },
    ),
    answer(
        "files/upload answers with a Dropbox-API-Result",
        "headers/common/content-success",
        |ask, said, _| {
            if ask.route() == "files/upload" {
                said.set_header("dropbox-api-result", "{}");
            }
        },
    ),
    answer(
        "the content host may be indexed",
        "headers/common/content-success",
        |_, said, _| {
            said.drop_header("x-robots-tag");
        },
    ),
    answer(
        "a 400 has no charset",
        "headers/common/bad-request",
        |_, said, _| {
            if said.status == 400 {
                said.set_header("content-type", "text/plain");
            }
        },
    ),
    answer(
        "a 400 tells how long it took",
        "headers/common/bad-request",
        |_, said, _| {
            if said.status == 400 {
                said.set_header("x-server-response-time", "5");
            }
        },
    ),
    answer(
        "a 409 has a charset",
        "headers/common/endpoint-error",
        |_, said, _| {
            if said.status == 409 {
                said.set_header("content-type", "application/json; charset=utf-8");
            }
        },
    ),
    answer(
        "the error comes before its summary",
        "headers/common/endpoint-error",
        |_, said, _| {
            if said.status == 409 {
                said.change_json(|json| {
                    *json = json!({"error": json["error"], "error_summary": json["error_summary"]});
                });
            }
        },
    ),
    answer(
        "a summary ends in four dots",
        "headers/common/summary-ends-in-dots",
        |ask, said, _| {
            if ask.route() == "files/get_metadata" && said.status == 409 {
                said.change_json(|json| json["error_summary"] = json!("path/not_found/...."));
            }
        },
    ),
    answer(
        "a path error has a user_message",
        "headers/common/summary-ends-in-dots",
        |_, said, _| {
            if said.status == 409 {
                said.change_json(|json| {
                    json["user_message"] = json!({"locale": "en", "text": "x"});
                });
            }
        },
    ),
    answer(
        "a page may not read an answer",
        "headers/cors/exposed",
        |_, said, _| {
            said.drop_header("access-control-allow-origin");
        },
    ),
    answer(
        "a page may not read the tag",
        "headers/cors/exposed",
        |_, said, _| {
            said.set_header("access-control-expose-headers", "Dropbox-API-Result");
        },
    ),
    answer("JSON is compact", "headers/json/spelling", |_, said, _| {
        said.change_json(|_| {});
    }),
    answer(
        "JSON is not escaped",
        "headers/json/spelling",
        |_, said, _| said.replace("\\u00fa", "\u{fa}"),
    ),
    answer(
        "JSON ends in a line break",
        "headers/json/spelling",
        |ask, said, _| {
            if ask.route() == "files/upload" {
                said.body = format!("{}\n", said.text()).into();
            }
        },
    ),
    answer(
        "the result header is compact",
        "headers/json/result-header",
        |_, said, _| {
            let result = said
                .headers
                .iter()
                .find(|(name, _)| name == "dropbox-api-result");
            let result = result.map(|(_, value)| value.replace(": ", ":"));
            if let Some(result) = result {
                said.set_header("dropbox-api-result", &result);
            }
        },
    ),
    answer(
        "a 429 does not say when to come again",
        "headers/rate-limit/shape",
        |ask, said, _| {
            if is_upload_of(ask, "rate-limit-shape") {
                said.status = 429;
                said.body = json!({"error_summary": "too_many_requests/..", "error": {"reason": {".tag": "too_many_requests"}}}).to_string().into();
            }
        },
    ),
    answer(
        "the error of a 429 is a union",
        "headers/rate-limit/shape",
        |ask, said, _| {
            if is_upload_of(ask, "rate-limit-shape") {
                said.status = 429;
                said.set_header("retry-after", "1");
                let error: Value = json!({".tag": "too_many_requests"});
                said.body = json!({"error_summary": "too_many_requests/..", "error": error})
                    .to_string()
                    .into();
            }
        },
    ),
];
