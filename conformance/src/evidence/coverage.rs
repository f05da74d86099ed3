//! Which rules no case proves, and which assumptions no probe asks about.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::cases::case::Case;

/// What the catalogue has and the cases lack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uncovered {
    /// Rules that the fake implements and no case cites.
    pub rules: Vec<String>,
    /// Assumptions that no case cites.
    pub assumptions: Vec<String>,
}

/// Holds the cases against the catalogue in `fixtures`.
pub fn uncovered(fixtures: &Path, cases: &[Case]) -> Result<Uncovered, String> {
    let cited: BTreeSet<&str> = cases.iter().flat_map(|case| case.rules).copied().collect();
    // A question that is cited as a whole covers its parts: OQ-08 covers OQ-08.host.
    let is_cited = |id: &str| {
        cited.contains(id)
            || id
                .split_once('.')
                .is_some_and(|(whole, _)| cited.contains(whole))
    };
    let mut uncovered = Uncovered::default();
    for name in ["rules/upload-link.json", "rules/api.json"] {
        for rule in entries(&fixtures.join(name), "rules")? {
            let id = text(&rule, "id");
            if text(&rule, "fake") == "implemented" && !is_cited(&id) {
                uncovered.rules.push(id);
            }
        }
    }
    for assumption in entries(&fixtures.join("assumptions.json"), "assumptions")? {
        let id = text(&assumption, "id");
        // A number that belongs to a choice is no question of its own.
        if assumption.get("choices").is_some() && !is_cited(&id) {
            uncovered.assumptions.push(id);
        }
    }
    Ok(uncovered)
}

/// Why a rule or an assumption has no case, by its id, as `fixtures` tells it.
pub fn reasons(fixtures: &Path) -> Result<BTreeMap<String, String>, String> {
    let path = fixtures.join("rules-without-case.json");
    let file = read(&path)?;
    let parts = [&file["rules"], &file["assumptions"]].into_iter();
    let reasons = parts.filter_map(Value::as_object).flatten();
    Ok(reasons
        .map(|(id, reason)| (id.clone(), reason.as_str().unwrap_or_default().to_owned()))
        .collect())
}

fn read(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
    text.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()))
        .map_err(|error| format!("{} cannot be read: {error}.", path.display()))
}

fn entries(path: &Path, list: &str) -> Result<Vec<Value>, String> {
    let file = read(path)?;
    match file.get(list).and_then(Value::as_array) {
        Some(entries) => Ok(entries.clone()),
        None => Err(format!("{} has no list of {list}.", path.display())),
    }
}

fn text(entry: &Value, name: &str) -> String {
    let text = entry.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}
