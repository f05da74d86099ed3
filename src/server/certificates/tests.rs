use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

use super::*;
use crate::server::listener::{DROPBOX_HOSTS, LOCAL_HOSTS};

const DAY: Duration = Duration::from_hours(24);

/// Some day in 2026.
fn today() -> SystemTime {
    UNIX_EPOCH + DAY * 20_700
}

fn keep(directory: &Path) -> Result<CertificateAuthority, CertificateError> {
    CertificateAuthority::load_or_create(directory, &[], today())
}

fn refusal(directory: &Path) -> String {
    keep(directory).unwrap_err().to_string()
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_kept_authority_is_the_same_the_next_time() {
    let parent = TempDir::new().unwrap();
    let directory = parent.path().join("not/there/yet");
    let first = keep(&directory).unwrap();
    let second = keep(&directory).unwrap();
    assert_eq!(first.ca_der(), second.ca_der());
    assert_eq!(first.ca_pem(), second.ca_pem());
    assert_eq!(
        fs::read_to_string(directory.join(CERTIFICATE_FILE)).unwrap(),
        first.ca_pem()
    );
    second.tls(today()).unwrap();
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_key() {
    let parent = TempDir::new().unwrap();
    let directory = parent.path().join("ca");
    keep(&directory).unwrap();
    assert_eq!(mode(&directory), 0o700);
    assert_eq!(mode(&directory.join(KEY_FILE)), 0o600);
    let certificate = fs::read_to_string(directory.join(CERTIFICATE_FILE)).unwrap();
    assert!(!certificate.contains("PRIVATE"));
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let directory = TempDir::new().unwrap();
    keep(directory.path()).unwrap();
    let key = directory.path().join(KEY_FILE);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refusal(directory.path()).contains("can be read by others (mode 644)"));
}

#[test]
#[cfg(unix)]
fn a_directory_that_others_can_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let directory = TempDir::new().unwrap();
    for mode in [0o777, 0o720, 0o702] {
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(mode)).unwrap();
        let said = refusal(directory.path());
        assert!(said.contains("others can write to"), "{said}");
    }
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    keep(directory.path()).unwrap();
}

#[test]
fn many_servers_that_start_at_once_share_one_authority() {
    let directory = TempDir::new().unwrap();
    let path = directory.path();
    let authorities: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| keep(path).unwrap()))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(
        authorities
            .iter()
            .all(|authority| authority.ca_der() == authorities[0].ca_der())
    );
    let entries = fs::read_dir(path).unwrap();
    let mut left: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(
        left,
        [".fake-dropbox-ca.lock", KEY_FILE, CERTIFICATE_FILE],
        "no temporary file stays behind"
    );
}

#[test]
fn fresh_authorities_differ_in_key_and_name() {
    let [one, other] = [(); 2].map(|()| CertificateAuthority::fresh(&[], today()).unwrap());
    let subject = |authority: &CertificateAuthority| {
        let (_, certificate) = x509_parser::parse_x509_certificate(authority.ca_der()).unwrap();
        certificate.subject().to_string()
    };
    assert!(subject(&one).starts_with("O=fake-dropbox, CN=fake-dropbox local authority "));
    assert_ne!(subject(&one), subject(&other));
}

#[test]
fn a_directory_of_something_else_is_left_alone() {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join(".gitignore"), "*").unwrap();
    fs::write(directory.path().join("id_ed25519"), "secret").unwrap();
    assert!(refusal(directory.path()).ends_with(
        "holds other files (id_ed25519): name an empty directory for the certificate authority"
    ));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    fs::remove_file(directory.path().join("id_ed25519")).unwrap();
    keep(directory.path()).unwrap();
}

#[test]
fn what_is_not_a_directory_is_refused() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(refusal(&file).ends_with("file is not a directory"));
    assert!(refusal(&file.join("below")).starts_with("cannot read "));
}

#[cfg(unix)]
#[test]
fn an_unreadable_directory_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let directory = TempDir::new().unwrap();
    let locked = directory.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(&locked).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    assert!(refusal(&locked).starts_with("cannot read "));
}

#[test]
fn a_file_under_our_name_that_is_not_ours_is_refused() {
    let directory = TempDir::new().unwrap();
    let key = directory.path().join(KEY_FILE);
    let mine = keep(directory.path()).unwrap();
    let kept = fs::read_to_string(&key).unwrap();
    let private = kept[..kept.find("-----BEGIN CERTIFICATE-----").unwrap()].to_owned();
    let server = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();

    let cases: [(Vec<u8>, &str); 7] = [
        (b"hello".to_vec(), "it has no private key"),
        (vec![0xff, 0xfe], "it is not text"),
        (vec![b'a'; 100_000], "it is not a small regular file"),
        (private.clone().into_bytes(), "it has no certificate"),
        (mine.ca_pem().as_bytes().to_vec(), "it has no private key"),
        (
            format!("{private}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
                .into(),
            "its certificate is damaged",
        ),
        (
            format!("{private}{}", server.cert.pem()).into(),
            "belongs to somebody else",
        ),
    ];
    for (content, reason) in cases {
        fs::write(&key, content).unwrap();
        let error = refusal(directory.path());
        assert!(
            error.contains("is not the certificate authority of a fake-dropbox"),
            "{error}"
        );
        assert!(error.contains(reason), "{reason}: {error}");
    }
    fs::remove_file(&key).unwrap();
    fs::create_dir(&key).unwrap();
    let error = refusal(directory.path());
    assert!(
        error.contains("can be read by others") || error.contains("not a small"),
        "{error}"
    );
}

#[test]
fn halves_that_do_not_belong_together_are_refused() {
    let directory = TempDir::new().unwrap();
    let (key, certificate) = (
        directory.path().join(KEY_FILE),
        directory.path().join(CERTIFICATE_FILE),
    );
    let first = keep(directory.path()).unwrap();
    let other = CertificateAuthority::fresh(&[], today()).unwrap();
    fs::write(&certificate, other.ca_pem()).unwrap();
    assert!(refusal(directory.path()).contains("do not belong together"));

    let kept = fs::read_to_string(&key).unwrap();
    fs::write(&key, kept.replace(first.ca_pem(), other.ca_pem())).unwrap();
    assert!(refusal(directory.path()).contains("do not belong together"));

    fs::remove_file(&key).unwrap();
    assert!(refusal(directory.path()).contains("but its key"));
    fs::remove_file(&certificate).unwrap();
    keep(directory.path()).unwrap();
}

#[test]
fn a_lost_copy_of_the_certificate_is_written_again() {
    let directory = TempDir::new().unwrap();
    let authority = keep(directory.path()).unwrap();
    let certificate = directory.path().join(CERTIFICATE_FILE);
    fs::remove_file(&certificate).unwrap();
    keep(directory.path()).unwrap();
    assert_eq!(
        fs::read_to_string(&certificate).unwrap(),
        authority.ca_pem()
    );
}

#[test]
fn a_clock_before_the_authority_is_an_error() {
    let directory = TempDir::new().unwrap();
    keep(directory.path()).unwrap();
    let yesterday = today() - DAY * 2;
    assert!(matches!(
        CertificateAuthority::load_or_create(directory.path(), &[], yesterday),
        Err(CertificateError::NotYetValid { .. })
    ));
}

/// What is kept, with these names of the server at this time, and why it replaced what was there.
fn again(directory: &Path, names: &[&str], now: SystemTime) -> (Vec<u8>, Option<String>) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let authority = CertificateAuthority::load_or_create(directory, &names, now).unwrap();
    authority.tls(now).unwrap();
    let copy = fs::read_to_string(directory.join(CERTIFICATE_FILE)).unwrap();
    assert_eq!(copy, authority.ca_pem());
    let why = authority.replaced().map(str::to_owned);
    (authority.ca_der().to_vec(), why)
}

#[test]
fn an_authority_that_ends_within_a_month_is_replaced() {
    let directory = TempDir::new().unwrap();
    let (first, why) = again(directory.path(), &[], today());
    assert_eq!(why, None, "nobody trusted one before");
    let (same, why) = again(directory.path(), &[], today() + DAY * 335);
    assert_eq!((&same, why), (&first, None));
    let (second, why) = again(directory.path(), &[], today() + DAY * 336);
    assert_eq!(why.as_deref(), Some("the old one was about to expire"));
    assert_ne!(second, first);
    let (third, why) = again(directory.path(), &[], today() + DAY * 1000);
    assert_eq!(why.as_deref(), Some("the old one has expired"));
    assert_ne!(third, second);
    assert_eq!(
        again(directory.path(), &[], today() + DAY * 1000),
        (third, None)
    );
}

#[test]
fn an_authority_that_lacks_a_name_is_replaced_by_one_that_has_all() {
    let directory = TempDir::new().unwrap();
    let (first, _) = again(directory.path(), &["fake.test", "10.0.0.1"], today());
    let (same, why) = again(directory.path(), &["a.fake.test", "127.0.0.9"], today());
    assert_eq!((&same, why), (&first, None));
    let (second, why) = again(directory.path(), &["other.test", "10.0.0.2"], today());
    let said = "the old one could not speak for other.test, 10.0.0.2";
    assert_eq!(why.as_deref(), Some(said));
    // A server that is started with the other names takes turns with it.
    let (third, why) = again(directory.path(), &["fake.test", "10.0.0.1"], today());
    assert_eq!((third, why), (second, None));
}

#[test]
fn an_authority_from_before_there_were_constraints_is_replaced() {
    let directory = TempDir::new().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.not_before = (today() - DAY).into();
    params.not_after = (today() + DAY * 3650).into();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
    params.distinguished_name = rcgen::DistinguishedName::new();
    let organization = rcgen::DnType::OrganizationName;
    params.distinguished_name.push(organization, "fake-dropbox");
    let pem = params.self_signed(&key).unwrap().pem();
    let file = directory.path().join(KEY_FILE);
    fs::write(&file, key.serialize_pem() + &pem).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    fs::write(directory.path().join(CERTIFICATE_FILE), pem).unwrap();
    let (_, why) = again(directory.path(), &[], today());
    assert_eq!(why.as_deref(), Some("the old one could speak for any host"));
    assert_eq!(again(directory.path(), &[], today()).1, None);
}

/// Clients refuse a certificate for a name that the authority was not allowed, whoever has its key.
#[test]
fn a_trusted_authority_can_speak_for_its_own_names_only() {
    use tokio_rustls::rustls::client::WebPkiServerVerifier;
    use tokio_rustls::rustls::client::danger::ServerCertVerifier;
    use tokio_rustls::rustls::crypto::ring::default_provider;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    let authority = CertificateAuthority::fresh(&["fake.test".to_owned()], today()).unwrap();
    let root = CertificateDer::from(authority.ca_der().to_vec());
    let mut roots = tokio_rustls::rustls::RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let verifier =
        WebPkiServerVerifier::builder_with_provider(roots.into(), default_provider().into())
            .build()
            .unwrap();
    let stolen = rcgen::KeyPair::from_pem(&authority.key_pem()).unwrap();
    let now = UnixTime::since_unix_epoch(today().duration_since(UNIX_EPOCH).unwrap());
    for (name, is_allowed) in [
        ("api.dropboxapi.com", true),
        ("localhost", true),
        ("127.0.0.1", true),
        ("127.0.0.77", true),
        ("::1", true),
        ("www.fake.test", true),
        ("bank.test", false),
        ("notfake.test", false),
        ("10.0.0.1", false),
        ("::2", false),
    ] {
        let issuer = rcgen::Issuer::from_ca_cert_der(&root, &stolen).unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = today().into();
        params.not_after = (today() + DAY).into();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        let host = ServerName::try_from(name).unwrap();
        let verdict = verifier.verify_server_cert(certificate.der(), &[], &host, &[], now);
        assert_eq!(verdict.is_ok(), is_allowed, "{name}: {verdict:?}");
    }
}

#[test]
fn a_clock_that_no_certificate_can_name_is_an_error() {
    for now in [UNIX_EPOCH, UNIX_EPOCH + DAY * 365 * 9000] {
        let error = CertificateAuthority::fresh(&[], now).unwrap_err();
        assert!(matches!(error, CertificateError::ClockOutOfRange));
    }
}

#[test]
fn the_server_certificate_covers_all_names_and_extra_ones() {
    let extra = ["fake.test", "*.fake.test", "10.1.2.3", "localhost"].map(str::to_owned);
    let authority = CertificateAuthority::fresh(&extra, today()).unwrap();
    let tls = authority.tls(today()).unwrap();
    for name in DROPBOX_HOSTS.iter().chain(&LOCAL_HOSTS).chain(&[
        "127.0.0.1",
        "::1",
        "10.1.2.3",
        "*.fake.test",
    ]) {
        assert!(tls.names().iter().any(|known| known == name), "{name}");
    }
    assert_eq!(
        tls.names()
            .iter()
            .filter(|name| *name == "localhost")
            .count(),
        1
    );
}

#[test]
fn a_name_that_is_none_is_refused() {
    for name in [
        "",
        "a b",
        "a..b",
        "https://a",
        "a:443",
        "*",
        "-a",
        "bücher.test",
        &"a".repeat(64),
    ] {
        let error = CertificateAuthority::fresh(&[name.to_owned()], today()).unwrap_err();
        assert!(
            matches!(error, CertificateError::InvalidName { .. }),
            "{name}: {error}"
        );
    }
}

#[test]
fn nothing_prints_the_private_key() {
    let authority = CertificateAuthority::fresh(&[], today()).unwrap();
    let printed = format!("{authority:?} {:?}", authority.tls(today()).unwrap());
    assert!(
        !printed.contains("PRIVATE") && !printed.contains("serialized_der"),
        "{printed}"
    );
}

#[test]
fn java_reads_the_trust_store() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("trust.p12");
    let authority = CertificateAuthority::fresh(&[], today()).unwrap();
    fs::write(&path, authority.ca_pkcs12("changeit").unwrap()).unwrap();
    let listed = Command::new("keytool")
        .args([
            "-list",
            "-storetype",
            "PKCS12",
            "-storepass",
            "changeit",
            "-keystore",
        ])
        .arg(&path)
        .output();
    let Ok(listed) = listed else {
        eprintln!("skipped: there is no keytool here");
        return;
    };
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(
        text.contains("fake-dropbox") && text.contains("trustedCertEntry"),
        "{text}"
    );
}
