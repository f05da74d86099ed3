//! Making certificates.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use p12_keystore::{Certificate, KeyStore, KeyStoreEntry};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::constraints::{self, Subtree};
use super::directory;
use super::error::CertificateError;
use crate::server::listener::TlsSettings;

/// The organisation in the names of our certificates, by which a kept authority is recognised.
pub(super) const ORGANIZATION: &str = "fake-dropbox";

const DAY: Duration = Duration::from_hours(24);
/// Certificates begin a day early, for clients whose clock is a little slow.
const HEAD_START: Duration = DAY;
/// How long an authority is valid, and with it a server's certificate: a year. Who keeps one has it trusted anew once a
/// year, and a key that got away is worth nothing after it; some clients refuse more than 398 days.
const VALIDITY: Duration = Duration::from_hours(24 * 365);
/// A kept authority with less time left is replaced at the start, for the server's certificate ends with it.
pub(super) const RENEWAL: Duration = Duration::from_hours(24 * 30);
/// The last second that a certificate can name is in the year 9999; a century before is enough.
const LATEST: Duration = Duration::from_hours(24 * 365 * 7900);

/// A certificate authority that only its owner's clients trust.
pub struct CertificateAuthority {
    key: KeyPair,
    certificate: CertificateDer<'static>,
    pem: String,
    not_after: SystemTime,
    /// What its server is called.
    names: Vec<String>,
    /// Why a kept one was replaced just now.
    pub(super) replaced: Option<String>,
}

impl CertificateAuthority {
    /// Makes an authority that lives in memory only. `now` is the machine's time.
    ///
    /// It can speak for the hosts of Dropbox, the names that clients give this machine, its loopback
    /// addresses, and `extra_names` (host names, wildcards such as `*.example.test`, addresses), and for
    /// no other: clients refuse a certificate for any other name.
    ///
    /// # Errors
    /// [`CertificateError::InvalidName`] for an extra name that is neither a host nor an address,
    /// [`CertificateError::ClockOutOfRange`] or [`CertificateError::Generate`].
    pub fn fresh(extra_names: &[String], now: SystemTime) -> Result<Self, CertificateError> {
        let names = checked(extra_names)?;
        Self::constrained(&constraints::subtrees(&names), names, now)
    }

    /// Makes one that is allowed these parts of all names.
    pub(super) fn constrained(
        permitted: &[Subtree],
        names: Vec<String>,
        now: SystemTime,
    ) -> Result<Self, CertificateError> {
        let key = KeyPair::generate()?;
        let not_after = within_range(now)? + VALIDITY;
        let mut params = CertificateParams::default();
        params.not_before = (now - HEAD_START).into();
        params.not_after = not_after.into();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.name_constraints = Some(constraints::extension(permitted));
        // Names that differ let trust stores hold several of these side by side.
        let identifier = params.key_identifier(&key);
        let mark = identifier
            .first_chunk()
            .map_or(0, |bytes| u32::from_be_bytes(*bytes));
        params.distinguished_name = name(&format!("fake-dropbox local authority {mark:08x}"));
        let certificate = params.self_signed(&key)?;
        let pem = certificate.pem();
        Ok(Self {
            key,
            certificate: certificate.der().clone(),
            pem,
            not_after,
            names,
            replaced: None,
        })
    }

    /// Takes the authority kept in `directory`, or makes one and keeps it there.
    ///
    /// The directory is created when it is missing, and has to be empty (but for dot files) when
    /// it has no authority yet. The key file can be read by its owner only. An authority that has less than
    /// a month left, or may not speak for a name of the server, is replaced: see [`Self::replaced`].
    ///
    /// # Errors
    /// [`CertificateError`] when the directory cannot be read or written, holds something else, or
    /// holds an authority that is damaged, or exposed to other users; and as for [`Self::fresh`].
    pub fn load_or_create(
        directory: &Path,
        extra_names: &[String],
        now: SystemTime,
    ) -> Result<Self, CertificateError> {
        within_range(now)?;
        directory::load_or_create(directory, checked(extra_names)?, now)
    }

    pub(super) fn from_parts(
        key: KeyPair,
        certificate: CertificateDer<'static>,
        pem: String,
        not_after: SystemTime,
        names: Vec<String>,
    ) -> Self {
        Self {
            key,
            certificate,
            pem,
            not_after,
            names,
            replaced: None,
        }
    }

    /// Why a kept authority was replaced by this one, if that was just now: whoever trusted the old one
    /// has to trust this one.
    pub fn replaced(&self) -> Option<&str> {
        self.replaced.as_deref()
    }

    /// The authority's certificate, for clients to trust.
    pub fn ca_pem(&self) -> &str {
        &self.pem
    }

    /// The authority's certificate in DER.
    pub fn ca_der(&self) -> &[u8] {
        &self.certificate
    }

    /// A PKCS#12 trust store with the authority's certificate, which Java takes as
    /// `javax.net.ssl.trustStore` with this password. No private key is in it.
    ///
    /// # Errors
    /// [`CertificateError::TrustStore`] when the password cannot be encoded.
    pub fn ca_pkcs12(&self, password: &str) -> Result<Vec<u8>, CertificateError> {
        trust_store(&self.certificate, &[], password)
    }

    /// Makes a server's certificate, which covers all names of the server, and what a listener needs to
    /// show it.
    ///
    /// # Errors
    /// [`CertificateError::ClockOutOfRange`], [`CertificateError::Generate`] or [`CertificateError::Tls`].
    pub fn tls(&self, now: SystemTime) -> Result<TlsSettings, CertificateError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.not_before = (within_range(now)? - HEAD_START).into();
        params.not_after = (now + VALIDITY).min(self.not_after).into();
        let names = self.names.iter();
        params.subject_alt_names = names
            .map(|name| subject_alt_name(name))
            .collect::<Result<_, _>>()?;
        params.distinguished_name = name("localhost");
        // rustls refuses a certificate that could sign others.
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let issuer = Issuer::from_ca_cert_der(&self.certificate, &self.key)?;
        let certificate = params.signed_by(&key, &issuer)?;

        let key = PrivateKeyDer::try_from(key.serialize_der())
            .map_err(|reason| tokio_rustls::rustls::Error::General(reason.to_owned()))?;
        // The provider is named here, so that what else is linked into the program cannot make
        // the choice ambiguous.
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone(), self.certificate.clone()],
                key,
            )?;
        Ok(TlsSettings::new(config, &self.names))
    }

    pub(super) fn into_names(self) -> Vec<String> {
        self.names
    }

    pub(super) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }
}

/// A PKCS#12 trust store with a certificate, given in DER, and further ones, which Java takes as
/// `javax.net.ssl.trustStore` with this password. No private key is in it.
///
/// # Errors
/// [`CertificateError::TrustStore`] when the certificate is none or the password cannot be encoded.
pub fn trust_store(
    certificate: &[u8],
    further: &[CertificateDer<'_>],
    password: &str,
) -> Result<Vec<u8>, CertificateError> {
    let mut store = KeyStore::new();
    let certificate = Certificate::from_der(certificate)?;
    // Certificate entries get the attribute by which Java knows a trusted one.
    store.add_entry(ORGANIZATION, KeyStoreEntry::Certificate(certificate));
    for (number, certificate) in further.iter().enumerate() {
        // A root that nothing here can read is one that Java could not, either.
        if let Ok(certificate) = Certificate::from_der(certificate) {
            let alias = format!("trusted before {number}");
            store.add_entry(&alias, KeyStoreEntry::Certificate(certificate));
        }
    }
    Ok(store.writer(password).write()?)
}

impl fmt::Debug for CertificateAuthority {
    /// Leaves the private key out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CertificateAuthority")
            .field("pem", &self.pem)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, ORGANIZATION);
    name.push(DnType::CommonName, common_name);
    name
}

/// All names of a server, each of which can stand in a certificate.
fn checked(extra: &[String]) -> Result<Vec<String>, CertificateError> {
    for name in extra {
        subject_alt_name(name)?;
    }
    Ok(constraints::with_usual_names(extra))
}

fn subject_alt_name(name: &str) -> Result<SanType, CertificateError> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let invalid = || CertificateError::InvalidName {
        name: name.to_owned(),
    };
    let host = name.strip_prefix("*.").unwrap_or(name);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if host.len() > 253 || !host.split('.').all(label) {
        return Err(invalid());
    }
    Ok(SanType::DnsName(name.try_into().map_err(|_| invalid())?))
}

/// Refuses times from which the dates in a certificate cannot be reckoned.
fn within_range(now: SystemTime) -> Result<SystemTime, CertificateError> {
    match now.duration_since(UNIX_EPOCH) {
        Ok(since) if (HEAD_START..LATEST).contains(&since) => Ok(now),
        _ => Err(CertificateError::ClockOutOfRange),
    }
}
