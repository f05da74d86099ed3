//! Metadata of shared links (SH-35 to SH-39).

use super::link_address;
use super::time;
use crate::dropbox::account::AccountType;
use crate::dropbox::metadata::Metadata;
use crate::dropbox::shared_links::{Audience, LinkAccess, ShownLink};
use serde_json::{Map, Value, json};

/// What stands in the permissions since 2026 and in no recording from before (SH-45, SQ-03).
const SINCE_2026: [&str; 6] = [
    "effective_audience",
    "link_access_level",
    "audience_options",
    "can_set_password",
    "can_remove_password",
    "require_password",
];

/// `SharedLinkMetadata`, the tag first (SH-35, SH-36), with everything that a dialect may show. `base` is
/// where links begin.
pub fn metadata(base: &str, shown: &ShownLink) -> Value {
    let (tag, id, name, path_lower) = match &shown.entry {
        Metadata::File(file) => ("file", &*file.id, &file.name, &file.path_lower),
        Metadata::Folder(folder) => ("folder", &*folder.id, &folder.name, &folder.path_lower),
        Metadata::Deleted(deleted) => ("folder", "", &deleted.name, &deleted.path_lower),
    };
    let mut fields = Map::new();
    let mut add = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    add(".tag", tag.into());
    add("url", link_address::print(base, shown).into());
    add("id", id.into());
    add("name", name.as_str().into());
    if let Some(expires) = shown.link.policy.expires {
        add("expires", time::print(expires).into());
    }
    if shown.is_own {
        // SH-38
        add("path_lower", path_lower.as_str().into());
    }
    add("link_permissions", permissions(shown));
    if let Metadata::File(file) = &shown.entry {
        if let Some(kind) = preview_type(&file.name) {
            add("preview_type", kind.into());
        }
        add("client_modified", time::print(file.client_modified).into());
        add("server_modified", time::print(file.server_modified).into());
        add("rev", file.rev.as_str().into());
        add("size", file.size.into());
    }
    fields.into()
}

/// `ListSharedLinksResult` (SH-75).
pub fn list(base: &str, links: &[ShownLink], next: Option<&str>) -> Value {
    let links: Vec<Value> = links.iter().map(|link| metadata(base, link)).collect();
    let mut result = json!({"links": links, "has_more": next.is_some()});
    if let Some(next) = next {
        result["cursor"] = next.into();
    }
    result
}

/// `PathLinkMetadata`, which has no tag (SH-72).
pub fn path_link(base: &str, shown: &ShownLink, path: &str) -> Value {
    let mut result = json!({
        "url": link_address::print(base, shown),
        "visibility": {".tag": visibility(shown)},
    });
    if let Some(expires) = shown.link.policy.expires {
        result["expires"] = time::print(expires).into();
    }
    result["path"] = path.into();
    result
}

/// What a dialect shows of it: the older one has the kind of a preview (SQ-02), the newer one more of the
/// permissions (SQ-03).
pub(super) fn shape(value: &mut Value, is_older: bool) {
    match value {
        Value::Object(object) => {
            if let Some(Value::Object(permissions)) = object.get_mut("link_permissions") {
                if is_older {
                    permissions.retain(|name, _| !SINCE_2026.contains(&name.as_str()));
                } else {
                    object.shift_remove("preview_type");
                }
            } else {
                object.values_mut().for_each(|value| shape(value, is_older));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|value| shape(value, is_older)),
        _ => {}
    }
}

fn visibility(shown: &ShownLink) -> &'static str {
    let policy = &shown.link.policy;
    match (policy.audience, policy.password.is_some()) {
        (Audience::Public, false) => "public",
        (Audience::Public, true) => "password",
        (Audience::Team, false) => "team_only",
        (Audience::Team, true) => "team_and_password",
        (Audience::NoOne, _) => "no_one",
    }
}

/// `LinkPermissions` (SH-39), as captured of a free account and of a team's (SH-43).
fn permissions(shown: &ShownLink) -> Value {
    let ShownLink { link, is_own, .. } = shown;
    let is_paid = shown.owner != AccountType::Basic;
    let is_team = shown.owner == AccountType::Business;
    let visibility = visibility(shown);
    let mut fields = Map::new();
    let mut add = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    add("resolved_visibility", json!({".tag": visibility}));
    // A visibility that can be asked for, and only by who made the link.
    if *is_own && matches!(visibility, "public" | "team_only" | "password") {
        add("requested_visibility", json!({".tag": visibility}));
    }
    add("can_revoke", (*is_own).into());
    if !is_own {
        add("revoke_failure_reason", json!({".tag": "owner_only"}));
    }
    let audience = |audience| match audience {
        Audience::Public => "public",
        Audience::Team => "team",
        Audience::NoOne => "no_one",
    };
    let access = match link.access {
        LinkAccess::Viewer => "viewer",
        LinkAccess::Editor => "editor",
    };
    add(
        "effective_audience",
        json!({".tag": audience(link.policy.audience)}),
    );
    add("link_access_level", json!({".tag": access}));
    let allowed = [
        ("public", true, ""),
        ("team_only", is_team, "user_not_on_team"),
        ("password", is_paid, "user_account_type"),
    ];
    let policies = allowed.map(|(name, allowed, reason)| {
        let policy = json!({"policy": {".tag": name}, "resolved_policy": {".tag": name}});
        with_reason(policy, allowed, reason)
    });
    add("visibility_policies", policies.as_slice().into());
    add("can_set_expiry", (*is_own && is_paid).into());
    add("can_remove_expiry", (*is_own).into());
    add("allow_download", link.policy.allow_download.into());
    add("can_allow_download", true.into());
    add("can_disallow_download", (*is_own && is_paid).into());
    add("allow_comments", true.into());
    add("team_restricts_comments", false.into());
    let options = [
        (Audience::Public, true),
        (Audience::Team, is_team),
        (Audience::NoOne, true),
    ];
    let options = options.map(|(of, allowed)| {
        let option = json!({"audience": {".tag": audience(of)}});
        with_reason(option, allowed, "user_not_on_team")
    });
    add("audience_options", options.as_slice().into());
    let has_password = link.policy.password.is_some();
    add("can_set_password", (*is_own && is_paid).into());
    add("can_remove_password", (*is_own && has_password).into());
    add("require_password", has_password.into());
    fields.into()
}

fn with_reason(mut option: Value, allowed: bool, reason: &str) -> Value {
    option["allowed"] = allowed.into();
    if !allowed {
        option["disallowed_reason"] = json!({".tag": reason});
    }
    option
}

/// `preview_type` by the name (SH-37). Only two values were seen; others are left out.
fn preview_type(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    match extension.to_ascii_lowercase().as_str() {
        "txt" => Some("text"),
        "doc" | "docx" => Some("doc"),
        _ => None,
    }
}
