//! Random bytes at the socket, random arguments at the routes.

use crate::raw::Raw;
use crate::support::{Fake, Reply, client};
use proptest::prelude::*;
use serde_json::{Value, json};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A request that is nearly one.
fn head() -> impl Strategy<Value = Vec<u8>> {
    let method = prop_oneof![
        Just("POST".to_owned()),
        Just("GET".to_owned()),
        Just("OPTIONS".to_owned()),
        "[A-Z]{1,8}",
        "[ -~]{0,6}"
    ];
    let target = prop_oneof![
        Just("/apitul/1/AAAAAAAAAAAAAA".to_owned()),
        Just("/2/files/upload".to_owned()),
        Just("/2/files/get_temporary_upload_link".to_owned()),
        "/2/[a-z_/%?&=.]{0,30}",
        "/(apitul|cd|oauth2|2)/[!-~]{0,30}",
        "[!-~]{0,20}"
    ];
    let name = prop_oneof![
        Just("Content-Type".to_owned()),
        Just("Content-Length".to_owned()),
        Just("Transfer-Encoding".to_owned()),
        Just("Dropbox-API-Arg".to_owned()),
        Just("Authorization".to_owned()),
        Just("Dropbox-API-Path-Root".to_owned()),
        Just("Dropbox-API-Select-User".to_owned()),
        Just("Range".to_owned()),
        Just("Expect".to_owned()),
        Just("Host".to_owned()),
        Just("X-Forwarded-Proto".to_owned()),
        Just("X-Forwarded-Host".to_owned()),
        "[!-~]{1,12}"
    ];
    let value = prop_oneof![
        Just("application/json".to_owned()),
        Just("application/octet-stream".to_owned()),
        Just("chunked".to_owned()),
        Just("Bearer test".to_owned()),
        Just("localhost".to_owned()),
        "[0-9]{1,20}",
        "\\{[ -~]{0,20}\\}",
        "[ -~\u{e9}]{0,20}"
    ];
    let lines = proptest::collection::vec((name, value), 0..8);
    let body = proptest::collection::vec(any::<u8>(), 0..60);
    (method, target, lines, body).prop_map(|(method, target, lines, body)| {
        let mut text = format!("{method} {target} HTTP/1.1\r\n");
        for (name, value) in lines {
            text += &format!("{name}: {value}\r\n");
        }
        text += "\r\n";
        [text.into_bytes(), body].concat()
    })
}

/// Every answer is well-formed; afterwards the server still answers.
pub fn survives(fake: &Fake, bytes: &[u8]) {
    runtime().block_on(async {
        let mut raw = Raw::connect(fake).await;
        let _ = raw.try_send(bytes).await;
        // The server may have closed already.
        let _ = tokio::io::AsyncWriteExt::shutdown(&mut raw.stream).await;
        let is_http2 = bytes.starts_with(b"PRI * HTTP/2");
        let is_head = bytes.starts_with(b"HEAD");
        if is_http2 || is_head {
            raw.rest().await;
            return;
        }
        let mut answers = 0;
        while let Some(reply) = raw.reply_or_end().await {
            assert!(
                (100..500).contains(&reply.status) || reply.status == 501,
                "{reply:?}"
            );
            answers += 1;
            assert!(answers < 200, "an end");
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_head_gets_a_well_formed_answer(request in head()) {
        thread_local!(static FAKE: Fake = Fake::start());
        FAKE.with(|fake| survives(fake, &request));
    }

    #[test]
    fn any_bytes_get_a_well_formed_answer(bytes in proptest::collection::vec(any::<u8>(), 1..400)) {
        thread_local!(static FAKE: Fake = Fake::start());
        FAKE.with(|fake| survives(fake, &bytes));
    }
}

fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just("/a".to_owned()),
        Just("/A/b".to_owned()),
        Just(String::new()),
        Just("/".to_owned()),
        Just("//".to_owned()),
        Just("/..".to_owned()),
        Just("id:x".to_owned()),
        Just("ns:1/a".to_owned()),
        Just("ns:99999999999999999999999".to_owned()),
        Just("rev:0123456789".to_owned()),
        Just("add".to_owned()),
        Just("update".to_owned()),
        Just("2026-01-02T03:04:05Z".to_owned()),
        Just("AAAA".to_owned()),
        "(/[a-z \\\\.~\u{1f600}\u{e9}]{0,5}){1,3}",
        "\\PC{0,12}"
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        text.prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Mostly names that some route knows.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => prop::sample::select(vec![
            "path", "commit_info", "mode", "autorename", "client_modified", "mute", "property_groups",
            "strict_conflict", "duration", "cursor", "session_id", "offset", "commit", "entries", "limit",
            "recursive", "include_deleted", "from_path", "to_path", "parent_rev", "before_rev", "rev",
            "content_hash", "close", "session_type", "query", "timeout", ".tag", "update", "fields",
            "template_id", "name", "value", "shared_link", "url",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
    ]
}

/// An argument that some route nearly takes.
fn argument() -> impl Strategy<Value = Value> {
    let members = proptest::collection::vec((key(), value()), 0..6);
    let known = prop_oneof![
        Just(json!({})),
        Just(json!({"path": "/a"})),
        Just(json!({"path": ""})),
        Just(json!({"commit_info": {"path": "/a"}})),
        Just(json!({"cursor": {"session_id": "x", "offset": 0}, "commit": {"path": "/a"}})),
        Just(json!({"from_path": "/a", "to_path": "/b"})),
        Just(json!({"entries": []})),
    ];
    prop_oneof![
        1 => value(),
        5 => (known, members).prop_map(|(mut known, members)| {
            known.as_object_mut().expect("an object").extend(members);
            known
        }),
    ]
}

const RPC: &[&str] = &[
    "files/get_temporary_upload_link",
    "files/get_metadata",
    "files/list_folder",
    "files/list_folder/continue",
    "files/list_folder/get_latest_cursor",
    "files/delete_v2",
    "files/delete",
    "files/create_folder_v2",
    "files/list_revisions",
    "files/get_temporary_link",
    "files/move_v2",
    "files/copy_v2",
    "files/upload_session/finish_batch_v2",
    "files/upload_session/finish_batch",
    "check/user",
    "users/get_current_account",
    "users/get_space_usage",
];

const CONTENT: &[&str] = &[
    "files/upload",
    "files/download",
    "files/upload_session/start",
    "files/upload_session/append_v2",
    "files/upload_session/finish",
];

async fn call(fake: &Fake, route: &str, argument: &str) -> Reply {
    if RPC.contains(&route) {
        return fake.rpc(route, argument).await;
    }
    let query = format!("/2/{route}?arg={}", urlencoded(argument));
    let mut request = client().post(fake.url(&query)).bearer_auth("test");
    if route != "files/download" {
        request = request
            .header("content-type", "application/octet-stream")
            .body("hello");
    }
    Reply::of(request).await
}

fn urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_argument_is_answered_by_its_route(argument in argument(), start in 0..1000_usize) {
        thread_local!(static FAKE: Fake = Fake::start());
        let text = argument.to_string();
        let all: Vec<&str> = RPC.iter().chain(CONTENT).copied().collect();
        FAKE.with(|fake| runtime().block_on(async {
            for step in 0..3 {
                let route = all[(start + step) % all.len()];
                let reply = call(fake, route, &text).await;
                assert!(
                    [200, 206, 400, 409].contains(&reply.status),
                    "{route} {text}: {} {}", reply.status, reply.text()
                );
                if reply.status == 409 {
                    assert!(reply.json()["error_summary"].is_string());
                }
            }
        }));
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_which_ones_are_taken() {
    // RFC 9110, 15.5.6; what Dropbox says is not known (AQ-04, OQ-11).
    let fake = Fake::start();
    let link = fake.mint_path().await;
    for (path, methods) in [
        ("/2/files/get_temporary_upload_link", "POST"),
        ("/2/files/upload", "POST"),
        ("/2/files/download", "GET, HEAD, POST"),
        ("/2/files/list_folder/longpoll", "POST"),
        (&link, "POST"),
        ("/cd/0/get/AAAA/file", "GET, HEAD"),
        ("/oauth2/token", "POST"),
        ("/_fake/v1/clock", "GET"),
        ("/_fake/v1/files/content?path=/a", "GET, PUT"),
    ] {
        let mut raw = Raw::connect(&fake).await;
        raw.send(format!(
            "PATCH {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer test\r\nContent-Length: 0\r\n\r\n"
        ))
        .await;
        let reply = raw.reply().await;
        assert_eq!(
            (reply.status, reply.header("allow")),
            (405, Some(methods)),
            "{path}"
        );
    }
}
