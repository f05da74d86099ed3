//! `fake-dropbox exec`.

mod child;
mod isolation;
mod led;
mod summary;
mod tied;

use super::environment::{ClientFiles, Variable, variables};
use super::failure::{Failure, eprint_warning, plain};
use super::log::LogArguments;
use super::settings::{CONTROL_TOKEN_VARIABLE, ReachArguments, SettingsArguments};
use super::start::start;
use crate::config::{ListenHost, Settings};
use crate::control::LinkOrigin;
use crate::nearest::did_you_mean;
use child::Ended;
pub use child::not_begun;
use clap::{Args, CommandFactory as _};
use isolation::IsolationArguments;
use std::ffi::OsString;
use std::process::ExitCode;
use summary::Summary;
use tempfile::TempDir;
pub use tied::become_asked;

/// The heading of the options of this command alone.
pub const CHECKS: &str = "Checks and summary";

/// What is returned when the command was content and a --fail-on check was not.
const CHECK_FAILED: u8 = 3;

/// Run a command with its own fake, then print a summary.
///
/// The fake takes a free port, and the command gets the variables by which programs in Python,
/// Node, Go, Rust, Java, PHP, Ruby and .NET, curl and rclone reach it when they call Dropbox:
/// the proxy variables, certificate bundles, the hosts of Dropbox's Python SDK, a script for Node, an agent
/// for Java. A program can ignore variables; on Linux, --isolate leaves it no other way.
/// FAKE_DROPBOX_URL and FAKE_DROPBOX_CA name the fake and its certificate. Requests to hosts other
/// than Dropbox's and this machine are refused unless --allow-tunnel names them (with the port, 80
/// for http); Node before 22.21 and plain HTTP from Java go there directly.
///
/// Signals are passed on. On Linux the command is killed if exec is. The summary, on standard
/// error, says what became of the links and which requests were refused.
///
/// Exit codes: the command's own (128 plus the signal's number if a signal ended it); 3 if the
/// command returned 0 and a --fail-on check failed; 126 if the command cannot be run; 127 if it was
/// not found; 2 if the fake could not start.
#[derive(Debug, Args)]
pub struct ExecArguments {
    /// The command and its arguments.
    #[arg(
        value_name = "COMMAND",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    command: Vec<OsString>,

    #[command(flatten)]
    isolation: IsolationArguments,

    #[command(flatten)]
    checks: Checks,

    #[command(flatten)]
    reach: ReachArguments,

    #[command(flatten)]
    settings: SettingsArguments,

    #[command(flatten)]
    log: LogArguments,
}

/// What else must be right.
#[derive(Debug, Args)]
#[command(next_help_heading = CHECKS)]
pub struct Checks {
    /// Fail if the command asked for nothing of Dropbox's, and so perhaps bypassed the fake. Calls
    /// of the controls do not count.
    #[arg(long)]
    fail_on_no_requests: bool,

    /// Fail if the command got an upload link and no upload through it succeeded.
    #[arg(long)]
    fail_on_unused_links: bool,

    /// Fail if the command asked for a route that is not faked, or that Dropbox does not have.
    #[arg(long)]
    fail_on_unknown_routes: bool,

    /// Fail if an answer depended on this assumption (such as failed_commit) or rule (such as
    /// UL-161), or on any (any). Can be repeated.
    ///
    /// An answer depends on an assumption if a rule that decided it is among those that the
    /// assumption affects, and nobody has seen Dropbox follow that rule.
    #[arg(long, value_name = "NAME")]
    fail_on_assumptions: Vec<String>,

    /// Print no summary. Failed checks are still named.
    #[arg(long)]
    no_summary: bool,
}

/// Runs the command.
pub fn run(arguments: &ExecArguments) -> Result<ExitCode, Failure> {
    if let Some(option) = arguments.command.first().and_then(|first| first.to_str())
        && option.starts_with('-')
    {
        return Err(unknown_option(option));
    }
    arguments.log.init("warn")?;
    super::unknown_variables::warn();
    let assumptions = summary::assumptions(&arguments.checks.fail_on_assumptions)?;
    let mut settings = arguments.settings.settings(None)?;
    settings.host = vec![ListenHost::Loopback];
    settings.port = 0;
    arguments.reach.apply(&mut settings);
    let isolation = arguments.isolation.check(&settings)?;
    if isolation.is_some() && arguments.settings.links.is_none() && settings.public_url.is_none() {
        // Inside, nobody else than the fake has these names.
        settings.links = LinkOrigin::Production;
    }
    if let Some(why) =
        led::not_led(std::env::consts::OS).filter(|_| settings.tls && isolation.is_none())
    {
        eprint_warning(&why);
    }
    let runtime = super::serve::runtime()?;
    let ended = runtime.block_on(execute(&settings, isolation, &arguments.command));
    runtime.shutdown_background();
    let (ended, summary) = ended?;
    if let Some(why) = &ended.why {
        // Nothing ran, so there is nothing to sum up.
        eprint_warning(why);
        return Ok(ExitCode::from(ended.code));
    }
    if !arguments.checks.no_summary {
        summary.print();
    }
    let complaints = summary.complaints(&arguments.checks, &assumptions);
    for complaint in &complaints {
        eprint_warning(complaint);
    }
    if ended.code == 0 && !complaints.is_empty() {
        return Ok(ExitCode::from(CHECK_FAILED));
    }
    Ok(ExitCode::from(ended.code))
}

/// What stands where the command should, and is none.
fn unknown_option(option: &str) -> Failure {
    let asked = option.split('=').next().unwrap_or(option);
    let mut program = super::Cli::command();
    program.build();
    let exec = program.find_subcommand("exec");
    let known: Vec<String> = exec
        .into_iter()
        .flat_map(clap::Command::get_arguments)
        .filter_map(|argument| argument.get_long().map(|long| format!("--{long}")))
        .collect();
    Failure::cannot_start(format_args!(
        "exec has no option {asked}.{} fake-dropbox exec --help lists them; what comes behind -- is the command",
        did_you_mean(asked, known.iter().map(String::as_str))
    ))
}

async fn execute(
    settings: &Settings,
    isolation: Option<isolation::Wanted>,
    command: &[OsString],
) -> Result<(Ended, Summary), Failure> {
    let mut server = start(settings).await?;
    let address = server.local_address();
    let app = std::sync::Arc::clone(server.app());
    let current = |name: &str| std::env::var(name).ok();
    let (program, arguments) = command
        .split_first()
        .ok_or_else(|| Failure::cannot_start("name a command behind --"))?;
    let place = address.into();
    let isolated = match isolation {
        Some(wanted) => wanted.begin(&mut server, command).await?,
        None => None,
    };
    let kind = match isolated {
        Some(isolated) => Kind::Isolated(Box::new(isolated)),
        None => Kind::Plain(directory()?),
    };
    let directory = match &kind {
        Kind::Isolated(isolated) => isolated.directory(),
        Kind::Plain(directory) => directory.path(),
    };
    let files = match &app.config.authority_pem {
        Some(pem) => Some(ClientFiles::write(directory, pem, &current)?),
        None => None,
    };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(async {
        let _ = stopped.await;
    }));
    let is_isolated = matches!(kind, Kind::Isolated(_));
    let (ended, lines) = match kind {
        Kind::Isolated(isolated) => {
            let variables = files
                .as_ref()
                .map(|files| isolation::variables(&place, files, &current));
            isolated
                .run(without_token(variables.unwrap_or_default()))
                .await?
        }
        Kind::Plain(directory) => {
            let variables = without_token(variables(&place, files.as_ref(), &current));
            let tell = directory.path().join("why");
            let ended = child::run(program, arguments, variables, &tell).await?;
            (ended, Vec::new())
        }
    };
    let mut summary = Summary::of(&app);
    summary.isolation = lines;
    summary.is_isolated = is_isolated;
    let _ = stop.send(());
    // What the command left behind is cut: nobody waits for it.
    serving.abort();
    Ok((ended, summary))
}

/// What a command is started as, with where its files are.
enum Kind {
    /// The directory goes however this program ends.
    Isolated(Box<isolation::Isolated>),
    Plain(TempDir),
}

/// A directory for the files of a run.
pub fn directory() -> Result<TempDir, Failure> {
    tempfile::Builder::new()
        .prefix("fake-dropbox-")
        .tempdir()
        .map_err(|error| {
            Failure::cannot_start(format_args!(
                "cannot make a temporary directory in {}: {}; name another with TMPDIR",
                std::env::temp_dir().display(),
                plain(&error)
            ))
        })
}

/// What lets its holder use the controls from elsewhere is not the command's.
fn without_token(mut variables: Vec<Variable>) -> Vec<Variable> {
    let name = CONTROL_TOKEN_VARIABLE;
    variables.push(Variable { name, value: None });
    variables
}
