//! A rule or an open question, told to people.

use super::{Assumption, CatalogueEntry, Evidence, assumptions, embedded, entry, ids};
use crate::nearest::did_you_mean;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

/// A rule in words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RuleInWords {
    /// Its id, such as `UL-138`.
    pub id: &'static str,
    /// What it says.
    pub sentence: &'static str,
    /// How that is known.
    pub evidence: Evidence,
    /// Since when, where a date is known.
    pub since: Option<&'static str>,
    /// Who says so.
    pub source: &'static str,
}

impl From<&'static CatalogueEntry> for RuleInWords {
    fn from(rule: &'static CatalogueEntry) -> Self {
        Self {
            id: &rule.id,
            sentence: &rule.statement,
            evidence: rule.evidence(),
            since: rule.since.as_deref(),
            source: &rule.source,
        }
    }
}

/// What is known of a rule, or of an open question.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Explanation {
    /// A rule, such as `UL-138`.
    Rule {
        /// The rule.
        #[serde(flatten)]
        rule: RuleInWords,
        /// The open questions that bear on it, each with its setting.
        assumptions: Vec<&'static Assumption>,
        /// The cases of the conformance suite that hold it.
        cases: &'static [String],
    },
    /// An open question, by its id such as `OQ-01` or the name of its setting such as `failed_commit`.
    Assumption {
        /// The question and its setting.
        #[serde(flatten)]
        assumption: &'static Assumption,
        /// The cases of the conformance suite that ask it.
        cases: &'static [String],
    },
}

/// What is known of the rule or the open question with this id or name; letter case and hyphens do not matter.
///
/// ```
/// use fake_dropbox::internals::rules::{Explanation, explain};
///
/// let rule = explain("ul-138").expect("it is in the catalogue");
/// assert!(rule.to_string().starts_with("UL-138 (documented"));
/// assert!(matches!(explain("failed-commit"), Some(Explanation::Assumption { .. })));
/// assert!(explain("UL-999").is_none());
/// ```
pub fn explain(asked: &str) -> Option<Explanation> {
    let id = asked.trim().to_uppercase();
    if let Some(rule) = entry(&id) {
        let bears = |assumption: &&Assumption| assumption.basis.contains(&id);
        return Some(Explanation::Rule {
            rule: rule.into(),
            assumptions: assumptions().iter().filter(bears).collect(),
            cases: cases(&rule.id),
        });
    }
    let name = asked.trim().to_lowercase().replace('-', "_");
    let mut all = assumptions().iter();
    let assumption = all.find(|one| one.id.eq_ignore_ascii_case(&id) || one.name == name)?;
    let cases = cases(&assumption.id);
    Some(Explanation::Assumption { assumption, cases })
}

/// The sentence for an id or a name that [`explain`] does not know.
pub fn unknown_rule(asked: &str) -> String {
    let names = assumptions().iter().map(|one| one.name.as_str());
    let meant = did_you_mean(asked, ids().chain(names));
    format!(
        "{asked:?} is neither a rule such as UL-138 nor an open question such as failed_commit.{meant}"
    )
}

/// The cases of the suite that name a rule or a question.
fn cases(id: &str) -> &'static [String] {
    static CASES: OnceLock<BTreeMap<String, Vec<String>>> = OnceLock::new();
    let all = CASES.get_or_init(|| {
        embedded(serde_json::from_str(include_str!(
            "../../fixtures/cases-by-rule.json"
        )))
    });
    all.get(id).map_or(&[], Vec::as_slice)
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cases = match self {
            Self::Rule {
                rule,
                assumptions,
                cases,
            } => {
                let RuleInWords {
                    id,
                    sentence,
                    evidence,
                    since,
                    source,
                } = rule;
                write!(formatter, "{id} ({evidence}")?;
                if let Some(since) = since {
                    write!(formatter, ", {since}")?;
                }
                write!(formatter, ")\n{sentence}\nSource: {source}\n")?;
                for assumption in assumptions {
                    write!(formatter, "\nRests on {assumption}")?;
                }
                cases
            }
            Self::Assumption { assumption, cases } => {
                write!(formatter, "{assumption}")?;
                for id in &assumption.basis {
                    let sentence = entry(id).map_or("", |rule| &rule.statement);
                    writeln!(formatter, "  {id}: {sentence}")?;
                }
                cases
            }
        };
        if !cases.is_empty() {
            writeln!(formatter, "\nCases of the conformance suite:")?;
        }
        for case in *cases {
            writeln!(formatter, "  {case}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Assumption {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{} {}: {}", self.id, self.name, self.question)?;
        let default = text(&self.default);
        for (choice, meaning) in &self.choices {
            let mark = if *choice == default { " (default)" } else { "" };
            writeln!(
                formatter,
                "  --assume {}={choice}{mark}: {}",
                self.name,
                text(meaning)
            )?;
        }
        if self.choices.is_empty() {
            writeln!(
                formatter,
                "  --assume {}=…; the default is {default}",
                self.name
            )?;
        }
        Ok(())
    }
}

/// A value as it is written in a setting.
fn text(value: &serde_json::Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
