//! Reports and the command line: a report that is lost is not passed over, and what is read tells enough.

use super::support::{expect, printed, run};

/// A case that talks a little.
const ONE: [&str; 3] = ["run", "--filter", "link/consume/second-use-is-gone"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&ONE[..], more].concat()
}

#[test]
fn a_report_that_cannot_be_written_has_a_sentence_and_an_exit_code_of_its_own() {
    for (option, words) in [
        ("--junit", "The JUnit report cannot be written: "),
        ("--html", "The page cannot be written: "),
        ("--json", "The JSON report cannot be written: "),
    ] {
        let full = run(&with(&[option, "/dev/full"]));
        expect(&full, 4, words);
        // It was the report that failed, and not the target.
        assert!(printed(&full).contains("AGREED"));
        let nowhere = run(&with(&[option, "/nowhere/at/all"]));
        expect(&nowhere, 4, "/nowhere/at/all cannot be written: ");
        // That is known before anything is asked.
        assert!(!printed(&nowhere).contains("AGREED"));
    }
}

#[test]
fn a_screen_that_is_full_is_not_passed_over_and_one_that_was_left_is_no_error() {
    use std::process::Stdio;
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = super::support::conformance(&ONE)
        .stdout(full)
        .output()
        .unwrap();
    expect(&output, 4, "The standard output cannot be written: ");
    let mut child = super::support::conformance(&ONE)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn two_reports_need_two_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("report");
    std::fs::write(&path, "of yesterday").unwrap();
    let detour = directory.path().join(".").join("report");
    let (one, two) = (path.to_str().unwrap(), detour.to_str().unwrap());
    let output = run(&with(&["--html", one, "--json", two]));
    expect(
        &output,
        4,
        "is named for two reports: give each a file of its own",
    );
    // Nothing was written over.
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "of yesterday");
}

#[test]
fn several_filters_stand_in_one_option_or_in_several() {
    let listed = |arguments: &[&str]| printed(&run(&[&["list"], arguments].concat()));
    let both = listed(&["--filter", "link/shape,UL-138"]);
    assert_eq!(
        both,
        listed(&["--filter", "link/shape", "--filter", "UL-138"])
    );
    assert!(both.contains("link/shape/path\n"), "{both}");
    assert!(both.contains("link/consume/second-use-is-gone\n"), "{both}");
    // A slip does not go by unseen because of the others.
    let slip = listed(&["--filter", "link/shape,lnik/consume"]);
    assert!(
        slip.contains("--filter lnik/consume: no case has this"),
        "{slip}"
    );
}

#[test]
fn accepted_divergences_that_are_not_there_are_an_error() {
    let nothing = [
        "compare",
        "fake",
        "fake",
        "--accepted",
        "/nowhere/accepted.json",
    ];
    expect(&run(&nothing), 4, "/nowhere/accepted.json cannot be read: ");
}

#[test]
fn what_has_no_case_is_known_outside_of_a_checkout_too() {
    let elsewhere = tempfile::tempdir().unwrap();
    let mut list = super::support::conformance(&["list", "--uncovered"]);
    let output = list.current_dir(elsewhere.path()).output().unwrap();
    expect(
        &output,
        0,
        "OQ-17: To revoke the token of the run would end the run",
    );
}
