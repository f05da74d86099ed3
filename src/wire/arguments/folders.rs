//! Arguments of the `list_folder` family.

use super::extract::{Argument, Fields};
use super::patterns::{ANY, FOLDER_PATH, NOT_EMPTY, TEMPLATE_ID};
use crate::wire::schema::{Field, List, Literal, Member, Struct, Type, Union};
use crate::wire::value::Decoded;

/// `files/list_folder` and `files/list_folder/get_latest_cursor` (API-217).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFolder {
    /// A path, an id, or nothing for the root.
    pub path: String,
    /// Also what is in the folders below.
    pub recursive: bool,
    /// Also what was deleted.
    pub include_deleted: bool,
    /// About how many entries at a time, 1 to 2000.
    pub limit: Option<u64>,
    /// A shared link was sent: its folder is to be listed, which the fake cannot do.
    pub shared_link: bool,
    /// The templates whose property groups are wanted.
    pub property_groups_of: Vec<String>,
}

/// `files/list_folder/continue` (API-218).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFolderContinue {
    /// The cursor, at least one character.
    pub cursor: String,
}

/// `files/list_folder/longpoll`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFolderLongpoll {
    /// The cursor, at least one character.
    pub cursor: String,
    /// Seconds to wait, 30 to 480.
    pub timeout: u64,
}

static TEMPLATE_IDS: List = List {
    item: TEMPLATE_ID,
    minimum: Some(1),
    maximum: None,
};

/// `file_properties.TemplateFilterBase`.
pub(super) static TEMPLATE_FILTER: Union = Union {
    name: "TemplateFilterBase",
    members: &[
        Member::with("filter_some", Type::List(&TEMPLATE_IDS)),
        Member::void("other"),
    ],
    catch_all: Some("other"),
};

/// The templates that the filter `include_property_groups` names.
pub(super) fn templates_asked_for(fields: &mut Fields) -> Vec<String> {
    let Some(("filter_some", Decoded::List(ids))) =
        fields.optional_union("include_property_groups")
    else {
        return Vec::new();
    };
    let ids = ids.into_iter().filter_map(|id| match id {
        Decoded::Text(id) => Some(id),
        _ => None,
    });
    ids.collect()
}

static SHARED_LINK: Struct = Struct {
    name: "SharedLink",
    fields: &[
        Field::required("url", ANY),
        Field::nullable("password", ANY),
    ],
};

/// API-217; `limit` has a range (API-89).
static LIST_FOLDER: Struct = Struct {
    name: "ListFolderArg",
    fields: &[
        Field::required("path", FOLDER_PATH),
        Field::flag("recursive", false),
        Field::flag("include_media_info", false).unused(),
        Field::flag("include_deleted", false),
        Field::flag("include_has_explicit_shared_members", false).unused(),
        Field::flag("include_mounted_folders", true).unused(),
        Field::nullable(
            "limit",
            Type::Integer {
                minimum: 1,
                maximum: 2000,
            },
        ),
        Field::nullable("shared_link", Type::Struct(&SHARED_LINK)).unused(),
        Field::nullable("include_property_groups", Type::Union(&TEMPLATE_FILTER)),
        Field::flag("include_non_downloadable_files", true).unused(),
        Field::flag("include_restorable_info", false).unused(),
    ],
};

/// A cursor has at least one character (API-90).
static LIST_FOLDER_CONTINUE: Struct = Struct {
    name: "ListFolderContinueArg",
    fields: &[Field::required("cursor", NOT_EMPTY)],
};

static LIST_FOLDER_LONGPOLL: Struct = Struct {
    name: "ListFolderLongpollArg",
    fields: &[
        Field::required("cursor", NOT_EMPTY),
        Field::default(
            "timeout",
            Type::Integer {
                minimum: 30,
                maximum: 480,
            },
            Literal::Integer(30),
        ),
    ],
};

impl Argument for ListFolder {
    const TYPE: Type = Type::Struct(&LIST_FOLDER);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            path: fields.text("path"),
            recursive: fields.flag("recursive"),
            include_deleted: fields.flag("include_deleted"),
            limit: fields.optional_integer("limit"),
            shared_link: matches!(fields.take("shared_link"), Decoded::Struct { .. }),
            property_groups_of: templates_asked_for(&mut fields),
        }
    }
}

impl Argument for ListFolderContinue {
    const TYPE: Type = Type::Struct(&LIST_FOLDER_CONTINUE);

    fn extract(value: Decoded) -> Self {
        Self {
            cursor: Fields::of(value).text("cursor"),
        }
    }
}

impl Argument for ListFolderLongpoll {
    const TYPE: Type = Type::Struct(&LIST_FOLDER_LONGPOLL);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            cursor: fields.text("cursor"),
            timeout: fields.integer("timeout"),
        }
    }
}
