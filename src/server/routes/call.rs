//! What a route gets to see of a request.

use crate::dropbox::account::{Account, View};
use crate::dropbox::content::Content;
use crate::dropbox::credentials::DEFAULT_APP;
use crate::dropbox::session::Part;
use crate::dropbox::shared_account::AccountGuard;
use crate::dropbox::time::Timestamp;
use crate::dropbox::world::{Caller, World};
use crate::server::http::exchange::Exchange;
use crate::server::receive::Received;
use crate::wire::arguments::Argument;
use crate::wire::value::Decoded;
use std::sync::Arc;

/// One call: the caller's account, locked for this one step, and what is asked.
#[derive(Debug)]
pub struct Call<'a> {
    /// Everything there is besides the account.
    pub world: &'a World,
    /// The time in the caller's account.
    pub now: Timestamp,
    pub exchange: &'a Exchange,
    /// The argument, until the route takes it.
    argument: Option<Decoded>,
    by: Option<(&'a Caller, Option<AccountGuard<'a>>)>,
}

impl<'a> Call<'a> {
    /// A step in the account of the caller, if somebody has to say who he is.
    pub fn new(
        exchange: &'a Exchange,
        caller: Option<&'a Caller>,
        argument: Option<Decoded>,
    ) -> Self {
        let by = caller.map(|caller| (caller, Some(caller.account.lock())));
        Self {
            world: exchange.app().world(),
            now: exchange.now(),
            exchange,
            argument,
            by,
        }
    }

    /// The argument. A route takes it once.
    pub fn take<T: Argument>(&mut self) -> T {
        T::extract(
            self.argument
                .take()
                .expect("a route takes its argument once"),
        )
    }

    /// The caller, and his account for this step.
    pub fn caller(&mut self) -> (&'a Caller, &mut Account) {
        let (caller, account) = self
            .by
            .as_mut()
            .expect("the table says which routes are a user's");
        let account = account.as_mut().expect("a route leaves it last");
        (caller, account)
    }

    /// Leaves the caller's account, to enter another one: nobody holds two. Who calls, if it is a user.
    pub fn leave(&mut self) -> Option<&'a Caller> {
        let (caller, account) = self.by.as_mut()?;
        drop(account.take());
        Some(caller)
    }

    /// The caller's account.
    pub fn account(&mut self) -> &mut Account {
        self.caller().1
    }

    /// Writes down why a revision that is named is not there, if it was let go.
    pub fn look_for_revision(&mut self, path: &str) {
        if let Some(why) = self.account().why_no_revision(path) {
            self.exchange.record().note = Some(why);
        }
    }

    /// From where the caller's paths are read.
    pub fn view(&mut self) -> View {
        self.caller().0.view.clone()
    }

    /// The app that the caller's token was issued to.
    pub fn app(&self) -> Arc<str> {
        let credentials = self.world.credentials();
        let grant = self
            .token()
            .and_then(|token| credentials.known_grant(token));
        grant.map_or_else(|| DEFAULT_APP.into(), |grant| Arc::clone(&grant.app))
    }

    /// The caller's access token, if a user has to show one.
    pub fn token(&self) -> Option<&Arc<str>> {
        self.by.as_ref().map(|(caller, _)| &caller.token)
    }
}

/// The bytes of an upload.
#[derive(Debug)]
pub enum Incoming {
    Bytes(Box<Received>),
    /// There were more than the limit; they were let go (API-140).
    TooLarge,
}

impl Incoming {
    /// Whether these bytes, all by themselves, have another hash than was announced (API-240).
    pub fn differs_from(&self, announced: Option<&str>) -> bool {
        match (self, announced) {
            (Self::Bytes(received), Some(announced)) => {
                received.own_hash().to_string() != announced
            }
            _ => false,
        }
    }

    /// The content of a file; `None` where there was too much.
    pub fn into_content(self) -> Option<Content> {
        match self {
            Self::Bytes(received) => Some(received.into_content()),
            Self::TooLarge => None,
        }
    }

    /// A part of a session; `None` where there was too much.
    pub fn into_part(self) -> Option<Part> {
        match self {
            Self::Bytes(received) => Some(received.into_part()),
            Self::TooLarge => None,
        }
    }
}
