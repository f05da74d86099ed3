//! Java, which takes options of its virtual machine from a variable.

use super::words::Grammar;
use super::{ClientFiles, ServerAddress, TRUST_STORE_PASSWORD};

/// As Java parts `JAVA_TOOL_OPTIONS`.
const GRAMMAR: Grammar = Grammar {
    is_space: char::is_whitespace,
    quotes: &['"', '\''],
    has_escapes: false,
};

/// Leads clients that ask for no proxy, as Dropbox's own SDK does. `packaging/java/agent` has its
/// sources; it is kept built for those who have no JDK.
pub const AGENT: &[u8] = include_bytes!("../../../packaging/java/fake-dropbox-agent.jar");

/// The name of its file.
pub const AGENT_FILE: &str = "fake-dropbox-agent.jar";

/// What this module wrote the last time would pile up.
const OURS: [&str; 4] = [
    "-Djavax.net.ssl.trustStore",
    "-Dhttps.proxyHost",
    "-Dhttps.proxyPort",
    "-Dhttp.nonProxyHosts",
];

/// `JAVA_TOOL_OPTIONS` with the trust store, the proxy and the agent, behind what is there: the last
/// option of a kind counts. `direct` is the list of NO_PROXY.
pub fn options(before: &str, place: &ServerAddress, direct: &str, files: &ClientFiles) -> String {
    let store = files.trust_store.to_string_lossy();
    let mut options: Vec<String> = others(before).map(str::to_owned).collect();
    options.extend([
        option("javax.net.ssl.trustStore", &store),
        option("javax.net.ssl.trustStoreType", "PKCS12"),
        option("javax.net.ssl.trustStorePassword", TRUST_STORE_PASSWORD),
        option("https.proxyHost", &place.host),
        option("https.proxyPort", &place.port.to_string()),
        option("http.nonProxyHosts", &non_proxy_hosts(direct)),
        quoted(format!(
            "-javaagent:{}={}",
            files.java_agent.display(),
            place.authority()
        )),
    ]);
    options.join(" ")
}

/// `JAVA_TOOL_OPTIONS` without what this module wrote.
#[cfg(target_os = "linux")]
pub fn without_ours(before: &str) -> String {
    others(before).collect::<Vec<_>>().join(" ")
}

fn others(before: &str) -> impl Iterator<Item = &str> {
    GRAMMAR.words(before).into_iter().filter(|word| {
        let is_the_agent = word.contains("-javaagent:") && word.contains(AGENT_FILE);
        let word = word.trim_start_matches('"');
        !is_the_agent && !OURS.iter().any(|name| word.starts_with(name))
    })
}

/// A list as in NO_PROXY, as Java spells it. There a name stands for what is below it, too; Java
/// knows no ports.
fn non_proxy_hosts(direct: &str) -> String {
    let mut hosts: Vec<String> = Vec::new();
    for entry in direct.split(',') {
        let is_ipv6 = entry.matches(':').count() > 1;
        let name = match entry.rsplit_once(':') {
            Some((name, _)) if !is_ipv6 => name,
            _ => entry,
        };
        let name = name.trim_start_matches("*.").trim_start_matches('.');
        match name {
            "" => {}
            _ if is_ipv6 => hosts.push(format!("[{}]", name.trim_matches(['[', ']']))),
            "localhost" => hosts.push(name.to_owned()),
            _ if name.parse::<std::net::IpAddr>().is_ok() => hosts.push(name.to_owned()),
            _ => hosts.extend([name.to_owned(), format!("*.{name}")]),
        }
    }
    hosts.join("|")
}

fn option(name: &str, value: &str) -> String {
    quoted(format!("-D{name}={value}"))
}

fn quoted(option: String) -> String {
    if option.contains(|letter: char| letter.is_whitespace() || GRAMMAR.quotes.contains(&letter)) {
        // A quote of one kind stands in quotes of the other.
        format!("\"{}\"", option.replace('"', "\"'\"'\""))
    } else {
        option
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(directory: &str) -> (ServerAddress, ClientFiles) {
        let place = ServerAddress {
            host: "127.0.0.1".to_owned(),
            port: 8080,
        };
        (place, ClientFiles::below(directory.as_ref()))
    }

    #[test]
    fn what_java_is_told_already_stays() {
        let (place, files) = here("/t");
        assert_eq!(
            options(
                "-Xmx1g '-Da=b c'",
                &place,
                "localhost,::1,a.test:80,.b.test",
                &files
            ),
            "-Xmx1g '-Da=b c' -Djavax.net.ssl.trustStore=/t/trust.p12 -Djavax.net.ssl.trustStoreType=PKCS12 \
             -Djavax.net.ssl.trustStorePassword=changeit -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8080 \
             -Dhttp.nonProxyHosts=localhost|[::1]|a.test|*.a.test|b.test|*.b.test \
             -javaagent:/t/fake-dropbox-agent.jar=127.0.0.1:8080"
        );
    }

    #[test]
    fn a_store_in_an_odd_place_is_quoted_and_makes_room_for_the_next() {
        for (directory, option) in [
            ("/a b", "\"-Djavax.net.ssl.trustStore=/a b/trust.p12\" "),
            ("/it's", "\"-Djavax.net.ssl.trustStore=/it's/trust.p12\" "),
            (
                "/a\"b",
                "\"-Djavax.net.ssl.trustStore=/a\"'\"'\"b/trust.p12\" ",
            ),
        ] {
            let (place, files) = here(directory);
            let once = options("", &place, "", &files);
            assert!(once.starts_with(option), "{once}");
            assert_eq!(options(&once, &place, "", &files), once);
        }
    }
}
