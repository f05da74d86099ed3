//! Whether what the catalogue calls verified is: a recording of Dropbox itself shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::evidence::proposal::{CATALOGUES, shown_rules};
use crate::evidence::recording;

/// The rules below `fixtures` that are called verified although their recording does not show them, each
/// with the reason.
pub fn unproven(fixtures: &Path) -> Result<Vec<String>, String> {
    let mut recordings = BTreeMap::new();
    let mut unproven = Vec::new();
    for name in CATALOGUES {
        let path = fixtures.join(name);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{} cannot be read: {error}.", path.display()))?;
        let file: Value =
            serde_json::from_str(&text).map_err(|error| format!("{name}: {error}."))?;
        for rule in file["rules"].as_array().into_iter().flatten() {
            let proof = &rule["verified"];
            if proof.is_null() {
                continue;
            }
            let id = rule["id"].as_str().unwrap_or_default();
            let name = proof["recording"].as_str().unwrap_or_default().to_owned();
            let shown = recordings
                .entry(name.clone())
                .or_insert_with(|| shown_by(&fixtures.join(&name)));
            match shown {
                Err(why) => unproven.push(format!("{id}: {why}")),
                Ok((date, _)) if proof["date"] != date.as_str() => {
                    unproven.push(format!("{id}: {name} was recorded on {date}"));
                }
                Ok((_, rules)) if !rules.contains(id) => {
                    unproven.push(format!("{id}: no case of {name} shows it"));
                }
                Ok(_) => {}
            }
        }
    }
    Ok(unproven)
}

/// The day of a recording of Dropbox itself, and the rules that it shows.
fn shown_by(path: &Path) -> Result<(String, BTreeSet<String>), String> {
    let report = recording::read(path)?;
    if !report.head.genuine {
        return Err(format!(
            "{} is a recording of {}, which is not Dropbox at its own addresses",
            path.display(),
            report.head.target
        ));
    }
    Ok((report.head.date.clone(), shown_rules(&report)))
}
