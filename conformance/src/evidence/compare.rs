//! Lines up two runs and names what does not match. Both are normalised already: what must differ
//! (ids, revs, times) is a numbered symbol, so relations are compared and values are not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::run::outcome::{CaseReport, Outcome, RunReport};
use crate::secrecy::redacted::Redacted;
use crate::talk::transcript::{Came, Content, Exchange, Received};

/// One thing that does not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The case's id.
    pub case: String,
    /// What differs: `outcome`, `exchange 2: status`, `exchange 2: header server`, …
    pub field: String,
    pub left: String,
    pub right: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The ids of the cases that were compared.
    pub compared: BTreeSet<String>,
    /// Cases that only one side has run, and why they were not compared.
    pub left_out: BTreeMap<String, String>,
    /// What does not match.
    pub differences: Vec<Difference>,
}

/// Headers that say how the bytes travel and not what they mean, or that follow from the body.
const NOT_COMPARED: [&str; 7] = [
    "date",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "alt-svc",
    "x-envoy-upstream-service-time",
];

/// Compares two runs. `exact` compares the spelling of JSON, too, not only its value.
pub fn compare(left: &RunReport, right: &RunReport, exact: bool) -> Comparison {
    let by_id = |report: &RunReport| -> BTreeMap<String, CaseReport> {
        let cases = report.cases.iter();
        cases.map(|case| (case.id.clone(), case.clone())).collect()
    };
    let (left, right) = (by_id(left), by_id(right));
    let ids: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    let mut comparison = Comparison::default();
    for id in ids {
        match (left.get(id), right.get(id)) {
            (Some(left), Some(right)) if has_run(left) && has_run(right) => {
                comparison.compared.insert(id.clone());
                let mut cases = Differ {
                    case: id,
                    exact,
                    found: &mut comparison.differences,
                };
                cases.cases(left, right);
            }
            (Some(left), Some(right)) => {
                let side = if has_run(left) {
                    ("right", right)
                } else {
                    ("left", left)
                };
                let why = format!("{} on the {} side", side.1.outcome.word(), side.0);
                comparison.left_out.insert(id.clone(), why);
            }
            (left, _) => {
                let side = if left.is_some() { "right" } else { "left" };
                comparison
                    .left_out
                    .insert(id.clone(), format!("not there on the {side} side"));
            }
        }
    }
    comparison
}

fn has_run(case: &CaseReport) -> bool {
    !matches!(case.outcome, Outcome::Skipped | Outcome::Stopped)
}

struct Differ<'a> {
    case: &'a str,
    exact: bool,
    found: &'a mut Vec<Difference>,
}

impl Differ<'_> {
    fn cases(&mut self, left: &CaseReport, right: &CaseReport) {
        self.texts("outcome", left.outcome.word(), right.outcome.word());
        let questions: BTreeSet<&String> = left
            .observations
            .keys()
            .chain(right.observations.keys())
            .collect();
        for question in questions {
            let answer = |case: &CaseReport| {
                let answer = case.observations.get(question);
                answer.cloned().unwrap_or_else(|| "not answered".to_owned())
            };
            self.texts(
                &format!("answer to {question}"),
                &answer(left),
                &answer(right),
            );
        }
        let (left, right) = (lined_up(left), lined_up(right));
        self.texts(
            "number of exchanges",
            &left.len().to_string(),
            &right.len().to_string(),
        );
        for (left, right) in left.iter().zip(&right) {
            self.exchange(left, right);
        }
    }

    fn exchange(&mut self, left: &Exchange, right: &Exchange) {
        let place = format!("exchange {}", left.number);
        let asked = |exchange: &Exchange| {
            let sent = &exchange.request;
            let path = path_of(&sent.url);
            format!("{} {path} {}", sent.method, shown(&sent.body))
        };
        self.texts(&format!("{place}: request"), &asked(left), &asked(right));
        match (&left.outcome, &right.outcome) {
            // Who wins a race is chance; whether the answers go together, the case has judged.
            _ if left.group.is_some() => {}
            (Came::Answer(left), Came::Answer(right)) => self.answer(&place, left, right),
            // How a connection failed is told in the words of this machine.
            (Came::NoAnswer(_), Came::NoAnswer(_)) => {}
            (left, right) => {
                let came = |came: &Came| match came {
                    Came::Answer(answer) => format!("an answer with status {}", answer.status),
                    Came::NoAnswer(why) => format!("no answer: {why}"),
                };
                self.texts(&format!("{place}: answer"), &came(left), &came(right));
            }
        }
    }

    fn answer(&mut self, place: &str, left: &Received, right: &Received) {
        self.texts(
            &format!("{place}: status"),
            &left.status.to_string(),
            &right.status.to_string(),
        );
        let (left_headers, right_headers) = (headers(left), headers(right));
        let names: BTreeSet<&String> = left_headers.keys().chain(right_headers.keys()).collect();
        for name in names {
            let value = |headers: &BTreeMap<String, String>| {
                headers
                    .get(name)
                    .cloned()
                    .unwrap_or_else(|| "absent".to_owned())
            };
            self.texts(
                &format!("{place}: header {name}"),
                &value(&left_headers),
                &value(&right_headers),
            );
        }
        let (left, right) = (shown(&left.body), shown(&right.body));
        if left == right {
            return;
        }
        let json = |text: &str| serde_json::from_str::<Value>(text).ok();
        match (json(&left), json(&right)) {
            (Some(left_value), Some(right_value)) if left_value == right_value => {
                if self.exact {
                    self.texts(&format!("{place}: spelling of the body"), &left, &right);
                }
            }
            _ => self.texts(&format!("{place}: body"), &left, &right),
        }
    }

    fn texts(&mut self, field: &str, left: &str, right: &str) {
        if left != right {
            self.found.push(Difference {
                case: self.case.to_owned(),
                field: field.to_owned(),
                left: left.to_owned(),
                right: right.to_owned(),
            });
        }
    }
}

/// The exchanges in an order that does not hang on chance: those of one group ran at the same time.
fn lined_up(case: &CaseReport) -> Vec<Exchange> {
    let mut exchanges = case.exchanges.exchanges.clone();
    let mut from = 0;
    while from < exchanges.len() {
        let group = exchanges[from].group.clone();
        let length = exchanges[from..]
            .iter()
            .take_while(|exchange| exchange.group == group)
            .count();
        if group.is_some() {
            exchanges[from..from + length].sort_by_key(|exchange| match &exchange.outcome {
                Came::Answer(answer) => (answer.status, shown(&answer.body)),
                Came::NoAnswer(_) => (0, String::new()),
            });
            // Which of the equal requests won is chance as well.
            for exchange in &mut exchanges[from..from + length] {
                exchange.request.body = Content::Empty;
            }
        }
        from += length;
    }
    exchanges
}

/// The headers by name; one that comes twice has both values.
fn headers(answer: &Received) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::<String, String>::new();
    for (name, value) in &answer.headers {
        if NOT_COMPARED.contains(&name.as_str()) {
            continue;
        }
        let values = headers.entry(name.clone());
        values
            .and_modify(|values| {
                values.push_str(", ");
                values.push_str(value.as_str());
            })
            .or_insert_with(|| value.to_string());
    }
    headers
}

fn shown(body: &Content) -> String {
    match body {
        Content::Empty => String::new(),
        Content::Text(text) => text.to_string(),
        Content::Bytes { size, what } => format!("<{size} bytes, {what}>"),
    }
}

/// The URL without scheme and host: two targets live at different addresses.
fn path_of(url: &Redacted) -> String {
    let url = url.as_str();
    match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]).to_owned(),
        None => url.to_owned(),
    }
}

/// One difference as lines for people, with a line-by-line view of what is long.
pub fn explained(difference: &Difference) -> String {
    let head = format!("{}\n    {}\n", difference.case, difference.field);
    let pretty = |text: &str| {
        serde_json::from_str::<Value>(text)
            .ok()
            .filter(|value| value.is_object() || value.is_array())
            .and_then(|value| serde_json::to_string_pretty(&value).ok())
            .unwrap_or_else(|| text.to_owned())
    };
    let (left, right) = (pretty(&difference.left), pretty(&difference.right));
    let diff = similar::TextDiff::from_lines(&left, &right);
    let mut lines = head;
    for change in diff.iter_all_changes() {
        let sign = match change.tag() {
            similar::ChangeTag::Equal => ' ',
            similar::ChangeTag::Delete => '-',
            similar::ChangeTag::Insert => '+',
        };
        lines.push_str("      ");
        lines.push(sign);
        lines.push(' ');
        lines.push_str(change.value().trim_end_matches('\n'));
        lines.push('\n');
    }
    lines
}
