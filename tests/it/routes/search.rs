//! Searches.

use super::refused;
use crate::support::Fake;
use serde_json::{Value, json};

fn names(answer: &Value) -> Vec<String> {
    let matches = answer["matches"].as_array().expect("matches");
    let name = |found: &Value| {
        let metadata = &found["metadata"];
        let metadata = metadata.get("metadata").unwrap_or(metadata);
        metadata["path_lower"].as_str().expect("a path").to_owned()
    };
    matches.iter().map(name).collect()
}

#[tokio::test]
async fn a_search_is_spelled_as_recorded_in_either_dialect() {
    // RT-02, RT-85, RT-88
    for fake in [Fake::of_2025(), Fake::start()] {
        let file = fake.file("/search/findable_file.txt", "test").await;
        let text = |name: &str| file[name].as_str().expect("text").to_owned();
        let reply = fake
            .rpc("files/search_v2", r#"{"query":"findable_file"}"#)
            .await;
        let expected = format!(
            r#"{{"has_more":false,"matches":[{{"match_type":{{".tag":"filename"}},"metadata":{{".tag":"metadata","metadata":{{".tag":"file","client_modified":"{}","content_hash":"{}","id":"{}","is_downloadable":true,"name":"findable_file.txt","path_display":"/search/findable_file.txt","path_lower":"/search/findable_file.txt","rev":"{}","server_modified":"{}","size":4}}}}}}]}}"#,
            text("client_modified"),
            text("content_hash"),
            text("id"),
            text("rev"),
            text("server_modified"),
        );
        assert_eq!((reply.status, reply.text()), (200, expected));
        let elsewhere = r#"{"query":"findable_file","options":{"path":"/bad_folder"}}"#;
        let reply = fake.rpc("files/search_v2", elsewhere).await;
        assert_eq!(
            (reply.status, reply.text().as_str()),
            (200, r#"{"has_more":false,"matches":[]}"#)
        );
    }
}

#[tokio::test]
async fn a_search_goes_on_page_by_page_and_keeps_what_was_asked() {
    // RT-84, RT-88, RT-89, RT-90
    let fake = Fake::start();
    fake.ok(
        "files/create_folder_v2",
        json!({"path": "/create_file_request"}),
    )
    .await;
    for name in ["/a file", "/File.txt", "/b/file two", "/other", "/profile"] {
        fake.file(name, "x").await;
    }
    let options = json!({"query": "file", "options": {"max_results": 3}});
    let first = fake.ok("files/search_v2", options).await;
    assert_eq!(first["has_more"], true);
    // What is called just so comes first, then the newest.
    assert_eq!(names(&first), ["/file.txt", "/b/file two", "/a file"]);
    let cursor = json!({"cursor": first["cursor"]});
    let second = fake.ok("files/search/continue_v2", cursor.clone()).await;
    assert_eq!(names(&second), ["/create_file_request"]);
    assert_eq!(second.get("cursor"), None);
    for (token, cursor) in [("test", json!({"cursor": "x"})), ("somebody", cursor)] {
        let reply = fake
            .rpc_as(token, "files/search/continue_v2", &cursor.to_string())
            .await;
        refused(
            &reply,
            "invalid_argument",
            json!({".tag": "invalid_argument"}),
        );
    }
}

#[tokio::test]
async fn a_search_can_be_narrowed() {
    // RT-81, RT-94, RQ-13
    let fake = Fake::start();
    for name in ["/in/note.txt", "/in/note.PNG", "/note.pdf", "/in/deep/note"] {
        fake.file(name, "x").await;
    }
    fake.ok("files/create_folder_v2", json!({"path": "/in/note"}))
        .await;
    let me = fake.rpc("users/get_current_account", "null").await.json()["account_id"].clone();
    let other = "dbid:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let asked = async |options: Value| {
        let argument = json!({"query": "note", "options": options});
        let mut found = names(&fake.ok("files/search_v2", argument).await);
        found.sort_unstable();
        found.join(" ")
    };
    for (options, expected) in [
        (
            json!({"path": "/IN"}),
            "/in/deep/note /in/note /in/note.png /in/note.txt",
        ),
        (
            json!({"file_extensions": ["png", "pdf"]}),
            "/in/note.png /note.pdf",
        ),
        (
            json!({"file_categories": ["image", "folder"]}),
            "/in/note /in/note.png",
        ),
        (
            json!({"account_id": me, "file_extensions": ["pdf"]}),
            "/note.pdf",
        ),
        (json!({"account_id": other}), ""),
        (json!({"file_status": "deleted"}), ""),
        (
            json!({"order_by": "last_modified_time", "max_results": 1}),
            "/in/deep/note",
        ),
    ] {
        assert_eq!(asked(options.clone()).await, expected, "{options}");
    }
    fake.ok("files/delete_v2", json!({"path": "/note.pdf"}))
        .await;
    let gone = json!({"query": "note", "options": {"file_status": "deleted"}});
    let gone = fake.ok("files/search_v2", gone).await;
    assert_eq!(
        gone["matches"][0]["metadata"]["metadata"],
        json!({".tag": "deleted", "name": "note.pdf", "path_lower": "/note.pdf", "path_display": "/note.pdf"})
    );
    let reply = fake
        .rpc(
            "files/search_v2",
            r#"{"query":"x","options":{"path":"/a//b"}}"#,
        )
        .await;
    assert_eq!(
        (reply.status, &reply.json()["error"][".tag"]),
        (409, &json!("path"))
    );
}

#[tokio::test]
async fn arguments_of_a_search_are_judged_in_each_place() {
    // RT-80, RT-81, RT-84, RT-99
    let fake = Fake::of_2025();
    let long = "x".repeat(1001);
    for (route, argument, words) in [
        (
            "files/search_v2",
            json!({"query": "a", "options": {"max_results": 1001}}),
            "options.max_results: 1001 is not within range [1, 1000]",
        ),
        (
            "files/search_v2",
            json!({"query": "a", "options": {"file_status": "x"}}),
            "options.file_status: unknown tag 'x'",
        ),
        (
            "files/search_v2",
            json!({"query": "a", "max_results": 1}),
            "unknown field 'max_results'",
        ),
        (
            "files/search_v2",
            json!({"query": "a", "options": {"path": "/"}}),
            "options.path: Specify the root folder as an empty string rather than as \"/\".",
        ),
        (
            "files/search_v2",
            json!({"query": long}),
            "must be at most 1000 characters, got 1001",
        ),
        (
            "files/search/continue_v2",
            json!({"cursor": ""}),
            "cursor: '' must be at least 1 characters, got 0",
        ),
        (
            "files/search",
            json!({"path": "", "query": "a", "start": 10000}),
            "start: 10000 is not within range [0, 9999]",
        ),
    ] {
        let reply = fake.rpc(route, &argument.to_string()).await;
        assert_eq!(reply.status, 400, "{argument}");
        assert!(
            reply.text().ends_with(words),
            "{argument}: {}",
            reply.text()
        );
    }
}

#[tokio::test]
async fn the_older_search_counts_its_pages() {
    // RT-99
    let fake = Fake::of_2025();
    for name in ["/note 1", "/note 2", "/note 3"] {
        fake.file(name, "x").await;
    }
    fake.ok("files/delete_v2", json!({"path": "/note 3"})).await;
    let first = fake
        .rpc(
            "files/search",
            r#"{"path":"","query":"note","max_results":1}"#,
        )
        .await
        .text();
    assert!(
        first.starts_with(r#"{"matches": [{"match_type": {".tag": "filename"}, "metadata": {".tag": "file", "name": "note 2""#)
            && first.ends_with(r#""more": true, "start": 1}"#),
        "{first}"
    );
    let next = json!({"path": "", "query": "note", "start": 1});
    let next = fake.ok("files/search", next).await;
    assert_eq!((&next["more"], &next["start"]), (&json!(false), &json!(2)));
    assert_eq!(names(&next), ["/note 1"]);
    let gone = json!({"path": "", "query": "note", "mode": "deleted_filename"});
    assert_eq!(names(&fake.ok("files/search", gone).await), ["/note 3"]);
}
