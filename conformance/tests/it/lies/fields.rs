//! Every field of every answer that a case receives is judged, or is named as not judged with the reason:
//! `fields.json`. What is judged is shown: with another value in its place the case that is named turns red.
//!
//! ```sh
//! UPDATE_TABLES=1 cargo test -p conformance --test it -- fields
//! ```
//!
//! looks for the judge of each field that is new; for one that nobody judges a case has to be written, or a
//! reason.

use std::collections::{BTreeMap, BTreeSet};

use conformance::cases;
use conformance::cases::case::Case;
use conformance::run::outcome::RunReport;
use conformance::talk::transcript::{Came, Content, Exchange};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::catalogue::Lie;
use super::proxy::{Ask, Said};
use super::run_through;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fields.json");

/// The answers whose fields count.
const STATUSES: [u16; 4] = [200, 409, 410, 413];

/// Where a field stands, as `files/upload 200 /rev` or `link 410 header server`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Field(String);

#[derive(Default, Serialize, Deserialize)]
struct Fields {
    /// Field → the case that turns red where it is wrong.
    judged: BTreeMap<String, String>,
    /// Field → why nobody judges it.
    not_judged: BTreeMap<String, String>,
}

impl Field {
    /// Puts another value in the place of the field, if this is an answer that has it.
    pub fn spoil(&self, ask: &Ask, said: &mut Said) {
        // The runner's own questions are no case's.
        let of_the_runner = ["(preflight)", "(clean-up)"];
        let agent = ask.header("user-agent");
        if of_the_runner.iter().any(|name| agent.contains(name)) {
            return;
        }
        let place = format!("{} {} ", place(&ask.method, &ask.path), said.status);
        let families = format!("{} {} header ", family(&ask.method, &ask.path), said.status);
        if let Some(name) = self.0.strip_prefix(&families) {
            for (known, value) in &mut said.headers {
                if known == name {
                    "wrong".clone_into(value);
                }
            }
        } else if let Some(pointer) = self.0.strip_prefix(&place) {
            let (result, pointer) = match pointer.strip_prefix("result ") {
                Some(pointer) => (true, pointer),
                None => (false, pointer),
            };
            let steps: Vec<&str> = pointer.split('/').skip(1).collect();
            if !result {
                return said.change_json(|json| spoil(json, &steps));
            }
            let header = said.headers.iter_mut();
            for (_, text) in header.filter(|(name, _)| name == "dropbox-api-result") {
                if let Ok(mut json) = serde_json::from_str(text) {
                    spoil(&mut json, &steps);
                    *text = json.to_string();
                }
            }
        }
    }
}

fn spoil(json: &mut Value, steps: &[&str]) {
    match (steps, json) {
        ([], json) => {
            *json = match &*json {
                Value::Bool(known) => (!known).into(),
                Value::Number(known) => (known.as_u64().unwrap_or_default() + 7).into(),
                Value::Array(_) => json!(["wrong"]),
                _ => "wrong".into(),
            }
        }
        (["*", rest @ ..], Value::Array(items)) => {
            for item in items {
                spoil(item, rest);
            }
        }
        ([name, rest @ ..], Value::Object(map)) => {
            if let Some(member) = map.get_mut(*name) {
                spoil(member, rest);
            }
        }
        _ => {}
    }
}

/// What is asked: a route, a link, or a path.
fn place(method: &str, path: &str) -> String {
    let bare = path.split('?').next().unwrap_or_default();
    let what = if bare.starts_with("/apitul/") || bare.starts_with("<link") {
        "link"
    } else if bare.starts_with("/cd/") {
        // In a transcript it is a link like the others; its method tells.
        "link"
    } else {
        bare.strip_prefix("/2/")
            .unwrap_or(bare)
            .trim_start_matches('/')
    };
    if method == "POST" {
        what.to_owned()
    } else {
        format!("{method} {what}")
    }
}

/// The kind of place whose headers are the same.
fn family(method: &str, path: &str) -> String {
    let place = place(method, path);
    let (method, what) = match place.split_once(' ') {
        Some((method, what)) if method == method.to_uppercase() => (format!("{method} "), what),
        _ => (String::new(), &*place),
    };
    let content = [
        "files/upload",
        "files/download",
        "files/export",
        "files/get_thumbnail",
    ];
    let what = if what.ends_with("link") && !what.contains('/') || what.starts_with("oauth2") {
        what
    } else if content.iter().any(|beginning| what.starts_with(beginning)) {
        "content route"
    } else {
        "rpc route"
    };
    format!("{method}{what}")
}

fn pointers(json: &Value, at: &str, found: &mut BTreeSet<String>) {
    match json {
        Value::Object(map) => {
            for (name, member) in map {
                pointers(member, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                pointers(item, &format!("{at}/*"), found);
            }
        }
        _ => {
            found.insert(at.to_owned());
        }
    }
}

/// The fields of one answer.
fn fields_of(exchange: &Exchange) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let Came::Answer(answer) = &exchange.outcome else {
        return found;
    };
    if !STATUSES.contains(&answer.status) {
        return found;
    }
    let method = exchange.request.method.as_str();
    let url = exchange.request.url.as_str();
    let path = url
        .split_once("://")
        .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    let path = path.unwrap_or(url);
    let mut members = |text: &str, prefix: &str| {
        let Ok(json) = serde_json::from_str::<Value>(text) else {
            return;
        };
        let mut at = BTreeSet::new();
        pointers(&json, "", &mut at);
        let place = place(method, path);
        found.extend(
            at.into_iter()
                .map(|at| format!("{place} {} {prefix}{at}", answer.status)),
        );
    };
    // What a file holds is no field.
    let holds_a_file = place(method, path).contains("download") || method == "GET";
    if let (Content::Text(text), false) = (&answer.body, holds_a_file && answer.status == 200) {
        members(text.as_str(), "");
    }
    for (name, value) in &answer.headers {
        if name == "dropbox-api-result" {
            members(value.as_str(), "result ");
        }
    }
    let family = family(method, path);
    let headers = answer.headers.iter();
    found.extend(headers.map(|(name, _)| format!("{family} {} header {name}", answer.status)));
    found
}

/// Each field with the cases that receive it, the shortest first.
fn received(report: &RunReport) -> BTreeMap<String, Vec<String>> {
    let mut cases: Vec<_> = report.cases.iter().collect();
    cases.sort_by_key(|case| case.exchanges.exchanges.len());
    let mut found = BTreeMap::<String, Vec<String>>::new();
    for case in cases {
        let fields: BTreeSet<String> = case
            .exchanges
            .exchanges
            .iter()
            .flat_map(fields_of)
            .collect();
        for field in fields {
            found.entry(field).or_default().push(case.id.clone());
        }
    }
    found
}

/// The first of these cases that turns red where the field is wrong.
async fn judge(field: &str, among: Vec<Case>) -> Option<String> {
    const AT_ONCE: usize = 12;
    let field: &'static Field = Box::leak(Box::new(Field(field.to_owned())));
    let lie = Lie {
        field: Some(field),
        ..Lie::TRUTH
    };
    for cases in among.chunks(AT_ONCE) {
        let report = run_through(lie, cases.to_vec()).await;
        if let Some(red) = report.cases.iter().find(|case| case.outcome.is_red()) {
            return Some(red.id.clone());
        }
    }
    None
}

fn named(ids: &[String]) -> Vec<Case> {
    let all: BTreeMap<&str, Case> = cases::all()
        .into_iter()
        .map(|case| (case.id, case))
        .collect();
    ids.iter()
        .filter_map(|id| all.get(id.as_str()).copied())
        .collect()
}

/// The cases that are shown to turn red where a field is wrong.
pub fn judges() -> Vec<String> {
    known().judged.into_values().collect()
}

fn known() -> Fields {
    std::fs::read_to_string(FILE).map_or_else(
        |_| Fields::default(),
        |text| serde_json::from_str(&text).unwrap(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_every_answer_is_judged_or_named_as_not_judged() {
    let report = run_through(Lie::TRUTH, cases::all()).await;
    let received = received(&report);
    let mut known = known();
    if std::env::var_os("UPDATE_TABLES").is_some() {
        known.judged.retain(|field, _| received.contains_key(field));
        known
            .not_judged
            .retain(|field, _| received.contains_key(field));
        let new: Vec<_> = received
            .iter()
            .filter(|(field, _)| {
                !known.judged.contains_key(*field)
                    && known.not_judged.get(*field).is_none_or(String::is_empty)
            })
            .collect();
        let searches = new
            .into_iter()
            .map(|(field, ids)| async move { (field.clone(), judge(field, named(ids)).await) });
        let mut found = futures_util::stream::iter(searches).buffer_unordered(3);
        while let Some((field, judge)) = found.next().await {
            match judge {
                Some(case) => {
                    known.not_judged.remove(&field);
                    known.judged.insert(field, case);
                }
                None => {
                    known.not_judged.entry(field).or_default();
                }
            }
        }
        let text = serde_json::to_string_pretty(&known).unwrap();
        std::fs::write(FILE, text + "\n").unwrap();
    }
    let mut faults = Vec::new();
    for field in received.keys() {
        match (known.judged.get(field), known.not_judged.get(field)) {
            (Some(_), None) => {}
            (None, Some(reason)) if !reason.is_empty() => {}
            (None, Some(_)) => faults.push(format!(
                "{field}: no case judges it, and no reason is given"
            )),
            (None, None) => faults.push(format!("{field} is new: who judges it?")),
            (Some(_), Some(_)) => faults.push(format!("{field} is on both lists")),
        }
    }
    for field in known.judged.keys().chain(known.not_judged.keys()) {
        if !received.contains_key(field) {
            faults.push(format!("{field} came in no answer: take it out"));
        }
    }
    assert!(
        faults.is_empty(),
        "run this test with UPDATE_TABLES=1:\n{}",
        faults.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_judged_field_is_wrong_its_case_turns_red() {
    let checks = known().judged.into_iter().map(|(field, id)| async move {
        let red = judge(&field, named(std::slice::from_ref(&id))).await;
        red.is_none()
            .then(|| format!("{field}: {id} does not notice"))
    });
    let faults: Vec<String> = futures_util::stream::iter(checks)
        .buffered(4)
        .filter_map(std::future::ready)
        .collect()
        .await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
