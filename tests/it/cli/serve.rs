//! `serve`: addresses, files, settings, signals.

use super::program::{Serving, program, run};
use crate::support::{Reply, client};
use std::io::Write;
use std::net::{TcpListener, TcpStream};

#[tokio::test]
async fn the_greeting_can_be_pasted_into_a_shell() {
    if std::process::Command::new("curl")
        .arg("--version")
        .output()
        .is_err()
    {
        eprintln!("skipped: curl is not installed");
        return;
    }
    let serving = Serving::start(&[]);
    serving.signal("TERM");
    let greeting = serving.end().out;
    let (_, commands) = greeting.split_once("\n\n").expect("a paragraph");
    let commands = commands.split_once(":\n\n").expect("commands").1;

    let again = Serving::start(&[]);
    let old_port = greeting
        .split("http://127.0.0.1:")
        .nth(1)
        .and_then(|rest| rest.split([' ', '/']).next())
        .expect("the port is shown");
    let commands = commands.replace(old_port, &again.port.to_string());
    let commands = commands.split("\n\n").next().expect("the first block");
    let shell = std::process::Command::new("sh")
        .args(["-euc", commands])
        .env("no_proxy", "*")
        .output()
        .expect("sh runs");
    let shown = String::from_utf8_lossy(&shell.stdout);
    assert!(shell.status.success(), "{shell:?}");
    assert!(shown.contains("\"content-hash\""), "{shown}");
    assert!(shown.contains("\"path_display\":\"/hello.txt\""), "{shown}");
}

#[tokio::test]
async fn no_command_means_serve() {
    let serving = Serving::start_with(&mut program());
    let reply = Reply::of(client().get(serving.url())).await;
    assert!(reply.text().starts_with("This is fake-dropbox"));
}

#[tokio::test]
async fn the_port_file_goes_with_the_server_and_a_signal_is_a_good_end() {
    for signal in ["INT", "TERM"] {
        let serving = Serving::start(&[]);
        let port_file = serving.port_file.clone();
        serving.signal(signal);
        let ended = serving.end();
        assert_eq!(ended.code, Some(0), "{signal}: {}", ended.err);
        assert!(!port_file.exists(), "{signal}");
        assert!(
            ended.err.contains(&format!("SIG{signal}: stopping")),
            "{}",
            ended.err
        );
    }
}

#[tokio::test]
async fn a_request_under_way_is_answered_after_a_signal_and_a_second_signal_cuts_it() {
    let serving = Serving::start(&["--stop-time", "1m"]);
    let stream = under_way(serving.port);
    serving.signal("TERM");
    // The port file goes when the stop begins.
    while serving.port_file.exists() {
        std::thread::yield_now();
    }
    serving.signal("INT");
    let ended = serving.end();
    assert_eq!(ended.code, Some(130), "{}", ended.err);
    drop(stream);
}

/// A request whose head was taken up and whose body is missing: the server has said so by asking
/// for it.
fn under_way(port: u16) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream
        .write_all(
            b"POST /2/files/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a\r\n\
              Content-Type: application/octet-stream\r\nDropbox-API-Arg: {\"path\":\"/a\"}\r\n\
              Content-Length: 10\r\nExpect: 100-continue\r\n\r\n",
        )
        .expect("it takes the head");
    let mut answer = [0; 12];
    std::io::Read::read_exact(&mut stream, &mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 100");
    stream
}

#[test]
fn a_port_in_use_is_one_sentence_that_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let ended = run(["serve", "--port", &port]);
    assert_eq!(ended.code, Some(2));
    assert_eq!(ended.out, "");
    assert_eq!(
        ended.err,
        format!(
            "fake-dropbox: port {port} on 127.0.0.1 is in use: stop what listens there, or take another port with --port \
             (--port 0 takes a free one)\n"
        )
    );
}

#[test]
fn wrong_options_are_refused_with_what_is_allowed() {
    for (arguments, says) in [
        (
            vec!["serve", "--assume", "failed_commit=maybe"],
            "`burns`, `frees`, `conflicts`",
        ),
        (
            vec!["serve", "--assume", "no_such=1"],
            "failed_commit, interrupted_body",
        ),
        (vec!["serve", "--assume", "failed_commit"], "NAME=VALUE"),
        (vec!["serve", "--max-upload-size", "many"], "150MiB"),
        (vec!["serve", "--host", "example.com"], "0.0.0.0"),
        (
            vec!["serve", "--public-url", "0.0.0.0:80"],
            "https://dropbox.test:8443",
        ),
        (
            vec!["serve", "--allow-tunnel", "https://x"],
            "example.com:443",
        ),
        (vec!["serve", "--unknown-tokens", "ask"], "accept or refuse"),
        (vec!["serve", "--content", "disk"], "memory or none"),
        (vec!["serve", "--log", "loud"], "off, error, warn, info"),
        (vec!["serve", "--config", "/no/such/file"], "/no/such/file"),
        (
            vec!["serve", "--spill-dir", "/no/such/place"],
            "--spill-dir",
        ),
        (
            vec!["serve", "--host", "192.0.2.1"],
            "not an address of this machine",
        ),
        (vec!["serve", "--no-such-option"], "--no-such-option"),
        (vec!["no-such-command"], "no-such-command"),
    ] {
        let ended = run(&arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(says), "{arguments:?}: {}", ended.err);
        assert_eq!(ended.out, "", "{arguments:?}");
    }
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("it is written");
    file
}

#[test]
fn a_mistake_in_the_file_is_shown_with_its_line_and_what_is_allowed() {
    for (text, says) in [
        ("\nporto = 1\n", ["line 2", "`port`"]),
        (
            "[assume]\n\nfailed_commit = \"maybe\"\n",
            ["line 3", "`burns`"],
        ),
        (
            "[assume]\nfailed_comit = \"frees\"\n",
            ["line 2", "failed_commit"],
        ),
        (
            "[[tokens]]\ntoken = \"a\"\nacount = \"b\"\n",
            ["line 3", "`account`"],
        ),
        ("max_upload_size = \"many\"\n", ["line 1", "150MiB"]),
        ("[limits]\nidle_time = 5\n", ["line 2", "string"]),
        (
            "[[tokens]]\ntoken = \"a\"\naccount = \"b\"\nexpires_at = \"soon\"\n",
            ["line 4", "2030-01-01"],
        ),
        (
            "[[tokens]]\ntoken = \"a\"\naccount = \"b\"\nexpires = \"4h\"\n",
            ["line 4", "`expires_at`"],
        ),
        (
            "[[tokens]]\ntoken = \"a\"\n",
            ["entry 1", "account or a team"],
        ),
        (
            "[[tokens]]\ntoken = \"a\"\naccount = \"b\"\napp = \"c\"\n",
            ["'c'", "[[apps]]"],
        ),
        ("[accounts.a]\nfolders = [\"in\"]\n", ["'in'", "slash"]),
    ] {
        let file = file(text);
        let ended = run([
            "serve".as_ref(),
            "--config".as_ref(),
            file.path().as_os_str(),
        ]);
        assert_eq!(ended.code, Some(2), "{text}: {}", ended.err);
        for word in says {
            assert!(ended.err.contains(word), "{text}: {}", ended.err);
        }
    }
}

#[tokio::test]
async fn a_file_declares_accounts_apps_and_tokens() {
    let file = file(
        r#"
        unknown_tokens = "refuse"
        [assume]
        failed_commit = "frees"
        [accounts.ada]
        profile = { email = "ada@example.com" }
        quota = "1KiB"
        folders = ["/in/today"]
        [[apps]]
        key = "boxed"
        app_folder = "Box"
        [[tokens]]
        token = "full"
        account = "ada"
        [[tokens]]
        token = "boxed-token"
        account = "ada"
        app = "boxed"
        [[tokens]]
        token = "reader"
        account = "ada"
        scopes = ["files.metadata.read"]
        [[tokens]]
        token = "old"
        account = "ada"
        expires_at = "2020-01-01T00:00:00Z"
        [[tokens]]
        token = "gone"
        account = "ada"
        revoked = true
        [[refresh_tokens]]
        token = "renew"
        account = "ada"
        "#,
    );
    let path = file.path().to_str().expect("text").to_owned();
    let serving = Serving::start(&["--config", &path]);
    let call = async |token: &str, route: &str, argument: &str| {
        let request = client()
            .post(format!("{}/2/{route}", serving.url()))
            .bearer_auth(token)
            .header("content-type", "application/json")
            .body(argument.to_owned());
        Reply::of(request).await
    };
    let account = call("full", "users/get_current_account", "null").await;
    assert_eq!(account.json()["email"], "ada@example.com");
    let space = call("full", "users/get_space_usage", "null").await;
    assert_eq!(space.json()["allocation"]["allocated"], 1024);
    let folder = call("full", "files/get_metadata", r#"{"path":"/in/today"}"#).await;
    assert_eq!(folder.json()[".tag"], "folder");
    let boxed = call(
        "boxed-token",
        "files/get_metadata",
        r#"{"path":"/in/today"}"#,
    )
    .await;
    assert_eq!(boxed.status, 409, "{}", boxed.text());
    let mint = r#"{"commit_info":{"path":"/a"}}"#;
    let route = "files/get_temporary_upload_link";
    for (token, says) in [
        ("reader", "missing_scope"),
        ("old", "expired_access_token"),
        ("gone", "invalid_access_token"),
        ("nobody", "invalid_access_token"),
    ] {
        let refused = call(token, route, mint).await;
        assert_eq!(refused.status, 401, "{token}");
        assert!(refused.text().contains(says), "{token}: {}", refused.text());
    }
    let renewal = client()
        .post(format!("{}/oauth2/token", serving.url()))
        .form(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", "renew"),
            ("client_id", "boxed"),
        ]);
    let renewed = Reply::of(renewal).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text());
}

#[tokio::test]
async fn an_option_beats_its_variable_which_beats_the_file() {
    let file = file(
        "max_upload_size = 1\nquota = 1\nmemory_limit = 1\n[assume]\nfailed_commit = \"frees\"\n",
    );
    let mut command = program();
    command
        .arg("serve")
        .arg("--config")
        .arg(file.path())
        .args(["--quota", "3KiB"])
        .env("FAKE_DROPBOX_QUOTA", "2KiB")
        .env("FAKE_DROPBOX_MAX_UPLOAD_SIZE", "2")
        .env("FAKE_DROPBOX_ASSUME_LINK_SIZE_LIMIT", "5");
    let serving = Serving::start_with(&mut command);
    let base = serving.url();
    let space = client()
        .post(format!("{base}/2/users/get_space_usage"))
        .bearer_auth("a");
    assert_eq!(
        Reply::of(space).await.json()["allocation"]["allocated"],
        3072
    );
    let upload = |bytes: &'static str| {
        client()
            .post(format!("{base}/2/files/upload"))
            .bearer_auth("a")
            .header("content-type", "application/octet-stream")
            .header("dropbox-api-arg", r#"{"path":"/a"}"#)
            .body(bytes)
    };
    assert_eq!(Reply::of(upload("ab")).await.status, 200);
    assert_ne!(Reply::of(upload("abc")).await.status, 200);
    let mint = client()
        .post(format!("{base}/2/files/get_temporary_upload_link"))
        .bearer_auth("a")
        .header("content-type", "application/json")
        .body(r#"{"commit_info":{"path":"/b"}}"#);
    let link = Reply::of(mint).await.json()["link"]
        .as_str()
        .expect("a link")
        .to_owned();
    let consume = client()
        .post(link)
        .header("content-type", "application/octet-stream")
        .body("123456");
    assert_eq!(Reply::of(consume).await.status, 413);
}

#[tokio::test]
async fn a_seed_gives_the_same_ids_and_none_gives_new_ones() {
    let mint = async |arguments: &[&str]| {
        let serving = Serving::start(arguments);
        let request = client()
            .post(format!(
                "{}/2/files/get_temporary_upload_link",
                serving.url()
            ))
            .bearer_auth("a")
            .header("content-type", "application/json")
            .body(r#"{"commit_info":{"path":"/b"}}"#);
        let link = Reply::of(request).await.json()["link"].clone();
        link.as_str()
            .expect("a link")
            .rsplit('/')
            .next()
            .expect("a token")
            .to_owned()
    };
    assert_eq!(mint(&["--seed", "7"]).await, mint(&["--seed", "7"]).await);
    assert_ne!(mint(&[]).await, mint(&[]).await);
}

#[tokio::test]
async fn a_public_url_is_the_origin_of_links_and_its_name_is_allowed() {
    let serving = Serving::start(&[
        "--public-url",
        "https://drop.test:8443/",
        "--allow-host",
        "other.test",
    ]);
    for (host, expected) in [("drop.test", 200), ("other.test", 200), ("evil.test", 421)] {
        let request = client().get(serving.url()).header("host", host);
        assert_eq!(Reply::of(request).await.status, expected, "{host}");
    }
    let mint = client()
        .post(format!(
            "{}/2/files/get_temporary_upload_link",
            serving.url()
        ))
        .bearer_auth("a")
        .header("content-type", "application/json")
        .body(r#"{"commit_info":{"path":"/b"}}"#);
    let link = Reply::of(mint).await.json()["link"]
        .as_str()
        .expect("a link")
        .to_owned();
    assert!(
        link.starts_with("https://drop.test:8443/apitul/1/"),
        "{link}"
    );
}

#[tokio::test]
async fn files_of_the_configuration_are_there_from_the_start() {
    let directory = tempfile::tempdir().expect("a directory");
    let seed = directory.path().join("seed/below");
    std::fs::create_dir_all(&seed).expect("a directory");
    std::fs::write(seed.join("b.txt"), "of a directory").expect("a file");
    let config = directory.path().join("config.toml");
    let files = "[accounts.alice]\n[[tokens]]\ntoken = 't'\naccount = 'alice'\n\
        [[files]]\naccount = 'alice'\nfrom = 'seed'\n\
        [[files]]\naccount = 'alice'\npath = '/one.txt'\nfrom = 'seed/below/b.txt'\n\
        [[files]]\naccount = 'alice'\npath = '/in/a.txt'\ntext = 'hello'\n\
        [[files]]\naccount = 'alice'\npath = '/in/b'\nbase64 = 'AAE='\n\
        [[files]]\naccount = 'alice'\npath = '/empty'\n";
    std::fs::write(&config, files).expect("a file");
    let config = config.to_str().expect("text");
    let serving = Serving::start(&["--config", config]);
    for (path, content) in [
        ("/below/b.txt", "of a directory"),
        ("/one.txt", "of a directory"),
        ("/in/a.txt", "hello"),
        ("/in/b", "\0\u{1}"),
    ] {
        let got = client()
            .get(format!(
                "{}/_fake/v1/files/content?path={path}",
                serving.url()
            ))
            .bearer_auth("t");
        assert_eq!(Reply::of(got).await.text(), content, "{path}");
    }
    let empty = client()
        .get(format!("{}/_fake/v1/file?path=/empty", serving.url()))
        .bearer_auth("t");
    assert_eq!(
        Reply::of(empty).await.json()["file"],
        serde_json::Value::Null
    );
    for (bad, says) in [
        (
            "account = 'bob'\npath = '/a'",
            "the account 'bob' is not declared",
        ),
        ("account = 'alice'\npath = 'a'", "paths begin with '/'"),
        (
            "account = 'alice'\npath = '/a'\ntext = 'x'\nfrom = 'seed'",
            "has both 'from' and",
        ),
        (
            "account = 'alice'\npath = '/a'\nfrom = 'nothing'",
            "cannot be read",
        ),
        ("account = 'alice'\npath = '/a'\nbase64 = '*'", "not base64"),
        (
            "account = 'alice'\npath = '/in/a.txt/b'\ntext = 'x'",
            "/in/a.txt/b",
        ),
    ] {
        std::fs::write(config, format!("{files}[[files]]\n{bad}\n")).expect("a file");
        let ended = run(["serve", "--port", "0", "--config", config]);
        assert_eq!(ended.code, Some(2), "{bad}: {}", ended.err);
        assert!(
            ended.err.contains("the 6. of the [[files]]"),
            "{}",
            ended.err
        );
        assert!(ended.err.contains(says), "{bad}: {}", ended.err);
    }
}

#[test]
fn a_speed_of_uploads_that_is_none_is_refused() {
    for bad in ["0", "fast", "-1"] {
        let ended = run(["serve", "--port", "0", &format!("--upload-speed={bad}")]);
        assert_eq!(ended.code, Some(2), "{bad}");
        assert!(ended.err.contains("such as 2MB/s"), "{}", ended.err);
    }
}

#[tokio::test]
async fn faults_and_stubs_of_the_configuration_are_there_from_the_start() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("fake.toml");
    let configure = |text: &str| std::fs::write(&file, text).expect("it is written");
    configure(
        "[[faults]]\nmatch = { route = 'files/tags/get' }\nphase = 'head'\ntimes = 'unlimited'\n\
         action = { answer = { custom = { status = 200, json = { paths_to_tags = [] } } } }\n\
         [[faults]]\naccount = 'alice'\nphase = 'head'\naction = { answer = 'unavailable' }\n",
    );
    let path = file.to_str().expect("text");
    let serving = Serving::start(&["--config", path]);
    let ask = client().post(format!("{}/2/files/tags/get", serving.url()));
    assert_eq!(Reply::of(ask).await.status, 200);
    let faults = client().get(format!("{}/_fake/v1/faults?account=alice", serving.url()));
    let faults = Reply::of(faults).await.json();
    assert_eq!(
        faults["faults"].as_array().map(Vec::len),
        Some(1),
        "{faults}"
    );

    configure(
        "[[faults]]\nphase = 'after_commit'\nmatch = { route = 'check/user' }\naction = 'reset'\n",
    );
    let refused = run(["serve", "--port", "0", "--config", path]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused
            .err
            .contains("the 1. of the [[faults]]: check/user never comes to the phase"),
        "{}",
        refused.err
    );
}

#[tokio::test]
async fn the_log_has_a_line_for_each_request_for_people_or_as_json() {
    let serving = Serving::start(&["--log-format", "json"]);
    Reply::of(client().get(format!("{}/no/such", serving.url()))).await;
    serving.signal("TERM");
    let err = serving.end().err;
    let line = err
        .lines()
        .find(|line| line.contains("/no/such"))
        .expect("a line");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(line["status"], 404);
    assert_eq!(line["method"], "GET");

    let serving = Serving::start(&[]);
    Reply::of(client().get(format!("{}/no/such%0aline", serving.url()))).await;
    serving.signal("TERM");
    let err = serving.end().err;
    let line = err
        .lines()
        .find(|line| line.contains("/no/such"))
        .expect("a line");
    assert!(line.contains(" ✗ 404 GET /no/such"), "{line}");

    let serving = Serving::start(&["--log", "off"]);
    Reply::of(client().get(format!("{}/no/such", serving.url()))).await;
    serving.signal("TERM");
    assert_eq!(serving.end().err, "");
}

#[tokio::test]
async fn without_tls_a_tls_client_is_sent_away_and_plain_http_works() {
    for arguments in [&["--no-tls"][..], &["--tls=false"]] {
        let serving = Serving::start(arguments);
        assert_eq!(Reply::of(client().get(serving.url())).await.status, 200);
        let secure = client()
            .get(serving.url().replace("http:", "https:"))
            .send();
        assert!(secure.await.is_err());
    }
}

#[tokio::test]
async fn print_url_prints_one_line_when_the_server_answers() {
    let mut child = program()
        .args(["serve", "--port", "0", "--print-url"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut out = std::io::BufReader::new(child.stdout.take().expect("piped"));
    let mut url = String::new();
    std::io::BufRead::read_line(&mut out, &mut url).expect("a line comes");
    let url = url.trim_end();
    let reply = Reply::of(client().get(format!("{url}/"))).await;
    assert!(reply.text().starts_with("This is fake-dropbox"));
    child.kill().expect("it runs");
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut out, &mut rest).expect("it ends");
    child.wait().expect("it ended");
    assert_eq!(rest, "");
}

#[tokio::test]
async fn until_stdin_closes_the_server_ends_with_whoever_started_it() {
    let mut child = program()
        .args([
            "serve",
            "--port",
            "0",
            "--print-url",
            "--until-stdin-closes",
        ])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut out = std::io::BufReader::new(child.stdout.take().expect("piped"));
    let mut url = String::new();
    std::io::BufRead::read_line(&mut out, &mut url).expect("a line comes");
    // What is written to it does not matter.
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(b"anything\n").expect("it reads");
    let reply = Reply::of(client().get(format!("{}/", url.trim_end()))).await;
    assert!(reply.text().starts_with("This is fake-dropbox"));
    drop(stdin);
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(0));
    let log = String::from_utf8_lossy(&ended.stderr);
    assert!(log.contains("standard input closed: stopping"), "{log}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn open_shows_the_page_in_the_browser_of_the_system() {
    let directory = tempfile::TempDir::new().expect("a directory");
    let opener = directory.path().join("xdg-open");
    let told = directory.path().join("told");
    // A pipe: whoever reads it waits until it is told.
    let mkfifo = std::process::Command::new("mkfifo").arg(&told).status();
    assert!(mkfifo.expect("mkfifo runs").success());
    let script = format!("#!/bin/sh\necho \"$1\" > {}\n", told.display());
    std::fs::write(&opener, script).expect("a file");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&opener, executable).expect("it can run");
    let path = format!("{}:/usr/bin:/bin", directory.path().display());
    let serving = Serving::start_with(program().args(["serve", "--open"]).env("PATH", path));
    let url = std::fs::read_to_string(&told).expect("an address");
    assert_eq!(url.trim(), format!("{}/_fake/", serving.url()));
}
