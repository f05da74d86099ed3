//! What an upload link answers when it says no (UL-138 to UL-145).
//!
//! Two texts are known. For the others nobody has published what Dropbox says (OQ-04): they are
//! settings, and their defaults say that they are not the real ones.

use std::borrow::Cow;

use crate::dropbox::assumptions::Assumptions;
use crate::dropbox::link::Refusal;

/// 410, the link was used (UL-109, UL-138).
pub const CONSUMED: &str = "Temporary upload link has been recently consumed.";

/// How a text begins that stands in for an unknown one and is no setting.
pub use crate::wire::dialect::PLACEHOLDER;

/// The status of an answer and the text in its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkAnswer<'a> {
    pub status: u16,
    pub text: Cow<'a, str>,
}

/// The answer to an upload that was refused.
pub fn refusal<'a>(refusal: &Refusal, assumptions: &'a Assumptions) -> LinkAnswer<'a> {
    let known = |status, text: &'a str| LinkAnswer {
        status,
        text: text.into(),
    };
    let unknown = |status, text: &str| LinkAnswer {
        status,
        text: format!("{PLACEHOLDER}{text}").into(),
    };
    match refusal {
        Refusal::Unknown => known(409, &assumptions.text_unknown_link),
        Refusal::Expired => known(410, &assumptions.text_expired),
        Refusal::Consumed => known(410, CONSUMED),
        Refusal::InFlight | Refusal::Locked => known(409, &assumptions.text_in_flight),
        // One text for whatever the commit failed of (UL-107, UL-143).
        Refusal::FailedBefore | Refusal::CommitFailed => {
            known(409, &assumptions.text_commit_failed)
        }
        Refusal::WrongContentType => known(400, &assumptions.text_bad_content_type),
        Refusal::MissingContentType => known(400, &assumptions.text_missing_content_type),
        Refusal::UnwantedHeader(name) => {
            unknown(400, &format!("The header {name} is not wanted here."))
        }
        Refusal::LengthRequired => unknown(411, "The upload has no length."),
        Refusal::EmptyBody => unknown(400, "The upload is empty."),
        Refusal::LockContention => unknown(429, "Too many write operations."),
        Refusal::DataTransportLimit => unknown(429, "The data transport limit is used up."),
    }
}

/// The answer to a method that is not POST, where that is a 405 (OQ-11).
pub fn wrong_method(assumptions: &Assumptions) -> LinkAnswer<'_> {
    LinkAnswer {
        status: 405,
        text: assumptions.text_wrong_method.as_str().into(),
    }
}

/// The body of a 413: an HTML page of which only the title is known (UL-124, API-139).
pub const TOO_LARGE_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Dropbox - 4xx</title></head>\
<body><p>[placeholder of fake-dropbox: the real text is not known]</p></body></html>";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_answers_are_the_known_ones() {
        let assumptions = Assumptions::default();
        for (refused, status, text) in [
            (
                Refusal::Consumed,
                410,
                "Temporary upload link has been recently consumed.",
            ),
            (
                Refusal::CommitFailed,
                409,
                "Temporary upload link led to invalid upload attempt",
            ),
        ] {
            assert_eq!(
                refusal(&refused, &assumptions),
                LinkAnswer {
                    status,
                    text: text.into()
                }
            );
        }
    }

    #[test]
    fn every_unknown_text_says_so() {
        let assumptions = Assumptions::default();
        for (refused, status) in [
            (Refusal::Unknown, 409),
            (Refusal::Expired, 410),
            (Refusal::InFlight, 409),
            (Refusal::Locked, 409),
            (Refusal::WrongContentType, 400),
            (Refusal::MissingContentType, 400),
            (Refusal::UnwantedHeader("authorization"), 400),
            (Refusal::LengthRequired, 411),
            (Refusal::EmptyBody, 400),
            (Refusal::LockContention, 429),
            (Refusal::DataTransportLimit, 429),
        ] {
            let answer = refusal(&refused, &assumptions);
            assert_eq!(answer.status, status, "{refused:?}");
            assert!(
                answer.text.starts_with(PLACEHOLDER),
                "{refused:?}: {}",
                answer.text
            );
        }
        assert!(wrong_method(&assumptions).text.starts_with(PLACEHOLDER));
    }
}
