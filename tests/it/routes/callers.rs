//! Accounts, apps, tokens, teams.

use crate::support::{Fake, Reply, client};
use fake_dropbox::internals::control::clock::Change;
use fake_dropbox::internals::control::journal::Query;
use fake_dropbox::internals::dropbox::credentials::{App, AppAccess, Grant, Holder};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test]
async fn checks_and_accounts_answer() {
    // API-226 to API-230
    let fake = Fake::of_2025();
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
        let world = fake.app.world();
        let mut app = App::new("key");
        app.secret = Some("secret".into());
        world.credentials().declare_app(app);
        world
            .credentials()
            .declare_refresh_token("refresh", "test", Some("key"), None);
        for code in ["code-1", "code-2"] {
            world
                .credentials()
                .declare_code(code, "test", Some("key"), None, false);
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
    fake.app
        .world()
        .credentials()
        .revoke_refresh_token("refresh");
    let refusals = [
        (
            form(&with(&[("client_id", "key")])),
            r#"{"error": "invalid_grant", "error_description": "refresh token is invalid or revoked"}"#,
        ),
        (
            form(&code("code-1")),
            r#"{"error": "invalid_grant", "error_description": "code doesn't exist or has expired"}"#,
        ),
        (
            form(&with(&[("client_id", "key"), ("client_secret", "wrong")])),
            r#"{"error": "invalid_client: Invalid client_id or client_secret"}"#,
        ),
    ];
    for (request, body) in refusals {
        let reply = Reply::of(request).await;
        assert_eq!((reply.status, reply.text().as_str()), (400, body));
        // API-266: to whoever asks, and with fewer headers than any other answer.
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        for name in ["cache-control", "x-content-type-options", "vary"] {
            assert!(!reply.headers.contains_key(name), "{name}");
        }
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
    let fake = Fake::of_2025();
    {
        let world = fake.app.world();
        let now = fake.app.clock.now(None);
        let grant = || Grant::for_account("test");
        let mut app = App::new("poor");
        app.scopes = Some(BTreeSet::from(["account_info.read".to_owned()]));
        world.credentials().declare_app(app);
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
            world.credentials().declare_token(token, grant);
        }
    }
    fake.app
        .clock
        .change(None, Change::Advance(Duration::from_secs(1)));
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
    fake.app.world().credentials().open = false;
    let reply = fake.rpc_as("nobody", mint, argument).await;
    assert_eq!(
        (reply.status, &reply.json()["error"][".tag"]),
        (401, &"invalid_access_token".into())
    );
}

#[tokio::test]
async fn a_link_of_an_app_folder_writes_there() {
    // API-69, API-212, UL-05
    let fake = Fake::of_2025();
    {
        let world = fake.app.world();
        let mut app = App::new("sandbox");
        app.access = AppAccess::AppFolder("Photos".into());
        world.credentials().declare_app(app);
        world.credentials().declare_token(
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
async fn a_path_root_that_is_json_and_none_is_told_what_is_wrong_with_it() {
    // API-265
    let fake = Fake::of_2025();
    for (root, words) in [
        (
            r#""nowhere""#,
            "Dropbox-API-Path-Root: unknown tag 'nowhere'",
        ),
        (
            r#"{".tag":"nowhere"}"#,
            "Dropbox-API-Path-Root: unknown tag 'nowhere'",
        ),
        (
            r#"{"root":"1"}"#,
            "Dropbox-API-Path-Root: missing '.tag' key",
        ),
        (
            r#"{".tag":"root"}"#,
            "Dropbox-API-Path-Root: missing 'root' key",
        ),
    ] {
        let request = client()
            .post(fake.url("/2/files/list_folder"))
            .bearer_auth("test")
            .header("content-type", "application/json")
            .header("dropbox-api-path-root", root)
            .body(r#"{"path":""}"#);
        let reply = Reply::of(request).await;
        assert_eq!(
            (reply.status, reply.text()),
            (
                400,
                format!("Error in call to API function \"files/list_folder\": {words}")
            ),
            "{root}"
        );
    }
}

#[tokio::test]
async fn a_member_of_a_team_is_chosen_and_a_path_root_is_frozen_into_the_link() {
    // API-68, API-109, API-111, API-112, UL-88
    let fake = Fake::start();
    fake.app.world().credentials().declare_token(
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
    assert!(
        fake.app
            .world()
            .account("anna")
            .lock()
            .home_view()
            .namespace_id()
            > 0
    );
    let reply = fake
        .rpc_as("anna", "files/get_metadata", r#"{"path":"/a"}"#)
        .await;
    assert_eq!(reply.status, 200);

    let home = fake
        .app
        .world()
        .account("anna")
        .lock()
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

#[tokio::test]
async fn a_token_of_impossible_shape_is_a_401_and_the_journal_says_why() {
    // API-40
    let fake = Fake::start();
    let long = format!("Bearer {}", "t".repeat(60_000));
    let values = ["Bearer a,b", "Bearer {t}", &long];
    for value in values {
        let request = client()
            .post(fake.url("/2/users/get_current_account"))
            .header("authorization", value)
            .header("content-type", "application/json")
            .body("null");
        let reply = Reply::of(request).await;
        assert_eq!(reply.status, 401, "{value:.40}: {}", reply.text());
        assert_eq!(reply.json()["error"][".tag"], "invalid_access_token");
    }
    let entries = fake
        .app
        .journal
        .entries(&Query::route("users/get_current_account"));
    for entry in &entries {
        let note = entry.note.as_deref().expect("a note");
        assert!(note.contains("no bearer token has"), "{note}");
    }
    assert_eq!(entries.len(), values.len());
    assert!(fake.app.world().accounts().is_empty(), "none is kept");
}
