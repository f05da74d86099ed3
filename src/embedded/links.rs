//! Upload links in a test's hands.

use super::Shared;
use crate::control::operations::ControlError;
use crate::control::operations::links::{ExpireLink, LinkStatus, ListLinks, ReadLink, State};
use crate::control::scope::Scope;
use crate::control::secrets::Secret;

/// The upload links of an account.
///
/// ```
/// # fn ask(dropbox: &fake_dropbox::FakeDropbox, route: &str, argument: &str) -> String {
/// #     use std::io::{Read, Write};
/// #     let mut stream = std::net::TcpStream::connect(dropbox.address()).unwrap();
/// #     let length = argument.len();
/// #     write!(
/// #         stream,
/// #         "POST /2/{route} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
/// #          authorization: Bearer token\r\ncontent-type: application/json\r\n\
/// #          content-length: {length}\r\n\r\n{argument}"
/// #     )
/// #     .unwrap();
/// #     let mut answer = String::new();
/// #     stream.read_to_string(&mut answer).unwrap();
/// #     answer.split_once("\r\n\r\n").unwrap().1.to_owned()
/// # }
/// use fake_dropbox::FakeDropbox;
/// use fake_dropbox::control::operations::links::State;
/// use fake_dropbox::embedded::{LinkHandle, LinksHandle};
///
/// let dropbox = FakeDropbox::start_blocking();
/// // `ask` stands for your own code: it calls a route with an argument.
/// let argument = r#"{"commit_info": {"path": "/in/a.txt"}}"#;
/// let minted = ask(&dropbox, "files/get_temporary_upload_link", argument);
/// let minted: serde_json::Value = serde_json::from_str(&minted).expect("JSON");
///
/// let links: LinksHandle<'_> = dropbox.account("token").links();
/// assert_eq!(links.list().len(), 1);
/// let link: LinkHandle<'_> = links.link(minted["link"].as_str().expect("a link"));
/// assert_eq!(link.status().path, "/in/a.txt");
/// link.expire();
/// assert_eq!(link.status().state, State::Expired);
/// assert_eq!(links.in_state(State::Expired, 10), [link.status()]);
/// assert!(links.link("no such link").try_status().is_err());
/// ```
#[derive(Clone, Debug)]
pub struct LinksHandle<'a> {
    shared: &'a Shared,
    scope: Scope,
}

impl<'a> LinksHandle<'a> {
    pub(super) fn new(shared: &'a Shared, scope: Scope) -> Self {
        Self { shared, scope }
    }

    /// The latest 100, the latest first.
    pub fn list(&self) -> Vec<LinkStatus> {
        self.shared.expect(&self.scope, ListLinks::default()).links
    }

    /// Those in a state, at most so many, the latest first.
    #[track_caller]
    pub fn in_state(&self, state: State, limit: usize) -> Vec<LinkStatus> {
        let wanted = ListLinks {
            state: Some(state),
            limit,
        };
        self.shared.expect(&self.scope, wanted).links
    }

    /// One: named by itself, its token, or what stands for it in the journal.
    pub fn link(&self, link: &str) -> LinkHandle<'a> {
        LinkHandle {
            shared: self.shared,
            scope: self.scope.clone(),
            link: Secret::new(link),
        }
    }
}

/// One upload link.
#[derive(Clone, Debug)]
pub struct LinkHandle<'a> {
    shared: &'a Shared,
    scope: Scope,
    link: Secret,
}

impl LinkHandle<'_> {
    /// Its state and the time it has left.
    ///
    /// # Panics
    /// When the account has no such link.
    #[track_caller]
    pub fn status(&self) -> LinkStatus {
        let link = self.link.clone();
        self.shared.expect(&self.scope, ReadLink { link })
    }

    /// The same, or why there is none.
    pub fn try_status(&self) -> Result<LinkStatus, ControlError> {
        let link = self.link.clone();
        self.shared
            .run_blocking(self.scope.clone(), ReadLink { link })
    }

    /// Ends its time now.
    ///
    /// # Panics
    /// When the account has no such link.
    #[track_caller]
    pub fn expire(&self) {
        let link = self.link.clone();
        self.shared.expect(&self.scope, ExpireLink { link });
    }
}
