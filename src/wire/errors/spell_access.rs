//! The unions of 401, 403, 422 and 429.

use serde_json::json;

use super::spelled::{Spell, Spelled};
use crate::dropbox::errors::{
    AccessError, AuthError, FeaturesError, GetAccountBatchError, GetAccountError, PathRootError,
    RateLimitReason,
};

impl Spell for AuthError {
    fn spell(&self) -> Spelled {
        match self {
            Self::InvalidAccessToken => Spelled::tag("invalid_access_token"),
            Self::InvalidSelectUser => Spelled::tag("invalid_select_user"),
            Self::InvalidSelectAdmin => Spelled::tag("invalid_select_admin"),
            Self::UserSuspended => Spelled::tag("user_suspended"),
            Self::ExpiredAccessToken => Spelled::tag("expired_access_token"),
            Self::MissingScope { required_scope } => {
                Spelled::tag("missing_scope").with("required_scope", required_scope.as_str())
            }
            Self::RouteAccessDenied => Spelled::tag("route_access_denied"),
        }
    }
}

/// A union whose members have no values.
struct Tag(&'static str);

impl Spell for Tag {
    fn spell(&self) -> Spelled {
        Spelled::tag(self.0)
    }
}

impl Spell for GetAccountError {
    fn spell(&self) -> Spelled {
        let Self::NoAccount = self;
        Spelled::tag("no_account")
    }
}

impl Spell for GetAccountBatchError {
    fn spell(&self) -> Spelled {
        let Self::NoAccount(id) = self;
        Spelled::tag("no_account").with("no_account", id.as_str())
    }
}

impl Spell for FeaturesError {
    fn spell(&self) -> Spelled {
        let Self::EmptyFeaturesList = self;
        Spelled::tag("empty_features_list")
    }
}

impl Spell for AccessError {
    fn spell(&self) -> Spelled {
        match self {
            Self::InvalidAccountTypeEndpoint => {
                Spelled::union("invalid_account_type", &Tag("endpoint"))
            }
            Self::InvalidAccountTypeFeature => {
                Spelled::union("invalid_account_type", &Tag("feature"))
            }
            Self::PaperAccessDenied => {
                Spelled::union("paper_access_denied", &Tag("paper_disabled"))
            }
            Self::TeamAccessDenied => Spelled::tag("team_access_denied"),
            Self::NoPermission => Spelled::union("no_permission", &Tag("other")),
        }
    }
}

impl Spell for PathRootError {
    /// The summary names the union's tag only: the value of `invalid_root` is a struct with
    /// subtypes (API-112).
    fn spell(&self) -> Spelled {
        match self {
            Self::InvalidRoot {
                root_namespace_id,
                home_namespace_id,
            } => Spelled::tag("invalid_root").with(
                "invalid_root",
                json!({
                    ".tag": "user",
                    "root_namespace_id": root_namespace_id.to_string(),
                    "home_namespace_id": home_namespace_id.to_string(),
                }),
            ),
            Self::NoPermission => Spelled::tag("no_permission"),
        }
    }
}

impl Spell for RateLimitReason {
    fn spell(&self) -> Spelled {
        match self {
            Self::TooManyRequests => Spelled::tag("too_many_requests"),
            Self::TooManyWriteOperations => Spelled::tag("too_many_write_operations"),
        }
    }
}
