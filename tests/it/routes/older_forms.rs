//! The first forms of some routes, which many clients still call.

use super::{conflict, lookup, refused};
use crate::support::Fake;
use serde_json::json;

#[tokio::test]
async fn the_older_forms_of_folders_copies_and_moves_answer_without_a_wrapper() {
    // RT-17, RT-18, RT-22
    let fake = Fake::of_2025();
    let made = fake
        .rpc("files/create_folder", r#"{"path":"/Menu"}"#)
        .await
        .text();
    assert!(
        made.starts_with(
            r#"{"name": "Menu", "path_lower": "/menu", "path_display": "/Menu", "id": "id:"#
        ),
        "{made}"
    );
    let again = fake
        .ok(
            "files/create_folder",
            json!({"path": "/Menu", "autorename": true}),
        )
        .await;
    assert_eq!(again["name"], "Menu (1)");
    let file = fake.file("/Menu/soup", "leek").await;
    let copied = fake
        .ok(
            "files/copy",
            json!({"from_path": "/menu/soup", "to_path": "/Menu/stew", "allow_shared_folder": true, "allow_ownership_transfer": true}),
        )
        .await;
    assert_eq!(copied[".tag"], "file", "{copied}");
    assert_eq!(copied["path_display"], "/Menu/stew");
    assert_ne!(copied["id"], file["id"]);
    let moved = fake
        .rpc("files/move", r#"{"from_path":"/menu","to_path":"/Card"}"#)
        .await
        .text();
    assert!(
        moved.starts_with(r#"{".tag": "folder", "name": "Card", "path_lower": "/card""#),
        "{moved}"
    );
    for path in ["/Card/soup", "/Card/stew"] {
        fake.ok("files/get_metadata", json!({"path": path})).await;
    }
}

#[tokio::test]
async fn the_older_forms_refuse_as_the_newer_ones_do() {
    // RT-17, RT-23, RT-26
    let fake = Fake::start();
    fake.file("/a", "x").await;
    fake.file("/dir/b", "x").await;
    let make = fake.rpc("files/create_folder", r#"{"path":"/a"}"#).await;
    refused(&make, "path/conflict/file", conflict("path", "file"));
    for route in ["files/copy", "files/move"] {
        for (from, to, summary, error) in [
            (
                "/none",
                "/c",
                "from_lookup/not_found",
                lookup("from_lookup", "not_found"),
            ),
            ("/a", "/dir/b", "to/conflict/file", conflict("to", "file")),
            ("/a", "/dir", "to/conflict/folder", conflict("to", "folder")),
        ] {
            let argument = json!({"from_path": from, "to_path": to});
            let reply = fake.rpc(route, &argument.to_string()).await;
            refused(&reply, summary, error);
        }
    }
    fake.ok("files/get_metadata", json!({"path": "/a"})).await;
}

#[tokio::test]
async fn the_older_append_takes_the_cursor_alone() {
    // RT-20
    let fake = Fake::of_2025();
    let started = fake
        .content_as("test", "files/upload_session/start", &json!({}), "hel")
        .await
        .json();
    let id = &started["session_id"];
    let append = "files/upload_session/append";
    let argument = json!({"session_id": id, "offset": 3});
    let reply = fake.content_as("test", append, &argument, "lo").await;
    assert_eq!((reply.status, reply.text().as_str()), (200, "null"));
    let reply = fake.content_as("test", append, &argument, "lo").await;
    refused(
        &reply,
        "incorrect_offset",
        json!({".tag": "incorrect_offset", "correct_offset": 5}),
    );
    let closing = json!({"session_id": id, "offset": 5, "close": true});
    let reply = fake.content_as("test", append, &closing, "").await;
    assert_eq!(reply.status, 400);
    assert!(
        reply.text().ends_with("unknown field 'close'"),
        "{}",
        reply.text()
    );
    let finish = json!({"cursor": {"session_id": id, "offset": 5}, "commit": {"path": "/hello"}});
    let reply = fake
        .content_as("test", "files/upload_session/finish", &finish, "")
        .await;
    assert_eq!(reply.json()["size"], 5);
}
