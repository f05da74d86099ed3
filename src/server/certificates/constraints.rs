//! For which names an authority can speak, so that who has its key and is trusted has little.

use std::fmt;
use std::net::IpAddr;

use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints};
use x509_parser::prelude::{GeneralName, X509Certificate};

use crate::server::listener::{DROPBOX_HOSTS, LOCAL_ADDRESSES, LOCAL_HOSTS};

/// The addresses of a machine itself.
const LOOPBACK: [Subtree; 2] = [
    Subtree::Network(IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 0)), 8),
    Subtree::Network(IpAddr::V6(std::net::Ipv6Addr::LOCALHOST), 128),
];

/// The names that every certificate covers, and `extra`, each once.
pub(super) fn with_usual_names(extra: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let usual = DROPBOX_HOSTS.iter().chain(&LOCAL_HOSTS);
    let usual = usual.chain(&LOCAL_ADDRESSES).copied();
    for name in usual.chain(extra.iter().map(String::as_str)) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name.to_owned());
        }
    }
    names
}

/// A part of the names that there are: a domain with what is below it, or a network.
///
/// Names and addresses have constraints of their own: where there is one for names only, every address is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subtree {
    Domain(String),
    Network(IpAddr, u8),
}

impl Subtree {
    fn of(name: &str) -> Self {
        match name.parse::<IpAddr>() {
            Ok(address) => Self::Network(address, if address.is_ipv4() { 32 } else { 128 }),
            Err(_) => Self::Domain(name.trim_start_matches("*.").to_ascii_lowercase()),
        }
    }

    fn holds(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Domain(domain), Self::Domain(name)) => name
                .strip_suffix(domain.as_str())
                .is_some_and(|below| below.is_empty() || below.ends_with('.')),
            (Self::Network(network, bits), Self::Network(address, other_bits)) => {
                bits <= other_bits && shared_bits(*network, *address) >= u32::from(*bits)
            }
            _ => false,
        }
    }

    fn to_rcgen(&self) -> GeneralSubtree {
        match self {
            Self::Domain(domain) => GeneralSubtree::DnsName(domain.clone()),
            Self::Network(address, bits) => {
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*address, *bits))
            }
        }
    }

    fn read(name: &GeneralName<'_>) -> Option<Self> {
        match name {
            GeneralName::DNSName(domain) => Some(Self::Domain((*domain).to_ascii_lowercase())),
            GeneralName::IPAddress(bytes) => {
                let (address, mask) = bytes.split_at(bytes.len() / 2);
                let bits: u32 = mask.iter().map(|byte| byte.leading_ones()).sum();
                let address = match address.len() {
                    4 => IpAddr::from(<[u8; 4]>::try_from(address).ok()?),
                    _ => IpAddr::from(<[u8; 16]>::try_from(address).ok()?),
                };
                Some(Self::Network(address, u8::try_from(bits).ok()?))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Subtree {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(domain) => formatter.write_str(domain),
            Self::Network(address, _) => write!(formatter, "{address}"),
        }
    }
}

/// How many bits two addresses begin with alike. None of the other family are.
fn shared_bits(one: IpAddr, other: IpAddr) -> u32 {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros(),
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros(),
        _ => 0,
    }
}

/// What an authority has to be allowed for these names: no part twice, and of loopback all.
pub(super) fn subtrees(names: &[String]) -> Vec<Subtree> {
    let mut subtrees = LOOPBACK.to_vec();
    subtrees.extend(names.iter().map(|name| Subtree::of(name)));
    widest(subtrees)
}

/// Without those that lie in another one.
pub(super) fn widest(subtrees: Vec<Subtree>) -> Vec<Subtree> {
    let mut kept: Vec<Subtree> = Vec::new();
    for subtree in subtrees {
        if !kept.iter().any(|wider| wider.holds(&subtree)) {
            kept.retain(|narrower| !subtree.holds(narrower));
            kept.push(subtree);
        }
    }
    kept
}

/// Those of `wanted` for which an authority that is allowed `permitted` cannot speak.
pub(super) fn missing<'a>(permitted: &[Subtree], wanted: &'a [Subtree]) -> Vec<&'a Subtree> {
    let is_missing = |subtree: &&Subtree| !permitted.iter().any(|wider| wider.holds(subtree));
    wanted.iter().filter(is_missing).collect()
}

pub(super) fn extension(subtrees: &[Subtree]) -> NameConstraints {
    NameConstraints {
        permitted_subtrees: subtrees.iter().map(Subtree::to_rcgen).collect(),
        excluded_subtrees: Vec::new(),
    }
}

/// What a certificate allows its authority. None if it allows everything.
pub(super) fn read(certificate: &X509Certificate<'_>) -> Option<Vec<Subtree>> {
    let constraints = certificate.name_constraints().ok()??.value;
    let permitted = constraints.permitted_subtrees.as_ref()?;
    let read = permitted.iter().map(|subtree| Subtree::read(&subtree.base));
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Vec<Subtree> {
        names.iter().map(|name| Subtree::of(name)).collect()
    }

    #[test]
    fn a_domain_holds_itself_and_what_is_below_it() {
        let [domain] = of(&["Example.test"]).try_into().unwrap();
        for (name, is_held) in [
            ("example.test", true),
            ("a.EXAMPLE.test", true),
            ("*.example.test", true),
            ("badexample.test", false),
            ("test", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(domain.holds(&Subtree::of(name)), is_held, "{name}");
        }
    }

    #[test]
    fn a_network_holds_its_addresses() {
        for (network, address, is_held) in [
            (&LOOPBACK[0], "127.0.0.1", true),
            (&LOOPBACK[0], "127.255.1.2", true),
            (&LOOPBACK[0], "128.0.0.1", false),
            (&LOOPBACK[0], "::1", false),
            (&LOOPBACK[0], "localhost", false),
            (&LOOPBACK[1], "::1", true),
            (&LOOPBACK[1], "::2", false),
            (&Subtree::of("10.0.0.1"), "10.0.0.1", true),
            (&Subtree::of("10.0.0.1"), "10.0.0.2", false),
        ] {
            assert_eq!(network.holds(&Subtree::of(address)), is_held, "{address}");
        }
        assert!(!Subtree::of("127.0.0.1").holds(&LOOPBACK[0]));
    }

    #[test]
    fn no_part_of_another_is_named() {
        let names = ["a.b", "b", "x.b", "127.0.0.2", "c"].map(str::to_owned);
        let all = subtrees(&names);
        assert_eq!(all, [&LOOPBACK[..], &of(&["b", "c"])].concat());
        let wanted = of(&["z.b", "d"]);
        assert_eq!(missing(&all, &wanted), [&wanted[1]]);
    }
}
