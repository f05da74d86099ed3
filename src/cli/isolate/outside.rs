//! What the program outside does: it starts the set-up, takes the sockets over, and serves them.

use super::cannot::{Machine, sentence};
use super::channel::{self, Said, Step, Told};
use super::seen::Seen;
use super::{Plan, Role, SET_UP, serve};
use crate::cli::environment::Variable;
use crate::cli::failure::plain;
use crate::control::clock::real_time;
use crate::server::certificates::CertificateAuthority;
use rustix::process::Signal;
use std::ffi::OsString;
use std::io;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::ExitStatus;
use std::sync::Arc;
use tokio::process::{Child, Command};
use tokio::task::{JoinHandle, JoinSet};

/// A sentence, without a full stop.
pub type Cannot = String;

/// A command that is set up and waits to begin.
#[derive(Debug)]
pub struct Begun {
    child: Child,
    channels: Channels,
    sockets: Vec<(Role, OwnedFd)>,
    notes: Vec<String>,
    plan: Plan,
}

/// A command that runs.
#[derive(Debug)]
pub struct Running {
    child: Child,
    inside: UnixStream,
    said: JoinHandle<Vec<Said>>,
    serving: JoinSet<()>,
    seen: Arc<Seen>,
    notes: Vec<String>,
}

/// What is known at the end.
#[derive(Debug)]
pub struct Report {
    /// The code and the reason, where there was nothing to run.
    pub not_begun: Option<(u8, String)>,
    /// Lines of the summary.
    pub lines: Vec<String>,
}

/// Sets a command up. Must be called on the main thread: what is started ends with the thread that
/// started it.
pub async fn begin(
    mut plan: Plan,
    directory: &Path,
    command: &[OsString],
    variables: &[Variable],
) -> Result<Begun, Cannot> {
    match attempt(&plan, directory, command, variables).await {
        Err(Stopped {
            step: Step::Processes,
            ..
        }) if plan.own_processes => {
            // Usual containers let nobody mount a file system of processes.
            plan.own_processes = false;
            let mut begun = attempt(&plan, directory, command, variables)
                .await
                .map_err(|stopped| stopped.sentence())?;
            begun.notes.push(
                "this machine lets nobody set processes apart: the command saw all others, and what it left behind \
                 was ended only as far as it could be found"
                    .to_owned(),
            );
            Ok(begun)
        }
        begun => begun.map_err(|stopped| stopped.sentence()),
    }
}

/// Sets everything up that a command would get, and runs none.
pub async fn probe() -> Result<(), Cannot> {
    let other = |why: String| sentence(Step::Other, None, &why, &Machine::look());
    let directory = tempfile::tempdir().map_err(|error| other(plain(&error)))?;
    let authority = CertificateAuthority::fresh(&[], real_time());
    let plan = Plan {
        certificate: authority
            .map_err(|error| other(plain(&error)))?
            .ca_pem()
            .to_owned(),
        port: 8080,
        names: Vec::new(),
        passed: Vec::new(),
        https_only: false,
        uncovered: Vec::new(),
        maps_all: may_map_all(),
        own_processes: true,
    };
    let mut begun = begin(plan, directory.path(), &[], &[]).await?;
    let _ = begun.child.kill().await;
    Ok(())
}

/// Where it stopped.
struct Stopped {
    step: Step,
    error: Option<i32>,
    text: String,
}

impl Stopped {
    fn sentence(&self) -> Cannot {
        sentence(self.step, self.error, &plain(&self.text), &Machine::look())
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self {
            step: Step::Other,
            error: error.raw_os_error(),
            text: error.to_string(),
        }
    }
}

async fn attempt(
    plan: &Plan,
    directory: &Path,
    command: &[OsString],
    variables: &[Variable],
) -> Result<Begun, Stopped> {
    let listener = channel::listen(directory)?;
    let begun = spawn(plan, directory, command, variables, &listener).await;
    channel::close(directory, listener);
    begun
}

async fn spawn(
    plan: &Plan,
    directory: &Path,
    command: &[OsString],
    variables: &[Variable],
    listener: &UnixListener,
) -> Result<Begun, Stopped> {
    let mut process = Command::new("/proc/self/exe");
    process
        .arg(SET_UP)
        .arg(std::process::id().to_string())
        .arg(directory)
        .args(command);
    for variable in variables {
        match &variable.value {
            Some(value) => process.env(variable.name, value),
            None => process.env_remove(variable.name),
        };
    }
    let mut child = process.spawn()?;
    let begun = lead(plan, &mut child, listener).await;
    match begun {
        Ok((channels, sockets, notes)) => Ok(Begun {
            child,
            channels,
            sockets,
            notes,
            plan: plan.clone(),
        }),
        Err(stopped) => {
            let _ = child.start_kill();
            let _ = child.wait().await;
            Err(stopped)
        }
    }
}

type Handed = (Channels, Vec<(Role, OwnedFd)>, Vec<String>);

/// Those to the process that set up, and to the first one inside.
#[derive(Debug)]
struct Channels {
    set_up: UnixStream,
    inside: UnixStream,
}

async fn lead(plan: &Plan, child: &mut Child, listener: &UnixListener) -> Result<Handed, Stopped> {
    let set_up = accept(listener, child).await?;
    channel::send(&set_up, plan)?;
    let (sockets, notes) = loop {
        match channel::receive(&set_up)? {
            Said::WantsMaps => {
                write_maps(child.id())?;
                channel::send(&set_up, &Told::Mapped)?;
            }
            Said::Ready { roles, notes } => {
                let sockets = channel::receive_sockets(&set_up, roles.len())?;
                break (roles.into_iter().zip(sockets).collect(), notes);
            }
            said => return Err(stopped(said)),
        }
    };
    let inside = accept(listener, child).await?;
    match channel::receive(&inside)? {
        Said::Waits => Ok((Channels { set_up, inside }, sockets, notes)),
        said => Err(stopped(said)),
    }
}

fn stopped(said: Said) -> Stopped {
    match said {
        Said::Refused { step, error, text } => Stopped { step, error, text },
        said => Stopped {
            step: Step::Other,
            error: None,
            text: format!("it said {said:?}"),
        },
    }
}

/// Waits for one of the processes inside, unless they end.
async fn accept(listener: &UnixListener, child: &mut Child) -> io::Result<UnixStream> {
    let listener = listener.try_clone()?;
    listener.set_nonblocking(true)?;
    let listener = tokio::net::UnixListener::from_std(listener)?;
    tokio::select! {
        accepted = listener.accept() => {
            let stream = accepted?.0.into_std()?;
            stream.set_nonblocking(false)?;
            Ok(stream)
        }
        status = child.wait() => Err(io::Error::other(format!("it ended at once: {}", status?))),
    }
}

/// Maps all users and groups to themselves, as far as they are known here.
fn write_maps(child: Option<u32>) -> io::Result<()> {
    let child = child.ok_or(io::ErrorKind::NotFound)?;
    for map in ["uid_map", "gid_map"] {
        let own = std::fs::read_to_string(format!("/proc/self/{map}"))?;
        let lines = own.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let (first, _, count) = (words.next()?, words.next()?, words.next()?);
            Some(format!("{first} {first} {count}\n"))
        });
        std::fs::write(format!("/proc/{child}/{map}"), lines.collect::<String>())?;
    }
    Ok(())
}

/// Whether this process may map all users: root, unless a container took the right away.
pub fn may_map_all() -> bool {
    rustix::thread::capabilities(None).is_ok_and(|sets| {
        use rustix::thread::CapabilitySet;
        let wanted = CapabilitySet::SETUID | CapabilitySet::SETGID;
        sets.effective.contains(wanted)
    })
}

impl Begun {
    /// The sockets on which the fake is reached inside.
    pub fn listeners(&mut self) -> Vec<TcpListener> {
        let (fake, others) = std::mem::take(&mut self.sockets)
            .into_iter()
            .partition(|(role, _)| *role == Role::Fake);
        self.sockets = others;
        let fake: Vec<(Role, OwnedFd)> = fake;
        let longer = |socket: &OwnedFd| {
            // What opened them has a short queue in mind; with it everything works, for fewer at a time.
            let _ = rustix::net::listen(socket, 1024);
        };
        fake.into_iter()
            .map(|(_, socket)| socket)
            .inspect(longer)
            .map(Into::into)
            .collect()
    }

    /// Lets the command begin.
    pub fn go(self) -> io::Result<Running> {
        let Self {
            child,
            channels: Channels { set_up, inside },
            sockets,
            notes,
            plan,
        } = self;
        let seen = Arc::new(Seen::default());
        let serving = serve::all(sockets, plan, &seen)?;
        let hearing = inside.try_clone()?;
        let said = tokio::task::spawn_blocking(move || {
            let mut all = Vec::new();
            while let Ok(said) = channel::receive(&hearing) {
                all.push(said);
            }
            // The first process inside has ended, and this one goes on.
            let _ = channel::send(&set_up, &Told::Go);
            all
        });
        channel::send(&inside, &Told::Go)?;
        Ok(Running {
            child,
            inside,
            said,
            serving,
            seen,
            notes,
        })
    }
}

/// Passes signals on.
#[derive(Debug)]
pub struct Passing(UnixStream);

impl Passing {
    pub fn pass_on(&self, signal: Signal) {
        // It may be gone already.
        let _ = channel::send(&self.0, &Told::Signal(signal.as_raw()));
    }
}

impl Running {
    pub fn signals(&self) -> io::Result<Passing> {
        Ok(Passing(self.inside.try_clone()?))
    }

    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// What is known once it has ended.
    pub async fn report(mut self) -> Report {
        // The first process inside is gone, and with it the other end.
        let said = self.said.await.unwrap_or_default();
        let mut not_begun = None;
        for said in said {
            match said {
                Said::NotBegun { code, why } => not_begun = Some((code, why)),
                Said::Note(note) => self.notes.push(note),
                _ => {}
            }
        }
        self.serving.shutdown().await;
        let mut lines = self.seen.lines();
        lines.append(&mut self.notes);
        Report { not_begun, lines }
    }
}
