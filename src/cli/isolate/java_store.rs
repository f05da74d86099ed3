//! The store of roots of a Java virtual machine, with one root more.
//!
//! It is written in Java's own old format, which every version reads, with and without the password.

use super::super::environment::TRUST_STORE_PASSWORD;
use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12ImportPolicy};
use sha1::{Digest, Sha1};

const MAGIC: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];
const VERSION: u32 = 2;
const HEAD: usize = 12;
const DIGEST: usize = 20;
const TRUSTED_CERTIFICATE: u32 = 2;
const ALIAS: &str = "fake-dropbox local authority";
/// Java puts this into the digest.
const WHITENER: &[u8] = b"Mighty Aphrodite";

/// The store in these bytes and a certificate in DER. None if nothing here can read it.
pub fn with_root(store: &[u8], root: &[u8]) -> Option<Vec<u8>> {
    let (count, mut entries) = if store.starts_with(&MAGIC) {
        old_format(store)?
    } else {
        new_format(store)?
    };
    entries.extend(entry(ALIAS, root)?);
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_be_bytes());
    bytes.extend((count + 1).to_be_bytes());
    bytes.extend(entries);
    let mut digest = Sha1::new();
    for unit in TRUST_STORE_PASSWORD.encode_utf16() {
        digest.update(unit.to_be_bytes());
    }
    digest.update(WHITENER);
    digest.update(&bytes);
    bytes.extend(digest.finalize());
    Some(bytes)
}

/// The number of entries and their bytes.
fn old_format(store: &[u8]) -> Option<(u32, Vec<u8>)> {
    let word = |at: usize| Some(u32::from_be_bytes(store.get(at..at + 4)?.try_into().ok()?));
    let entries = store.get(HEAD..store.len().checked_sub(DIGEST)?)?;
    (word(4)? == VERSION).then_some((word(8)?, entries.to_vec()))
}

/// The same of a PKCS#12 store: those of newer machines have no password.
fn new_format(store: &[u8]) -> Option<(u32, Vec<u8>)> {
    let passwords = ["", TRUST_STORE_PASSWORD];
    let store = passwords.iter().find_map(|password| {
        KeyStore::from_pkcs12(store, password, Pkcs12ImportPolicy::Relaxed).ok()
    })?;
    let mut entries = Vec::new();
    let mut count = 0;
    for (alias, found) in store.entries() {
        if let KeyStoreEntry::Certificate(certificate) = found {
            entries.extend(entry(alias, certificate.as_der())?);
            count += 1;
        }
    }
    Some((count, entries))
}

fn entry(alias: &str, certificate: &[u8]) -> Option<Vec<u8>> {
    /// Java wants to know since when; nobody asks.
    const SINCE: u64 = 0;
    let mut bytes = TRUSTED_CERTIFICATE.to_be_bytes().to_vec();
    text(&mut bytes, alias)?;
    bytes.extend(SINCE.to_be_bytes());
    text(&mut bytes, "X.509")?;
    bytes.extend(u32::try_from(certificate.len()).ok()?.to_be_bytes());
    bytes.extend(certificate);
    Some(bytes)
}

fn text(bytes: &mut Vec<u8>, text: &str) -> Option<()> {
    // Java spells what is not ASCII in its own way; an alias is only a name.
    let text: String = text
        .chars()
        .map(|letter| if letter.is_ascii() { letter } else { '?' })
        .collect();
    bytes.extend(u16::try_from(text.len()).ok()?.to_be_bytes());
    bytes.extend(text.bytes());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::clock::real_time;
    use crate::server::certificates::trust_store;
    use std::process::{Command, Stdio};

    fn certificate() -> Vec<u8> {
        let authority = crate::server::certificates::CertificateAuthority::fresh(&[], real_time());
        let pem = authority.unwrap().ca_pem().to_owned();
        crate::cli::environment::der(&pem).unwrap().to_vec()
    }

    /// How many certificates Java's own tool finds with the password; none where it is not installed.
    fn count(store: &[u8]) -> Option<usize> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cacerts");
        std::fs::write(&path, store).unwrap();
        let output = Command::new("keytool")
            .args(["-list", "-storepass", TRUST_STORE_PASSWORD, "-keystore"])
            .arg(&path)
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}");
        Some(text.matches("trustedCertEntry").count())
    }

    #[test]
    fn a_store_of_either_format_has_one_root_more() {
        let (first, second, third) = (certificate(), certificate(), certificate());
        let new = trust_store(&first, &[], TRUST_STORE_PASSWORD).unwrap();
        let old = with_root(&new, &second).unwrap();
        assert_eq!(old_format(&old).unwrap().0, 2);
        if let Some(count) = count(&old) {
            assert_eq!(count, 2);
        }
        // The alias of a root of ours stands once more in a run inside a run.
        let twice = with_root(&old, &third).unwrap();
        assert_eq!(old_format(&twice).unwrap().0, 3);
    }

    #[test]
    fn what_is_no_store_is_told() {
        for bytes in [&b""[..], b"hello", &MAGIC, &[0x30, 0x80]] {
            assert_eq!(with_root(bytes, b"root"), None);
        }
    }
}
