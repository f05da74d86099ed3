//! Argument types as data. [`decode`](super::decode) turns JSON into values by them.
//!
//! A schema says what Stone's specification says: names, types, bounds, defaults, in declaration
//! order. It adds which fields this fake acts on, so that a caller can be told what had no effect.

use std::sync::OnceLock;

use regex_lite::Regex;

/// A type of the interface description.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    String(&'static Text),
    /// `true` or `false`.
    Boolean,
    /// An integer with inclusive bounds.
    Integer {
        minimum: i128,
        maximum: i128,
    },
    /// A real number with inclusive bounds.
    Float64 {
        minimum: f64,
        maximum: f64,
    },
    /// A moment in the format of [`strptime::FORMAT`](super::strptime::FORMAT).
    Timestamp,
    List(&'static List),
    Struct(&'static Struct),
    /// One of several tags, some with a value.
    Union(&'static Union),
    /// Nothing: `null`.
    Void,
}

/// The type `UInt64`.
pub const UINT64: Type = Type::Integer {
    minimum: 0,
    maximum: u64::MAX as i128,
};

/// Bounds of a string. Lengths count characters.
#[derive(Debug)]
pub struct Text {
    pub minimum: Option<usize>,
    pub maximum: Option<usize>,
    /// What the whole text must match.
    pub pattern: Option<&'static Pattern>,
    /// What the server checks on top of the specification.
    pub root: Root,
}

impl Text {
    pub const ANY: Self = Self {
        minimum: None,
        maximum: None,
        pattern: None,
        root: Root::Any,
    };

    /// Text that matches `pattern`.
    pub const fn matching(pattern: &'static Pattern) -> Self {
        Self {
            pattern: Some(pattern),
            ..Self::ANY
        }
    }
}

/// How a route takes the root folder: checks that the server makes beyond the specification
/// (API-95).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    Any,
    /// The root is `""`, never `/` (API-59).
    EmptyOnly,
    /// Neither `""` nor `/` (API-60).
    Unsupported,
    /// Not `/`: a file cannot be there (API-60).
    NoFile,
}

/// A regular expression together with the text in which messages show it.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    older_text: &'static str,
    compiled: OnceLock<Regex>,
    older_compiled: OnceLock<Regex>,
}

/// Which generation of path patterns the validator knows (AQ-07).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PathPatterns {
    /// Those of the specification of 2026: line breaks are allowed in `ns:` paths (UL-23).
    #[default]
    Spec2026,
    /// Those that real answers printed until 2025 (UL-24, API-53 to API-55).
    Before2026,
}

impl Pattern {
    /// A pattern that never changed.
    pub const fn new(text: &'static str) -> Self {
        Self::with_older(text, text)
    }

    /// A pattern that read differently before 2026.
    pub const fn with_older(text: &'static str, older_text: &'static str) -> Self {
        Self {
            text,
            older_text,
            compiled: OnceLock::new(),
            older_compiled: OnceLock::new(),
        }
    }

    pub fn text(&self, generation: PathPatterns) -> &'static str {
        match generation {
            PathPatterns::Spec2026 => self.text,
            PathPatterns::Before2026 => self.older_text,
        }
    }

    /// Whether all of `value` matches (UL-26).
    pub fn matches(&self, value: &str, generation: PathPatterns) -> bool {
        let cell = match generation {
            PathPatterns::Spec2026 => &self.compiled,
            PathPatterns::Before2026 => &self.older_compiled,
        };
        let compile = || {
            Regex::new(&format!(r"\A(?:{})\z", self.text(generation))).expect("patterns are tested")
        };
        cell.get_or_init(compile).is_match(value)
    }
}

#[derive(Debug)]
pub struct List {
    pub item: Type,
    pub minimum: Option<usize>,
    pub maximum: Option<usize>,
}

#[derive(Debug)]
pub struct Struct {
    /// The name in the specification.
    pub name: &'static str,
    /// Fields in declaration order, those of the parent struct first.
    pub fields: &'static [Field],
}

impl Struct {
    /// Whether nothing is required, so that `null` stands for the struct with all its defaults.
    pub fn has_default(&self) -> bool {
        !self
            .fields
            .iter()
            .any(|field| matches!(field.presence, Presence::Required))
    }
}

#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    /// The type of the value when there is one.
    pub value: Type,
    /// What it means that the field is absent.
    pub presence: Presence,
    /// Whether the fake acts on the value.
    pub used: bool,
}

/// What an absent field means.
#[derive(Clone, Copy, Debug)]
pub enum Presence {
    Required,
    /// This value. The field may not be `null`.
    Default(Literal),
    /// No value; so does `null`.
    Nullable,
}

#[derive(Clone, Copy, Debug)]
pub enum Literal {
    /// For [`Type::Boolean`].
    Boolean(bool),
    /// For [`Type::Integer`].
    Integer(i128),
    /// For [`Type::Float64`].
    Float(f64),
    /// For [`Type::String`].
    Text(&'static str),
    /// For [`Type::Union`]: a tag without value.
    Tag(&'static str),
}

impl Field {
    /// A field that must be there.
    pub const fn required(name: &'static str, value: Type) -> Self {
        Self {
            name,
            value,
            presence: Presence::Required,
            used: true,
        }
    }

    pub const fn default(name: &'static str, value: Type, default: Literal) -> Self {
        Self {
            name,
            value,
            presence: Presence::Default(default),
            used: true,
        }
    }

    pub const fn flag(name: &'static str, default: bool) -> Self {
        Self::default(name, Type::Boolean, Literal::Boolean(default))
    }

    /// A field that may be absent or `null`.
    pub const fn nullable(name: &'static str, value: Type) -> Self {
        Self {
            name,
            value,
            presence: Presence::Nullable,
            used: true,
        }
    }

    /// The same field, marked as one that the fake accepts without acting on it.
    #[must_use]
    pub const fn unused(self) -> Self {
        Self {
            used: false,
            ..self
        }
    }
}

#[derive(Debug)]
pub struct Union {
    /// The name in the specification.
    pub name: &'static str,
    pub members: &'static [Member],
    /// The tag that an open union keeps for members to come. Nobody may send it. Closed unions have
    /// none.
    pub catch_all: Option<&'static str>,
}

#[derive(Debug)]
pub struct Member {
    pub tag: &'static str,
    /// The type of the value, [`Type::Void`] if there is none. The fields of a struct stand beside
    /// `.tag` (API-26).
    pub value: Type,
    /// Whether the value may be absent (API-27).
    pub nullable: bool,
}

impl Member {
    /// A member without value.
    pub const fn void(tag: &'static str) -> Self {
        Self {
            tag,
            value: Type::Void,
            nullable: false,
        }
    }

    pub const fn with(tag: &'static str, value: Type) -> Self {
        Self {
            tag,
            value,
            nullable: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static PATTERN: Pattern = Pattern::with_older("(/(.|[\\r\\n])*)|(id:.*)", "/.*");

    #[test]
    fn a_pattern_matches_the_whole_text() {
        for (value, matches) in [
            ("/a\nb", true),
            ("id:ä", true),
            ("id:a\nb", false),
            ("x/a", false),
            ("/a", true),
        ] {
            assert_eq!(
                PATTERN.matches(value, PathPatterns::Spec2026),
                matches,
                "{value:?}"
            );
        }
    }

    #[test]
    fn the_older_generation_has_its_own_pattern() {
        assert!(!PATTERN.matches("/a\nb", PathPatterns::Before2026));
        assert!(!PATTERN.matches("/a\n", PathPatterns::Before2026));
        assert_eq!(PATTERN.text(PathPatterns::Before2026), "/.*");
    }
}
