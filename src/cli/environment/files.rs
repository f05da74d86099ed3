//! The files that clients are pointed at.

use super::super::failure::{Failure, plain};
use super::java::{AGENT, AGENT_FILE};
use super::node::{SCRIPT, SCRIPT_FILE};
use super::roots::{BEFORE, known_roots};
use super::{Lookup, TRUST_STORE_PASSWORD};
use super::{curl, php};
use crate::server::certificates::trust_store;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// Files that let clients reach and trust the fake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientFiles {
    /// The certificate of the fake's authority, in PEM.
    pub certificate: PathBuf,
    /// The same and the roots that were trusted before, for clients that trust one file only.
    pub bundle: PathBuf,
    /// The certificate and the roots as a PKCS#12 trust store, for Java, which trusts one store only.
    pub trust_store: PathBuf,
    /// What leads a Java program that asks for no proxy.
    pub java_agent: PathBuf,
    /// What leads a Node that reads no proxy from its environment.
    pub node_script: PathBuf,
    /// A directory with settings for curl.
    pub curl_settings: PathBuf,
    /// A directory with settings for PHP.
    pub php_settings: PathBuf,
}

impl ClientFiles {
    /// Where they are in a directory.
    pub fn below(directory: &Path) -> Self {
        Self {
            certificate: directory.join("ca.pem"),
            bundle: directory.join("bundle.pem"),
            trust_store: directory.join("trust.p12"),
            java_agent: directory.join(AGENT_FILE),
            node_script: directory.join(SCRIPT_FILE),
            curl_settings: directory.join(curl::DIRECTORY),
            php_settings: directory.join(php::DIRECTORY),
        }
    }

    /// Writes them into a directory, each in one step.
    pub fn write(directory: &Path, pem: &str, current: Lookup<'_>) -> Result<Self, Failure> {
        let files = Self::below(directory);
        let mut bundle = pem.to_owned();
        let roots = known_roots(current);
        if let Some(roots) = &roots {
            bundle.push_str(BEFORE);
            bundle.push_str(roots);
        }
        let store = store(pem, roots.as_deref(), TRUST_STORE_PASSWORD)?;
        put(&files.certificate, pem.as_bytes())?;
        put(&files.bundle, bundle.as_bytes())?;
        put(&files.trust_store, &store)?;
        put(&files.java_agent, AGENT)?;
        put(&files.node_script, SCRIPT.as_bytes())?;
        make(&files.curl_settings)?;
        put(
            &files.curl_settings.join(curl::SETTINGS_FILE),
            curl::settings(current).as_bytes(),
        )?;
        make(&files.php_settings)?;
        let settings = php::settings(&files.bundle);
        put(
            &files.php_settings.join(php::SETTINGS_FILE),
            settings.as_bytes(),
        )?;
        Ok(files)
    }
}

/// The trust store for a certificate in PEM, and for those that were trusted before.
pub fn store(pem: &str, roots: Option<&str>, password: &str) -> Result<Vec<u8>, Failure> {
    let der = der(pem)?;
    let roots: Vec<_> = CertificateDer::pem_slice_iter(roots.unwrap_or_default().as_bytes())
        .filter_map(Result::ok)
        .collect();
    trust_store(&der, &roots, password).map_err(Failure::cannot_start)
}

pub fn der(pem: &str) -> Result<CertificateDer<'static>, Failure> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| {
        Failure::cannot_start(format_args!("the server's certificate is damaged: {error}"))
    })
}

/// Makes a directory for certificate files.
pub fn make(directory: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(directory).map_err(|error| {
        Failure::cannot_start(format_args!(
            "cannot make the directory {}: {}; name another with --dir",
            directory.display(),
            plain(&error)
        ))
    })
}

/// Writes a file in one step. A file that others may read: certificates are no secret.
pub fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let write = || -> io::Result<()> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".fake-dropbox");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
        let mut file = builder.tempfile_in(directory)?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| {
        Failure::cannot_start(format_args!(
            "cannot write {}: {}",
            path.display(),
            plain(&error)
        ))
    })
}
