//! The rules and the open questions, as they stand in `fixtures/`. They are part of the program, so that
//! it can say what a rule means wherever it runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

use super::proposal::CATALOGUES;

/// What the files of the catalogue hold.
#[derive(Clone, Debug)]
pub struct Catalogue {
    pub rules: Vec<Value>,
    pub assumptions: Vec<Value>,
    questions: Vec<Value>,
    /// Why a rule or an assumption has no case, by its id.
    pub reasons: BTreeMap<String, String>,
}

/// Reads a text of the catalogue by its name.
type Reader<'a> = &'a dyn Fn(&str) -> Result<String, String>;

macro_rules! texts {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../../fixtures/", $name)))),+]
    };
}

/// The files that the program was built with.
const TEXTS: [(&str, &str); 7] = texts![
    "rules/upload-link.json",
    "rules/api.json",
    "rules/routes-files.json",
    "rules/routes-sharing.json",
    "assumptions.json",
    "open-questions.json",
    "rules-without-case.json",
];

impl Catalogue {
    /// The one that the program was built with.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(|| {
            let read = |name: &str| {
                let built_in = TEXTS.iter().find(|(known, _)| *known == name);
                let text = built_in.map(|(_, text)| (*text).to_owned());
                text.ok_or_else(|| format!("{name} is not built in."))
            };
            Catalogue::of(&read).expect("the catalogue was tested with the program")
        });
        &BUILT_IN
    }

    /// The one in this directory.
    pub fn read(directory: &Path) -> Result<Self, String> {
        let read = |name: &str| {
            let path = directory.join(name);
            std::fs::read_to_string(&path)
                .map_err(|error| format!("{} cannot be read: {error}.", path.display()))
        };
        Self::of(&read)
    }

    fn of(read: Reader<'_>) -> Result<Self, String> {
        let file = |name: &str| -> Result<Value, String> {
            serde_json::from_str(&read(name)?)
                .map_err(|error| format!("{name} cannot be read: {error}."))
        };
        let list = |name: &str, list: &str| match file(name)?[list].take() {
            Value::Array(entries) => Ok(entries),
            _ => Err(format!("{name} has no list of {list}.")),
        };
        let excused = file("rules-without-case.json")?;
        let parts = [&excused["rules"], &excused["assumptions"]].into_iter();
        let reasons = parts.filter_map(Value::as_object).flatten();
        let mut rules = Vec::new();
        for name in CATALOGUES {
            rules.extend(list(name, "rules")?);
        }
        Ok(Self {
            rules,
            assumptions: list("assumptions.json", "assumptions")?,
            // A catalogue may have none.
            questions: list("open-questions.json", "questions").unwrap_or_default(),
            reasons: reasons
                .map(|(id, reason)| (id.clone(), reason.as_str().unwrap_or_default().to_owned()))
                .collect(),
        })
    }

    /// What a rule says or a question asks, by its id; of a question that has parts the first part.
    pub fn sentence(&self, id: &str) -> Option<&str> {
        let all = || {
            let rules = self.rules.iter().map(|rule| (rule, "statement"));
            let asked = self.assumptions.iter().chain(&self.questions);
            rules.chain(asked.map(|question| (question, "question")))
        };
        let is =
            |entry: &Value, fits: &dyn Fn(&str) -> bool| entry["id"].as_str().is_some_and(fits);
        let of_part = |known: &str| {
            known
                .strip_prefix(id)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        // A probe may ask for a part of a question that the catalogue has as a whole.
        let of_whole = |known: &str| {
            id.strip_prefix(known)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        let found = all()
            .find(|(entry, _)| is(entry, &|known| known == id))
            .or_else(|| all().find(|(entry, _)| is(entry, &of_part)))
            .or_else(|| all().find(|(entry, _)| is(entry, &of_whole)));
        found.and_then(|(entry, member)| entry[member].as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;

    #[test]
    fn whatever_a_case_cites_has_a_sentence() {
        let catalogue = Catalogue::built_in();
        for case in cases::all() {
            for rule in case.rules {
                // What clients take for granted is no rule.
                let known = catalogue.sentence(rule).is_some() || rule.starts_with("CL-");
                assert!(known, "{}: {rule}", case.id);
            }
        }
        let wanted = catalogue.sentence("UL-138");
        assert!(
            wanted.is_some_and(|text| text.contains("recently consumed")),
            "{wanted:?}"
        );
        assert_eq!(catalogue.sentence("UL-1380"), None);
    }
}
