//! What can be wrong with an account or with the way there: one sentence that says what to do, exit code
//! "could not run", nothing left behind.

use std::collections::BTreeSet;
use std::process::Output;

use fake_dropbox::internals::dropbox::account::Quota;
use fake_dropbox::internals::dropbox::credentials::{Grant, Holder};
use fake_dropbox::internals::dropbox::time::Timestamp;

use super::{ACCOUNT, Stage};
use crate::support::{APP_KEY, expect, printed};

const TOKEN: &str = "sl.access-token-of-a-test-0123456789";

/// The scopes without which no run begins.
const NEEDED: [&str; 4] = [
    "account_info.read",
    "files.content.read",
    "files.content.write",
    "files.metadata.read",
];

/// A stage on which `TOKEN` opens the account by the app, after `change`.
fn stage(change: impl FnOnce(&mut Grant)) -> Stage {
    Stage::with(|world| {
        let mut grant = Grant::for_account(ACCOUNT);
        grant.app = APP_KEY.into();
        change(&mut grant);
        world.credentials().declare_token(TOKEN, grant);
    })
}

/// Runs one case with `TOKEN` instead of the refresh token.
fn run(stage: &Stage, arguments: &[&str]) -> Output {
    let case = ["run", "--filter", "link/consume/second-use-is-gone"];
    stage
        .command(&[&case[..], arguments].concat())
        .env_remove("DROPBOX_REFRESH_TOKEN")
        .env("DROPBOX_ACCESS_TOKEN", TOKEN)
        .output()
        .unwrap()
}

fn expect_refusal(stage: &Stage, output: &Output, words: &str) {
    expect(output, 2, words);
    let text = printed(output);
    // One sentence, after what every run begins with.
    let said = text.lines().filter(|line| line.contains("COULD NOT RUN"));
    assert_eq!(said.count(), 1, "{text}");
    assert!(!text.contains(TOKEN), "{text}");
    assert_eq!(stage.holds(), [""; 0], "{text}");
}

fn without(scope: &str) -> Option<BTreeSet<String>> {
    let rest = NEEDED.into_iter().filter(|known| *known != scope);
    Some(rest.map(str::to_owned).collect())
}

#[test]
fn with_nothing_wrong_the_case_agrees() {
    let stage = stage(|_| {});
    expect(&run(&stage, &[]), 0, "AGREED");
    assert_eq!(stage.holds(), [""; 0]);
}

#[test]
fn a_token_without_a_scope_is_one_sentence() {
    for scope in NEEDED {
        let stage = stage(|grant| grant.scopes = without(scope));
        let words = format!("The token lacks the scope {scope}: tick it");
        expect_refusal(&stage, &run(&stage, &[]), &words);
    }
}

#[test]
fn an_app_without_a_scope_is_one_sentence() {
    let stage = stage(|_| {});
    let mut app = stage.app.world().credentials().app(APP_KEY);
    app.scopes = without("files.content.write");
    stage.app.world().credentials().declare_app(app);
    expect_refusal(&stage, &run(&stage, &[]), "The app lacks a scope: tick");
}

#[test]
fn a_token_that_opens_nothing_is_one_sentence() {
    type Change = fn(&mut Grant);
    let expired: Change = |grant| grant.expires_at = Some(Timestamp::from_micros(0));
    let revoked: Change = |grant| grant.revoked = true;
    let suspended: Change = |grant| grant.suspended = true;
    let of_a_team: Change = |grant| grant.holder = Holder::Team(vec![ACCOUNT.into()]);
    for (change, words) in [
        (expired, "The access token has expired: make a new one"),
        (revoked, "The access token is not accepted: make a new one"),
        (
            suspended,
            "The access token is not accepted: make a new one",
        ),
        (
            of_a_team,
            "The token is for a whole team: use a token of one person's",
        ),
    ] {
        let stage = stage(change);
        expect_refusal(&stage, &run(&stage, &[]), words);
    }
    let unknown = Stage::new();
    expect_refusal(
        &unknown,
        &run(&unknown, &[]),
        "The access token is not accepted",
    );
}

#[test]
fn a_full_account_is_one_sentence() {
    let stage = stage(|_| {});
    let account = stage.app.world().account(ACCOUNT);
    account.lock().state.quota = Quota(10);
    expect_refusal(
        &stage,
        &run(&stage, &[]),
        "The account is full: free some space",
    );
}

#[test]
fn a_host_that_is_not_there_or_is_another_is_one_sentence() {
    let stage = stage(|_| {});
    let nowhere = "https://no-such-host.invalid";
    let output = run(&stage, &["--api-url", nowhere, "--content-url", nowhere]);
    // The fake is reached all the same: its certificate is for other names.
    expect_refusal(
        &stage,
        &output,
        "check the address, the network and the certificates",
    );
    let content = "https://content.dropboxapi.com";
    let output = run(&stage, &["--api-url", content]);
    expect_refusal(&stage, &output, "check");
}

#[test]
fn no_network_is_one_sentence() {
    let stage = stage(|_| {});
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr();
    let nobody = closed.unwrap();
    for refresh in [false, true] {
        let mut command = stage.command_through(nobody, &["run"]);
        if !refresh {
            command.env_remove("DROPBOX_REFRESH_TOKEN");
            command.env("DROPBOX_ACCESS_TOKEN", TOKEN);
        }
        expect(&command.output().unwrap(), 2, "the network");
    }
    // A name that no resolver knows.
    let output = crate::support::run(&["run", "--target", "https://no-such-host.invalid"]);
    expect(
        &output,
        2,
        "check the address, the network and the certificates",
    );
}
