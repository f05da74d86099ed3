//! From where a request came, and the origin that links must have to work from there.

use crate::control::LinkOrigin;
use crate::server::app::public_url::PublicUrl;
use crate::server::http::forwarded::Forwarded;
use crate::server::listener::{
    ConnectionFacts, Scheme, is_host_and_port, is_unspecified, plain_host,
};
use crate::wire::routes::HostKind;
use http::HeaderMap;
use http::uri::{Authority, Uri};
use std::net::{IpAddr, SocketAddr};

/// Under which name and scheme a client reached the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestOrigin {
    /// `http` or `https`.
    pub scheme: Scheme,
    /// Host and perhaps a port.
    pub authority: String,
    /// The path that proxies took away in front of the target; empty where there is none.
    pub prefix: String,
}

impl RequestOrigin {
    /// Reads what proxies forwarded, the target and `Host`, in this order, and falls back on the
    /// address that the connection came to.
    pub fn of(uri: &Uri, headers: &HeaderMap, facts: &ConnectionFacts) -> Self {
        let forwarded = Forwarded::of(headers);
        let scheme = forwarded.scheme.unwrap_or(facts.scheme);
        let local_port = facts.local.port();
        let named = forwarded.authority.or_else(|| authority(uri, headers));
        let mut authority = match named {
            // Nobody can reach an unspecified address, whoever writes it.
            Some(named) if is_unspecified(named.host()) => {
                format!("localhost:{}", named.port_u16().unwrap_or(local_port))
            }
            Some(named) => named.as_str().trim_end_matches(':').to_owned(),
            None if facts.local.ip().is_unspecified() => format!("localhost:{local_port}"),
            None => facts.local.to_string(),
        };
        if let Some(port) = forwarded.port {
            let host = host_of(&authority).to_owned();
            let usual = if scheme == Scheme::Https { 443 } else { 80 };
            authority = if port == usual {
                host
            } else {
                format!("{host}:{port}")
            };
        }
        Self {
            scheme,
            authority,
            prefix: forwarded.prefix,
        }
    }

    /// The host without the port, as it was written.
    pub fn host(&self) -> &str {
        host_of(&self.authority)
    }

    /// The origin of links, decided here for all of them (UL-97). `host` is the one that they have in production,
    /// `local` the address that the connection came to.
    pub fn link_base(
        &self,
        links: LinkOrigin,
        public: Option<&PublicUrl>,
        host: &str,
        local: SocketAddr,
    ) -> String {
        let (scheme, prefix) = (self.scheme.as_str(), &self.prefix);
        match (links, public) {
            (LinkOrigin::Production, _) if self.is_dropbox() => {
                // A client that names a port reaches the fake at no other one.
                let port = &self.authority[self.host().len()..];
                format!("https://{host}{port}{prefix}")
            }
            (LinkOrigin::Production, _) => format!("https://{host}"),
            (LinkOrigin::Local, Some(public)) => public.to_string(),
            // Who follows it may not come through us, so it names nobody else.
            (LinkOrigin::Local, None) if self.is_dropbox() => format!("http://{local}"),
            (LinkOrigin::Local, None) => format!("{scheme}://{}{prefix}", self.authority),
        }
    }

    /// Whether it was one of Dropbox's own names.
    pub fn is_dropbox(&self) -> bool {
        HostKind::named(self.host()).is_some()
    }
}

/// Whether this is the name of a host, or an address, and nothing else.
pub fn is_host_name(name: &str) -> bool {
    // An address may stand without brackets, as nobody can mean a port with it.
    let is_address = name.parse::<IpAddr>().is_ok();
    let is_whole = !name.is_empty() && host_of(name) == name && is_host_and_port(name);
    is_address || is_whole
}

/// Whether two names mean one host: letter case, the brackets of an IPv6 address and the dot of the
/// root make no difference.
pub fn is_same_host(one: &str, other: &str) -> bool {
    plain_host(one) == plain_host(other)
}

/// Whether a `Host` header may carry this name on a server that listens on loopback. Any other
/// name is a web page's trick to reach the server through the browser (DNS rebinding).
pub fn is_local_name(host: &str) -> bool {
    let host = plain_host(host);
    if let Ok(address) = host.parse::<IpAddr>() {
        let address = address.to_canonical();
        return address.is_loopback() || address.is_unspecified();
    }
    host == "localhost"
        || host.ends_with(".localhost")
        || host.ends_with("-localhost")
        || HostKind::named(&host).is_some()
}

/// Whom the client asked, by its own word: the listener lets only readable names pass.
fn authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let header = || headers.get(http::header::HOST)?.to_str().ok()?.parse().ok();
    uri.authority().cloned().or_else(header)
}

pub fn host_of(authority: &str) -> &str {
    match authority.rfind(':') {
        // The colons of an IPv6 address stand inside brackets.
        Some(colon) if !authority[colon..].contains(']') => &authority[..colon],
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(
        links: LinkOrigin,
        scheme: Scheme,
        target: &str,
        headers: &[(&'static str, &str)],
    ) -> String {
        let facts = ConnectionFacts {
            id: 1,
            peer: "127.0.0.1:5".parse().expect("an address"),
            local: "127.0.0.1:8080".parse().expect("an address"),
            scheme,
            server_name: None,
            alpn: None,
            tunnel: None,
            presence: crate::server::listener::ClientPresence::default(),
        };
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    name.parse().expect("a name"),
                    value.parse().expect("a value"),
                )
            })
            .collect();
        let origin = RequestOrigin::of(&target.parse().expect("a target"), &headers, &facts);
        origin.link_base(links, None, "content.dropboxapi.com", facts.local)
    }

    type Headers = &'static [(&'static str, &'static str)];

    fn hold(rows: &[(Scheme, &str, Headers, &str)]) {
        for (scheme, target, headers, wanted) in rows {
            assert_eq!(
                origin(LinkOrigin::Local, *scheme, target, headers),
                *wanted,
                "{target} {headers:?}"
            );
        }
    }

    #[test]
    fn links_work_from_where_the_client_is() {
        use Scheme::{Http, Https};
        hold(&[
            (
                Http,
                "/",
                &[("host", "localhost:8080")],
                "http://localhost:8080",
            ),
            (Http, "/", &[("host", "fake:8080")], "http://fake:8080"),
            (Https, "/", &[("host", "[::1]:8443")], "https://[::1]:8443"),
            (
                Http,
                "/",
                &[("host", "0.0.0.0:8080")],
                "http://localhost:8080",
            ),
            (Http, "/", &[("host", "[::]:8080")], "http://localhost:8080"),
            (Http, "/", &[], "http://127.0.0.1:8080"),
            (Http, "/", &[("host", "")], "http://127.0.0.1:8080"),
            (
                Http,
                "http://example.test:1/x",
                &[("host", "other")],
                "http://example.test:1",
            ),
            (
                Https,
                "/",
                &[("host", "api.dropboxapi.com")],
                "http://127.0.0.1:8080",
            ),
            (Http, "/", &[("host", "a:")], "http://a"),
            (
                Http,
                "/",
                &[("host", "api.dropboxapi.com:8080")],
                "http://127.0.0.1:8080",
            ),
        ]);
    }

    #[test]
    fn no_link_leads_to_a_name_of_dropbox_s_unless_that_is_asked_for_and_then_never_in_clear() {
        use Scheme::{Http, Https};
        let named = [
            "api.dropboxapi.com",
            "API.dropbox.com",
            "content.dropboxapi.com:443",
            "www.dropbox.com",
            "x.dl.dropboxusercontent.com",
        ];
        for scheme in [Http, Https] {
            for host in named {
                for forwarded in ["http", "https"] {
                    let headers = [("host", host), ("x-forwarded-proto", forwarded)];
                    let local = origin(LinkOrigin::Local, scheme, "/", &headers);
                    assert_eq!(local, "http://127.0.0.1:8080", "{host}");
                    let passed_on = [("host", "a:1"), ("x-forwarded-host", host)];
                    let local = origin(LinkOrigin::Local, scheme, "/", &passed_on);
                    assert_eq!(local, "http://127.0.0.1:8080", "{host}");
                    let far = origin(LinkOrigin::Production, scheme, "/", &headers);
                    let port = if host.ends_with(":443") { ":443" } else { "" };
                    assert_eq!(far, format!("https://content.dropboxapi.com{port}"));
                }
            }
            let here = [("host", "localhost:8080")];
            let far = origin(LinkOrigin::Production, scheme, "/", &here);
            assert_eq!(far, "https://content.dropboxapi.com");
        }
    }

    #[test]
    fn links_lead_through_the_proxy_in_front() {
        use Scheme::Http;
        hold(&[
            (
                Http,
                "/",
                &[
                    ("host", "a:1"),
                    ("x-forwarded-proto", "https"),
                    ("x-forwarded-host", "proxy.test"),
                ],
                "https://proxy.test",
            ),
            (
                Http,
                "/",
                &[
                    ("host", "a:1"),
                    ("x-forwarded-proto", "https"),
                    ("x-forwarded-port", "8443"),
                ],
                "https://a:8443",
            ),
            (
                Http,
                "/",
                &[
                    ("host", "a:1"),
                    ("x-forwarded-proto", "https"),
                    ("x-forwarded-port", "443"),
                ],
                "https://a",
            ),
            (
                Http,
                "/",
                &[
                    ("host", "a:1"),
                    ("x-forwarded-host", "outer.test, inner.test"),
                ],
                "http://outer.test",
            ),
            (
                Http,
                "/",
                &[("host", "a:1"), ("x-forwarded-host", "[::]:9")],
                "http://localhost:9",
            ),
            (
                Http,
                "/",
                &[("host", "a:1"), ("x-forwarded-host", "not a host")],
                "http://a:1",
            ),
            (
                Http,
                "/",
                &[
                    ("host", "a:1"),
                    ("x-forwarded-host", "proxy.test:8443"),
                    ("x-forwarded-prefix", "/dropbox"),
                ],
                "http://proxy.test:8443/dropbox",
            ),
            (
                Http,
                "/",
                &[
                    ("host", "a:1"),
                    ("forwarded", "proto=https;host=\"[2001:db8::1]:8443\""),
                ],
                "https://[2001:db8::1]:8443",
            ),
            (
                Http,
                "/",
                &[
                    ("host", "[::1]:1"),
                    ("x-forwarded-proto", "https"),
                    ("x-forwarded-port", "443"),
                ],
                "https://[::1]",
            ),
        ]);
    }

    #[test]
    fn a_host_name_is_a_name_alone() {
        for name in ["fake", "dropbox.test.", "10.0.0.1", "::1", "[::1]", "a_b"] {
            assert!(is_host_name(name), "{name}");
        }
        for name in [
            "",
            "fake:80",
            "[::1]:80",
            "http://fake",
            "fake/x",
            "a b",
            "u@a",
        ] {
            assert!(!is_host_name(name), "{name}");
        }
        assert!(is_same_host("[::1]", "::1") && is_same_host("Fake.", "fake"));
        assert!(!is_same_host("fake", "fake.test"));
    }

    #[test]
    fn only_names_of_this_machine_and_of_dropbox_are_local() {
        for name in [
            "localhost",
            "LOCALHOST.",
            "api.localhost",
            "api-localhost",
            "127.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "127.0.0.1.",
            "API.DropboxAPI.com.",
            "api.dropboxapi.com",
        ] {
            assert!(is_local_name(name), "{name}");
        }
        for name in [
            "evil.test",
            "localhost.evil.test",
            "10.0.0.1",
            "[2001:db8::1]",
            "127.0.0.1.evil.test",
            "localhost..",
            "%6cocalhost",
            "evil-dropbox.com",
        ] {
            assert!(!is_local_name(name), "{name}");
        }
    }
}
