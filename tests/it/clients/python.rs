//! The official Python SDK and `requests`.

use super::tools::{self, PATIENCE, command, data, once, run, skipped, step};
use super::{ROWS, fake};
use crate::support::Fake;
use std::path::PathBuf;
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

fn check(requirements: &str, way: &str, environment: impl FnOnce(&Fake) -> Vec<(String, String)>) {
    let python = match interpreter(requirements) {
        Ok(python) => python,
        Err(why) => return skipped(&format!("Python SDK ({requirements}, {way})"), &why),
    };
    let fake = fake();
    let mut program = command(python);
    program
        .arg(data("python/check.py"))
        .arg(super::accounts::TOKEN)
        .env("REQUESTS_CA_BUNDLE", fake.ca("ca.pem"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .envs(environment(&fake));
    let outcome = run(&mut program, PATIENCE).expect("the program ends");
    let outcome = outcome.expect("the Python SDK");
    assert_eq!(outcome.rows(), ROWS);
}

/// The variables by which the SDK is told other hosts. It speaks TLS to them.
fn by_host(fake: &Fake) -> Vec<(String, String)> {
    let authority = format!("localhost:{}", fake.address.port());
    [
        "API_HOST",
        "API_CONTENT_HOST",
        "API_NOTIFY_HOST",
        "WEB_HOST",
    ]
    .map(|name| (format!("DROPBOX_{name}"), authority.clone()))
    .into()
}

fn by_proxy(fake: &Fake) -> Vec<(String, String)> {
    vec![("HTTPS_PROXY".to_owned(), format!("http://{}", fake.address))]
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
