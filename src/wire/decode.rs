//! The argument validator: JSON and a schema in, a value or the exact error text out.
//!
//! It walks as Stone's Python runtime walks (API-70 to API-85), because the texts of the real
//! server are that runtime's texts (UL-34). Fields are judged in the order of their declaration
//! (API-73), an element of a list under the name of the list (API-75). The walk has two halves, and the difference shows in messages:
//! the *shape* of a value is judged while it is decoded, the bounds of numbers, strings and lists
//! are judged when the value is put into its struct or union. A fault of the first kind inside a
//! union names the tag in its path, one of the second kind does not.

use crate::dropbox::assumptions::{Assumptions, UnknownFields};

use super::dialect::Dialect;
pub use super::fault::{Fault, FaultKind};
use super::json::Json;
use super::python;
use super::schema::{
    Field, List, Literal, Member, PathPatterns, Presence, Root, Struct, Text, Type, Union,
};
use super::strptime;
use super::value::{Decoded, DecodedField};

/// What the validator is told about the server that it plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What happens to fields and tags that the schema does not know (OQ-18).
    pub unknown: Unknown,
    /// The generation of path patterns (AQ-07).
    pub patterns: PathPatterns,
}

impl Options {
    /// Those of an account.
    pub fn of(assumptions: &Assumptions, dialect: Dialect) -> Self {
        Self {
            unknown: match assumptions.unknown_fields {
                UnknownFields::Rejected => Unknown::Reject,
                UnknownFields::Ignored => Unknown::Ignore,
            },
            patterns: dialect.path_patterns(assumptions),
        }
    }
}

/// What happens to fields and tags that the schema does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// They are errors: Stone's strict mode.
    #[default]
    Reject,
    /// Fields are skipped, a tag stands for the catch-all of its union: Stone's other mode.
    Ignore,
}

/// Decodes `json` as a value of type `schema`, with all defaults filled in.
pub fn decode(schema: Type, json: &Json, options: Options) -> Result<Decoded, Fault> {
    let walk = Walk { options };
    walk.shape(schema, json)
        .and_then(|shaped| walk.bounds(schema, shaped))
}

/// A value whose shape has been judged and whose bounds have not.
enum Shaped<'j> {
    Primitive(&'j Json),
    List(Vec<Shaped<'j>>),
    Done(Decoded),
}

#[derive(Clone, Copy)]
struct Walk {
    options: Options,
}

impl Walk {
    fn strict(self) -> bool {
        self.options.unknown == Unknown::Reject
    }

    fn shape(self, schema: Type, json: &Json) -> Result<Shaped<'_>, Fault> {
        match schema {
            Type::Struct(schema) => self.structure(schema, json).map(Shaped::Done),
            Type::Union(schema) => self.union(schema, json).map(Shaped::Done),
            Type::List(schema) => match json {
                Json::List(items) => items
                    .iter()
                    .map(|item| self.shape(schema.item, item))
                    .collect::<Result<_, _>>()
                    .map(Shaped::List),
                other => Err(Fault::new(
                    FaultKind::List,
                    format!("expected list, got {}", python::type_name(other)),
                )),
            },
            Type::Timestamp => strptime::parse(json)
                .map(|moment| Shaped::Done(Decoded::Timestamp(moment)))
                .map_err(|message| Fault::new(FaultKind::Timestamp, message)),
            // API-47, API-94
            Type::Void if self.strict() && *json != Json::Null => {
                Err(Fault::new(FaultKind::Void, "expected null, got value"))
            }
            Type::Void => Ok(Shaped::Done(Decoded::Null)),
            Type::String(text) => root(text.root, json).map(|()| Shaped::Primitive(json)),
            Type::Boolean | Type::Integer { .. } | Type::Float64 { .. } => {
                Ok(Shaped::Primitive(json))
            }
        }
    }

    fn structure(self, schema: &'static Struct, json: &Json) -> Result<Decoded, Fault> {
        let members = match json {
            Json::Object(members) => members.as_slice(),
            Json::Null if schema.has_default() => &[],
            other => {
                return Err(Fault::new(
                    FaultKind::NotAnObject,
                    format!("expected object, got {}", python::type_name(other)),
                ));
            }
        };
        // An unknown field is told before a missing one (API-48, API-49).
        if self.strict() {
            let known = |key: &str| {
                schema.fields.iter().any(|field| field.name == key) || key.starts_with(".tag")
            };
            if let Some((key, _)) = members.iter().find(|(key, _)| !known(key)) {
                return Err(
                    Fault::new(FaultKind::UnknownField, format!("unknown field '{key}'"))
                        .with_today(format!("unexpected key '{key}'")),
                );
            }
        }
        let mut missing = None;
        let mut fields = Vec::with_capacity(schema.fields.len());
        for field in schema.fields {
            let sent = members
                .iter()
                .find(|(key, _)| key == field.name)
                .map(|(_, value)| value);
            let value = match sent {
                Some(json) => self
                    .field(field, json)
                    .map_err(|fault| fault.inside(field.name))?,
                None => match field.presence {
                    Presence::Default(literal) => default(literal, field.value),
                    Presence::Nullable => Decoded::Null,
                    Presence::Required => {
                        missing = missing.or(Some(field.name));
                        continue;
                    }
                },
            };
            fields.push(DecodedField {
                field,
                value,
                sent: sent.is_some(),
            });
        }
        // API-50. Python looks through a set, so with several missing it may name any. Here it is the first
        // one declared.
        if let Some(name) = missing {
            return Err(Fault::new(
                FaultKind::MissingField,
                format!("missing required field '{name}'"),
            ));
        }
        let ignored = members.iter().map(|(key, _)| key);
        let ignored = ignored
            .filter(|key| !schema.fields.iter().any(|field| field.name == *key))
            .cloned()
            .collect();
        Ok(Decoded::Struct {
            schema,
            fields,
            ignored,
        })
    }

    fn field(self, field: &'static Field, json: &Json) -> Result<Decoded, Fault> {
        if matches!(field.presence, Presence::Nullable) && *json == Json::Null {
            return Ok(Decoded::Null);
        }
        self.bounds(field.value, self.shape(field.value, json)?)
    }

    fn union(self, schema: &'static Union, json: &Json) -> Result<Decoded, Fault> {
        let (tag, members) = match json {
            Json::String(tag) => (tag, None),
            Json::Object(members) => (union_tag(json)?, Some(members.as_slice())),
            other => {
                return Err(Fault::new(
                    FaultKind::Union,
                    format!(
                        "expected string or object, got {}",
                        python::type_name(other)
                    ),
                ));
            }
        };
        let Some(member) = schema.members.iter().find(|member| member.tag == tag) else {
            return match schema.catch_all {
                Some(tag) if !self.strict() => Ok(Decoded::Union {
                    schema,
                    tag,
                    value: Box::new(Decoded::Null),
                }),
                _ => Err(Fault::new(FaultKind::Union, format!("unknown tag '{tag}'"))),
            };
        };
        let valueless = matches!(member.value, Type::Void) || member.nullable;
        if members.is_none() && !valueless {
            return Err(Fault::new(
                FaultKind::Union,
                format!("expected object for '{tag}', got symbol"),
            ));
        }
        if schema.catch_all == Some(member.tag) {
            return Err(Fault::new(
                FaultKind::Union,
                format!("unexpected use of the catch-all tag '{tag}'"),
            ));
        }
        let value = match members {
            Some(members) => self.member(member, members, json)?,
            None => Decoded::Null,
        };
        Ok(Decoded::Union {
            schema,
            tag: member.tag,
            value: Box::new(value),
        })
    }

    fn member(
        self,
        member: &'static Member,
        members: &[(String, Json)],
        json: &Json,
    ) -> Result<Decoded, Fault> {
        let own = members
            .iter()
            .find(|(key, _)| key == member.tag)
            .map(|(_, value)| value);
        let stranger = members
            .iter()
            .find(|(key, _)| key != member.tag && key != ".tag");
        let unexpected =
            |key: &str| Fault::new(FaultKind::Union, format!("unexpected key '{key}'"));
        match member.value {
            Type::Void => {
                if let (true, Some(value)) = (self.strict(), own)
                    && *value != Json::Null
                {
                    return Err(Fault::new(
                        FaultKind::Union,
                        format!("expected null, got {}", python::type_name(value)),
                    ));
                }
                match stranger {
                    Some((key, _)) if self.strict() => Err(unexpected(key)),
                    _ => Ok(Decoded::Null),
                }
            }
            Type::Struct(_) if member.nullable && members.len() == 1 => Ok(Decoded::Null),
            Type::Struct(schema) => self
                .structure(schema, json)
                .map_err(|fault| fault.inside(member.tag)),
            schema => {
                let shaped = match own {
                    Some(value) => Some(
                        self.shape(schema, value)
                            .map_err(|fault| fault.inside(member.tag))?,
                    ),
                    None if member.nullable => None,
                    None => {
                        return Err(Fault::new(
                            FaultKind::Union,
                            format!("missing '{}' key", member.tag),
                        ));
                    }
                };
                if let Some((key, _)) = stranger {
                    return Err(unexpected(key));
                }
                if member.nullable && matches!(shaped, Some(Shaped::Primitive(Json::Null))) {
                    return Ok(Decoded::Null);
                }
                // This half is not inside the tag: see the head of this file.
                shaped.map_or(Ok(Decoded::Null), |shaped| self.bounds(schema, shaped))
            }
        }
    }

    fn bounds(self, schema: Type, shaped: Shaped<'_>) -> Result<Decoded, Fault> {
        match (shaped, schema) {
            (Shaped::Done(value), _) => Ok(value),
            (Shaped::List(items), Type::List(schema)) => self.list(schema, items),
            (Shaped::Primitive(json), Type::String(text)) => self.text(text, json),
            (Shaped::Primitive(json), Type::Boolean) => boolean(json),
            (Shaped::Primitive(json), Type::Integer { minimum, maximum }) => {
                integer(json, minimum, maximum)
            }
            (Shaped::Primitive(json), Type::Float64 { minimum, maximum }) => {
                real(json, minimum, maximum)
            }
            _ => unreachable!("a shape comes from the same type"),
        }
    }

    fn list(self, schema: &'static List, items: Vec<Shaped<'_>>) -> Result<Decoded, Fault> {
        let complaint = match (schema.maximum, schema.minimum) {
            (Some(maximum), _) if items.len() > maximum => Some(format!("more than {maximum}")),
            (_, Some(minimum)) if items.len() < minimum => Some(format!("fewer than {minimum}")),
            _ => None,
        };
        if let Some(complaint) = complaint {
            let echo = python::string_repr(&python::truncated(&list_repr(&items)));
            return Err(Fault::new(
                FaultKind::List,
                format!("{echo} has {complaint} items"),
            ));
        }
        items
            .into_iter()
            .map(|item| self.bounds(schema.item, item))
            .collect::<Result<_, _>>()
            .map(Decoded::List)
    }

    fn text(self, schema: &'static Text, json: &Json) -> Result<Decoded, Fault> {
        // API-51
        let Json::String(text) = json else {
            let echo = python::truncated(&python::str(json));
            return Err(Fault::new(
                FaultKind::NotAString,
                format!(
                    "'{echo}' expected to be a string, got {}",
                    python::type_name(json)
                ),
            ));
        };
        let refuse = |kind, complaint: String| {
            Err(Fault::new(
                kind,
                format!("'{}' {complaint}", python::truncated(text)),
            ))
        };
        if schema.minimum.is_some() || schema.maximum.is_some() {
            let length = text.chars().count();
            if let Some(maximum) = schema.maximum.filter(|maximum| length > *maximum) {
                return refuse(
                    FaultKind::Length,
                    format!("must be at most {maximum} characters, got {length}"),
                );
            }
            if let Some(minimum) = schema.minimum.filter(|minimum| length < *minimum) {
                return refuse(
                    FaultKind::Length,
                    format!("must be at least {minimum} characters, got {length}"),
                );
            }
        }
        match schema.pattern {
            Some(pattern) if !pattern.matches(text, self.options.patterns) => {
                let pattern = pattern.text(self.options.patterns);
                refuse(
                    FaultKind::Pattern,
                    format!("did not match pattern '{pattern}'"),
                )
                .map_err(|fault: Fault| {
                    fault.with_today(format!(
                        "Value must be a string conforming to regex ({pattern})"
                    ))
                })
            }
            _ => Ok(Decoded::Text(text.clone())),
        }
    }
}

fn union_tag(json: &Json) -> Result<&String, Fault> {
    match json.member(".tag") {
        Some(Json::String(tag)) => Ok(tag),
        Some(other) => Err(Fault::new(
            FaultKind::Union,
            format!("tag must be string, got {}", python::type_name(other)),
        )),
        None => Err(Fault::new(FaultKind::Union, "missing '.tag' key")),
    }
}

fn root(rule: Root, json: &Json) -> Result<(), Fault> {
    let Json::String(path) = json else {
        return Ok(());
    };
    match (rule, path.as_str()) {
        (Root::EmptyOnly, "/") => Err(Fault::new(
            FaultKind::EmptyRootOnly,
            "Specify the root folder as an empty string rather than as \"/\".",
        )),
        (Root::Unsupported, "" | "/") | (Root::NoFile, "/") => Err(Fault::new(
            FaultKind::RootUnsupported,
            "The root folder is unsupported.",
        )),
        _ => Ok(()),
    }
}

fn boolean(json: &Json) -> Result<Decoded, Fault> {
    match json {
        Json::Boolean(value) => Ok(Decoded::Boolean(*value)),
        other => Err(Fault::new(
            FaultKind::Boolean,
            format!("{} is not a valid boolean", python::repr(other)),
        )),
    }
}

/// Bounds are inclusive (API-58). `true` is an integer in Python.
fn integer(json: &Json, minimum: i128, maximum: i128) -> Result<Decoded, Fault> {
    let outside = |value: &dyn std::fmt::Display| {
        Err(Fault::new(
            FaultKind::Integer,
            format!("{value} is not within range [{minimum}, {maximum}]"),
        ))
    };
    let value = match json {
        Json::Integer(value) => *value,
        Json::Boolean(value) => i128::from(*value),
        Json::HugeInteger(digits) => return outside(digits),
        other => {
            return Err(Fault::new(
                FaultKind::Integer,
                format!("expected integer, got {}", python::type_name(other)),
            ));
        }
    };
    if (minimum..=maximum).contains(&value) {
        Ok(Decoded::Integer(value))
    } else {
        outside(&value)
    }
}

fn real(json: &Json, minimum: f64, maximum: f64) -> Result<Decoded, Fault> {
    let float = |digits: &str| {
        let value: f64 = digits.parse().expect("digits are a number");
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Fault::new(FaultKind::Real, "too large for float"))
        }
    };
    let value = match json {
        Json::Float(value) => *value,
        Json::Boolean(value) => f64::from(u8::from(*value)),
        Json::Integer(value) => float(&value.to_string())?,
        Json::HugeInteger(digits) => float(digits)?,
        other => {
            return Err(Fault::new(
                FaultKind::Real,
                format!("expected real number, got {}", python::type_name(other)),
            ));
        }
    };
    if !value.is_finite() {
        return Err(Fault::new(
            FaultKind::Real,
            format!("{} values are not supported", python::float_repr(value)),
        ));
    }
    if value < minimum {
        return Err(Fault::new(
            FaultKind::Real,
            format!("{value:.6} is not greater than {minimum:.6}"),
        ));
    }
    if value > maximum {
        return Err(Fault::new(
            FaultKind::Real,
            format!("{value:.6} is not less than {maximum:.6}"),
        ));
    }
    Ok(Decoded::Float(value))
}

fn default(literal: Literal, schema: Type) -> Decoded {
    match (literal, schema) {
        (Literal::Tag(tag), Type::Union(schema)) => Decoded::Union {
            schema,
            tag,
            value: Box::new(Decoded::Null),
        },
        (Literal::Tag(_), _) => unreachable!("only unions have tags"),
        (Literal::Boolean(value), _) => Decoded::Boolean(value),
        (Literal::Integer(value), _) => Decoded::Integer(value),
        (Literal::Float(value), _) => Decoded::Float(value),
        (Literal::Text(value), _) => Decoded::Text(value.to_owned()),
    }
}

/// `str` of a list in Python, as far as a message can show it.
fn list_repr(items: &[Shaped<'_>]) -> String {
    let items: Vec<String> = items.iter().map(shaped_repr).collect();
    format!("[{}]", items.join(", "))
}

fn shaped_repr(shaped: &Shaped<'_>) -> String {
    match shaped {
        Shaped::Primitive(json) => python::repr(json),
        Shaped::List(items) => list_repr(items),
        Shaped::Done(value) => value.repr(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static TEXT: Text = Text::ANY;
    static WRITE_ERROR: Union = Union {
        name: "WriteError",
        members: &[
            Member {
                tag: "malformed_path",
                value: Type::String(&TEXT),
                nullable: true,
            },
            Member::void("no_write_permission"),
            Member::void("other"),
        ],
        catch_all: Some("other"),
    };
    static WRITE_FAILED: Struct = Struct {
        name: "UploadWriteFailed",
        fields: &[
            Field::required("reason", Type::Union(&WRITE_ERROR)),
            Field::required("upload_session_id", Type::String(&TEXT)),
        ],
    };
    static UPLOAD_ERROR: Union = Union {
        name: "UploadError",
        members: &[
            Member::with("path", Type::Struct(&WRITE_FAILED)),
            Member::void("other"),
        ],
        catch_all: Some("other"),
    };

    /// No argument of a known route has such members, so these cases (answers of the runtime to
    /// `files.UploadError`) stand here instead of in the fixture.
    #[test]
    fn struct_members_are_flattened_and_nullable_members_may_be_absent() {
        for (input, expected) in [
            (r#""path""#, Some("expected object for 'path', got symbol")),
            (
                r#"{".tag":"path","upload_session_id":"x"}"#,
                Some("path: missing required field 'reason'"),
            ),
            (
                r#"{".tag":"path","reason":"other"}"#,
                Some("path.reason: unexpected use of the catch-all tag 'other'"),
            ),
            (
                r#"{".tag":"path","reason":"no_write_permission","upload_session_id":5}"#,
                Some("path.upload_session_id: '5' expected to be a string, got integer"),
            ),
            (
                r#"{".tag":"path","reason":"no_write_permission","upload_session_id":"x","y":1}"#,
                Some("path: unknown field 'y'"),
            ),
            (
                r#"{".tag":"path","reason":{".tag":"malformed_path","malformed_path":"/a","z":1},"upload_session_id":"x"}"#,
                Some("path.reason: unexpected key 'z'"),
            ),
            (
                r#"{".tag":"path","reason":{".tag":"malformed_path","z":1},"upload_session_id":"x"}"#,
                Some("path.reason: unexpected key 'z'"),
            ),
            (
                r#"{".tag":"path","path":{}}"#,
                Some("path: unknown field 'path'"),
            ),
            (
                r#"{".tag":"path","reason":"malformed_path","upload_session_id":"x"}"#,
                None,
            ),
            (
                r#"{".tag":"path","reason":{".tag":"malformed_path"},"upload_session_id":"x"}"#,
                None,
            ),
            (
                r#"{".tag":"path","reason":{".tag":"malformed_path","malformed_path":null},"upload_session_id":"x"}"#,
                None,
            ),
        ] {
            let json = Json::parse(input.as_bytes()).unwrap();
            let fault = decode(Type::Union(&UPLOAD_ERROR), &json, Options::default()).err();
            let message = fault.map(|fault| fault.to_string());
            assert_eq!(message.as_deref(), expected, "{input}");
        }
    }

    #[test]
    fn the_assumptions_choose_how_strict_it_is() {
        let mut assumptions = Assumptions::default();
        assert_eq!(
            Options::of(&assumptions, Dialect::Y2026),
            Options::default()
        );
        assumptions.unknown_fields = UnknownFields::Ignored;
        assumptions.path_pattern = crate::dropbox::assumptions::PathPattern::Older;
        let expected = Options {
            unknown: Unknown::Ignore,
            patterns: PathPatterns::Before2026,
        };
        assert_eq!(Options::of(&assumptions, Dialect::Y2026), expected);
    }
}
