//! Shared links by the API: made, listed, opened, changed and revoked.

use super::{lookup, refused};
use crate::support::{Fake, Reply, client};
use fake_dropbox::FakeDropbox;
use fake_dropbox::internals::control::clock::Change;
use fake_dropbox::internals::control::journal::Query;
use fake_dropbox::internals::dropbox::account::AccountType;
use fake_dropbox::internals::dropbox::credentials::{App, AppAccess, Grant};
use serde_json::{Value, json};
use std::time::Duration;

const CREATE: &str = "sharing/create_shared_link_with_settings";
const LIST: &str = "sharing/list_shared_links";
const METADATA: &str = "sharing/get_shared_link_metadata";
const FILE: &str = "sharing/get_shared_link_file";
const MODIFY: &str = "sharing/modify_shared_link_settings";
const REVOKE: &str = "sharing/revoke_shared_link";

impl Fake {
    /// Shares something of the account `test`; the url.
    pub async fn share(&self, path: &str) -> String {
        let link = self.ok(CREATE, json!({"path": path})).await;
        link["url"].as_str().expect("an address").to_owned()
    }

    /// The account pays for links with passwords and an end.
    pub fn pays(&self, account: &str, kind: AccountType) {
        self.app
            .world()
            .account(account)
            .lock()
            .profile
            .account_type = kind;
    }

    async fn call(&self, token: &str, route: &str, argument: Value) -> Reply {
        self.rpc_as(token, route, &argument.to_string()).await
    }
}

fn tag(name: &str) -> Value {
    json!({".tag": name})
}

fn settings_error(name: &str) -> Value {
    json!({".tag": "settings_error", "settings_error": {".tag": name}})
}

#[tokio::test]
async fn a_link_of_a_free_account_is_as_it_was_recorded() {
    // SH-35, SH-36, SH-37, SH-38, SH-39, SH-56, SH-94
    let fake = Fake::of_2025();
    let file = fake
        .file("/Dir/shared file.txt", "eighteen bytes now")
        .await;
    let link = fake
        .ok(CREATE, json!({"path": "/dir/shared file.txt"}))
        .await;
    let keys: Vec<&String> = link.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            ".tag",
            "url",
            "id",
            "name",
            "path_lower",
            "link_permissions",
            "preview_type",
            "client_modified",
            "server_modified",
            "rev",
            "size"
        ]
    );
    assert_eq!(
        link["link_permissions"].to_string(),
        r#"{"resolved_visibility":{".tag":"public"},"requested_visibility":{".tag":"public"},"can_revoke":true,"visibility_policies":[{"policy":{".tag":"public"},"resolved_policy":{".tag":"public"},"allowed":true},{"policy":{".tag":"team_only"},"resolved_policy":{".tag":"team_only"},"allowed":false,"disallowed_reason":{".tag":"user_not_on_team"}},{"policy":{".tag":"password"},"resolved_policy":{".tag":"password"},"allowed":false,"disallowed_reason":{".tag":"user_account_type"}}],"can_set_expiry":false,"can_remove_expiry":true,"allow_download":true,"can_allow_download":true,"can_disallow_download":false,"allow_comments":true,"team_restricts_comments":false}"#
    );
    assert_eq!(
        (
            &link[".tag"],
            &link["id"],
            &link["rev"],
            &link["size"],
            &link["preview_type"]
        ),
        (
            &json!("file"),
            &file["id"],
            &file["rev"],
            &json!(18),
            &json!("text")
        )
    );
    let url = link["url"].as_str().expect("an address");
    let rest = url.strip_prefix(&fake.url("/scl/fi/")).expect("leads here");
    let (id, rest) = rest.split_once('/').expect("a name");
    let (name, rest) = rest.split_once("?rlkey=").expect("a key");
    let (key, rest) = rest.split_once('&').expect("more");
    assert_eq!(
        (id.len(), name, key.len(), rest),
        (21, "shared%20file.txt", 25, "dl=0")
    );
}

#[tokio::test]
async fn the_permissions_of_today_say_more_and_no_preview() {
    // SH-45
    let fake = Fake::start();
    fake.file("/a.txt", "a").await;
    let link = fake.ok(CREATE, json!({"path": "/a.txt"})).await;
    assert_eq!(link.get("preview_type"), None);
    assert_eq!(
        link["link_permissions"]["effective_audience"],
        tag("public")
    );
    assert_eq!(link["link_permissions"]["require_password"], false);
}

#[tokio::test]
async fn a_second_link_is_refused_and_the_first_is_told_where_nothing_was_set() {
    // SH-57, SH-58, SH-64
    let fake = Fake::of_2025();
    fake.file("/a.txt", "a").await;
    let first = fake.ok(CREATE, json!({"path": "/a.txt"})).await;
    let set = json!({"path": "/a.txt", "settings": {"requested_visibility": "public"}});
    refused(
        &fake.call("test", CREATE, set).await,
        "shared_link_already_exists",
        tag("shared_link_already_exists"),
    );
    let again = json!({"path": "/a.txt"});
    refused(
        &fake.call("test", CREATE, again.clone()).await,
        "shared_link_already_exists/metadata",
        json!({".tag": "shared_link_already_exists",
               "shared_link_already_exists": {".tag": "metadata", "metadata": first}}),
    );
    let never = Fake::assuming(&[("existing_link_metadata", "never")]);
    never.file("/a.txt", "a").await;
    never.share("/a.txt").await;
    let reply = never.call("test", CREATE, again).await;
    assert_eq!(
        reply.json()["error"],
        json!({".tag": "shared_link_already_exists", "shared_link_already_exists": null})
    );
}

#[tokio::test]
async fn a_path_that_cannot_be_shared_is_refused() {
    // SH-62, SH-70
    let fake = Fake::of_2025();
    for path in ["/no", "id:AAAAAAAAAAAAAAAAAAAAAA"] {
        let reply = fake.call("test", CREATE, json!({"path": path})).await;
        refused(&reply, "path/not_found", lookup("path", "not_found"));
    }
    assert_eq!(
        fake.call("test", CREATE, json!({"path": ""})).await.status,
        400
    );
    assert_eq!(fake.call("test", CREATE, json!({})).await.status, 400);
    let closed = json!({"path": "/a", "settings": {"requested_visibility": "no_one"}});
    assert_eq!(fake.call("test", CREATE, closed).await.status, 400);
    fake.file("/a.txt", "a").await;
    fake.app
        .world()
        .account("test")
        .lock()
        .profile
        .email_verified = false;
    let reply = fake.call("test", CREATE, json!({"path": "/a.txt"})).await;
    refused(&reply, "email_not_verified", tag("email_not_verified"));
}

#[tokio::test]
async fn settings_are_judged_by_the_right_to_them_then_by_their_sense() {
    // SH-66, SH-68, SH-69, SH-71
    let fake = Fake::of_2025();
    fake.file("/a.txt", "a").await;
    let ask = async |settings: Value| {
        let argument = json!({"path": "/a.txt", "settings": settings});
        fake.call("test", CREATE, argument).await
    };
    let paid = [
        json!({"expires": "2099-01-01T00:00:00Z"}),
        json!({"expires": "2000-01-01T00:00:00Z"}),
        json!({"require_password": true}),
        json!({"link_password": "p"}),
        json!({"requested_visibility": "password", "link_password": "p"}),
        json!({"allow_download": false}),
        json!({"audience": "team"}),
    ];
    for settings in paid {
        refused(
            &ask(settings).await,
            "settings_error/not_authorized",
            settings_error("not_authorized"),
        );
    }
    fake.pays("test", AccountType::Business);
    for settings in [
        json!({"expires": "2000-01-01T00:00:00Z"}),
        json!({"require_password": true}),
        json!({"requested_visibility": "password"}),
        json!({"require_password": true, "link_password": ""}),
        json!({"require_password": false, "link_password": "p"}),
        json!({"audience": "members"}),
        json!({"access": "editor"}),
    ] {
        refused(
            &ask(settings).await,
            "settings_error/invalid_settings",
            settings_error("invalid_settings"),
        );
    }
    let good = json!({"expires": "2099-01-01T00:00:00Z", "require_password": true, "link_password": "p",
                      "audience": "public", "access": "viewer", "allow_download": null});
    let link = ask(good).await.json();
    assert_eq!(link["expires"], "2099-01-01T00:00:00Z");
    assert_eq!(
        link["link_permissions"]["resolved_visibility"],
        tag("password")
    );
}

#[tokio::test]
async fn a_folder_has_a_link_for_viewers_and_one_for_editors() {
    // SH-71, SH-93
    let fake = Fake::start();
    fake.ok("files/create_folder_v2", json!({"path": "/d"}))
        .await;
    let viewers = fake.ok(CREATE, json!({"path": "/d"})).await;
    let editors = json!({"path": "/d", "settings": {"access": "editor"}});
    let editors = fake.ok(CREATE, editors).await;
    assert_ne!(viewers["url"], editors["url"]);
    assert_eq!(
        editors["link_permissions"]["link_access_level"],
        tag("editor")
    );
    assert!(
        viewers["url"]
            .as_str()
            .is_some_and(|url| url.contains("/scl/fo/"))
    );
    let links = fake.ok(LIST, json!({"path": "/d"})).await;
    assert_eq!(links["links"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn links_are_listed_with_those_of_the_folders_above() {
    // SH-20, SH-75, SH-76
    let fake = Fake::start();
    assert_eq!(
        fake.ok(LIST, json!({})).await,
        json!({"links": [], "has_more": false})
    );
    fake.file("/d/e/f.txt", "f").await;
    fake.file("/other.txt", "o").await;
    for path in ["/d", "/d/e", "/d/e/f.txt", "/other.txt"] {
        fake.share(path).await;
    }
    let listed = async |argument: Value| -> Vec<Value> {
        let links = fake.ok(LIST, argument).await;
        assert_eq!(links["has_more"], false);
        let links = links["links"].as_array().expect("a list").clone();
        links
            .into_iter()
            .map(|link| link["path_lower"].clone())
            .collect()
    };
    assert_eq!(
        listed(json!({"path": "/D/e/f.txt"})).await,
        ["/d/e/f.txt", "/d/e", "/d"]
    );
    let direct = json!({"path": "/d/e", "direct_only": true});
    assert_eq!(listed(direct).await, ["/d/e"]);
    assert_eq!(
        listed(json!({})).await,
        ["/other.txt", "/d/e/f.txt", "/d/e", "/d"]
    );
    // What is gone takes its link along.
    fake.ok("files/delete_v2", json!({"path": "/d"})).await;
    assert_eq!(listed(json!({})).await, ["/other.txt"]);
    let reply = fake.call("test", LIST, json!({"path": "/d"})).await;
    refused_2026(&reply, lookup("path", "not_found"));
    for cursor in ["", "x", "0.zz", "7.1"] {
        let reply = fake.call("test", LIST, json!({"cursor": cursor})).await;
        refused_2026(&reply, tag("reset"));
    }
}

#[track_caller]
fn refused_2026(reply: &Reply, error: Value) {
    assert_eq!((reply.status, &reply.json()["error"]), (409, &error));
}

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    // SH-75
    let fake = Fake::start();
    for number in 0..203 {
        let path = format!("/{number}");
        fake.upload(json!({"path": path}), "x").await;
        fake.share(&path).await;
    }
    let mut seen = Vec::new();
    let mut argument = json!({});
    loop {
        let page = fake.ok(LIST, argument).await;
        let links = page["links"].as_array().expect("a list");
        seen.extend(
            links
                .iter()
                .map(|link| link["name"].as_str().unwrap_or_default().to_owned()),
        );
        if page["has_more"] == false {
            assert_eq!(page.get("cursor"), None);
            break;
        }
        assert_eq!(links.len(), 100);
        argument = json!({"cursor": page["cursor"]});
    }
    let wanted: Vec<String> = (0..203).rev().map(|number| number.to_string()).collect();
    assert_eq!(seen, wanted);
}

#[tokio::test]
async fn anybody_opens_a_link_and_sees_less_than_who_made_it() {
    // SH-04, SH-16, SH-81, SH-85, SH-86, SH-89
    let fake = Fake::start();
    fake.file("/dir/a.txt", "hello").await;
    let url = fake.share("/dir/a.txt").await;
    let own = fake.ok(METADATA, json!({"url": url})).await;
    assert_eq!(own["path_lower"], "/dir/a.txt");
    let theirs = fake.call("bob", METADATA, json!({"url": url})).await.json();
    assert_eq!(theirs.get("path_lower"), None);
    let permissions = &theirs["link_permissions"];
    assert_eq!(
        (
            &permissions["can_revoke"],
            &permissions["revoke_failure_reason"]
        ),
        (&json!(false), &tag("owner_only"))
    );
    let argument = json!({"url": url});
    let bytes = fake.content_as("bob", FILE, &argument, "").await;
    assert_eq!((bytes.status, bytes.text().as_str()), (200, "hello"));
    let result: Value = serde_json::from_str(bytes.header("dropbox-api-result")).expect("JSON");
    assert_eq!(result, theirs);
    // An app by itself, too.
    let request = client()
        .post(fake.url(&format!("/2/{METADATA}")))
        .basic_auth("key", Some("secret"))
        .json(&argument);
    assert_eq!(Reply::of(request).await.json(), theirs);
    let folder = fake.share("/dir").await;
    let reply = fake
        .content_as("bob", FILE, &json!({"url": folder}), "")
        .await;
    refused_2026(&reply, tag("shared_link_is_directory"));
    for url in [
        "https://www.dropbox.com/sh/abcd/1234?dl=0",
        "https://example.com/",
        "nothing",
        "",
        &url.replace("/scl/fi/", "/scl/fi/x"),
    ] {
        let reply = fake.call("bob", METADATA, json!({"url": url})).await;
        refused_2026(&reply, tag("shared_link_not_found"));
    }
    let (without_key, _) = url.split_once('?').expect("a key");
    let reply = fake
        .call("bob", METADATA, json!({"url": without_key}))
        .await;
    refused_2026(&reply, tag("shared_link_access_denied"));
}

#[tokio::test]
async fn a_path_in_the_folder_of_a_link_is_opened_through_it() {
    // SH-87
    let fake = Fake::start();
    fake.file("/dir/in it/ä b.txt", "inner").await;
    fake.file("/outside.txt", "outside").await;
    let url = fake.share("/dir").await;
    let inner = json!({"url": url, "path": "/in it/ä b.txt"});
    let bytes = fake.content_as("bob", FILE, &inner, "").await;
    assert_eq!(bytes.text(), "inner");
    let result: Value = serde_json::from_str(bytes.header("dropbox-api-result")).expect("JSON");
    // Its address is one by itself.
    let bytes = fake
        .content_as("bob", FILE, &json!({"url": result["url"]}), "")
        .await;
    assert_eq!(bytes.text(), "inner");
    for path in ["/no", "/../outside.txt", "/in it/ä b.txt/x"] {
        let reply = fake
            .call("bob", METADATA, json!({"url": url, "path": path}))
            .await;
        refused_2026(&reply, tag("shared_link_not_found"));
    }
    let reply = fake
        .call("bob", METADATA, json!({"url": url, "path": "in it"}))
        .await;
    assert_eq!(reply.status, 400);
    let file = fake.share("/outside.txt").await;
    let ignored = json!({"url": file, "path": "/Prime_Numbers.txt"});
    assert_eq!(
        fake.call("bob", METADATA, ignored).await.json()["name"],
        "outside.txt"
    );
}

#[tokio::test]
async fn a_password_and_an_end_hold_others_up_and_not_the_owner() {
    // SH-83
    let fake = Fake::start();
    fake.pays("test", AccountType::Pro);
    fake.app.clock.change(None, Change::Freeze);
    fake.file("/a.txt", "a").await;
    let settings = json!({"require_password": true, "link_password": "geheim", "expires": "2099-01-01T00:00:00Z"});
    let link = fake
        .ok(CREATE, json!({"path": "/a.txt", "settings": settings}))
        .await;
    let url = &link["url"];
    for (password, status) in [
        (json!(null), 409),
        (json!("geheIm"), 409),
        (json!("geheim"), 200),
    ] {
        let argument = json!({"url": url, "link_password": password});
        let reply = fake.call("bob", METADATA, argument.clone()).await;
        assert_eq!(reply.status, status, "{argument}");
        assert_eq!(
            fake.content_as("bob", FILE, &argument, "").await.status,
            status
        );
    }
    fake.ok(METADATA, json!({"url": url})).await;
    let hundred_years = Change::Advance(Duration::from_hours(24 * 36_500));
    fake.app.clock.change(None, hundred_years);
    let late = json!({"url": url, "link_password": "geheim"});
    refused_2026(
        &fake.call("bob", METADATA, late).await,
        tag("shared_link_access_denied"),
    );
    assert_eq!(fake.ok(LIST, json!({})).await["links"][0]["url"], *url);
    let query = Query::default();
    for entry in fake.app.journal.entries(&query) {
        let printed = serde_json::to_string(&*entry).expect("JSON");
        assert!(!printed.contains("geheim"), "{printed}");
    }
}

#[tokio::test]
async fn settings_are_changed_and_taken_away() {
    // SH-22, SH-91
    let fake = Fake::start();
    fake.pays("test", AccountType::Business);
    fake.file("/a.txt", "a").await;
    let url = fake.share("/a.txt").await;
    let modify = async |settings: Value, remove: bool| {
        let argument = json!({"url": url, "settings": settings, "remove_expiration": remove});
        fake.call("test", MODIFY, argument).await
    };
    let changed = modify(
        json!({"expires": "2099-01-01T00:00:00Z", "link_password": "p", "audience": "team"}),
        false,
    )
    .await
    .json();
    assert_eq!(
        (&changed["url"], &changed["expires"]),
        (&json!(url), &json!("2099-01-01T00:00:00Z"))
    );
    assert_eq!(
        changed["link_permissions"]["resolved_visibility"],
        tag("team_and_password")
    );
    let changed = modify(json!({}), true).await.json();
    assert_eq!(changed.get("expires"), None);
    let changed = modify(
        json!({"require_password": false, "audience": "public"}),
        false,
    )
    .await
    .json();
    assert_eq!(
        changed["link_permissions"]["resolved_visibility"],
        tag("public")
    );
    for (settings, remove) in [
        (json!({}), false),
        (json!({"access": "editor"}), false),
        (json!({"expires": "2099-01-01T00:00:00Z"}), true),
    ] {
        refused_2026(
            &modify(settings, remove).await,
            settings_error("invalid_settings"),
        );
    }
    fake.pays("test", AccountType::Basic);
    refused_2026(
        &modify(json!({"link_password": "p"}), false).await,
        settings_error("not_authorized"),
    );
    let foreign = json!({"url": url, "settings": {"audience": "public"}});
    refused_2026(
        &fake.call("bob", MODIFY, foreign).await,
        tag("shared_link_access_denied"),
    );
    let bare = json!({"url": url});
    assert_eq!(fake.call("test", MODIFY, bare).await.status, 400);
}

#[tokio::test]
async fn a_link_is_revoked_once_and_by_its_owner() {
    // SH-07, SH-92
    let fake = Fake::of_2025();
    fake.file("/a.txt", "a").await;
    let url = fake.share("/a.txt").await;
    let argument = json!({"url": url});
    refused(
        &fake.call("bob", REVOKE, argument.clone()).await,
        "shared_link_access_denied",
        tag("shared_link_access_denied"),
    );
    assert_eq!(fake.ok(REVOKE, argument.clone()).await, Value::Null);
    refused(
        &fake.call("test", REVOKE, argument.clone()).await,
        "shared_link_not_found",
        tag("shared_link_not_found"),
    );
    for url in [
        "https://www.dropbox.com/abcdefghijklmno/a.txt?dl=0",
        "nothing",
    ] {
        let reply = fake.call("test", REVOKE, json!({"url": url})).await;
        refused(
            &reply,
            "shared_link_malformed",
            tag("shared_link_malformed"),
        );
    }
    assert_eq!(fake.call("bob", METADATA, argument).await.status, 409);
    assert_ne!(fake.share("/a.txt").await, url);
}

#[tokio::test]
async fn the_older_form_gives_the_link_that_is_there() {
    // SH-02, SH-72, SH-73
    let fake = Fake::of_2025();
    fake.file("/A.txt", "a").await;
    let old = "sharing/create_shared_link";
    let argument = json!({"path": "/a.TXT", "short_url": true});
    let first = fake.call("test", old, argument.clone()).await;
    let url = first.json()["url"].as_str().expect("an address").to_owned();
    assert_eq!(
        first.text(),
        format!(r#"{{"url": "{url}", "visibility": {{".tag": "public"}}, "path": "/a.TXT"}}"#)
    );
    assert_eq!(fake.call("test", old, argument).await.text(), first.text());
    let missing = fake.call("test", old, json!({"path": "/no"})).await;
    refused(&missing, "path/not_found", lookup("path", "not_found"));
}

#[tokio::test]
async fn a_link_follows_its_file_and_ends_with_it() {
    // SH-103
    let fake = Fake::start();
    fake.file("/a.txt", "a").await;
    let url = fake.share("/a.txt").await;
    fake.ok(
        "files/move_v2",
        json!({"from_path": "/a.txt", "to_path": "/d/b.txt"}),
    )
    .await;
    let moved = fake.ok(METADATA, json!({"url": url})).await;
    assert_eq!(moved["path_lower"], "/d/b.txt");
    fake.file("/d/b.txt", "new").await;
    assert_eq!(
        fake.content_as("bob", FILE, &json!({"url": url}), "")
            .await
            .text(),
        "new"
    );
    fake.ok("files/delete_v2", json!({"path": "/d"})).await;
    let reply = fake.call("bob", METADATA, json!({"url": url})).await;
    refused_2026(&reply, tag("shared_link_not_found"));
}

#[tokio::test]
async fn an_app_with_a_folder_of_its_own_sees_the_links_in_it() {
    let fake = Fake::start();
    fake.file("/Apps/Mine/in/a.txt", "a").await;
    fake.file("/out.txt", "o").await;
    let outside = fake.share("/out.txt").await;
    fake.share("/Apps/Mine/in/a.txt").await;
    {
        let mut credentials = fake.app.world().credentials();
        let mut app = App::new("key");
        app.access = AppAccess::AppFolder("Mine".into());
        credentials.declare_app(app);
        let grant = Grant {
            app: "key".into(),
            ..Grant::for_account("test")
        };
        credentials.declare_token("narrow", grant);
    }
    let links = fake.call("narrow", LIST, json!({})).await.json();
    assert_eq!(links["links"].as_array().map(Vec::len), Some(1));
    assert_eq!(links["links"][0]["path_lower"], "/in/a.txt");
    let theirs = fake
        .call("narrow", METADATA, json!({"url": outside}))
        .await
        .json();
    assert_eq!(theirs.get("path_lower"), None);
    let reply = fake.call("narrow", REVOKE, json!({"url": outside})).await;
    assert_eq!(reply.status, 409);
}

#[tokio::test]
async fn the_key_of_a_link_stands_in_no_journal() {
    let fake = Fake::start();
    fake.file("/a.txt", "a").await;
    let url = fake.share("/a.txt").await;
    let (_, key) = url.split_once("rlkey=").expect("a key");
    let key = &key[..25];
    fake.ok(METADATA, json!({"url": url})).await;
    fake.ok(LIST, json!({})).await;
    fake.content_as("bob", FILE, &json!({"url": url}), "").await;
    for entry in fake.app.journal.entries(&Query::default()) {
        let printed = format!(
            "{entry:?} {}",
            serde_json::to_string(&*entry).expect("JSON")
        );
        assert!(!printed.contains(key), "{printed}");
    }
    let made = fake.app.journal.entries(&Query::route(CREATE));
    assert_eq!(
        made[0].link.map(|link| link.to_string()).as_deref(),
        Some("shared:1")
    );
}

#[tokio::test]
async fn links_are_there_again_when_the_server_is() {
    let directory = tempfile::tempdir().expect("a directory");
    let start = || {
        let kept = Some(directory.path().join("kept"));
        let builder = FakeDropbox::builder().configure(|set| set.data_dir = kept);
        builder.start()
    };
    let ask = async |dropbox: &FakeDropbox, route: &str, argument: Value| {
        let request = client()
            .post(format!("{}/2/{route}", dropbox.api_url()))
            .bearer_auth("test")
            .json(&argument);
        Reply::of(request).await.json()
    };
    let key = |url: &Value| {
        url.as_str()
            .and_then(|url| Some(url.split_once("/scl/")?.1.to_owned()))
    };
    let dropbox = start().await;
    let mut made = Vec::new();
    for path in ["/d", "/d/e", "/f"] {
        ask(&dropbox, "files/create_folder_v2", json!({"path": path})).await;
        let link = ask(&dropbox, CREATE, json!({"path": path})).await;
        made.push(key(&link["url"]));
    }
    let url = ask(&dropbox, LIST, json!({"path": "/f"})).await["links"][0]["url"].clone();
    ask(&dropbox, REVOKE, json!({"url": url})).await;
    made.pop();
    made.reverse();
    drop(dropbox);
    let dropbox = start().await;
    let links = ask(&dropbox, LIST, json!({})).await;
    let links = links["links"].as_array().expect("a list");
    let urls: Vec<_> = links.iter().map(|link| key(&link["url"])).collect();
    assert_eq!(urls, made);
    let again = ask(&dropbox, CREATE, json!({"path": "/d"})).await;
    assert_eq!(again["error"][".tag"], "shared_link_already_exists");
}
