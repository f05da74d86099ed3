//! Others' accounts, and what an account can do.

use super::refused;
use crate::support::Fake;
use serde_json::{Value, json};

#[tokio::test]
async fn accounts_are_told_in_the_order_asked_or_not_at_all() {
    // SH-133, SH-134, SH-135
    let fake = Fake::of_2025();
    let id = async |token: &str| {
        let me = fake
            .rpc_as(token, "users/get_current_account", "null")
            .await;
        me.json()["account_id"].clone()
    };
    let (me, other) = (id("test").await, id("other").await);
    let mine = fake
        .ok("users/get_account", json!({"account_id": me}))
        .await;
    assert_eq!(
        mine,
        json!({"account_id": me, "name": {"given_name": "Fake", "surname": "Dropbox", "familiar_name": "Fake", "display_name": "Fake Dropbox", "abbreviated_name": "FD"}, "email": "fake@example.com", "email_verified": true, "disabled": false, "is_teammate": true})
    );
    let both = json!({"account_ids": [other, me]});
    let both = fake.ok("users/get_account_batch", both).await;
    assert_eq!(
        (&both[0]["account_id"], &both[0]["is_teammate"]),
        (&other, &json!(false))
    );
    assert_eq!(both[1], mine);
    let nobody = format!("dbid:{}", "A".repeat(35));
    let argument = json!({"account_id": nobody}).to_string();
    let reply = fake.rpc("users/get_account", &argument).await;
    refused(&reply, "no_account", json!({".tag": "no_account"}));
    let argument = json!({"account_ids": [me, nobody, nobody]}).to_string();
    let reply = fake.rpc("users/get_account_batch", &argument).await;
    let error = json!({".tag": "no_account", "no_account": nobody});
    refused(&reply, "no_account", error);
    for (route, argument, words) in [
        (
            "users/get_account",
            json!({"account_id": "dbid:x"}),
            "account_id: 'dbid:x' must be at least 40 characters, got 6",
        ),
        (
            "users/get_account_batch",
            json!({"account_ids": []}),
            "account_ids: '[]' has fewer than 1 items",
        ),
        (
            "users/features/get_values",
            json!({"features": [{".tag": "x"}]}),
            "features: unknown tag 'x'",
        ),
    ] {
        let reply = fake.rpc(route, &argument.to_string()).await;
        assert!(
            reply.status == 400 && reply.text().ends_with(words),
            "{}",
            reply.text()
        );
    }
}

#[tokio::test]
async fn features_are_told_one_by_one() {
    // SH-136
    let fake = Fake::start();
    let features = json!({"features": [{".tag": "file_locking"}, {".tag": "paper_as_files"}]});
    let told: Value = fake.ok("users/features/get_values", features).await;
    assert_eq!(
        told,
        json!({"values": [
            {".tag": "file_locking", "file_locking": {".tag": "enabled", "enabled": false}},
            {".tag": "paper_as_files", "paper_as_files": {".tag": "enabled", "enabled": true}},
        ]})
    );
    let reply = fake
        .rpc("users/features/get_values", r#"{"features":[]}"#)
        .await;
    refused(
        &reply,
        "empty_features_list",
        json!({".tag": "empty_features_list"}),
    );
}
