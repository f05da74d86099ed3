//! What the program outside does: it starts the set-up, takes the sockets over, and serves them.

use super::cannot::{Machine, sentence};
use super::channel::{self, Said, Step, Told};
use super::seen::Seen;
use super::{Plan, Role, SET_UP, serve};
use crate::cli::environment::Variable;
use crate::cli::failure::plain;
use crate::control::clock::real_time;
use crate::server::certificates::CertificateAuthority;
use crate::sync::Mutex;
use rustix::process::Signal;
use std::ffi::OsString;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
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
    set_up: UnixStream,
    inside: UnixStream,
    sockets: Vec<(Role, OwnedFd)>,
    notes: Vec<String>,
    directory: PathBuf,
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
    directory: PathBuf,
}

/// What is known at the end.
#[derive(Debug)]
pub struct Report {
    /// The code and the reason, where there was nothing to run.
    pub not_begun: Option<(u8, String)>,
    /// Lines of the summary.
    pub lines: Vec<String>,
}

/// Sets a command up.
pub async fn begin(mut plan: Plan, command: &[OsString]) -> Result<Begun, Cannot> {
    match attempt(&plan, command).await {
        Err(Stopped {
            step: Step::Processes,
            ..
        }) if plan.own_processes => {
            // Usual containers let nobody mount a file system of processes.
            plan.own_processes = false;
            let mut begun = attempt(&plan, command)
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
    let Begun {
        mut child, inside, ..
    } = begin(plan, &[]).await?;
    drop(inside);
    let _ = child.wait().await;
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
        let has_ended = error.kind() == io::ErrorKind::UnexpectedEof;
        Self {
            step: Step::Other,
            error: error.raw_os_error(),
            text: if has_ended {
                String::new()
            } else {
                error.to_string()
            },
        }
    }
}

async fn attempt(plan: &Plan, command: &[OsString]) -> Result<Begun, Stopped> {
    let (set_up, theirs) = UnixStream::pair()?;
    // What stands behind this line holds no copy of their end: it ends with them.
    let mut child = Command::new("/proc/self/exe")
        .arg(SET_UP)
        .args(command)
        .stdin(OwnedFd::from(theirs))
        .spawn()?;
    let led = lead(plan, child.id(), &set_up);
    match led {
        Ok(Led {
            inside,
            sockets,
            notes,
            directory,
        }) => Ok(Begun {
            child,
            set_up,
            inside,
            sockets,
            notes,
            directory,
            plan: plan.clone(),
        }),
        Err(mut stopped) => {
            drop(set_up);
            let ended = child.wait().await?;
            if stopped.text.is_empty() {
                stopped.text = format!("it ended at once: {ended}");
            }
            Err(stopped)
        }
    }
}

/// What comes out of the set-up.
struct Led {
    inside: UnixStream,
    sockets: Vec<(Role, OwnedFd)>,
    notes: Vec<String>,
    directory: PathBuf,
}

fn lead(plan: &Plan, child: Option<u32>, set_up: &UnixStream) -> Result<Led, Stopped> {
    channel::send(set_up, plan)?;
    channel::send_sockets(set_up, &[io::stdin()])?;
    let (roles, notes, directory) = loop {
        match channel::receive(set_up)? {
            Said::WantsMaps => {
                write_maps(child)?;
                channel::send(set_up, &Told::Mapped)?;
            }
            Said::Ready {
                roles,
                notes,
                directory,
            } => break (roles, notes, directory),
            said => return Err(stopped(said)),
        }
    };
    let mut sockets = channel::receive_sockets(set_up, 1 + roles.len())?.into_iter();
    let inside = sockets
        .next()
        .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
    let inside = UnixStream::from(inside);
    match channel::receive(&inside)? {
        Said::Waits => Ok(Led {
            inside,
            sockets: roles.into_iter().zip(sockets).collect(),
            notes,
            directory,
        }),
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

    /// Connects to addresses inside.
    pub fn dial(
        &self,
    ) -> io::Result<impl Fn(SocketAddr) -> io::Result<TcpStream> + Send + Sync + use<>> {
        let set_up = Mutex::new(self.set_up.try_clone()?);
        Ok(move |address| {
            let set_up = set_up.lock();
            channel::send(&set_up, &Told::Connect(address))?;
            let Said::Connected(connected) = channel::receive(&set_up)? else {
                return Err(io::ErrorKind::InvalidData.into());
            };
            connected.map_err(|error| {
                error.map_or_else(
                    || io::ErrorKind::TimedOut.into(),
                    io::Error::from_raw_os_error,
                )
            })?;
            let stream = channel::receive_sockets(&set_up, 1)?.pop();
            stream
                .map(TcpStream::from)
                .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
        })
    }

    /// Where the files of this run belong. It goes with the last process inside.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Lets the command begin.
    pub fn go(self, variables: Vec<Variable>) -> io::Result<Running> {
        let Self {
            child,
            set_up: _,
            inside,
            sockets,
            notes,
            directory,
            plan,
        } = self;
        let seen = Arc::new(Seen::default());
        let serving = serve::all(sockets, plan, &seen)?;
        let hearing = inside.try_clone()?;
        let said = tokio::task::spawn_blocking(move || {
            std::iter::from_fn(|| channel::receive(&hearing).ok()).collect()
        });
        let variables = variables
            .into_iter()
            .map(|variable| (variable.name.to_owned(), variable.value))
            .collect();
        channel::send(&inside, &Told::Go { variables })?;
        Ok(Running {
            child,
            inside,
            said,
            serving,
            seen,
            notes,
            directory,
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
        // It is gone, unless what removes it was killed.
        let _ = std::fs::remove_dir_all(&self.directory);
        let mut lines = self.seen.lines();
        lines.append(&mut self.notes);
        Report { not_begun, lines }
    }
}
