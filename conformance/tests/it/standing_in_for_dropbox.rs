//! The whole path of `--target dropbox`: two host names, TLS with a CA of its own, token refresh,
//! the app-folder check, the clean-up, and Ctrl-C at every step.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};

use super::stand_in::{Manners, StandIn};
use super::support::{
    ACCESS_TOKEN, APP_KEY, APP_SECRET, REFRESH_TOKEN, Server, conformance, expect, printed,
};

const FILTERS: [&str; 4] = ["--filter", "link/consume/", "--filter", "commit/modes/add"];

struct Stage {
    server: Server,
    directory: tempfile::TempDir,
}

impl Stage {
    fn new(manners: Manners) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let server = Server::start_tls(StandIn::new(manners), &directory.path().join("ca.pem"));
        Self { server, directory }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let ca_file = self.directory.path().join("ca.pem");
        let address = self.server.address.to_string();
        let mut command = conformance(arguments);
        command.args([
            "--target",
            "dropbox",
            "--connect-to",
            &address,
            "--timeout",
            "5",
        ]);
        command.arg("--ca-file").arg(ca_file);
        command.env("DROPBOX_ACCESS_TOKEN", ACCESS_TOKEN);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let arguments = [&["run"], arguments, &FILTERS].concat();
        self.command(&arguments).output().unwrap()
    }
}

#[test]
fn a_run_under_the_real_names_cleans_up_and_touches_its_folder_only() {
    let stage = Stage::new(Manners::default());
    let output = stage.run(&[]);
    let text = printed(&output);
    assert!(text.contains("budget: at most"), "{text}");
    // The stand-in knows less than Dropbox: some cases differ, none is without an answer.
    assert!(
        text.contains(" agreed") && !text.contains("no answer"),
        "{text}"
    );
    assert!(stage.server.stand_in.is_empty(), "{text}");
    let seen = stage.server.stand_in.state.lock().unwrap();
    let strays: Vec<_> = seen
        .paths
        .iter()
        .filter(|path| !path.starts_with("/conformance-"))
        .collect();
    assert!(strays.is_empty(), "{strays:?}");
    let last = &seen.asked[seen.asked.len() - 2..];
    assert_eq!(
        last,
        ["POST /2/files/delete_v2", "POST /2/files/list_folder"]
    );
}

/// The stand-in knows little of what is asked: what it answers is told, and nothing is left.
#[test]
fn a_first_look_at_who_answers_otherwise_says_so_and_deletes_its_folder() {
    let stage = Stage::new(Manners::default());
    let out = stage.directory.path().join("first-look");
    let mut command = stage.command(&["first-look"]);
    let output = command.arg("--out").arg(&out).output().unwrap();
    expect(&output, 1, "DIFFERED from what is assumed");
    assert!(stage.server.stand_in.is_empty(), "{}", printed(&output));
    for name in ["page.html", "calls.json", "documented.json"] {
        let kept = std::fs::read_to_string(out.join(name)).unwrap();
        assert!(!kept.contains(ACCESS_TOKEN), "{name}");
    }
}

#[test]
fn a_refresh_token_is_exchanged_first() {
    let stage = Stage::new(Manners::default());
    let arguments = [&["run"][..], &FILTERS[..2]].concat();
    let mut command = stage.command(&arguments);
    command
        .env("DROPBOX_REFRESH_TOKEN", REFRESH_TOKEN)
        .env("DROPBOX_APP_KEY", APP_KEY)
        .env("DROPBOX_APP_SECRET", APP_SECRET);
    let text = printed(&command.output().unwrap());
    assert_eq!(
        stage.server.stand_in.asked()[0],
        "POST /oauth2/token",
        "{text}"
    );
    let revoked = stage
        .command(&arguments)
        .env("DROPBOX_REFRESH_TOKEN", "revoked")
        .env("DROPBOX_APP_KEY", APP_KEY)
        .output()
        .unwrap();
    expect(&revoked, 2, "authorise the app again");
}

#[test]
fn an_app_that_reaches_the_whole_dropbox_is_refused_unless_allowed() {
    let stage = Stage::new(Manners {
        full_dropbox: true,
        ..Manners::default()
    });
    expect(&stage.run(&[]), 2, "can reach the whole Dropbox");
    let asked = stage.server.stand_in.asked();
    assert!(
        !asked
            .iter()
            .any(|call| call.contains("upload") && !call.contains("link")),
        "{asked:?}"
    );
    let output = stage.run(&["--allow-full-dropbox"]);
    assert!(printed(&output).contains(" agreed"), "{}", printed(&output));
}

#[test]
fn each_trouble_with_the_account_is_one_sentence_and_leaves_nothing() {
    let refused = |status, body| Manners {
        refuses: Some((status, body)),
        ..Manners::default()
    };
    let expired =
        r#"{"error_summary": "expired_access_token/", "error": {".tag": "expired_access_token"}}"#;
    let scope = r#"{"error_summary": "missing_scope/.", "error": {".tag": "missing_scope", "required_scope": "files.content.write"}}"#;
    let full = Manners {
        account_is_full: true,
        ..Manners::default()
    };
    let half = Manners {
        lacks_metadata_scope: true,
        ..Manners::default()
    };
    for (manners, words) in [
        (refused(401, expired), "The access token has expired"),
        (refused(401, scope), "lacks the scope files.content.write"),
        (refused(503, ""), "has trouble of its own"),
        (
            refused(200, "<html>proxy</html>"),
            "answers with a web page",
        ),
        (full, "The account is full"),
        (half, "lacks the scope files.metadata.read"),
    ] {
        let stage = Stage::new(manners);
        expect(&stage.run(&[]), 2, words);
        assert!(stage.server.stand_in.is_empty());
    }
}

#[test]
fn without_credentials_it_says_what_to_set() {
    let stage = Stage::new(Manners::default());
    let output = stage
        .command(&["run"])
        .env_remove("DROPBOX_ACCESS_TOKEN")
        .output()
        .unwrap();
    expect(&output, 2, "set DROPBOX_ACCESS_TOKEN");
}

#[test]
fn a_folder_that_cannot_be_removed_is_told_and_found_again() {
    let stage = Stage::new(Manners {
        keeps_everything: true,
        ..Manners::default()
    });
    let output = stage.run(&[]);
    expect(&output, 2, "could not be removed");
    let before = stage.server.stand_in.state.lock().unwrap().files.len();
    let found = stage.command(&["leftovers"]).output().unwrap();
    expect(&found, 1, "nothing was deleted");
    assert!(printed(&found).contains("/conformance-"));
    assert_eq!(
        stage.server.stand_in.state.lock().unwrap().files.len(),
        before
    );
    let clean = Stage::new(Manners::default());
    expect(
        &clean.command(&["leftovers"]).output().unwrap(),
        0,
        "No run has left anything",
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_wait_that_a_busy_target_asked_for() {
    let stage = Stage::new(Manners {
        busy_once: Some("60"),
        ..Manners::default()
    });
    let child = stage
        .command(&["run", "--filter", "link/consume/second"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    stage.server.stand_in.wait_until_asked(1);
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    expect(&output, 2, "The run was interrupted");
    // It did not come to ask again, which it would have done a minute later.
    assert_eq!(stage.server.stand_in.asked().len(), 1);
}

#[cfg(unix)]
#[test]
fn ctrl_c_at_every_step_leaves_nothing() {
    // Six requests before the cases, seven in them, two for the clean-up.
    for step in 1..=15 {
        let stage = Stage::new(Manners {
            holds_back: Some(step),
            ..Manners::default()
        });
        let filters = [
            "--filter",
            "link/consume/second",
            "--filter",
            "link/consume/answers",
        ];
        let mut child = stage
            .command(&[&["run"], &filters[..]].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        assert!(
            stage.server.stand_in.wait_until_held(),
            "step {step} never came"
        );
        let pid = child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
        assert!(sent.success());
        // It says so when it has noticed; only then the answer goes.
        let mut noticed = String::new();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        errors.read_line(&mut noticed).unwrap();
        assert!(noticed.starts_with("Stopping"), "step {step}: {noticed}");
        stage.server.stand_in.let_go();
        let output = child.wait_with_output().unwrap();
        if step <= 12 {
            expect(&output, 2, "The run was interrupted");
        } else {
            expect(&output, 0, "AGREED");
        }
        assert!(
            stage.server.stand_in.is_empty(),
            "step {step}: {}",
            printed(&output)
        );
        let last = stage.server.stand_in.asked().pop();
        let proved = last.as_deref() == Some("POST /2/files/list_folder");
        assert!(proved, "step {step}: the last call was {last:?}");
    }
}
