//! One page that needs nothing else: every case, every exchange, and a line to repeat it.

use std::collections::BTreeSet;
use std::io::Write;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::evidence::catalogue::Catalogue;
use crate::report::summary;
use crate::run::exit::Ending;
use crate::run::outcome::{CaseReport, Head, Outcome, RunReport};
use crate::run::runner::Observer;
use crate::safety::budget::Spending;
use crate::talk::transcript::{Came, Content, Exchange, Sent};

/// Writes the page when the run has ended.
#[derive(Debug)]
pub struct Html<W> {
    out: W,
    lost: Option<String>,
}

impl<W: Write> Html<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, lost: None }
    }
}

impl<W: Write + Send> Observer for Html<W> {
    fn begins(&mut self, _head: &Head, _budget: Spending, _folder: &str) {}

    fn case_ended(&mut self, _report: &CaseReport) {}

    fn ended(&mut self, report: &RunReport, spent: Spending) {
        let page = page(report, spent).into_string();
        let written = self.out.write_all(page.as_bytes());
        if let Err(error) = written.and_then(|()| self.out.flush()) {
            self.lost = Some(format!("The page cannot be written: {error}."));
        }
    }

    fn lost(&self) -> Option<&str> {
        self.lost.as_deref()
    }
}

const STYLE: &str = "\
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin-bottom:.5rem}h2{font-size:1.1rem;margin:2rem 0 .25rem}h3{font-size:1rem;margin:1.25rem 0 .25rem}h4{margin:1rem 0 .25rem}
dt{font-weight:600;float:left;clear:left;min-width:5rem}dd{margin-left:5.5rem}:target{background:#fff3c4}
summary{cursor:pointer;padding:.25rem 0}code,pre{font:13px/1.45 ui-monospace,monospace}
pre{background:#f4f5f7;padding:.6rem;margin:.25rem 0;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;border-radius:4px}
table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto;overflow-wrap:normal}th,td{text-align:right;padding:.1rem .8rem}th{font-weight:600}
th:first-child,td:first-child{text-align:left;padding-left:0}tr{border-bottom:1px solid #e3e6ea}td a{color:inherit}
.verdict{font-weight:700;padding:.5rem .8rem;border-left:5px solid;background:#f4f5f7}
.word{display:inline-block;min-width:6.5rem;font-weight:600}.green{color:#17692d}.red{color:#a8201a}.grey{color:#5a6270}
.case{border-bottom:1px solid #e3e6ea}.body{padding:0 0 1rem 1rem}.small{font-size:13px;margin:.1rem 0 .1rem 7.6rem}
@media(prefers-color-scheme:dark){body{background:#15181c;color:#e4e7eb}pre,.verdict{background:#1f242b}.case,tr{border-color:#2c323a}:target{background:#4a4215}
.green{color:#6fce87}.red{color:#ff8f87}.grey{color:#9aa4b1}}";

/// So many cases that went wrong are shown open; of more than that the page would only be long.
const OPEN: usize = 20;

fn page(report: &RunReport, spent: Spending) -> Markup {
    let head = &report.head;
    let chapters = summary::chapters(report);
    let red = report.cases.iter().filter(|case| case.outcome.is_red());
    let open = red.count() <= OPEN;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Conformance of " (head.target) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "Conformance of " (head.target) }
                p class=(format!("verdict {}", colour_of(report))) { (summary::verdict(report)) }
                p {
                    "Suite " (head.suite) " on " (head.date) ": "
                    (report.cases.len()) " of " (head.selected) " selected cases, "
                    (spent.calls) " calls, " (spent.bytes) " bytes sent. "
                    @if !head.genuine { "The target was not Dropbox at its own addresses. " }
                }
                p.grey {
                    "Secrets and everything that differs from run to run stand as symbols: the same "
                    "symbol within a case is the same value."
                }
                @if let Some(note) = &report.note { p { "Note: " (note.as_str()) } }
                @let causes = summary::causes(report);
                @if !causes.is_empty() {
                    h2 { "What went wrong" }
                    @for (cause, cases) in &causes {
                        h3 { @if cases.len() > 1 { (cases.len()) " cases: " } (cause) }
                        @for case in cases { (one_case(case, open)) }
                    }
                }
                (table(&chapters))
                @for (chapter, cases) in &chapters {
                    h2 id=(anchor(chapter)) { (chapter) }
                    @for case in cases {
                        // A red one stands above.
                        @if case.outcome.is_red() {
                            p.case { span class="word red" { (case.outcome.word()) }
                                a href=(format!("#{}", case.id)) { code { (case.id) } } " " (case.sentence) }
                        } @else { (one_case(case, false)) }
                    }
                }
                (rules(report))
            }
        }
    }
}

fn colour_of(report: &RunReport) -> &'static str {
    match report.ending() {
        Ending::Agreed => "green",
        _ => "red",
    }
}

fn colour(outcome: Outcome) -> &'static str {
    if outcome.is_red() {
        "red"
    } else if outcome.is_green() {
        "green"
    } else {
        "grey"
    }
}

fn anchor(chapter: &str) -> String {
    chapter.replace('/', "-")
}

/// How the cases of each chapter ended.
fn table(chapters: &[(&str, Vec<&CaseReport>)]) -> Markup {
    let all: Vec<&CaseReport> = chapters
        .iter()
        .flat_map(|(_, cases)| cases.iter().copied())
        .collect();
    let columns: Vec<Outcome> = summary::counts(&all).into_iter().map(|of| of.0).collect();
    let row = |cases: &[&CaseReport]| {
        let counts = summary::counts(cases);
        let count = |wanted: Outcome| counts.iter().find(|(outcome, _)| *outcome == wanted);
        html! {
            @for outcome in &columns {
                td class=(colour(*outcome)) {
                    @if let Some((_, count)) = count(*outcome) { (count) }
                }
            }
        }
    };
    html! {
        table {
            tr { th { "chapter" } @for outcome in &columns { th { (outcome.word()) } } }
            @for (chapter, cases) in chapters {
                tr { td { a href=(format!("#{}", anchor(chapter))) { (chapter) } } (row(cases)) }
            }
            tr { th { "all" } (row(&all)) }
        }
    }
}

fn one_case(case: &CaseReport, open: bool) -> Markup {
    html! {
        details.case id=(case.id) open[open] {
            summary {
                span class=(format!("word {}", colour(case.outcome))) { (case.outcome.word()) }
                code { (case.id) } " " (case.sentence)
                // What a probe found out is what it is for.
                @for (question, answer) in &case.observations {
                    div.small { b { (question) } ": " (answer) }
                }
            }
            div.body {
                p.grey {
                    (case.kind) " · "
                    @for (index, rule) in case.rules.iter().enumerate() {
                        @if index > 0 { ", " }
                        @match Catalogue::built_in().sentence(rule) {
                            Some(sentence) => a href=(format!("#{rule}")) title=(sentence) { (rule) },
                            None => (rule),
                        }
                    }
                    " · " (case.milliseconds) " ms"
                }
                @if let Some(detail) = &case.detail {
                    @if case.outcome == Outcome::Skipped { p.grey { (detail.as_str()) } }
                    @else { pre.red { (detail.as_str()) } }
                }
                @for exchange in &case.exchanges.exchanges { (one_exchange(exchange)) }
            }
        }
    }
}

/// What the cited rules say.
fn rules(report: &RunReport) -> Markup {
    let cited: BTreeSet<&str> = report
        .cases
        .iter()
        .flat_map(|case| case.rules.iter().map(String::as_str))
        .collect();
    html! {
        h2 { "The rules" }
        dl {
            @for rule in cited {
                @if let Some(sentence) = Catalogue::built_in().sentence(rule) {
                    dt id=(rule) { (rule) }
                    dd { (sentence) }
                }
            }
        }
    }
}

fn one_exchange(exchange: &Exchange) -> Markup {
    let sent = &exchange.request;
    html! {
        h4 {
            (exchange.number) ". " (sent.method.as_str()) " " (sent.url.as_str())
            @if let Some(group) = &exchange.group { " (at the same time: " (group) ")" }
        }
        pre { (request_text(sent)) }
        @match &exchange.outcome {
            Came::Answer(answer) => pre {
                (answer.version) " " (answer.status)
                @if let Some(reason) = &answer.reason { " " (reason.as_str()) }
                "\n"
                @for (name, value) in &answer.headers { (name) ": " (value.as_str()) "\n" }
                "\n" (content(&answer.body))
            },
            Came::NoAnswer(why) => pre.red { "no answer: " (why.as_str()) },
        }
        p.grey { (exchange.milliseconds) " ms · to repeat it:" }
        pre { (curl(sent)) }
    }
}

fn request_text(sent: &Sent) -> String {
    let mut text = format!("{} {}\n", sent.method, sent.url);
    for (name, value) in &sent.headers {
        text.push_str(name);
        text.push_str(": ");
        text.push_str(value.as_str());
        text.push('\n');
    }
    text.push('\n');
    text + &content(&sent.body)
}

fn content(body: &Content) -> String {
    match body {
        Content::Empty => String::new(),
        Content::Text(text) => text.to_string(),
        Content::Bytes { size, what } => format!("<{size} bytes, {what}>"),
    }
}

/// The same request for a shell. Symbols stay symbols: a secret has to be put in by hand.
pub fn curl(sent: &Sent) -> String {
    let mut line = format!(
        "curl -i -X {} {}",
        quoted(sent.method.as_str()),
        quoted(sent.url.as_str())
    );
    for (name, value) in &sent.headers {
        // curl counts the bytes and sets the host itself.
        if matches!(name.as_str(), "content-length" | "host" | "user-agent") {
            continue;
        }
        line.push_str(" -H ");
        line.push_str(&quoted(&format!("{name}: {value}")));
    }
    match &sent.body {
        Content::Empty => {}
        Content::Text(text) => {
            line.push_str(" --data-binary ");
            line.push_str(&quoted(text.as_str()));
        }
        Content::Bytes { size, what } => {
            line = format!("{line} --data-binary @FILE  # {size} bytes, {what}");
        }
    }
    line
}

/// Quoted for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
