//! Answers to open questions that differ from the defaults.

use crate::dropbox::assumptions::{Assumptions, BadAssumption};
use serde::Deserializer;
use serde::de::{self, Deserialize, DeserializeSeed, MapAccess, Visitor};
use std::fmt;

/// Assumptions by name, each with its value, in the order in which they are set.
///
/// Whatever is in here has been tried: each name is known and takes its value.
///
/// ```
/// use fake_dropbox::config::Assumed;
///
/// let mut assumed = Assumed::default();
/// assumed.set_text("failed_commit", "frees")?;
/// assert!(assumed.set_text("failed_commit", "perhaps").is_err());
/// let mut later = Assumed::default();
/// later.set_json("link_size_limit", 1_000.into())?;
/// assumed.extend(later);
/// assert!(!assumed.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assumed(Vec<(String, serde_json::Value)>);

impl Assumed {
    /// Sets one, spelled as on a command line: a choice, a number, a text or `null`.
    pub fn set_text(&mut self, name: &str, value: &str) -> Result<(), BadAssumption> {
        let mut tried = Assumptions::default();
        tried.set(name, value)?;
        let name = name.replace('-', "_");
        let value = tried.to_json()[&name].clone();
        self.0.push((name, value));
        Ok(())
    }

    /// Sets one to a JSON value.
    pub fn set_json(&mut self, name: &str, value: serde_json::Value) -> Result<(), BadAssumption> {
        Assumptions::default().set_json(name, value.clone())?;
        self.0.push((name.replace('-', "_"), value));
        Ok(())
    }

    /// Sets all of `later` after what is set here.
    pub fn extend(&mut self, later: Self) {
        self.0.extend(later.0);
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `assumptions` with these answers in place of theirs.
    pub(crate) fn over(&self, assumptions: &Assumptions) -> Assumptions {
        let mut assumptions = assumptions.clone();
        for (name, value) in &self.0 {
            assumptions
                .set_json(name, value.clone())
                .expect("each was tried when it was set");
        }
        assumptions
    }
}

impl<'de> Deserialize<'de> for Assumed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;

        impl<'de> Visitor<'de> for Table {
            type Value = Assumed;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a table of assumptions")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Assumed, M::Error> {
                let mut assumed = Assumed::default();
                while let Some(name) = map.next_key::<String>()? {
                    // Tried while the value is read, so that the error points at its line.
                    map.next_value_seed(Value {
                        assumed: &mut assumed,
                        name: &name,
                    })?;
                }
                Ok(assumed)
            }
        }

        struct Value<'a> {
            assumed: &'a mut Assumed,
            name: &'a str,
        }

        impl<'de> DeserializeSeed<'de> for Value<'_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                let value = serde_json::Value::deserialize(deserializer)?;
                // TOML has no null: the word stands for it, as on the command line.
                match value.as_str() {
                    Some(text) => self.assumed.set_text(self.name, text),
                    None => self.assumed.set_json(self.name, value),
                }
                .map_err(de::Error::custom)
            }
        }

        deserializer.deserialize_map(Table)
    }
}
