//! Paths: how a client names a place, and where that is in the account.

use super::letters::{composed, fold};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The longest component, in UTF-16 code units (API-170, API-249).
const LONGEST_COMPONENT: usize = 255;

/// The longest path, in bytes. Nobody has said where Dropbox's limit is (UL-28); without one, a path
/// of a million components would make a million folders.
const LONGEST_PATH: usize = 16 << 10;

/// A path argument taken apart. The schema has checked its pattern (UL-23, API-190 to API-193).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathArgument<'a> {
    /// `""`, `/` or `/a/b`: from the root of the caller's view.
    Absolute(&'a str),
    /// `id:…`, and perhaps a path below that folder (UL-89).
    Id {
        /// The id, with its `id:`.
        id: &'a str,
        /// Empty, or `/` and more.
        below: &'a str,
    },
    /// `ns:…`, and perhaps a path below that namespace (API-251).
    Namespace {
        /// The digits. They may spell a number that no namespace has.
        digits: &'a str,
        /// Empty, or `/` and more.
        below: &'a str,
    },
    /// `rev:…`: one content of one file.
    Rev(&'a str),
}

impl<'a> PathArgument<'a> {
    /// Takes `text` apart.
    pub fn parse(text: &'a str) -> Self {
        let split = |text: &'a str| text.split_at(text.find('/').unwrap_or(text.len()));
        if text.starts_with("id:") {
            let (id, below) = split(text);
            Self::Id { id, below }
        } else if let Some(rest) = text.strip_prefix("ns:") {
            let (digits, below) = split(rest);
            Self::Namespace { digits, below }
        } else if let Some(rev) = text.strip_prefix("rev:") {
            Self::Rev(rev)
        } else {
            Self::Absolute(text)
        }
    }
}

/// The path is one that names no entry (API-169).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path cannot name an entry")]
pub struct MalformedPath;

/// A place in an account's tree: the key by which it is found, and how it was written.
///
/// The root is the empty key. Every other key starts with `/` and is in lower case (API-168). Both are composed,
/// however a client spells its letters (API-269).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    key: Arc<str>,
    display: Arc<str>,
}

impl Place {
    pub fn root() -> Self {
        Self {
            key: "".into(),
            display: "".into(),
        }
    }

    /// The place `below` this one; `below` is empty or starts with `/`.
    pub fn join(&self, below: &str) -> Result<Self, MalformedPath> {
        if below.is_empty() || below == "/" {
            return Ok(self.clone());
        }
        let below = &*composed(below);
        let components = below.strip_prefix('/').ok_or(MalformedPath)?;
        if self.display.len() + below.len() > LONGEST_PATH {
            return Err(MalformedPath);
        }
        components.split('/').try_for_each(check_component)?;
        Ok(Self {
            key: format!("{}{}", self.key, fold(below)).into(),
            display: format!("{}{below}", self.display).into(),
        })
    }

    /// Whether a client could name this place; a name that was made longer may be too long.
    pub fn can_be_named(&self) -> bool {
        self.is_root() || Self::root().join(&self.display).is_ok()
    }

    /// The key: the path in lower case, or nothing for the root.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The key, to keep.
    pub fn shared_key(&self) -> Arc<str> {
        Arc::clone(&self.key)
    }

    pub fn display(&self) -> &str {
        &self.display
    }

    /// The path as it was written, to keep.
    pub fn shared_display(&self) -> Arc<str> {
        Arc::clone(&self.display)
    }

    /// Whether this is the root of the tree.
    pub fn is_root(&self) -> bool {
        self.key.is_empty()
    }

    /// The last component as it was written; empty for the root.
    pub fn name(&self) -> &str {
        name_of(&self.display)
    }

    /// The folder that this is in; the root is in itself.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self {
            key: parent_of(&self.key).into(),
            display: parent_of(&self.display).into(),
        }
    }

    /// The same place under another last component.
    #[must_use]
    pub fn with_name(&self, name: &str) -> Self {
        let name = composed(name);
        let display = format!("{}/{name}", parent_of(&self.display));
        Self {
            key: format!("{}/{}", parent_of(&self.key), fold(&name)).into(),
            display: display.into(),
        }
    }

    /// The place that what is at `key` below `from` comes to when `from` is moved or copied here;
    /// `display` is how it is written there. Its names are good already, but the path may get too long.
    pub fn rebase(&self, from: &str, key: &str, display: &str) -> Result<Self, MalformedPath> {
        debug_assert!(is_within(key, from));
        // The display path has as many components as the key, whatever their lengths.
        let depth = from.matches('/').count();
        let below = below_components(display, depth);
        if self.display.len() + below.len() > LONGEST_PATH {
            return Err(MalformedPath);
        }
        Ok(Self {
            key: [&self.key, &key[from.len()..]].concat().into(),
            display: [&self.display, below].concat().into(),
        })
    }

    /// The same place, spelled like this; `display` differs in case only.
    #[must_use]
    pub fn spelled(&self, display: &Arc<str>) -> Self {
        Self {
            key: Arc::clone(&self.key),
            display: Arc::clone(display),
        }
    }

    /// Whether any name has a character that takes two code units of UTF-16 (API-274, AQ-29).
    pub fn is_beyond_the_basic_plane(&self) -> bool {
        self.display
            .chars()
            .any(|character| character.len_utf16() > 1)
    }

    /// Whether any component is a name that Dropbox does not store (API-171).
    pub fn has_disallowed_name(&self) -> bool {
        self.key.split('/').any(is_disallowed)
    }
}

/// Whether `key` is `folder` or below it; both are keys.
pub fn is_within(key: &str, folder: &str) -> bool {
    key.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What follows the first `depth` components of a path: empty, or `/` and more.
pub fn below_components(path: &str, depth: usize) -> &str {
    match path.match_indices('/').nth(depth) {
        Some((index, _)) => &path[index..],
        None => "",
    }
}

/// The last component of a path; empty for the root.
pub fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(_, name)| name)
}

/// The path without its last component.
pub fn parent_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Name and extension: `a.tar.gz` is `a.tar` and `.gz`, `.env` has no extension (AQ-10).
pub fn split_extension(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(0) | None => (name, ""),
        Some(dot) => name.split_at(dot),
    }
}

/// No component is empty, and none ends in a space (tabs and line ends are kept): so no path ends in a slash (UL-29).
fn check_component(component: &str) -> Result<(), MalformedPath> {
    let bad = component.is_empty()
        || component == "."
        || component == ".."
        || component.ends_with(' ')
        || component.contains(['\\', '\0', '\u{7f}'])
        || component.encode_utf16().count() > LONGEST_COMPONENT;
    if bad { Err(MalformedPath) } else { Ok(()) }
}

fn is_disallowed(component: &str) -> bool {
    matches!(
        component,
        "desktop.ini" | "thumbs.db" | ".ds_store" | "icon\r" | ".dropbox" | ".dropbox.attr"
    ) || component.starts_with("~$")
        || component.starts_with(".~")
        || (component.starts_with('~') && component.strip_suffix(".tmp").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Result<Place, MalformedPath> {
        Place::root().join(path)
    }

    #[test]
    fn every_form_of_a_path_is_told_apart() {
        assert_eq!(PathArgument::parse("/a"), PathArgument::Absolute("/a"));
        assert_eq!(
            PathArgument::parse("id:x/b/c"),
            PathArgument::Id {
                id: "id:x",
                below: "/b/c"
            }
        );
        assert_eq!(
            PathArgument::parse("ns:12"),
            PathArgument::Namespace {
                digits: "12",
                below: ""
            }
        );
        assert_eq!(PathArgument::parse("rev:0123"), PathArgument::Rev("0123"));
    }

    #[test]
    fn a_place_keeps_its_spelling_and_is_found_without_regard_to_case() {
        let place = place("/Übung/A.TXT").expect("well-formed");
        assert_eq!(
            (place.key(), place.display(), place.name()),
            ("/übung/a.txt", "/Übung/A.TXT", "A.TXT")
        );
        assert_eq!(place.parent().display(), "/Übung");
        assert_eq!(place.with_name("B").key(), "/übung/b");
    }

    #[test]
    fn a_place_is_spelled_with_composed_letters_however_it_was_named() {
        // API-269
        let decomposed = place("/U\u{308}/e\u{301}").expect("well-formed");
        assert_eq!(decomposed, place("/Ü/é").expect("well-formed"));
        assert_eq!(decomposed.display(), "/Ü/é");
        assert_eq!(decomposed.with_name("a\u{30a}").name(), "å");
        // Letters are counted once they are composed.
        assert!(place(&format!("/{}", "e\u{301}".repeat(255))).is_ok());
        assert!(place(&format!("/{}", "\u{958}".repeat(128))).is_err());
    }

    #[test]
    fn paths_that_name_nothing_are_malformed() {
        let long = format!("/{}", "😀".repeat(128));
        for path in [
            "//x",
            "/a/",
            "/a//b",
            "/../x",
            "/a/.",
            "/a\\b",
            "/a ",
            "/a /b",
            "/a\u{7f}",
            "/a\0",
            long.as_str(),
        ] {
            assert_eq!(place(path), Err(MalformedPath), "{path:?}");
        }
        for path in [
            "/a b",
            "/a\nb",
            "/...",
            &format!("/{}", "x".repeat(255)),
            "/icon\r",
            "/a\n",
            "/a\t",
            "/a\u{b}/b",
            "/a\u{a0}",
            "/a\u{3000}",
            "/ a",
        ] {
            assert!(place(path).is_ok(), "{path:?}");
        }
    }

    #[test]
    fn names_of_the_system_are_disallowed_wherever_they_stand() {
        for path in [
            "/Desktop.ini",
            "/a/.dropbox",
            "/~$x.docx",
            "/a/~foo.TMP",
            "/Icon\r",
        ] {
            assert!(
                place(path).expect("well-formed").has_disallowed_name(),
                "{path:?}"
            );
        }
        assert!(
            !place("/desktop.ini.txt")
                .expect("well-formed")
                .has_disallowed_name()
        );
    }

    #[test]
    fn within_means_at_or_below() {
        assert!(is_within("/a/b", "/a") && is_within("/a", "/a") && is_within("/a", ""));
        assert!(!is_within("/ab", "/a"));
    }

    #[test]
    fn extensions_are_what_follows_the_last_dot() {
        assert_eq!(split_extension("a.tar.gz"), ("a.tar", ".gz"));
        assert_eq!(split_extension(".env"), (".env", ""));
        assert_eq!(split_extension("README"), ("README", ""));
    }
}
