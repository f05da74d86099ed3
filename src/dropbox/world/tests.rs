use super::*;
use crate::dropbox::assumptions::FailedCommit;
use crate::dropbox::commit::Committed;
use crate::dropbox::content::{Body, Content};
use crate::dropbox::content_hash::{ContentHash, ContentHasher};
use crate::dropbox::errors::{
    InvalidPropertyGroupError, UploadError, UploadSessionError, UploadSessionFinishError,
    WriteConflictError, WriteError,
};
use crate::dropbox::link::{BrokenOff, ContentTypeVerdict};
use crate::dropbox::session::{Part, SessionType};

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
const GOOD: UploadHead = UploadHead {
    content_type: ContentTypeVerdict::Accepted,
    has_authorization: false,
    is_encoded: false,
    lacks_length: false,
};

fn world(answers: &[(&str, &str)]) -> World {
    let mut assumptions = Assumptions::default();
    for (name, value) in answers {
        assumptions.set(name, value).expect("one of the choices");
    }
    World::new(1, assumptions)
}

fn caller(world: &World, token: &str) -> Caller {
    world
        .authorize(token, &CallerOptions::default(), NOW)
        .expect("any token is good")
}

fn bytes(bytes: &[u8]) -> Content {
    Content {
        hash: ContentHash::of(bytes),
        size: bytes.len() as u64,
        bodies: Vec::new(),
    }
}

fn nothing() -> Part {
    part(ContentHasher::new(), b"")
}

/// Bytes that go on from what `hasher` has seen.
fn part(mut hasher: ContentHasher, bytes: &[u8]) -> Part {
    hasher.update(bytes);
    Part {
        body: Body::of(bytes),
        hasher,
        size: bytes.len() as u64,
    }
}

fn start_session(caller: &Caller, bytes: &[u8]) -> String {
    let part = part(ContentHasher::new(), bytes);
    let mut account = caller.account.lock();
    account
        .start_session(SessionType::Sequential, false, part, NOW)
        .expect("it may start")
}

fn mint(world: &World, caller: &Caller, path: &str) -> Arc<str> {
    mint_with(world, caller, CommitInfo::new(path))
}

fn mint_with(world: &World, caller: &Caller, info: CommitInfo) -> Arc<str> {
    world
        .mint(caller, info, Duration::from_mins(1), NOW)
        .expect("the path is not looked at")
}

fn upload(
    caller: &Caller,
    info: &CommitInfo,
    content: Content,
    announced: Option<&str>,
) -> Result<Committed, UploadError> {
    let mut account = caller.account.lock();
    account.upload(&caller.view, info, content, announced, NOW)
}

fn has_file(world: &World, account: &str, path: &str) -> bool {
    let account = world.known_account(account).expect("it was made");
    account.lock().state.tree.file(path).is_some()
}

fn limited(scopes: &[&str]) -> Option<std::collections::BTreeSet<String>> {
    Some(scopes.iter().map(|&scope| scope.to_owned()).collect())
}

#[test]
fn a_link_writes_once_to_the_account_that_minted_it() {
    let world = world(&[]);
    let caller = caller(&world, "one");
    let token = mint(&world, &caller, "/In/a.txt");
    let claim = world.claim_link(&token, &GOOD, NOW).expect("it is fresh");
    assert_eq!(
        (&**claim.account.name(), &*claim.path),
        ("one", "/In/a.txt")
    );
    let done = claim.commit(bytes(b"x"), NOW).expect("free");
    assert_eq!(done.file.path_display, "/In/a.txt");
    assert_eq!(
        world.claim_link(&token, &GOOD, NOW).expect_err("used"),
        Refusal::Consumed
    );
}

#[test]
fn links_never_share_a_token_however_short_tokens_are() {
    let world = world(&[("link_token_bytes", "1")]);
    let (one, two) = (caller(&world, "one"), caller(&world, "two"));
    let mut seen = HashSet::new();
    for number in 0..400 {
        let caller = if number % 2 == 0 { &one } else { &two };
        assert!(seen.insert(mint(&world, caller, "/a")), "{number}");
    }
}

#[test]
fn the_mint_looks_at_the_path_only_if_assumed() {
    let mint = |world: &World, path: &str| {
        let caller = caller(world, "one");
        let info = CommitInfo::new(path);
        world
            .mint(&caller, info, Duration::from_mins(1), NOW)
            .is_ok()
    };
    for path in ["/", "/a/", "//a", "/a/../b"] {
        assert!(mint(&world(&[]), path), "{path}");
        let semantic = [("mint_path_check", "semantic")];
        assert!(!mint(&world(&semantic), path), "{path}");
    }
    assert!(mint(&world(&[("mint_path_check", "semantic")]), "/a"));
}

#[test]
fn an_upload_that_began_before_a_reset_writes_nothing_after_it() {
    let world = world(&[]);
    let caller = caller(&world, "one");
    let token = mint(&world, &caller, "/a");
    let saved = world.account("one").lock().state.clone();
    let claim = world.claim_link(&token, &GOOD, NOW).expect("it is fresh");
    world.account("one").lock().reset();
    assert_eq!(
        world.claim_link(&token, &GOOD, NOW).expect_err("reset"),
        Refusal::Unknown
    );
    world.account("one").lock().restore(saved);
    assert_eq!(claim.commit(bytes(b"x"), NOW), Err(Refusal::Unknown));
    claim.break_off(BrokenOff::Interrupted, NOW);
    assert!(!has_file(&world, "one", "/a"));
    world
        .claim_link(&token, &GOOD, NOW)
        .expect("the restored link is fresh");
}

#[test]
fn a_link_that_was_in_flight_when_the_state_was_saved_is_free_when_it_is_restored() {
    let world = world(&[]);
    let caller = caller(&world, "one");
    let token = mint(&world, &caller, "/a");
    world.claim_link(&token, &GOOD, NOW).expect("it is fresh");
    let saved = world.account("one").lock().state.clone();
    world.account("one").lock().restore(saved);
    world.claim_link(&token, &GOOD, NOW).expect("it is free");
}

#[test]
fn an_empty_body_is_a_file_unless_assumed_otherwise() {
    for (answer, wanted) in [("accepted", true), ("refused", false)] {
        let world = world(&[("empty_body", answer)]);
        let caller = caller(&world, "one");
        let token = mint(&world, &caller, "/a");
        let claim = world.claim_link(&token, &GOOD, NOW).expect("it is fresh");
        let done = claim.commit(bytes(b""), NOW);
        assert_eq!(done.is_ok(), wanted);
        assert_eq!(has_file(&world, "one", "/a"), wanted);
        let again = world.claim_link(&token, &GOOD, NOW);
        assert_eq!(again.is_ok(), !wanted, "a refused body keeps the link");
    }
}

#[test]
fn identical_content_uses_the_link_up_and_writes_nothing() {
    for (answer, written) in [("keeps_rev", false), ("new_rev", true)] {
        let world = world(&[("identical_content", answer)]);
        let caller = caller(&world, "one");
        let info = CommitInfo::new("/a");
        upload(&caller, &info, bytes(b"x"), None).expect("nothing is there");
        let token = mint(&world, &caller, "/A");
        let claim = world.claim_link(&token, &GOOD, NOW).expect("it is fresh");
        let done = claim.commit(bytes(b"x"), NOW).expect("no conflict");
        assert_eq!(done.written, written);
        let again = world.claim_link(&token, &GOOD, NOW);
        assert_eq!(again.expect_err("used"), Refusal::Consumed);
    }
}

#[test]
fn lock_contention_is_a_failed_commit_or_a_429_that_keeps_the_link() {
    for (answer, wanted) in [
        ("commit_failure", Refusal::CommitFailed),
        ("too_many_requests", Refusal::LockContention),
    ] {
        let world = world(&[("link_lock_contention", answer)]);
        let caller = caller(&world, "one");
        let token = mint(&world, &caller, "/a");
        let one = world.account("one");
        one.lock()
            .state
            .refused_writes
            .insert("/a".into(), WriteError::TooManyWriteOperations);
        let claim = world.claim_link(&token, &GOOD, NOW).expect("it is fresh");
        let keeps = wanted == Refusal::LockContention;
        assert_eq!(claim.commit(bytes(b"x"), NOW), Err(wanted));
        assert_eq!(world.claim_link(&token, &GOOD, NOW).is_ok(), keeps);
    }
}

#[test]
fn uploads_through_links_are_counted_only_where_there_is_a_limit() {
    let world = world(&[("data_transport_limit", "1")]);
    let caller = caller(&world, "one");
    let (first, second) = (mint(&world, &caller, "/a"), mint(&world, &caller, "/b"));
    let claim = world.claim_link(&first, &GOOD, NOW).expect("it is fresh");
    claim.commit(bytes(b"x"), NOW).expect("free");
    assert_eq!(
        world.claim_link(&second, &GOOD, NOW).expect_err("limited"),
        Refusal::DataTransportLimit
    );
}

#[test]
fn every_reason_for_a_failed_commit_looks_the_same_through_a_link() {
    let world = world(&[]);
    let caller = caller(&world, "one");
    let one = world.account("one");
    one.lock()
        .create_folder(&caller.view, "/folder", false)
        .expect("free");
    upload(&caller, &CommitInfo::new("/file"), bytes(b"x"), None).expect("free");
    world.account("one").lock().state.quota = Quota(5);
    let updates = CommitInfo {
        mode: crate::dropbox::commit_info::WriteMode::Update("0123456789".to_owned()),
        ..CommitInfo::new("/file")
    };
    let strict = CommitInfo {
        strict_conflict: true,
        ..CommitInfo::new("/file")
    };
    let properties = CommitInfo {
        property_groups: vec![crate::dropbox::commit_info::PropertyGroup {
            template_id: "ptid:none".to_owned(),
            fields: Vec::new(),
        }],
        ..CommitInfo::new("/b")
    };
    let infos = [
        "/folder",
        "/file",
        "/file/below",
        "/",
        "/a/",
        "//a",
        "/desktop.ini",
        "/much",
        "id:none",
        "ns:5/a",
    ]
    .map(CommitInfo::new);
    for info in infos.into_iter().chain([updates, strict, properties]) {
        let content = bytes(if info.strict_conflict {
            b"x"
        } else {
            b"six bytes"
        });
        let path = info.path.clone();
        let token = world
            .mint(&caller, info, Duration::from_mins(1), NOW)
            .expect("the path is not looked at");
        let claim = world.claim_link(&token, &GOOD, NOW).expect("it is fresh");
        let done = claim.commit(content, NOW);
        assert_eq!(done, Err(Refusal::CommitFailed), "{path}");
        assert_eq!(
            world.claim_link(&token, &GOOD, NOW).expect_err("burnt"),
            Refusal::Consumed,
            "{path}"
        );
    }
}

#[test]
fn a_token_that_is_revoked_expired_or_suspended_gets_in_no_more() {
    let check = |grant: Grant| {
        let world = world(&[]);
        world.credentials().declare_token("t", grant);
        let caller = world.authorize("t", &CallerOptions::default(), NOW);
        caller.map(drop)
    };
    let good = Grant::for_account("one");
    assert!(check(good.clone()).is_ok());
    let refused = |error| Err(Denial::Auth(error));
    let revoked = Grant {
        revoked: true,
        ..good.clone()
    };
    assert_eq!(check(revoked), refused(AuthError::InvalidAccessToken));
    let until = |expires_at| Grant {
        expires_at: Some(expires_at),
        ..good.clone()
    };
    assert!(check(until(NOW)).is_ok());
    let before = Timestamp::from_micros(NOW.as_micros() - 1);
    assert_eq!(check(until(before)), refused(AuthError::ExpiredAccessToken));
    let suspended = Grant {
        suspended: true,
        ..good.clone()
    };
    assert_eq!(check(suspended), refused(AuthError::UserSuspended));
    let denied = Grant {
        denied: Some(AccessError::TeamAccessDenied),
        ..good
    };
    // API-110: the token is good, so that this is no 401.
    assert!(denied.check(NOW).is_ok());
    assert_eq!(
        check(denied),
        Err(Denial::Access(AccessError::TeamAccessDenied))
    );
}

#[test]
fn an_unknown_token_is_an_account_of_its_own_or_refused() {
    let world = world(&[]);
    let (one, two) = (caller(&world, "one"), caller(&world, "two"));
    assert_ne!(one.account.name(), two.account.name());
    world.credentials().open = false;
    let got = world.authorize("three", &CallerOptions::default(), NOW);
    assert_eq!(
        got.map(drop),
        Err(Denial::Auth(AuthError::InvalidAccessToken))
    );
}

#[test]
fn the_app_lacks_a_scope_before_the_token_does() {
    let world = world(&[]);
    let options = CallerOptions {
        scope: Some("files.content.write"),
        ..CallerOptions::default()
    };
    let grant = Grant {
        app: "app".into(),
        scopes: limited(&["files.content.read"]),
        ..Grant::for_account("one")
    };
    world.credentials().declare_token("t", grant);
    let missing = Denial::Auth(AuthError::MissingScope {
        required_scope: "files.content.write".to_owned(),
    });
    assert_eq!(world.authorize("t", &options, NOW).map(drop), Err(missing));
    world.credentials().declare_app(App {
        scopes: limited(&["files.content.read"]),
        ..App::new("app")
    });
    assert_eq!(
        world.authorize("t", &options, NOW).map(drop),
        Err(Denial::AppLacksScope {
            app_id: App::new("app").number()
        })
    );
    let unscoped = CallerOptions::default();
    assert!(world.authorize("t", &unscoped, NOW).is_ok());
}

#[test]
fn an_app_folder_app_sees_its_folder_as_the_root() {
    let world = world(&[]);
    world.credentials().declare_app(App {
        access: AppAccess::AppFolder("Camera".to_owned()),
        ..App::new("app")
    });
    let grant = Grant {
        app: "app".into(),
        ..Grant::for_account("one")
    };
    world.credentials().declare_token("t", grant);
    let folder = caller(&world, "t");
    let done = upload(&folder, &CommitInfo::new("/A.txt"), bytes(b"x"), None).expect("free");
    assert_eq!(done.file.path_display, "/A.txt");
    assert!(has_file(&world, "one", "/apps/camera/a.txt"));
    let whole = caller(&world, "one");
    let outside = upload(&whole, &CommitInfo::new("/b.txt"), bytes(b"x"), None).expect("free");
    let account = world.account("one");
    let account = account.lock();
    for path in [outside.file.id.clone(), format!("rev:{}", outside.file.rev)] {
        let got = account.get_metadata(&folder.view, &path, true);
        assert!(got.is_err(), "{path} is outside");
    }
    drop(account);
    let path_root = Some(PathRoot::Home);
    let options = CallerOptions {
        path_root,
        ..CallerOptions::default()
    };
    assert_eq!(
        world.authorize("t", &options, NOW).map(drop),
        Err(Denial::SandboxPathRoot)
    );
}

#[test]
fn a_link_keeps_the_root_of_its_minter() {
    let world = world(&[]);
    let home = Place::root().join("/Home").expect("a good path");
    {
        let account = world.account("one");
        let mut account = account.lock();
        account.home = home;
        account.home_namespace_id = 5;
    }
    let member = caller(&world, "one");
    let token = mint(&world, &member, "/a");
    world.account("one").lock().home = Place::root();
    let claim = world.claim_link(&token, &GOOD, NOW).expect("it is fresh");
    let done = claim.commit(bytes(b"x"), NOW).expect("free");
    assert_eq!(done.file.path_lower, "/a");
    assert!(has_file(&world, "one", "/home/a"));
}

#[test]
fn a_path_root_is_the_home_the_root_or_a_namespace_of_the_account() {
    let world = world(&[]);
    {
        let account = world.account("one");
        let mut account = account.lock();
        account.home = Place::root().join("/Home").expect("a good path");
        account.home_namespace_id = 5;
        account.root_namespace_id = 4;
    }
    let prefix = |path_root| {
        let options = CallerOptions {
            path_root: Some(path_root),
            ..CallerOptions::default()
        };
        let caller = world.authorize("one", &options, NOW)?;
        Ok(caller.view.prefix().to_owned())
    };
    assert_eq!(prefix(PathRoot::Home), Ok("/home".to_owned()));
    assert_eq!(prefix(PathRoot::Root(4)), Ok(String::new()));
    assert_eq!(prefix(PathRoot::Namespace(4)), Ok(String::new()));
    assert_eq!(prefix(PathRoot::Namespace(5)), Ok("/home".to_owned()));
    let invalid = PathRootError::InvalidRoot {
        root_namespace_id: 4,
        home_namespace_id: 5,
    };
    assert_eq!(prefix(PathRoot::Root(5)), Err(Denial::PathRoot(invalid)));
    let no_permission = Denial::PathRoot(PathRootError::NoPermission);
    assert_eq!(prefix(PathRoot::Namespace(6)), Err(no_permission));
}

#[test]
fn a_team_acts_for_a_member_that_it_names() {
    let world = world(&[]);
    let id = world.account("ann").lock().account_id.clone();
    world.account("eve");
    let grant = Grant {
        holder: Holder::Team(vec!["ann".into()]),
        ..Grant::for_account("team")
    };
    world.credentials().declare_token("team", grant);
    let select = |token: &str, user: Option<&str>| {
        let options = CallerOptions {
            select_user: user.map(str::to_owned),
            ..CallerOptions::default()
        };
        let caller = world.authorize(token, &options, NOW)?;
        Ok(caller.account.name().to_string())
    };
    assert_eq!(select("team", Some(&id)), Ok("ann".to_owned()));
    assert_eq!(select("team", Some("ann")), Ok("ann".to_owned()));
    assert_eq!(select("team", None), Err(Denial::TeamToken));
    assert_eq!(
        select("team", Some("eve")),
        Err(Denial::Auth(AuthError::InvalidSelectUser))
    );
    assert_eq!(select("ann", Some(&id)), Err(Denial::NotATeam));
}

#[test]
fn the_bytes_of_a_failed_upload_wait_in_a_session_that_can_be_finished_elsewhere() {
    let world = world(&[]);
    let caller = caller(&world, "one");
    let info = CommitInfo::new("/a");
    upload(&caller, &info, bytes(b"x"), None).expect("nothing is there");
    let failed =
        upload(&caller, &info, bytes(b"other"), None).expect_err("another content is there");
    let UploadError::Path {
        reason,
        upload_session_id: id,
    } = failed
    else {
        panic!("{failed:?}");
    };
    let conflict = WriteConflictError::File;
    assert_eq!(reason, WriteError::Conflict(conflict));
    let finish = |path: &str, offset| {
        let info = CommitInfo::new(path);
        let mut account = caller.account.lock();
        account.finish_session(&caller.view, &id, offset, nothing(), &info, NOW)
    };
    assert_eq!(
        finish("/a", 5),
        Err(UploadSessionFinishError::Path(WriteError::Conflict(
            conflict
        )))
    );
    let done = finish("/b", 5).expect("the session outlives a failure");
    assert_eq!(done.file.content_hash, ContentHash::of(b"other"));
    let gone = UploadSessionFinishError::LookupFailed(UploadSessionError::NotFound);
    assert_eq!(finish("/c", 5), Err(gone));
}

#[test]
fn a_wrong_hash_stores_nothing_and_a_bad_property_group_leaves_only_itself_out() {
    let world = world(&[]);
    let caller = caller(&world, "one");
    let info = CommitInfo::new("/a");
    let wrong = ContentHash::of(b"y").to_string();
    assert_eq!(
        upload(&caller, &info, bytes(b"x"), Some(&wrong)),
        Err(UploadError::ContentHashMismatch)
    );
    let info = CommitInfo {
        property_groups: vec![crate::dropbox::commit_info::PropertyGroup {
            template_id: "ptid:none".to_owned(),
            fields: Vec::new(),
        }],
        ..info
    };
    assert!(!has_file(&world, "one", "/a"));
    // API-253
    let error = InvalidPropertyGroupError::TemplateNotFound("ptid:none".to_owned());
    assert_eq!(
        upload(&caller, &info, bytes(b"x"), None),
        Err(UploadError::PropertiesError(error.clone()))
    );
    assert!(has_file(&world, "one", "/a"));
    let info = CommitInfo {
        path: "/b".to_owned(),
        ..info
    };
    let id = start_session(&caller, b"x");
    let finished =
        caller
            .account
            .lock()
            .finish_session(&caller.view, &id, 1, nothing(), &info, NOW);
    assert_eq!(
        finished,
        Err(UploadSessionFinishError::PropertiesError(error))
    );
    assert!(has_file(&world, "one", "/b"));
    // The link has done its work, even where a failed commit frees it.
    let mut account = caller.account.lock();
    Arc::make_mut(&mut account.state.assumptions).failed_commit = FailedCommit::Frees;
    let info = CommitInfo {
        path: "/c".to_owned(),
        ..info
    };
    drop(account);
    let token = mint_with(&world, &caller, info);
    let claim = world.claim_link(&token, &GOOD, NOW).expect("it is fresh");
    assert_eq!(claim.commit(bytes(b"x"), NOW), Err(Refusal::CommitFailed));
    assert!(has_file(&world, "one", "/c"));
    assert_eq!(
        world.claim_link(&token, &GOOD, NOW).err(),
        Some(Refusal::Consumed)
    );
}

#[test]
fn a_failed_finish_keeps_its_bytes_whatever_the_commit_failed_of() {
    // API-254
    let world = world(&[]);
    let caller = caller(&world, "one");
    let taken = CommitInfo::new("/taken");
    upload(&caller, &taken, bytes(b"other"), None).expect("nothing is there");
    let key = "/full".into();
    let failures = [
        ("/taken", WriteError::Conflict(WriteConflictError::File)),
        ("/a ", WriteError::MalformedPath),
        ("/desktop.ini", WriteError::DisallowedName),
        ("/full", WriteError::InsufficientSpace),
        ("/busy", WriteError::TooManyWriteOperations),
    ];
    {
        let mut account = caller.account.lock();
        let refused = &mut account.state.refused_writes;
        refused.insert(key, WriteError::InsufficientSpace);
        refused.insert("/busy".into(), WriteError::TooManyWriteOperations);
    }
    for (number, (path, error)) in failures.into_iter().enumerate() {
        let id = start_session(&caller, b"one ");
        let finish = |path: &str, offset, text: &[u8]| {
            let mut account = caller.account.lock();
            let hasher = account.session(&id, NOW).map(|session| session.hasher());
            let last = part(hasher.expect("it lasts"), text);
            let info = CommitInfo::new(path);
            account.finish_session(&caller.view, &id, offset, last, &info, NOW)
        };
        assert_eq!(
            finish(path, 4, b"two"),
            Err(UploadSessionFinishError::Path(error))
        );
        let wrong = UploadSessionError::IncorrectOffset { correct_offset: 7 };
        assert_eq!(
            finish(path, 4, b"two"),
            Err(UploadSessionFinishError::LookupFailed(wrong))
        );
        let done = finish(&format!("/good{number}"), 7, b"").expect("it is whole");
        assert_eq!(
            done.file.content_hash,
            ContentHash::of(b"one two"),
            "{path}"
        );
    }
}

#[test]
fn an_administrator_is_let_in_by_the_account_that_he_selects() {
    let world = world(&[]);
    let id = world.account("ann").lock().account_id.clone();
    world.account("eve");
    let grant = Grant {
        holder: Holder::Team(vec!["ann".into(), "eve".into()]),
        ..Grant::for_account("team")
    };
    world.credentials().declare_token("team", grant);
    let select = |token: &str, member: &str| {
        let options = CallerOptions {
            select_user: Some(member.to_owned()),
            as_admin: true,
            ..CallerOptions::default()
        };
        let caller = world.authorize(token, &options, NOW)?;
        Ok(caller.account.name().to_string())
    };
    assert_eq!(select("team", &id), Err(Denial::SelectAdmin));
    let ann = world.account("ann");
    Arc::make_mut(&mut ann.lock().state.assumptions).select_admin = SelectAdmin::Accepted;
    assert_eq!(select("team", &id), Ok("ann".to_owned()));
    assert_eq!(select("team", "ann"), Ok("ann".to_owned()));
    assert_eq!(select("team", "eve"), Err(Denial::SelectAdmin));
    // Who is no member is nobody whose setting could count; the token of a user has its own.
    assert_eq!(select("team", "none"), Err(Denial::SelectAdmin));
    assert_eq!(select("ann", "dbmid:x"), Err(Denial::NotATeam));
}

#[test]
fn a_long_step_in_one_account_holds_nobody_up_in_another() {
    let world = world(&[]);
    let (one, two) = (caller(&world, "one"), caller(&world, "two"));
    // Held by this very thread: whoever waited for it here would wait for ever.
    let step = one.account.lock();
    let token = mint(&world, &two, "/a");
    let claim = world.claim_link(&token, &GOOD, NOW).expect("it is fresh");
    claim.commit(bytes(b"x"), NOW).expect("nothing is there");
    assert!(has_file(&world, "two", "/a"));
    caller(&world, "three");
    drop(step);
}

#[test]
fn a_step_tells_of_a_change_and_of_nothing_else() {
    let world = world(&[]);
    let one = caller(&world, "one");
    let changes = one.account.changes();
    let token = mint(&world, &one, "/a");
    let claim = world.claim_link(&token, &GOOD, NOW).expect("it is fresh");
    assert_eq!(one.account.changes(), changes);
    claim.commit(bytes(b"x"), NOW).expect("nothing is there");
    assert_eq!(one.account.changes(), changes + 1);
    world.everything(|everything| everything.each(|_, account| account.reset()));
    assert_eq!(one.account.changes(), changes + 2);
}
