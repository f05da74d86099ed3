//! The answers of the probes on the fake are its assumptions. With another assumption the probe gives
//! the other answer: so each can be asked, and no probe is deaf.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use conformance::cases;
use conformance::cases::case::{Case, Kind};
use conformance::run::outcome::{CaseReport, RunReport};
use conformance::run::runner::{self, Plan};
use conformance::secrecy::secret::Vault;
use conformance::targets::{GivenTokens, url};
use conformance::targets::{Reach, fake};
use fake_dropbox::internals::dropbox::assumptions::Assumptions;
use serde_json::{Value, json};

use super::coverage::read;

/// Runs cases on a fake that assumes this.
pub async fn run(assumptions: Assumptions, cases: Vec<Case>) -> RunReport {
    let fake = fake::start_assuming(assumptions).unwrap();
    let reach = Reach {
        api: fake.url.clone(),
        content: fake.url.clone(),
        ca_file: None,
        connect_to: None,
        timeout: Duration::from_secs(30),
    };
    let vault = Arc::new(Vault::default());
    let target = url::connect("fake", &reach, GivenTokens::default(), vault)
        .await
        .unwrap();
    let plan = Plan {
        cases,
        slow: false,
        big: false,
        case_timeout: Duration::from_mins(1),
        allow_full_dropbox: true,
    };
    runner::run(
        &plan,
        Arc::new(target),
        Arc::new(AtomicBool::new(false)),
        &mut [],
    )
    .await
}

/// The answers to this question; a case that went wrong says so in the place of an answer, and one
/// that does not apply or asks for another part of the question is left out.
fn answers(report: &RunReport, question: &str) -> Vec<String> {
    let answer = |case: &CaseReport| match case.observations.get(question) {
        Some(answer) => Some(answer.clone()),
        None if case.outcome.is_red() => Some(format!("{}: {}", case.id, case.outcome.word())),
        None => None,
    };
    report.cases.iter().filter_map(answer).collect()
}

fn probes_of(question: &str) -> Vec<Case> {
    let asks = |case: &Case| case.kind == Kind::Probe && case.rules.contains(&question);
    cases::all()
        .into_iter()
        .filter(|case| asks(case) && !case.needs.big)
        .collect()
}

/// How a probe says that the assumption has this value.
fn as_answered(id: &str, value: &Value) -> String {
    match (id, value) {
        ("OQ-14", Value::Number(seconds)) if seconds.as_u64() < Some(60) => {
            "at most 60 seconds".to_owned()
        }
        ("OQ-14", _) => "more than 60 seconds".to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// Other values of an assumption that a probe must tell from its default.
fn other_values(assumption: &Value) -> Vec<Value> {
    if let Some(choices) = assumption["choices"].as_object() {
        let default = super::support::default_answer(assumption);
        let default = default.as_str().unwrap();
        // The fake puts the list of AQ-18 into pages only, even where its choice says everywhere.
        let settled = |choice: &str| [default, "as_dialect", "mixed"].contains(&choice);
        return choices
            .keys()
            .filter(|choice| !settled(choice))
            .map(|choice| json!(choice))
            .collect();
    }
    match assumption["id"].as_str().unwrap() {
        "OQ-08" => vec![json!(12)],
        "OQ-12" => vec![json!(204)],
        "OQ-14" => vec![json!(10)],
        "OQ-13" => vec![json!("text/plain")],
        "AQ-10" => vec![json!("(another copy)")],
        _ if assumption["type"] == "text" => vec![json!("The words of the service.")],
        _ => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_probe_answers_with_the_assumption_of_the_fake() {
    let probes = cases::all()
        .into_iter()
        .filter(|case| case.kind == Kind::Probe && !case.needs.big);
    let report = run(Assumptions::default(), probes.collect()).await;
    let mut answers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in &report.cases {
        assert!(
            case.outcome.is_green() || case.outcome.word() == "skipped",
            "{}: {:?}",
            case.id,
            case.detail
        );
        for (question, answer) in &case.observations {
            answers.entry(question).or_default().push(answer);
        }
    }
    for assumption in read("assumptions.json")["assumptions"].as_array().unwrap() {
        let id = assumption["id"].as_str().unwrap();
        let expected = as_answered(id, &super::support::default_answer(assumption));
        for answer in answers.remove(id).unwrap_or_default() {
            assert_eq!(answer, expected, "{id}");
        }
    }
    // Answers to questions that have no setting: what the fake does, so that a change is seen.
    let rest: BTreeMap<&str, &str> = answers
        .into_iter()
        .map(|(id, answers)| (id, answers[0]))
        .collect();
    for (question, expected) in WITHOUT_A_SETTING {
        assert_eq!(rest.get(question), Some(expected), "{question}");
    }
}

const AS_THE_VALIDATOR: &str = "as the validator says";

/// How the fake answers questions that are no setting of it.
const WITHOUT_A_SETTING: &[(&str, &str)] = &[
    (
        "AQ-10.numbering",
        "plain (1) | archive.tar (1).gz | .hidden (1) | file (1) (1).txt | file (a) (1).txt | v1.2 (1). | plain (2)",
    ),
    ("AQ-03.argument", AS_THE_VALIDATOR),
    ("AQ-08.names", "all are stored"),
    ("OQ-02.head", "burns"),
    ("OQ-04.consumed_and_expired", "of its end"),
    ("OQ-07.announced", "413"),
    ("OQ-08.host", "that of the content routes"),
    ("OQ-15.fraction", "it counts"),
    ("OQ-16.ids", "pattern_only"),
    ("OQ-18.doubled_key", "the last"),
    ("OQ-18.duration", AS_THE_VALIDATOR),
    ("OQ-18.insides", AS_THE_VALIDATOR),
    ("OQ-18.mode", AS_THE_VALIDATOR),
    ("OQ-18.mode_value", AS_THE_VALIDATOR),
    ("OQ-18.no_object", AS_THE_VALIDATOR),
    ("OQ-18.not_finite", AS_THE_VALIDATOR),
    ("OQ-22.rest", "both are ignored"),
    ("OQ-22.select_user", "ignored"),
];

#[tokio::test(flavor = "multi_thread")]
async fn with_another_assumption_a_probe_gives_the_other_answer() {
    let mut told = 0;
    let mut deaf = Vec::new();
    for assumption in read("assumptions.json")["assumptions"].as_array().unwrap() {
        let id = assumption["id"].as_str().unwrap();
        let probes = probes_of(id);
        if probes.is_empty() {
            continue;
        }
        for value in other_values(assumption) {
            let mut assumptions = Assumptions::default();
            let name = assumption["name"].as_str().unwrap();
            assumptions.set_json(name, value.clone()).unwrap();
            let report = run(assumptions, probes.clone()).await;
            for answer in answers(&report, id) {
                told += 1;
                if answer != as_answered(id, &value) {
                    deaf.push(format!("{id} is {value}, and the answer {answer}"));
                }
            }
        }
    }
    assert!(deaf.is_empty(), "{}", deaf.join("\n"));
    assert!(
        told >= 30,
        "only {told} answers were told from their defaults"
    );
}
