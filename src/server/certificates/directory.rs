//! Keeping an authority in a directory.
//!
//! The key file holds the key and the certificate, so that the two appear in one atomic step;
//! the certificate file is a copy without the key, for clients to be pointed at.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{KeyPair, PublicKeyData};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::authority::{CertificateAuthority, ORGANIZATION, RENEWAL};
use super::constraints::{self, Subtree};
use super::error::CertificateError;

/// The file with the private key and the certificate of a kept authority.
pub const KEY_FILE: &str = "fake-dropbox-ca.key";

/// The file with the certificate of a kept authority, for clients to trust.
pub const CERTIFICATE_FILE: &str = "fake-dropbox-ca.pem";

/// The largest file that is read as one of ours.
const MAX_FILE_BYTES: u64 = 64 << 10;

/// The file that is locked while somebody looks at the directory, so that no two servers replace an authority.
const LOCK_FILE: &str = ".fake-dropbox-ca.lock";

pub(super) fn load_or_create(
    directory: &Path,
    names: Vec<String>,
    now: SystemTime,
) -> Result<CertificateAuthority, CertificateError> {
    prepare(directory)?;
    let key_path = directory.join(KEY_FILE);
    if !exists(&key_path)? {
        // Nothing is put into it, not even a lock.
        refuse_foreign(directory)?;
    }
    let _lock = lock(directory)?;
    let wanted = constraints::subtrees(&names);
    if !exists(&key_path)? {
        let fresh = CertificateAuthority::constrained(&wanted, names, now)?;
        keep(directory, &fresh)?;
        return Ok(fresh);
    }
    let kept = load(directory, names, now)?;
    let certificate_path = directory.join(CERTIFICATE_FILE);
    if exists(&certificate_path)? {
        let copy = certificate_in(&certificate_path, &read(&certificate_path)?)?;
        if copy.as_ref() != kept.authority.ca_der() {
            return Err(CertificateError::Mismatch {
                directory: directory.to_owned(),
            });
        }
    }
    if let Some(why) = kept.fault(&wanted, now) {
        // What it was allowed it stays allowed: servers with different names may share the directory.
        let permitted = kept.permitted.into_iter().flatten().chain(wanted).collect();
        let permitted = constraints::widest(permitted);
        let mut fresh =
            CertificateAuthority::constrained(&permitted, kept.authority.into_names(), now)?;
        keep(directory, &fresh)?;
        fresh.replaced = Some(why);
        return Ok(fresh);
    }
    if !exists(&certificate_path)? {
        let pem = kept.authority.ca_pem();
        write(directory, CERTIFICATE_FILE, pem, 0o644)?;
    }
    Ok(kept.authority)
}

/// Holds the directory until it is dropped. Who may not write there changes nothing there, either.
fn lock(directory: &Path) -> Result<Option<fs::File>, CertificateError> {
    let path = directory.join(LOCK_FILE);
    let opened = fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let file = match opened {
        Ok(file) => file,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(failed("write", &path, error)),
    };
    match file.lock() {
        Ok(()) => Ok(Some(file)),
        // Some shared file systems have no locks.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(None),
        Err(error) => Err(failed("lock", &path, error)),
    }
}

/// Writes both files. The copy goes first, so that a crash leaves no two that do not belong together.
fn keep(directory: &Path, authority: &CertificateAuthority) -> Result<(), CertificateError> {
    let copy = directory.join(CERTIFICATE_FILE);
    match fs::remove_file(&copy) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failed("replace", &copy, error));
        }
        _ => {}
    }
    let text = authority.key_pem() + authority.ca_pem();
    write(directory, KEY_FILE, &text, 0o600)?;
    write(directory, CERTIFICATE_FILE, authority.ca_pem(), 0o644)
}

fn prepare(directory: &Path) -> Result<(), CertificateError> {
    match fs::metadata(directory) {
        Ok(metadata) if metadata.is_dir() => return refuse_open(directory, &metadata),
        Ok(_) => {
            return Err(CertificateError::NotADirectory {
                path: directory.to_owned(),
            });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed("read", directory, error)),
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(directory)
        .map_err(|error| failed("create", directory, error))
}

/// A new authority may only be made in a directory that nothing else uses.
fn refuse_foreign(directory: &Path) -> Result<(), CertificateError> {
    for entry in fs::read_dir(directory).map_err(|error| failed("read", directory, error))? {
        let entry = entry.map_err(|error| failed("read", directory, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == CERTIFICATE_FILE && !exists(&directory.join(KEY_FILE))? {
            return Err(CertificateError::KeyMissing {
                certificate: entry.path(),
                key: directory.join(KEY_FILE),
            });
        }
        if name != CERTIFICATE_FILE && name != KEY_FILE && !name.starts_with('.') {
            let directory = directory.to_owned();
            return Err(CertificateError::ForeignDirectory {
                directory,
                found: name,
            });
        }
    }
    Ok(())
}

/// An authority that is kept.
struct Kept {
    authority: CertificateAuthority,
    not_after: SystemTime,
    /// None if it is allowed everything.
    permitted: Option<Vec<Subtree>>,
}

impl Kept {
    /// Why a server with these names cannot go on with it.
    fn fault(&self, wanted: &[Subtree], now: SystemTime) -> Option<String> {
        let Some(permitted) = &self.permitted else {
            return Some("the old one could speak for any host".to_owned());
        };
        if now >= self.not_after {
            return Some("the old one has expired".to_owned());
        }
        if now + RENEWAL > self.not_after {
            return Some("the old one was about to expire".to_owned());
        }
        let missing = constraints::missing(permitted, wanted);
        let missing: Vec<String> = missing.into_iter().map(ToString::to_string).collect();
        (!missing.is_empty())
            .then(|| format!("the old one could not speak for {}", missing.join(", ")))
    }
}

fn load(directory: &Path, names: Vec<String>, now: SystemTime) -> Result<Kept, CertificateError> {
    let path = directory.join(KEY_FILE);
    refuse_exposed(&path)?;
    let text = read(&path)?;
    let not_ours = |reason: &str| CertificateError::NotOurs {
        path: path.clone(),
        reason: reason.to_owned(),
    };
    let key = KeyPair::from_pem(&text)
        .map_err(|error| not_ours(&format!("it has no private key ({error})")))?;
    let der = certificate_in(&path, &text)?;
    let (_, certificate) = X509Certificate::from_der(&der)
        .map_err(|error| not_ours(&format!("its certificate is damaged ({error})")))?;
    let is_ours = certificate
        .subject()
        .iter_organization()
        .any(|name| name.as_str() == Ok(ORGANIZATION));
    if !is_ours {
        return Err(not_ours("its certificate belongs to somebody else"));
    }
    if !certificate.is_ca() {
        return Err(not_ours("its certificate cannot sign others"));
    }
    if certificate.public_key().raw != key.subject_public_key_info() {
        return Err(CertificateError::Mismatch {
            directory: directory.to_owned(),
        });
    }
    let not_before = time(certificate.validity().not_before.timestamp());
    let not_after = time(certificate.validity().not_after.timestamp());
    if now < not_before {
        return Err(CertificateError::NotYetValid {
            directory: directory.to_owned(),
        });
    }
    let permitted = constraints::read(&certificate);
    let pem = text[text.find("-----BEGIN CERTIFICATE-----").unwrap_or(0)..].to_owned();
    Ok(Kept {
        authority: CertificateAuthority::from_parts(key, der, pem, not_after, names),
        not_after,
        permitted,
    })
}

fn certificate_in(path: &Path, text: &str) -> Result<CertificateDer<'static>, CertificateError> {
    CertificateDer::from_pem_slice(text.as_bytes()).map_err(|error| CertificateError::NotOurs {
        path: path.to_owned(),
        reason: format!("it has no certificate ({error})"),
    })
}

/// Dates before 1970 are as good as 1970.
fn time(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

/// Whoever can write to the directory can put another authority there for its owner to trust.
#[cfg(unix)]
fn refuse_open(directory: &Path, metadata: &fs::Metadata) -> Result<(), CertificateError> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    if mode & 0o022 == 0 {
        return Ok(());
    }
    Err(CertificateError::DirectoryOpen {
        path: directory.to_owned(),
        mode,
    })
}

/// Elsewhere than on Unix the directory's own rights hold.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other half is for Unix")]
fn refuse_open(_: &Path, _: &fs::Metadata) -> Result<(), CertificateError> {
    Ok(())
}

#[cfg(unix)]
fn refuse_exposed(path: &Path) -> Result<(), CertificateError> {
    let metadata = fs::metadata(path).map_err(|error| failed("read", path, error))?;
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    if mode | 0o700 == 0o700 {
        return Ok(());
    }
    Err(CertificateError::KeyExposed {
        path: path.to_owned(),
        mode,
    })
}

/// Elsewhere than on Unix the directory's own rights hold.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other half is for Unix")]
fn refuse_exposed(_: &Path) -> Result<(), CertificateError> {
    Ok(())
}

fn exists(path: &Path) -> Result<bool, CertificateError> {
    path.try_exists()
        .map_err(|error| failed("read", path, error))
}

fn read(path: &Path) -> Result<String, CertificateError> {
    let metadata = fs::metadata(path).map_err(|error| failed("read", path, error))?;
    if !metadata.is_file() || metadata.len() > MAX_FILE_BYTES {
        let reason = "it is not a small regular file".to_owned();
        return Err(CertificateError::NotOurs {
            path: path.to_owned(),
            reason,
        });
    }
    let bytes = fs::read(path).map_err(|error| failed("read", path, error))?;
    String::from_utf8(bytes).map_err(|_| CertificateError::NotOurs {
        path: path.to_owned(),
        reason: "it is not text".to_owned(),
    })
}

/// Puts a file in place in one step.
fn write(directory: &Path, name: &str, text: &str, mode: u32) -> Result<(), CertificateError> {
    let path = directory.join(name);
    let failed = |error| failed("write", &path, error);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".fake-dropbox-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = builder.tempfile_in(directory).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> CertificateError {
    CertificateError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}
