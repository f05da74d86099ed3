//! Which addresses are tried that lead nowhere.

use socket2::{Domain, Protocol, SockFilter, Socket, Type};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;

/// As much of a packet as is read.
pub const LONGEST: u8 = 128;

const TCP: u8 = 6;
const UDP: u8 = 17;
/// Of the flags of TCP those that tell the first packet of a connection: SYN, and no ACK.
const FIRST: u8 = 2;
const FIRST_OR_ANSWER: u8 = 0x12;
/// The kinds of packets, as the system counts them.
const PACKETS: [u16; 2] = [0x0800, 0x86dd];

/// Sockets that see the first packet of each connection and each datagram, of both families. What
/// goes between addresses of the loopback's own does not come up to here: an upload would pass twice.
pub fn sockets() -> io::Result<Vec<OwnedFd>> {
    let sockets = PACKETS.iter().map(|kind| {
        let protocol = Protocol::from(i32::from(kind.to_be()));
        let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(protocol))?;
        socket.attach_filter(&filter())?;
        Ok(socket.into())
    });
    sockets.collect()
}

/// The program that the system runs over each packet, which begins with the header of IP.
fn filter() -> [SockFilter; 21] {
    const LOAD_WORD: u16 = 0x20;
    const LOAD_BYTE: u16 = 0x30;
    const LOAD_BYTE_BEHIND_HEADER: u16 = 0x50;
    const MEASURE_HEADER: u16 = 0xb1;
    const AND: u16 = 0x54;
    const JUMP: u16 = 0x05;
    /// Goes on so many steps further where it is so, and so many where it is not.
    const IS: u16 = 0x15;
    const END: u16 = 0x06;
    const KEPT: u32 = LONGEST as u32;
    let step = SockFilter::new;
    [
        step(LOAD_BYTE, 0, 0, 0),
        step(AND, 0, 0, 0xf0),
        step(IS, 1, 0, 0x40),
        step(IS, 9, 16, 0x60),
        // IPv4, not to 127.0.0.0/8: a datagram, or flags to look at.
        step(LOAD_WORD, 0, 0, 16),
        step(AND, 0, 0, 0xff00_0000),
        step(IS, 13, 0, 0x7f00_0000),
        step(LOAD_BYTE, 0, 0, 9),
        step(IS, 10, 0, UDP.into()),
        step(IS, 0, 10, TCP.into()),
        step(MEASURE_HEADER, 0, 0, 0),
        step(LOAD_BYTE_BEHIND_HEADER, 0, 0, 13),
        step(JUMP, 0, 0, 4),
        // IPv6, whose header is always as long.
        step(LOAD_BYTE, 0, 0, 6),
        step(IS, 4, 0, UDP.into()),
        step(IS, 0, 4, TCP.into()),
        step(LOAD_BYTE, 0, 0, 40 + 13),
        // The flags.
        step(AND, 0, 0, FIRST_OR_ANSWER.into()),
        step(IS, 0, 1, FIRST.into()),
        step(END, 0, 0, KEPT),
        step(END, 0, 0, 0),
    ]
}

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt {
    pub to: SocketAddr,
    pub is_datagram: bool,
}

impl fmt::Display for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_datagram { " by UDP" } else { "" };
        write!(formatter, "{}{kind}", self.to)
    }
}

/// Reads a packet that the filter let through. None for what goes to the loopback.
pub fn attempt(packet: &[u8]) -> Option<Attempt> {
    let (protocol, address, behind) = match packet.first()? >> 4 {
        4 => {
            let header = usize::from(packet[0] & 15) * 4;
            let octets: [u8; 4] = packet.get(16..20)?.try_into().ok()?;
            (*packet.get(9)?, IpAddr::from(octets), header)
        }
        6 => {
            let octets: [u8; 16] = packet.get(24..40)?.try_into().ok()?;
            (*packet.get(6)?, IpAddr::from(octets), 40)
        }
        _ => return None,
    };
    let port = packet.get(behind + 2..behind + 4)?;
    let port = u16::from_be_bytes([port[0], port[1]]);
    let address = address.to_canonical();
    (!address.is_loopback()).then(|| Attempt {
        to: SocketAddr::new(address, port),
        is_datagram: protocol == UDP,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;

    #[test]
    fn a_packet_says_which_address_was_tried() {
        let mut four = vec![0x45; 40];
        four[9] = TCP;
        four[16..20].copy_from_slice(&[203, 0, 113, 7]);
        four[22..24].copy_from_slice(&443_u16.to_be_bytes());
        assert_eq!(attempt(&four).unwrap().to_string(), "203.0.113.7:443");
        let mut six = vec![0x60; 48];
        six[6] = UDP;
        six[24..40].copy_from_slice(&"2001:db8::1".parse::<Ipv6Addr>().unwrap().octets());
        six[42..44].copy_from_slice(&53_u16.to_be_bytes());
        assert_eq!(
            attempt(&six).unwrap().to_string(),
            "[2001:db8::1]:53 by UDP"
        );
        for length in 0..44 {
            assert_eq!(attempt(&six[..length]), None, "{length}");
        }
        six[24..40].copy_from_slice(&Ipv6Addr::LOCALHOST.octets());
        assert_eq!(attempt(&six), None);
    }
}
