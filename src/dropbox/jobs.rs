//! Work that is asked for in one call and told in another (RT-04 to RT-13).
//!
//! All of it happens at the launch, in one step; a job is what remains to be told.

use super::account::{Account, AccountState, View};
use super::errors::{
    CreateFolderError, DeleteError, PollError, RelocationError, UploadSessionFinishError,
};
use super::files::RelocationOptions;
use super::letters::{composed, fold};
use super::maps::{Map, SharedMap};
use super::metadata::{FileMetadata, FolderMetadata, Metadata};
use super::time::Timestamp;
use imbl::Vector;
use std::sync::Arc;
use std::time::Duration;

/// How long a job is known (RQ-02).
pub const JOB_LIFE: Duration = Duration::from_hours(24);

/// How many jobs an account remembers; the oldest go first.
const MOST_JOBS: usize = 1000;

/// By which route a job was launched: only its own check knows it (RQ-02).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    CreateFolderBatch,
    DeleteBatch,
    CopyBatch,
    MoveBatch,
    OlderCopyBatch,
    OlderMoveBatch,
    FinishBatch,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Entry by path (RT-34).
    Folders(Vec<Result<FolderMetadata, CreateFolderError>>),
    /// Each by itself, one after the other, in the order given (RT-45, RT-46).
    Deleted(Vec<Result<Metadata, DeleteError>>),
    Relocated(Vec<Result<Metadata, RelocationError>>),
    /// All of it or nothing (RT-53).
    RelocatedTogether(Result<Vec<Metadata>, RelocationError>),
    Finished(Vec<Result<FileMetadata, UploadSessionFinishError>>),
}

#[derive(Clone, Debug)]
struct Job {
    kind: JobKind,
    /// The app that launched it: no other is told (RQ-02).
    app: Arc<str>,
    launched_at: Timestamp,
    /// Checks that are still told to wait (RQ-06).
    waits: u64,
    outcome: Arc<Outcome>,
}

/// The jobs of an account.
#[derive(Clone, Debug, Default)]
pub struct Jobs {
    by_id: SharedMap<Arc<str>, Job>,
    oldest_first: Vector<Arc<str>>,
}

impl Jobs {
    fn add(&mut self, id: Arc<str>, job: Job) {
        let now = job.launched_at;
        self.oldest_first.push_back(Arc::clone(&id));
        self.by_id.insert(id, job);
        while let Some(oldest) = self.oldest_first.front()
            && (self.by_id.len() > MOST_JOBS
                || self.by_id.get(oldest).is_none_or(|job| job.is_over(now)))
        {
            self.by_id.remove(oldest);
            self.oldest_first.pop_front();
        }
    }
}

impl Job {
    fn is_over(&self, now: Timestamp) -> bool {
        now > self.launched_at.plus(JOB_LIFE)
    }
}

/// `Account::relocate` or `Account::copy`.
pub type Relocate = fn(
    &mut Account,
    &View,
    &str,
    &str,
    RelocationOptions,
    Timestamp,
) -> Result<Metadata, RelocationError>;

/// Where an entry is, and where it shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelocationPath {
    pub from: String,
    pub to: String,
}

impl Account {
    /// Keeps what a job of this app has to tell, and gives its id.
    pub fn launch(
        &mut self,
        app: &Arc<str>,
        kind: JobKind,
        outcome: Outcome,
        now: Timestamp,
    ) -> Arc<str> {
        let id: Arc<str> = self.ids.job_id().into();
        let job = Job {
            kind,
            app: Arc::clone(app),
            launched_at: now,
            waits: self.state.assumptions.job_checks_in_progress,
            outcome: Arc::new(outcome),
        };
        self.state.jobs.add(Arc::clone(&id), job);
        id
    }

    /// What became of a job; nothing while it goes on. It can be asked again (RT-13).
    pub fn check_job(
        &mut self,
        app: &str,
        kind: JobKind,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<Outcome>>, PollError> {
        let job = self.state.jobs.by_id.get_mut(id);
        let job = job
            .filter(|job| job.kind == kind && &*job.app == app && !job.is_over(now))
            .ok_or(PollError::InvalidAsyncJobId)?;
        if job.waits > 0 {
            job.waits -= 1;
            return Ok(None);
        }
        Ok(Some(Arc::clone(&job.outcome)))
    }

    /// `files/create_folder_batch`: a path that stands there twice is made once, and has its one result at
    /// each of its places (RT-37).
    pub fn create_folders(
        &mut self,
        view: &View,
        paths: &[String],
        autorename: bool,
    ) -> Vec<Result<FolderMetadata, CreateFolderError>> {
        let mut made = Map::default();
        paths
            .iter()
            .map(|path| {
                made.entry(fold(&composed(path)))
                    .or_insert_with(|| self.create_folder(view, path, autorename))
                    .clone()
            })
            .collect()
    }

    /// `files/copy_batch_v2` and `files/move_batch_v2`: each entry by itself, in their order (RQ-07).
    pub fn relocations<'a>(
        &'a mut self,
        view: &'a View,
        step: Relocate,
        entries: &'a [RelocationPath],
        options: RelocationOptions,
        now: Timestamp,
    ) -> impl Iterator<Item = Result<Metadata, RelocationError>> + 'a {
        let entries = entries.iter();
        entries.map(move |entry| step(self, view, &entry.from, &entry.to, options, now))
    }

    /// `files/copy_batch` and `files/move_batch`: where one entry fails nothing is done (RT-53).
    pub fn relocate_together(
        &mut self,
        view: &View,
        step: Relocate,
        entries: &[RelocationPath],
        options: RelocationOptions,
        now: Timestamp,
    ) -> Result<Vec<Metadata>, RelocationError> {
        let before = self.state.tree.clone();
        let all: Result<_, _> = self
            .relocations(view, step, entries, options, now)
            .collect();
        if all.is_err() {
            self.state.tree = before;
        }
        all
    }
}

impl AccountState {
    /// How many jobs are remembered.
    #[cfg(test)]
    fn jobs_remembered(&self) -> usize {
        self.jobs.by_id.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dropbox::account::Profile;
    use crate::dropbox::ids::IdSource;

    fn account() -> Account {
        Account::new(IdSource::from_seed(1), Profile::default(), Arc::default())
    }

    fn launch(account: &mut Account, now: Timestamp) -> Arc<str> {
        let outcome = Outcome::Deleted(Vec::new());
        account.launch(&"app".into(), JobKind::DeleteBatch, outcome, now)
    }

    #[test]
    fn a_job_is_known_to_its_app_and_its_own_check_for_a_day() {
        // RQ-02, RT-11, RT-13
        let (mut account, now) = (account(), Timestamp::from_seconds(0));
        let id = launch(&mut account, now);
        let unknown = Err(PollError::InvalidAsyncJobId);
        let kind = JobKind::DeleteBatch;
        for _ in 0..2 {
            let found = account.check_job("app", kind, &id, now.plus(JOB_LIFE));
            assert!(matches!(found, Ok(Some(_))), "{found:?}");
        }
        let later = now.plus(JOB_LIFE + Duration::from_secs(1));
        assert_eq!(account.check_job("app", kind, &id, later), unknown);
        assert_eq!(account.check_job("other", kind, &id, now), unknown);
        let other = JobKind::MoveBatch;
        assert_eq!(account.check_job("app", other, &id, now), unknown);
        assert_eq!(account.check_job("app", kind, "dbjid:x", now), unknown);
    }

    #[test]
    fn so_many_jobs_are_remembered_and_none_that_is_over() {
        let (mut account, now) = (account(), Timestamp::from_seconds(0));
        for _ in 0..=MOST_JOBS {
            launch(&mut account, now);
        }
        assert_eq!(account.state.jobs_remembered(), MOST_JOBS);
        launch(&mut account, now.plus(JOB_LIFE * 2));
        assert_eq!(account.state.jobs_remembered(), 1);
    }

    #[test]
    fn an_id_looks_like_a_real_one() {
        // RT-09
        let id = launch(&mut account(), Timestamp::from_seconds(0));
        let random = id.strip_prefix("dbjid:").expect("the prefix");
        assert_eq!(random.len(), 88);
        assert!(random.starts_with("AA"));
    }
}
