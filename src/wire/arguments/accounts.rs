//! Arguments that are not about files.

use super::extract::{Argument, Fields};
use super::patterns::ACCOUNT_ID;
use crate::wire::schema::{Field, List, Literal, Member, Struct, Text, Type, Union};
use crate::wire::value::Decoded;

/// `check/user` and `check/app` (API-226, API-227).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Echo {
    /// What comes back, at most 500 characters.
    pub query: String,
}

/// No argument: `users/get_current_account`, `users/get_space_usage`, `auth/token/revoke`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Void;

/// `users/get_account` (SH-133).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetAccount {
    pub account_id: String,
}

/// `users/get_account_batch` (SH-133).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetAccountBatch {
    /// At least one.
    pub account_ids: Vec<String>,
}

/// `users/features/get_values` (SH-136).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetFeatures {
    /// Their tags.
    pub features: Vec<&'static str>,
}

static GET_ACCOUNT: Struct = Struct {
    name: "GetAccountArg",
    fields: &[Field::required("account_id", ACCOUNT_ID)],
};

static ACCOUNT_IDS: List = List {
    item: ACCOUNT_ID,
    minimum: Some(1),
    maximum: None,
};

static GET_ACCOUNT_BATCH: Struct = Struct {
    name: "GetAccountBatchArg",
    fields: &[Field::required("account_ids", Type::List(&ACCOUNT_IDS))],
};

static FEATURE: Union = Union {
    name: "UserFeature",
    members: &[
        Member::void("paper_as_files"),
        Member::void("file_locking"),
        Member::void("team_shared_dropbox"),
        Member::void("distinct_member_home"),
        Member::void("other"),
    ],
    catch_all: Some("other"),
};

static FEATURES: List = List {
    item: Type::Union(&FEATURE),
    minimum: None,
    maximum: None,
};

static GET_FEATURES: Struct = Struct {
    name: "UserFeaturesGetValuesBatchArg",
    fields: &[Field::required("features", Type::List(&FEATURES))],
};

static QUERY: Text = Text {
    maximum: Some(500),
    ..Text::ANY
};

static ECHO: Struct = Struct {
    name: "EchoArg",
    fields: &[Field::default(
        "query",
        Type::String(&QUERY),
        Literal::Text(""),
    )],
};

impl Argument for Echo {
    const TYPE: Type = Type::Struct(&ECHO);

    fn extract(value: Decoded) -> Self {
        Self {
            query: Fields::of(value).text("query"),
        }
    }
}

impl Argument for GetAccount {
    const TYPE: Type = Type::Struct(&GET_ACCOUNT);

    fn extract(value: Decoded) -> Self {
        Self {
            account_id: Fields::of(value).text("account_id"),
        }
    }
}

impl Argument for GetAccountBatch {
    const TYPE: Type = Type::Struct(&GET_ACCOUNT_BATCH);

    fn extract(value: Decoded) -> Self {
        let ids = Fields::of(value).list("account_ids").into_iter();
        Self {
            account_ids: ids
                .filter_map(|id| match id {
                    Decoded::Text(id) => Some(id),
                    _ => None,
                })
                .collect(),
        }
    }
}

impl Argument for GetFeatures {
    const TYPE: Type = Type::Struct(&GET_FEATURES);

    fn extract(value: Decoded) -> Self {
        let features = Fields::of(value).list("features").into_iter();
        Self {
            features: features
                .filter_map(|feature| match feature {
                    Decoded::Union { tag, .. } => Some(tag),
                    _ => None,
                })
                .collect(),
        }
    }
}

impl Argument for Void {
    const TYPE: Type = Type::Void;

    fn extract(_: Decoded) -> Self {
        Self
    }
}
