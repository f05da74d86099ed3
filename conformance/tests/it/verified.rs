//! From a recording of Dropbox to a rule that is verified, and no other way. The recordings here are of the
//! fake, with one word changed: nothing here can reach Dropbox.

use std::path::Path;
use std::process::Command;

use conformance::cases;
use conformance::evidence::proposal::{CATALOGUES, propose, shown_rules};
use conformance::evidence::recording;
use conformance::evidence::verified::unproven;
use conformance::run::outcome::Outcome;

use fake_dropbox::internals::dropbox::assumptions::Assumptions;

use super::answers;
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
    for name in CATALOGUES.into_iter().chain(["assumptions.json"]) {
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
        // What the expectations of its cases have shown is not there.
        ("\"shown\":", "\"cited\":", "no case of"),
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
    let texts = CATALOGUES.map(|name| std::fs::read_to_string(fixtures.join(name)).unwrap());
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

/// The rules that the chapter about links shows on a fake with these answers to open questions.
async fn shown_about_links(answers: &[(&str, &str)]) -> Vec<String> {
    let mut assumptions = Assumptions::default();
    for (name, value) in answers {
        assumptions.set_json(name, (*value).into()).unwrap();
    }
    let links = cases::all().into_iter();
    let links = links.filter(|case| case.id.starts_with("link/") && !case.needs.big);
    let report = answers::run(assumptions, links.collect()).await;
    let red = report.cases.iter().find(|case| case.outcome.is_red());
    assert!(red.is_none(), "{red:?}");
    let shown = shown_rules(&report);
    let asked = ["UL-138", "UL-150", "UL-151", "UL-159", "UL-160"].map(str::to_owned);
    asked
        .into_iter()
        .filter(|rule| shown.contains(rule))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_shown_by_an_expectation_that_names_it_and_withdrawn_by_an_answer_against_it() {
    // Nothing shows the whole of UL-159 and UL-160, whatever cites them.
    assert_eq!(shown_about_links(&[]).await, ["UL-138", "UL-150", "UL-151"]);
    let otherwise = [
        ("expiry_judged", "at_end"),
        ("content_type_check", "before_link_state"),
        ("concurrent_use", "first_completion_wins"),
        ("other_methods", "unknown_link"),
    ];
    assert_eq!(shown_about_links(&otherwise).await, ["UL-138"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_against_a_rule_outweighs_every_case_that_agrees() {
    let all = cases::all().into_iter();
    let hashes =
        all.filter(|case| case.id.starts_with("hash/") || case.id.starts_with("link/consume/"));
    let mut report = answers::run(Assumptions::default(), hashes.collect()).await;
    assert!(shown_rules(&report).contains("UL-105"));
    let probe = report
        .cases
        .iter_mut()
        .find(|case| case.id == "hash/link/probe-returned-hash");
    probe.unwrap().contradicted.insert("UL-105".to_owned());
    assert!(!shown_rules(&report).contains("UL-105"));
}

#[test]
fn a_second_recording_of_a_day_leaves_the_first_one_alone() {
    let directory = tempfile::tempdir().unwrap();
    let fixtures = directory.path().to_str().unwrap();
    let record = |filter: &str| {
        let output = run(&["record", "--fixtures", fixtures, "--filter", filter]);
        expect(&output, 0, "Recorded: ");
        let text = super::support::printed(&output);
        let path = text
            .lines()
            .find_map(|line| line.strip_prefix("Recorded: "));
        Path::new(path.unwrap()).to_owned()
    };
    let first = record("link/consume/second");
    let kept = std::fs::read(&first).unwrap();
    let second = record("users/check");
    assert_eq!(second.file_name().unwrap(), "fake-2.ndjson");
    assert_eq!(std::fs::read(&first).unwrap(), kept);
    let third = record("users/check");
    assert_eq!(third.file_name().unwrap(), "fake-3.ndjson");
}
