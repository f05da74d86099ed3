//! From decoded values to the structs of the handlers.
//!
//! Nothing can fail here: the schema has been obeyed, so a field is there and has its type. Where
//! that does not hold, a schema and its struct do not belong together, which a test of every route
//! would show.

use crate::dropbox::time::Timestamp;
use crate::wire::decode::{Fault, Options, decode};
use crate::wire::json::Json;
use crate::wire::schema::Type;
use crate::wire::value::{Decoded, DecodedField};

pub trait Argument: Sized {
    const TYPE: Type;

    fn extract(value: Decoded) -> Self;

    /// Validates `json`. Also gives the names of what was sent and has no effect in this fake.
    fn read(json: &Json, options: Options) -> Result<(Self, Vec<String>), Fault> {
        let decoded = decode(Self::TYPE, json, options)?;
        let without_effect = decoded.without_effect();
        Ok((Self::extract(decoded), without_effect))
    }
}

/// The fields of a decoded struct, to be taken out by name.
pub(super) struct Fields(Vec<DecodedField>);

impl Fields {
    pub(super) fn of(value: Decoded) -> Self {
        match value {
            Decoded::Struct { fields, .. } => Self(fields),
            other => unreachable!("expected a struct, found {other:?}"),
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Decoded {
        let found = self.0.iter_mut().find(|decoded| decoded.field.name == name);
        let found = found.unwrap_or_else(|| unreachable!("no field {name}"));
        std::mem::replace(&mut found.value, Decoded::Null)
    }

    pub(super) fn text(&mut self, name: &str) -> String {
        self.optional_text(name)
            .unwrap_or_else(|| unreachable!("{name} is not text"))
    }

    pub(super) fn optional_text(&mut self, name: &str) -> Option<String> {
        match self.take(name) {
            Decoded::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        matches!(self.take(name), Decoded::Boolean(true))
    }

    pub(super) fn optional_flag(&mut self, name: &str) -> Option<bool> {
        match self.take(name) {
            Decoded::Boolean(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn integer(&mut self, name: &str) -> u64 {
        self.optional_integer(name)
            .unwrap_or_else(|| unreachable!("{name} is not a number"))
    }

    pub(super) fn optional_integer(&mut self, name: &str) -> Option<u64> {
        match self.take(name) {
            Decoded::Integer(value) => u64::try_from(value).ok(),
            _ => None,
        }
    }

    pub(super) fn float(&mut self, name: &str) -> f64 {
        match self.take(name) {
            Decoded::Float(value) => value,
            other => unreachable!("{name} is not a number: {other:?}"),
        }
    }

    pub(super) fn optional_moment(&mut self, name: &str) -> Option<Timestamp> {
        match self.take(name) {
            Decoded::Timestamp(moment) => Some(moment),
            _ => None,
        }
    }

    pub(super) fn list(&mut self, name: &str) -> Vec<Decoded> {
        match self.take(name) {
            Decoded::List(items) => items,
            _ => Vec::new(),
        }
    }

    pub(super) fn union(&mut self, name: &str) -> (&'static str, Decoded) {
        self.optional_union(name)
            .unwrap_or_else(|| unreachable!("{name} is not a union"))
    }

    pub(super) fn optional_union(&mut self, name: &str) -> Option<(&'static str, Decoded)> {
        match self.take(name) {
            Decoded::Union { tag, value, .. } => Some((tag, *value)),
            _ => None,
        }
    }
}
