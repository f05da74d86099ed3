//! Answers that a fault gives, with Dropbox's own bodies.

use crate::dropbox::errors::{AuthError, RateLimitReason};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The largest body of an answer that a test writes itself, in bytes.
const MAX_CUSTOM_BODY: usize = 1 << 20;

const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html";

/// An answer that Dropbox gives when something is wrong, or one that the test writes itself.
///
/// ```
/// use fake_dropbox::{FakeDropbox, Fault, FaultAnswer, RateLimitBody};
///
/// let dropbox = FakeDropbox::start_blocking();
/// let too_many = FaultAnswer::TooManyRequests {
///     retry_after: 3,
///     form: RateLimitBody::Text,
/// };
/// dropbox.fail(Fault::head().answer(too_many));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultAnswer {
    /// 429 with `Retry-After` (API-131 to API-134).
    TooManyRequests {
        /// Seconds.
        #[serde(default = "one_second")]
        retry_after: u64,
        /// JSON, or the plain text that SDKs must expect too (API-134).
        #[serde(default)]
        form: RateLimitBody,
    },
    /// 429 `too_many_write_operations` with `Retry-After` (API-131).
    TooManyWriteOperations {
        /// Seconds; only in the header, never in the body (API-132).
        #[serde(default = "one_second")]
        retry_after: u64,
    },
    /// 500 with an empty body (API-136).
    InternalError,
    /// 502 with a page of HTML, as the front gives it (API-137).
    BadGateway,
    /// 503 without `Retry-After` (API-138).
    Unavailable,
    /// 401 `expired_access_token` (API-102).
    ExpiredAccessToken,
    /// 401 `invalid_access_token` (API-102).
    InvalidAccessToken,
    /// 413 with the page of the proxy in front (API-139).
    PayloadTooLarge,
    /// Whatever the test wants: also for a route of Dropbox that is not faked.
    Custom(CustomAnswer),
}

/// An answer that the test writes itself.
///
/// ```
/// use fake_dropbox::{CustomAnswer, FakeDropbox, Fault};
/// use serde_json::json;
///
/// let dropbox = FakeDropbox::start_blocking();
/// let tags = CustomAnswer::json(200, json!({"paths_to_tags": []}));
/// dropbox.fail(Fault::head().of("files/tags/get").answer(tags));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CustomAnswer {
    /// 200 to 599.
    #[cfg_attr(feature = "openapi", schemars(range(min = 200, max = 599)))]
    pub status: u16,
    /// The Content-Type; of a body in JSON `application/json` if there is none here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Further headers by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body as a text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// The body as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<serde_json::Value>,
}

impl CustomAnswer {
    /// A status and a body in JSON.
    pub fn json(status: u16, json: serde_json::Value) -> Self {
        Self {
            status,
            json: Some(json),
            ..Self::default()
        }
    }

    /// A status and a body as a text.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            body: body.into(),
            ..Self::default()
        }
    }

    /// The same with one header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    fn preset(&self) -> PresetAnswer {
        let json = self.json.as_ref().map(serde_json::Value::to_string);
        let of_json = json.as_ref().map(|_| "application/json");
        let content_type = self.content_type.as_deref().or(of_json);
        let content_type = content_type.map(|value| ("content-type", value));
        let others = self.headers.iter();
        let headers = content_type
            .into_iter()
            .chain(others.map(|(name, value)| (name.as_str(), value.as_str())));
        PresetAnswer {
            // What cannot be sent was refused when it was asked for.
            status: StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: headers
                .filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?)))
                .collect(),
            body: json.unwrap_or_else(|| self.body.clone()),
            closes: false,
        }
    }

    fn check(&self) -> Result<(), String> {
        let Self { status, body, .. } = self;
        if !(200..=599).contains(status) {
            return Err(format!(
                "an answer has a status from 200 to 599, not {status}; 100 to 199 do not end a request"
            ));
        }
        if self.json.is_some() && !body.is_empty() {
            return Err(
                "an answer has its body as \"body\" or as \"json\", not as both".to_owned(),
            );
        }
        if matches!(status, 204 | 205 | 304) && !(body.is_empty() && self.json.is_none()) {
            return Err(format!("an answer {status} has no body"));
        }
        let content_type = self
            .content_type
            .iter()
            .map(|value| ("content-type", value));
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value));
        for (name, value) in content_type.chain(headers) {
            let framing = ["connection", "content-length", "transfer-encoding"];
            if framing
                .iter()
                .any(|framing| name.eq_ignore_ascii_case(framing))
            {
                return Err(format!("the server itself says {name}"));
            }
            if HeaderName::from_bytes(name.as_bytes()).is_err() {
                return Err(format!("no header is called {name:?}"));
            }
            if HeaderValue::from_str(value).is_err() {
                return Err(format!("{value:?} cannot be the value of a header"));
            }
        }
        let length = self
            .json
            .as_ref()
            .map_or(body.len(), |json| json.to_string().len());
        if length > MAX_CUSTOM_BODY {
            return Err(format!(
                "the body of an answer has at most {MAX_CUSTOM_BODY} bytes"
            ));
        }
        Ok(())
    }
}

impl From<CustomAnswer> for FaultAnswer {
    fn from(answer: CustomAnswer) -> Self {
        Self::Custom(answer)
    }
}

/// The two forms of a 429.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RateLimitBody {
    /// JSON (API-133).
    #[default]
    Json,
    /// Plain text (API-134).
    Text,
}

fn one_second() -> u64 {
    1
}

/// What a fault answers.
#[derive(Debug)]
pub enum Injected {
    /// One of Dropbox's own refusals: the server spells it as it spells its own.
    Auth(AuthError),
    /// The same, 429.
    RateLimit {
        reason: RateLimitReason,
        /// Seconds.
        retry_after: u64,
    },
    /// Something that is ready.
    Preset(PresetAnswer),
}

/// An answer as it goes to the client: the server adds the headers that all answers have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresetAnswer {
    /// The status.
    pub status: StatusCode,
    /// Headers that belong to this answer.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: String,
    /// The connection closes after it (API-139).
    pub closes: bool,
}

impl FaultAnswer {
    /// The answer itself.
    pub(crate) fn injected(&self) -> Injected {
        Injected::Preset(match self {
            Self::TooManyRequests {
                retry_after,
                form: RateLimitBody::Json,
            } => {
                return Injected::RateLimit {
                    reason: RateLimitReason::TooManyRequests,
                    retry_after: *retry_after,
                };
            }
            Self::TooManyWriteOperations { retry_after } => {
                return Injected::RateLimit {
                    reason: RateLimitReason::TooManyWriteOperations,
                    retry_after: *retry_after,
                };
            }
            Self::ExpiredAccessToken => return Injected::Auth(AuthError::ExpiredAccessToken),
            Self::InvalidAccessToken => return Injected::Auth(AuthError::InvalidAccessToken),
            Self::TooManyRequests { retry_after, .. } => {
                answer(StatusCode::TOO_MANY_REQUESTS, TEXT, "too_many_requests/..")
                    .with(header::RETRY_AFTER, (*retry_after).into())
            }
            Self::InternalError => empty(StatusCode::INTERNAL_SERVER_ERROR),
            Self::BadGateway => answer(
                StatusCode::BAD_GATEWAY,
                HTML,
                "<!DOCTYPE html>\n<html>\n<head><title>Dropbox - 5xx</title></head>\n<body><h1>Error</h1><p>Something went wrong.</p></body>\n</html>\n",
            ),
            Self::Unavailable => empty(StatusCode::SERVICE_UNAVAILABLE),
            Self::PayloadTooLarge => PresetAnswer {
                closes: true,
                ..answer(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    HTML,
                    "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
                )
            },
            Self::Custom(answer) => answer.preset(),
        })
    }

    pub(super) fn check(&self) -> Result<(), String> {
        match self {
            Self::Custom(answer) => answer.check(),
            _ => Ok(()),
        }
    }
}

impl PresetAnswer {
    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

fn answer(status: StatusCode, content_type: &'static str, body: impl Into<String>) -> PresetAnswer {
    PresetAnswer {
        status,
        headers: vec![(header::CONTENT_TYPE, HeaderValue::from_static(content_type))],
        body: body.into(),
        closes: false,
    }
}

/// The form of API-136. Nobody has recorded the body of a 503: it is taken to be empty too.
fn empty(status: StatusCode) -> PresetAnswer {
    answer(status, TEXT, "")
        .with(
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename='error'"),
        )
        .with(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("sandbox; frame-ancestors 'none'"),
        )
        .with(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(json: &str) -> PresetAnswer {
        let answer: FaultAnswer = serde_json::from_str(json).unwrap();
        match answer.injected() {
            Injected::Preset(answer) => answer,
            other => panic!("the server spells {other:?}"),
        }
    }

    fn value(answer: &PresetAnswer, name: HeaderName) -> Option<&str> {
        let found = answer.headers.iter().find(|(other, _)| *other == name);
        found.map(|(_, value)| value.to_str().unwrap())
    }

    #[test]
    fn a_429_in_text_says_when_to_come_back() {
        let text = named(r#"{"too_many_requests": {"form": "text"}}"#);
        assert_eq!(
            value(&text, header::CONTENT_TYPE),
            Some("text/plain; charset=utf-8")
        );
        assert_eq!(value(&text, header::RETRY_AFTER), Some("1"));
    }

    #[test]
    fn an_internal_error_has_no_body() {
        let answer = named(r#""internal_error""#);
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (500, ""));
        assert_eq!(value(&answer, header::X_FRAME_OPTIONS), Some("DENY"));
    }

    #[test]
    fn an_answer_of_the_test_is_taken_as_it_is() {
        let answer =
            named(r#"{"custom": {"status": 418, "content_type": "text/x", "body": "no"}}"#);
        assert_eq!(answer.status, 418);
        assert_eq!(answer.body, "no");
        assert_eq!(value(&answer, header::CONTENT_TYPE), Some("text/x"));
    }
}
