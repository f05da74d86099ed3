//! What the tests of the fixtures share, and the tests that look at all of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{assumptions, catalogue, open_questions};
use crate::dropbox::content_hash::ContentHash;

pub(super) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The ids of rules, assumptions and open questions that a text names.
pub(super) fn ids_named_in(text: &str) -> BTreeSet<String> {
    let id = Regex::new(r"\b(?:UL|API|OQ|AQ)-[0-9]{2,3}\b").unwrap();
    id.find_iter(text)
        .map(|found| found.as_str().to_owned())
        .collect()
}

/// Whether the id is one of a rule, an assumption or an open question.
pub(super) fn is_known(id: &str) -> bool {
    let is_question = |question: &str| question.split('.').next() == Some(id);
    catalogue().entry(id).is_some()
        || assumptions()
            .iter()
            .any(|assumption| is_question(&assumption.id))
        || open_questions()
            .iter()
            .any(|question| is_question(&question.id))
}

/// Every file below a directory with this extension, in order; nothing when there is no such directory.
fn files_below(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files_below(&path, extension)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn faults(schema: &Value, instance: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    validator
        .iter_errors(instance)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect()
}

/// The schema that a fixture names, or else the one that is called like it.
fn schema_of(path: &Path, instance: &Value) -> Option<Value> {
    let named = instance
        .get("$schema")
        .and_then(Value::as_str)
        .map(|name| path.parent().unwrap().join(name));
    let called = directory()
        .join("schema")
        .join(path.file_name().unwrap())
        .with_extension("schema.json");
    named
        .or_else(|| called.is_file().then_some(called))
        .map(|schema| json(&schema))
}

#[test]
fn every_fixture_obeys_its_schema() {
    let mut held = Vec::new();
    for path in files_below(&directory(), "json") {
        let name = path.strip_prefix(directory()).unwrap().to_owned();
        let instance = json(&path);
        if name.starts_with("schema") {
            let faults: Vec<String> = jsonschema::meta::validate(&instance)
                .err()
                .into_iter()
                .map(|fault| fault.to_string())
                .collect();
            assert!(faults.is_empty(), "{}: {faults:#?}", name.display());
        } else if let Some(schema) = schema_of(&path, &instance) {
            let faults = faults(&schema, &instance);
            assert!(faults.is_empty(), "{}: {faults:#?}", name.display());
            held.push(name.display().to_string());
        } else {
            // Recordings and the like: their readers say what they have to be.
            assert!(
                name.components().count() > 1,
                "{} has no schema",
                name.display()
            );
        }
    }
    for file in [
        "accepted-divergences.json",
        "argument-errors.json",
        "assumptions.json",
        "content-hash.json",
        "dropbox-routes.json",
        "open-questions.json",
        "rules/api.json",
        "rules/upload-link.json",
    ] {
        assert!(
            held.iter().any(|name| name == file),
            "{file} was not held against a schema"
        );
    }
}

#[test]
fn the_schema_of_the_rules_refuses_what_it_should() {
    let schema = json(&directory().join("schema/rules.schema.json"));
    let good = json(&directory().join("rules/upload-link.json"));
    let refuses = |what: &str, change: &dyn Fn(&mut Value)| {
        let mut bad = good.clone();
        change(&mut bad["rules"][137]);
        assert!(!faults(&schema, &bad).is_empty(), "{what} passes");
    };
    refuses("an id of another form", &|rule| rule["id"] = "UL138".into());
    refuses("verified as evidence", &|rule| {
        rule["evidence"] = "verified".into();
    });
    refuses("a verification without a recording", &|rule| {
        rule["verified"] = true.into();
    });
    refuses("an assumption without a basis", &|rule| {
        rule["evidence"] = "assumed".into();
    });
    refuses("a document with the basis of an assumption", &|rule| {
        rule["basis"] = "open".into();
    });
    refuses("an unknown field", &|rule| rule["note"] = "".into());
    refuses("a date of another form", &|rule| {
        rule["since"] = "13.08.2018".into();
    });
}

/// Every Rust file of the project, with its path from the root and its text.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["src", "tests", "benches", "examples", "conformance"]
        .iter()
        .flat_map(|directory| files_below(&root.join(directory), "rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(root).unwrap().to_owned(), text)
        })
        .collect()
}

fn citations_in(source: &str) -> Vec<String> {
    let citation = Regex::new(r#"\bRule::new\(\s*"([^"]*)"\s*,?\s*\)"#).unwrap();
    citation
        .captures_iter(source)
        .map(|found| found[1].to_owned())
        .collect()
}

#[test]
fn every_rule_that_the_code_cites_is_in_the_catalogue() {
    let mut count = 0;
    for (path, text) in sources() {
        for id in citations_in(&text) {
            assert!(
                catalogue().entry(&id).is_some(),
                "{} cites {id}, which is not in fixtures/rules",
                path.display()
            );
            count += 1;
        }
    }
    assert!(
        count > 0,
        "no citation was found: the walk of the source is broken"
    );
}

#[test]
fn every_id_that_a_comment_names_is_known() {
    let mut count = 0;
    for (path, text) in sources() {
        if path.starts_with("src/rules") {
            continue; // its tests name ids that nobody knows
        }
        for id in ids_named_in(&text) {
            assert!(
                is_known(&id),
                "{} names {id}, which nobody knows",
                path.display()
            );
            count += 1;
        }
    }
    assert!(count > 100, "the walk of the source is broken: {count} ids");
}

#[test]
fn a_citation_is_found_however_it_is_laid_out() {
    let source = concat!(
        "const A: Rule = Rule",
        "::new(\"UL-01\");\n rules::Rule",
        "::new(\n    \"API-02\",\n)"
    );
    assert_eq!(citations_in(source), ["UL-01", "API-02"]);
}

/// The data of a content hash vector, unless only the digests of its blocks are known.
fn data_of(vector: &Value) -> Option<Vec<u8>> {
    let size = usize::try_from(vector["size"].as_u64().unwrap()).unwrap();
    let data = match vector["kind"].as_str().unwrap() {
        "zeros" => vec![0; size],
        "mod251" => (0..=250).cycle().take(size).collect(),
        "text" => vector["text"].as_str().unwrap().as_bytes().to_vec(),
        "block_digests" => return None,
        other => panic!("no recipe is called {other}"),
    };
    assert_eq!(data.len(), size, "{}", vector["name"]);
    Some(data)
}

#[test]
fn every_content_hash_is_that_of_its_recipe() {
    let document = json(&directory().join("content-hash.json"));
    let vectors = document["vectors"].as_array().unwrap();
    for vector in vectors {
        let hash = data_of(vector).map_or_else(
            || {
                let blocks = vector["blocks"].as_array().unwrap();
                let sizes: u64 = blocks
                    .iter()
                    .map(|block| block["size"].as_u64().unwrap())
                    .sum();
                assert_eq!(sizes, vector["size"].as_u64().unwrap());
                let digests: Vec<u8> = blocks
                    .iter()
                    .flat_map(|block| bytes_of(block["sha256"].as_str().unwrap()))
                    .collect();
                hex_of(&Sha256::digest(digests))
            },
            |data| naive_content_hash(&data),
        );
        assert_eq!(
            hash,
            vector["content_hash"].as_str().unwrap(),
            "{}",
            vector["name"]
        );
    }
    assert!(vectors.len() >= 25);
}

#[test]
fn the_fake_computes_every_content_hash() {
    let document = json(&directory().join("content-hash.json"));
    for vector in document["vectors"].as_array().unwrap() {
        if let Some(data) = data_of(vector) {
            assert_eq!(
                ContentHash::of(&data).to_string(),
                vector["content_hash"].as_str().unwrap(),
                "{}",
                vector["name"]
            );
        }
    }
}

/// UL-170, as it is written.
fn naive_content_hash(data: &[u8]) -> String {
    let digests: Vec<u8> = data
        .chunks(4 * 1024 * 1024)
        .flat_map(|block| Sha256::digest(block).to_vec())
        .collect();
    hex_of(&Sha256::digest(digests))
}

fn hex_of(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}
