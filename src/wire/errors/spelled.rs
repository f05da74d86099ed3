//! Error unions in JSON, and the summary that goes with them.

use serde_json::{Map, Value};

/// An error union, ready to be sent: its JSON and the tags that the summary joins.
#[derive(Clone, Debug, PartialEq)]
pub struct Spelled {
    tags: Vec<&'static str>,
    value: Map<String, Value>,
}

/// Something with a spelling as an error union.
pub trait Spell {
    fn spell(&self) -> Spelled;
}

impl Spelled {
    /// A member without value: `{".tag": "x"}` (API-24).
    pub fn tag(tag: &'static str) -> Self {
        let mut value = Map::new();
        value.insert(".tag".into(), tag.into());
        Self {
            tags: vec![tag],
            value,
        }
    }

    /// A member whose value is a union: `{".tag": "x", "x": {…}}` (API-25). The summary goes on
    /// into it.
    pub fn union(tag: &'static str, inner: &impl Spell) -> Self {
        Self::tag(tag).with_union(tag, inner)
    }

    /// Adds a field whose type is a union. The summary goes on into it.
    #[must_use]
    pub fn with_union(mut self, field: &'static str, inner: &impl Spell) -> Self {
        let Self { tags, value } = inner.spell();
        self.tags.extend(tags);
        self.value.insert(field.into(), value.into());
        self
    }

    /// Adds a field of another type, or the plain value of a member under the member's own name.
    #[must_use]
    pub fn with(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.value.insert(field.into(), value.into());
        self
    }

    /// A struct with a field whose type is a union, for the one error that is no union (API-132).
    pub fn structure(field: &'static str, inner: &impl Spell) -> Self {
        Self {
            tags: Vec::new(),
            value: Map::new(),
        }
        .with_union(field, inner)
    }

    pub fn value(&self) -> Value {
        Value::Object(self.value.clone())
    }

    /// The tags joined by `/`, a `/`, and `dots` dots (API-125, UL-87: 0 to 3, at random).
    pub fn summary(&self, dots: usize) -> String {
        format!("{}/{}", self.tags.join("/"), ".".repeat(dots))
    }
}
