//! The commands of the program, one file each.

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments of arguments are help texts, which show backticks as they are"
)]

mod ca;
mod descriptors;
mod doctor;
mod env;
mod environment;
mod exec;
mod explain;
mod failure;
mod hash;
#[cfg(target_os = "linux")]
mod isolate;
mod log;
mod open;
mod output;
mod packaged;
mod port_file;
mod ready;
mod serve;
mod settings;
mod signals;
mod start;
mod unknown_variables;
mod wait;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;

/// A Dropbox on localhost, for testing integrations built on temporary upload links.
#[derive(Debug, Parser)]
#[command(
    name = "fake-dropbox",
    version,
    max_term_width = 100,
    after_help = "Without a command it serves: `fake-dropbox --port 9000` serves on port 9000.\n\
                  `fake-dropbox help COMMAND` describes a command and its options.",
    mut_subcommands(|command| command.mut_args(settings::with_variable)),
    subcommand_required = true,
    arg_required_else_help = false
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(Box<serve::ServeArguments>),
    Exec(Box<exec::ExecArguments>),
    Env(env::EnvArguments),
    Ca(ca::CaArguments),
    Wait(wait::WaitArguments),
    Doctor(doctor::DoctorArguments),
    Explain(explain::ExplainArguments),
    Assumptions(explain::AssumptionsArguments),
    Hash(hash::HashArguments),
    Completions(packaged::CompletionsArguments),
    #[command(hide = true)]
    Man(packaged::ManArguments),
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        output::stderr().say(format!("fake-dropbox: {panic}\n"));
    }));
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some(code) = exec::become_asked(&arguments) {
        return code;
    }
    #[cfg(target_os = "linux")]
    if let Some(code) = isolate::become_asked(&arguments) {
        return code;
    }
    let arguments = with_default_command(arguments);
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe behind `--help` is not worth a word.
            let _ = error.print();
            let is_answer = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            if !is_answer && arguments.get(1).is_some_and(|command| command == "env") {
                env::stop(environment::Format::Sh, "");
            }
            return ExitCode::from(if is_answer { 0 } else { failure::CANNOT_START });
        }
    };
    let ended = match cli.command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Ca(arguments) => ca::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Env(arguments) => env::run(&arguments),
        Command::Assumptions(_) => explain::list(),
        Command::Exec(arguments) => exec::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Hash(arguments) => hash::run(&arguments),
        Command::Completions(arguments) => packaged::completions(&arguments),
        Command::Man(arguments) => packaged::man(&arguments),
        Command::Wait(arguments) => wait::run(&arguments),
    };
    let code = ended.unwrap_or_else(|failure| failure.report());
    output::finish();
    code
}

/// The arguments, with `serve` in front of them where they name no command.
fn with_default_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let is_for_the_program = |argument: &OsString| {
        matches!(
            argument.to_str(),
            Some("-h" | "--help" | "-V" | "--version")
        )
    };
    let names_no_command = arguments
        .get(1)
        .is_none_or(|first| first.to_string_lossy().starts_with('-') && !is_for_the_program(first));
    if names_no_command {
        arguments.insert(1.min(arguments.len()), "serve".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_declared_soundly() {
        Cli::command().debug_assert();
    }

    /// The help of a command as `--help` shows it on a terminal of this width.
    fn help(name: &str) -> String {
        let mut program = Cli::command().term_width(100);
        program.build();
        let command = match name {
            "" => &mut program,
            _ => program.find_subcommand_mut(name).unwrap(),
        };
        command.render_long_help().to_string()
    }

    #[test]
    fn the_help_of_the_program_names_its_commands() {
        insta::assert_snapshot!("help", help(""));
    }

    #[test]
    fn the_help_of_each_command_says_what_it_does_and_how_it_ends() {
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            insta::assert_snapshot!(format!("help_{name}"), help(name));
        }
    }

    #[test]
    fn serve_is_meant_where_no_command_is_named() {
        let with = |arguments: &[&str]| {
            let arguments = arguments.iter().map(Into::into).collect();
            let all: Vec<String> = with_default_command(arguments)
                .into_iter()
                .map(|argument| argument.to_string_lossy().into_owned())
                .collect();
            all.join(" ")
        };
        assert_eq!(with(&["fake-dropbox"]), "fake-dropbox serve");
        assert_eq!(
            with(&["fake-dropbox", "--port", "0"]),
            "fake-dropbox serve --port 0"
        );
        assert_eq!(with(&["fake-dropbox", "--help"]), "fake-dropbox --help");
        assert_eq!(with(&["fake-dropbox", "hash"]), "fake-dropbox hash");
    }
}
