//! The fake as a library: started from any kind of test, moved through time, shared by many.

use crate::support::{Reply, client};
use fake_dropbox::{
    ErrorKind, FakeDropbox, Fault, FaultAnswer, LinkState, Moment, Outcome, Query, Timestamp,
    Token, WriteRefusal,
};
use serde_json::json;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(30);

const HOURS: Duration = Duration::from_hours(4);
const MILLISECOND: Duration = Duration::from_millis(1);

async fn rpc(
    dropbox: &FakeDropbox,
    token: &str,
    route: &str,
    argument: serde_json::Value,
) -> Reply {
    let request = client()
        .post(format!("{}/2/{route}", dropbox.api_url()))
        .bearer_auth(token)
        .header("content-type", "application/json")
        .body(argument.to_string());
    Reply::of(request).await
}

async fn mint(dropbox: &FakeDropbox, token: &str, path: &str) -> String {
    let argument = json!({"commit_info": {"path": path}});
    let reply = rpc(dropbox, token, "files/get_temporary_upload_link", argument).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["link"].as_str().expect("a link").to_owned()
}

async fn put(link: &str, body: impl Into<reqwest::Body>) -> Reply {
    let request = client()
        .post(link)
        .header("content-type", "application/octet-stream")
        .body(body);
    Reply::of(request).await
}

#[tokio::test]
async fn a_link_lives_for_its_four_hours_and_not_a_millisecond_longer() {
    for (after, status) in [
        (HOURS.saturating_sub(MILLISECOND), 200),
        (HOURS, 200),
        (HOURS + MILLISECOND, 410),
    ] {
        let dropbox = FakeDropbox::start().await;
        dropbox.clock().freeze();
        let link = mint(&dropbox, "t", "/a").await;
        dropbox.clock().advance(after);
        assert_eq!(put(&link, "x").await.status, status, "{after:?}");
    }
}

#[tokio::test]
async fn a_link_that_is_expired_by_hand_leaves_the_others_and_the_clock_alone() {
    let dropbox = FakeDropbox::start().await;
    let account = dropbox.account("t");
    let (first, second) = (
        mint(&dropbox, "t", "/a").await,
        mint(&dropbox, "t", "/b").await,
    );
    account.link(&first).expire();
    assert_eq!(account.link(&first).status().state, LinkState::Expired);
    assert_eq!(put(&first, "x").await.status, 410);
    assert_eq!(put(&second, "x").await.status, 200);
    assert_eq!(
        account.links_in_state(LinkState::Consumed, 10)[0].path,
        "/b"
    );
    let other = dropbox.account("u").link(&second).try_status();
    assert_eq!(other.unwrap_err().kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_download_link_ends_after_four_hours() {
    for (after, status) in [(HOURS, 200), (HOURS + MILLISECOND, 410)] {
        let dropbox = FakeDropbox::start().await;
        dropbox.account("t").clock().freeze();
        dropbox.account("t").seed("/a", "x");
        let reply = rpc(
            &dropbox,
            "t",
            "files/get_temporary_link",
            json!({"path": "/a"}),
        )
        .await;
        let link = reply.json()["link"].as_str().expect("a link").to_owned();
        dropbox.account("t").clock().advance(after);
        assert_eq!(Reply::of(client().get(&link)).await.status, status);
    }
}

#[tokio::test]
async fn an_access_token_expires_by_the_clock_of_its_account() {
    let dropbox = FakeDropbox::start().await;
    let account = dropbox.account_named("alice");
    let now = account.clock().freeze();
    dropbox.declare_token(Token {
        expires_at: Some(Moment(now.plus(HOURS)).into()),
        ..Token::new("short", "alice")
    });
    for (move_by, status) in [(HOURS, 200), (MILLISECOND, 401)] {
        account.clock().advance(move_by);
        assert_eq!(
            rpc(&dropbox, "short", "check/user", json!({})).await.status,
            status
        );
    }
}

#[tokio::test]
async fn an_issued_token_expires_after_four_hours() {
    let dropbox = FakeDropbox::start().await;
    dropbox.clock().freeze();
    let request = client()
        .post(format!("{}/oauth2/token", dropbox.api_url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=refresh_token&refresh_token=r&client_id=app&client_secret=s");
    let issued = Reply::of(request).await.json();
    let token = issued["access_token"].as_str().expect("a token").to_owned();
    dropbox.clock().advance(HOURS);
    assert_eq!(
        rpc(&dropbox, &token, "check/user", json!({})).await.status,
        200
    );
    dropbox.clock().advance(MILLISECOND);
    let reply = rpc(&dropbox, &token, "check/user", json!({})).await;
    assert!(
        reply.text().contains("expired_access_token"),
        "{}",
        reply.text()
    );
}

#[tokio::test]
async fn an_issued_token_lives_by_the_clock_of_its_account() {
    let dropbox = FakeDropbox::start().await;
    for (account, grant) in [
        ("r", "grant_type=refresh_token&refresh_token=r"),
        ("c", "grant_type=authorization_code&code=c"),
    ] {
        let clock = dropbox.account(account).clock();
        clock.freeze();
        clock.advance(2 * HOURS);
        let request = client()
            .post(format!("{}/oauth2/token", dropbox.api_url()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("{grant}&client_id=app&client_secret=s"));
        let issued = Reply::of(request).await.json();
        let token = issued["access_token"].as_str().expect("a token").to_owned();
        for (move_by, status) in [(HOURS, 200), (MILLISECOND, 401)] {
            clock.advance(move_by);
            let reply = rpc(&dropbox, &token, "check/user", json!({})).await;
            assert_eq!(reply.status, status, "{grant}: {}", reply.text());
        }
    }
}

#[tokio::test]
async fn an_upload_session_is_forgotten_after_seven_days() {
    let week = Duration::from_hours(7 * 24);
    for (after, status) in [(week, 200), (week + MILLISECOND, 409)] {
        let dropbox = FakeDropbox::start().await;
        let clock = dropbox.account("t").clock();
        clock.freeze();
        let content = |route: &str, argument: serde_json::Value| {
            client()
                .post(format!(
                    "{}/2/files/upload_session/{route}",
                    dropbox.api_url()
                ))
                .bearer_auth("t")
                .header("content-type", "application/octet-stream")
                .header("dropbox-api-arg", argument.to_string())
                .body("abc")
        };
        let started = Reply::of(content("start", json!({}))).await.json();
        clock.advance(after);
        let cursor = json!({"session_id": started["session_id"], "offset": 3});
        let reply = Reply::of(content("append_v2", json!({"cursor": cursor}))).await;
        assert_eq!(reply.status, status, "{}", reply.text());
    }
}

#[tokio::test]
async fn timestamps_and_revs_follow_the_clock() {
    let dropbox = FakeDropbox::start().await;
    let clock = dropbox.account("t").clock();
    clock.freeze_at(Timestamp::from_seconds(1_700_000_000));
    put(&mint(&dropbox, "t", "/a").await, "1").await;
    clock.set(Timestamp::from_seconds(1_800_000_000));
    put(&mint(&dropbox, "t", "/b").await, "2").await;
    let metadata =
        |path: &'static str| rpc(&dropbox, "t", "files/get_metadata", json!({"path": path}));
    let (a, b) = (metadata("/a").await.json(), metadata("/b").await.json());
    assert_eq!(a["server_modified"], "2023-11-14T22:13:20Z");
    assert_eq!(b["server_modified"], "2027-01-15T08:00:00Z");
    assert!(a["rev"].as_str() < b["rev"].as_str(), "{a} {b}");
}

#[tokio::test]
async fn a_long_poll_ends_when_its_time_has_passed_on_the_clock() {
    let dropbox = FakeDropbox::start().await;
    let clock = dropbox.account("t").clock();
    clock.freeze();
    let listed = rpc(&dropbox, "t", "files/list_folder", json!({"path": ""}))
        .await
        .json();
    let argument = json!({"cursor": listed["cursor"], "timeout": 480});
    let request = client()
        .post(format!(
            "{}/2/files/list_folder/longpoll",
            dropbox.api_url()
        ))
        .header("content-type", "application/json")
        .body(argument.to_string());
    let polling = tokio::spawn(Reply::of(request));
    while !polling.is_finished() {
        clock.advance(Duration::from_mins(1));
        tokio::task::yield_now().await;
    }
    assert_eq!(polling.await.expect("no panic").json()["changes"], false);
}

#[tokio::test]
async fn the_clocks_of_two_accounts_go_their_own_ways() {
    let dropbox = FakeDropbox::start().await;
    dropbox.clock().freeze();
    let (a, b) = (
        mint(&dropbox, "a", "/x").await,
        mint(&dropbox, "b", "/x").await,
    );
    dropbox.account("a").clock().advance(HOURS + MILLISECOND);
    assert_eq!(put(&a, "x").await.status, 410);
    assert_eq!(put(&b, "x").await.status, 200);
}

#[test]
fn a_plain_test_needs_no_runtime_of_its_own() {
    let dropbox = FakeDropbox::start_blocking();
    let account = dropbox.account("t");
    account.seed("/in/a.txt", "hello");
    assert_eq!(account.file("/in/a.txt").text(), "hello");
    let nothing = account.wait_for_file_blocking("/in/b.txt", MILLISECOND);
    assert_eq!(nothing.unwrap_err().kind, ErrorKind::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_of_the_test_does_not_stop_the_fake() {
    let dropbox = FakeDropbox::start().await;
    let late = Fault::head()
        .of("upload_link")
        .delay(Duration::from_millis(30));
    let fault = dropbox.fail(late);
    let link = mint(&dropbox, "t", "/a").await;
    assert_eq!(put(&link, "x").await.status, 200);
    assert!(fault.has_fired());
    let waited = dropbox
        .journal()
        .wait_for(Query::route("files/download"), MILLISECOND)
        .await;
    assert_eq!(waited.unwrap_err().kind, ErrorKind::TimedOut);
}

#[tokio::test]
async fn after_the_drop_nobody_listens() {
    let dropbox = FakeDropbox::start().await;
    let address = dropbox.address();
    drop(dropbox);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_stalled_request_does_not_keep_the_fake_from_ending() {
    let dropbox = FakeDropbox::start().await;
    dropbox.fail(Fault::head().of("check/user").stall());
    let url = format!("{}/2/check/user", dropbox.api_url());
    let request = client().post(url).bearer_auth("t").body("null");
    let stalled = tokio::spawn(request.header("content-type", "application/json").send());
    while !dropbox.faults()[0].spent {
        tokio::task::yield_now().await;
    }
    drop(dropbox);
    assert!(stalled.await.expect("no panic").is_err());
}

#[tokio::test]
async fn waiting_for_a_file_ends_with_the_upload_through_a_link() {
    let dropbox = FakeDropbox::start().await;
    let link = mint(&dropbox, "t", "/in/Report.pdf").await;
    let account = dropbox.account("t");
    let arrived = account.wait_for_file("/in/*.pdf", Duration::from_secs(30));
    let (arrived, uploaded) = tokio::join!(arrived, put(&link, "pdf"));
    assert_eq!(uploaded.status, 200);
    assert_eq!(&*arrived.expect("it came").path, "/in/Report.pdf");
}

#[tokio::test]
async fn a_failed_assertion_shows_what_happened_instead() {
    let dropbox = FakeDropbox::start().await;
    let link = mint(&dropbox, "t", "/in/a.txt").await;
    put(&link, "first").await;
    put(&link, "second").await;
    let account = dropbox.account("t");
    let message = |action: &dyn Fn()| -> String {
        let panic = catch_unwind(AssertUnwindSafe(action)).expect_err("it fails");
        panic.downcast_ref::<String>().expect("a text").clone()
    };
    let text = message(&|| account.file("/in/a.txt").assert_bytes("second"));
    assert!(
        text.contains("from byte 1 on it is \"first\", expected \"second\""),
        "{text}"
    );
    assert!(
        text.contains("upload_link /in/a.txt link:1 -> 410"),
        "{text}"
    );
    let other = dropbox.account("tocken");
    let text = message(&|| drop(other.file("/in/a.txt").bytes()));
    assert!(
        text.contains("Another account, account:1, has something at this path"),
        "{text}"
    );
    let text = message(&|| drop(account.file("/in/b.txt").bytes()));
    assert!(text.contains("Nothing is at \"/in/b.txt\""), "{text}");
    assert!(text.contains("No request was about this path"), "{text}");
    let text = message(&|| {
        let wanted = Query::route("upload_link").status(409);
        account.journal().latest(wanted);
    });
    assert!(text.contains("status is 410, not 409"), "{text}");
    let text = message(&|| {
        account.journal().expect(0).route("upload_link").status(410);
    });
    assert!(text.contains("UL-138 (documented): A second use"), "{text}");
    let text = message(&|| drop(account.journal().expect(0).route("upload_lnk")));
    assert!(text.contains("Did you mean \"upload_link\"?"), "{text}");
    let text = message(&|| {
        dropbox.fail(Fault::head().of("check/app").reset());
        dropbox.assert_faults_fired();
    });
    assert!(
        text.contains("never triggered") && text.contains("check/app"),
        "{text}"
    );
}

#[tokio::test]
async fn every_write_error_can_be_provoked() {
    let dropbox = FakeDropbox::start().await;
    let account = dropbox.account("t");
    for (refused, summary) in [
        (WriteRefusal::MalformedPath, "path/malformed_path/"),
        (WriteRefusal::ConflictFile, "path/conflict/file/"),
        (WriteRefusal::ConflictFolder, "path/conflict/folder/"),
        (
            WriteRefusal::ConflictFileAncestor,
            "path/conflict/file_ancestor/",
        ),
        (WriteRefusal::NoWritePermission, "path/no_write_permission/"),
        (WriteRefusal::InsufficientSpace, "path/insufficient_space/"),
        (WriteRefusal::DisallowedName, "path/disallowed_name/"),
        (WriteRefusal::TeamFolder, "path/team_folder/"),
        (
            WriteRefusal::OperationSuppressed,
            "path/operation_suppressed/",
        ),
        (
            WriteRefusal::TooManyWriteOperations,
            "path/too_many_write_operations/",
        ),
        (WriteRefusal::AccessRestricted, "path/access_restricted/"),
        (WriteRefusal::Other, "path/other/"),
    ] {
        account.refuse_writes("/in", refused);
        let argument = json!({"path": "/in/a"});
        let reply = rpc(&dropbox, "t", "files/create_folder_v2", argument).await;
        assert_eq!(reply.status, 409, "{refused:?}: {}", reply.text());
        let error = reply.json();
        let found = error["error_summary"].as_str().expect("a summary");
        assert!(found.starts_with(summary), "{found}");
    }
    account.allow_writes("/in");
    let reply = rpc(
        &dropbox,
        "t",
        "files/create_folder_v2",
        json!({"path": "/in/a"}),
    )
    .await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn a_snapshot_brings_back_files_links_and_settings() {
    let dropbox = FakeDropbox::start().await;
    let account = dropbox.account("t");
    account.seed("/a", "1");
    let link = mint(&dropbox, "t", "/b").await;
    account.snapshot("before");
    assert_eq!(put(&link, "2").await.status, 200);
    account.set_quota(0);
    account.restore("before");
    account.file("/a").assert_bytes("1");
    account.file("/b").assert_missing();
    assert_eq!(account.status().quota, 2 << 40);
    assert_eq!(
        put(&link, "3").await.status,
        200,
        "the link is as fresh as it was"
    );
    account.file("/b").assert_bytes("3");
}

/// What one of many tests does on a server that all of them share.
async fn one_of_many(dropbox: &FakeDropbox, number: usize) {
    let token = format!("{:x}", getrandom::u64().expect("random numbers"));
    let account = dropbox.account(&token);
    let mine = format!("content of {number}");
    account
        .clock()
        .freeze_at(Timestamp::from_seconds(1_000_000));
    account.seed("/seed.txt", &mine);
    account.snapshot("mine");
    account.assume("empty_body", "refused");
    let broken = Fault::head()
        .of("upload_link")
        .answer(FaultAnswer::InternalError);
    let fault = account.fail(broken);
    let link = mint(dropbox, &token, "/in/a.txt").await;
    let late = mint(dropbox, &token, "/in/late.txt").await;
    assert_eq!(put(&link, mine.clone()).await.status, 500);
    assert!(fault.has_fired());
    assert_eq!(put(&link, mine.clone()).await.status, 200);
    assert_eq!(put(&link, mine.clone()).await.status, 410);
    account.clock().advance(HOURS + MILLISECOND);
    assert_eq!(put(&late, "late").await.status, 410);
    account.file("/in/a.txt").assert_bytes(&mine);
    account.file("/seed.txt").assert_bytes(&mine);
    account.journal().expect(4).route("upload_link");
    assert_eq!(account.files("").len(), 3, "two files and a folder");
    account.reset();
    assert!(account.files("").is_empty());
    account.restore("mine");
    account.file("/seed.txt").assert_bytes(&mine);
    account.file("/in/a.txt").assert_missing();
}

#[tokio::test]
async fn two_hundred_tests_on_one_server_do_not_meet() {
    let dropbox = FakeDropbox::start().await;
    let tests = (0..200).map(|number| one_of_many(&dropbox, number));
    futures_util::future::join_all(tests).await;
}

#[tokio::test]
async fn an_account_is_found_by_what_the_journal_calls_it() {
    let dropbox = FakeDropbox::start().await;
    rpc(&dropbox, "t", "check/user", json!({})).await;
    let entry = dropbox.journal().latest(Query::route("check/user"));
    let name = entry.account.clone().expect("it has an account");
    dropbox.account("t").seed("/a", "x");
    dropbox.account_named(&name).file("/a").assert_bytes("x");
    let unknown = AssertUnwindSafe(|| drop(dropbox.account_named("account:99")));
    assert!(catch_unwind(unknown).is_err());
}

#[tokio::test]
async fn a_wait_for_a_pattern_ends_with_what_comes_later_however_much_is_there() {
    let dropbox = FakeDropbox::start().await;
    let account = dropbox.account("t");
    for number in 0..100 {
        account.seed(&format!("/out/{number}.txt"), "");
    }
    let waiting = account.wait_for_file("/IN/**/*.txt", LONG);
    let coming = async {
        // First others change, then this one without what is wanted, and it begins anew.
        dropbox.account("somebody-else").seed("/in/b/a.txt", "");
        account.seed("/in/b/a.bin", "");
        account.reset();
        account.seed("/in/b/a.txt", "");
    };
    let (found, ()) = tokio::join!(waiting, coming);
    assert_eq!(&*found.expect("it came").path, "/in/b/a.txt");
}

#[tokio::test]
async fn a_fake_with_tls_gives_its_certificate_to_whoever_asks() {
    // Whoever makes a client first says which cryptography all use.
    drop(client());
    let dropbox = FakeDropbox::builder().tls().start().await;
    let pem = dropbox.ca_pem().expect("PEM").to_owned();
    let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).expect("a certificate");
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([certificate]);
    let address = format!("https://{}/_fake/v1/ca.pem", dropbox.address());
    let request = client.build().expect("a client").get(address);
    let reply = request.send().await.expect("an answer");
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.text().await.expect("text"), pem);
}

#[tokio::test]
async fn a_stalled_request_ends_with_its_client_over_tls_and_http2_too() {
    // Whoever makes a client first says which cryptography all use.
    drop(client());
    let dropbox = FakeDropbox::builder().tls().start().await;
    let certificate = reqwest::Certificate::from_pem(dropbox.ca_pem().expect("PEM").as_bytes());
    let certificate = certificate.expect("a certificate");
    for (number, http2) in [(1, false), (2, true)] {
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([certificate.clone()]);
        let client = if http2 {
            client.http2_prior_knowledge()
        } else {
            client.http1_only()
        };
        let client = client.build().expect("a client");
        dropbox.fail(Fault::after_commit().of("files/create_folder_v2").stall());
        let address = dropbox.address();
        let request = client
            .post(format!("https://{address}/2/files/create_folder_v2"))
            .bearer_auth("t")
            .header("content-type", "application/json")
            .body(json!({"path": format!("/{number}")}).to_string());
        let stalled = tokio::spawn(request.send());
        // It stalls after the commit: once the folder is there, the answer is not to come.
        let account = dropbox.account("t");
        while !account.file(&format!("/{number}")).exists() {
            tokio::task::yield_now().await;
        }
        stalled.abort();
        drop(client);
        let left = Query {
            outcome: Some(Outcome::ClientLeft),
            since: Some(number - 1),
            ..Query::route("files/create_folder_v2")
        };
        let entry = dropbox.journal().wait_for(&left, LONG).await;
        let entry = entry.expect("its entry comes when its client goes");
        assert!(entry.fault.is_some() && entry.status.is_none(), "{entry}");
    }
}

#[test]
fn a_path_of_an_app_folder_is_found_by_whoever_asks_for_what_the_app_calls_it() {
    let dropbox = FakeDropbox::start_blocking();
    let account = dropbox.account("token");
    account.file("/Apps/Photos/in/A.txt").write("hello");
    let error = account.file("/in/a.txt").try_bytes().unwrap_err();
    let hint = r#"calls "/Apps/Photos/in/A.txt" so"#;
    assert!(error.detail.contains(hint), "{error}");
    let waited = account.wait_for_file_blocking("/in/a.txt", MILLISECOND);
    let error = waited.unwrap_err();
    assert!(error.detail.contains(hint), "{error}");
    let error = account.file("/out/a.txt").try_bytes().unwrap_err();
    assert!(!error.detail.contains("app"), "{error}");
}

#[tokio::test]
async fn an_upload_comes_at_the_speed_that_was_set() {
    let speed = "20kB/s".parse().expect("a speed");
    let dropbox = FakeDropbox::builder().configure(|it| it.upload_speed = Some(speed));
    let dropbox = dropbox.start().await;
    let link = mint(&dropbox, "t", "/a").await;
    assert_eq!(put(&link, "x".repeat(2_000)).await.status, 200);
    let entry = dropbox.journal().latest(Query::route("upload_link"));
    assert!(
        entry.duration >= Duration::from_millis(100),
        "{:?}",
        entry.duration
    );
}
