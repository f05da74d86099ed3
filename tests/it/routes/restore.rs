//! Restoring what was there.

use super::{conflict, refused};
use crate::support::Fake;
use serde_json::json;

#[tokio::test]
async fn a_revision_is_restored_as_a_new_one() {
    // RT-102, RT-103, RQ-16
    let fake = Fake::of_2025();
    let first = fake.file("/a", "one").await;
    let second = fake.file("/a", "two").await;
    let argument = json!({"path": "/a", "rev": first["rev"]});
    let restored = fake.ok("files/restore", argument).await;
    assert_eq!(restored.get(".tag"), None);
    assert_eq!(restored["id"], first["id"]);
    assert_eq!(restored["content_hash"], first["content_hash"]);
    assert_eq!(restored["client_modified"], first["client_modified"]);
    assert!(restored["rev"] != first["rev"] && restored["rev"] != second["rev"]);
    let revisions = fake.ok("files/list_revisions", json!({"path": "/a"})).await;
    assert_eq!(revisions["entries"].as_array().map(Vec::len), Some(3));
    let same = json!({"path": "/a", "rev": restored["rev"]});
    assert_eq!(fake.ok("files/restore", same).await, restored);
    // What was deleted comes back as itself, elsewhere it is another file.
    fake.ok("files/delete_v2", json!({"path": "/a"})).await;
    let back = json!({"path": "/a", "rev": second["rev"]});
    assert_eq!(fake.ok("files/restore", back).await["id"], first["id"]);
    let copy = json!({"path": "/deep/b", "rev": second["rev"]});
    assert_ne!(fake.ok("files/restore", copy).await["id"], first["id"]);
}

#[tokio::test]
async fn a_restore_says_why_not() {
    // RT-102, RT-106
    let fake = Fake::of_2025();
    let file = fake.file("/a", "x").await;
    fake.file("/dir/b", "x").await;
    for (path, rev, summary, error) in [
        (
            "/a",
            &json!("0123456789"),
            "invalid_revision",
            json!({".tag": "invalid_revision"}),
        ),
        (
            "/dir",
            &file["rev"],
            "path_write/conflict/folder",
            conflict("path_write", "folder"),
        ),
        (
            "/a/b",
            &file["rev"],
            "path_write/conflict/file_ancestor",
            conflict("path_write", "file_ancestor"),
        ),
    ] {
        let argument = json!({"path": path, "rev": rev});
        let reply = fake.rpc("files/restore", &argument.to_string()).await;
        refused(&reply, summary, error);
    }
    for (argument, words) in [
        (
            json!({"path": "/a", "rev": "1"}),
            "rev: '1' must be at least 9 characters, got 1",
        ),
        (
            json!({"path": "/a", "rev": "ABCDEFGHIJ"}),
            "rev: 'ABCDEFGHIJ' did not match pattern '[0-9a-f]+'",
        ),
    ] {
        let reply = fake.rpc("files/restore", &argument.to_string()).await;
        assert!(
            reply.status == 400 && reply.text().ends_with(words),
            "{}",
            reply.text()
        );
    }
    let reply = fake
        .rpc("files/permanently_delete", r#"{"path":"/a"}"#)
        .await;
    assert_eq!(
        (reply.status, reply.text().as_str()),
        (
            400,
            "Error in call to API function \"files/permanently_delete\": Your API app is not allowed to call this function."
        )
    );
    fake.ok("files/get_metadata", json!({"path": "/a"})).await;
}
