//! A first look at a service: at most eighteen calls, in an order in which each tells most, that settle what
//! is open about upload links. It judges nothing: it says what came, and which assumptions that supports.

mod calls;
mod findings;
pub mod page;

pub use calls::{Call, Came, MOST_CALLS, Met, first_look};
pub use findings::{Finding, findings};

use serde_json::{Value, json};

use crate::run::time;

/// The calls that can stand among the documented exchanges, in their form: those of routes whose answer has
/// nothing in it that differs each time.
pub fn documented(calls: &[Call]) -> Value {
    let dialect = findings::dialect(calls);
    let dialect = dialect
        .filter(|dialect| dialect == "2025")
        .unwrap_or_else(|| "2026".to_owned());
    let refused = calls.iter().filter_map(|call| {
        let answer = call.answer()?;
        let (route, argument) = call.argument.as_ref()?;
        (answer.status == 400).then(|| {
            let mut told = json!({"status": answer.status, "body": answer.body});
            let content_type = answer.header("content-type").unwrap_or_default();
            if content_type != "application/json" {
                told["content_type"] = content_type.into();
            }
            json!({
                "what": call.what, "dialect": dialect, "seen": time::today(), "kind": "capture",
                "source": "a first look of the conformance suite", "rules": call.rules,
                "steps": [{"route": route, "argument": argument, "answer": told}],
            })
        })
    });
    Value::Array(refused.collect())
}
