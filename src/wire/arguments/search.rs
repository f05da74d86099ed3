//! Arguments of the searches.

use super::extract::{Argument, Fields};
use super::patterns::{ACCOUNT_ID, ANY, FOLDER_PATH, NOT_EMPTY};
use crate::dropbox::letters::fold;
use crate::dropbox::search::{FileCategory, Search, SearchOrder};
use crate::wire::schema::{Field, List, Literal, Member, Struct, Text, Type, Union};
use crate::wire::value::Decoded;

/// `files/search/continue_v2` (RT-84).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchContinue {
    pub cursor: String,
}

/// `files/search` (RT-99): the older form, whose pages go by their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OlderSearch {
    pub search: Search,
    pub start: u64,
}

static QUERY: Text = Text {
    maximum: Some(1000),
    ..Text::ANY
};

const MAX_RESULTS: Field = Field::default(
    "max_results",
    Type::Integer {
        minimum: 1,
        maximum: 1000,
    },
    Literal::Integer(100),
);

static ORDER: Union = Union {
    name: "SearchOrderBy",
    members: &[
        Member::void("relevance"),
        Member::void("last_modified_time"),
        Member::void("other"),
    ],
    catch_all: Some("other"),
};

static STATUS: Union = Union {
    name: "FileStatus",
    members: &[
        Member::void("active"),
        Member::void("deleted"),
        Member::void("other"),
    ],
    catch_all: Some("other"),
};

static CATEGORY: Union = Union {
    name: "FileCategory",
    members: &[
        Member::void("image"),
        Member::void("document"),
        Member::void("pdf"),
        Member::void("spreadsheet"),
        Member::void("presentation"),
        Member::void("audio"),
        Member::void("video"),
        Member::void("folder"),
        Member::void("paper"),
        Member::void("others"),
        Member::void("other"),
    ],
    catch_all: Some("other"),
};

static EXTENSIONS: List = List {
    item: ANY,
    minimum: None,
    maximum: None,
};

static CATEGORIES: List = List {
    item: Type::Union(&CATEGORY),
    minimum: None,
    maximum: None,
};

/// RT-81. Names alone are matched here, so `filename_only` changes nothing.
static OPTIONS: Struct = Struct {
    name: "SearchOptions",
    fields: &[
        Field::nullable("path", FOLDER_PATH),
        MAX_RESULTS,
        Field::nullable("order_by", Type::Union(&ORDER)),
        Field::default("file_status", Type::Union(&STATUS), Literal::Tag("active")),
        Field::flag("filename_only", false).unused(),
        Field::nullable("file_extensions", Type::List(&EXTENSIONS)),
        Field::nullable("file_categories", Type::List(&CATEGORIES)),
        Field::nullable("account_id", ACCOUNT_ID),
    ],
};

static MATCH_FIELD_OPTIONS: Struct = Struct {
    name: "SearchMatchFieldOptions",
    fields: &[Field::flag("include_highlights", false).unused()],
};

static SEARCH: Struct = Struct {
    name: "SearchV2Arg",
    fields: &[
        Field::required("query", Type::String(&QUERY)),
        Field::nullable("options", Type::Struct(&OPTIONS)),
        Field::nullable("match_field_options", Type::Struct(&MATCH_FIELD_OPTIONS)),
        Field::nullable("include_highlights", Type::Boolean).unused(),
    ],
};

static CONTINUE: Struct = Struct {
    name: "SearchV2ContinueArg",
    fields: &[Field::required("cursor", NOT_EMPTY)],
};

static MODE: Union = Union {
    name: "SearchMode",
    members: &[
        Member::void("filename"),
        Member::void("filename_and_content"),
        Member::void("deleted_filename"),
    ],
    catch_all: None,
};

static OLDER: Struct = Struct {
    name: "SearchArg",
    fields: &[
        Field::required("path", FOLDER_PATH),
        Field::required("query", Type::String(&QUERY)),
        Field::default(
            "start",
            Type::Integer {
                minimum: 0,
                maximum: 9999,
            },
            Literal::Integer(0),
        ),
        MAX_RESULTS,
        Field::default("mode", Type::Union(&MODE), Literal::Tag("filename")),
    ],
};

impl Argument for Search {
    const TYPE: Type = Type::Struct(&SEARCH);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        let search = Self {
            query: fields.text("query"),
            path: String::new(),
            page: 100,
            order: SearchOrder::Relevance,
            deleted: false,
            extensions: Vec::new(),
            categories: Vec::new(),
            account_id: None,
        };
        let options = fields.take("options");
        if matches!(options, Decoded::Null) {
            return search;
        }
        let mut options = Fields::of(options);
        Self {
            path: options.optional_text("path").unwrap_or_default(),
            page: page(&mut options),
            order: match options.optional_union("order_by") {
                Some(("last_modified_time", _)) => SearchOrder::LastModified,
                _ => SearchOrder::Relevance,
            },
            deleted: options.union("file_status").0 == "deleted",
            extensions: options
                .list("file_extensions")
                .into_iter()
                .filter_map(extension)
                .collect(),
            categories: options
                .list("file_categories")
                .into_iter()
                .filter_map(category)
                .collect(),
            account_id: options.optional_text("account_id"),
            ..search
        }
    }
}

impl Argument for SearchContinue {
    const TYPE: Type = Type::Struct(&CONTINUE);

    fn extract(value: Decoded) -> Self {
        Self {
            cursor: Fields::of(value).text("cursor"),
        }
    }
}

impl Argument for OlderSearch {
    const TYPE: Type = Type::Struct(&OLDER);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            start: fields.integer("start"),
            search: Search {
                query: fields.text("query"),
                path: fields.text("path"),
                page: page(&mut fields),
                order: SearchOrder::Relevance,
                deleted: fields.union("mode").0 == "deleted_filename",
                extensions: Vec::new(),
                categories: Vec::new(),
                account_id: None,
            },
        }
    }
}

fn page(fields: &mut Fields) -> usize {
    usize::try_from(fields.integer("max_results")).expect("at most 1000")
}

/// Written without a dot (RT-94), and taken with one.
fn extension(value: Decoded) -> Option<String> {
    match value {
        Decoded::Text(text) => Some(fold(text.trim_start_matches('.'))),
        _ => None,
    }
}

fn category(value: Decoded) -> Option<FileCategory> {
    let Decoded::Union { tag, .. } = value else {
        return None;
    };
    Some(match tag {
        "image" => FileCategory::Image,
        "document" => FileCategory::Document,
        "pdf" => FileCategory::Pdf,
        "spreadsheet" => FileCategory::Spreadsheet,
        "presentation" => FileCategory::Presentation,
        "audio" => FileCategory::Audio,
        "video" => FileCategory::Video,
        "folder" => FileCategory::Folder,
        "paper" => FileCategory::Paper,
        _ => FileCategory::Others,
    })
}
