//! The control API of a fake. Only the clock, the state of a link and the declaration of tokens use it: a target without it is
//! judged all the same.

use serde_json::Value;

use crate::http::client::Client;
use crate::http::{Reply, Request};
use crate::secrecy::secret::Secret;

const PREFIX: &str = "/_fake/v1";

/// The controls of a target that has them.
#[derive(Clone, Debug)]
pub struct Controls {
    client: Client,
    origin: String,
    token: Secret,
}

impl Controls {
    /// Finds out whether the target has controls: asks for the time, which changes nothing.
    pub async fn find(client: &Client, origin: &str, token: &Secret) -> Option<Self> {
        let controls = Self {
            client: client.clone(),
            origin: origin.to_owned(),
            token: token.clone(),
        };
        // Without the token, which may be unknown there.
        let request = controls.request("GET", "clock");
        let reply = client.send(request).await.ok()?;
        let clock: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        // A server that answers everything with a page, or with some JSON, has no such clock.
        let is_there =
            reply.status == 200 && clock["now"].is_string() && clock["frozen"].is_boolean();
        is_there.then_some(controls)
    }

    /// Has an operation done for the whole server; otherwise says what went wrong.
    pub async fn post(&self, operation: &str, argument: &Value) -> Result<(), String> {
        self.send(self.request("POST", operation), operation, argument)
            .await
    }

    /// What became of an upload link so far, in the words of the controls: `fresh`, `in_flight`, …
    pub async fn link_state(&self, link: &Secret) -> Option<String> {
        let request = self
            .request("POST", "links/read")
            .content_type("application/json")
            .body(serde_json::json!({ "link": link.expose() }).to_string());
        let reply = self.client.send(request).await.ok()?;
        let status: Value = serde_json::from_slice(&reply.body).ok()?;
        Some(status.get("state")?.as_str()?.to_owned())
    }

    /// As [`Self::post`], for the account of the token.
    pub async fn post_for_account(&self, operation: &str, argument: &Value) -> Result<(), String> {
        let request = self
            .request("POST", operation)
            .header("Authorization", format!("Bearer {}", self.token.expose()));
        self.send(request, operation, argument).await
    }

    /// Has an operation done for the account of this name.
    pub async fn for_account_named(
        &self,
        account: &str,
        method: &str,
        operation: &str,
        argument: &Value,
    ) -> Result<(), String> {
        let request = self
            .request(method, operation)
            .query(&format!("account={account}"));
        self.send(request, operation, argument).await
    }

    /// The dialect in which the server answers those who have no account.
    pub async fn dialect_of_strangers(&self) -> Option<String> {
        let reply = self.client.send(self.request("GET", "assumptions")).await;
        let values: Value = serde_json::from_slice(&reply.ok()?.body).ok()?;
        Some(values["assumptions"]["dialect"].as_str()?.to_owned())
    }

    async fn send(
        &self,
        request: Request,
        operation: &str,
        argument: &Value,
    ) -> Result<(), String> {
        let request = request
            .content_type("application/json")
            .body(argument.to_string());
        match self.client.send(request).await {
            Ok(Reply { status, .. }) if status < 300 => Ok(()),
            Ok(reply) => Err(format!("the control {operation} answered {}", reply.status)),
            Err(error) => Err(format!("the control {operation} does not answer: {error}")),
        }
    }

    fn request(&self, method: &str, operation: &str) -> Request {
        Request::new(method, format!("{}{PREFIX}/{operation}", self.origin))
    }
}
