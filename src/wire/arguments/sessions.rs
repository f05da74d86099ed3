//! Arguments of the upload sessions.

use super::commit::{COMMIT, commit_info};
use super::extract::{Argument, Fields};
use super::patterns::{ANY, CONTENT_HASH};
use crate::dropbox::commit_info::CommitInfo;
use crate::wire::schema::{Field, List, Member, Struct, Type, UINT64, Union};
use crate::wire::value::Decoded;

/// `files/upload_session/start` (API-223).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadSessionStart {
    /// No data will follow.
    pub close: bool,
    pub session_type: UploadSessionType,
    /// The hash that the bytes of this call must have.
    pub content_hash: Option<String>,
}

/// `UploadSessionType` (API-239).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UploadSessionType {
    /// One part after the other.
    #[default]
    Sequential,
    /// In any order, in multiples of 4 MiB.
    Concurrent,
}

/// `UploadSessionCursor`; and `files/upload_session/append`, the older form (RT-20).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadSessionCursor {
    pub session_id: String,
    /// How many bytes the client believes to be there.
    pub offset: u64,
}

/// `files/upload_session/append_v2` (API-224).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadSessionAppend {
    pub cursor: UploadSessionCursor,
    /// No data will follow.
    pub close: bool,
    /// The hash that the bytes of this call must have.
    pub content_hash: Option<String>,
}

/// `files/upload_session/finish` (API-225), and an entry of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct UploadSessionFinish {
    /// Where the data of this call go.
    pub cursor: UploadSessionCursor,
    pub commit: CommitInfo,
    /// The hash that the bytes of this call must have.
    pub content_hash: Option<String>,
}

/// `files/upload_session/finish_batch_v2` and `files/upload_session/finish_batch`.
#[derive(Clone, Debug, PartialEq)]
pub struct UploadSessionFinishBatch {
    /// At most 1000 (API-248).
    pub entries: Vec<UploadSessionFinish>,
}

/// `files/upload_session/start_batch` (RT-57).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadSessionStartBatch {
    pub session_type: UploadSessionType,
    /// 1 to 1000.
    pub num_sessions: u64,
}

static SESSION_TYPE: Union = Union {
    name: "UploadSessionType",
    members: &[
        Member::void("sequential"),
        Member::void("concurrent"),
        Member::void("other"),
    ],
    catch_all: Some("other"),
};

/// Both fields are required (API-91); the offset is unsigned, with 64 bits (API-92).
static CURSOR: Struct = Struct {
    name: "UploadSessionCursor",
    fields: &[
        Field::required("session_id", ANY),
        Field::required("offset", UINT64),
    ],
};

const KIND: Field = Field::nullable("session_type", Type::Union(&SESSION_TYPE));
const CLOSE: Field = Field::flag("close", false);
const HASH: Field = Field::nullable("content_hash", CONTENT_HASH);

static START: Struct = Struct {
    name: "UploadSessionStartArg",
    fields: &[CLOSE, KIND, HASH],
};

static APPEND: Struct = Struct {
    name: "UploadSessionAppendArg",
    fields: &[
        Field::required("cursor", Type::Struct(&CURSOR)),
        CLOSE,
        HASH,
    ],
};

static FINISH: Struct = Struct {
    name: "UploadSessionFinishArg",
    fields: &[
        Field::required("cursor", Type::Struct(&CURSOR)),
        Field::required("commit", Type::Struct(&COMMIT)),
        HASH,
    ],
};

static BATCH_ENTRIES: List = List {
    item: Type::Struct(&FINISH),
    minimum: None,
    maximum: Some(1000),
};

static FINISH_BATCH: Struct = Struct {
    name: "UploadSessionFinishBatchArg",
    fields: &[Field::required("entries", Type::List(&BATCH_ENTRIES))],
};

static START_BATCH: Struct = Struct {
    name: "UploadSessionStartBatchArg",
    fields: &[
        KIND,
        Field::required(
            "num_sessions",
            Type::Integer {
                minimum: 1,
                maximum: 1000,
            },
        ),
    ],
};

impl Argument for UploadSessionStart {
    const TYPE: Type = Type::Struct(&START);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            close: fields.flag("close"),
            session_type: session_type(&mut fields),
            content_hash: fields.optional_text("content_hash"),
        }
    }
}

impl Argument for UploadSessionCursor {
    const TYPE: Type = Type::Struct(&CURSOR);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            session_id: fields.text("session_id"),
            offset: fields.integer("offset"),
        }
    }
}

impl Argument for UploadSessionAppend {
    const TYPE: Type = Type::Struct(&APPEND);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            cursor: UploadSessionCursor::extract(fields.take("cursor")),
            close: fields.flag("close"),
            content_hash: fields.optional_text("content_hash"),
        }
    }
}

impl Argument for UploadSessionFinish {
    const TYPE: Type = Type::Struct(&FINISH);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            cursor: UploadSessionCursor::extract(fields.take("cursor")),
            commit: commit_info(&mut Fields::of(fields.take("commit"))),
            content_hash: fields.optional_text("content_hash"),
        }
    }
}

impl Argument for UploadSessionFinishBatch {
    const TYPE: Type = Type::Struct(&FINISH_BATCH);

    fn extract(value: Decoded) -> Self {
        let entries = Fields::of(value).list("entries");
        Self {
            entries: entries
                .into_iter()
                .map(UploadSessionFinish::extract)
                .collect(),
        }
    }
}

impl Argument for UploadSessionStartBatch {
    const TYPE: Type = Type::Struct(&START_BATCH);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            session_type: session_type(&mut fields),
            num_sessions: fields.integer("num_sessions"),
        }
    }
}

fn session_type(fields: &mut Fields) -> UploadSessionType {
    match fields.optional_union("session_type") {
        Some(("concurrent", _)) => UploadSessionType::Concurrent,
        _ => UploadSessionType::Sequential,
    }
}
