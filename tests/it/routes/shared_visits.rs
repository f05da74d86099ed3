//! Shared links in a browser, and for tools.

use crate::support::{Fake, Reply, client};
use fake_dropbox::internals::control::journal::Query;
use fake_dropbox::internals::dropbox::account::AccountType;
use serde_json::json;

const SANDBOX: &str = "sandbox allow-forms allow-scripts";

async fn get(url: &str, headers: &[(&str, &str)]) -> Reply {
    let request = client().get(url);
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    Reply::of(request).await
}

/// The same link with another end.
fn with(url: &str, end: &str) -> String {
    url.replace("dl=0", end)
}

#[tokio::test]
async fn a_browser_gets_a_page_and_the_bytes_where_it_asks_for_them() {
    // SH-97, SH-98, SH-99
    let fake = Fake::start();
    fake.file("/<b>ä.html", "<script>1</script>").await;
    let url = fake.share("/<b>ä.html").await;
    let page = get(&url, &[("user-agent", "Mozilla/5.0")]).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    assert!(
        page.text().contains("<h1>&lt;b&gt;ä.html</h1>"),
        "{}",
        page.text()
    );
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    for (end, agent, kind, form) in [
        ("dl=1", "Mozilla/5.0", "application/binary", "attachment"),
        ("raw=1", "Mozilla/5.0", "text/html", "inline"),
        ("dl=0", "Wget/1.21", "text/html", "inline"),
        ("dl=0", "curl/8.7.1", "text/html", "inline"),
    ] {
        let there = get(&with(&url, end), &[("user-agent", agent)]).await;
        assert_eq!(there.status, 302, "{end} {agent}");
        let location = there.header("location");
        assert!(
            location.starts_with(&fake.url("/cd/0/inline/")),
            "{location}"
        );
        assert!(
            location.ends_with("/file?dl=1#") || location.ends_with("/file#"),
            "{location}"
        );
        let bytes = get(location, &[]).await;
        assert_eq!(
            (bytes.status, bytes.text().as_str()),
            (200, "<script>1</script>")
        );
        assert_eq!(bytes.header("content-type"), kind);
        assert_eq!(bytes.header("content-security-policy"), SANDBOX);
        assert_eq!(bytes.header("x-content-type-options"), "nosniff");
        assert_eq!(
            bytes.header("content-disposition"),
            format!("{form}; filename=\"<b>_.html\"; filename*=UTF-8''%3Cb%3E%C3%A4.html")
        );
        let part = get(location, &[("range", "bytes=0-7")]).await;
        assert_eq!((part.status, part.text().as_str()), (206, "<script>"));
    }
}

#[tokio::test]
async fn a_link_that_leads_nowhere_is_a_404_and_one_without_its_key_asks_for_access() {
    // SH-104, SH-108
    let fake = Fake::start();
    fake.file("/a.txt", "a").await;
    let url = fake.share("/a.txt").await;
    let location = get(&with(&url, "dl=1"), &[]).await;
    let location = location.header("location").to_owned();
    let (bare, _) = url.split_once('?').expect("a key");
    for url in [bare.to_owned(), format!("{bare}?rlkey=x&dl=1")] {
        assert_eq!(get(&url, &[]).await.status, 403, "{url}");
    }
    assert_eq!(Reply::of(client().post(&url)).await.status, 405);
    fake.ok("sharing/revoke_shared_link", json!({"url": url}))
        .await;
    for url in [
        &*url,
        &with(&url, "dl=1"),
        &location,
        &fake.url("/scl/fi/x/y?rlkey=z"),
        &fake.url("/cd/0/inline/x/file"),
    ] {
        let gone = get(url, &[]).await;
        assert_eq!(gone.status, 404, "{url}");
        assert!(gone.text().contains("Error (404)"));
    }
}

#[tokio::test]
async fn a_password_is_asked_for_once() {
    // SH-107
    let fake = Fake::start();
    fake.pays("test", AccountType::Pro);
    fake.file("/a.txt", "a").await;
    let settings = json!({"require_password": true, "link_password": "geheim"});
    let argument = json!({"path": "/a.txt", "settings": settings});
    let made = fake
        .ok("sharing/create_shared_link_with_settings", argument)
        .await;
    let url = made["url"].as_str().expect("an address");
    let download = with(url, "dl=1");
    for url in [url, &download] {
        let page = get(url, &[("user-agent", "curl/8")]).await;
        assert_eq!(page.status, 200);
        assert!(
            page.text().contains("action=\"/sm/auth\""),
            "{}",
            page.text()
        );
    }
    let target = url.replace(&fake.url(""), "");
    let ask = async |password: &str, is_script: &str| {
        let target = target
            .replace('%', "%25")
            .replace('?', "%3F")
            .replace('&', "%26")
            .replace('=', "%3D");
        let form = format!("is_xhr={is_script}&password={password}&url={target}");
        let request = client()
            .post(fake.url("/sm/auth"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        Reply::of(request).await
    };
    let wrong = ask("geheIm", "true").await;
    assert_eq!(
        (wrong.json()["status"].as_str(), wrong.header("set-cookie")),
        (Some("error"), "")
    );
    let right = ask("geheim", "true").await;
    assert_eq!(right.json()["status"], "authed");
    let back = ask("geheim", "false").await;
    assert_eq!((back.status, back.header("location")), (303, &*target));
    let cookie = right
        .header("set-cookie")
        .split(';')
        .next()
        .expect("a cookie")
        .to_owned();
    assert!(!cookie.contains("geheim"));
    let there = get(&download, &[("cookie", &cookie)]).await;
    assert_eq!(there.status, 302);
    assert_eq!(get(there.header("location"), &[]).await.text(), "a");
    // A new password closes what the old one opened.
    let change = json!({"url": url, "settings": {"link_password": "neu"}});
    fake.ok("sharing/modify_shared_link_settings", change).await;
    assert_eq!(get(there.header("location"), &[]).await.status, 404);
    for entry in fake.app.journal.entries(&Query::default()) {
        let printed = serde_json::to_string(&*entry).expect("JSON");
        assert!(
            !printed.contains("geheim") && !printed.contains(&cookie),
            "{printed}"
        );
    }
}

#[tokio::test]
async fn a_folder_is_a_page_and_its_files_are_reached_below_it() {
    let fake = Fake::start();
    fake.file("/d/e/f.txt", "inner").await;
    let url = fake.share("/d").await;
    assert_eq!(get(&url, &[]).await.status, 200);
    assert_eq!(get(&with(&url, "dl=1"), &[]).await.status, 501);
    let inner = with(&url, "dl=1").replace('?', "/e/f.txt?");
    let there = get(&inner, &[]).await;
    assert_eq!(get(there.header("location"), &[]).await.text(), "inner");
}
