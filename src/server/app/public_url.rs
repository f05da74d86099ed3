//! The address under which clients reach a server that does not know it by itself.

use crate::server::listener::{is_host_and_port, is_unspecified};
use http::uri::Uri;
use std::fmt;
use std::str::FromStr;

/// An origin that clients can reach: scheme, host and perhaps a port, and perhaps a path before
/// everything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    url: String,
    host: String,
}

/// The text is not the address of a server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a public URL: it must look like https://dropbox.test:8443, with http or https, a host that can be reached and no query"
)]
pub struct BadPublicUrl(String);

impl FromStr for PublicUrl {
    type Err = BadPublicUrl;

    fn from_str(text: &str) -> Result<Self, BadPublicUrl> {
        let bad = || BadPublicUrl(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| bad())?;
        let scheme = uri
            .scheme_str()
            .filter(|scheme| matches!(*scheme, "http" | "https"))
            .ok_or_else(bad)?;
        let authority = uri
            .authority()
            .filter(|authority| !is_unspecified(authority.host()))
            .filter(|authority| is_host_and_port(authority.as_str()))
            .ok_or_else(bad)?;
        if uri.query().is_some() {
            return Err(bad());
        }
        Ok(Self {
            url: format!("{scheme}://{authority}{}", uri.path().trim_end_matches('/')),
            host: authority.host().to_owned(),
        })
    }
}

impl PublicUrl {
    /// The host without the port.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin_that_can_be_reached() {
        let url: PublicUrl = "https://dropbox.test:8443/".parse().expect("good");
        assert_eq!(url.to_string(), "https://dropbox.test:8443");
        let url: PublicUrl = "https://dropbox.test/a/b/".parse().expect("good");
        assert_eq!(
            (url.to_string().as_str(), url.host()),
            ("https://dropbox.test/a/b", "dropbox.test")
        );
        let url: PublicUrl = "http://[::1]:1/a:b".parse().expect("good");
        assert_eq!(url.host(), "[::1]");
        for bad in [
            "",
            "dropbox.test",
            "ftp://x",
            "http://0.0.0.0:1",
            "http://[::]:1",
            "http://x/?q",
            "/a",
            "http://u:p@x",
            "http://x:99999",
        ] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad:?}");
        }
    }
}
