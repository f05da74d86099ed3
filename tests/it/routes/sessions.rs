//! Upload sessions of all kinds.

use super::{conflict, refused};
use crate::support::Fake;
use fake_dropbox::internals::control::clock::Change;
use fake_dropbox::internals::dropbox::content_hash::ContentHash;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_refused_upload_can_be_finished_from_its_session() {
    // API-164
    let fake = Fake::start();
    fake.file("/a", "x").await;
    let reply = fake.upload(json!({"path": "/a"}), "hello").await;
    let id = reply.json()["error"]["upload_session_id"].clone();
    let argument = json!({"cursor": {"session_id": id, "offset": 5}, "commit": {"path": "/b"}});
    let reply = fake
        .content_as("test", "files/upload_session/finish", &argument, "")
        .await;
    assert_eq!((reply.status, &reply.json()["size"]), (200, &5.into()));
}

async fn start(fake: &Fake, argument: Value, body: &'static str) -> Value {
    let reply = fake
        .content_as("test", "files/upload_session/start", &argument, body)
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["session_id"].clone()
}

#[tokio::test]
async fn a_session_takes_its_parts_in_order() {
    // API-08, API-186 to API-188, API-223 to API-225, API-237, API-238
    let fake = Fake::start();
    let id = start(&fake, json!({}), "hel").await;
    let append = async |cursor: Value, close: bool, body: &'static str| {
        fake.content_as(
            "test",
            "files/upload_session/append_v2",
            &json!({"cursor": cursor, "close": close}),
            body,
        )
        .await
    };
    let finish = async |cursor: Value| {
        fake.content_as(
            "test",
            "files/upload_session/finish",
            &json!({"cursor": cursor, "commit": {"path": "/a"}}),
            "",
        )
        .await
    };
    let at = |offset: u64| json!({"session_id": id, "offset": offset});
    refused(
        &append(at(9), false, "lo").await,
        "incorrect_offset",
        json!({".tag": "incorrect_offset", "correct_offset": 3}),
    );
    let unknown = json!({"session_id": "none", "offset": 0});
    refused(
        &append(unknown.clone(), false, "lo").await,
        "not_found",
        json!({".tag": "not_found"}),
    );
    let reply = append(at(3), true, "lo").await;
    assert_eq!((reply.status, reply.text().as_str()), (200, "null"));
    refused(
        &append(at(5), false, "more").await,
        "closed",
        json!({".tag": "closed"}),
    );
    refused(
        &finish(at(2)).await,
        "lookup_failed/incorrect_offset",
        json!({".tag": "lookup_failed", "lookup_failed": {".tag": "incorrect_offset", "correct_offset": 5}}),
    );
    refused(
        &finish(unknown).await,
        "lookup_failed/not_found",
        json!({".tag": "lookup_failed", "lookup_failed": {".tag": "not_found"}}),
    );
    fake.file("/a", "x").await;
    refused(
        &finish(at(5)).await,
        "path/conflict/file",
        conflict("path", "file"),
    );
    fake.ok("files/delete_v2", json!({"path": "/a"})).await;
    let reply = finish(at(5)).await;
    assert_eq!(
        (reply.status, &reply.json()["content_hash"]),
        (200, &ContentHash::of(b"hello").to_string().into())
    );
    // Seven days later a session is gone (API-239).
    let id = start(&fake, json!({}), "hel").await;
    fake.app
        .clock
        .change(None, Change::Advance(Duration::from_hours(24 * 8)));
    let reply = fake
        .content_as(
            "test",
            "files/upload_session/append_v2",
            &json!({"cursor": {"session_id": id, "offset": 3}}),
            "lo",
        )
        .await;
    refused(&reply, "not_found", json!({".tag": "not_found"}));
}

#[tokio::test]
async fn sessions_can_be_concurrent_and_finished_in_batches() {
    // API-239, API-248
    let fake = Fake::start();
    let block = vec![7; 4 << 20];
    let reply = fake
        .content_as(
            "test",
            "files/upload_session/start",
            &json!({"session_type": "concurrent"}),
            "",
        )
        .await;
    let id = reply.json()["session_id"].clone();
    for (offset, body, close) in [
        (4 << 20, block.clone(), false),
        (0, block.clone(), false),
        (8 << 20, b"tail".to_vec(), true),
    ] {
        let argument = json!({"cursor": {"session_id": id, "offset": offset}, "close": close});
        let reply = fake
            .content_as("test", "files/upload_session/append_v2", &argument, body)
            .await;
        assert_eq!((reply.status, reply.text().as_str()), (200, "null"));
    }
    let other = start(&fake, json!({"close": true}), "hello").await;
    let entry = |id: &Value, offset: u64, path: &str| json!({"cursor": {"session_id": id, "offset": offset}, "commit": {"path": path}});
    let entries = json!({"entries": [entry(&id, (8 << 20) + 4, "/big"), entry(&other, 5, "/small"), entry(&"none".into(), 0, "/none")]});
    let done = fake
        .ok("files/upload_session/finish_batch_v2", entries)
        .await;
    let hash = ContentHash::of(&[block.clone(), block, b"tail".to_vec()].concat()).to_string();
    assert_eq!(done["entries"][0]["content_hash"], hash, "{done}");
    let tags: Vec<&str> = done["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| entry[".tag"].as_str().expect("a tag"))
        .collect();
    assert_eq!(tags, ["success", "success", "failure"]);
    assert_eq!(
        done["entries"][2]["failure"],
        json!({".tag": "lookup_failed", "lookup_failed": {".tag": "not_found"}})
    );
}
