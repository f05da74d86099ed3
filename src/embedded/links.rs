//! Upload links in a test's hands.

use super::Shared;
use crate::control::operations::ControlError;
use crate::control::operations::links::{ExpireLink, LinkStatus, ListLinks, ReadLink, State};
use crate::control::scope::Scope;
use crate::control::secrets::Secret;

/// The upload links of an account.
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
