//! Every answer of the mint and of a link, byte for byte.

use crate::support::{Fake, Reply, client};
use fake_dropbox::internals::control::clock::Change;
use fake_dropbox::internals::dropbox::assumptions::Assumptions;
use fake_dropbox::internals::wire::errors::bad_input::Style;
use fake_dropbox::internals::wire::routes::{self, Auth};
use reqwest::Method;
use std::time::Duration;

const MINT: &str = "files/get_temporary_upload_link";
const ARGUMENT: &str = r#"{"commit_info":{"path":"/a"}}"#;

/// Names and values of the headers in alphabetical order, without what differs from answer to answer.
fn headers(reply: &Reply) -> String {
    let mut lines: Vec<String> = reply
        .headers
        .iter()
        .map(|(name, value)| {
            let value = value.to_str().expect("text");
            match name.as_str() {
                "date" => "date: …\n".to_owned(),
                "x-server-response-time" => {
                    value.parse::<u64>().expect("milliseconds");
                    "x-server-response-time: …\n".to_owned()
                }
                "x-dropbox-request-id" => {
                    let good = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                    assert!(value.len() == 32 && value.bytes().all(good), "{value}");
                    "x-dropbox-request-id: …\n".to_owned()
                }
                name => format!("{name}: {value}\n"),
            }
        })
        .collect();
    lines.sort();
    lines.concat()
}

fn link_headers(status: u16, content_type: &str, length: usize) -> String {
    let mut lines = vec![
        "access-control-allow-origin: *".to_owned(),
        "access-control-expose-headers: Accept-Ranges, Content-Range, ETag, Dropbox-API-Result"
            .to_owned(),
        "cache-control: no-cache".to_owned(),
        format!("content-length: {length}"),
        format!("content-type: {content_type}"),
        "date: …".to_owned(),
        "server: envoy".to_owned(),
        "strict-transport-security: max-age=31536000; includeSubDomains; preload".to_owned(),
        "x-content-type-options: nosniff".to_owned(),
        "x-dropbox-request-id: …".to_owned(),
        "x-dropbox-response-origin: far_remote".to_owned(),
        "x-robots-tag: noindex, nofollow, noimageindex".to_owned(),
    ];
    if status < 400 {
        lines.push("x-server-response-time: …".to_owned());
    } else {
        lines.push("content-security-policy: sandbox allow-forms allow-scripts".to_owned());
    }
    if length >= 128 {
        // API-267
        lines.push("vary: Accept-Encoding".to_owned());
    }
    match status {
        405 => lines.push("allow: POST".to_owned()),
        413 => lines.push("connection: close".to_owned()),
        _ => {}
    }
    lines.sort();
    lines.join("\n") + "\n"
}

async fn send(
    fake: &Fake,
    method: Method,
    path: &str,
    lines: &[(&str, &str)],
    body: &str,
) -> Reply {
    let mut request = client()
        .request(method, fake.url(path))
        .body(body.to_owned());
    for (name, value) in lines {
        request = request.header(*name, *value);
    }
    Reply::of(request).await
}

const BYTES: (&str, &str) = ("content-type", "application/octet-stream");

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table, row by row")]
async fn every_answer_of_a_link_is_as_documented_to_the_last_header() {
    let fake = Fake::assuming(&[
        ("link_size_limit", "10"),
        ("oversize", "frees"),
        ("bad_content_type", "keeps_link"),
    ]);
    let texts = Assumptions::default();
    let fresh = fake.mint_path().await;
    let text = "text/plain; charset=utf-8";
    let unknown = texts.text_unknown_link.as_str();
    let rows: &[(Method, &str, &[(&str, &str)], &str, u16, &str, &str)] = &[
        (
            Method::POST,
            "/apitul/1/AAAAAAAAAAAAAA",
            &[BYTES],
            "hello",
            409,
            text,
            unknown,
        ),
        (
            Method::POST,
            "/apitul/1/AAAAAAAAAAAAA",
            &[BYTES],
            "hello",
            409,
            text,
            unknown,
        ),
        (
            Method::POST,
            "/apitul/1/A%2FA",
            &[BYTES],
            "hello",
            409,
            text,
            unknown,
        ),
        (
            Method::POST,
            "/apitul/1/a/b",
            &[BYTES],
            "hello",
            409,
            text,
            unknown,
        ),
        (
            Method::POST,
            "/apitul/1/",
            &[BYTES],
            "hello",
            409,
            text,
            unknown,
        ),
        (
            Method::POST,
            "/apitul/1",
            &[BYTES],
            "hello",
            409,
            text,
            unknown,
        ),
        (
            Method::POST,
            "/apitul",
            &[BYTES],
            "hello",
            409,
            text,
            unknown,
        ),
        (
            Method::POST,
            "/apitul/2/AAAAAAAAAAAAAA",
            &[BYTES],
            "hello",
            409,
            text,
            unknown,
        ),
        (
            Method::POST,
            "/apitul/1/AAAAAAAAAAAAAA",
            &[("content-type", "image/png")],
            "hello",
            409,
            text,
            unknown,
        ),
        (
            Method::PUT,
            &fresh,
            &[BYTES],
            "hello",
            405,
            text,
            &texts.text_wrong_method,
        ),
        (
            Method::GET,
            &fresh,
            &[],
            "",
            405,
            text,
            &texts.text_wrong_method,
        ),
        (
            Method::DELETE,
            &fresh,
            &[BYTES],
            "",
            405,
            text,
            &texts.text_wrong_method,
        ),
        (
            Method::PATCH,
            &fresh,
            &[BYTES],
            "hello",
            405,
            text,
            &texts.text_wrong_method,
        ),
        (
            Method::POST,
            &fresh,
            &[],
            "hello",
            400,
            text,
            &texts.text_missing_content_type,
        ),
        (
            Method::POST,
            &fresh,
            &[("content-type", "application/x-www-form-urlencoded")],
            "hello",
            400,
            text,
            &texts.text_bad_content_type,
        ),
        (
            Method::POST,
            &fresh,
            &[("content-type", "multipart/form-data; boundary=x")],
            "--x--",
            400,
            text,
            &texts.text_bad_content_type,
        ),
        (
            Method::POST,
            &fresh,
            &[("content-type", "application/json")],
            "{}",
            400,
            text,
            &texts.text_bad_content_type,
        ),
        (
            Method::POST,
            &fresh,
            &[("content-type", "application/octet-streams")],
            "hello",
            400,
            text,
            &texts.text_bad_content_type,
        ),
        (
            Method::POST,
            &fresh,
            &[BYTES],
            "hello world",
            413,
            "text/html",
            fake_dropbox::internals::wire::errors::link::TOO_LARGE_PAGE,
        ),
        // An address with a query, a token that is not needed, a page of another origin (OQ-22).
        (
            Method::POST,
            &format!("{fresh}?x=1&authorization=Bearer%20x"),
            &[
                BYTES,
                ("authorization", "Bearer nobody"),
                ("origin", "https://app.example"),
                ("content-md5", "wrong"),
            ],
            "hello",
            200,
            "application/json",
            "{\"content-hash\": \"9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50\"}",
        ),
        (
            Method::POST,
            &fresh,
            &[BYTES],
            "hello",
            410,
            text,
            "Temporary upload link has been recently consumed.",
        ),
        (
            Method::POST,
            &fresh,
            &[("content-type", "image/png")],
            "hello",
            410,
            text,
            "Temporary upload link has been recently consumed.",
        ),
        (
            Method::POST,
            &fresh,
            &[BYTES],
            "hello world",
            410,
            text,
            "Temporary upload link has been recently consumed.",
        ),
    ];
    for (method, path, lines, body, status, content_type, text) in rows {
        let reply = send(&fake, method.clone(), path, lines, body).await;
        assert_eq!(
            (reply.status, reply.text().as_str()),
            (*status, *text),
            "{method} {path} {lines:?}"
        );
        assert_eq!(
            headers(&reply),
            link_headers(*status, content_type, text.len()),
            "{method} {path}"
        );
    }
    // The path is taken now.
    let second = fake.mint_path().await;
    let reply = send(&fake, Method::POST, &second, &[BYTES], "other").await;
    let failed = "Temporary upload link led to invalid upload attempt";
    assert_eq!((reply.status, reply.text().as_str()), (409, failed));
    assert_eq!(headers(&reply), link_headers(409, text, failed.len()));

    let late = fake
        .mint(r#"{"commit_info":{"path":"/b"},"duration":60}"#)
        .await;
    fake.app
        .clock
        .change(None, Change::Advance(Duration::from_secs(61)));
    let reply = fake.consume(&late, "hello").await;
    assert_eq!(
        (reply.status, reply.text()),
        (410, texts.text_expired.clone())
    );
    assert_eq!(
        headers(&reply),
        link_headers(410, text, texts.text_expired.len())
    );
}

#[tokio::test]
async fn both_content_types_are_taken_in_any_spelling() {
    // UL-104, OQ-10
    let fake = Fake::assuming(&[("content_type_match", "media_type"), ("dialect", "2025")]);
    for content_type in [
        "application/octet-stream",
        "Application/Octet-Stream",
        "application/octet-stream; charset=binary",
        "text/plain",
        "text/plain;charset=UTF-8",
        "text/plain; charset=dropbox-cors-hack",
    ] {
        let link = fake
            .mint(r#"{"commit_info":{"path":"/a","mode":"overwrite"}}"#)
            .await;
        let path = &link[link.find("/apitul").expect("a path")..];
        let reply = send(
            &fake,
            Method::POST,
            path,
            &[("content-type", content_type)],
            "hello",
        )
        .await;
        assert_eq!(reply.status, 200, "{content_type}");
    }
}

#[tokio::test]
async fn every_commit_failure_reads_the_same() {
    // UL-143, OQ-05
    let fake = Fake::of_2025();
    fake.rpc("files/create_folder_v2", r#"{"path":"/folder"}"#)
        .await;
    let link = fake.mint(r#"{"commit_info":{"path":"/file"}}"#).await;
    assert_eq!(fake.consume(&link, "hello").await.status, 200);
    let names = "x".repeat(256);
    for info in [
        r#"{"path":"/folder"}"#.to_owned(),
        r#"{"path":"/folder","mode":"overwrite"}"#.to_owned(),
        r#"{"path":"/file/below"}"#.to_owned(),
        r#"{"path":"/FILE"}"#.to_owned(),
        r#"{"path":"/file","mode":{".tag":"update","update":"0123456789"}}"#.to_owned(),
        r#"{"path":"/file","strict_conflict":true}"#.to_owned(),
        r#"{"path":"/"}"#.to_owned(),
        r#"{"path":"/a/"}"#.to_owned(),
        r#"{"path":"/a//b"}"#.to_owned(),
        r#"{"path":"/a/../b"}"#.to_owned(),
        r#"{"path":"/a "}"#.to_owned(),
        r#"{"path":"/a\\b"}"#.to_owned(),
        r#"{"path":"/.dropbox"}"#.to_owned(),
        r#"{"path":"/Desktop.ini"}"#.to_owned(),
        format!("{{\"path\":\"/{names}\"}}"),
        r#"{"path":"id:AAAAAAAAAAAAAAAAAAAAAA"}"#.to_owned(),
        r#"{"path":"ns:1/a"}"#.to_owned(),
        r#"{"path":"/p","property_groups":[{"template_id":"ptid:none","fields":[]}]}"#.to_owned(),
    ] {
        let link = fake.mint(&format!("{{\"commit_info\":{info}}}")).await;
        let body = if info.contains("strict") {
            "hello"
        } else {
            "other"
        };
        let reply = fake.consume(&link, body.to_owned()).await;
        assert_eq!(
            (reply.status, reply.text().as_str()),
            (409, "Temporary upload link led to invalid upload attempt"),
            "{info}"
        );
        assert_eq!(fake.consume(&link, "again").await.status, 410, "{info}");
    }
    let list = fake
        .rpc("files/list_folder", r#"{"path":"","recursive":true}"#)
        .await
        .json();
    assert_eq!(
        list["entries"].as_array().map(Vec::len),
        Some(3),
        "nothing was written but the file without its property groups (API-253): {list}"
    );
}

#[tokio::test]
async fn a_mint_tells_the_link_and_nothing_else() {
    // UL-78, UL-22, UL-166
    let fake = Fake::of_2025();
    for origin in [false, true] {
        let mut request = client()
            .post(fake.url(&format!("/2/{MINT}")))
            .bearer_auth("test")
            .header("content-type", "application/json")
            .body(ARGUMENT);
        if origin {
            request = request.header("origin", "https://app.example");
        }
        let reply = Reply::of(request).await;
        let text = reply.text();
        let token = text
            .strip_prefix(&format!("{{\"link\": \"http://{}/apitul/1/", fake.address))
            .and_then(|rest| rest.strip_suffix("\"}"))
            .expect("a link and nothing else");
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        assert!(token.len() == 14 && token.bytes().all(good), "{token}");
        let cors = if origin {
            "access-control-allow-origin: *\naccess-control-expose-headers: Accept-Ranges, Content-Range, ETag, Dropbox-API-Result\n"
        } else {
            ""
        };
        let expected = format!(
            "{cors}cache-control: no-cache\ncontent-length: {}\ncontent-type: application/json\n\
             date: …\nserver: envoy\nx-content-type-options: nosniff\nx-dropbox-request-id: …\n\
             x-dropbox-response-origin: far_remote\nx-frame-options: SAMEORIGIN\nx-server-response-time: …\n",
            text.len()
        );
        assert_eq!(headers(&reply), expected);
    }
}

#[tokio::test]
async fn preflights_succeed_everywhere_and_touch_nothing() {
    // UL-154, OQ-12
    let fake = Fake::of_2025();
    let path = fake.mint_path().await;
    for path in [
        path.as_str(),
        "/apitul/1/none",
        "/2/files/upload",
        &format!("/2/{MINT}"),
    ] {
        let reply = send(
            &fake,
            Method::OPTIONS,
            path,
            &[
                ("origin", "https://app.example"),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", "content-type,x-other"),
            ],
            "",
        )
        .await;
        assert_eq!((reply.status, reply.text().as_str()), (200, ""), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        assert!(
            reply
                .header("access-control-allow-methods")
                .contains("POST")
        );
        assert_eq!(
            reply.header("access-control-allow-headers"),
            "content-type,x-other"
        );
        assert_eq!(reply.header("access-control-max-age"), "86400");
    }
    assert_eq!(fake.consume(&fake.url(&path), "hello").await.status, 200);
}

#[tokio::test]
async fn a_page_can_ask_that_its_preflight_fail() {
    // API-268: whatever the address, no header says that the page may go on.
    let fake = Fake::start();
    let link = fake.mint_path().await;
    for path in [
        link.as_str(),
        "/oauth2/token",
        "/2/files/upload",
        "/2/files/list_folder/longpoll",
        "/cd/0/get/none/file",
    ] {
        for (parameter, fails) in [("true", true), ("false", false)] {
            let path = format!("{path}?reject_cors_preflight={parameter}");
            let headers = [
                ("origin", "https://app.example"),
                ("access-control-request-method", "POST"),
            ];
            let reply = send(&fake, Method::OPTIONS, &path, &headers, "").await;
            assert_eq!(reply.status == 400, fails, "{path}: {}", reply.status);
            let names = reply.headers.keys();
            let told = names.filter(|name| name.as_str().starts_with("access-control-"));
            assert_eq!(told.count() == 0, fails, "{path}: {:?}", reply.headers);
        }
    }
    // It is about the preflight alone.
    let posted = format!("{link}?reject_cors_preflight=true");
    let reply = fake.consume(&fake.url(&posted), "hello").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn an_answer_varies_by_encoding_once_it_is_long() {
    // API-267
    let fake = Fake::start();
    for length in [0, 100, 113, 139, 400] {
        // {"result":"…"}
        let query = "x".repeat(length);
        let body = format!(r#"{{"query":"{query}"}}"#);
        let reply = fake.rpc("check/user", &body).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.headers.contains_key("vary"), reply.body.len() >= 128);
        assert!(!reply.headers.contains_key("accept-encoding"));
    }
}

/// What a row of `fixtures/argument-errors.json` gets, and how it was sent.
async fn replay(
    fake: &Fake,
    row: &routes::Route,
    argument: &str,
    in_query: bool,
) -> (Reply, &'static str) {
    let url = fake.url(&format!("/2/{}", row.name));
    let mut request = client().post(&url);
    request = match row.auth {
        Auth::User => request.bearer_auth("test"),
        Auth::App | Auth::AppOrUser => request.basic_auth("key", Some("secret")),
        Auth::Nobody => request,
    };
    let place = if row.style == Style::Rpc {
        request = request
            .header("content-type", "application/json")
            .body(argument.to_owned());
        "request body"
    } else {
        if row.style == Style::Upload {
            request = request.header(BYTES.0, BYTES.1);
        }
        if in_query {
            request = request.query(&[("arg", argument)]);
            "URL parameter \"arg\""
        } else {
            request = request.header("dropbox-api-arg", argument);
            "HTTP header \"Dropbox-API-Arg\""
        }
    };
    (Reply::of(request).await, place)
}

#[tokio::test]
async fn every_argument_error_comes_over_the_wire_word_for_word() {
    // API-29 to API-32, API-45 to API-60, UL-37 to UL-77
    let rows: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../fixtures/argument-errors.json")).expect("JSON");
    let (strict, lenient) = (
        Fake::of_2025(),
        Fake::assuming(&[("unknown_fields", "ignored"), ("dialect", "2025")]),
    );
    let mut seen = 0;
    for case in &rows {
        let name = case["route"].as_str().expect("a route");
        let (Some(row), Some(message)) = (routes::find(name), case["message"].as_str()) else {
            continue;
        };
        let fake = if case.get("unknown").is_some() {
            &lenient
        } else {
            &strict
        };
        let argument = case["argument"].as_str().expect("text");
        // API-281: the one route whose version was told so in 2025.
        let named = name.replace("append_v2", "append:2");
        // A header takes neither control characters nor spaces around it.
        let fits_header = argument.bytes().all(|byte| (b' '..0x7f).contains(&byte))
            && argument.trim() == argument;
        let ways: &[bool] = if row.style == Style::Rpc {
            &[false]
        } else if fits_header {
            &[true, false]
        } else {
            &[true]
        };
        for in_query in ways {
            let (reply, place) = replay(fake, row, argument, *in_query).await;
            assert_eq!(
                (reply.status, reply.text()),
                (
                    400,
                    format!("Error in call to API function \"{named}\": {place}: {message}")
                ),
                "{argument}"
            );
            assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
            seen += 1;
        }
    }
    assert!(seen > 400, "only {seen} were sent");
}

#[tokio::test]
async fn every_refusal_before_the_argument_reads_as_recorded() {
    // API-36 to API-46, API-63
    let fake = Fake::of_2025();
    let mint = format!("/2/{MINT}");
    let json = ("content-type", "application/json");
    let token = ("authorization", "Bearer test");
    let rpc_types = "Expecting one of \"application/json\", \"application/json; charset=utf-8\", \"text/plain; charset=dropbox-cors-hack\".";
    let upload_types =
        "Expecting one of \"application/octet-stream\", \"text/plain; charset=dropbox-cors-hack\".";
    let rows: &[(&str, &[(&str, &str)], &str, String)] = &[
        (&mint, &[json], ARGUMENT, "Must provide HTTP header \"Authorization\" or URL parameter \"authorization\".".into()),
        (&mint, &[json, ("authorization", "Bearer")], ARGUMENT, "Invalid authorization value in HTTP header \"Authorization\": \"Bearer\".  Expecting \"Bearer <oauth2-access-token>\".".into()),
        (&mint, &[json, ("authorization", "sl.BlAbCdEfGhIj")], ARGUMENT, "Invalid authorization value in HTTP header \"Authorization\": \"sl.Bl...\".  Expecting \"Bearer <oauth2-access-token>\".".into()),
        (&mint, &[json, ("authorization", "")], ARGUMENT, "Invalid authorization value in HTTP header/URL parameter".into()),
        (&format!("{mint}?authorization=Bearer%20test"), &[json], ARGUMENT, "Invalid authorization value in HTTP header/URL parameter".into()),
        (&mint, &[token], ARGUMENT, format!("Missing or empty HTTP \"Content-Type\" header.  {rpc_types}")),
        (&mint, &[token, ("content-type", "application/x-www-form-urlencoded")], ARGUMENT, format!("Bad HTTP \"Content-Type\" header: \"application/x-www-form-urlencoded\".  {rpc_types}")),
        (&mint, &[token, ("content-type", "application/json;charset=UTF-8")], ARGUMENT, format!("Bad HTTP \"Content-Type\" header: \"application/json;charset=UTF-8\".  {rpc_types}")),
        (&mint, &[token, json], "", "request body: could not decode input as JSON".into()),
        (&mint, &[token], "", "request body: expected object, got null".into()),
        ("/2/files/upload", &[BYTES], "hello", "Must provide HTTP header \"Authorization\" or URL parameter \"authorization\".".into()),
        ("/2/files/upload", &[token, BYTES], "hello", "Must provide HTTP header \"Dropbox-API-Arg\" or URL parameter \"arg\".".into()),
        ("/2/files/upload", &[token], "hello", format!("Missing or empty HTTP \"Content-Type\" header.  {upload_types}")),
        ("/2/files/upload", &[token, json], "hello", format!("Bad HTTP \"Content-Type\" header: \"application/json\".  {upload_types}")),
        ("/2/files/upload", &[token, BYTES, ("dropbox-api-arg", "{\"path\":\"/\u{e9}\"")], "hello", "HTTP header \"Dropbox-API-Arg\": could not decode input as JSON".into()),
        ("/2/files/download", &[token, ("dropbox-api-arg", "{\"path\":\"/a\"}")], "x", "The request body is supposed to be empty, but it isn't; got \"x\"".into()),
        ("/2/files/none_such", &[token, json], "{}", "Unknown API function: /2/files/none_such".into()),
    ];
    for (path, lines, body, text) in rows {
        let reply = send(&fake, Method::POST, path, lines, body).await;
        let route = path
            .trim_start_matches("/2/")
            .split('?')
            .next()
            .expect("a route");
        assert_eq!(
            (reply.status, reply.text()),
            (
                400,
                format!("Error in call to API function \"{route}\": {text}")
            ),
            "{path} {lines:?}"
        );
    }
}

#[tokio::test]
async fn the_way_of_pages_that_avoid_a_preflight_works() {
    // API-22
    let fake = Fake::of_2025();
    let hack = ("content-type", "text/plain; charset=dropbox-cors-hack");
    let query = "authorization=Bearer%20test&reject_cors_preflight=true";
    let reply = send(
        &fake,
        Method::POST,
        &format!("/2/{MINT}?{query}"),
        &[hack],
        ARGUMENT,
    )
    .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let link = reply.json()["link"].as_str().expect("a link").to_owned();
    let path = &link[link.find("/apitul").expect("a path")..];
    assert_eq!(
        send(&fake, Method::POST, path, &[hack], "hello")
            .await
            .status,
        200
    );
    let upload = format!("/2/files/upload?{query}&arg=%7B%22path%22%3A%22%2Fb+c%22%7D");
    let reply = send(&fake, Method::POST, &upload, &[hack], "hello").await;
    assert_eq!((reply.status, &reply.json()["name"]), (200, &"b c".into()));
    let download = format!("/2/files/download?{query}&arg=%7B%22path%22%3A%22%2Fa%22%7D");
    let reply = send(&fake, Method::GET, &download, &[], "").await;
    assert_eq!((reply.status, reply.text().as_str()), (200, "hello"));
}

#[tokio::test]
async fn what_is_not_there_cannot_be_taken_for_dropboxs() {
    let fake = Fake::of_2025();
    let reply = fake.rpc("sharing/list_folders", r#"{"limit":1}"#).await;
    assert_eq!(
        (reply.status, reply.header("x-fake-dropbox")),
        (501, "not-dropbox")
    );
    assert!(reply.text().contains("sharing/list_folders"));
    assert_eq!(reply.header("x-dropbox-request-id"), "");
    let reply = send(&fake, Method::GET, "/nothing/here", &[], "").await;
    assert_eq!(
        (reply.status, reply.header("x-fake-dropbox")),
        (404, "not-dropbox")
    );
}
