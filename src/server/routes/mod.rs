//! The table of the routes. Adding a route means adding a row and a function.

mod account;
mod call;
mod entries;
mod folders;
mod sessions;
mod uploads;

use crate::dropbox::content_hash::ContentHasher;
use crate::dropbox::tree::File;
use crate::server::http::problem::Problem;
use crate::wire::arguments::argument_type;
use crate::wire::errors::bad_input::Style;
use crate::wire::schema::Type;
use serde_json::Value;

pub use call::{Call, Incoming};

/// What a route of the RPC style says.
pub type Reply = Result<Value, Problem>;

/// What a route of the upload style does once all its bytes are there.
pub type WhenReceived = Box<dyn FnOnce(&mut Call<'_>, Incoming) -> Reply + Send>;

#[derive(Clone, Copy, Debug)]
pub enum Handler {
    /// The argument is the body, the result too.
    Rpc(fn(&mut Call<'_>) -> Reply),
    /// The argument is in a header, the body is content. The function looks at the argument
    /// before the body is taken: it gives the hasher that the bytes go on with, and what to do
    /// with them.
    Upload(fn(&mut Call<'_>) -> Result<(ContentHasher, WhenReceived), Problem>),
    /// The argument is in a header, the answer is content.
    Download(fn(&mut Call<'_>) -> Result<(Value, File), Problem>),
    /// `list_folder/longpoll`: the argument is the body, the answer comes later.
    Longpoll,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// A user, by a bearer token.
    User,
    /// An app, by its key and secret (API-114).
    App,
    Nobody,
}

/// Where a route lives (API-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteHost {
    /// `api.dropboxapi.com`.
    Api,
    /// `content.dropboxapi.com`.
    Content,
    /// `notify.dropboxapi.com`.
    Notify,
}

impl RouteHost {
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api.dropboxapi.com",
            Self::Content => "content.dropboxapi.com",
            Self::Notify => "notify.dropboxapi.com",
        }
    }
}

/// A route, with what the specification declares of it (API-05).
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its name, without `/2/` (API-03).
    pub name: &'static str,
    pub host: RouteHost,
    pub auth: Auth,
    /// The scope that the token needs.
    pub scope: Option<&'static str>,
    pub handler: Handler,
}

impl Row {
    pub fn argument(&self) -> Type {
        argument_type(self.name).expect("a test holds the table against the arguments")
    }

    /// Its style, as the texts of the 400s know it.
    pub fn style(&self) -> Style {
        match self.handler {
            Handler::Rpc(_) | Handler::Longpoll => Style::Rpc,
            Handler::Upload(_) => Style::Upload,
            Handler::Download(_) => Style::Download,
        }
    }
}

const WRITE: &str = "files.content.write";
const READ: &str = "files.content.read";
const METADATA: &str = "files.metadata.read";
const ACCOUNT: &str = "account_info.read";

const fn rpc(name: &'static str, scope: &'static str, handler: fn(&mut Call<'_>) -> Reply) -> Row {
    Row {
        name,
        host: RouteHost::Api,
        auth: Auth::User,
        scope: Some(scope),
        handler: Handler::Rpc(handler),
    }
}

const fn content(name: &'static str, scope: &'static str, handler: Handler) -> Row {
    Row {
        name,
        host: RouteHost::Content,
        auth: Auth::User,
        scope: Some(scope),
        handler,
    }
}

/// The route that mints upload links.
pub const MINT: &str = "files/get_temporary_upload_link";

/// Every route (API-213 to API-229).
pub static ROUTES: &[Row] = &[
    // UL-02, UL-03, UL-04, API-214; for apps with an app folder as well (UL-05), as all routes here.
    rpc(MINT, WRITE, uploads::get_temporary_upload_link),
    content("files/upload", WRITE, Handler::Upload(uploads::upload)),
    rpc("files/get_metadata", METADATA, entries::get_metadata),
    content("files/download", READ, Handler::Download(entries::download)),
    rpc("files/list_folder", METADATA, folders::list_folder),
    rpc(
        "files/list_folder/continue",
        METADATA,
        folders::list_folder_continue,
    ),
    rpc(
        "files/list_folder/get_latest_cursor",
        METADATA,
        folders::get_latest_cursor,
    ),
    Row {
        name: "files/list_folder/longpoll",
        host: RouteHost::Notify,
        auth: Auth::Nobody,
        scope: None,
        handler: Handler::Longpoll,
    },
    rpc("files/delete_v2", WRITE, entries::delete_v2),
    rpc("files/delete", WRITE, entries::delete),
    rpc("files/create_folder_v2", WRITE, folders::create_folder_v2),
    rpc("files/list_revisions", METADATA, entries::list_revisions),
    rpc(
        "files/get_temporary_link",
        READ,
        entries::get_temporary_link,
    ),
    rpc("files/move_v2", WRITE, entries::move_v2),
    rpc("files/copy_v2", WRITE, entries::copy_v2),
    content(
        "files/upload_session/start",
        WRITE,
        Handler::Upload(sessions::start),
    ),
    content(
        "files/upload_session/append_v2",
        WRITE,
        Handler::Upload(sessions::append_v2),
    ),
    content(
        "files/upload_session/finish",
        WRITE,
        Handler::Upload(sessions::finish),
    ),
    rpc(
        "files/upload_session/finish_batch_v2",
        WRITE,
        sessions::finish_batch_v2,
    ),
    rpc(
        "files/upload_session/finish_batch",
        WRITE,
        sessions::finish_batch,
    ),
    rpc("check/user", ACCOUNT, account::check),
    Row {
        name: "check/app",
        host: RouteHost::Api,
        auth: Auth::App,
        scope: None,
        handler: Handler::Rpc(account::check),
    },
    rpc(
        "users/get_current_account",
        ACCOUNT,
        account::get_current_account,
    ),
    rpc("users/get_space_usage", ACCOUNT, account::get_space_usage),
    Row {
        name: "auth/token/revoke",
        host: RouteHost::Api,
        auth: Auth::User,
        scope: None,
        handler: Handler::Rpc(account::revoke),
    },
];

pub fn find(name: &str) -> Option<&'static Row> {
    ROUTES.iter().find(|row| row.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Rule, dropbox_route};

    #[test]
    fn every_route_has_an_argument_and_a_name_of_its_own() {
        for row in ROUTES {
            assert!(argument_type(row.name).is_some(), "{}", row.name);
            assert_eq!(
                ROUTES.iter().filter(|other| other.name == row.name).count(),
                1,
                "{}",
                row.name
            );
        }
    }

    #[test]
    fn every_route_is_one_of_dropboxs() {
        for row in ROUTES {
            assert!(dropbox_route(row.name).is_some(), "{}", row.name);
        }
        assert_eq!(Rule::new("API-213").id(), "API-213");
    }
}
