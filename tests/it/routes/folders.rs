//! Folders, lists, long polls, deletes, revisions, moves.

use super::{conflict, lookup, refused};
use crate::support::{Fake, Reply, client};
use fake_dropbox::internals::control::clock::Change;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test]
async fn a_folder_is_listed_page_by_page_and_then_only_what_changes() {
    // API-217, API-218, API-236
    let fake = Fake::of_2025();
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
    let fake = Fake::of_2025();
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
            fake.app
                .clock
                .change(None, Change::Advance(Duration::from_secs(481)));
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
async fn a_long_poll_takes_no_authorization_good_or_bad() {
    // API-263, API-264: it is judged before the cursor.
    let fake = Fake::of_2025();
    let url = fake.url("/2/files/list_folder/longpoll");
    let cursor = fake
        .ok("files/list_folder/get_latest_cursor", json!({"path": ""}))
        .await["cursor"]
        .clone();
    fake.file("/b", "x").await;
    let body = json!({"cursor": cursor, "timeout": 30}).to_string();
    for authorization in ["Bearer test", "Basic x", "nonsense", ""] {
        for body in [body.as_str(), r#"{"cursor":"foo"}"#] {
            let request = client()
                .post(&url)
                .header("authorization", authorization)
                .header("content-type", "application/json");
            let reply = Reply::of(request.body(body.to_owned())).await;
            assert_eq!(
                (
                    reply.status,
                    reply.text().as_str(),
                    reply.header("content-type")
                ),
                (
                    400,
                    "Error in call to API function \"files/list_folder/longpoll\": Your request includes an Authorization \
                     header, but this function does not use it.",
                    "text/plain; charset=utf-8"
                )
            );
            assert_eq!(
                (reply.header("x-db-timeout"), reply.header("pragma")),
                ("120", "no-cache")
            );
        }
    }
    let request = client()
        .post(&url)
        .header("content-type", "application/json");
    let reply = Reply::of(request.body(body)).await;
    assert_eq!((reply.status, reply.header("content-length")), (200, "17"));
    assert_eq!(reply.header("x-db-timeout"), "120");
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
    let fake = Fake::of_2025();
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
