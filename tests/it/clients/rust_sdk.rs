//! The Rust SDK: with an HTTP client of its own making over plain HTTP, and its own client through
//! the proxy, which speaks nothing but HTTP/2.

use super::tools::{PATIENCE, command, data, kept, run, skipped, step};
use super::{ROWS, TODAY, fake_in, lead_by_env};
use crate::support::Fake;
use std::path::PathBuf;
use std::time::Duration;

/// Compiling the SDK and its TLS takes minutes on a small machine.
const BUILD: Duration = Duration::from_mins(15);

pub fn program() -> Result<PathBuf, String> {
    let target = kept().join("rust");
    step(
        command(env!("CARGO"))
            .args(["build", "--quiet", "--locked"])
            .arg("--manifest-path")
            .arg(data("rust/Cargo.toml"))
            .arg("--target-dir")
            .arg(&target)
            // What this workspace is built with is no business of that one.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS"),
        BUILD,
    )?;
    Ok(target.join("debug/rust-client"))
}

fn check(way: &str, origin: impl FnOnce(&Fake) -> String) {
    check_in(TODAY, way, origin);
}

fn check_in(dialect: &str, way: &str, origin: impl FnOnce(&Fake) -> String) {
    let program = match program() {
        Ok(program) => program,
        Err(why) => return skipped(&format!("Rust SDK ({way})"), &why),
    };
    let fake = fake_in(dialect);
    let origin = origin(&fake);
    let mut program = command(program);
    let _files = (way == "env").then(|| lead_by_env(&mut program, &fake));
    if way == "default client" {
        program
            .env("HTTPS_PROXY", format!("http://{}", fake.address))
            .env("SSL_CERT_FILE", fake.ca("ca.pem"));
    }
    program.args([&origin, super::accounts::TOKEN]);
    let outcome = run(&mut program, PATIENCE).expect("the program ends");
    assert_eq!(outcome.expect("the Rust SDK").rows(), ROWS);
}

#[test]
fn the_rust_sdk_with_an_http_client_of_its_own() {
    check("own HTTP client", |fake| format!("http://{}", fake.address));
}

#[test]
fn the_rust_sdks_default_client_through_the_proxy() {
    check("default client", |_| "-".to_owned());
}

#[test]
fn the_rust_sdks_default_client_by_the_variables_of_env() {
    check("env", |_| "-".to_owned());
}

#[test]
fn the_rust_sdk_in_either_spelling_of_another_time() {
    for dialect in ["2025", "mixed"] {
        check_in(dialect, "own HTTP client", |fake| {
            format!("http://{}", fake.address)
        });
    }
}
