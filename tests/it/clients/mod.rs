//! Real clients, unmodified, against the fake. Their programs and pinned versions are in
//! `tests/clients`. What the machine lacks is skipped, and says so by name.

mod accounts;
mod browser;
mod curl;
mod dotenv;
mod java;
mod node;
mod page;
mod python;
mod rclone;
mod recipes;
mod rust_sdk;
mod tools;
mod trust;

use crate::cli::program::{Ended, program};
use crate::support::Fake;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

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
    with_accounts(Fake::start_for_clients())
}

/// The same in the spelling of another time: `2025`, or `mixed`, which draws for each answer.
fn fake_in(dialect: &str) -> Fake {
    with_accounts(Fake::start_for_clients_in(dialect))
}

/// Today's spelling.
const TODAY: &str = "2026";

/// The same with links under Dropbox's own names, for clients that come through it.
fn fake_with_production_links() -> Fake {
    with_accounts(Fake::start_with_tls())
}

fn with_accounts(fake: Fake) -> Fake {
    accounts::declare(&fake.app);
    accounts::trouble(&fake.app);
    fake
}

/// Gives a command the variables that `env` prints for this server, and none of its own. The
/// directory has the files that they name.
fn lead_by_env(command: &mut Command, fake: &Fake) -> TempDir {
    let directory = TempDir::new().expect("a directory");
    for (name, value) in variables(&env(fake, directory.path(), "json")) {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    directory
}

/// What `env` prints for this server.
fn env(fake: &Fake, directory: &Path, format: &str) -> String {
    let url = format!("http://{}", fake.address);
    let output = program()
        .args(["env", "--format", format, "--url", &url, "--dir"])
        .arg(directory)
        .output()
        .expect("it runs");
    let ended = Ended::of(output);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    ended.out
}

/// Variables from a JSON object.
fn variables(json: &str) -> BTreeMap<String, Option<String>> {
    serde_json::from_str(json).expect("variables")
}
