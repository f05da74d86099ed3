//! Runs cases one after another, and lets nothing that a case does end the run.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use rand::Rng as _;
use tokio::time::Instant;

use crate::cases::case::{Case, Kind};
use crate::failure::{Failure, Verdict};
use crate::run::absent::Absent;
use crate::run::outcome::{CaseReport, Head, Outcome, RunReport};
use crate::run::preflight::{self, Entry};
use crate::run::time;
use crate::safety::budget::{Budget, Spending};
use crate::safety::stopping::{INTERRUPTED, stopped};
use crate::secrecy::normaliser::Normaliser;
use crate::secrecy::redacted::Redacted;
use crate::talk::context::{Context, Shared};
use crate::targets::Target;

/// What to run, and how far to go.
#[derive(Clone, Debug)]
pub struct Plan {
    pub cases: Vec<Case>,
    /// Whether time may be waited for.
    pub slow: bool,
    /// Whether big bodies may be sent.
    pub big: bool,
    /// How long one case may take, beyond what it declares to wait.
    pub case_timeout: Duration,
    /// Whether an app with access to the whole Dropbox may be used.
    pub allow_full_dropbox: bool,
}

impl Plan {
    /// Why a case will not run on this target; `None` if it will.
    pub fn reason_to_skip(&self, case: &Case, target: &Target) -> Option<&'static str> {
        let needs = case.needs;
        let movable = target.clock.is_moved();
        if needs.exact_clock && !movable {
            Some("the target's clock cannot be set to the millisecond")
        } else if needs.clock && !movable && case.cost.seconds > LONGEST_WAIT {
            Some("it takes hours and more: the target's clock would have to be moved")
        } else if needs.clock && !movable && !self.slow {
            Some("time would have to be waited for: give --slow")
        } else if needs.big && !self.big {
            Some("it sends big bodies: give --big")
        } else if needs.second_token && target.tokens.second.is_none() {
            Some("there is no second account: give --second-token-env")
        } else if needs.restricted_token && target.tokens.restricted.is_none() {
            Some("there is no token without files.content.write: give --restricted-token-env")
        } else if needs
            .special_token
            .is_some_and(|kind| !target.tokens.special.contains_key(&kind))
        {
            Some("there is no token of the kind that it needs: give --special-token KIND=NAME")
        } else if needs.fake_only && target.real {
            Some("it is about fakes only")
        } else {
            None
        }
    }

    /// What the run may spend: what its cases say, and what the runner needs around them.
    pub fn budget(&self, target: &Target) -> Spending {
        let will_run = self
            .cases
            .iter()
            .filter(|case| self.reason_to_skip(case, target).is_none());
        will_run.fold(AROUND, |sum, case| Spending {
            // One call more per case: after a failure the target is asked whether it is still there.
            calls: sum.calls + case.cost.calls + 1,
            bytes: sum.bytes + case.cost.bytes + 4096,
        })
    }
}

/// How many seconds `--slow` waits for one case at most. An access token lives four hours, and the whole
/// run must come to its end while it does.
pub const LONGEST_WAIT: u64 = 15 * 60;

/// Preflight and clean-up.
const AROUND: Spending = Spending {
    calls: 40,
    bytes: 64 * 1024,
};

/// Is told how a run goes on.
pub trait Observer: Send {
    /// The run is about to begin.
    fn begins(&mut self, head: &Head, budget: Spending, folder: &str);
    /// A case begins.
    fn case_begins(&mut self, _id: &str) {}
    /// A case has ended.
    fn case_ended(&mut self, report: &CaseReport);
    /// The run has ended, after the clean-up.
    fn ended(&mut self, report: &RunReport, spent: Spending);
    /// Why what it should have left is lost, or not whole: a sentence for people.
    fn lost(&self) -> Option<&str> {
        None
    }
}

/// Runs the plan. `stopping` may be set at any time; what is under way is then finished or given up,
/// and the clean-up still happens.
pub async fn run(
    plan: &Plan,
    target: Arc<Target>,
    stopping: Arc<AtomicBool>,
    observers: &mut [Box<dyn Observer>],
) -> RunReport {
    let budget = plan.budget(&target);
    let shared = Shared {
        run_folder: run_folder(),
        budget: Arc::new(Budget::new(budget)),
        stopping,
        speaks: Arc::default(),
        target,
    };
    let head = Head {
        suite: env!("CARGO_PKG_VERSION").to_owned(),
        date: time::today(),
        target: shared.target.name.clone(),
        genuine: shared.target.genuine,
        selected: plan.cases.len(),
    };
    for observer in &mut *observers {
        observer.begins(&head, budget, &shared.run_folder);
    }
    let mut report = RunReport {
        head,
        cases: Vec::new(),
        trouble: None,
        note: None,
    };
    // Without a case that will run there is nothing to ask the target for.
    let any = plan
        .cases
        .iter()
        .any(|case| plan.reason_to_skip(case, &shared.target).is_none());
    let mut to_clean = any;
    if any && shared.stopping.load(Ordering::SeqCst) {
        report.trouble = Some(Redacted::fixed(NOT_BEGUN));
        to_clean = false;
    } else {
        let entry = if any {
            preflight::check(&shared, plan.allow_full_dropbox).await
        } else {
            Ok(Entry::default())
        };
        match entry {
            Ok(entry) => run_cases(plan, &shared, entry, &mut report, observers).await,
            Err(stop) => {
                report.trouble = Some(stop.sentence);
                to_clean = stop.folder_made;
            }
        }
    }
    if to_clean {
        let uses_second = plan.cases.iter().any(|case| case.needs.second_token);
        if let Err(text) = crate::run::cleanup::clean_up(&shared, uses_second).await {
            // Whatever else went wrong: what is left has to be named. What somebody's fake keeps is missed
            // by nobody, and must not hide how the cases ended.
            match report.trouble.take() {
                Some(trouble) => report.trouble = Some(trouble.and(&text)),
                None if shared.target.real => report.trouble = Some(text),
                None => report.note = Some(text),
            }
        }
    }
    let spent = shared.budget.spent();
    for observer in observers {
        observer.ended(&report, spent);
    }
    report
}

const NOT_BEGUN: &str = "The run was interrupted before it began: nothing was done.";

async fn run_cases(
    plan: &Plan,
    shared: &Shared,
    entry: Entry,
    report: &mut RunReport,
    observers: &mut [Box<dyn Observer>],
) {
    let normaliser = Normaliser::new(Arc::clone(&shared.target.vault), "");
    let mut absent = Absent::answering(entry.unknown);
    for case in &plan.cases {
        if shared.stopping.load(Ordering::SeqCst) {
            report.trouble = Some(Redacted::fixed(INTERRUPTED));
            return;
        }
        let case_report = if let Some(reason) = plan.reason_to_skip(case, &shared.target) {
            CaseReport::without_talk(case, Outcome::Skipped, Redacted::fixed(reason))
        } else {
            for observer in &mut *observers {
                observer.case_begins(case.id);
            }
            absent.fold(run_case(plan, shared, case).await, &normaliser)
        };
        for observer in &mut *observers {
            observer.case_ended(&case_report);
        }
        let doubtful = case_report.outcome.is_red();
        if case_report.outcome == Outcome::Stopped {
            report.trouble = Some(Redacted::fixed(INTERRUPTED));
        }
        report.cases.push(case_report);
        if doubtful
            && !shared.stopping.load(Ordering::SeqCst)
            && let Err(text) = preflight::still_there(shared, entry.mints).await
        {
            report.trouble = Some(text);
            return;
        }
    }
}

async fn run_case(plan: &Plan, shared: &Shared, case: &Case) -> CaseReport {
    let context = Context::new(shared.clone(), case.id, case.cost.limit());
    let started = Instant::now();
    let limit = plan.case_timeout
        + Duration::from_secs(case.cost.seconds)
        + Duration::from_secs(case.cost.bytes / (1 << 20));
    let conversation = AssertUnwindSafe((case.run)(&context)).catch_unwind();
    let (outcome, detail) = tokio::select! {
        ended = tokio::time::timeout(limit, conversation) => match ended {
            Ok(Ok(verdict)) => judge(case, verdict, &context),
            Ok(Err(panic)) => (Outcome::Panicked, Some(panic_text(context.normaliser(), &*panic))),
            Err(_) => (
                Outcome::TimedOut,
                Some(context.fail(&format!("it took longer than {} seconds", limit.as_secs())).into_text()),
            ),
        },
        () = stopped_for(&shared.stopping, GRACE) => (Outcome::Stopped, None),
    };
    let log = context.log();
    CaseReport {
        outcome,
        detail,
        observations: log.observations,
        shown: owned(&log.rules.shown),
        contradicted: owned(&log.rules.contradicted),
        milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        exchanges: log.transcript,
        ..CaseReport::without_talk(case, outcome, Redacted::fixed(""))
    }
}

fn owned(rules: &BTreeSet<&'static str>) -> BTreeSet<String> {
    rules.iter().map(|rule| (*rule).to_owned()).collect()
}

/// How long a request that is under way may go on after Ctrl-C: cut off, it could still take effect
/// after the clean-up.
const GRACE: Duration = Duration::from_secs(10);

async fn stopped_for(stopping: &AtomicBool, grace: Duration) {
    stopped(stopping).await;
    tokio::time::sleep(grace).await;
}

fn judge(case: &Case, verdict: Verdict, context: &Context) -> (Outcome, Option<Redacted>) {
    let log = context.log();
    match verdict {
        Ok(()) if log.transcript.exchanges.is_empty() => {
            let text = "the case ended well without a single exchange: it compares nothing";
            (Outcome::Refused, Some(Redacted::fixed(text)))
        }
        Ok(()) if !log.rules.shown.iter().all(|rule| case.rules.contains(rule)) => {
            let text = "an expectation shows a rule that the case does not cite";
            (Outcome::Refused, Some(Redacted::fixed(text)))
        }
        Ok(()) if case.kind == Kind::Probe && log.observations.is_empty() => {
            let text = "the probe ended without an answer to its question";
            (Outcome::Refused, Some(Redacted::fixed(text)))
        }
        Ok(()) if case.kind == Kind::Probe => (Outcome::Answered, None),
        Ok(()) => (Outcome::Agreed, None),
        Err(Failure::Stopped) => (Outcome::Stopped, None),
        Err(failure) => {
            let outcome = match failure {
                Failure::NoAnswer(_) => Outcome::NoAnswer,
                Failure::Refused(_) => Outcome::Refused,
                Failure::DoesNotApply(_) => Outcome::Skipped,
                Failure::Differs(_) | Failure::Stopped => Outcome::Differed,
            };
            (outcome, Some(failure.into_text()))
        }
    }
}

/// What a panic said, redacted: an assertion may have quoted an answer.
fn panic_text(normaliser: &Normaliser, panic: &(dyn std::any::Any + Send)) -> Redacted {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it panicked without a message");
    normaliser.text(text)
}

/// A folder name that no other run has: the day and 60 random bits.
pub fn run_folder() -> String {
    const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuv";
    let mut random = rand::rng();
    let tail: String = (0..12)
        .map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]))
        .collect();
    format!("/conformance-{}-{tail}", time::today().replace('-', ""))
}
