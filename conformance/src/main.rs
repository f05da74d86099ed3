//! The conformance suite as a program.

use std::process::ExitCode;

fn main() -> ExitCode {
    conformance::cli::main()
}
