//! What leads outside: which it is, where it is inside, and how its bytes get there.

use crate::server::listener::AllowedTunnel;
use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::str::FromStr;

/// What `--pass` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A port of the loopback outside.
    Port(u16),
    /// A host outside and its port.
    Host(String, u16),
    /// A socket of the file system.
    Socket(PathBuf),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('/') && !text.contains("://") {
            return Ok(Self::Socket(PathBuf::from(text)));
        }
        if let Ok(port) = text.parse::<u16>() {
            return match port {
                0 => Err("port 0 is none: name the port that is listened on".to_owned()),
                _ => Ok(Self::Port(port)),
            };
        }
        let has_port = text
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok_and(|port| port != 0));
        let target: Option<AllowedTunnel> = text.parse().ok().filter(|_| has_port);
        let Some(target) = target else {
            return Err(format!(
                "'{text}' is neither a port nor a host and a port: write 5432 or db.test:5432"
            ));
        };
        Ok(target.into())
    }
}

impl From<AllowedTunnel> for Target {
    fn from(tunnel: AllowedTunnel) -> Self {
        let (host, port) = tunnel.into_parts();
        match host.as_str() {
            "localhost" | "127.0.0.1" | "::1" => Self::Port(port),
            _ => Self::Host(host, port),
        }
    }
}

/// A way outside.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Passed {
    /// The name that has an address of its own inside; none for the loopback, and for a bare address.
    pub name: Option<String>,
    /// Where it is inside; none for the loopback.
    pub inside: Option<IpAddr>,
    /// What to connect to outside.
    pub outside: String,
    pub port: u16,
}

impl Passed {
    pub fn four(&self) -> Option<Ipv4Addr> {
        match self.inside? {
            IpAddr::V4(four) => Some(four),
            IpAddr::V6(_) => None,
        }
    }
}

impl fmt::Display for Passed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { outside, port, .. } = self;
        if outside.contains(':') {
            write!(formatter, "[{outside}]:{port}")
        } else {
            write!(formatter, "{outside}:{port}")
        }
    }
}

/// Gives each way its place inside. What is named twice is one way.
pub fn places(targets: &[Target]) -> Vec<Passed> {
    let mut addresses: BTreeMap<&str, Ipv4Addr> = BTreeMap::new();
    let mut all: Vec<Passed> = Vec::new();
    let mut next = 0;
    for target in targets {
        let passed = match target {
            Target::Socket(_) => continue,
            Target::Port(port) => Passed {
                name: None,
                inside: None,
                outside: "localhost".to_owned(),
                port: *port,
            },
            Target::Host(host, port) => {
                let address: Option<IpAddr> = host.parse().ok();
                let mut own = || {
                    *addresses.entry(host).or_insert_with(|| {
                        next += 1;
                        Ipv4Addr::from_bits(FIRST.to_bits() + next)
                    })
                };
                Passed {
                    name: address.is_none().then(|| host.clone()),
                    inside: Some(address.unwrap_or_else(|| own().into())),
                    outside: host.clone(),
                    port: *port,
                }
            }
        };
        if !all.contains(&passed) {
            all.push(passed);
        }
    }
    all
}

/// The addresses of names are those behind it.
const FIRST: Ipv4Addr = Ipv4Addr::new(127, 77, 0, 0);

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        text.parse().unwrap()
    }

    #[test]
    fn a_port_a_host_or_a_socket_is_passed() {
        assert_eq!(target("5432"), Target::Port(5432));
        assert_eq!(target("localhost:5432"), Target::Port(5432));
        assert_eq!(
            target("DB.test:5432"),
            Target::Host("db.test".to_owned(), 5432)
        );
        assert_eq!(target("[fd00::1]:1"), Target::Host("fd00::1".to_owned(), 1));
        assert_eq!(target("/run/a.sock"), Target::Socket("/run/a.sock".into()));
        for wrong in [
            "",
            "0",
            "70000",
            "db.test",
            "db.test:0",
            "db.test:x",
            "http://a:1",
            "*.a:1",
        ] {
            let error = wrong.parse::<Target>().unwrap_err();
            assert!(error.contains("port"), "{wrong}: {error}");
        }
    }

    #[test]
    fn each_name_has_an_address_and_what_is_named_twice_is_one_way() {
        let all = places(
            &[
                "a.test:1",
                "a.test:2",
                "b.test:1",
                "b.test:1",
                "9",
                "10.0.0.5:9",
            ]
            .map(target),
        );
        let inside: Vec<String> = all
            .iter()
            .map(|passed| {
                let place = passed.inside.map(|inside| inside.to_string());
                format!("{passed} at {}", place.unwrap_or_default())
            })
            .collect();
        assert_eq!(
            inside,
            [
                "a.test:1 at 127.77.0.1",
                "a.test:2 at 127.77.0.1",
                "b.test:1 at 127.77.0.2",
                "localhost:9 at ",
                "10.0.0.5:9 at 10.0.0.5"
            ]
        );
    }
}
