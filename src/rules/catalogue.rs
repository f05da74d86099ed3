use super::embedded;
use super::rule::Evidence;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::sync::OnceLock;

/// What the fake needs to know of a rule. The whole of it is in `fixtures/rules/`.
#[derive(Debug, Deserialize)]
pub struct CatalogueEntry {
    /// Its id, such as `UL-138`.
    pub id: String,
    /// What it says, in a sentence.
    pub statement: String,
    /// Since when, as far as that is known.
    pub since: Option<String>,
    /// Who says so.
    pub source: String,
    #[serde(rename = "evidence")]
    published: Evidence,
    verified: Option<IgnoredAny>,
}

impl CatalogueEntry {
    /// How the rule is known. Only a recording makes it [`Evidence::Verified`].
    pub fn evidence(&self) -> Evidence {
        if self.verified.is_some() {
            Evidence::Verified
        } else {
            self.published
        }
    }
}

#[derive(Deserialize)]
struct Document {
    rules: Vec<CatalogueEntry>,
}

/// The rule with this id, such as `UL-138`.
pub fn entry(id: &str) -> Option<&'static CatalogueEntry> {
    catalogue().get(id)
}

/// The ids of all rules.
pub fn ids() -> impl Iterator<Item = &'static str> {
    catalogue().keys().map(String::as_str)
}

fn catalogue() -> &'static HashMap<String, CatalogueEntry> {
    static CATALOGUE: OnceLock<HashMap<String, CatalogueEntry>> = OnceLock::new();
    let read = || {
        [
            include_str!("../../fixtures/rules/upload-link.json"),
            include_str!("../../fixtures/rules/api.json"),
            include_str!("../../fixtures/rules/routes-files.json"),
            include_str!("../../fixtures/rules/routes-sharing.json"),
        ]
        .into_iter()
        .flat_map(|document| embedded(serde_json::from_str::<Document>(document)).rules)
        .map(|entry| (entry.id.clone(), entry))
        .collect()
    };
    CATALOGUE.get_or_init(read)
}
