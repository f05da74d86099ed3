//! The two ways in: the SDK's own client through a proxy, and an HTTP client that is handed to it.

use bytes::Bytes;
use dropbox_sdk::Error;
use dropbox_sdk::async_client_trait::{
    HttpClient, HttpRequest, HttpRequestResultRaw, NoauthClient, UserAuthClient,
};
use dropbox_sdk::common::PathRoot;
use dropbox_sdk::default_async_client::UserAuthDefaultClient;
use dropbox_sdk::oauth2::{Authorization, TokenCache};
use futures_util::TryStreamExt;
use std::sync::Arc;

/// How clients of the SDK are made.
pub trait Way {
    type Client: UserAuthClient;

    /// A client with these rights, whose paths begin at this root.
    fn client(&self, tokens: Arc<TokenCache>, root: Option<&PathRoot>) -> Self::Client;

    /// What uploads to links.
    fn http(&self) -> reqwest::Client;
}

/// The SDK's own client: HTTPS by HTTP/2 only, wherever `HTTPS_PROXY` leads.
pub struct Default;

impl Way for Default {
    type Client = UserAuthDefaultClient;

    fn client(&self, tokens: Arc<TokenCache>, root: Option<&PathRoot>) -> Self::Client {
        let mut client = UserAuthDefaultClient::from_token_cache(tokens);
        if let Some(root) = root {
            client.set_path_root(root);
        }
        client
    }

    fn http(&self) -> reqwest::Client {
        reqwest::Client::new()
    }
}

/// Another server: `base` stands for every host of Dropbox.
pub struct Elsewhere {
    pub base: String,
}

impl Way for Elsewhere {
    type Client = Local;

    fn client(&self, tokens: Arc<TokenCache>, root: Option<&PathRoot>) -> Local {
        Local {
            http: self.http(),
            base: self.base.clone(),
            tokens,
            root: root.map(|root| serde_json::to_string(root).expect("a root")),
        }
    }

    fn http(&self) -> reqwest::Client {
        reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client")
    }
}

/// A client that asks `base` in place of Dropbox's hosts.
#[derive(Clone)]
pub struct Local {
    http: reqwest::Client,
    base: String,
    tokens: Arc<TokenCache>,
    root: Option<String>,
}

pub struct Request(reqwest::RequestBuilder);

impl HttpRequest for Request {
    fn set_header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }
}

impl HttpClient for Local {
    type Request = Request;

    fn new_request(&self, url: &str) -> Request {
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        Request(self.http.post(format!("{}/{path}", self.base)))
    }

    async fn execute(&self, request: Request, body: Bytes) -> Result<HttpRequestResultRaw, Error> {
        let response = request
            .0
            .body(body)
            .send()
            .await
            .map_err(|error| Error::HttpClient(Box::new(error)))?;
        let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        Ok(HttpRequestResultRaw {
            status: response.status().as_u16(),
            result_header: header("dropbox-api-result"),
            content_length: header("content-length").and_then(|length| length.parse().ok()),
            body: Box::new(
                response
                    .bytes_stream()
                    .map_err(futures_util::io::Error::other)
                    .into_async_read(),
            ),
        })
    }

    async fn update_token(&self, old_token: Arc<String>) -> Result<bool, Error> {
        let nobody = Self {
            tokens: Arc::new(TokenCache::new(Authorization::from_refresh_token(
                String::new(),
                String::new(),
            ))),
            ..self.clone()
        };
        self.tokens.update_token(nobody, old_token).await?;
        Ok(true)
    }

    fn token(&self) -> Option<Arc<String>> {
        self.tokens.get_token()
    }

    fn path_root(&self) -> Option<&str> {
        self.root.as_deref()
    }
}

impl UserAuthClient for Local {}
impl NoauthClient for Local {}
