//! The command-line program.

use std::process::ExitCode;

fn main() -> ExitCode {
    fake_dropbox::main()
}
