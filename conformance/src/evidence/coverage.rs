//! Which rules no case proves, and which assumptions no probe asks about.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cases::case::Case;
use crate::evidence::catalogue::Catalogue;

/// What the catalogue has and the cases lack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uncovered {
    /// Rules that the fake implements and no case cites.
    pub rules: Vec<String>,
    /// Assumptions that no case cites.
    pub assumptions: Vec<String>,
}

/// Holds the cases against the catalogue.
pub fn uncovered(catalogue: &Catalogue, cases: &[Case]) -> Uncovered {
    let cited: BTreeSet<&str> = cases.iter().flat_map(|case| case.rules).copied().collect();
    // A question that is cited as a whole covers its parts: OQ-08 covers OQ-08.host.
    let is_cited = |id: &str| {
        cited.contains(id)
            || id
                .split_once('.')
                .is_some_and(|(whole, _)| cited.contains(whole))
    };
    let mut uncovered = Uncovered::default();
    for rule in &catalogue.rules {
        let id = text(rule, "id");
        if text(rule, "fake") == "implemented" && !is_cited(&id) {
            uncovered.rules.push(id);
        }
    }
    for assumption in &catalogue.assumptions {
        let id = text(assumption, "id");
        // A number that belongs to a choice is no question of its own.
        if assumption.get("choices").is_some() && !is_cited(&id) {
            uncovered.assumptions.push(id);
        }
    }
    uncovered
}

fn text(entry: &Value, name: &str) -> String {
    let text = entry.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}
