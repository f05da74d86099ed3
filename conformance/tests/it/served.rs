//! The fake as a server that is known by its URL only: the suite finds its control API, moves the clock of its
//! own account and declares the tokens that it needs, over HTTP.

use conformance::targets::fake;

use super::support::{expect, printed, run};

#[test]
fn every_case_agrees_with_a_served_fake_and_none_waits_for_time_or_lacks_a_token() {
    let fake = fake::start().unwrap();
    let output = run(&["run", "--target", &fake.url, "--verbose"]);
    expect(&output, 0, "AGREED");
    let text = printed(&output);
    assert!(!text.contains("give --slow"), "{text}");
    assert!(!text.contains("clock cannot be set"), "{text}");
    for reason in [
        "--special-token",
        "--restricted-token-env",
        "--second-token-env",
    ] {
        assert!(!text.contains(reason), "{reason}: {text}");
    }
    for case in [
        "auth/tokens/expired",
        "auth/tokens/team-without-a-user",
        "auth/scope/other-routes-stay-open",
        "auth/tokens/app-folder-may-mint",
    ] {
        let agreed = text
            .lines()
            .any(|line| line.contains(" agreed ") && line.ends_with(case));
        assert!(agreed, "{case}: {text}");
    }
    for case in [
        "gone-afterwards",
        "to-the-millisecond",
        "four-hours-by-default",
        "probe-late-finish",
    ] {
        let agreed = text.lines().any(|line| {
            line.ends_with(&format!("link/expiry/{case}"))
                && (line.contains(" agreed ") || line.contains(" answered "))
        });
        assert!(agreed, "{case}: {text}");
    }
}
