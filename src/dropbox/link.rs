//! The life of a temporary upload link (UL-159 to UL-163).
//!
//! `fresh → in flight → consumed`, or `expired`; a link that is forgotten is unknown. It is good for one
//! upload, and whoever knows it may make it (UL-103). Claiming is
//! one step on `&mut Link`, so it is atomic for whoever holds the lock around it.

use super::account::View;
use super::assumptions::{
    Assumptions, BadContentType, ConcurrentUse, ContentTypeCheck, ExpiryJudged, ExpiryPrecision,
    FailedCommit, InterruptedBody, LinkContentEncoding, MissingLength, Oversize, RevokedToken,
    UnneededHeader,
};
use super::commit_info::CommitInfo;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// A link: what was asked at the mint, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// What to do with the bytes; judged when they are there (UL-85).
    pub commit_info: CommitInfo,
    /// From where paths are read, frozen at the mint (UL-88).
    pub view: View,
    /// The access token that minted it.
    pub minted_by: Arc<str>,
    pub minted_at: Timestamp,
    pub duration: Duration,
    /// When a test ended its time, whatever the duration says.
    pub ended_at: Option<Timestamp>,
    pub life: Life,
}

impl Link {
    /// Bytes of memory that it takes, about, with its token in all tables.
    pub(super) fn weight(&self) -> usize {
        640 + self.commit_info.weight()
    }

    /// Whether no upload can come through it any more.
    pub(super) fn is_over(&self, now: Timestamp, assumptions: &Assumptions) -> bool {
        matches!(
            self.state(now, assumptions),
            LinkState::Consumed | LinkState::Expired
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Life {
    /// Nothing.
    Fresh,
    InFlight {
        /// How many; more than one only where the first completion wins (OQ-03).
        uploads: u32,
    },
    /// An upload broke off, and the link is unavailable for a while (OQ-02).
    Locked {
        until: Timestamp,
    },
    Consumed {
        at: Timestamp,
        by: ConsumedBy,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsumedBy {
    Commit,
    /// A commit that failed (OQ-01).
    FailedCommit,
    /// A body that broke off or was too large (OQ-02, OQ-07).
    BrokenOffBody,
    /// A Content-Type that is not accepted (OQ-09).
    BadContentType,
}

/// The state of a link as a reader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    Fresh,
    InFlight,
    /// It is unavailable after an upload that broke off.
    Locked,
    Consumed,
    Expired,
}

/// How a link ends that stored no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkFailure {
    /// Nobody uploaded through it.
    Unused,
    /// Its time was over before an upload succeeded.
    Expired,
    /// An upload used it up and stored nothing, since the body or the commit failed.
    Refused,
}

/// What the head of an upload request says, as far as the link is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadHead {
    /// How its Content-Type was judged.
    pub content_type: ContentTypeVerdict,
    /// It has an `Authorization` header.
    pub has_authorization: bool,
    /// It has a `Content-Encoding` other than `identity`.
    pub is_encoded: bool,
    /// It has neither a length nor chunks.
    pub lacks_length: bool,
}

/// How a Content-Type was judged (UL-104).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentTypeVerdict {
    /// One of the two that are accepted.
    Accepted,
    Wrong,
    /// None.
    Missing,
}

/// Why an upload through a link is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such link, or it was forgotten: 409 (UL-140).
    Unknown,
    /// Its time is over: 410 (UL-139).
    Expired,
    /// It was used: 410 (UL-138).
    Consumed,
    /// Another upload is under way: 409 (UL-141).
    InFlight,
    /// An upload broke off a moment ago: 409 (OQ-02).
    Locked,
    /// A commit failed on it before: 409 (OQ-01).
    FailedBefore,
    /// The Content-Type is not accepted: 400 (UL-144).
    WrongContentType,
    /// There is no Content-Type: 400.
    MissingContentType,
    /// A header that is not wanted here: 400 (OQ-22).
    UnwantedHeader(&'static str),
    /// Neither a length nor chunks: 411 (OQ-22).
    LengthRequired,
    /// No bytes: 400 (OQ-06).
    EmptyBody,
    /// The commit failed: 409 (UL-142).
    CommitFailed,
    /// Somebody else writes there: 429 (OQ-24).
    LockContention,
    /// The account has used up its uploads: 429 (OQ-23).
    DataTransportLimit,
}

/// Why an upload ended without its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenOff {
    Interrupted,
    /// There was more than the limit.
    TooLarge,
}

impl Refusal {
    /// Why an upload is refused where there is no link: a Content-Type that is looked at first
    /// counts whatever the link (OQ-09).
    pub fn without_link(head: &UploadHead, assumptions: &Assumptions) -> Self {
        let head_first = assumptions.content_type_check == ContentTypeCheck::BeforeLinkState;
        head.content_type
            .refusal()
            .filter(|_| head_first)
            .unwrap_or(Self::Unknown)
    }
}

impl ContentTypeVerdict {
    fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Accepted => None,
            Self::Wrong => Some(Refusal::WrongContentType),
            Self::Missing => Some(Refusal::MissingContentType),
        }
    }
}

impl Link {
    /// When the link's time is over: the last moment at which an upload may start (UL-111, UL-160).
    /// The schema of the mint lets nobody ask for more than four hours (UL-110).
    pub fn expires_at(&self) -> Timestamp {
        let expiry = self.minted_at.plus(self.duration);
        self.ended_at.map_or(expiry, |ended| ended.min(expiry))
    }

    /// The state at `now`. What became of the link comes before its time: a link that was used in
    /// time reads as consumed for ever.
    pub fn state(&self, now: Timestamp, assumptions: &Assumptions) -> LinkState {
        match self.life {
            Life::Consumed { .. } => LinkState::Consumed,
            Life::InFlight { .. } => LinkState::InFlight,
            _ if self.is_expired(now, assumptions) => LinkState::Expired,
            Life::Locked { until } if now < until => LinkState::Locked,
            _ => LinkState::Fresh,
        }
    }

    /// How it ended if it ended now; none if it stored its file, or an upload is under way.
    pub fn failure(&self, now: Timestamp, assumptions: &Assumptions) -> Option<LinkFailure> {
        match self.life {
            Life::Consumed {
                by: ConsumedBy::Commit,
                ..
            }
            | Life::InFlight { .. } => None,
            Life::Consumed { .. } => Some(LinkFailure::Refused),
            _ if self.is_expired(now, assumptions) => Some(LinkFailure::Expired),
            _ => Some(LinkFailure::Unused),
        }
    }

    /// Judges the head of an upload and, if it may go on, takes the link (UL-160): from now on it is
    /// locked for others (UL-150). Expiry is judged here, where the upload starts (UL-151).
    pub fn claim(
        &mut self,
        now: Timestamp,
        head: &UploadHead,
        minter_revoked: bool,
        assumptions: &Assumptions,
    ) -> Result<(), Refusal> {
        let head_first = assumptions.content_type_check == ContentTypeCheck::BeforeLinkState;
        if head_first {
            self.judge_head(now, head, assumptions)?;
        }
        self.judge_state(now, minter_revoked, assumptions)?;
        if !head_first {
            self.judge_head(now, head, assumptions)?;
        }
        let uploads = if let Life::InFlight { uploads } = self.life {
            uploads + 1
        } else {
            1
        };
        self.life = Life::InFlight { uploads };
        Ok(())
    }

    /// Whether the upload that has all its bytes now may commit them (OQ-03, OQ-15).
    pub fn may_commit(&self, now: Timestamp, assumptions: &Assumptions) -> Result<(), Refusal> {
        match self.life {
            Life::Consumed { .. } => Err(Refusal::Consumed),
            _ if assumptions.expiry_judged == ExpiryJudged::AtEnd
                && self.is_expired(now, assumptions) =>
            {
                Err(Refusal::Expired)
            }
            _ => Ok(()),
        }
    }

    /// The commit happened: the link is used up (UL-161).
    pub fn stored(&mut self, now: Timestamp) {
        self.consume(now, ConsumedBy::Commit);
    }

    /// The commit failed (OQ-01).
    pub fn commit_failed(&mut self, now: Timestamp, assumptions: &Assumptions) {
        match assumptions.failed_commit {
            FailedCommit::Burns | FailedCommit::Conflicts => {
                self.consume(now, ConsumedBy::FailedCommit);
            }
            FailedCommit::Frees => self.let_go(),
        }
    }

    /// The upload ended without its body (UL-162).
    pub fn broken_off(&mut self, why: BrokenOff, now: Timestamp, assumptions: &Assumptions) {
        let Life::InFlight { uploads } = self.life else {
            return;
        };
        let burns = match why {
            BrokenOff::TooLarge => assumptions.oversize == Oversize::Burns,
            BrokenOff::Interrupted => assumptions.interrupted_body == InterruptedBody::Burns,
        };
        let locks = why == BrokenOff::Interrupted
            && assumptions.interrupted_body == InterruptedBody::Locks
            // While another upload is under way there is nothing to lock (OQ-03).
            && uploads == 1;
        if burns {
            self.consume(now, ConsumedBy::BrokenOffBody);
        } else if locks {
            let seconds = assumptions.interrupted_body_lock_seconds;
            let until = now.plus(Duration::from_secs(seconds));
            self.life = Life::Locked { until };
        } else {
            self.let_go();
        }
    }

    /// The upload ended in an answer that leaves the link as it was.
    pub fn let_go(&mut self) {
        if let Life::InFlight { uploads } = self.life {
            self.life = if uploads > 1 {
                Life::InFlight {
                    uploads: uploads - 1,
                }
            } else {
                Life::Fresh
            };
        }
    }

    /// Ends the link's time at `now`: from now on no upload can start.
    pub fn expire(&mut self, now: Timestamp) {
        self.ended_at = Some(now);
    }

    fn consume(&mut self, at: Timestamp, by: ConsumedBy) {
        self.life = Life::Consumed { at, by };
    }

    fn judge_state(
        &self,
        now: Timestamp,
        minter_revoked: bool,
        assumptions: &Assumptions,
    ) -> Result<(), Refusal> {
        if self.is_forgotten(now, assumptions) {
            return Err(Refusal::Unknown);
        }
        if self.is_expired(now, assumptions) {
            return Err(Refusal::Expired);
        }
        match self.life {
            Life::Consumed {
                by: ConsumedBy::FailedCommit,
                ..
            } if assumptions.failed_commit == FailedCommit::Conflicts => Err(Refusal::FailedBefore),
            Life::Consumed { .. } => Err(Refusal::Consumed),
            // As if the commit had failed, but before any byte is read (OQ-17).
            _ if minter_revoked && assumptions.revoked_token == RevokedToken::KillsLinks => {
                Err(Refusal::CommitFailed)
            }
            Life::InFlight { .. } if assumptions.concurrent_use == ConcurrentUse::FirstHeadWins => {
                Err(Refusal::InFlight)
            }
            Life::Locked { until } if now < until => Err(Refusal::Locked),
            _ => Ok(()),
        }
    }

    fn judge_head(
        &mut self,
        now: Timestamp,
        head: &UploadHead,
        assumptions: &Assumptions,
    ) -> Result<(), Refusal> {
        if let Some(refusal) = head.content_type.refusal() {
            if assumptions.bad_content_type == BadContentType::BurnsLink
                && self.state(now, assumptions) == LinkState::Fresh
            {
                self.consume(now, ConsumedBy::BadContentType);
            }
            return Err(refusal);
        }
        if head.has_authorization && assumptions.link_authorization == UnneededHeader::Rejected {
            return Err(Refusal::UnwantedHeader("Authorization"));
        }
        if head.is_encoded && assumptions.link_content_encoding == LinkContentEncoding::Rejected {
            return Err(Refusal::UnwantedHeader("Content-Encoding"));
        }
        if head.lacks_length && assumptions.missing_length == MissingLength::LengthRequired {
            return Err(Refusal::LengthRequired);
        }
        Ok(())
    }

    fn is_expired(&self, now: Timestamp, assumptions: &Assumptions) -> bool {
        if self.ended_at.is_some_and(|ended| now >= ended) {
            return true;
        }
        match assumptions.expiry_precision {
            ExpiryPrecision::Exact => now > self.expires_at(),
            ExpiryPrecision::WholeSeconds => now.as_seconds() > self.expires_at().as_seconds(),
        }
    }

    /// What became of a link is remembered for a time, and then it is unknown (UL-152, OQ-14).
    fn is_forgotten(&self, now: Timestamp, assumptions: &Assumptions) -> bool {
        let Some(memory) = assumptions.used_link_memory_seconds else {
            return false;
        };
        let ended = match self.life {
            Life::Consumed { at, .. } => at,
            _ if self.is_expired(now, assumptions) => self.expires_at(),
            _ => return false,
        };
        now > ended.plus(Duration::from_secs(memory))
    }
}

#[cfg(test)]
mod tests;
