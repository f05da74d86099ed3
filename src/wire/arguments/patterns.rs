//! The string types that several arguments share (API-190 to API-195). Patterns with an older form
//! changed with the spec of 2026-05 (API-194): they took no line breaks behind `ns:` (UL-25).

use crate::wire::schema::{Pattern, Root, Text, Type};

/// `WritePath` (API-190).
static WRITE_PATH_PATTERN: Pattern = Pattern::with_older(
    r"(/(.|[\r\n])*)|(ns:[0-9]+(/(.|[\r\n])*)?)",
    r"(/(.|[\r\n])*)|(ns:[0-9]+(/.*)?)",
);

/// `WritePathOrId` (API-191; the older one UL-24, API-53). `/`, `id:abc` and `ns:123` pass (UL-75).
static WRITE_PATH_OR_ID_PATTERN: Pattern = Pattern::with_older(
    r"(/(.|[\r\n])*)|(ns:[0-9]+(/(.|[\r\n])*)?)|(id:.*)",
    r"(/(.|[\r\n])*)|(ns:[0-9]+(/.*)?)|(id:.*)",
);

/// `ReadPath` (API-192; the older one API-54).
static READ_PATH_PATTERN: Pattern = Pattern::with_older(
    r"(/(.|[\r\n])*|id:.*)|(rev:[0-9a-f]{9,})|(ns:[0-9]+(/(.|[\r\n])*)?)",
    r"(/(.|[\r\n])*|id:.*)|(rev:[0-9a-f]{9,})|(ns:[0-9]+(/.*)?)",
);

/// `PathROrId` (API-193). The older one is what a real answer printed in 2024 (API-55): it has no
/// `id:`, so ids are refused where the older patterns are chosen.
static FOLDER_PATH_PATTERN: Pattern = Pattern::with_older(
    r"(/(.|[\r\n])*)?|id:.*|(ns:[0-9]+(/(.|[\r\n])*)?)",
    r"(/(.|[\r\n])*)?|(ns:[0-9]+(/.*)?)",
);

/// `PathOrId` (API-193).
static PATH_OR_ID_PATTERN: Pattern = Pattern::with_older(
    r"/(.|[\r\n])*|id:.*|(ns:[0-9]+(/(.|[\r\n])*)?)",
    r"/(.|[\r\n])*|id:.*|(ns:[0-9]+(/.*)?)",
);

/// `Rev` (API-195, UL-27).
static REV_PATTERN: Pattern = Pattern::new("[0-9a-f]+");

/// `file_properties.TemplateId` (UL-19).
static TEMPLATE_ID_PATTERN: Pattern = Pattern::new("(/|ptid:).*");

static WRITE_PATH_TEXT: Text = Text::matching(&WRITE_PATH_PATTERN);
static WRITE_PATH_OR_ID_TEXT: Text = Text::matching(&WRITE_PATH_OR_ID_PATTERN);
static FILE_PATH_TEXT: Text = Text {
    root: Root::NoFile,
    ..Text::matching(&WRITE_PATH_OR_ID_PATTERN)
};
static READ_PATH_TEXT: Text = Text::matching(&READ_PATH_PATTERN);
static METADATA_PATH_TEXT: Text = Text {
    root: Root::Unsupported,
    ..Text::matching(&READ_PATH_PATTERN)
};
static FOLDER_PATH_TEXT: Text = Text {
    root: Root::EmptyOnly,
    ..Text::matching(&FOLDER_PATH_PATTERN)
};
static PATH_OR_ID_TEXT: Text = Text::matching(&PATH_OR_ID_PATTERN);
static REV_TEXT: Text = Text {
    minimum: Some(9),
    ..Text::matching(&REV_PATTERN)
};
static TEMPLATE_ID_TEXT: Text = Text {
    minimum: Some(1),
    ..Text::matching(&TEMPLATE_ID_PATTERN)
};
static CONTENT_HASH_TEXT: Text = Text {
    minimum: Some(64),
    maximum: Some(64),
    ..Text::ANY
};
static NOT_EMPTY_TEXT: Text = Text {
    minimum: Some(1),
    ..Text::ANY
};
static ACCOUNT_ID_TEXT: Text = Text {
    minimum: Some(40),
    maximum: Some(40),
    ..Text::ANY
};
static ANY_TEXT: Text = Text::ANY;

pub const WRITE_PATH: Type = Type::String(&WRITE_PATH_TEXT);
pub const WRITE_PATH_OR_ID: Type = Type::String(&WRITE_PATH_OR_ID_TEXT);
/// Where an upload puts a file: not at the root (API-60).
pub const FILE_PATH: Type = Type::String(&FILE_PATH_TEXT);
/// A path, id or rev to read from.
pub const READ_PATH: Type = Type::String(&READ_PATH_TEXT);
/// The same where the root folder is not an entry (API-60).
pub const METADATA_PATH: Type = Type::String(&METADATA_PATH_TEXT);
/// A folder whose entries are listed; the root is the empty text (API-59).
pub const FOLDER_PATH: Type = Type::String(&FOLDER_PATH_TEXT);
pub const PATH_OR_ID: Type = Type::String(&PATH_OR_ID_TEXT);
pub const REV: Type = Type::String(&REV_TEXT);
pub const TEMPLATE_ID: Type = Type::String(&TEMPLATE_ID_TEXT);
/// `Sha256HexHash`: 64 characters of any kind (API-154).
pub const CONTENT_HASH: Type = Type::String(&CONTENT_HASH_TEXT);
/// `dbid:…`: 40 characters of any kind (SH-133).
pub const ACCOUNT_ID: Type = Type::String(&ACCOUNT_ID_TEXT);
/// A cursor or a job id: at least one character.
pub const NOT_EMPTY: Type = Type::String(&NOT_EMPTY_TEXT);
pub const ANY: Type = Type::String(&ANY_TEXT);
