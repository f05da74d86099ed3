use std::collections::HashMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::embedded;

/// A route of the public Dropbox API, whether the fake has it or not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DropboxRoute {
    /// As in the address after `/2/`: `files/upload_session/append_v2` (API-03).
    pub route: String,
    /// The first label of its host: `api`, `content` or `notify` (API-01).
    pub host: String,
    /// `rpc`, `upload` or `download`.
    pub style: String,
    /// Who may call it: `user`, `team`, `app`, `app, user`, `app, team` or `noauth` (API-05).
    pub auth: String,
    /// The scope that a token needs.
    pub scope: Option<String>,
    /// Whether an App-folder app may call it, where a source says so.
    pub app_folder: Option<bool>,
    /// Which kind of `Dropbox-API-Select-Admin` it takes: `team_admin` or `whole_team`.
    pub select_admin_mode: Option<String>,
    /// Whether it may change without notice, where a source says so.
    pub preview: Option<bool>,
    /// Whether it is on its way out.
    pub deprecated: bool,
    /// Where it is declared: `spec`, `sdk`.
    #[serde(rename = "in")]
    pub declared_in: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "$schema")]
    _schema: String,
    #[serde(rename = "source")]
    _source: String,
    routes: Vec<DropboxRoute>,
}

/// Every route of the public Dropbox API, by name.
pub fn dropbox_routes() -> &'static [DropboxRoute] {
    static ROUTES: OnceLock<Vec<DropboxRoute>> = OnceLock::new();
    ROUTES.get_or_init(|| {
        let document = include_str!("../../fixtures/dropbox-routes.json");
        embedded(serde_json::from_str::<Document>(document)).routes
    })
}

/// The route of this name, such as `files/upload`. `None` means that Dropbox itself answers as API-63 says.
pub fn dropbox_route(name: &str) -> Option<&'static DropboxRoute> {
    static BY_NAME: OnceLock<HashMap<&'static str, &'static DropboxRoute>> = OnceLock::new();
    BY_NAME
        .get_or_init(|| {
            dropbox_routes()
                .iter()
                .map(|route| (route.route.as_str(), route))
                .collect()
        })
        .get(name)
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mint_is_declared_as_its_rules_say() {
        let mint = dropbox_route("files/get_temporary_upload_link").unwrap();
        assert_eq!(
            (mint.host.as_str(), mint.style.as_str(), mint.auth.as_str()),
            ("api", "rpc", "user")
        );
        assert_eq!(mint.scope.as_deref(), Some("files.content.write"));
        assert_eq!(mint.app_folder, Some(true));
        assert_eq!(mint.select_admin_mode, None);
    }

    #[test]
    fn a_version_is_part_of_the_name() {
        assert!(dropbox_route("files/upload_session/append_v2").is_some());
        assert!(dropbox_route("files/upload_session/append").is_some());
        assert!(dropbox_route("files/upload_v2").is_none());
    }

    #[test]
    fn longpoll_is_on_the_notify_host_without_authentication() {
        let longpoll = dropbox_route("files/list_folder/longpoll").unwrap();
        assert_eq!(
            (longpoll.host.as_str(), longpoll.auth.as_str()),
            ("notify", "noauth")
        );
    }

    #[test]
    fn every_route_is_named_once() {
        let mut names: Vec<&str> = dropbox_routes()
            .iter()
            .map(|route| route.route.as_str())
            .collect();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(names.is_sorted());
        assert!(count > 250);
    }
}
