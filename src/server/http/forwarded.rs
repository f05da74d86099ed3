//! What reverse proxies tell of the request as it came to them.

use crate::server::listener::{Scheme, is_host_and_port};
use http::header::FORWARDED;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderName};

/// What stood in `Forwarded` (RFC 7239) and in the `X-Forwarded-…` headers that are older than it.
/// What cannot be read counts as not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forwarded {
    /// `proto=`, or `X-Forwarded-Proto`.
    pub scheme: Option<Scheme>,
    /// `host=`, or `X-Forwarded-Host`, perhaps with a port.
    pub authority: Option<Authority>,
    /// `X-Forwarded-Port`.
    pub port: Option<u16>,
    /// `X-Forwarded-Prefix`: the path that proxies took away, as `/a/b`; empty where there is none.
    pub prefix: String,
}

impl Forwarded {
    /// Reads the headers. In a list, the first entry is that of the proxy which the client asked.
    pub fn of(headers: &HeaderMap) -> Self {
        // Few requests come through a proxy, and each name that is looked up costs.
        let says_so =
            |name: &HeaderName| *name == FORWARDED || name.as_str().starts_with("x-forwarded-");
        if !headers.keys().any(says_so) {
            return Self::default();
        }
        let (mut scheme, mut authority) = standard(headers);
        scheme = scheme.or_else(|| to_scheme(first(headers, "x-forwarded-proto")?));
        authority = authority.or_else(|| to_authority(first(headers, "x-forwarded-host")?));
        Self {
            scheme,
            authority,
            port: first(headers, "x-forwarded-port").and_then(|port| port.parse().ok()),
            prefix: prefix(headers),
        }
    }
}

fn to_scheme(text: &str) -> Option<Scheme> {
    match text.to_ascii_lowercase().as_str() {
        "https" => Some(Scheme::Https),
        "http" => Some(Scheme::Http),
        _ => None,
    }
}

fn to_authority(text: &str) -> Option<Authority> {
    let is_good = !text.is_empty() && !text.ends_with(':') && is_host_and_port(text);
    text.parse().ok().filter(|_| is_good)
}

/// The entries of a list that may be spread over several lines.
fn entries<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

fn first<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    entries(headers, name).find(|entry| !entry.is_empty())
}

/// `proto` and `host` of the first entry of `Forwarded`. No host holds a comma or a semicolon, so
/// that quotes need not be minded where the entry is split; the crates for this header leave them on.
fn standard(headers: &HeaderMap) -> (Option<Scheme>, Option<Authority>) {
    let Some(entry) = first(headers, "forwarded") else {
        return (None, None);
    };
    let parameter = |wanted: &str| {
        entry.split(';').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let is_wanted = name.trim().eq_ignore_ascii_case(wanted);
            is_wanted.then(|| value.trim().trim_matches('"'))
        })
    };
    (
        parameter("proto").and_then(to_scheme),
        parameter("host").and_then(to_authority),
    )
}

/// Each proxy adds what it took away behind what those before it did.
fn prefix(headers: &HeaderMap) -> String {
    entries(headers, "x-forwarded-prefix")
        .map(|entry| entry.trim_matches('/'))
        .filter(|entry| !entry.is_empty())
        .map(|entry| format!("/{entry}"))
        .filter(|path| {
            let parsed: Option<PathAndQuery> = path.parse().ok();
            parsed.is_some_and(|parsed| parsed.path() == path)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarded(lines: &[(&'static str, &'static str)]) -> Forwarded {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, http::HeaderValue::from_static(value));
        }
        Forwarded::of(&headers)
    }

    #[test]
    fn the_standard_header_and_the_older_ones_say_the_same() {
        let wanted = Forwarded {
            scheme: Some(Scheme::Https),
            authority: Some("outer.test:8443".parse().expect("an authority")),
            ..Forwarded::default()
        };
        for lines in [
            &[
                ("x-forwarded-proto", "HTTPS, http"),
                ("x-forwarded-host", "outer.test:8443, inner"),
            ][..],
            &[(
                "forwarded",
                "for=192.0.2.1;host=\"outer.test:8443\";proto=https, for=10.0.0.1;host=inner",
            )],
            &[("forwarded", "Proto=https ; HOST=outer.test:8443")],
            &[
                ("forwarded", "host=outer.test:8443;proto=https"),
                ("forwarded", "host=inner;proto=http"),
                ("x-forwarded-host", "older.test"),
            ],
            &[
                ("forwarded", "for=192.0.2.1"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", ", outer.test:8443"),
            ],
        ] {
            assert_eq!(forwarded(lines), wanted, "{lines:?}");
        }
        let six = forwarded(&[("forwarded", "host=\"[2001:db8::1]:8080\"")]);
        assert_eq!(
            six.authority.as_ref().map(Authority::as_str),
            Some("[2001:db8::1]:8080")
        );
    }

    #[test]
    fn what_cannot_be_read_was_not_said() {
        for lines in [
            ("x-forwarded-host", "a b"),
            ("x-forwarded-host", "user@a"),
            ("x-forwarded-host", "a:x"),
            ("x-forwarded-host", "a:"),
            ("x-forwarded-host", ":80"),
            ("x-forwarded-host", ""),
            ("x-forwarded-proto", "wss"),
            ("x-forwarded-port", "99999"),
            ("x-forwarded-prefix", "/"),
            ("x-forwarded-prefix", "/a?b"),
            ("x-forwarded-prefix", "/a#b"),
            ("x-forwarded-prefix", "/a b"),
            ("forwarded", "host"),
            ("forwarded", "host=\"\";proto=ftp"),
        ] {
            assert_eq!(forwarded(&[lines]), Forwarded::default(), "{lines:?}");
        }
    }

    #[test]
    fn prefixes_of_several_proxies_follow_each_other() {
        for (lines, wanted) in [
            (&[("x-forwarded-prefix", "/dropbox/")][..], "/dropbox"),
            (&[("x-forwarded-prefix", "dropbox")], "/dropbox"),
            (&[("x-forwarded-prefix", "/a/b, /c")], "/a/b/c"),
            (
                &[("x-forwarded-prefix", "/a"), ("x-forwarded-prefix", "/b/")],
                "/a/b",
            ),
            (&[("x-forwarded-prefix", "//evil.test")], "/evil.test"),
        ] {
            assert_eq!(forwarded(lines).prefix, wanted, "{lines:?}");
        }
    }
}
