//! Results of the batches, and of the checks of their jobs.

use serde_json::{Map, Value, json};

use super::errors::{Spell, Spelled};
use super::metadata::{self, file};
use crate::dropbox::errors::{RelocationError, UploadSessionFinishError};
use crate::dropbox::jobs::Outcome;
use crate::dropbox::metadata::FileMetadata;

pub type Finished = Result<FileMetadata, UploadSessionFinishError>;

/// `UploadSessionFinishBatchResult`: one entry for each that was sent, in the same order.
pub fn finish_batch(entries: &[Finished]) -> Value {
    json!({"entries": each(entries, finished)})
}

/// What a launch answers while the work goes on (RT-04).
pub fn launched(async_job_id: &str) -> Value {
    json!({".tag": "async_job_id", "async_job_id": async_job_id})
}

/// What a check answers while the work goes on (RT-06).
pub fn in_progress() -> Value {
    json!({".tag": "in_progress"})
}

/// What a launch or a check answers once the work is done: the fields of the result beside the tag (API-26,
/// RT-03).
pub fn outcome(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Folders(entries) => complete(each(
            entries,
            |folder| json!({".tag": "success", "metadata": metadata::folder(folder)}),
        )),
        Outcome::Deleted(entries) => complete(each(
            entries,
            |gone| json!({".tag": "success", "metadata": metadata::entry(gone)}),
        )),
        Outcome::Relocated(entries) => {
            let entries = entries.iter().map(|entry| match entry {
                Ok(there) => json!({".tag": "success", "success": metadata::entry(there)}),
                Err(error) => failure(&InABatch(error)),
            });
            complete(entries.collect())
        }
        Outcome::RelocatedTogether(Ok(entries)) => {
            complete(entries.iter().map(metadata::wrapped_entry).collect())
        }
        Outcome::RelocatedTogether(Err(error)) => {
            json!({".tag": "failed", "failed": error.spell().value()})
        }
        Outcome::Finished(entries) => complete(each(entries, finished)),
    }
}

fn complete(entries: Vec<Value>) -> Value {
    json!({".tag": "complete", "entries": entries})
}

fn each<T, E: Spell>(entries: &[Result<T, E>], success: impl Fn(&T) -> Value) -> Vec<Value> {
    let entry = |entry: &Result<T, E>| match entry {
        Ok(done) => success(done),
        Err(error) => failure(error),
    };
    entries.iter().map(entry).collect()
}

fn failure(error: &impl Spell) -> Value {
    json!({".tag": "failure", "failure": error.spell().value()})
}

/// A file, flattened beside the tag.
fn finished(metadata: &FileMetadata) -> Value {
    let mut fields = Map::new();
    fields.insert(".tag".into(), "success".into());
    if let Value::Object(metadata) = file(metadata) {
        fields.extend(metadata);
    }
    fields.into()
}

/// `RelocationBatchErrorEntry` (RT-51).
struct InABatch<'a>(&'a RelocationError);

impl Spell for InABatch<'_> {
    fn spell(&self) -> Spelled {
        Spelled::union("relocation_error", self.0)
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
            print::python(&complete(Vec::new())),
            r#"{".tag": "complete", "entries": []}"#
        );
        assert_eq!(
            print::python(&launched("dbjid:x")),
            r#"{".tag": "async_job_id", "async_job_id": "dbjid:x"}"#
        );
    }
}
