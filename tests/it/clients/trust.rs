//! Programs take certificates of an authority that may speak for few names only: for a name and for an address.

use super::fake;
use super::tools::{self, PATIENCE, command, data, run, skipped};
use std::process::Command;

/// Fetches by a name, by an address, and by an address that stands in no certificate.
#[track_caller]
fn fetches(name: &str, version: &str, program: impl FnOnce(&str, &str) -> Command) {
    if let Err(why) = tools::version(name, version) {
        return skipped(name, &why);
    }
    let fake = fake();
    let port = fake.address.port();
    let (pem, store) = (fake.ca("ca.pem"), fake.ca("ca.p12"));
    let (pem, store) = (pem.to_str().expect("text"), store.to_str().expect("text"));
    let mut command = program(pem, store);
    command.args(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("https://{host}:{port}/")));
    let outcome = run(&mut command, PATIENCE).expect("the program ends");
    let outcome = outcome.expect(name);
    assert_eq!(outcome.stdout, "200\n200\n200\n");
}

#[test]
fn curl_takes_names_and_addresses_of_a_bounded_authority() {
    fetches("curl", "--version", |pem, _| {
        let mut curl = command("curl");
        curl.args([
            "-sS",
            "--fail",
            "--globoff",
            "-w",
            "%{http_code}\\n",
            "--cacert",
            pem,
        ]);
        curl.args(["-o", "/dev/null"].repeat(3));
        curl
    });
}

#[test]
fn python_takes_names_and_addresses_of_a_bounded_authority() {
    fetches("python3", "--version", |pem, _| {
        let mut python = command("python3");
        python.arg(data("trust/get.py")).arg(pem);
        python
    });
}

#[test]
fn node_takes_names_and_addresses_of_a_bounded_authority() {
    fetches("node", "--version", |pem, _| {
        let mut node = command("node");
        node.env("NODE_EXTRA_CA_CERTS", pem)
            .arg(data("trust/get.js"));
        node
    });
}

#[test]
fn java_takes_names_and_addresses_of_a_bounded_authority() {
    fetches("java", "-version", |_, store| {
        let mut java = command("java");
        java.arg(format!("-Djavax.net.ssl.trustStore={store}"))
            .arg("-Djavax.net.ssl.trustStorePassword=changeit")
            .arg(data("trust/Get.java"));
        java
    });
}

#[test]
fn go_takes_names_and_addresses_of_a_bounded_authority() {
    fetches("go", "version", |pem, _| {
        let mut go = command("go");
        go.env("SSL_CERT_FILE", pem)
            .arg("run")
            .arg(data("trust/get.go"));
        go
    });
}
