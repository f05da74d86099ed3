//! What a lie is: it breaks one rule and names the case that must catch it.

use super::fields::Field;
use super::proxy::{Ask, Memory, Said};

/// What is wrong below the requests and their answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Nothing.
    Sound,
    /// `100 Continue` is never said.
    WithoutContinue,
    /// What came of a body before the connection ended is taken for all of it.
    TakesWhatCame,
}

#[derive(Clone, Copy, Debug)]
pub struct Lie {
    /// What is wrong, in words.
    pub name: &'static str,
    /// The id of the case that owns the rule.
    pub caught_by: &'static str,
    /// Changes a request on its way in.
    pub before: Option<fn(&mut Ask, &mut Memory)>,
    /// Changes an answer on its way out.
    pub after: Option<fn(&Ask, &mut Said, &mut Memory)>,
    /// One field whose value is another.
    pub field: Option<&'static Field>,
    /// The connection.
    pub line: Line,
}

impl Lie {
    pub const TRUTH: Self = Self {
        name: "",
        caught_by: "",
        before: None,
        after: None,
        field: None,
        line: Line::Sound,
    };
}

pub const fn answer(
    name: &'static str,
    caught_by: &'static str,
    after: fn(&Ask, &mut Said, &mut Memory),
) -> Lie {
    Lie {
        name,
        caught_by,
        after: Some(after),
        ..Lie::TRUTH
    }
}

/// A lie in what the request is taken for.
pub const fn request(
    name: &'static str,
    caught_by: &'static str,
    before: fn(&mut Ask, &mut Memory),
) -> Lie {
    Lie {
        name,
        caught_by,
        before: Some(before),
        ..Lie::TRUTH
    }
}

pub const fn line(name: &'static str, caught_by: &'static str, line: Line) -> Lie {
    Lie {
        name,
        caught_by,
        line,
        ..Lie::TRUTH
    }
}
