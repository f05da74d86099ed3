//! `run`: the cases on one target.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;

use super::arguments::{Outputs, Selection, unless_lost};
use super::target::{Connected, TargetArguments, connect_unless_stopped};
use crate::cases::case::Case;
use crate::run::exit::Ending;
use crate::run::runner::{self, Plan};
use crate::targets::CannotRun;

/// How to run.
#[derive(Clone, Debug, Args)]
pub struct RunArguments {
    #[command(flatten)]
    pub target: TargetArguments,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub extent: Limits,
    #[command(flatten)]
    pub outputs: Outputs,
}

/// How far to go.
#[derive(Clone, Debug, Args)]
pub struct Limits {
    /// Wait where a target's clock cannot be moved (a minute and more per case).
    #[arg(long)]
    pub slow: bool,
    /// Send big bodies, too (hundreds of megabytes).
    #[arg(long)]
    pub big: bool,
    /// How many seconds one case may take, beyond what it declares to wait.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub case_timeout: u64,
    /// Refuse to begin if the selected cases may cost more calls than this.
    #[arg(long, value_name = "COUNT")]
    pub max_calls: Option<u64>,
    /// Refuse to begin if the selected cases may send more bytes than this.
    #[arg(long, value_name = "COUNT")]
    pub max_bytes: Option<u64>,
    /// Run although the app can reach the whole Dropbox of the account.
    #[arg(long)]
    pub allow_full_dropbox: bool,
}

impl Limits {
    /// A plan for these cases.
    pub fn plan(&self, cases: Vec<Case>) -> Plan {
        Plan {
            cases,
            slow: self.slow,
            big: self.big,
            case_timeout: Duration::from_secs(self.case_timeout.max(1)),
            allow_full_dropbox: self.allow_full_dropbox,
        }
    }
}

/// Runs the selected ones of `cases`.
pub async fn run(arguments: &RunArguments, cases: Vec<Case>) -> Result<Ending, CannotRun> {
    let stopping = stop_on_signals();
    let Some((plan, connected)) = prepare(arguments, cases, &stopping).await? else {
        return Ok(Ending::NothingCompared);
    };
    let mut observers = match arguments.outputs.open() {
        Ok(observers) => observers,
        Err(sentence) => return Ok(file_trouble(&sentence)),
    };
    let report = runner::run(
        &plan,
        Arc::clone(&connected.target),
        stopping,
        &mut observers,
    )
    .await;
    Ok(unless_lost(&observers, report.ending()))
}

/// Says which file cannot be used.
pub fn file_trouble(sentence: &str) -> Ending {
    eprintln!("{sentence}");
    Ending::FileTrouble
}

/// Selects the cases and connects; nothing if no case is selected.
pub async fn prepare(
    arguments: &RunArguments,
    cases: Vec<Case>,
    stopping: &AtomicBool,
) -> Result<Option<(Plan, Connected)>, CannotRun> {
    let selected = arguments.selection.of(cases);
    if selected.is_empty() {
        eprintln!("No case is selected by this filter: `dropbox-conformance list` shows them all.");
        return Ok(None);
    }
    let target = &arguments.target;
    let connected = connect_unless_stopped(&target.target, &target.reach, stopping).await?;
    let plan = arguments.extent.plan(selected);
    hold_limits(&arguments.extent, &plan, &connected.target)?;
    Ok(Some((plan, connected)))
}

/// Refuses a plan that may spend more than was allowed.
pub fn hold_limits(
    extent: &Limits,
    plan: &Plan,
    target: &crate::targets::Target,
) -> Result<(), CannotRun> {
    let budget = plan.budget(target);
    let beyond = |limit: Option<u64>, needed: u64, what: &str| match limit {
        Some(limit) if needed > limit => Err(CannotRun(format!(
            "The selected cases may need {needed} {what}, more than the {limit} that were allowed: \
             select fewer with --filter, or allow more with --max-{what}."
        ))),
        _ => Ok(()),
    };
    beyond(extent.max_calls, budget.calls, "calls")?;
    beyond(extent.max_bytes, budget.bytes, "bytes")
}

/// A flag that Ctrl-C, SIGTERM and a terminal that is closed set. A second Ctrl-C changes nothing: the clean-up is bounded.
pub fn stop_on_signals() -> Arc<AtomicBool> {
    let stopping = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stopping);
    // The handlers stand when this returns: the first request may be interrupted, too.
    let signal = signals();
    tokio::spawn(async move {
        signal.await;
        flag.store(true, Ordering::SeqCst);
        // The terminal may be gone: that must not keep anything from being cleaned up.
        let _told = writeln!(std::io::stderr(), "Stopping: the clean-up follows.");
    });
    stopping
}

#[cfg(unix)]
fn signals() -> impl Future<Output = ()> + Send {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = signal(SignalKind::interrupt());
    let terminate = signal(SignalKind::terminate());
    let hang_up = signal(SignalKind::hangup());
    async move {
        let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hang_up)) =
            (interrupt, terminate, hang_up)
        else {
            // Without handlers a signal ends the program, as it does any other.
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
}

#[cfg(not(unix))]
fn signals() -> impl Future<Output = ()> + Send {
    async {
        let _interrupted = tokio::signal::ctrl_c().await;
    }
}
