//! A data directory whose disk fails, and directories that are none.

use super::*;
use crate::control::operations::Operation;
use crate::control::operations::content;
use crate::control::operations::snapshots::{Reset, RestoreSnapshot, SaveSnapshot};
use crate::control::scope::Scope;
use crate::dropbox::commit_info::CommitInfo;
use crate::dropbox::content::Content;
use crate::dropbox::content_hash::ContentHash;
use crate::dropbox::link::{BrokenOff, ContentTypeVerdict, LinkState, UploadHead};
use crate::dropbox::tree::{Entry, File};
use crate::dropbox::world::CallerOptions;
use crate::storage::data_dir::{DiskFaults, Durability};
use bytes::Bytes;
use std::io;
use std::ops::Range;
use std::time::Duration;

const HEAD: UploadHead = UploadHead {
    content_type: ContentTypeVerdict::Accepted,
    has_authorization: false,
    is_encoded: false,
    lacks_length: false,
};

fn open(directory: &Path, disk: Disk) -> Result<Arc<App>, CannotPrepare> {
    let settings = Settings::default();
    let config = settings.server()?;
    let (app, _) = settings.lasting_app(config, directory, disk)?;
    Ok(app)
}

fn whole(directory: &Path) -> Arc<App> {
    open(directory, Disk::new(Durability::Full)).expect("nothing fails")
}

fn refused(directory: &Path) -> String {
    let refused = open(directory, Disk::new(Durability::Full));
    refused
        .map(|_| ())
        .expect_err("it cannot be used")
        .to_string()
}

/// What somebody was told.
#[derive(Debug, Default)]
struct Told {
    minted: Vec<Arc<str>>,
    used: Vec<Arc<str>>,
    /// Files with their contents; none: it is not there any more.
    files: Vec<(String, Option<String>)>,
}

async fn upload(app: &App, token: &str, text: &str) -> bool {
    let now = app.clock.now(None);
    let Ok(claim) = app.world().claim_link(token, &HEAD, now) else {
        return false;
    };
    let mut writer = app.storage.writer();
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    let hash = ContentHash::of(&bytes);
    let stored = match writer.write(bytes).await {
        Ok(()) => writer.finish(hash).await,
        Err(error) => Err(error),
    };
    let Ok(stored) = stored else {
        claim.break_off(BrokenOff::Interrupted, now);
        return false;
    };
    let content = Content {
        hash,
        size: stored.size(),
        bodies: vec![stored.into_body(hash)],
    };
    claim.commit(content, now).is_ok() && app.kept().await.is_ok()
}

/// Uses the server until it has nothing more to do, and notes what was answered.
async fn work(app: &App) -> Told {
    let mut told = Told::default();
    let now = app.clock.now(None);
    let caller = app
        .world()
        .authorize("a", &CallerOptions::default(), now)
        .expect("any token is good");
    for number in 0..4 {
        let path = format!("/f{number}");
        let minted = app.world().mint(
            &caller,
            CommitInfo::new(&path),
            Duration::from_hours(1),
            now,
        );
        let minted = minted.expect("any path is good");
        if app.kept().await.is_ok() {
            told.minted.push(Arc::clone(&minted));
        }
        let text = format!("content of {path}");
        if upload(app, &minted, &text).await {
            told.used.push(minted);
            told.files.push((path, Some(text)));
        }
    }
    let scope = Scope::account("a");
    let save = SaveSnapshot {
        name: "s".to_owned(),
    };
    let saved = save.run(app.controls(), &scope).await.is_ok() && app.kept().await.is_ok();
    Reset {}
        .run(app.controls(), &scope)
        .await
        .expect("it empties");
    if app.kept().await.is_ok() {
        for file in &mut told.files {
            file.1 = None;
        }
        let restore = RestoreSnapshot {
            name: "s".to_owned(),
        };
        restore
            .run(app.controls(), &scope)
            .await
            .expect("it was saved");
        if saved && app.kept().await.is_ok() {
            for (path, there) in &mut told.files {
                *there = Some(format!("content of {path}"));
            }
        } else {
            // Whether they are there is not known.
            told.files.clear();
        }
    } else {
        told.files.clear();
    }
    told
}

async fn read(file: &File) -> String {
    let size = file.version.content.size;
    let bytes = content::bytes(file, 0..size)
        .await
        .expect("a file that is there can be read");
    assert_eq!(ContentHash::of(&bytes), file.version.content.hash);
    String::from_utf8(bytes).expect("text")
}

/// Holds what is on the disk against what was told.
async fn check(directory: &Path, told: &Told, case: &str) {
    let app = whole(directory);
    let shared = app.world().account("a");
    let state = shared.lock().state.clone();
    let now = app.clock.now(None);
    for token in &told.minted {
        // A reset that nobody was told of may have taken it.
        let known = state.links.contains_key(token) || app.world().links.owner(token).is_none();
        assert!(known, "{case}: a link is half there");
    }
    for token in &told.used {
        let link = state.links.get(token);
        let state = link.map(|link| link.state(now, &state.assumptions));
        assert!(
            matches!(state, None | Some(LinkState::Consumed)),
            "{case}: a used link is {state:?}"
        );
    }
    for (path, text) in &told.files {
        let there = match state.tree.entry(path) {
            Some(Entry::File(file)) => Some(read(file).await),
            _ => None,
        };
        assert_eq!(&there, text, "{case}: {path}");
    }
    for (key, entry) in state.tree.descendants("", None) {
        if let Entry::File(file) = entry {
            assert_eq!(read(file).await, format!("content of {key}"), "{case}");
        }
    }
    app.end();
}

async fn fails(calls: Range<u64>, error: io::ErrorKind) -> u64 {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path().join("data");
    let case = format!("{error:?} from call {} on", calls.start);
    let faults = DiskFaults::new(calls, error);
    let disk = Disk::new(Durability::Full).failing(Arc::clone(&faults));
    let told = match open(&directory, disk) {
        Ok(app) => {
            let told = work(&app).await;
            app.end();
            told
        }
        Err(_) => Told::default(),
    };
    check(&directory, &told, &case).await;
    faults.calls()
}

#[tokio::test]
async fn whichever_write_fails_what_was_answered_is_there_and_nothing_is_half_there() {
    // Every one with FAKE_DROPBOX_WRITES=200, as the long check has it.
    let writes = std::env::var("FAKE_DROPBOX_WRITES").ok();
    let all = writes.map(|writes| writes.parse().expect("a number"));
    let (until, step) = all.map_or((120, 11), |writes: u64| (writes, 1));
    let calls = fails(u64::MAX..u64::MAX, io::ErrorKind::Other).await;
    assert!(calls > 100, "there are only {calls} calls to fail");
    for call in (0..until).step_by(step) {
        // A disk that is full from then on, one that fails once, and one that never comes back.
        fails(call..u64::MAX, io::ErrorKind::StorageFull).await;
        fails(call..call + 1, io::ErrorKind::Other).await;
    }
}

#[tokio::test]
async fn a_disk_that_has_room_again_takes_what_it_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path().join("data");
    let full = DiskFaults::switched(io::ErrorKind::StorageFull);
    let app = open(
        &directory,
        Disk::new(Durability::Full).failing(Arc::clone(&full)),
    );
    let app = app.expect("there is room");
    let mint = |path: &str| {
        let now = app.clock.now(None);
        let caller = app.world().authorize("a", &CallerOptions::default(), now);
        let info = CommitInfo::new(path);
        let caller = caller.expect("any token is good");
        let minted = app
            .world()
            .mint(&caller, info, Duration::from_hours(1), now);
        minted.expect("there is room");
    };
    mint("/a");
    app.kept().await.expect("there is room");
    full.switch(true);
    mint("/b");
    let error = app.kept().await.expect_err("there is none");
    assert!(!error.for_good, "{error}");
    full.switch(false);
    mint("/c");
    app.kept().await.expect("there is room again");
    app.end();
    let again = whole(&directory);
    assert_eq!(again.world().account("a").lock().state.links.len(), 3);
}

#[test]
fn a_directory_that_cannot_be_used_is_refused_in_a_sentence_and_left_alone() {
    let parent = tempfile::tempdir().expect("a directory");
    let path = |name: &str| parent.path().join(name);
    let file = path("file");
    std::fs::write(&file, "x").expect("written");
    assert!(refused(&file).ends_with("is not a directory: name one with --data-dir"));

    let foreign = path("foreign");
    drop(whole(&foreign));
    std::fs::write(foreign.join("notes.txt"), "x").expect("written");
    assert!(refused(&foreign).contains("holds 'notes.txt', which is not fake-dropbox's"));

    let used = path("used");
    let app = whole(&used);
    assert!(refused(&used).contains("is in use by another fake-dropbox"));
    app.end();
    drop(app);
    drop(whole(&used));

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open = path("open");
        drop(whole(&open));
        let mode = |mode| std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&open, mode(0o750)).expect("its owner may");
        let why = refused(&open);
        assert!(
            why.contains("its mode is 750") && why.contains("chmod 700"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn what_is_damaged_is_named_and_nothing_is_made_anew() {
    let parent = tempfile::tempdir().expect("a directory");
    let filled = |name: &str| {
        let directory = parent.path().join(name);
        let app = whole(&directory);
        (directory, app)
    };

    let (no_store, app) = filled("no-store");
    assert_eq!(work(&app).await.files.len(), 4);
    app.end();
    std::fs::remove_file(no_store.join("store")).expect("it is there");
    assert!(refused(&no_store).contains("it has contents but no store"));

    let (no_content, app) = filled("no-content");
    work(&app).await;
    app.end();
    let contents = std::fs::read_dir(no_content.join("contents")).expect("it is there");
    let one = contents.map(|entry| entry.expect("one").path()).next();
    let one = one.expect("there are four");
    let kept = std::fs::read(&one).expect("it can be read");
    std::fs::write(&one, "shorter").expect("it can be written");
    let why = refused(&no_content);
    assert!(why.contains("has 7 bytes instead of"), "{why}");
    std::fs::remove_file(&one).expect("it is there");
    let why = refused(&no_content);
    let name = one.file_name().expect("a name").to_string_lossy();
    assert!(
        why.contains(&format!("contents/{name} is missing")),
        "{why}"
    );
    std::fs::write(&one, kept).expect("it can be written");
    drop(whole(&no_content));

    for (name, damage) in [("empty", Some(0)), ("half", Some(100_000)), ("noise", None)] {
        let (broken, app) = filled(name);
        work(&app).await;
        app.end();
        let store = broken.join("store");
        match damage {
            Some(length) => std::fs::File::options()
                .write(true)
                .open(&store)
                .and_then(|file| file.set_len(length))
                .expect("it can be cut"),
            None => {
                std::fs::write(&store, vec![7; 300_000]).expect("it can be written");
            }
        }
        let before = std::fs::read(&store).expect("it can be read");
        let why = refused(&broken);
        assert!(why.contains("is damaged: its store"), "{name}: {why}");
        assert!(
            std::fs::read(&store).expect("it can be read") == before,
            "{name}"
        );
    }
}

#[test]
fn a_store_of_another_version_is_refused_whichever_is_older_and_stays_as_it_is() {
    let parent = tempfile::tempdir().expect("a directory");
    let directory = parent.path().join("data");
    whole(&directory).end();
    let store = directory.join("store");
    let about = redb::TableDefinition::<&str, u64>::new("about");
    for (format, words) in [
        (1, "an older fake-dropbox (format 1;"),
        (99, "a newer fake-dropbox (format 99;"),
    ] {
        let database = redb::Database::open(&store).expect("a store");
        let writing = database.begin_write().expect("nobody else has it");
        let mut table = writing.open_table(about).expect("the table");
        table.insert("format", format).expect("a row");
        drop(table);
        writing.commit().expect("it is written");
        drop(database);
        let why = refused(&directory);
        assert!(why.contains(words) && why.contains("--data-dir"), "{why}");
        // The file is opened, which may write down that it is: its rows are the same.
        let database = redb::Database::open(&store).expect("a store");
        let reading = redb::ReadableDatabase::begin_read(&database).expect("it reads");
        let table = reading.open_table(about).expect("the table");
        assert_eq!(
            table
                .get("format")
                .expect("it reads")
                .expect("a row")
                .value(),
            format
        );
    }
}
