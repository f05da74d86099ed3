//! The host names that the fake answers for, and the tunnels it lets through.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// The hosts of the real Dropbox that its clients call.
pub const DROPBOX_HOSTS: [&str; 7] = [
    "api.dropboxapi.com",
    "content.dropboxapi.com",
    "notify.dropboxapi.com",
    "api.dropbox.com",
    "api-content.dropbox.com",
    "dl.dropboxusercontent.com",
    "www.dropbox.com",
];

/// The names of this machine that clients make up when they are told to call `localhost`: SDKs put
/// a word and a delimiter in front of the domain they are given.
pub const LOCAL_HOSTS: [&str; 10] = [
    "localhost",
    "api.localhost",
    "content.localhost",
    "notify.localhost",
    "www.localhost",
    "api-localhost",
    "api-content-localhost",
    "bolt-localhost",
    "api-notify-localhost",
    "meta-localhost",
];

/// The loopback addresses as a URL's host spells them, without brackets.
pub const LOCAL_ADDRESSES: [&str; 2] = ["127.0.0.1", "::1"];

/// The host on which HTTP/1.1 is preferred (UL-130).
#[cfg(feature = "tls")]
pub(super) const CONTENT_HOST: &str = "content.dropboxapi.com";

/// The port of `http`.
pub(super) const HTTP_PORT: u16 = 80;

/// The port of `https`.
pub(super) const HTTPS_PORT: u16 = 443;

/// A foreign host and port that clients are let through to. It is written `host` (port 443) or
/// `host:port`; IPv6 addresses stand in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedTunnel {
    host: String,
    port: u16,
}

/// Why a text is not an [`AllowedTunnel`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a host, or a host and a port such as example.com:443")]
pub struct InvalidTunnel {
    text: String,
}

impl AllowedTunnel {
    /// Whether this allows a tunnel to `host` (as [`plain_host`] gives it) and `port`.
    pub(super) fn allows(&self, host: &str, port: u16) -> bool {
        self.host == host && self.port == port
    }
}

#[cfg(all(feature = "cli", target_os = "linux"))]
impl AllowedTunnel {
    /// The host, without brackets, and the port.
    pub(crate) fn into_parts(self) -> (String, u16) {
        (self.host, self.port)
    }
}

impl FromStr for AllowedTunnel {
    type Err = InvalidTunnel;

    fn from_str(text: &str) -> Result<Self, InvalidTunnel> {
        let invalid = || InvalidTunnel {
            text: text.to_owned(),
        };
        let authority: http::uri::Authority = text.parse().map_err(|_| invalid())?;
        let rest = text.strip_prefix(authority.host()).ok_or_else(invalid)?;
        let host = plain_host(authority.host());
        if host.is_empty() || host.contains('*') {
            return Err(invalid());
        }
        match (rest, authority.port_u16()) {
            ("", None) => Ok(Self {
                host,
                port: HTTPS_PORT,
            }),
            (_, Some(port)) if port != 0 => Ok(Self { host, port }),
            _ => Err(invalid()),
        }
    }
}

impl fmt::Display for AllowedTunnel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(formatter, "[{host}]:{port}")
        } else {
            write!(formatter, "{host}:{port}")
        }
    }
}

/// A host name as names are compared: lower case, without brackets and without the root's dot.
pub(in crate::server) fn plain_host(host: &str) -> String {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// Whether a host is the address that stands for every address of a machine: nobody can reach it.
pub(in crate::server) fn is_unspecified(host: &str) -> bool {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>()
        .is_ok_and(|address| address.is_unspecified())
}

/// Whether a host as [`plain_host`] gives it is this machine.
pub(super) fn is_local(host: &str) -> bool {
    LOCAL_HOSTS.contains(&host) || LOCAL_ADDRESSES.contains(&host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowed_tunnel_without_a_port_means_https() {
        let allowed: AllowedTunnel = "Registry.Example.com".parse().unwrap();
        assert!(allowed.allows("registry.example.com", 443));
        assert!(!allowed.allows("registry.example.com", 80));
        assert!(!allowed.allows("example.com", 443));
        assert_eq!(allowed.to_string(), "registry.example.com:443");
    }

    #[test]
    fn an_allowed_tunnel_may_name_its_port_and_an_address() {
        for (text, host, port) in [
            ("a.b:8080", "a.b", 8080),
            ("[::1]:1", "::1", 1),
            ("10.0.0.1", "10.0.0.1", 443),
        ] {
            let allowed: AllowedTunnel = text.parse().unwrap();
            assert!(allowed.allows(host, port), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_host_is_refused() {
        for text in [
            "",
            "a b",
            "a:x",
            "a:0",
            "a:70000",
            "a:",
            "https://a",
            "user@a",
            "*.a",
            "*",
        ] {
            let error = text.parse::<AllowedTunnel>().unwrap_err();
            assert!(error.to_string().contains("is not a host"), "{text}");
        }
    }

    #[test]
    fn hosts_are_compared_without_case_brackets_and_final_dot() {
        assert_eq!(plain_host("[::1]"), "::1");
        assert_eq!(plain_host("API.DropboxAPI.com."), "api.dropboxapi.com");
        assert!(is_local("bolt-localhost") && is_local("127.0.0.1") && !is_local("example.com"));
    }
}
