//! What `Dropbox-API-Path-Root` holds (API-111, API-112, API-265).

use super::extract::Argument;
use crate::dropbox::world::PathRoot;
use crate::wire::schema::{Member, Pattern, Text, Type, Union};
use crate::wire::value::Decoded;

/// `NamespaceId`.
static NAMESPACE_ID_PATTERN: Pattern = Pattern::new("[-_0-9a-zA-Z:]+");
static NAMESPACE_ID: Text = Text::matching(&NAMESPACE_ID_PATTERN);

static PATH_ROOT: Union = Union {
    name: "PathRoot",
    members: &[
        Member::void("home"),
        Member::with("root", Type::String(&NAMESPACE_ID)),
        Member::with("namespace_id", Type::String(&NAMESPACE_ID)),
    ],
    catch_all: Some("other"),
};

/// What an id stands for that is no number: a namespace that nobody has.
const NO_NAMESPACE: u64 = u64::MAX;

impl Argument for PathRoot {
    const TYPE: Type = Type::Union(&PATH_ROOT);

    fn extract(value: Decoded) -> Self {
        let Decoded::Union { tag, value, .. } = value else {
            unreachable!("expected a union, found {value:?}");
        };
        let id = match *value {
            Decoded::Text(id) => id.parse().unwrap_or(NO_NAMESPACE),
            _ => return Self::Home,
        };
        match tag {
            "root" => Self::Root(id),
            _ => Self::Namespace(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode::Options;
    use crate::wire::json::Json;

    #[test]
    fn a_path_root_is_a_union_like_any_other() {
        // API-265
        for (sent, read) in [
            (r#""home""#, Ok(PathRoot::Home)),
            (r#"{".tag":"home"}"#, Ok(PathRoot::Home)),
            (r#"{".tag":"root","root":"4"}"#, Ok(PathRoot::Root(4))),
            (
                r#"{".tag":"namespace_id","namespace_id":"abc"}"#,
                Ok(PathRoot::Namespace(NO_NAMESPACE)),
            ),
            (r#""nowhere""#, Err("unknown tag 'nowhere'")),
            (r#"{".tag":"nowhere"}"#, Err("unknown tag 'nowhere'")),
            (r#"{"root":"4"}"#, Err("missing '.tag' key")),
            (
                r#"{".tag":"root","root":"a/b"}"#,
                Err("'a/b' did not match pattern '[-_0-9a-zA-Z:]+'"),
            ),
        ] {
            let json = Json::parse(sent.as_bytes()).expect("JSON");
            let found = PathRoot::read(&json, Options::default()).map(|(root, _)| root);
            assert_eq!(
                found.map_err(|fault| fault.to_string()),
                read.map_err(str::to_owned),
                "{sent}"
            );
        }
    }
}
