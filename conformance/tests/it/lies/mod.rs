//! The suite can fail: a proxy before the fake breaks one rule at a time, and the case that owns the
//! rule must notice. The table is written to `LIES.md`.

mod about_auth;
mod about_batches;
mod about_bodies;
mod about_commits;
mod about_details;
mod about_files;
mod about_folders;
mod about_headers;
mod about_input;
mod about_links;
mod about_mints;
mod about_older_forms;
mod about_paths;
mod about_restores;
mod about_rivals_files;
mod about_rivals_links;
mod about_sessions;
mod about_sharing;
mod about_tokens;
mod about_uses;
mod catalogue;
mod connection;
mod dialect;
mod exchanges;
mod fields;
mod first_look;
mod means;
mod proxy;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use conformance::cases;
use conformance::cases::case::Case;
use conformance::run::outcome::{Outcome, RunReport};
use conformance::run::runner::{self, Plan};
use conformance::secrecy::secret::Vault;
use conformance::talk::spelling::Dialect;
use conformance::targets::{GivenTokens, Target, url};
use conformance::targets::{Reach, fake};
use fake_dropbox::internals::dropbox::assumptions::Assumptions;
use futures_util::StreamExt as _;
use tokio::sync::OnceCell;

use catalogue::Lie;
use proxy::Proxy;

/// Runs the cases through a proxy that tells this lie.
async fn run_through(lie: Lie, cases: Vec<Case>) -> RunReport {
    // The words of 2025 are the ones that are known, so that a lie about them can be told.
    run_in(Dialect::Of2025, lie, cases).await
}

/// What all cases say where nobody lies. Several tests start from there.
async fn truth(dialect: Dialect) -> &'static RunReport {
    static OF_2025: OnceCell<RunReport> = OnceCell::const_new();
    static OF_2026: OnceCell<RunReport> = OnceCell::const_new();
    let once = match dialect {
        Dialect::Of2025 => &OF_2025,
        Dialect::Of2026 => &OF_2026,
    };
    once.get_or_init(|| run_in(dialect, Lie::TRUTH, cases::all()))
        .await
}

/// The target at an address, over plain HTTP, as the suite knows any other.
async fn connect(at: &str) -> Target {
    let reach = Reach {
        api: at.to_owned(),
        content: at.to_owned(),
        ca_file: None,
        connect_to: None,
        timeout: Duration::from_secs(10),
    };
    let vault = Arc::new(Vault::default());
    let connected = url::connect("proxy", &reach, GivenTokens::default(), vault).await;
    connected.unwrap()
}

async fn run_in(dialect: Dialect, lie: Lie, cases: Vec<Case>) -> RunReport {
    let mut assumptions = Assumptions::default();
    let year = match dialect {
        Dialect::Of2025 => "2025",
        Dialect::Of2026 => "2026",
    };
    assumptions.set("dialect", year).unwrap();
    let fake = fake::start_assuming(assumptions).unwrap();
    let proxy = Proxy::start(&fake.url, lie).await;
    let mut target = connect(&proxy.url).await;
    // The lies are about Dropbox: the controls are asked without them.
    let controls = url::use_controls(&mut target, &fake.url).await;
    assert!(controls.is_some());
    let plan = Plan {
        cases,
        slow: false,
        big: false,
        case_timeout: Duration::from_secs(20),
        allow_full_dropbox: false,
    };
    runner::run(&plan, Arc::new(target), Arc::default(), &mut []).await
}

fn lies() -> Vec<Lie> {
    [
        about_links::LIES,
        about_mints::LIES,
        about_bodies::LIES,
        about_uses::LIES,
        about_commits::LIES,
        about_auth::LIES,
        about_batches::LIES,
        about_tokens::LIES,
        about_input::LIES,
        about_headers::LIES,
        about_older_forms::LIES,
        about_paths::LIES,
        about_files::LIES,
        about_folders::LIES,
        about_restores::LIES,
        about_sessions::LIES,
        about_details::LIES,
        about_sharing::LIES,
        about_rivals_links::LIES,
        about_rivals_files::LIES,
    ]
    .concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_lie_every_case_agrees_and_each_that_judges_has_a_lie_to_catch() {
    let report = truth(Dialect::Of2025).await;
    let red: Vec<_> = report
        .cases
        .iter()
        .filter(|case| case.outcome.is_red())
        .map(|case| format!("{}: {:?}", case.id, case.detail))
        .collect();
    assert!(red.is_empty(), "{}", red.join("\n"));
    assert_eq!(report.trouble, None);
    // A probe only asks, and what is skipped here cannot be lied to.
    let mut caught: BTreeSet<&str> = lies().into_iter().map(|lie| lie.caught_by).collect();
    let judges = fields::judges();
    caught.extend(judges.iter().map(String::as_str));
    let unproved: Vec<_> = report
        .cases
        .iter()
        .filter(|case| case.outcome == Outcome::Agreed && !caught.contains(case.id.as_str()))
        .map(|case| case.id.as_str())
        .collect();
    assert!(
        unproved.is_empty(),
        "nothing shows that these cases can fail: {}",
        unproved.join(", ")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lie_is_caught_by_the_case_that_owns_its_rule() {
    let all: BTreeMap<&str, Case> = cases::all()
        .into_iter()
        .map(|case| (case.id, case))
        .collect();
    let checks = lies().into_iter().map(|lie| fault_of(lie, &all));
    // Each lie has a fake of its own: several at a time do not meet.
    let uncaught: Vec<String> = futures_util::stream::iter(checks)
        .buffered(4)
        .filter_map(std::future::ready)
        .collect()
        .await;
    assert!(uncaught.is_empty(), "{}", uncaught.join("\n"));
}

/// What is wrong with how a lie was caught.
async fn fault_of(lie: Lie, all: &BTreeMap<&str, Case>) -> Option<String> {
    let Some(case) = all.get(lie.caught_by) else {
        return Some(format!("{}: there is no case {}", lie.name, lie.caught_by));
    };
    let report = run_through(lie, vec![*case]).await;
    let result = report.cases.first();
    // A lie that makes the target unusable would be caught by anything.
    if report.trouble.is_none() && result.is_some_and(|case| case.outcome.is_red()) {
        return None;
    }
    let verdict = result.map(|case| (case.outcome, case.detail.clone()));
    Some(format!(
        "{}: {} says {verdict:?}, {:?}",
        lie.name, lie.caught_by, report.trouble
    ))
}

/// Whether errors can be read by pages is open, and so is whether all of them can: no case may turn red.
#[tokio::test(flavor = "multi_thread")]
async fn that_no_page_can_read_a_413_is_told_by_the_probe() {
    let without = ("access-control-allow-origin", None);
    let lie = catalogue::header("no page can read a 413", "", ("link", 413), without);
    for (lie, answer) in [(Lie::TRUTH, "yes"), (lie, "some")] {
        let mut cases = cases::all();
        cases.retain(|case| case.id == "link/cors/probe-on-errors");
        let report = run_through(lie, cases).await;
        let told = &report.cases[0].observations;
        assert_eq!(told["OQ-12.cors_on_errors"], answer, "{}", lie.name);
    }
}

#[test]
fn every_lie_has_a_name_of_its_own() {
    let lies = lies();
    let names: BTreeSet<&str> = lies.iter().map(|lie| lie.name).collect();
    assert_eq!(names.len(), lies.len());
    assert!(lies.len() >= 60, "only {} lies", lies.len());
}

#[test]
fn the_table_of_lies_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/LIES.md");
    let table = table();
    if std::env::var_os("UPDATE_TABLES").is_some() {
        std::fs::write(path, &table).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == table,
        "LIES.md is not up to date: run the tests with UPDATE_TABLES=1"
    );
}

fn table() -> String {
    let mut text = String::from(
        "# Lies that the suite must catch\n\n\
         A proxy before the fake breaks one rule at a time (`tests/it/lies/`); the case in the right column must \
         turn red.\nThis table is generated: run the tests with `UPDATE_TABLES=1`.\n\n\
         | lie | caught by |\n|---|---|\n",
    );
    for lie in lies() {
        writeln!(text, "| {} | `{}` |", lie.name, lie.caught_by).unwrap();
    }
    writeln!(text, "\n{} lies.", lies().len()).unwrap();
    text
}
