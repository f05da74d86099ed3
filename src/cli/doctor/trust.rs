//! The certificates that programs trust.

use super::super::environment::{Lookup, known_roots};
use super::super::failure::plain;
use super::finding::Finding;
use super::variables::{HOSTS, leads_here};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

const BUNDLES: [&str; 6] = [
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "RCLONE_CA_CERT",
    "DENO_CERT",
];

const MEND: &str = "eval \"$(fake-dropbox env)\", which writes the bundles anew and names them";

/// Checks whether programs that are led to a server with this certificate trust it.
pub fn check(authority: Option<&str>, current: Lookup<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let der = authority.map(|pem| CertificateDer::from_pem_slice(pem.as_bytes()));
    if let Some(Ok(wanted)) = der {
        findings.extend(bundles(&wanted, current));
        findings.extend(without_bundle(&wanted, current));
    }
    findings.extend(shadowed_bundle(current));
    findings
}

/// Each bundle that is named has to hold the server's certificate.
fn bundles(wanted: &CertificateDer<'_>, current: Lookup<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in BUNDLES {
        let Some(path) = current(name) else {
            continue;
        };
        match std::fs::read(&path) {
            Err(error) => findings.push(Finding::wrong(
                format_args!(
                    "{name} names {path}, which cannot be read: {}",
                    plain(&error)
                ),
                MEND,
            )),
            Ok(text) => {
                // Somebody may reach the server by plain HTTP, and others by a bundle of their own.
                if leads_here(current) && !holds(&text, wanted) {
                    findings.push(Finding::wrong(
                        format_args!(
                            "{name} names {path}, which does not hold the server's certificate: programs will not trust it"
                        ),
                        MEND,
                    ));
                }
            }
        }
    }
    findings
}

fn holds(bundle: &[u8], wanted: &CertificateDer<'_>) -> bool {
    CertificateDer::pem_slice_iter(bundle)
        .flatten()
        .any(|certificate| certificate == *wanted)
}

/// A program that is led here and trusts what it always trusted ends in an error of its TLS.
fn without_bundle(wanted: &CertificateDer<'_>, current: Lookup<'_>) -> Option<Finding> {
    let is_set =
        |names: &[&'static str]| names.iter().copied().find(|name| current(name).is_some());
    let reads_requests = is_set(&["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]);
    let proxy = is_set(&["HTTPS_PROXY", "https_proxy"]);
    if let (Some(host), None) = (is_set(&HOSTS), reads_requests) {
        return Some(Finding::wrong(
            format_args!(
                "{host} leads Python here, but REQUESTS_CA_BUNDLE is not set: Python will not trust the server's certificate"
            ),
            MEND,
        ));
    }
    let is_trusted_by_system =
        || known_roots(&|_| None).is_some_and(|roots| holds(roots.as_bytes(), wanted));
    if let (Some(proxy), None) = (proxy, is_set(&BUNDLES))
        && !is_trusted_by_system()
    {
        return Some(Finding::wrong(
            format_args!(
                "{proxy} leads programs here, but no variable names the server's certificate: they will not trust it"
            ),
            MEND,
        ));
    }
    None
}

/// Python's requests takes one of two, curl the other.
fn shadowed_bundle(current: Lookup<'_>) -> Option<Finding> {
    let (requests, curl) = (current("REQUESTS_CA_BUNDLE")?, current("CURL_CA_BUNDLE")?);
    (requests != curl).then(|| {
        Finding::wrong(
            format_args!(
                "REQUESTS_CA_BUNDLE is {requests} and CURL_CA_BUNDLE is {curl}: Python's requests ignores the second, curl \
                 the first"
            ),
            "set both to the same file, or unset one of them",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::variables::tests::{one, set};
    use super::*;
    use crate::server::certificates::CertificateAuthority;

    fn der(authority: &CertificateAuthority) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(authority.ca_pem().as_bytes()).unwrap()
    }

    #[test]
    fn who_is_led_here_and_told_of_no_certificate_is_found() {
        let now = crate::control::clock::real_time();
        let ours = CertificateAuthority::fresh(now).unwrap();
        let check = |variables: &[(&str, &str)]| check(Some(ours.ca_pem()), &set(variables));
        one(
            &check(&[("https_proxy", "http://127.0.0.1:8080")]),
            &["https_proxy leads programs here", "fake-dropbox env"],
        );
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), ours.ca_pem()).unwrap();
        let bundle = file.path().to_str().unwrap();
        one(
            &check(&[("DROPBOX_WEB_HOST", "x"), ("SSL_CERT_FILE", bundle)]),
            &["DROPBOX_WEB_HOST leads Python here", "REQUESTS_CA_BUNDLE"],
        );
        for variables in [
            vec![("HTTPS_PROXY", "x"), ("NODE_EXTRA_CA_CERTS", bundle)],
            vec![("DROPBOX_API_HOST", "x"), ("CURL_CA_BUNDLE", bundle)],
            vec![],
        ] {
            assert_eq!(check(&variables), []);
        }
    }

    #[test]
    fn a_bundle_holds_the_certificate_or_is_found() {
        let now = crate::control::clock::real_time();
        let (ours, other) = (
            CertificateAuthority::fresh(now).unwrap(),
            CertificateAuthority::fresh(now).unwrap(),
        );
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bundle.pem");
        let name = path.to_str().unwrap();
        let proxy = ("HTTPS_PROXY", "http://127.0.0.1:8080");
        let variables = set(&[("REQUESTS_CA_BUNDLE", name), proxy]);
        one(&bundles(&der(&ours), &variables), &["cannot be read"]);
        std::fs::write(&path, other.ca_pem()).unwrap();
        one(
            &bundles(&der(&ours), &variables),
            &["does not hold", "fake-dropbox env"],
        );
        std::fs::write(&path, format!("{}{}", other.ca_pem(), ours.ca_pem())).unwrap();
        assert_eq!(bundles(&der(&ours), &variables), []);
        assert_eq!(check(None, &variables), []);
        std::fs::write(&path, other.ca_pem()).unwrap();
        let variables = set(&[("REQUESTS_CA_BUNDLE", name)]);
        assert_eq!(bundles(&der(&ours), &variables), [], "nobody is led here");
    }

    #[test]
    fn two_bundles_that_differ_are_found() {
        let differ = set(&[("REQUESTS_CA_BUNDLE", "/a"), ("CURL_CA_BUNDLE", "/b")]);
        let finding = shadowed_bundle(&differ).unwrap();
        assert!(finding.to_string().contains("ignores"));
        let same = set(&[("REQUESTS_CA_BUNDLE", "/a"), ("CURL_CA_BUNDLE", "/a")]);
        assert_eq!(shadowed_bundle(&same), None);
    }
}
