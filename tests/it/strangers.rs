//! What web pages, other machines and tunnels try, with the answers that keep them out; and what grows.

use crate::support::{Fake, Reply, client};
use fake_dropbox::config::ListenHost;
use fake_dropbox::internals::control::secrets::Secret;
use fake_dropbox::internals::server::ServerConfig;
use fake_dropbox::internals::wire::errors::bad_input::Style;
use fake_dropbox::internals::wire::routes::ROUTES;
use fake_dropbox::{FakeDropbox, Query};
use reqwest::RequestBuilder;

const PAGE: &str = "<script>fetch('/_fake/v1/journal')</script>";
const SANDBOX: &str = "sandbox allow-forms allow-scripts";

/// Puts the page into the account `test`, as a foreign page does without being asked for leave.
async fn upload(fake: &Fake, path: &str) {
    let address = format!(
        "/2/files/upload?authorization=Bearer%20test&reject_cors_preflight=true&arg={{\"path\":\"{path}\"}}"
    );
    let request = client()
        .post(fake.url(&address))
        .header("content-type", "text/plain; charset=dropbox-cors-hack")
        .header("origin", "http://evil.test")
        .body(PAGE);
    assert_eq!(Reply::of(request).await.status, 200);
}

async fn is_no_page_of_this_origin(what: &str, request: RequestBuilder) {
    let answer = request.send().await.expect("an answer");
    let headers = answer.headers().clone();
    let status = answer.status();
    let header = |name: &str| {
        let value = headers.get(name).map(|value| value.to_str());
        value.expect(name).expect("text").to_owned()
    };
    // No `allow-same-origin`: its origin is its own, and nobody else's.
    assert_eq!(header("content-security-policy"), SANDBOX, "{what}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    let body = answer.bytes().await.expect("a body");
    assert!(status.is_success(), "{what}: {body:?}");
    assert!(PAGE.as_bytes().ends_with(&body[..]), "{what}: no content");
}

#[tokio::test]
async fn what_was_uploaded_is_never_a_page_of_the_origin_of_the_controls() {
    let fake = Fake::start();
    for name in ["x.html", "x.svg", "x.xml", "x.js", "x.htm", "x"] {
        let path = format!("/{name}");
        upload(&fake, &path).await;
        let argument = format!("{{\"path\":\"{path}\"}}");
        let link = fake.rpc("files/get_temporary_link", &argument).await.json();
        let link = link["link"].as_str().expect("a link").to_owned();
        is_no_page_of_this_origin(name, client().get(&link)).await;
        let part = client().get(&link).header("range", "bytes=8-");
        is_no_page_of_this_origin(name, part).await;

        let content = fake.url(&format!("/_fake/v1/files/content?account=test&path={path}"));
        is_no_page_of_this_origin("the controls", client().get(content)).await;

        // The argument of the one route that takes an address.
        let made = fake
            .rpc("sharing/create_shared_link_with_settings", &argument)
            .await;
        let url = made.json()["url"].as_str().expect("an address").to_owned();
        let url = url.replace('?', "%3F").replace('&', "%26");
        let shared = format!("{{\"url\":\"{url}\"}}");
        let mut routes = 0;
        for row in ROUTES {
            if row.style != Style::Download {
                continue;
            }
            routes += 1;
            let argument = if row.has_path { &argument } else { &shared };
            for method in [reqwest::Method::GET, reqwest::Method::POST] {
                // As a page navigates there: everything is in the address.
                let address = format!(
                    "/2/{}?reject_cors_preflight=true&authorization=Bearer%20test&arg={argument}",
                    row.name
                );
                let request = client().request(method, fake.url(&address));
                is_no_page_of_this_origin(row.name, request).await;
            }
        }
        assert!(routes > 0, "no route gives content");
    }
}

/// A call of the controls that changes something.
fn freeze(url: &str) -> RequestBuilder {
    client().post(format!("{url}/_fake/v1/clock/freeze"))
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn a_name_that_leads_here_opens_the_controls_to_nobody_wherever_the_server_listens() {
    for host in ["127.0.0.1", "0.0.0.0"] {
        let host: ListenHost = host.parse().expect("a host");
        let dropbox = FakeDropbox::builder()
            .configure(|settings| {
                settings.host = vec![host];
                settings.allow_host = vec!["allowed.test".to_owned()];
                settings.public_url = Some("http://public.test".to_owned());
                settings.control_token = Some(Secret::new("control"));
            })
            .start()
            .await;
        let url = dropbox.api_url();
        for name in ["evil.test", "allowed.test", "public.test", "192.0.2.1"] {
            let asked = |request: RequestBuilder| {
                request
                    .header("host", format!("{name}:8080"))
                    .header("sec-fetch-site", "same-origin")
                    .header("origin", format!("http://{name}:8080"))
            };
            let found = status(asked(freeze(&url))).await;
            assert!([403, 421].contains(&found), "{name} on {host}: {found}");
            // Without a word of a browser, too: not every browser says all of it.
            let quiet = freeze(&url).header("host", name);
            assert!([403, 421].contains(&status(quiet).await), "{name}");
            let journal = client().get(format!("{url}/_fake/v1/journal"));
            let found = status(journal.header("host", name)).await;
            assert!([403, 421].contains(&found), "{name}");
        }
        let with_token = freeze(&url)
            .header("host", "allowed.test")
            .header("x-fake-dropbox-control-token", "control");
        assert_eq!(status(with_token).await, 200);
        assert_eq!(status(freeze(&url)).await, 200);
        assert_eq!(status(freeze(&url).header("host", "localhost")).await, 200);
    }
}

#[tokio::test]
async fn what_a_tunnel_passes_on_is_known_by_any_of_the_headers_that_they_add() {
    let dropbox = FakeDropbox::start().await;
    let url = dropbox.api_url();
    for name in [
        "Via",
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "X-Forwarded-Server",
        "X-Real-IP",
        "X-Client-IP",
        "CF-Connecting-IP",
        "True-Client-IP",
    ] {
        assert_eq!(status(freeze(&url).header(name, "x")).await, 403, "{name}");
    }
}

#[tokio::test]
async fn of_all_pages_only_our_own_may_call_by_the_secret_that_stands_in_it() {
    let fake = Fake::start();
    let url = fake.url("");
    let secret = fake.app.page_secret.expose().to_owned();
    assert!(secret.len() >= 32);
    let rows: [(&[(&str, &str)], u16, u16); 7] = [
        (&[("origin", &url)], 403, 200),
        (
            &[("origin", &url), ("sec-fetch-site", "same-origin")],
            403,
            200,
        ),
        (
            &[
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-dest", "empty"),
            ],
            403,
            200,
        ),
        (&[("referer", &url)], 403, 200),
        (
            &[("origin", "null"), ("sec-fetch-site", "cross-site")],
            403,
            403,
        ),
        (&[("origin", "http://evil.test")], 403, 403),
        // The fetch of Node says this much, and is a program.
        (&[("sec-fetch-mode", "cors")], 200, 200),
    ];
    for (headers, without, with) in rows {
        let request = || {
            headers.iter().fold(freeze(&url), |request, (name, value)| {
                request.header(*name, *value)
            })
        };
        assert_eq!(status(request()).await, without, "{headers:?}");
        let guessed = request().header("x-fake-dropbox-page", "guess");
        assert_eq!(status(guessed).await, without, "{headers:?}");
        let shown = request().header("x-fake-dropbox-page", &secret);
        assert_eq!(status(shown).await, with, "{headers:?}");
    }
    // The same seed does not give the same secret.
    assert_ne!(Fake::start().app.page_secret.expose(), secret);
}

#[tokio::test]
async fn directories_are_read_over_http_only_below_a_seed_root() {
    let machine = tempfile::tempdir().expect("a directory");
    let root = machine.path().join("root");
    let private = machine.path().join("private");
    for directory in [&root, &private] {
        std::fs::create_dir_all(directory.join("in")).expect("a directory");
        std::fs::write(directory.join("in/a.txt"), "a").expect("a file");
    }
    std::os::unix::fs::symlink(&private, root.join("link")).expect("a link");
    let seed = |fake: &Fake, directory: &std::path::Path| {
        client()
            .post(fake.url("/_fake/v1/files/seed_directory?account=test"))
            .json(&serde_json::json!({ "directory": directory }))
    };
    let closed = Fake::start();
    let open = Fake::start_with(
        ServerConfig {
            seed_roots: vec![machine.path().join("nothing"), root.clone()],
            ..ServerConfig::default()
        },
        |_| {},
    );
    for directory in [
        private.clone(),
        root.join("../private"),
        root.join("link"),
        root.join("link/in"),
        machine.path().to_owned(),
        machine.path().join("root2"),
        "/".into(),
        "/etc".into(),
        "/no/such/place".into(),
    ] {
        for fake in [&closed, &open] {
            let refused = Reply::of(seed(fake, &directory)).await;
            assert_eq!(refused.status, 403, "{}", directory.display());
            assert!(refused.text().contains("--seed-root"), "{}", refused.text());
        }
    }
    assert_eq!(status(seed(&closed, &root)).await, 403);
    for directory in [root.clone(), root.join("in"), root.join("link/../in")] {
        // A path through the link ends in the other directory.
        let wanted = if directory.ends_with("link/../in") {
            403
        } else {
            200
        };
        let found = status(seed(&open, &directory)).await;
        assert_eq!(found, wanted, "{}", directory.display());
    }
}

/// The addresses that are handed out to somebody who asks under this name.
async fn handed_out(url: &str, host: &str) -> Vec<String> {
    let ask = |route: &'static str, argument: &'static str| async move {
        let request = client()
            .post(format!("{url}/2/files/{route}"))
            .header("host", host)
            .header("content-type", "application/json")
            .bearer_auth("test")
            .body(argument);
        let answer = Reply::of(request).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["link"].as_str().expect("a link").to_owned()
    };
    vec![
        ask(
            "get_temporary_upload_link",
            r#"{"commit_info":{"path":"/b"}}"#,
        )
        .await,
        ask("get_temporary_link", r#"{"path":"/a"}"#).await,
    ]
}

#[tokio::test]
async fn no_address_leads_to_the_real_dropbox_unless_that_is_asked_for() {
    let dropbox = FakeDropbox::start().await;
    dropbox.account("test").file("/a").write("a");
    let url = dropbox.api_url();
    for host in ["api.dropboxapi.com", "localhost", "api.dropbox.com:443"] {
        for link in handed_out(&url, host).await {
            let here = if host == "localhost" {
                "http://localhost/"
            } else {
                &url
            };
            assert!(link.starts_with(here), "{link}");
        }
    }
    // The journal says why it is not the name that production gives.
    let entries = dropbox.account("test").journal().find(Query::default());
    let notes = entries.iter().filter_map(|entry| entry.note.as_deref());
    assert_eq!(
        notes
            .filter(|note| note.contains("--links production"))
            .count(),
        4
    );

    let switch = client()
        .post(format!("{url}/_fake/v1/links/origin"))
        .json(&serde_json::json!({ "links": "production" }));
    assert_eq!(status(switch).await, 200);
    for host in ["api.dropboxapi.com", "localhost"] {
        let links = handed_out(&url, host).await;
        assert!(
            links[0].starts_with("https://content.dropboxapi.com/"),
            "{links:?}"
        );
        assert!(
            links[1].starts_with("https://dl.dropboxusercontent.com/"),
            "{links:?}"
        );
    }
}

#[tokio::test]
async fn a_secret_in_an_unusual_place_stands_neither_in_the_journal_nor_in_the_log() {
    let dropbox = FakeDropbox::start().await;
    let url = dropbox.api_url();
    let link = dropbox.account("a-token-of-some-length").mint("/a");
    let token = link.rsplit('/').next().expect("a token").to_owned();
    let bearer = "a-token-of-some-length";
    let encoded: String = bearer.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let paths = [
        format!("/2/{bearer}"),
        format!("/2/{encoded}"),
        format!("/{bearer}/x"),
        format!("/APITUL/1/{token}"),
        format!("/%61pitul/1/{token}"),
        format!("/x/Apitul/1/{token}"),
        format!("/CD/0/Get/{token}/file"),
        format!("/{token}"),
        format!("/2/{token}"),
    ];
    for path in &paths {
        let asked = client().post(format!("{url}{path}")).bearer_auth(bearer);
        assert!(status(asked).await >= 400, "{path}");
    }
    let second = "another-token-of-some-length";
    let two = client()
        .post(format!("{url}/2/{second}"))
        .header("authorization", format!("Bearer {bearer}"))
        .header("authorization", format!("Bearer {second}"));
    assert!(status(two).await >= 400);
    let bare = client()
        .post(format!("{url}/2/users/get_current_account"))
        .header("authorization", second);
    assert!(status(bare).await >= 400);
    let journal = client().get(format!("{url}/_fake/v1/journal"));
    let mut said = Reply::of(journal).await.text();
    for entry in dropbox.journal().find(Query::default()) {
        said += &format!("{entry}\n{entry:?}\n");
    }
    for secret in [bearer, &token, second, &encoded] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
    assert!(
        said.contains("/apitul/1/link:1") || said.contains("/APITUL/1/link:1"),
        "{said}"
    );
}

#[tokio::test]
async fn the_bytes_of_an_expired_session_go_without_a_reset() {
    let dropbox = FakeDropbox::start().await;
    let start = || {
        client()
            .post(format!(
                "{}/2/files/upload_session/start",
                dropbox.api_url()
            ))
            .bearer_auth("test")
            .header("content-type", "application/octet-stream")
            .header("dropbox-api-arg", "{}")
            .body(vec![7; 100_000])
    };
    for _ in 0..20 {
        assert_eq!(status(start()).await, 200);
    }
    assert_eq!(dropbox.status().bytes_in_memory, 2_000_000);
    dropbox
        .clock()
        .advance(std::time::Duration::from_hours(8 * 24));
    assert_eq!(status(start()).await, 200);
    assert_eq!(dropbox.status().bytes_in_memory, 100_000);
    assert_eq!(dropbox.account("test").status().sessions, 1);
}
