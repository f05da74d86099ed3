//! Property groups, from each way of a commit to each route that tells them.

use crate::support::Fake;
use fake_dropbox::internals::control::journal::Query;
use serde_json::{Value, json};

const TEMPLATE: &str = "ptid:1a5n2i6d3OYEAAAAAAAAAYa";

fn fake_with_template(dialect: &str) -> Fake {
    let fake = Fake::assuming(&[("dialect", dialect)]);
    let account = fake.app.world().account("test");
    let fields = vec!["color".to_owned()];
    account.lock().state.templates.add(TEMPLATE, fields);
    fake
}

fn groups(color: &str) -> Value {
    json!([{"template_id": TEMPLATE, "fields": [{"name": "color", "value": color}]}])
}

fn filter() -> Value {
    json!({".tag": "filter_some", "filter_some": [TEMPLATE]})
}

#[tokio::test]
async fn groups_of_every_commit_come_back_to_who_asks_for_their_template() {
    // UL-137, API-276
    for dialect in ["2025", "2026"] {
        let fake = fake_with_template(dialect);
        let unasked = if dialect == "2026" {
            json!([])
        } else {
            Value::Null
        };
        let info = |path: &str| json!({"path": path, "property_groups": groups(path)});
        let uploaded = fake.upload(info("/upload"), "x").await;
        assert_eq!(uploaded.json()["property_groups"], unasked);
        let session = fake
            .content_as("test", "files/upload_session/start", &json!({}), "x")
            .await
            .json();
        let cursor = json!({"session_id": session["session_id"], "offset": 1});
        let finish = json!({"cursor": cursor, "commit": info("/session")});
        let finished = fake
            .content_as("test", "files/upload_session/finish", &finish, "")
            .await;
        assert_eq!(finished.json()["property_groups"], unasked);
        let link = fake
            .mint(&json!({"commit_info": info("/link")}).to_string())
            .await;
        assert_eq!(fake.consume(&link, "x").await.status, 200);
        for path in ["/upload", "/session", "/link"] {
            let asked = json!({"path": path, "include_property_groups": filter()});
            let told = fake.ok("files/get_metadata", asked).await;
            assert_eq!(told["property_groups"], groups(path), "{dialect} {path}");
            let told = fake.ok("files/get_metadata", json!({"path": path})).await;
            assert_eq!(told["property_groups"], unasked, "{dialect} {path}");
        }
        let asked = json!({"path": "", "limit": 1, "include_property_groups": filter()});
        let mut page = fake.ok("files/list_folder", asked).await;
        for path in ["/upload", "/session", "/link"] {
            assert_eq!(page["entries"][0]["property_groups"], groups(path));
            let cursor = json!({"cursor": page["cursor"]});
            page = fake.ok("files/list_folder/continue", cursor).await;
        }
    }
}

#[tokio::test]
async fn a_list_of_an_unknown_template_is_refused_and_metadata_are_not() {
    // API-277
    let fake = fake_with_template("2026");
    fake.file("/a", "x").await;
    let unknown = json!({".tag": "filter_some", "filter_some": ["ptid:none"]});
    for route in ["files/list_folder", "files/list_folder/get_latest_cursor"] {
        let asked = json!({"path": "", "include_property_groups": unknown});
        let refused = fake.rpc(route, &asked.to_string()).await;
        assert_eq!(refused.status, 409);
        assert_eq!(
            refused.text(),
            r#"{"error":{".tag":"template_error","template_error":{".tag":"template_not_found","template_not_found":"ptid:none"}},"error_summary":"template_error/template_not_found/"}"#
        );
    }
    let asked = json!({"path": "/a", "include_property_groups": unknown});
    let told = fake.ok("files/get_metadata", asked).await;
    assert_eq!(told["property_groups"], json!([]));
}

/// Whether each file or folder in an answer shows its groups, with where it stands; deleted entries
/// have none.
fn shown(place: &str, value: &Value, all: &mut Vec<(String, bool)>) {
    if let Some(object) = value.as_object() {
        let is_entry = object.contains_key("path_lower") && object.contains_key("id");
        let has_groups = object.contains_key("property_groups");
        if is_entry || has_groups {
            all.push((place.to_owned(), has_groups));
        }
        assert!(is_entry || !has_groups, "{place}: {value}");
    }
    let items: Vec<&Value> = match value {
        Value::Object(object) => object.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    for item in items {
        shown(place, item, all);
    }
}

#[tokio::test]
async fn files_and_folders_of_every_route_but_the_searches_have_groups_where_the_setting_says_always()
 {
    // API-278, AQ-18, RT-88
    for (dialect, setting, on_others, on_continue) in [
        ("2026", "as_dialect", true, true),
        ("2026", "never", false, false),
        ("2025", "as_dialect", false, true),
        ("2025", "always", true, true),
    ] {
        let settings = [("dialect", dialect), ("property_groups_in_lists", setting)];
        let fake = Fake::assuming(&settings);
        let start = fake
            .ok(
                "files/list_folder/get_latest_cursor",
                json!({"path": "", "recursive": true}),
            )
            .await;
        let mut all = Vec::new();
        let uploaded = fake.upload(json!({"path": "/a"}), "x").await.json();
        shown("files/upload", &uploaded, &mut all);
        let session = fake
            .content_as("test", "files/upload_session/start", &json!({}), "x")
            .await
            .json();
        let cursor = json!({"session_id": session["session_id"], "offset": 1});
        let finish = json!({"cursor": cursor, "commit": {"path": "/b"}});
        let finished = fake
            .content_as("test", "files/upload_session/finish", &finish, "")
            .await;
        shown("files/upload_session/finish", &finished.json(), &mut all);
        let downloaded = fake
            .content_as("test", "files/download", &json!({"path": "/a"}), "")
            .await;
        let result = serde_json::from_str(downloaded.header("dropbox-api-result"));
        shown("files/download", &result.expect("metadata"), &mut all);
        for (route, argument) in [
            ("files/create_folder_v2", json!({"path": "/folder"})),
            ("files/create_folder", json!({"path": "/older"})),
            ("files/create_folder_batch", json!({"paths": ["/one"]})),
            ("files/get_metadata", json!({"path": "/a"})),
            ("files/get_metadata", json!({"path": "/folder"})),
            ("files/list_folder", json!({"path": ""})),
            ("files/list_revisions", json!({"path": "/a"})),
            ("files/get_temporary_link", json!({"path": "/a"})),
            ("files/copy_v2", json!({"from_path": "/a", "to_path": "/c"})),
            ("files/move_v2", json!({"from_path": "/c", "to_path": "/d"})),
            (
                "files/copy",
                json!({"from_path": "/folder", "to_path": "/e"}),
            ),
            ("files/delete_v2", json!({"path": "/d"})),
            ("files/delete", json!({"path": "/e"})),
        ] {
            let before = all.len();
            shown(route, &fake.ok(route, argument).await, &mut all);
            assert!(all.len() > before, "{route} shows no entry");
        }
        for (place, is_shown) in std::mem::take(&mut all) {
            assert_eq!(is_shown, on_others, "{settings:?} {place}");
        }
        let cursor = json!({"cursor": start["cursor"]});
        let page = fake.ok("files/list_folder/continue", cursor).await;
        shown("files/list_folder/continue", &page, &mut all);
        assert!(page.to_string().contains("\"deleted\""), "{page}");
        assert!(
            all.iter().all(|(_, shown)| *shown == on_continue),
            "{all:?}"
        );
        let found = fake.ok("files/search_v2", json!({"query": "a"})).await;
        let mut found_groups = Vec::new();
        shown("files/search_v2", &found, &mut found_groups);
        assert!(found_groups.iter().all(|(_, shown)| !shown), "{found}");
        assert!(!found_groups.is_empty(), "{found}");
    }
}

#[tokio::test]
async fn the_filter_is_not_called_without_effect() {
    // API-276
    let fake = fake_with_template("2026");
    fake.file("/a", "x").await;
    let asked =
        json!({"path": "/a", "include_property_groups": filter(), "include_media_info": true});
    fake.ok("files/get_metadata", asked).await;
    let entries = fake.app.journal.entries(&Query::default());
    let last = entries.last().expect("an entry");
    assert_eq!(last.unused_fields, ["include_media_info"]);
}
