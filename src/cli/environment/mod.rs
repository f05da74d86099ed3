//! The variables that make programs talk to the fake without being changed.

mod curl;
mod files;
mod java;
pub mod node;
mod php;
mod print;
mod roots;
mod words;

pub use files::{ClientFiles, der, make, put, store};
pub use print::Format;
#[cfg(target_os = "linux")]
pub use roots::PLACES;
pub use roots::known_roots;

/// The password of the trust store: Java wants one, and nothing in it is secret.
pub const TRUST_STORE_PASSWORD: &str = "changeit";

/// Hosts that are reached directly: the fake itself.
const DIRECT: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Domains that must not be reached directly.
const DROPBOX_DOMAINS: [&str; 3] = ["dropboxapi.com", "dropbox.com", "dropboxusercontent.com"];

/// A variable and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    pub name: &'static str,
    /// Its value; none if it must not be there.
    pub value: Option<String>,
}

/// Where a server is, as its clients name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAddress {
    /// A name or an address, without brackets.
    pub host: String,
    pub port: u16,
}

impl ServerAddress {
    /// Host and port as a URL spells them.
    pub fn authority(&self) -> String {
        let Self { host, port } = self;
        if host.contains(':') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        }
    }
}

impl From<std::net::SocketAddr> for ServerAddress {
    fn from(address: std::net::SocketAddr) -> Self {
        Self {
            host: address.ip().to_string(),
            port: address.port(),
        }
    }
}

/// Reads a variable as it is now.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The variables for a server at this place. `files` are there with TLS only;
/// without it, no unchanged client can be reached, and the variables only say where the server is.
pub fn variables(
    place: &ServerAddress,
    files: Option<&ClientFiles>,
    current: Lookup<'_>,
) -> Vec<Variable> {
    let authority = place.authority();
    let url = format!("http://{authority}");
    let mut all = vec![set("FAKE_DROPBOX_URL", &url)];
    let Some(files) = files else {
        return all;
    };
    let certificate = files.certificate.to_string_lossy();
    all.push(set("FAKE_DROPBOX_CA", &certificate));

    // Every tunnel to one of Dropbox's hosts ends in the fake, and it answers for them in clear text.
    // Some programs know one spelling of these names, some the other; where both are set to different
    // things, they differ in which one wins. In a CGI script (one with REQUEST_METHOD) many programs
    // leave HTTP_PROXY alone: there it could be a visitor's header.
    for name in PROXIES {
        all.push(set(name, &url));
    }
    let direct = no_proxy(place, current);
    for name in ["NO_PROXY", "no_proxy"] {
        all.push(set(name, &direct));
    }
    // Node 22.21 and 24 look at proxy variables when told to; older ones are led by a script.
    all.push(set("NODE_USE_ENV_PROXY", "1"));
    let options = current("NODE_OPTIONS").unwrap_or_default();
    let options = node::options(&options, &files.node_script);
    all.push(set("NODE_OPTIONS", &options));

    all.extend(trust(files, current));
    let options = current("JAVA_TOOL_OPTIONS").unwrap_or_default();
    let options = java::options(&options, place, &direct, files);
    all.push(set("JAVA_TOOL_OPTIONS", &options));

    all.push(set("CURL_HOME", &files.curl_settings.to_string_lossy()));

    // Dropbox's Python SDK goes straight to these hosts, over TLS.
    all.extend(PYTHON_HOSTS.map(|name| set(name, &authority)));
    all.extend(PYTHON_DOMAINS.map(|name| Variable { name, value: None }));
    all
}

/// The variables for a command whose only network is the fake's, under Dropbox's own names: it is led
/// by nothing, and what would lead it elsewhere goes.
#[cfg(target_os = "linux")]
pub fn isolated(place: &ServerAddress, files: &ClientFiles, current: Lookup<'_>) -> Vec<Variable> {
    let mut all = vec![
        set("FAKE_DROPBOX_URL", &format!("http://{}", place.authority())),
        set("FAKE_DROPBOX_CA", &files.certificate.to_string_lossy()),
    ];
    all.extend(trust(files, current));
    // What stands here beside ours was wanted.
    for (name, left) in [
        ("NODE_OPTIONS", node::without_ours as fn(&str) -> String),
        ("JAVA_TOOL_OPTIONS", java::without_ours),
    ] {
        let before = current(name).unwrap_or_default();
        let left = left(&before);
        if left != before {
            let value = (!left.is_empty()).then_some(left);
            all.push(Variable { name, value });
        }
    }
    let leading = PROXIES
        .iter()
        .chain(&LEADING)
        .chain(&PYTHON_HOSTS)
        .chain(&PYTHON_DOMAINS);
    all.extend(leading.map(|name| Variable { name, value: None }));
    all
}

/// What leads a program to a proxy.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/// What leads a program somewhere besides, whoever set it.
#[cfg(target_os = "linux")]
const LEADING: [&str; 5] = [
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "NODE_USE_ENV_PROXY",
];

/// The hosts of Dropbox's Python SDK.
const PYTHON_HOSTS: [&str; 4] = [
    "DROPBOX_API_HOST",
    "DROPBOX_API_CONTENT_HOST",
    "DROPBOX_API_NOTIFY_HOST",
    "DROPBOX_WEB_HOST",
];

/// The hosts shadow these, which would otherwise shadow each other.
const PYTHON_DOMAINS: [&str; 3] = ["DROPBOX_DOMAIN", "DROPBOX_API_DOMAIN", "DROPBOX_WEB_DOMAIN"];

/// What makes programs trust the fake that go by a variable, or by roots that they bring along.
fn trust(files: &ClientFiles, current: Lookup<'_>) -> Vec<Variable> {
    let certificate = files.certificate.to_string_lossy();
    let bundle = files.bundle.to_string_lossy();
    let mut all = Vec::new();
    // requests takes REQUESTS_CA_BUNDLE before CURL_CA_BUNDLE, curl takes CURL_CA_BUNDLE before
    // SSL_CERT_FILE: with one bundle in all of them it does not matter.
    for name in [
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "RCLONE_CA_CERT",
    ] {
        all.push(set(name, &bundle));
    }
    // Node and Deno add these to their own roots; what was added before stays.
    for name in ["NODE_EXTRA_CA_CERTS", "DENO_CERT"] {
        let is_ours = current(name).is_none_or(|path| path == certificate);
        let path = if is_ours { &certificate } else { &bundle };
        all.push(set(name, path));
    }
    let directories = current("PHP_INI_SCAN_DIR").unwrap_or_default();
    let directories = php::scan_directories(&directories, &files.php_settings);
    all.push(set("PHP_INI_SCAN_DIR", &directories));

    all
}

fn set(name: &'static str, value: &str) -> Variable {
    Variable {
        name,
        value: Some(value.to_owned()),
    }
}

/// Whether an entry of NO_PROXY keeps requests to Dropbox away from the proxy.
pub fn excludes_dropbox(entry: &str) -> bool {
    let entry = entry.trim().to_ascii_lowercase();
    if entry == "*" {
        return true;
    }
    let host = entry.split(':').next().unwrap_or_default();
    let host = host.trim_start_matches('*').trim_start_matches('.');
    if host.is_empty() {
        return false;
    }
    DROPBOX_DOMAINS.iter().any(|domain| {
        // Either the whole domain and everything around it, or one of its hosts.
        *domain == host
            || domain.ends_with(&format!(".{host}"))
            || host.ends_with(&format!(".{domain}"))
    })
}

/// What is reached directly: what is today, and the fake itself, but never Dropbox's hosts.
fn no_proxy(place: &ServerAddress, current: Lookup<'_>) -> String {
    let mut entries: Vec<String> = DIRECT.map(str::to_owned).to_vec();
    if !entries.contains(&place.host) {
        entries.push(place.host.clone());
    }
    for name in ["NO_PROXY", "no_proxy"] {
        for entry in current(name).unwrap_or_default().split(',') {
            let entry = entry.trim();
            let is_new = !entries
                .iter()
                .any(|known| known.eq_ignore_ascii_case(entry));
            if !entry.is_empty() && is_new && !excludes_dropbox(entry) {
                entries.push(entry.to_owned());
            }
        }
    }
    entries.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(directory: &str) -> ClientFiles {
        ClientFiles::below(directory.as_ref())
    }

    fn here() -> ServerAddress {
        ServerAddress {
            host: "127.0.0.1".to_owned(),
            port: 8080,
        }
    }

    fn value(name: &str, files: &ClientFiles, current: Lookup<'_>) -> Option<String> {
        let all = variables(&here(), Some(files), current);
        let mut found = all.into_iter().filter(|variable| variable.name == name);
        let variable = found.next().expect(name);
        assert!(found.next().is_none(), "{name} is there twice");
        variable.value
    }

    #[test]
    fn programs_are_pointed_at_the_fake_and_its_certificate() {
        let nothing = |_: &str| None;
        let files = files("/t");
        for (name, expected) in [
            ("FAKE_DROPBOX_URL", "http://127.0.0.1:8080"),
            ("FAKE_DROPBOX_CA", "/t/ca.pem"),
            ("HTTPS_PROXY", "http://127.0.0.1:8080"),
            ("https_proxy", "http://127.0.0.1:8080"),
            ("HTTP_PROXY", "http://127.0.0.1:8080"),
            ("http_proxy", "http://127.0.0.1:8080"),
            ("no_proxy", "localhost,127.0.0.1,::1"),
            ("REQUESTS_CA_BUNDLE", "/t/bundle.pem"),
            ("SSL_CERT_FILE", "/t/bundle.pem"),
            ("NODE_EXTRA_CA_CERTS", "/t/ca.pem"),
            ("NODE_OPTIONS", "--require=/t/lead-node-to-the-fake.cjs"),
            ("DROPBOX_API_HOST", "127.0.0.1:8080"),
        ] {
            assert_eq!(value(name, &files, &nothing).as_deref(), Some(expected));
        }
        assert_eq!(value("DROPBOX_DOMAIN", &files, &nothing), None);
    }

    #[test]
    fn what_is_there_stays_where_it_does_no_harm() {
        let current = |name: &str| match name {
            "NO_PROXY" => Some("intern.test, *.dropboxapi.com,LOCALHOST".to_owned()),
            "no_proxy" => Some("*,.dropbox.com,com,other.test:8443".to_owned()),
            "NODE_EXTRA_CA_CERTS" => Some("/own.pem".to_owned()),
            _ => None,
        };
        let files = files("/a b");
        assert_eq!(
            value("NO_PROXY", &files, &current).as_deref(),
            Some("localhost,127.0.0.1,::1,intern.test,other.test:8443")
        );
        assert_eq!(
            value("NODE_EXTRA_CA_CERTS", &files, &current).as_deref(),
            Some("/a b/bundle.pem")
        );
    }

    #[test]
    fn asked_twice_it_says_the_same() {
        let files = files("/t");
        let once = variables(&here(), Some(&files), &|_| None);
        let find = |name: &str| {
            let mut found = once.iter().filter(|variable| variable.name == name);
            found.next().and_then(|variable| variable.value.clone())
        };
        let twice = variables(&here(), Some(&files), &find);
        assert_eq!(once, twice);
    }

    #[test]
    fn a_server_elsewhere_is_reached_directly_too() {
        let place = ServerAddress {
            host: "fake.test".to_owned(),
            port: 80,
        };
        assert_eq!(
            no_proxy(&place, &|_| None),
            "localhost,127.0.0.1,::1,fake.test"
        );
        let six = ServerAddress::from("[::1]:80".parse::<std::net::SocketAddr>().unwrap());
        assert_eq!(six.authority(), "[::1]:80");
    }

    #[test]
    fn an_entry_excludes_dropbox_if_one_of_its_hosts_is_meant() {
        for entry in [
            "*",
            "dropboxapi.com",
            ".dropboxapi.com",
            "*.dropboxapi.com",
            "API.dropboxapi.com",
            "content.dropboxapi.com:443",
            "com",
        ] {
            assert!(excludes_dropbox(entry), "{entry}");
        }
        for entry in [
            "",
            "localhost",
            "notdropboxapi.com",
            "example.com",
            "127.0.0.1",
        ] {
            assert!(!excludes_dropbox(entry), "{entry}");
        }
    }

    #[test]
    fn without_tls_only_the_address_is_told() {
        let all = variables(&here(), None, &|_| None);
        assert_eq!(all, [set("FAKE_DROPBOX_URL", "http://127.0.0.1:8080")]);
    }
}
