//! What is said in one dialect never comes in the other: whatever is asked, each answer is spelled as its
//! dialect spells, and has words of its own.

use crate::support::{Fake, Reply, client};
use fake_dropbox::internals::dropbox::credentials::Grant;
use fake_dropbox::internals::wire::dialect::{Dialect, PLACEHOLDER};
use fake_dropbox::internals::wire::errors::bad_input::Style;
use fake_dropbox::internals::wire::routes::{self, Auth, Route};
use serde_json::json;

/// Good ones and bad ones; each route makes of them what it can.
const ARGUMENTS: &[&str] = &[
    "null",
    "{}",
    "[]",
    "no JSON",
    r#"{"path":""}"#,
    r#"{"path":"/a & é.txt"}"#,
    r#"{"path":"/none"}"#,
    r#"{"path":"a"}"#,
    r#"{"path":5}"#,
    r#"{"path":"/a & é.txt","x":1}"#,
    r#"{"path":"/a & é.txt","mode":"x"}"#,
    r#"{"path":"/a & é.txt/"}"#,
    r#"{"query":"a & é"}"#,
    r#"{"cursor":"foo"}"#,
    r#"{"cursor":{"session_id":"x","offset":0},"commit":{"path":"/b"}}"#,
    r#"{"from_path":"/a & é.txt","to_path":"/c & é.txt"}"#,
    r#"{"commit_info":{"path":"/d & é.txt"}}"#,
    r#"{"commit_info":{"path":"d"},"duration":1}"#,
    r#"{"async_job_id":"x"}"#,
    r#"{"entries":[]}"#,
];

async fn ask(fake: &Fake, route: &Route, token: &str, argument: &str, root: Option<&str>) -> Reply {
    let mut request = client().post(fake.url(&format!("/2/{}", route.name)));
    request = match (token, route.auth) {
        ("", _) | (_, Auth::Nobody) => request,
        (_, Auth::App) => request.basic_auth("key", Some("secret")),
        (token, _) => request.bearer_auth(token),
    };
    if let Some(root) = root {
        request = request.header("dropbox-api-path-root", root);
    }
    request = match route.style {
        Style::Rpc => request
            .header("content-type", "application/json")
            .body(argument.to_owned()),
        Style::Upload => request
            .header("content-type", "application/octet-stream")
            .query(&[("arg", argument)])
            .body("hello"),
        Style::Download => request.query(&[("arg", argument)]),
    };
    Reply::of(request).await
}

/// Why this answer is not one of the dialect.
fn objection(reply: &Reply, dialect: Dialect) -> Option<String> {
    let spelled = |text: &str, print: fn(Dialect, &serde_json::Value) -> String| {
        let value = serde_json::from_str(text).expect("JSON");
        let own = print(dialect, &value);
        let misspelt = (own != text).then(|| format!("is not spelled as {own}"));
        // The printer itself might mix the two.
        misspelt.or_else(|| in_marks(text, dialect))
    };
    if let Some(result) = reply.headers.get("dropbox-api-result") {
        let text = result.to_str().expect("ASCII");
        if let Some(objection) = spelled(text, Dialect::header) {
            return Some(objection);
        }
    }
    let content_type = reply.headers.get("content-type");
    let text = match content_type.map(|value| value.to_str().expect("text")) {
        Some("application/json") => reply.text(),
        Some("text/plain; charset=utf-8") => return in_words(&reply.text(), dialect),
        _ => return None,
    };
    if reply.header("x-dropbox-response-origin") == "remote" {
        // The notify host was always compact.
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    if let Some(words) = value.pointer("/user_message/text") {
        let objection = in_words(words.as_str().expect("a text"), dialect);
        return objection.or_else(|| spelled(&text, Dialect::body));
    }
    if dialect == Dialect::Y2026 && text.contains("/.") && value.get("error_summary").is_some() {
        return Some("has dots".to_owned());
    }
    in_members(&value, dialect).or_else(|| spelled(&text, Dialect::body))
}

/// What only one dialect prints: the member that a union could have and has not, and that a file or folder has
/// no property groups (API-257, API-278).
fn in_members(value: &serde_json::Value, dialect: Dialect) -> Option<String> {
    let serde_json::Value::Object(map) = value else {
        let mut items = value.as_array().into_iter().flatten();
        return items.find_map(|item| in_members(item, dialect));
    };
    let is_tagged = |tag| map.get(".tag").is_some_and(|found| found == tag);
    // What a shared link tells of a file has none in either.
    let is_shared_link = map.contains_key("link_permissions");
    let is_entry = map.contains_key("path_lower") && map.contains_key("id") && !is_shared_link;
    let is_in_2026 = dialect == Dialect::Y2026;
    if map.values().any(serde_json::Value::is_null) && !is_in_2026 {
        return Some("prints a member that is null".to_owned());
    }
    if is_tagged("malformed_path") && map.contains_key("malformed_path") != is_in_2026 {
        return Some("has the null of the other dialect, or lacks its own".to_owned());
    }
    if is_entry && map.contains_key("property_groups") != is_in_2026 {
        return Some("has the property groups of the other dialect, or lacks its own".to_owned());
    }
    map.values().find_map(|item| in_members(item, dialect))
}

/// The marks by which one sees the dialect of a JSON text: white space after marks in 2025 and none in 2026, only
/// ASCII in 2025, and no `&` as it is in 2026.
fn in_marks(text: &str, dialect: Dialect) -> Option<String> {
    let (mut is_in_string, mut is_escaped) = (false, false);
    let mut outside = String::new();
    for letter in text.chars() {
        if !is_in_string {
            outside.push(letter);
        }
        if letter == '"' && !is_escaped {
            is_in_string = !is_in_string;
        }
        is_escaped = is_in_string && letter == '\\' && !is_escaped;
    }
    let marks = outside.matches([',', ':']).count();
    let spaced = outside.matches([',', ':', ' ']).count() - marks;
    let good = match dialect {
        Dialect::Y2025 => spaced == marks && text.is_ascii(),
        Dialect::Y2026 => spaced == 0 && !text.contains('&'),
    };
    (!good).then(|| "has the marks of the other dialect".to_owned())
}

fn in_words(text: &str, dialect: Dialect) -> Option<String> {
    let Some((_, words)) = text.split_once("\": ") else {
        return Some("has no frame".to_owned());
    };
    let of_2026 = [
        "Value must be a string conforming to regex (",
        "unexpected key '",
    ]
    .iter()
    .any(|known| words.starts_with(known));
    // The number of the app came in 2026.
    if words.contains("does not have the required scope") {
        let good = words.starts_with("Your app (ID: ") == (dialect == Dialect::Y2026);
        return (!good).then(|| format!("says {words}"));
    }
    // They are the same in both, or new already in 2025.
    let of_both = words.starts_with("Invalid authorization value in HTTP header/URL parameter");
    let good = match dialect {
        Dialect::Y2025 => !of_2026,
        Dialect::Y2026 => of_2026 || of_both || words.starts_with(PLACEHOLDER),
    };
    (!good).then(|| format!("says {words}"))
}

#[tokio::test]
async fn whatever_is_asked_no_text_of_one_dialect_comes_in_the_other() {
    // API-21, API-256 to API-260
    for (name, dialect) in [("2025", Dialect::Y2025), ("2026", Dialect::Y2026)] {
        let fake = Fake::assuming(&[("dialect", name)]);
        let poor = Grant {
            scopes: Some(std::iter::once("account_info.read".to_owned()).collect()),
            ..Grant::for_account("test")
        };
        fake.app.world().credentials().declare_token("poor", poor);
        let (mut statuses, mut wrong) = (std::collections::BTreeSet::new(), Vec::new());
        for route in routes::ROUTES {
            for argument in ARGUMENTS {
                for (token, root) in [
                    ("test", None),
                    ("test", Some(r#""nowhere""#)),
                    ("test", Some(r#"{".tag":"root","root":"1"}"#)),
                    ("poor", None),
                    ("", None),
                ] {
                    if route.name == "auth/token/revoke" && root.is_none() {
                        continue;
                    }
                    let reply = ask(&fake, route, token, argument, root).await;
                    statuses.insert(reply.status);
                    // The results of the searches moved years before the others (RT-02).
                    let is_search = route.name.contains("search");
                    let dialect = match reply.status {
                        200 if is_search && route.name != "files/search" => Dialect::Y2026,
                        _ => dialect,
                    };
                    if let Some(objection) = objection(&reply, dialect) {
                        let text = reply.text();
                        wrong.push(format!(
                            "{name} {} {argument}: {text} {objection}",
                            route.name
                        ));
                    }
                }
            }
        }
        assert!(
            wrong.is_empty(),
            "{} of them: {:#?}",
            wrong.len(),
            &wrong[..wrong.len().min(20)]
        );
        let seen = [200, 400, 401, 409, 422]
            .iter()
            .all(|status| statuses.contains(status));
        assert!(seen, "{statuses:?}");
    }
}

async fn upload(fake: &Fake, route: &str, argument: serde_json::Value) -> Reply {
    let request = client()
        .post(fake.url(&format!("/2/files/{route}")))
        .bearer_auth("test")
        .header("content-type", "application/octet-stream")
        .header("dropbox-api-arg", argument.to_string())
        .body("hello");
    Reply::of(request).await
}

#[tokio::test]
async fn what_strict_readers_need_is_there_in_every_dialect() {
    // API-125, API-133, API-260: Dropbox's SDKs for Python and Java break without it.
    for dialect in ["2025", "2026", "mixed"] {
        let fake = Fake::assuming(&[("dialect", dialect), ("data_transport_limit", "0")]);
        // A result that is nothing is the JSON `null`, not an empty body.
        let started = upload(&fake, "upload_session/start", json!({}))
            .await
            .json();
        let cursor = json!({"session_id": started["session_id"], "offset": 5});
        let appended = upload(
            &fake,
            "upload_session/append_v2",
            json!({ "cursor": cursor }),
        )
        .await;
        let revoked = fake.rpc_as("leaves", "auth/token/revoke", "null").await;
        for void in [appended, revoked] {
            assert_eq!(
                (void.status, void.text().as_str()),
                (200, "null"),
                "{dialect}"
            );
            assert_eq!(void.header("content-type"), "application/json");
        }
        assert_eq!(
            upload(&fake, "upload", json!({"path": "/a"})).await.status,
            200
        );
        let revisions = fake
            .rpc("files/list_revisions", r#"{"path":"/a"}"#)
            .await
            .json();
        for name in ["is_deleted", "has_more"] {
            assert!(revisions[name].is_boolean(), "{dialect}: {revisions}");
        }
        let link = fake.mint_path().await;
        let refused = fake.consume(&fake.url(&link), "x").await;
        assert_eq!(refused.status, 429);
        let wait = refused
            .header("retry-after")
            .parse::<u64>()
            .expect("seconds");
        assert_eq!(refused.json()["error"]["retry_after"], wait, "{dialect}");
        // GetMetadataError is closed and has this one tag.
        for path in [
            "/none",
            "id:AAAAAAAAAAAAAAAAAAAAAA",
            "/a/b",
            "/a /b",
            "rev:0123456789abcdef",
        ] {
            let argument = json!({ "path": path }).to_string();
            let reply = fake.rpc("files/get_metadata", &argument).await;
            if reply.status == 409 {
                assert_eq!(reply.json()["error"][".tag"], "path", "{dialect} {path}");
            }
        }
    }
}
