//! What the head of a request says: its parameters, its type, its credentials.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use std::borrow::Cow;

/// A parameter of a query or a form, decoded; the first of its name.
pub fn query_parameter(query: &str, name: &str) -> Option<String> {
    if query.is_empty() {
        return None;
    }
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// `Content-Type` as it came. Several lines are one value with commas in it, as everywhere in HTTP: a
/// doubled header is a type that no route takes (API-10).
pub fn content_type(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let mut lines = headers.get_all(http::header::CONTENT_TYPE).iter();
    let first = String::from_utf8_lossy(lines.next()?.as_bytes());
    Some(lines.fold(first, |all, line| {
        Cow::Owned(format!(
            "{all},{}",
            String::from_utf8_lossy(line.as_bytes())
        ))
    }))
}

/// The key and secret in a `Basic` authorization.
pub fn basic(credentials: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (key, secret) = text.split_once(':')?;
    Some((key.to_owned(), secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let query = "a=1&arg=%7B%22path%22%3A%22%2Fa+b%22%7D&authorization=Bearer%20x";
        assert_eq!(
            query_parameter(query, "arg").as_deref(),
            Some("{\"path\":\"/a b\"}")
        );
        assert_eq!(
            query_parameter(query, "authorization").as_deref(),
            Some("Bearer x")
        );
        assert_eq!(query_parameter(query, "none"), None);
    }
}
