//! The variables by which programs find the server.

use super::super::environment::{Lookup, Place, excludes_dropbox};
use super::finding::Finding;
use super::{node, trust};
use std::net::ToSocketAddrs;

pub const HOSTS: [&str; 4] = [
    "DROPBOX_API_HOST",
    "DROPBOX_API_CONTENT_HOST",
    "DROPBOX_API_NOTIFY_HOST",
    "DROPBOX_WEB_HOST",
];
const DOMAINS: [&str; 3] = ["DROPBOX_DOMAIN", "DROPBOX_API_DOMAIN", "DROPBOX_WEB_DOMAIN"];
/// Checks the variables as programs would find them; `authority` is the server's certificate.
pub fn check(place: &Place, authority: Option<&str>, current: Lookup<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(proxy(place, current));
    findings.extend(no_proxy(current));
    findings.extend(trust::check(authority, current));
    findings.extend(node::check(current));
    findings.extend(hosts(place, current));
    findings.extend(domains(place, current, &resolves));
    if !findings.iter().any(Finding::is_wrong) {
        findings.push(Finding::good(if leads_here(current) {
            "the variables of this shell lead to the server"
        } else {
            "no variable of this shell leads programs anywhere; eval \"$(fake-dropbox env)\" sets them"
        }));
    }
    findings
}

/// Whether any variable leads programs to a fake.
pub fn leads_here(current: Lookup<'_>) -> bool {
    ["HTTPS_PROXY", "https_proxy", HOSTS[0], DOMAINS[0]]
        .iter()
        .any(|name| current(name).is_some())
}

/// Both spellings have to name the server, and by plain HTTP.
fn proxy(place: &Place, current: Lookup<'_>) -> Vec<Finding> {
    let set: Vec<(&str, String)> = ["HTTPS_PROXY", "https_proxy"]
        .into_iter()
        .filter_map(|name| Some((name, current(name)?)))
        .collect();
    let right = format!("http://{}", place.authority());
    if let [(first, one), (second, other)] = set.as_slice()
        && one != other
    {
        return vec![Finding::wrong(
            format_args!(
                "{first} is {one}, and {second} is {other}: programs differ in which one they take"
            ),
            format_args!("export HTTPS_PROXY={right} https_proxy={right}"),
        )];
    }
    let Some((name, value)) = set.first() else {
        return Vec::new();
    };
    if value.starts_with("https://") {
        return vec![Finding::wrong(
            format_args!("{name} is {value}: most programs do not speak TLS to a proxy"),
            format_args!("export HTTPS_PROXY={right} https_proxy={right}"),
        )];
    }
    if same_place(value, place) {
        return Vec::new();
    }
    vec![Finding::wrong(
        format_args!("{name} is {value}, which is not the server at {right}"),
        format_args!("export HTTPS_PROXY={right} https_proxy={right}"),
    )]
}

/// Whether a proxy's address is the server's, whatever name this machine is called by.
fn same_place(value: &str, place: &Place) -> bool {
    let authority = value.split("://").last().unwrap_or_default();
    // A name and a password may stand in front.
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let authority = authority.trim_end_matches('/');
    let Some((host, port)) = authority.rsplit_once(':') else {
        return false;
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = |host: &str| {
        ["localhost", "127.0.0.1", "::1"].contains(&host.to_ascii_lowercase().as_str())
    };
    let same_host =
        host.eq_ignore_ascii_case(&place.host) || (is_loopback(host) && is_loopback(&place.host));
    same_host && port.parse() == Ok(place.port)
}

/// Nothing may keep Dropbox's hosts away from the proxy.
fn no_proxy(current: Lookup<'_>) -> Vec<Finding> {
    if current("HTTPS_PROXY")
        .or_else(|| current("https_proxy"))
        .is_none()
    {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for name in ["NO_PROXY", "no_proxy"] {
        let value = current(name).unwrap_or_default();
        let excluding: Vec<&str> = value
            .split(',')
            .map(str::trim)
            .filter(|entry| excludes_dropbox(entry))
            .collect();
        if !excluding.is_empty() {
            let excluding = excluding.join(", ");
            findings.push(Finding::wrong(
                format_args!(
                    "{name} has {excluding}: programs go to the real Dropbox, past the server"
                ),
                format_args!("take {excluding} out of {name}"),
            ));
        }
    }
    findings
}

/// The hosts of Dropbox's SDK for Python: all of them or none, without a scheme, at the server.
fn hosts(place: &Place, current: Lookup<'_>) -> Vec<Finding> {
    let set: Vec<(&str, String)> = HOSTS
        .into_iter()
        .filter_map(|name| Some((name, current(name)?)))
        .collect();
    let right = place.authority();
    let mut findings = Vec::new();
    for (name, value) in &set {
        if value.contains("://") {
            findings.push(Finding::wrong(
                format_args!("{name} is {value}: the SDK puts https:// in front of it"),
                format_args!("export {name}={right}"),
            ));
        } else if !same_place(value, place) {
            findings.push(Finding::wrong(
                format_args!("{name} is {value}, which is not the server at {right}"),
                format_args!("export {name}={right}"),
            ));
        }
    }
    let has_proxy = current("HTTPS_PROXY")
        .or_else(|| current("https_proxy"))
        .is_some();
    if !set.is_empty() && set.len() < HOSTS.len() && !has_proxy {
        let missing: Vec<&str> = HOSTS
            .into_iter()
            .filter(|name| !set.iter().any(|(known, _)| known == name))
            .collect();
        let are = if missing.len() == 1 { "is" } else { "are" };
        let missing = missing.join(", ");
        findings.push(Finding::wrong(
            format_args!(
                "{} is set, but {missing} {are} not: those requests go to the real Dropbox",
                set[0].0
            ),
            format_args!("set {missing} to {right} too"),
        ));
    }
    findings
}

/// The domains of Dropbox's SDK for Python, which go behind `api`, `content` and so on.
fn domains(place: &Place, current: Lookup<'_>, resolves: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in DOMAINS {
        let Some(value) = current(name) else {
            continue;
        };
        let authority = place.authority();
        let hosts = HOSTS.map(|name| format!("{name}={authority}")).join(" ");
        if let Some(host) = HOSTS.into_iter().find(|host| current(host).is_some()) {
            findings.push(Finding::wrong(
                format_args!(
                    "{name} is shadowed by {host}: the SDK takes the host and ignores the domain"
                ),
                format_args!("unset {name}"),
            ));
        } else if !value.starts_with('.') {
            findings.push(Finding::wrong(
                format_args!(
                    "{name} is {value} without a dot in front: the SDK makes api{value} of it"
                ),
                format_args!("export {name}=.{value}"),
            ));
        } else {
            let host = format!("api{value}");
            let host = host.split(':').next().unwrap_or_default();
            if !resolves(host) {
                findings.push(Finding::wrong(
                    format_args!("{name} is {value}, but this machine does not know {host}"),
                    format_args!("unset {name} and export {hosts}, or add {host} and the others to /etc/hosts"),
                ));
            }
        }
    }
    findings
}

fn resolves(host: &str) -> bool {
    (host, 443)
        .to_socket_addrs()
        .is_ok_and(|mut addresses| addresses.next().is_some())
}

#[cfg(test)]
pub mod tests {
    use super::*;

    fn here() -> Place {
        Place {
            host: "127.0.0.1".to_owned(),
            port: 8080,
        }
    }

    pub fn set(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> + use<> {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        move |wanted| {
            let mut found = variables.iter().filter(|(name, _)| name == wanted);
            found.next().map(|(_, value)| value.clone())
        }
    }

    pub fn one(findings: &[Finding], words: &[&str]) {
        let [finding] = findings else {
            panic!("{findings:?}");
        };
        let text = finding.to_string();
        assert!(finding.is_wrong(), "{text}");
        for word in words {
            assert!(text.contains(word), "{text}");
        }
    }

    #[test]
    fn a_proxy_is_the_server_by_plain_http_in_both_spellings() {
        let right = [
            ("HTTPS_PROXY", "http://me:secret@localhost:8080/"),
            ("https_proxy", "http://me:secret@localhost:8080/"),
        ];
        assert_eq!(proxy(&here(), &set(&right)), []);
        assert_eq!(proxy(&here(), &set(&[])), []);
        let differ = [
            ("HTTPS_PROXY", "http://127.0.0.1:8080"),
            ("https_proxy", "http://corp:3128"),
        ];
        one(
            &proxy(&here(), &set(&differ)),
            &["corp:3128", "export HTTPS_PROXY=http://127.0.0.1:8080"],
        );
        one(
            &proxy(&here(), &set(&[("https_proxy", "https://127.0.0.1:8080")])),
            &["TLS to a proxy"],
        );
        one(
            &proxy(&here(), &set(&[("https_proxy", "http://127.0.0.1:9")])),
            &["not the server"],
        );
    }

    #[test]
    fn an_exception_for_dropbox_is_found() {
        let both = [
            ("HTTPS_PROXY", "x"),
            ("no_proxy", "localhost,.dropboxapi.com"),
        ];
        one(
            &no_proxy(&set(&both)),
            &["no_proxy has .dropboxapi.com", "past the server"],
        );
        assert_eq!(
            no_proxy(&set(&[("no_proxy", "*")])),
            [],
            "without a proxy it does not matter"
        );
    }

    #[test]
    fn hosts_are_all_there_and_without_a_scheme() {
        let all = HOSTS.map(|name| (name, "127.0.0.1:8080"));
        assert_eq!(hosts(&here(), &set(&all)), []);
        one(
            &hosts(&here(), &set(&all[..3])),
            &["DROPBOX_WEB_HOST is not", "real Dropbox"],
        );
        let scheme = HOSTS.map(|name| {
            (
                name,
                if name == HOSTS[0] {
                    "https://127.0.0.1:8080"
                } else {
                    "127.0.0.1:8080"
                },
            )
        });
        one(&hosts(&here(), &set(&scheme)), &["puts https:// in front"]);
        let elsewhere = HOSTS.map(|name| {
            (
                name,
                if name == HOSTS[1] {
                    "127.0.0.1:1"
                } else {
                    "127.0.0.1:8080"
                },
            )
        });
        one(&hosts(&here(), &set(&elsewhere)), &["not the server"]);
    }

    #[test]
    fn a_domain_has_a_dot_and_resolves_and_is_not_shadowed() {
        let unknown = |_: &str| false;
        let known = |host: &str| host == "api.localhost";
        let good = set(&[("DROPBOX_DOMAIN", ".localhost:8080")]);
        assert_eq!(domains(&here(), &good, &known), []);
        one(
            &domains(&here(), &good, &unknown),
            &[
                "does not know api.localhost",
                "DROPBOX_API_HOST=127.0.0.1:8080",
            ],
        );
        let dotless = set(&[("DROPBOX_DOMAIN", "localhost:8080")]);
        one(
            &domains(&here(), &dotless, &known),
            &["apilocalhost:8080", "DROPBOX_DOMAIN=.localhost:8080"],
        );
        let shadowed = set(&[
            ("DROPBOX_DOMAIN", ".localhost:8080"),
            ("DROPBOX_API_HOST", "localhost:8080"),
        ]);
        one(
            &domains(&here(), &shadowed, &known),
            &["shadowed by DROPBOX_API_HOST", "unset DROPBOX_DOMAIN"],
        );
    }
}
