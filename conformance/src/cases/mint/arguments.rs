//! The argument of `files/get_temporary_upload_link`: what is refused, and with which words.
//!
//! The server was seen to speak the words of the Stone validator on other routes (API-29, API-49 to
//! API-57); the rows here are what that validator says about this argument.

use serde_json::{Value, json};

use crate::cases::case::Case;
use crate::failure::Verdict;
use crate::talk::answer::Answer;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;
use crate::talk::shown::Rules;

/// The route.
pub const MINT: &str = "files/get_temporary_upload_link";

pub const CASES: &[Case] = &[
    DURATION_BOUNDS_ARE_INCLUSIVE,
    DURATION_OUT_OF_RANGE,
    ARGUMENTS_DURATION_OF_ANOTHER_TYPE,
    ARGUMENTS_DURATION_NOT_FINITE,
    ARGUMENTS_UNKNOWN_FIELD,
    NO_CONTENT_HASH,
    ARGUMENTS_MISSING_FIELD,
    ARGUMENTS_ORDER_OF_FAULTS,
    ARGUMENTS_NO_OBJECT,
    ARGUMENTS_NO_JSON,
    DOUBLED_KEY,
    PROBE_UNKNOWN_FIELD,
    PROBE_FORM_OF_A_400,
];

const ARGUMENTS_DURATION_OF_ANOTHER_TYPE: Case =
    Case::probe("mint/arguments/duration-of-another-type")
        .rules(&[
            "OQ-18.duration",
            "AQ-09",
            "UL-34",
            "UL-42",
            "UL-43",
            "UL-44",
            "API-81",
        ])
        .claim("A duration that is a string or null is no number, and true counts as 1.")
        .calls(3)
        .run(|t| Box::pin(probe_words(t, "OQ-18.duration", DURATION_OF_ANOTHER_TYPE)));

const ARGUMENTS_DURATION_NOT_FINITE: Case = Case::probe("mint/arguments/duration-not-finite")
    .rules(&["OQ-18.not_finite", "UL-45", "UL-46", "API-70"])
    .claim("NaN and a number beyond every bound are read as JSON and refused as a duration.")
    .calls(2)
    .run(|t| Box::pin(probe_words(t, "OQ-18.not_finite", DURATION_NOT_FINITE)));

const ARGUMENTS_UNKNOWN_FIELD: Case = Case::observed("mint/arguments/unknown-field")
    .rules(&[
        "OQ-18", "UL-63", "UL-65", "UL-35", "API-29", "API-49", "API-72",
    ])
    .claim("A field that nobody declared is a 400, at the top before anything inside.")
    .calls(3)
    .run(|t| Box::pin(unknown_field(t)));

const ARGUMENTS_MISSING_FIELD: Case = Case::observed("mint/arguments/missing-field")
    .rules(&["UL-10", "UL-12", "UL-66", "UL-69", "API-50", "API-74"])
    .claim("An argument without commit_info, or a commit info without a path, is a 400.")
    .calls(2)
    .run(|t| Box::pin(refused(t, MISSING_FIELD)));

const ARGUMENTS_ORDER_OF_FAULTS: Case = Case::probe("mint/arguments/order-of-faults")
    .rules(&[
        "AQ-03.argument",
        "UL-65",
        "UL-67",
        "UL-68",
        "API-72",
        "API-73",
    ])
    .claim(
        "Of several faults an unknown field comes first, then bad values as declared, then what is \
         missing.",
    )
    .calls(3)
    .run(|t| Box::pin(probe_words(t, "AQ-03.argument", ORDER_OF_FAULTS)));

const ARGUMENTS_NO_OBJECT: Case = Case::probe("mint/arguments/no-object")
    .rules(&["OQ-18.no_object", "UL-34", "UL-70", "UL-71", "API-71"])
    .claim("Where an object belongs, null, a list and a string are refused by their type.")
    .calls(4)
    .run(|t| Box::pin(probe_words(t, "OQ-18.no_object", NO_OBJECT)));

const ARGUMENTS_NO_JSON: Case = Case::observed("mint/arguments/no-json")
    .rules(&["UL-36", "API-46", "API-45", "API-70"])
    .claim("A body that is empty or not JSON is a 400 that says so.")
    .calls(3)
    .run(|t| Box::pin(refused(t, NO_JSON)));

/// Arguments as they go on the wire, each with what follows `request body: ` in its 400, and the rules that
/// say so.
pub type Refusals = &'static [(&'static str, &'static str, Rules)];

const DURATION_OF_ANOTHER_TYPE: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a"},"duration":"3600"}"#,
        "duration: expected real number, got string",
        &["UL-42"],
    ),
    (
        r#"{"commit_info":{"path":"/a"},"duration":null}"#,
        "duration: expected real number, got null",
        &["UL-43"],
    ),
    (
        r#"{"commit_info":{"path":"/a"},"duration":true}"#,
        "duration: 1.000000 is not greater than 60.000000",
        &["UL-44"],
    ),
];

const DURATION_NOT_FINITE: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a"},"duration":NaN}"#,
        "duration: nan values are not supported",
        &["UL-45"],
    ),
    (
        r#"{"commit_info":{"path":"/a"},"duration":1e400}"#,
        "duration: inf values are not supported",
        &["UL-46"],
    ),
];

const UNKNOWN_FIELD: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a","extra":1}}"#,
        "commit_info: unknown field 'extra'",
        &["UL-63"],
    ),
    (
        r#"{"commit_info":{"path":"/a","foo":1}}"#,
        "commit_info: unknown field 'foo'",
        &["UL-63"],
    ),
    (
        r#"{"commit_info":{"path":"/a"},"extra":1}"#,
        "unknown field 'extra'",
        &["UL-65"],
    ),
];

const MISSING_FIELD: Refusals = &[
    ("{}", "missing required field 'commit_info'", &["UL-66"]),
    (
        r#"{"commit_info":{}}"#,
        "commit_info: missing required field 'path'",
        &["UL-69"],
    ),
];

const ORDER_OF_FAULTS: Refusals = &[
    (
        r#"{"extra":1,"commit_info":{"path":1}}"#,
        "unknown field 'extra'",
        &["UL-65"],
    ),
    (
        r#"{"duration":5}"#,
        "duration: 5.000000 is not greater than 60.000000",
        &["UL-67"],
    ),
    (
        r#"{"duration":5,"commit_info":{"path":1}}"#,
        "commit_info.path: '1' expected to be a string, got integer",
        &["UL-68"],
    ),
];

const NO_OBJECT: Refusals = &[
    (
        r#"{"commit_info":null}"#,
        "commit_info: expected object, got null",
        &["UL-70"],
    ),
    (
        r#"{"commit_info":"x"}"#,
        "commit_info: expected object, got string",
        &["UL-70"],
    ),
    ("null", "expected object, got null", &["UL-71"]),
    ("[]", "expected object, got list", &["UL-71"]),
];

const NO_JSON: Refusals = &[
    ("{", "could not decode input as JSON", &["UL-36"]),
    (
        r"{'path': '/a'}",
        "could not decode input as JSON",
        &["UL-36"],
    ),
    ("", "could not decode input as JSON", &["UL-36"]),
];

/// Every argument is refused with these words (UL-35).
pub async fn refused(t: &Context, refusals: Refusals) -> Verdict {
    for (argument, message, rules) in refusals {
        let request = t
            .rpc_request(MINT, &Value::Null)
            .body((*argument).to_owned());
        t.send(request)
            .await?
            .by(rules)
            .expect_bad_request(&format!("request body: {message}"))?;
    }
    Ok(())
}

/// Whether the server says what the validator says, where nobody has seen the server say it. What it
/// says instead is in the exchanges.
pub async fn probe_words(t: &Context, question: &str, refusals: Refusals) -> Verdict {
    let mut others = Vec::new();
    for (argument, message, rules) in refusals {
        let request = t
            .rpc_request(MINT, &Value::Null)
            .body((*argument).to_owned());
        let answer = t.send(request).await?;
        let words = format!("Error in call to API function \"{MINT}\": request body: {message}");
        if answer.status() == 400 && answer.text() == words {
            t.confirms(rules);
            continue;
        }
        if answer
            .refusal()
            .is_ok_and(|came| answer.words_are_open(&came))
        {
            continue;
        }
        t.contradicts(rules);
        others.push(match answer.status() {
            400 => format!("{argument} has other words"),
            status => format!("{argument} gets {status}"),
        });
    }
    let answer = if others.is_empty() {
        "as the validator says".to_owned()
    } else {
        others.join(", ")
    };
    t.observe(question, answer);
    Ok(())
}

async fn unknown_field(t: &Context) -> Verdict {
    for (argument, message, rules) in UNKNOWN_FIELD {
        let request = t
            .rpc_request(MINT, &Value::Null)
            .body((*argument).to_owned());
        refused_unless_ignored(t, t.send(request).await?.by(rules), message)?;
    }
    Ok(())
}

fn refused_unless_ignored(t: &Context, answer: Answer, message: &str) -> Verdict {
    if answer.status() == 200 {
        return Err(t.does_not_apply("the mint ignores fields that it does not know (OQ-18)"));
    }
    answer.expect_bad_request(&format!("request body: {message}"))?;
    Ok(())
}

const DURATION_BOUNDS_ARE_INCLUSIVE: Case =
    Case::required("mint/arguments/duration-bounds-are-inclusive")
        .rules(&["UL-11", "UL-38", "UL-10", "API-155", "API-248"])
        .claim("60 and 14400 seconds are accepted, as integers and with a fraction too.")
        .calls(4)
        .run(|t| Box::pin(duration_bounds_are_inclusive(t)));

async fn duration_bounds_are_inclusive(t: &Context) -> Verdict {
    let minted = async {
        for duration in [json!(60), json!(60.0), json!(14400), json!(3600.5)] {
            t.mint(commit_info("/a.txt").duration(duration)).await?;
        }
        Ok(())
    };
    t.shows(&["UL-38"], minted).await
}

const DURATION_OUT_OF_RANGE: Case = Case::observed("mint/arguments/duration-out-of-range")
    .rules(&["UL-11", "UL-39", "UL-40", "UL-41", "API-81", "API-58"])
    .claim("A duration below 60 or above 14400 is a 400 with the validator's words.")
    .calls(4)
    .run(|t| Box::pin(duration_out_of_range(t)));

async fn duration_out_of_range(t: &Context) -> Verdict {
    let rows: [(Value, &str, Rules); 4] = [
        (
            json!(59),
            "59.000000 is not greater than 60.000000",
            &["UL-39"],
        ),
        (
            json!(59.9),
            "59.900000 is not greater than 60.000000",
            &["UL-39"],
        ),
        (
            json!(14401),
            "14401.000000 is not less than 14400.000000",
            &["UL-40"],
        ),
        (
            json!(14400.5),
            "14400.500000 is not less than 14400.000000",
            &["UL-41"],
        ),
    ];
    for (duration, message, rules) in rows {
        let argument = t.mint_argument(&commit_info("/a.txt").duration(duration));
        t.mint_with(argument)
            .await?
            .by(rules)
            .expect_bad_request(&format!("request body: duration: {message}"))?;
    }
    Ok(())
}

const NO_CONTENT_HASH: Case = Case::observed("mint/arguments/no-content-hash")
    .rules(&["OQ-18", "UL-21", "UL-64", "API-154"])
    .claim("A content_hash belongs to files/upload: inside a commit info of a mint it is unknown.")
    .calls(2)
    .run(|t| Box::pin(no_content_hash(t)));

async fn no_content_hash(t: &Context) -> Verdict {
    let hash = crate::talk::content_hash::content_hash(b"hello");
    let info = commit_info("/a.txt").field("content_hash", hash);
    t.upload(info.clone(), b"hello").await?.expect_status(200)?;
    let answer = t.mint_with(t.mint_argument(&info)).await?;
    let words = "commit_info: unknown field 'content_hash'";
    refused_unless_ignored(t, answer.by(&["UL-21", "UL-64"]), words)
}

const DOUBLED_KEY: Case = Case::probe("mint/arguments/doubled-key")
    .rules(&["OQ-18.doubled_key", "API-70", "UL-34"])
    .claim("Which of two equal keys counts.")
    .calls(1)
    .run(|t| Box::pin(probe_doubled_key(t)));

async fn probe_doubled_key(t: &Context) -> Verdict {
    let argument = r#"{"duration":5,"duration":60,"commit_info":{"path":"/a"}}"#;
    let request = t.rpc_request(MINT, &Value::Null).body(argument.to_owned());
    let answer = match t.send(request).await?.status() {
        200 => "the last",
        400 => "the first, or it is refused",
        _ => "something else",
    };
    t.observe("OQ-18.doubled_key", answer);
    Ok(())
}

const PROBE_UNKNOWN_FIELD: Case = Case::probe("mint/arguments/probe-unknown-field")
    .rules(&["OQ-18", "UL-64"])
    .claim("Whether the mint refuses fields that its argument does not have.")
    .calls(2)
    .run(|t| Box::pin(probe_unknown_field(t)));

async fn probe_unknown_field(t: &Context) -> Verdict {
    let mut argument = t.mint_argument(&commit_info("/a.txt").field("content_hash", "0"));
    let inside = t.mint_with(argument.clone()).await?.status();
    argument["commit_info"]
        .as_object_mut()
        .map(|info| info.remove("content_hash"));
    argument["extra"] = json!(1);
    let at_the_top = t.mint_with(argument).await?.status();
    let answer = match (inside, at_the_top) {
        (400, 400) => "rejected",
        (200, 200) => "ignored",
        _ => "one is rejected, the other ignored",
    };
    t.observe("OQ-18", answer);
    Ok(())
}

const PROBE_FORM_OF_A_400: Case = Case::probe("mint/arguments/probe-form-of-a-400")
    .rules(&["AQ-01", "API-29", "API-96", "UL-35"])
    .claim("Whether a bad argument is answered in plain text or in JSON.")
    .calls(1)
    .run(|t| Box::pin(probe_form_of_a_400(t)));

async fn probe_form_of_a_400(t: &Context) -> Verdict {
    let answer = t.mint_with(json!({})).await?.expect_status(400)?;
    let form = match answer.header("Content-Type") {
        Some("text/plain; charset=utf-8") => {
            t.confirms(&["UL-35", "API-29"]);
            "text"
        }
        Some("application/json") => {
            t.contradicts(&["UL-35", "API-29"]);
            "json"
        }
        _ => "another Content-Type",
    };
    t.observe("AQ-01", form);
    Ok(())
}
