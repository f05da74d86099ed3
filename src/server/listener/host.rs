//! Whether a request says in a valid way which host it is for.
//!
//! A `Host` that cannot be read must not pass for none: whoever decides by the name whether to
//! answer (against DNS rebinding, for links) would take the request for one that names nobody.

use std::net::Ipv6Addr;

use http::uri::{Authority, Uri};
use http::{HeaderMap, Version, header};

/// Why a request has to be answered with 400 for the host that it names (RFC 9112 section 3.2,
/// RFC 9113 section 8.3.1).
pub(super) fn objection(version: Version, uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let mut lines = headers.get_all(header::HOST).iter();
    let (line, further) = (lines.next(), lines.count());
    if further > 0 {
        let text = "This request has several Host headers: HTTP allows one, and no server can tell which is meant.";
        return Some(text.to_owned());
    }
    if line.is_none() && version == Version::HTTP_11 {
        let text = "This request has no Host header, which HTTP/1.1 demands: send one, such as 'Host: localhost'.";
        return Some(text.to_owned());
    }
    if let Some(line) = line.filter(|line| !is_host_and_port(line.as_bytes())) {
        return Some(format!(
            "The Host header {:?} is not a host, or a host and a port such as localhost:8080.",
            String::from_utf8_lossy(line.as_bytes())
        ));
    }
    let target = uri.authority()?;
    if !is_host_and_port(target.as_str()) {
        return Some(format!(
            "The target of this request is for {:?}, which is not a host, or a host and a port such as localhost:8080.",
            target.as_str()
        ));
    }
    // In HTTP/1.1 the target counts and the header does not; in HTTP/2 they have to agree.
    let differs = |line: &http::HeaderValue| {
        !line
            .as_bytes()
            .eq_ignore_ascii_case(target.as_str().as_bytes())
    };
    if version == Version::HTTP_2 && line.is_some_and(differs) {
        let text = "The Host header of this request and its :authority do not agree.";
        return Some(text.to_owned());
    }
    None
}

/// A host and perhaps a port, and nothing before them. Nothing at all is valid, too: that is how
/// a request names nobody.
pub(in crate::server) fn is_host_and_port(value: impl AsRef<[u8]>) -> bool {
    let value = value.as_ref();
    if value.is_empty() {
        return true;
    }
    let Ok(authority) = Authority::try_from(value) else {
        return false;
    };
    let host = authority.host();
    let Some(port) = authority.as_str().strip_prefix(host) else {
        // Somebody's name stands before the host.
        return false;
    };
    let bracketed = host.strip_prefix('[').map(|host| host.strip_suffix(']'));
    let good_host = match bracketed {
        Some(address) => address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok()),
        None => !host.is_empty() && !host.contains(['[', ']', ':']),
    };
    let good_port = match port.strip_prefix(':') {
        None => port.is_empty(),
        Some("") => true,
        Some(digits) => {
            digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
        }
    };
    good_host && good_port
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objection_to(version: Version, target: &str, hosts: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for host in hosts {
            let value = http::HeaderValue::from_bytes(host).expect("a value");
            headers.append(header::HOST, value);
        }
        objection(version, &target.parse().expect("a target"), &headers)
    }

    #[test]
    fn a_host_and_perhaps_a_port_are_valid() {
        for host in [
            "",
            "localhost",
            "LOCALHOST.",
            "localhost:",
            "localhost:8080",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:65535",
            "a_b.test",
            "api-content-localhost",
        ] {
            let objection = objection_to(Version::HTTP_11, "/", &[host.as_bytes()]);
            assert_eq!(objection, None, "{host:?}");
        }
    }

    #[test]
    fn everything_else_is_not() {
        for host in [
            "a b",
            "user@localhost",
            "user:secret@localhost",
            "http://localhost",
            "localhost/x",
            "localhost?",
            "localhost#",
            "localhost:x",
            "localhost:+1",
            "localhost:65536",
            "localhost:80:80",
            ":8080",
            "::1",
            "[::1",
            "::1]",
            "[]",
            "[localhost]",
            "[::1]x",
            "[fe80::1%25lo]",
            "a[b]",
            "\\",
        ] {
            let text = objection_to(Version::HTTP_11, "/", &[host.as_bytes()])
                .unwrap_or_else(|| panic!("{host:?} passes"));
            assert!(text.starts_with("The Host header"), "{host:?}: {text}");
        }
        assert!(objection_to(Version::HTTP_10, "/", &[b"\xff"]).is_some());
    }

    #[test]
    fn there_is_one_host_and_in_http_1_1_always() {
        let one: &[&[u8]] = &[b"a"];
        let two: &[&[u8]] = &[b"a", b"a"];
        for (version, hosts, refused) in [
            (Version::HTTP_11, &[] as &[&[u8]], true),
            (Version::HTTP_10, &[], false),
            (Version::HTTP_2, &[], false),
            (Version::HTTP_11, one, false),
            (Version::HTTP_11, two, true),
            (Version::HTTP_10, two, true),
            (Version::HTTP_2, two, true),
        ] {
            let objection = objection_to(version, "/", hosts);
            assert_eq!(objection.is_some(), refused, "{version:?} {hosts:?}");
        }
    }

    #[test]
    fn the_target_names_a_host_as_a_header_does() {
        for (version, target, host, refused) in [
            (Version::HTTP_11, "http://a:1/x", "b", false),
            (Version::HTTP_11, "http://user@a/x", "a", true),
            (Version::HTTP_11, "http://a:x/x", "a", true),
            (Version::HTTP_2, "http://a:1/x", "A:1", false),
            (Version::HTTP_2, "http://a:1/x", "b", true),
        ] {
            let objection = objection_to(version, target, &[host.as_bytes()]);
            assert_eq!(objection.is_some(), refused, "{version:?} {target} {host}");
        }
    }
}
