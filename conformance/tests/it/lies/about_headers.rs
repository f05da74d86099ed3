//! Lies about headers and the spelling of JSON.

use serde_json::{Value, json};

use super::catalogue::{Lie, answer, header};
use super::means::is_upload_of;

pub const LIES: &[Lie] = &[
    header(
        "the 200 of a link leads elsewhere",
        "link/answers/of-a-success",
        ("link", 200),
        ("location", Some("/stored")),
    ),
    header(
        "the 200 of a link calls itself compressed",
        "link/answers/of-a-success",
        ("link", 200),
        ("content-encoding", Some("gzip")),
    ),
    header(
        "a cache may keep the 200 of a link",
        "link/answers/of-a-success",
        ("link", 200),
        ("expires", Some("Fri, 01 Jan 2100 00:00:00 GMT")),
    ),
    header(
        "the 200 of a link comes out of a cache",
        "link/answers/of-a-success",
        ("link", 200),
        ("age", Some("30")),
    ),
    header(
        "the 400 of a link leads elsewhere",
        "link/answers/of-an-error",
        ("link", 400),
        ("location", Some("/help")),
    ),
    header(
        "other pages may read the 400 of a link",
        "link/answers/of-an-error",
        ("link", 400),
        ("access-control-allow-origin", Some("https://other.example")),
    ),
    header(
        "a cache may keep the 409 of a link",
        "link/answers/of-a-refusal",
        ("link", 409),
        ("cache-control", Some("max-age=600")),
    ),
    header(
        "a cache may keep the 410 of a link",
        "link/answers/of-a-refusal",
        ("link", 410),
        ("cache-control", Some("public")),
    ),
    header(
        "other pages may read the 409 of a link",
        "link/answers/of-a-refusal",
        ("link", 409),
        ("access-control-allow-origin", Some("https://other.example")),
    ),
    header(
        "other pages may read the 410 of a link",
        "link/answers/of-a-refusal",
        ("link", 410),
        ("access-control-allow-origin", Some("https://other.example")),
    ),
    header(
        "a page sees the wrong headers of a 409 of a link",
        "link/answers/of-a-refusal",
        ("link", 409),
        ("access-control-expose-headers", Some("X-Other")),
    ),
    header(
        "a 410 of a link calls itself compressed",
        "link/answers/of-a-refusal",
        ("link", 410),
        ("content-encoding", Some("br")),
    ),
    header(
        "the 409 of a link may run scripts anywhere",
        "link/answers/of-a-refusal",
        ("link", 409),
        ("content-security-policy", Some("script-src *")),
    ),
    header(
        "a cache may keep the 413 of a link",
        "link/answers/of-a-413",
        ("link", 413),
        ("cache-control", Some("public")),
    ),
    header(
        "other pages may read the 413 of a link",
        "link/answers/of-a-413",
        ("link", 413),
        ("access-control-allow-origin", Some("https://other.example")),
    ),
    header(
        "a cache may keep what the api host says",
        "headers/common/api-success",
        ("check/user", 200),
        ("etag", Some("\"1\"")),
    ),
    header(
        "a cache may keep an error of the api host",
        "headers/common/endpoint-error",
        ("files/get_metadata", 409),
        ("cache-control", Some("max-age=600")),
    ),
    header(
        "a cache may keep an error of the content host",
        "headers/common/content-error",
        ("files/download", 409),
        ("expires", Some("Fri, 01 Jan 2100 00:00:00 GMT")),
    ),
    header(
        "an upload leads to its file",
        "headers/common/content-success",
        ("files/upload", 200),
        ("location", Some("/file")),
    ),
    answer(
        "every answer varies by encoding",
        "headers/common/varies-once-long",
        |_, said, _| said.set_header("vary", "Accept-Encoding"),
    ),
    answer(
        "no answer varies by encoding",
        "headers/common/varies-once-long",
        |_, said, _| said.drop_header("vary"),
    ),
    answer(
        "a preflight succeeds though its page rejects it",
        "link/cors/rejected-preflight",
        |ask, said, _| {
            if ask.method == "OPTIONS" {
                said.set_header("access-control-allow-origin", "*");
            }
        },
    ),
    answer(
        "a page may not read why it got no token",
        "users/oauth/refusal",
        |_, said, _| said.drop_header("access-control-allow-origin"),
    ),
    answer(
        "a refused token request is not to be kept",
        "users/oauth/refusal",
        |_, said, _| said.set_header("cache-control", "no-cache"),
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
    header(
        "a 400 has no charset",
        "headers/common/bad-request",
        ("", 400),
        ("content-type", Some("text/plain")),
    ),
    header(
        "a 400 tells how long it took",
        "headers/common/bad-request",
        ("", 400),
        ("x-server-response-time", Some("5")),
    ),
    header(
        "a 409 has a charset",
        "headers/common/endpoint-error",
        ("", 409),
        ("content-type", Some("application/json; charset=utf-8")),
    ),
    answer(
        "the keys of an error stand in no order",
        "headers/json/spelling",
        |_, said, _| {
            if said.status == 409 {
                said.change_json(|json| {
                    *json = json!({"x": 1, "error_summary": json["error_summary"], "error": json["error"]});
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
