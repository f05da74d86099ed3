//! `doctor`.

use super::program::{Ended, Serving, program, run};
use crate::support::{Reply, client};

fn doctor(serving: &Serving, variables: &[(&str, &str)]) -> Ended {
    let mut command = program();
    command.args(["doctor", "--url", &serving.url()]);
    for name in [
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "SSL_CERT_FILE",
        "NODE_EXTRA_CA_CERTS",
        "RCLONE_CA_CERT",
        "DENO_CERT",
        "NODE_OPTIONS",
        "NODE_USE_ENV_PROXY",
    ] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied());
    Ended::of(command.output().expect("it runs"))
}

#[test]
fn a_server_with_the_defaults_is_well() {
    let serving = Serving::start(&[]);
    let ended = doctor(&serving, &[]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert!(
        ended.out.ends_with("\nNothing is wrong.\n"),
        "{}",
        ended.out
    );
}

#[test]
fn the_variables_of_env_are_well() {
    let serving = Serving::start(&[]);
    let directory = tempfile::tempdir().expect("a directory");
    let env = program()
        .args(["env", "--format", "json", "--url", &serving.url(), "--dir"])
        .arg(directory.path())
        .output()
        .expect("it runs");
    let json: serde_json::Value = serde_json::from_slice(&env.stdout).expect("JSON");
    let variables: Vec<(&str, &str)> = json
        .as_object()
        .expect("an object")
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
        .collect();
    let ended = doctor(&serving, &variables);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    assert!(ended.out.contains("point at the server"), "{}", ended.out);
    let minted = format!("minted at api.dropboxapi.com begins with {}", serving.url());
    assert!(ended.out.contains(&minted), "{}", ended.out);
    let accounts = serving.url() + "/_fake/v1/accounts";
    let listed = std::process::Command::new("curl")
        .args(["-s", &accounts])
        .output();
    let listed = String::from_utf8(listed.expect("curl runs").stdout).expect("text");
    assert!(listed.contains("accounts"), "{listed}");
    assert!(!listed.contains("account:"), "no account stays: {listed}");
}

#[test]
fn what_is_wrong_is_said_with_how_to_mend_it() {
    let serving = Serving::start(&[]);
    let proxy = serving.url();
    let directory = tempfile::tempdir().expect("a directory");
    let trusted = directory.path().join("ca.pem");
    let trusted = trusted.to_str().expect("text");
    assert_eq!(run(["ca", "--url", &proxy, "--out", trusted]).code, Some(0));
    for (variables, says) in [
        (
            vec![
                ("HTTPS_PROXY", "http://127.0.0.1:1"),
                ("SSL_CERT_FILE", trusted),
            ],
            "not the server",
        ),
        (
            vec![
                ("HTTPS_PROXY", proxy.as_str()),
                ("NO_PROXY", "*"),
                ("SSL_CERT_FILE", trusted),
            ],
            "bypass the server",
        ),
        (
            vec![("HTTPS_PROXY", proxy.as_str())],
            "no variable names the server's certificate",
        ),
        (
            vec![
                ("HTTPS_PROXY", proxy.as_str()),
                ("NODE_EXTRA_CA_CERTS", trusted),
            ],
            "Node ignores HTTPS_PROXY",
        ),
        (vec![("SSL_CERT_FILE", "/no/such/file")], "cannot be read"),
        (
            vec![
                ("SSL_CERT_FILE", "/dev/null"),
                ("HTTPS_PROXY", proxy.as_str()),
            ],
            "does not hold the server's certificate",
        ),
        (vec![("DROPBOX_DOMAIN", "localhost")], "without a dot"),
        (
            vec![("DROPBOX_DOMAIN", ".invalid")],
            "does not know api.invalid",
        ),
    ] {
        let ended = doctor(&serving, &variables);
        assert_eq!(ended.code, Some(1), "{variables:?}: {}", ended.out);
        assert!(ended.out.contains(says), "{variables:?}: {}", ended.out);
        assert!(ended.out.contains("fix: "), "{}", ended.out);
        assert!(
            ended.out.ends_with("\nOne thing is wrong.\n"),
            "{}",
            ended.out
        );
    }
}

#[tokio::test]
async fn a_frozen_clock_and_links_that_nobody_reaches_are_found() {
    let serving = Serving::start(&["--public-url", "http://127.0.0.1:1"]);
    let freeze = client()
        .post(format!("{}/_fake/v1/clock/freeze", serving.url()))
        .body("{}");
    assert_eq!(Reply::of(freeze).await.status, 200);
    let ended = doctor(&serving, &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("stands still"), "{}", ended.out);
    assert!(
        ended.out.contains("--public-url that clients reach"),
        "{}",
        ended.out
    );
    assert!(
        ended.out.contains("\n2 things are wrong.\n"),
        "{}",
        ended.out
    );
}

#[test]
fn links_by_tls_that_nobody_takes_are_found() {
    let serving = Serving::start(&["--public-url", "https://127.0.0.1:1"]);
    let ended = doctor(&serving, &[]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended
            .out
            .contains("clients here cannot use them: nobody answers at https://127.0.0.1:1"),
        "{}",
        ended.out
    );
}

#[test]
fn a_server_that_is_not_there_is_found() {
    let ended = run(["doctor", "--url", "http://127.0.0.1:1"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.out.contains("nobody answers at http://127.0.0.1:1"),
        "{}",
        ended.out
    );
    let ended = run(["doctor", "--port-file", "/no/such/file"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("/no/such/file"), "{}", ended.out);
}
