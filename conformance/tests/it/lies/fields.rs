//! Every field of every answer that a case receives, in either dialect, is judged, or is named as not
//! judged with the reason: `fields.json`. What is judged is shown: with another value in its place, and
//! without it, the case that is named turns red.
//!
//! ```sh
//! UPDATE_TABLES=1 cargo test -p conformance --test it -- fields
//! ```
//!
//! looks for the judge of each field that is new; for one that nobody judges a case has to be written, or a
//! reason.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use conformance::cases;
use conformance::cases::case::Case;
use conformance::run::outcome::RunReport;
use conformance::talk::spelling::{Dialect, in_ascii};
use conformance::talk::transcript::{Came, Content, Exchange};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::catalogue::Lie;
use super::proxy::{Ask, Said};
use super::{run_in, truth};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fields.json");

/// The answers whose fields count.
const STATUSES: [u16; 4] = [200, 409, 410, 413];

/// Where a field stands, as `files/upload 200 /rev` or `link 410 header server`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Field(String);

/// What may be wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It has another value.
    Wrong,
    /// It is not there.
    Missing,
}

/// What is wrong with the answers that a case receives.
pub type Faults = BTreeMap<String, (Field, Fault)>;

#[derive(Default, Serialize, Deserialize)]
struct Fields {
    /// Field → the case that turns red where it is wrong.
    judged: BTreeMap<String, String>,
    /// Field → the case that turns red where it is missing, if it is another one.
    missed: BTreeMap<String, String>,
    /// Judged field → why an answer may do without it.
    may_be_missing: BTreeMap<String, String>,
    /// Field → why nobody judges it.
    not_judged: BTreeMap<String, String>,
}

impl Field {
    /// Puts another value in the place of the field or takes it out, if this is an answer that has it.
    fn spoil(&self, fault: Fault, ask: &Ask, said: &mut Said) {
        let place = format!("{} {} ", place(&ask.method, &ask.path), said.status);
        let families = format!("{} {} header ", family(&ask.method, &ask.path), said.status);
        if let Some(name) = self.0.strip_prefix(&families) {
            said.headers
                .retain(|(known, _)| known != name || fault == Fault::Wrong);
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
            if !result && steps.is_empty() && fault == Fault::Missing {
                said.body = Bytes::new();
                return;
            }
            let spoilt = |text: &[u8]| {
                let mut json = serde_json::from_slice(text).ok()?;
                spoil(&mut json, &steps, fault);
                // How it is spelled is no fault of the field.
                let dialect = Dialect::of(text).unwrap_or(Dialect::Of2025);
                Some(dialect.spell(&json))
            };
            if !result {
                if let Some(text) = spoilt(&said.body) {
                    said.body = text.into();
                }
                return;
            }
            let header = said.headers.iter_mut();
            for (_, text) in header.filter(|(name, _)| name == "dropbox-api-result") {
                if let Some(spoilt) = spoilt(text.as_bytes()) {
                    *text = in_ascii(&spoilt);
                }
            }
        }
    }
}

/// Spoils what the case receives whose request this is; the runner's own questions are no case's.
pub fn spoil_answer(faults: &Faults, ask: &Ask, said: &mut Said) {
    let agent = ask.header("user-agent");
    let case = agent
        .split_once('(')
        .map(|(_, case)| case.trim_end_matches(')'));
    if let Some((field, fault)) = case.and_then(|case| faults.get(case)) {
        field.spoil(*fault, ask, said);
    }
}

fn spoil(json: &mut Value, steps: &[&str], fault: Fault) {
    match (steps, json) {
        ([name], Value::Object(map)) if fault == Fault::Missing => {
            map.shift_remove(*name);
        }
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
                spoil(item, rest, fault);
            }
        }
        ([name, rest @ ..], Value::Object(map)) => {
            if let Some(member) = map.get_mut(*name) {
                spoil(member, rest, fault);
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
        "sharing/get_shared_link_file",
    ];
    let what = if what.ends_with("link") && !what.contains('/') || what.starts_with("oauth2") {
        what
    } else if content.iter().any(|beginning| what.starts_with(beginning)) && !what.contains("batch")
    {
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
async fn judge(dialect: Dialect, field: &Field, fault: Fault, among: &[Case]) -> Option<String> {
    const AT_ONCE: usize = 12;
    for cases in among.chunks(AT_ONCE) {
        let faults = cases
            .iter()
            .map(|case| (case.id.to_owned(), (field.clone(), fault)));
        if let Some(red) = red(dialect, faults.collect()).await.pop_first() {
            return Some(red);
        }
    }
    None
}

/// The cases that turn red for what is wrong in their own answers.
async fn red(dialect: Dialect, faults: Faults) -> BTreeSet<String> {
    let ids: Vec<String> = faults.keys().cloned().collect();
    // A lie is copied, so what it points at stays to the end of the tests.
    let lie = Lie {
        fields: Some(Box::leak(Box::new(faults))),
        ..Lie::TRUTH
    };
    let report = run_in(dialect, lie, named(&ids)).await;
    let red = report
        .cases
        .into_iter()
        .filter(|case| case.outcome.is_red());
    red.map(|case| case.id).collect()
}

fn named(ids: &[String]) -> Vec<Case> {
    let all = cases::all();
    let found = |id: &String| all.iter().find(|case| case.id == id).copied();
    ids.iter().filter_map(found).collect()
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

const DIALECTS: [Dialect; 2] = [Dialect::Of2025, Dialect::Of2026];

/// Looks for who notices each field that is new, and writes the list anew.
async fn look_for_judges(known: &mut Fields, received: &BTreeMap<String, Vec<String>>) {
    for list in [
        &mut known.judged,
        &mut known.missed,
        &mut known.not_judged,
        &mut known.may_be_missing,
    ] {
        list.retain(|field, _| received.contains_key(field));
    }
    let open =
        |list: &BTreeMap<String, String>, field: &str| list.get(field).is_none_or(String::is_empty);
    let noticed = async |field: &str, ids: &[String]| {
        let at = Field(field.to_owned());
        let mut found = [const { None }; 2];
        for (fault, found) in [Fault::Wrong, Fault::Missing].iter().zip(&mut found) {
            *found = judge(Dialect::Of2025, &at, *fault, &named(ids)).await;
            if found.is_none() {
                *found = judge(Dialect::Of2026, &at, *fault, &named(ids)).await;
            }
        }
        found
    };
    let new = received.iter().filter(|(field, _)| {
        let judged = known.judged.contains_key(*field);
        !judged && open(&known.not_judged, field)
            || judged
                && !known.missed.contains_key(*field)
                && known
                    .may_be_missing
                    .get(*field)
                    .is_some_and(String::is_empty)
    });
    let searches: Vec<_> = new
        .map(|(field, ids)| async { (field.clone(), noticed(field, ids).await) })
        .collect();
    let found: Vec<_> = futures_util::stream::iter(searches)
        .buffer_unordered(3)
        .collect()
        .await;
    for (field, [wrong, missing]) in found {
        let Some(wrong) = wrong else {
            known.not_judged.entry(field).or_default();
            continue;
        };
        known.not_judged.remove(&field);
        known.may_be_missing.remove(&field);
        match missing {
            Some(case) if case == wrong => {}
            Some(case) => drop(known.missed.insert(field.clone(), case)),
            None => drop(known.may_be_missing.insert(field.clone(), String::new())),
        }
        known.judged.insert(field, wrong);
    }
    let text = serde_json::to_string_pretty(&known).unwrap();
    std::fs::write(FILE, text + "\n").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_every_answer_is_judged_or_named_as_not_judged() {
    let mut received = received(truth(Dialect::Of2025).await);
    for (field, cases) in self::received(truth(Dialect::Of2026).await) {
        received.entry(field).or_insert(cases);
    }
    let mut known = known();
    if std::env::var_os("UPDATE_TABLES").is_some() {
        look_for_judges(&mut known, &received).await;
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
    for (field, reason) in &known.may_be_missing {
        if reason.is_empty() {
            faults.push(format!(
                "{field}: no case notices that it is missing, and no reason is given"
            ));
        }
    }
    let lists = [&known.judged, &known.not_judged];
    for field in lists.into_iter().flat_map(BTreeMap::keys) {
        if !received.contains_key(field) {
            faults.push(format!("{field} came in no answer: take it out"));
        }
    }
    for field in known.missed.keys().chain(known.may_be_missing.keys()) {
        if !known.judged.contains_key(field) {
            faults.push(format!("{field} is not judged: take it out"));
        }
    }
    assert!(
        faults.is_empty(),
        "run this test with UPDATE_TABLES=1:\n{}",
        faults.join("\n")
    );
}

/// Runs that have one fault in each case, until every case had each of its faults.
fn runs(known: &Fields, fault: Fault, received: &BTreeMap<String, Vec<String>>) -> Vec<Faults> {
    let mut runs: Vec<Faults> = Vec::new();
    for (field, judge) in &known.judged {
        let judge = match fault {
            Fault::Wrong => judge,
            Fault::Missing if known.may_be_missing.contains_key(field) => continue,
            Fault::Missing => known.missed.get(field).unwrap_or(judge),
        };
        let comes = received.get(field).is_some_and(|ids| ids.contains(judge));
        if !comes {
            continue;
        }
        let free = runs.iter_mut().find(|run| !run.contains_key(judge));
        let entry = (Field(field.clone()), fault);
        match free {
            Some(run) => drop(run.insert(judge.clone(), entry)),
            None => runs.push(Faults::from([(judge.clone(), entry)])),
        }
    }
    runs
}

async fn unnoticed(fault: Fault) -> Vec<String> {
    let known = known();
    let mut faults = Vec::new();
    for dialect in DIALECTS {
        let received = received(truth(dialect).await);
        let checks = runs(&known, fault, &received)
            .into_iter()
            .map(|run| async move {
                let red = red(dialect, run.clone()).await;
                let missed = run.into_iter().filter(|(case, _)| !red.contains(case));
                missed
                    .map(|(case, (field, _))| format!("{} in {dialect:?}: {case}", field.0))
                    .collect::<Vec<_>>()
            });
        let checks = futures_util::stream::iter(checks).buffered(4);
        faults.extend(checks.collect::<Vec<_>>().await.concat());
    }
    faults
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_judged_field_is_wrong_its_case_turns_red() {
    let faults = unnoticed(Fault::Wrong).await;
    assert!(faults.is_empty(), "not noticed:\n{}", faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_judged_field_is_missing_its_case_turns_red() {
    let faults = unnoticed(Fault::Missing).await;
    assert!(faults.is_empty(), "not noticed:\n{}", faults.join("\n"));
}
