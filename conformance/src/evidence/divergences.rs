//! Differences that are known and accepted: each with a reason and a date. One that excuses nothing
//! any more is an error, so that the file never says more than is true.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::evidence::compare::Difference;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// The case's id, or a beginning of ids that ends in `*`.
    pub case: String,
    /// The field as the comparison names it, or a beginning that ends in `*`.
    pub field: String,
    /// What the left side shows; any value if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// What the right side shows; any value if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<String>,
    pub reason: String,
    /// Since when, as `2026-01-02`.
    pub date: String,
}

impl Accepted {
    fn excuses(&self, difference: &Difference) -> bool {
        let same = |wanted: &Option<String>, came: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == came)
        };
        matches(&self.case, &difference.case)
            && matches(&self.field, &difference.field)
            && same(&self.left, &difference.left)
            && same(&self.right, &difference.right)
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => text.starts_with(beginning),
        None => pattern == text,
    }
}

/// Reads the file.
pub fn read(path: &Path) -> Result<Vec<Accepted>, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{} cannot be read: {error}.", path.display()))?;
    parse(&text).map_err(|error| format!("{}: {error}.", path.display()))
}

/// Reads the entries, each of which needs a reason and a date.
pub fn parse(text: &str) -> Result<Vec<Accepted>, String> {
    let entries: Vec<Accepted> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    for entry in &entries {
        if entry.reason.trim().len() < 10 {
            return Err(format!("the entry for {} gives no reason", entry.case));
        }
        if entry.date.parse::<jiff::civil::Date>().is_err() {
            return Err(format!(
                "the entry for {} has no date such as 2026-01-02",
                entry.case
            ));
        }
    }
    Ok(entries)
}

/// What is left of the differences, and what is wrong with the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sifted {
    /// Not accepted.
    pub unexpected: Vec<Difference>,
    /// Accepted, with the reason.
    pub excused: Vec<(Difference, String)>,
    /// Entries that excuse nothing although their cases were compared.
    pub stale: Vec<Accepted>,
}

/// Sorts the differences by whether they are accepted. `compared` are the ids that were compared: an
/// entry about another case is neither used nor stale, unless there is no such case among `known`.
pub fn sift(
    differences: Vec<Difference>,
    accepted: &[Accepted],
    compared: &BTreeSet<String>,
    known: &[&str],
) -> Sifted {
    let mut sifted = Sifted::default();
    let mut used = vec![false; accepted.len()];
    for difference in differences {
        match accepted.iter().position(|entry| entry.excuses(&difference)) {
            Some(index) => {
                used[index] = true;
                let reason = accepted[index].reason.clone();
                sifted.excused.push((difference, reason));
            }
            None => sifted.unexpected.push(difference),
        }
    }
    for (entry, used) in accepted.iter().zip(used) {
        let was_compared = compared.iter().any(|id| matches(&entry.case, id));
        let exists = known.iter().any(|id| matches(&entry.case, id));
        if !used && (was_compared || !exists) {
            sifted.stale.push(entry.clone());
        }
    }
    sifted
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["link/a", "link/b", "link/other"];

    fn difference(case: &str, field: &str) -> Difference {
        Difference {
            case: case.to_owned(),
            field: field.to_owned(),
            left: "a".to_owned(),
            right: "b".to_owned(),
        }
    }

    fn accepted(case: &str, field: &str) -> Accepted {
        let text = format!(
            r#"[{{"case": "{case}", "field": "{field}", "reason": "known since the start", "date": "2026-01-02"}}]"#
        );
        parse(&text).unwrap().remove(0)
    }

    #[test]
    fn an_entry_excuses_what_it_names_and_nothing_else() {
        let compared = BTreeSet::from(["link/a".to_owned(), "link/b".to_owned()]);
        let differences = vec![
            difference("link/a", "outcome"),
            difference("link/b", "outcome"),
        ];
        let sifted = sift(
            differences,
            &[accepted("link/a", "outcome")],
            &compared,
            KNOWN,
        );
        assert_eq!(sifted.unexpected, [difference("link/b", "outcome")]);
        assert_eq!(sifted.excused.len(), 1);
        assert!(sifted.stale.is_empty());
    }

    #[test]
    fn an_entry_that_excuses_nothing_is_stale_if_its_case_was_compared() {
        let compared = BTreeSet::from(["link/a".to_owned()]);
        let entries = [
            accepted("link/a", "outcome"),
            accepted("link/other", "outcome"),
        ];
        let sifted = sift(Vec::new(), &entries, &compared, KNOWN);
        assert_eq!(sifted.stale, [entries[0].clone()]);
    }

    #[test]
    fn an_entry_about_a_case_that_is_no_more_is_stale() {
        let entries = [
            accepted("link/renamed", "outcome"),
            accepted("link/o*", "*"),
        ];
        let sifted = sift(Vec::new(), &entries, &BTreeSet::new(), KNOWN);
        assert_eq!(sifted.stale, [entries[0].clone()]);
    }

    #[test]
    fn an_entry_without_reason_or_date_is_refused() {
        let no_reason = r#"[{"case": "a", "field": "b", "reason": " ", "date": "2026-01-02"}]"#;
        assert!(parse(no_reason).unwrap_err().contains("no reason"));
        let no_date = r#"[{"case": "a", "field": "b", "reason": "long enough", "date": "soon"}]"#;
        assert!(parse(no_date).unwrap_err().contains("no date"));
    }
}
