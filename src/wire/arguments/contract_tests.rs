//! The rows of the contract, one by one: which argument gets which message.

use super::commit::GetTemporaryUploadLink;
use super::tests::message;
use crate::wire::decode::{Options, decode};
use crate::wire::json::Json;
use crate::wire::mint_rows;
use crate::wire::routes::argument_type;
use crate::wire::schema::PathPatterns;

const LINK: &str = "files/get_temporary_upload_link";

/// Puts a lone key at its usual place in a complete argument (upload-link contract, UL-37 on).
fn complete(member: &str) -> String {
    if member.starts_with("\"duration\"") {
        format!("{{\"commit_info\":{{\"path\":\"/a\"}},{member}}}")
    } else if member.starts_with("\"path\"") {
        format!("{{\"commit_info\":{{{member}}}}}")
    } else {
        format!("{{\"commit_info\":{{\"path\":\"/a\",{member}}}}}")
    }
}

#[track_caller]
fn refused(rule: &str, route: &str, argument: &str, expected: &str) {
    let found = message(route, argument, Options::default());
    assert_eq!(found.as_deref(), Some(expected), "{rule}: {argument}");
    if route == LINK && rule.starts_with("UL-") {
        let json = Json::parse(argument.as_bytes()).expect("JSON");
        let schema = argument_type(route).expect("a route");
        let fault = decode(schema, &json, Options::default()).expect_err("a fault");
        let rows = mint_rows::of(&json, &fault);
        assert!(rows.contains(&rule), "{rule}: {argument} cites {rows:?}");
        let ordered = ["UL-67", "UL-68"].contains(&rule);
        assert_eq!(
            rows.len() == 2,
            ordered,
            "{rule}: {argument} cites {rows:?}"
        );
    }
}

#[track_caller]
fn accepted(rule: &str, route: &str, argument: &str) {
    assert_eq!(
        message(route, argument, Options::default()),
        None,
        "{rule}: {argument}"
    );
}

#[test]
fn the_mint_accepts_what_the_contract_accepts() {
    accepted("UL-37", LINK, r#"{"commit_info":{"path":"/a"}}"#);
    for (rule, member) in [
        ("UL-38", r#""duration":60"#),
        ("UL-38", r#""duration":60.0"#),
        ("UL-38", r#""duration":14400"#),
        ("UL-38", r#""duration":3600.5"#),
        ("UL-56", r#""mode":{".tag":"overwrite","overwrite":null}"#),
        ("UL-58", r#""client_modified":null"#),
        ("UL-58", r#""property_groups":null"#),
        ("UL-58", r#""property_groups":[]"#),
        ("UL-75", r#""path":"/""#),
        ("UL-75", r#""path":"id:abc""#),
        ("UL-75", r#""path":"ns:123""#),
        ("UL-30", r#""mode":"add""#),
        ("UL-30", r#""mode":"overwrite""#),
        ("UL-30", r#""mode":{".tag":"add"}"#),
        (
            "UL-31",
            r#""mode":{".tag":"update","update":"a1c10ce0dd78"}"#,
        ),
    ] {
        accepted(rule, LINK, &complete(member));
    }
}

#[rustfmt::skip]
const REFUSED_MEMBERS: &[(&str, &str, &str)] = &[
    ("UL-39", r#""duration":59"#, "duration: 59.000000 is not greater than 60.000000"),
    ("UL-39", r#""duration":59.9"#, "duration: 59.900000 is not greater than 60.000000"),
    ("UL-40", r#""duration":14401"#, "duration: 14401.000000 is not less than 14400.000000"),
    ("UL-41", r#""duration":14400.5"#, "duration: 14400.500000 is not less than 14400.000000"),
    ("UL-42", r#""duration":"3600""#, "duration: expected real number, got string"),
    ("UL-43", r#""duration":null"#, "duration: expected real number, got null"),
    ("UL-44", r#""duration":true"#, "duration: 1.000000 is not greater than 60.000000"),
    ("UL-45", r#""duration":NaN"#, "duration: nan values are not supported"),
    ("UL-46", r#""duration":1e400"#, "duration: inf values are not supported"),
    ("UL-47", r#""mode":"update""#, "mode: expected object for 'update', got symbol"),
    ("UL-48", r#""mode":{".tag":"update"}"#, "mode: missing 'update' key"),
    ("UL-49", r#""mode":{"update":"0123456789"}"#, "mode: missing '.tag' key"),
    ("UL-50", r#""mode":"bogus""#, "mode: unknown tag 'bogus'"),
    ("UL-50", r#""mode":{".tag":"other"}"#, "mode: unknown tag 'other'"),
    ("UL-51", r#""mode":{".tag":"update","update":"xyz"}"#, "mode: 'xyz' must be at least 9 characters, got 3"),
    ("UL-52", r#""mode":{".tag":"update","update":"zzzzzzzzz"}"#, "mode: 'zzzzzzzzz' did not match pattern '[0-9a-f]+'"),
    ("UL-53", r#""mode":{".tag":"add","x":1}"#, "mode: unexpected key 'x'"),
    ("UL-54", r#""mode":5"#, "mode: expected string or object, got integer"),
    ("UL-54", r#""mode":null"#, "mode: expected string or object, got null"),
    ("UL-55", r#""mode":{".tag":5}"#, "mode: tag must be string, got integer"),
    ("UL-56", r#""mode":{".tag":"overwrite","overwrite":1}"#, "mode: expected null, got integer"),
    ("UL-57", r#""client_modified":"2026-01-02T03:04:05.000Z""#, "client_modified: time data '2026-01-02T03:04:05.000Z' does not match format '%Y-%m-%dT%H:%M:%SZ'"),
    ("UL-57", r#""client_modified":"2026-01-02T03:04:05+00:00""#, "client_modified: time data '2026-01-02T03:04:05+00:00' does not match format '%Y-%m-%dT%H:%M:%SZ'"),
    ("UL-59", r#""autorename":"true""#, "autorename: 'true' is not a valid boolean"),
    ("UL-60", r#""autorename":1"#, "autorename: 1 is not a valid boolean"),
    ("UL-61", r#""autorename":null"#, "autorename: None is not a valid boolean"),
    ("UL-62", r#""strict_conflict":"x""#, "strict_conflict: 'x' is not a valid boolean"),
    ("UL-72", r#""path":"a""#, r"path: 'a' did not match pattern '(/(.|[\r\n])*)|(ns:[0-9]+(/(.|[\r\n])*)?)|(id:.*)'"),
    ("UL-73", r#""path":1"#, "path: '1' expected to be a string, got integer"),
    ("UL-74", r#""path":null"#, "path: 'None' expected to be a string, got null"),
    ("UL-76", r#""path":"""#, r"path: '' did not match pattern '(/(.|[\r\n])*)|(ns:[0-9]+(/(.|[\r\n])*)?)|(id:.*)'"),
    ("UL-76", r#""path":"rev:a1c10ce0dd78""#, r"path: 'rev:a1c10ce0dd78' did not match pattern '(/(.|[\r\n])*)|(ns:[0-9]+(/(.|[\r\n])*)?)|(id:.*)'"),
    ("UL-77", r#""client_modified":5"#, "client_modified: strptime() argument 1 must be str, not int"),
    ("UL-77", r#""property_groups":{}"#, "property_groups: expected list, got builtins.dict"),
];

#[test]
fn the_mint_refuses_a_bad_member_with_the_text_of_the_contract() {
    for (rule, member, expected) in REFUSED_MEMBERS {
        let inside = if expected.starts_with("duration") {
            ""
        } else {
            "commit_info."
        };
        refused(
            rule,
            LINK,
            &complete(member),
            &format!("{inside}{expected}"),
        );
    }
}

#[rustfmt::skip]
const REFUSED_ARGUMENTS: &[(&str, &str, &str)] = &[
    ("UL-63", r#"{"commit_info":{"path":"/a","extra":1}}"#, "commit_info: unknown field 'extra'"),
    ("UL-63", r#"{"commit_info":{"path":"/a","foo":1}}"#, "commit_info: unknown field 'foo'"),
    ("UL-64", r#"{"commit_info":{"path":"/a","content_hash":"x"}}"#, "commit_info: unknown field 'content_hash'"),
    ("UL-65", r#"{"commit_info":{"path":1},"extra":1}"#, "unknown field 'extra'"),
    ("UL-66", "{}", "missing required field 'commit_info'"),
    ("UL-67", r#"{"duration":5}"#, "duration: 5.000000 is not greater than 60.000000"),
    ("UL-68", r#"{"duration":5,"commit_info":{"path":1}}"#, "commit_info.path: '1' expected to be a string, got integer"),
    ("UL-69", r#"{"commit_info":{}}"#, "commit_info: missing required field 'path'"),
    ("UL-70", r#"{"commit_info":null}"#, "commit_info: expected object, got null"),
    ("UL-70", r#"{"commit_info":"x"}"#, "commit_info: expected object, got string"),
    ("UL-71", "null", "expected object, got null"),
    ("UL-71", "[]", "expected object, got list"),
];

#[test]
fn the_mint_judges_its_fields_in_the_order_of_the_contract() {
    for (rule, argument, expected) in REFUSED_ARGUMENTS {
        refused(rule, LINK, argument, expected);
    }
}

#[rustfmt::skip]
const REFUSED_ELSEWHERE: &[(&str, &str, &str, &str)] = &[
    ("API-45", "files/upload", "{", "could not decode input as JSON"),
    ("API-46", "users/get_current_account", "", "could not decode input as JSON"),
    ("API-47", "users/get_current_account", "{}", "expected null, got value"),
    ("API-48", "files/download", r#"{"pat":"/a"}"#, "unknown field 'pat'"),
    ("API-49", "files/create_folder_v2", r#"{"root":"auto"}"#, "unknown field 'root'"),
    ("API-50", "files/delete", "{}", "missing required field 'path'"),
    ("API-51", "files/get_temporary_link", r#"{"path":null}"#, "path: 'None' expected to be a string, got null"),
    ("API-52", "files/upload", r#"{"path":"/a","mode":"update"}"#, "mode: expected object for 'update', got symbol"),
    ("API-57", "files/upload", r#"{"path":"/a","client_modified":"2025-08-08T19:44:20.0943023Z"}"#, "client_modified: time data '2025-08-08T19:44:20.0943023Z' does not match format '%Y-%m-%dT%H:%M:%SZ'"),
    ("API-58", "files/list_folder", r#"{"path":"","limit":4000}"#, "limit: 4000 is not within range [1, 2000]"),
    ("API-59", "files/list_folder", r#"{"path":"/"}"#, r#"path: Specify the root folder as an empty string rather than as "/"."#),
    ("API-60", "files/get_metadata", r#"{"path":""}"#, "path: The root folder is unsupported."),
    ("API-60", "files/get_metadata", r#"{"path":"/"}"#, "path: The root folder is unsupported."),
    ("API-60", "files/upload", r#"{"path":"/"}"#, "path: The root folder is unsupported."),
    ("API-60", "files/upload_session/finish", r#"{"cursor":{"session_id":"x","offset":0},"commit":{"path":"/"}}"#, "commit.path: The root folder is unsupported."),
    ("API-86", "files/upload", r#"{"path":"/a","content_hash":"abc"}"#, "content_hash: 'abc' must be at least 64 characters, got 3"),
    ("API-87", "files/upload", r#"{"path":"/a","content_hash":5}"#, "content_hash: '5' expected to be a string, got integer"),
    ("API-88", "files/upload", r#"{"path":"/a","duration":5}"#, "unknown field 'duration'"),
    ("API-89", "files/list_folder", r#"{"path":"","limit":5000}"#, "limit: 5000 is not within range [1, 2000]"),
    ("API-89", "files/list_folder", r#"{"path":"","limit":"5"}"#, "limit: expected integer, got string"),
    ("API-90", "files/list_folder/continue", r#"{"cursor":""}"#, "cursor: '' must be at least 1 characters, got 0"),
    ("API-90", "files/list_folder/continue", "{}", "missing required field 'cursor'"),
    ("API-91", "files/upload_session/finish", "{}", "missing required field 'cursor'"),
    ("API-91", "files/upload_session/finish", r#"{"cursor":{"session_id":"x"}}"#, "cursor: missing required field 'offset'"),
    ("API-92", "files/upload_session/append_v2", r#"{"cursor":{"session_id":"x","offset":-1}}"#, "cursor.offset: -1 is not within range [0, 18446744073709551615]"),
    ("API-93", "files/list_revisions", r#"{"path":"/a","limit":101}"#, "limit: 101 is not within range [1, 100]"),
    ("API-93", "files/list_revisions", r#"{"path":"/a","before_rev":"1"}"#, "before_rev: '1' must be at least 9 characters, got 1"),
    ("API-94", "users/get_current_account", "{}", "expected null, got value"),
    ("API-94", "users/get_current_account", "", "could not decode input as JSON"),
];

#[test]
fn other_routes_refuse_with_the_texts_of_the_contract() {
    for (rule, route, argument, expected) in REFUSED_ELSEWHERE {
        refused(rule, route, argument, expected);
    }
    accepted("API-94", "users/get_current_account", "null");
}

#[test]
fn the_kinds_of_messages_of_the_generator() {
    for (rule, route, argument, expected) in [
        (
            "API-70",
            "check/user",
            "nul",
            "could not decode input as JSON",
        ),
        ("API-71", "check/user", "1.5", "expected object, got float"),
        (
            "API-72",
            "check/user",
            r#"{".tag":1,".tagged":2,"b":1,"a":2}"#,
            "unknown field 'b'",
        ),
        (
            "API-74",
            "files/move_v2",
            r#"{"autorename":true}"#,
            "missing required field 'from_path'",
        ),
        (
            "API-75",
            "files/get_temporary_upload_link",
            r#"{"commit_info":{"path":"/a","property_groups":[{"template_id":"ptid:x"}]}}"#,
            "commit_info.property_groups: missing required field 'fields'",
        ),
        (
            "API-83",
            "files/list_revisions",
            r#"{"path":"/a","mode":"other"}"#,
            "mode: unexpected use of the catch-all tag 'other'",
        ),
    ] {
        refused(rule, route, argument, expected);
    }
    let long = "x".repeat(501);
    refused(
        "API-77",
        "check/user",
        &format!("{{\"query\":\"{long}\"}}"),
        &format!("query: '{long}' must be at most 500 characters, got 501"),
    );
    refused(
        "API-78",
        "files/delete",
        &format!("{{\"path\":\"{}\"}}", "y".repeat(1001)),
        &format!(
            r"path: '{} [The string has been truncated due to its length]' did not match pattern '(/(.|[\r\n])*)|(ns:[0-9]+(/(.|[\r\n])*)?)|(id:.*)'",
            "y".repeat(1000)
        ),
    );
}

#[test]
fn too_many_entries_are_echoed_as_python_objects() {
    let entry = r#"{"cursor":{"session_id":"x","offset":0},"commit":{"path":"/a"}}"#;
    let entries = vec![entry; 1001].join(",");
    let object = "UploadSessionFinishArg(commit=CommitInfo(autorename=NOT_SET, \
                  client_modified=NOT_SET, mode=NOT_SET, mute=NOT_SET, path='/a', \
                  property_groups=NOT_SET, strict_conflict=NOT_SET), content_hash=NOT_SET, \
                  cursor=UploadSessionCursor(offset=0, session_id='x'))";
    let echo: String = format!("[{}", [object; 10].join(", "))
        .chars()
        .take(1000)
        .collect();
    refused(
        "API-84",
        "files/upload_session/finish_batch_v2",
        &format!("{{\"entries\":[{entries}]}}"),
        &format!(
            "entries: \"{echo} [The string has been truncated due to its length]\" has more than \
             1000 items"
        ),
    );
}

#[test]
fn the_older_path_patterns_are_those_of_recorded_answers() {
    let options = Options {
        patterns: PathPatterns::Before2026,
        ..Options::default()
    };
    for (rule, route, argument, expected) in [
        (
            "API-53",
            "files/upload",
            r#"{"path":"pack.zip"}"#,
            r"path: 'pack.zip' did not match pattern '(/(.|[\r\n])*)|(ns:[0-9]+(/.*)?)|(id:.*)'",
        ),
        (
            "API-54",
            "files/get_metadata",
            r#"{"path":"filename.ext"}"#,
            r"path: 'filename.ext' did not match pattern '(/(.|[\r\n])*|id:.*)|(rev:[0-9a-f]{9,})|(ns:[0-9]+(/.*)?)'",
        ),
        (
            "API-55",
            "files/list_folder",
            r#"{"path":"%2Fphotos"}"#,
            r"path: '%2Fphotos' did not match pattern '(/(.|[\r\n])*)?|(ns:[0-9]+(/.*)?)'",
        ),
        (
            "UL-24",
            LINK,
            r#"{"commit_info":{"path":"ns:1/a\nb"}}"#,
            "commit_info.path: 'ns:1/a\nb' did not match pattern \
             '(/(.|[\\r\\n])*)|(ns:[0-9]+(/.*)?)|(id:.*)'",
        ),
    ] {
        assert_eq!(
            message(route, argument, options).as_deref(),
            Some(expected),
            "{rule}"
        );
    }
    accepted("UL-23", LINK, r#"{"commit_info":{"path":"ns:1/a\nb"}}"#);
}

#[test]
fn a_whole_link_argument_is_taken_over() {
    use std::time::Duration;

    use super::Argument as _;
    use crate::dropbox::commit_info::{CommitInfo, PropertyField, PropertyGroup, WriteMode};
    use crate::dropbox::time::Timestamp;
    use crate::wire::json::Json;

    let argument = Json::parse(
        br#"{"duration":3600.5,"commit_info":{"path":"/a","mode":{".tag":"update","update":"0123456789"},
        "autorename":true,"client_modified":"2022-02-27T13:43:32Z","mute":true,"strict_conflict":true,
        "property_groups":[{"template_id":"ptid:x","fields":[{"name":"n","value":"v"}]}]}}"#,
    )
    .unwrap();
    let (link, without_effect) =
        GetTemporaryUploadLink::read(&argument, Options::default()).unwrap();
    assert_eq!(
        link,
        GetTemporaryUploadLink {
            duration: Duration::from_millis(3_600_500),
            commit_info: CommitInfo {
                path: "/a".into(),
                mode: WriteMode::Update("0123456789".into()),
                autorename: true,
                client_modified: Some(Timestamp::from_seconds(1_645_969_412)),
                mute: true,
                property_groups: vec![PropertyGroup {
                    template_id: "ptid:x".into(),
                    fields: vec![PropertyField {
                        name: "n".into(),
                        value: "v".into()
                    }],
                }],
                strict_conflict: true,
            },
        }
    );
    assert_eq!(without_effect, ["commit_info.mute"]);
}
