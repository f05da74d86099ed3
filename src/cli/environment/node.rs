//! Node before 22.21 and 24, which reads no proxy from its environment: a script that it loads
//! before the program leads it here instead.

use std::path::Path;

/// The name of the script.
pub const SCRIPT_FILE: &str = "lead-node-to-the-fake.cjs";

/// The script. Newer versions of Node tunnel through the proxy, and the script leaves tunnels alone.
pub const SCRIPT: &str = include_str!("lead-node-to-the-fake.cjs");

/// `NODE_OPTIONS` with the script, behind the options that are there.
pub fn options(before: &str, script: &Path) -> String {
    let path = script.to_string_lossy();
    let escaped = path.replace('\\', "\\\\").replace('"', "\\\"");
    // The script of another server would pile up, and its file may be gone.
    let is_ours = |word: &&str| {
        word.starts_with("\"--require=") && word.trim_end_matches('"').ends_with(SCRIPT_FILE)
    };
    let mut kept: Vec<&str> = words(before)
        .into_iter()
        .filter(|word| !is_ours(word))
        .collect();
    let ours = format!("\"--require={escaped}\"");
    kept.push(&ours);
    kept.join(" ")
}

/// The options one by one, as they are spelled. Node parts them at spaces outside of double quotes;
/// inside, a backslash keeps the next character.
fn words(options: &str) -> Vec<&str> {
    let (mut words, mut start) = (Vec::new(), 0);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, letter) in options.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = is_quoted,
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => {
                words.push(&options[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&options[start..]);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_node_is_told_already_stays() {
        let script = Path::new("/t").join(SCRIPT_FILE);
        assert_eq!(
            options("", &script),
            "\"--require=/t/lead-node-to-the-fake.cjs\""
        );
        assert_eq!(
            options(
                "--enable-source-maps  --require \"./my path/a.js\"",
                &script
            ),
            "--enable-source-maps --require \"./my path/a.js\" \"--require=/t/lead-node-to-the-fake.cjs\""
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
            "--no-warnings \"--require=/t/lead-node-to-the-fake.cjs\""
        );
    }

    #[test]
    fn a_path_is_quoted_as_node_reads_it() {
        let script = Path::new("C:\\a \"b\"").join("c");
        let quoted = options("", &script);
        assert!(quoted.starts_with(r#""--require=C:\\a \"b\""#), "{quoted}");
        assert_eq!(words(&quoted), [quoted.as_str()]);
    }

    #[test]
    fn the_script_leads_all_domains_of_dropbox() {
        for domain in super::super::DROPBOX_DOMAINS {
            assert!(SCRIPT.contains(&format!("\"{domain}\"")), "{domain}");
        }
    }
}
