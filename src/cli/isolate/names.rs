//! Which name is where, for the hosts file and the responder alike.

use super::Passed;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Where a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub four: Ipv4Addr,
    /// None for a name that has an address of its own: there are none to spare among those of IPv6.
    pub six: Option<Ipv6Addr>,
}

const HERE: Place = Place {
    four: Ipv4Addr::LOCALHOST,
    six: Some(Ipv6Addr::LOCALHOST),
};

/// All names that there are.
#[derive(Clone, Debug, Default)]
pub struct Names {
    all: BTreeMap<String, Place>,
}

impl Names {
    pub fn new(fake: &[String], passed: &[Passed]) -> Self {
        let fake = fake.iter().map(|name| (name.to_ascii_lowercase(), HERE));
        let passed = passed.iter().filter_map(|passed| {
            let six = None;
            Some((
                passed.name.clone()?,
                Place {
                    four: passed.four()?,
                    six,
                },
            ))
        });
        let mut all: BTreeMap<String, Place> = passed.collect();
        all.extend(fake);
        Self { all }
    }

    /// Where a name is, spelled in any case, with or without the root's dot.
    pub fn find(&self, name: &str) -> Option<Place> {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        if name == "localhost" || name.ends_with(".localhost") {
            return Some(HERE);
        }
        self.all.get(&name).copied()
    }

    /// The hosts file: this machine's own names as the one outside has them, and these.
    pub fn hosts(&self, outside: &str, own_name: &str, has_six: bool) -> String {
        let mut text =
            "# Written by fake-dropbox exec --isolate.\n127.0.0.1\tlocalhost\n".to_owned();
        if has_six {
            text.push_str("::1\tlocalhost ip6-localhost ip6-loopback\n");
        }
        let mut has_own_name = own_name.is_empty() || self.find(own_name).is_some();
        for line in outside.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_whitespace();
            let address = words.next().and_then(|word| word.parse().ok());
            let is_here = address.is_some_and(|address: std::net::IpAddr| address.is_loopback());
            let names: Vec<&str> = words.filter(|name| self.find(name).is_none()).collect();
            if let (true, Some(address), false) = (is_here, address, names.is_empty()) {
                has_own_name |= names.contains(&own_name);
                let _ = writeln!(text, "{address}\t{}", names.join(" "));
            }
        }
        if !has_own_name {
            let _ = writeln!(text, "127.0.0.1\t{own_name}");
        }
        for (name, place) in &self.all {
            let _ = writeln!(text, "{}\t{name}", place.four);
            if let (true, Some(six)) = (has_six, place.six) {
                let _ = writeln!(text, "{six}\t{name}");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::isolate::pass::{Target, places};

    #[test]
    fn the_hosts_file_has_the_fake_what_is_passed_and_the_machine_s_own_names() {
        let passed = places(&["db.test:5432".parse::<Target>().unwrap()]);
        let names = Names::new(&["API.dropboxapi.com".to_owned()], &passed);
        let outside = "127.0.0.1 localhost\n127.0.1.1 box box.lan # mine\n10.0.0.1 elsewhere\n203.0.113.1 api.dropboxapi.com\n";
        assert_eq!(
            names.hosts(outside, "box2", true),
            "# Written by fake-dropbox exec --isolate.\n127.0.0.1\tlocalhost\n\
             ::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\tbox box.lan\n127.0.0.1\tbox2\n\
             127.0.0.1\tapi.dropboxapi.com\n::1\tapi.dropboxapi.com\n127.77.0.1\tdb.test\n"
        );
        assert!(!names.hosts(outside, "", false).contains("::1"));
        let with_own = names.hosts(outside, "box", true);
        assert_eq!(with_own.matches("\tbox").count(), 1, "{with_own}");
    }

    #[test]
    fn a_name_is_found_in_any_case_and_with_the_root_s_dot() {
        let names = Names::new(&["api.dropboxapi.com".to_owned()], &[]);
        assert_eq!(names.find("API.DropboxApi.com."), Some(HERE));
        assert_eq!(names.find("a.localhost"), Some(HERE));
        assert_eq!(names.find("example.com"), None);
    }
}
