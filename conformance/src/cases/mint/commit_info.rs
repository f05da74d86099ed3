//! The commit info of a mint, field by field: what is refused, with which words, and what is not.

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::cases::mint::arguments::{MINT, Refusals, probe_words, refused};
use crate::failure::Verdict;
use crate::talk::context::Context;
use crate::talk::shown::Rules;

pub const CASES: &[Case] = &[
    COMMIT_INFO_UPDATE_IS_AN_OBJECT,
    COMMIT_INFO_MODE_TAG,
    COMMIT_INFO_MODE_OF_ANOTHER_TYPE,
    COMMIT_INFO_REV,
    COMMIT_INFO_MODE_WITHOUT_A_VALUE,
    COMMIT_INFO_SPELLINGS_OF_MODE,
    COMMIT_INFO_BOOLEANS,
    BOOLEANS_ARE_ACCEPTED,
    COMMIT_INFO_TIMESTAMP,
    COMMIT_INFO_NULLABLE_FIELDS,
    COMMIT_INFO_PROPERTY_GROUPS,
    COMMIT_INFO_WELL_FORMED_PROPERTY_GROUP,
    COMMIT_INFO_INSIDES_OF_THE_VALIDATOR,
];

const COMMIT_INFO_UPDATE_IS_AN_OBJECT: Case =
    Case::observed("mint/commit-info/update-is-an-object")
        .rules(&["UL-31", "UL-47", "UL-48", "API-52", "API-83"])
        .claim("The mode update carries a rev and so is no bare string.")
        .calls(2)
        .run(|t| Box::pin(refused(t, UPDATE_IS_AN_OBJECT)));

const COMMIT_INFO_MODE_TAG: Case = Case::observed("mint/commit-info/mode-tag")
    .rules(&["UL-13", "UL-49", "UL-50", "UL-55", "API-83"])
    .claim("A mode needs a tag that is a string and one of the three.")
    .calls(4)
    .run(|t| Box::pin(refused(t, MODE_TAG)));

const COMMIT_INFO_MODE_OF_ANOTHER_TYPE: Case = Case::probe("mint/commit-info/mode-of-another-type")
    .rules(&["OQ-18.mode", "UL-34", "UL-54"])
    .claim("A mode is a string or an object, never a number or null.")
    .calls(2)
    .run(|t| Box::pin(probe_words(t, "OQ-18.mode", MODE_OF_ANOTHER_TYPE)));

const COMMIT_INFO_REV: Case = Case::observed("mint/commit-info/rev")
    .rules(&["UL-27", "UL-51", "UL-52", "API-195", "API-77", "API-78"])
    .claim("The rev of an update has at least nine digits of lower-case hex.")
    .calls(3)
    .run(|t| Box::pin(refused(t, REV)));

const COMMIT_INFO_MODE_WITHOUT_A_VALUE: Case = Case::probe("mint/commit-info/mode-without-a-value")
    .rules(&["OQ-18.mode_value", "UL-53", "UL-56"])
    .claim("The modes add and overwrite carry no value and no other key.")
    .calls(2)
    .run(|t| Box::pin(probe_words(t, "OQ-18.mode_value", MODE_WITHOUT_A_VALUE)));

const COMMIT_INFO_BOOLEANS: Case = Case::observed("mint/commit-info/booleans")
    .rules(&[
        "UL-14", "UL-16", "UL-18", "UL-59", "UL-60", "UL-61", "UL-62", "API-79",
    ])
    .claim("A boolean is true or false: no string, no number, no null.")
    .calls(5)
    .run(|t| Box::pin(refused(t, BOOLEANS)));

const COMMIT_INFO_TIMESTAMP: Case = Case::observed("mint/commit-info/timestamp")
    .rules(&["UL-15", "UL-57", "API-57", "API-82", "API-204"])
    .claim("A client_modified has whole seconds and a literal Z; the refused value is echoed.")
    .calls(4)
    .run(|t| Box::pin(refused(t, TIMESTAMP)));

const COMMIT_INFO_PROPERTY_GROUPS: Case = Case::observed("mint/commit-info/property-groups")
    .rules(&["UL-17", "UL-19", "API-75", "API-84"])
    .claim("A property group has a template id of a given shape and a list of fields.")
    .calls(5)
    .run(|t| Box::pin(refused(t, PROPERTY_GROUPS)));

const COMMIT_INFO_INSIDES_OF_THE_VALIDATOR: Case =
    Case::probe("mint/commit-info/insides-of-the-validator")
        .rules(&["OQ-18.insides", "UL-34", "UL-77"])
        .claim("Two messages show the insides of the validator.")
        .calls(2)
        .run(|t| Box::pin(probe_words(t, "OQ-18.insides", INSIDES_OF_THE_VALIDATOR)));

const UPDATE_IS_AN_OBJECT: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a","mode":"update"}}"#,
        "commit_info.mode: expected object for 'update', got symbol",
        &["UL-31", "UL-47"],
    ),
    (
        r#"{"commit_info":{"path":"/a","mode":{".tag":"update"}}}"#,
        "commit_info.mode: missing 'update' key",
        &["UL-48"],
    ),
];

const MODE_TAG: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a","mode":{"update":"0123456789"}}}"#,
        "commit_info.mode: missing '.tag' key",
        &["UL-49"],
    ),
    (
        r#"{"commit_info":{"path":"/a","mode":"bogus"}}"#,
        "commit_info.mode: unknown tag 'bogus'",
        &["UL-50"],
    ),
    (
        r#"{"commit_info":{"path":"/a","mode":{".tag":"other"}}}"#,
        "commit_info.mode: unknown tag 'other'",
        &["UL-50"],
    ),
    (
        r#"{"commit_info":{"path":"/a","mode":{".tag":5}}}"#,
        "commit_info.mode: tag must be string, got integer",
        &["UL-55"],
    ),
];

const MODE_OF_ANOTHER_TYPE: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a","mode":5}}"#,
        "commit_info.mode: expected string or object, got integer",
        &["UL-54"],
    ),
    (
        r#"{"commit_info":{"path":"/a","mode":null}}"#,
        "commit_info.mode: expected string or object, got null",
        &["UL-54"],
    ),
];

const REV: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a","mode":{".tag":"update","update":"xyz"}}}"#,
        "commit_info.mode: 'xyz' must be at least 9 characters, got 3",
        &["UL-51"],
    ),
    (
        r#"{"commit_info":{"path":"/a","mode":{".tag":"update","update":"zzzzzzzzz"}}}"#,
        "commit_info.mode: 'zzzzzzzzz' did not match pattern '[0-9a-f]+'",
        &["UL-52"],
    ),
    (
        r#"{"commit_info":{"path":"/a","mode":{".tag":"update","update":"0123456789ABCDEF"}}}"#,
        "commit_info.mode: '0123456789ABCDEF' did not match pattern '[0-9a-f]+'",
        &["UL-52"],
    ),
];

const MODE_WITHOUT_A_VALUE: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a","mode":{".tag":"add","x":1}}}"#,
        "commit_info.mode: unexpected key 'x'",
        &["UL-53"],
    ),
    (
        r#"{"commit_info":{"path":"/a","mode":{".tag":"overwrite","overwrite":1}}}"#,
        "commit_info.mode: expected null, got integer",
        &["UL-56"],
    ),
];

const BOOLEANS: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a","autorename":"true"}}"#,
        "commit_info.autorename: 'true' is not a valid boolean",
        &["UL-59"],
    ),
    (
        r#"{"commit_info":{"path":"/a","autorename":1}}"#,
        "commit_info.autorename: 1 is not a valid boolean",
        &["UL-60"],
    ),
    (
        r#"{"commit_info":{"path":"/a","autorename":null}}"#,
        "commit_info.autorename: None is not a valid boolean",
        &["UL-61"],
    ),
    (
        r#"{"commit_info":{"path":"/a","strict_conflict":"x"}}"#,
        "commit_info.strict_conflict: 'x' is not a valid boolean",
        &["UL-62"],
    ),
    (
        r#"{"commit_info":{"path":"/a","mute":"x"}}"#,
        "commit_info.mute: 'x' is not a valid boolean",
        &[],
    ),
];

const TIMESTAMP: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a","client_modified":"2026-01-02T03:04:05.000Z"}}"#,
        "commit_info.client_modified: time data '2026-01-02T03:04:05.000Z' does not match format '%Y-%m-%dT%H:%M:%SZ'",
        &["UL-57"],
    ),
    (
        r#"{"commit_info":{"path":"/a","client_modified":"2026-01-02T03:04:05+00:00"}}"#,
        "commit_info.client_modified: time data '2026-01-02T03:04:05+00:00' does not match format '%Y-%m-%dT%H:%M:%SZ'",
        &["UL-57"],
    ),
    (
        r#"{"commit_info":{"path":"/a","client_modified":"2026-13-02T03:04:05Z"}}"#,
        "commit_info.client_modified: time data '2026-13-02T03:04:05Z' does not match format '%Y-%m-%dT%H:%M:%SZ'",
        &[],
    ),
    (
        r#"{"commit_info":{"path":"/a","client_modified":"yesterday"}}"#,
        "commit_info.client_modified: time data 'yesterday' does not match format '%Y-%m-%dT%H:%M:%SZ'",
        &[],
    ),
];

const PROPERTY_GROUPS: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a","property_groups":"x"}}"#,
        "commit_info.property_groups: expected list, got string",
        &[],
    ),
    (
        r#"{"commit_info":{"path":"/a","property_groups":[{"template_id":"ptid:x"}]}}"#,
        "commit_info.property_groups: missing required field 'fields'",
        &[],
    ),
    (
        r#"{"commit_info":{"path":"/a","property_groups":[{"template_id":"","fields":[]}]}}"#,
        "commit_info.property_groups.template_id: '' must be at least 1 characters, got 0",
        &[],
    ),
    (
        r#"{"commit_info":{"path":"/a","property_groups":[{"template_id":"x","fields":[]}]}}"#,
        "commit_info.property_groups.template_id: 'x' did not match pattern '(/|ptid:).*'",
        &[],
    ),
    (
        r#"{"commit_info":{"path":"/a","property_groups":[{"template_id":"ptid:x","fields":[{"name":"n"}]}]}}"#,
        "commit_info.property_groups.fields: missing required field 'value'",
        &[],
    ),
];

const INSIDES_OF_THE_VALIDATOR: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a","client_modified":5}}"#,
        "commit_info.client_modified: strptime() argument 1 must be str, not int",
        &["UL-77"],
    ),
    (
        r#"{"commit_info":{"path":"/a","property_groups":{}}}"#,
        "commit_info.property_groups: expected list, got builtins.dict",
        &["UL-77"],
    ),
];

/// Values of a field of the commit info, as JSON.
type Fields = &'static [(&'static str, &'static str)];

const SPELLINGS_OF_MODE: Fields = &[
    ("mode", r#""add""#),
    ("mode", r#""overwrite""#),
    ("mode", r#"{".tag":"add"}"#),
    ("mode", r#"{".tag":"overwrite"}"#),
    ("mode", r#"{".tag":"overwrite","overwrite":null}"#),
    ("mode", r#"{".tag":"update","update":"0123456789"}"#),
    (
        "mode",
        r#"{"update":"0123456789abcdef","\u002etag":"update"}"#,
    ),
];

const BOOLEANS_ACCEPTED: Fields = &[
    ("autorename", r#"true,"mute":true,"strict_conflict":true"#),
    (
        "autorename",
        r#"false,"mute":false,"strict_conflict":false"#,
    ),
];

const NULLABLE_FIELDS: Fields = &[
    ("client_modified", "null"),
    ("client_modified", r#""2026-01-02T03:04:05Z""#),
    ("property_groups", "null"),
    ("property_groups", "[]"),
];

const WELL_FORMED_PROPERTY_GROUP: Fields = &[(
    "property_groups",
    r#"[{"template_id":"ptid:conformance","fields":[{"name":"n","value":"v"}]}]"#,
)];

const COMMIT_INFO_SPELLINGS_OF_MODE: Case = Case::required("mint/commit-info/spellings-of-mode")
    .rules(&["UL-13", "UL-30", "UL-31", "UL-56", "API-24"])
    .claim("A mode may be a bare string or an object with a tag, update only an object.")
    .calls(7)
    .run(|t| Box::pin(accepted(t, SPELLINGS_OF_MODE, &["UL-30"])));

const BOOLEANS_ARE_ACCEPTED: Case = Case::required("mint/commit-info/booleans-are-accepted")
    .rules(&["UL-14", "UL-16", "UL-18", "API-153"])
    .claim("The three booleans of a commit info may be true and false.")
    .calls(2)
    .run(|t| Box::pin(accepted(t, BOOLEANS_ACCEPTED, &[])));

const COMMIT_INFO_NULLABLE_FIELDS: Case = Case::required("mint/commit-info/nullable-fields")
    .rules(&["UL-15", "UL-17", "UL-58"])
    .claim("client_modified and property_groups may be null, and the list may be empty.")
    .calls(4)
    .run(|t| Box::pin(accepted(t, NULLABLE_FIELDS, &["UL-58"])));

const COMMIT_INFO_WELL_FORMED_PROPERTY_GROUP: Case =
    Case::required("mint/commit-info/well-formed-property-group")
        .rules(&["UL-19"])
        .claim(
            "A well-formed property group passes the mint; templates are looked up at the upload.",
        )
        .calls(1)
        .run(|t| Box::pin(accepted(t, WELL_FORMED_PROPERTY_GROUP, &[])));

/// A commit info with this field is accepted, and a link comes back.
async fn accepted(t: &Context, fields: Fields, rules: Rules) -> Verdict {
    let path = json!(t.path("/a.txt"));
    for (name, value) in fields {
        let argument = format!(r#"{{"commit_info":{{"path":{path},"{name}":{value}}}}}"#);
        let request = t.rpc_request(MINT, &Value::Null).body(argument.clone());
        let answer = t.send(request).await?.by(rules).expect_status(200)?;
        t.link_of(
            &answer,
            &serde_json::from_str(&argument).unwrap_or_default(),
        )?;
    }
    Ok(())
}
