//! Open is open: whatever a target answers to a question that the sources leave open, no case that judges
//! may fail for it. The whole suite runs on the fake once for every choice of every assumption, and for
//! one other value of each that is free.

use conformance::cases;
use conformance::cases::case::Kind;
use fake_dropbox::internals::dropbox::assumptions::Assumptions;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::answers::run;
use super::coverage::read;

/// An assumption with a value that is not its default.
struct Other {
    id: String,
    name: String,
    value: Value,
}

fn others() -> Vec<Other> {
    let mut others = Vec::new();
    for assumption in read("assumptions.json")["assumptions"].as_array().unwrap() {
        let text = |key: &str| assumption[key].as_str().unwrap_or_default().to_owned();
        let values = match assumption["choices"].as_object() {
            Some(choices) => choices
                .keys()
                .filter(|choice| **choice != text("default"))
                .map(|choice| json!(choice))
                .collect(),
            None => vec![other_value(&text("id"), &text("default"))],
        };
        others.extend(values.into_iter().map(|value| Other {
            id: text("id"),
            name: text("name"),
            value,
        }));
    }
    others
}

/// A value of an assumption without choices that a real server could have.
fn other_value(id: &str, default: &str) -> Value {
    match id {
        "OQ-02b" | "OQ-14" | "RQ-04" => json!(10),
        "OQ-07" => json!(250_000_000),
        "OQ-08" => json!(12),
        "OQ-12" => json!(204),
        "OQ-13" => json!("text/plain"),
        "OQ-23" => json!(1_000_000),
        "AQ-32" => json!(1000),
        "AQ-10" => json!("(another copy)"),
        "RQ-06" => json!(2),
        // Whether a full stop follows is the question.
        "OQ-05" => json!(format!("{default}.")),
        _ if id.starts_with("OQ-04") => json!("The words of the service."),
        _ => panic!("{id}: say here which other value it could have"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_case_fails_for_an_answer_to_an_open_question() {
    let runs = others().into_iter().map(|other| async move {
        let mut assumptions = Assumptions::default();
        assumptions
            .set_json(&other.name, other.value.clone())
            .unwrap();
        let report = run(assumptions, cases::all()).await;
        let named = |case: &str| {
            let case = cases::all().into_iter().find(|known| known.id == case);
            // A probe that fails cannot write the answer down.
            case.is_some_and(|case| {
                case.kind != Kind::Probe && case.rules.contains(&other.id.as_str())
            })
        };
        let mut red: Vec<String> = report
            .cases
            .iter()
            .filter(|case| case.outcome.is_red() && !named(&case.id))
            .map(|case| {
                let detail = case.detail.as_ref().map_or("", |detail| detail.as_str());
                format!("{} is {}: {}: {detail}", other.name, other.value, case.id)
            })
            .collect();
        red.extend(
            report
                .trouble
                .map(|trouble| format!("{}: {trouble}", other.name)),
        );
        red
    });
    let red: Vec<Vec<String>> = futures_util::stream::iter(runs)
        .buffer_unordered(2)
        .collect()
        .await;
    let red = red.concat();
    assert!(red.is_empty(), "{}", red.join("\n"));
}
