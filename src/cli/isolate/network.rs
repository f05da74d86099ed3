//! A network that has a loopback only, on which every address leads nowhere at once.

use super::channel::Step;
use super::watch;
use super::{Plan, Role};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType, bind, recv, sendto, socket};
use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;

const NEW_LINK: u16 = 16;
const NEW_ADDRESS: u16 = 20;
const NEW_ROUTE: u16 = 24;
/// Please do it, and say whether it worked.
const REQUEST: u16 = 1 | 4;
const CREATE: u16 = 0x400;
const ERROR: u16 = 2;
/// The first interface of a network is its loopback.
const LOOPBACK: u32 = 1;
/// As far as an address of it reaches.
const THIS_HOST: u8 = 254;

const HTTPS: u16 = 443;
const HTTP: u16 = 80;
const NAMES: u16 = 53;

/// Brings the loopback up, and leads every address of both families to it: whoever tries one is refused
/// at once, and can be seen. Says whether there is IPv6.
pub fn begin() -> io::Result<bool> {
    let netlink = socket(AddressFamily::NETLINK, SocketType::RAW, None)?;
    bind(&netlink, &SocketAddrNetlink::new(0, 0))?;
    // No family, the loopback, and the flag "up" as the only one that changes.
    let mut link = vec![0, 0, 0, 0];
    for word in [LOOPBACK, 1, 1] {
        link.extend(word.to_ne_bytes());
    }
    ask(&netlink, NEW_LINK, REQUEST, &link)?;
    address(&netlink, AddressFamily::INET, &FOUR.octets(), 8)?;
    route(&netlink, AddressFamily::INET)?;
    let has_six = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    if has_six {
        address(&netlink, AddressFamily::INET6, &SIX.octets(), 128)?;
        route(&netlink, AddressFamily::INET6)?;
    }
    Ok(has_six)
}

/// Addresses beside those that mean this machine: a program that looks up names for the families that it has
/// (`AI_ADDRCONFIG`) does not count these.
const FOUR: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const SIX: Ipv6Addr = Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 2);

/// Gives the loopback an address.
fn address(netlink: &OwnedFd, family: AddressFamily, octets: &[u8], prefix: u8) -> io::Result<()> {
    const ADDRESS: u16 = 1;
    const LOCAL: u16 = 2;
    /// Nobody else can have it: it is good at once.
    const NOT_CHECKED: u8 = 2;
    let family = u8::try_from(family.as_raw()).map_err(io::Error::other)?;
    let mut message = vec![family, prefix, NOT_CHECKED, THIS_HOST];
    message.extend(LOOPBACK.to_ne_bytes());
    let length = u16::try_from(4 + octets.len()).map_err(io::Error::other)?;
    for kind in [LOCAL, ADDRESS] {
        message.extend(length.to_ne_bytes());
        message.extend(kind.to_ne_bytes());
        message.extend(octets);
    }
    ask(netlink, NEW_ADDRESS, REQUEST | CREATE, &message)
}

/// Makes every address one of this network.
fn route(netlink: &OwnedFd, family: AddressFamily) -> io::Result<()> {
    const LOCAL_TABLE: u8 = 255;
    const STATIC: u8 = 4;
    const LOCAL: u8 = 2;
    const OUT_OF: u16 = 4;
    let family = u8::try_from(family.as_raw()).map_err(io::Error::other)?;
    let mut message = vec![
        family,
        0,
        0,
        0,
        LOCAL_TABLE,
        STATIC,
        THIS_HOST,
        LOCAL,
        0,
        0,
        0,
        0,
    ];
    message.extend(8_u16.to_ne_bytes());
    message.extend(OUT_OF.to_ne_bytes());
    message.extend(LOOPBACK.to_ne_bytes());
    ask(netlink, NEW_ROUTE, REQUEST | CREATE, &message)
}

fn ask(netlink: &OwnedFd, kind: u16, flags: u16, body: &[u8]) -> io::Result<()> {
    const HEAD: usize = 16;
    let length = u32::try_from(HEAD + body.len()).map_err(io::Error::other)?;
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    message.extend([0; 8]);
    message.extend(body);
    sendto(
        netlink,
        &message,
        SendFlags::empty(),
        &SocketAddrNetlink::new(0, 0),
    )?;
    let mut answer = [0; 1024];
    let (_, length) = recv(netlink, &mut answer, RecvFlags::empty())?;
    let answer = answer.get(..length).unwrap_or_default();
    let field = |at: usize| {
        answer
            .get(at..at + 4)
            .and_then(|bytes| bytes.try_into().ok())
    };
    let is_error = answer.get(4..6) == Some(&ERROR.to_ne_bytes());
    match field(HEAD).map(i32::from_ne_bytes).filter(|_| is_error) {
        Some(0) => Ok(()),
        Some(code) => Err(io::Error::from_raw_os_error(-code)),
        None => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Opens what the command finds inside.
pub fn sockets(plan: &Plan, has_six: bool) -> Result<Vec<(Role, OwnedFd)>, (Step, io::Error)> {
    let mut all: Vec<(Role, OwnedFd)> = Vec::new();
    let four = IpAddr::from(Ipv4Addr::LOCALHOST);
    let six = has_six.then_some(IpAddr::from(Ipv6Addr::LOCALHOST));
    let here: Vec<IpAddr> = [Some(four), six].into_iter().flatten().collect();
    let streams = |role, address, port| {
        let listener = TcpListener::bind(SocketAddr::new(address, port));
        listener
            .map(|listener| (role, OwnedFd::from(listener)))
            .map_err(|error| (Step::Port(port), error))
    };
    let mut ports = BTreeSet::from([HTTPS, plan.port]);
    if !plan.https_only {
        ports.insert(HTTP);
    }
    for &address in &here {
        for &port in &ports {
            all.push(streams(Role::Fake, address, port)?);
        }
        if !plan.https_only {
            let datagrams = UdpSocket::bind(SocketAddr::new(address, NAMES));
            let datagrams = datagrams.map_err(|error| (Step::Port(NAMES), error))?;
            all.push((Role::Datagrams, datagrams.into()));
            all.push(streams(Role::Streams, address, NAMES)?);
        }
    }
    for (number, passed) in plan.passed.iter().enumerate() {
        let role = Role::Passed(number);
        match passed.inside {
            Some(address) => all.push(streams(role, address, passed.port)?),
            None => {
                for &address in &here {
                    all.push(streams(role, address, passed.port)?);
                }
            }
        }
    }
    for socket in watch::sockets().map_err(|error| (Step::Network, error))? {
        all.push((Role::Watch, socket));
    }
    Ok(all)
}
