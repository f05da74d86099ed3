//! The main job: mint a link, use it once.

use crate::support::Fake;

const HELLO: &str = "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50";

#[tokio::test]
async fn a_link_takes_one_upload_and_then_is_gone() {
    let fake = Fake::start();
    let link = fake
        .mint(r#"{"commit_info":{"path":"/in/Hello.txt"}}"#)
        .await;

    let first = fake.consume(&link, "hello").await;
    assert_eq!(
        (first.status, first.text()),
        (200, format!("{{\"content-hash\": \"{HELLO}\"}}"))
    );
    assert_eq!(
        (first.header("content-type"), first.header("content-length")),
        ("application/json", "84")
    );
    assert_eq!(first.header("dropbox-api-result"), "");

    let second = fake.consume(&link, "hello").await;
    assert_eq!(
        (second.status, second.text().as_str()),
        (410, "Temporary upload link has been recently consumed.")
    );

    let metadata = fake
        .rpc("files/get_metadata", r#"{"path":"/IN/hello.TXT"}"#)
        .await
        .json();
    assert_eq!(
        (&metadata["path_display"], &metadata["content_hash"]),
        (&"/in/Hello.txt".into(), &HELLO.into())
    );
}

#[tokio::test]
async fn a_taken_path_is_a_conflict_that_tells_nothing() {
    let fake = Fake::start();
    for (body, status) in [("one", 200), ("two", 409)] {
        let link = fake.mint(r#"{"commit_info":{"path":"/a"}}"#).await;
        let reply = fake.consume(&link, body).await;
        assert_eq!(reply.status, status);
        if status == 409 {
            assert_eq!(
                reply.text(),
                "Temporary upload link led to invalid upload attempt"
            );
        }
    }
}
