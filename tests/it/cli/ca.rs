//! `ca`.

use super::program::{Ended, Serving, program, run};
use std::process::Command;

#[test]
fn the_certificate_is_printed_or_written() {
    let serving = Serving::start(&[]);
    let printed = run(["ca", "--url", &serving.url()]);
    assert_eq!(printed.code, Some(0), "{}", printed.err);
    assert!(printed.out.starts_with("-----BEGIN CERTIFICATE-----\n"));
    assert!(!printed.out.contains("PRIVATE"));
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| {
        directory
            .path()
            .join(name)
            .to_str()
            .expect("text")
            .to_owned()
    };
    let written = run([
        "ca",
        "--url",
        &serving.url(),
        "--out",
        &at("ca.pem"),
        "--pkcs12",
        &at("ca.p12"),
    ]);
    assert_eq!((written.code, written.out.as_str()), (Some(0), ""));
    assert_eq!(
        std::fs::read_to_string(at("ca.pem")).expect("it is there"),
        printed.out
    );
    assert!(!std::fs::read(at("ca.p12")).expect("it is there").is_empty());
}

#[test]
fn java_s_keytool_reads_the_trust_store() {
    if Command::new("keytool").arg("-help").output().is_err() {
        eprintln!("skipped: keytool is not installed");
        return;
    }
    let serving = Serving::start(&[]);
    let directory = tempfile::tempdir().expect("a directory");
    let store = directory.path().join("ca.p12");
    let written = program()
        .args([
            "ca",
            "--url",
            &serving.url(),
            "--password",
            "geheim",
            "--pkcs12",
        ])
        .arg(&store)
        .output()
        .expect("it runs");
    assert!(written.status.success());
    let listed = Command::new("keytool")
        .args(["-list", "-storepass", "geheim", "-keystore"])
        .arg(&store)
        .env_remove("JAVA_TOOL_OPTIONS")
        .output()
        .expect("it runs");
    let listed = Ended::of(listed);
    assert!(
        listed.out.contains("trustedCertEntry"),
        "{}{}",
        listed.out,
        listed.err
    );
}

#[test]
fn a_kept_authority_is_the_same_after_a_restart_and_read_without_a_server() {
    let directory = tempfile::tempdir().expect("a directory");
    let kept = directory.path().to_str().expect("text");
    let first = {
        let serving = Serving::start(&["--ca-dir", kept]);
        run(["ca", "--url", &serving.url()]).out
    };
    let serving = Serving::start(&["--ca-dir", kept]);
    assert_eq!(run(["ca", "--url", &serving.url()]).out, first);
    let doctor = || run(["doctor", "--url", &serving.url()]).out;
    assert!(!doctor().contains("certificate authority"));
    assert_eq!(run(["ca", "--ca-dir", kept]).out, first);
    let renamed = Serving::start(&["--ca-dir", kept, "--allow-host", "drop.test"]);
    let doctor = run(["doctor", "--url", &renamed.url()]).out;
    let why = "a new one since its start, for the old one could not speak for drop.test";
    assert!(doctor.contains(why), "{doctor}");
    let second = run(["ca", "--url", &renamed.url()]).out;
    assert_ne!(second, first);
    renamed.signal("TERM");
    let said = renamed.end().err;
    assert!(
        said.contains("could not speak for drop.test: where the old one was trusted"),
        "{said}"
    );
    let first = second;
    assert_eq!(run(["ca", "--ca-dir", kept]).out, first);
    let missing = run(["ca", "--ca-dir", "/no/such/place"]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.err.contains("--ca-dir"), "{}", missing.err);
    let other = tempfile::tempdir().expect("a directory");
    for text in [
        "not a certificate\n",
        &format!("{first}-----BEGIN PRIVATE KEY-----\n"),
    ] {
        std::fs::write(other.path().join("fake-dropbox-ca.pem"), text).expect("a file");
        let refused = run(["ca", "--ca-dir", other.path().to_str().expect("text")]);
        assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""));
        assert!(
            refused.err.contains("is not the certificate of"),
            "{}",
            refused.err
        );
    }
    let serving = Serving::start(&["--no-tls"]);
    let none = run(["ca", "--url", &serving.url()]);
    assert_eq!(none.code, Some(1));
    assert!(none.err.contains("without TLS"), "{}", none.err);
}
