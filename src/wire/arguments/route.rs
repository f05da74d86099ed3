//! Argument types by route name.

use super::accounts::{Echo, Void};
use super::commit::{GetTemporaryUploadLink, Upload};
use super::entries::{
    CreateFolder, Delete, Download, GetMetadata, GetTemporaryLink, ListRevisions, Relocation,
};
use super::extract::Argument;
use super::folders::{ListFolder, ListFolderContinue, ListFolderLongpoll};
use super::sessions::{
    Poll, UploadSessionAppend, UploadSessionFinish, UploadSessionFinishBatch, UploadSessionStart,
};
use crate::wire::schema::Type;

/// Every route whose argument is known, with the type of the argument.
pub static ROUTES: &[(&str, Type)] = &[
    ("auth/token/revoke", Void::TYPE),
    ("check/app", Echo::TYPE),
    ("check/user", Echo::TYPE),
    ("files/copy_v2", Relocation::TYPE),
    ("files/create_folder_v2", CreateFolder::TYPE),
    ("files/delete", Delete::TYPE),
    ("files/delete_v2", Delete::TYPE),
    ("files/download", Download::TYPE),
    ("files/get_metadata", GetMetadata::TYPE),
    ("files/get_temporary_link", GetTemporaryLink::TYPE),
    (
        "files/get_temporary_upload_link",
        GetTemporaryUploadLink::TYPE,
    ),
    ("files/list_folder", ListFolder::TYPE),
    ("files/list_folder/continue", ListFolderContinue::TYPE),
    ("files/list_folder/get_latest_cursor", ListFolder::TYPE),
    ("files/list_folder/longpoll", ListFolderLongpoll::TYPE),
    ("files/list_revisions", ListRevisions::TYPE),
    ("files/move_v2", Relocation::TYPE),
    ("files/upload", Upload::TYPE),
    ("files/upload_session/append_v2", UploadSessionAppend::TYPE),
    ("files/upload_session/finish", UploadSessionFinish::TYPE),
    (
        "files/upload_session/finish_batch",
        UploadSessionFinishBatch::TYPE,
    ),
    ("files/upload_session/finish_batch/check", Poll::TYPE),
    (
        "files/upload_session/finish_batch_v2",
        UploadSessionFinishBatch::TYPE,
    ),
    ("files/upload_session/start", UploadSessionStart::TYPE),
    ("users/get_current_account", Void::TYPE),
    ("users/get_space_usage", Void::TYPE),
];

/// The type of the argument of `route`, named without `/2/`.
pub fn argument_type(route: &str) -> Option<Type> {
    ROUTES
        .iter()
        .find(|(name, _)| *name == route)
        .map(|(_, argument)| *argument)
}
