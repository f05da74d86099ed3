//! What the server says that Dropbox would not: a problem document (RFC 9457).

use http::{HeaderName, HeaderValue, StatusCode};

/// The content type of such a document.
pub(in crate::server) const PROBLEM: HeaderValue =
    HeaderValue::from_static("application/problem+json");

/// The header of an answer that no client could get from Dropbox.
pub(in crate::server) const NOT_DROPBOX: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-fake-dropbox"),
    HeaderValue::from_static("not-dropbox"),
);

/// The document, without a line's end.
pub(in crate::server) fn problem(status: StatusCode, title: &str, detail: &str) -> String {
    let body = serde_json::json!({ "title": title, "status": status.as_u16(), "detail": detail });
    serde_json::to_string_pretty(&body).expect("plain data")
}
