//! The fake of this workspace, started in this process: the default target. This is the only module
//! that knows that the library `fake_dropbox` exists.

use crate::targets::CannotRun;

/// A fake that runs until it is dropped.
#[derive(Debug)]
pub struct RunningFake {
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub url: String,
}

/// Starts the fake.
pub fn start() -> Result<RunningFake, CannotRun> {
    Err(CannotRun(
        "The fake is not built into this program: start it with `fake-dropbox serve` and give its \
         address as --target http://127.0.0.1:PORT."
            .to_owned(),
    ))
}
