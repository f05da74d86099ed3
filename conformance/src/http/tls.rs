//! TLS for both layers, on ring, with the system's roots or one given CA.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;

/// A client configuration without ALPN. `ca_file` replaces the system's roots.
pub fn client_config(ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?;
    let Some(path) = ca_file else {
        return Ok(builder
            .with_platform_verifier()
            .map_err(|error| format!("The system's certificates cannot be read: {error}"))?
            .with_no_client_auth());
    };
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path)
        .map_err(|error| format!("The CA file {} cannot be read: {error}", path.display()))?;
    for certificate in certificates {
        certificate
            .map_err(|error| error.to_string())
            .and_then(|certificate| roots.add(certificate).map_err(|error| error.to_string()))
            .map_err(|error| format!("The CA file {} is not usable: {error}", path.display()))?;
    }
    if roots.is_empty() {
        return Err(format!(
            "The CA file {} holds no certificate: give a PEM file.",
            path.display()
        ));
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
