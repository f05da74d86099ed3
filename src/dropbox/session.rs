//! Upload sessions (API-237 to API-239).

use super::assumptions::{Assumptions, LateConcurrentPart};
use super::content::{Body, Content};
use super::content_hash::{BLOCK_SIZE, ContentHash, ContentHasher};
use super::errors::{UploadSessionError, UploadSessionFinishError, UploadSessionStartError};
use super::time::Timestamp;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a session may be used: 7 days (API-239).
pub const SESSION_LIFE: Duration = Duration::from_hours(7 * 24);

/// The most that a session may hold, in bytes (API-247).
pub const SESSION_LIMIT: u64 = (1 << 41) - (1 << 22);

/// Whether the parts of a session come one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionType {
    #[default]
    Sequential,
    /// In any order, in multiples of 4 MiB.
    Concurrent,
}

/// What a session was when bytes came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendedTo {
    Open,
    /// The closing part was there before (API-255).
    Closed,
}

/// Bytes that arrived with one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The bytes.
    pub body: Body,
    /// Their hasher, which went on from [`UploadSession::hasher`].
    pub hasher: ContentHasher,
    pub size: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UploadSession {
    kind: SessionType,
    expires_at: Timestamp,
    /// The bytes that the session has when it is whole, once it is closed.
    closed_at: Option<u64>,
    hasher: ContentHasher,
    /// They are put away one by one: a session can have thousands.
    #[serde(skip)]
    pub(super) parts: OrdMap<u64, Part>,
    /// Bytes in the parts, or in the whole.
    size: u64,
    pub(super) whole: Option<Content>,
}

impl UploadSession {
    /// Starts a session with its first bytes.
    pub fn start(
        kind: SessionType,
        close: bool,
        part: Part,
        now: Timestamp,
    ) -> Result<Self, UploadSessionStartError> {
        if kind == SessionType::Concurrent {
            if part.size > 0 {
                return Err(UploadSessionStartError::ConcurrentSessionDataNotAllowed);
            }
            if close {
                return Err(UploadSessionStartError::ConcurrentSessionCloseNotAllowed);
            }
        }
        let mut session = Self {
            kind,
            expires_at: now.plus(SESSION_LIFE),
            closed_at: close.then_some(part.size),
            hasher: ContentHasher::new(),
            parts: OrdMap::new(),
            size: 0,
            whole: None,
        };
        session.put(0, part);
        Ok(session)
    }

    /// A closed session that holds the content of a failed commit (API-164).
    pub fn holding(content: &Content, now: Timestamp) -> Self {
        Self {
            kind: SessionType::Sequential,
            expires_at: now.plus(SESSION_LIFE),
            closed_at: Some(content.size),
            hasher: ContentHasher::new(),
            parts: OrdMap::new(),
            size: content.size,
            whole: Some(content.clone()),
        }
    }

    /// Bytes that the session holds.
    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn is_expired(&self, now: Timestamp) -> bool {
        now > self.expires_at
    }

    /// The hasher that the next bytes go on with: the parts of a sequential session need not end
    /// where blocks end.
    pub fn hasher(&self) -> ContentHasher {
        self.hasher.clone()
    }

    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Whether it is one whose parts follow one another, and the last one has not come: of a concurrent one
    /// its finish knows more (API-188).
    pub fn is_left_open(&self) -> bool {
        self.kind == SessionType::Sequential && !self.is_closed()
    }

    /// Whether the session takes no more data.
    pub fn is_closed(&self) -> bool {
        self.closed_at.is_some()
    }

    /// Whether bytes at `offset` may come. A concurrent session whose closing part is there still
    /// takes the parts before its end (API-255).
    pub fn check_append(
        &self,
        offset: u64,
        now: Timestamp,
        assumptions: &Assumptions,
    ) -> Result<(), UploadSessionError> {
        if self.is_expired(now) {
            return Err(UploadSessionError::NotFound);
        }
        if self.closed_at.is_some_and(|end| {
            self.kind == SessionType::Sequential
                || assumptions.late_concurrent_part == LateConcurrentPart::Refused
                || offset >= end
        }) {
            return Err(UploadSessionError::Closed);
        }
        match self.kind {
            SessionType::Sequential if offset != self.size() => {
                Err(UploadSessionError::IncorrectOffset {
                    correct_offset: self.size(),
                })
            }
            SessionType::Concurrent if !offset.is_multiple_of(BLOCK_SIZE as u64) => {
                Err(UploadSessionError::ConcurrentSessionInvalidOffset)
            }
            _ => Ok(()),
        }
    }

    /// Takes bytes at `offset`, and closes the session if told so.
    pub fn append(
        &mut self,
        offset: u64,
        part: Part,
        close: bool,
        now: Timestamp,
        assumptions: &Assumptions,
    ) -> Result<AppendedTo, UploadSessionError> {
        self.check_append(offset, now, assumptions)?;
        let end = offset.saturating_add(part.size);
        // Refused like bytes behind the end of a sequential session (RQ-09).
        if self.closed_at.is_some_and(|closed_at| end > closed_at) {
            return Err(UploadSessionError::Closed);
        }
        if end > SESSION_LIMIT {
            return Err(UploadSessionError::TooLarge);
        }
        // Only the part that closes the session may be shorter than its blocks.
        if self.kind == SessionType::Concurrent
            && !close
            && !part.size.is_multiple_of(BLOCK_SIZE as u64)
        {
            return Err(UploadSessionError::ConcurrentSessionInvalidDataSize);
        }
        self.put(offset, part);
        if self.closed_at.is_some() {
            return Ok(AppendedTo::Closed);
        }
        if close {
            self.closed_at = Some(self.end_of_parts().max(end));
        }
        Ok(AppendedTo::Open)
    }

    /// The whole content, with the last bytes at `offset`.
    pub fn finish(
        &self,
        offset: u64,
        last: &Part,
        now: Timestamp,
    ) -> Result<Content, UploadSessionFinishError> {
        if self.is_expired(now) {
            return Err(UploadSessionFinishError::LookupFailed(
                UploadSessionError::NotFound,
            ));
        }
        if self.kind == SessionType::Concurrent {
            return self.finish_concurrent(last);
        }
        if offset != self.size() {
            let correct_offset = self.size();
            return Err(UploadSessionFinishError::LookupFailed(
                UploadSessionError::IncorrectOffset { correct_offset },
            ));
        }
        if last.size == 0 {
            return Ok(self
                .whole
                .clone()
                .unwrap_or_else(|| self.content(self.hasher().finish(), offset, None)));
        }
        if self.is_closed() {
            return Err(UploadSessionFinishError::LookupFailed(
                UploadSessionError::Closed,
            ));
        }
        let size = offset.saturating_add(last.size);
        if size > SESSION_LIMIT {
            return Err(UploadSessionFinishError::LookupFailed(
                UploadSessionError::TooLarge,
            ));
        }
        Ok(self.content(last.hasher.clone().finish(), size, Some(last.body.clone())))
    }

    /// Takes the bytes of a finish whose commit failed: they were good, and the next finish need not
    /// bring them again (API-254).
    pub fn keep(&mut self, offset: u64, last: Part) {
        if last.size > 0 {
            self.put(offset, last);
        }
    }

    fn finish_concurrent(&self, last: &Part) -> Result<Content, UploadSessionFinishError> {
        if last.size > 0 {
            return Err(UploadSessionFinishError::ConcurrentSessionDataNotAllowed);
        }
        let Some(closed_at) = self.closed_at else {
            return Err(UploadSessionFinishError::ConcurrentSessionNotClosed);
        };
        let mut end = 0;
        for (offset, part) in &self.parts {
            if *offset != end {
                return Err(UploadSessionFinishError::ConcurrentSessionMissingData);
            }
            end += part.size;
        }
        if end != closed_at {
            return Err(UploadSessionFinishError::ConcurrentSessionMissingData);
        }
        let hash = ContentHash::of_blocks(
            self.parts
                .values()
                .flat_map(|part| part.hasher.clone().into_blocks()),
        );
        Ok(self.content(hash, end, None))
    }

    fn end_of_parts(&self) -> u64 {
        self.parts
            .get_max()
            .map_or(0, |(offset, part)| offset + part.size)
    }

    fn put(&mut self, offset: u64, mut part: Part) {
        // It has seen everything so far: kept once, not with every part.
        if self.kind == SessionType::Sequential {
            self.hasher = std::mem::take(&mut part.hasher);
        }
        if part.size > 0 {
            self.size += part.size;
            if let Some(replaced) = self.parts.insert(offset, part) {
                self.size -= replaced.size;
            }
        }
    }

    fn content(&self, hash: ContentHash, size: u64, last: Option<Body>) -> Content {
        let bodies = self
            .parts
            .values()
            .map(|part| part.body.clone())
            .chain(last)
            .collect();
        Content { hash, size, bodies }
    }
}

#[cfg(test)]
mod tests;
