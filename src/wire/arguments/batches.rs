//! Arguments of the batches and of the checks that ask for their jobs.

use super::entries::Delete;
use super::extract::{Argument, Fields};
use super::patterns::{NOT_EMPTY, WRITE_PATH, WRITE_PATH_OR_ID};
use crate::dropbox::jobs::RelocationPath;
use crate::wire::schema::{Field, List, Struct, Type};
use crate::wire::value::Decoded;

/// `async.PollArg` (RT-05).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    /// The job, at least one character.
    pub async_job_id: String,
}

/// `files/create_folder_batch` (RT-31).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateFolderBatch {
    /// At most 10,000.
    pub paths: Vec<String>,
    /// Take another name instead of a conflict.
    pub autorename: bool,
    /// Answer with a job, however little there is to do.
    pub force_async: bool,
}

/// `files/delete_batch` (RT-41).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteBatch {
    /// At most 1000.
    pub entries: Vec<Delete>,
}

/// `files/copy_batch_v2`, `files/move_batch_v2` and their older forms. They differ in fields without effect
/// (RT-48, RT-49, RT-50).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelocationBatch {
    /// 1 to 1000.
    pub entries: Vec<RelocationPath>,
    /// Take another name instead of a conflict; for all entries.
    pub autorename: bool,
}

static POLL: Struct = Struct {
    name: "PollArg",
    fields: &[Field::required("async_job_id", NOT_EMPTY)],
};

static PATHS: List = List {
    item: WRITE_PATH,
    minimum: None,
    maximum: Some(10_000),
};

static CREATE_FOLDER_BATCH: Struct = Struct {
    name: "CreateFolderBatchArg",
    fields: &[
        Field::required("paths", Type::List(&PATHS)),
        Field::flag("autorename", false),
        Field::flag("force_async", false),
    ],
};

static DELETES: List = List {
    item: Delete::TYPE,
    minimum: None,
    maximum: Some(1000),
};

static DELETE_BATCH: Struct = Struct {
    name: "DeleteBatchArg",
    fields: &[Field::required("entries", Type::List(&DELETES))],
};

static RELOCATION_PATH: Struct = Struct {
    name: "RelocationPath",
    fields: &[
        Field::required("from_path", WRITE_PATH_OR_ID),
        Field::required("to_path", WRITE_PATH_OR_ID),
    ],
};

static RELOCATION_PATHS: List = List {
    item: Type::Struct(&RELOCATION_PATH),
    minimum: Some(1),
    maximum: Some(1000),
};

const ENTRIES: Field = Field::required("entries", Type::List(&RELOCATION_PATHS));
const AUTORENAME: Field = Field::flag("autorename", false);
const OWNERSHIP: Field = Field::flag("allow_ownership_transfer", false).unused();

static COPY_BATCH: Struct = Struct {
    name: "RelocationBatchArgBase",
    fields: &[ENTRIES, AUTORENAME],
};

static MOVE_BATCH: Struct = Struct {
    name: "MoveBatchArg",
    fields: &[ENTRIES, AUTORENAME, OWNERSHIP],
};

static OLDER_BATCH: Struct = Struct {
    name: "RelocationBatchArg",
    fields: &[
        ENTRIES,
        AUTORENAME,
        Field::flag("allow_shared_folder", false).unused(),
        OWNERSHIP,
    ],
};

impl RelocationBatch {
    /// Of `files/move_batch_v2`.
    pub const MOVE: Type = Type::Struct(&MOVE_BATCH);
    /// Of `files/copy_batch` and `files/move_batch`.
    pub const OLDER: Type = Type::Struct(&OLDER_BATCH);
}

impl Argument for Poll {
    const TYPE: Type = Type::Struct(&POLL);

    fn extract(value: Decoded) -> Self {
        Self {
            async_job_id: Fields::of(value).text("async_job_id"),
        }
    }
}

impl Argument for CreateFolderBatch {
    const TYPE: Type = Type::Struct(&CREATE_FOLDER_BATCH);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        let paths = fields.list("paths").into_iter();
        Self {
            paths: paths
                .filter_map(|path| match path {
                    Decoded::Text(path) => Some(path),
                    _ => None,
                })
                .collect(),
            autorename: fields.flag("autorename"),
            force_async: fields.flag("force_async"),
        }
    }
}

impl Argument for DeleteBatch {
    const TYPE: Type = Type::Struct(&DELETE_BATCH);

    fn extract(value: Decoded) -> Self {
        let entries = Fields::of(value).list("entries").into_iter();
        Self {
            entries: entries.map(Delete::extract).collect(),
        }
    }
}

impl Argument for RelocationBatch {
    /// Of `files/copy_batch_v2`.
    const TYPE: Type = Type::Struct(&COPY_BATCH);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        let entries = fields.list("entries").into_iter().map(|entry| {
            let mut entry = Fields::of(entry);
            RelocationPath {
                from: entry.text("from_path"),
                to: entry.text("to_path"),
            }
        });
        Self {
            entries: entries.collect(),
            autorename: fields.flag("autorename"),
        }
    }
}
