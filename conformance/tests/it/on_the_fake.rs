//! The suite on the fake of this workspace, in process.

use super::support::{expect, printed, run};
use fake_dropbox::internals::dropbox::assumptions::Assumptions;

#[test]
fn every_case_agrees_on_the_fake() {
    let output = run(&["run"]);
    expect(&output, 0, "AGREED");
    let text = printed(&output);
    let skipped = text.lines().map(str::trim);
    let skipped: Vec<&str> = skipped
        .filter(|line| line.starts_with("link/expiry/"))
        .collect();
    assert!(skipped.is_empty(), "the fake's clock moves: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_agrees_in_the_older_dialect_and_where_both_are_spoken() {
    for dialect in ["2025", "mixed"] {
        let mut assumptions = Assumptions::default();
        assumptions.set("dialect", dialect).unwrap();
        let report = crate::answers::run(assumptions, conformance::cases::all()).await;
        let red: Vec<String> = report
            .cases
            .iter()
            .filter(|case| case.outcome.is_red())
            .map(|case| format!("{}: {:?}", case.id, case.detail))
            .collect();
        assert!(red.is_empty(), "{dialect}: {}", red.join("\n"));
        assert_eq!(report.trouble, None, "{dialect}");
    }
}

#[test]
fn a_recording_of_the_fake_agrees_with_a_fresh_run_to_the_letter() {
    let directory = tempfile::tempdir().unwrap();
    let fixtures = directory.path().to_str().unwrap();
    let recorded = run(&["record", "--fixtures", fixtures]);
    expect(&recorded, 0, "Recorded: ");
    let text = printed(&recorded);
    let path = text
        .lines()
        .find_map(|line| line.strip_prefix("Recorded: "))
        .unwrap();
    let nothing = directory.path().join("none.json");
    std::fs::write(&nothing, "[]").unwrap();
    let accepted = ["--accepted", nothing.to_str().unwrap()];
    let compare =
        |left: &str| run(&[&["compare", left, "fake", "--exact"], &accepted[..]].concat());
    expect(&compare(path), 0, " 0 differences · 0 accepted · 0 stale");
    let recording = std::fs::read_to_string(path).unwrap();
    let changed = recording.replacen("recently consumed.", "recently consumed!", 1);
    assert_ne!(changed, recording);
    std::fs::write(path, changed).unwrap();
    expect(
        &compare(path),
        1,
        "- Temporary upload link has been recently consumed!",
    );
}
