//! What a lie is: it breaks one rule and names the case that must catch it.

use super::fields::Faults;
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
    /// One header that is another, or is not there.
    pub header: Option<Header>,
    /// One field for each case that is wrong in its answers, or missing.
    pub fields: Option<&'static Faults>,
    /// The connection.
    pub line: Line,
}

/// A header that is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// The route, `link`, or nothing for every place.
    pub of: &'static str,
    pub status: u16,
    pub name: &'static str,
    /// Its value; nothing where it is left out.
    pub value: Option<&'static str>,
}

impl Header {
    pub fn spoil(&self, ask: &Ask, said: &mut Said) {
        let here = match self.of {
            "" => true,
            "link" => ask.is_link(),
            route => ask.route() == route,
        };
        if !here || said.status != self.status {
            return;
        }
        match self.value {
            Some(value) => said.set_header(self.name, value),
            None => said.drop_header(self.name),
        }
    }
}

impl Lie {
    pub const TRUTH: Self = Self {
        name: "",
        caught_by: "",
        before: None,
        after: None,
        header: None,
        fields: None,
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

/// A lie in one header of the answers of this status of a route, of `link`, or of every place.
pub const fn header(
    name: &'static str,
    caught_by: &'static str,
    (of, status): (&'static str, u16),
    header: (&'static str, Option<&'static str>),
) -> Lie {
    Lie {
        name,
        caught_by,
        header: Some(Header {
            of,
            status,
            name: header.0,
            value: header.1,
        }),
        ..Lie::TRUTH
    }
}
