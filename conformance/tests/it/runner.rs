//! What the runner does with targets and cases that misbehave: each is red, with its exit code.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use conformance::cases::case::{Case, Cost, Kind, Needs};
use conformance::run::exit::Ending;
use conformance::run::outcome::{Outcome, RunReport};
use conformance::run::runner::{self, Plan};
use conformance::secrecy::secret::Vault;
use conformance::talk::commit_info::commit_info;
use conformance::targets::GivenTokens;
use conformance::targets::{Reach, url};

use super::stand_in::{Manners, StandIn};
use super::support::{Server, expect, run};

/// Cases that the stand-in agrees with.
const GOOD: &str = "link/consume/second-use-is-gone";

#[test]
fn a_good_target_agrees() {
    let server = Server::start(StandIn::new(Manners::default()));
    let output = run(&["run", "--target", &server.url(), "--filter", GOOD]);
    expect(&output, 0, "AGREED");
    assert!(server.stand_in.is_empty(), "the clean-up left something");
    let agents = &server.stand_in.state.lock().unwrap().user_agents;
    assert!(
        agents
            .iter()
            .any(|agent| agent.ends_with("(link/consume/second-use-is-gone)"))
    );
}

#[test]
fn a_target_that_lies_differs() {
    let manners = Manners {
        link_works_twice: true,
        ..Manners::default()
    };
    let server = Server::start(StandIn::new(manners));
    let output = run(&["run", "--target", &server.url(), "--filter", GOOD]);
    expect(
        &output,
        1,
        "expected that the status is 410; what came: 200",
    );
}

#[test]
fn a_dead_target_cannot_be_run() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let output = run(&["run", "--target", &format!("http://{free}")]);
    expect(&output, 2, "Nobody can be reached");
}

#[test]
fn a_target_that_hangs_cannot_be_run() {
    // It accepts, because the kernel does, and never answers.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let output = run(&["run", "--target", &url, "--timeout", "1"]);
    expect(&output, 2, "does not answer within 1 seconds");
}

#[test]
fn a_web_page_is_no_target() {
    let manners = Manners {
        refuses: Some((200, "<!DOCTYPE html><title>Router</title>")),
        ..Manners::default()
    };
    let server = Server::start(StandIn::new(manners));
    let output = run(&["run", "--target", &server.url()]);
    expect(&output, 2, "answers with a web page");
}

#[test]
fn no_case_selected_compares_nothing() {
    let output = run(&[
        "run",
        "--target",
        "http://127.0.0.1:9",
        "--filter",
        "no-such-case",
    ]);
    expect(&output, 3, "No case is selected");
    expect(
        &run(&["list", "--filter", "no-such-case"]),
        3,
        "No case is selected",
    );
}

#[test]
fn all_cases_skipped_compare_nothing() {
    let server = Server::start(StandIn::new(Manners::default()));
    let output = run(&[
        "run",
        "--target",
        &server.url(),
        "--filter",
        "link/expiry/gone",
    ]);
    expect(&output, 3, "NOTHING WAS COMPARED");
    expect(&output, 3, "give --slow");
    let asked = server.stand_in.asked();
    assert_eq!(
        asked,
        ["GET /_fake/v1/clock"],
        "nothing to compare needs no call"
    );
}

#[test]
fn nobody_waits_longer_than_a_token_lives() {
    let server = Server::start(StandIn::new(Manners::default()));
    let case = [
        "--filter",
        "files/temporary-link/expires",
        "--filter",
        "seven-days",
    ];
    let output = run(&[&["run", "--target", &server.url(), "--slow"], &case[..]].concat());
    expect(&output, 3, "skipped 2: it takes hours and more");
}

#[test]
fn the_costs_are_summed_by_what_a_run_needs() {
    let output = run(&[
        "list",
        "--costs",
        "--filter",
        "link/expiry",
        "--filter",
        "temporary-link",
    ]);
    expect(&output, 0, "on any account");
    let text = super::support::printed(&output);
    let slow = text.lines().find(|line| line.ends_with("more with --slow"));
    let seconds = slow.unwrap().split_whitespace().nth(2).unwrap();
    let seconds: u64 = seconds.parse().unwrap();
    assert!((60..3600).contains(&seconds), "{text}");
}

#[test]
fn a_mistake_on_the_command_line_cannot_be_run_and_help_can() {
    expect(&run(&["run", "--no-such-option"]), 2, "--no-such-option");
    expect(&run(&["run", "--target", "somewhere"]), 2, "is no target");
    expect(&run(&["run", "--help"]), 0, "Exit codes:");
}

#[test]
fn a_budget_that_is_too_small_is_noticed_before_the_first_case() {
    let server = Server::start(StandIn::new(Manners::default()));
    let output = run(&["run", "--target", &server.url(), "--max-calls", "5"]);
    expect(&output, 2, "more than the 5 that were allowed");
}

#[test]
fn a_busy_target_is_waited_for() {
    let manners = Manners {
        busy_once: Some("1"),
        ..Manners::default()
    };
    let server = Server::start(StandIn::new(manners));
    let output = run(&["run", "--target", &server.url(), "--filter", GOOD]);
    expect(&output, 0, "AGREED");
    let mints = server.stand_in.asked();
    let mints = mints
        .iter()
        .filter(|call| call.ends_with("upload_link"))
        .count();
    assert_eq!(
        mints, 3,
        "one for the preflight, the same again, one for the case"
    );
}

const ROW: Case = Case {
    id: "test/row",
    sentence: "A row for tests.",
    rules: &["UL-01"],
    kind: Kind::Required,
    cost: Cost::calls(2),
    needs: Needs::NOTHING,
    run: |_| Box::pin(async { Ok(()) }),
};

/// Runs cases of the test's own in this process.
async fn report_of(cases: Vec<Case>, server: &Server, stopping: Arc<AtomicBool>) -> RunReport {
    let reach = Reach {
        api: server.url(),
        content: server.url(),
        ca_file: None,
        connect_to: None,
        timeout: Duration::from_secs(5),
    };
    let vault = Arc::new(Vault::default());
    let target = url::connect("test", &reach, GivenTokens::default(), vault)
        .await
        .unwrap();
    let plan = Plan {
        cases,
        slow: false,
        big: false,
        case_timeout: Duration::from_secs(2),
        allow_full_dropbox: false,
    };
    runner::run(&plan, Arc::new(target), stopping, &mut []).await
}

async fn outcome_of(case: Case) -> (Outcome, String, Ending) {
    let server = Server::start(StandIn::new(Manners::default()));
    let report = report_of(vec![case], &server, Arc::default()).await;
    let detail = report.cases[0]
        .detail
        .clone()
        .unwrap_or_default()
        .to_string();
    (report.cases[0].outcome, detail, report.ending())
}

#[tokio::test]
async fn a_case_that_panics_is_red_and_does_not_end_the_run() {
    let panics = Case {
        run: |_| Box::pin(async { panic!("as planned") }),
        ..ROW
    };
    let mints = Case {
        id: "test/mints",
        run: |t| {
            Box::pin(async move {
                t.mint(commit_info("/a.txt")).await?;
                Ok(())
            })
        },
        ..ROW
    };
    let server = Server::start(StandIn::new(Manners::default()));
    let report = report_of(vec![panics, mints], &server, Arc::default()).await;
    assert_eq!(report.cases[0].outcome, Outcome::Panicked);
    assert_eq!(
        report.cases[0].detail.as_ref().unwrap().as_str(),
        "as planned"
    );
    assert_eq!(report.cases[1].outcome, Outcome::Agreed);
    assert_eq!(report.ending(), Ending::Differed);
}

#[tokio::test]
async fn a_case_that_takes_too_long_is_red() {
    let (outcome, detail, ending) = outcome_of(Case {
        run: |_| Box::pin(std::future::pending()),
        ..ROW
    })
    .await;
    assert_eq!(
        (outcome, ending),
        (Outcome::TimedOut, Ending::Differed),
        "{detail}"
    );
}

#[tokio::test]
async fn a_case_without_an_exchange_is_red() {
    let (outcome, detail, _) = outcome_of(ROW).await;
    assert_eq!(outcome, Outcome::Refused, "{detail}");
    assert!(detail.contains("compares nothing"));
}

#[tokio::test]
async fn a_case_that_costs_more_than_it_says_is_red() {
    let (outcome, detail, _) = outcome_of(Case {
        run: |t| {
            Box::pin(async move {
                for _ in 0..3 {
                    t.mint(commit_info("/a.txt")).await?;
                }
                Ok(())
            })
        },
        ..ROW
    })
    .await;
    assert_eq!(outcome, Outcome::Refused);
    assert!(
        detail.contains("the budget of 2 calls is spent"),
        "{detail}"
    );
}

#[tokio::test]
async fn a_probe_without_an_answer_is_red() {
    let (outcome, detail, _) = outcome_of(Case {
        kind: Kind::Probe,
        run: |t| {
            Box::pin(async move {
                t.mint(commit_info("/a.txt")).await?;
                Ok(())
            })
        },
        ..ROW
    })
    .await;
    assert_eq!(outcome, Outcome::Refused);
    assert!(detail.contains("without an answer"), "{detail}");
}

#[tokio::test]
async fn a_case_that_leaves_its_folder_is_stopped_before_it_does() {
    let (outcome, detail, _) = outcome_of(Case {
        run: |t| {
            Box::pin(async move {
                let argument = serde_json::json!({"path": "/somebody-elses.txt"});
                t.rpc("files/delete_v2", argument).await?;
                Ok(())
            })
        },
        ..ROW
    })
    .await;
    assert_eq!(outcome, Outcome::Refused);
    assert!(detail.contains("was given a path outside"), "{detail}");
}

#[tokio::test]
async fn a_link_for_a_path_outside_is_minted_and_never_used() {
    let (outcome, detail, _) = outcome_of(Case {
        run: |t| {
            Box::pin(async move {
                let argument = serde_json::json!({"commit_info": {"path": "/outside.txt"}});
                let answer = t.mint_with(argument.clone()).await?;
                let link = t.link_of(&answer, &argument)?;
                t.consume(&link, b"x").await?;
                Ok(())
            })
        },
        ..ROW
    })
    .await;
    assert_eq!(outcome, Outcome::Refused);
    assert!(detail.contains("must not be used"), "{detail}");
}
