//! The one table of what is served: each route with everything that is declared of it (API-05).
//!
//! A row names the function that answers the route, too. Only `server/routes/` reads that column, and
//! gives it a meaning; so nothing here knows the server.

use super::arguments::Argument as _;
use super::arguments::accounts::{Echo, GetAccount, GetAccountBatch, GetFeatures, Void};
use super::arguments::batches::{CreateFolderBatch, DeleteBatch, Poll, RelocationBatch};
use super::arguments::commit::{GetTemporaryUploadLink, Upload};
use super::arguments::entries::{
    CreateFolder, Delete, Download, GetMetadata, GetTemporaryLink, ListRevisions, Relocation,
    Restore,
};
use super::arguments::folders::{ListFolder, ListFolderContinue, ListFolderLongpoll};
use super::arguments::search::{OlderSearch, SearchContinue};
use super::arguments::sessions::{
    UploadSessionAppend, UploadSessionCursor, UploadSessionFinish, UploadSessionFinishBatch,
    UploadSessionStart, UploadSessionStartBatch,
};
use super::arguments::sharing::{
    CreateSharedLink, CreateSharedLinkWithSettings, GetSharedLink, ListSharedLinks,
    ModifySharedLinkSettings, RevokeSharedLink,
};
use super::errors::bad_input::Style;
use super::headers;
use super::schema::Type;
use crate::dropbox::search::Search;
use crate::rules::dropbox_route;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which of Dropbox's hosts a request is for (API-01).
///
/// ```
/// use fake_dropbox::{Fault, HostKind};
///
/// assert!(Fault::head().host(HostKind::Content).close().check().is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HostKind {
    /// `api.dropboxapi.com`.
    Api,
    /// `content.dropboxapi.com`, upload links included.
    Content,
    /// `notify.dropboxapi.com`.
    Notify,
    /// `www.dropbox.com`.
    Www,
    /// `….dl.dropboxusercontent.com`: the temporary links for downloads.
    Download,
}

impl HostKind {
    /// The name of the host; of downloads the domain.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "api.dropboxapi.com",
            Self::Content => "content.dropboxapi.com",
            Self::Notify => "notify.dropboxapi.com",
            Self::Www => "www.dropbox.com",
            Self::Download => "dl.dropboxusercontent.com",
        }
    }

    /// The part of Dropbox that a host name without a port means; the older names, too (API-04). None
    /// where the name is not one of Dropbox's, so that everything is there.
    pub fn named(host: &str) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        let is_below = |domain| {
            let rest = host.strip_suffix(domain);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        match host.as_str() {
            "api.dropboxapi.com" | "api.dropbox.com" => Some(Self::Api),
            "content.dropboxapi.com" | "api-content.dropbox.com" => Some(Self::Content),
            "notify.dropboxapi.com" | "api-notify.dropbox.com" => Some(Self::Notify),
            _ if is_below("dropboxusercontent.com") => Some(Self::Download),
            _ if is_below("dropbox.com") || is_below("dropboxapi.com") => Some(Self::Www),
            _ => None,
        }
    }
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// A user, by a bearer token.
    User,
    /// An app, by its key and secret (API-114).
    App,
    /// Either of the two (SH-16).
    AppOrUser,
    /// Everybody.
    Nobody,
}

/// A route, with what the specification declares of it (API-05).
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// Its name without `/2/` (API-03); or that of one of the [`ENDPOINTS`].
    pub name: &'static str,
    pub style: Style,
    /// Where it is served.
    pub host: HostKind,
    pub auth: Auth,
    /// The scope that the token needs.
    pub scope: Option<&'static str>,
    /// The type of its argument.
    pub argument: Type,
    /// It changes something, so there is a moment before and one after.
    pub commits: bool,
    /// A request has a body that streams in.
    pub has_body: bool,
    /// Its request names a path, or is for a link that does.
    pub has_path: bool,
    /// One step of it can go through everything in a folder.
    pub takes_a_folder: bool,
}

const WRITE: Option<&str> = Some("files.content.write");
const READ: Option<&str> = Some("files.content.read");
const METADATA: Option<&str> = Some("files.metadata.read");
const ACCOUNT: Option<&str> = Some("account_info.read");
const SHARE: Option<&str> = Some("sharing.write");
const SHARED: Option<&str> = Some("sharing.read");
const PERMANENTLY: Option<&str> = Some("files.permanent_delete");
const NONE: Option<&str> = None;

/// A route of the api host that changes nothing.
const fn reads(name: &'static str, scope: Option<&'static str>, argument: Type) -> Route {
    Route {
        name,
        style: Style::Rpc,
        host: HostKind::Api,
        auth: Auth::User,
        scope,
        argument,
        commits: false,
        has_body: false,
        has_path: false,
        takes_a_folder: false,
    }
}

/// A route of the api host that changes something.
const fn changes(name: &'static str, scope: Option<&'static str>, argument: Type) -> Route {
    Route {
        commits: true,
        ..reads(name, scope, argument)
    }
}

/// A route of the content host that takes content.
const fn uploads(name: &'static str, argument: Type) -> Route {
    Route {
        host: HostKind::Content,
        has_body: true,
        ..changes(name, WRITE, argument)
    }
}

impl Route {
    const fn at(self, host: HostKind) -> Self {
        Self { host, ..self }
    }

    const fn by(self, auth: Auth) -> Self {
        Self { auth, ..self }
    }

    const fn with_path(self) -> Self {
        Self {
            has_path: true,
            ..self
        }
    }

    const fn of_a_folder(self) -> Self {
        Self {
            takes_a_folder: true,
            ..self
        }
    }

    /// Which headers its answers have in common.
    pub fn headers(&self) -> headers::Host {
        match (self.name, self.host) {
            (UPLOAD_LINK, _) => headers::Host::Link,
            (AUTHORIZE, _) => headers::Host::Page,
            (TOKEN, _) => headers::Host::OAuth,
            (_, HostKind::Content | HostKind::Download) => headers::Host::Content,
            (_, HostKind::Notify) => headers::Host::Notify,
            (_, HostKind::Api | HostKind::Www) => headers::Host::Api,
        }
    }
}

/// The rows, in the order of their names: `style(function), what is declared of the route`. The macro
/// `$row` says what is made of each.
macro_rules! table {
    ($row:ident) => {
        &[
            $row!(Rpc(account::revoke), changes("auth/token/revoke", NONE, Void::TYPE)),
            $row!(Rpc(account::check), reads("check/app", NONE, Echo::TYPE).by(Auth::App)),
            $row!(Rpc(account::check), reads("check/user", ACCOUNT, Echo::TYPE)),
            $row!(Rpc(entries::copy), changes("files/copy", WRITE, Relocation::TYPE).with_path().of_a_folder()),
            $row!(Rpc(batches::copy_batch), changes("files/copy_batch", WRITE, RelocationBatch::OLDER).with_path().of_a_folder()),
            $row!(Rpc(batches::check_copy_batch), reads("files/copy_batch/check", WRITE, Poll::TYPE)),
            $row!(Rpc(batches::check_copy_batch_v2), reads("files/copy_batch/check_v2", WRITE, Poll::TYPE)),
            $row!(Rpc(batches::copy_batch_v2), changes("files/copy_batch_v2", WRITE, RelocationBatch::TYPE).with_path().of_a_folder()),
            $row!(Rpc(entries::copy_v2), changes("files/copy_v2", WRITE, Relocation::TYPE).with_path().of_a_folder()),
            $row!(Rpc(folders::create_folder), changes("files/create_folder", WRITE, CreateFolder::TYPE).with_path()),
            $row!(Rpc(batches::create_folder_batch), changes("files/create_folder_batch", WRITE, CreateFolderBatch::TYPE).with_path().of_a_folder()),
            $row!(Rpc(batches::check_create_folder_batch), reads("files/create_folder_batch/check", WRITE, Poll::TYPE)),
            $row!(Rpc(folders::create_folder_v2), changes("files/create_folder_v2", WRITE, CreateFolder::TYPE).with_path()),
            $row!(Rpc(entries::delete), changes("files/delete", WRITE, Delete::TYPE).with_path().of_a_folder()),
            $row!(Rpc(batches::delete_batch), changes("files/delete_batch", WRITE, DeleteBatch::TYPE).with_path().of_a_folder()),
            $row!(Rpc(batches::check_delete_batch), reads("files/delete_batch/check", WRITE, Poll::TYPE)),
            $row!(Rpc(entries::delete_v2), changes("files/delete_v2", WRITE, Delete::TYPE).with_path().of_a_folder()),
            $row!(Download(entries::download), reads("files/download", READ, Download::TYPE).at(HostKind::Content).with_path()),
            $row!(Rpc(entries::get_metadata), reads("files/get_metadata", METADATA, GetMetadata::TYPE).with_path()),
            $row!(Rpc(entries::get_temporary_link), changes("files/get_temporary_link", READ, GetTemporaryLink::TYPE).with_path()),
            // UL-02, UL-03, UL-04, API-214; for apps with an app folder as well (UL-05), as all routes here.
            $row!(Rpc(uploads::get_temporary_upload_link), changes(MINT, WRITE, GetTemporaryUploadLink::TYPE).with_path()),
            $row!(Rpc(folders::list_folder), reads("files/list_folder", METADATA, ListFolder::TYPE).with_path()),
            $row!(Rpc(folders::list_folder_continue), reads("files/list_folder/continue", METADATA, ListFolderContinue::TYPE)),
            $row!(Rpc(folders::get_latest_cursor), reads("files/list_folder/get_latest_cursor", METADATA, ListFolder::TYPE).with_path()),
            $row!(Longpoll(), reads("files/list_folder/longpoll", NONE, ListFolderLongpoll::TYPE).at(HostKind::Notify).by(Auth::Nobody)),
            $row!(Rpc(entries::list_revisions), reads("files/list_revisions", METADATA, ListRevisions::TYPE).with_path()),
            $row!(Rpc(entries::move_), changes("files/move", WRITE, Relocation::TYPE).with_path().of_a_folder()),
            $row!(Rpc(batches::move_batch), changes("files/move_batch", WRITE, RelocationBatch::OLDER).with_path().of_a_folder()),
            $row!(Rpc(batches::check_move_batch), reads("files/move_batch/check", WRITE, Poll::TYPE)),
            $row!(Rpc(batches::check_move_batch_v2), reads("files/move_batch/check_v2", WRITE, Poll::TYPE)),
            $row!(Rpc(batches::move_batch_v2), changes("files/move_batch_v2", WRITE, RelocationBatch::MOVE).with_path().of_a_folder()),
            $row!(Rpc(entries::move_v2), changes("files/move_v2", WRITE, Relocation::TYPE).with_path().of_a_folder()),
            $row!(Rpc(entries::permanently_delete), reads("files/permanently_delete", PERMANENTLY, Delete::TYPE).with_path()),
            $row!(Rpc(entries::restore), changes("files/restore", WRITE, Restore::TYPE).with_path()),
            $row!(Rpc(search::search), reads("files/search", METADATA, OlderSearch::TYPE).with_path().of_a_folder()),
            $row!(Rpc(search::continue_v2), reads("files/search/continue_v2", METADATA, SearchContinue::TYPE).of_a_folder()),
            $row!(Rpc(search::search_v2), reads("files/search_v2", METADATA, Search::TYPE).with_path().of_a_folder()),
            $row!(Upload(uploads::upload), uploads("files/upload", Upload::TYPE).with_path()),
            $row!(Upload(sessions::append), uploads("files/upload_session/append", UploadSessionCursor::TYPE)),
            $row!(Upload(sessions::append_v2), uploads("files/upload_session/append_v2", UploadSessionAppend::TYPE)),
            $row!(Upload(sessions::finish), uploads("files/upload_session/finish", UploadSessionFinish::TYPE).with_path()),
            $row!(Rpc(sessions::finish_batch), changes("files/upload_session/finish_batch", WRITE, UploadSessionFinishBatch::TYPE).with_path()),
            $row!(Rpc(batches::check_finish_batch), reads("files/upload_session/finish_batch/check", WRITE, Poll::TYPE)),
            $row!(Rpc(sessions::finish_batch_v2), changes("files/upload_session/finish_batch_v2", WRITE, UploadSessionFinishBatch::TYPE).with_path()),
            $row!(Upload(sessions::start), uploads("files/upload_session/start", UploadSessionStart::TYPE)),
            $row!(Rpc(sessions::start_batch), changes("files/upload_session/start_batch", WRITE, UploadSessionStartBatch::TYPE)),
            $row!(Rpc(sharing::create_shared_link), changes("sharing/create_shared_link", SHARE, CreateSharedLink::TYPE).with_path()),
            $row!(Rpc(sharing::create_shared_link_with_settings), changes("sharing/create_shared_link_with_settings", SHARE, CreateSharedLinkWithSettings::TYPE).with_path()),
            $row!(Download(sharing::get_shared_link_file), reads("sharing/get_shared_link_file", SHARED, GetSharedLink::TYPE).at(HostKind::Content).by(Auth::AppOrUser)),
            $row!(Rpc(sharing::get_shared_link_metadata), reads("sharing/get_shared_link_metadata", SHARED, GetSharedLink::TYPE).by(Auth::AppOrUser)),
            $row!(Rpc(sharing::list_shared_links), reads("sharing/list_shared_links", SHARED, ListSharedLinks::TYPE).with_path()),
            $row!(Rpc(sharing::modify_shared_link_settings), changes("sharing/modify_shared_link_settings", SHARE, ModifySharedLinkSettings::TYPE)),
            $row!(Rpc(sharing::revoke_shared_link), changes("sharing/revoke_shared_link", SHARE, RevokeSharedLink::TYPE)),
            $row!(Rpc(account::get_features), reads("users/features/get_values", ACCOUNT, GetFeatures::TYPE)),
            $row!(Rpc(account::get_account), reads("users/get_account", SHARED, GetAccount::TYPE)),
            $row!(Rpc(account::get_account_batch), reads("users/get_account_batch", SHARED, GetAccountBatch::TYPE)),
            $row!(Rpc(account::get_current_account), reads("users/get_current_account", ACCOUNT, Void::TYPE)),
            $row!(Rpc(account::get_space_usage), reads("users/get_space_usage", ACCOUNT, Void::TYPE)),
        ]
    };
}
pub(crate) use table;

macro_rules! declared {
    (Longpoll(), $route:expr) => {
        $route
    };
    ($style:ident($function:path), $route:expr) => {
        Route {
            style: Style::$style,
            ..$route
        }
    };
}

/// Every route below `/2/` (API-213 to API-229), in the order of their names.
pub static ROUTES: &[Route] = table!(declared);

/// The route that mints upload links.
pub const MINT: &str = "files/get_temporary_upload_link";
/// What the journal and fault rules call an upload through a link.
pub const UPLOAD_LINK: &str = "upload_link";
/// What they call the GET of a temporary link.
pub const DOWNLOAD_LINK: &str = "download_link";
/// What they call a visit to a shared link, and to where it redirects.
pub const SHARED_LINK: &str = "shared_link";
/// What they call the page on which a user lets an app in.
pub const AUTHORIZE: &str = "oauth2/authorize";
/// What they call the endpoint that gives access tokens.
pub const TOKEN: &str = "oauth2/token";

/// What is served elsewhere than below `/2/`, and has no JSON argument.
pub static ENDPOINTS: &[Route] = &[
    reads(DOWNLOAD_LINK, NONE, Void::TYPE)
        .at(HostKind::Download)
        .by(Auth::Nobody)
        .with_path(),
    changes(AUTHORIZE, NONE, Void::TYPE)
        .at(HostKind::Www)
        .by(Auth::Nobody),
    changes(TOKEN, NONE, Void::TYPE).by(Auth::App),
    reads(SHARED_LINK, NONE, Void::TYPE)
        .at(HostKind::Www)
        .by(Auth::Nobody)
        .with_path(),
    uploads(UPLOAD_LINK, Void::TYPE)
        .by(Auth::Nobody)
        .with_path(),
];

/// Every scope of the routes that are served, by name: what a token has that may do everything.
pub fn scopes() -> BTreeSet<&'static str> {
    ROUTES.iter().filter_map(|route| route.scope).collect()
}

/// Everything that a rule or a question about the journal can name.
pub fn all() -> impl Iterator<Item = &'static Route> + Clone {
    ROUTES.iter().chain(ENDPOINTS)
}

/// The place in [`ROUTES`] of the route with this name.
pub fn position(name: &str) -> Option<usize> {
    ROUTES.binary_search_by(|route| route.name.cmp(name)).ok()
}

/// The route or the endpoint with this name.
pub fn find(name: &str) -> Option<&'static Route> {
    let endpoint = || ENDPOINTS.iter().find(|route| route.name == name);
    position(name).map(|index| &ROUTES[index]).or_else(endpoint)
}

/// A route of Dropbox that is not served here, by its name.
pub fn not_faked(name: &str) -> Option<&'static str> {
    let known = dropbox_route(name).filter(|_| position(name).is_none());
    known.map(|route| route.route.as_str())
}

/// The host that serves a route; the api host where nobody has found the route.
pub fn host(route: Option<&str>) -> HostKind {
    let route = route.and_then(find);
    route.map_or(HostKind::Api, |route| route.host)
}

/// The type of the argument of a route.
pub fn argument_type(route: &str) -> Option<Type> {
    position(route).map(|index| ROUTES[index].argument)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_routes_stand_in_order_and_once() {
        assert!(ROUTES.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(ENDPOINTS.iter().all(|route| position(route.name).is_none()));
    }

    #[test]
    fn every_route_is_one_of_dropboxs() {
        for route in ROUTES {
            assert!(dropbox_route(route.name).is_some(), "{}", route.name);
        }
    }

    #[test]
    fn a_host_name_means_a_part_of_dropbox() {
        for (host, wanted) in [
            ("API.dropboxapi.com", Some(HostKind::Api)),
            ("api.dropbox.com", Some(HostKind::Api)),
            ("api-content.dropbox.com", Some(HostKind::Content)),
            ("notify.dropboxapi.com", Some(HostKind::Notify)),
            ("uc1.dl.dropboxusercontent.com", Some(HostKind::Download)),
            ("dropbox.com", Some(HostKind::Www)),
            ("evildropbox.com", None),
            ("localhost", None),
        ] {
            assert_eq!(HostKind::named(host), wanted, "{host}");
        }
    }
}
