//! What is bounded is bounded on the wire, too, and told.

use fake_dropbox::config::{ByteSize, Most};
use fake_dropbox::{FakeDropbox, Query};
use serde_json::json;

/// Calls a route of the RPC style as the account `test`: status and body.
async fn rpc(dropbox: &FakeDropbox, route: &str, argument: String) -> (u16, String) {
    let answer = crate::support::client()
        .post(format!("{}/2/{route}", dropbox.api_url()))
        .bearer_auth("test")
        .header("content-type", "application/json")
        .body(argument)
        .send()
        .await
        .expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.text().await.expect("text"))
}

#[tokio::test]
async fn a_revision_that_fell_out_is_not_there_and_the_journal_says_why() {
    let builder = FakeDropbox::builder();
    let builder = builder.configure(|settings| settings.keep_revisions = Most(Some(2)));
    let dropbox = builder.start().await;
    let account = dropbox.account("test");
    let mut revs = Vec::new();
    for text in ["1", "2", "3"] {
        revs.push(account.file("/a.txt").write(text).file.expect("a file").rev);
    }
    for (rev, status) in [(&revs[1], 200), (&revs[0], 409)] {
        let argument = json!({"path": format!("rev:{rev}")}).to_string();
        let (came, text) = rpc(&dropbox, "files/get_metadata", argument).await;
        assert_eq!(came, status, "{text}");
        assert!(status == 200 || text.contains("not_found"), "{text}");
    }
    let entries = dropbox.journal().find(Query::route("files/get_metadata"));
    let notes: Vec<_> = entries.iter().map(|entry| entry.note.as_deref()).collect();
    assert_eq!(notes[0], None);
    let note = notes[1].expect("why it is not there");
    assert!(
        note.contains("keeps its latest 2 (--keep-revisions)"),
        "{note}"
    );
}

#[tokio::test]
async fn links_to_very_long_paths_are_bounded_told_and_listed_short() {
    let builder = FakeDropbox::builder();
    let builder = builder.configure(|settings| settings.link_memory = ByteSize(10 << 20));
    let dropbox = builder.start().await;
    let mint = |path: String| {
        let argument = json!({"commit_info": {"path": path}}).to_string();
        rpc(&dropbox, "files/get_temporary_upload_link", argument)
    };
    let long = format!("/{}", "x".repeat(4_100_000));
    for _ in 0..2 {
        assert_eq!(
            mint(long.clone()).await.0,
            200,
            "as on Dropbox, no path is judged"
        );
    }
    let (status, text) = mint(long).await;
    assert_eq!(status, 507, "{text}");
    assert!(
        text.contains("--link-memory") && text.contains("No link was minted"),
        "{text}"
    );
    assert_eq!(mint("/short".to_owned()).await.0, 200);
    let links = dropbox.account("test").links();
    assert_eq!(links.len(), 3);
    assert!(
        links
            .iter()
            .any(|link| link.path.ends_with("… (4100001 bytes)"))
    );
    assert!(links.iter().all(|link| link.path.len() < 4_200));
}
