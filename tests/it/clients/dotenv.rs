//! The readers of .env files, which differ in what they make of quotes.

use super::tools::{PATIENCE, command, run, skipped};
use super::{env, fake, node, python, variables};
use std::process::Command;
use tempfile::TempDir;

/// Prints what was read as JSON, without what the reader's own environment has.
const PYTHON: &str = "import json, dotenv; print(json.dumps(dotenv.dotenv_values('.env')))";
const PACKAGE: &str =
    "console.log(JSON.stringify(require('dotenv').parse(require('fs').readFileSync('.env'))))";
const NODE: &str = "console.log(JSON.stringify(process.env))";

/// What a reader takes from the file has to be what `env` means.
fn check(reader: &mut Command) {
    let fake = fake();
    let parent = TempDir::new().expect("a directory");
    for name in ["plain", "$HOME `x` # ü; (a)", "two\nlines"] {
        let directory = parent.path().join(name);
        let file = env(&fake, &directory, "dotenv");
        std::fs::write(parent.path().join(".env"), file).expect("a file");
        let outcome = run(reader.current_dir(parent.path()), PATIENCE).expect("it ends");
        let read = variables(&outcome.expect("a reader").stdout);
        for (name, value) in variables(&env(&fake, &directory, "json")) {
            let read = read.get(&name).cloned().flatten();
            assert_eq!(read, value, "{name} in {}", directory.display());
        }
    }
}

#[test]
fn python_dotenv_reads_what_was_meant() {
    match python::interpreter(python::NEWEST) {
        Ok(python) => check(command(python).args(["-c", PYTHON])),
        Err(why) => skipped("python-dotenv", &why),
    }
}

#[test]
fn the_dotenv_of_node_reads_what_was_meant() {
    match node::packages() {
        Ok(packages) => check(
            command("node")
                .args(["-e", PACKAGE])
                .env("NODE_PATH", packages.join("node_modules")),
        ),
        Err(why) => skipped("dotenv for Node", &why),
    }
}

#[test]
fn node_itself_reads_what_was_meant() {
    match node::newest() {
        Ok(node) => check(command(node).args(["--env-file", ".env", "-e", NODE])),
        Err(why) => skipped("a Node that reads .env files", &why),
    }
}
