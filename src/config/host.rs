//! Where to listen.

use serde::de::{self, Deserialize, Deserializer};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An address to listen on, without the port.
///
/// ```
/// use fake_dropbox::config::{BadHost, ListenHost};
///
/// assert_eq!("localhost".parse(), Ok(ListenHost::Loopback));
/// let everywhere: ListenHost = "0.0.0.0".parse()?;
/// assert!(!everywhere.is_loopback());
/// assert!("example.com".parse::<ListenHost>().is_err());
/// # Ok::<(), BadHost>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenHost {
    /// `127.0.0.1`, and `::1` where the machine has it.
    Loopback,
    /// Exactly this address.
    Address(IpAddr),
}

impl ListenHost {
    /// Whether only this machine reaches it.
    pub fn is_loopback(self) -> bool {
        match self {
            Self::Loopback => true,
            Self::Address(address) => address.is_loopback(),
        }
    }
}

/// The text is not an address to listen on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not an address to listen on: write localhost, an IP address such as 127.0.0.1 or ::1, or 0.0.0.0 for every \
     network; the port is given by itself"
)]
pub struct BadHost(String);

impl FromStr for ListenHost {
    type Err = BadHost;

    fn from_str(text: &str) -> Result<Self, BadHost> {
        let plain = text.trim_start_matches('[').trim_end_matches(']');
        if plain.eq_ignore_ascii_case("localhost") {
            return Ok(Self::Loopback);
        }
        plain
            .parse()
            .map(Self::Address)
            .map_err(|_| BadHost(text.to_owned()))
    }
}

impl fmt::Display for ListenHost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loopback => formatter.write_str("localhost"),
            Self::Address(address) => address.fmt(formatter),
        }
    }
}

impl<'de> Deserialize<'de> for ListenHost {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_localhost_or_an_address() {
        assert_eq!("localhost".parse(), Ok(ListenHost::Loopback));
        assert_eq!(
            "[::1]".parse(),
            Ok(ListenHost::Address("::1".parse().unwrap()))
        );
        assert!(!"0.0.0.0".parse::<ListenHost>().unwrap().is_loopback());
        for text in ["", "example.com", "127.0.0.1:80", "*"] {
            let error = text.parse::<ListenHost>().unwrap_err().to_string();
            assert!(error.contains("0.0.0.0"), "{error}");
        }
    }
}
