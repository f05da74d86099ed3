//! Each assumption, flipped, changes the answers that it is about and no others.

mod scenarios;

use crate::support::Fake;
use fake_dropbox::internals::dropbox::assumptions::Assumptions;
use scenarios::play_all;
use std::collections::BTreeSet;

const GONE: &str = "410 Temporary upload link has been recently consumed";
const FAILED: &str = "409 Temporary upload link led to invalid upload attempt";
const STORED: &str =
    "200 {\"content-hash\": \"9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50\"}";
const TEXT: &str = "text/plain; charset=utf-8";

type Change = (&'static str, String);

/// Settings that stand together, and every scenario that they change, with what it says then.
#[expect(clippy::too_many_lines, reason = "a table, row by row")]
fn table() -> Vec<(Vec<(&'static str, &'static str)>, Vec<Change>)> {
    let hint = "[placeholder of fake-dropbox: the real text is not known]";
    let unavailable = format!("409 {hint} Temporary upload link is currently unavailable");
    let unknown = format!("409 {hint} Temporary upload link does not exist");
    let expired = format!("410 {hint} Temporary upload link has expired");
    let wrong_type =
        format!("400 {hint} Content-Type must be application/octet-stream or text/plain");
    let says = |scenario: &'static str, text: &str| (scenario, text.to_owned());
    let one = |name, value, changes: Vec<Change>| (vec![(name, value)], changes);
    vec![
        one(
            "failed_commit",
            "frees",
            vec![(
                "a failed commit and then a good one",
                format!(
                    "{FAILED}; 200 {{\"content-hash\": \"{}\"}}",
                    fake_dropbox::internals::dropbox::content_hash::ContentHash::of(b"y")
                ),
            )],
        ),
        one(
            "failed_commit",
            "conflicts",
            vec![(
                "a failed commit and then a good one",
                format!("{FAILED}; {FAILED}"),
            )],
        ),
        one(
            "interrupted_body",
            "frees",
            vec![("a body that breaks off", format!("{STORED}; {GONE}"))],
        ),
        one(
            "interrupted_body",
            "locks",
            vec![(
                "a body that breaks off",
                format!("{unavailable}; {unavailable}"),
            )],
        ),
        (
            vec![
                ("interrupted_body", "locks"),
                ("interrupted_body_lock_seconds", "5"),
            ],
            vec![("a body that breaks off", format!("{unavailable}; {STORED}"))],
        ),
        one(
            "concurrent_use",
            "first_completion_wins",
            vec![(
                "two at once",
                format!(
                    "200 {{\"content-hash\": \"{}\"}}; {GONE}",
                    fake_dropbox::internals::dropbox::content_hash::ContentHash::of(b"other")
                ),
            )],
        ),
        one(
            "text_expired",
            "late",
            vec![
                says("too late", "410 late"),
                says("a fraction of a second too late", "410 late"),
            ],
        ),
        one(
            "text_unknown_link",
            "what",
            vec![
                says("no such link", "409 what"),
                says("no such link and a wrong type", "409 what"),
                says("a malformed token", "409 what"),
            ],
        ),
        one(
            "text_in_flight",
            "busy",
            vec![("two at once", format!("409 busy; {STORED}"))],
        ),
        one(
            "text_bad_content_type",
            "no",
            vec![
                (
                    "a wrong type and then a right one",
                    format!("400 no; {GONE}"),
                ),
                says("a plain text", "400 no"),
            ],
        ),
        one(
            "text_missing_content_type",
            "none",
            vec![says("no type", "400 none")],
        ),
        one(
            "text_wrong_method",
            "post",
            vec![says("another method", "405 post")],
        ),
        one(
            "malformed_token",
            "bad_request",
            vec![("a malformed token", unknown.replace("409", "400"))],
        ),
        one(
            "text_commit_failed",
            "failed",
            vec![(
                "a failed commit and then a good one",
                format!("409 failed; {GONE}"),
            )],
        ),
        one(
            "empty_body",
            "refused",
            vec![
                ("no bytes", format!("400 {hint} The upload is empty; 409")),
                says("no length", "400"),
            ],
        ),
        one(
            "link_size_limit",
            "10",
            vec![("eleven bytes and then five", format!("413; {GONE}"))],
        ),
        (
            vec![("link_size_limit", "10"), ("oversize", "frees")],
            vec![("eleven bytes and then five", format!("413; {STORED}"))],
        ),
        (
            vec![("link_size_limit", "10"), ("link_too_large", "409")],
            vec![("eleven bytes and then five", format!("409; {GONE}"))],
        ),
        one(
            "link_token_bytes",
            "20",
            vec![says("the length of a token", "27")],
        ),
        one(
            "content_type_check",
            "before_link_state",
            vec![("no such link and a wrong type", wrong_type.clone())],
        ),
        one(
            "bad_content_type",
            "keeps_link",
            vec![(
                "a wrong type and then a right one",
                format!("{wrong_type}; {STORED}"),
            )],
        ),
        one(
            "content_type_match",
            "media_type",
            vec![says("a plain text", STORED)],
        ),
        one(
            "other_methods",
            "unknown_link",
            vec![("another method", unknown.clone())],
        ),
        one(
            "preflight_status",
            "204",
            vec![says("the preflight", "204 *")],
        ),
        one(
            "cors_on_errors",
            "no",
            vec![("the headers of a refusal", format!("{TEXT} ''"))],
        ),
        one(
            "link_error_content_type",
            "text/html",
            vec![says("the headers of a refusal", "text/html '*'")],
        ),
        one(
            "used_link_memory_seconds",
            "10",
            vec![
                ("a used link later", unknown.clone()),
                ("a body that breaks off", format!("{GONE}; {unknown}")),
            ],
        ),
        one(
            "expiry_judged",
            "at_end",
            vec![("an upload that ends late", expired)],
        ),
        one(
            "expiry_precision",
            "whole_seconds",
            vec![says("a fraction of a second too late", STORED)],
        ),
        one(
            "mint_path_check",
            "semantic",
            vec![says("a path that names nothing", "400 Erro")],
        ),
        one(
            "revoked_token",
            "kills_links",
            vec![says("a link whose token was revoked", FAILED)],
        ),
        one(
            "unknown_fields",
            "ignored",
            vec![says("an unknown field", "200 link")],
        ),
        one(
            "identical_content",
            "new_rev",
            vec![says("the same bytes again", "the rev is the same: false")],
        ),
        one(
            "client_modified",
            "ignored",
            vec![says(
                "a date of long ago and one to come",
                "changed changed ",
            )],
        ),
        one(
            "client_modified",
            "clamped_to_now",
            vec![says("a date of long ago and one to come", "kept changed ")],
        ),
        one(
            "link_authorization",
            "rejected",
            vec![(
                "an authorization at the link",
                format!("400 {hint} The header Authorization is not wanted here"),
            )],
        ),
        one(
            "link_content_encoding",
            "stored_raw",
            vec![says("an encoded body", STORED)],
        ),
        one(
            "missing_length",
            "length_required",
            vec![
                says("no length", "411"),
                // The client sends no length for no bytes.
                (
                    "no bytes",
                    format!("411 {hint} The upload has no length; 409"),
                ),
            ],
        ),
        one(
            "data_transport_limit",
            "2",
            vec![says(
                "three uploads through links",
                "200 application/json; 200 application/json; 429 application/json; ",
            )],
        ),
        (
            vec![("data_transport_limit", "2"), ("rate_limit_form", "text")],
            vec![says(
                "three uploads through links",
                "200 application/json; 200 application/json; 429 text/plain; charset=utf-8; ",
            )],
        ),
        one(
            "select_admin",
            "accepted",
            vec![(
                "an admin at the mint",
                format!(
                    "400 Error in call to API function \"files/get_temporary_upload_link\": {hint} \"Dropbox-API-Select-User\" needs the token of a team"
                ),
            )],
        ),
        one(
            "unknown_route",
            "not_found",
            vec![says(
                "a route that nobody has",
                "404 Error in call to API function \"files/nothing\": Unknown API function: /2/files/nothing",
            )],
        ),
        one(
            "path_pattern",
            "older",
            vec![says(
                "a path without a slash",
                r#"400 Error in call to API function "files/get_temporary_upload_link": request body: commit_infopath: 'a' did not match pattern '(/(|[\r\n])*)|(ns:[0-9]+(/*)?)|(id:*)'"#,
            )],
        ),
        one(
            "conflicted_copy_name",
            "(of mine)",
            vec![says("a conflicted copy", "\"a (of mine).txt\"")],
        ),
        one(
            "strict_overwrite_identical",
            "keeps",
            vec![says("a strict overwrite with the same bytes", "false")],
        ),
        one(
            "overwrite_renames_case",
            "yes",
            vec![says("an overwrite in another case", "\"A\"")],
        ),
        one(
            "upload_after_delete_id",
            "same",
            vec![says("an upload after a delete", "the id is the same: true")],
        ),
        one(
            "update_after_delete",
            "conflicts",
            vec![says("an update after a delete", "true")],
        ),
        one(
            "property_groups_in_lists",
            "never",
            vec![says(
                "property groups in lists",
                "list false, continue false",
            )],
        ),
        one(
            "property_groups_in_lists",
            "always",
            vec![says("property groups in lists", "list true, continue true")],
        ),
        one(
            "late_concurrent_part",
            "refused",
            vec![says("a part after the closing part", "409 closed")],
        ),
        one(
            "nfd_lookup",
            "not_found",
            vec![says("decomposed letters", "200, then 409 path/not_found/")],
        ),
        one(
            "case_only_move",
            "renames",
            vec![says(
                "a change of case",
                "\"Folder\" and \"File\", the rev is the same: false",
            )],
        ),
        one(
            "case_only_move",
            "keeps_name",
            vec![says(
                "a change of case",
                "\"folder\" and \"file\", the rev is the same: true",
            )],
        ),
        one(
            "moved_folder_revs",
            "kept",
            vec![says(
                "a file below a folder that is moved",
                "the rev is the same: true",
            )],
        ),
        one(
            "list_order",
            "shuffled",
            vec![says("the order of a list", "8 entries, as seen: false")],
        ),
        one(
            "non_bmp_names",
            "malformed_path",
            vec![says("an emoji", "409 path/malformed_path/")],
        ),
        one(
            "overwrite_property_groups",
            "drops",
            vec![says("property groups of what is overwritten", "0")],
        ),
        one(
            "copy_property_groups",
            "keeps",
            vec![says("property groups of a copy", "1")],
        ),
        one(
            "create_folder_batch_at_once",
            "1",
            vec![says("two folders in a batch", "async_job_id")],
        ),
        one(
            "job_checks_in_progress",
            "1",
            vec![says("a job that is asked for", "in_progress")],
        ),
        one(
            "header_bytes",
            "strict",
            vec![says(
                "raw letters in a header",
                "400 Error in call to API function \"files/upload\": HTTP header \"Dropbox-API-Arg\": could not decode input as JSON",
            )],
        ),
    ]
}

/// Settings whose effect is not a fixed text in one scenario; each has a test of its own.
const ELSEWHERE: &[&str] = &[
    // The tests of listings.
    "list_page_size",
    // Every successful upload shows another hash.
    "returned_hash",
    // Every 400 of a route has another form.
    "bad_request_form",
    // Every answer is spelled otherwise.
    "dialect",
    // Nothing contends for a lock of its own accord: a fault does.
    "link_lock_contention",
    // The tests of shared links try it.
    "existing_link_metadata",
    // The tests of the page of authorization try it.
    "authorize",
];

#[tokio::test]
async fn each_setting_changes_what_it_is_about_and_nothing_else() {
    // In the words that were recorded; today's are marked.
    let defaults = play_all(&Fake::of_2025()).await;
    let mut wrong = Vec::new();
    for (mut settings, changes) in table() {
        settings.insert(0, ("dialect", "2025"));
        let fake = Fake::assuming(&settings);
        let mut expected = defaults.clone();
        for (scenario, text) in changes {
            assert_ne!(defaults[scenario], text, "{settings:?} changes {scenario}");
            expected.insert(scenario, text);
        }
        let found = play_all(&fake).await;
        for (scenario, text) in &expected {
            if &found[scenario] != text {
                wrong.push(format!(
                    "{settings:?}: {scenario}\n  expected {text}\n  found    {}",
                    found[scenario]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_setting_is_left_out() {
    let tried: BTreeSet<&str> = table()
        .iter()
        .flat_map(|(settings, _)| settings.iter().map(|(name, _)| *name))
        .collect();
    for name in Assumptions::default()
        .to_json()
        .as_object()
        .expect("an object")
        .keys()
    {
        assert!(
            tried.contains(name.as_str()) != ELSEWHERE.contains(&name.as_str()),
            "{name} is tried once"
        );
    }
}

#[tokio::test]
async fn the_hash_that_is_returned_can_be_plain_sha256() {
    // OQ-19
    let fake = Fake::assuming(&[("returned_hash", "sha256")]);
    let path = fake.mint_path().await;
    let reply = fake.consume(&fake.url(&path), "hello").await;
    assert_eq!(
        reply.text(),
        "{\"content-hash\": \"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\"}"
    );
    let hash = fake.stored_hash("/a").await;
    assert_eq!(
        hash.as_deref(),
        Some("9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50")
    );
}

#[tokio::test]
async fn a_bad_request_can_be_json() {
    // AQ-01, API-96
    let fake = Fake::assuming(&[("bad_request_form", "json"), ("dialect", "2025")]);
    let reply = fake.rpc("files/get_temporary_upload_link", "{}").await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (400, "application/json")
    );
    let body = reply.json();
    assert_eq!(
        (&body["error"][".tag"], &body["user_message"]["text"]),
        (
            &"other".into(),
            &"Error in call to API function \"files/get_temporary_upload_link\": request body: missing required field 'commit_info'".into()
        )
    );
}
