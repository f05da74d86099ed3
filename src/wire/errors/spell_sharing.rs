//! The unions of the routes for shared links (SH-46 to SH-55).

use super::spelled::{Spell, Spelled};
use crate::dropbox::errors::{
    GetSharedLinkFileError, ListSharedLinksError, RevokeSharedLinkError, SharedLinkError,
    SharedLinkSettingsError,
};
use crate::dropbox::shared_links::ModifySharedLinkError;
use serde_json::Value;

/// There is a link already (SH-46, SH-58); with its metadata, where they are told (SH-64).
#[derive(Clone, Debug)]
pub struct AlreadyExists(pub Option<Value>);

struct ExistingLink<'a>(&'a Value);

impl Spell for ExistingLink<'_> {
    fn spell(&self) -> Spelled {
        Spelled::tag("metadata").with("metadata", self.0.clone())
    }
}

impl Spell for AlreadyExists {
    fn spell(&self) -> Spelled {
        let tag = "shared_link_already_exists";
        match &self.0 {
            Some(metadata) => Spelled::union(tag, &ExistingLink(metadata)),
            None => Spelled::tag(tag),
        }
    }
}

/// What else `create_shared_link_with_settings` says no with.
#[derive(Clone, Copy, Debug)]
pub enum NotShared {
    Path(crate::dropbox::errors::LookupError),
    EmailNotVerified,
    Settings(SharedLinkSettingsError),
    /// What the older route says of everything but the path (SH-49).
    Other,
}

impl Spell for NotShared {
    fn spell(&self) -> Spelled {
        match self {
            Self::Path(error) => Spelled::union("path", error),
            Self::EmailNotVerified => Spelled::tag("email_not_verified"),
            Self::Settings(error) => Spelled::union("settings_error", error),
            Self::Other => Spelled::tag("other"),
        }
    }
}

impl Spell for SharedLinkSettingsError {
    fn spell(&self) -> Spelled {
        Spelled::tag(match self {
            Self::InvalidSettings => "invalid_settings",
            Self::NotAuthorized => "not_authorized",
        })
    }
}

impl Spell for SharedLinkError {
    fn spell(&self) -> Spelled {
        Spelled::tag(match self {
            Self::NotFound => "shared_link_not_found",
            Self::AccessDenied => "shared_link_access_denied",
        })
    }
}

impl Spell for GetSharedLinkFileError {
    fn spell(&self) -> Spelled {
        match self {
            Self::Link(error) => error.spell(),
            Self::IsDirectory => Spelled::tag("shared_link_is_directory"),
        }
    }
}

impl Spell for RevokeSharedLinkError {
    fn spell(&self) -> Spelled {
        match self {
            Self::Link(error) => error.spell(),
            Self::Malformed => Spelled::tag("shared_link_malformed"),
        }
    }
}

impl Spell for ModifySharedLinkError {
    fn spell(&self) -> Spelled {
        match self {
            Self::Link(error) => error.spell(),
            Self::Settings(error) => Spelled::union("settings_error", error),
            Self::EmailNotVerified => Spelled::tag("email_not_verified"),
        }
    }
}

impl Spell for ListSharedLinksError {
    fn spell(&self) -> Spelled {
        match self {
            Self::Path(error) => Spelled::union("path", error),
            Self::Reset => Spelled::tag("reset"),
        }
    }
}
