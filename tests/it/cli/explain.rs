//! `explain` and `assumptions`.

use super::program::{program, run};

#[test]
fn a_rule_is_explained_with_its_evidence_and_the_cases_that_hold_it() {
    let ended = run(["explain", "ul-138", "failed-commit"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert!(ended.out.starts_with("UL-138 (documented"), "{}", ended.out);
    for part in [
        "A second use of a consumed link answers 410",
        "Source: ",
        "  link/consume/second-use-is-gone\n",
        "OQ-01 failed_commit: What becomes of a link whose commit failed",
        "  --assume failed_commit=burns (default): ",
        "  --assume failed_commit=frees: ",
    ] {
        assert!(ended.out.contains(part), "{part}: {}", ended.out);
    }
}

#[test]
fn what_no_rule_is_called_is_refused_with_the_nearest_one() {
    let ended = run(["explain", "UL-138", "faild_commit"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""));
    assert!(
        ended.err.contains("Did you mean \"failed_commit\"?"),
        "{}",
        ended.err
    );
    let ended = run(["explain"]);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
}

#[test]
fn every_assumption_is_listed_with_its_choices() {
    let ended = run(["assumptions"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(
        ended.out.starts_with("OQ-01 failed_commit: "),
        "{}",
        ended.out
    );
    assert!(
        ended
            .out
            .contains("  --assume link_token_bytes=…; the default is 10\n"),
        "{}",
        ended.out
    );
}

#[test]
fn a_misspelt_option_of_exec_and_a_misspelt_assumption_are_told_the_nearest() {
    for (arguments, told) in [
        (
            &["exec", "--fail-on-unusedlinks", "--", "true"][..],
            "exec has no option --fail-on-unusedlinks. Did you mean \"--fail-on-unused-links\"?",
        ),
        (
            &["exec", "--no-such=1", "true"],
            "exec has no option --no-such. fake-dropbox exec --help",
        ),
        (
            &["serve", "--assume", "failed_comit=burns"],
            "Did you mean \"failed_commit\"?",
        ),
        (
            &["serve", "--assume", "failed_commit=burn"],
            "Did you mean \"burns\"?",
        ),
        (
            &["exec", "--fail-on-assumptions", "failed_comit", "true"],
            "Did you mean \"failed_commit\"?",
        ),
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(told), "{arguments:?}: {}", ended.err);
    }
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let Ok(full) = std::fs::File::create("/dev/full") else {
        return;
    };
    let output = program()
        .args(["explain", "UL-138"])
        .stdout(full)
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("cannot write: No space left"), "{err}");
}
