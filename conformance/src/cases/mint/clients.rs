//! What the official libraries and public clients put on the wire at a mint: all of it is taken.

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::context::Context;
use crate::talk::shown::Rules;

pub const CASES: &[Case] = &[
    CLIENTS_PYTHON,
    CLIENTS_RUST,
    CLIENTS_JAVASCRIPT,
    CLIENTS_GO,
    CLIENTS_HABITS,
];

/// What follows the path in the commit info, and what follows the commit info, as on the wire.
type Arguments = &'static [(&'static str, &'static str)];

const PYTHON: Arguments = &[
    ("", ""),
    (r#", "mode": {".tag": "add"}"#, r#", "duration": 14400.0"#),
    (
        r#", "mode": {".tag": "overwrite"}"#,
        r#", "duration": 60.0"#,
    ),
];

const RUST: Arguments = &[("", ""), (r#","autorename":true"#, "")];

const JAVASCRIPT: Arguments = &[
    (r#","mode":"add""#, ""),
    (r#","mode":"overwrite""#, r#","duration":3600"#),
    (r#","mode":{".tag":"overwrite"}"#, r#","duration":14400"#),
];

const GO: Arguments = &[(
    r#","mode":{".tag":"add"},"autorename":false,"mute":false,"strict_conflict":false"#,
    r#","duration":14400"#,
)];

const HABITS: Arguments = &[
    (
        r#","mode":"add","autorename":true,"mute":true"#,
        r#","duration":60"#,
    ),
    (
        r#","mode":{".tag":"add"},"autorename":false"#,
        r#","duration":300"#,
    ),
    (r#","mode":"overwrite","mute":true"#, r#","duration":600"#),
    (
        r#","mode":{".tag":"overwrite"},"autorename":false,"mute":false"#,
        r#","duration":900"#,
    ),
    (
        r#","mode":"add","strict_conflict":true"#,
        r#","duration":3600"#,
    ),
    (
        r#","mode":{".tag":"add"},"autorename":true,"strict_conflict":false"#,
        r#","duration":7200"#,
    ),
    ("", r#","duration":14400"#),
];

const CLIENTS_PYTHON: Case = Case::required("mint/clients/python")
    .rules(&["UL-37", "UL-38", "UL-90", "UL-94"])
    .claim("The Python library sends modes as objects and durations as floats.")
    .calls(3)
    .run(|t| Box::pin(taken(t, PYTHON, &["UL-90"])));

const CLIENTS_RUST: Case = Case::required("mint/clients/rust")
    .rules(&["UL-37", "UL-91", "UL-94"])
    .claim("The Rust library leaves out the duration that is the default.")
    .calls(2)
    .run(|t| Box::pin(taken(t, RUST, &["UL-91"])));

const CLIENTS_JAVASCRIPT: Case = Case::required("mint/clients/javascript")
    .rules(&["UL-30", "UL-92"])
    .claim("The JavaScript library sends what it is given, such as modes as bare strings.")
    .calls(3)
    .run(|t| Box::pin(taken(t, JAVASCRIPT, &["UL-92"])));

const CLIENTS_GO: Case = Case::required("mint/clients/go")
    .rules(&["UL-93"])
    .claim("The Go library fills in every default.")
    .calls(1)
    .run(|t| Box::pin(taken(t, GO, &["UL-93"])));

const CLIENTS_HABITS: Case = Case::observed("mint/clients/habits")
    .rules(&["UL-95"])
    .claim("The usual durations come with every usual commit info.")
    .calls(7)
    .run(|t| Box::pin(taken(t, HABITS, &["UL-95"])));

/// A link comes back for each of them.
async fn taken(t: &Context, arguments: Arguments, rules: Rules) -> Verdict {
    let path = json!(t.path("/a.txt"));
    for (fields, duration) in arguments {
        let argument = format!(r#"{{"commit_info":{{"path":{path}{fields}}}{duration}}}"#);
        let request = t
            .rpc_request(crate::cases::mint::arguments::MINT, &Value::Null)
            .body(argument.clone());
        let answer = t.send(request).await?.by(rules).expect_status(200)?;
        let argument = serde_json::from_str(&argument).unwrap_or_default();
        t.link_of(&answer, &argument)?;
    }
    Ok(())
}
