//! Arguments about shared links (SH-17 to SH-28).

use super::extract::{Argument, Fields};
use super::patterns::{ANY, METADATA_PATH, READ_PATH};
use crate::dropbox::shared_links::{
    Audience, LinkSettings, RequestedAccess, RequestedAudience, RequestedVisibility,
};
use crate::wire::schema::{Field, Member, Pattern, Struct, Text, Type, Union};
use crate::wire::value::Decoded;

/// `sharing/create_shared_link_with_settings`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateSharedLinkWithSettings {
    pub path: String,
    pub settings: LinkSettings,
}

/// `sharing/create_shared_link`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateSharedLink {
    pub path: String,
}

/// `sharing/list_shared_links` (SH-20).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSharedLinks {
    pub path: Option<String>,
    pub cursor: Option<String>,
    /// Without the links of the folders above.
    pub direct_only: bool,
}

/// `sharing/get_shared_link_metadata` and `sharing/get_shared_link_file` (SH-21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetSharedLink {
    pub url: String,
    /// A path in the folder of the link.
    pub path: Option<String>,
    pub link_password: Option<String>,
}

/// `sharing/modify_shared_link_settings` (SH-22).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModifySharedLinkSettings {
    pub url: String,
    pub settings: LinkSettings,
    pub remove_expiration: bool,
}

/// `sharing/revoke_shared_link` (SH-23).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokeSharedLink {
    pub url: String,
}

static LINK_AUDIENCE: Union = Union {
    name: "LinkAudience",
    members: &[
        Member::void("public"),
        Member::void("team"),
        Member::void("no_one"),
        Member::void("password"),
        Member::void("members"),
        Member::void("other"),
    ],
    catch_all: Some("other"),
};

static ACCESS: Union = Union {
    name: "RequestedLinkAccessLevel",
    members: &[
        Member::void("viewer"),
        Member::void("editor"),
        Member::void("max"),
        Member::void("default"),
        Member::void("other"),
    ],
    catch_all: Some("other"),
};

static VISIBILITY: Union = Union {
    name: "RequestedVisibility",
    members: &[
        Member::void("public"),
        Member::void("team_only"),
        Member::void("password"),
    ],
    catch_all: None,
};

static PENDING_UPLOAD: Union = Union {
    name: "PendingUploadMode",
    members: &[Member::void("file"), Member::void("folder")],
    catch_all: None,
};

static SETTINGS: Struct = Struct {
    name: "SharedLinkSettings",
    fields: &[
        Field::nullable("require_password", Type::Boolean),
        Field::nullable("link_password", ANY),
        Field::nullable("expires", Type::Timestamp),
        Field::nullable("audience", Type::Union(&LINK_AUDIENCE)),
        Field::nullable("access", Type::Union(&ACCESS)),
        Field::nullable("requested_visibility", Type::Union(&VISIBILITY)),
        Field::nullable("allow_download", Type::Boolean),
    ],
};

static CREATE_WITH_SETTINGS: Struct = Struct {
    name: "CreateSharedLinkWithSettingsArg",
    fields: &[
        // The root is refused as by get_metadata (SQ-01).
        Field::required("path", METADATA_PATH),
        Field::nullable("settings", Type::Struct(&SETTINGS)),
    ],
};

static CREATE: Struct = Struct {
    name: "CreateSharedLinkArg",
    fields: &[
        Field::required("path", ANY),
        Field::flag("short_url", false).unused(),
        Field::nullable("pending_upload", Type::Union(&PENDING_UPLOAD)).unused(),
    ],
};

static LIST: Struct = Struct {
    name: "ListSharedLinksArg",
    fields: &[
        Field::nullable("path", READ_PATH),
        Field::nullable("cursor", ANY),
        Field::nullable("direct_only", Type::Boolean),
    ],
};

static INNER_PATH_PATTERN: Pattern = Pattern::new(r"/(.|[\r\n])*");
static INNER_PATH: Text = Text::matching(&INNER_PATH_PATTERN);

static GET: Struct = Struct {
    name: "GetSharedLinkMetadataArg",
    fields: &[
        Field::required("url", ANY),
        Field::nullable("path", Type::String(&INNER_PATH)),
        Field::nullable("link_password", ANY),
    ],
};

static MODIFY: Struct = Struct {
    name: "ModifySharedLinkSettingsArgs",
    fields: &[
        Field::required("url", ANY),
        Field::required("settings", Type::Struct(&SETTINGS)),
        Field::flag("remove_expiration", false),
    ],
};

static REVOKE: Struct = Struct {
    name: "RevokeSharedLinkArg",
    fields: &[Field::required("url", ANY)],
};

fn settings(value: Decoded) -> LinkSettings {
    if matches!(value, Decoded::Null) {
        return LinkSettings::default();
    }
    let mut fields = Fields::of(value);
    LinkSettings {
        require_password: fields.optional_flag("require_password"),
        link_password: fields.optional_text("link_password"),
        expires: fields.optional_moment("expires"),
        audience: fields.optional_union("audience").map(|(tag, _)| match tag {
            "public" => RequestedAudience::Of(Audience::Public),
            "team" => RequestedAudience::Of(Audience::Team),
            "no_one" => RequestedAudience::Of(Audience::NoOne),
            "password" => RequestedAudience::Password,
            _ => RequestedAudience::Other,
        }),
        access: fields.optional_union("access").map(|(tag, _)| match tag {
            "viewer" => RequestedAccess::Viewer,
            "editor" => RequestedAccess::Editor,
            "max" => RequestedAccess::Max,
            _ => RequestedAccess::Default,
        }),
        requested_visibility: fields.optional_union("requested_visibility").map(
            |(tag, _)| match tag {
                "team_only" => RequestedVisibility::TeamOnly,
                "password" => RequestedVisibility::Password,
                _ => RequestedVisibility::Public,
            },
        ),
        allow_download: fields.optional_flag("allow_download"),
    }
}

impl Argument for CreateSharedLinkWithSettings {
    const TYPE: Type = Type::Struct(&CREATE_WITH_SETTINGS);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            path: fields.text("path"),
            settings: settings(fields.take("settings")),
        }
    }
}

impl Argument for CreateSharedLink {
    const TYPE: Type = Type::Struct(&CREATE);

    fn extract(value: Decoded) -> Self {
        Self {
            path: Fields::of(value).text("path"),
        }
    }
}

impl Argument for ListSharedLinks {
    const TYPE: Type = Type::Struct(&LIST);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            path: fields.optional_text("path"),
            cursor: fields.optional_text("cursor"),
            direct_only: fields.flag("direct_only"),
        }
    }
}

impl Argument for GetSharedLink {
    const TYPE: Type = Type::Struct(&GET);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            url: fields.text("url"),
            path: fields.optional_text("path"),
            link_password: fields.optional_text("link_password"),
        }
    }
}

impl Argument for ModifySharedLinkSettings {
    const TYPE: Type = Type::Struct(&MODIFY);

    fn extract(value: Decoded) -> Self {
        let mut fields = Fields::of(value);
        Self {
            url: fields.text("url"),
            settings: settings(fields.take("settings")),
            remove_expiration: fields.flag("remove_expiration"),
        }
    }
}

impl Argument for RevokeSharedLink {
    const TYPE: Type = Type::Struct(&REVOKE);

    fn extract(value: Decoded) -> Self {
        Self {
            url: Fields::of(value).text("url"),
        }
    }
}
