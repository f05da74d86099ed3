//! Batches and their jobs.

use super::refused;
use crate::support::Fake;
use fake_dropbox::internals::control::clock::Change;
use serde_json::{Value, json};
use std::time::Duration;

/// Launches a job and asks once what became of it.
async fn done(fake: &Fake, route: &str, check: &str, argument: Value) -> Value {
    let launched = fake.ok(route, argument).await;
    assert_eq!(launched[".tag"], "async_job_id", "{launched}");
    let id = launched["async_job_id"].as_str().expect("an id");
    assert_eq!(id.len(), "dbjid:".len() + 88, "{id}");
    fake.ok(check, json!({"async_job_id": id})).await
}

fn tags(result: &Value) -> Vec<String> {
    let entries = result["entries"].as_array().expect("entries");
    let tag = |entry: &Value| {
        let failure = entry["failure"].to_string();
        match entry[".tag"].as_str() {
            Some("failure") => failure
                .replace("{\".tag\":", "")
                .replace(['"', '}', '{'], ""),
            tag => tag.unwrap_or_default().to_owned(),
        }
    };
    entries.iter().map(tag).collect()
}

#[tokio::test]
async fn folders_are_made_in_a_batch_each_with_its_own_result() {
    // RT-03, RT-34, RT-36, RT-37
    let fake = Fake::of_2025();
    fake.file("/taken", "x").await;
    let paths = json!(["/New", "/taken", "/new", "/b\\c", "/deep/er"]);
    let made = fake
        .rpc(
            "files/create_folder_batch",
            &json!({"paths": paths}).to_string(),
        )
        .await
        .text();
    assert!(
        made.starts_with(r#"{".tag": "complete", "entries": [{".tag": "success", "metadata": {"name": "New", "path_lower": "/new", "path_display": "/New", "id": "id:"#),
        "{made}"
    );
    let made: Value = serde_json::from_str(&made).expect("JSON");
    assert_eq!(
        made["entries"][1],
        json!({".tag": "failure", "failure": {".tag": "path", "path": {".tag": "conflict", "conflict": {".tag": "file"}}}})
    );
    assert_eq!(made["entries"][2], made["entries"][0]);
    assert_eq!(
        made["entries"][3]["failure"]["path"][".tag"],
        "malformed_path"
    );
    assert_eq!(made["entries"][4]["metadata"]["path_display"], "/deep/er");
    let again = json!({"paths": ["/New", "/New"], "autorename": true});
    let again = fake.ok("files/create_folder_batch", again).await;
    assert_eq!(again["entries"][0]["metadata"]["name"], "New (1)");
    assert_eq!(again["entries"][1], again["entries"][0]);
    let none = fake
        .ok("files/create_folder_batch", json!({"paths": []}))
        .await;
    assert_eq!(none, json!({".tag": "complete", "entries": []}));
}

#[tokio::test]
async fn many_folders_or_a_wish_for_it_make_a_job() {
    // RT-04, RT-06, RT-35, RQ-04
    let fake = Fake::start();
    let many: Vec<String> = (0..51).map(|number| format!("/{number}")).collect();
    for argument in [
        json!({"paths": many}),
        json!({"paths": ["/a"], "force_async": true}),
    ] {
        let (route, check) = (
            "files/create_folder_batch",
            "files/create_folder_batch/check",
        );
        let result = done(&fake, route, check, argument.clone()).await;
        assert_eq!(result[".tag"], "complete");
        let count = argument["paths"].as_array().map(Vec::len);
        assert_eq!(result["entries"].as_array().map(Vec::len), count);
    }
}

#[tokio::test]
async fn entries_are_deleted_one_after_the_other() {
    // RT-44, RT-45, RT-46
    let fake = Fake::of_2025();
    fake.file("/f/a", "x").await;
    let file = fake.file("/b", "x").await;
    let entries = json!([
        {"path": "/F"}, {"path": "/f/a"}, {"path": "/b", "parent_rev": "0123456789"},
        {"path": file["id"]}, {"path": "/b"},
    ]);
    let result = done(
        &fake,
        "files/delete_batch",
        "files/delete_batch/check",
        json!({"entries": entries}),
    )
    .await;
    assert_eq!(
        tags(&result),
        [
            "success",
            "path_lookup,path_lookup:not_found",
            "path_write,path_write:conflict,conflict:file",
            "success",
            "path_lookup,path_lookup:not_found",
        ]
    );
    assert_eq!(result["entries"][0]["metadata"][".tag"], "folder");
    assert_eq!(result["entries"][3]["metadata"]["id"], file["id"]);
    let empty = json!({"entries": []});
    let empty = done(
        &fake,
        "files/delete_batch",
        "files/delete_batch/check",
        empty,
    )
    .await;
    assert_eq!(empty, json!({".tag": "complete", "entries": []}));
}

#[tokio::test]
async fn copies_and_moves_of_a_batch_stand_for_themselves() {
    // RT-48, RT-49, RT-51, RT-52, RQ-07
    let fake = Fake::start();
    for verb in ["copy", "move"] {
        fake.file(&format!("/{verb}/a"), "x").await;
        fake.file(&format!("/{verb}/b"), "y").await;
        let path = |name: &str| format!("/{verb}/{name}");
        let entries = json!([
            {"from_path": path("a"), "to_path": path("c")},
            {"from_path": path("none"), "to_path": path("d")},
            {"from_path": path("b"), "to_path": path("C")},
        ]);
        let (route, check) = (
            format!("files/{verb}_batch_v2"),
            format!("files/{verb}_batch/check_v2"),
        );
        let argument = json!({"entries": entries});
        let result = done(&fake, &route, &check, argument).await;
        assert_eq!(
            tags(&result),
            [
                "success",
                "relocation_error,relocation_error:from_lookup,from_lookup:not_found",
                "relocation_error,relocation_error:to,to:conflict,conflict:file",
            ]
        );
        assert_eq!(result["entries"][0]["success"][".tag"], "file");
        assert_eq!(result["entries"][0]["success"]["path_display"], path("c"));
        let renamed = json!({"entries": [{"from_path": path("b"), "to_path": path("c")}], "autorename": true});
        let renamed = done(&fake, &route, &check, renamed).await;
        assert_eq!(renamed["entries"][0]["success"]["name"], "c (1)");
    }
    for (route, field) in [
        ("files/copy_batch_v2", "allow_ownership_transfer"),
        ("files/move_batch_v2", "allow_shared_folder"),
    ] {
        let mut argument = json!({"entries": [{"from_path": "/a", "to_path": "/b"}]});
        argument[field] = true.into();
        assert_eq!(
            fake.rpc(route, &argument.to_string()).await.status,
            400,
            "{route}"
        );
    }
}

#[tokio::test]
async fn an_older_batch_is_done_whole_or_not_at_all() {
    // RT-50, RT-53
    let fake = Fake::start();
    for verb in ["copy", "move"] {
        let path = |name: &str| format!("/{verb}/{name}");
        fake.file(&path("a"), "x").await;
        let (route, check) = (
            format!("files/{verb}_batch"),
            format!("files/{verb}_batch/check"),
        );
        let entries = json!([
            {"from_path": path("a"), "to_path": path("b")},
            {"from_path": path("none"), "to_path": path("c")},
        ]);
        let cursor = fake
            .ok(
                "files/list_folder/get_latest_cursor",
                json!({"path": "", "recursive": true}),
            )
            .await;
        let argument = json!({"entries": entries, "allow_shared_folder": true});
        let result = done(&fake, &route, &check, argument).await;
        assert_eq!(
            result,
            json!({".tag": "failed", "failed": {".tag": "from_lookup", "from_lookup": {".tag": "not_found"}}})
        );
        let news = fake
            .ok(
                "files/list_folder/continue",
                json!({"cursor": cursor["cursor"]}),
            )
            .await;
        assert_eq!(news["entries"], json!([]), "nothing was done");
        let entries = json!([{"from_path": path("a"), "to_path": path("b")}]);
        let result = done(&fake, &route, &check, json!({"entries": entries})).await;
        assert_eq!(result["entries"][0]["metadata"]["name"], "b");
        assert_eq!(result["entries"][0].get(".tag"), None);
    }
}

#[tokio::test]
async fn a_job_is_known_to_its_own_check_its_account_and_its_app_for_a_day() {
    // RT-11, RT-13, RQ-02
    let fake = Fake::of_2025();
    let launched = fake
        .ok(
            "files/delete_batch",
            json!({"entries": [{"path": "/none"}]}),
        )
        .await;
    let argument = json!({"async_job_id": launched["async_job_id"]}).to_string();
    let unknown = json!({".tag": "invalid_async_job_id"});
    for _ in 0..2 {
        assert_eq!(
            fake.rpc("files/delete_batch/check", &argument).await.status,
            200
        );
    }
    for (token, route) in [
        ("somebody", "files/delete_batch/check"),
        ("test", "files/create_folder_batch/check"),
    ] {
        let reply = fake.rpc_as(token, route, &argument).await;
        refused(&reply, "invalid_async_job_id", unknown.clone());
    }
    fake.app
        .clock
        .change(None, Change::Advance(Duration::from_hours(25)));
    let reply = fake.rpc("files/delete_batch/check", &argument).await;
    refused(&reply, "invalid_async_job_id", unknown);
    for (argument, words) in [
        ("{}", "missing required field 'async_job_id'"),
        (
            r#"{"async_job_id":""}"#,
            "async_job_id: '' must be at least 1 characters, got 0",
        ),
    ] {
        let reply = fake.rpc("files/delete_batch/check", argument).await;
        assert!(
            reply.status == 400 && reply.text().ends_with(words),
            "{}",
            reply.text()
        );
    }
}

#[tokio::test]
async fn sessions_are_started_in_batches_and_the_older_finish_is_a_job() {
    // RT-57, RT-65, RT-66, RQ-08
    let fake = Fake::of_2025();
    let started = fake
        .ok(
            "files/upload_session/start_batch",
            json!({"num_sessions": 2}),
        )
        .await;
    let ids = started["session_ids"].as_array().expect("ids");
    assert!(ids.len() == 2 && ids[0] != ids[1], "{ids:?}");
    for (id, close) in [(&ids[0], true), (&ids[1], false)] {
        let argument = json!({"cursor": {"session_id": id, "offset": 0}, "close": close});
        let reply = fake
            .content_as("test", "files/upload_session/append_v2", &argument, "hello")
            .await;
        assert_eq!(reply.status, 200);
    }
    let entry = |id: &Value, path: &str| json!({"cursor": {"session_id": id, "offset": 5}, "commit": {"path": path}});
    let entries =
        json!({"entries": [entry(&ids[0], "/a"), entry(&ids[1], "/b"), entry(&ids[0], "/c")]});
    let route = "files/upload_session/finish_batch";
    let result = done(&fake, route, &format!("{route}/check"), entries).await;
    assert_eq!(
        tags(&result),
        [
            "success",
            "lookup_failed,lookup_failed:not_closed",
            "lookup_failed,lookup_failed:not_found",
        ]
    );
    assert_eq!(result["entries"][0]["name"], "a");
    let direct = json!({"entries": [entry(&ids[1], "/b")]});
    let direct = fake
        .ok("files/upload_session/finish_batch_v2", direct)
        .await;
    assert_eq!(tags(&direct), ["lookup_failed,lookup_failed:not_closed"]);
    let reply = fake
        .rpc("files/upload_session/start_batch", r#"{"num_sessions":0}"#)
        .await;
    assert_eq!(
        reply.text(),
        "Error in call to API function \"files/upload_session/start_batch\": request body: num_sessions: 0 is not within range [1, 1000]"
    );
}

#[tokio::test]
async fn arguments_of_batches_are_judged_in_each_place() {
    // RT-31, RT-41, RT-48
    let fake = Fake::of_2025();
    for (route, argument, words) in [
        (
            "files/create_folder_batch",
            "{}",
            "missing required field 'paths'",
        ),
        (
            "files/create_folder_batch",
            r#"{"paths":"/a"}"#,
            "paths: expected list, got string",
        ),
        (
            "files/create_folder_batch",
            r#"{"paths":["a"]}"#,
            "paths: 'a' did not match pattern '(/(.|[\\r\\n])*)|(ns:[0-9]+(/(.|[\\r\\n])*)?)'",
        ),
        (
            "files/copy_batch_v2",
            r#"{"entries":[]}"#,
            "entries: '[]' has fewer than 1 items",
        ),
        (
            "files/move_batch",
            r#"{"entries":[{"from_path":"/a"}]}"#,
            "entries: missing required field 'to_path'",
        ),
        (
            "files/delete_batch",
            r#"{"entries":["/a"]}"#,
            "entries: expected object, got string",
        ),
    ] {
        let reply = fake.rpc(route, argument).await;
        assert_eq!(reply.status, 400, "{argument}");
        assert!(
            reply.text().ends_with(words),
            "{argument}: {}",
            reply.text()
        );
    }
    let too_many = json!({"entries": vec![json!({"path": "/a"}); 1001]});
    let reply = fake.rpc("files/delete_batch", &too_many.to_string()).await;
    assert!(reply.status == 400 && reply.text().contains("has more than 1000 items"));
}
