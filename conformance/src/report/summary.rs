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

/// The verdict, as it stands at the end of every report.
pub fn verdict(report: &RunReport) -> String {
    use crate::run::exit::Ending;
    match (&report.trouble, report.ending()) {
        (Some(trouble), _) => format!("COULD NOT RUN: {trouble}"),
        (None, Ending::Agreed) => "AGREED".to_owned(),
        (None, Ending::NothingCompared) => {
            "NOTHING WAS COMPARED: no case was selected, or all were skipped.".to_owned()
        }
        (None, Ending::Differed | Ending::CouldNotRun) => "DIFFERED".to_owned(),
    }
}
