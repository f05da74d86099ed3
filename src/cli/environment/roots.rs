//! The roots that this machine trusts.

use super::Lookup;
use std::path::PathBuf;

/// Where systems keep them in one file.
pub const PLACES: [&str; 7] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/opt/homebrew/etc/ca-certificates/cert.pem",
    "/usr/local/etc/ca-certificates/cert.pem",
];

/// Variables that name a file which somebody trusts already.
const VARIABLES: [&str; 5] = [
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "RCLONE_CA_CERT",
];

/// Stands in a bundle of ours before what was trusted already.
pub const BEFORE: &str = "\n# Trusted before fake-dropbox:\n";

/// The certificates that the variables name, or else those of the system, so that hosts which are
/// not faked are trusted as before. None if there are none.
pub fn known_roots(current: Lookup<'_>) -> Option<String> {
    // The certificate of a server that this was said of before is none of them.
    let ours = current("FAKE_DROPBOX_CA");
    let named = VARIABLES.iter().filter_map(|name| current(name));
    let mut paths: Vec<PathBuf> = Vec::new();
    for path in named.filter(|path| Some(path) != ours.as_ref()) {
        let path = PathBuf::from(path);
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let mut roots: Vec<String> = paths.iter().filter_map(|path| read(path)).collect();
    // Node adds to its own roots, so a file that only it was given does not stand for all.
    let replaces_all = VARIABLES[..3].iter().any(|name| current(name).is_some());
    if !replaces_all {
        roots.extend(PLACES.iter().find_map(|path| read(path.as_ref())));
    }
    (!roots.is_empty()).then(|| roots.join("\n"))
}

fn read(path: &std::path::Path) -> Option<String> {
    let text = std::fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&text);
    // Of a bundle of ours only what it was made from: else it would grow with every server.
    let text = text.rsplit(BEFORE).next().unwrap_or_default().to_owned();
    text.contains("-----BEGIN CERTIFICATE-----").then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_was_trusted_before_is_trusted_still() {
        let directory = tempfile::tempdir().unwrap();
        let own = directory.path().join("own.pem");
        std::fs::write(&own, "-----BEGIN CERTIFICATE-----\nours\n").unwrap();
        let own = own.to_string_lossy().into_owned();
        let current = |name: &str| (name == "SSL_CERT_FILE").then(|| own.clone());
        let roots = known_roots(&current).unwrap();
        assert_eq!(roots.matches("ours").count(), 1);
        assert_eq!(roots.matches("BEGIN").count(), 1);
    }

    #[test]
    fn a_bundle_of_ours_counts_for_what_it_was_made_from() {
        let directory = tempfile::tempdir().unwrap();
        let bundle = directory.path().join("bundle.pem");
        let text = format!("the fake's{BEFORE}-----BEGIN CERTIFICATE-----\nroot\n");
        std::fs::write(&bundle, text).unwrap();
        let bundle = bundle.to_string_lossy().into_owned();
        let current = |name: &str| (name == "SSL_CERT_FILE").then(|| bundle.clone());
        let roots = known_roots(&current).unwrap();
        assert_eq!(roots, "-----BEGIN CERTIFICATE-----\nroot\n");
    }

    #[test]
    fn the_certificate_of_the_last_server_is_not_taken_along() {
        let directory = tempfile::tempdir().unwrap();
        let last = directory.path().join("ca.pem");
        std::fs::write(&last, "-----BEGIN CERTIFICATE-----\nlast\n").unwrap();
        let last = last.to_string_lossy().into_owned();
        let current = |name: &str| match name {
            "FAKE_DROPBOX_CA" | "NODE_EXTRA_CA_CERTS" => Some(last.clone()),
            "SSL_CERT_FILE" => Some("/dev/null".to_owned()),
            _ => None,
        };
        assert_eq!(known_roots(&current), None);
    }

    #[test]
    fn a_file_without_certificates_is_passed_over() {
        let current = |name: &str| (name == "SSL_CERT_FILE").then(|| "/dev/null".to_owned());
        assert_eq!(known_roots(&current), None);
    }
}
