//! Looking at, downloading, deleting, moving and copying entries.

use super::{Call, Reply};
use crate::dropbox::account::Account;
use crate::dropbox::errors::{
    DeleteError, DownloadError, GetMetadataError, GetTemporaryLinkError, ListRevisionsError,
    LookupError,
};
use crate::dropbox::files::RelocationOptions;
use crate::dropbox::jobs::Relocate;
use crate::dropbox::metadata::Metadata;
use crate::dropbox::revisions::ListRevisionsMode;
use crate::dropbox::tree::{File, file_metadata};
use crate::rules::Rule;
use crate::server::http::problem::Problem;
use crate::wire::arguments::entries::{
    Delete, Download, GetMetadata, GetTemporaryLink, ListRevisions, Relocation, Restore,
    RevisionsOf,
};
use crate::wire::errors::bad_input::BadInput;
use crate::wire::metadata;
use crate::wire::routes::HostKind;
use serde_json::Value;

pub(super) fn get_metadata(call: &mut Call<'_>) -> Reply {
    let argument: GetMetadata = call.take();
    let view = call.view();
    call.look_for_revision(&argument.path);
    let account = call.account();
    let found = account
        .get_metadata(&view, &argument.path, argument.include_deleted)
        .map_err(|error| {
            let GetMetadataError::Path(_) = error;
            Problem::endpoint(error, Rule::new("API-177"))
        })?;
    let found = account.with_property_groups(found, &argument.property_groups_of);
    call.exchange.decided_by(&[Rule::new("API-233")]);
    Ok(metadata::entry(&found))
}

/// A missing file is `path/not_found` (API-235).
pub(super) fn download(call: &mut Call<'_>) -> Result<(Value, File), Problem> {
    let argument: Download = call.take();
    let view = call.view();
    let path = argument
        .rev
        .map_or(argument.path, |rev| format!("rev:{rev}"));
    call.look_for_revision(&path);
    let problem =
        |error: LookupError| Problem::endpoint(DownloadError::Path(error), Rule::new("API-178"));
    let (key, file) = call.account().file_to_read(&view, &path).map_err(problem)?;
    let shown = view.show_file(file_metadata(&key, &file));
    call.exchange.decided_by(&[Rule::new("API-18")]);
    Ok((metadata::file(&shown), file))
}

pub(super) fn delete_v2(call: &mut Call<'_>) -> Reply {
    let gone = delete_entry(call)?;
    Ok(metadata::wrapped_entry(&gone))
}

pub(super) fn delete(call: &mut Call<'_>) -> Reply {
    let gone = delete_entry(call)?;
    Ok(metadata::entry(&gone))
}

fn delete_entry(call: &mut Call<'_>) -> Result<Metadata, Problem> {
    let argument: Delete = call.take();
    let (view, now) = (call.view(), call.now);
    let gone = call
        .account()
        .delete(&view, &argument.path, argument.parent_rev.as_deref(), now);
    call.exchange.decided_by(&[Rule::new("API-232")]);
    gone.map_err(|error: DeleteError| Problem::endpoint(error, Rule::new("API-183")))
}

pub(super) fn list_revisions(call: &mut Call<'_>) -> Reply {
    let argument: ListRevisions = call.take();
    let mode = match argument.mode {
        RevisionsOf::Path => ListRevisionsMode::Path,
        RevisionsOf::Id => ListRevisionsMode::Id,
    };
    let view = call.view();
    let limit = usize::try_from(argument.limit).unwrap_or(usize::MAX);
    let revisions = call.account().list_revisions(
        &view,
        &argument.path,
        mode,
        limit,
        argument.before_rev.as_deref(),
    );
    let revisions = revisions
        .map_err(|error: ListRevisionsError| Problem::endpoint(error, Rule::new("API-181")))?;
    call.exchange.decided_by(&[Rule::new("API-221")]);
    Ok(metadata::list_revisions(
        revisions.is_deleted,
        revisions.server_deleted,
        &revisions.entries,
        revisions.has_more,
    ))
}

pub(super) fn restore(call: &mut Call<'_>) -> Reply {
    let argument: Restore = call.take();
    call.look_for_revision(&format!("rev:{}", argument.rev));
    let (view, now) = (call.view(), call.now);
    let restored = call
        .account()
        .restore_revision(&view, &argument.path, &argument.rev, now);
    let restored = restored.map_err(|error| Problem::endpoint(error, Rule::new("RT-102")))?;
    call.exchange
        .decided_by(&[Rule::new("RT-102"), Rule::new("RT-103")]);
    Ok(metadata::file(&restored))
}

/// For the apps of teams; whoever has another app is told so, whatever is there (RT-106).
pub(super) fn permanently_delete(_: &mut Call<'_>) -> Reply {
    Err(Problem::bad_input(
        "files/permanently_delete",
        BadInput::AppNotAllowed,
    ))
}

pub(super) fn get_temporary_link(call: &mut Call<'_>) -> Reply {
    let argument: GetTemporaryLink = call.take();
    call.look_for_revision(&argument.path);
    let (world, now) = (call.world, call.now);
    let (caller, account) = call.caller();
    let made = account.make_download_link(&world.downloads, caller, &argument.path, now);
    let (file, token) = made
        .map_err(|error: GetTemporaryLinkError| Problem::endpoint(error, Rule::new("API-182")))?;
    call.exchange.record_link(&token);
    call.exchange.decided_by(&[Rule::new("API-222")]);
    let link = format!(
        "{}/cd/0/get/{token}/file",
        call.exchange.hand_out(HostKind::Download)
    );
    Ok(metadata::temporary_link(&file, &link))
}

const OLDER_RELOCATION: [Rule; 2] = [Rule::new("API-161"), Rule::new("RT-18")];

pub(super) fn move_v2(call: &mut Call<'_>) -> Reply {
    let there = relocate(call, Account::relocate)?;
    Ok(metadata::wrapped_entry(&there))
}

/// The older form (RT-18).
pub(super) fn move_(call: &mut Call<'_>) -> Reply {
    let there = relocate(call, Account::relocate)?;
    call.exchange.decided_by(&OLDER_RELOCATION);
    Ok(metadata::entry(&there))
}

pub(super) fn copy_v2(call: &mut Call<'_>) -> Reply {
    let there = relocate(call, Account::copy)?;
    Ok(metadata::wrapped_entry(&there))
}

/// The older form (RT-18).
pub(super) fn copy(call: &mut Call<'_>) -> Reply {
    let there = relocate(call, Account::copy)?;
    call.exchange.decided_by(&OLDER_RELOCATION);
    Ok(metadata::entry(&there))
}

/// Nothing that stands there is overwritten (RT-26).
fn relocate(call: &mut Call<'_>, step: Relocate) -> Result<Metadata, Problem> {
    let argument: Relocation = call.take();
    let options = RelocationOptions {
        autorename: argument.autorename,
    };
    let (view, now) = (call.view(), call.now);
    let (from, to) = (&argument.from_path, &argument.to_path);
    let account = call.account();
    let [source, target] = [from, to].map(|path| account.place_to_read(&view, path).ok());
    let changes_case =
        source.is_some_and(|source| target.is_some_and(|target| source.key() == target.key()));
    let there = step(account, &view, from, to, options, now);
    // A change of case rests on an open question (AQ-26).
    let rules = [Rule::new("API-161"), Rule::new("API-275")];
    call.exchange
        .decided_by(&rules[..=usize::from(changes_case)]);
    there.map_err(|error| Problem::endpoint(error, Rule::new("RT-23")))
}
