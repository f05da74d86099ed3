//! The unions of the file routes (API-173 to API-188).

use super::spelled::{Spell, Spelled};
use crate::dropbox::errors::{
    CreateFolderError, DeleteError, DownloadError, GetMetadataError, GetTemporaryLinkError,
    InvalidPropertyGroupError, ListFolderContinueError, ListFolderError, ListRevisionsError,
    LookupError, PollError, RelocationError, RestoreError, SearchError, TemplateError, UploadError,
    UploadSessionError, UploadSessionFinishError, UploadSessionStartError, WriteConflictError,
    WriteError,
};

impl Spell for WriteError {
    fn spell(&self) -> Spelled {
        match self {
            Self::MalformedPath => Spelled::tag("malformed_path"),
            Self::Conflict(conflict) => Spelled::union("conflict", conflict),
            Self::NoWritePermission => Spelled::tag("no_write_permission"),
            Self::InsufficientSpace => Spelled::tag("insufficient_space"),
            Self::DisallowedName => Spelled::tag("disallowed_name"),
            Self::TeamFolder => Spelled::tag("team_folder"),
            Self::OperationSuppressed => Spelled::tag("operation_suppressed"),
            Self::TooManyWriteOperations => Spelled::tag("too_many_write_operations"),
            Self::AccessRestricted => Spelled::tag("access_restricted"),
            Self::Other => Spelled::tag("other"),
        }
    }
}

impl Spell for WriteConflictError {
    fn spell(&self) -> Spelled {
        Spelled::tag(match self {
            Self::File => "file",
            Self::Folder => "folder",
            Self::FileAncestor => "file_ancestor",
            Self::Other => "other",
        })
    }
}

impl Spell for LookupError {
    fn spell(&self) -> Spelled {
        Spelled::tag(match self {
            Self::MalformedPath => "malformed_path",
            Self::NotFound => "not_found",
            Self::NotFile => "not_file",
            Self::NotFolder => "not_folder",
            Self::RestrictedContent => "restricted_content",
            Self::UnsupportedContentType => "unsupported_content_type",
            Self::Locked => "locked",
            Self::Other => "other",
        })
    }
}

impl Spell for InvalidPropertyGroupError {
    fn spell(&self) -> Spelled {
        match self {
            Self::TemplateNotFound(template) => template_not_found(template),
            Self::DoesNotFitTemplate => Spelled::tag("does_not_fit_template"),
            Self::PropertyFieldTooLarge => Spelled::tag("property_field_too_large"),
            Self::DuplicatePropertyGroups => Spelled::tag("duplicate_property_groups"),
        }
    }
}

impl Spell for UploadError {
    fn spell(&self) -> Spelled {
        match self {
            Self::Path {
                reason,
                upload_session_id,
            } => Spelled::tag("path")
                .with_union("reason", reason)
                .with("upload_session_id", upload_session_id.as_str()),
            Self::PropertiesError(error) => Spelled::union("properties_error", error),
            Self::PayloadTooLarge => Spelled::tag("payload_too_large"),
            Self::ContentHashMismatch => Spelled::tag("content_hash_mismatch"),
        }
    }
}

impl Spell for GetMetadataError {
    fn spell(&self) -> Spelled {
        let Self::Path(error) = self;
        Spelled::union("path", error)
    }
}

impl Spell for DownloadError {
    fn spell(&self) -> Spelled {
        match self {
            Self::Path(error) => Spelled::union("path", error),
            Self::UnsupportedFile => Spelled::tag("unsupported_file"),
        }
    }
}

impl Spell for ListFolderError {
    fn spell(&self) -> Spelled {
        match self {
            Self::Path(error) => Spelled::union("path", error),
            Self::Template(error) => Spelled::union("template_error", error),
        }
    }
}

impl Spell for TemplateError {
    fn spell(&self) -> Spelled {
        let Self::TemplateNotFound(template) = self;
        template_not_found(template)
    }
}

fn template_not_found(template: &str) -> Spelled {
    Spelled::tag("template_not_found").with("template_not_found", template)
}

impl Spell for ListFolderContinueError {
    fn spell(&self) -> Spelled {
        match self {
            Self::Path(error) => Spelled::union("path", error),
            Self::Reset => Spelled::tag("reset"),
        }
    }
}

impl Spell for ListRevisionsError {
    fn spell(&self) -> Spelled {
        match self {
            Self::Path(error) => Spelled::union("path", error),
            Self::InvalidBeforeRev => Spelled::tag("invalid_before_rev"),
        }
    }
}

impl Spell for GetTemporaryLinkError {
    fn spell(&self) -> Spelled {
        match self {
            Self::Path(error) => Spelled::union("path", error),
            Self::EmailNotVerified => Spelled::tag("email_not_verified"),
            Self::UnsupportedFile => Spelled::tag("unsupported_file"),
        }
    }
}

impl Spell for DeleteError {
    fn spell(&self) -> Spelled {
        match self {
            Self::PathLookup(error) => Spelled::union("path_lookup", error),
            Self::PathWrite(error) => Spelled::union("path_write", error),
        }
    }
}

impl Spell for CreateFolderError {
    fn spell(&self) -> Spelled {
        let Self::Path(error) = self;
        Spelled::union("path", error)
    }
}

impl Spell for RelocationError {
    fn spell(&self) -> Spelled {
        match self {
            Self::FromLookup(error) => Spelled::union("from_lookup", error),
            Self::FromWrite(error) => Spelled::union("from_write", error),
            Self::To(error) => Spelled::union("to", error),
            Self::CantMoveFolderIntoItself => Spelled::tag("cant_move_folder_into_itself"),
            Self::DuplicatedOrNestedPaths => Spelled::tag("duplicated_or_nested_paths"),
        }
    }
}

impl Spell for RestoreError {
    fn spell(&self) -> Spelled {
        match self {
            Self::PathWrite(error) => Spelled::union("path_write", error),
            Self::InvalidRevision => Spelled::tag("invalid_revision"),
        }
    }
}

impl Spell for PollError {
    fn spell(&self) -> Spelled {
        let Self::InvalidAsyncJobId = self;
        Spelled::tag("invalid_async_job_id")
    }
}

impl Spell for SearchError {
    fn spell(&self) -> Spelled {
        match self {
            Self::Path(error) => Spelled::union("path", error),
            Self::InvalidArgument => Spelled::tag("invalid_argument"),
        }
    }
}

impl Spell for UploadSessionStartError {
    fn spell(&self) -> Spelled {
        Spelled::tag(match self {
            Self::ConcurrentSessionDataNotAllowed => "concurrent_session_data_not_allowed",
            Self::ConcurrentSessionCloseNotAllowed => "concurrent_session_close_not_allowed",
            Self::PayloadTooLarge => "payload_too_large",
            Self::ContentHashMismatch => "content_hash_mismatch",
        })
    }
}

impl Spell for UploadSessionError {
    fn spell(&self) -> Spelled {
        Spelled::tag(match self {
            Self::NotFound => "not_found",
            Self::IncorrectOffset { correct_offset } => {
                return Spelled::tag("incorrect_offset").with("correct_offset", *correct_offset);
            }
            Self::Closed => "closed",
            Self::NotClosed => "not_closed",
            Self::TooLarge => "too_large",
            Self::ConcurrentSessionInvalidOffset => "concurrent_session_invalid_offset",
            Self::ConcurrentSessionInvalidDataSize => "concurrent_session_invalid_data_size",
            Self::PayloadTooLarge => "payload_too_large",
            Self::ContentHashMismatch => "content_hash_mismatch",
        })
    }
}

impl Spell for UploadSessionFinishError {
    fn spell(&self) -> Spelled {
        Spelled::tag(match self {
            // API-238
            Self::LookupFailed(error) => return Spelled::union("lookup_failed", error),
            // API-165
            Self::Path(error) => return Spelled::union("path", error),
            Self::PropertiesError(error) => return Spelled::union("properties_error", error),
            Self::ConcurrentSessionDataNotAllowed => "concurrent_session_data_not_allowed",
            Self::ConcurrentSessionNotClosed => "concurrent_session_not_closed",
            Self::ConcurrentSessionMissingData => "concurrent_session_missing_data",
            Self::PayloadTooLarge => "payload_too_large",
            Self::ContentHashMismatch => "content_hash_mismatch",
        })
    }
}
