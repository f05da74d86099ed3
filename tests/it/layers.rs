//! Folders are layers: a file names only what stands below it.

use regex_lite::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The rooms of the house, from the ground up. What stands on one line does not name each other.
const HOUSE: &[&[&str]] = &[
    &["sync", "nearest"],
    &["rules"],
    &["dropbox"],
    &["wire", "storage"],
    &["control"],
    &["server"],
    &["config"],
    &["embedded"],
    &["cli"],
    &["lib", "main"],
];

/// The rooms of the server, in the same way.
const SERVER: &[&[&str]] = &[
    &["listener"],
    &["app", "certificates"],
    &["http"],
    &["faults", "journal_entry"],
    &["receive"],
    &["routes"],
    &[
        "api",
        "links",
        "oauth",
        "control_api",
        "webhooks",
        "fallback",
    ],
    &["authorize"],
    &["page"],
    &["filters"],
    &["shell"],
    &["mod"],
];

/// The code of each room below a folder, tests left out: whatever its file is called.
fn rooms(folder: &str) -> BTreeMap<String, String> {
    fn read(path: &Path, code: &mut String) {
        if path.is_dir() {
            for entry in std::fs::read_dir(path).expect("a folder") {
                read(&entry.expect("an entry").path(), code);
            }
        } else if !path.ends_with("tests.rs")
            && !path.components().any(|part| part.as_os_str() == "tests")
        {
            let text = std::fs::read_to_string(path).expect("text");
            let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            let lines = product.lines().map(str::trim_start);
            for line in lines.filter(|line| !line.starts_with("//")) {
                code.push_str(line);
                code.push('\n');
            }
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy();
        read(&path, found.entry(name.into_owned()).or_default());
    }
    found
}

/// The rooms that this code names behind `prefix`, such as `crate::server::`.
fn named(code: &str, prefix: &str) -> BTreeSet<String> {
    let single = Regex::new(&format!(r"\b{prefix}(\w+)")).expect("a pattern");
    let group = Regex::new(&format!(r"\b{prefix}\{{([^;]*)\}};")).expect("a pattern");
    let mut names: BTreeSet<String> = single
        .captures_iter(code)
        .map(|found| found[1].to_owned())
        .collect();
    for found in group.captures_iter(code) {
        // Only what stands at the top of the braces is a room.
        let mut depth = 0;
        let top: String = found[1]
            .chars()
            .filter(|&character| {
                depth += i32::from(character == '{');
                let at_top = depth == 0;
                depth -= i32::from(character == '}');
                at_top
            })
            .collect();
        names.extend(top.split(',').filter_map(|item| {
            let room = item.trim().split("::").next()?.split(' ').next()?;
            (!room.is_empty()).then(|| room.to_owned())
        }));
    }
    names
}

/// What goes up, or to the side: `from names to`.
fn violations(rooms: &BTreeMap<String, String>, layers: &[&[&str]], prefix: &str) -> Vec<String> {
    let layer = |room: &str| layers.iter().position(|layer| layer.contains(&room));
    let mut found = Vec::new();
    for (from, code) in rooms {
        let Some(own) = layer(from) else {
            found.push(format!("{from} stands in no layer"));
            continue;
        };
        for to in named(code, prefix) {
            // Items that are no rooms belong to the folder itself.
            let is_room = rooms.contains_key(&to);
            if is_room && to != *from && layer(&to).is_none_or(|other| other >= own) {
                found.push(format!("{from} names {to}, which does not stand below it"));
            }
        }
    }
    found
}

#[test]
fn a_room_of_the_house_names_only_what_stands_below_it() {
    let rooms = rooms("src");
    assert_eq!(violations(&rooms, HOUSE, "crate::"), [""; 0]);
}

#[test]
fn a_room_of_the_server_names_only_what_stands_below_it() {
    let rooms = rooms("src/server");
    assert_eq!(
        violations(&rooms, SERVER, "(?:crate::server|super::super)::"),
        [""; 0]
    );
    let named: usize = rooms
        .values()
        .map(|code| named(code, "crate::server::").len())
        .sum();
    assert!(named > 40, "only {named} names were read");
}

#[test]
fn a_name_that_goes_up_is_found_however_it_is_written() {
    let layers: &[&[&str]] = &[&["low"], &["left", "right"], &["high"]];
    for (from, code, is_bad) in [
        ("high", "use crate::low::{a, b};", false),
        ("low", "use crate::high::x;", true),
        ("low", "fn f() { crate::high::x() }", true),
        ("left", "use crate::right;", true),
        (
            "left",
            "use crate::{\n    low::{high, x},\n    low::y,\n};",
            false,
        ),
        ("left", "use crate::{low::{self, x}, high as other};", true),
        ("nowhere", "", true),
    ] {
        let mut rooms: BTreeMap<String, String> = ["low", "left", "right", "high"]
            .map(|room| (room.to_owned(), String::new()))
            .into();
        rooms.insert(from.to_owned(), code.to_owned());
        let found = violations(&rooms, layers, "crate::");
        assert_eq!(!found.is_empty(), is_bad, "{from}: {code}: {found:?}");
    }
}
