//! Registering URLs that are told of changes.

use super::{Answered, ControlError, Controls, ErrorKind, Operation};
use crate::control::scope::Scope;
use crate::control::secrets::Secret;
use crate::control::webhooks::Webhook;
use crate::dropbox::credentials::DEFAULT_APP;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct WebhookStatus {
    /// Its number.
    pub id: u64,
    /// Where notifications go.
    pub url: String,
    /// The key of the app whose it is.
    pub app: Arc<str>,
    /// How many accounts it is told of so far: those in its scope that have let the app in.
    pub linked_accounts: usize,
}

fn status(controls: Controls<'_>, hook: &Webhook) -> WebhookStatus {
    let accounts = controls.world.accounts();
    let credentials = controls.world.credentials();
    let is_linked =
        |name: &&Arc<str>| hook.scope.covers(Some(name)) && credentials.is_linked(name, &hook.app);
    WebhookStatus {
        id: hook.id,
        url: hook.url.clone(),
        app: Arc::clone(&hook.app),
        linked_accounts: accounts
            .iter()
            .map(|account| account.name())
            .filter(is_linked)
            .count(),
    }
}

/// Registers a URL for an app. It is told of the accounts that have let this app in, which is shown
/// by a token for the app that was not revoked: of all, or of one alone.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddWebhook {
    /// Where notifications go: `http://`, on this machine unless the server allows others.
    pub url: String,
    /// The key of the app whose it is, and whose secret signs them; without one the app of all tokens
    /// that were not declared for another, which is `fake-dropbox`.
    #[serde(default)]
    pub app: Option<String>,
    /// The secret itself, where the app was not declared with one.
    #[serde(default)]
    pub secret: Option<Secret>,
}

impl AddWebhook {
    /// A URL of the app of all tokens that were not declared for another. It needs a secret.
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            app: None,
            secret: None,
        }
    }

    /// The same for the app with this key, whose secret is taken if it was declared.
    #[must_use]
    pub fn app(mut self, key: &str) -> Self {
        self.app = Some(key.to_owned());
        self
    }

    /// The same, signed with this secret.
    #[must_use]
    pub fn secret(mut self, secret: &str) -> Self {
        self.secret = Some(Secret::new(secret));
        self
    }
}

impl Operation for AddWebhook {
    type Answer = WebhookStatus;
    const NAME: &'static str = "add_webhook";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/webhooks";
    const SUMMARY: &'static str = "Challenges a URL of an app and, if it answers as it must, tells it of every change in accounts that have let the app in.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let app = self.app.as_deref().unwrap_or(DEFAULT_APP);
        let declared = controls.world.credentials().app(app).secret;
        let secret = self.secret.or_else(|| declared.as_deref().map(Secret::new));
        let secret = secret.ok_or_else(|| {
            ControlError::bad(
                "Notifications are signed with the secret of the app: give 'secret', or 'app' with the key of an app that was declared with one.",
            )
        })?;
        let added = controls
            .webhooks
            .add(&self.url, app, scope.clone(), secret)
            .await;
        match added {
            Ok(hook) => Ok(status(controls, &hook)),
            Err(why) => Err(ControlError::new(
                ErrorKind::Conflict,
                format!("{} was not registered: {why}.", self.url),
            )),
        }
    }
}

/// Lists the webhooks of the scope.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListWebhooks {}

/// Webhooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct WebhookList {
    /// In the order in which they were registered.
    pub webhooks: Vec<WebhookStatus>,
}

impl Operation for ListWebhooks {
    type Answer = WebhookList;
    const NAME: &'static str = "list_webhooks";
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/webhooks";
    const SUMMARY: &'static str = "Lists the registered webhooks; what became of notifications is in the journal under the route 'webhook'.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let hooks = controls.webhooks.list(scope);
        Ok(WebhookList {
            webhooks: hooks.iter().map(|hook| status(controls, hook)).collect(),
        })
    }
}

/// Removes a webhook.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RemoveWebhook {
    /// Its number.
    pub id: u64,
}

impl Operation for RemoveWebhook {
    type Answer = ();
    const NAME: &'static str = "remove_webhook";
    const METHOD: &'static str = "DELETE";
    const NUMBERS: &'static [&'static str] = &["id"];
    const PATH: &'static str = "/webhooks";
    const SUMMARY: &'static str = "Removes a webhook; a notification under way still arrives.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        if controls.webhooks.remove(self.id, scope) {
            Ok(())
        } else {
            Err(ControlError::not_found(format!(
                "There is no webhook {} here; list_webhooks names those there are.",
                self.id
            )))
        }
    }
}
