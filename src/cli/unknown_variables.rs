//! Variables of the environment that look like options of this program and are none.

use super::Cli;
use super::settings::ASSUME_VARIABLE;
use clap::{Command, CommandFactory};

/// How every variable of this program begins.
const PREFIX: &str = "FAKE_DROPBOX_";

/// What `exec` and `env` tell other programs, and what names this program to its helpers.
const TOLD: [&str; 3] = ["FAKE_DROPBOX_URL", "FAKE_DROPBOX_CA", "FAKE_DROPBOX_BIN"];

/// Warns of each variable that nothing here reads: it was meant to do something.
pub fn warn() {
    let names: Vec<String> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with(PREFIX))
        .collect();
    // Reading all options costs more than a start should.
    if names.is_empty() {
        return;
    }
    for name in unknown(&Cli::command(), names) {
        tracing::warn!(
            "{name} is no variable of this program and has no effect: each option has one of its name, as --port has {PREFIX}PORT"
        );
    }
}

fn unknown(program: &Command, names: Vec<String>) -> Vec<String> {
    let is_known = |name: &str| {
        let of_an_option = program
            .get_subcommands()
            .flat_map(Command::get_arguments)
            .filter_map(clap::Arg::get_env)
            .any(|variable| variable == name);
        of_an_option || name.starts_with(ASSUME_VARIABLE) || TOLD.contains(&name)
    };
    let mut unknown = names;
    unknown.retain(|name| !is_known(name));
    unknown.sort();
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn only_a_variable_that_nothing_reads_is_unknown() {
        let names = [
            "FAKE_DROPBOX_PROT",
            "FAKE_DROPBOX_PORT",
            "FAKE_DROPBOX_MAX_UPLOAD_SIZE",
            "FAKE_DROPBOX_WAIT_TIMEOUT",
            "FAKE_DROPBOX_ASSUME_FAILED_COMMIT",
            "FAKE_DROPBOX_URL",
            "FAKE_DROPBOX_CA",
            "FAKE_DROPBOX_BIN",
        ];
        let names = names.map(str::to_owned).to_vec();
        let unknown = unknown(&Cli::command(), names);
        assert_eq!(unknown, ["FAKE_DROPBOX_PROT"]);
    }

    #[test]
    fn these_options_have_a_variable_and_no_others() {
        let program = Cli::command();
        let options = program.get_subcommands().flat_map(Command::get_arguments);
        let names: BTreeSet<&str> = options
            .filter_map(|option| option.get_env()?.to_str()?.strip_prefix(PREFIX))
            .collect();
        let all = "ALLOW_HOST ALLOW_TUNNEL CA_DIR CONFIG CONTENT CONTROL_TOKEN DATA_DIR DIALECT DURABILITY ENV_DIR HOST IDLE_TIME \
                        JOURNAL_ENTRIES JOURNAL_MEMORY KEEP_REVISIONS LINKS LINK_MEMORY LOG LOG_FORMAT MAX_HEADER_SIZE MAX_IDLE_ACCOUNTS MAX_JSON_SIZE MAX_UPLOAD_SIZE MEMORY_LIMIT \
                        OPEN PORT PORT_FILE PRINT_URL PUBLIC_URL QUOTA SEED SEED_ROOT SPILL_DIR STOP_TIME TLS UNKNOWN_TOKENS \
                        UNTIL_STDIN_CLOSES UPLOAD_SPEED URL WAIT_TIMEOUT WEBHOOKS_ANYWHERE";
        assert_eq!(Vec::from_iter(names).join(" "), all);
    }
}
