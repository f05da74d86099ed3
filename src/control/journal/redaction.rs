//! Keeping secrets out: what an exchange shows of itself, with aliases where secrets stood.

use crate::control::secrets::{Alias, Aliases, KINDS, REDACTED, SecretKind};
use http::{HeaderMap, header};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// The largest part of a body that is kept, in bytes.
pub const EXCERPT_BYTES: usize = 2048;

/// The largest body that is looked at: a longer one is only counted.
pub(super) const READ_BYTES: usize = 64 << 10;

/// The headers that are kept with their values. Any other header is kept by its name alone.
const SHOWN_HEADERS: [&str; 22] = [
    "accept",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "content-encoding",
    "content-length",
    "content-type",
    "dropbox-api-path-root",
    "dropbox-api-user-locale",
    "etag",
    "expect",
    "host",
    "if-none-match",
    "origin",
    "range",
    "retry-after",
    "transfer-encoding",
    "user-agent",
    "vary",
    "www-authenticate",
    "x-dropbox-request-id",
    "x-server-response-time",
];

/// Fields whose values are secrets, wherever they stand, and what they are.
const SECRET_FIELDS: [(&str, SecretKind); 11] = [
    ("access_token", SecretKind::Token),
    ("assertion", SecretKind::Secret),
    ("authorization", SecretKind::Token),
    ("client_assertion", SecretKind::Secret),
    ("client_secret", SecretKind::Secret),
    ("code", SecretKind::Secret),
    ("code_verifier", SecretKind::Secret),
    ("id_token", SecretKind::Secret),
    ("link_password", SecretKind::Secret),
    ("password", SecretKind::Secret),
    ("refresh_token", SecretKind::Secret),
];

/// What comes before the token in the URL of a link (API-231, UL-01), without the first slash: the
/// answer to a route that is not there names it without one.
const LINK_PATHS: [(&str, SecretKind); 5] = [
    ("rlkey=", SecretKind::Shared),
    ("cd/0/inline/", SecretKind::Download),
    ("apitul/1/", SecretKind::Link),
    ("apitl/1/", SecretKind::Download),
    ("cd/0/get/", SecretKind::Download),
];

/// The beginning of a request or an answer, without secrets. Only a [`Redactor`] makes one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Excerpt {
    headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

impl Excerpt {
    /// The headers by name, each with its value as far as it may be printed.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The beginning of the body, if it is a text without secrets.
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    pub(super) fn size(&self) -> usize {
        let headers = self.headers.iter();
        headers
            .map(|(name, value)| name.capacity() + value.capacity() + 48)
            .sum::<usize>()
            + self.body.as_ref().map_or(0, String::capacity)
    }
}

/// Turns what one exchange says into what may be kept of it.
///
/// It is told the secrets of the exchange, so it finds them also where a text quotes them; the
/// fields that carry secrets it knows by their names.
///
/// ```
/// use fake_dropbox::internals::control::journal::Redactor;
/// use fake_dropbox::internals::control::secrets::{Aliases, SecretKind};
///
/// let aliases = Aliases::default();
/// let mut redactor = Redactor::new(&aliases);
/// redactor.secret(SecretKind::Token, "sl.abc");
/// assert_eq!(redactor.text("bad token sl.abc"), "bad token token:1");
/// ```
#[derive(Debug)]
pub struct Redactor<'a> {
    aliases: &'a Aliases,
    secrets: Vec<(Arc<str>, Alias)>,
}

/// A secret that is shorter is one only where it stands by itself: tests like to call a token `t`,
/// and a text without any t cannot be read.
const SHORT_SECRET: usize = 8;

fn replace(text: String, secret: &str, alias: Alias) -> String {
    if !text.contains(secret) {
        return text;
    }
    let alias = alias.to_string();
    if secret.len() >= SHORT_SECRET {
        return text.replace(secret, &alias);
    }
    let (mut replaced, mut done) = (String::new(), 0);
    for (start, _) in text.match_indices(secret) {
        let end = start + secret.len();
        let around = [
            text[..start].chars().next_back(),
            text[end..].chars().next(),
        ];
        if !around.into_iter().flatten().any(char::is_alphanumeric) {
            replaced.push_str(&text[done..start]);
            replaced.push_str(&alias);
            done = end;
        }
    }
    replaced + &text[done..]
}

impl<'a> Redactor<'a> {
    /// A redactor for one exchange.
    pub fn new(aliases: &'a Aliases) -> Self {
        Self {
            aliases,
            secrets: Vec::new(),
        }
    }

    /// Tells a secret of this exchange; what is printed in its place.
    pub fn secret(&mut self, kind: SecretKind, secret: &str) -> Alias {
        let alias = self.aliases.alias(kind, secret);
        if !secret.is_empty() && !self.secrets.iter().any(|(known, _)| &**known == secret) {
            self.secrets.push((secret.into(), alias));
            // The longest first: one secret may begin with another.
            self.secrets
                .sort_by_key(|(secret, _)| std::cmp::Reverse(secret.len()));
        }
        alias
    }

    /// What is printed for an account.
    pub fn account(&self, name: &str) -> Arc<str> {
        self.aliases.account(name)
    }

    /// A text without the secrets of this exchange and without tokens of links.
    pub fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (secret, alias) in &self.secrets {
            text = replace(text, secret, *alias);
        }
        self.without_link_tokens(&text)
    }

    /// The beginning of an answer. Its headers are the server's own words.
    pub fn answer(&mut self, headers: &HeaderMap, body: Option<&[u8]>) -> Excerpt {
        let mut excerpt = self.excerpt(headers, body);
        for ((_, shown), (name, value)) in excerpt.headers.iter_mut().zip(headers) {
            if shown == REDACTED
                && let Ok(value) = value.to_str()
                && name != header::SET_COOKIE
            {
                *shown = shorten(self.text(value));
            }
        }
        excerpt
    }

    /// The beginning of a request or an answer. Of the body only JSON, forms and plain text are
    /// kept, and only whole ones: what cannot be read cannot be searched for secrets.
    pub fn excerpt(&mut self, headers: &HeaderMap, body: Option<&[u8]>) -> Excerpt {
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_ascii_lowercase();
        let body = body
            .filter(|body| !body.is_empty() && body.len() <= READ_BYTES)
            .and_then(|body| self.body(&content_type, body))
            .map(shorten);
        // The body comes first: it may tell secrets that headers quote.
        let headers = headers
            .iter()
            .map(|(name, value)| {
                let value = value.to_str().ok();
                let shown = value.map_or_else(
                    || REDACTED.to_owned(),
                    |value| self.header(name.as_str(), value),
                );
                (name.as_str().to_owned(), shorten(shown))
            })
            .collect();
        Excerpt { headers, body }
    }

    fn header(&mut self, name: &str, value: &str) -> String {
        match name {
            "authorization" => match value.split_once(' ') {
                Some((scheme, credentials)) if scheme.eq_ignore_ascii_case("bearer") => {
                    format!(
                        "{scheme} {}",
                        self.secret(SecretKind::Token, credentials.trim())
                    )
                }
                Some((scheme, _)) => format!("{} {REDACTED}", self.text(scheme)),
                None => REDACTED.to_owned(),
            },
            "dropbox-api-arg" | "dropbox-api-result" => self
                .json(value.as_bytes())
                .unwrap_or_else(|| REDACTED.to_owned()),
            _ if SHOWN_HEADERS.contains(&name) => self.text(value),
            _ => REDACTED.to_owned(),
        }
    }

    fn body(&mut self, content_type: &str, body: &[u8]) -> Option<String> {
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        match media_type {
            "application/x-www-form-urlencoded" => Some(self.form(body)),
            _ => self.json(body).or_else(|| {
                (media_type == "text/plain" || media_type == "application/problem+json")
                    .then(|| std::str::from_utf8(body).ok())
                    .flatten()
                    .map(|text| self.text(text))
            }),
        }
    }

    fn json(&mut self, text: &[u8]) -> Option<String> {
        let mut value: Value = serde_json::from_slice(text).ok()?;
        // A bare string or number is no argument of Dropbox, and might be anything.
        if !value.is_object() && !value.is_array() && !value.is_null() {
            return None;
        }
        self.learn(None, &value);
        self.clean(&mut value);
        Some(value.to_string())
    }

    /// Finds secrets by the names of their fields.
    fn learn(&mut self, field: Option<&str>, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.learn(Some(name), value);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| self.learn(field, value)),
            Value::String(text) => {
                if let Some(kind) = secret_field(field) {
                    self.secret(kind, text);
                }
            }
            _ => {}
        }
    }

    fn clean(&self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(name, mut value)| {
                        self.clean(&mut value);
                        (self.text(&name), value)
                    })
                    .collect();
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.clean(value)),
            Value::String(text) => *text = self.text(text),
            _ => {}
        }
    }

    fn form(&mut self, body: &[u8]) -> String {
        let decode = |text: &str| {
            let text = text.replace('+', " ");
            percent_encoding::percent_decode_str(&text)
                .decode_utf8_lossy()
                .into_owned()
        };
        let body = String::from_utf8_lossy(body);
        let fields: Vec<(String, String)> = body
            .split('&')
            .map(|field| field.split_once('=').unwrap_or((field, "")))
            .map(|(name, value)| (decode(name), decode(value)))
            .collect();
        for (name, value) in &fields {
            if let Some(kind) = secret_field(Some(name)) {
                self.secret(kind, value);
            }
        }
        let fields = fields
            .iter()
            .map(|(name, value)| format!("{}={}", self.text(name), self.text(value)));
        fields.collect::<Vec<_>>().join("&")
    }

    fn without_link_tokens(&self, text: &str) -> String {
        let mut cleaned = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((start, before, kind)) = LINK_PATHS
            .iter()
            .filter_map(|(before, kind)| Some((rest.find(before)?, *before, *kind)))
            .min_by_key(|(start, ..)| *start)
        {
            let (head, tail) = rest.split_at(start + before.len());
            cleaned.push_str(head);
            let is_end = |character: char| {
                !(character.is_ascii_alphanumeric() || "-_.~%:".contains(character))
            };
            let token = &tail[..tail.find(is_end).unwrap_or(tail.len())];
            let is_alias = token.parse::<Alias>().is_ok();
            if is_alias || token.is_empty() {
                cleaned.push_str(token);
            } else {
                cleaned.push_str(&self.aliases.alias(kind, token).to_string());
            }
            rest = &tail[token.len()..];
        }
        cleaned.push_str(rest);
        cleaned
    }
}

/// The segments of a path that are secrets, as they are written: what stands where the token of a link does,
/// whatever its case and coding, and what is known for a secret.
pub fn secrets_in_path(aliases: &Aliases, path: &str) -> Vec<(SecretKind, String)> {
    let mut before = String::new();
    let mut found = Vec::new();
    for segment in path.split('/') {
        let decoded = percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
        let known = KINDS
            .iter()
            .find(|kind| aliases.known(**kind, &decoded).is_some());
        let of_a_link = LINK_PATHS
            .iter()
            .find(|(names, _)| before.ends_with(names))
            .map(|(_, kind)| kind);
        if let Some(kind) = known.or(of_a_link)
            && !segment.is_empty()
        {
            found.push((*kind, segment.to_owned()));
        }
        before += &decoded.to_ascii_lowercase();
        before.push('/');
    }
    found
}

fn secret_field(name: Option<&str>) -> Option<SecretKind> {
    let name = name?;
    let mut fields = SECRET_FIELDS.iter();
    fields
        .find(|(field, _)| name.eq_ignore_ascii_case(field))
        .map(|(_, kind)| *kind)
}

fn shorten(mut text: String) -> String {
    if text.len() > EXCERPT_BYTES {
        let end = (0..=EXCERPT_BYTES)
            .rev()
            .find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or(0));
        text.push('…');
        text.shrink_to_fit();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect::<Vec<(http::HeaderName, http::HeaderValue)>>()
            .into_iter()
            .collect()
    }

    #[test]
    fn a_secret_of_a_letter_is_found_by_itself_and_not_in_words() {
        let aliases = Aliases::default();
        let mut redactor = Redactor::new(&aliases);
        redactor.secret(SecretKind::Token, "t");
        assert_eq!(
            redactor.text("the token \"t\" is not that, t"),
            "the token \"token:1\" is not that, token:1"
        );
    }

    #[test]
    fn a_minted_link_is_shown_by_its_alias() {
        let aliases = Aliases::default();
        let mut redactor = Redactor::new(&aliases);
        let alias = redactor.secret(SecretKind::Link, "TOKEN-1");
        let excerpt = redactor.excerpt(
            &headers(&[("content-type", "application/json")]),
            Some(br#"{"link": "https://content.dropboxapi.com/apitul/1/TOKEN-1"}"#),
        );
        assert_eq!(
            excerpt.body(),
            Some(&*format!(
                r#"{{"link":"https://content.dropboxapi.com/apitul/1/{alias}"}}"#
            ))
        );
    }

    #[test]
    fn tokens_do_not_get_through_headers_arguments_forms_or_texts() {
        let aliases = Aliases::default();
        let mut redactor = Redactor::new(&aliases);
        let request = redactor.excerpt(
            &headers(&[
                ("authorization", "Bearer SECRET-1"),
                ("cookie", "SECRET-2"),
                ("x-any", "SECRET-3"),
                ("user-agent", "SECRET-1"),
                ("dropbox-api-arg", r#"{"path": "/a", "access_token": "SECRET-4"}"#),
                ("content-type", "application/x-www-form-urlencoded"),
            ]),
            Some(b"grant_type=refresh_token&refresh_token=SECRET%2D5&client_secret=SECRET-6&code=SECRET-7"),
        );
        let answer = redactor.excerpt(
            &headers(&[("content-type", "text/plain; charset=utf-8")]),
            Some(b"bad header \"Bearer SECRET-1\" for /apitul/1/SECRET-8?x, no function \"apitul/1/SECRET-9\""),
        );
        let everything = format!(
            "{} {}",
            serde_json::to_string(&request).unwrap(),
            serde_json::to_string(&answer).unwrap()
        );
        assert!(!everything.contains("SECRET"), "{everything}");
        assert!(
            everything.contains("grant_type=refresh_token"),
            "{everything}"
        );
        assert!(everything.contains("Bearer token:1"), "{everything}");
        assert!(everything.contains("/apitul/1/link:1?x"), "{everything}");
    }

    #[test]
    fn a_body_that_cannot_be_read_is_not_kept() {
        let aliases = Aliases::default();
        let mut redactor = Redactor::new(&aliases);
        let json = headers(&[("content-type", "application/json")]);
        let broken = br#"{"access_token": "SECRET"#;
        assert_eq!(redactor.excerpt(&json, Some(broken)).body(), None);
        let bytes = headers(&[("content-type", "application/octet-stream")]);
        assert_eq!(redactor.excerpt(&bytes, Some(b"any bytes")).body(), None);
    }

    #[test]
    fn an_excerpt_is_short() {
        let aliases = Aliases::default();
        let mut redactor = Redactor::new(&aliases);
        let body = "ä".repeat(EXCERPT_BYTES);
        let excerpt = redactor.excerpt(
            &headers(&[("content-type", "text/plain")]),
            Some(body.as_bytes()),
        );
        assert!(excerpt.body().unwrap().len() <= EXCERPT_BYTES + '…'.len_utf8());
    }
}
