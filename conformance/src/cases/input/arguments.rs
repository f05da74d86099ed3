//! Arguments that are missing, no JSON, or not what the schema says, in every place where one may stand.

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::failure::{Failure, Verdict};
use crate::http::Request;
use crate::secrecy::secret::percent_encoded;
use crate::talk::answer::Answer;
use crate::talk::context::Context;
use crate::talk::shown::Rules;
use crate::talk::spelling::Dialect;

pub const CASES: &[Case] = &[
    MISSING,
    NOT_JSON_IN_THE_HEADER,
    NOT_JSON_IN_THE_BODY,
    IN_THE_URL,
    ESCAPES_IN_THE_HEADER,
    PROBE_RAW_BYTES_IN_THE_HEADER,
    TAKES_NULL_ONLY,
    NO_BODY_AT_ALL,
    UNKNOWN_FIELD_WINS,
    MISSING_FIELD,
    NULL_FOR_A_STRING,
    UPDATE_NEEDS_AN_OBJECT,
    RELATIVE_PATH,
    TIMESTAMPS,
    UPLOAD_ROWS,
    LIST_FOLDER_ROWS,
    SESSION_ROWS,
    LIST_REVISIONS_ROWS,
    OTHER_ROWS,
    LONG_VALUES_ARE_CUT,
    LIST_FOLDER_SLASH,
    GET_METADATA,
    BAD,
    PROBE_PATH_PATTERN,
    PROBE_DIALECT,
    PROBE_FORM_OF_A_400,
];

const NOT_JSON: &str = "could not decode input as JSON";
const HEADER: &str = r#"HTTP header "Dropbox-API-Arg""#;

/// Sends an rpc call with this text as its body, and wants this message of the validator.
async fn rpc_refuses(t: &Context, route: &str, body: &str, message: &str, rules: Rules) -> Verdict {
    let request = t.rpc_request(route, &Value::Null).body(body.to_owned());
    t.send(request)
        .await?
        .by(rules)
        .expect_bad_request(&format!("request body: {message}"))?;
    Ok(())
}

/// As [`rpc_refuses`] for a route whose argument stands in a header.
async fn header_refuses(
    t: &Context,
    route: &str,
    argument: &str,
    message: &str,
    rules: Rules,
) -> Verdict {
    with_header(t, route, argument)
        .await?
        .by(rules)
        .expect_bad_request(&format!("{HEADER}: {message}"))?;
    Ok(())
}

async fn with_header(t: &Context, route: &str, argument: &str) -> Result<Answer, Failure> {
    let request = t
        .content_request(route, &Value::Null)
        .without_header("Dropbox-API-Arg")
        .header("Dropbox-API-Arg", argument);
    t.send(request.body(b"x")).await
}

const MISSING: Case = Case::observed("input/argument/missing")
    .rules(&["API-44"])
    .claim("An upload or a download without an argument is a 400 that names both places.")
    .calls(2)
    .run(|t| Box::pin(missing(t)));

async fn missing(t: &Context) -> Verdict {
    let message = r#"Must provide HTTP header "Dropbox-API-Arg" or URL parameter "arg"."#;
    let download = t.download_request("files/download", &Value::Null);
    let upload = t.content_request("files/upload", &Value::Null).body(b"x");
    for request in [download, upload] {
        t.send(request.without_header("Dropbox-API-Arg"))
            .await?
            .by(&["API-44"])
            .expect_bad_request(message)?;
    }
    Ok(())
}

const NOT_JSON_IN_THE_HEADER: Case = Case::observed("input/argument/not-json-in-the-header")
    .rules(&["API-32", "API-45", "API-70"])
    .claim("A Dropbox-API-Arg that is no JSON is a 400.")
    .calls(2)
    .run(|t| Box::pin(not_json_in_the_header(t)));

async fn not_json_in_the_header(t: &Context) -> Verdict {
    header_refuses(t, "files/upload", "{", NOT_JSON, &["API-45"]).await?;
    header_refuses(t, "files/upload", "", NOT_JSON, &["API-45"]).await
}

const NOT_JSON_IN_THE_BODY: Case = Case::observed("input/argument/not-json-in-the-body")
    .rules(&["API-32", "API-46", "API-70", "API-94"])
    .claim("An empty or broken body of an rpc call is a 400.")
    .calls(3)
    .run(|t| Box::pin(not_json_in_the_body(t)));

async fn not_json_in_the_body(t: &Context) -> Verdict {
    for body in ["", "{", "path=/a"] {
        rpc_refuses(t, "files/get_metadata", body, NOT_JSON, &["API-46"]).await?;
    }
    Ok(())
}

const IN_THE_URL: Case = Case::observed("input/argument/in-the-url")
    .rules(&["API-09", "API-32"])
    .claim("An argument error of the URL parameter arg names that parameter.")
    .calls(2)
    .run(|t| Box::pin(in_the_url(t)));

async fn in_the_url(t: &Context) -> Verdict {
    for (argument, message) in [("{", NOT_JSON), ("{}", "missing required field 'path'")] {
        let request = t
            .download_request("files/download", &Value::Null)
            .without_header("Dropbox-API-Arg")
            .query(&format!("arg={}", percent_encoded(argument)));
        t.send(request)
            .await?
            .expect_bad_request(&format!(r#"URL parameter "arg": {message}"#))?;
    }
    Ok(())
}

const ESCAPES_IN_THE_HEADER: Case = Case::required("input/argument/escapes-in-the-header")
    .rules(&["API-20", "AQ-29"])
    .claim("Names beyond ASCII are escaped in the header, and stored as they are meant.")
    .calls(2)
    .run(|t| Box::pin(escapes_in_the_header(t)));

async fn escapes_in_the_header(t: &Context) -> Verdict {
    let name = "some_\u{fc}\u{f1}\u{ee}c\u{f8}d\u{e9}_\u{1f600}.txt";
    let request = t.content_request(
        "files/upload",
        &json!({"path": t.path(&format!("/{name}"))}),
    );
    let value = request
        .headers
        .iter()
        .find(|(header, _)| header == "Dropbox-API-Arg")
        .map(|(_, value)| value.clone())
        .unwrap_or_default();
    if !value.contains(r"\ud83d\ude00") {
        return Err(t.fail("the suite itself did not escape the name"));
    }
    t.send(request.body(b"x"))
        .await?
        .expect_status(200)?
        .expect_at("/name", name)?;
    t.expect_content(&format!("/{name}"), b"x").await?;
    Ok(())
}

const PROBE_RAW_BYTES_IN_THE_HEADER: Case =
    Case::probe("input/argument/probe-raw-bytes-in-the-header")
        .rules(&["AQ-22"])
        .claim("Whether letters beyond ASCII may stand in the header as they are.")
        .calls(2)
        .run(|t| Box::pin(probe_raw_bytes_in_the_header(t)));

async fn probe_raw_bytes_in_the_header(t: &Context) -> Verdict {
    let name = "/s\u{f8}.txt";
    let argument = json!({"path": t.path(name)});
    let mut request = t.content_request("files/upload", &argument);
    for (header, value) in &mut request.headers {
        if header == "Dropbox-API-Arg" {
            *value = argument.to_string();
        }
    }
    let answer = t.send(request.body(b"x")).await?;
    let answer = match answer.status() {
        200 if answer.json()?["name"] == name[1..] => "accept_utf8".to_owned(),
        200 => "accepted under another name".to_owned(),
        400 if answer.text().contains(NOT_JSON) => "strict".to_owned(),
        status => format!("{status} {}", answer.text()),
    };
    t.observe("AQ-22", answer);
    Ok(())
}

const TAKES_NULL_ONLY: Case = Case::observed("input/void/takes-null-only")
    .rules(&["OQ-18", "API-07", "API-47", "API-85", "API-94"])
    .claim("A route without an argument takes null, and refuses an object and an empty body.")
    .calls(3)
    .run(|t| Box::pin(void_takes_null_only(t)));

async fn void_takes_null_only(t: &Context) -> Verdict {
    let route = "users/get_current_account";
    t.rpc(route, Value::Null).await?.expect_status(200)?;
    rpc_refuses(
        t,
        route,
        "{}",
        "expected null, got value",
        &["API-47", "API-85"],
    )
    .await?;
    rpc_refuses(t, route, "", NOT_JSON, &["API-94"]).await
}

const NO_BODY_AT_ALL: Case = Case::required("input/void/no-body-at-all")
    .rules(&["API-07"])
    .claim("A route without an argument takes a call without body and Content-Type.")
    .calls(1)
    .run(|t| Box::pin(void_without_a_body(t)));

async fn void_without_a_body(t: &Context) -> Verdict {
    let request = Request::post(format!("{}/2/users/get_space_usage", t.target().api))
        .header("Authorization", t.bearer(&t.target().tokens.main));
    t.send(request).await?.expect_status(200)?;
    Ok(())
}

const UNKNOWN_FIELD_WINS: Case = Case::observed("input/schema/unknown-field-wins")
    .rules(&["OQ-18", "API-48", "API-49", "API-72", "API-88"])
    .claim("An unknown field is told before a missing one, in the order of the JSON.")
    .calls(4)
    .run(|t| Box::pin(unknown_field_wins(t)));

async fn unknown_field_wins(t: &Context) -> Verdict {
    let upload = json!({"path": t.path("/a.txt"), "duration": 5}).to_string();
    header_refuses(
        t,
        "files/upload",
        &upload,
        "unknown field 'duration'",
        &["API-88"],
    )
    .await?;
    t.download("files/download", json!({"pat": "/a"}))
        .await?
        .expect_bad_request(&format!("{HEADER}: unknown field 'pat'"))?;
    rpc_refuses(
        t,
        "files/create_folder_v2",
        r#"{"root": "auto"}"#,
        "unknown field 'root'",
        &["API-49"],
    )
    .await?;
    rpc_refuses(
        t,
        "files/delete_v2",
        r#"{"z": 1, "a": 2}"#,
        "unknown field 'z'",
        &["API-72"],
    )
    .await
}

const MISSING_FIELD: Case = Case::observed("input/schema/missing-field")
    .rules(&["API-30", "API-50", "API-74"])
    .claim("An empty object for files/delete is a 400 that names the field.")
    .calls(1)
    .run(|t| Box::pin(missing_field(t)));

async fn missing_field(t: &Context) -> Verdict {
    rpc_refuses(
        t,
        "files/delete",
        "{}",
        "missing required field 'path'",
        &["API-50"],
    )
    .await
}

const NULL_FOR_A_STRING: Case = Case::observed("input/schema/null-for-a-string")
    .rules(&["API-51", "API-76"])
    .claim("null for a string is quoted as Python prints it.")
    .calls(1)
    .run(|t| Box::pin(null_for_a_string(t)));

async fn null_for_a_string(t: &Context) -> Verdict {
    let message = "path: 'None' expected to be a string, got null";
    rpc_refuses(
        t,
        "files/get_temporary_link",
        r#"{"path": null}"#,
        message,
        &["API-51"],
    )
    .await
}

const UPDATE_NEEDS_AN_OBJECT: Case = Case::observed("input/schema/update-needs-an-object")
    .rules(&["API-52", "API-83"])
    .claim("The mode update as a bare word is a 400.")
    .calls(1)
    .run(|t| Box::pin(update_needs_an_object(t)));

async fn update_needs_an_object(t: &Context) -> Verdict {
    let argument = json!({"path": t.path("/a.txt"), "mode": "update"}).to_string();
    let message = "mode: expected object for 'update', got symbol";
    header_refuses(t, "files/upload", &argument, message, &["API-52"]).await
}

/// The text names one of the two patterns that are known: the one of today's spec or the older one.
fn expect_pattern(answer: Answer, value: &str, before: &str, after: &str) -> Verdict {
    let known = ["(ns:[0-9]+(/.*)?)", r"(ns:[0-9]+(/(.|[\r\n])*)?)"];
    let came = answer.refusal()?;
    let pattern = |namespace: &str| format!("{before}{namespace}{after}");
    let printed = known.iter().find(|known| came.contains(&pattern(known)));
    let place = if came.starts_with(HEADER) {
        HEADER
    } else {
        "request body"
    };
    let pattern = pattern(printed.unwrap_or(&known[1]));
    answer.expect_bad_request(&format!(
        "{place}: path: '{value}' did not match pattern '{pattern}'"
    ))?;
    Ok(())
}

const RELATIVE_PATH: Case = Case::observed("input/schema/relative-path")
    .rules(&[
        "API-53", "API-54", "API-55", "API-78", "API-191", "API-192", "API-193",
    ])
    .claim("A path that is none is a 400 that quotes it and a pattern, on each route with its own.")
    .calls(3)
    .run(|t| Box::pin(relative_path(t)));

async fn relative_path(t: &Context) -> Verdict {
    let answer = with_header(t, "files/upload", r#"{"path": "pack.zip"}"#).await?;
    expect_pattern(
        answer.by(&["API-53"]),
        "pack.zip",
        r"(/(.|[\r\n])*)|",
        "|(id:.*)",
    )?;
    let answer = t
        .rpc("files/get_metadata", json!({"path": "filename.ext"}))
        .await?;
    expect_pattern(
        answer.by(&["API-54"]),
        "filename.ext",
        r"(/(.|[\r\n])*|id:.*)|(rev:[0-9a-f]{9,})|",
        "",
    )?;
    let answer = t
        .rpc("files/list_folder", json!({"path": "%2Fphotos"}))
        .await?;
    let old = r"(/(.|[\r\n])*)?|";
    let ids = if answer.text().contains("id:.*") {
        "id:.*|"
    } else {
        ""
    };
    expect_pattern(answer, "%2Fphotos", &format!("{old}{ids}"), "")
}

const TIMESTAMPS: Case = Case::observed("input/schema/timestamps")
    .rules(&["API-57", "API-82", "API-204"])
    .claim("A timestamp with a fraction or an offset is a 400.")
    .calls(3)
    .run(|t| Box::pin(timestamps(t)));

async fn timestamps(t: &Context) -> Verdict {
    for value in [
        "2025-08-08T19:44:20.0943023Z",
        "2025-08-08T19:44:20+02:00",
        "2025-08-08",
    ] {
        let argument = json!({"path": t.path("/a.txt"), "client_modified": value}).to_string();
        let message = format!(
            "client_modified: time data '{value}' does not match format '%Y-%m-%dT%H:%M:%SZ'"
        );
        header_refuses(t, "files/upload", &argument, &message, &["API-57"]).await?;
    }
    Ok(())
}

const UPLOAD_ROWS: Case = Case::observed("input/schema/upload-rows")
    .rules(&[
        "API-76", "API-77", "API-79", "API-83", "API-84", "API-86", "API-87", "API-154",
    ])
    .claim("files/upload: each argument that breaks the schema has the words of the validator.")
    .calls(15)
    .run(|t| Box::pin(upload_rows(t)));

async fn upload_rows(t: &Context) -> Verdict {
    let long = "a".repeat(65);
    let rows = [
        (
            json!({"content_hash": "abc"}),
            "content_hash: 'abc' must be at least 64 characters, got 3",
        ),
        (
            json!({"content_hash": 5}),
            "content_hash: '5' expected to be a string, got integer",
        ),
        (
            json!({ "content_hash": long }),
            &format!("content_hash: '{long}' must be at most 64 characters, got 65"),
        ),
        (
            json!({"autorename": "true"}),
            "autorename: 'true' is not a valid boolean",
        ),
        (json!({"mute": 1}), "mute: 1 is not a valid boolean"),
        (
            json!({"strict_conflict": null}),
            "strict_conflict: None is not a valid boolean",
        ),
        (json!({"mode": "bad"}), "mode: unknown tag 'bad'"),
        (json!({"mode": {}}), "mode: missing '.tag' key"),
        (
            json!({"mode": {".tag": 5}}),
            "mode: tag must be string, got integer",
        ),
        (
            json!({"mode": 5}),
            "mode: expected string or object, got integer",
        ),
        (
            json!({"mode": {".tag": "update"}}),
            "mode: missing 'update' key",
        ),
        (
            json!({"mode": {".tag": "update", "update": "0123456789", "x": 1}}),
            "mode: unexpected key 'x'",
        ),
        (
            json!({"mode": {".tag": "update", "update": "1"}}),
            "mode: '1' must be at least 9 characters, got 1",
        ),
        (
            json!({"property_groups": {}}),
            "property_groups: expected list, got builtins.dict",
        ),
    ];
    for (fields, message) in rows {
        let mut argument = json!({"path": t.path("/a.txt")});
        for (name, value) in fields.as_object().into_iter().flatten() {
            argument[name] = value.clone();
        }
        header_refuses(t, "files/upload", &argument.to_string(), message, &[]).await?;
    }
    Ok(())
}

const LIST_FOLDER_ROWS: Case = Case::observed("input/schema/list-folder-rows")
    .rules(&["API-58", "API-71", "API-80", "API-89", "API-90"])
    .claim("files/list_folder and its continuation: limits and cursors.")
    .calls(8)
    .run(|t| Box::pin(list_folder_rows(t)));

async fn list_folder_rows(t: &Context) -> Verdict {
    let rows: [(&str, &str, &str, Rules); 8] = [
        (
            "files/list_folder",
            r#"{"path":"FOLDER","limit":4000}"#,
            "limit: 4000 is not within range [1, 2000]",
            &["API-58"],
        ),
        (
            "files/list_folder",
            r#"{"path":"FOLDER","limit":0}"#,
            "limit: 0 is not within range [1, 2000]",
            &[],
        ),
        (
            "files/list_folder",
            r#"{"path":"FOLDER","limit":"5"}"#,
            "limit: expected integer, got string",
            &["API-89"],
        ),
        (
            "files/list_folder",
            r#"{"path":"FOLDER","recursive":5}"#,
            "recursive: 5 is not a valid boolean",
            &[],
        ),
        ("files/list_folder", "[]", "expected object, got list", &[]),
        (
            "files/list_folder/continue",
            r#"{"cursor":""}"#,
            "cursor: '' must be at least 1 characters, got 0",
            &["API-90"],
        ),
        (
            "files/list_folder/continue",
            "{}",
            "missing required field 'cursor'",
            &["API-90"],
        ),
        (
            "files/list_folder/get_latest_cursor",
            "true",
            "expected object, got boolean",
            &[],
        ),
    ];
    for (route, body, message, rules) in rows {
        // Should a target take what it ought to refuse, it shows this folder and no other.
        let body = body.replace("FOLDER", t.folder());
        rpc_refuses(t, route, &body, message, rules).await?;
    }
    Ok(())
}

const SESSION_ROWS: Case = Case::observed("input/schema/session-rows")
    .rules(&["OQ-18", "API-50", "API-73", "API-80", "API-91", "API-92"])
    .claim("Upload sessions: a fault is named by its dotted path.")
    .calls(7)
    .run(|t| Box::pin(session_rows(t)));

async fn session_rows(t: &Context) -> Verdict {
    let rows: [(&str, &str, &str, Rules); 7] = [
        (
            "files/upload_session/finish",
            "{}",
            "missing required field 'cursor'",
            &["API-91"],
        ),
        (
            "files/upload_session/finish",
            r#"{"cursor":{"session_id":"x"}}"#,
            "cursor: missing required field 'offset'",
            &["API-91"],
        ),
        (
            "files/upload_session/finish",
            r#"{"cursor":{"session_id":"x","offset":0},"commit":{}}"#,
            "commit: missing required field 'path'",
            &[],
        ),
        (
            "files/upload_session/append_v2",
            r#"{"cursor":{"session_id":"x","offset":-1}}"#,
            "cursor.offset: -1 is not within range [0, 18446744073709551615]",
            &["API-92"],
        ),
        (
            "files/upload_session/append_v2",
            r#"{"cursor":{"session_id":5,"offset":0}}"#,
            "cursor.session_id: '5' expected to be a string, got integer",
            &[],
        ),
        (
            "files/upload_session/start",
            r#"{"session_type":"parallel"}"#,
            "session_type: unknown tag 'parallel'",
            &[],
        ),
        (
            "files/upload_session/start",
            r#"{"close":"no"}"#,
            "close: 'no' is not a valid boolean",
            &[],
        ),
    ];
    for (route, body, message, rules) in rows {
        header_refuses(t, route, body, message, rules).await?;
    }
    Ok(())
}

const LIST_REVISIONS_ROWS: Case = Case::observed("input/schema/list-revisions-rows")
    .rules(&["OQ-18", "API-77", "API-93", "API-195"])
    .claim("files/list_revisions: the bounds of limit and before_rev.")
    .calls(3)
    .run(|t| Box::pin(list_revisions_rows(t)));

async fn list_revisions_rows(t: &Context) -> Verdict {
    let path = t.path("/a.txt");
    let rows: [(&str, Value, &str, Rules); 3] = [
        (
            "limit",
            json!(101),
            "limit: 101 is not within range [1, 100]",
            &["API-93"],
        ),
        (
            "before_rev",
            json!("1"),
            "before_rev: '1' must be at least 9 characters, got 1",
            &["API-93"],
        ),
        ("mode", json!("rev"), "mode: unknown tag 'rev'", &[]),
    ];
    for (field, value, message, rules) in rows {
        let body = json!({"path": path, field: value}).to_string();
        rpc_refuses(t, "files/list_revisions", &body, message, rules).await?;
    }
    Ok(())
}

const OTHER_ROWS: Case = Case::observed("input/schema/other-rows")
    .rules(&["API-71", "API-74", "API-77", "API-79", "API-190"])
    .claim(
        "check/user, longpoll, move_v2 and create_folder_v2: the same words for the same faults.",
    )
    .calls(5)
    .run(|t| Box::pin(other_rows(t)));

async fn other_rows(t: &Context) -> Verdict {
    let query = "q".repeat(501);
    let body = json!({ "query": query }).to_string();
    let message = format!("query: '{query}' must be at most 500 characters, got 501");
    rpc_refuses(t, "check/user", &body, &message, &[]).await?;
    rpc_refuses(
        t,
        "files/move_v2",
        "{}",
        "missing required field 'from_path'",
        &[],
    )
    .await?;
    let folder = json!({"path": t.path("/a"), "autorename": "yes"}).to_string();
    let message = "autorename: 'yes' is not a valid boolean";
    rpc_refuses(t, "files/create_folder_v2", &folder, message, &[]).await?;
    rpc_refuses(
        t,
        "files/get_temporary_link",
        "5",
        "expected object, got integer",
        &[],
    )
    .await?;
    let request = t
        .rpc_request(
            "files/list_folder/longpoll",
            &json!({"cursor": "x", "timeout": 29}),
        )
        .without_header("Authorization");
    let request = Request {
        url: longpoll_url(t),
        ..request
    };
    t.send(request)
        .await?
        .expect_bad_request("request body: timeout: 29 is not within range [30, 480]")?;
    Ok(())
}

const LONG_VALUES_ARE_CUT: Case = Case::observed("input/schema/long-values-are-cut")
    .rules(&["API-29", "API-78", "API-190"])
    .claim("A value beyond 1000 characters is quoted cut.")
    .calls(1)
    .run(|t| Box::pin(long_values_are_cut(t)));

async fn long_values_are_cut(t: &Context) -> Verdict {
    let answer = t
        .rpc("files/create_folder_v2", json!({"path": "a".repeat(1001)}))
        .await?;
    let came = answer.refusal()?;
    let pattern = came
        .split_once("' did not match pattern '")
        .map_or("", |(_, pattern)| pattern);
    answer.expect_bad_request(&format!(
        "request body: path: '{} [The string has been truncated due to its length]' did not match pattern '{pattern}",
        "a".repeat(1000)
    ))?;
    Ok(())
}

const LIST_FOLDER_SLASH: Case = Case::observed("input/root/list-folder-slash")
    .rules(&["API-59", "API-95"])
    .claim("list_folder wants the root as an empty string.")
    .calls(1)
    .run(|t| Box::pin(list_folder_slash(t)));

async fn list_folder_slash(t: &Context) -> Verdict {
    t.rpc("files/list_folder", json!({"path": "/"}))
        .await?
        .by(&["API-59"])
        .expect_bad_request(
            r#"request body: path: Specify the root folder as an empty string rather than as "/"."#,
        )?;
    Ok(())
}

const GET_METADATA: Case = Case::required("input/root/get-metadata")
    .rules(&["API-60", "API-95"])
    .claim("get_metadata does not describe the root.")
    .calls(1)
    .run(|t| Box::pin(get_metadata_of_the_root(t)));

async fn get_metadata_of_the_root(t: &Context) -> Verdict {
    t.rpc("files/get_metadata", json!({"path": ""}))
        .await?
        .by(&["API-60"])
        .expect_bad_request("request body: path: The root folder is unsupported.")?;
    Ok(())
}

fn longpoll_url(t: &Context) -> String {
    format!("{}/2/files/list_folder/longpoll", t.target().notify())
}

const BAD: Case = Case::observed("input/cursor/bad")
    .rules(&["API-61", "API-62"])
    .claim("A cursor that is none is a 400 that quotes it; the notify host has words of its own.")
    .calls(2)
    .run(|t| Box::pin(bad_cursor(t)));

async fn bad_cursor(t: &Context) -> Verdict {
    t.rpc("files/list_folder/continue", json!({"cursor": "foo"}))
        .await?
        .by(&["API-61"])
        .expect_bad_request("Invalid \"cursor\" parameter: 'foo'")?;
    let request = t
        .rpc_request("files/list_folder/longpoll", &json!({"cursor": "foo"}))
        .without_header("Authorization");
    let request = Request {
        url: longpoll_url(t),
        ..request
    };
    t.send(request)
        .await?
        .by(&["API-62"])
        .expect_bad_request("request body: cursor: unsupported cursor type")?;
    Ok(())
}

const PROBE_PATH_PATTERN: Case = Case::probe("input/schema/probe-path-pattern")
    .rules(&["AQ-07", "API-194"])
    .claim("Which pattern the text of a refused path shows.")
    .calls(1)
    .run(|t| Box::pin(probe_path_pattern(t)));

async fn probe_path_pattern(t: &Context) -> Verdict {
    let answer = with_header(t, "files/upload", r#"{"path": "pack.zip"}"#).await?;
    let pattern = if answer.text().contains(r"(ns:[0-9]+(/(.|[\r\n])*)?)") {
        "spec_2026"
    } else if answer.text().contains("(ns:[0-9]+(/.*)?)") {
        "older"
    } else {
        "another"
    };
    t.observe("AQ-07", pattern);
    Ok(())
}

const PROBE_DIALECT: Case = Case::probe("input/probe-dialect")
    .rules(&["AQ-24", "API-21", "API-256", "API-260"])
    .claim("In which of its two dialects the target spells a result and an error.")
    .calls(2)
    .run(|t| Box::pin(probe_dialect(t)));

async fn probe_dialect(t: &Context) -> Verdict {
    let result = t.rpc("check/user", json!({"query": "a"})).await?;
    let error = t
        .rpc("files/get_metadata", json!({"path": t.path("/nothing")}))
        .await?;
    let spelled = [result, error].map(|answer| Dialect::of(answer.body()));
    let dialect = match spelled {
        [Some(Dialect::Of2025), Some(Dialect::Of2025)] => "2025",
        [Some(Dialect::Of2026), Some(Dialect::Of2026)] => "2026",
        [Some(_), Some(_)] => "mixed",
        _ => "another",
    };
    t.observe("AQ-24", dialect);
    Ok(())
}

const PROBE_FORM_OF_A_400: Case = Case::probe("input/probe-form-of-a-400")
    .rules(&["AQ-01", "API-96"])
    .claim("Whether a 400 is plain text or JSON.")
    .calls(1)
    .run(|t| Box::pin(probe_form_of_a_400(t)));

async fn probe_form_of_a_400(t: &Context) -> Verdict {
    let answer = t
        .rpc("files/delete_v2", json!({}))
        .await?
        .expect_status(400)?;
    let form = match answer.header("Content-Type") {
        Some(value) if value.starts_with("text/plain") => "text",
        Some("application/json") => "json",
        _ => "another",
    };
    t.observe("AQ-01", form);
    Ok(())
}
