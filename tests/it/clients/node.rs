//! The official JavaScript SDK on Node.

use super::tools::{self, PATIENCE, command, data, once, run, skipped, step};
use super::{ROWS, fake};
use std::path::PathBuf;
use std::time::Duration;

/// The first Node that reads `HTTPS_PROXY` itself.
const NODE_WITH_ENV_PROXY: u32 = 24;

/// The directory in which the packages are installed, and the major version of Node.
pub fn packages() -> Result<(PathBuf, u32), String> {
    let version = tools::version("node", "--version")?;
    tools::version("npm", "--version")?;
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse().ok())
        .ok_or_else(|| format!("node says it is {version}"))?;
    let lists = ["package.json", "package-lock.json"].map(|name| data("node").join(name));
    let directory = once("node", &lists, |directory| {
        for list in &lists {
            let name = list.file_name().expect("a file");
            std::fs::copy(list, directory.join(name)).map_err(|error| error.to_string())?;
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
    })?;
    Ok((directory, major))
}

fn check(way: &str, rows: &[&str]) {
    let what = format!("JavaScript SDK ({way})");
    let (packages, major) = match packages() {
        Ok(found) => found,
        Err(why) => return skipped(&what, &why),
    };
    if way == "env" && major < NODE_WITH_ENV_PROXY {
        let why =
            format!("Node {major} does not read HTTPS_PROXY, Node {NODE_WITH_ENV_PROXY} does");
        return skipped(&what, &why);
    }
    let fake = fake();
    let mut program = command("node");
    program
        .arg(data("node/check.cjs"))
        .args([way, super::accounts::TOKEN])
        // The program is not where its packages are.
        .env("NODE_PATH", packages.join("node_modules"))
        .env("NODE_EXTRA_CA_CERTS", fake.ca("ca.pem"))
        .env(
            "FAKE_AUTHORITY",
            format!("localhost:{}", fake.address.port()),
        );
    if matches!(way, "agent" | "env") {
        program
            .env("HTTPS_PROXY", format!("http://{}", fake.address))
            .env("NODE_USE_ENV_PROXY", "1");
    }
    let outcome = run(&mut program, PATIENCE).expect("the program ends");
    assert_eq!(outcome.expect("the JavaScript SDK").rows(), rows);
}

#[test]
fn the_javascript_sdk_by_its_domain_option() {
    // Its refresh ignores the option `domainDelimiter` and asks a host that does not resolve.
    check("domain", &ROWS[..ROWS.len() - 2]);
}

#[test]
fn the_javascript_sdk_with_a_fetch_of_its_own() {
    check("fetch", ROWS);
}

#[test]
fn the_javascript_sdk_through_a_proxy_agent() {
    check("agent", ROWS);
}

#[test]
fn the_javascript_sdk_through_the_proxy_that_node_reads() {
    check("env", ROWS);
}
