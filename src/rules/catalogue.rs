use std::collections::HashMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::embedded;
use super::rule::Evidence;

/// All rules, in the order of their ids: those of upload links, then those of the API around them.
#[derive(Debug)]
pub struct Catalogue {
    documents: Vec<Document>,
    places: HashMap<String, (usize, usize)>,
}

/// The catalogue that this version was built with.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        embedded(Catalogue::from_json(&[
            include_str!("../../fixtures/rules/upload-link.json"),
            include_str!("../../fixtures/rules/api.json"),
        ]))
    })
}

/// One file of the catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[serde(rename = "$schema")]
    _schema: String,
    #[serde(rename = "document")]
    pub(super) title: String,
    pub(super) rules: Vec<CatalogueEntry>,
}

impl Catalogue {
    pub(super) fn from_json(documents: &[&str]) -> serde_json::Result<Self> {
        let documents: Vec<Document> = documents
            .iter()
            .map(|document| serde_json::from_str(document))
            .collect::<Result<_, _>>()?;
        let places = documents
            .iter()
            .enumerate()
            .flat_map(|(document, Document { rules, .. })| {
                rules
                    .iter()
                    .enumerate()
                    .map(move |(rule, entry)| (entry.id.clone(), (document, rule)))
            })
            .collect();
        Ok(Self { documents, places })
    }

    /// What is known about the rule with this id.
    pub fn entry(&self, id: &str) -> Option<&CatalogueEntry> {
        let &(document, rule) = self.places.get(id)?;
        Some(&self.documents[document].rules[rule])
    }

    pub fn entries(&self) -> impl Iterator<Item = &CatalogueEntry> {
        self.documents.iter().flat_map(|document| &document.rules)
    }

    pub(super) fn documents(&self) -> &[Document] {
        &self.documents
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueEntry {
    /// The stable id, such as `UL-138`.
    pub id: String,
    /// The part of the contract that it belongs to, such as `consume/errors`.
    pub chapter: String,
    /// What the service does, in one sentence that a test could check.
    pub statement: String,
    /// How it is known without a recording of our own: see [`CatalogueEntry::evidence`].
    #[serde(rename = "evidence")]
    published: Evidence,
    /// For an assumed rule: why it was assumed.
    #[serde(rename = "basis", default, skip_serializing_if = "Option::is_none")]
    pub assumed_because: Option<AssumedBecause>,
    /// The earliest year, month or day for which it is known.
    pub since: Option<String>,
    /// Where it is said or was seen.
    pub source: String,
    #[serde(rename = "fake")]
    pub in_the_fake: InTheFake,
    /// The recording of the real service that shows it.
    #[serde(rename = "verified")]
    pub verification: Option<Verification>,
}

impl CatalogueEntry {
    /// How the rule is known. Only a recording makes it [`Evidence::Verified`].
    pub fn evidence(&self) -> Evidence {
        if self.verification.is_some() {
            Evidence::Verified
        } else {
            self.published
        }
    }
}

/// Why a rule had to be assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AssumedBecause {
    /// It follows from something that is known.
    Inferred,
    /// Somebody says so and shows no trace.
    Claimed,
    /// Nobody has published it: see the assumption or open question that its statement names.
    Open,
    /// Chosen without any hint.
    Assumed,
}

impl AssumedBecause {
    /// The word for it in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inferred => "inferred",
            Self::Claimed => "claimed",
            Self::Open => "open",
            Self::Assumed => "assumed",
        }
    }
}

/// What the fake makes of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum InTheFake {
    #[serde(rename = "implemented")]
    Implemented,
    /// The service does it and the fake does not.
    #[serde(rename = "not modelled")]
    NotModelled,
    /// History, terms and habits of clients, which no answer can show.
    #[serde(rename = "background")]
    Background,
}

/// A recording of the real service that shows a rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// The file, relative to `fixtures/`.
    pub recording: String,
    /// The day on which it was recorded, such as `2026-11-23`.
    pub date: String,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::rules::fixtures::{self, directory};

    #[test]
    fn the_rules_are_numbered_without_a_gap() {
        for (prefix, count) in [("UL", 190), ("API", 252)] {
            let ids: Vec<&str> = catalogue()
                .entries()
                .map(|entry| entry.id.as_str())
                .filter(|id| id.starts_with(prefix))
                .collect();
            let expected: Vec<String> = (1..=count)
                .map(|number| format!("{prefix}-{number:02}"))
                .collect();
            assert_eq!(ids, expected);
        }
    }

    #[test]
    fn every_entry_is_found_by_its_id() {
        for entry in catalogue().entries() {
            assert_eq!(catalogue().entry(&entry.id), Some(entry));
        }
        assert_eq!(catalogue().entry("UL-999"), None);
    }

    #[test]
    fn no_two_rules_state_the_same() {
        let mut statements: Vec<&str> = catalogue()
            .entries()
            .map(|entry| entry.statement.as_str())
            .collect();
        let count = statements.len();
        statements.sort_unstable();
        statements.dedup();
        assert_eq!(statements.len(), count);
    }

    #[test]
    fn a_chapter_stands_in_one_piece() {
        let mut chapters: Vec<&str> = catalogue()
            .entries()
            .map(|entry| entry.chapter.as_str())
            .collect();
        chapters.dedup();
        let runs = chapters.len();
        chapters.sort_unstable();
        chapters.dedup();
        assert_eq!(chapters.len(), runs);
    }

    #[test]
    fn every_rule_that_a_statement_names_exists() {
        for entry in catalogue().entries() {
            for id in fixtures::ids_named_in(&format!("{} {}", entry.statement, entry.source)) {
                assert!(
                    fixtures::is_known(&id),
                    "{} names {id}, which nobody knows",
                    entry.id
                );
            }
        }
    }

    #[test]
    fn nothing_is_verified_without_a_recording() {
        let unproven = without_recording(catalogue().entries(), &directory());
        assert!(
            unproven.is_empty(),
            "verified without a recording: {unproven:?}"
        );
    }

    #[test]
    fn a_recording_that_does_not_exist_is_noticed() {
        let mut entry = catalogue().entry("UL-138").unwrap().clone();
        entry.verification = Some(Verification {
            recording: "recordings/none.json".into(),
            date: "2026-11-23".into(),
        });
        assert_eq!(entry.evidence(), Evidence::Verified);
        assert_eq!(without_recording([&entry], &directory()), ["UL-138"]);
    }

    #[test]
    fn verified_cannot_be_written_as_evidence() {
        for entry in catalogue().entries() {
            assert_ne!(entry.published, Evidence::Verified, "{}", entry.id);
        }
    }

    #[test]
    fn a_field_that_nobody_knows_is_refused() {
        let document =
            include_str!("../../fixtures/rules/api.json").replace("\"source\":", "\"sauce\":");
        assert!(Catalogue::from_json(&[&document]).is_err());
    }

    fn without_recording<'entries>(
        entries: impl IntoIterator<Item = &'entries CatalogueEntry>,
        fixtures: &Path,
    ) -> Vec<&'entries str> {
        entries
            .into_iter()
            .filter(|entry| {
                entry
                    .verification
                    .as_ref()
                    .is_some_and(|proof| !fixtures.join(&proof.recording).is_file())
            })
            .map(|entry| entry.id.as_str())
            .collect()
    }
}
