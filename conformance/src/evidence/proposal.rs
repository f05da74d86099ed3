//! What a recording of Dropbox itself would change in the catalogue: a diff that a person reviews.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::run::outcome::RunReport;

/// The files of the rules, below `fixtures`.
pub const CATALOGUES: [&str; 4] = [
    "rules/upload-link.json",
    "rules/api.json",
    "rules/routes-files.json",
    "rules/routes-sharing.json",
];

/// The rules that an expectation has shown, but for those that a red case cites or an answer to an open
/// question contradicts.
pub fn shown_rules(report: &RunReport) -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    let mut doubted = BTreeSet::new();
    for case in &report.cases {
        if case.outcome.is_green() {
            shown.extend(case.shown.iter().cloned());
        } else if case.outcome.is_red() {
            doubted.extend(case.rules.iter().cloned());
        }
        doubted.extend(case.contradicted.iter().cloned());
    }
    shown.difference(&doubted).cloned().collect()
}

/// The answers to open questions. Where two probes of one question disagree, both answers stand there, so
/// that neither is taken for the whole truth.
pub fn answers(report: &RunReport) -> BTreeMap<String, String> {
    let mut answers = BTreeMap::<String, BTreeSet<&str>>::new();
    for (question, answer) in report.cases.iter().flat_map(|case| &case.observations) {
        answers.entry(question.clone()).or_default().insert(answer);
    }
    let in_words = |answers: BTreeSet<&str>| answers.into_iter().collect::<Vec<_>>().join(" / ");
    answers
        .into_iter()
        .map(|(question, answers)| (question, in_words(answers)))
        .collect()
}

/// A unified diff of the files in `fixtures`, and remarks on what no file can hold. `recording` is the
/// recording's name below `fixtures`.
pub fn propose(fixtures: &Path, recording: &str, report: &RunReport) -> Result<String, String> {
    let mut text = String::new();
    let shown = shown_rules(report);
    for name in CATALOGUES {
        let old = read(&fixtures.join(name))?;
        let new: String = old
            .split_inclusive('\n')
            .map(|line| with_proof(line, &shown, recording, &report.head.date))
            .collect();
        text.push_str(&unified(name, &old, &new));
    }
    let name = "assumptions.json";
    let old = read(&fixtures.join(name))?;
    let (new, remarks) = with_answers(&old, &answers(report))?;
    text.push_str(&unified(name, &old, &new));
    let mut whole = String::new();
    for remark in remarks {
        whole.push_str("# ");
        whole.push_str(&remark);
        whole.push('\n');
    }
    Ok(whole + &text)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path)
        .map_err(|error| format!("{} cannot be read: {error}.", path.display()))
}

/// A rule stands on one line and ends in `"verified": …`.
fn with_proof(line: &str, shown: &BTreeSet<String>, recording: &str, date: &str) -> String {
    let whole = line.trim().trim_end_matches(',');
    let id = serde_json::from_str::<Value>(whole)
        .ok()
        .and_then(|rule| Some(rule.get("id")?.as_str()?.to_owned()));
    let Some(at) = line.rfind("\"verified\": ") else {
        return line.to_owned();
    };
    if !id.is_some_and(|id| shown.contains(&id)) {
        return line.to_owned();
    }
    let proof = serde_json::json!({"recording": recording, "date": date});
    let end = &line[line.rfind('}').map_or(line.len(), |end| end)..];
    format!("{}\"verified\": {proof}{end}", &line[..at])
}

/// Puts answers in the place of defaults where they differ and are one of the choices.
fn with_answers(
    old: &str,
    answers: &BTreeMap<String, String>,
) -> Result<(String, Vec<String>), String> {
    let file: Value =
        serde_json::from_str(old).map_err(|error| format!("assumptions.json: {error}."))?;
    let mut new = old.to_owned();
    let mut remarks = Vec::new();
    let assumptions = file.get("assumptions").and_then(Value::as_array);
    let mut known = BTreeSet::new();
    for assumption in assumptions.into_iter().flatten() {
        let text = |name: &str| {
            assumption
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let id = text("id");
        let Some(answer) = answers.get(id) else {
            continue;
        };
        known.insert(id);
        let choices = assumption.get("choices").and_then(Value::as_object);
        if !choices.is_some_and(|choices| choices.contains_key(answer)) {
            remarks.push(format!(
                "{id}: \"{answer}\" is none of its choices; it needs one of its own."
            ));
        } else if text("default") == answer {
            remarks.push(format!("{id}: the default \"{answer}\" is confirmed."));
        } else if let Some(changed) = with_default(&new, id, answer) {
            new = changed;
        }
    }
    for (question, answer) in answers {
        if !known.contains(question.as_str()) {
            remarks.push(format!("{question}: \"{answer}\"."));
        }
    }
    Ok((new, remarks))
}

/// Replaces the first `"default": "…"` after the entry's id.
fn with_default(file: &str, id: &str, answer: &str) -> Option<String> {
    let entry = file.find(&format!("\"id\": \"{id}\""))?;
    let start = entry + file[entry..].find("\"default\": ")?;
    let end = start + file[start..].find('\n')?;
    Some(format!(
        "{}\"default\": \"{answer}\",{}",
        &file[..start],
        &file[end..]
    ))
}

fn unified(name: &str, old: &str, new: &str) -> String {
    similar::TextDiff::from_lines(old, new)
        .unified_diff()
        .header(&format!("a/fixtures/{name}"), &format!("b/fixtures/{name}"))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_rule_gets_its_proof_and_another_does_not() {
        let shown = BTreeSet::from(["UL-01".to_owned()]);
        let line = |id: &str| format!("    {{\"id\": \"{id}\", \"verified\": null}},\n");
        assert_eq!(
            with_proof(
                &line("UL-01"),
                &shown,
                "recordings/2026-01-02/dropbox.ndjson",
                "2026-01-02"
            ),
            "    {\"id\": \"UL-01\", \"verified\": {\"recording\":\"recordings/2026-01-02/dropbox.ndjson\",\"date\":\"2026-01-02\"}},\n"
        );
        assert_eq!(with_proof(&line("UL-02"), &shown, "r", "d"), line("UL-02"));
    }

    #[test]
    fn probes_that_disagree_are_both_heard() {
        let case = |answer: &str| crate::run::outcome::CaseReport {
            id: String::new(),
            sentence: String::new(),
            rules: Vec::new(),
            kind: "probe".to_owned(),
            outcome: crate::run::outcome::Outcome::Answered,
            detail: None,
            observations: BTreeMap::from([("OQ-02".to_owned(), answer.to_owned())]),
            shown: BTreeSet::new(),
            contradicted: BTreeSet::new(),
            milliseconds: 0,
            exchanges: crate::talk::transcript::Transcript::default(),
        };
        let answers = |cases: Vec<crate::run::outcome::CaseReport>| {
            let head = crate::run::outcome::Head {
                suite: String::new(),
                date: String::new(),
                target: String::new(),
                genuine: true,
                selected: cases.len(),
            };
            let report = RunReport {
                head,
                cases,
                trouble: None,
                note: None,
            };
            answers(&report).remove("OQ-02").unwrap()
        };
        assert_eq!(answers(vec![case("frees"), case("frees")]), "frees");
        assert_eq!(answers(vec![case("locks"), case("frees")]), "frees / locks");
    }

    #[test]
    fn an_answer_replaces_the_default_if_it_is_a_choice() {
        let old = "{\"assumptions\": [{\n\"id\": \"OQ-01\",\n\"default\": \"burns\",\n\
                   \"choices\": {\"burns\": \"\", \"frees\": \"\"}}]}";
        let answer = |text: &str| BTreeMap::from([("OQ-01".to_owned(), text.to_owned())]);
        let (new, remarks) = with_answers(old, &answer("frees")).unwrap();
        assert!(new.contains("\"default\": \"frees\",\n"), "{new}");
        assert!(remarks.is_empty());
        let (new, remarks) = with_answers(old, &answer("something else")).unwrap();
        assert_eq!(new, old);
        assert!(remarks[0].contains("none of its choices"));
        let (_, remarks) = with_answers(old, &answer("burns")).unwrap();
        assert!(remarks[0].contains("confirmed"));
    }
}
