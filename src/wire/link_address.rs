//! The addresses of shared links (SH-93, SH-94): how they are printed, and what one that comes back means.

use crate::dropbox::metadata::Metadata;
use crate::dropbox::shared_links::ShownLink;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const FILE: &str = "/scl/fi/";
const FOLDER: &str = "/scl/fo/";
/// Links of before 2023: well formed, and none of ours (SH-93).
const OLDER: [&str; 2] = ["/s/", "/sh/"];

/// What stands in an address as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// What an address says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkAddress {
    /// The id of the link; empty for the forms of before 2023.
    pub id: String,
    /// `rlkey`.
    pub key: Option<String>,
    /// The path in the folder of the link, beginning with `/`; empty for the link itself.
    pub below: String,
}

impl LinkAddress {
    /// Reads a whole address. `is_ours` says whether links lead to this host. None where it is none of a
    /// shared link (SH-85).
    pub fn parse(url: &str, is_ours: impl Fn(&str) -> bool) -> Option<Self> {
        let rest = ["https://", "http://"]
            .iter()
            .find_map(|scheme| url.trim().strip_prefix(scheme))?;
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, target) = rest.split_at(rest.find('/')?);
        if !is_ours(authority) {
            return None;
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self::of_target(path, query)
    }

    /// Reads a path and a query. A proxy may have put something in front of the path.
    pub fn of_target(path: &str, query: &str) -> Option<Self> {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let after = |form: &str| path.find(form).map(|start| &path[start + form.len()..]);
        let key = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("rlkey="))
            .map(decoded);
        if let Some(rest) = after(FILE) {
            let id = rest.split('/').next()?;
            return (!id.is_empty()).then(|| Self {
                id: decoded(id),
                key,
                below: String::new(),
            });
        }
        if let Some(rest) = after(FOLDER) {
            let mut parts = rest.splitn(3, '/');
            let id = parts.next().filter(|id| !id.is_empty())?;
            let below = parts.nth(1).filter(|below| !below.is_empty());
            return Some(Self {
                id: decoded(id),
                key,
                below: below.map_or_else(String::new, |below| format!("/{}", decoded(below))),
            });
        }
        let is_older = OLDER.iter().any(|form| {
            path.strip_prefix(form)
                .is_some_and(|rest| !rest.trim_matches('/').is_empty())
        });
        is_older.then(Self::default)
    }
}

/// A name as it stands in an address.
pub fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// The address of a link below `base`, as the API gives it (SH-94): it names the entry as it is called
/// now (SQ-13), and an inner one by its path in the folder (SQ-11).
pub fn print(base: &str, shown: &ShownLink) -> String {
    let link = &shown.link;
    let place = match &shown.entry {
        Metadata::File(file) if shown.below.is_empty() => {
            format!("{FILE}{}/{}", link.id, escaped(&file.name))
        }
        _ => {
            let below = shown.below.split('/').map(escaped);
            let below: Vec<String> = below.collect();
            format!("{FOLDER}{}/{}{}", link.id, link.tail, below.join("/"))
        }
    };
    format!("{base}{place}?rlkey={}&dl=0", link.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Option<(String, Option<String>, String)> {
        let ours = |host: &str| host == "www.dropbox.com" || host.starts_with("localhost:");
        LinkAddress::parse(url, ours).map(|address| (address.id, address.key, address.below))
    }

    #[test]
    fn an_address_is_read_whatever_order_its_parameters_have() {
        let some = |id: &str, key: Option<&str>, below: &str| {
            Some((id.to_owned(), key.map(str::to_owned), below.to_owned()))
        };
        for (url, wanted) in [
            (
                "https://www.dropbox.com/scl/fi/abc/a%20b.txt?rlkey=k&dl=0",
                some("abc", Some("k"), ""),
            ),
            (
                "http://localhost:1/scl/fi/abc/a?dl=1&st=x&rlkey=k#",
                some("abc", Some("k"), ""),
            ),
            ("https://www.dropbox.com/scl/fi/abc", some("abc", None, "")),
            (
                "https://www.dropbox.com/scl/fo/abc/AAA/in%20it/b.txt?rlkey=k",
                some("abc", Some("k"), "/in it/b.txt"),
            ),
            (
                "https://www.dropbox.com/prefix/scl/fo/abc/AAA?rlkey=k",
                some("abc", Some("k"), ""),
            ),
            (
                "https://www.dropbox.com/sh/abcd/1234?dl=0",
                some("", None, ""),
            ),
        ] {
            assert_eq!(read(url), wanted, "{url}");
        }
    }

    #[test]
    fn what_is_no_shared_link_is_none() {
        for url in [
            "",
            "abc",
            "ftp://www.dropbox.com/scl/fi/abc/a",
            "https://example.com/scl/fi/abc/a?rlkey=k",
            "https://www.dropbox.com",
            "https://www.dropbox.com/",
            "https://www.dropbox.com/abc/a.txt?dl=0",
            "https://www.dropbox.com/scl/fi/",
            "https://www.dropbox.com/s/",
        ] {
            assert_eq!(read(url), None, "{url}");
        }
    }
}
