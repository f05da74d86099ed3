//! Faults: what shall go wrong, for which requests, and when.
//!
//! A [`FaultRule`] says which requests it concerns, in which phase of the request it acts and
//! what it does. Rules live in a [`FaultPlan`], which arms them request by request.
//!
//! ```
//! use fake_dropbox::control::faults::{FaultPlan, FaultRule};
//! use fake_dropbox::control::scope::Scope;
//!
//! let plan = FaultPlan::new(7);
//! let rule: FaultRule = serde_json::from_str(
//!     r#"{"match": {"route": "upload_link"}, "phase": "after_commit", "action": "reset"}"#,
//! ).expect("a rule");
//! plan.add(Scope::All, rule).expect("it can match and act");
//!
//! let rule: FaultRule = serde_json::from_str(
//!     r#"{"match": {"route": "files/uplaod"}, "phase": "head", "action": "reset"}"#,
//! ).expect("a rule");
//! assert!(plan.add(Scope::All, rule).is_err(), "there is no such route");
//! ```

mod answer;
mod pattern;
mod plan;
mod rule;

pub use crate::wire::routes::HostKind;
#[doc(hidden)]
pub use answer::PresetAnswer;
pub use answer::{FaultAnswer, RateLimitBody};
pub use pattern::PathPattern;
#[doc(hidden)]
pub use plan::{ArmedFault, ArmedFaults, FaultPlan, Subject};
pub use plan::{FaultId, FaultStatus};
pub use rule::{Action, BadFault, FaultMatch, FaultRule, HeaderMatch, Phase, Times};
