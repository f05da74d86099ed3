//! Finding entries by their names: `files/search_v2` and its older form (RT-80 to RT-99).

use super::account::{Account, View};
use super::errors::SearchError;
use super::letters::{composed, fold};
use super::metadata::Metadata;
use super::path::{name_of, split_extension};
use super::time::Timestamp;
use super::tree::Entry;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::sync::Arc;

/// The most matches that one search gives, over all its pages (RT-94).
const MOST_MATCHES: usize = 10_000;

/// What is looked for, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    pub query: String,
    /// The folder to look in, as a client names it; empty for everything that the caller sees.
    pub path: String,
    /// Matches at a time, 1 to 1000.
    pub page: usize,
    pub order: SearchOrder,
    /// Look among what was deleted instead.
    pub deleted: bool,
    /// Only files with one of these, without a dot. All where there are none.
    pub extensions: Vec<String>,
    /// Only entries of these kinds. All where there are none.
    pub categories: Vec<FileCategory>,
    /// Only files that this account changed last.
    pub account_id: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SearchOrder {
    /// Entries that are called just so first.
    #[default]
    Relevance,
    /// The newest first.
    LastModified,
}

/// `FileCategory`, by the extension of the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileCategory {
    Image,
    Document,
    Pdf,
    Spreadsheet,
    Presentation,
    Audio,
    Video,
    Folder,
    Paper,
    Others,
}

impl FileCategory {
    fn of_file(name: &str) -> Self {
        match extension(name) {
            "jpg" | "jpeg" | "png" | "gif" | "bmp" | "tif" | "tiff" | "webp" | "heic" | "svg"
            | "ico" | "psd" | "raw" => Self::Image,
            "doc" | "docx" | "docm" | "odt" | "rtf" | "txt" | "md" | "pages" | "gdoc" => {
                Self::Document
            }
            "pdf" => Self::Pdf,
            "xls" | "xlsx" | "xlsm" | "ods" | "csv" | "tsv" | "numbers" | "gsheet" => {
                Self::Spreadsheet
            }
            "ppt" | "pptx" | "pptm" | "odp" | "key" | "gslides" => Self::Presentation,
            "mp3" | "wav" | "flac" | "m4a" | "aac" | "ogg" | "oga" | "wma" | "aiff" => Self::Audio,
            "mp4" | "m4v" | "mov" | "avi" | "mkv" | "webm" | "mpg" | "mpeg" | "wmv" | "3gp" => {
                Self::Video
            }
            "paper" | "papert" => Self::Paper,
            _ => Self::Others,
        }
    }
}

/// A place in a search. Clients see it as opaque text (RT-89).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchCursor {
    account_id: String,
    pub search: Search,
    pub start: usize,
}

impl SearchCursor {
    /// Reads what [`SearchCursor::to_text`] made.
    pub fn parse(text: &str) -> Option<Self> {
        let mut cursor: Self = serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()?;
        // Whoever makes a cursor of his own can put any number there.
        cursor.search.page = cursor.search.page.clamp(1, 1000);
        Some(cursor)
    }

    /// The cursor as clients see it.
    pub fn to_text(&self) -> String {
        STANDARD.encode(serde_json::to_vec(self).expect("a cursor is plain data"))
    }
}

/// A page of matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub entries: Vec<Metadata>,
    /// Where the next page begins.
    pub next: usize,
    pub has_more: bool,
}

impl Account {
    /// The matches from the `start`th on. A folder that is not there has none (RT-87).
    pub fn search(&self, view: &View, search: &Search, start: usize) -> Result<Found, SearchError> {
        let folder = if search.path.is_empty() {
            view.root().clone()
        } else {
            match self.place_to_read(view, &search.path) {
                Ok(place) => place,
                Err(super::errors::LookupError::NotFound) => return Ok(Found::nothing(start)),
                Err(error) => return Err(SearchError::Path(error)),
            }
        };
        let query = Query::of(&search.query);
        let mut keys: Vec<Match<'_>> = if search.deleted {
            let gone = self.state.tree.deleted_below(folder.key(), None);
            gone.filter_map(|(key, gone)| query.judge(key, gone.at))
                .collect()
        } else {
            let there = self.state.tree.descendants(folder.key(), None);
            there
                .filter(|(key, entry)| self.is_wanted(search, key, entry))
                .filter_map(|(key, entry)| query.judge(key, modified(entry)))
                .collect()
        };
        match search.order {
            SearchOrder::Relevance => keys.sort_unstable(),
            SearchOrder::LastModified => {
                keys.sort_unstable_by_key(|found| (found.newest, found.key));
            }
        }
        keys.truncate(MOST_MATCHES);
        let next = start.saturating_add(search.page).min(keys.len());
        let entries = keys.iter().take(next).skip(start).filter_map(|found| {
            let metadata = self.state.tree.metadata(found.key, search.deleted)?;
            Some(view.show(metadata))
        });
        Ok(Found {
            entries: entries.collect(),
            next,
            has_more: next < keys.len(),
        })
    }

    /// The cursor of the page that begins at `start`.
    pub fn search_cursor(&self, search: Search, start: usize) -> SearchCursor {
        SearchCursor {
            account_id: self.account_id.clone(),
            search,
            start,
        }
    }

    /// `files/search/continue_v2`: a cursor of another account is none (RQ-11).
    pub fn search_on(&self, view: &View, cursor: &SearchCursor) -> Result<Found, SearchError> {
        if cursor.account_id != self.account_id {
            return Err(SearchError::InvalidArgument);
        }
        self.search(view, &cursor.search, cursor.start)
    }

    fn is_wanted(&self, search: &Search, key: &str, entry: &Entry) -> bool {
        let is_file = matches!(entry, Entry::File(_));
        let name = name_of(key);
        let of_extension = search.extensions.is_empty()
            || is_file && search.extensions.iter().any(|one| one == extension(name));
        let of_category = search.categories.is_empty()
            || search.categories.contains(&if is_file {
                FileCategory::of_file(name)
            } else {
                FileCategory::Folder
            });
        // Nobody else writes in an account.
        let of_account =
            (search.account_id.as_ref()).is_none_or(|id| is_file && *id == self.account_id);
        of_extension && of_category && of_account
    }
}

impl Found {
    fn nothing(start: usize) -> Self {
        Self {
            entries: Vec::new(),
            next: start,
            has_more: false,
        }
    }
}

/// Matches stand in the order of these fields where relevance counts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Match<'a> {
    is_part_of_name: bool,
    newest: Reverse<Option<Timestamp>>,
    key: &'a Arc<str>,
}

/// A query, split into words (RQ-12).
struct Query {
    whole: String,
    words: Vec<String>,
}

impl Query {
    fn of(text: &str) -> Self {
        let whole = fold(&composed(text.trim()));
        let words = words_of(&whole).map(str::to_owned).collect();
        Self { whole, words }
    }

    /// Every word of the query has to be a word of the name; the last one the beginning of one.
    fn judge<'a>(
        &self,
        key: &'a Arc<str>,
        modified: impl Into<Option<Timestamp>>,
    ) -> Option<Match<'a>> {
        let name = name_of(key);
        let (last, whole_words) = self.words.split_last()?;
        // The last word is the beginning of one (RT-91).
        let fits = words_of(name).any(|word| word.starts_with(last.as_str()))
            && whole_words
                .iter()
                .all(|wanted| words_of(name).any(|word| word == wanted));
        fits.then(|| Match {
            is_part_of_name: name != self.whole && split_extension(name).0 != self.whole,
            newest: Reverse(modified.into()),
            key,
        })
    }
}

/// What stands between everything but letters and digits (RT-90).
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

fn extension(name: &str) -> &str {
    split_extension(name).1.trim_start_matches('.')
}

fn modified(entry: &Entry) -> Option<Timestamp> {
    match entry {
        Entry::File(file) => Some(file.version.server_modified),
        Entry::Folder(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(query: &str, name: &str) -> bool {
        let key: Arc<str> = format!("/folder/{}", fold(name)).into();
        Query::of(query).judge(&key, None).is_some()
    }

    #[test]
    fn a_name_is_found_by_its_words_and_the_beginning_of_its_last_one() {
        // RT-90, RT-91, RQ-12
        for (query, name) in [
            ("file", "create_file_request"),
            ("file", "findable_file.txt"),
            ("findable_file", "findable_file.txt"),
            ("FIND", "findable_file.txt"),
            ("bat c", "bat cave"),
            ("/image.png", "image.png"),
            ("straße", "Straße 1.pdf"),
        ] {
            assert!(finds(query, name), "{query} finds {name}");
        }
        for (query, name) in [
            ("bat c", "batman car"),
            ("indable", "findable_file.txt"),
            ("folder", "a.txt"),
            ("", "a.txt"),
            ("/", "a.txt"),
        ] {
            assert!(!finds(query, name), "{query} does not find {name}");
        }
    }

    #[test]
    fn a_category_goes_by_the_extension() {
        for (name, category) in [
            ("a.b.jpeg", FileCategory::Image),
            ("a.pdf", FileCategory::Pdf),
            (".pdf", FileCategory::Others),
            ("a", FileCategory::Others),
        ] {
            assert_eq!(FileCategory::of_file(name), category, "{name}");
        }
    }

    #[test]
    fn a_cursor_that_somebody_made_up_is_none_and_asks_for_no_endless_page() {
        assert_eq!(SearchCursor::parse("x"), None);
        assert_eq!(SearchCursor::parse(&STANDARD.encode("{}")), None);
        let search = Search {
            query: "a".into(),
            path: String::new(),
            page: usize::MAX,
            order: SearchOrder::Relevance,
            deleted: false,
            extensions: Vec::new(),
            categories: Vec::new(),
            account_id: None,
        };
        let cursor = SearchCursor {
            account_id: "dbid:x".into(),
            search,
            start: usize::MAX,
        };
        let read = SearchCursor::parse(&cursor.to_text()).expect("a cursor");
        assert_eq!(read.search.page, 1000);
    }
}
