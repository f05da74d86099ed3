//! Arguments that are not about files.

use super::extract::{Argument, Fields};
use crate::wire::schema::{Field, Literal, Struct, Text, Type};
use crate::wire::value::Decoded;

/// `check/user` and `check/app` (API-226, API-227).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Echo {
    /// What comes back, at most 500 characters.
    pub query: String,
}

/// No argument: `users/get_current_account`, `users/get_space_usage`, `auth/token/revoke`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Void;

static QUERY: Text = Text {
    maximum: Some(500),
    ..Text::ANY
};

static ECHO: Struct = Struct {
    name: "EchoArg",
    fields: &[Field::default(
        "query",
        Type::String(&QUERY),
        Literal::Text(""),
    )],
};

impl Argument for Echo {
    const TYPE: Type = Type::Struct(&ECHO);

    fn extract(value: Decoded) -> Self {
        Self {
            query: Fields::of(value).text("query"),
        }
    }
}

impl Argument for Void {
    const TYPE: Type = Type::Void;

    fn extract(_: Decoded) -> Self {
        Self
    }
}
