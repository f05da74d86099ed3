//! What variables cannot lead to the fake, which differs by system.

/// What cannot be led there on this system (as `std::env::consts::OS` names it), and what can. None where
/// every program that reads variables can be led.
pub fn not_led(system: &str) -> Option<String> {
    let (others, store) = match system {
        "macos" | "ios" => ("programs that ask the keychain", "macOS"),
        "windows" => (
            "programs that ask the certificate store (.NET, the curl of Windows)",
            "Windows",
        ),
        // Go and OpenSSL read SSL_CERT_FILE there.
        _ => return None,
    };
    Some(format!(
        "on {store}, programs in Go and {others} read no SSL_CERT_FILE: the proxy variables lead them to the fake, and they \
         refuse its certificate. Give Dropbox's Go SDK a URLGenerator that names FAKE_DROPBOX_URL, as \
         fake-dropbox's module for Go does, and other programs FAKE_DROPBOX_URL itself; or run the command in Linux. \
         Python, Node, Java, PHP and Ruby are led there"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_go_reads_no_variable_it_is_said_with_what_can_be_done() {
        for (system, name) in [("macos", "macOS"), ("windows", "Windows")] {
            let said = not_led(system).unwrap();
            assert!(
                said.starts_with(&format!("on {name}, programs in Go ")),
                "{said}"
            );
            for word in [
                "SSL_CERT_FILE",
                "URLGenerator",
                "module for Go",
                "FAKE_DROPBOX_URL",
            ] {
                assert!(said.contains(word), "{said}");
            }
        }
    }

    #[test]
    fn where_variables_lead_every_program_nothing_is_said() {
        for system in ["linux", "freebsd", "openbsd"] {
            assert_eq!(not_led(system), None);
        }
    }
}
