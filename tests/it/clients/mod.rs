//! Real clients, unmodified, against the fake. Their programs and pinned versions are in
//! `tests/clients`. What the machine lacks is skipped, and says so by name.

mod accounts;
mod browser;
mod curl;
mod java;
mod node;
mod python;
mod rclone;
mod recipes;
mod rust_sdk;
mod tools;

use crate::support::Fake;

/// What every SDK goes through, in this order; each of its programs says when a row is done.
const ROWS: &[&str] = &[
    "mint_with_every_field",
    "consume",
    "read_back",
    "used_link",
    "autorename",
    "link_conflict",
    "link_without_type",
    "bad_input",
    "expired_token",
    "missing_scope",
    "api_error",
    "path_root",
    "rate_limit",
    "rate_limit_retried",
    "server_error",
    "server_error_retried",
    "refresh",
    "revoked_refresh",
];

/// A server for TLS and plain HTTP, with the tokens and the trouble that the programs expect.
fn fake() -> Fake {
    let fake = Fake::start_with_tls();
    accounts::declare(&fake.app);
    accounts::trouble(&fake.app);
    fake
}
