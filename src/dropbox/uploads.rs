//! How bytes come into an account: upload links, `files/upload` and upload sessions; and the links by
//! which they leave it.

use super::account::Account;
use super::account::View;
use super::assumptions::Assumptions;
use super::assumptions::{EmptyBody, LinkLockContention, MintPathCheck};
use super::commit::Committed;
use super::commit_info::CommitInfo;
use super::content::Content;
use super::content_hash::ContentHasher;
use super::download_link::DownloadLinkRefusal;
use super::errors::{
    CommitError, UploadError, UploadSessionError, UploadSessionFinishError,
    UploadSessionStartError, WriteError,
};
use super::link::{BrokenOff, Life, Link, Refusal, UploadHead};
use super::path::{PathArgument, Place};
use super::session::{AppendedTo, Part, SessionType, UploadSession};
use super::shared_account::SharedAccount;
use super::time::Timestamp;
use super::tree::File;
use super::world::{Caller, Tokens};
use std::sync::Arc;
use std::time::Duration;

/// An upload that has taken its link.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The link's token.
    pub token: Arc<str>,
    /// The account that the link belongs to.
    pub account: Arc<SharedAccount>,
    /// The path that the bytes go to.
    pub path: String,
    /// How the open questions are answered in that account.
    pub assumptions: Arc<Assumptions>,
    pub(super) epoch: u64,
}

impl Claim {
    /// Commits the bytes of the upload (UL-161).
    pub fn commit(&self, content: Content, now: Timestamp) -> Result<Committed, Refusal> {
        let mut account = self.account.lock();
        if account.epoch != self.epoch {
            return Err(Refusal::Unknown);
        }
        let result = account.commit_link(&self.token, content, now);
        account.state.note_held(&self.token);
        result
    }

    /// The upload ended without its body (UL-162).
    pub fn break_off(&self, why: BrokenOff, now: Timestamp) {
        let mut account = self.account.lock();
        // What began before a reset or a restore must not change what a test set up since.
        if account.epoch != self.epoch {
            return;
        }
        let assumptions = Arc::clone(&account.state.assumptions);
        if let Some(link) = account.state.link_mut(&self.token) {
            link.broken_off(why, now, &assumptions);
        }
        account.state.note_held(&self.token);
    }
}

/// Why there is no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoLink {
    #[error("it names nothing")]
    NamesNothing,
    /// The links that can still be used take all the memory that an account's links may take.
    #[error("the account's upload links take all the memory that they may (--link-memory)")]
    NoRoom,
}

impl Account {
    /// `files/get_temporary_upload_link`: the token of a new link (UL-78, UL-86).
    ///
    /// # Errors
    /// [`NoLink::NamesNothing`] when the path is looked at more closely than by its pattern, and names nothing
    /// (OQ-16); [`NoLink::NoRoom`] when the account has as many links as it may.
    pub fn mint(
        &mut self,
        tokens: &Tokens,
        caller: &Caller,
        commit_info: CommitInfo,
        duration: Duration,
        now: Timestamp,
    ) -> Result<Arc<str>, NoLink> {
        if self.state.assumptions.mint_path_check == MintPathCheck::Semantic
            && names_nothing(&commit_info.path)
        {
            return Err(NoLink::NamesNothing);
        }
        let link = Link {
            commit_info,
            view: caller.view.clone(),
            minted_by: Arc::clone(&caller.token),
            minted_at: now,
            duration,
            ended_at: None,
            life: Life::Fresh,
        };
        let (weight, most) = (link.weight(), self.bounds.link_bytes);
        let (gone, fits) = self.state.make_room_for_link(weight, most, now);
        tokens.forget(gone.iter());
        if !fits {
            return Err(NoLink::NoRoom);
        }
        let token = self.free_link_token(tokens, &caller.account);
        self.state.add_link(Arc::clone(&token), link);
        Ok(token)
    }

    /// A token that no link has or had (UL-86). It is longer than asked for where short ones run out.
    fn free_link_token(&mut self, tokens: &Tokens, owner: &Arc<SharedAccount>) -> Arc<str> {
        let mut bytes = self.state.assumptions.link_token_bytes;
        loop {
            for _ in 0..16 {
                let token: Arc<str> = self.ids.base64url(bytes).into();
                if !token.is_empty() && tokens.add(&token, owner) {
                    return token;
                }
            }
            bytes += 1;
        }
    }

    /// Takes a link for an upload whose head has arrived (UL-160). `is_revoked` tells of a token
    /// whether it was.
    pub(super) fn claim_link(
        &mut self,
        token: &str,
        head: &UploadHead,
        is_revoked: impl FnOnce(&str) -> bool,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        let assumptions = Arc::clone(&self.state.assumptions);
        let used_up = assumptions
            .data_transport_limit
            .is_some_and(|limit| self.state.link_uploads >= limit);
        let link = self
            .state
            .link_mut(token)
            .ok_or_else(|| Refusal::without_link(head, &assumptions))?;
        if used_up {
            return Err(Refusal::DataTransportLimit);
        }
        link.claim(now, head, is_revoked(&link.minted_by), &assumptions)?;
        let path = link.commit_info.path.clone();
        self.state.note_held(&token.into());
        Ok(path)
    }

    fn commit_link(
        &mut self,
        token: &str,
        content: Content,
        now: Timestamp,
    ) -> Result<Committed, Refusal> {
        let assumptions = Arc::clone(&self.state.assumptions);
        let link = self.state.link_mut(token).ok_or(Refusal::Unknown)?;
        if let Err(refusal) = link.may_commit(now, &assumptions) {
            link.let_go();
            return Err(refusal);
        }
        if content.size == 0 && assumptions.empty_body == EmptyBody::Refused {
            link.let_go();
            return Err(Refusal::EmptyBody);
        }
        let (view, commit_info) = (link.view.clone(), link.commit_info.clone());
        let result = self.commit(&view, &commit_info, content, now);
        let link = self.state.link_mut(token).ok_or(Refusal::Unknown)?;
        match result {
            Ok(committed) => {
                link.stored(now);
                self.state.link_uploads += 1;
                Ok(committed)
            }
            Err(CommitError::Write(WriteError::TooManyWriteOperations))
                if assumptions.link_lock_contention == LinkLockContention::TooManyRequests =>
            {
                link.let_go();
                Err(Refusal::LockContention)
            }
            // The file is there (API-253), so the link has done its work.
            Err(CommitError::Properties(_)) => {
                link.stored(now);
                self.state.link_uploads += 1;
                Err(Refusal::CommitFailed)
            }
            Err(CommitError::Write(_)) => {
                link.commit_failed(now, &assumptions);
                Err(Refusal::CommitFailed)
            }
        }
    }

    /// `files/upload`. A failed commit leaves the bytes in an upload session (API-164).
    pub fn upload(
        &mut self,
        view: &View,
        info: &CommitInfo,
        content: Content,
        announced: Option<&str>,
        now: Timestamp,
    ) -> Result<Committed, UploadError> {
        if announced.is_some_and(|hash| hash != content.hash.to_string()) {
            return Err(UploadError::ContentHashMismatch);
        }
        self.commit(view, info, content.clone(), now)
            .map_err(|error| match error {
                CommitError::Properties(error) => UploadError::PropertiesError(error),
                CommitError::Write(reason) => {
                    let upload_session_id = self.ids.upload_session_id();
                    let session = UploadSession::holding(&content, now);
                    self.state.hold_failed_upload(&upload_session_id, session);
                    UploadError::Path {
                        reason,
                        upload_session_id,
                    }
                }
            })
    }

    /// `files/upload_session/start`: the id of the session.
    pub fn start_session(
        &mut self,
        kind: SessionType,
        close: bool,
        part: Part,
        now: Timestamp,
    ) -> Result<String, UploadSessionStartError> {
        let session = UploadSession::start(kind, close, part, now)?;
        let id = self.ids.upload_session_id();
        self.state.add_session(&id, session, now);
        Ok(id)
    }

    /// The session with this id, while it lasts.
    pub fn session(
        &mut self,
        id: &str,
        now: Timestamp,
    ) -> Result<&mut UploadSession, UploadSessionError> {
        self.state.drop_expired_sessions(now);
        let session = self.state.sessions.get_mut(id);
        session
            .filter(|session| !session.is_expired(now))
            .ok_or(UploadSessionError::NotFound)
    }

    /// Whether bytes at `offset` may come into the session, and the hasher that they go on with.
    pub fn check_append(
        &mut self,
        id: &str,
        offset: u64,
        now: Timestamp,
    ) -> Result<ContentHasher, UploadSessionError> {
        let assumptions = Arc::clone(&self.state.assumptions);
        let session = self.session(id, now)?;
        session.check_append(offset, now, &assumptions)?;
        Ok(session.hasher())
    }

    /// `files/upload_session/append_v2`.
    pub fn append_to_session(
        &mut self,
        id: &str,
        offset: u64,
        part: Part,
        close: bool,
        now: Timestamp,
    ) -> Result<AppendedTo, UploadSessionError> {
        let assumptions = Arc::clone(&self.state.assumptions);
        let session = self.session(id, now)?;
        session.append(offset, part, close, now, &assumptions)
    }

    /// `files/upload_session/finish`: the session becomes a file, and is gone. Where the commit fails
    /// the session keeps the bytes that came with the call (API-254).
    pub fn finish_session(
        &mut self,
        view: &View,
        id: &str,
        offset: u64,
        last: Part,
        info: &CommitInfo,
        now: Timestamp,
    ) -> Result<Committed, UploadSessionFinishError> {
        let session = self
            .session(id, now)
            .map_err(UploadSessionFinishError::LookupFailed)?;
        let content = session.finish(offset, &last, now)?;
        match self.commit(view, info, content, now) {
            Err(CommitError::Write(error)) => {
                self.session(id, now)
                    .map_err(UploadSessionFinishError::LookupFailed)?
                    .keep(offset, last);
                Err(UploadSessionFinishError::Path(error))
            }
            Err(CommitError::Properties(error)) => {
                self.state.remove_session(id);
                Err(UploadSessionFinishError::PropertiesError(error))
            }
            Ok(committed) => {
                self.state.remove_session(id);
                Ok(committed)
            }
        }
    }

    /// The file that a temporary link for downloads names.
    pub fn follow_download_link(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<File, DownloadLinkRefusal> {
        let link = self.state.downloads.get(token);
        link.ok_or(DownloadLinkRefusal::Unknown)?.file(now).cloned()
    }
}

fn names_nothing(path: &str) -> bool {
    match PathArgument::parse(path) {
        PathArgument::Absolute(path) => path.ends_with('/') || Place::root().join(path).is_err(),
        PathArgument::Id { below, .. } | PathArgument::Namespace { below, .. } => {
            Place::root().join(below).is_err()
        }
        PathArgument::Rev(_) => true,
    }
}
