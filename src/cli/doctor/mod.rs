//! `fake-dropbox doctor`.

mod server;
mod variables;

use super::env::place;
use super::failure::{self, Failure};
use super::ready;
use super::wait::ServerArguments;
use clap::Args;
use std::fmt;
use std::io::{self, Write};
use std::net::ToSocketAddrs;
use std::process::ExitCode;
use variables::Shell;

/// Check for common setup mistakes, and say how to fix them.
///
/// It looks at the server and its clock, where its links lead, and the variables by which programs
/// in this shell find it: proxies, certificate bundles, the hosts of Dropbox's Python SDK. On Linux
/// it says whether exec --isolate works here.
///
/// Exit codes: 0 if nothing is wrong; 1 if something is; 2 for wrong arguments.
#[derive(Debug, Args)]
pub struct DoctorArguments {
    #[command(flatten)]
    server: ServerArguments,
}

/// Checks everything.
pub fn run(arguments: &DoctorArguments) -> Result<ExitCode, Failure> {
    let findings = match arguments.server.origin()? {
        Ok(origin) => examine(&origin)?,
        Err(not_ready) => vec![wrong(
            not_ready.to_string(),
            "start a server with `fake-dropbox serve --port-file FILE`",
        )],
    };
    let wrong = findings.iter().filter(|finding| finding.is_wrong()).count();
    // Whoever closes the pipe has seen enough.
    let _ = print(&mut io::stdout().lock(), &findings, wrong);
    Ok(if wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(failure::NEGATIVE)
    })
}

fn examine(origin: &str) -> Result<Vec<Finding>, Failure> {
    let runtime = super::serve::runtime()?;
    let client = ready::client()?;
    let seen = runtime.block_on(server::look(&client, origin));
    let mut findings = server::check(&seen);
    if seen.answers.is_err() {
        // Where the variables should lead is not known.
        return Ok(findings);
    }
    let current = |name: &str| {
        std::env::var(name)
            .ok()
            .filter(|value| !value.trim().is_empty())
    };
    let resolves = |host: &str| {
        let addresses = (host, 443).to_socket_addrs();
        addresses.is_ok_and(|mut addresses| addresses.next().is_some())
    };
    let shell = Shell {
        server: &place(origin)?,
        authority: seen.authority.as_deref(),
        current: &current,
        resolves: &resolves,
    };
    findings.extend(shell.check());
    if let Some(host) = shell.host_of_calls() {
        findings.push(runtime.block_on(server::mint(&client, origin, &host)));
    }
    #[cfg(target_os = "linux")]
    findings.push(match runtime.block_on(super::isolate::probe()) {
        Ok(()) => Finding::Good("exec --isolate can be had here".to_owned()),
        Err(why) => Finding::Note(format!("exec --isolate: {why}")),
    });
    Ok(findings)
}

/// What a check finds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Finding {
    Good(String),
    /// Worth knowing, and wrong for nobody who does not want it.
    Note(String),
    Wrong {
        what: String,
        fix: String,
    },
}

fn wrong(what: impl Into<String>, fix: impl Into<String>) -> Finding {
    let (what, fix) = (what.into(), fix.into());
    Finding::Wrong { what, fix }
}

impl Finding {
    fn is_wrong(&self) -> bool {
        matches!(self, Self::Wrong { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good(what) => write!(formatter, "ok     {what}"),
            Self::Note(what) => write!(formatter, "note   {what}"),
            Self::Wrong { what, fix } => write!(formatter, "wrong  {what}\n       fix: {fix}"),
        }
    }
}

fn print(out: &mut impl Write, findings: &[Finding], wrong: usize) -> io::Result<()> {
    for finding in findings {
        writeln!(out, "{finding}")?;
    }
    match wrong {
        0 => writeln!(out, "\nNothing is wrong."),
        1 => writeln!(out, "\nOne thing is wrong."),
        wrong => writeln!(out, "\n{wrong} things are wrong."),
    }
}
