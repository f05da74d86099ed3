//! Private copies of the bundles and stores by which programs decide whom they trust, with our root added.

use super::super::environment::{PLACES, der};
use super::cover::{Private, bind, on, write};
use super::java_store;
use sha1::{Digest, Sha1};
use std::collections::BTreeSet;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use x509_parser::prelude::{FromDer, X509Certificate};

/// Folders in which OpenSSL looks for a root by the digest of its name.
const FOLDERS: [&str; 3] = [
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/var/lib/ca-certificates/pem",
];

/// Files of one bundle beside those that every system has.
const FURTHER: [&str; 4] = [
    "/usr/lib/ssl/cert.pem",
    "/usr/local/ssl/cert.pem",
    "/usr/local/share/ca-certificates/cacert.pem",
    "/opt/conda/ssl/cert.pem",
];

/// Folders whose entries are Java virtual machines.
const MACHINES: [&str; 2] = ["/usr/lib/jvm", "/opt/java"];
const MACHINES_AT_HOME: [&str; 3] = [".sdkman/candidates/java", ".jdks", ".gradle/jdks"];

/// A bundle is a few hundred kilobytes long. One beyond this is none, and memory is what holds the copy.
const LARGEST: u64 = 64 << 20;

type Result<T> = std::result::Result<T, (String, io::Error)>;

/// Covers all that is found. What comes back are notes on what could not be.
pub fn cover(pem: &str, private: &mut Private) -> Result<Vec<String>> {
    let broken = |message: String| (message.clone(), io::Error::other(message));
    let root = der(pem).map_err(|failure| broken(failure.message))?;
    let hash =
        openssl_hash(&root).ok_or_else(|| broken("the certificate is damaged".to_owned()))?;
    let mut notes = Vec::new();
    for folder in known(FOLDERS.iter().map(PathBuf::from)) {
        if has_hashes(&folder) {
            let mirror = private.place();
            copy(&folder, &mirror, 0)?;
            let free = (0..).map(|number| mirror.join(format!("{hash:08x}.{number}")));
            if let Some(free) = free
                .into_iter()
                .find(|path| path.symlink_metadata().is_err())
            {
                write(&free, pem.as_bytes())?;
            }
            bind(&mirror, &folder)?;
        }
    }
    // From here on they are found in the copies.
    for bundle in known(PLACES.iter().chain(&FURTHER).map(PathBuf::from)) {
        match read(&bundle) {
            Ok(mut bytes) => {
                bytes.push(b'\n');
                bytes.extend(pem.bytes());
                private.put(&bundle, &bytes)?;
            }
            Err(why) => notes.push(untrusted(&bundle, &why)),
        }
    }
    for store in known(java_stores()) {
        let made = read(&store).and_then(|bytes| {
            java_store::with_root(&bytes, &root).ok_or_else(|| "no format is known".to_owned())
        });
        match made {
            Ok(bytes) => private.put(&store, &bytes)?,
            Err(why) => notes.push(untrusted(&store, &why)),
        }
    }
    Ok(notes)
}

fn untrusted(path: &Path, why: &str) -> String {
    format!(
        "{} could not be extended: {why}; programs that go by it alone do not trust the fake",
        path.display()
    )
}

/// Those that are there, each once, as they are called without links.
fn known(paths: impl Iterator<Item = PathBuf>) -> BTreeSet<PathBuf> {
    paths.filter_map(|path| path.canonicalize().ok()).collect()
}

fn read(path: &Path) -> std::result::Result<Vec<u8>, String> {
    let length = path.metadata().map_err(|error| error.to_string())?.len();
    if length > LARGEST {
        return Err(format!("it is larger than {} MiB", LARGEST >> 20));
    }
    std::fs::read(path).map_err(|error| error.to_string())
}

fn has_hashes(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .any(|name| {
            name.split_once('.').is_some_and(|(hash, number)| {
                hash.len() == 8
                    && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
                    && number.bytes().all(|byte| byte.is_ascii_digit())
            })
        })
}

/// Copies a folder with its links as they are: they lead from the same place.
fn copy(from: &Path, to: &Path, depth: usize) -> Result<()> {
    const DEEPEST: usize = 4;
    std::fs::create_dir(to).map_err(on(to))?;
    for entry in std::fs::read_dir(from).map_err(on(from))?.flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_symlink() {
            let target = std::fs::read_link(&from).map_err(on(&from))?;
            symlink(target, &to).map_err(on(&to))?;
        } else if kind.is_dir() && depth < DEEPEST {
            copy(&from, &to, depth + 1)?;
        } else if let Some(bytes) = kind.is_file().then(|| read(&from).ok()).flatten() {
            write(&to, &bytes)?;
        }
    }
    Ok(())
}

/// Where the virtual machines keep their roots that are on PATH, in `JAVA_HOME`, and where they are installed.
fn java_stores() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let programs: Vec<PathBuf> = std::env::split_paths(&path)
        .filter_map(|folder| folder.join("java").canonicalize().ok())
        .collect();
    let on_path = programs
        .into_iter()
        .filter_map(|program| Some(program.parent()?.parent()?.to_owned()));
    let named = std::env::var_os("JAVA_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let at_home = home
        .into_iter()
        .flat_map(|home| MACHINES_AT_HOME.map(|folder| home.join(folder)));
    let installed = MACHINES
        .iter()
        .map(PathBuf::from)
        .chain(at_home)
        .filter_map(|folder| folder.read_dir().ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()));
    on_path.chain(named).chain(installed).flat_map(|machine| {
        [
            "lib/security/cacerts",
            "jre/lib/security/cacerts",
            "lib/security/jssecacerts",
        ]
        .map(|store| machine.join(store))
    })
}

/// The digest by which OpenSSL looks a root up: of its subject in lower case and with single spaces.
fn openssl_hash(root: &[u8]) -> Option<u32> {
    const UTF8: u8 = 0x0c;
    const OBJECT: u8 = 0x06;
    const SEQUENCE: u8 = 0x30;
    const SET: u8 = 0x31;
    let (_, certificate) = X509Certificate::from_der(root).ok()?;
    let mut name = Vec::new();
    for group in certificate.subject().iter() {
        let mut attributes = Vec::new();
        for attribute in group.iter() {
            let text = attribute.as_str().ok()?.to_ascii_lowercase();
            let words: Vec<&str> = text.split_ascii_whitespace().collect();
            let mut pair = tagged(OBJECT, attribute.attr_type().as_bytes())?;
            pair.extend(tagged(UTF8, words.join(" ").as_bytes())?);
            attributes.extend(tagged(SEQUENCE, &pair)?);
        }
        name.extend(tagged(SET, &attributes)?);
    }
    let digest = Sha1::digest(&name);
    let first: [u8; 4] = digest.first_chunk().copied()?;
    Some(u32::from_le_bytes(first))
}

/// A value of DER. Those of a name of ours are short.
fn tagged(tag: u8, value: &[u8]) -> Option<Vec<u8>> {
    let length = u8::try_from(value.len())
        .ok()
        .filter(|length| *length < 128)?;
    Some([&[tag, length], value].concat())
}
