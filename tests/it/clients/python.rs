//! The official Python SDK and `requests`.

use super::tools::{self, PATIENCE, command, data, once, run, skipped, step};
use super::{ROWS, TODAY, fake_in, lead_by_env};
use crate::support::Fake;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

pub const NEWEST: &str = "requirements.txt";
const OLDER: &str = "requirements-12.0.2.txt";

/// A Python of its own with these packages.
pub fn interpreter(requirements: &str) -> Result<PathBuf, String> {
    tools::version("python3", "--version")?;
    let list = data("python").join(requirements);
    let name = requirements.trim_end_matches(".txt");
    let directory = once(
        &format!("python-{name}"),
        std::slice::from_ref(&list),
        |directory| {
            step(
                command("python3").args(["-m", "venv"]).arg(directory),
                Duration::from_mins(1),
            )?;
            step(
                command(directory.join("bin/pip"))
                    .args(["install", "--quiet", "--disable-pip-version-check"])
                    .args([
                        "--retries",
                        "1",
                        "--timeout",
                        "15",
                        "--only-binary",
                        ":all:",
                    ])
                    .arg("-r")
                    .arg(&list),
                Duration::from_mins(3),
            )
        },
    )?;
    Ok(directory.join("bin/python"))
}

fn check<T>(requirements: &str, way: &str, lead: impl FnOnce(&mut Command, &Fake) -> T) {
    check_in(TODAY, requirements, way, lead);
}

fn check_in<T>(
    dialect: &str,
    requirements: &str,
    way: &str,
    lead: impl FnOnce(&mut Command, &Fake) -> T,
) {
    let python = match interpreter(requirements) {
        Ok(python) => python,
        Err(why) => return skipped(&format!("Python SDK ({requirements}, {way})"), &why),
    };
    let fake = fake_in(dialect);
    let mut program = command(python);
    program
        .arg(data("python/check.py"))
        .arg(super::accounts::TOKEN)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let _files = lead(&mut program, &fake);
    let outcome = run(&mut program, PATIENCE).expect("the program ends");
    let outcome = outcome.expect("the Python SDK");
    assert_eq!(outcome.rows(), ROWS);
}

/// The variables by which the SDK is told other hosts. It speaks TLS to them.
fn by_host(program: &mut Command, fake: &Fake) {
    let authority = format!("localhost:{}", fake.address.port());
    for name in [
        "API_HOST",
        "API_CONTENT_HOST",
        "API_NOTIFY_HOST",
        "WEB_HOST",
    ] {
        program.env(format!("DROPBOX_{name}"), &authority);
    }
    program.env("REQUESTS_CA_BUNDLE", fake.ca("ca.pem"));
}

fn by_proxy(program: &mut Command, fake: &Fake) {
    program
        .env("HTTPS_PROXY", format!("http://{}", fake.address))
        .env("REQUESTS_CA_BUNDLE", fake.ca("ca.pem"));
}

#[test]
fn the_newest_python_sdk_by_host_variables() {
    check(NEWEST, "host variables", by_host);
}

#[test]
fn the_newest_python_sdk_through_the_proxy() {
    check(NEWEST, "proxy", by_proxy);
}

#[test]
fn an_older_python_sdk_by_host_variables() {
    check(OLDER, "host variables", by_host);
}

#[test]
fn an_older_python_sdk_through_the_proxy() {
    check(OLDER, "proxy", by_proxy);
}

#[test]
fn the_newest_python_sdk_by_the_variables_of_env() {
    check(NEWEST, "env", lead_by_env);
}

#[test]
fn an_older_python_sdk_by_the_variables_of_env() {
    check(OLDER, "env", lead_by_env);
}

#[test]
fn the_newest_python_sdk_in_the_spelling_of_2025() {
    check_in("2025", NEWEST, "host variables", by_host);
}

#[test]
fn an_older_python_sdk_where_both_spellings_come() {
    check_in("mixed", OLDER, "host variables", by_host);
}
