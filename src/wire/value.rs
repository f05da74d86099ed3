//! Decoded arguments.

use crate::dropbox::time::Timestamp;

use super::python;
use super::schema::{Field, Literal, Presence, Struct, Union};

/// A value that obeys its schema, with all defaults filled in.
#[derive(Clone, Debug)]
pub enum Decoded {
    /// An absent nullable field, or nothing.
    Null,
    Boolean(bool),
    Integer(i128),
    /// A finite real number within its bounds.
    Float(f64),
    Text(String),
    /// A moment, whole seconds.
    Timestamp(Timestamp),
    List(Vec<Decoded>),
    Struct {
        schema: &'static Struct,
        /// All fields in declaration order.
        fields: Vec<DecodedField>,
        /// Keys that the schema does not know and that were let pass.
        ignored: Vec<String>,
    },
    Union {
        schema: &'static Union,
        tag: &'static str,
        /// The value of the member, [`Decoded::Null`] if it has none.
        value: Box<Decoded>,
    },
}

#[derive(Clone, Debug)]
pub struct DecodedField {
    pub field: &'static Field,
    /// The value that was sent, or the default.
    pub value: Decoded,
    pub sent: bool,
}

impl Decoded {
    /// The dotted names of what was sent and has no effect here, in the order of the schema: fields
    /// that the fake does not act on (unless they ask for what is the default anyway) and unknown
    /// fields that were let pass.
    pub fn without_effect(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.collect_without_effect(&mut Vec::new(), &mut names);
        names
    }

    /// `path` is where this is; it is spelled only for what has no effect.
    fn collect_without_effect<'a>(&'a self, path: &mut Vec<&'a str>, names: &mut Vec<String>) {
        match self {
            Self::List(items) => {
                for item in items {
                    item.collect_without_effect(path, names);
                }
            }
            Self::Union { tag, value, .. } => {
                path.push(tag);
                value.collect_without_effect(path, names);
                path.pop();
            }
            Self::Struct {
                fields, ignored, ..
            } => {
                for decoded in fields.iter().filter(|decoded| decoded.sent) {
                    path.push(decoded.field.name);
                    if decoded.field.used {
                        decoded.value.collect_without_effect(path, names);
                    } else if !decoded.is_default() {
                        note(names, path);
                    }
                    path.pop();
                }
                for key in ignored.iter().filter(|key| !key.starts_with(".tag")) {
                    path.push(key);
                    note(names, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// `repr` of the value as an object of Stone's Python runtime.
    pub(super) fn repr(&self) -> String {
        match self {
            Self::Null => "None".into(),
            Self::Boolean(true) => "True".into(),
            Self::Boolean(false) => "False".into(),
            Self::Integer(value) => value.to_string(),
            Self::Float(value) => python::float_repr(*value),
            Self::Text(text) => python::string_repr(text),
            Self::Timestamp(moment) => timestamp_repr(*moment),
            Self::List(items) => {
                format!(
                    "[{}]",
                    items.iter().map(Self::repr).collect::<Vec<_>>().join(", ")
                )
            }
            Self::Union { schema, tag, value } => {
                format!("{}('{tag}', {})", schema.name, value.repr())
            }
            Self::Struct { schema, fields, .. } => {
                let mut fields: Vec<String> = fields.iter().map(DecodedField::repr).collect();
                fields.sort();
                format!("{}({})", schema.name, fields.join(", "))
            }
        }
    }
}

impl DecodedField {
    fn is_default(&self) -> bool {
        match (self.field.presence, &self.value) {
            (Presence::Nullable, Decoded::Null) => true,
            (Presence::Default(Literal::Boolean(default)), Decoded::Boolean(value)) => {
                default == *value
            }
            (Presence::Default(Literal::Integer(default)), Decoded::Integer(value)) => {
                default == *value
            }
            (Presence::Default(Literal::Text(default)), Decoded::Text(value)) => default == value,
            (Presence::Default(Literal::Tag(default)), Decoded::Union { tag, .. }) => {
                default == *tag
            }
            _ => false,
        }
    }

    fn repr(&self) -> String {
        let value = match self.value {
            Decoded::Null => "NOT_SET".into(),
            _ if !self.sent => "NOT_SET".into(),
            ref value => value.repr(),
        };
        format!("{}={value}", self.field.name)
    }
}

/// Python leaves out the seconds when they are zero.
fn timestamp_repr(moment: Timestamp) -> String {
    let moment = super::time::to_civil(moment);
    let (year, month, day, hour, minute) = (
        moment.year(),
        moment.month(),
        moment.day(),
        moment.hour(),
        moment.minute(),
    );
    let second = match moment.second() {
        0 => String::new(),
        second => format!(", {second}"),
    };
    format!("datetime.datetime({year}, {month}, {day}, {hour}, {minute}{second})")
}

fn note(names: &mut Vec<String>, path: &[&str]) {
    let name = path.join(".");
    if !names.contains(&name) {
        names.push(name);
    }
}
