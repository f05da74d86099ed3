//! Upload sessions.

use super::{Call, Reply, WhenReceived};
use crate::dropbox::commit::Committed;
use crate::dropbox::content::Body;
use crate::dropbox::content_hash::ContentHasher;
use crate::dropbox::errors::{
    UploadSessionError, UploadSessionFinishError, UploadSessionStartError,
};
use crate::dropbox::metadata::FileMetadata;
use crate::dropbox::session::{AppendedTo, Part, SessionType};
use crate::rules::Rule;
use crate::server::http::problem::Problem;
use crate::wire::arguments::sessions::{
    UploadSessionAppend, UploadSessionFinish, UploadSessionFinishBatch, UploadSessionStart,
    UploadSessionType,
};
use crate::wire::batch;
use crate::wire::metadata;
use serde_json::Value;

const START_ERRORS: Rule = Rule::new("API-185");
const APPEND_ERRORS: Rule = Rule::new("API-186");
const FINISH_ERRORS: Rule = Rule::new("API-188");

pub(super) fn start(call: &mut Call<'_>) -> Result<(ContentHasher, WhenReceived), Problem> {
    let argument: UploadSessionStart = call.take();
    let kind = match argument.session_type {
        UploadSessionType::Sequential => SessionType::Sequential,
        UploadSessionType::Concurrent => SessionType::Concurrent,
    };
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

pub(super) fn finish_batch_v2(call: &mut Call<'_>) -> Reply {
    Ok(batch::finish_batch(&finish_all(call)))
}

/// The older form may answer at once, too.
pub(super) fn finish_batch(call: &mut Call<'_>) -> Reply {
    Ok(batch::complete(&finish_all(call)))
}

fn finish_all(call: &mut Call<'_>) -> Vec<Result<FileMetadata, UploadSessionFinishError>> {
    let UploadSessionFinishBatch { entries } = call.take();
    call.exchange.decided_by(&[Rule::new("API-225")]);
    entries
        .iter()
        .map(|entry| finish_one(call, entry, nothing()).map(|committed| committed.file))
        .collect()
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
