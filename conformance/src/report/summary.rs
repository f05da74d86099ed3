//! What a report says about many cases at once.

use crate::run::outcome::{CaseReport, Outcome, RunReport};

/// In the order in which they are told.
const ALL: [Outcome; 9] = [
    Outcome::Agreed,
    Outcome::Answered,
    Outcome::Differed,
    Outcome::NoAnswer,
    Outcome::Refused,
    Outcome::Panicked,
    Outcome::TimedOut,
    Outcome::Skipped,
    Outcome::Stopped,
];

/// How many of the cases ended in which way; what did not happen is left out.
pub fn counts(cases: &[&CaseReport]) -> Vec<(Outcome, usize)> {
    let count = |wanted| cases.iter().filter(|case| case.outcome == wanted).count();
    ALL.into_iter()
        .map(|outcome| (outcome, count(outcome)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// The counts in words: `3 agreed, 1 differed`.
pub fn in_words(cases: &[&CaseReport]) -> String {
    let counts = counts(cases).into_iter();
    let words: Vec<String> = counts
        .map(|(outcome, count)| format!("{count} {}", outcome.word()))
        .collect();
    if words.is_empty() {
        return "no case".to_owned();
    }
    words.join(", ")
}

/// The cases of each chapter, in the order of the run.
pub fn chapters(report: &RunReport) -> Vec<(&str, Vec<&CaseReport>)> {
    let mut chapters: Vec<(&str, Vec<&CaseReport>)> = Vec::new();
    for case in &report.cases {
        let name = case.id.rsplit_once('/').map_or("", |(chapter, _)| chapter);
        match chapters.iter_mut().find(|(known, _)| *known == name) {
            Some((_, cases)) => cases.push(case),
            None => chapters.push((name, vec![case])),
        }
    }
    chapters
}

/// Each reason for which cases were skipped, with their ids.
pub fn skipped(report: &RunReport) -> Vec<(&str, Vec<&str>)> {
    let mut reasons = std::collections::BTreeMap::<&str, Vec<&str>>::new();
    for case in &report.cases {
        if let (Outcome::Skipped, Some(reason)) = (case.outcome, &case.detail) {
            reasons.entry(reason.as_str()).or_default().push(&case.id);
        }
    }
    reasons.into_iter().collect()
}

/// The red cases by what they have in common, the most frequent first: one difference of a target may turn
/// many cases red, and is then told once.
pub fn causes(report: &RunReport) -> Vec<(String, Vec<&CaseReport>)> {
    let mut causes = std::collections::BTreeMap::<String, Vec<&CaseReport>>::new();
    for case in report.cases.iter().filter(|case| case.outcome.is_red()) {
        causes.entry(cause(case.detail())).or_default().push(case);
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(_, cases)| std::cmp::Reverse(cases.len()));
    causes
}

/// The rules that a red case is about: those that the expectation names, or all that it cites.
pub fn rules_at_stake(case: &CaseReport) -> Vec<&str> {
    let detail = case.detail();
    let words: Vec<&str> = detail.split(['(', ')', ',', ' ']).collect();
    let cited = case.rules.iter().map(String::as_str);
    let named: Vec<&str> = cited.clone().filter(|rule| words.contains(rule)).collect();
    if named.is_empty() {
        cited.collect()
    } else {
        named
    }
}

/// A detail without what belongs to its case alone: the exchange, the rules, and the body behind a status.
fn cause(detail: &str) -> String {
    let Some((_, expectation)) = detail.split_once("): expected that ") else {
        return detail.to_owned();
    };
    let Some((expected, came)) = expectation.split_once("; what came: ") else {
        return expectation.to_owned();
    };
    let expected = match expected.rsplit_once(" (") {
        Some((expected, rules)) if rules.ends_with(')') => expected,
        _ => expected,
    };
    let came = match came.split_once(", ") {
        Some((status, _)) if status.parse::<u16>().is_ok() => status,
        _ => came,
    };
    format!("expected that {expected}; what came: {came}")
}

/// The verdict, as it stands at the end of every report.
pub fn verdict(report: &RunReport) -> String {
    use crate::run::exit::Ending;
    let red = report.cases.iter().filter(|case| case.outcome.is_red());
    match (&report.trouble, report.ending()) {
        // What was seen before is not hidden by what went wrong then.
        (Some(trouble), _) => match red.count() {
            0 => format!("COULD NOT RUN: {trouble}"),
            red => {
                format!("DIFFERED in {red} of the cases, and COULD NOT RUN to the end: {trouble}")
            }
        },
        (None, Ending::Agreed) => "AGREED".to_owned(),
        (None, Ending::NothingCompared) => {
            "NOTHING WAS COMPARED: no case was selected, or all were skipped.".to_owned()
        }
        (None, _) => "DIFFERED".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::cause;

    #[test]
    fn the_cause_is_what_cases_have_in_common() {
        let common = "expected that the status is 200; what came: 401";
        for detail in [
            "exchange 2 (POST to a link): expected that the status is 200; what came: 401, an empty body",
            "exchange 7 (files/upload): expected that the status is 200 (API-12, UL-127); what came: 401, {}",
        ] {
            assert_eq!(cause(detail), common);
        }
        assert_eq!(
            cause(
                "exchange 1 (check/user): expected that Server is \"envoy\"; what came: no such header"
            ),
            "expected that Server is \"envoy\"; what came: no such header"
        );
        assert_eq!(
            cause("two mints gave the same link"),
            "two mints gave the same link"
        );
    }
}
