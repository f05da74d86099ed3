//! The controls over HTTP: whom they obey, and what they say to what they do not understand.

use crate::support::client;
use fake_dropbox::FakeDropbox;
use serde_json::{Value, json};

async fn send(request: reqwest::RequestBuilder) -> (u16, Value, reqwest::header::HeaderMap) {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.bytes().await.expect("a body");
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    (status, body, headers)
}

fn url(dropbox: &FakeDropbox, path: &str) -> String {
    format!("{}/_fake/v1{path}", dropbox.api_url())
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one row for each mistake")]
async fn what_is_unknown_is_refused_with_what_is_allowed() {
    let dropbox = FakeDropbox::start().await;
    let post = |path: &str, body: Value| client().post(url(&dropbox, path)).json(&body);
    let get = |path: &str| client().get(url(&dropbox, path));
    for (request, status, words) in [
        (get("/nothing"), 404, "GET /_fake/v1/openapi.json describes"),
        (
            client().delete(url(&dropbox, "/clock")),
            405,
            "takes GET, not DELETE",
        ),
        (get("/clock?zone=utc"), 400, "unknown field `zone`"),
        (get("/files?account=a&limit=many"), 400, "invalid type"),
        (
            get("/files?account=a&path=/none"),
            404,
            "Nothing is at \"/none\"",
        ),
        (get("/files"), 400, "name it by 'Authorization: Bearer"),
        (
            get("/links?account=account:99"),
            404,
            "No account is account:99",
        ),
        (
            post("/clock/advance", json!({"minutes": 1})),
            400,
            "`hours`, `seconds`",
        ),
        (post("/clock/advance", json!({})), 400, "would not move"),
        (
            post("/clock/advance?hours=1", json!({})),
            400,
            "its JSON body",
        ),
        (
            post("/clock/set", json!({"to": "noon"})),
            400,
            "2026-01-31T12:00:00Z",
        ),
        (
            post("/faults", json!({"phase": "head", "action": "explode"})),
            400,
            "`truncate`",
        ),
        (
            post(
                "/faults",
                json!({"phase": "head", "action": "reset", "times": 0}),
            ),
            400,
            "at least 1",
        ),
        (
            post("/snapshots/restore?account=a", json!({"name": "x"})),
            404,
            "Nothing was changed",
        ),
        (
            post("/assumptions", json!({"failed_commit": "maybe"})),
            400,
            "`frees`",
        ),
        (
            post(
                "/refused_writes?account=a",
                json!({"path": "in", "error": "other"}),
            ),
            400,
            "begin with '/'",
        ),
        (
            post(
                "/webhooks",
                json!({"url": "http://127.0.0.1:1/", "secret": "s"}),
            ),
            409,
            "cannot be reached",
        ),
        (
            post(
                "/webhooks",
                json!({"url": "http://192.0.2.1/", "secret": "s"}),
            ),
            409,
            "not this machine",
        ),
        (
            post(
                "/webhooks",
                json!({"url": "https://localhost/", "secret": "s"}),
            ),
            409,
            "only http://",
        ),
    ] {
        let (found, body, headers) = send(request).await;
        let detail = body["detail"].as_str().unwrap_or_default();
        assert_eq!(found, status, "{body}");
        assert!(detail.contains(words), "{detail} lacks {words}");
        assert_eq!(headers["content-type"], "application/problem+json");
        assert_eq!(body["status"], status);
    }
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused_and_gets_no_cors_header() {
    let dropbox = FakeDropbox::start().await;
    let own = dropbox.api_url();
    for (name, value, status) in [
        ("origin", "https://evil.test", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("origin", own.as_str(), 200),
        ("sec-fetch-site", "same-origin", 200),
    ] {
        let request = client()
            .post(url(&dropbox, "/clock/freeze"))
            .header(name, value);
        let (found, body, headers) = send(request).await;
        assert_eq!(found, status, "{name}: {value}: {body}");
        let cors = headers
            .keys()
            .any(|name| name.as_str().starts_with("access-control"));
        assert!(!cors, "{headers:?}");
        let preflight = client()
            .request(reqwest::Method::OPTIONS, url(&dropbox, "/clock/freeze"))
            .header(name, value);
        let (found, _, headers) = send(preflight).await;
        assert_ne!(found, 200);
        assert!(!headers.contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn an_operation_concerns_the_account_of_the_token_that_is_shown() {
    let dropbox = FakeDropbox::start().await;
    let put = client()
        .put(url(&dropbox, "/files/content?path=/a.txt"))
        .bearer_auth("alices-token")
        .body("twelve bytes");
    assert_eq!(send(put).await.0, 200);
    let read = |token: &str, range: &str| {
        client()
            .get(url(&dropbox, "/files/content?path=/A.txt"))
            .bearer_auth(token)
            .header("range", range)
    };
    let response = read("alices-token", "bytes=7-")
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 206);
    assert_eq!(response.text().await.expect("a text"), "bytes");
    assert_eq!(send(read("bobs-token", "bytes=0-")).await.0, 404);
    dropbox
        .account("alices-token")
        .file("/a.txt")
        .assert_bytes("twelve bytes");
    // Its name is a secret, so it goes by another one.
    let (_, names, _) = send(client().get(url(&dropbox, "/accounts"))).await;
    assert_eq!(names["accounts"], json!(["account:1", "account:2"]));
    let by_alias = client().get(url(&dropbox, "/file?account=account:1&path=/a.txt"));
    let by_other = client().get(url(&dropbox, "/file?account=account:2&path=/a.txt"));
    let found = [send(by_alias).await.0, send(by_other).await.0];
    assert!(found.contains(&200) && found.contains(&404), "{found:?}");
}

#[tokio::test]
async fn a_wrong_control_token_is_refused_even_from_this_machine() {
    let dropbox = FakeDropbox::start().await;
    let request = client()
        .get(url(&dropbox, "/clock"))
        .header("x-fake-dropbox-control-token", "guess");
    let (status, body, _) = send(request).await;
    assert_eq!(status, 403, "{body}");
}

#[tokio::test]
async fn the_controls_leave_no_trace_in_the_journal() {
    let dropbox = FakeDropbox::start().await;
    send(client().get(url(&dropbox, "/status"))).await;
    assert_eq!(dropbox.status().journal_entries, 0);
}
