//! The journal for people: a line for each request, and a page that needs no server.

use super::entry::{JournalEntry, print_time};
use super::redaction::Excerpt;
use crate::wire::html::escaped;
use std::fmt::Write as _;
use std::sync::Arc;

/// One line for each request, the oldest first.
pub fn text(entries: &[Arc<JournalEntry>]) -> String {
    entries.iter().fold(String::new(), |mut text, entry| {
        let line = entry.to_string().replace(['\n', '\r'], " ");
        let _ = writeln!(text, "{} {line}", print_time(entry.at));
        text
    })
}

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>fake-dropbox: the journal</title>
<style>
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif }
body { margin: 1.5rem auto; max-width: 70rem; padding: 0 1rem }
details { border-top: 1px solid #8884 }
summary { padding: .35rem 0; cursor: pointer; overflow-wrap: anywhere }
summary b { display: inline-block; min-width: 2.6rem }
.refused b { color: #c0392b }
.detail { padding: 0 0 .8rem 1.2rem }
time, .why { opacity: .75 }
pre { background: #8882; padding: .6rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere }
</style>
"#;

/// One page with all of it: what was asked, what was answered, and the rules that decided it. It runs no
/// script and loads nothing, so it can be sent with a bug report.
pub fn html(entries: &[Arc<JournalEntry>]) -> String {
    let mut page = String::from(HEAD);
    let refused = entries.iter().filter(|entry| is_refused(entry)).count();
    let _ = writeln!(
        page,
        "<h1>What reached fake-dropbox</h1>\n<p>{} requests, {refused} of them refused. Secrets are replaced by names such as \
         <code>token:1</code>. The time is that of the fake's clock.</p>",
        entries.len()
    );
    for entry in entries {
        one(&mut page, entry);
    }
    page.push_str("</html>\n");
    page
}

fn is_refused(entry: &JournalEntry) -> bool {
    entry.status.is_none_or(|status| status >= 400)
}

fn one(page: &mut String, entry: &JournalEntry) {
    let status = entry
        .status
        .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let class = if is_refused(entry) { "refused" } else { "fine" };
    let sign = if is_refused(entry) { "✗" } else { "✓" };
    let _ = write!(
        page,
        "<details class=\"{class}\" id=\"r{}\"><summary><time>{}</time> {sign} <b>{status}</b> {} {}",
        entry.sequence,
        print_time(entry.at),
        escaped(entry.method.as_str()),
        escaped(&entry.route),
    );
    if let Some(path) = &entry.path {
        let _ = write!(page, " <code>{}</code>", escaped(path));
    }
    if let Some(why) = entry.why() {
        let _ = write!(page, "<br><span class=\"why\">{}</span>", escaped(&why));
    }
    page.push_str("</summary><div class=\"detail\">\n<ul>\n");
    for rule in &entry.rules {
        let _ = writeln!(
            page,
            "<li>{rule} ({}): {}</li>",
            rule.evidence(),
            escaped(rule.statement())
        );
    }
    let facts = [
        ("account", entry.account.as_deref().map(str::to_owned)),
        ("link", entry.link.map(|link| link.to_string())),
        ("fault", entry.fault.map(|fault| fault.to_string())),
        (
            "fields without effect",
            (!entry.unused_fields.is_empty()).then(|| entry.unused_fields.join(", ")),
        ),
        ("duration", Some(format!("{:?}", entry.duration))),
        (
            "bytes",
            Some(format!(
                "{} in, {} out",
                entry.request_bytes, entry.response_bytes
            )),
        ),
        ("outcome", Some(format!("{:?}", entry.outcome))),
    ];
    for (name, value) in facts {
        if let Some(value) = value {
            let _ = writeln!(page, "<li>{name}: {}</li>", escaped(&value));
        }
    }
    page.push_str("</ul>\n");
    message(page, "Request", entry.request());
    message(page, "Answer", entry.response());
    page.push_str("</div></details>\n");
}

fn message(page: &mut String, title: &str, excerpt: &Excerpt) {
    let _ = write!(page, "<h2>{title}</h2><pre>");
    for (name, value) in excerpt.headers() {
        let _ = writeln!(page, "{}: {}", escaped(name), escaped(value));
    }
    if let Some(body) = excerpt.body() {
        let _ = write!(page, "\n{}", escaped(body));
    }
    page.push_str("</pre>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::faults::HostKind;
    use crate::dropbox::time::Timestamp;
    use crate::rules::Rule;

    fn refused(path: &str) -> Arc<JournalEntry> {
        let now = Timestamp::from_seconds(0);
        Arc::new(JournalEntry {
            path: Some(path.to_owned()),
            status: Some(410),
            rules: vec![Rule::new("UL-138")],
            ..JournalEntry::new(now, http::Method::POST, HostKind::Content, "upload_link")
        })
    }

    #[test]
    fn a_request_is_one_line_of_text() {
        let text = text(&[refused("/a\n/b"), refused("/c")]);
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(
            text.starts_with("1970-01-01T00:00:00Z #0 POST upload_link /a /b -> 410: UL-138"),
            "{text}"
        );
    }

    #[test]
    fn a_page_shows_markup_of_a_client_as_text() {
        let page = html(&[refused("/<script>alert(\"1\")</script>&")]);
        assert!(page.contains("/&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;"));
        assert!(!page.contains("<script"));
        assert!(page.contains("UL-138 (documented): A second use"));
    }
}
