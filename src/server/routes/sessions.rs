//! Upload sessions.

use super::batches::launch;
use super::{Call, Reply, WhenReceived};
use crate::dropbox::commit::Committed;
use crate::dropbox::content::Body;
use crate::dropbox::content_hash::ContentHasher;
use crate::dropbox::errors::{
    UploadSessionError, UploadSessionFinishError, UploadSessionStartError,
};
use crate::dropbox::jobs::{JobKind, Outcome};
use crate::dropbox::metadata::FileMetadata;
use crate::dropbox::session::{AppendedTo, Part, SessionType};
use crate::rules::Rule;
use crate::server::http::problem::Problem;
use crate::wire::arguments::sessions::{
    UploadSessionAppend, UploadSessionFinish, UploadSessionFinishBatch, UploadSessionStart,
    UploadSessionStartBatch, UploadSessionType,
};
use crate::wire::batch;
use crate::wire::metadata;
use serde_json::Value;

const START_ERRORS: Rule = Rule::new("API-185");
const APPEND_ERRORS: Rule = Rule::new("API-186");
const FINISH_ERRORS: Rule = Rule::new("API-188");

pub(super) fn start(call: &mut Call<'_>) -> Result<(ContentHasher, WhenReceived), Problem> {
    let argument: UploadSessionStart = call.take();
    let kind = kind(argument.session_type);
    let go: WhenReceived = Box::new(move |call, incoming| {
        let problem = |error| Problem::endpoint(error, START_ERRORS);
        if incoming.differs_from(argument.content_hash.as_deref()) {
            return Err(problem(UploadSessionStartError::ContentHashMismatch));
        }
        let part = incoming
            .into_part()
            .ok_or_else(|| problem(UploadSessionStartError::PayloadTooLarge))?;
        let now = call.now;
        let id = call
            .account()
            .start_session(kind, argument.close, part, now)
            .map_err(problem)?;
        call.exchange.decided_by(&[Rule::new("API-223")]);
        Ok(metadata::session_started(&id))
    });
    Ok((ContentHasher::new(), go))
}

pub(super) fn append_v2(call: &mut Call<'_>) -> Result<(ContentHasher, WhenReceived), Problem> {
    let argument = call.take();
    append_to(call, argument, Rule::new("API-224"))
}

/// The older form: nothing but the cursor (RT-20).
pub(super) fn append(call: &mut Call<'_>) -> Result<(ContentHasher, WhenReceived), Problem> {
    let argument = UploadSessionAppend {
        cursor: call.take(),
        close: false,
        content_hash: None,
    };
    append_to(call, argument, Rule::new("RT-20"))
}

fn append_to(
    call: &mut Call<'_>,
    argument: UploadSessionAppend,
    rule: Rule,
) -> Result<(ContentHasher, WhenReceived), Problem> {
    let problem = |error| Problem::endpoint(error, APPEND_ERRORS);
    let cursor = argument.cursor;
    let now = call.now;
    let hasher = call
        .account()
        .check_append(&cursor.session_id, cursor.offset, now)
        .map_err(problem)?;
    let go: WhenReceived = Box::new(move |call, incoming| {
        if incoming.differs_from(argument.content_hash.as_deref()) {
            return Err(problem(UploadSessionError::ContentHashMismatch));
        }
        let part = incoming
            .into_part()
            .ok_or_else(|| problem(UploadSessionError::PayloadTooLarge))?;
        let now = call.now;
        let appended_to = call
            .account()
            .append_to_session(&cursor.session_id, cursor.offset, part, argument.close, now)
            .map_err(problem)?;
        // A late part rests on an open question (AQ-23).
        let rules = [rule, Rule::new("API-255")];
        call.exchange.decided_by(match appended_to {
            AppendedTo::Open => &rules[..1],
            AppendedTo::Closed => &rules,
        });
        Ok(Value::Null)
    });
    Ok((hasher, go))
}

pub(super) fn finish(call: &mut Call<'_>) -> Result<(ContentHasher, WhenReceived), Problem> {
    let argument: UploadSessionFinish = call.take();
    let problem = |error| Problem::endpoint(error, FINISH_ERRORS);
    let now = call.now;
    let session = call.account().session(&argument.cursor.session_id, now);
    let hasher = session
        .map_err(|error| problem(UploadSessionFinishError::LookupFailed(error)))?
        .hasher();
    let go: WhenReceived = Box::new(move |call, incoming| {
        if incoming.differs_from(argument.content_hash.as_deref()) {
            return Err(problem(UploadSessionFinishError::ContentHashMismatch));
        }
        let part = incoming
            .into_part()
            .ok_or_else(|| problem(UploadSessionFinishError::PayloadTooLarge))?;
        let committed = finish_one(call, &argument, part).map_err(problem)?;
        call.exchange.decided_by(&[Rule::new("API-225")]);
        Ok(metadata::file(&committed.file))
    });
    Ok((hasher, go))
}

/// `files/upload_session/start_batch` (RT-57).
pub(super) fn start_batch(call: &mut Call<'_>) -> Reply {
    let argument: UploadSessionStartBatch = call.take();
    let (kind, now) = (kind(argument.session_type), call.now);
    let account = call.account();
    let ids: Result<Vec<String>, _> = (0..argument.num_sessions)
        .map(|_| account.start_session(kind, false, nothing(), now))
        .collect();
    let ids = ids.map_err(|error| Problem::endpoint(error, START_ERRORS))?;
    call.exchange.decided_by(&[Rule::new("RT-57")]);
    Ok(metadata::sessions_started(&ids))
}

pub(super) fn finish_batch_v2(call: &mut Call<'_>) -> Reply {
    let finished = finish_all(call);
    call.exchange
        .decided_by(&[Rule::new("API-225"), Rule::new("RT-61")]);
    Ok(batch::finish_batch(&finished))
}

/// The older form: always a job (RT-66).
pub(super) fn finish_batch(call: &mut Call<'_>) -> Reply {
    let finished = finish_all(call);
    Ok(launch(
        call,
        JobKind::FinishBatch,
        Outcome::Finished(finished),
    ))
}

fn finish_all(call: &mut Call<'_>) -> Vec<Result<FileMetadata, UploadSessionFinishError>> {
    let UploadSessionFinishBatch { entries } = call.take();
    entries
        .iter()
        .map(|entry| {
            check_closed(call, &entry.cursor.session_id)?;
            finish_one(call, entry, nothing()).map(|committed| committed.file)
        })
        .collect()
}

/// A batch closes no session (RT-65).
fn check_closed(call: &mut Call<'_>, id: &str) -> Result<(), UploadSessionFinishError> {
    let now = call.now;
    match call.account().session(id, now) {
        Ok(session) if session.is_left_open() => Err(UploadSessionError::NotClosed),
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
    .map_err(UploadSessionFinishError::LookupFailed)
}

fn kind(argument: UploadSessionType) -> SessionType {
    match argument {
        UploadSessionType::Sequential => SessionType::Sequential,
        UploadSessionType::Concurrent => SessionType::Concurrent,
    }
}

fn finish_one(
    call: &mut Call<'_>,
    argument: &UploadSessionFinish,
    part: Part,
) -> Result<Committed, UploadSessionFinishError> {
    let cursor = &argument.cursor;
    let now = call.now;
    let (caller, account) = call.caller();
    account.finish_session(
        &caller.view,
        &cursor.session_id,
        cursor.offset,
        part,
        &argument.commit,
        now,
    )
}

fn nothing() -> Part {
    Part {
        body: Body::none(),
        hasher: ContentHasher::new(),
        size: 0,
    }
}
