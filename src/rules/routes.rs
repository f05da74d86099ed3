use std::collections::{BTreeSet, HashMap};
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

/// Scopes that no route asks for: one (API-282), and those of `OpenID` Connect.
const OF_NO_ROUTE: [&str; 4] = ["contacts.read", "email", "openid", "profile"];

/// A scope that no route of Dropbox asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("No scope is called {scope:?}; there are {}", .known.join(", "))]
pub struct UnknownScope {
    pub(crate) scope: String,
    known: Vec<&'static str>,
}

/// Refuses scopes that no route of Dropbox asks for: a misspelled one would give nothing.
pub fn check_scopes(scopes: Option<&BTreeSet<String>>) -> Result<(), UnknownScope> {
    let of_routes = dropbox_routes()
        .iter()
        .filter_map(|route| route.scope.as_deref());
    let known: BTreeSet<&str> = of_routes.chain(OF_NO_ROUTE).collect();
    let mut wanted = scopes.into_iter().flatten();
    match wanted.find(|scope| !known.contains(scope.as_str())) {
        None => Ok(()),
        Some(scope) => Err(UnknownScope {
            scope: scope.clone(),
            known: known.into_iter().collect(),
        }),
    }
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
    fn a_misspelled_scope_is_refused_with_those_there_are() {
        let scopes = |name: &str| Some(BTreeSet::from([name.to_owned()]));
        assert_eq!(check_scopes(None), Ok(()));
        for good in ["files.content.write", "sharing.read", "openid"] {
            assert_eq!(check_scopes(scopes(good).as_ref()), Ok(()), "{good}");
        }
        let refused = check_scopes(scopes("files.write").as_ref()).expect_err("no such scope");
        let text = refused.to_string();
        assert!(
            text.contains("\"files.write\"; there are account_info.read, "),
            "{text}"
        );
    }

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
