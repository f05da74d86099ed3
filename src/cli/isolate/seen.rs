//! What the command wanted that is not there.

use super::dns::Question;
use super::watch::Attempt;
use crate::sync::Mutex;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How many different names or addresses are kept: a command may make up as many as it likes.
const KEPT: usize = 1000;
/// How many are shown.
const SHOWN: usize = 10;

/// What was wanted, and how often.
#[derive(Debug, Default)]
pub struct Seen {
    names: Mutex<BTreeMap<String, BTreeMap<u16, u64>>>,
    attempts: Mutex<BTreeMap<Attempt, u64>>,
}

impl Seen {
    pub fn name(&self, question: Question) {
        // Nobody means these: programs look them up to name whoever connects.
        if question.name.rsplit('.').next() == Some("arpa") {
            return;
        }
        let mut names = self.names.lock();
        if names.len() < KEPT || names.contains_key(&question.name) {
            *names
                .entry(question.name)
                .or_default()
                .entry(question.kind)
                .or_default() += 1;
        }
    }

    pub fn attempt(&self, attempt: Attempt) {
        let mut attempts = self.attempts.lock();
        if attempts.len() < KEPT || attempts.contains_key(&attempt) {
            *attempts.entry(attempt).or_default() += 1;
        }
    }

    /// Lines of the summary.
    pub fn lines(&self) -> Vec<String> {
        let names = self.names.lock();
        // One look-up asks for a record of each kind.
        let names = names
            .iter()
            .map(|(name, kinds)| (name, kinds.values().copied().max().unwrap_or_default()));
        let attempts = self.attempts.lock();
        let attempts = attempts.iter().map(|(attempt, times)| (attempt, *times));
        let lines = [
            line("looked up and not there", "look-up", names),
            line("tried and not there", "time", attempts),
        ];
        lines.into_iter().flatten().collect()
    }
}

fn line<T: std::fmt::Display>(
    what: &str,
    unit: &str,
    all: impl Iterator<Item = (T, u64)>,
) -> Option<String> {
    let mut all: Vec<(T, u64)> = all.collect();
    all.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    let shown = all.iter().take(SHOWN).map(|(one, times)| {
        let plural = if *times == 1 { "" } else { "s" };
        format!("{one} ({times} {unit}{plural})")
    });
    let shown: Vec<String> = shown.collect();
    let mut text = format!("{what}: {}", shown.join(", "));
    if all.len() > SHOWN {
        let _ = write!(text, " and {} more", all.len() - SHOWN);
    }
    (!all.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_records_of_a_name_are_one_look_up() {
        let seen = Seen::default();
        for (name, kind) in [
            ("a.test", 1),
            ("a.test", 28),
            ("a.test", 1),
            ("b.test", 28),
            ("1.in-addr.arpa", 12),
        ] {
            seen.name(Question {
                name: name.to_owned(),
                kind,
            });
        }
        let to = "203.0.113.7:443".parse().unwrap();
        seen.attempt(Attempt {
            to,
            is_datagram: false,
        });
        assert_eq!(
            seen.lines(),
            [
                "looked up and not there: a.test (2 look-ups), b.test (1 look-up)",
                "tried and not there: 203.0.113.7:443 (1 time)"
            ]
        );
    }

    #[test]
    fn a_flood_is_kept_within_bounds() {
        let seen = Seen::default();
        for number in 0..5000 {
            let name = format!("{number}.test");
            seen.name(Question { name, kind: 1 });
        }
        assert!(seen.lines()[0].ends_with("and 990 more"));
        assert!(seen.lines()[0].len() < 1000);
    }
}
