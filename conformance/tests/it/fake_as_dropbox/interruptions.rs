//! A run that is interrupted, after each of its exchanges: nothing of it is left, or it is named; and no
//! secret is in anything that it says.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use fake_dropbox::internals::control::journal::Query;
use fake_dropbox::internals::control::scope::Scope;
use fake_dropbox::{Fault, FaultAnswer, Times};

use super::gate::Gate;
use super::{ACCOUNT, REPORTS, Stage};
use crate::support::{expect, printed};

/// Each kind of step: links, bodies by the content host, folders, sessions, a raw connection, and answers
/// that say whose account it is.
const CASES: [&str; 6] = [
    "link/consume/second-use-is-gone",
    "link/framing/expect-continue",
    "commit/modes/add-conflicts-with-other-content-by-upload",
    "folders/create/over-something",
    "sessions/sequential/closed",
    "users/account/shape",
];

fn command(stage: &Stage, gate: &Gate) -> Command {
    let mut command = stage.command_through(gate.address, &["run", "--verbose"]);
    command.args(CASES.iter().flat_map(|case| ["--filter", case]));
    stage.ask_for_reports(&mut command);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The exchanges of a run that nobody interrupts, by their routes.
fn all_exchanges() -> Vec<String> {
    let stage = Stage::new();
    let gate = Gate::holding(&stage, u64::MAX);
    let output = command(&stage, &gate).output().unwrap();
    expect(&output, 0, "AGREED");
    assert!(printed(&output).contains("6 cases"), "{}", printed(&output));
    assert_eq!(stage.holds(), [""; 0]);
    stage.hold_no_secret(&output);
    routes(&stage)
}

fn routes(stage: &Stage) -> Vec<String> {
    let entries = stage.app.journal.entries(&Query::default());
    entries
        .iter()
        .map(|entry| entry.route.to_string())
        .collect()
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args([name, &pid]).status().unwrap();
    assert!(sent.success());
}

/// Nothing outside the run's folder was named, but by the questions that look at no path.
fn stayed_in_its_folder(stage: &Stage) {
    for entry in stage.app.journal.entries(&Query::default()) {
        let path = entry.path.clone().unwrap_or_default();
        let inside = path.is_empty() || path.starts_with("/conformance-");
        assert!(inside, "{} was sent {path}", entry.route);
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_after_each_exchange_leaves_nothing_and_says_no_secret() {
    let exchanges = all_exchanges();
    let count = exchanges.len();
    assert_eq!(exchanges[0], "oauth2/token");
    assert_eq!(
        exchanges[count - 2..],
        ["files/delete_v2", "files/list_folder"]
    );
    for (step, route) in (1..).zip(&exchanges) {
        let stage = Stage::new();
        let gate = Gate::holding(&stage, step);
        let mut child = command(&stage, &gate).spawn().unwrap();
        assert!(gate.waits_for_holding(), "step {step} never came");
        // Ctrl-C, a job that is cancelled, a terminal that is closed.
        let name = match step % 3 {
            0 => "-TERM",
            1 => "-INT",
            _ => "-HUP",
        };
        signal(&child, name);
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let mut noticed = String::new();
        errors.read_line(&mut noticed).unwrap();
        assert!(noticed.starts_with("Stopping"), "step {step}: {noticed}");
        gate.let_go();
        let mut output = child.wait_with_output().unwrap();
        errors.read_to_end(&mut output.stderr).unwrap();
        // After the last exchange of the last case there is nothing left to interrupt.
        if step < count as u64 - 2 {
            expect(&output, 2, "interrupted");
        } else {
            expect(&output, 0, "AGREED");
        }
        let left = stage.holds();
        assert!(left.is_empty(), "step {step}, {route}: {left:?}");
        stage.hold_no_secret(&output);
        stayed_in_its_folder(&stage);
        // Whoever has a folder proves that it is gone.
        if step > 3 {
            let last = routes(&stage).pop();
            assert_eq!(last.as_deref(), Some("files/list_folder"), "step {step}");
        }
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_while_an_answer_never_comes_leaves_nothing() {
    let stage = Stage::new();
    // It is stored, and nobody says so.
    let stall = Fault::after_commit().of("upload_link").stall();
    stage.app.faults.add(Scope::All, stall).unwrap();
    let account = stage.app.world().account(ACCOUNT);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let child = stage
        .command(&["run", "--filter", CASES[0]])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stored = |path: &String| path.ends_with("/a.txt");
    loop {
        let changes = account.changes();
        if stage.holds().iter().any(stored) {
            break;
        }
        runtime.block_on(account.changed(changes));
    }
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    expect(&output, 2, "The run was interrupted");
    assert_eq!(stage.holds(), [""; 0], "{}", printed(&output));
}

#[cfg(unix)]
#[test]
fn what_a_killed_run_leaves_is_named_by_leftovers_and_stays_there() {
    let count = all_exchanges().len() as u64;
    let mut named = 0;
    // Before there is a folder, in the set-up, in the cases, and on both sides of the delete.
    for step in [3, 4, 5, count / 2, count - 3, count - 2, count - 1] {
        let stage = Stage::new();
        let gate = Gate::holding(&stage, step);
        let mut child = command(&stage, &gate).spawn().unwrap();
        assert!(gate.waits_for_holding(), "step {step} never came");
        signal(&child, "-KILL");
        child.wait().unwrap();
        // What was said until then is there, and is not taken for all of it.
        let json = stage.at(REPORTS[0]);
        let cut_off = conformance::evidence::recording::read(&json).unwrap_err();
        assert!(cut_off.contains("the run was cut off"), "{cut_off}");
        let lines = std::fs::read_to_string(&json).unwrap().lines().count();
        assert_eq!(lines > 1, step > 8, "step {step}: {lines} lines");
        let before = stage.holds();
        let folders = before.iter().filter(|path| !path[1..].contains('/'));
        let folders: Vec<&String> = folders.collect();
        let output = stage.command(&["leftovers"]).output().unwrap();
        match folders[..] {
            [] => expect(&output, 0, "No run has left anything"),
            [folder] => {
                expect(&output, 1, "nothing was deleted");
                expect(&output, 1, folder);
                named += 1;
            }
            _ => panic!("step {step}: one run made {folders:?}"),
        }
        assert_eq!(stage.holds(), before, "leftovers changes nothing");
        stage.hold_no_secret(&output);
    }
    assert!(named >= 4, "only {named} of the killed runs left a folder");
}

#[test]
fn a_network_that_goes_away_is_told_and_what_is_left_is_named() {
    let stage = Stage::new();
    // The answer to the first upload of a case.
    let gate = Gate::holding(&stage, 7);
    let child = command(&stage, &gate).spawn().unwrap();
    assert!(gate.waits_for_holding());
    gate.tear();
    let output = child.wait_with_output().unwrap();
    expect(&output, 2, "could not be removed");
    stage.hold_no_secret(&output);
    let left = stage.holds();
    let folder = left.first().expect("the clean-up could not reach it");
    expect(&output, 2, folder);
    let found = stage.command(&["leftovers"]).output().unwrap();
    expect(&found, 1, folder);
}

#[test]
fn a_clean_up_that_dropbox_refuses_is_told_and_what_is_left_is_named() {
    let stage = Stage::new();
    let broken = Fault::head()
        .of("files/delete_v2")
        .answer(FaultAnswer::InternalError)
        .times(Times::Unlimited);
    stage.app.faults.add(Scope::All, broken).unwrap();
    let gate = Gate::holding(&stage, u64::MAX);
    let output = command(&stage, &gate).output().unwrap();
    expect(&output, 2, "could not be removed");
    stage.hold_no_secret(&output);
    let left = stage.holds();
    expect(&output, 2, &left[0]);
    let found = stage.command(&["leftovers"]).output().unwrap();
    expect(&found, 1, &left[0]);
}
