//! `--isolate` and its options.

use super::super::failure::Failure;
use crate::config::Settings;
use clap::{Args, ValueEnum};

/// Whether a command that cannot be isolated runs all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Isolate {
    /// No: exit code 2
    Yes,
    /// Yes, as without --isolate, and it is said
    Try,
}

/// Where the command runs.
#[derive(Debug, Args)]
#[command(next_help_heading = super::CHECKS)]
pub struct IsolationArguments {
    /// Run the command where Dropbox's names are the fake and nothing else can be reached (Linux).
    /// No client needs a variable or a proxy, and none can bypass the fake.
    ///
    /// The command gets its own network, with private copies of the hosts file and of the
    /// certificates that the system and its Java trust. Links lead to Dropbox's names. This needs
    /// no root. The summary lists the other names and addresses that the command tried.
    ///
    /// It guards against accidents, not against a hostile root. Unix sockets are files, so they
    /// stay reachable, except those of container engines, unless --pass names them. The command
    /// cannot itself listen on port 443, 80 or 53 of all addresses: see --isolate-https-only.
    /// Setuid programs such as sudo have no effect.
    ///
    /// If this machine does not allow it, exec says why and exits with 2. With --isolate=try the
    /// command then runs without it.
    #[arg(
        long, value_name = "try", num_args = 0..=1, require_equals = true,
        default_missing_value = "yes", hide_possible_values = true
    )]
    isolate: Option<Isolate>,

    /// With --isolate: let the command reach a port of this machine (5432) or of a host
    /// (db.test:5432) by TCP. Can be repeated. --allow-tunnel does the same.
    #[arg(
        long,
        value_name = "PORT|HOST:PORT",
        value_delimiter = ',',
        requires = "isolate"
    )]
    pass: Vec<String>,

    /// With --isolate: leave ports 80 and 53 to the command. Programs with a resolver of their own
    /// then find no names.
    #[arg(long, requires = "isolate")]
    isolate_https_only: bool,
}

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{Isolated, Wanted, variables};
#[cfg(target_os = "linux")]
pub use linux::{Isolated, Wanted, variables};

#[cfg(target_os = "linux")]
mod linux {
    use super::super::super::environment::Variable;
    pub use super::super::super::environment::isolated as variables;
    use super::super::super::failure::eprint_warning;
    use super::super::child::{self, Ended};
    use super::{Failure, Isolate, IsolationArguments, Settings};
    use crate::cli::isolate::{Begun, Plan, Target, begin, may_map_all, places};
    use crate::server::Server;
    use crate::server::listener::{AllowedTunnel, DROPBOX_HOSTS};
    use std::ffi::OsString;
    use std::path::{Path, PathBuf};

    /// Sockets of the file system that are covered unless they are passed.
    const ENGINES: &str = "docker.sock, podman.sock, containerd.sock, crio.sock or buildkitd.sock";

    /// What was asked for.
    #[derive(Debug)]
    pub struct Wanted {
        plan: Plan,
        or_not: bool,
    }

    /// A command that is set up.
    #[derive(Debug)]
    pub struct Isolated {
        begun: Begun,
        signals: child::unix::Signals,
        name: OsString,
    }

    impl IsolationArguments {
        /// What was asked for, if it makes sense.
        pub fn check(&self, settings: &Settings) -> Result<Option<Wanted>, Failure> {
            let Some(isolate) = self.isolate else {
                return Ok(None);
            };
            if !settings.tls {
                return Err(Failure::cannot_start(
                    "--isolate needs TLS, which Dropbox's names are reached by: leave --no-tls out",
                ));
            }
            let names: Vec<String> = DROPBOX_HOSTS
                .iter()
                .map(ToString::to_string)
                .chain(settings.allow_host.iter().cloned())
                .collect();
            let (targets, uncovered) = self.targets(settings, &names)?;
            let plan = Plan {
                certificate: String::new(),
                port: settings.port,
                names,
                passed: places(&targets),
                https_only: self.isolate_https_only,
                uncovered,
                maps_all: may_map_all(),
                own_processes: true,
            };
            let or_not = isolate == Isolate::Try;
            Ok(Some(Wanted { plan, or_not }))
        }

        fn targets(
            &self,
            settings: &Settings,
            names: &[String],
        ) -> Result<(Vec<Target>, Vec<PathBuf>), Failure> {
            let wrong = |text: &str, why: &str| {
                Err(Failure::cannot_start(format_args!("--pass {text}: {why}")))
            };
            let (mut targets, mut sockets) = (Vec::new(), Vec::new());
            for text in &self.pass {
                match text.parse::<Target>() {
                    Ok(Target::Socket(path)) if is_of_an_engine(&path) => sockets.push(path),
                    Ok(Target::Socket(_)) => {
                        let why = format!(
                            "Unix sockets are reachable already, except for those of container engines ({ENGINES}): \
                             leave it out"
                        );
                        return wrong(text, &why);
                    }
                    Ok(target) => targets.push(target),
                    Err(why) => return wrong(text, &why),
                }
            }
            for text in &settings.allow_tunnel {
                let tunnel: AllowedTunnel = text.parse().map_err(Failure::cannot_start)?;
                targets.push(tunnel.into());
            }
            for target in &targets {
                match target {
                    Target::Host(host, port)
                        if names.iter().any(|name| name.eq_ignore_ascii_case(host)) =>
                    {
                        let text = format!("{host}:{port}");
                        return wrong(
                            &text,
                            "this name is the fake inside, on every port: leave it out",
                        );
                    }
                    Target::Port(443 | 80 | 53) if !self.isolate_https_only => {
                        let Target::Port(port) = target else { continue };
                        return wrong(
                            &port.to_string(),
                            "the fake has this port inside: reach it under a name, such as that of this machine",
                        );
                    }
                    _ => {}
                }
            }
            Ok((targets, sockets))
        }
    }

    fn is_of_an_engine(path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| {
            let name = name.strip_suffix(".sock");
            name.is_some_and(|name| {
                ["docker", "podman", "containerd", "crio", "buildkitd"].contains(&name)
            })
        })
    }

    impl Wanted {
        /// Sets the command up. None if it shall run without isolation.
        pub async fn begin(
            mut self,
            server: &mut Server,
            command: &[OsString],
        ) -> Result<Option<Isolated>, Failure> {
            self.plan.port = server.local_address().port();
            self.plan.certificate = server
                .app()
                .config
                .authority_pem
                .clone()
                .unwrap_or_default();
            let signals = child::unix::Signals::catch()?;
            let mut begun = match begin(self.plan, command).await {
                Ok(begun) => begun,
                Err(why) if self.or_not => {
                    eprint_warning(&format!("{why}; the command runs without isolation"));
                    return Ok(None);
                }
                Err(why) => return Err(Failure::cannot_start(why)),
            };
            super::super::super::descriptors::raise();
            server
                .adopt(begun.listeners())
                .map_err(Failure::cannot_start)?;
            let dial = begun.dial().map_err(Failure::cannot_start)?;
            server.app().reach_inside(dial);
            let name = command.first().cloned().unwrap_or_default();
            Ok(Some(Isolated {
                begun,
                signals,
                name,
            }))
        }
    }

    impl Isolated {
        /// Where the files of this run belong.
        pub fn directory(&self) -> &Path {
            self.begun.directory()
        }

        /// Runs the command to its end. What comes back besides are lines of the summary.
        pub async fn run(self, variables: Vec<Variable>) -> Result<(Ended, Vec<String>), Failure> {
            let mut running = self.begun.go(variables).map_err(|error| {
                let name = self.name.to_string_lossy();
                Failure::cannot_start(format_args!("cannot run {name}: {error}"))
            })?;
            let passing = running
                .signals()
                .map_err(|error| child::cannot_wait(&error))?;
            let status = child::unix::wait(self.signals, running.wait(), |signal| {
                passing.pass_on(signal);
            })
            .await
            .map_err(|error| child::cannot_wait(&error))?;
            let report = running.report().await;
            let ended = match report.not_begun {
                Some((code, why)) => Ended {
                    code,
                    why: Some(why),
                },
                None => Ended {
                    code: child::code(status),
                    why: None,
                },
            };
            Ok((ended, report.lines))
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::super::super::environment::{ClientFiles, Lookup, ServerAddress, Variable};
    use super::super::super::failure::eprint_warning;
    use super::super::child::Ended;
    use super::{Failure, Isolate, IsolationArguments, Settings};
    use crate::server::Server;
    use std::ffi::OsString;
    use std::path::Path;

    /// It cannot be had.
    #[derive(Debug)]
    pub enum Wanted {}

    /// It cannot be had.
    #[derive(Debug)]
    pub enum Isolated {}

    impl IsolationArguments {
        pub fn check(&self, _settings: &Settings) -> Result<Option<Wanted>, Failure> {
            const WHY: &str = "cannot isolate the command: that needs Linux; run this in a container or a virtual \
                               machine with Linux";
            match self.isolate {
                None => Ok(None),
                Some(Isolate::Try) => {
                    eprint_warning(&format!("{WHY}; the command runs without isolation"));
                    Ok(None)
                }
                Some(Isolate::Yes) => Err(Failure::cannot_start(WHY)),
            }
        }
    }

    impl Wanted {
        #[expect(clippy::unused_async, reason = "where it can be had it waits")]
        pub async fn begin(
            self,
            _server: &mut Server,
            _command: &[OsString],
        ) -> Result<Option<Isolated>, Failure> {
            match self {}
        }
    }

    impl Isolated {
        pub fn directory(&self) -> &Path {
            match *self {}
        }

        #[expect(clippy::unused_async, reason = "where it can be had it waits")]
        pub async fn run(self, _variables: Vec<Variable>) -> Result<(Ended, Vec<String>), Failure> {
            match self {}
        }
    }

    /// Nobody asks.
    pub fn variables(
        _place: &ServerAddress,
        _files: &ClientFiles,
        _current: Lookup<'_>,
    ) -> Vec<Variable> {
        Vec::new()
    }
}
