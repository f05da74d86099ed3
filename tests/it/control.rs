//! The controls over HTTP: whom they obey, and what they say to what they do not understand.

use crate::support::client;
use fake_dropbox::FakeDropbox;
use fake_dropbox::internals::control::operations::Moment;
use fake_dropbox::internals::control::operations::accounts::Refused;
use fake_dropbox::internals::control::operations::credentials::DeclareToken;
use fake_dropbox::internals::control::secrets::Secret;
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
async fn a_rule_is_explained_by_its_id() {
    let dropbox = FakeDropbox::start().await;
    let get = |path: &str| client().get(url(&dropbox, path));
    let (status, rule, _) = send(get("/rules/ul-138")).await;
    assert_eq!((status, &rule["evidence"]), (200, &json!("documented")));
    let sentence = rule["sentence"].as_str().expect("a sentence");
    assert!(sentence.starts_with("A second use"), "{sentence}");
    let (status, question, _) = send(get("/rules/failed_commit")).await;
    assert_eq!((status, &question["default"]), (200, &json!("burns")));
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
        (
            get(concat!("/rules/UL-", "999")),
            404,
            concat!("\"UL-", "999\" is neither a rule"),
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
        (
            post("/clock/advance", json!({"hours": -1})),
            400,
            "expected a whole number from 0",
        ),
        (
            get("/journal?route=upload_lnk"),
            400,
            "No request is written down under the route \"upload_lnk\". Did you mean \"upload_link\"?",
        ),
        (
            post(
                "/journal/wait",
                json!({"for": {"route": "files/search_v3"}}),
            ),
            400,
            "is under its path: \"/2/files/search_v3\"",
        ),
        (get("/journal?status=99"), 400, "from 100 to 599"),
        (
            post("/faults", json!({"action": "reset"})),
            400,
            r#"One that is right: {"match":"#,
        ),
        (
            post(
                "/faults",
                json!({"phase": "head", "action": {"answer": "too_many_requests"}}),
            ),
            400,
            r#"as in {"name": {}}"#,
        ),
        (
            post("/faults", json!({"phase": "head", "action": {"close": {}}})),
            400,
            "its name alone",
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
            "The fault rule is refused: times is at least 1",
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
        (post("/faults", json!([])), 400, "is a JSON object"),
        (
            post("/clock/set", json!({"to": "-000500-01-01T00:00:00Z"})),
            400,
            "from the year 1",
        ),
        (
            post("/tokens", json!({"token": "", "account": "a"})),
            400,
            "token is empty",
        ),
        (
            post("/tokens", json!({"token": "t", "team_members": []})),
            400,
            "at least one",
        ),
        (
            post(
                "/tokens",
                json!({"token": "t", "account": "a", "scopes": ["files.read"]}),
            ),
            400,
            "there are account_info.read",
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
            "--webhooks-anywhere",
        ),
        (
            post(
                "/webhooks",
                json!({"url": "https://localhost/", "secret": "s"}),
            ),
            409,
            "by http:// only",
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
        // Content of users comes from this origin, too.
        ("origin", own.as_str(), 403),
        ("sec-fetch-site", "same-origin", 403),
        ("accept", "*/*", 200),
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
async fn what_a_proxy_on_this_machine_passes_on_is_not_from_this_machine() {
    let dropbox = FakeDropbox::builder()
        .configure(|settings| settings.control_token = Some(Secret::new("control")))
        .start()
        .await;
    for name in ["Forwarded", "X-Forwarded-For", "X-Real-IP"] {
        let passed_on = || {
            client()
                .get(url(&dropbox, "/clock"))
                .header(name, "for=192.0.2.1")
        };
        let (status, body, _) = send(passed_on()).await;
        assert_eq!(status, 403, "{name}: {body}");
        let with_token = passed_on().header("x-fake-dropbox-control-token", "control");
        assert_eq!(send(with_token).await.0, 200, "{name}");
    }
    assert_eq!(send(client().get(url(&dropbox, "/clock"))).await.0, 200);
}

#[tokio::test]
async fn the_controls_leave_no_trace_in_the_journal() {
    let dropbox = FakeDropbox::start().await;
    send(client().get(url(&dropbox, "/status"))).await;
    assert_eq!(dropbox.status().journal_entries, 0);
}

/// What a step with bytes comes to, in words that both faces can be held to.
type Said = Result<Value, String>;

/// One step with the bytes of a file.
enum Step {
    Write(&'static str, &'static [u8]),
    Read(&'static str),
    Range(&'static str, std::ops::Range<u64>),
}

async fn step_over_http(dropbox: &FakeDropbox, step: &Step) -> Said {
    let at = |path: &str| {
        format!(
            "{}?account=alice&path={path}",
            url(dropbox, "/files/content")
        )
    };
    let request = match step {
        Step::Write(path, bytes) => client().put(at(path)).body(*bytes),
        Step::Read(path) => client().get(at(path)),
        Step::Range(path, range) => {
            let range = format!("bytes={}-{}", range.start, range.end - 1);
            client().get(at(path)).header("range", range)
        }
    };
    let response = request.send().await.expect("an answer");
    let status = response.status();
    let bytes = response.bytes().await.expect("a body");
    if !status.is_success() {
        let problem: Value = serde_json::from_slice(&bytes).expect("a problem");
        return Err(problem["detail"].as_str().expect("a detail").to_owned());
    }
    Ok(match step {
        Step::Write(..) => serde_json::from_slice(&bytes).expect("what is known of it"),
        _ => json!(bytes.to_vec()),
    })
}

fn step_in_process(dropbox: &FakeDropbox, step: &Step) -> Said {
    let file = |path: &str| dropbox.account_named("alice").file(path);
    let said = match step {
        Step::Write(path, bytes) => file(path)
            .try_write(*bytes)
            .map(|status| serde_json::to_value(status).expect("plain data")),
        Step::Read(path) => file(path).try_bytes().map(|bytes| json!(bytes)),
        Step::Range(path, range) => file(path)
            .try_range(range.clone())
            .map(|bytes| json!(bytes)),
    };
    said.map_err(|error| error.detail)
}

#[tokio::test]
async fn both_faces_write_and_read_the_same_bytes_and_refuse_in_the_same_words() {
    let (over_http, in_process) = tokio::join!(FakeDropbox::start(), FakeDropbox::start());
    for dropbox in [&over_http, &in_process] {
        let noon: Moment = "2026-01-31T12:00:00Z".parse().expect("a time");
        dropbox.clock().freeze_at(noon);
        let alice = dropbox.account_named("alice");
        alice.seed_folder("/folder");
        alice.refuse_writes("/closed", Refused::NoWritePermission);
        alice.set_quota(100);
    }
    for (step, words) in [
        (Step::Write("/a.bin", b"\x00\xff bytes"), ""),
        (Step::Read("/A.bin"), ""),
        (Step::Range("/a.bin", 2..5), ""),
        (Step::Range("/a.bin", 2..500), ""),
        (Step::Range("/a.bin", 8..9), "which has 8 bytes"),
        (Step::Write("/a.bin", b"new"), ""),
        (Step::Write("/a.bin", b""), ""),
        (Step::Read("/a.bin"), ""),
        (Step::Read("/none"), "Nothing is at \"/none\""),
        (Step::Read("/folder"), "is a folder"),
        (Step::Read(""), "is a folder"),
        (Step::Read("a"), "begin with '/'"),
        (Step::Write("a", b""), "begin with '/'"),
        (Step::Write("/folder", b""), "conflict/folder; list_files"),
        (Step::Write("/a.bin/b", b""), "conflict/file_ancestor"),
        (
            Step::Write("/closed/b", b""),
            "no_write_permission; list_refused_writes",
        ),
        (
            Step::Write("/large", &[0; 101]),
            "insufficient_space; set_quota",
        ),
    ] {
        let said = step_over_http(&over_http, &step).await;
        assert_eq!(said, step_in_process(&in_process, &step));
        match said {
            Ok(_) => assert_eq!(words, ""),
            Err(detail) => assert!(!words.is_empty() && detail.contains(words), "{detail}"),
        }
    }
}

#[tokio::test]
async fn a_rule_that_can_never_match_in_its_account_is_refused() {
    let dropbox = FakeDropbox::start().await;
    dropbox.declare_token(DeclareToken::new("of-bob", "bob"));
    dropbox.declare_token(DeclareToken::new("of-alice", "alice"));
    let rule = |matcher: Value| {
        let rule = json!({"match": matcher, "phase": "head", "action": "reset"});
        client()
            .post(url(&dropbox, "/faults?account=alice"))
            .json(&rule)
    };
    for (matcher, words) in [
        (json!({"token": "of-bob"}), "opens another account"),
        (json!({"token": "of nobody"}), "opens another account"),
        (json!({"route": "oauth2/token"}), "add it for all"),
        (json!({"route": "check/app"}), "add it for all"),
    ] {
        let (status, body, _) = send(rule(matcher)).await;
        let detail = body["detail"].as_str().unwrap_or_default();
        assert!(status == 400 && detail.contains(words), "{body}");
    }
    assert_eq!(send(rule(json!({"token": "of-alice"}))).await.0, 200);
    // A server that refuses unknown tokens may still be told of this one.
    let accept = client().put(url(&dropbox, "/tokens/accept_any"));
    assert_eq!(send(accept.json(&json!({"accept": false}))).await.0, 200);
    assert_eq!(send(rule(json!({"token": "of nobody"}))).await.0, 200);
}

#[tokio::test]
async fn one_assumption_for_all_leaves_what_an_account_set_for_itself() {
    let dropbox = FakeDropbox::start().await;
    let set = |query: &str, assumptions: Value| {
        let request = client().post(url(&dropbox, &format!("/assumptions{query}")));
        send(request.json(&assumptions))
    };
    let read = |query: &str| send(client().get(url(&dropbox, &format!("/assumptions{query}"))));
    set("?account=alice", json!({"failed_commit": "frees"})).await;
    let (status, answer, _) = set("", json!({"empty_body": "refused"})).await;
    assert_eq!(
        (status, &answer["assumptions"]["empty_body"]),
        (200, &json!("refused"))
    );
    for (account, failed_commit) in [("alice", "frees"), ("later", "burns")] {
        let (_, answer, _) = read(&format!("?account={account}")).await;
        assert_eq!(answer["assumptions"]["failed_commit"], failed_commit);
        assert_eq!(answer["assumptions"]["empty_body"], "refused");
    }
    // One that is none of the choices changes nothing, whatever stands beside it.
    let both = json!({"failed_commit": "burns", "empty_body": "perhaps"});
    assert_eq!(set("?account=alice", both).await.0, 400);
    let (_, answer, _) = read("?account=alice").await;
    assert_eq!(answer["assumptions"]["failed_commit"], "frees");
}
