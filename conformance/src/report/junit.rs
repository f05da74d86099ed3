//! For CI servers.

use std::io::Write;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::run::outcome::{CaseReport, Head, Outcome, RunReport};
use crate::run::runner::Observer;
use crate::safety::budget::Spending;

/// Writes the report when the run has ended.
#[derive(Debug)]
pub struct Junit<W> {
    out: W,
    lost: Option<String>,
}

impl<W: Write> Junit<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, lost: None }
    }
}

impl<W: Write + Send> Observer for Junit<W> {
    fn begins(&mut self, _head: &Head, _budget: Spending, _folder: &str) {}

    fn case_ended(&mut self, _report: &CaseReport) {}

    fn ended(&mut self, report: &RunReport, _spent: Spending) {
        let written = junit(report).serialize(&mut self.out);
        let written = written.map_err(|error| error.to_string());
        let flushed = written.and_then(|()| self.out.flush().map_err(|error| error.to_string()));
        if let Err(error) = flushed {
            self.lost = Some(format!("The JUnit report cannot be written: {error}."));
        }
    }

    fn lost(&self) -> Option<&str> {
        self.lost.as_deref()
    }
}

fn junit(report: &RunReport) -> Report {
    let mut suite = TestSuite::new(format!("conformance of {}", report.head.target));
    for case in &report.cases {
        suite.add_test_case(test_case(case));
    }
    // A run that could not go on must not look green, however its cases ended.
    if let Some(trouble) = &report.trouble {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(trouble.as_str());
        suite.add_test_case(TestCase::new("the run itself", status));
    } else if report
        .cases
        .iter()
        .all(|case| !case.outcome.is_green() && !case.outcome.is_red())
    {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message("nothing was compared");
        suite.add_test_case(TestCase::new("the run itself", status));
    }
    let mut junit = Report::new("conformance");
    junit.add_test_suite(suite);
    junit
}

fn test_case(case: &CaseReport) -> TestCase {
    let mut status = match case.outcome {
        Outcome::Agreed | Outcome::Answered => TestCaseStatus::success(),
        Outcome::Skipped => TestCaseStatus::skipped(),
        Outcome::Differed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Outcome::NoAnswer
        | Outcome::Refused
        | Outcome::Panicked
        | Outcome::TimedOut
        | Outcome::Stopped => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    if let Some(detail) = &case.detail {
        status.set_message(detail.as_str());
    }
    let mut test = TestCase::new(case.id.as_str(), status);
    test.set_classname(case.id.rsplit_once('/').map_or("", |(chapter, _)| chapter));
    test.set_time(Duration::from_millis(case.milliseconds));
    let rules = case.rules.join(", ");
    test.set_system_out(format!("{} [{}; {rules}]", case.sentence, case.kind));
    test
}
