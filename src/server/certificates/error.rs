//! What can be wrong with a certificate authority.

use std::io;
use std::path::PathBuf;

/// Why there is no certificate authority, or no certificate of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The directory holds a certificate, but not the key file that belongs to it.
    #[error("{} is there, but its key {} is not: remove both to start afresh", .certificate.display(), .key.display())]
    KeyMissing {
        /// The certificate that was found.
        certificate: PathBuf,
        /// The file that should be beside it.
        key: PathBuf,
    },
    /// The key and the certificate in the directory do not belong together.
    #[error("the key and the certificate in {} do not belong together: remove both to start afresh", .directory.display())]
    Mismatch { directory: PathBuf },
    /// The certificate authority begins in the future, which mostly is a wrong clock.
    #[error("the certificate authority in {} is not valid yet: is this machine's clock right?", .directory.display())]
    NotYetValid { directory: PathBuf },
    /// A file has the name of one of ours and is something else.
    #[error("{} is not the certificate authority of a fake-dropbox: {reason}", .path.display())]
    NotOurs { path: PathBuf, reason: String },
    /// The directory belongs to something else: it has other files and none of ours.
    #[error("{} holds other files ({found}): name an empty directory for the certificate authority", .directory.display())]
    ForeignDirectory { directory: PathBuf, found: String },
    /// What was given as the directory is a file.
    #[error("{} is not a directory", .path.display())]
    NotADirectory { path: PathBuf },
    /// Other users of this machine can read the private key.
    #[error("the private key {} can be read by others (mode {mode:o}): use chmod 600, or remove it", .path.display())]
    KeyExposed { path: PathBuf, mode: u32 },
    /// Other users of this machine can put files into the directory.
    #[error("others can write to {} (mode {mode:o}): use chmod go-w, or name another directory", .path.display())]
    DirectoryOpen { path: PathBuf, mode: u32 },
    /// A file or directory cannot be read or written.
    #[error("cannot {action} {}: {source}", .path.display())]
    Io {
        /// What was tried: `read`, `create`, `write`, `replace`, `lock`.
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    /// A host name cannot stand in a certificate.
    #[error("{name:?} cannot stand in a certificate: it is neither a host name nor an address")]
    InvalidName { name: String },
    /// The machine's clock is too far off for certificates.
    #[error("the machine's clock is outside the years that a certificate can name")]
    ClockOutOfRange,
    /// A certificate or a key could not be made.
    #[error("cannot make a certificate: {0}")]
    Generate(#[from] rcgen::Error),
    /// TLS refuses the certificate.
    #[error("cannot use the certificate for TLS: {0}")]
    Tls(#[from] tokio_rustls::rustls::Error),
    /// The trust store could not be written.
    #[error("cannot make a PKCS#12 trust store: {0}")]
    TrustStore(#[from] p12_keystore::error::Error),
}
