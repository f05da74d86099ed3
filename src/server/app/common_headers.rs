//! The headers that every answer of Dropbox's has, spelled once for each kind of answer.

use crate::sync::RwLock;
use crate::wire::headers::{Answer, Body, Host};
use http::{HeaderName, HeaderValue};
use std::collections::HashMap;
use std::sync::Arc;

/// How long the service took, in milliseconds (API-143).
pub const RESPONSE_TIME: HeaderName = HeaderName::from_static("x-server-response-time");

/// What tells requests apart (API-141).
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-dropbox-request-id");

/// Headers in their order.
type Headers = Arc<[(HeaderName, HeaderValue)]>;

/// The common headers of every kind of answer that there was so far. There are few kinds: a host, a
/// status, whether a page of another origin asked, and whether the body is long.
#[derive(Debug, Default)]
pub struct CommonHeaders(RwLock<HashMap<(Host, u16, bool, bool), Headers>>);

impl CommonHeaders {
    /// The headers of this kind of answer. [`RESPONSE_TIME`], where it is among them, and
    /// [`REQUEST_ID`] hold the place of what each answer says itself.
    pub fn of(&self, host: Host, status: u16, cross_origin: bool, is_long: bool) -> Headers {
        let kind = (host, status, cross_origin, is_long);
        let known = self.0.read();
        if let Some(headers) = known.get(&kind) {
            return Arc::clone(headers);
        }
        drop(known);
        let headers = spelled(host, status, cross_origin, is_long);
        let mut known = self.0.write();
        Arc::clone(known.entry(kind).or_insert(headers))
    }
}

fn spelled(host: Host, status: u16, cross_origin: bool, is_long: bool) -> Headers {
    let answer = Answer {
        host,
        status,
        body: Body::Nothing,
        cross_origin,
        request_id: "",
        milliseconds: 0,
        is_long,
    };
    let headers = answer.headers().into_iter();
    headers
        .map(|(name, value)| {
            let value = HeaderValue::from_str(&value).expect("all of them are plain text");
            (HeaderName::from_static(name), value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_spelled_once_and_as_the_wire_has_it() {
        let common = CommonHeaders::default();
        let first = common.of(Host::Api, 200, false, false);
        assert!(Arc::ptr_eq(
            &first,
            &common.of(Host::Api, 200, false, false)
        ));
        let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names.contains(&RESPONSE_TIME.as_str()), "{names:?}");
        assert_eq!(names.last(), Some(&REQUEST_ID.as_str()));
        let refused = common.of(Host::Api, 409, true, false);
        let names: Vec<&str> = refused.iter().map(|(name, _)| name.as_str()).collect();
        assert!(!names.contains(&RESPONSE_TIME.as_str()), "{names:?}");
        assert_eq!(names[0], "access-control-allow-origin");
    }
}
