//! From what was on the wire to what may be shown: secrets become symbols, and so does everything
//! that differs from run to run (ids, revs, cursors), numbered so that relations stay visible.
//!
//! `<rev:1>` twice in a transcript means "the same rev"; `<rev:1>` then `<rev:2>` means "it changed".

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use regex::Regex;
use serde_json::Value;

use crate::secrecy::redacted::Redacted;
use crate::secrecy::secret::{SecretKind, Vault};

/// Turns the texts of one case into what may be shown. Symbols are numbered within the case, so that
/// a case reads the same whichever cases ran before it.
#[derive(Debug)]
pub struct Normaliser {
    vault: Arc<Vault>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// value → symbol
    symbols: HashMap<String, String>,
    counts: HashMap<&'static str, usize>,
    /// Times that the case itself wrote down: they are kept, because a comparison wants them.
    sent_times: Vec<String>,
}

impl Normaliser {
    /// A normaliser for one case. `folder` is where the case works; it reads `<folder>`.
    pub fn new(vault: Arc<Vault>, folder: &str) -> Self {
        let mut state = State::default();
        if !folder.is_empty() {
            state
                .symbols
                .insert(folder.to_owned(), "<folder>".to_owned());
            if let Some((run, _)) = folder[1..].split_once('/') {
                state.symbols.insert(run.to_owned(), "<run>".to_owned());
            }
        }
        Self {
            vault,
            state: Mutex::new(state),
        }
    }

    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    /// Names a value from now on `<kind:n>`.
    pub fn symbol(&self, kind: &'static str, value: &str) {
        self.lock().symbol(kind, value);
    }

    /// Learns the times in a request: they are the case's own words.
    pub fn sent(&self, text: &str) {
        let mut state = self.lock();
        for time in TIME.find_iter(text) {
            state.sent_times.push(time.as_str().to_owned());
        }
    }

    /// Learns the ids, revs and secrets of a JSON answer.
    pub fn learn(&self, value: &Value) {
        learn(self, value, None);
    }

    /// The text with every secret and every symbol replaced.
    pub fn text(&self, raw: &str) -> Redacted {
        let mut state = self.lock();
        // In the order in which they stand in the text, so that the numbers do not hang on the values.
        for (_, form, kind) in self.vault.found_in(raw) {
            state.symbol(kind.word(), &form);
        }
        let mut pairs: Vec<(&String, &String)> = state.symbols.iter().collect();
        // The longest first: a link before the token inside it.
        pairs.sort_by(|left, right| right.0.len().cmp(&left.0.len()).then(left.0.cmp(right.0)));
        let mut text = raw.to_owned();
        for (value, symbol) in pairs {
            if symbol.starts_with(NAME_SYMBOL) {
                text = with_word_replaced(&text, value, symbol);
            } else if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), symbol);
            }
        }
        drop(state);
        Redacted(without_names(&without_shapes(&text)))
    }

    /// A header's value. Some headers are never shown, some differ in every answer.
    pub fn header(&self, name: &str, value: &str) -> Redacted {
        match name.to_ascii_lowercase().as_str() {
            "authorization" => authorization(self, value),
            "cookie" | "set-cookie" | "proxy-authorization" => Redacted::fixed("<not shown>"),
            "date" => Redacted::fixed("<date>"),
            "x-dropbox-request-id" if value.len() == 32 => Redacted::fixed("<request-id>"),
            "x-server-response-time" => Redacted::fixed("<milliseconds>"),
            "dropbox-api-result" => {
                if let Ok(json) = serde_json::from_str(value) {
                    self.learn(&json);
                }
                self.text(value)
            }
            _ => self.text(value),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Every change under this lock is one insertion: a panic leaves nothing half-done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn symbol(&mut self, kind: &'static str, value: &str) {
        if value.is_empty() || self.symbols.contains_key(value) {
            return;
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        self.symbols
            .insert(value.to_owned(), format!("<{kind}:{count}>"));
    }
}

fn authorization(normaliser: &Normaliser, value: &str) -> Redacted {
    let Some((scheme, credentials)) = value.split_once(' ') else {
        // One word: either a bare scheme, or a credential without one.
        return if value.len() <= "Bearer".len() {
            normaliser.text(value)
        } else {
            Redacted::fixed("<not shown>")
        };
    };
    if credentials.trim().is_empty() {
        return normaliser.text(value);
    }
    let known = normaliser.text(credentials);
    if known.as_str().starts_with('<') && known.as_str().ends_with('>') {
        Redacted(format!("{scheme} {known}"))
    } else {
        Redacted(format!("{scheme} <not shown>"))
    }
}

/// Walks a JSON answer; the key above a value says what the value is.
fn learn(normaliser: &Normaliser, value: &Value, key: Option<&str>) {
    match value {
        Value::Object(map) => {
            for (name, member) in map {
                // `name` is a file's name as a string and a person's name as an object.
                let person = key == Some("name");
                learn(
                    normaliser,
                    member,
                    if person { Some("\0person") } else { Some(name) },
                );
            }
        }
        Value::Array(items) => {
            for item in items {
                learn(normaliser, item, key);
            }
        }
        Value::String(text) => learn_string(normaliser, key.unwrap_or_default(), text),
        Value::Number(number) if key == Some("uid") => {
            normaliser
                .vault
                .remember(SecretKind::AccountId, &number.to_string());
        }
        _ => {}
    }
}

/// The shortest value that is taken for an id. A shorter one would turn up by chance inside other words.
const OPAQUE: usize = 6;

/// What a rev looks like (API-195). Anything else in its place is shown as it came: it is what is wrong.
fn is_rev(text: &str) -> bool {
    text.len() >= 9
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn learn_string(normaliser: &Normaliser, key: &str, text: &str) {
    let secret = |kind| normaliser.vault.remember(kind, text);
    match key {
        "rev" | "parent_rev" if is_rev(text) => normaliser.symbol("rev", text),
        "id" if text.starts_with("id:") => normaliser.symbol("id", text),
        "cursor" if text.len() >= OPAQUE => normaliser.symbol("cursor", text),
        "session_id" | "session_ids" | "upload_session_id" if text.len() >= OPAQUE => {
            normaliser.symbol("session", text);
        }
        "async_job_id" => normaliser.symbol("job", text),
        "copy_reference" if text.len() >= OPAQUE => normaliser.symbol("reference", text),
        "client_modified" | "server_modified" | "server_deleted" => normaliser.learn_time(text),
        "link" if text.starts_with("http") => remember_link(normaliser, text),
        // Whoever has a shared link may follow it.
        "url" if text.contains("rlkey=") => remember_link(normaliser, text),
        "access_token" => secret(SecretKind::AccessToken),
        "refresh_token" => secret(SecretKind::RefreshToken),
        "account_id" | "uid" | "team_member_id" | "team_id" | "modified_by" => {
            secret(SecretKind::AccountId);
        }
        "email" | "referral_link" | "profile_photo_url" => secret(SecretKind::Email),
        "root_namespace_id"
        | "home_namespace_id"
        | "shared_folder_id"
        | "parent_shared_folder_id" => secret(SecretKind::Namespace),
        // Hidden, this word would be hidden in every header name and error text, too.
        "\0person" if text.eq_ignore_ascii_case("dropbox") => {}
        "\0person" => {
            secret(SecretKind::Name);
            // A conflicted copy carries the whole name, and its key is in lower case. One word alone may be
            // any word.
            if text.contains(' ') {
                normaliser
                    .vault()
                    .remember(SecretKind::Name, &text.to_lowercase());
            }
        }
        _ => {}
    }
}

impl Normaliser {
    /// A time has no number: whether two calls fall into the same second is chance, so equality of
    /// two times is no relation that a comparison could rely on.
    fn learn_time(&self, text: &str) {
        // What is no such time is shown as it came.
        let whole = TIME
            .find(text)
            .is_some_and(|found| found.len() == text.len());
        let mut state = self.lock();
        if whole && !state.sent_times.iter().any(|sent| sent == text) {
            state.symbols.insert(text.to_owned(), "<time>".to_owned());
        }
    }
}

/// Remembers an upload link (or a temporary download link) and the token at its end.
pub fn remember_link(normaliser: &Normaliser, url: &str) {
    let bare = url.split(['?', '#']).next().unwrap_or(url);
    let token = bare.rsplit('/').next().unwrap_or_default();
    let vault = normaliser.vault();
    vault.remember(SecretKind::Link, url);
    normaliser.symbol(SecretKind::Link.word(), url);
    // A download link ends in the file's name, which is no secret.
    if bare.contains("/apitul/") && !token.is_empty() {
        vault.remember(SecretKind::LinkToken, token);
        normaliser.symbol(SecretKind::LinkToken.word(), token);
    }
}

static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z").expect("the pattern is fixed")
});

/// How the symbols of people's names begin.
const NAME_SYMBOL: &str = "<name:";

/// A name is replaced where it stands as a word: somebody called Max is not meant by `Maximum`.
fn with_word_replaced(text: &str, word: &str, symbol: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let begins = !before.ends_with(char::is_alphanumeric);
        let ends = !after.starts_with(char::is_alphanumeric);
        out.push_str(before);
        out.push_str(if begins && ends { symbol } else { word });
        rest = after;
    }
    out + rest
}

/// What stands under the keys of a person's name, the initials and the shortest names too, which are not
/// looked for elsewhere.
fn without_names(text: &str) -> String {
    static NAMES: LazyLock<Regex> = LazyLock::new(|| {
        let keys = "given_name|surname|familiar_name|abbreviated_name|display_name";
        let pattern = format!(r#"("(?:{keys})": ?")((?:[^"\\]|\\.)*)""#);
        Regex::new(&pattern).expect("the pattern is fixed")
    });
    let hidden = |found: &regex::Captures<'_>| {
        let value = &found[2];
        let known = value.starts_with(NAME_SYMBOL) && value.ends_with('>');
        let shown = if known { value } else { "<name>" };
        format!("{}{shown}\"", &found[1])
    };
    NAMES.replace_all(text, hidden).into_owned()
}

/// Shapes that are secret whoever sent them, and numbers that differ in every answer. This is the
/// second line: what the walk over the JSON knows was replaced before.
fn without_shapes(text: &str) -> String {
    static SHAPES: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
        [
            (r"\bsl\.[A-Za-z0-9_.\-]{10,}", "<access-token>"),
            (r"\bdbid:[A-Za-z0-9_\-]{20,}", "<account-id>"),
            (r"(/apitul/\d+/)[A-Za-z0-9_\-]{10,}", "${1}<link-token>"),
            (r"(rlkey=)[A-Za-z0-9]{10,}", "${1}<link-token>"),
            (r"(/cd/0/get/)[^\s\x22<>]{10,}", "${1}<link-token>"),
            (
                r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+\.[A-Za-z0-9.\-]+",
                "<e-mail>",
            ),
            // The dots at the end of an error summary are random: API-125.
            (r#"("error_summary": ?"[^"]*?/)\.{0,3}""#, "${1}…\""),
            // What is no whole number, or none at all, is shown as it came.
            (
                r#"("(?:used|allocated)": ?)[1-9]\d*([,}\s]|$)"#,
                "${1}\"<bytes>\"${2}",
            ),
            (r"(app \(ID: )\d+", "${1}<app-id>"),
        ]
        .into_iter()
        .map(|(pattern, symbol)| (Regex::new(pattern).expect("the pattern is fixed"), symbol))
        .collect()
    });
    SHAPES
        .iter()
        .fold(text.to_owned(), |text, (shape, symbol)| {
            if shape.is_match(&text) {
                shape.replace_all(&text, *symbol).into_owned()
            } else {
                text
            }
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn normaliser() -> Normaliser {
        Normaliser::new(Arc::new(Vault::default()), "/conformance-1/link-a")
    }

    #[test]
    fn the_key_of_a_shared_link_is_never_shown() {
        let normaliser = normaliser();
        let url = "https://www.dropbox.com/scl/fi/abc/a.txt?rlkey=0123456789abcdefghijklmno&dl=0";
        let shown = normaliser.text(url);
        assert!(
            shown.as_str().ends_with("?rlkey=<link-token>&dl=0"),
            "{shown:?}"
        );
        normaliser.learn(&json!({ "url": url }));
        assert_eq!(normaliser.text(url).as_str(), "<link:1>");
    }

    #[test]
    fn the_same_rev_keeps_its_symbol_and_another_gets_the_next() {
        let normaliser = normaliser();
        normaliser.learn(&json!({"rev": "0123456789", "metadata": {"rev": "0123456780"}}));
        let shown = normaliser.text("0123456789 then 0123456780 then 0123456789");
        assert_eq!(shown.as_str(), "<rev:1> then <rev:2> then <rev:1>");
    }

    #[test]
    fn a_person_is_hidden_down_to_the_initials_and_no_other_word_is() {
        let normaliser = normaliser();
        let name = json!({"name": {"given_name": "Max", "surname": "Wu", "abbreviated_name": "MW",
            "display_name": "Max Wu"}});
        normaliser.learn(&name);
        let shown = normaliser.text(&format!("{name} Max, Maximum, Wuthering"));
        let expected = r#"{"name":{"given_name":"<name:1>","surname":"<name>","abbreviated_name":"<name>","display_name":"<name:2>"}} <name:1>, Maximum, Wuthering"#;
        assert_eq!(shown.as_str(), expected);
    }

    #[test]
    fn a_link_and_its_token_are_hidden_wherever_they_stand() {
        let normaliser = normaliser();
        let link = "https://content.dropboxapi.com/apitul/1/7mjCJzUCtFFHcQ";
        normaliser.learn(&json!({ "link": link }));
        let shown = normaliser.text(&format!("POST {link} or /apitul/1/7mjCJzUCtFFHcQ"));
        assert_eq!(shown.as_str(), "POST <link:1> or /apitul/1/<link-token:1>");
    }

    #[test]
    fn an_unknown_link_is_hidden_by_its_shape() {
        let shown = normaliser().text("see https://x/apitul/1/MWsf1ei9ckbpcw");
        assert_eq!(shown.as_str(), "see https://x/apitul/1/<link-token>");
    }

    #[test]
    fn the_person_behind_the_account_is_hidden_and_a_file_name_is_not() {
        let normaliser = normaliser();
        let account = json!({
            "account_id": "dbid:AABOLtA1rT6rRK4vajKZrWqLZ7wVnV863u4",
            "name": {"given_name": "Philippa", "display_name": "Philippa Quill"},
            "email": "p@quill.example",
            "metadata": {"name": "a.txt"},
        });
        normaliser.learn(&account);
        let shown = normaliser.text(&account.to_string());
        for hidden in ["Philippa", "Quill", "quill.example", "AABOL"] {
            assert!(!shown.as_str().contains(hidden), "{shown}");
        }
        assert!(shown.as_str().contains("a.txt"));
    }

    #[test]
    fn a_time_that_was_sent_is_kept_and_another_is_not() {
        let normaliser = normaliser();
        normaliser.sent(r#"{"client_modified": "2020-01-02T03:04:05Z"}"#);
        normaliser.learn(&json!({
            "client_modified": "2020-01-02T03:04:05Z",
            "server_modified": "2026-01-02T03:04:05Z",
        }));
        let shown = normaliser.text("2020-01-02T03:04:05Z 2026-01-02T03:04:05Z");
        assert_eq!(shown.as_str(), "2020-01-02T03:04:05Z <time>");
    }

    #[test]
    fn the_random_dots_of_a_summary_and_the_folder_do_not_matter() {
        let shown = normaliser()
            .text(r#"{"error_summary": "path/not_found/..", "p": "/conformance-1/link-a/x"}"#);
        assert_eq!(
            shown.as_str(),
            r#"{"error_summary": "path/not_found/…", "p": "<folder>/x"}"#
        );
    }

    #[test]
    fn an_authorization_header_shows_its_scheme_only() {
        let normaliser = normaliser();
        assert_eq!(
            normaliser.header("Authorization", "Bearer abcdef").as_str(),
            "Bearer <not shown>"
        );
        normaliser
            .vault()
            .remember(SecretKind::AccessToken, "abcdef");
        assert_eq!(
            normaliser.header("Authorization", "Bearer abcdef").as_str(),
            "Bearer <access-token:1>"
        );
        assert_eq!(
            normaliser.header("Authorization", "Bearer").as_str(),
            "Bearer"
        );
        assert_eq!(
            normaliser.header("Authorization", "abcdefghijkl").as_str(),
            "<not shown>"
        );
    }
}
