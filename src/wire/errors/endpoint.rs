//! JSON error bodies: 401, 403, 409, 422 and 429.

use super::spelled::{Spell, Spelled};
use crate::dropbox::errors::RateLimitReason;
use crate::wire::dialect::Dialect;

/// The body of an answer whose error is a union: 401 (API-102), 403 (API-110), 409 (API-124), 422
/// (API-111). `dots` is how many dots end the summary, 0 to 3, where the dialect has some.
pub fn body(error: &impl Spell, dialect: Dialect, dots: usize) -> String {
    dialect.error(&error.spell(), dots)
}

/// The body of a 429. `retry_after` is in seconds; too many writes have none in the body (API-132,
/// API-133), so there it is left out.
pub fn rate_limit(
    reason: RateLimitReason,
    retry_after: Option<u64>,
    dialect: Dialect,
    dots: usize,
) -> String {
    let error = Spelled::structure("reason", &reason);
    let error = match (reason, retry_after) {
        (RateLimitReason::TooManyRequests, Some(seconds)) => error.with("retry_after", seconds),
        _ => error,
    };
    dialect.error(&error, dots)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dropbox::errors::*;

    fn body(error: &impl Spell, dots: usize) -> String {
        super::body(error, Dialect::Y2025, dots)
    }

    #[test]
    fn an_upload_conflict_is_flattened() {
        let error = UploadError::Path {
            reason: WriteError::Conflict(WriteConflictError::File),
            upload_session_id: "AAAAAAAAAEJjBreugQOYqw".into(),
        };
        // API-163
        assert_eq!(
            body(&error, 0),
            r#"{"error_summary": "path/conflict/file/", "error": {".tag": "path", "reason": {".tag": "conflict", "conflict": {".tag": "file"}}, "upload_session_id": "AAAAAAAAAEJjBreugQOYqw"}}"#
        );
    }

    #[test]
    fn a_finish_conflict_is_nested() {
        let error = UploadSessionFinishError::Path(WriteError::Conflict(WriteConflictError::File));
        // API-165
        assert_eq!(
            body(&error, 3),
            r#"{"error_summary": "path/conflict/file/...", "error": {".tag": "path", "path": {".tag": "conflict", "conflict": {".tag": "file"}}}}"#
        );
    }

    #[test]
    fn offsets_stand_beside_the_tag() {
        let error = UploadSessionError::IncorrectOffset { correct_offset: 9 };
        // API-237
        assert_eq!(
            body(&error, 2),
            r#"{"error_summary": "incorrect_offset/..", "error": {".tag": "incorrect_offset", "correct_offset": 9}}"#
        );
        let error = UploadSessionFinishError::LookupFailed(UploadSessionError::IncorrectOffset {
            correct_offset: 1252,
        });
        // API-238
        assert_eq!(
            body(&error, 0),
            r#"{"error_summary": "lookup_failed/incorrect_offset/", "error": {".tag": "lookup_failed", "lookup_failed": {".tag": "incorrect_offset", "correct_offset": 1252}}}"#
        );
    }

    #[test]
    fn tokens_and_scopes() {
        // API-102
        assert_eq!(
            body(&AuthError::ExpiredAccessToken, 0),
            r#"{"error_summary": "expired_access_token/", "error": {".tag": "expired_access_token"}}"#
        );
        assert_eq!(body(&AuthError::ExpiredAccessToken, 0).len(), 85);
        // API-108
        let error = AuthError::MissingScope {
            required_scope: "files.metadata.read".into(),
        };
        assert_eq!(
            body(&error, 1),
            r#"{"error_summary": "missing_scope/.", "error": {".tag": "missing_scope", "required_scope": "files.metadata.read"}}"#
        );
    }

    #[test]
    fn path_roots() {
        // API-111
        assert_eq!(
            body(&PathRootError::NoPermission, 2),
            r#"{"error_summary": "no_permission/..", "error": {".tag": "no_permission"}}"#
        );
        // API-112
        let error = PathRootError::InvalidRoot {
            root_namespace_id: 1,
            home_namespace_id: 2,
        };
        assert_eq!(
            body(&error, 0),
            r#"{"error_summary": "invalid_root/", "error": {".tag": "invalid_root", "invalid_root": {".tag": "user", "root_namespace_id": "1", "home_namespace_id": "2"}}}"#
        );
    }

    #[test]
    fn the_rate_limit_error_is_a_struct() {
        // API-131
        assert_eq!(
            rate_limit(
                RateLimitReason::TooManyWriteOperations,
                Some(1),
                Dialect::Y2025,
                3
            ),
            r#"{"error_summary": "too_many_write_operations/...", "error": {"reason": {".tag": "too_many_write_operations"}}}"#
        );
        // API-133
        assert_eq!(
            rate_limit(
                RateLimitReason::TooManyRequests,
                Some(300),
                Dialect::Y2025,
                2
            ),
            r#"{"error_summary": "too_many_requests/..", "error": {"reason": {".tag": "too_many_requests"}, "retry_after": 300}}"#
        );
    }

    #[test]
    fn property_errors_keep_the_template_out_of_the_summary() {
        let error = UploadError::PropertiesError(InvalidPropertyGroupError::TemplateNotFound(
            "ptid:x".into(),
        ));
        assert_eq!(
            body(&error, 0),
            r#"{"error_summary": "properties_error/template_not_found/", "error": {".tag": "properties_error", "properties_error": {".tag": "template_not_found", "template_not_found": "ptid:x"}}}"#
        );
    }

    #[test]
    fn bad_input_can_come_in_json() {
        // API-96
        assert_eq!(
            Dialect::Y2025.wrapped_bad_input("Error in call to API function \"files/upload\": No."),
            r#"{"error": {".tag": "other"}, "error_summary": "other/...", "user_message": {"locale": "en", "text": "Error in call to API function \"files/upload\": No."}}"#
        );
    }
}
