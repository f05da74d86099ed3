//! One example of each operation. A test plays them in order against a server.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::OnceLock;

/// A call of an operation and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The name of the operation.
    pub operation: String,
    /// The account that it concerns; none for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The argument.
    pub argument: Value,
    /// The answer.
    pub answer: Value,
}

/// The examples in the order in which they are played.
pub fn all() -> &'static [Example] {
    static EXAMPLES: OnceLock<Vec<Example>> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        serde_json::from_str(include_str!("examples.json"))
            .expect("the file is part of the program, and a test plays it")
    })
}

/// Faults that tests ask for, each with a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultExample {
    /// What goes wrong.
    pub name: String,
    /// The fault, as `add_fault` takes it.
    pub fault: Value,
}

/// Every phase and every action at least once.
pub fn faults() -> &'static [FaultExample] {
    static EXAMPLES: OnceLock<Vec<FaultExample>> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        serde_json::from_str(include_str!("fault-examples.json"))
            .expect("the file is part of the program, and a test asks for each")
    })
}

/// The example of an operation.
pub fn example(operation: &str) -> Option<&'static Example> {
    all().iter().find(|example| example.operation == operation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::faults::FaultRule;

    #[test]
    fn each_fault_of_the_examples_can_be_asked_for_and_no_phase_or_action_is_left_out() {
        let mut words = String::new();
        for example in faults() {
            let fault: FaultRule = serde_json::from_value(example.fault.clone()).unwrap();
            assert!(fault.check().is_ok(), "{}", example.name);
            words.push_str(&example.fault.to_string());
        }
        for word in [
            "head",
            "body",
            "before_commit",
            "after_commit",
            "answer",
            "delay",
            "stall",
            "reset",
            "close",
            "truncate",
            "slow",
            "too_many_requests",
            "too_many_write_operations",
            "internal_error",
            "bad_gateway",
            "unavailable",
            "expired_access_token",
            "invalid_access_token",
            "payload_too_large",
            "custom",
        ] {
            assert!(words.contains(&format!("\"{word}\"")), "{word}");
        }
    }
}
