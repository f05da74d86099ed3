//! The page on which a user lets an app in, and the code that comes of it.

use crate::support::{Fake, Reply, client};
use fake_dropbox::Query;
use fake_dropbox::internals::dropbox::credentials::{App, AppAccess};
use serde_json::{Value, json};

const BACK: &str = "http://localhost:3000/back?from=here";
// RFC 7636, appendix B
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const DIGEST: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn page(fake: &Fake, query: &[(&str, &str)]) -> Reply {
    let request = client().get(fake.url("/oauth2/authorize"));
    Reply::of(request.query(query)).await
}

/// What the page would send back, with the button that is pressed.
fn form(page: &Reply, decision: &str) -> Vec<(String, String)> {
    let text = page.text();
    let value = |name: &str| {
        let (_, rest) = text
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap_or_else(|| panic!("no {name} in {text}"));
        let (value, _) = rest.split_once('"').expect("it ends");
        value.replace("&amp;", "&")
    };
    let mut form: Vec<_> = ["request", "proof", "account"]
        .map(|name| (name.to_owned(), value(name)))
        .into();
    form.push(("decision".to_owned(), decision.to_owned()));
    form
}

async fn press(fake: &Fake, form: &[(String, String)]) -> Reply {
    let request = client().post(fake.url("/oauth2/authorize"));
    Reply::of(request.form(form)).await
}

fn sent_back(reply: &Reply) -> Vec<(String, String)> {
    assert_eq!(reply.status, 302, "{}", reply.text());
    let location = reply.header("location");
    let said = location
        .strip_prefix(BACK)
        .and_then(|rest| rest.strip_prefix('&'))
        .unwrap_or_else(|| panic!("{location} leads elsewhere"));
    form_urlencoded::parse(said.as_bytes())
        .into_owned()
        .collect()
}

async fn exchange(fake: &Fake, fields: &[(&str, &str)]) -> (u16, Value) {
    let request = client().post(fake.url("/oauth2/token")).form(fields);
    let reply = Reply::of(request).await;
    (reply.status, reply.json())
}

fn declare(fake: &Fake) {
    let mut credentials = fake.app.world().credentials();
    credentials.declare_app(App {
        secret: Some("secret".to_owned()),
        access: AppAccess::AppFolder("Box".to_owned()),
        scopes: Some(
            ["account_info.read", "files.content.write"]
                .map(str::to_owned)
                .into(),
        ),
        redirect_uris: Some([BACK.to_owned()].into()),
        ..App::new("key")
    });
}

#[tokio::test]
async fn a_user_sees_what_is_asked_and_his_yes_is_a_code_that_gives_tokens() {
    // SH-137, SH-138, SH-139, SH-141, SH-143, SH-144, SH-148
    let fake = Fake::start();
    declare(&fake);
    let query = [
        ("client_id", "key"),
        ("response_type", "code"),
        ("redirect_uri", BACK),
        ("state", "a&b=<c>"),
        ("token_access_type", "offline"),
        ("code_challenge", DIGEST),
        ("code_challenge_method", "S256"),
    ];
    let asked = page(&fake, &query).await;
    assert_eq!(asked.status, 200);
    for shown in [
        "key asks for access",
        "/Apps/Box",
        "<li>files.content.write</li>",
        "value=\"test\"",
        ">Allow</button>",
        ">Cancel</button>",
        "until you end it",
    ] {
        assert!(
            asked.text().contains(shown),
            "{shown} is not in {}",
            asked.text()
        );
    }
    assert!(!asked.text().contains("sharing.read"));
    let mut yes = form(&asked, "allow");
    yes[2].1 = "ann".to_owned();
    let said = sent_back(&press(&fake, &yes).await);
    let [(code_name, code), (state_name, state)] = &said[..] else {
        panic!("{said:?}");
    };
    assert_eq!(
        (code_name.as_str(), state_name.as_str(), state.as_str()),
        ("code", "state", "a&b=<c>")
    );
    assert_eq!(code.len(), 43);
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", "key"),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    // SH-156, SH-157, SH-158: no try with a mistake uses the code up.
    let refused = |text: &str| json!({"error": "invalid_grant", "error_description": text});
    let (status, body) = exchange(&fake, &fields[..4]).await;
    assert_eq!((status, body), (400, refused("invalid code verifier")));
    let (status, body) = exchange(&fake, &[fields[0], fields[1], fields[2], fields[4]]).await;
    assert_eq!((status, body), (400, refused("redirect_uri mismatch")));
    let (status, tokens) = exchange(&fake, &fields).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["scope"], "account_info.read files.content.write");
    assert!(tokens["refresh_token"].is_string());
    let (status, body) = exchange(&fake, &fields).await;
    assert_eq!(
        (status, body),
        (400, refused("code doesn't exist or has expired"))
    );
    // It is ann's, in the folder of the app, and may do what was shown.
    let token = tokens["access_token"].as_str().expect("a token");
    let made = fake
        .rpc_as(token, "files/create_folder_v2", r#"{"path":"/new"}"#)
        .await;
    assert_eq!(made.status, 200, "{}", made.text());
    let there = fake
        .rpc_as("ann", "files/get_metadata", r#"{"path":"/Apps/Box/new"}"#)
        .await;
    assert_eq!(there.status, 200, "{}", there.text());
    let listed = fake
        .rpc_as(token, "files/list_folder", r#"{"path":""}"#)
        .await;
    assert_eq!(listed.status, 400, "its app has no files.metadata.read");
}

#[tokio::test]
async fn a_no_is_told_to_the_app_and_gives_nothing() {
    // SH-148
    let fake = Fake::start();
    let query = [
        ("client_id", "k"),
        ("response_type", "code"),
        ("redirect_uri", BACK),
        ("state", "s"),
    ];
    let asked = page(&fake, &query).await;
    let said = sent_back(&press(&fake, &form(&asked, "deny")).await);
    let said: Vec<_> = said.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(said, ["error", "error_description", "state"]);
    let asked = page(&fake, &query[..2]).await;
    let no = press(&fake, &form(&asked, "deny")).await;
    assert_eq!((no.status, no.text().contains("code")), (200, false));
}

#[tokio::test]
async fn a_foreign_page_can_neither_frame_nor_read_the_page_nor_press_its_button() {
    let fake = Fake::start();
    let query = [("client_id", "k"), ("response_type", "code")];
    let request = client().get(fake.url("/oauth2/authorize"));
    let foreign = request
        .query(&query)
        .header("origin", "https://evil.example");
    let asked = Reply::of(foreign).await;
    assert_eq!(asked.status, 200);
    assert!(
        asked
            .header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
    assert_eq!(asked.header("x-frame-options"), "DENY");
    assert_eq!(asked.header("access-control-allow-origin"), "");
    // What a foreign page can make up, and what it saw on another request's page.
    let good = form(&asked, "allow");
    let other = page(&fake, &[query[0], query[1], ("state", "mine")]).await;
    let other = form(&other, "allow");
    for proof in ["", "x", &other[1].1] {
        let mut forged = good.clone();
        forged[1].1 = proof.to_owned();
        let refused = press(&fake, &forged).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
    }
    let elsewhere = form(&page(&Fake::start(), &query).await, "allow");
    assert_eq!(press(&fake, &elsewhere).await.status, 403);
    assert!(fake.app.world().known_account("test").is_none());
    assert_eq!(press(&fake, &good).await.status, 200);
    // Nothing that a request says becomes HTML.
    let tricky = page(
        &fake,
        &[
            ("client_id", "<b>\"'"),
            query[1],
            ("account", "\"><script>"),
        ],
    )
    .await;
    assert!(!tricky.text().contains("<b>") && !tricky.text().contains("<script>"));
}

#[tokio::test]
async fn a_bad_request_is_a_page_and_leads_nowhere() {
    // SH-149, SH-150, SH-152, SH-153, SH-155
    let fake = Fake::start();
    declare(&fake);
    let base = [
        ("client_id", "key"),
        ("response_type", "code"),
        ("redirect_uri", BACK),
    ];
    for (query, words) in [
        (vec![], "Invalid client_id: &quot;&quot;."),
        (
            vec![base[0], base[1], ("redirect_uri", "http://localhost:3000/")],
            "Invalid redirect_uri. It must exactly match one of the redirect URIs you've pre-configured for your app (including the path).",
        ),
        (
            vec![base[0], base[2]],
            "&quot;response_type&quot; is missing",
        ),
        (
            vec![base[0], base[1], base[2], ("scope", "sharing.read")],
            "&quot;scope&quot; cannot be &quot;sharing.read&quot;",
        ),
        (
            vec![base[0], base[1], base[2], ("scope", "")],
            "&quot;scope&quot; is missing",
        ),
    ] {
        let reply = page(&fake, &query).await;
        assert_eq!(reply.status, 400, "{query:?}");
        assert_eq!(reply.header("location"), "");
        assert!(reply.text().contains("<h1>Error (400)</h1>"));
        assert!(
            reply.text().contains(words),
            "{words} is not in {}",
            reply.text()
        );
    }
    fake.app.world().credentials().open = false;
    let asked = page(&fake, &base).await;
    let unknown = press(&fake, &form(&asked, "allow")).await;
    assert_eq!((unknown.status, unknown.header("location")), (400, ""));
}

#[tokio::test]
async fn a_test_is_let_in_at_once_and_no_code_stands_in_the_journal() {
    // SQ-25, SH-137
    let fake = Fake::assuming(&[("authorize", "at_once")]);
    let query = [
        ("client_id", "k"),
        ("response_type", "code"),
        ("redirect_uri", BACK),
        ("account", "ann"),
    ];
    let said = sent_back(&page(&fake, &query).await);
    let code = said[0].1.as_str();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", "k"),
        ("redirect_uri", BACK),
    ];
    let (status, tokens) = exchange(&fake, &fields).await;
    assert_eq!(
        (status, &tokens["refresh_token"]),
        (200, &Value::Null),
        "{tokens}"
    );
    assert!(
        tokens["scope"]
            .as_str()
            .is_some_and(|scope| scope.contains("sharing.write"))
    );
    assert!(fake.app.world().known_account("ann").is_some());
    let implicit = [
        query[0],
        ("response_type", "token"),
        query[2],
        ("state", "s"),
    ];
    let reply = page(&fake, &implicit).await;
    let location = reply.header("location").to_owned();
    let fragment = location
        .strip_prefix(&format!("{BACK}#access_token="))
        .expect("in the fragment");
    let (token, rest) = fragment.split_once('&').expect("and more");
    assert!(
        rest.starts_with("token_type=bearer&expires_in=14400&scope="),
        "{rest}"
    );
    assert_eq!(fake.rpc_as(token, "check/user", "{}").await.status, 200);
    for entry in fake.app.journal.entries(&Query::default()) {
        let printed = format!(
            "{entry:?} {}",
            serde_json::to_string(&*entry).expect("JSON")
        );
        assert!(
            !printed.contains(code) && !printed.contains(token),
            "{printed}"
        );
    }
}
