//! What differs from answer to answer: `<id>`, `<rev 2>`, … One symbol is one value in a whole exchange.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The kinds, and every value that each may stand for.
const KINDS: [(&str, &str); 17] = [
    ("id", "id:[A-Za-z0-9_-]{22}"),
    ("rev", "(?:[0-9a-f]{31}|[0-9a-f]{21})"),
    (
        "time",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",
    ),
    // Those of search_v2 are of the standard alphabet, with `=`.
    ("cursor", "[A-Za-z0-9_/+=-]+"),
    ("session", "(?:pid_upload_session:)?[A-Za-z0-9_-]{22,}"),
    ("job", "(?:dbjid:[A-Za-z0-9_-]{88}|[A-Za-z0-9_-]{22})"),
    ("reference", "[A-Za-z0-9_-]{22}"),
    ("account", "dbid:[A-Za-z0-9_-]{35}"),
    ("namespace", "[0-9]+"),
    ("number", "[0-9]+"),
    ("hash", "[0-9a-f]{64}"),
    ("link", "https?://[^\" ]+"),
    ("dots", "[.]{0,3}"),
    // The content of a JSON string that says who somebody is, or that nobody recorded.
    ("word", "[^\"]*"),
    // What nobody recorded.
    ("any", "(?s:.*)"),
    // Where the exchange takes place: filled by whoever replays it.
    ("root", "[^\"]*"),
    // The key of an app that the target knows, likewise.
    ("app", "[^\" ]+"),
];

/// The kinds that differ between answers though nothing else does: each stands for itself alone.
const FREE: [&str; 2] = ["dots", "any"];

/// The kinds that name one thing: two symbols of such a kind are two values.
const NAMES: [&str; 6] = ["id", "rev", "session", "job", "reference", "link"];

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    let kinds: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
    Regex::new(&format!("<({})( [0-9]+)?>", kinds.join("|"))).expect("a pattern")
});

/// What the symbols stand for that an exchange has used so far.
#[derive(Debug, Default)]
pub struct Symbols(HashMap<String, String>);

impl Symbols {
    /// In the place of `<root>` stands this folder.
    pub fn in_folder(root: &str) -> Self {
        Self(HashMap::from([("<root>".to_owned(), root.to_owned())]))
    }

    /// In the place of this symbol stands that.
    #[must_use]
    pub fn with(mut self, symbol: &str, value: &str) -> Self {
        self.0.insert(symbol.to_owned(), value.to_owned());
        self
    }

    /// Puts the values in the place of the symbols, or says which stands for nothing yet.
    pub fn fill(&self, text: &str) -> Result<String, String> {
        let unknown = NAME
            .find_iter(text)
            .find(|symbol| !self.0.contains_key(symbol.as_str()));
        if let Some(symbol) = unknown {
            return Err(format!("{} stands for nothing yet", symbol.as_str()));
        }
        let filled = NAME.replace_all(text, |found: &Captures| self.0[&found[0]].clone());
        Ok(filled.into_owned())
    }

    /// Holds a text against the recorded one, and keeps what its new symbols stand for.
    pub fn hold(&mut self, recorded: &str, text: &str) -> bool {
        let (mut pattern, mut new, mut from) = (String::from("^"), Vec::new(), 0);
        for found in NAME.captures_iter(recorded) {
            let symbol = found.get(0).expect("the whole");
            pattern += &regex::escape(&recorded[from..symbol.start()]);
            from = symbol.end();
            if let Some(value) = self.0.get(symbol.as_str()) {
                pattern += &regex::escape(value);
            } else {
                let (kind, values) = KINDS
                    .iter()
                    .find(|(kind, _)| *kind == &found[1])
                    .expect("one of them");
                if FREE.contains(kind) {
                    pattern += values;
                } else {
                    pattern += &format!("({values})");
                    new.push((symbol.as_str().to_owned(), NAMES.contains(kind)));
                }
            }
        }
        pattern += &regex::escape(&recorded[from..]);
        pattern.push('$');
        let Some(values) = Regex::new(&pattern).expect("a pattern").captures(text) else {
            return false;
        };
        let mut known = self.0.clone();
        for (at, (symbol, is_name)) in new.into_iter().enumerate() {
            let value = values[at + 1].to_owned();
            let is_another =
                |(other, known): (&String, &String)| *other != symbol && *known == value;
            if is_name && known.iter().any(is_another) {
                return false;
            }
            // One symbol is one value, also within one text.
            if *known.entry(symbol).or_insert_with(|| value.clone()) != value {
                return false;
            }
        }
        self.0 = known;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_stands_for_one_value_of_its_kind() {
        let mut symbols = Symbols::in_folder("/run");
        let [first, second] = ["2026-09-24T02:25:50Z", "2026-09-24T02:25:51Z"];
        assert!(!symbols.hold("<time>", "yesterday"));
        assert!(!symbols.hold("<time> <time>", &format!("{first} {second}")));
        assert!(symbols.hold("<time> <time 2>", &format!("{first} {second}")));
        assert!(!symbols.hold("<time>", second));
        let filled = symbols.fill("<root>/a at <time 2>");
        assert_eq!(filled, Ok(format!("/run/a at {second}")));
        assert!(symbols.fill("<rev>").unwrap_err().contains("<rev>"));
    }

    #[test]
    fn two_symbols_that_name_something_are_two_values_and_dots_are_free() {
        let mut symbols = Symbols::default();
        let [first, second] = [1, 2].map(|number| format!("id:{number:022}"));
        assert!(!symbols.hold("<id> <id 2>", &format!("{first} {first}")));
        assert!(symbols.hold("<id> <id 2>", &format!("{first} {second}")));
        assert!(!symbols.hold("<id 3>", &first));
        assert!(symbols.hold("a/<dots>", "a/") && symbols.hold("a/<dots>", "a/.."));
    }

    #[test]
    fn what_is_no_symbol_is_itself_and_nothing_may_follow() {
        let mut symbols = Symbols::default();
        assert!(symbols.hold(
            "\"Bearer <oauth2-access-token>\".",
            "\"Bearer <oauth2-access-token>\"."
        ));
        assert!(!symbols.hold("null", "null\n"));
        assert!(symbols.hold("begins <any>", "begins\u{20}with\na line"));
        assert!(!symbols.hold("\"<word>\"", "\"a\", \"b\""));
    }
}
