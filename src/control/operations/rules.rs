//! What the ids of rules and the names of assumptions mean, in words.

use super::{Answered, ControlError, Controls, Operation};
use crate::control::scope::Scope;
use crate::rules::{self, Assumption, RuleInWords};
use serde::{Deserialize, Serialize};

/// Reads rules: what each says and how it is known.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ReadRules {
    /// The ids of those that are wanted, with commas between them, such as `UL-138,UL-142`; all if nothing is said.
    pub ids: Option<String>,
}

/// Rules.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Rules {
    /// By their ids, or in the order in which they were asked for.
    pub rules: Vec<RuleInWords>,
}

impl Operation for ReadRules {
    type Answer = Rules;
    const NAME: &'static str = "read_rules";
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/rules";
    const SUMMARY: &'static str =
        "Reads the rules that decide answers: what each says, how that is known, and since when.";

    async fn run(self, _controls: Controls<'_>, _scope: &Scope) -> Answered<Self> {
        let find = |id: &str| {
            let rule = rules::entry(id).map(RuleInWords::from);
            rule.ok_or_else(|| ControlError::not_found(rules::unknown_rule(id)))
        };
        let rules: Result<Vec<_>, _> = match &self.ids {
            Some(ids) => ids.split(',').map(|id| find(id.trim())).collect(),
            None => rules::ids().map(find).collect(),
        };
        let mut rules = rules?;
        if self.ids.is_none() {
            rules.sort();
        }
        Ok(Rules { rules })
    }
}

/// Reads the open questions behind the assumptions.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ReadQuestions {
    /// The name of the assumption whose question is wanted; all if nothing is said.
    pub name: Option<String>,
}

/// Open questions.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Questions {
    /// In their order.
    pub questions: Vec<&'static Assumption>,
}

impl Operation for ReadQuestions {
    type Answer = Questions;
    const NAME: &'static str = "read_questions";
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/assumptions/questions";
    const SUMMARY: &'static str =
        "Reads the question behind each assumption, its choices and the rules that rest on it.";

    async fn run(self, _controls: Controls<'_>, _scope: &Scope) -> Answered<Self> {
        let Some(name) = &self.name else {
            let questions = rules::assumptions().iter().collect();
            return Ok(Questions { questions });
        };
        let question = rules::assumption(name)
            .ok_or_else(|| ControlError::not_found(rules::unknown_rule(name)));
        question.map(|question| Questions {
            questions: vec![question],
        })
    }
}
