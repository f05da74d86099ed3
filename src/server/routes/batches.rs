//! The batches, and the checks that ask for their jobs.

use super::{Call, Reply};
use crate::dropbox::account::Account;
use crate::dropbox::files::RelocationOptions;
use crate::dropbox::jobs::{JobKind, Outcome, Relocate};
use crate::rules::Rule;
use crate::server::http::problem::Problem;
use crate::wire::arguments::batches::{CreateFolderBatch, DeleteBatch, Poll, RelocationBatch};
use crate::wire::batch;

pub(super) fn create_folder_batch(call: &mut Call<'_>) -> Reply {
    let argument: CreateFolderBatch = call.take();
    let view = call.view();
    let account = call.account();
    let most = account.state.assumptions.create_folder_batch_at_once;
    let is_small = u64::try_from(argument.paths.len()).is_ok_and(|count| count <= most);
    let folders = account.create_folders(&view, &argument.paths, argument.autorename);
    let outcome = Outcome::Folders(folders);
    if argument.force_async || !is_small {
        return Ok(launch(call, JobKind::CreateFolderBatch, outcome));
    }
    call.exchange
        .decided_by(&[Rule::new("RT-35"), Rule::new("RT-36")]);
    Ok(batch::outcome(&outcome))
}

/// Always a job (RT-44).
pub(super) fn delete_batch(call: &mut Call<'_>) -> Reply {
    let argument: DeleteBatch = call.take();
    let (view, now) = (call.view(), call.now);
    let account = call.account();
    let gone = argument
        .entries
        .iter()
        .map(|entry| account.delete(&view, &entry.path, entry.parent_rev.as_deref(), now));
    let outcome = Outcome::Deleted(gone.collect());
    Ok(launch(call, JobKind::DeleteBatch, outcome))
}

pub(super) fn copy_batch_v2(call: &mut Call<'_>) -> Reply {
    relocate(call, JobKind::CopyBatch, Account::copy)
}

pub(super) fn move_batch_v2(call: &mut Call<'_>) -> Reply {
    relocate(call, JobKind::MoveBatch, Account::relocate)
}

/// The older form.
pub(super) fn copy_batch(call: &mut Call<'_>) -> Reply {
    relocate(call, JobKind::OlderCopyBatch, Account::copy)
}

/// The older form.
pub(super) fn move_batch(call: &mut Call<'_>) -> Reply {
    relocate(call, JobKind::OlderMoveBatch, Account::relocate)
}

/// Always a job (RT-52, RT-53).
fn relocate(call: &mut Call<'_>, kind: JobKind, step: Relocate) -> Reply {
    let RelocationBatch {
        entries,
        autorename,
    } = call.take();
    let (view, now) = (call.view(), call.now);
    let options = RelocationOptions { autorename };
    let account = call.account();
    let outcome = if matches!(kind, JobKind::OlderCopyBatch | JobKind::OlderMoveBatch) {
        Outcome::RelocatedTogether(account.relocate_together(&view, step, &entries, options, now))
    } else {
        Outcome::Relocated(
            account
                .relocations(&view, step, &entries, options, now)
                .collect(),
        )
    };
    Ok(launch(call, kind, outcome))
}

/// The answer that names the job of this outcome.
pub(super) fn launch(call: &mut Call<'_>, kind: JobKind, outcome: Outcome) -> serde_json::Value {
    let (app, now) = (call.app(), call.now);
    let id = call.account().launch(&app, kind, outcome, now);
    call.exchange
        .decided_by(&[Rule::new("RT-04"), Rule::new("RT-09")]);
    batch::launched(&id)
}

/// A check that knows the jobs of one route.
macro_rules! checks {
    ($($name:ident: $kind:ident),+ $(,)?) => {$(
        pub(super) fn $name(call: &mut Call<'_>) -> Reply {
            check(call, JobKind::$kind)
        }
    )+};
}

checks! {
    check_create_folder_batch: CreateFolderBatch,
    check_delete_batch: DeleteBatch,
    check_copy_batch_v2: CopyBatch,
    check_move_batch_v2: MoveBatch,
    check_copy_batch: OlderCopyBatch,
    check_move_batch: OlderMoveBatch,
    check_finish_batch: FinishBatch,
}

fn check(call: &mut Call<'_>, kind: JobKind) -> Reply {
    let Poll { async_job_id } = call.take();
    let (app, now) = (call.app(), call.now);
    let outcome = call.account().check_job(&app, kind, &async_job_id, now);
    let outcome = outcome.map_err(|error| Problem::endpoint(error, Rule::new("RT-11")))?;
    call.exchange.decided_by(&[Rule::new("RT-06")]);
    Ok(outcome.map_or_else(batch::in_progress, |outcome| batch::outcome(&outcome)))
}
