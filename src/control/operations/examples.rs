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

/// The example of an operation.
pub fn example(operation: &str) -> Option<&'static Example> {
    all().iter().find(|example| example.operation == operation)
}
