//! Arguments that say where and how bytes become a file.

use std::time::Duration;

use super::extract::{Argument, Fields};
use super::patterns::{ANY, CONTENT_HASH, FILE_PATH, REV, TEMPLATE_ID, WRITE_PATH_OR_ID};
use crate::dropbox::commit_info::{CommitInfo, PropertyField, PropertyGroup, WriteMode};
use crate::wire::schema::{Field, List, Literal, Member, Struct, Type, Union};
use crate::wire::value::Decoded;

/// `files/get_temporary_upload_link` (UL-10, UL-11, API-155).
#[derive(Clone, Debug, PartialEq)]
pub struct GetTemporaryUploadLink {
    /// What the upload will be committed as.
    pub commit_info: CommitInfo,
    /// How long an upload may start.
    pub duration: Duration,
}

/// `files/upload` (API-154).
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    pub commit_info: CommitInfo,
    /// The hash that the bytes must have: 64 characters, not necessarily hexadecimal digits.
    pub content_hash: Option<String>,
}

/// Closed: there is no catch-all for unknown tags (UL-13). The members without a value may be bare
/// strings (UL-30); `update` is an object with its rev (UL-31, API-52).
static WRITE_MODE: Union = Union {
    name: "WriteMode",
    members: &[
        Member::void("add"),
        Member::void("overwrite"),
        Member::with("update", REV),
    ],
    catch_all: None,
};

static PROPERTY_FIELD: Struct = Struct {
    name: "PropertyField",
    fields: &[Field::required("name", ANY), Field::required("value", ANY)],
};

static PROPERTY_FIELDS: List = List {
    item: Type::Struct(&PROPERTY_FIELD),
    minimum: None,
    maximum: None,
};

static PROPERTY_GROUP: Struct = Struct {
    name: "PropertyGroup",
    fields: &[
        Field::required("template_id", TEMPLATE_ID),
        Field::required("fields", Type::List(&PROPERTY_FIELDS)),
    ],
};

static PROPERTY_GROUPS: List = List {
    item: Type::Struct(&PROPERTY_GROUP),
    minimum: None,
    maximum: None,
};

/// The mint lets the root pass (UL-75).
const PATH: Field = Field::required("path", WRITE_PATH_OR_ID);
/// Whoever commits at once does not.
const FILE: Field = Field::required("path", FILE_PATH);
const MODE: Field = Field::default("mode", Type::Union(&WRITE_MODE), Literal::Tag("add"));
/// UL-14
const AUTORENAME: Field = Field::flag("autorename", false);
/// UL-15; `null` is as good as nothing (UL-58).
const CLIENT_MODIFIED: Field = Field::nullable("client_modified", Type::Timestamp);
/// UL-16. Nothing notifies anybody here.
const MUTE: Field = Field::flag("mute", false).unused();
/// UL-17
const GROUPS: Field = Field::nullable("property_groups", Type::List(&PROPERTY_GROUPS));
const STRICT_CONFLICT: Field = Field::flag("strict_conflict", false);

/// `CommitInfo` (UL-12 to UL-18), in the order of API-153. It has no `content_hash` (UL-21).
static COMMIT_INFO: Struct = Struct {
    name: "CommitInfo",
    fields: &[
        PATH,
        MODE,
        AUTORENAME,
        CLIENT_MODIFIED,
        MUTE,
        GROUPS,
        STRICT_CONFLICT,
    ],
};

/// `CommitInfo` where it is committed: by `files/upload_session/finish`.
pub(super) static COMMIT: Struct = Struct {
    name: "CommitInfo",
    fields: &[
        FILE,
        MODE,
        AUTORENAME,
        CLIENT_MODIFIED,
        MUTE,
        GROUPS,
        STRICT_CONFLICT,
    ],
};

/// Whatever is left out has a default and may be written out as well, so that the arguments of all
/// SDKs and clients pass (UL-90, UL-91, UL-92, UL-93, UL-95). An integer is a duration too (UL-38).
static GET_TEMPORARY_UPLOAD_LINK: Struct = Struct {
    name: "GetTemporaryUploadLinkArg",
    fields: &[
        Field::required("commit_info", Type::Struct(&COMMIT_INFO)),
        Field::default(
            "duration",
            Type::Float64 {
                minimum: 60.0,
                maximum: 14400.0,
            },
            Literal::Float(14400.0),
        ),
    ],
};

/// `UploadArg`: the hash has 64 characters (API-86, API-87), and there is no `duration` (API-88).
static UPLOAD: Struct = Struct {
    name: "UploadArg",
    fields: &[
        FILE,
        MODE,
        AUTORENAME,
        CLIENT_MODIFIED,
        MUTE,
        GROUPS,
        STRICT_CONFLICT,
        Field::nullable("content_hash", CONTENT_HASH),
    ],
};

impl Argument for GetTemporaryUploadLink {
    const TYPE: Type = Type::Struct(&GET_TEMPORARY_UPLOAD_LINK);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            commit_info: commit_info(&mut Fields::of(fields.take("commit_info"))),
            duration: Duration::from_secs_f64(fields.float("duration")),
        }
    }
}

impl Argument for Upload {
    const TYPE: Type = Type::Struct(&UPLOAD);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            commit_info: commit_info(&mut fields),
            content_hash: fields.optional_text("content_hash"),
        }
    }
}

pub(super) fn commit_info(fields: &mut Fields) -> CommitInfo {
    CommitInfo {
        path: fields.text("path"),
        mode: match fields.union("mode") {
            ("update", Decoded::Text(rev)) => WriteMode::Update(rev),
            ("overwrite", _) => WriteMode::Overwrite,
            _ => WriteMode::Add,
        },
        autorename: fields.flag("autorename"),
        client_modified: fields.optional_moment("client_modified"),
        mute: fields.flag("mute"),
        property_groups: fields
            .list("property_groups")
            .into_iter()
            .map(property_group)
            .collect(),
        strict_conflict: fields.flag("strict_conflict"),
    }
}

fn property_group(value: Decoded) -> PropertyGroup {
    let mut group = Fields::of(value);
    let fields = group.list("fields").into_iter().map(|value| {
        let mut field = Fields::of(value);
        PropertyField {
            name: field.text("name"),
            value: field.text("value"),
        }
    });
    PropertyGroup {
        fields: fields.collect(),
        template_id: group.text("template_id"),
    }
}
