//! Others' accounts, and features.

use serde_json::{Value, json};

use crate::cases::case::{Case, Needs};
use crate::failure::Verdict;
use crate::talk::context::Context;

pub const CASES: &[Case] = &[ACCOUNTS, FEATURES];

const ACCOUNTS: Case = Case::observed("users/others/accounts")
    .rules(&["SH-133", "SH-134", "SH-135"])
    .claim(
        "get_account tells of oneself as of a teammate, and an id that nobody has spoils a batch.",
    )
    .calls(4)
    .needing(Needs {
        fake_only: true,
        ..Needs::NOTHING
    })
    .run(|t| Box::pin(accounts(t)));

async fn accounts(t: &Context) -> Verdict {
    let me = t
        .rpc("users/get_current_account", json!(null))
        .await?
        .expect_status(200)?;
    let id = me.string_at("/account_id")?;
    let told = t
        .rpc("users/get_account", json!({"account_id": id}))
        .await?
        .expect_status(200)?
        .by(&["SH-134"])
        .expect_at("/is_teammate", true)?;
    let batch = t
        .rpc("users/get_account_batch", json!({"account_ids": [id]}))
        .await?
        .expect_status(200)?
        .by(&["SH-133", "SH-134"])
        .expect_at("/0/is_teammate", true)?;
    for key in ["account_id", "name", "email", "email_verified", "disabled"] {
        let known = me.at(&format!("/{key}"))?;
        told.clone().expect_at(&format!("/{key}"), known.clone())?;
        batch.clone().expect_at(&format!("/0/{key}"), known)?;
    }
    let nobody = format!("dbid:{}", "A".repeat(35));
    t.rpc("users/get_account_batch", json!({"account_ids": [nobody]}))
        .await?
        .by(&["SH-135"])
        .expect_error("no_account")?
        .expect_at("/error/no_account", nobody)?;
    Ok(())
}

const FEATURES: Case = Case::required("users/others/features")
    .rules(&["SH-136"])
    .claim("features/get_values tells each feature under its own name, and refuses an empty list.")
    .calls(2)
    .run(|t| Box::pin(features(t)));

async fn features(t: &Context) -> Verdict {
    let argument = json!({"features": [{".tag": "paper_as_files"}]});
    t.rpc("users/features/get_values", argument)
        .await?
        .expect_status(200)?
        .by(&["SH-136"])
        .expect_at("/values/0/.tag", "paper_as_files")?
        .expect_at("/values/0/paper_as_files/.tag", "enabled")?
        .expect_at_that(
            "/values/0/paper_as_files/enabled",
            "is a boolean",
            Value::is_boolean,
        )?;
    t.rpc("users/features/get_values", json!({"features": []}))
        .await?
        .by(&["SH-136"])
        .expect_error("empty_features_list")?;
    Ok(())
}
