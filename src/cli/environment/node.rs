//! Node before 22.21 and 24, which reads no proxy from its environment: a script that it loads
//! before the program leads it here instead.

use super::words::Grammar;
use std::path::{Path, PathBuf};

pub const SCRIPT_FILE: &str = "lead-node-to-the-fake.cjs";

/// The script. Newer versions of Node tunnel through the proxy, and the script leaves tunnels alone.
pub const SCRIPT: &str = include_str!("lead-node-to-the-fake.cjs");

const REQUIRE: &str = "--require=";

/// As Node parts `NODE_OPTIONS`.
const GRAMMAR: Grammar = Grammar {
    is_space: |letter| letter == ' ',
    quotes: &['"'],
    has_escapes: true,
};

/// `NODE_OPTIONS` with the script, behind the options that are there.
pub fn options(before: &str, script: &Path) -> String {
    let mut options = others(before);
    let ours = option(script);
    options.push(&ours);
    options.join(" ")
}

/// `NODE_OPTIONS` without any script of ours.
#[cfg(target_os = "linux")]
pub fn without_ours(before: &str) -> String {
    others(before).join(" ")
}

/// The script of another server would pile up, and its file may be gone.
fn others(before: &str) -> Vec<&str> {
    let words = GRAMMAR.words(before).into_iter();
    words.filter(|word| !is_ours(word)).collect()
}

fn is_ours(word: &str) -> bool {
    let word = word.trim_matches('"');
    word.starts_with(REQUIRE) && word.ends_with(SCRIPT_FILE)
}

pub fn script_in(options: &str) -> Option<PathBuf> {
    let words = GRAMMAR.words(options);
    let word = words.into_iter().rfind(|word| is_ours(word))?;
    let mut path = String::new();
    let mut letters = word.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {}
            '\\' if word.starts_with('"') => path.extend(letters.next()),
            _ => path.push(letter),
        }
    }
    Some(PathBuf::from(path.strip_prefix(REQUIRE)?))
}

fn option(script: &Path) -> String {
    let option = format!("{REQUIRE}{}", script.to_string_lossy());
    if option.contains([' ', '"', '\\']) {
        let escaped = option.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{escaped}\"")
    } else {
        option
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_node_is_told_already_stays() {
        let script = Path::new("/t").join(SCRIPT_FILE);
        assert_eq!(
            options("", &script),
            "--require=/t/lead-node-to-the-fake.cjs"
        );
        assert_eq!(
            options(
                "--enable-source-maps  --require \"./my path/a.js\"",
                &script
            ),
            "--enable-source-maps --require \"./my path/a.js\" --require=/t/lead-node-to-the-fake.cjs"
        );
    }

    #[test]
    fn the_script_of_another_server_makes_room() {
        let other = options(
            "--no-warnings",
            &Path::new("/an \"other\" place").join(SCRIPT_FILE),
        );
        assert_eq!(
            options(&other, &Path::new("/t").join(SCRIPT_FILE)),
            "--no-warnings --require=/t/lead-node-to-the-fake.cjs"
        );
    }

    #[test]
    fn a_path_is_quoted_as_node_reads_it() {
        let script = Path::new("C:\\a \"b\"").join("c");
        let quoted = options("", &script);
        assert!(quoted.starts_with(r#""--require=C:\\a \"b\""#), "{quoted}");
        assert_eq!(GRAMMAR.words(&quoted), [quoted.as_str()]);
    }

    #[test]
    fn the_script_leads_all_domains_of_dropbox() {
        for domain in super::super::DROPBOX_DOMAINS {
            assert!(SCRIPT.contains(&format!("\"{domain}\"")), "{domain}");
        }
    }
}
