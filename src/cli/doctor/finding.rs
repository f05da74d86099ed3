//! What a check finds.

use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    Good(String),
    Wrong { what: String, mend: String },
}

impl Finding {
    pub fn good(what: impl fmt::Display) -> Self {
        Self::Good(what.to_string())
    }

    pub fn wrong(what: impl fmt::Display, mend: impl fmt::Display) -> Self {
        Self::Wrong {
            what: what.to_string(),
            mend: mend.to_string(),
        }
    }

    pub fn is_wrong(&self) -> bool {
        matches!(self, Self::Wrong { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good(what) => write!(formatter, "ok     {what}"),
            Self::Wrong { what, mend } => {
                write!(formatter, "wrong  {what}\n       mend it: {mend}")
            }
        }
    }
}
