//! What the cases cover: every rule that the fake implements, every assumption that it makes. What no
//! case can show stands in `fixtures/rules-without-case.json` with the reason; after new cases,
//!
//! ```sh
//! UPDATE_FIXTURES=1 cargo test -p conformance coverage
//! ```
//!
//! takes from that file what has a case now.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use conformance::cases;
use conformance::cases::case::{Case, Kind};
use conformance::evidence::proposal::CATALOGUES;
use serde_json::Value;

pub fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    root.join(name)
}

pub fn read(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(fixture(name)).unwrap()).unwrap()
}

/// The rules of all documents, with whether the fake implements each.
fn rules() -> BTreeMap<String, bool> {
    let mut rules = BTreeMap::new();
    for name in CATALOGUES {
        for rule in read(name)["rules"].as_array().unwrap() {
            let id = rule["id"].as_str().unwrap().to_owned();
            rules.insert(id, rule["fake"] == "implemented");
        }
    }
    rules
}

fn ids(file: &str, list: &str) -> BTreeSet<String> {
    let file = read(file);
    let entries = file[list].as_array().unwrap().iter();
    entries
        .map(|entry| entry["id"].as_str().unwrap().to_owned())
        .collect()
}

fn cited(cases: &[Case]) -> BTreeSet<String> {
    let rules = cases.iter().flat_map(|case| case.rules);
    rules.map(|rule| (*rule).to_owned()).collect()
}

fn probed(cases: &[Case]) -> BTreeSet<String> {
    let probes = cases.iter().filter(|case| case.kind == Kind::Probe);
    cited(&probes.copied().collect::<Vec<_>>())
}

/// A part of the list of what has no case.
fn excused(part: &str) -> BTreeSet<String> {
    let list = read("rules-without-case.json");
    list[part].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn every_implemented_rule_has_a_case_or_a_reason_why_not() {
    let (cited, excused) = (cited(&cases::all()), excused("rules"));
    let bare: Vec<_> = rules()
        .into_iter()
        .filter(|(id, implemented)| *implemented && !cited.contains(id) && !excused.contains(id))
        .map(|(id, _)| id)
        .collect();
    assert!(
        bare.is_empty(),
        "no case cites {}, and no reason is given",
        bare.join(", ")
    );
}

#[test]
fn what_has_no_case_is_listed_with_its_reason() {
    use super::support::{expect, run};
    let listed = |fixtures: &Path| {
        let fixtures = fixtures.to_str().unwrap();
        run(&["list", "--uncovered", "--fixtures", fixtures])
    };
    let output = listed(&fixture(""));
    expect(
        &output,
        0,
        "OQ-17: To revoke the token of the run would end the run",
    );
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("rules")).unwrap();
    for name in CATALOGUES.into_iter().chain(["assumptions.json"]) {
        std::fs::copy(fixture(name), directory.path().join(name)).unwrap();
    }
    let none = directory.path().join("rules-without-case.json");
    std::fs::write(none, r#"{"rules": {}, "assumptions": {}}"#).unwrap();
    expect(&listed(directory.path()), 1, "OQ-17: no reason is given");
    expect(
        &listed(&directory.path().join("elsewhere")),
        2,
        "cannot be read",
    );
}

#[test]
fn every_assumption_has_a_probe_or_a_reason_why_not() {
    let (probed, excused) = (probed(&cases::all()), excused("assumptions"));
    let bare: Vec<_> = ids("assumptions.json", "assumptions")
        .into_iter()
        .filter(|id| !probed.contains(id) && !excused.contains(id))
        .collect();
    assert!(
        bare.is_empty(),
        "no probe asks {}, and no reason is given",
        bare.join(", ")
    );
}

/// What the fake says of a rule that somebody asks about.
#[test]
fn the_cases_of_each_rule_stand_in_the_fixtures() {
    let mut by_rule: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for case in cases::all() {
        for id in case.rules {
            by_rule.entry(id).or_default().insert(case.id);
        }
    }
    let now = serde_json::to_string_pretty(&by_rule).unwrap() + "\n";
    let path = fixture("cases-by-rule.json");
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        now,
        "UPDATE_FIXTURES=1 writes fixtures/cases-by-rule.json anew"
    );
}

#[test]
fn what_has_a_case_needs_no_excuse() {
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        drop_needless_excuses();
    }
    let (cases, rules) = (cases::all(), rules());
    let (cited, probed) = (cited(&cases), probed(&cases));
    let assumptions = ids("assumptions.json", "assumptions");
    let mut needless = Vec::new();
    for id in excused("rules") {
        if cited.contains(&id) || rules.get(&id) != Some(&true) {
            needless.push(id);
        }
    }
    for id in excused("assumptions") {
        if probed.contains(&id) || !assumptions.contains(&id) {
            needless.push(id);
        }
    }
    assert!(
        needless.is_empty(),
        "{} stand in rules-without-case.json and have a case, or are nothing that could have one; \
         UPDATE_FIXTURES=1 takes them out",
        needless.join(", ")
    );
}

fn drop_needless_excuses() {
    let mut list = read("rules-without-case.json");
    let cases = cases::all();
    for (part, with_case) in [("rules", cited(&cases)), ("assumptions", probed(&cases))] {
        let entries = list[part].as_object_mut().unwrap();
        entries.retain(|id, _| !with_case.contains(id));
    }
    let text = serde_json::to_string_pretty(&list).unwrap() + "\n";
    std::fs::write(fixture("rules-without-case.json"), text).unwrap();
}

#[test]
fn the_excuses_are_sorted_by_id_and_each_stands_once() {
    let text = std::fs::read_to_string(fixture("rules-without-case.json")).unwrap();
    let entry = regex::Regex::new(r#"^\s*"((?:UL|API|RT|SH|OQ|AQ|RQ|SQ)-[^"]+)": "#).unwrap();
    let order = |id: &str| {
        let (prefix, number) = id.split_once('-').unwrap();
        let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
        let part = usize::from(["OQ", "AQ", "RQ", "SQ"].contains(&prefix));
        (
            part,
            prefix.to_owned(),
            digits.parse::<u32>().unwrap(),
            number.to_owned(),
        )
    };
    let found: Vec<_> = text
        .lines()
        .filter_map(|line| entry.captures(line))
        .map(|captures| order(&captures[1]))
        .collect();
    assert!(!found.is_empty());
    for pair in found.windows(2) {
        assert!(
            pair[0] < pair[1],
            "{} stands before {}",
            pair[0].3,
            pair[1].3
        );
    }
}

#[test]
fn required_means_that_a_document_says_so() {
    let mut evidence = BTreeMap::new();
    for name in CATALOGUES {
        for rule in read(name)["rules"].as_array().unwrap() {
            let id = rule["id"].as_str().unwrap().to_owned();
            evidence.insert(id, rule["evidence"].as_str().unwrap().to_owned());
        }
    }
    let strongest = |case: &Case, wanted: &[&str]| {
        let known = case.rules.iter().filter_map(|rule| evidence.get(*rule));
        known
            .into_iter()
            .any(|evidence| wanted.contains(&evidence.as_str()))
    };
    let mut loose = Vec::new();
    // The chapters about links; those about the API around them are as firm as the validator.
    let about_links = |case: &Case| {
        let chapters = ["mint/", "link/", "hash/", "commit/"];
        chapters.iter().any(|chapter| case.id.starts_with(chapter))
    };
    for case in cases::all().into_iter().filter(about_links) {
        let firm = match case.kind {
            Kind::Required => strongest(&case, &["documented"]),
            Kind::Observed => strongest(&case, &["documented", "observed"]),
            Kind::Probe => true,
        };
        if !firm {
            loose.push(format!(
                "{} is {} by no rule that it cites",
                case.id,
                case.kind.word()
            ));
        }
    }
    assert!(loose.is_empty(), "{}", loose.join("\n"));
}
