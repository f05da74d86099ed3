//! The routes around a link, over the wire: what they do, and each way in which they refuse.

use crate::support::{Fake, Reply, client};
use fake_dropbox::dropbox::account::Quota;
use fake_dropbox::dropbox::content_hash::ContentHash;
use fake_dropbox::dropbox::credentials::{App, AppAccess, Grant, Holder};
use fake_dropbox::server::ServerConfig;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

impl Fake {
    /// Calls a route whose argument is in a header.
    async fn content_as(
        &self,
        token: &str,
        route: &str,
        argument: &Value,
        body: impl Into<reqwest::Body>,
    ) -> Reply {
        let mut request = client()
            .post(self.url(&format!("/2/{route}")))
            .bearer_auth(token)
            .header("dropbox-api-arg", argument.to_string());
        if route != "files/download" {
            request = request
                .header("content-type", "application/octet-stream")
                .body(body);
        }
        Reply::of(request).await
    }

    async fn upload(&self, argument: Value, body: impl Into<reqwest::Body>) -> Reply {
        self.content_as("test", "files/upload", &argument, body)
            .await
    }

    /// Makes a file of the account `test`.
    async fn file(&self, path: &str, body: &'static str) -> Value {
        let reply = self
            .upload(json!({"path": path, "mode": "overwrite"}), body)
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }

    /// Calls a route that has to succeed.
    async fn ok(&self, route: &str, argument: Value) -> Value {
        let reply = self.rpc(route, &argument.to_string()).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, "application/json"),
            "{route} {argument}: {}",
            reply.text()
        );
        reply.json()
    }
}

/// Holds an answer against a member of the route's error union (API-124, API-125).
#[track_caller]
fn refused(reply: &Reply, summary: &str, error: Value) {
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (409, "application/json"),
        "{}",
        reply.text()
    );
    let body = reply.json();
    let dots = body["error_summary"]
        .as_str()
        .and_then(|text| text.strip_prefix(&format!("{summary}/")));
    assert!(
        dots.is_some_and(|dots| dots.len() <= 3 && dots.bytes().all(|dot| dot == b'.')),
        "{body}"
    );
    assert_eq!(body["error"], error);
    assert_eq!(
        body.as_object().map(serde_json::Map::len),
        Some(2),
        "{body}"
    );
}

fn lookup(place: &str, tag: &str) -> Value {
    json!({".tag": place, place: {".tag": tag}})
}

fn conflict(place: &str, with: &str) -> Value {
    json!({".tag": place, place: {".tag": "conflict", "conflict": {".tag": with}}})
}

#[tokio::test]
async fn an_upload_answers_with_metadata_in_the_order_of_the_spec() {
    // API-208, API-209
    let fake = Fake::start();
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
    let mut config = ServerConfig::default();
    config.max_upload_size = 1000;
    let fake = Fake::start_with(config, |_| {});
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
    fake.app.world().account("test").state.quota = Quota(1500);
    let reply = fake.upload(json!({"path": "/more"}), vec![0; 1000]).await;
    let error = path(json!({".tag": "insufficient_space"}))(&reply);
    refused(&reply, "path/insufficient_space", error);
}

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

#[tokio::test]
async fn metadata_of_files_folders_and_what_was_deleted() {
    // API-177, API-211, API-233
    let fake = Fake::start();
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
async fn a_folder_is_listed_page_by_page_and_then_only_what_changes() {
    // API-217, API-218, API-236
    let fake = Fake::start();
    for name in ["/a", "/b", "/C/d"] {
        fake.file(name, "x").await;
    }
    let mut names = BTreeSet::new();
    let mut page = fake
        .ok(
            "files/list_folder",
            json!({"path": "", "recursive": true, "limit": 1}),
        )
        .await;
    for _ in 0..20 {
        for entry in page["entries"].as_array().expect("entries") {
            assert!(names.insert(entry["path_display"].as_str().expect("a path").to_owned()));
        }
        if page["has_more"] == false {
            break;
        }
        page = fake
            .ok(
                "files/list_folder/continue",
                json!({"cursor": page["cursor"]}),
            )
            .await;
    }
    assert_eq!(
        names.iter().map(String::as_str).collect::<Vec<_>>(),
        ["/C", "/C/d", "/a", "/b"]
    );
    let latest = fake
        .ok(
            "files/list_folder/get_latest_cursor",
            json!({"path": "", "recursive": true}),
        )
        .await;
    fake.ok("files/delete_v2", json!({"path": "/a"})).await;
    fake.file("/e", "x").await;
    // The limit of a listing stays that of its cursor: one entry a page.
    for (mut cursor, pages) in [(page["cursor"].clone(), 2), (latest["cursor"].clone(), 1)] {
        let mut seen = Vec::new();
        for left in (0..pages).rev() {
            let argument = json!({"cursor": cursor});
            let delta = fake.ok("files/list_folder/continue", argument).await;
            assert_eq!(delta["has_more"], left > 0);
            for entry in delta["entries"].as_array().expect("entries") {
                seen.push(format!("{} {}", entry[".tag"], entry["path_lower"]));
            }
            cursor = delta["cursor"].clone();
        }
        assert_eq!(seen, ["\"deleted\" \"/a\"", "\"file\" \"/e\""]);
    }
    for (path, tag) in [("/none", "not_found"), ("/b", "not_folder")] {
        let reply = fake
            .rpc("files/list_folder", &json!({"path": path}).to_string())
            .await;
        refused(&reply, &format!("path/{tag}"), lookup("path", tag));
    }
    let reply = fake
        .rpc("files/list_folder/continue", r#"{"cursor":"foo"}"#)
        .await;
    assert_eq!(
        (reply.status, reply.text().as_str()),
        (
            400,
            "Error in call to API function \"files/list_folder/continue\": Invalid \"cursor\" parameter: 'foo'"
        )
    );
}

#[tokio::test]
async fn a_long_poll_ends_with_a_change_or_with_its_time_which_a_test_can_move() {
    // API-21, API-62
    let fake = Fake::start();
    fake.file("/a", "x").await;
    let cursor = fake
        .ok("files/list_folder/get_latest_cursor", json!({"path": ""}))
        .await["cursor"]
        .clone();
    let url = fake.url("/2/files/list_folder/longpoll");
    let ask = |cursor: &Value| {
        let body = json!({"cursor": cursor, "timeout": 480}).to_string();
        tokio::spawn(Reply::of(
            client()
                .post(&url)
                .header("content-type", "application/json")
                .body(body),
        ))
    };
    // It may begin after the change or before: the answer is the same.
    let waiting = ask(&cursor);
    tokio::task::yield_now().await;
    fake.file("/b", "x").await;
    let reply = waiting.await.expect("no panic");
    assert_eq!(
        (reply.status, reply.text().as_str()),
        (200, "{\"changes\":true}\n")
    );
    let cursor = fake
        .ok("files/list_folder/get_latest_cursor", json!({"path": ""}))
        .await["cursor"]
        .clone();
    let before = fake.app.requests();
    let waiting = ask(&cursor);
    crate::raw::until("the poll has begun", || fake.app.requests() > before).await;
    // The clock moves until the poll sees it: it may have begun to wait only now.
    let moving = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(5));
        loop {
            ticks.tick().await;
            fake.app.clock.advance(None, Duration::from_secs(481));
        }
    };
    let reply = tokio::select! {
        reply = waiting => reply.expect("no panic"),
        () = moving => unreachable!("it goes on for ever"),
    };
    assert_eq!(
        (reply.status, reply.text().as_str()),
        (200, "{\"changes\":false}\n")
    );
    let reply = ask(&"foo".into()).await.expect("no panic");
    assert_eq!(
        (reply.status, reply.text().as_str()),
        (
            400,
            "Error in call to API function \"files/list_folder/longpoll\": request body: cursor: unsupported cursor type"
        )
    );
}

#[tokio::test]
async fn what_is_deleted_is_shown_as_it_was() {
    // API-183, API-219, API-232
    let fake = Fake::start();
    let file = fake.file("/a", "x").await;
    let wrong = fake
        .rpc(
            "files/delete_v2",
            r#"{"path":"/a","parent_rev":"0123456789"}"#,
        )
        .await;
    refused(
        &wrong,
        "path_write/conflict/file",
        conflict("path_write", "file"),
    );
    let deleted = fake
        .ok(
            "files/delete_v2",
            json!({"path": "/a", "parent_rev": file["rev"]}),
        )
        .await;
    assert_eq!(
        (&deleted["metadata"][".tag"], &deleted["metadata"]["rev"]),
        (&"file".into(), &file["rev"])
    );
    for route in ["files/delete_v2", "files/delete"] {
        let again = fake.rpc(route, r#"{"path":"/a"}"#).await;
        refused(
            &again,
            "path_lookup/not_found",
            lookup("path_lookup", "not_found"),
        );
    }
    fake.file("/b", "x").await;
    assert_eq!(
        fake.ok("files/delete", json!({"path": "/b"})).await[".tag"],
        "file"
    );
}

#[tokio::test]
async fn a_folder_is_made_once() {
    // API-184, API-220, API-234
    let fake = Fake::start();
    fake.file("/file", "x").await;
    let made = fake
        .ok("files/create_folder_v2", json!({"path": "/A/B"}))
        .await;
    let keys: Vec<&String> = made["metadata"]
        .as_object()
        .expect("an object")
        .keys()
        .collect();
    assert_eq!(
        keys,
        ["name", "path_lower", "path_display", "id"],
        "no .tag"
    );
    for (path, with) in [("/a/b", "folder"), ("/file", "file")] {
        let reply = fake
            .rpc("files/create_folder_v2", &json!({"path": path}).to_string())
            .await;
        refused(
            &reply,
            &format!("path/conflict/{with}"),
            conflict("path", with),
        );
    }
    let renamed = fake
        .ok(
            "files/create_folder_v2",
            json!({"path": "/a/b", "autorename": true}),
        )
        .await;
    assert_eq!(renamed["metadata"]["name"], "b (1)");
}

#[tokio::test]
async fn revisions_come_newest_first() {
    // API-181, API-221
    let fake = Fake::start();
    let mut revs: Vec<Value> = Vec::new();
    for body in ["one", "two", "three"] {
        revs.insert(0, fake.file("/a", body).await["rev"].clone());
    }
    let list = fake
        .ok("files/list_revisions", json!({"path": "/a", "limit": 2}))
        .await;
    let found: Vec<Value> = list["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| entry["rev"].clone())
        .collect();
    assert_eq!(
        (found.as_slice(), &list["is_deleted"]),
        (&revs[..2], &false.into())
    );
    assert!(list["entries"][0].get(".tag").is_none());
    let old = fake
        .content_as(
            "test",
            "files/download",
            &json!({"path": format!("rev:{}", revs[2].as_str().expect("a rev"))}),
            "",
        )
        .await;
    assert_eq!((old.status, old.text().as_str()), (200, "one"));
    let none = fake
        .rpc("files/list_revisions", r#"{"path":"/none"}"#)
        .await;
    refused(&none, "path/not_found", lookup("path", "not_found"));
    fake.ok("files/delete_v2", json!({"path": "/a"})).await;
    let list = fake.ok("files/list_revisions", json!({"path": "/a"})).await;
    assert_eq!(
        (
            &list["is_deleted"],
            list["entries"].as_array().map(Vec::len)
        ),
        (&true.into(), Some(3))
    );
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
    fake.app.clock.advance(None, Duration::from_hours(5));
    assert_eq!(Reply::of(client().get(&link)).await.status, 410);
    let none = fake
        .rpc("files/get_temporary_link", r#"{"path":"/none"}"#)
        .await;
    refused(&none, "path/not_found", lookup("path", "not_found"));
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
    fake.app.clock.advance(None, Duration::from_hours(24 * 8));
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

#[tokio::test]
async fn files_move_and_are_copied() {
    let fake = Fake::start();
    let file = fake.file("/a/b", "x").await;
    let moved = fake
        .ok("files/move_v2", json!({"from_path": "/a", "to_path": "/c"}))
        .await;
    assert_eq!(
        (&moved["metadata"][".tag"], &moved["metadata"]["path_lower"]),
        (&"folder".into(), &"/c".into())
    );
    assert_eq!(
        fake.ok("files/get_metadata", json!({"path": "/c/b"})).await["id"],
        file["id"]
    );
    let copied = fake
        .ok(
            "files/copy_v2",
            json!({"from_path": "/c/b", "to_path": "/d"}),
        )
        .await;
    assert_ne!(copied["metadata"]["id"], file["id"]);
    for route in ["files/move_v2", "files/copy_v2"] {
        let reply = fake
            .rpc(route, r#"{"from_path":"/none","to_path":"/e"}"#)
            .await;
        refused(
            &reply,
            "from_lookup/not_found",
            lookup("from_lookup", "not_found"),
        );
        fake.file("/other", "y").await;
        let reply = fake
            .rpc(route, r#"{"from_path":"/d","to_path":"/other"}"#)
            .await;
        refused(&reply, "to/conflict/file", conflict("to", "file"));
    }
}

#[tokio::test]
async fn checks_and_accounts_answer() {
    // API-226 to API-230
    let fake = Fake::start();
    assert_eq!(
        fake.rpc("check/user", r#"{"query":"foo"}"#).await.text(),
        "{\"result\": \"foo\"}"
    );
    let app = client()
        .post(fake.url("/2/check/app"))
        .basic_auth("key", Some("secret"))
        .json(&json!({"query": "bar"}));
    assert_eq!(Reply::of(app).await.text(), "{\"result\": \"bar\"}");
    fake.file("/a", "12345").await;
    let account = fake.ok("users/get_current_account", Value::Null).await;
    assert_eq!(
        (
            account["account_id"].as_str().map(str::len),
            &account["root_info"][".tag"]
        ),
        (Some(40), &"user".into())
    );
    let space = fake.ok("users/get_space_usage", Value::Null).await;
    assert_eq!(
        (&space["used"], &space["allocation"][".tag"]),
        (&5.into(), &"individual".into())
    );
    // No body and no Content-Type is a void argument, too (API-07).
    let bare = client()
        .post(fake.url("/2/users/get_current_account"))
        .bearer_auth("test");
    assert_eq!(Reply::of(bare).await.status, 200);
}

#[tokio::test]
async fn tokens_are_got_in_four_ways_and_revoked() {
    // API-115 to API-123
    let fake = Fake::start();
    {
        let mut world = fake.app.world();
        let mut app = App::new("key");
        app.secret = Some("secret".into());
        world.credentials.declare_app(app);
        world
            .credentials
            .declare_refresh_token("refresh", "test", Some("key"), None);
        for code in ["code-1", "code-2"] {
            world
                .credentials
                .declare_code(code, "test", Some("key"), None);
        }
    }
    let url = fake.url("/oauth2/token");
    let form = |fields: &[(&str, &str)]| client().post(&url).form(fields);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "refresh"),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&refresh[..], more].concat();
    let code = |code: &'static str| {
        [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", "key"),
        ]
    };
    let shapes = [
        form(&with(&[("client_id", "key"), ("client_secret", "secret")])),
        form(&refresh).basic_auth("key", Some("secret")),
        client()
            .post(&url)
            .query(&with(&[("client_id", "key"), ("client_secret", "secret")])),
        form(&[&code("code-1")[..], &[("code_verifier", "v")]].concat()),
        form(&[&code("code-2")[..], &[("client_secret", "secret")]].concat()),
    ];
    for shape in shapes {
        let reply = Reply::of(shape).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, "text/javascript"),
            "{}",
            reply.text()
        );
        let token = reply.json()["access_token"]
            .as_str()
            .expect("a token")
            .to_owned();
        assert!(token.starts_with("sl."), "{token}");
        assert_eq!(fake.rpc_as(&token, "check/user", "{}").await.status, 200);
        assert_eq!(
            fake.rpc_as(&token, "auth/token/revoke", "null")
                .await
                .text(),
            "null"
        );
        assert_eq!(fake.rpc_as(&token, "check/user", "{}").await.status, 401);
    }
    fake.app.world().credentials.revoke_refresh_token("refresh");
    let refusals = [
        (
            form(&with(&[("client_id", "key")])),
            json!({"error_description": "refresh token is invalid or revoked", "error": "invalid_grant"}),
        ),
        (
            form(&code("code-1")),
            json!({"error_description": "code doesn't exist or has expired", "error": "invalid_grant"}),
        ),
        (
            form(&with(&[("client_id", "key"), ("client_secret", "wrong")])),
            json!({"error": "invalid_client: Invalid client_id or client_secret"}),
        ),
    ];
    for (request, body) in refusals {
        let reply = Reply::of(request).await;
        assert_eq!((reply.status, reply.json()), (400, body));
    }
    let reply = Reply::of(form(&[("grant_type", "password"), ("client_id", "key")])).await;
    assert_eq!(
        (reply.status, &reply.json()["error"]),
        (400, &"unsupported_grant_type".into())
    );
}

#[tokio::test]
async fn a_token_can_be_bad_in_every_documented_way() {
    // API-102, API-107, API-108, API-67
    let fake = Fake::start();
    {
        let mut world = fake.app.world();
        let now = fake.app.clock.now(None);
        let grant = || Grant::for_account("test");
        let mut app = App::new("poor");
        app.scopes = Some(BTreeSet::from(["account_info.read".to_owned()]));
        world.credentials.declare_app(app);
        let declared = [
            (
                "revoked",
                Grant {
                    revoked: true,
                    ..grant()
                },
            ),
            (
                "old",
                Grant {
                    expires_at: Some(now),
                    ..grant()
                },
            ),
            (
                "suspended",
                Grant {
                    suspended: true,
                    ..grant()
                },
            ),
            (
                "narrow",
                Grant {
                    scopes: Some(BTreeSet::from(["account_info.read".to_owned()])),
                    ..grant()
                },
            ),
            (
                "poor",
                Grant {
                    app: "poor".into(),
                    ..grant()
                },
            ),
        ];
        for (token, grant) in declared {
            world.credentials.declare_token(token, grant);
        }
    }
    fake.app.clock.advance(None, Duration::from_secs(1));
    let mint = "files/get_temporary_upload_link";
    let argument = r#"{"commit_info":{"path":"/a"}}"#;
    for (token, tag) in [
        ("revoked", "invalid_access_token"),
        ("old", "expired_access_token"),
        ("suspended", "user_suspended"),
        ("narrow", "missing_scope"),
    ] {
        let reply = fake.rpc_as(token, mint, argument).await;
        let mut error = json!({".tag": tag});
        if tag == "missing_scope" {
            error["required_scope"] = "files.content.write".into();
        }
        assert_eq!(
            (
                reply.status,
                &reply.json()["error"],
                reply.header("content-type")
            ),
            (401, &error, "application/json")
        );
        assert_eq!(
            reply.header("www-authenticate"),
            "Bearer realm=\"Dropbox-API\""
        );
        assert!(
            reply
                .text()
                .starts_with(&format!("{{\"error_summary\": \"{tag}/")),
            "{}",
            reply.text()
        );
    }
    let reply = fake.rpc_as("poor", mint, argument).await;
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.text(),
        "Error in call to API function \"files/get_temporary_upload_link\": Your app is not permitted to access this endpoint because it does not have the required scope 'files.content.write'. The owner of the app can enable the scope for the app using the Permissions tab on the App Console."
    );
    fake.app.world().credentials.open = false;
    let reply = fake.rpc_as("nobody", mint, argument).await;
    assert_eq!(
        (reply.status, &reply.json()["error"][".tag"]),
        (401, &"invalid_access_token".into())
    );
}

#[tokio::test]
async fn a_link_of_an_app_folder_writes_there() {
    // API-69, API-212, UL-05
    let fake = Fake::start();
    {
        let mut world = fake.app.world();
        let mut app = App::new("sandbox");
        app.access = AppAccess::AppFolder("Photos".into());
        world.credentials.declare_app(app);
        world.credentials.declare_token(
            "boxed",
            Grant {
                app: "sandbox".into(),
                ..Grant::for_account("test")
            },
        );
    }
    let minted = fake
        .rpc_as(
            "boxed",
            "files/get_temporary_upload_link",
            r#"{"commit_info":{"path":"/a"}}"#,
        )
        .await
        .json();
    assert_eq!(
        fake.consume(minted["link"].as_str().expect("a link"), "hello")
            .await
            .status,
        200
    );
    let inside = fake
        .rpc_as("boxed", "files/get_metadata", r#"{"path":"/a"}"#)
        .await
        .json();
    assert_eq!(inside["path_display"], "/a");
    let outside = fake
        .ok("files/get_metadata", json!({"path": "/Apps/Photos/a"}))
        .await;
    assert_eq!(outside["id"], inside["id"]);
    let request = client()
        .post(fake.url("/2/files/list_folder"))
        .bearer_auth("boxed")
        .header("content-type", "application/json")
        .header("dropbox-api-path-root", "{\".tag\": \"home\"}")
        .body("{\"path\":\"\"}");
    let reply = Reply::of(request).await;
    assert_eq!(
        (reply.status, reply.text().as_str()),
        (
            400,
            "Error in call to API function \"files/list_folder\": Path root is not supported for sandbox app."
        )
    );
}

#[tokio::test]
async fn a_member_of_a_team_is_chosen_and_a_path_root_is_frozen_into_the_link() {
    // API-68, API-109, API-111, API-112, UL-88
    let fake = Fake::start();
    fake.app.world().credentials.declare_token(
        "team",
        Grant {
            holder: Holder::Team(vec!["anna".into(), "ben".into()]),
            ..Grant::for_account("team")
        },
    );
    fake.app.world().account("anna");
    let call = async |token: &str, lines: &[(&str, &str)]| {
        let mut request = client()
            .post(fake.url("/2/files/get_temporary_upload_link"))
            .bearer_auth(token)
            .header("content-type", "application/json")
            .body(r#"{"commit_info":{"path":"/a"}}"#);
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        Reply::of(request).await
    };
    assert_eq!(call("team", &[]).await.status, 400);
    let reply = call("team", &[("dropbox-api-select-user", "nobody")]).await;
    assert_eq!(
        (reply.status, &reply.json()["error"][".tag"]),
        (401, &"invalid_select_user".into())
    );
    let reply = call("team", &[("dropbox-api-select-user", "anna")]).await;
    let link = reply.json()["link"].as_str().expect("a link").to_owned();
    assert_eq!(fake.consume(&link, "hello").await.status, 200);
    assert!(fake.app.world().account("anna").home_view().namespace_id() > 0);
    let reply = fake
        .rpc_as("anna", "files/get_metadata", r#"{"path":"/a"}"#)
        .await;
    assert_eq!(reply.status, 200);

    let home = fake
        .app
        .world()
        .account("anna")
        .home_namespace_id
        .to_string();
    let root = |tag: &str, value: &str| json!({".tag": tag, tag: value}).to_string();
    let reply = call(
        "anna",
        &[("dropbox-api-path-root", &root("namespace_id", "938429923"))],
    )
    .await;
    assert_eq!(
        (reply.status, &reply.json()["error"]),
        (422, &json!({".tag": "no_permission"}))
    );
    let reply = call(
        "anna",
        &[("dropbox-api-path-root", &root("root", "938429923"))],
    )
    .await;
    assert_eq!(
        (reply.status, &reply.json()["error"][".tag"]),
        (422, &"invalid_root".into())
    );
    let reply = call(
        "anna",
        &[("dropbox-api-path-root", &root("namespace_id", &home))],
    )
    .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}
