//! What is refused by its head, in which order and in which words.

use crate::support::{Fake, Reply, client};
use fake_dropbox::internals::control::journal::Query;
use fake_dropbox::internals::dropbox::credentials::{App, AppAccess, Grant};
use serde_json::{Value, json};

const FRAME: &str = "Error in call to API function";

/// Each route that refuses the root folder as its argument, with such an argument.
fn about_the_root() -> Vec<(&'static str, Value, &'static str)> {
    let root = "The root folder is unsupported.";
    let empty = "Specify the root folder as an empty string rather than as \"/\".";
    vec![
        ("files/list_folder", json!({"path": "/"}), empty),
        (
            "files/list_folder/get_latest_cursor",
            json!({"path": "/"}),
            empty,
        ),
        ("files/get_metadata", json!({"path": "/"}), root),
        ("files/get_metadata", json!({"path": ""}), root),
        ("files/upload", json!({"path": "/"}), root),
        (
            "files/upload_session/finish",
            json!({"cursor": {"session_id": "x", "offset": 0}, "commit": {"path": "/"}}),
            root,
        ),
        (
            "sharing/create_shared_link_with_settings",
            json!({"path": "/"}),
            root,
        ),
    ]
}

async fn with_root(fake: &Fake, token: &str, route: &str, argument: &Value, root: &str) -> Reply {
    let is_content = matches!(route, "files/upload" | "files/upload_session/finish");
    let request = client()
        .post(fake.url(&format!("/2/{route}")))
        .bearer_auth(token)
        .header("dropbox-api-path-root", root);
    let argument = argument.to_string();
    Reply::of(if is_content {
        request
            .header("content-type", "application/octet-stream")
            .header("dropbox-api-arg", argument)
            .body("x")
    } else {
        request
            .header("content-type", "application/json")
            .body(argument)
    })
    .await
}

#[tokio::test]
async fn the_path_root_is_judged_before_a_path_that_is_the_root_folder() {
    // API-279
    let fake = Fake::of_2025();
    {
        let mut credentials = fake.app.world().credentials();
        credentials.declare_app(App {
            access: AppAccess::AppFolder("app".to_owned()),
            ..App::new("sandbox")
        });
        credentials.declare_token(
            "sandboxed",
            Grant {
                app: "sandbox".into(),
                ..Grant::for_account("sandboxed")
            },
        );
    }
    let foreign = r#"{".tag":"namespace_id","namespace_id":"938429923"}"#;
    let wrong = r#"{".tag":"root","root":"938429923"}"#;
    for (route, argument, words) in about_the_root() {
        let reply = with_root(&fake, "test", route, &argument, foreign).await;
        assert_eq!(reply.status, 422, "{route}: {}", reply.text());
        assert_eq!(reply.json()["error"][".tag"], "no_permission");
        let reply = with_root(&fake, "test", route, &argument, wrong).await;
        assert_eq!(reply.status, 422, "{route}: {}", reply.text());
        assert_eq!(reply.json()["error"][".tag"], "invalid_root");
        let reply = with_root(&fake, "test", route, &argument, r#""nowhere""#).await;
        let unknown = "Dropbox-API-Path-Root: unknown tag 'nowhere'";
        assert_eq!(reply.text(), format!("{FRAME} \"{route}\": {unknown}"));
        let reply = with_root(&fake, "sandboxed", route, &argument, r#""home""#).await;
        let sandbox = "Path root is not supported for sandbox app.";
        assert_eq!(reply.text(), format!("{FRAME} \"{route}\": {sandbox}"));
        // With a good one the sentence follows as before.
        let reply = with_root(&fake, "test", route, &argument, r#""home""#).await;
        assert_eq!(reply.status, 400);
        assert!(
            reply.text().ends_with(words),
            "{route} {argument}: {}",
            reply.text()
        );
    }
}

#[tokio::test]
async fn another_fault_of_an_argument_is_told_before_the_path_root() {
    // AQ-03
    let fake = Fake::of_2025();
    let foreign = r#"{".tag":"namespace_id","namespace_id":"938429923"}"#;
    let argument = json!({"path": "a"});
    let reply = with_root(&fake, "test", "files/list_folder", &argument, foreign).await;
    assert_eq!(reply.status, 400, "{}", reply.text());
}

async fn with_authorization(fake: &Fake, value: &str) -> Reply {
    let request = client()
        .post(fake.url("/2/check/user"))
        .header("authorization", value)
        .header("content-type", "application/json")
        .body("{}");
    Reply::of(request).await
}

#[tokio::test]
async fn a_token_with_a_space_or_a_quote_is_no_authorization() {
    // API-280
    let values = [
        "Bearer access_token=\"#secret-of-mine\"",
        "Bearer secret-of-mine secret-of-mine",
        "Bearer secret-of-mine, Bearer secret-of-mine",
        "bearer \"secret-of-mine\"",
    ];
    let fake = Fake::of_2025();
    for value in values {
        let reply = with_authorization(&fake, value).await;
        let echo = value.replace('"', "\\\"");
        let words = format!(
            "Invalid authorization value in HTTP header \"Authorization\": \"{echo}\".  Expecting \"Bearer <oauth2-access-token>\"."
        );
        assert_eq!(
            (reply.status, reply.text()),
            (400, format!("{FRAME} \"check/user\": {words}"))
        );
    }
    // The echo does not bring the token into the journal.
    let kept: Vec<String> = fake
        .app
        .journal
        .entries(&Query::default())
        .iter()
        .map(|entry| serde_json::to_string(&**entry).expect("plain data"))
        .collect();
    assert_eq!(kept.len(), values.len());
    for entry in kept {
        assert!(!entry.contains("secret-of-mine"), "{entry}");
    }
    let today = Fake::start();
    let reply = with_authorization(&today, values[0]).await;
    assert_eq!(
        (reply.status, reply.text()),
        (
            400,
            format!(
                "{FRAME} \"check/user\": Invalid authorization value in HTTP header/URL parameter [placeholder of fake-dropbox: the real text is not known]"
            )
        )
    );
    assert_eq!(with_authorization(&today, "Bearer {t}").await.status, 401);
}

#[tokio::test]
async fn a_route_with_a_version_is_named_as_its_dialect_does() {
    // API-281
    let mark = "[placeholder of fake-dropbox: the real text is not known]";
    for (dialect, append, folder) in [
        (
            "2025",
            "files/upload_session/append:2\": ".to_owned(),
            "files/create_folder_v2\": ",
        ),
        (
            "2026",
            format!("files/upload_session/append_v2\": {mark} "),
            "files/create_folder_v2\": ",
        ),
    ] {
        let fake = Fake::assuming(&[("dialect", dialect)]);
        let unknown = json!({"path": "/a", "x": 1});
        let reply = fake
            .content_as("test", "files/upload_session/append_v2", &unknown, "x")
            .await;
        let frame = format!("{FRAME} \"{append}");
        assert!(reply.text().starts_with(&frame), "{}", reply.text());
        let reply = fake
            .rpc("files/create_folder_v2", &unknown.to_string())
            .await;
        let frame = format!("{FRAME} \"{folder}");
        assert!(reply.text().starts_with(&frame), "{}", reply.text());
        assert!(!reply.text().contains(mark), "{}", reply.text());
        if dialect == "2026" {
            continue;
        }
        // Where the words name it, too.
        let elsewhere = client()
            .post(fake.url("/2/files/upload_session/append_v2"))
            .header("host", "api.dropboxapi.com");
        let reply = Reply::of(elsewhere).await;
        let name = append.split('"').next().expect("a name");
        assert_eq!(reply.text().matches(name).count(), 2, "{}", reply.text());
    }
}

#[tokio::test]
async fn a_code_gives_a_refresh_token_only_where_offline_access_was_asked_for() {
    // API-117
    let fake = Fake::start();
    let exchange = async |code: &str, more: &[(&str, &str)]| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", "key"),
        ];
        let form = [&fields[..], more].concat();
        let request = client().post(fake.url("/oauth2/token")).form(&form);
        let reply = Reply::of(request).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json().get("refresh_token").is_some()
    };
    assert!(!exchange("1", &[]).await);
    assert!(!exchange("2", &[("token_access_type", "online")]).await);
    assert!(exchange("3", &[("token_access_type", "offline")]).await);
    // Or where it was said with the code; with a scope that no route asks for (API-282).
    for (offline, status) in [(json!(true), 200), (json!("yes"), 400)] {
        let code = json!({"code": "4", "account": "test", "scopes": ["contacts.read"], "offline": offline});
        let declared = client()
            .post(fake.url("/_fake/v1/renewals"))
            .header("content-type", "application/json")
            .body(code.to_string());
        let declared = Reply::of(declared).await;
        assert_eq!(declared.status, status, "{}", declared.text());
    }
    assert!(exchange("4", &[]).await);
}

#[tokio::test]
async fn the_journal_warns_of_an_authorization_at_a_link() {
    // UL-191, OQ-22
    let fake = Fake::start();
    for (token, is_warned) in [(None, false), (Some("anything"), true)] {
        let path = format!("/{is_warned}");
        let argument = json!({"commit_info": {"path": path}}).to_string();
        let mut request = client()
            .post(fake.mint(&argument).await)
            .header("content-type", "application/octet-stream")
            .body("x");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        assert_eq!(Reply::of(request).await.status, 200);
        let entries = fake.app.journal.entries(&Query::route("upload_link"));
        let last = entries.last().expect("an entry");
        let note = last.note.as_deref().unwrap_or_default();
        assert_eq!(note.contains("Authorization"), is_warned, "{note}");
        let rests = last.rules.iter().any(|rule| rule.id() == "UL-191");
        assert_eq!(rests, is_warned, "{:?}", last.rules);
    }
}
