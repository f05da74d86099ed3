//! What the house keeps to, and no compiler checks.

use crate::fixtures::catalogue::{InTheFake, catalogue};
use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("text");
                found.push((path, text));
            }
        }
    }
    found
}

fn everything() -> Vec<(PathBuf, String)> {
    ["src", "tests", "conformance/src", "conformance/tests"]
        .into_iter()
        .flat_map(sources)
        .collect()
}

/// The part of a source that is not a test.
fn product(path: &Path, text: &str) -> String {
    let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR"));
    let path = path.expect("a source of this project");
    let is_test = path.components().any(|part| part.as_os_str() == "tests")
        || path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().ends_with("tests.rs"));
    if is_test {
        return String::new();
    }
    let product = text.split("#[cfg(test)]\nmod tests {").next();
    product.unwrap_or_default().to_owned()
}

#[test]
fn each_rule_that_is_implemented_is_named_where_it_is_decided() {
    // What reads and prints the catalogue decides nothing.
    let catalogue_itself = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let code: String = sources("src")
        .iter()
        .filter(|(path, _)| !path.starts_with(&catalogue_itself))
        .map(|(path, text)| product(path, text))
        .collect();
    let named = |id: &str| {
        code.match_indices(id).any(|(start, _)| {
            let next = code[start + id.len()..].chars().next();
            !next.is_some_and(|character| character.is_ascii_digit())
        })
    };
    let lost: Vec<&str> = catalogue()
        .entries()
        .filter(|entry| entry.in_the_fake == InTheFake::Implemented && !named(&entry.id))
        .map(|entry| entry.id.as_str())
        .collect();
    assert!(lost.is_empty(), "no code names {lost:?}");
}

#[test]
fn the_pure_part_does_not_name_the_outside_world() {
    let outside = [
        "tokio::",
        "hyper::",
        "warp::",
        "reqwest::",
        "std::net",
        "std::fs",
        "SystemTime::now",
        "Instant::now",
    ];
    for (path, text) in sources("src/dropbox")
        .into_iter()
        .chain(sources("src/wire"))
    {
        for (number, line) in text.lines().enumerate() {
            let code = line.trim_start();
            let named = outside
                .iter()
                .find(|name| !code.starts_with("//") && code.contains(**name));
            assert!(named.is_none(), "{}:{}: {code}", path.display(), number + 1);
        }
    }
}

#[test]
fn every_file_can_be_read_at_a_sitting() {
    for (path, text) in everything() {
        let lines = text.lines().count();
        assert!(lines <= 800, "{} has {lines} lines", path.display());
    }
}

#[test]
fn the_readme_is_for_somebody_in_a_hurry() {
    let readme = include_str!("../../README.md");
    assert!(readme.lines().count() <= 200);
    let wide = |line: &&str| line.chars().count() > 100;
    assert_eq!(readme.lines().find(wide), None);
}

#[test]
fn no_test_is_put_aside_and_nothing_is_left_to_do() {
    // Written in two parts, so that this file does not find itself.
    let marks = [
        concat!("#[ig", "nore"),
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
    ];
    for (path, text) in everything() {
        for mark in marks {
            assert!(!text.contains(mark), "{} holds {mark}", path.display());
        }
    }
}
