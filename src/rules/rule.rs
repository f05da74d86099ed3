use std::fmt;

use serde::{Deserialize, Serialize};

use super::catalogue::{CatalogueEntry, entry};

/// A rule, as code cites it: the id and nothing else.
///
/// A test walks the source and holds every cited id against the catalogue.
///
/// ```
/// use fake_dropbox::{Evidence, Rule};
///
/// let second_use_is_gone = Rule::new("UL-138");
/// assert_eq!(second_use_is_gone.id(), "UL-138");
/// assert_eq!(second_use_is_gone.evidence(), Evidence::Documented);
/// assert!(second_use_is_gone.statement().contains("410"));
/// assert_eq!(Evidence::Documented.name(), "documented");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Rule(&'static str);

impl Rule {
    /// Cites the rule with this id, such as `UL-138`.
    ///
    /// # Panics
    ///
    /// When the id is not spelled like one. In a constant this is a compile error.
    pub const fn new(id: &'static str) -> Self {
        assert!(
            is_well_formed(id),
            "a rule id is UL-, API-, RT- or SH- and two or three digits"
        );
        Self(id)
    }

    /// The id, such as `UL-138`.
    pub const fn id(self) -> &'static str {
        self.0
    }

    /// What it says, in a sentence; empty for a rule that is not in the catalogue.
    pub fn statement(self) -> &'static str {
        entry(self.0).map_or("", |entry| &entry.statement)
    }

    /// How this rule is known. A rule that is not in the catalogue is taken for assumed.
    pub fn evidence(self) -> Evidence {
        entry(self.0).map_or(Evidence::Assumed, CatalogueEntry::evidence)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Rule({})", self.0)
    }
}

const fn is_well_formed(id: &str) -> bool {
    let ([b'A', b'P', b'I', b'-', digits @ ..]
    | [b'U', b'L', b'-', digits @ ..]
    | [b'R', b'T', b'-', digits @ ..]
    | [b'S', b'H', b'-', digits @ ..]) = id.as_bytes()
    else {
        return false;
    };
    matches!(
        digits,
        [b'0'..=b'9', b'0'..=b'9'] | [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9']
    )
}

/// How a behaviour is known, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Deduced, claimed without a trace, or chosen for want of any hint.
    Assumed,
    /// Somebody published what the real service did.
    Observed,
    /// Dropbox says so: specification, documentation, SDK.
    Documented,
    /// A recording of the real service shows it.
    Verified,
}

impl Evidence {
    /// The word for it in reports and journals.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Assumed => "assumed",
            Self::Observed => "observed",
            Self::Documented => "documented",
            Self::Verified => "verified",
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// How well an answer is known that rests on all of these rules: as well as the weakest of them. An answer that rests
/// on no rule is assumed.
pub fn evidence_of(rules: &[Rule]) -> Evidence {
    rules
        .iter()
        .map(|rule| rule.evidence())
        .min()
        .unwrap_or(Evidence::Assumed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTED: Rule = Rule::new("UL-138");
    const OBSERVED: Rule = Rule::new("UL-142");
    const ASSUMED: Rule = Rule::new("UL-160");

    #[test]
    fn a_rule_is_shown_as_its_id() {
        assert_eq!(DOCUMENTED.to_string(), "UL-138");
        assert_eq!(serde_json::to_string(&DOCUMENTED).unwrap(), r#""UL-138""#);
    }

    #[test]
    fn an_answer_is_known_as_well_as_the_weakest_of_its_rules() {
        assert_eq!(evidence_of(&[DOCUMENTED]), Evidence::Documented);
        assert_eq!(evidence_of(&[DOCUMENTED, OBSERVED]), Evidence::Observed);
        assert_eq!(
            evidence_of(&[OBSERVED, ASSUMED, DOCUMENTED]),
            Evidence::Assumed
        );
    }

    #[test]
    fn an_answer_without_a_rule_is_assumed() {
        assert_eq!(evidence_of(&[]), Evidence::Assumed);
    }

    #[test]
    fn a_rule_that_the_catalogue_does_not_know_is_assumed() {
        let unknown = "UL-999";
        let rule = Rule::new(unknown);
        assert!(entry(unknown).is_none());
        assert_eq!(rule.evidence(), Evidence::Assumed);
    }

    #[test]
    fn an_id_is_a_prefix_and_two_or_three_digits() {
        for id in [
            "UL-01", "UL-99", "UL-100", "API-01", "API-252", "RT-04", "SH-01",
        ] {
            assert!(is_well_formed(id), "{id}");
        }
        for id in [
            "", "UL-1", "UL-001", "UL-1234", "UL138", "UL-13x", "OQ-01", "ul-138", "UL-138 ",
            "API-",
        ] {
            assert!(!is_well_formed(id), "{id}");
        }
    }
}
