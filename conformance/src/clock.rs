//! Time, asked of the target: a fake's clock is moved, a real one is waited for.
//!
//! This is the only module that knows the fake's control API, apart from the accounts that a target
//! may declare.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::http::client::Client;
use crate::http::{NoReply, Reply, Request};
use crate::secret::Secret;

/// Where a fake has its clock.
const CONTROL: &str = "/_fake/v1/clock";

/// The clock of a target in this process.
pub trait Movable: std::fmt::Debug + Send + Sync {
    /// Moves it ahead.
    fn advance(&self, time: Duration);
    /// Stops it.
    fn freeze(&self);
    /// Lets it run again.
    fn resume(&self);
}

/// How time passes on a target.
#[derive(Clone, Debug)]
pub enum TargetClock {
    /// The target is in this process, and its clock at hand.
    AtHand(Arc<dyn Movable>),
    /// The control API of a fake, for the account of this token.
    Moved {
        /// Where the control API is, without a slash at the end.
        origin: String,
        /// Whose time moves.
        token: Secret,
    },
    /// It is waited for.
    Waited,
}

impl TargetClock {
    /// Finds out whether the target's clock can be moved: asks it for the time, which changes nothing.
    pub async fn find(client: &Client, origin: &str, token: &Secret) -> Self {
        let request = Request::new("GET", format!("{origin}{CONTROL}"))
            .header("Authorization", format!("Bearer {}", token.expose()));
        let Ok(reply) = client.send(request).await else {
            return Self::Waited;
        };
        let clock: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        // A server that answers everything with a page, or with some JSON, has no such clock.
        if reply.status == 200 && clock["now"].is_string() && clock["frozen"].is_boolean() {
            Self::Moved {
                origin: origin.to_owned(),
                token: token.clone(),
            }
        } else {
            Self::Waited
        }
    }

    /// Whether the clock can be moved.
    pub fn is_moved(&self) -> bool {
        !matches!(self, Self::Waited)
    }

    /// Lets time pass.
    pub async fn pass(&self, client: &Client, time: Duration) -> Result<(), String> {
        match self {
            Self::AtHand(clock) => {
                clock.advance(time);
                Ok(())
            }
            Self::Waited => {
                tokio::time::sleep(time).await;
                Ok(())
            }
            Self::Moved { .. } => {
                let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
                self.command(client, "advance", &json!({ "milliseconds": milliseconds }))
                    .await
            }
        }
    }

    /// Stops the clock, so that only [`Self::pass`] moves it.
    pub async fn freeze(&self, client: &Client) -> Result<(), String> {
        if let Self::AtHand(clock) = self {
            clock.freeze();
            return Ok(());
        }
        self.command(client, "freeze", &json!({})).await
    }

    /// Lets the clock run again.
    pub async fn resume(&self, client: &Client) -> Result<(), String> {
        if let Self::AtHand(clock) = self {
            clock.resume();
            return Ok(());
        }
        self.command(client, "resume", &json!({})).await
    }

    async fn command(&self, client: &Client, name: &str, argument: &Value) -> Result<(), String> {
        match self.control(client, name, argument).await {
            Ok(reply) if reply.status < 300 => Ok(()),
            Ok(reply) => Err(format!("the clock answered {} to {name}", reply.status)),
            Err(error) => Err(format!("the clock does not answer: {error}")),
        }
    }

    async fn control(
        &self,
        client: &Client,
        name: &str,
        argument: &Value,
    ) -> Result<Reply, NoReply> {
        let Self::Moved { origin, token } = self else {
            return Err(NoReply::Request("this clock cannot be moved".to_owned()));
        };
        let request = Request::post(format!("{origin}{CONTROL}/{name}"))
            .header("Authorization", format!("Bearer {}", token.expose()))
            .content_type("application/json")
            .body(argument.to_string());
        client.send(request).await
    }
}
