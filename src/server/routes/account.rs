//! `check`, `users` and `auth`.

use super::{Call, Reply};
use crate::dropbox::errors::{FeaturesError, GetAccountBatchError, GetAccountError};
use crate::rules::Rule;
use crate::server::http::problem::Problem;
use crate::wire::account;
use crate::wire::arguments::accounts::{Echo, GetAccount, GetAccountBatch, GetFeatures, Void};
use serde_json::Value;
use std::sync::Arc;

pub(super) fn check(call: &mut Call<'_>) -> Reply {
    let Echo { query } = call.take();
    call.exchange
        .decided_by(&[Rule::new(if call.token().is_none() {
            "API-227"
        } else {
            "API-226"
        })]);
    Ok(account::echo(&query))
}

pub(super) fn get_current_account(call: &mut Call<'_>) -> Reply {
    let Void = call.take();
    call.exchange
        .decided_by(&[Rule::new("API-228"), Rule::new("API-230")]);
    Ok(account::full_account(call.account()))
}

pub(super) fn get_account(call: &mut Call<'_>) -> Reply {
    let GetAccount { account_id } = call.take();
    let found = basic_account(call, &account_id);
    call.exchange.decided_by(&[Rule::new("SH-134")]);
    found.ok_or_else(|| Problem::endpoint(GetAccountError::NoAccount, Rule::new("SH-135")))
}

/// One that nobody knows spoils all (SH-135).
pub(super) fn get_account_batch(call: &mut Call<'_>) -> Reply {
    let GetAccountBatch { account_ids } = call.take();
    let mut all = Vec::with_capacity(account_ids.len());
    for id in account_ids {
        let Some(found) = basic_account(call, &id) else {
            let error = GetAccountBatchError::NoAccount(id);
            return Err(Problem::endpoint(error, Rule::new("SH-135")));
        };
        all.push(found);
    }
    call.exchange.decided_by(&[Rule::new("SH-134")]);
    Ok(all.into())
}

fn basic_account(call: &mut Call<'_>, id: &str) -> Option<Value> {
    let caller = call.leave();
    let other = call.world.account_with_id(id)?;
    // Everybody is his own teammate (SH-134).
    let is_teammate = caller.is_some_and(|caller| Arc::ptr_eq(&other, &caller.account));
    let found = account::basic_account(&other.lock(), is_teammate);
    Some(found)
}

pub(super) fn get_features(call: &mut Call<'_>) -> Reply {
    let GetFeatures { features } = call.take();
    let rule = Rule::new("SH-136");
    if features.is_empty() {
        return Err(Problem::endpoint(FeaturesError::EmptyFeaturesList, rule));
    }
    call.exchange.decided_by(&[rule]);
    Ok(account::features(call.account(), &features))
}

pub(super) fn get_space_usage(call: &mut Call<'_>) -> Reply {
    let Void = call.take();
    call.exchange.decided_by(&[Rule::new("API-229")]);
    let state = &call.account().state;
    Ok(account::space_usage(state.tree.used(), state.quota.0))
}

pub(super) fn revoke(call: &mut Call<'_>) -> Reply {
    let Void = call.take();
    if let Some(token) = call.token() {
        call.world.credentials().revoke(token);
    }
    call.exchange.decided_by(&[Rule::new("API-08")]);
    Ok(Value::Null)
}
