//! Faults: what shall go wrong, for which requests, and when.
//!
//! A [`FaultRule`] says which requests it concerns, in which phase of the request it acts and
//! what it does. Rules live in a [`FaultPlan`], which arms them request by request.

mod answer;
mod pattern;
mod plan;
mod rule;

pub use crate::wire::routes::HostKind;
pub use answer::{CustomAnswer, FaultAnswer, RateLimitBody};
pub use answer::{Injected, PresetAnswer};
pub use pattern::PathPattern;
pub use plan::{ArmedFault, ArmedFaults, FaultPlan, Subject};
pub use plan::{FaultId, FaultStatus};
pub use rule::{Action, BadFault, FaultMatch, FaultPoint, FaultRule, HeaderMatch, Phase, Times};
