//! The response headers of each kind of answer (`API-33` to `API-35`, `API-102`, `API-127` to
//! `API-152`, `UL-166` to `UL-169`).
//!
//! Of the three eras that recordings show, this is the latest one for which there is a recording. The
//! 200 of a link has the headers of an upload (UL-167) and no `Dropbox-API-Result` (UL-134); a token has
//! those of an answer of the api host (API-118).

use std::borrow::Cow;

/// Which of the service's hosts an answer plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    Api,
    /// Upload and download routes.
    Content,
    Notify,
    /// `oauth2/token`.
    OAuth,
    /// The page of authorization: no page of another origin reads or frames it.
    Page,
    /// Upload links. Nobody has published their headers; they are assumed to be those of the
    /// content host (OQ-13).
    Link,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// JSON, sent as `application/json` without charset (API-151); a success of the token endpoint
    /// is called `text/javascript` (API-116).
    Json,
    Text,
    Html,
    /// Content of a file; its type is set by whoever sends it.
    File,
    /// Nothing, and no type.
    Nothing,
}

/// An answer, as far as its headers depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    pub host: Host,
    pub status: u16,
    pub body: Body,
    /// Whether a browser asked, that is: the request had `Origin`. Upload links answer every
    /// request as if it had (OQ-12).
    pub cross_origin: bool,
    /// 32 lower-case hexadecimal digits (API-141).
    pub request_id: &'a str,
    /// How long the service took (API-143).
    pub milliseconds: u64,
    /// Whether the body has [`VARIES_FROM`] bytes or more.
    pub is_long: bool,
}

/// A header: its name in lower case and its value.
pub type Header<'a> = (&'static str, Cow<'a, str>);

pub const CONTENT_SECURITY_POLICY: &str = "sandbox allow-forms allow-scripts";
/// From so many bytes on an answer varies by encoding, because it would be compressed (API-267): bodies of 139
/// bytes and more were seen with `Vary`, those of 113 and less without. What is between is assumed.
pub const VARIES_FROM: u64 = 128;

const TRANSPORT_SECURITY: &str = "max-age=31536000; includeSubDomains; preload";
const ROBOTS: &str = "noindex, nofollow, noimageindex";
const EXPOSED: &str = "Accept-Ranges, Content-Range, ETag, Dropbox-API-Result";

impl<'a> Answer<'a> {
    /// The headers, without those of HTTP itself (`Date`, `Content-Length`, `Transfer-Encoding`,
    /// `Connection`) and those of a single route ([`download`], `Retry-After`).
    pub fn headers(&self) -> Vec<Header<'a>> {
        let mut headers: Vec<Header<'a>> = Vec::with_capacity(14);
        let success = self.status < 400;
        // What the token endpoint says no with has headers of its own (API-266).
        let token_refusal = self.host == Host::OAuth && !success;
        let content = matches!(self.host, Host::Content | Host::Link);
        let cross_origin = self.cross_origin && self.host != Host::Page;
        if cross_origin || self.host == Host::Link || token_refusal {
            // API-23, UL-155, UL-157, API-266
            headers.push(("access-control-allow-origin", "*".into()));
            headers.push(("access-control-expose-headers", EXPOSED.into()));
        }
        if self.status < 500 && !token_refusal {
            headers.push(("cache-control", "no-cache".into())); // API-144
        }
        if self.host == Host::Page {
            headers.push(("x-frame-options", "DENY".into()));
        } else if !success {
            headers.extend(self.refusal());
        }
        if !token_refusal {
            headers.push(("x-content-type-options", "nosniff".into())); // API-146
        }
        if success && !content && self.host != Host::Page {
            headers.push(("x-frame-options", "SAMEORIGIN".into())); // API-147
        }
        if success {
            headers.push((
                "x-server-response-time",
                self.milliseconds.to_string().into(),
            )); // API-143
        }
        if let Some(content_type) = self.content_type() {
            headers.push(("content-type", content_type.into()));
        }
        headers.push(("server", "envoy".into())); // API-150
        if content {
            headers.push(("strict-transport-security", TRANSPORT_SECURITY.into())); // API-149
            headers.push(("x-robots-tag", ROBOTS.into())); // API-148
        }
        if self.is_long && !token_refusal {
            headers.push(("vary", "Accept-Encoding".into())); // API-267
        }
        let origin = if self.host == Host::Notify {
            // API-264
            headers.push(("pragma", "no-cache".into()));
            headers.push(("x-db-timeout", "120".into()));
            "remote"
        } else {
            "far_remote"
        };
        headers.push(("x-dropbox-response-origin", origin.into())); // API-142
        headers.push(("x-dropbox-request-id", self.request_id.into())); // API-141
        headers
    }

    fn refusal(&self) -> impl Iterator<Item = Header<'a>> + use<'a> {
        let headers: &[(&'static str, &'static str)] = match self.status {
            // API-102; the content host adds its own two below (API-103)
            401 => &[
                ("content-security-policy", CONTENT_SECURITY_POLICY),
                ("www-authenticate", "Bearer realm=\"Dropbox-API\""),
            ],
            // API-136
            500.. => &[
                ("content-security-policy", "sandbox; frame-ancestors 'none'"),
                ("content-disposition", "attachment; filename='error'"),
                ("x-frame-options", "DENY"),
            ],
            // API-34, API-35, API-111, UL-168, UL-169; assumed for 409 (API-129)
            _ => &[("content-security-policy", CONTENT_SECURITY_POLICY)],
        };
        headers
            .iter()
            .map(|(name, value)| (*name, Cow::Borrowed(*value)))
    }

    fn content_type(&self) -> Option<&'static str> {
        match self.body {
            Body::Json if self.host == Host::OAuth && self.status < 400 => Some("text/javascript"),
            // Without a charset, in a 401 (API-105) and in the 200 of a link (UL-132) too.
            Body::Json => Some("application/json"),
            Body::Text => Some("text/plain; charset=utf-8"),
            Body::Html => Some("text/html"),
            Body::File | Body::Nothing => None,
        }
    }
}

/// What a download adds (API-18): `size` is that of the whole file in bytes, `result` the metadata,
/// printed with [`Dialect::header`](super::dialect::Dialect::header).
pub fn download<'a>(rev: &str, size: u64, result: &'a str) -> [Header<'a>; 5] {
    [
        ("content-type", "application/octet-stream".into()),
        ("accept-ranges", "bytes".into()),
        ("etag", format!("W/\"{rev}\"").into()),
        ("original-content-length", size.to_string().into()),
        ("dropbox-api-result", result.into()),
    ]
}

/// What a preflight adds (UL-154). The literal values are recorded nowhere (OQ-12): POST, GET and
/// whatever headers the browser asked for are allowed, for a day.
pub fn preflight(requested_headers: Option<&str>) -> [Header<'_>; 3] {
    [
        ("access-control-allow-methods", "GET, POST, OPTIONS".into()),
        (
            "access-control-allow-headers",
            requested_headers
                .unwrap_or("Authorization, Content-Type, Dropbox-API-Arg")
                .into(),
        ),
        ("access-control-max-age", "86400".into()),
    ]
}

/// Every header that an answer may carry, in lower case and in alphabetical order. Tests hold each
/// reply against it.
pub const ALLOWED: &[&str] = &[
    "accept-ranges",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "allow",
    "cache-control",
    "connection",
    "content-disposition",
    "content-length",
    "content-range",
    "content-security-policy",
    "content-type",
    "date",
    "dropbox-api-result",
    "etag",
    "last-modified",
    "location",
    "original-content-length",
    "pragma",
    "retry-after",
    "server",
    "set-cookie",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
    "www-authenticate",
    "x-content-type-options",
    "x-db-timeout",
    "x-dropbox-request-id",
    "x-dropbox-response-origin",
    "x-frame-options",
    "x-robots-tag",
    "x-server-response-time",
];

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "97c6c02235b4468d9022c41e6a08b7d3";

    fn text(host: Host, status: u16, body: Body, cross_origin: bool) -> String {
        let answer = Answer {
            host,
            status,
            body,
            cross_origin,
            request_id: ID,
            milliseconds: 832,
            is_long: true,
        };
        let lines = answer
            .headers()
            .into_iter()
            .map(|(name, value)| format!("{name}: {value}\n"));
        lines.collect()
    }

    #[test]
    fn a_success_of_the_api_host_to_a_browser() {
        // UL-166
        assert_eq!(
            text(Host::Api, 200, Body::Json, true),
            "access-control-allow-origin: *\n\
             access-control-expose-headers: Accept-Ranges, Content-Range, ETag, Dropbox-API-Result\n\
             cache-control: no-cache\n\
             x-content-type-options: nosniff\n\
             x-frame-options: SAMEORIGIN\n\
             x-server-response-time: 832\n\
             content-type: application/json\n\
             server: envoy\n\
             vary: Accept-Encoding\n\
             x-dropbox-response-origin: far_remote\n\
             x-dropbox-request-id: 97c6c02235b4468d9022c41e6a08b7d3\n"
        );
    }

    #[test]
    fn a_success_of_the_content_host() {
        // API-152
        assert_eq!(
            text(Host::Content, 200, Body::Json, false),
            "cache-control: no-cache\n\
             x-content-type-options: nosniff\n\
             x-server-response-time: 832\n\
             content-type: application/json\n\
             server: envoy\n\
             strict-transport-security: max-age=31536000; includeSubDomains; preload\n\
             x-robots-tag: noindex, nofollow, noimageindex\n\
             vary: Accept-Encoding\n\
             x-dropbox-response-origin: far_remote\n\
             x-dropbox-request-id: 97c6c02235b4468d9022c41e6a08b7d3\n"
        );
    }

    #[test]
    fn a_token_that_ran_out() {
        // API-102
        assert_eq!(
            text(Host::Api, 401, Body::Json, false),
            "cache-control: no-cache\n\
             content-security-policy: sandbox allow-forms allow-scripts\n\
             www-authenticate: Bearer realm=\"Dropbox-API\"\n\
             x-content-type-options: nosniff\n\
             content-type: application/json\n\
             server: envoy\n\
             vary: Accept-Encoding\n\
             x-dropbox-response-origin: far_remote\n\
             x-dropbox-request-id: 97c6c02235b4468d9022c41e6a08b7d3\n"
        );
    }

    #[test]
    fn bad_input_on_the_content_host_is_plain_text() {
        // API-35, UL-168
        let text = text(Host::Content, 400, Body::Text, false);
        for line in [
            "content-type: text/plain; charset=utf-8\n",
            "content-security-policy: sandbox allow-forms allow-scripts\n",
            "strict-transport-security: max-age=31536000; includeSubDomains; preload\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert!(!text.contains("x-server-response-time"), "{text}");
    }

    #[test]
    fn links_always_answer_browsers() {
        // UL-155
        for status in [200, 400, 409, 410, 413] {
            let text = text(Host::Link, status, Body::Text, false);
            assert!(
                text.starts_with("access-control-allow-origin: *\n"),
                "{text}"
            );
        }
    }

    #[test]
    fn only_a_success_of_the_token_endpoint_is_called_javascript() {
        // API-116
        let success = text(Host::OAuth, 200, Body::Json, false);
        assert!(
            success.contains("content-type: text/javascript\n"),
            "{success}"
        );
        let refusal = text(Host::OAuth, 400, Body::Json, false);
        assert!(
            refusal.contains("content-type: application/json\n"),
            "{refusal}"
        );
    }

    #[test]
    fn no_header_is_unheard_of_or_there_twice() {
        assert!(ALLOWED.is_sorted());
        for host in [
            Host::Api,
            Host::Content,
            Host::Notify,
            Host::OAuth,
            Host::Link,
        ] {
            for status in [
                200, 206, 304, 400, 401, 403, 405, 409, 410, 413, 422, 429, 500, 503,
            ] {
                let answer = Answer {
                    host,
                    status,
                    body: Body::File,
                    cross_origin: true,
                    request_id: ID,
                    milliseconds: 1,
                    is_long: true,
                };
                let mut headers = answer.headers();
                headers.extend(download("1", 1, "{}"));
                headers.extend(preflight(None));
                let mut names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
                assert!(names.iter().all(|name| ALLOWED.contains(name)), "{names:?}");
                names.sort_unstable();
                assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
            }
        }
    }
}
