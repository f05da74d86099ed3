//! The functions of the routes. Adding a route means adding a row to `wire/routes.rs` and a function here.

mod account;
mod batches;
mod call;
mod entries;
mod folders;
mod search;
mod sessions;
mod sharing;
mod uploads;

use crate::dropbox::content_hash::ContentHasher;
use crate::dropbox::tree::File;
use crate::server::http::problem::Problem;
use crate::wire::routes::{self, ROUTES, Route};
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

/// A route and how it is served.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub route: &'static Route,
    pub handler: Handler,
}

macro_rules! handler {
    (Longpoll(), $route:expr) => {
        Handler::Longpoll
    };
    ($style:ident($function:path), $route:expr) => {
        Handler::$style($function)
    };
}

static HANDLERS: &[Handler] = routes::table!(handler);

/// The route of this name, and how it is served.
pub fn find(name: &str) -> Option<Row> {
    routes::position(name).map(|index| Row {
        route: &ROUTES[index],
        handler: HANDLERS[index],
    })
}
