//! `check`, `users` and `auth`.

use super::{Call, Reply};
use crate::rules::Rule;
use crate::wire::account;
use crate::wire::arguments::accounts::{Echo, Void};
use serde_json::Value;

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
