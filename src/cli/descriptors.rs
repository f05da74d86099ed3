//! How many files and connections the process may have open.

/// Takes all that the system gives. The usual limit, 256 on macOS, is there for programs that cannot
/// count further; each connection takes one or two.
#[cfg(unix)]
pub fn raise() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // macOS says that there is no limit, and refuses to be asked for none.
    let most = Some(maximum.unwrap_or(u64::MAX).min(MOST));
    if current < most {
        let raised = Rlimit {
            current: most,
            maximum,
        };
        // With the old limit everything works, for fewer clients at a time.
        let _ = setrlimit(Resource::Nofile, raised);
    }
}

/// More than any test opens, and less than what macOS refuses (`OPEN_MAX` is 10,240 there).
#[cfg(unix)]
const MOST: u64 = if cfg!(target_os = "macos") {
    10_240
} else {
    1 << 20
};

/// Elsewhere nothing is limited.
#[cfg(not(unix))]
pub fn raise() {}
