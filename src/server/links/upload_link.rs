//! The one-time endpoint: `POST /apitul/1/<token>` (UL-103 to UL-169, in short API-241).
//!
//! Nobody has to say who he is: an `Authorization` is looked at only where an assumption says so
//! (UL-158, UL-191, OQ-22).

use crate::control::faults::Phase;
use crate::dropbox::assumptions::{
    Assumptions, ContentTypeMatch, LinkTooLarge, MalformedToken, OtherMethods, ReturnedHash,
    UnneededHeader,
};
use crate::dropbox::content_hash::ContentHash;
use crate::dropbox::errors::RateLimitReason;
use crate::dropbox::link::{BrokenOff, ContentTypeVerdict, Refusal, UploadHead};
use crate::dropbox::uploads::Claim;
use crate::rules::Rule;
use crate::server::app::App;
use crate::server::faults;
use crate::server::http::answer::Answer;
use crate::server::http::exchange::Exchange;
use crate::server::http::head::content_type;
use crate::server::http::problem::{Problem, rate_limited};
use crate::server::receive::{self, BodyStream, Receiving, receive};
use crate::wire::errors::link::{self as texts, LinkAnswer};
use crate::wire::routes::UPLOAD_LINK;
use crate::wire::{metadata, print};
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderValue, Method, StatusCode, Version};
use std::sync::Arc;

/// Seconds that a client is told to wait where this endpoint gives a 429 (OQ-23, OQ-24).
const RETRY_AFTER: u64 = 1;

pub async fn answer(exchange: &Exchange, body: BodyStream) -> Result<Answer, Problem> {
    let answer = take(exchange, body).await?;
    let is_ignored = exchange.assumptions().link_authorization == UnneededHeader::Ignored;
    if !is_ignored || !exchange.headers().contains_key(AUTHORIZATION) {
        return Ok(answer);
    }
    let answer = answer.with_rules(&[Rule::new("UL-191")]);
    Ok(match answer.note {
        Some(_) => answer,
        None => answer.with_note(NEEDLESS_AUTHORIZATION),
    })
}

/// Seen from outside it is not known that this goes well.
const NEEDLESS_AUTHORIZATION: &str = "The upload came with an Authorization, which a link does not need. It is ignored here; \
    nobody knows whether Dropbox ignores it: leave it out.";

async fn take(exchange: &Exchange, body: BodyStream) -> Result<Answer, Problem> {
    let app = exchange.app();
    let token = token(exchange.path());
    record_subject(exchange, token);
    faults::apply_at(exchange, Phase::Head).await?;
    let assumptions = exchange.assumptions();
    if *exchange.method() != Method::POST {
        return Ok(wrong_method(&assumptions));
    }
    let head = head(exchange, &assumptions);
    let Some(token) = token else {
        return Ok(malformed(&head, &assumptions));
    };
    let claim = app.world().claim_link(token, &head, exchange.now());
    let claim = match claim {
        Ok(claim) => Claimed {
            app: Arc::clone(app),
            claim,
            settled: false,
        },
        Err(refusal) => return Ok(refused(&refusal, exchange, &assumptions)),
    };
    // Whoever follows sees that the link is in use; the end of the upload is told by its entry.
    app.done.notify();
    // 150 MiB is the limit of `files/upload` (UL-120); links were seen to take 200 MB (UL-123) and to
    // give a 413 (UL-122), at 300 MB by hearsay (UL-121).
    let limit = assumptions.link_size_limit;
    if announced_length(exchange).is_some_and(|length| length > limit) {
        return Ok(claim.too_large(exchange, &assumptions));
    }
    let sha256 = assumptions.returned_hash == ReturnedHash::Sha256;
    // The first look at the body answers `Expect: 100-continue` (UL-128).
    let received = match receive(
        exchange,
        body,
        Receiving {
            limit,
            sha256,
            ..Receiving::default()
        },
    )
    .await
    {
        Ok(received) => received,
        Err(error) => match receive::not_received(exchange, error) {
            Some(problem) => return Err(problem),
            None => return Ok(claim.too_large(exchange, &assumptions)),
        },
    };
    let plain = received.sha256().map(ContentHash::from_digest);
    let content = received.into_content();
    // UL-173, OQ-19
    let hash = plain.unwrap_or(content.hash);
    faults::apply_at(exchange, Phase::BeforeCommit).await?;
    match claim.commit(content, exchange) {
        Ok(rules) => {
            faults::apply_at(exchange, Phase::AfterCommit).await?;
            Ok(
                // It is no route of the API: its spelling is that of the documents, in every dialect (UL-131).
                Answer::json(
                    StatusCode::OK,
                    print::python(&metadata::link_upload(&hash.to_string())),
                )
                .with_rules(&rules),
            )
        }
        Err(refusal) => Ok(refused(&refusal, exchange, &assumptions)),
    }
}

/// An upload that has taken its link. However it ends, the link learns of it.
struct Claimed {
    app: Arc<App>,
    claim: Claim,
    settled: bool,
}

impl Claimed {
    fn commit(
        mut self,
        content: crate::dropbox::content::Content,
        exchange: &Exchange,
    ) -> Result<Vec<Rule>, Refusal> {
        self.settled = true;
        let committed = self.claim.commit(content, exchange.now())?;
        self.app.tally.link_used();
        if committed.written {
            Ok(vec![Rule::new("UL-131"), Rule::new("UL-161")])
        } else {
            Ok(vec![Rule::new("UL-131"), Rule::new("UL-32")])
        }
    }

    fn too_large(mut self, exchange: &Exchange, assumptions: &Assumptions) -> Answer {
        self.break_off(BrokenOff::TooLarge, exchange.now());
        if assumptions.link_too_large == LinkTooLarge::Conflict {
            return refused_by_link(&Refusal::CommitFailed, assumptions)
                .with_rules(&[Rule::new("UL-145")]);
        }
        Answer::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "text/html",
            texts::TOO_LARGE_PAGE.to_owned(),
        )
        .with_header("connection", "close")
        .with_rules(&[Rule::new("UL-145"), Rule::new("UL-124")])
    }

    fn break_off(&mut self, why: BrokenOff, now: crate::dropbox::time::Timestamp) {
        self.settled = true;
        self.claim.break_off(why, now);
    }
}

impl Drop for Claimed {
    fn drop(&mut self) {
        if !self.settled {
            let now = self.app.clock.now(Some(self.claim.account.name()));
            self.break_off(BrokenOff::Interrupted, now);
        }
    }
}

/// The token in the path, if it can be one: `/apitul/1/` and characters of base64url (UL-96, UL-98).
fn token(path: &str) -> Option<&str> {
    let token = path.strip_prefix("/apitul/1/")?;
    let good = !token.is_empty()
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    good.then_some(token)
}

fn record_subject(exchange: &Exchange, token: Option<&str>) {
    let owner = token.and_then(|token| exchange.app().world().links.owner(token));
    let link = owner.as_ref().and_then(|owner| {
        let account = owner.lock();
        account.state.links.get(token?).cloned()
    });
    let mut record = exchange.record();
    record.route = Some(UPLOAD_LINK);
    record.path = link.as_ref().map(|link| link.commit_info.path.clone());
    record.token = link.map(|link| Arc::clone(&link.minted_by));
    record.link = token.map(Into::into);
    record.account = owner.map(|owner| Arc::clone(owner.name()));
}

fn head(exchange: &Exchange, assumptions: &Assumptions) -> UploadHead {
    let headers = exchange.headers();
    let encoding = headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes);
    // A length (UL-126) or chunks (UL-127); a body in HTTP/2 ends with its stream and needs neither.
    let framed = headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING);
    UploadHead {
        content_type: verdict(
            content_type(headers).as_deref(),
            assumptions.content_type_match,
        ),
        has_authorization: headers.contains_key(AUTHORIZATION),
        is_encoded: encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")),
        lacks_length: !framed && exchange.version() != Version::HTTP_2,
    }
}

/// How a Content-Type is judged (UL-104, UL-116, OQ-10): bytes (UL-114) or plain text (UL-115), no
/// form (UL-118).
fn verdict(content_type: Option<&str>, how: ContentTypeMatch) -> ContentTypeVerdict {
    let Some(value) = content_type else {
        return ContentTypeVerdict::Missing;
    };
    if value.trim().is_empty() {
        return ContentTypeVerdict::Missing;
    }
    let accepted = match how {
        ContentTypeMatch::MediaType => {
            let media_type = value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase();
            matches!(
                media_type.as_str(),
                "application/octet-stream" | "text/plain"
            )
        }
        ContentTypeMatch::FullValue => {
            matches!(
                value,
                "application/octet-stream" | "text/plain" | "text/plain; charset=dropbox-cors-hack"
            )
        }
    };
    if accepted {
        ContentTypeVerdict::Accepted
    } else {
        ContentTypeVerdict::Wrong
    }
}

fn announced_length(exchange: &Exchange) -> Option<u64> {
    exchange.header("content-length")?.parse().ok()
}

fn wrong_method(assumptions: &Assumptions) -> Answer {
    match assumptions.other_methods {
        OtherMethods::MethodNotAllowed => {
            said(&texts::wrong_method(assumptions), assumptions).with_header("allow", "POST")
        }
        OtherMethods::UnknownLink => {
            said(&texts::refusal(&Refusal::Unknown, assumptions), assumptions)
        }
    }
    .with_rules(&[Rule::new("UL-113")])
}

fn malformed(head: &UploadHead, assumptions: &Assumptions) -> Answer {
    if assumptions.malformed_token == MalformedToken::BadRequest {
        let mut answer = refused_by_link(&Refusal::Unknown, assumptions);
        answer.status = StatusCode::BAD_REQUEST;
        return answer;
    }
    refused_by_link(&Refusal::without_link(head, assumptions), assumptions)
}

fn refused(refusal: &Refusal, exchange: &Exchange, assumptions: &Assumptions) -> Answer {
    let reason = match refusal {
        Refusal::LockContention => RateLimitReason::TooManyWriteOperations,
        Refusal::DataTransportLimit => RateLimitReason::TooManyRequests,
        _ => return refused_by_link(refusal, assumptions),
    };
    rate_limited(reason, RETRY_AFTER, exchange, assumptions)
}

fn refused_by_link(refusal: &Refusal, assumptions: &Assumptions) -> Answer {
    said(&texts::refusal(refusal, assumptions), assumptions).with_rules(&[rule(refusal)])
}

/// The rule of each 409 (UL-107), 410 (UL-108) and 400 (UL-106).
fn rule(refusal: &Refusal) -> Rule {
    match refusal {
        Refusal::Unknown => Rule::new("UL-140"),
        Refusal::Expired => Rule::new("UL-139"),
        Refusal::Consumed => Rule::new("UL-138"),
        Refusal::InFlight => Rule::new("UL-141"),
        Refusal::Locked => Rule::new("UL-149"),
        Refusal::FailedBefore => Rule::new("UL-148"),
        Refusal::WrongContentType => Rule::new("UL-144"),
        Refusal::MissingContentType => Rule::new("UL-117"),
        Refusal::UnwantedHeader(_) | Refusal::LengthRequired => Rule::new("UL-106"),
        Refusal::EmptyBody => Rule::new("UL-119"),
        Refusal::CommitFailed => Rule::new("UL-142"),
        Refusal::LockContention | Refusal::DataTransportLimit => Rule::new("UL-84"),
    }
}

fn said(link_answer: &LinkAnswer<'_>, assumptions: &Assumptions) -> Answer {
    let status =
        StatusCode::from_u16(link_answer.status).expect("every status of the endpoint is one");
    let mut answer = Answer::text(status, &*link_answer.text);
    if let Ok(content_type) = HeaderValue::from_str(&assumptions.link_error_content_type) {
        answer.content_type = Some(content_type);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_base64url_and_stands_alone() {
        assert_eq!(token("/apitul/1/7mjCJzUCtFFHcQ"), Some("7mjCJzUCtFFHcQ"));
        for path in [
            "/apitul/1/",
            "/apitul/1",
            "/apitul",
            "/apitul/2/7mjCJzUCtFFHcQ",
            "/apitul/1/a/b",
            "/apitul/1/a%20b",
        ] {
            assert_eq!(token(path), None, "{path}");
        }
    }

    #[test]
    fn the_content_type_is_compared_by_media_type_or_as_a_whole() {
        use ContentTypeMatch::{FullValue, MediaType};
        use ContentTypeVerdict::{Accepted, Missing, Wrong};
        let rows = [
            (Some("application/octet-stream"), Accepted, Accepted),
            (
                Some("text/plain; charset=dropbox-cors-hack"),
                Accepted,
                Accepted,
            ),
            (Some("text/plain"), Accepted, Accepted),
            (Some("text/plain;charset=UTF-8"), Accepted, Wrong),
            (Some("Application/Octet-Stream"), Accepted, Wrong),
            (Some("application/x-www-form-urlencoded"), Wrong, Wrong),
            (Some("multipart/form-data; boundary=x"), Wrong, Wrong),
            (Some("image/jpeg"), Wrong, Wrong),
            (Some("text/plain,text/plain"), Wrong, Wrong),
            (Some(""), Missing, Missing),
            (None, Missing, Missing),
        ];
        for (value, by_media_type, by_full_value) in rows {
            assert_eq!(verdict(value, MediaType), by_media_type, "{value:?}");
            assert_eq!(verdict(value, FullValue), by_full_value, "{value:?}");
        }
    }
}
