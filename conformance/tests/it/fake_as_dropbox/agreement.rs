//! Every case, a recording, and what opens no account.

use super::Stage;
use crate::support::{conformance, expect, printed};

#[test]
fn every_case_agrees_under_the_real_names_and_nothing_is_left_or_said() {
    let stage = Stage::new();
    let mut command = stage.command(&["run", "--verbose"]);
    stage.ask_for_reports(&mut command);
    let output = command.output().unwrap();
    expect(&output, 0, "AGREED");
    let secrets = stage.secrets().len();
    assert!(secrets > 200, "{secrets} are too few for a test");
    stage.hold_no_secret(&output);
    let text = printed(&output);
    assert!(
        text.contains("give --slow"),
        "a real clock is not moved: {text}"
    );
    let left = stage.command(&["leftovers"]).output().unwrap();
    expect(&left, 0, "No run has left anything");
}

#[test]
fn every_case_agrees_over_tls_at_a_url_where_one_host_is_for_everything() {
    // It takes no token that was not declared.
    let stage = Stage::at_its_own_address();
    let url = format!("https://localhost:{}", stage.address.port());
    let mut command = conformance(&["run", "--target", &url, "--ca-file"]);
    let output = command.arg(stage.at("ca.pem")).output().unwrap();
    expect(&output, 0, "AGREED");
    let text = printed(&output);
    assert!(!text.contains("without TLS"), "{text}");
    // Its controls are found over TLS, too.
    for reason in ["give --slow", "give --special-token"] {
        assert!(!text.contains(reason), "{reason}: {text}");
    }
}

#[test]
fn a_wrong_app_secret_is_one_sentence() {
    let stage = Stage::new();
    let mut command = stage.command(&["run"]);
    let output = command.env("DROPBOX_APP_SECRET", "wrong").output().unwrap();
    expect(&output, 2, "check DROPBOX_APP_KEY and DROPBOX_APP_SECRET");
}

#[test]
fn an_authority_that_is_not_trusted_is_one_sentence() {
    let stage = Stage::new();
    let mut command = conformance(&["run", "--target", "dropbox", "--connect-to"]);
    let output = command
        .arg(stage.address.to_string())
        .env("DROPBOX_ACCESS_TOKEN", "sl.any-token-at-all")
        .output()
        .unwrap();
    expect(
        &output,
        2,
        "check the address, the network and the certificates",
    );
}

#[test]
fn a_recording_of_the_stand_in_agrees_with_the_fake_over_plain_http() {
    let stage = Stage::new();
    let fixtures = stage.directory.path().join("fixtures");
    let mut command = stage.command(&["record"]);
    let recorded = command.arg("--fixtures").arg(&fixtures).output().unwrap();
    let text = printed(&recorded);
    let path = text
        .lines()
        .find_map(|line| line.strip_prefix("Recorded: "));
    let path = path.unwrap_or_else(|| panic!("{text}"));
    assert!(path.ends_with("stand-in.ndjson"), "{path}");
    let compare = |more: &[&str]| {
        let arguments = ["compare", path, "fake"];
        conformance(&arguments).args(more).output().unwrap()
    };
    expect(&compare(&["--app-folder"]), 0, " 0 differences");
    // Without it there is the one difference that there has to be.
    let roots = ["--filter", "auth/path-root"];
    expect(&compare(&roots), 1, "auth/path-root/");
}

#[test]
fn a_first_look_over_tls_under_the_real_names_agrees_and_leaves_nothing() {
    let stage = Stage::new();
    let out = stage.at("first-look");
    let mut command = stage.command(&["first-look"]);
    let output = command.arg("--out").arg(&out).output().unwrap();
    expect(&output, 0, "AGREED with what is assumed.");
    let text = printed(&output);
    assert!(text.contains("18 calls"), "{text}");
    assert!(text.contains("It proves nothing about Dropbox"), "{text}");
    let calls = std::fs::read_to_string(out.join("calls.json")).unwrap();
    assert!(calls.contains("https://content.dropboxapi.com/apitul/1/<link-token 10>"));
    assert!(!calls.contains(crate::support::REFRESH_TOKEN) && !calls.contains("Bearer sl."));
    let page = std::fs::read_to_string(out.join("page.html")).unwrap();
    assert!(page.contains("AQ-29") && page.contains("OQ-01"));
}
