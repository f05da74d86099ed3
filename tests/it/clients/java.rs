//! What the Java SDK is made of: `HttpsURLConnection`, a PKCS#12 trust store and an address of IPv6,
//! the only kind of host that the SDK takes with a port.

use super::tools::{self, PATIENCE, command, data, once, run, skipped, step};
use super::{accounts, fake};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

fn classes() -> Result<PathBuf, String> {
    tools::version("java", "-version")?;
    tools::version("javac", "-version")?;
    let source = data("java/Check.java");
    once("java", std::slice::from_ref(&source), |directory| {
        step(
            command("javac").arg("-d").arg(directory).arg(&source),
            Duration::from_mins(2),
        )
    })
}

#[test]
fn java_by_the_trust_store_and_an_ipv6_address() {
    let classes = match classes() {
        Ok(classes) => classes,
        Err(why) => return skipped("Java", &why),
    };
    let fake = fake();
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
