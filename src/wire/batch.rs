//! Results of `files/upload_session/finish_batch_v2` and its older, asynchronous form.

use serde_json::{Map, Value, json};

use super::errors::Spell as _;
use super::metadata::file;
use crate::dropbox::errors::UploadSessionFinishError;
use crate::dropbox::metadata::FileMetadata;

pub type Finished = Result<FileMetadata, UploadSessionFinishError>;

/// `UploadSessionFinishBatchResult`: one entry for each that was sent, in the same order.
pub fn finish_batch(entries: &[Finished]) -> Value {
    json!({"entries": entries.iter().map(entry).collect::<Vec<_>>()})
}

/// The answer of `finish_batch` and of its `check` once the work is done: `complete`, with the
/// fields of the result beside the tag (API-26).
pub fn complete(entries: &[Finished]) -> Value {
    json!({".tag": "complete", "entries": entries.iter().map(entry).collect::<Vec<_>>()})
}

/// The answer of `finish_batch` while the work goes on.
pub fn launched(async_job_id: &str) -> Value {
    json!({".tag": "async_job_id", "async_job_id": async_job_id})
}

/// The answer of `check` while the work goes on.
pub fn in_progress() -> Value {
    json!({".tag": "in_progress"})
}

fn entry(finished: &Finished) -> Value {
    match finished {
        Ok(metadata) => {
            let mut fields = Map::new();
            fields.insert(".tag".into(), "success".into());
            if let Value::Object(metadata) = file(metadata) {
                fields.extend(metadata);
            }
            fields.into()
        }
        Err(error) => json!({".tag": "failure", "failure": error.spell().value()}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dropbox::content_hash::ContentHash;
    use crate::dropbox::errors::{UploadSessionError, WriteConflictError, WriteError};
    use crate::dropbox::time::Timestamp;
    use crate::wire::print;

    #[test]
    fn a_success_is_flattened_and_a_failure_is_nested() {
        let metadata = FileMetadata {
            name: "a".into(),
            path_lower: "/a".into(),
            path_display: "/a".into(),
            id: "id:x".into(),
            client_modified: Timestamp::from_seconds(0),
            server_modified: Timestamp::from_seconds(0),
            rev: "012345678".into(),
            size: 0,
            content_hash: ContentHash::of(b""),
            property_groups: Vec::new(),
        };
        let conflict = WriteError::Conflict(WriteConflictError::File);
        let entries = [
            Ok(metadata),
            Err(UploadSessionFinishError::Path(conflict)),
            Err(UploadSessionFinishError::LookupFailed(
                UploadSessionError::NotFound,
            )),
        ];
        let text = print::python(&finish_batch(&entries));
        assert!(
            text.starts_with(r#"{"entries": [{".tag": "success", "name": "a", "path_lower""#),
            "{text}"
        );
        assert!(
            text.ends_with(
                r#"{".tag": "failure", "failure": {".tag": "path", "path": {".tag": "conflict", "conflict": {".tag": "file"}}}}, {".tag": "failure", "failure": {".tag": "lookup_failed", "lookup_failed": {".tag": "not_found"}}}]}"#
            ),
            "{text}"
        );
        assert_eq!(
            print::python(&complete(&[])),
            r#"{".tag": "complete", "entries": []}"#
        );
        assert_eq!(
            print::python(&launched("dbjid:x")),
            r#"{".tag": "async_job_id", "async_job_id": "dbjid:x"}"#
        );
    }
}
