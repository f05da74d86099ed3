use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::embedded;

/// A question about the service that only the service can answer, and that the fake has to decide all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// The open question, such as `OQ-01`, with a part after a dot where one question needs several settings.
    pub id: String,
    /// The name of the setting, such as `failed_commit`.
    pub name: String,
    /// What is not known.
    pub question: String,
    /// What can be chosen, and the default.
    pub setting: Setting,
    /// The ids of the rules that bear on it.
    pub basis: Vec<String>,
    /// `A` where the answer changes what a client has to do.
    pub priority: Option<String>,
}

/// What can be chosen for an assumption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// One of several named behaviours.
    Choice {
        /// The name of the default, one of the choices.
        default: String,
        /// All of them.
        choices: Vec<Choice>,
    },
    /// A number.
    Integer {
        /// `None` where the absence of a number is the default.
        default: Option<u64>,
        /// What is counted, such as `bytes`.
        unit: String,
        /// Whether it may be left without a number.
        nullable: bool,
        /// The smallest number that makes sense.
        minimum: u64,
    },
    /// A text that the fake sends.
    Text {
        /// Where nobody knows the real one, a text that says so.
        default: String,
    },
}

/// One of the behaviours to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its name, such as `burns`.
    pub name: String,
    /// What the fake does then.
    pub meaning: String,
}

impl Setting {
    /// The default, spelled as a user sets it; `null` where there is no number.
    pub fn default_text(&self) -> String {
        match self {
            Self::Choice { default, .. } | Self::Text { default } => default.clone(),
            Self::Integer { default, .. } => {
                default.map_or_else(|| "null".to_owned(), |number| number.to_string())
            }
        }
    }
}

/// A question that is open and has no setting of its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenQuestion {
    /// Its id, such as `AQ-03`.
    pub id: String,
    /// What is not known.
    pub question: String,
    /// What is taken for true until it is.
    pub default: String,
    /// The ids of the rules that bear on it.
    pub basis: Vec<String>,
}

/// Every assumption, in the order of the open questions.
pub fn assumptions() -> &'static [Assumption] {
    static ASSUMPTIONS: OnceLock<Vec<Assumption>> = OnceLock::new();
    ASSUMPTIONS.get_or_init(|| embedded(parse(include_str!("../../fixtures/assumptions.json"))))
}

/// The assumption with this name, such as `failed_commit`.
pub fn assumption(name: &str) -> Option<&'static Assumption> {
    assumptions()
        .iter()
        .find(|assumption| assumption.name == name)
}

/// Every open question without a setting.
pub fn open_questions() -> &'static [OpenQuestion] {
    static QUESTIONS: OnceLock<Vec<OpenQuestion>> = OnceLock::new();
    QUESTIONS.get_or_init(|| {
        let document = include_str!("../../fixtures/open-questions.json");
        embedded(serde_json::from_str::<Questions>(document)).questions
    })
}

fn parse(document: &str) -> Result<Vec<Assumption>, String> {
    serde_json::from_str::<Document>(document)
        .map_err(|error| error.to_string())?
        .assumptions
        .into_iter()
        .map(Assumption::try_from)
        .collect()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "$schema")]
    _schema: String,
    assumptions: Vec<Spelled>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Questions {
    #[serde(rename = "$schema")]
    _schema: String,
    questions: Vec<OpenQuestion>,
}

/// An assumption as the file spells it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelled {
    id: String,
    name: String,
    question: String,
    default: Value,
    choices: Option<Map<String, Value>>,
    #[serde(rename = "type")]
    kind: Option<String>,
    unit: Option<String>,
    #[serde(default)]
    nullable: bool,
    #[serde(default)]
    minimum: u64,
    basis: Vec<String>,
    priority: Option<String>,
}

impl TryFrom<Spelled> for Assumption {
    type Error = String;

    fn try_from(spelled: Spelled) -> Result<Self, Self::Error> {
        let wrong = |what: &str| format!("{}: {what}", spelled.id);
        let setting = match (&spelled.choices, spelled.kind.as_deref(), &spelled.default) {
            (Some(choices), None, Value::String(default)) => {
                if !choices.contains_key(default) {
                    return Err(wrong("the default is not among the choices"));
                }
                let choices = choices
                    .iter()
                    .map(|(name, meaning)| {
                        let meaning = meaning
                            .as_str()
                            .ok_or_else(|| wrong("a choice has no meaning"))?
                            .to_owned();
                        Ok(Choice {
                            name: name.clone(),
                            meaning,
                        })
                    })
                    .collect::<Result<_, String>>()?;
                Setting::Choice {
                    default: default.clone(),
                    choices,
                }
            }
            (None, Some("integer"), default) => {
                let default = default.as_u64();
                if default.is_none() && !(spelled.nullable && spelled.default.is_null()) {
                    return Err(wrong("the default is not a number"));
                }
                if default.is_some_and(|number| number < spelled.minimum) {
                    return Err(wrong("the default is below the minimum"));
                }
                let unit = spelled
                    .unit
                    .clone()
                    .ok_or_else(|| wrong("the number has no unit"))?;
                Setting::Integer {
                    default,
                    unit,
                    nullable: spelled.nullable,
                    minimum: spelled.minimum,
                }
            }
            (None, Some("text"), Value::String(default)) => Setting::Text {
                default: default.clone(),
            },
            _ => return Err(wrong("neither a choice nor a number nor a text")),
        };
        let Spelled {
            id,
            name,
            question,
            basis,
            priority,
            ..
        } = spelled;
        Ok(Self {
            id,
            name,
            question,
            setting,
            basis,
            priority,
        })
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;
    use crate::dropbox::assumptions::Assumptions;
    use crate::rules::{catalogue, fixtures};

    #[test]
    fn every_open_question_is_decided_or_listed() {
        let ids: Vec<&str> = assumptions()
            .iter()
            .map(|assumption| assumption.id.as_str())
            .chain(open_questions().iter().map(|question| question.id.as_str()))
            .collect();
        for (prefix, count) in [("OQ", 25), ("AQ", 22)] {
            for number in 1..=count {
                let id = format!("{prefix}-{number:02}");
                assert!(
                    ids.iter().any(|known| known.starts_with(&id)),
                    "{id} is lost"
                );
            }
        }
    }

    #[test]
    fn ids_and_names_are_unique() {
        let mut ids: Vec<&str> = assumptions()
            .iter()
            .map(|assumption| assumption.id.as_str())
            .chain(open_questions().iter().map(|question| question.id.as_str()))
            .collect();
        let mut names: Vec<&str> = assumptions()
            .iter()
            .map(|assumption| assumption.name.as_str())
            .collect();
        for list in [&mut ids, &mut names] {
            let count = list.len();
            list.sort_unstable();
            list.dedup();
            assert_eq!(list.len(), count);
        }
    }

    #[test]
    fn every_default_is_among_its_choices() {
        for assumption in assumptions() {
            if let Setting::Choice { default, choices } = &assumption.setting {
                assert!(
                    choices.iter().any(|choice| choice.name == *default),
                    "{}",
                    assumption.id
                );
                assert!(choices.len() >= 2, "{} leaves no choice", assumption.id);
            }
        }
    }

    #[test]
    fn every_rule_and_setting_that_is_named_exists() {
        for (id, basis) in assumptions()
            .iter()
            .map(|assumption| (&assumption.id, &assumption.basis))
            .chain(
                open_questions()
                    .iter()
                    .map(|question| (&question.id, &question.basis)),
            )
        {
            for rule in basis {
                assert!(
                    catalogue().entry(rule).is_some(),
                    "{id} rests on {rule}, which nobody knows"
                );
            }
        }
        for assumption in assumptions() {
            let Setting::Choice { choices, .. } = &assumption.setting else {
                continue;
            };
            for choice in choices {
                for id in fixtures::ids_named_in(&choice.meaning) {
                    assert!(fixtures::is_known(&id), "{} names {id}", assumption.id);
                }
            }
        }
    }

    #[test]
    fn the_settings_of_the_fake_are_the_assumptions() {
        let settings = Assumptions::default().to_json();
        let settings = settings.as_object().unwrap();
        let names: Vec<&String> = assumptions()
            .iter()
            .map(|assumption| &assumption.name)
            .collect();
        assert_eq!(settings.keys().collect::<Vec<_>>(), names);
        for assumption in assumptions() {
            let value = &settings[&assumption.name];
            let spelled = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(
                spelled,
                assumption.setting.default_text(),
                "{}",
                assumption.name
            );
        }
    }

    #[test]
    fn every_choice_can_be_set_and_no_other() {
        let listed = Regex::new("`([a-z0-9_]+)`").unwrap();
        for assumption in assumptions() {
            let Setting::Choice { choices, .. } = &assumption.setting else {
                continue;
            };
            let mut settings = Assumptions::default();
            for choice in choices {
                settings.set(&assumption.name, &choice.name).unwrap();
                assert_eq!(settings.to_json()[&assumption.name], choice.name.as_str());
            }
            let refused = settings
                .set(&assumption.name, "melts")
                .unwrap_err()
                .to_string();
            let (_, allowed) = refused.split_once("expected").unwrap();
            let mut allowed: Vec<&str> = listed
                .captures_iter(allowed)
                .map(|name| name.extract::<1>().1[0])
                .collect();
            let mut names: Vec<&str> = choices.iter().map(|choice| choice.name.as_str()).collect();
            allowed.sort_unstable();
            names.sort_unstable();
            assert_eq!(allowed, names, "{}", assumption.name);
        }
    }

    #[test]
    fn a_setting_takes_null_only_where_it_may_be_left_out() {
        for assumption in assumptions() {
            if let Setting::Integer { nullable, .. } = assumption.setting {
                let set = Assumptions::default().set_json(&assumption.name, Value::Null);
                assert_eq!(set.is_ok(), nullable, "{}", assumption.name);
            }
        }
    }

    #[test]
    fn a_text_that_nobody_knows_says_so() {
        for name in [
            "text_expired",
            "text_unknown_link",
            "text_in_flight",
            "text_bad_content_type",
            "text_missing_content_type",
            "text_wrong_method",
        ] {
            let text = assumption(name).unwrap().setting.default_text();
            assert!(
                text.starts_with("[placeholder of fake-dropbox: the real text is not known] "),
                "{name}: {text}"
            );
        }
        let known = &assumption("text_commit_failed").unwrap().setting;
        assert_eq!(
            known.default_text(),
            "Temporary upload link led to invalid upload attempt"
        );
    }

    #[test]
    fn a_default_outside_of_its_choices_is_refused() {
        let document = include_str!("../../fixtures/assumptions.json").replacen(
            r#""default": "burns""#,
            r#""default": "melts""#,
            1,
        );
        assert_eq!(
            parse(&document),
            Err("OQ-01: the default is not among the choices".to_owned())
        );
    }

    #[test]
    fn a_number_is_not_left_out_by_accident() {
        let document = include_str!("../../fixtures/assumptions.json").replacen(
            r#""default": 300000000"#,
            r#""default": null"#,
            1,
        );
        assert_eq!(
            parse(&document),
            Err("OQ-07: the default is not a number".to_owned())
        );
        assert_eq!(
            assumption("used_link_memory_seconds")
                .unwrap()
                .setting
                .default_text(),
            "null"
        );
    }
}
