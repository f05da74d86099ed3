//! The cases and the catalogue of rules hold each other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use conformance::cases;
use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn read(name: &str) -> Value {
    let path = fixtures().join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn ids(file: &Value, list: &str) -> BTreeSet<String> {
    let entries = file[list].as_array().unwrap();
    let ids = entries
        .iter()
        .map(|entry| entry["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// Every rule and every question that the catalogue knows.
fn catalogue() -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for name in conformance::evidence::proposal::CATALOGUES {
        known.extend(ids(&read(name), "rules"));
    }
    known.extend(ids(&read("assumptions.json"), "assumptions"));
    known.extend(ids(&read("open-questions.json"), "questions"));
    known
}

#[test]
fn every_case_cites_rules_that_exist() {
    let known = catalogue();
    let mut unknown = Vec::new();
    for case in cases::all() {
        for rule in case.rules {
            // A question may be cited as a whole where the catalogue has its parts.
            let part = |id: &String| id.starts_with(&format!("{rule}."));
            // And a probe may ask for a part of a question that the catalogue has as a whole.
            let whole = rule.split_once('.').is_some_and(|(whole, _)| {
                let parts = format!("{whole}.");
                known.iter().any(|id| id == whole || id.starts_with(&parts))
            });
            // What clients take for granted (CL-…) is background and no rule of the fake.
            if !known.contains(*rule)
                && !whole
                && !known.iter().any(part)
                && !rule.starts_with("CL-")
            {
                unknown.push(format!("{}: {rule}", case.id));
            }
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[cfg(feature = "fake")]
#[test]
fn the_fake_answers_open_questions_with_its_defaults() {
    let directory = tempfile::tempdir().unwrap();
    let json = directory.path().join("run.ndjson");
    // The cases that judge are another test's business: here the answers count.
    let output = super::support::run(&["run", "--json", json.to_str().unwrap()]);
    assert!(super::support::printed(&output).contains(" answered"));
    let report = conformance::evidence::recording::read(&json).unwrap();
    let answers = conformance::evidence::proposal::answers(&report);
    assert!(!answers.is_empty());
    let assumptions = read("assumptions.json");
    let excused = read("rules-without-case.json");
    let mut wrong = Vec::new();
    for assumption in assumptions["assumptions"].as_array().unwrap() {
        let id = assumption["id"].as_str().unwrap();
        let is_asked = !assumption["choices"].is_null() && excused["assumptions"][id].is_null();
        if is_asked && !answers.contains_key(id) {
            wrong.push(format!("{id}: its probe gives no answer to it"));
        }
        let (Some(answer), Some(choices)) = (answers.get(id), assumption["choices"].as_object())
        else {
            continue;
        };
        if !choices.contains_key(answer) {
            wrong.push(format!("{id}: {answer:?} is none of its choices"));
        } else if super::support::default_answer(assumption) != Value::String(answer.clone()) {
            wrong.push(format!(
                "{id}: {answer:?} instead of the default {}",
                assumption["default"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
