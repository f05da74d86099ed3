//! Why an argument was refused.

use super::dialect::BadInputText;
use super::errors::bad_input::ArgumentPlace;

/// Which check of an argument failed first (API-71 to API-85).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// Something else stands where a struct belongs (API-71).
    NotAnObject,
    /// A field that the struct does not have (API-72).
    UnknownField,
    /// A field that must be there is not (API-74).
    MissingField,
    /// Something else stands where a string belongs (API-76).
    NotAString,
    /// A string is too long or too short (API-77).
    Length,
    /// A string does not match its pattern (API-78).
    Pattern,
    /// The root has to be written as an empty path (API-59).
    EmptyRootOnly,
    /// The root is not taken (API-60).
    RootUnsupported,
    /// Not a boolean (API-79).
    Boolean,
    /// Not an integer, or out of its range (API-80).
    Integer,
    /// Not a real number, or out of its range (API-81).
    Real,
    /// Not a timestamp (API-82).
    Timestamp,
    /// Not a member of the union (API-83).
    Union,
    /// Not a list, or one of the wrong length (API-84).
    List,
    /// A value for a route that takes none (API-85).
    Void,
}

/// Why an argument was refused. Displays as the text after `request body: `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: FaultKind,
    /// The path to the value, innermost name first.
    path: Vec<&'static str>,
    message: String,
    /// The words of 2026, where they are known (API-258, API-259).
    today: Option<String>,
}

impl FaultKind {
    /// Whether it is one of the sentences about the root folder, which are not the validator's own.
    pub fn is_about_the_root(self) -> bool {
        matches!(self, Self::EmptyRootOnly | Self::RootUnsupported)
    }
}

impl Fault {
    pub(super) fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            path: Vec::new(),
            message: message.into(),
            today: None,
        }
    }

    /// The same fault with the words of 2026, which name no place.
    pub(super) fn with_today(mut self, words: impl Into<String>) -> Self {
        self.today = Some(words.into());
        self
    }

    /// The text of the 400 for it.
    pub fn text(&self, route: &str, place: ArgumentPlace) -> BadInputText {
        BadInputText {
            today: self.today.clone(),
            ..BadInputText::new(route, format!("{place}: {self}"))
        }
    }

    /// Where it is: the names from the outermost one in, with dots between them; nothing for the
    /// argument as a whole.
    pub fn place(&self) -> String {
        let names: Vec<&str> = self.path.iter().rev().copied().collect();
        names.join(".")
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    /// The same fault, seen from the value that holds the faulty one under this name.
    pub(super) fn inside(mut self, name: &'static str) -> Self {
        self.path.push(name);
        self
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let separator = if self.path.is_empty() { "" } else { ": " };
        write!(formatter, "{}{separator}{}", self.place(), self.message)
    }
}

impl std::error::Error for Fault {}
