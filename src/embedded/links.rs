//! Upload links in a test's hands.

use super::{Account, Shared};
use crate::control::operations::ControlError;
use crate::control::operations::links::{
    ExpectLinks, ExpireLink, LinkStatus, ListLinks, ReadLink, State,
};
use crate::control::scope::Scope;
use crate::control::secrets::Secret;
use crate::dropbox::link::LinkFailure;
use crate::wire::arguments::Argument as _;
use crate::wire::arguments::commit::GetTemporaryUploadLink;
use crate::wire::decode::Options;
use crate::wire::dialect::Dialect;
use crate::wire::json::Json;
use serde_json::json;
use std::sync::Arc;

impl<'a> Account<'a> {
    /// Mints an upload link to a path, as `files/get_temporary_upload_link` does with every other
    /// field at its default. The journal shows no request: the test did it, not the code under test.
    ///
    /// ```
    /// use fake_dropbox::{FakeDropbox, LinkState};
    ///
    /// let dropbox = FakeDropbox::start_blocking();
    /// let alice = dropbox.account("alices-access-token");
    /// let link = alice.mint("/in/a.txt");
    /// assert!(link.starts_with(&dropbox.api_url()));
    /// assert_eq!(alice.link(&link).status().state, LinkState::Fresh);
    /// ```
    ///
    /// # Panics
    /// When Dropbox would not mint a link to this path; the text is Dropbox's.
    #[track_caller]
    pub fn mint(&self, path: &str) -> String {
        let app = &self.shared.app;
        let name = self.name();
        let argument = json!({"commit_info": {"path": path}}).to_string();
        let argument = Json::parse(argument.as_bytes()).expect("it was printed as JSON");
        let caller = app.world().owner(name);
        let assumptions = Arc::clone(&caller.account.lock().state.assumptions);
        let options = Options::of(&assumptions, Dialect::Y2026);
        let argument = match GetTemporaryUploadLink::read(&argument, options) {
            Ok((argument, _)) => argument,
            Err(fault) => panic!("no link to {path:?}: {fault}"),
        };
        let now = app.clock.now(Some(name));
        let GetTemporaryUploadLink {
            commit_info,
            duration,
        } = argument;
        let token = match app.world().mint(&caller, commit_info, duration, now) {
            Ok(token) => token,
            Err(why) => panic!("no link to {path:?}: {why}"),
        };
        let base = app.config.public_url.as_ref().map(ToString::to_string);
        let base = base.unwrap_or_else(|| self.shared.api_url.clone());
        format!("{base}/apitul/1/{token}")
    }

    /// The latest 100 upload links, the latest first.
    pub fn links(&self) -> Vec<LinkStatus> {
        self.shared.expect(&self.scope, ListLinks::default()).links
    }

    /// The upload links in a state, at most so many, the latest first.
    ///
    /// # Panics
    /// When the limit is one that no list has; the text says which are.
    #[track_caller]
    pub fn links_in_state(&self, state: State, limit: usize) -> Vec<LinkStatus> {
        let state = Some(state);
        let wanted = ListLinks { state, limit };
        self.shared.expect(&self.scope, wanted).links
    }

    /// Says that links of the account, or those to one path, may end without a file, because the test
    /// means them to: `exec --fail-on-unused-links` and the summary count them as expected.
    ///
    /// ```
    /// use fake_dropbox::{FakeDropbox, LinkFailure};
    ///
    /// let dropbox = FakeDropbox::start_blocking();
    /// let alice = dropbox.account("alices-access-token");
    /// let link = alice.mint("/in/late.txt");
    /// alice.expect_links("/in/late.txt", LinkFailure::Expired);
    /// dropbox.clock().advance(std::time::Duration::from_secs(4 * 3600 + 1));
    /// let status = alice.link(&link).status();
    /// assert_eq!((status.failure, status.expected), (Some(LinkFailure::Expired), true));
    /// ```
    pub fn expect_links<'p>(&self, path: impl Into<Option<&'p str>>, failure: LinkFailure) {
        let path = path.into().map(str::to_owned);
        self.shared
            .expect(&self.scope, ExpectLinks { path, failure });
    }

    /// One of its upload links, by the URL that was minted or by its alias, such as `link:1`.
    pub fn link(&self, link: &str) -> Link<'a> {
        Link {
            shared: self.shared,
            scope: self.scope.clone(),
            link: Secret::new(link),
        }
    }
}

/// An upload link of an account.
///
/// ```
/// use fake_dropbox::{FakeDropbox, Link, LinkState};
///
/// let dropbox = FakeDropbox::start_blocking();
/// let alice = dropbox.account("alices-access-token");
/// let minted = alice.mint("/in/a.txt");
/// let link: Link<'_> = alice.link(&minted);
/// assert_eq!(link.status().path, "/in/a.txt");
/// link.expire();
/// assert_eq!(link.status().state, LinkState::Expired);
/// assert_eq!(alice.links_in_state(LinkState::Expired, 10), [link.status()]);
/// assert!(alice.link("no such link").try_status().is_err());
/// ```
#[derive(Clone, Debug)]
pub struct Link<'a> {
    shared: &'a Shared,
    scope: Scope,
    link: Secret,
}

impl Link<'_> {
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
