//! No lies, but another spelling: the truth in the dialect of 2026, which no case may take for a fault.

use conformance::cases;
use conformance::run::outcome::{Outcome, RunReport};
use conformance::talk::spelling::{Dialect, in_ascii, words_of_2026};
use serde_json::{Value, json};

use super::catalogue::Lie;
use super::proxy::{Ask, Memory, Said};
use super::{run_through, truth};

const OF_2026: Lie = Lie {
    name: "the dialect of 2026",
    after: Some(respelled),
    ..Lie::TRUTH
};

/// In the months between, each answer came in the one or in the other.
const MIXED: Lie = Lie {
    name: "both dialects",
    after: Some(|ask, said, memory| {
        let asked = memory.asked.values().sum::<usize>();
        if asked.is_multiple_of(3) {
            respelled(ask, said, memory);
        }
    }),
    ..Lie::TRUTH
};

fn respelled(ask: &Ask, said: &mut Said, _: &mut Memory) {
    said.drop_header("accept-encoding");
    if said.body.len() < 128 {
        said.drop_header("vary");
    }
    if ask.path.starts_with("/oauth2/") || ask.path.starts_with("/_fake/") {
        // The token endpoint stayed as it was.
        return;
    }
    let header = said.headers.iter_mut();
    for (_, result) in header.filter(|(name, _)| name == "dropbox-api-result") {
        *result = in_ascii(&of_2026(result.as_bytes()).unwrap());
    }
    if let Some(json) = of_2026(&said.body) {
        said.body = json.into();
    } else if said.status == 400
        && let Some((head, message)) = said.text().split_once("\": ")
        && let Some(words) = words_of_2026(message)
    {
        said.body = format!("{head}\": {words}").into();
    }
}

fn of_2026(text: &[u8]) -> Option<String> {
    let mut json: Value = serde_json::from_slice(text).ok()?;
    as_members(&mut json);
    Some(Dialect::Of2026.spell(&json))
}

/// What is there and was not, and what is not there and was.
fn as_members(json: &mut Value) {
    match json {
        Value::Object(map) => {
            if let Some(Value::String(summary)) = map.get_mut("error_summary") {
                *summary = summary.trim_end_matches('.').to_owned();
            }
            let is_entry = map.contains_key("path_lower") && map.contains_key("id");
            if is_entry {
                map.entry("property_groups").or_insert(json!([]));
            }
            if map.get(".tag") == Some(&json!("malformed_path")) {
                map.insert("malformed_path".to_owned(), Value::Null);
            }
            map.values_mut().for_each(as_members);
        }
        Value::Array(items) => items.iter_mut().for_each(as_members),
        _ => {}
    }
}

fn judged(report: &RunReport, lie: &Lie) -> Vec<(String, Outcome)> {
    assert_eq!(report.trouble, None);
    let red = report.cases.iter().filter(|case| case.outcome.is_red());
    let red: Vec<_> = red
        .map(|case| format!("{}: {:?}", case.id, case.detail))
        .collect();
    assert!(red.is_empty(), "{}:\n{}", lie.name, red.join("\n"));
    let cases = report.cases.iter();
    cases.map(|case| (case.id.clone(), case.outcome)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn spelling_is_no_fault_in_either_dialect_nor_where_both_are_spoken() {
    let plain = judged(truth(Dialect::Of2025).await, &Lie::TRUTH);
    for lie in [OF_2026, MIXED] {
        // Nothing is left out for being spelled otherwise, either.
        assert_eq!(judged(&run_through(lie, cases::all()).await, &lie), plain);
    }
}

#[test]
fn the_truth_is_respelled_as_it_was_captured() {
    let old = r#"{"error_summary": "path/not_found/..", "error": {".tag": "path", "path": {".tag": "not_found"}}}"#;
    let captured = r#"{"error":{".tag":"path","path":{".tag":"not_found"}},"error_summary":"path/not_found/"}"#;
    assert_eq!(of_2026(old.as_bytes()).as_deref(), Some(captured));
}
