//! `completions` and `man`.

use super::program::run;

#[test]
fn every_shell_gets_completions_that_name_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = run(["completions", shell]);
        assert_eq!(ended.code, Some(0), "{shell}: {}", ended.err);
        for word in ["fake-dropbox", "serve", "explain", "fail-on-unused-links"] {
            assert!(ended.out.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(run(["completions", "tcsh"]).code, Some(2));
}

#[test]
fn bash_reads_its_completions() {
    let script = run(["completions", "bash"]).out;
    let asks = format!(
        "{script}\nCOMP_WORDS=(fake-dropbox exp); COMP_CWORD=1; \
         function=$(complete -p fake-dropbox | sed 's/.*-F \\([^ ]*\\).*/\\1/'); $function fake-dropbox exp fake-dropbox; echo \"${{COMPREPLY[@]}}\""
    );
    let Ok(output) = std::process::Command::new("bash")
        .args(["-c", &asks])
        .output()
    else {
        eprintln!("skipped: bash is not installed");
        return;
    };
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        out.trim(),
        "explain",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let directory = tempfile::tempdir().expect("a directory");
    let out = directory.path().join("man1");
    let ended = run(["man", "--out", out.to_str().expect("text")]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    for page in [
        "fake-dropbox.1",
        "fake-dropbox-serve.1",
        "fake-dropbox-exec.1",
    ] {
        let text = std::fs::read_to_string(out.join(page)).expect(page);
        assert!(text.contains(".SH"), "{page}");
    }
    let ended = run(["man", "--out", "/dev/null/man"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
}
