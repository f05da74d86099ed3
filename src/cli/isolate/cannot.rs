//! Why isolation cannot be had, and what would help.

use super::channel::Step;
use std::io;

/// What this machine says of itself.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// `user.max_user_namespaces`.
    pub most_namespaces: Option<u64>,
    /// Debian's `kernel.unprivileged_userns_clone`.
    pub anybody_may: Option<u64>,
    /// Ubuntu's `kernel.apparmor_restrict_unprivileged_userns`.
    pub is_restricted: Option<u64>,
    /// Whether system calls are filtered, as in a container.
    pub is_filtered: bool,
    pub is_root: bool,
}

impl Machine {
    pub fn look() -> Self {
        let number = |name: &str| {
            let text = std::fs::read_to_string(format!("/proc/sys/{name}")).ok()?;
            text.trim().parse().ok()
        };
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        Self {
            most_namespaces: number("user/max_user_namespaces"),
            anybody_may: number("kernel/unprivileged_userns_clone"),
            is_restricted: number("kernel/apparmor_restrict_unprivileged_userns"),
            is_filtered: status.lines().any(|line| line.trim() == "Seccomp:\t2"),
            is_root: rustix::process::geteuid().is_root(),
        }
    }
}

/// The cause and the cure, in one sentence without a full stop.
pub fn sentence(step: Step, error: Option<i32>, text: &str, machine: &Machine) -> String {
    let error = error.map(io::Error::from_raw_os_error);
    let refused =
        |wanted: io::ErrorKind| error.as_ref().is_some_and(|error| error.kind() == wanted);
    let denied = refused(io::ErrorKind::PermissionDenied);
    let why = match step {
        Step::Directory => return text.to_owned(),
        Step::Port(port) => {
            return format!(
                "cannot isolate the command: port {port} is wanted inside twice, or not free ({text}); leave out the \
                 --pass or --allow-tunnel that names it, or take another --port"
            );
        }
        Step::Namespaces if machine.most_namespaces == Some(0) => {
            "this machine allows no namespaces of users: allow them with `sysctl user.max_user_namespaces=10000`"
        }
        Step::Namespaces if machine.anybody_may == Some(0) && !machine.is_root => {
            "this machine allows namespaces of users to root only: allow them with `sysctl \
             kernel.unprivileged_userns_clone=1`, or run this as root"
        }
        Step::Namespaces if machine.most_namespaces.is_none() => {
            "this kernel has no namespaces of users: it needs one that was built with them"
        }
        _ if machine.is_restricted == Some(1) && !machine.is_root && denied => {
            "AppArmor lets programs have no rights in a namespace of users, as on Ubuntu since 23.10: allow it with \
             `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`, or run this as root"
        }
        _ if machine.is_filtered && denied => {
            "this container does not let a program make namespaces: start it with `--security-opt seccomp=unconfined \
             --security-opt apparmor=unconfined --security-opt systempaths=unconfined`, or as a privileged one"
        }
        Step::Namespaces if refused(io::ErrorKind::StorageFull) => {
            "there are as many namespaces as this machine allows: end others, or allow more with `sysctl \
             user.max_user_namespaces`"
        }
        _ => {
            let what = match step {
                Step::Namespaces => "namespaces cannot be made",
                Step::Maps => "users cannot be mapped into a namespace",
                Step::Network => "a network cannot be set up",
                Step::Files => "files cannot be covered",
                Step::Rights => "rights cannot be given up",
                Step::Processes => "processes cannot be set apart",
                Step::Other | Step::Port(_) | Step::Directory => "its first process did not begin",
            };
            return format!(
                "cannot isolate the command: {what} ({text}); run this where it may, or leave --isolate out"
            );
        }
    };
    format!("cannot isolate the command: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENIED: Option<i32> = Some(1);

    #[test]
    fn each_cause_has_its_cure() {
        let plain = Machine {
            most_namespaces: Some(1000),
            ..Machine::default()
        };
        let none = Machine {
            most_namespaces: Some(0),
            ..plain.clone()
        };
        let debian = Machine {
            anybody_may: Some(0),
            ..plain.clone()
        };
        let ubuntu = Machine {
            is_restricted: Some(1),
            ..plain.clone()
        };
        let container = Machine {
            is_filtered: true,
            ..plain.clone()
        };
        for (step, error, machine, cure) in [
            (
                Step::Namespaces,
                Some(28),
                &none,
                "user.max_user_namespaces=10000",
            ),
            (
                Step::Namespaces,
                DENIED,
                &debian,
                "unprivileged_userns_clone=1",
            ),
            (
                Step::Network,
                DENIED,
                &ubuntu,
                "apparmor_restrict_unprivileged_userns=0",
            ),
            (Step::Namespaces, DENIED, &container, "seccomp=unconfined"),
            (Step::Namespaces, Some(28), &plain, "end others"),
            (
                Step::Namespaces,
                DENIED,
                &Machine::default(),
                "built with them",
            ),
            (Step::Files, DENIED, &plain, "leave --isolate out"),
            (Step::Port(53), Some(98), &plain, "port 53"),
        ] {
            let sentence = sentence(step, error, "why", machine);
            assert!(sentence.contains(cure), "{sentence}");
            assert!(
                sentence.starts_with("cannot isolate the command: "),
                "{sentence}"
            );
        }
    }
}
