//! Results of `files/search_v2`, `files/search/continue_v2` and `files/search`.

use serde_json::{Map, Value, json};

use super::metadata;
use crate::dropbox::metadata::Metadata;
use crate::dropbox::search::Found;

/// `SearchV2Result` (RT-85): the metadata stand two levels deep, and a cursor only where there is more
/// (RT-88).
pub fn result(found: &Found, cursor: Option<String>) -> Value {
    let one = |entry: &Metadata| {
        let entry = metadata::entry(entry);
        json!({"metadata": {".tag": "metadata", "metadata": entry}, "match_type": by_name()})
    };
    let mut result = Map::new();
    result.insert("matches".into(), found.entries.iter().map(one).collect());
    result.insert("has_more".into(), found.has_more.into());
    if let Some(cursor) = cursor {
        result.insert("cursor".into(), cursor.into());
    }
    result.into()
}

/// `SearchResult` (RT-99), the older form.
pub fn older_result(found: &Found) -> Value {
    let one =
        |entry: &Metadata| json!({"match_type": by_name(), "metadata": metadata::entry(entry)});
    let matches: Vec<Value> = found.entries.iter().map(one).collect();
    json!({"matches": matches, "more": found.has_more, "start": found.next})
}

/// Contents are looked through for those who pay (RT-93).
fn by_name() -> Value {
    json!({".tag": "filename"})
}
