//! The error unions of the routes (API-173 to API-188), as values.
//!
//! An error is an answer. Only the members that the fake can produce by itself or that a test can
//! ask it to produce are here; `wire` spells them.

use super::shared_links::ShownLink;
use serde::{Deserialize, Serialize};

/// `WriteError` (API-174).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WriteError {
    /// The path cannot name an entry (API-169). Sent without a value.
    MalformedPath,
    /// Something is in the way.
    Conflict(WriteConflictError),
    /// The caller may not write there.
    NoWritePermission,
    /// The account is full (API-172).
    InsufficientSpace,
    /// The name is one that Dropbox does not store (API-171).
    DisallowedName,
    /// The place belongs to a team.
    TeamFolder,
    /// The operation is not allowed at this path.
    OperationSuppressed,
    /// Somebody else is writing there (API-135).
    TooManyWriteOperations,
    /// Access to the place is restricted.
    AccessRestricted,
    /// Anything else.
    Other,
}

/// `WriteConflictError` (API-175).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WriteConflictError {
    /// A file is in the way.
    File,
    /// A folder is in the way.
    Folder,
    /// A file stands where a parent folder should be (API-167).
    FileAncestor,
    /// Anything else.
    Other,
}

/// `SharedLinkSettingsError` (SH-48).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedLinkSettingsError {
    /// They make no sense (SH-68).
    InvalidSettings,
    /// The account may not ask for them (SH-66).
    NotAuthorized,
}

/// `CreateSharedLinkWithSettingsError` (SH-46).
#[derive(Clone, Debug)]
pub enum CreateSharedLinkError {
    Path(LookupError),
    EmailNotVerified,
    /// The entry has a link of this kind already (SH-57).
    AlreadyExists(Option<Box<ShownLink>>),
    Settings(SharedLinkSettingsError),
}

/// `SharedLinkError` (SH-51).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedLinkError {
    NotFound,
    AccessDenied,
}

/// `GetSharedLinkFileError` (SH-53).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GetSharedLinkFileError {
    Link(SharedLinkError),
    IsDirectory,
}

impl From<SharedLinkError> for GetSharedLinkFileError {
    fn from(error: SharedLinkError) -> Self {
        Self::Link(error)
    }
}

/// `RevokeSharedLinkError` (SH-55).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeSharedLinkError {
    Link(SharedLinkError),
    Malformed,
}

impl From<SharedLinkError> for RevokeSharedLinkError {
    fn from(error: SharedLinkError) -> Self {
        Self::Link(error)
    }
}

/// `ListSharedLinksError` (SH-50).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListSharedLinksError {
    Path(LookupError),
    /// The cursor is none, or of another time (SQ-08).
    Reset,
}

/// `LookupError` (API-176).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupError {
    /// The path cannot name an entry.
    MalformedPath,
    /// Nothing is there.
    NotFound,
    /// A folder is there, and a file was needed.
    NotFile,
    /// A file is there, and a folder was needed.
    NotFolder,
    /// The file may not be handed out for legal reasons.
    RestrictedContent,
    /// This kind of content cannot be handed out.
    UnsupportedContentType,
    /// Locked.
    Locked,
    /// Anything else.
    Other,
}

/// `UploadError` (API-173).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadError {
    /// The commit failed; the bytes wait in an upload session (API-164).
    Path {
        /// Why.
        reason: WriteError,
        /// The session that holds the bytes.
        upload_session_id: String,
    },
    /// The property groups name a template that is not there.
    PropertiesError(InvalidPropertyGroupError),
    /// More than one call may bring (API-140).
    PayloadTooLarge,
    /// The bytes do not have the hash that the caller announced (API-240).
    ContentHashMismatch,
}

/// `InvalidPropertyGroupError`, the members that a commit can meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidPropertyGroupError {
    /// No template has this id.
    TemplateNotFound(String),
    /// A field is not one of the template's.
    DoesNotFitTemplate,
    /// A value is too large.
    PropertyFieldTooLarge,
    /// Two groups for one template.
    DuplicatePropertyGroups,
}

/// Why a commit did not happen, before a route gives it its own shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitError {
    /// About the path.
    Write(WriteError),
    /// About the property groups.
    Properties(InvalidPropertyGroupError),
}

impl From<WriteError> for CommitError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

/// `GetMetadataError` (API-177).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GetMetadataError {
    /// About the path.
    Path(LookupError),
}

/// `DownloadError` (API-178).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownloadError {
    /// About the path.
    Path(LookupError),
    /// This file has no bytes to download.
    UnsupportedFile,
}

/// `ListFolderError` (API-179).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListFolderError {
    /// About the path.
    Path(LookupError),
    /// About a template whose property groups were asked for.
    Template(TemplateError),
}

/// `file_properties.TemplateError`, the member that a listing can meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateError {
    /// No template has this id.
    TemplateNotFound(String),
}

/// `ListFolderContinueError` (API-180).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListFolderContinueError {
    /// About the path.
    Path(LookupError),
    /// The cursor is no longer good: list anew.
    Reset,
}

/// `ListRevisionsError` (API-181).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListRevisionsError {
    /// About the path.
    Path(LookupError),
    /// The rev in `before_rev` is not one of this file.
    InvalidBeforeRev,
}

/// `GetTemporaryLinkError` (API-182).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GetTemporaryLinkError {
    /// About the path.
    Path(LookupError),
    /// The account's e-mail address is not verified.
    EmailNotVerified,
    /// This file has no bytes to download.
    UnsupportedFile,
}

/// `DeleteError` (API-183).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeleteError {
    /// What to delete was not found.
    PathLookup(LookupError),
    /// It was found and may not be deleted.
    PathWrite(WriteError),
}

/// `CreateFolderError` (API-184).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateFolderError {
    /// About the path.
    Path(WriteError),
}

/// `RelocationError`: moving and copying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelocationError {
    /// The source was not found.
    FromLookup(LookupError),
    /// The source may not be taken away.
    FromWrite(WriteError),
    /// The destination cannot be written.
    To(WriteError),
    /// A folder cannot go into itself.
    CantMoveFolderIntoItself,
    /// Source and destination are the same entry.
    DuplicatedOrNestedPaths,
}

/// `RestoreError` (RT-102).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// The place cannot be written.
    PathWrite(WriteError),
    /// There is no such revision, or none of the caller's.
    InvalidRevision,
}

/// `GetAccountError` (SH-135).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GetAccountError {
    NoAccount,
}

/// `GetAccountBatchError` (SH-135).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GetAccountBatchError {
    /// The first of the ids that nobody has.
    NoAccount(String),
}

/// `UserFeaturesGetValuesBatchError` (SH-136).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeaturesError {
    EmptyFeaturesList,
}

/// `PollError` (RT-12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollError {
    /// No such job, or none that this check may tell of (RT-11).
    InvalidAsyncJobId,
}

/// `SearchError` (RT-80).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchError {
    /// About the folder.
    Path(LookupError),
    /// The cursor is not one of this account.
    InvalidArgument,
}

/// `UploadSessionStartError` (API-185).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadSessionStartError {
    /// A concurrent session starts without data.
    ConcurrentSessionDataNotAllowed,
    /// A concurrent session cannot start closed.
    ConcurrentSessionCloseNotAllowed,
    /// More than one call may bring.
    PayloadTooLarge,
    /// The bytes do not have the hash that the caller announced.
    ContentHashMismatch,
}

/// `UploadSessionAppendError` (API-186) and `UploadSessionLookupError` (API-187): the members are
/// those of the first and `not_closed`, which only the second has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadSessionError {
    /// No such session, or it ran out (API-239).
    NotFound,
    /// The data continue elsewhere than the session ends.
    IncorrectOffset {
        /// Bytes that the session holds.
        correct_offset: u64,
    },
    /// The session takes no more data.
    Closed,
    /// A finish needs a closed session.
    NotClosed,
    /// The session would pass its limit (API-247).
    TooLarge,
    /// A concurrent session's offset is a multiple of 4 MiB.
    ConcurrentSessionInvalidOffset,
    /// A concurrent session's parts are multiples of 4 MiB.
    ConcurrentSessionInvalidDataSize,
    /// More than one call may bring.
    PayloadTooLarge,
    /// The bytes do not have the hash that the caller announced.
    ContentHashMismatch,
}

/// `UploadSessionFinishError` (API-188).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadSessionFinishError {
    /// About the session.
    LookupFailed(UploadSessionError),
    /// About the path.
    Path(WriteError),
    /// About the property groups.
    PropertiesError(InvalidPropertyGroupError),
    /// A concurrent session finishes without data.
    ConcurrentSessionDataNotAllowed,
    /// A concurrent session finishes after it was closed.
    ConcurrentSessionNotClosed,
    /// A concurrent session has a hole.
    ConcurrentSessionMissingData,
    /// More than one call may bring.
    PayloadTooLarge,
    /// The bytes do not have the hash that the caller announced.
    ContentHashMismatch,
}

/// `AuthError` (API-107): the 401 answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthError {
    /// Unknown, malformed or revoked.
    InvalidAccessToken,
    /// The account in `Dropbox-API-Select-User` is not of this team.
    InvalidSelectUser,
    /// The account in `Dropbox-API-Select-Admin` may not do this.
    InvalidSelectAdmin,
    /// The user is suspended.
    UserSuspended,
    /// Past its time.
    ExpiredAccessToken,
    /// The token was issued without this scope (API-108).
    MissingScope {
        /// The scope that the route needs.
        required_scope: String,
    },
    /// The app may not use this route.
    RouteAccessDenied,
}

/// `AccessError` (API-110): the 403 answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccessError {
    /// The kind of account may not use this endpoint.
    InvalidAccountTypeEndpoint,
    /// The kind of account does not have this feature.
    InvalidAccountTypeFeature,
    /// Paper is not for this caller.
    PaperAccessDenied,
    /// The team does not let this caller in.
    TeamAccessDenied,
    /// The caller may not do this.
    NoPermission,
}

/// `PathRootError`: the 422 answers (API-111, API-112).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathRootError {
    /// The root in the header is no longer the account's; it is this.
    InvalidRoot {
        /// The namespace of everything that the user sees.
        root_namespace_id: u64,
        /// The namespace of the user's own folder.
        home_namespace_id: u64,
    },
    /// The caller may not use this namespace.
    NoPermission,
}

/// `RateLimitReason` (API-132, API-133): the 429 answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimitReason {
    /// Too many calls.
    TooManyRequests,
    /// Too many writes in one namespace.
    TooManyWriteOperations,
}
