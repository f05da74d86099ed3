//! A first look, held against a fake that answers each of its calls otherwise, one at a time.

use std::sync::Arc;

use conformance::look::{Call, Finding, MOST_CALLS, documented, findings, first_look};
use conformance::targets::fake;
use fake_dropbox::internals::dropbox::assumptions::Assumptions;

use super::catalogue::{Lie, answer};
use super::connect;
use super::proxy::{Ask, Memory, Proxy, Said};

async fn look(at: &str) -> (Vec<Call>, Option<String>) {
    let target = connect(at).await;
    let http2 = target.client_for_http2().unwrap();
    first_look(&target, &http2, &Arc::default()).await.unwrap()
}

async fn look_through(lie: Lie) -> (Vec<Call>, Option<String>) {
    let fake = fake::start_assuming(Assumptions::default()).unwrap();
    let proxy = Proxy::start(&fake.url, lie).await;
    look(&proxy.url).await
}

fn seen<'a>(found: &'a [Finding], question: &str) -> &'a str {
    let finding = found.iter().find(|finding| finding.question == question);
    &finding.unwrap_or_else(|| panic!("no {question}")).seen
}

/// How often links were posted to, and minted, so far: the proxy does not count a body that broke off.
fn asked(memory: &Memory, part: &str) -> usize {
    let asked = memory.asked.iter().filter(|(path, _)| path.contains(part));
    asked.map(|(_, count)| count).sum()
}

fn nth_use(ask: &Ask, memory: &Memory, number: usize) -> bool {
    ask.is_link() && asked(memory, "/apitul/") == number
}

fn nth_mint(ask: &Ask, memory: &Memory, number: usize) -> bool {
    ask.is_mint() && asked(memory, "temporary_upload_link") == number
}

/// Makes an answer one of this status.
fn turned(said: &mut Said, status: u16) {
    said.status = status;
    said.set_header("content-type", "text/plain");
    said.body = "otherwise".into();
}

/// A lie in one of the calls, the question that it is about, and what is seen of it.
const LIES: &[(Lie, &str, &str)] = &[
    (
        answer("a mint in the old spelling", "", |ask, said, _| {
            if ask.route().starts_with("files/") {
                said.replace("\":", "\": ");
            }
        }),
        "AQ-24",
        "2025",
    ),
    (
        answer("a longer token", "", |ask, said, memory| {
            if nth_mint(ask, memory, 1) {
                said.replace("\"}", "AAAA\"}");
            }
        }),
        "OQ-08",
        "13",
    ),
    (
        answer("the plain SHA-256", "", |ask, said, memory| {
            if nth_use(ask, memory, 1) {
                let hash = super::means::digits(&ask.body);
                said.change_json(|json| json["content-hash"] = hash.into());
            }
        }),
        "OQ-19",
        "sha256",
    ),
    (
        answer("an emoji is no name", "", |ask, said, memory| {
            if nth_use(ask, memory, 1) {
                turned(said, 409);
            }
        }),
        "AQ-29",
        "malformed_path",
    ),
    (
        answer("no CORS on a 410", "", |_, said, _| {
            if said.status == 410 || said.status == 409 {
                said.drop_header("access-control-allow-origin");
            }
        }),
        "OQ-12.cors_on_errors",
        "no",
    ),
    (
        answer("the 410 is a page", "", |_, said, _| {
            if said.status == 410 || said.status == 409 {
                said.set_header("content-type", "text/html");
            }
        }),
        "OQ-13",
        "text/html",
    ),
    (
        answer("another text of the 409", "", |ask, said, memory| {
            if nth_use(ask, memory, 3) {
                said.replace("attempt", "attempt.");
            }
        }),
        "OQ-05",
        "Temporary upload link led to invalid upload attempt.",
    ),
    (
        answer("a failed link is free again", "", |ask, said, memory| {
            if nth_use(ask, memory, 4) {
                turned(said, 200);
            }
        }),
        "OQ-01",
        "frees",
    ),
    (
        answer("parameters do not count", "", |ask, said, memory| {
            if nth_use(ask, memory, 5) {
                turned(said, 200);
            }
        }),
        "OQ-10",
        "media_type",
    ),
    (
        answer("a 400 keeps the link", "", |ask, said, memory| {
            if nth_use(ask, memory, 6) {
                turned(said, 200);
            }
        }),
        "OQ-09.bad_content_type",
        "keeps_link",
    ),
    (
        answer(
            "a link that broke off is locked",
            "",
            |ask, said, memory| {
                if nth_use(ask, memory, 7) {
                    turned(said, 409);
                }
            },
        ),
        "OQ-02",
        "locks",
    ),
    (
        answer("a path without a slash in JSON", "", |ask, said, memory| {
            if nth_mint(ask, memory, 5) {
                said.set_header("content-type", "application/json");
            }
        }),
        "AQ-01",
        "json",
    ),
    (
        answer("the root is refused", "", |ask, said, memory| {
            if nth_mint(ask, memory, 6) {
                turned(said, 400);
            }
        }),
        "OQ-16",
        "semantic (for the root)",
    ),
    (
        answer("a short duration is taken", "", |ask, said, memory| {
            if nth_mint(ask, memory, 7) {
                turned(said, 200);
            }
        }),
        "call 15",
        "HTTP/1.1 200 otherwise",
    ),
    (
        answer("an unknown field is ignored", "", |ask, said, memory| {
            if nth_mint(ask, memory, 8) {
                turned(said, 200);
            }
        }),
        "OQ-18",
        "ignored",
    ),
    (
        answer("the second mint is refused", "", |ask, said, memory| {
            if nth_mint(ask, memory, 2) {
                turned(said, 400);
            }
        }),
        "OQ-01",
        "nothing: the calls before did not come so far",
    ),
    (
        answer("the second use succeeds", "", |ask, said, memory| {
            if nth_use(ask, memory, 2) {
                turned(said, 200);
            }
        }),
        "call 3",
        "HTTP/1.1 200 otherwise",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_the_fake_finds_what_it_assumes_and_leaves_nothing() {
    let fake = fake::start_assuming(Assumptions::default()).unwrap();
    let (calls, trouble) = look(&fake.url).await;
    assert_eq!(trouble, None);
    assert_eq!(calls.len(), MOST_CALLS);
    let found = findings(&calls);
    for finding in &found {
        assert_ne!(finding.holds, Some(false), "{finding:?}");
    }
    assert_eq!(seen(&found, "AQ-29"), "accepted");
    assert!(
        found
            .iter()
            .filter(|finding| finding.holds == Some(true))
            .count()
            >= 12
    );
    // Every byte but the secrets, the letters that JSON escapes among them.
    let whole = serde_json::to_string(&calls).unwrap();
    assert!(whole.contains(r"R\\u0026D"), "{whole}");
    assert!(
        whole.contains("/apitul/1/<link-token 10>") && !whole.contains("Bearer sl."),
        "{whole}"
    );
    // What can stand among the documented exchanges is in their form.
    let documented = documented(&calls);
    let documented = documented.as_array().unwrap();
    assert_eq!(documented.len(), 3);
    for exchange in documented {
        assert_eq!(exchange["dialect"], "2026");
        assert_eq!(exchange["steps"][0]["answer"]["status"], 400);
    }
}

/// Nothing else is lost by it: what becomes of a failed link and what its hash is are seen all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_stores_no_emoji_is_asked_the_rest() {
    let mut assumptions = Assumptions::default();
    assumptions.set("non_bmp_names", "malformed_path").unwrap();
    let fake = fake::start_assuming(assumptions).unwrap();
    let (calls, trouble) = look(&fake.url).await;
    assert_eq!(trouble, None);
    let found = findings(&calls);
    let differ = found.iter().filter(|it| it.holds == Some(false));
    let differ: Vec<_> = differ.map(|it| it.question.as_str()).collect();
    assert_eq!(differ, ["AQ-29"]);
    for question in ["OQ-01", "OQ-05", "OQ-19"] {
        let finding = found.iter().find(|it| it.question == question).unwrap();
        assert_eq!(finding.holds, Some(true), "{finding:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_call_is_answered_otherwise_the_look_says_so() {
    for (lie, question, expected) in LIES {
        let (calls, _) = look_through(*lie).await;
        let found = findings(&calls);
        let came = seen(&found, question);
        assert_eq!(came, *expected, "{}", lie.name);
        let truth = look_through(Lie::TRUTH);
        if question.starts_with("call") {
            let truth = findings(&truth.await.0);
            assert_ne!(seen(&truth, question), came, "{}", lie.name);
        } else {
            let finding = found
                .iter()
                .find(|finding| finding.question == *question)
                .unwrap();
            assert_ne!(finding.holds, Some(true), "{}", lie.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_does_not_go_is_named() {
    for lie in [
        answer("the delete fails", "", |ask, said, _| {
            if ask.route() == "files/delete_v2" {
                turned(said, 409);
            }
        }),
        answer("the folder is still there", "", |ask, said, _| {
            if ask.route() == "files/get_metadata" {
                turned(said, 200);
            }
        }),
    ] {
        let (calls, trouble) = look_through(lie).await;
        let trouble = trouble.unwrap();
        assert!(trouble.starts_with("The folder /conformance-"), "{trouble}");
        assert_eq!(calls.len(), MOST_CALLS);
    }
}
