//! The routes around a link, over the wire: what they do, and each way in which they refuse.

mod authorize;
mod batches;
mod callers;
mod content;
mod folders;
mod growth;
mod older_forms;
mod properties;
mod refusals;
mod restore;
mod search;
mod sessions;
mod shared_visits;
mod sharing;
mod table;
mod users;

use crate::support::{Fake, Reply, client};
use serde_json::{Value, json};

impl Fake {
    /// Calls a route whose argument is in a header.
    pub async fn content_as(
        &self,
        token: &str,
        route: &str,
        argument: &Value,
        body: impl Into<reqwest::Body>,
    ) -> Reply {
        let mut request = client()
            .post(self.url(&format!("/2/{route}")))
            .bearer_auth(token)
            .header("dropbox-api-arg", argument.to_string());
        if !matches!(route, "files/download" | "sharing/get_shared_link_file") {
            request = request
                .header("content-type", "application/octet-stream")
                .body(body);
        }
        Reply::of(request).await
    }

    pub async fn upload(&self, argument: Value, body: impl Into<reqwest::Body>) -> Reply {
        self.content_as("test", "files/upload", &argument, body)
            .await
    }

    /// Makes a file of the account `test`.
    pub async fn file(&self, path: &str, body: &'static str) -> Value {
        let reply = self
            .upload(json!({"path": path, "mode": "overwrite"}), body)
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }

    /// Calls a route that has to succeed.
    pub async fn ok(&self, route: &str, argument: Value) -> Value {
        let reply = self.rpc(route, &argument.to_string()).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, "application/json"),
            "{route} {argument}: {}",
            reply.text()
        );
        reply.json()
    }
}

/// Holds an answer against a member of the route's error union (API-124, API-125).
#[track_caller]
pub fn refused(reply: &Reply, summary: &str, error: Value) {
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (409, "application/json"),
        "{}",
        reply.text()
    );
    let body = reply.json();
    let dots = body["error_summary"]
        .as_str()
        .and_then(|text| text.strip_prefix(&format!("{summary}/")));
    assert!(
        dots.is_some_and(|dots| dots.len() <= 3 && dots.bytes().all(|dot| dot == b'.')),
        "{body}"
    );
    assert_eq!(body["error"], error);
    assert_eq!(
        body.as_object().map(serde_json::Map::len),
        Some(2),
        "{body}"
    );
}

pub fn lookup(place: &str, tag: &str) -> Value {
    json!({".tag": place, place: {".tag": tag}})
}

pub fn conflict(place: &str, with: &str) -> Value {
    json!({".tag": place, place: {".tag": "conflict", "conflict": {".tag": with}}})
}
