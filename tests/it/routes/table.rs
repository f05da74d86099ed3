//! What every route has in common, asked of each row of the table by a good call of it.

use crate::good_calls::Caller;
use crate::support::Reply;
use crate::webhooks::receiver;
use fake_dropbox::internals::wire::routes::{Auth, ROUTES, Route};
use fake_dropbox::{App, FakeDropbox, Token, WriteRefusal};
use std::collections::BTreeSet;
use std::time::Duration;

/// The routes that a user calls.
fn of_users() -> impl Iterator<Item = &'static Route> {
    let mine = |route: &&Route| matches!(route.auth, Auth::User | Auth::AppOrUser);
    ROUTES.iter().filter(mine)
}

/// No app of a user may call it, whatever is there (RT-106).
fn is_closed(route: &Route) -> bool {
    route.name == "files/permanently_delete"
}

/// Everything in the account `t`, with the revs of its files.
fn holdings(dropbox: &FakeDropbox) -> Vec<(String, Option<String>)> {
    let entries = dropbox.account("t").files("").into_iter();
    entries
        .map(|entry| (entry.path.to_string(), entry.file.map(|file| file.rev)))
        .collect()
}

async fn start() -> FakeDropbox {
    let dropbox = FakeDropbox::start().await;
    dropbox.account("t").seed("/a.txt", "hello");
    dropbox
}

#[tokio::test]
async fn every_route_wants_its_scope() {
    // API-108, API-111
    for route in of_users() {
        let Some(scope) = route.scope else { continue };
        let dropbox = start().await;
        let mut poor = Token::new("poor", "t");
        let all = ROUTES.iter().filter_map(|route| route.scope);
        let but_one: BTreeSet<String> = all
            .filter(|other| *other != scope)
            .map(str::to_owned)
            .collect();
        poor.scopes = Some(but_one);
        dropbox.declare_token(poor);
        let caller = Caller {
            token: "poor",
            ..Caller::of(&dropbox)
        };
        let call = caller.good(route.name).await;
        let before = holdings(&dropbox);
        let reply = Reply::of(call).await;
        let error = reply.json();
        assert_eq!(
            (
                reply.status,
                error["error"][".tag"].as_str(),
                error["error"]["required_scope"].as_str()
            ),
            (401, Some("missing_scope"), Some(scope)),
            "{}: {error}",
            route.name
        );
        assert_eq!(holdings(&dropbox), before, "{}", route.name);
    }
}

#[tokio::test]
async fn every_route_wants_a_root_that_is_there() {
    // API-214
    for route in of_users() {
        let dropbox = start().await;
        let call = Caller::of(&dropbox).good(route.name).await;
        let before = holdings(&dropbox);
        let root = r#"{".tag": "namespace_id", "namespace_id": "1"}"#;
        let reply = Reply::of(call.header("dropbox-api-path-root", root)).await;
        assert_eq!(reply.status, 422, "{}: {}", route.name, reply.text());
        assert_eq!(holdings(&dropbox), before, "{}", route.name);
    }
}

#[tokio::test]
async fn every_route_does_its_work_in_the_folder_of_an_app_and_nowhere_else() {
    // API-212, API-250
    for route in of_users() {
        let dropbox = start().await;
        let mut app = App::new("boxed");
        app.app_folder = Some("Box".to_owned());
        dropbox.declare_app(app);
        let mut token = Token::new("boxed", "t");
        token.app = Some("boxed".to_owned());
        dropbox.declare_token(token);
        let caller = Caller {
            dropbox: &dropbox,
            maker: "boxed",
            token: "boxed",
            home: "/Apps/Box",
        };
        caller.seed("/a.txt", "hello");
        let call = caller.good(route.name).await;
        let outside = || {
            let mut all = holdings(&dropbox);
            all.retain(|(path, _)| !path.starts_with("/Apps"));
            all
        };
        let before = outside();
        let reply = Reply::of(call).await;
        let what = format!("{}: {}", route.name, reply.text());
        let wanted = if is_closed(route) { 400 } else { 200 };
        assert_eq!(reply.status, wanted, "{what}");
        assert_eq!(outside(), before, "{what}");
        assert!(!what.contains("Apps/Box"), "{what}");
    }
}

/// The routes whose good call changes the files of the account, and whether it stores bytes.
async fn that_change_files() -> Vec<(&'static Route, bool)> {
    let mut all = Vec::new();
    for route in of_users() {
        let dropbox = start().await;
        let call = Caller::of(&dropbox).good(route.name).await;
        let account = dropbox.account("t");
        let (before, used) = (holdings(&dropbox), account.status().used);
        let (url, mut received) = receiver(&[]).await;
        account
            .add_webhook(&url, "app secret")
            .await
            .expect("it takes the challenge");
        received.recv().await.expect("the challenge");
        Reply::of(call).await;
        if holdings(&dropbox) == before {
            continue;
        }
        assert!(route.commits, "{} changes something", route.name);
        let told = tokio::time::timeout(Duration::from_secs(30), received.recv()).await;
        let told = told.unwrap_or_else(|_| panic!("{} tells no webhook", route.name));
        assert!(told.expect("a notification").contains("list_folder"));
        all.push((route, account.status().used > used));
    }
    all
}

#[tokio::test]
async fn what_changes_files_tells_webhooks_and_obeys_refused_writes_and_the_quota() {
    // API-172, API-242
    let (mut changing, mut storing) = (0, 0);
    for (route, stores) in that_change_files().await {
        let dropbox = start().await;
        let call = Caller::of(&dropbox).good(route.name).await;
        let before = holdings(&dropbox);
        let account = dropbox.account("t");
        account.refuse_writes("", WriteRefusal::NoWritePermission);
        let reply = Reply::of(call).await;
        let what = format!("{}: {}", route.name, reply.text());
        assert_eq!(holdings(&dropbox), before, "{what}");
        changing += 1;
        if !stores {
            continue;
        }
        account.allow_writes("");
        account.set_quota(account.status().used);
        let call = Caller::of(&dropbox).good(route.name).await;
        let reply = Reply::of(call).await;
        let what = format!("{}: {}", route.name, reply.text());
        assert_eq!(holdings(&dropbox), before, "{what}");
        storing += 1;
    }
    assert!(changing >= 18 && storing >= 7, "{changing} {storing}");
}
