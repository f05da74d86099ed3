//! From a recording of Dropbox to a rule that is verified, and no other way. The recordings here are of the
//! fake, with one word changed: nothing here can reach Dropbox.

use std::path::Path;
use std::process::Command;

use conformance::evidence::proposal::propose;
use conformance::evidence::recording;
use conformance::evidence::verified::unproven;
use conformance::run::outcome::Outcome;

use super::coverage::fixture;
use super::support::{expect, run};

const RECORDING: &str = "recordings/2026-01-02/dropbox.ndjson";

#[test]
fn whatever_is_called_verified_is_shown_by_a_recording_of_dropbox() {
    let unproven = unproven(&fixture("")).unwrap();
    assert!(unproven.is_empty(), "{}", unproven.join("\n"));
}

/// A copy of the catalogue, and a recording in it that calls itself Dropbox's.
fn stage() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let fixtures = directory.path().join("fixtures");
    std::fs::create_dir_all(fixtures.join("rules")).unwrap();
    std::fs::create_dir_all(fixtures.join(RECORDING).parent().unwrap()).unwrap();
    for name in [
        "rules/upload-link.json",
        "rules/api.json",
        "assumptions.json",
    ] {
        std::fs::copy(fixture(name), fixtures.join(name)).unwrap();
    }
    let json = fixtures.join(RECORDING);
    let json = json.to_str().unwrap();
    let chapters = ["--filter", "link/consume/", "--filter", "link/once/"];
    let output = run(&[&["run", "--json", json], &chapters[..]].concat());
    expect(&output, 0, "AGREED");
    change(&fixtures, "\"genuine\":false", "\"genuine\":true");
    directory
}

fn change(fixtures: &Path, from: &str, to: &str) {
    let path = fixtures.join(RECORDING);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} is not in the recording");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn the_proposed_diff_of_a_recording_applies_and_is_proven_by_that_recording_only() {
    let directory = stage();
    let fixtures = directory.path().join("fixtures");
    let report = recording::read(&fixtures.join(RECORDING)).unwrap();
    let diff = propose(&fixtures, RECORDING, &report).unwrap();
    // A claim of a rule, and an answer to a question.
    assert!(diff.contains("+    {\"id\": \"UL-138\""), "{diff}");
    assert!(
        diff.contains("# OQ-01: the default \"burns\" is confirmed."),
        "{diff}"
    );
    let path = directory.path().join("proposed.diff");
    std::fs::write(&path, diff).unwrap();
    let applied = Command::new("git")
        .args(["apply", path.to_str().unwrap()])
        .current_dir(directory.path())
        .output()
        .unwrap();
    assert!(
        applied.status.success(),
        "{}",
        String::from_utf8_lossy(&applied.stderr)
    );
    assert_eq!(unproven(&fixtures).unwrap(), [""; 0]);
    let rules = std::fs::read_to_string(fixtures.join("rules/upload-link.json")).unwrap();
    let verified = rules
        .lines()
        .filter(|line| line.contains(RECORDING))
        .count();
    assert!(verified > 10, "only {verified} rules are verified");
    // The same rules, and a recording that does not bear them out.
    for (from, to, why) in [
        (
            "\"genuine\":true",
            "\"genuine\":false",
            "which is not Dropbox",
        ),
        (
            "\"outcome\":\"agreed\"",
            "\"outcome\":\"differed\"",
            "no case of",
        ),
        ("\"date\":\"", "\"date\":\"1", "was recorded on"),
        ("\"event\":\"end\"", "\"event\":\"case\"", "is no recording"),
    ] {
        change(&fixtures, from, to);
        let unproven = unproven(&fixtures).unwrap();
        assert_eq!(unproven.len(), verified_everywhere(&fixtures), "{from}");
        assert!(
            unproven[0].contains(why),
            "{why:?} is not in {}",
            unproven[0]
        );
        change(&fixtures, to, from);
    }
    std::fs::remove_file(fixtures.join(RECORDING)).unwrap();
    assert_eq!(
        unproven(&fixtures).unwrap().len(),
        verified_everywhere(&fixtures)
    );
}

fn verified_everywhere(fixtures: &Path) -> usize {
    let files = ["rules/upload-link.json", "rules/api.json"];
    let texts = files.map(|name| std::fs::read_to_string(fixtures.join(name)).unwrap());
    texts.concat().matches(RECORDING).count()
}

#[test]
fn a_rule_of_which_one_case_differs_is_not_proposed() {
    let directory = stage();
    let fixtures = directory.path().join("fixtures");
    let mut report = recording::read(&fixtures.join(RECORDING)).unwrap();
    // UL-138 is cited by more than one case.
    let second = report.cases.iter_mut();
    let second = second.filter(|case| case.id == "link/consume/second-use-is-gone");
    second.for_each(|case| case.outcome = Outcome::Differed);
    let diff = propose(&fixtures, RECORDING, &report).unwrap();
    assert!(!diff.contains("+    {\"id\": \"UL-138\""), "{diff}");
    assert!(diff.contains("+    {\"id\": \"UL-103\"") || diff.contains("+    {\"id\": \"UL-107\""));
}
