//! What a route gets to see of a request.

use crate::dropbox::account::{Account, View};
use crate::dropbox::content::Content;
use crate::dropbox::session::Part;
use crate::dropbox::time::Timestamp;
use crate::dropbox::world::{Caller, World};
use crate::server::http::exchange::Exchange;
use crate::server::receive::Received;
use crate::wire::arguments::Argument;
use crate::wire::value::Decoded;
use std::sync::Arc;

/// One call: the world, locked for this one step, and who asks for what.
#[derive(Debug)]
pub struct Call<'a> {
    pub world: &'a mut World,
    /// Who calls. For routes that need no user this is nobody's account.
    pub caller: &'a Caller,
    /// The time in the caller's account.
    pub now: Timestamp,
    pub exchange: &'a Exchange,
    /// The most bytes that one call may bring.
    pub upload_limit: u64,
    /// The argument, until the route takes it.
    pub argument: Option<Decoded>,
}

impl Call<'_> {
    /// The argument. A route takes it once.
    pub fn take<T: Argument>(&mut self) -> T {
        T::extract(
            self.argument
                .take()
                .expect("a route takes its argument once"),
        )
    }

    pub fn account(&mut self) -> &mut Account {
        self.world.account(&self.caller.account)
    }

    /// From where the caller's paths are read.
    pub fn view(&self) -> View {
        self.caller.view.clone()
    }

    pub fn token(&self) -> Arc<str> {
        Arc::clone(&self.caller.token)
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
