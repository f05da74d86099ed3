use super::embedded;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::OnceLock;

/// A question that only the service can answer, and that the fake has to decide all the same. The whole of it is in
/// `fixtures/assumptions.json`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Assumption {
    /// Its id, such as `OQ-01`.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// What the setting can be, each with what it means; empty where it is a number or a text.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub choices: serde_json::Map<String, Value>,
    /// The name of the setting, such as `failed_commit`.
    pub name: String,
    /// What the fake does unless it is told otherwise.
    pub default: Value,
    /// The ids of the rules that bear on it.
    pub basis: Vec<String>,
}

#[derive(Deserialize)]
struct Document {
    assumptions: Vec<Assumption>,
}

/// Every assumption, in the order of the open questions.
pub fn assumptions() -> &'static [Assumption] {
    static ASSUMPTIONS: OnceLock<Vec<Assumption>> = OnceLock::new();
    ASSUMPTIONS.get_or_init(|| {
        let document = include_str!("../../fixtures/assumptions.json");
        embedded(serde_json::from_str::<Document>(document)).assumptions
    })
}

/// The assumption with this name, such as `failed_commit`.
pub fn assumption(name: &str) -> Option<&'static Assumption> {
    let mut all = assumptions().iter();
    all.find(|assumption| assumption.name == name)
}
