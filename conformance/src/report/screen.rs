//! For the person in front of it: a line per case while it runs, and a summary that can be read.

use std::io::{ErrorKind, Write};

use crate::evidence::catalogue::Catalogue;
use crate::report::summary;
use crate::run::outcome::{CaseReport, Head, Outcome, RunReport};
use crate::run::runner::Observer;
use crate::safety::budget::Spending;
use crate::talk::quoted::quoted;
use crate::talk::transcript::{Came, Content};

/// So many red cases of one cause are told once more at the end.
const SEVERAL: usize = 2;

/// Writes to a terminal or a log.
#[derive(Debug)]
pub struct Screen<W> {
    out: W,
    /// Whether agreeing cases get a line each.
    verbose: bool,
    done: usize,
    selected: usize,
    lost: Option<String>,
}

impl<W: Write> Screen<W> {
    /// A screen that writes to `out`.
    pub fn new(out: W, verbose: bool) -> Self {
        Self {
            out,
            verbose,
            done: 0,
            selected: 0,
            lost: None,
        }
    }

    /// The rules that a red case is about, each with its sentence.
    fn rules(&mut self, report: &CaseReport) {
        let catalogue = Catalogue::built_in();
        for rule in summary::rules_at_stake(report) {
            if let Some(sentence) = catalogue.sentence(rule) {
                self.line(format_args!("       {rule}: {sentence}"));
            }
        }
    }

    /// What was said, and in full what was asked where it went wrong.
    fn exchanges(&mut self, report: &CaseReport) {
        let decisive = report.decisive().map(|exchange| exchange.number);
        for exchange in &report.exchanges.exchanges {
            let came = match &exchange.outcome {
                Came::Answer(answer) => answer.status.to_string(),
                Came::NoAnswer(why) => why.to_string(),
            };
            let request = &exchange.request;
            self.line(format_args!(
                "       {}. {} {} → {came}",
                exchange.number, request.method, request.url
            ));
            if Some(exchange.number) != decisive {
                continue;
            }
            for (name, value) in &request.headers {
                if !matches!(name.as_str(), "user-agent" | "authorization" | "host") {
                    self.line(format_args!("          {name}: {}", quoted(value.as_str())));
                }
            }
            match &request.body {
                Content::Empty => self.line(format_args!("          no body")),
                Content::Text(text) => {
                    self.line(format_args!("          body: {}", quoted(text.as_str())));
                }
                Content::Bytes { size, what } => {
                    self.line(format_args!("          body: {size} bytes, {what}"));
                }
            }
        }
    }

    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        // A closed pipe must not end the run before its clean-up: who closed it has seen enough.
        let written = writeln!(self.out, "{text}").and_then(|()| self.out.flush());
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
        {
            self.lost = Some(format!("The standard output cannot be written: {error}."));
        }
    }
}

impl<W: Write + Send> Observer for Screen<W> {
    fn begins(&mut self, head: &Head, budget: Spending, folder: &str) {
        self.selected = head.selected;
        self.line(format_args!(
            "conformance {} · target {} · {} cases · folder {folder}",
            head.suite, head.target, head.selected
        ));
        self.line(format_args!(
            "budget: at most {} calls and {} bytes",
            budget.calls, budget.bytes
        ));
    }

    fn case_ended(&mut self, report: &CaseReport) {
        self.done += 1;
        let (done, selected) = (self.done, self.selected);
        let quiet = !self.verbose && matches!(report.outcome, Outcome::Agreed | Outcome::Skipped);
        if quiet {
            // Still a sign of life, every now and then.
            if done.is_multiple_of(25) {
                self.line(format_args!("  {done}/{selected} …"));
            }
            return;
        }
        self.line(format_args!(
            "  {done:>4}/{selected} {:<9} {}",
            report.outcome.word(),
            report.id
        ));
        if report.outcome.is_red() {
            self.line(format_args!("       {}", report.sentence));
        }
        if let Some(detail) = &report.detail {
            self.line(format_args!("       {detail}"));
        }
        for (question, answer) in &report.observations {
            self.line(format_args!("       {question}: {answer}"));
        }
        if report.outcome.is_red() {
            self.rules(report);
            self.exchanges(report);
        }
    }

    fn ended(&mut self, report: &RunReport, spent: Spending) {
        let cases: Vec<&CaseReport> = report.cases.iter().collect();
        if cases.iter().any(|case| case.outcome.is_red()) {
            // After many lines: what to look for, and where.
            let causes = summary::causes(report).into_iter();
            for (cause, cases) in causes.filter(|(_, cases)| cases.len() >= SEVERAL) {
                self.line(format_args!("  {} cases: {cause}", cases.len()));
            }
            for (chapter, cases) in summary::chapters(report) {
                if cases.iter().any(|case| case.outcome.is_red()) {
                    let words = summary::in_words(&cases);
                    self.line(format_args!("  {chapter:<20} {words}"));
                }
            }
        }
        self.line(format_args!(
            "{} · {} calls, {} bytes sent",
            summary::in_words(&cases),
            spent.calls,
            spent.bytes
        ));
        for (reason, ids) in summary::skipped(report) {
            self.line(format_args!("  skipped {}: {reason}", ids.len()));
            for id in ids {
                self.line(format_args!("    {id}"));
            }
        }
        if let Some(note) = &report.note {
            self.line(format_args!("  note: {note}"));
        }
        self.line(format_args!("{}", summary::verdict(report)));
    }

    fn lost(&self) -> Option<&str> {
        self.lost.as_deref()
    }
}
