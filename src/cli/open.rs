//! Opening an address in the user's browser, as the system does it.

use std::process::{Command, Stdio};

/// Opens an address; whoever has no browser is told where to go.
pub fn open(url: &str) {
    let mut command = opener(url);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let program = command.get_program().to_string_lossy().into_owned();
    let url = url.to_owned();
    // It may last as long as the browser does.
    std::thread::spawn(move || {
        let why = match command.status() {
            Ok(status) if status.success() => return,
            Ok(status) => format!("{program} failed: {status}"),
            Err(error) => format!("cannot run {program}: {error}"),
        };
        tracing::warn!("no browser was opened ({why}): go to {url} yourself");
    });
}

fn opener(url: &str) -> Command {
    let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(url);
    command
}
