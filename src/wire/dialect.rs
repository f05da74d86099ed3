//! How Dropbox spells what it says, by date.
//!
//! Dropbox moved its routes to another server in May and June 2026; what happens stayed, how it is said
//! changed. A dialect is everything that differs, decided here: a new one is a member of [`Dialect`]
//! and its arms in this file.

use serde_json::{Map, Value};

use super::errors::Spelled;
use super::print;
use super::routes::HostKind;
use super::schema::PathPatterns;
use super::shared_links;
use crate::dropbox::assumptions::{
    Assumptions, BadRequestForm, DialectChoice, PathPattern, PropertyGroupsInLists, RateLimitForm,
};

/// The spelling of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The server of 2016 to May 2026: `json.dumps` and Stone's validators in Python (API-21).
    Y2025,
    /// The server since then: Go's `encoding/json` over maps (API-256).
    Y2026,
}

impl Dialect {
    /// The dialect of an answer in an account. `draw` decides where the account speaks both, as the
    /// real service did in May and June 2026.
    pub fn of(assumptions: &Assumptions, draw: bool) -> Self {
        match assumptions.dialect {
            DialectChoice::Y2026 => Self::Y2026,
            DialectChoice::Mixed if draw => Self::Y2026,
            DialectChoice::Y2025 | DialectChoice::Mixed => Self::Y2025,
        }
    }

    /// The text of a body in JSON.
    pub fn body(self, value: &Value) -> String {
        match self {
            Self::Y2025 => print::python(value),
            Self::Y2026 => print::go(value),
        }
    }

    /// The text of a header value, `Dropbox-API-Result` for one: ASCII in both (API-20).
    pub fn header(self, value: &Value) -> String {
        match self {
            Self::Y2025 => print::python(value),
            Self::Y2026 => print::go_in_ascii(value),
        }
    }

    /// The body of an answer whose error is a union: 401 (API-102), 403 (API-110), 409 (API-124),
    /// 422 (API-111). `dots` is how many dots end the summary where some do, 0 to 3 (API-125, API-260).
    pub fn error(self, error: &Spelled, dots: usize) -> String {
        let mut body = Map::new();
        let dots = match self {
            Self::Y2025 => dots,
            Self::Y2026 => 0,
        };
        body.insert("error_summary".into(), error.summary(dots).into());
        let mut value = error.value();
        shared_links::shape(&mut value, self == Self::Y2025);
        body.insert("error".into(), self.with_nulls(value));
        self.body(&body.into())
    }

    /// A member of a union that may have a value and has none is left out by the one and printed as
    /// `null` by the other (API-257).
    fn with_nulls(self, mut value: Value) -> Value {
        if self == Self::Y2026 {
            add_nulls(&mut value);
        }
        value
    }

    /// A 400 in JSON around its whole text, for a human to read (API-96, API-126). Its summary has three dots in both.
    pub fn wrapped_bad_input(self, text: &str) -> String {
        self.body(&serde_json::json!({
            "error": {".tag": "other"},
            "error_summary": "other/...",
            "user_message": {"locale": "en", "text": text},
        }))
    }

    /// What the frame of a 400 calls a route, and whether somebody saw it do so (API-281).
    pub fn function_name(self, route: &str) -> (&str, bool) {
        match (self, route) {
            (Self::Y2025, APPEND) => ("files/upload_session/append:2", true),
            (Self::Y2026, APPEND) => (APPEND, false),
            _ => (route, true),
        }
    }

    /// How a result of this route is spelled: the searches moved years before the others (RT-02).
    #[must_use]
    pub fn of_results(self, route: &str) -> Self {
        if is_search(route) { Self::Y2026 } else { self }
    }

    /// Whether a 400 comes in JSON (AQ-01). Since 2026 one does: a scope that the app lacks, on the
    /// content host.
    pub fn wraps_bad_input(
        self,
        assumptions: &Assumptions,
        text: &BadInputText,
        host: HostKind,
    ) -> bool {
        match assumptions.bad_request_form {
            BadRequestForm::Text => false,
            BadRequestForm::Json => true,
            BadRequestForm::AsDialect => {
                self == Self::Y2026 && text.is_missing_scope && host == HostKind::Content
            }
        }
    }

    /// Which path patterns are enforced and printed (AQ-07): by default the newest, in both.
    pub fn path_patterns(self, assumptions: &Assumptions) -> PathPatterns {
        match (assumptions.path_pattern, self) {
            (PathPattern::Older, _) => PathPatterns::Before2026,
            (PathPattern::Spec2026, _) | (PathPattern::AsDialect, Self::Y2025 | Self::Y2026) => {
                PathPatterns::Spec2026
            }
        }
    }

    /// Whether a 429 is text (AQ-15).
    pub fn rate_limit_is_text(self, assumptions: &Assumptions) -> bool {
        match (assumptions.rate_limit_form, self) {
            (RateLimitForm::Text, _) => true,
            (RateLimitForm::Json, _) | (RateLimitForm::AsDialect, Self::Y2025 | Self::Y2026) => {
                false
            }
        }
    }

    /// A result of a route, before it is printed. It comes with the property groups of every file and
    /// folder; where its route does not show them they are taken out (API-210, API-278, AQ-18).
    pub fn result(self, assumptions: &Assumptions, route: &str, mut result: Value) -> Value {
        let is_continued = route == "files/list_folder/continue";
        let shown = match (assumptions.property_groups_in_lists, self) {
            _ if is_search(route) => false,
            (PropertyGroupsInLists::Never, _) => false,
            (PropertyGroupsInLists::ContinueOnly, _)
            | (PropertyGroupsInLists::AsDialect, Self::Y2025) => is_continued,
            (PropertyGroupsInLists::Always | PropertyGroupsInLists::AsDialect, _) => true,
        };
        if !shown {
            strip_empty(&mut result, "property_groups");
        }
        if route.starts_with("sharing/") {
            shared_links::shape(&mut result, self == Self::Y2025);
        }
        self.with_nulls(result)
    }
}

/// The route that is named with its version.
const APPEND: &str = "files/upload_session/append_v2";

fn is_search(route: &str) -> bool {
    matches!(route, "files/search_v2" | "files/search/continue_v2")
}

/// The members of unions that may have a value.
const NULLABLE: [&str; 2] = ["malformed_path", "shared_link_already_exists"];

/// Adds the `null` of each such member that has none.
fn add_nulls(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let tag = object.get(".tag").and_then(Value::as_str);
            if let Some(name) = NULLABLE.into_iter().find(|name| tag == Some(name)) {
                object.entry(name).or_insert(Value::Null);
            }
            object.values_mut().for_each(add_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(add_nulls),
        _ => {}
    }
}

/// Takes a list out of every object in it where nothing is in the list: what somebody asked for stays.
fn strip_empty(value: &mut Value, list: &str) {
    match value {
        Value::Object(object) => {
            let found = object.get(list).and_then(Value::as_array);
            if found.is_some_and(Vec::is_empty) {
                object.shift_remove(list);
            }
            object
                .values_mut()
                .for_each(|value| strip_empty(value, list));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| strip_empty(value, list)),
        _ => {}
    }
}

/// A text that differs from dialect to dialect: the words behind the frame of a 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadInputText {
    /// The route, without `/2/`.
    pub route: String,
    /// The words of 2025.
    pub words: String,
    /// Those of 2026, where somebody has seen them.
    pub today: Option<String>,
    /// It says that the app lacks a scope, which has a form of its own.
    pub is_missing_scope: bool,
}

/// Stands before words that nobody has seen.
pub const PLACEHOLDER: &str = "[placeholder of fake-dropbox: the real text is not known] ";

impl BadInputText {
    /// Words that are known in the dialect of 2025 at the least.
    pub fn new(route: &str, words: String) -> Self {
        Self {
            route: route.to_owned(),
            words,
            today: None,
            is_missing_scope: false,
        }
    }

    /// Words that nobody has seen in any.
    pub fn unseen(route: &str, words: &str) -> Self {
        Self::new(route, format!("{PLACEHOLDER}{words}"))
    }

    /// The whole text (API-29, API-31). Where nobody has seen the words, the frame, which is known,
    /// comes first, then a mark, then the words of the other dialect, for whoever looks for them.
    pub fn print(&self, dialect: Dialect) -> String {
        let (words, is_seen) = match (dialect, &self.today) {
            (Dialect::Y2025, _) => (&self.words, true),
            (Dialect::Y2026, Some(today)) => (today, true),
            (Dialect::Y2026, None) => (&self.words, false),
        };
        let (name, is_name_seen) = dialect.function_name(&self.route);
        let is_marked = words.contains(PLACEHOLDER.trim_end());
        let mark = if is_seen && is_name_seen || is_marked {
            ""
        } else {
            PLACEHOLDER
        };
        format!("Error in call to API function \"{name}\": {mark}{words}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_summary_has_dots_in_the_older_one_only() {
        let error = Spelled::tag("not_found");
        assert_eq!(
            Dialect::Y2025.error(&error, 2),
            r#"{"error_summary": "not_found/..", "error": {".tag": "not_found"}}"#
        );
        assert_eq!(
            Dialect::Y2026.error(&error, 2),
            r#"{"error":{".tag":"not_found"},"error_summary":"not_found/"}"#
        );
    }

    #[test]
    fn a_nullable_member_is_null_in_the_newer_one_only() {
        let error = Spelled::tag("malformed_path");
        assert_eq!(
            Dialect::Y2025.error(&error, 0),
            r#"{"error_summary": "malformed_path/", "error": {".tag": "malformed_path"}}"#
        );
        assert_eq!(
            Dialect::Y2026.error(&error, 0),
            r#"{"error":{".tag":"malformed_path","malformed_path":null},"error_summary":"malformed_path/"}"#
        );
    }

    #[test]
    fn words_that_nobody_has_seen_are_marked_behind_the_frame() {
        let text = BadInputText::new("files/upload", "No.".to_owned());
        assert_eq!(
            text.print(Dialect::Y2025),
            "Error in call to API function \"files/upload\": No."
        );
        assert_eq!(
            text.print(Dialect::Y2026),
            format!("Error in call to API function \"files/upload\": {PLACEHOLDER}No.")
        );
        let seen = BadInputText {
            today: Some("Nope".to_owned()),
            ..text
        };
        assert_eq!(
            seen.print(Dialect::Y2026),
            "Error in call to API function \"files/upload\": Nope"
        );
    }

    #[test]
    fn a_scope_that_the_app_lacks_is_in_json_on_the_content_host_of_the_newer_one() {
        use crate::wire::errors::bad_input::BadInput;
        let (scope, app_id) = ("files.content.write", None);
        let lacking = BadInput::MissingAppScope { scope, app_id }.text("files/upload");
        let other = BadInput::BodyNotEmpty { body: "x" }.text("files/download");
        let mut assumptions = Assumptions::default();
        for (dialect, text, host, wrapped) in [
            (Dialect::Y2026, &lacking, HostKind::Content, true),
            (Dialect::Y2026, &lacking, HostKind::Api, false),
            (Dialect::Y2026, &other, HostKind::Content, false),
            (Dialect::Y2025, &lacking, HostKind::Content, false),
        ] {
            assert_eq!(dialect.wraps_bad_input(&assumptions, text, host), wrapped);
        }
        assumptions.bad_request_form = BadRequestForm::Text;
        assert!(!Dialect::Y2026.wraps_bad_input(&assumptions, &lacking, HostKind::Content));
    }

    #[test]
    fn a_mixed_account_is_drawn_and_the_others_are_not() {
        let mut assumptions = Assumptions::default();
        for (choice, drawn) in [
            ("2025", [Dialect::Y2025, Dialect::Y2025]),
            ("2026", [Dialect::Y2026, Dialect::Y2026]),
            ("mixed", [Dialect::Y2025, Dialect::Y2026]),
        ] {
            assumptions.set("dialect", choice).expect("a choice");
            assert_eq!(
                [false, true].map(|draw| Dialect::of(&assumptions, draw)),
                drawn
            );
        }
    }

    #[test]
    fn groups_are_shown_as_the_dialect_has_it_unless_somebody_says_otherwise() {
        let result = json!({"entries": [{".tag": "file", "property_groups": []}]});
        let without = json!({"entries": [{".tag": "file"}]});
        let mut assumptions = Assumptions::default();
        let shown = |assumptions: &Assumptions, dialect: Dialect, route| {
            dialect.result(assumptions, route, result.clone()) != without
        };
        let (list, continued) = ("files/list_folder", "files/list_folder/continue");
        assert!(shown(&assumptions, Dialect::Y2026, list));
        assert!(!shown(&assumptions, Dialect::Y2025, list));
        assert!(shown(&assumptions, Dialect::Y2025, continued));
        assumptions.property_groups_in_lists = PropertyGroupsInLists::Never;
        assert!(!shown(&assumptions, Dialect::Y2026, list));
        // Those that somebody asked for are shown in each.
        let asked_for = json!({"property_groups": [{"template_id": "ptid:x", "fields": []}]});
        let told = Dialect::Y2025.result(&assumptions, "files/get_metadata", asked_for.clone());
        assert_eq!(told, asked_for);
    }
}
