//! `record` and `compare`: a recording agrees with a fresh run, and a changed byte is found.

use std::path::{Path, PathBuf};

use conformance::evidence::compare::compare;
use conformance::run::outcome::RunReport;
use conformance::talk::transcript::{Came, Content};

use super::stand_in::{Manners, StandIn};
use super::support::{Server, expect, run};

const FILTER: &str = "link/consume/";

fn record(server: &Server, fixtures: &Path) -> PathBuf {
    let output = run(&[
        "record",
        "--target",
        &server.url(),
        "--filter",
        FILTER,
        "--filter",
        "commit/modes/add",
        "--fixtures",
        fixtures.to_str().unwrap(),
    ]);
    let text = super::support::printed(&output);
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Recorded: "));
    PathBuf::from(line.unwrap_or_else(|| panic!("{text}")))
}

fn good() -> Server {
    Server::start(StandIn::new(Manners::default()))
}

fn nothing_accepted(directory: &Path) -> String {
    let path = directory.join("none.json");
    std::fs::write(&path, "[]").unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_recording_agrees_with_a_fresh_run_and_with_itself() {
    let directory = tempfile::tempdir().unwrap();
    let recording = record(&good(), directory.path());
    let accepted = nothing_accepted(directory.path());
    let left = recording.to_str().unwrap();
    let fresh = good();
    let output = run(&[
        "compare",
        left,
        &fresh.url(),
        "--filter",
        FILTER,
        "--filter",
        "commit/modes/add",
        "--accepted",
        &accepted,
        "--exact",
    ]);
    expect(&output, 0, " 0 differences");
    assert!(!super::support::printed(&output).starts_with("0 cases"));
}

#[test]
fn one_byte_that_changed_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let recording = record(&good(), directory.path());
    let accepted = nothing_accepted(directory.path());
    let lying = Server::start(StandIn::new(Manners {
        wrong_byte: true,
        ..Manners::default()
    }));
    let output = run(&[
        "compare",
        recording.to_str().unwrap(),
        &lying.url(),
        "--filter",
        FILTER,
        "--filter",
        "commit/modes/add",
        "--accepted",
        &accepted,
    ]);
    expect(
        &output,
        1,
        "+ Temporary upload link has been recently consumed!",
    );
    let text = std::fs::read_to_string(&recording).unwrap();
    let changed = text.replacen("content-hash\\\": \\\"9", "content-hash\\\": \\\"8", 1);
    let changed = if changed == text {
        text.replacen("\"status\":200", "\"status\":201", 1)
    } else {
        changed
    };
    let copy = directory.path().join("changed.ndjson");
    std::fs::write(&copy, changed).unwrap();
    let sides = [recording.to_str().unwrap(), copy.to_str().unwrap()];
    let output = run(&["compare", sides[0], sides[1], "--accepted", &accepted]);
    expect(&output, 1, " 1 differences");
}

/// The places in an answer that a comparison looks at, as JSON pointers.
fn compared_places(report: &RunReport) -> Vec<(usize, String)> {
    let mut places = Vec::new();
    for (index, case) in report.cases.iter().enumerate() {
        for (number, exchange) in case.exchanges.exchanges.iter().enumerate() {
            let Came::Answer(answer) = &exchange.outcome else {
                continue;
            };
            if exchange.group.is_some() {
                continue;
            }
            let at = format!("/exchanges/{number}/answer");
            places.push((index, format!("{at}/status")));
            for (header, (name, value)) in answer.headers.iter().enumerate() {
                let travels = ["date", "content-length", "connection"].contains(&name.as_str());
                if !travels && !value.as_str().is_empty() {
                    places.push((index, format!("{at}/headers/{header}/1")));
                }
            }
            if let Content::Text(_) = answer.body {
                places.push((index, format!("{at}/body/text")));
            }
        }
    }
    places
}

#[test]
fn whatever_part_of_an_answer_changes_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let recording =
        conformance::evidence::recording::read(&record(&good(), directory.path())).unwrap();
    let places = compared_places(&recording);
    assert!(places.len() > 50, "only {} places", places.len());
    for (index, place) in places {
        let mut case = serde_json::to_value(&recording.cases[index]).unwrap();
        let part = case.pointer_mut(&place).unwrap();
        *part = match part.take() {
            serde_json::Value::String(text) => {
                let changed = match text.as_bytes()[0] {
                    b'x' => "y",
                    _ => "x",
                };
                text.replacen(text.chars().next().unwrap(), changed, 1)
                    .into()
            }
            number => (number.as_u64().unwrap() + 1).into(),
        };
        let mut changed = recording.clone();
        changed.cases[index] = serde_json::from_value(case).unwrap();
        let found = compare(&recording, &changed, true).differences;
        assert_eq!(found.len(), 1, "{place} of {}", recording.cases[index].id);
    }
}

#[test]
fn a_header_that_comes_once_instead_of_twice_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let once = conformance::evidence::recording::read(&record(&good(), directory.path())).unwrap();
    let mut twice = once.clone();
    let exchange = &mut twice.cases[0].exchanges.exchanges[0];
    let Came::Answer(answer) = &mut exchange.outcome else {
        panic!("the first exchange has an answer");
    };
    let again = answer.headers[0].clone();
    answer.headers.push(again);
    assert_eq!(compare(&once, &twice, true).differences.len(), 1);
}

#[test]
fn an_accepted_divergence_is_quiet_until_it_is_stale() {
    let directory = tempfile::tempdir().unwrap();
    let recording = record(&good(), directory.path());
    let accepted = directory.path().join("accepted.json");
    std::fs::write(
        &accepted,
        r#"[{"case": "link/consume/second-use-is-gone", "field": "*",
             "reason": "the text has another end there", "date": "2026-01-02"}]"#,
    )
    .unwrap();
    let accepted = accepted.to_str().unwrap();
    let lying = Server::start(StandIn::new(Manners {
        wrong_byte: true,
        ..Manners::default()
    }));
    let left = recording.to_str().unwrap();
    let only = ["--filter", "second-use", "--accepted", accepted];
    let compare = |right: &str| run(&[&["compare", left, right], &only[..]].concat());
    expect(&compare(&lying.url()), 0, " 0 differences");
    expect(&compare(&good().url()), 1, "excuses nothing any more");
}

#[test]
fn a_comparison_tells_the_budget_of_its_runs_and_holds_to_the_limits() {
    let server = good();
    let sides = [
        "compare",
        &server.url(),
        &server.url(),
        "--filter",
        "second-use",
    ];
    let output = run(&sides);
    expect(&output, 0, "1 cases compared");
    expect(&output, 0, "budget: at most");
    let output = run(&[&sides[..], &["--max-calls", "5"]].concat());
    expect(&output, 2, "more than the 5 that were allowed");
}

#[test]
fn a_recording_that_was_cut_off_or_has_nothing_in_common_is_no_agreement() {
    let directory = tempfile::tempdir().unwrap();
    let recording = record(&good(), directory.path());
    let accepted = nothing_accepted(directory.path());
    let text = std::fs::read_to_string(&recording).unwrap();
    let cut = directory.path().join("cut.ndjson");
    let lines: Vec<&str> = text.lines().collect();
    std::fs::write(&cut, lines[..lines.len() - 1].join("\n")).unwrap();
    let left = recording.to_str().unwrap();
    let output = run(&[
        "compare",
        left,
        cut.to_str().unwrap(),
        "--accepted",
        &accepted,
    ]);
    expect(&output, 2, "the run was cut off");
    let empty = directory.path().join("empty.ndjson");
    std::fs::write(&empty, [lines[0], lines[lines.len() - 1]].join("\n")).unwrap();
    let output = run(&[
        "compare",
        left,
        empty.to_str().unwrap(),
        "--accepted",
        &accepted,
    ]);
    expect(&output, 3, "NOTHING WAS COMPARED");
}
