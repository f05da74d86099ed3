//! Files: uploads, metadata, downloads, temporary links for downloads.

use super::{lookup, refused};
use crate::support::{Fake, Reply, client};
use fake_dropbox::internals::control::clock::Change;
use fake_dropbox::internals::dropbox::account::Quota;
use fake_dropbox::internals::dropbox::content_hash::ContentHash;
use fake_dropbox::internals::server::ServerConfig;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn an_upload_answers_with_metadata_in_the_order_of_the_spec() {
    // API-208, API-209
    let fake = Fake::of_2025();
    let reply = fake
        .upload(
            json!({"path": "/Ä/duck.txt", "client_modified": "2001-02-03T04:05:06Z"}),
            "hello",
        )
        .await;
    let text = reply.text();
    assert!(text.starts_with("{\"name\": \"duck.txt\", \"path_lower\": \"/\\u00e4/duck.txt\", \"path_display\": \"/\\u00c4/duck.txt\", \"id\": \"id:"), "{text}");
    let json = reply.json();
    let keys: Vec<&String> = json.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "name",
            "path_lower",
            "path_display",
            "id",
            "client_modified",
            "server_modified",
            "rev",
            "size",
            "is_downloadable",
            "content_hash"
        ]
    );
    assert_eq!(
        (&json["client_modified"], &json["size"]),
        (&"2001-02-03T04:05:06Z".into(), &5.into())
    );
    assert_eq!(json["content_hash"], ContentHash::of(b"hello").to_string());
}

#[tokio::test]
async fn an_upload_is_refused_as_its_union_says() {
    // API-156, API-163, API-173 to API-175, API-240
    let config = ServerConfig {
        max_upload_size: 1000,
        ..ServerConfig::default()
    };
    let fake = Fake::start_with(config, |assumptions| {
        assumptions.set("dialect", "2025").expect("a choice");
    });
    fake.file("/file", "x").await;
    fake.ok("files/create_folder_v2", json!({"path": "/folder"}))
        .await;
    let path = |reason: Value| {
        move |reply: &Reply| {
            let id = reply.json()["error"]["upload_session_id"].clone();
            assert!(id.is_string(), "{}", reply.text());
            let mut error = json!({".tag": "path", "reason": reason});
            error["upload_session_id"] = id;
            error
        }
    };
    let conflict_with = |tag: &str| json!({".tag": "conflict", "conflict": {".tag": tag}});
    let rows = [
        (
            json!({"path": "/file"}),
            "path/conflict/file",
            conflict_with("file"),
        ),
        (
            json!({"path": "/file/x"}),
            "path/conflict/file_ancestor",
            conflict_with("file_ancestor"),
        ),
        (
            json!({"path": "/folder", "mode": "overwrite"}),
            "path/conflict/folder",
            conflict_with("folder"),
        ),
        (
            json!({"path": "/file", "mode": {".tag": "update", "update": "0123456789"}}),
            "path/conflict/file",
            conflict_with("file"),
        ),
        (
            json!({"path": "/a/"}),
            "path/malformed_path",
            json!({".tag": "malformed_path"}),
        ),
        (
            json!({"path": "/.dropbox"}),
            "path/disallowed_name",
            json!({".tag": "disallowed_name"}),
        ),
    ];
    for (argument, summary, reason) in rows {
        let reply = fake.upload(argument, "y").await;
        let error = path(reason)(&reply);
        refused(&reply, summary, error);
    }
    let wrong = ContentHash::of(b"other").to_string();
    let reply = fake
        .upload(json!({"path": "/new", "content_hash": wrong}), "x")
        .await;
    refused(
        &reply,
        "content_hash_mismatch",
        json!({".tag": "content_hash_mismatch"}),
    );
    let right = ContentHash::of(b"x").to_string();
    assert_eq!(
        fake.upload(json!({"path": "/new", "content_hash": right}), "x")
            .await
            .status,
        200
    );
    let reply = fake.upload(json!({"path": "/large"}), vec![0; 1001]).await;
    refused(
        &reply,
        "payload_too_large",
        json!({".tag": "payload_too_large"}),
    );
    assert_eq!(
        fake.upload(json!({"path": "/large"}), vec![0; 1000])
            .await
            .status,
        200
    );
    fake.app.world().account("test").lock().state.quota = Quota(1500);
    let reply = fake.upload(json!({"path": "/more"}), vec![0; 1000]).await;
    let error = path(json!({".tag": "insufficient_space"}))(&reply);
    refused(&reply, "path/insufficient_space", error);
}

#[tokio::test]
async fn metadata_of_files_folders_and_what_was_deleted() {
    // API-177, API-211, API-233
    let fake = Fake::of_2025();
    let file = fake.file("/Folder/File", "x").await;
    let found = fake
        .ok("files/get_metadata", json!({"path": "/folder/FILE"}))
        .await;
    assert_eq!(
        (&found[".tag"], &found["rev"]),
        (&"file".into(), &file["rev"])
    );
    for path in [
        file["id"].as_str().expect("an id").to_owned(),
        format!("rev:{}", file["rev"].as_str().expect("a rev")),
    ] {
        let found = fake.ok("files/get_metadata", json!({"path": path})).await;
        assert_eq!(found["path_lower"], "/folder/file");
    }
    let folder = fake
        .ok("files/get_metadata", json!({"path": "/folder"}))
        .await;
    let keys: Vec<&String> = folder.as_object().expect("an object").keys().collect();
    assert_eq!(keys, [".tag", "name", "path_lower", "path_display", "id"]);
    for (path, tag) in [
        ("/none", "not_found"),
        ("/../x", "malformed_path"),
        ("id:AAAAAAAAAAAAAAAAAAAAAA", "not_found"),
    ] {
        let argument = json!({"path": path}).to_string();
        let reply = fake.rpc("files/get_metadata", &argument).await;
        refused(&reply, &format!("path/{tag}"), lookup("path", tag));
    }
    fake.ok("files/delete_v2", json!({"path": "/folder/file"}))
        .await;
    let deleted = fake
        .ok(
            "files/get_metadata",
            json!({"path": "/folder/file", "include_deleted": true}),
        )
        .await;
    assert_eq!(
        deleted,
        json!({".tag": "deleted", "name": "File", "path_lower": "/folder/file", "path_display": "/Folder/File"})
    );
    for path in ["", "/"] {
        let reply = fake
            .rpc("files/get_metadata", &json!({"path": path}).to_string())
            .await;
        assert_eq!(reply.status, 400, "API-60: {path:?} {}", reply.text());
    }
}

#[tokio::test]
async fn a_download_carries_the_bytes_and_the_metadata() {
    // API-15 to API-19
    let fake = Fake::start();
    let file = fake.file("/a.txt", "0123456789").await;
    let argument = json!({"path": "/a.txt"});
    let etag = format!("W/\"{}\"", file["rev"].as_str().expect("a rev"));
    let rows: &[(&[(&str, &str)], u16, &str, &str)] = &[
        (&[], 200, "0123456789", ""),
        (&[("range", "bytes=2-4")], 206, "234", "bytes 2-4/10"),
        (&[("range", "bytes=-3")], 206, "789", "bytes 7-9/10"),
        (&[("range", "bytes=0-")], 206, "0123456789", "bytes 0-9/10"),
        (&[("range", "bytes=8-99")], 206, "89", "bytes 8-9/10"),
        (&[("if-none-match", "W/\"other\"")], 200, "0123456789", ""),
        (&[("if-none-match", &etag)], 304, "", ""),
    ];
    for method in [reqwest::Method::POST, reqwest::Method::GET] {
        for (lines, status, body, range) in rows {
            let mut request = client()
                .request(method.clone(), fake.url("/2/files/download"))
                .bearer_auth("test")
                .header("dropbox-api-arg", argument.to_string());
            for (name, value) in *lines {
                request = request.header(*name, *value);
            }
            let reply = Reply::of(request).await;
            assert_eq!(
                (reply.status, reply.text().as_str()),
                (*status, *body),
                "{method} {lines:?}"
            );
            assert_eq!(
                (reply.header("content-range"), reply.header("etag")),
                (*range, etag.as_str()),
                "{lines:?}"
            );
            if *status != 304 {
                let result: Value =
                    serde_json::from_str(reply.header("dropbox-api-result")).expect("JSON");
                assert_eq!(result, file, "no .tag, the same metadata");
                assert_eq!(reply.header("content-type"), "application/octet-stream");
                assert_eq!(
                    (
                        reply.header("accept-ranges"),
                        reply.header("original-content-length")
                    ),
                    ("bytes", "10")
                );
            }
        }
    }
    let none = fake
        .content_as("test", "files/download", &json!({"path": "/none"}), "")
        .await;
    refused(&none, "path/not_found", lookup("path", "not_found"));
    fake.ok("files/create_folder_v2", json!({"path": "/folder"}))
        .await;
    let folder = fake
        .content_as("test", "files/download", &json!({"path": "/folder"}), "")
        .await;
    refused(&folder, "path/not_file", lookup("path", "not_file"));
}

#[tokio::test]
async fn a_temporary_link_gives_the_file_for_four_hours() {
    // API-182, API-222
    let fake = Fake::start();
    fake.file("/page.html", "<p>hello</p>").await;
    let answer = fake
        .ok("files/get_temporary_link", json!({"path": "/page.html"}))
        .await;
    assert!(answer["metadata"].get(".tag").is_none());
    let link = answer["link"].as_str().expect("a link").to_owned();
    for _ in 0..2 {
        let reply = Reply::of(client().get(&link)).await;
        assert_eq!((reply.status, reply.text().as_str()), (200, "<p>hello</p>"));
        assert!(
            reply.header("content-type").starts_with("text/html"),
            "{}",
            reply.header("content-type")
        );
    }
    let reply = Reply::of(client().get(&link).header("range", "bytes=3-7")).await;
    assert_eq!((reply.status, reply.text().as_str()), (206, "hello"));
    fake.app
        .clock
        .change(None, Change::Advance(Duration::from_hours(5)));
    assert_eq!(Reply::of(client().get(&link)).await.status, 410);
    let none = fake
        .rpc("files/get_temporary_link", r#"{"path":"/none"}"#)
        .await;
    refused(&none, "path/not_found", lookup("path", "not_found"));
}
