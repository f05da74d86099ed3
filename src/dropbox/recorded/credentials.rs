//! Apps and tokens as rows.

use super::{Kind, Part, Record, Rows};
use crate::dropbox::credentials::{App, Credentials, Grant, Renewal};
use crate::dropbox::ids::IdSource;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where the ids of tokens go on, and whether unknown ones are good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::dropbox) struct TokensRow {
    pub(in crate::dropbox) ids: IdSource,
    pub(in crate::dropbox) open: bool,
}

#[derive(Debug)]
pub struct CredentialsImage {
    pub(in crate::dropbox) tokens: TokensRow,
    pub(in crate::dropbox) apps: OrdMap<Arc<str>, App>,
    pub(in crate::dropbox) grants: OrdMap<Arc<str>, Grant>,
    pub(in crate::dropbox) refresh_tokens: OrdMap<Arc<str>, Renewal>,
    pub(in crate::dropbox) codes: OrdMap<Arc<str>, Renewal>,
    pub(in crate::dropbox) used_codes: OrdMap<Arc<str>, ()>,
}

impl Record for Credentials {
    type Image = CredentialsImage;

    fn image(&self) -> CredentialsImage {
        self.everything()
    }

    fn changes(
        part: Part,
        before: Option<&CredentialsImage>,
        after: &CredentialsImage,
        rows: &mut Rows,
    ) {
        macro_rules! differences {
            ($($kind:ident $field:ident),+) => {
                $(match before {
                    Some(before) => {
                        rows.differences((part, Kind::$kind), &before.$field, &after.$field);
                    }
                    None => rows.differences((part, Kind::$kind), &OrdMap::new(), &after.$field),
                })+
            };
        }
        rows.difference(
            (part, Kind::Tokens),
            before.map(|before| &before.tokens),
            &after.tokens,
        );
        differences!(
            Apps apps,
            Grants grants,
            RefreshTokens refresh_tokens,
            Codes codes,
            UsedCodes used_codes
        );
    }
}
