//! What the Java SDK is made of: `HttpsURLConnection`, a PKCS#12 trust store and an address of IPv6,
//! the only kind of host that the SDK takes with a port.

use super::tools::{self, PATIENCE, command, data, once, run, skipped, step};
use super::{TODAY, accounts, env, fake, fake_in, variables};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

fn classes() -> Result<PathBuf, String> {
    tools::version("java", "-version")?;
    tools::version("javac", "-version")?;
    let sources = ["java/Check.java", "java/NoProxy.java"].map(data);
    once("java", &sources, |directory| {
        step(
            command("javac").arg("-d").arg(directory).args(&sources),
            Duration::from_mins(2),
        )
    })
}

/// Dropbox's SDK for Java asks for no proxy unless it is told otherwise, so a property does not lead
/// it: it would reach the real service.
#[test]
fn java_that_asks_for_no_proxy_is_led_by_the_agent_and_may_have_a_factory_of_its_own() {
    let classes = match classes() {
        Ok(classes) => classes,
        Err(why) => return skipped("Java", &why),
    };
    let fake = fake();
    let directory = tempfile::TempDir::new().expect("a directory");
    let variables = variables(&env(&fake, directory.path(), "json"));
    let options = variables["JAVA_TOOL_OPTIONS"].clone().expect("it is set");
    for arguments in [&[][..], &["with-a-factory"]] {
        let mut java = command("java");
        java.env("JAVA_TOOL_OPTIONS", &options)
            .arg("-cp")
            .arg(&classes)
            .arg("NoProxy")
            .args(arguments);
        let outcome = run(&mut java, PATIENCE).expect("the program ends");
        let outcome = outcome.expect("Java");
        assert_eq!(
            outcome.stdout,
            "https 200\nhttp 200\nUnknownHostException\n"
        );
    }
}

#[test]
fn java_by_the_trust_store_and_an_ipv6_address() {
    check_in(TODAY);
}

#[test]
fn java_in_either_spelling_of_another_time() {
    for dialect in ["2025", "mixed"] {
        check_in(dialect);
    }
}

fn check_in(dialect: &str) {
    let classes = match classes() {
        Ok(classes) => classes,
        Err(why) => return skipped("Java", &why),
    };
    let fake = fake_in(dialect);
    let authority = format!("[::1]:{}", fake.address.port());
    if let Err(error) = TcpStream::connect(&authority) {
        return skipped("Java", &format!("this machine has no ::1: {error}"));
    }
    let mut java = command("java");
    java.arg(format!(
        "-Djavax.net.ssl.trustStore={}",
        fake.ca("ca.p12").display()
    ))
    .arg("-Djavax.net.ssl.trustStorePassword=changeit")
    .arg("-cp")
    .arg(classes)
    .args(["Check", &authority, accounts::TOKEN]);
    let outcome = run(&mut java, PATIENCE).expect("the program ends");
    assert_eq!(
        outcome.expect("Java").rows(),
        [
            "mint_with_every_field",
            "consume",
            "read_back",
            "used_link",
            "expired_token",
            "api_error",
            "rate_limit",
            "server_error",
        ]
    );
}

/// A directory with quotes and spaces in its name comes through the variable that Java parts.
#[test]
fn java_and_node_find_files_in_a_directory_with_an_odd_name() {
    let fake = fake();
    let parent = tempfile::TempDir::new().expect("a directory");
    let directory = parent.path().join("it's an \"odd\" place");
    let variables = variables(&env(&fake, &directory, "json"));
    let get = |name: &str| variables[name].clone().expect(name);
    let show = "process.stdout.write(require('tls').connect.toString())";
    let mut node = command("node");
    node.env("NODE_OPTIONS", get("NODE_OPTIONS"))
        .args(["-e", show]);
    match tools::version("node", "--version") {
        Ok(_) => {
            let outcome = run(&mut node, PATIENCE).expect("it ends").expect("Node");
            assert!(outcome.stdout.contains("isDropbox"), "{}", outcome.stdout);
        }
        Err(why) => skipped("Node", &why),
    }
    if let Err(why) = tools::version("java", "-version") {
        return skipped("Java", &why);
    }
    let mut java = command("java");
    java.env("JAVA_TOOL_OPTIONS", get("JAVA_TOOL_OPTIONS"))
        .args(["-XshowSettings:properties", "-version"]);
    let outcome = run(&mut java, PATIENCE).expect("it ends").expect("Java");
    let store = directory.join("trust.p12");
    let line = format!("javax.net.ssl.trustStore = {}\n", store.display());
    assert!(outcome.stderr.contains(&line), "{}", outcome.stderr);
}
