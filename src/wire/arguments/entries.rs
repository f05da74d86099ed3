//! Arguments about one entry, or about moving one.

use super::extract::{Argument, Fields};
use super::folders::{TEMPLATE_FILTER, templates_asked_for};
use super::patterns::{METADATA_PATH, PATH_OR_ID, READ_PATH, REV, WRITE_PATH, WRITE_PATH_OR_ID};
use crate::wire::schema::{Field, Literal, Member, Struct, Type, Union};
use crate::wire::value::Decoded;

/// `files/get_metadata` (API-215).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetMetadata {
    /// A path, an id or `rev:…`.
    pub path: String,
    /// Answer for what was deleted, too (API-233).
    pub include_deleted: bool,
    /// The templates whose property groups are wanted.
    pub property_groups_of: Vec<String>,
}

/// `files/download` (API-216).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// A path, an id or `rev:…`.
    pub path: String,
    /// The older way to name a rev.
    pub rev: Option<String>,
}

/// `files/delete_v2` and `files/delete` (API-219).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delete {
    pub path: String,
    /// Delete only a file whose rev is this one.
    pub parent_rev: Option<String>,
}

/// `files/create_folder_v2` (API-220).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateFolder {
    pub path: String,
    /// Take another name instead of a conflict.
    pub autorename: bool,
}

/// `files/list_revisions` (API-221).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRevisions {
    pub path: String,
    pub mode: RevisionsOf,
    /// Most entries, 1 to 100.
    pub limit: u64,
    /// Only revisions before this one.
    pub before_rev: Option<String>,
}

/// `ListRevisionsMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevisionsOf {
    /// Whatever stood at the path.
    Path,
    /// The file with the id that stands at the path now.
    Id,
}

/// `files/get_temporary_link` (API-222).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetTemporaryLink {
    /// A path, an id or `rev:…`.
    pub path: String,
}

/// `files/move_v2`, `files/copy_v2` and the older forms: `RelocationArg` (RT-22).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocation {
    pub from_path: String,
    pub to_path: String,
    /// Take another name instead of a conflict.
    pub autorename: bool,
}

/// `files/restore` (RT-102).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restore {
    pub path: String,
    pub rev: String,
}

static RESTORE: Struct = Struct {
    name: "RestoreArg",
    fields: &[
        Field::required("path", WRITE_PATH),
        Field::required("rev", REV),
    ],
};

impl Argument for Restore {
    const TYPE: Type = Type::Struct(&RESTORE);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            path: fields.text("path"),
            rev: fields.text("rev"),
        }
    }
}

static GET_METADATA: Struct = Struct {
    name: "GetMetadataArg",
    fields: &[
        Field::required("path", METADATA_PATH),
        Field::flag("include_media_info", false).unused(),
        Field::flag("include_deleted", false),
        Field::flag("include_has_explicit_shared_members", false).unused(),
        Field::nullable("include_property_groups", Type::Union(&TEMPLATE_FILTER)),
    ],
};

static DOWNLOAD: Struct = Struct {
    name: "DownloadArg",
    fields: &[
        Field::required("path", READ_PATH),
        Field::nullable("rev", REV),
    ],
};

static DELETE: Struct = Struct {
    name: "DeleteArg",
    fields: &[
        Field::required("path", WRITE_PATH_OR_ID),
        Field::nullable("parent_rev", REV),
    ],
};

static CREATE_FOLDER: Struct = Struct {
    name: "CreateFolderArg",
    fields: &[
        Field::required("path", WRITE_PATH),
        Field::flag("autorename", false),
    ],
};

static LIST_REVISIONS_MODE: Union = Union {
    name: "ListRevisionsMode",
    members: &[
        Member::void("path"),
        Member::void("id"),
        Member::void("other"),
    ],
    catch_all: Some("other"),
};

/// API-221; the texts of its ranges are in API-93.
static LIST_REVISIONS: Struct = Struct {
    name: "ListRevisionsArg",
    fields: &[
        Field::required("path", PATH_OR_ID),
        Field::default(
            "mode",
            Type::Union(&LIST_REVISIONS_MODE),
            Literal::Tag("path"),
        ),
        Field::default(
            "limit",
            Type::Integer {
                minimum: 1,
                maximum: 100,
            },
            Literal::Integer(10),
        ),
        Field::nullable("before_rev", REV),
        Field::flag("include_restorable_info", false).unused(),
    ],
};

static GET_TEMPORARY_LINK: Struct = Struct {
    name: "GetTemporaryLinkArg",
    fields: &[Field::required("path", READ_PATH)],
};

static RELOCATION: Struct = Struct {
    name: "RelocationArg",
    fields: &[
        Field::required("from_path", WRITE_PATH_OR_ID),
        Field::required("to_path", WRITE_PATH_OR_ID),
        Field::flag("allow_shared_folder", false).unused(),
        Field::flag("autorename", false),
        Field::flag("allow_ownership_transfer", false).unused(),
    ],
};

impl Argument for GetMetadata {
    const TYPE: Type = Type::Struct(&GET_METADATA);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            path: fields.text("path"),
            include_deleted: fields.flag("include_deleted"),
            property_groups_of: templates_asked_for(&mut fields),
        }
    }
}

impl Argument for Download {
    const TYPE: Type = Type::Struct(&DOWNLOAD);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            path: fields.text("path"),
            rev: fields.optional_text("rev"),
        }
    }
}

impl Argument for Delete {
    const TYPE: Type = Type::Struct(&DELETE);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            path: fields.text("path"),
            parent_rev: fields.optional_text("parent_rev"),
        }
    }
}

impl Argument for CreateFolder {
    const TYPE: Type = Type::Struct(&CREATE_FOLDER);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            path: fields.text("path"),
            autorename: fields.flag("autorename"),
        }
    }
}

impl Argument for ListRevisions {
    const TYPE: Type = Type::Struct(&LIST_REVISIONS);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            path: fields.text("path"),
            mode: match fields.union("mode") {
                ("id", _) => RevisionsOf::Id,
                _ => RevisionsOf::Path,
            },
            limit: fields.integer("limit"),
            before_rev: fields.optional_text("before_rev"),
        }
    }
}

impl Argument for GetTemporaryLink {
    const TYPE: Type = Type::Struct(&GET_TEMPORARY_LINK);

    fn extract(value: Decoded) -> Self {
        Self {
            path: Fields::of(value).text("path"),
        }
    }
}

impl Argument for Relocation {
    const TYPE: Type = Type::Struct(&RELOCATION);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            from_path: fields.text("from_path"),
            to_path: fields.text("to_path"),
            autorename: fields.flag("autorename"),
        }
    }
}
