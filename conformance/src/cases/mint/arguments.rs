//! The argument of `files/get_temporary_upload_link`: what is refused, and with which words.
//!
//! The server was seen to speak the words of the Stone validator on other routes (API-29, API-49 to
//! API-57); the rows here are what that validator says about this argument.

use serde_json::{Value, json};

use crate::cases::case::{Case, Cost, Kind, Needs};
use crate::failure::Verdict;
use crate::talk::commit_info::commit_info;
use crate::talk::context::Context;

/// The route.
pub const MINT: &str = "files/get_temporary_upload_link";

pub const CASES: &[Case] = &[
    Case {
        id: "mint/arguments/duration-bounds-are-inclusive",
        sentence: "60 and 14400 seconds are accepted, as integers and with a fraction too.",
        rules: &["UL-11", "UL-38", "UL-10", "API-155", "API-248"],
        kind: Kind::Required,
        cost: Cost::calls(4),
        needs: Needs::NOTHING,
        run: |t| Box::pin(duration_bounds_are_inclusive(t)),
    },
    Case {
        id: "mint/arguments/duration-out-of-range",
        sentence: "A duration below 60 or above 14400 is a 400 with the validator's words.",
        rules: &["UL-11", "UL-39", "UL-40", "UL-41", "API-81", "API-58"],
        kind: Kind::Observed,
        cost: Cost::calls(4),
        needs: Needs::NOTHING,
        run: |t| Box::pin(duration_out_of_range(t)),
    },
    Case {
        id: "mint/arguments/duration-of-another-type",
        sentence: "A duration that is a string or null is no number, and true counts as 1.",
        rules: &[
            "OQ-18.duration",
            "AQ-09",
            "UL-34",
            "UL-42",
            "UL-43",
            "UL-44",
            "API-81",
        ],
        kind: Kind::Probe,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_words(t, "OQ-18.duration", DURATION_OF_ANOTHER_TYPE)),
    },
    Case {
        id: "mint/arguments/duration-not-finite",
        sentence: "NaN and a number beyond every bound are read as JSON and refused as a duration.",
        rules: &["OQ-18.not_finite", "UL-45", "UL-46", "API-70"],
        kind: Kind::Probe,
        cost: Cost::calls(2),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_words(t, "OQ-18.not_finite", DURATION_NOT_FINITE)),
    },
    Case {
        id: "mint/arguments/unknown-field",
        sentence: "A field that nobody declared is a 400, at the top before anything inside.",
        rules: &["UL-63", "UL-65", "UL-35", "API-29", "API-49", "API-72"],
        kind: Kind::Observed,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(refused(t, UNKNOWN_FIELD)),
    },
    Case {
        id: "mint/arguments/no-content-hash",
        sentence: "A content_hash belongs to files/upload: inside a commit info of a mint it is unknown.",
        rules: &["UL-21", "UL-64", "API-154"],
        kind: Kind::Observed,
        cost: Cost::calls(2),
        needs: Needs::NOTHING,
        run: |t| Box::pin(no_content_hash(t)),
    },
    Case {
        id: "mint/arguments/missing-field",
        sentence: "An argument without commit_info, or a commit info without a path, is a 400.",
        rules: &["UL-10", "UL-12", "UL-66", "UL-69", "API-50", "API-74"],
        kind: Kind::Observed,
        cost: Cost::calls(2),
        needs: Needs::NOTHING,
        run: |t| Box::pin(refused(t, MISSING_FIELD)),
    },
    Case {
        id: "mint/arguments/order-of-faults",
        sentence: "Of several faults an unknown field comes first, then bad values as declared, then what is missing.",
        rules: &[
            "AQ-03.argument",
            "UL-65",
            "UL-67",
            "UL-68",
            "API-72",
            "API-73",
        ],
        kind: Kind::Probe,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_words(t, "AQ-03.argument", ORDER_OF_FAULTS)),
    },
    Case {
        id: "mint/arguments/no-object",
        sentence: "Where an object belongs, null, a list and a string are refused by their type.",
        rules: &["OQ-18.no_object", "UL-34", "UL-70", "UL-71", "API-71"],
        kind: Kind::Probe,
        cost: Cost::calls(4),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_words(t, "OQ-18.no_object", NO_OBJECT)),
    },
    Case {
        id: "mint/arguments/no-json",
        sentence: "A body that is empty or not JSON is a 400 that says so.",
        rules: &["UL-36", "API-46", "API-45", "API-70"],
        kind: Kind::Observed,
        cost: Cost::calls(3),
        needs: Needs::NOTHING,
        run: |t| Box::pin(refused(t, NO_JSON)),
    },
    Case {
        id: "mint/arguments/doubled-key",
        sentence: "Which of two equal keys counts.",
        rules: &["OQ-18.doubled_key", "API-70", "UL-34"],
        kind: Kind::Probe,
        cost: Cost::calls(1),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_doubled_key(t)),
    },
    Case {
        id: "mint/arguments/probe-unknown-field",
        sentence: "Whether the mint refuses fields that its argument does not have.",
        rules: &["OQ-18", "UL-64"],
        kind: Kind::Probe,
        cost: Cost::calls(2),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_unknown_field(t)),
    },
    Case {
        id: "mint/arguments/probe-form-of-a-400",
        sentence: "Whether a bad argument is answered in plain text or in JSON.",
        rules: &["AQ-01", "API-29", "API-96"],
        kind: Kind::Probe,
        cost: Cost::calls(1),
        needs: Needs::NOTHING,
        run: |t| Box::pin(probe_form_of_a_400(t)),
    },
];

/// Arguments as they go on the wire, each with what follows `request body: ` in its 400.
pub type Refusals = &'static [(&'static str, &'static str)];

const DURATION_OF_ANOTHER_TYPE: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a"},"duration":"3600"}"#,
        "duration: expected real number, got string",
    ),
    (
        r#"{"commit_info":{"path":"/a"},"duration":null}"#,
        "duration: expected real number, got null",
    ),
    (
        r#"{"commit_info":{"path":"/a"},"duration":true}"#,
        "duration: 1.000000 is not greater than 60.000000",
    ),
];

const DURATION_NOT_FINITE: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a"},"duration":NaN}"#,
        "duration: nan values are not supported",
    ),
    (
        r#"{"commit_info":{"path":"/a"},"duration":1e400}"#,
        "duration: inf values are not supported",
    ),
];

const UNKNOWN_FIELD: Refusals = &[
    (
        r#"{"commit_info":{"path":"/a","extra":1}}"#,
        "commit_info: unknown field 'extra'",
    ),
    (
        r#"{"commit_info":{"path":"/a","foo":1}}"#,
        "commit_info: unknown field 'foo'",
    ),
    (
        r#"{"commit_info":{"path":"/a"},"extra":1}"#,
        "unknown field 'extra'",
    ),
];

const MISSING_FIELD: Refusals = &[
    ("{}", "missing required field 'commit_info'"),
    (
        r#"{"commit_info":{}}"#,
        "commit_info: missing required field 'path'",
    ),
];

const ORDER_OF_FAULTS: Refusals = &[
    (
        r#"{"extra":1,"commit_info":{"path":1}}"#,
        "unknown field 'extra'",
    ),
    (
        r#"{"duration":5}"#,
        "duration: 5.000000 is not greater than 60.000000",
    ),
    (
        r#"{"duration":5,"commit_info":{"path":1}}"#,
        "commit_info.path: '1' expected to be a string, got integer",
    ),
];

const NO_OBJECT: Refusals = &[
    (
        r#"{"commit_info":null}"#,
        "commit_info: expected object, got null",
    ),
    (
        r#"{"commit_info":"x"}"#,
        "commit_info: expected object, got string",
    ),
    ("null", "expected object, got null"),
    ("[]", "expected object, got list"),
];

const NO_JSON: Refusals = &[
    ("{", "could not decode input as JSON"),
    (r"{'path': '/a'}", "could not decode input as JSON"),
    ("", "could not decode input as JSON"),
];

/// Every argument is refused with these words (UL-35).
pub async fn refused(t: &Context, refusals: Refusals) -> Verdict {
    for (argument, message) in refusals {
        let request = t
            .rpc_request(MINT, &Value::Null)
            .body((*argument).to_owned());
        t.send(request)
            .await?
            .expect_bad_request(&format!("request body: {message}"))?;
    }
    Ok(())
}

/// Whether the server says what the validator says, where nobody has seen the server say it. What it
/// says instead is in the exchanges.
pub async fn probe_words(t: &Context, question: &str, refusals: Refusals) -> Verdict {
    let mut others = Vec::new();
    for (argument, message) in refusals {
        let request = t
            .rpc_request(MINT, &Value::Null)
            .body((*argument).to_owned());
        let answer = t.send(request).await?;
        let words = format!("Error in call to API function \"{MINT}\": request body: {message}");
        if answer.status() != 400 {
            others.push(format!("{argument} gets {}", answer.status()));
        } else if answer.text() != words {
            others.push(format!("{argument} has other words"));
        }
    }
    let answer = if others.is_empty() {
        "as the validator says".to_owned()
    } else {
        others.join(", ")
    };
    t.observe(question, answer);
    Ok(())
}

async fn duration_bounds_are_inclusive(t: &Context) -> Verdict {
    for duration in [json!(60), json!(60.0), json!(14400), json!(3600.5)] {
        t.mint(commit_info("/a.txt").duration(duration)).await?;
    }
    Ok(())
}

async fn duration_out_of_range(t: &Context) -> Verdict {
    for (duration, message) in [
        (json!(59), "59.000000 is not greater than 60.000000"),
        (json!(59.9), "59.900000 is not greater than 60.000000"),
        (json!(14401), "14401.000000 is not less than 14400.000000"),
        (json!(14400.5), "14400.500000 is not less than 14400.000000"),
    ] {
        let argument = t.mint_argument(&commit_info("/a.txt").duration(duration));
        t.mint_with(argument)
            .await?
            .expect_bad_request(&format!("request body: duration: {message}"))?;
    }
    Ok(())
}

async fn no_content_hash(t: &Context) -> Verdict {
    let hash = crate::talk::content_hash::content_hash(b"hello");
    let info = commit_info("/a.txt").field("content_hash", hash);
    t.mint_with(t.mint_argument(&info))
        .await?
        .expect_bad_request("request body: commit_info: unknown field 'content_hash'")?;
    t.upload(info, b"hello").await?.expect_status(200)?;
    Ok(())
}

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

async fn probe_form_of_a_400(t: &Context) -> Verdict {
    let answer = t.mint_with(json!({})).await?.expect_status(400)?;
    let form = match answer.header("Content-Type") {
        Some("text/plain; charset=utf-8") => "text",
        Some("application/json") => "json",
        _ => "another Content-Type",
    };
    t.observe("AQ-01", form);
    Ok(())
}
