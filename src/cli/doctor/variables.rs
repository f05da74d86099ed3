//! The variables by which programs find the server, and the certificates that they trust.

use super::super::env::place;
use super::super::environment::{Lookup, ServerAddress, excludes_dropbox, known_roots, node};
use super::super::failure::plain;
use super::{Finding, wrong};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

const PROXIES: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const HOSTS: [&str; 4] = [
    "DROPBOX_API_HOST",
    "DROPBOX_API_CONTENT_HOST",
    "DROPBOX_API_NOTIFY_HOST",
    "DROPBOX_WEB_HOST",
];
const DOMAINS: [&str; 3] = ["DROPBOX_DOMAIN", "DROPBOX_API_DOMAIN", "DROPBOX_WEB_DOMAIN"];
const BUNDLES: [&str; 6] = [
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "RCLONE_CA_CERT",
    "DENO_CERT",
];

const WRITE_BUNDLES: &str =
    "eval \"$(fake-dropbox env)\", which writes the bundles anew and names them";
const LEAD_NODE: &str =
    "eval \"$(fake-dropbox env)\", which sets NODE_OPTIONS and NODE_USE_ENV_PROXY";

/// A shell and the server that its programs should find.
pub struct Shell<'a> {
    pub server: &'a ServerAddress,
    /// The server's certificate, in PEM.
    pub authority: Option<&'a str>,
    pub current: Lookup<'a>,
    /// Whether this machine knows the address of a host.
    pub resolves: &'a dyn Fn(&str) -> bool,
}

impl Shell<'_> {
    /// Checks the variables as programs would find them.
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::from_iter(self.proxy());
        findings.extend(self.no_proxy());
        if let Some(Ok(wanted)) = self
            .authority
            .map(|pem| CertificateDer::from_pem_slice(pem.as_bytes()))
        {
            findings.extend(self.bundles(&wanted));
            findings.extend(self.without_bundle(&wanted));
        }
        findings.extend(self.shadowed_bundle());
        findings.extend(self.node());
        findings.extend(self.hosts());
        findings.extend(DOMAINS.into_iter().filter_map(|name| self.domain(name)));
        if findings.is_empty() {
            findings.push(Finding::Good(if self.leads_here() {
                "the variables of this shell point at the server".to_owned()
            } else {
                "no variable of this shell points programs at the server; eval \"$(fake-dropbox env)\" sets them".to_owned()
            }));
        }
        findings
    }

    /// Under which name programs of this shell call the server; none where they do not come to it.
    pub fn host_of_calls(&self) -> Option<String> {
        let is_led = |(_, value): &(&str, String)| self.is_server(value);
        if self.set(&PROXIES).iter().any(is_led) {
            return Some("api.dropboxapi.com".to_owned());
        }
        let hosts = self.set(&HOSTS[..1]);
        hosts.into_iter().find(is_led).map(|(_, host)| host)
    }

    /// Those of the variables that are set, with their values.
    fn set(&self, names: &[&'static str]) -> Vec<(&'static str, String)> {
        let all = names.iter();
        all.filter_map(|name| Some((*name, (self.current)(name)?)))
            .collect()
    }

    fn first(&self, names: &[&'static str]) -> Option<&'static str> {
        self.set(names).first().map(|(name, _)| *name)
    }

    /// Whether any variable leads programs to a fake.
    fn leads_here(&self) -> bool {
        let leading = [PROXIES[0], PROXIES[1], HOSTS[0], DOMAINS[0]];
        self.first(&leading).is_some()
    }

    /// Whether a value names the server, whatever name this machine is called by.
    fn is_server(&self, value: &str) -> bool {
        let (_, authority) = value.split_once("://").unwrap_or(("", value));
        let is_loopback = |host: &str| ["localhost", "127.0.0.1", "::1"].contains(&host);
        let ServerAddress { host, port } = self.server;
        // Programs differ in the port that is meant where none is written.
        let has_port = authority
            .trim_end_matches('/')
            .ends_with(&format!(":{port}"));
        has_port
            && place(&format!("http://{authority}")).is_ok_and(|named| {
                named.host == *host || (is_loopback(&named.host) && is_loopback(host))
            })
    }

    /// Both spellings have to name the server, and by plain HTTP.
    fn proxy(&self) -> Option<Finding> {
        let set = self.set(&PROXIES);
        let (name, value) = set.first()?;
        let right = format!("http://{}", self.server.authority());
        let what = match set.as_slice() {
            [(first, one), (second, other)] if one != other => format!(
                "{first} is {one}, and {second} is {other}: programs differ in which one they take"
            ),
            _ if value.starts_with("https://") => {
                format!("{name} is {value}: most programs do not speak TLS to a proxy")
            }
            _ if self.is_server(value) => return None,
            _ => format!("{name} is {value}, which is not the server at {right}"),
        };
        let fix = format!("export HTTPS_PROXY={right} https_proxy={right}");
        Some(wrong(what, fix))
    }

    /// Nothing may keep Dropbox's hosts away from the proxy.
    fn no_proxy(&self) -> Vec<Finding> {
        if self.first(&PROXIES).is_none() {
            return Vec::new();
        }
        let find = |(name, value): (&str, String)| {
            let entries = value.split(',').map(str::trim);
            let excluding: Vec<&str> = entries.filter(|entry| excludes_dropbox(entry)).collect();
            let excluding = excluding.join(", ");
            let what = format!(
                "{name} has {excluding}: programs bypass the server and go to the real Dropbox"
            );
            (!excluding.is_empty()).then(|| wrong(what, format!("take {excluding} out of {name}")))
        };
        let set = self.set(&["NO_PROXY", "no_proxy"]);
        set.into_iter().filter_map(find).collect()
    }

    /// Each bundle that is named has to hold the server's certificate.
    fn bundles(&self, wanted: &CertificateDer<'_>) -> Vec<Finding> {
        let find = |(name, path): (&str, String)| {
            let what = match std::fs::read(&path) {
                Err(error) => format!("which cannot be read: {}", plain(error)),
                // Somebody may reach the server by plain HTTP, and others by a bundle of their own.
                Ok(text) if !self.leads_here() || holds(&text, wanted) => return None,
                Ok(_) => "which does not hold the server's certificate: programs will not trust it"
                    .to_owned(),
            };
            Some(wrong(format!("{name} names {path}, {what}"), WRITE_BUNDLES))
        };
        self.set(&BUNDLES).into_iter().filter_map(find).collect()
    }

    /// A program that is led here and trusts what it always trusted ends in an error of its TLS.
    fn without_bundle(&self, wanted: &CertificateDer<'_>) -> Option<Finding> {
        let of_python = self.first(&["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]);
        if let (Some(host), None) = (self.first(&HOSTS), of_python) {
            let what = format!(
                "{host} points Python here, but REQUESTS_CA_BUNDLE is not set: Python will not trust the server's certificate"
            );
            return Some(wrong(what, WRITE_BUNDLES));
        }
        let proxy = self.first(&PROXIES)?;
        let is_trusted_by_system =
            || known_roots(&|_| None).is_some_and(|roots| holds(roots.as_bytes(), wanted));
        if self.first(&BUNDLES).is_some() || is_trusted_by_system() {
            return None;
        }
        let what = format!(
            "{proxy} points programs here, but no variable names the server's certificate: they will not trust it"
        );
        Some(wrong(what, WRITE_BUNDLES))
    }

    /// Python's requests takes one of two, curl the other.
    fn shadowed_bundle(&self) -> Option<Finding> {
        let set = self.set(&["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]);
        let [(_, requests), (_, curl)] = set.as_slice() else {
            return None;
        };
        let what = format!(
            "REQUESTS_CA_BUNDLE is {requests} and CURL_CA_BUNDLE is {curl}: Python's requests ignores the second, curl the first"
        );
        let fix = "set both to the same file, or unset one of them";
        (requests != curl).then(|| wrong(what, fix))
    }

    /// Node reads a proxy from its environment only when told to.
    fn node(&self) -> Option<Finding> {
        let script = node::script_in(&(self.current)("NODE_OPTIONS").unwrap_or_default());
        if let Some((path, Err(error))) = script
            .as_ref()
            .map(|path| (path.display(), std::fs::File::open(path)))
        {
            let why = plain(error);
            let what = format!(
                "NODE_OPTIONS names {path}, which cannot be read: {why}; Node will not start"
            );
            return Some(wrong(what, LEAD_NODE));
        }
        let is_meant =
            self.first(&PROXIES).is_some() && self.first(&["NODE_EXTRA_CA_CERTS"]).is_some();
        let is_led = script.is_some() || self.first(&["NODE_USE_ENV_PROXY"]).is_some();
        let what = "NODE_EXTRA_CA_CERTS is set, but by itself Node ignores HTTPS_PROXY and goes to the real Dropbox";
        (is_meant && !is_led).then(|| wrong(what, LEAD_NODE))
    }

    /// The hosts of Dropbox's SDK for Python: all of them or none, without a scheme, at the server.
    fn hosts(&self) -> Vec<Finding> {
        let right = self.server.authority();
        let find = |(name, value): &(&str, String)| {
            let what = match value {
                _ if value.contains("://") => "the SDK puts https:// in front of it".to_owned(),
                _ if self.is_server(value) => return None,
                _ => format!("which is not the server at {right}"),
            };
            let joint = if value.contains("://") { ":" } else { "," };
            let what = format!("{name} is {value}{joint} {what}");
            Some(wrong(what, format!("export {name}={right}")))
        };
        let set = self.set(&HOSTS);
        let mut findings: Vec<Finding> = set.iter().filter_map(find).collect();
        let is_set = |name: &&str| set.iter().any(|(known, _)| known == name);
        let missing: Vec<&str> = HOSTS.into_iter().filter(|name| !is_set(name)).collect();
        if let (Some((first, _)), false, None) =
            (set.first(), missing.is_empty(), self.first(&PROXIES))
        {
            let are = if missing.len() == 1 { "is" } else { "are" };
            let missing = missing.join(", ");
            let what = format!(
                "{first} is set, but {missing} {are} not: those requests go to the real Dropbox"
            );
            findings.push(wrong(what, format!("set {missing} to {right} too")));
        }
        findings
    }

    /// A domain of Dropbox's SDK for Python, which goes behind `api`, `content` and so on.
    fn domain(&self, name: &'static str) -> Option<Finding> {
        let value = (self.current)(name)?;
        let host = format!("api{value}");
        let host = host.split(':').next().unwrap_or_default();
        if let Some(host) = self.first(&HOSTS) {
            let what = format!(
                "{name} is shadowed by {host}: the SDK takes the host and ignores the domain"
            );
            return Some(wrong(what, format!("unset {name}")));
        }
        if !value.starts_with('.') {
            let what =
                format!("{name} is {value} without a dot in front: the SDK makes api{value} of it");
            return Some(wrong(what, format!("export {name}=.{value}")));
        }
        if (self.resolves)(host) {
            return None;
        }
        let authority = self.server.authority();
        let hosts = HOSTS.map(|name| format!("{name}={authority}")).join(" ");
        Some(wrong(
            format!("{name} is {value}, but this machine does not know {host}"),
            format!("unset {name} and export {hosts}, or add {host} and the others to /etc/hosts"),
        ))
    }
}

fn holds(bundle: &[u8], wanted: &CertificateDer<'_>) -> bool {
    CertificateDer::pem_slice_iter(bundle)
        .flatten()
        .any(|certificate| certificate == *wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::certificates::CertificateAuthority;

    fn fresh() -> CertificateAuthority {
        CertificateAuthority::fresh(&[], crate::control::clock::real_time()).unwrap()
    }

    /// What is wrong, where the server has this certificate and the shell these variables.
    fn found(authority: Option<&str>, variables: &[(&str, &str)]) -> Vec<String> {
        let current = |wanted: &str| {
            let found = variables.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| (*value).to_owned())
        };
        let shell = Shell {
            server: &ServerAddress {
                host: "127.0.0.1".to_owned(),
                port: 8080,
            },
            authority,
            current: &current,
            resolves: &|host| host == "api.localhost",
        };
        let all = shell.check().into_iter();
        all.filter(Finding::is_wrong)
            .map(|finding| finding.to_string())
            .collect()
    }

    fn assert_one(authority: Option<&str>, variables: &[(&str, &str)], words: &[&str]) {
        let found = found(authority, variables);
        assert_eq!(found.len(), 1, "{variables:?}: {found:?}");
        for word in words {
            assert!(found[0].contains(word), "{variables:?}: {found:?}");
        }
    }

    #[test]
    fn variables_that_lead_to_the_server_are_well() {
        let hosts = HOSTS.map(|name| (name, "127.0.0.1:8080"));
        for good in [
            &[][..],
            &PROXIES.map(|name| (name, "http://me:secret@localhost:8080/")),
            &[("HTTPS_PROXY", "http://[::1]:8080")],
            // Without a proxy it does not matter.
            &[("no_proxy", "*")],
            &hosts,
            &[("DROPBOX_DOMAIN", ".localhost:8080")],
            &[("REQUESTS_CA_BUNDLE", "/a"), ("CURL_CA_BUNDLE", "/a")],
        ] {
            assert_eq!(found(None, good), [""; 0], "{good:?}");
        }
    }

    #[test]
    fn variables_that_lead_elsewhere_are_found() {
        let here = "127.0.0.1:8080";
        let url = "http://127.0.0.1:8080";
        let hosts = HOSTS.map(|name| (name, here));
        let [one, two, three, four] = hosts;
        for (variables, words) in [
            (
                &[("HTTPS_PROXY", url), ("https_proxy", "http://corp:3128")][..],
                &["corp:3128", "export HTTPS_PROXY=http://127.0.0.1:8080"][..],
            ),
            (
                &[("https_proxy", "https://127.0.0.1:8080")],
                &["TLS to a proxy"],
            ),
            (
                &[("https_proxy", "http://127.0.0.1:9")],
                &["not the server"],
            ),
            (&[("https_proxy", "http://127.0.0.1")], &["not the server"]),
            (
                &[
                    ("HTTPS_PROXY", url),
                    ("no_proxy", "localhost,.dropboxapi.com"),
                ],
                &["no_proxy has .dropboxapi.com", "bypass the server"],
            ),
            (
                &[one, two, three],
                &["DROPBOX_WEB_HOST is not", "real Dropbox"],
            ),
            (
                &[(HOSTS[0], url), two, three, four],
                &["puts https:// in front"],
            ),
            (
                &[one, (HOSTS[1], "127.0.0.1:1"), three, four],
                &["not the server"],
            ),
            (
                &[("DROPBOX_DOMAIN", ".elsewhere:8080")],
                &[
                    "does not know api.elsewhere",
                    "DROPBOX_API_HOST=127.0.0.1:8080",
                ],
            ),
            (
                &[("DROPBOX_DOMAIN", "localhost:8080")],
                &["apilocalhost:8080", "DROPBOX_DOMAIN=.localhost:8080"],
            ),
            (
                &[("DROPBOX_DOMAIN", ".localhost:8080"), one, two, three, four],
                &["shadowed by DROPBOX_API_HOST", "unset DROPBOX_DOMAIN"],
            ),
            (
                &[("REQUESTS_CA_BUNDLE", "/a"), ("CURL_CA_BUNDLE", "/b")],
                &["ignores"],
            ),
        ] {
            assert_one(None, variables, words);
        }
    }

    #[test]
    fn who_is_led_here_and_told_of_no_certificate_is_found() {
        let authority = fresh();
        let ours = Some(authority.ca_pem());
        let proxy = ("https_proxy", "http://127.0.0.1:8080");
        let words = ["https_proxy points programs here", "fake-dropbox env"];
        assert_one(ours, &[proxy], &words);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), authority.ca_pem()).unwrap();
        let bundle = file.path().to_str().unwrap();
        let hosts = HOSTS.map(|name| (name, "127.0.0.1:8080"));
        let words = ["DROPBOX_API_HOST points Python here", "REQUESTS_CA_BUNDLE"];
        assert_one(
            ours,
            &[&hosts[..], &[("SSL_CERT_FILE", bundle)]].concat(),
            &words,
        );
        let told = [proxy, ("DENO_CERT", bundle)];
        assert_eq!(found(ours, &told), [""; 0]);
        let told = [&hosts[..], &[("CURL_CA_BUNDLE", bundle)]].concat();
        assert_eq!(found(ours, &told), [""; 0]);
        assert_eq!(found(ours, &[]), [""; 0]);
    }

    #[test]
    fn a_bundle_holds_the_certificate_or_is_found() {
        let (ours, other) = (fresh(), fresh());
        let certificate = Some(ours.ca_pem());
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bundle.pem");
        let bundle = ("REQUESTS_CA_BUNDLE", path.to_str().unwrap());
        let led = [bundle, ("HTTPS_PROXY", "http://127.0.0.1:8080")];
        assert_one(certificate, &led, &["cannot be read"]);
        std::fs::write(&path, other.ca_pem()).unwrap();
        assert_one(certificate, &led, &["does not hold", "fake-dropbox env"]);
        assert_eq!(found(None, &led), [""; 0], "the server has no certificate");
        assert_eq!(found(certificate, &[bundle]), [""; 0], "nobody is led here");
        std::fs::write(&path, format!("{}{}", other.ca_pem(), ours.ca_pem())).unwrap();
        assert_eq!(found(certificate, &led), [""; 0]);
    }

    #[test]
    fn node_that_is_not_told_of_the_proxy_is_found() {
        let meant = [
            ("HTTPS_PROXY", "http://127.0.0.1:8080"),
            ("NODE_EXTRA_CA_CERTS", "y"),
        ];
        assert_one(None, &meant, &["Node ignores HTTPS_PROXY"]);
        let told = [&meant[..], &[("NODE_USE_ENV_PROXY", "1")]].concat();
        assert_eq!(found(None, &told), [""; 0]);
        assert_eq!(found(None, &meant[..1]), [""; 0]);
    }

    #[test]
    fn a_script_that_is_gone_is_found_since_node_will_not_start() {
        let directory = tempfile::tempdir().unwrap();
        let script = directory.path().join("a \"b\"").join(node::SCRIPT_FILE);
        let options = node::options("--no-warnings", &script);
        let variables = [("NODE_OPTIONS", options.as_str())];
        let path = script.display().to_string();
        assert_one(None, &variables, &[&path, "will not start"]);
        std::fs::create_dir(script.parent().unwrap()).unwrap();
        std::fs::write(&script, "").unwrap();
        assert_eq!(found(None, &variables), [""; 0]);
    }
}
