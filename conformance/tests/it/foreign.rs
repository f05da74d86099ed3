//! Somebody else's fake: a few lines on a bare socket that know a mint and an upload and nothing else. The
//! suite must tell readably what it gets right and what not, and what could not be asked.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use conformance::talk::content_hash::content_hash;
use serde_json::{Value, json};

use super::support::{expect, printed, run};

/// Link → whether it was used.
type Links = Arc<Mutex<HashMap<String, bool>>>;

/// What it has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Has {
    /// A mint and its links.
    Links,
    /// `files/upload` and `files/get_metadata`, and a `files/delete_v2` that does not delete.
    Files,
    /// Nothing of Dropbox.
    Tea,
}

fn start(has: Has) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let links = Links::default();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let links = Arc::clone(&links);
            std::thread::spawn(move || serve(stream, address, &links, has));
        }
    });
    address
}

/// One request after another, until the other side has had enough.
fn serve(mut stream: TcpStream, address: SocketAddr, links: &Links, has: Has) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let path = line.split(' ').nth(1)?.to_owned();
        let (mut length, mut argument) = (0, String::new());
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let Some((name, value)) = header.trim_end().split_once(": ") else {
                break;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().ok()?;
            }
            if name.eq_ignore_ascii_case("dropbox-api-arg") {
                value.clone_into(&mut argument);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let (status, content_type, said) = match has {
            Has::Links => answer(&path, &body, address, links),
            Has::Files => files(&path, &body, &argument),
            Has::Tea => (
                "418 I'm a teapot",
                "text/plain",
                "short and stout\n".to_owned(),
            ),
        };
        let head = format!("HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: ");
        let whole = format!("{head}{}\r\n\r\n{said}", said.len());
        stream.write_all(whole.as_bytes()).ok()?;
    }
}

fn answer(
    path: &str,
    body: &[u8],
    at: SocketAddr,
    links: &Links,
) -> (&'static str, &'static str, String) {
    let mut links = links.lock().unwrap();
    if path == "/2/files/get_temporary_upload_link" {
        if serde_json::from_slice::<Value>(body).is_err() {
            return ("400 Bad Request", "text/plain", "what?".to_owned());
        }
        let link = format!("/apitul/1/{:014}", links.len());
        links.insert(link.clone(), false);
        let link = json!({ "link": format!("http://{at}{link}") });
        return ("200 OK", "application/json", link.to_string());
    }
    match links.get_mut(path) {
        Some(used @ false) => {
            *used = true;
            let hash = json!({ "content-hash": content_hash(body) });
            ("200 OK", "application/json", hash.to_string())
        }
        // Wrong: this is a 410, and no page.
        Some(true) => ("404 Not Found", "text/html", "<h1>gone</h1>".to_owned()),
        None => ("404 Not Found", "text/plain", "no such route".to_owned()),
    }
}

fn files(path: &str, body: &[u8], argument: &str) -> (&'static str, &'static str, String) {
    let metadata = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or_default();
        json!({"name": name, "path_display": path, "size": body.len(), "content_hash": content_hash(body)})
    };
    let argument = serde_json::from_slice(body).or_else(|_| serde_json::from_str(argument));
    let argument: Value = argument.unwrap_or_default();
    let asked = argument["path"].as_str().unwrap_or_default();
    match path {
        "/2/files/upload" | "/2/files/get_metadata" => {
            ("200 OK", "application/json", metadata(asked).to_string())
        }
        "/2/files/delete_v2" => ("409 Conflict", "application/json", "{}".to_owned()),
        // As Express does.
        _ => (
            "404 Not Found",
            "text/html",
            format!("<pre>Cannot POST {path}</pre>"),
        ),
    }
}

fn judged(has: Has, filter: &str) -> std::process::Output {
    let url = format!("http://{}", start(has));
    run(&[
        "run",
        "--target",
        &url,
        "--timeout",
        "2",
        "--filter",
        filter,
    ])
}

#[test]
fn a_fake_without_links_is_judged_on_what_it_has_and_a_chapter_that_it_lacks_is_one_red_line() {
    let chapters = "link/consume,link/shape,mint/clients,files/metadata,files/upload";
    let output = judged(Has::Files, chapters);
    expect(&output, 1, "DIFFERED");
    let text = printed(&output);
    let lacks = "the target has no files/get_temporary_upload_link: it answers 404 \
                 `<pre>Cannot POST /2/<route></pre>`, as to a route that nobody has";
    let red = |chapter: &str| {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("  {chapter} ")));
        line.unwrap_or_else(|| panic!("no {chapter} in {text}"))
    };
    for chapter in ["link/consume", "link/shape", "mint/clients"] {
        assert!(red(chapter).contains(" 1 differed"), "{}", red(chapter));
    }
    // Once for each chapter, and told at the end as one cause.
    assert_eq!(text.matches(lacks).count(), 4, "{text}");
    assert!(text.contains(&format!("  3 cases: {lacks}")), "{text}");
    // What it has is judged as ever.
    assert!(
        text.contains("expected that the body has /.tag; what came: `{\"name\":"),
        "{text}"
    );
    // That it keeps the folder is a note.
    assert!(text.contains("  note: The folder /conformance-"), "{text}");
}

#[test]
fn what_is_no_dropbox_at_all_is_told_with_its_own_words() {
    let output = judged(Has::Tea, "link/consume");
    expect(
        &output,
        2,
        "check that it is a Dropbox API. It answered 418: `short and stout␊`",
    );
}

#[test]
fn a_foreign_fake_gets_a_report_that_says_what_is_wrong_and_what_was_not_asked() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (junit, html) = (at("run.xml"), at("run.html"));
    let url = format!("http://{}", start(Has::Links));
    let mut arguments = vec!["run", "--target", &url, "--timeout", "2"];
    for chapter in ["mint/answers", "link/shape", "link/consume", "link/expiry"] {
        arguments.extend(["--filter", chapter]);
    }
    arguments.extend(["--junit", &junit, "--html", &html]);
    let output = run(&arguments);
    expect(&output, 1, "DIFFERED");
    let text = printed(&output);
    for words in [
        "A link that was used answers 410 with the documented text",
        "expected that the status is 410; what came: 404, `<h1>gone</h1>`",
        // The rule in words, and what was asked.
        "       UL-138: ",
        "          content-type: `application/octet-stream`\n          body: `",
    ] {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
    // What many cases have in common is told once.
    assert!(
        text.contains(
            "  2 cases: the target has no files/get_metadata: it answers 404 `no such route`"
        ),
        "{text}"
    );
    // It has no clock that could be moved: each case that needs one is named, and what would help.
    let (_, skipped) = text
        .split_once("time would have to be waited for: give --slow")
        .unwrap();
    let named = skipped
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with("    "));
    let named: Vec<&str> = named.map(str::trim).collect();
    assert!(named.contains(&"link/expiry/gone-afterwards"), "{named:?}");
    assert!(
        named.contains(&"link/expiry/each-has-its-own-time"),
        "{named:?}"
    );
    // What it gets right is not hidden by what it gets wrong.
    let chapters = text
        .lines()
        .filter(|line| line.starts_with("  link/") || line.starts_with("  mint/"));
    let chapters: Vec<&str> = chapters.collect();
    assert!(
        chapters
            .iter()
            .any(|line| line.contains("link/consume") && line.contains("differed")),
        "{text}"
    );
    let page = std::fs::read_to_string(html).unwrap();
    assert!(page.contains(r##"<a href="#link-consume">link/consume</a>"##));
    // The red ones stand first, the most frequent cause on top, and a rule's id leads to its text.
    let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("no {words}"));
    assert!(place("2 cases: the target has no files/get_metadata") < place("<table>"));
    assert!(
        place(r#"<details class="case" id="link/consume/second-use-is-gone""#) < place("<table>")
    );
    assert!(place("<table>") < place(r##"<a href="#link/consume/second-use-is-gone">"##));
    assert!(page.contains(r##"href="#UL-138""##));
    assert!(page.contains(r#"<dt id="UL-138">UL-138</dt>"#));
    assert!(page.contains("verdict red"));
    let junit = quick_junit::Report::deserialize_from_str(&std::fs::read_to_string(junit).unwrap());
    let junit = junit.unwrap();
    let suite = &junit.test_suites[0];
    let case = |name: &str| suite.test_cases.iter().find(|case| case.name == *name);
    let status = |name: &str| format!("{:?}", case(name).unwrap().status);
    assert!(status("link/consume/second-use-is-gone").contains("Failure"));
    assert!(status("link/expiry/gone-afterwards").starts_with("Skipped"));
    assert!(status("link/shape/path").starts_with("Success"));
    assert_eq!(junit.tests, suite.test_cases.len());
}
