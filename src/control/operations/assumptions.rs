//! How the open questions are answered.
//!
//! ```
//! use fake_dropbox::FakeDropbox;
//! use fake_dropbox::control::operations::assumptions::{
//!     InForce, ReadAssumptions, ResetAssumptions, SetAssumptions,
//! };
//! use fake_dropbox::control::scope::Scope;
//!
//! let dropbox = FakeDropbox::start_blocking();
//! let alice = Scope::account("alice");
//! let frees = [("failed_commit".to_owned(), "frees".into())];
//! dropbox.run_blocking(&alice, SetAssumptions(frees.into_iter().collect()))?;
//! let InForce { assumptions } = dropbox.run_blocking(&alice, ReadAssumptions {})?;
//! assert_eq!(assumptions["failed_commit"], "frees");
//! dropbox.run_blocking(&alice, ResetAssumptions {})?;
//! # Ok::<(), fake_dropbox::control::operations::ControlError>(())
//! ```

use super::{ControlError, Controls, Operation};
use crate::control::scope::Scope;
use crate::dropbox::assumptions::Assumptions;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The assumptions in force.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct InForce {
    /// Each by its name.
    pub assumptions: Map<String, Value>,
}

fn in_force(controls: Controls<'_>, scope: &Scope) -> Arc<Assumptions> {
    let mut world = controls.world();
    match scope {
        Scope::All => Arc::clone(&world.assumptions),
        Scope::Account(name) => Arc::clone(&world.account(name).state.assumptions),
    }
}

fn print(assumptions: &Assumptions) -> InForce {
    InForce {
        assumptions: assumptions
            .to_json()
            .as_object()
            .cloned()
            .unwrap_or_default(),
    }
}

fn put(controls: Controls<'_>, scope: &Scope, assumptions: Assumptions) -> InForce {
    let answer = print(&assumptions);
    let assumptions = Arc::new(assumptions);
    if *scope == Scope::All {
        controls.world().assumptions = Arc::clone(&assumptions);
    }
    controls.with_each(scope, |account| {
        account.state.assumptions = Arc::clone(&assumptions);
    });
    answer
}

/// Reads the assumptions of an account, or those of accounts to come.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadAssumptions {}

impl Operation for ReadAssumptions {
    type Answer = InForce;
    const NAME: &'static str = "read_assumptions";
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/assumptions";
    const SUMMARY: &'static str =
        "Reads how the open questions are answered in an account, or in accounts to come.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Result<InForce, ControlError> {
        Ok(print(&in_force(controls, scope)))
    }
}

/// Sets assumptions by their names, all of them or none.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct SetAssumptions(pub Map<String, Value>);

impl Operation for SetAssumptions {
    type Answer = InForce;
    const NAME: &'static str = "set_assumptions";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/assumptions";
    const SUMMARY: &'static str = "Sets assumptions by their names, all of them or none; without an account, in every account, also those to come.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Result<InForce, ControlError> {
        let mut assumptions = Assumptions::clone(&in_force(controls, scope));
        for (name, value) in self.0 {
            let set = assumptions.set_json(&name, value);
            set.map_err(|error| ControlError::bad(format!("{error}. Nothing was changed.")))?;
        }
        Ok(put(controls, scope, assumptions))
    }
}

/// Puts the assumptions back to the defaults.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetAssumptions {}

impl Operation for ResetAssumptions {
    type Answer = InForce;
    const NAME: &'static str = "reset_assumptions";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/assumptions/reset";
    const SUMMARY: &'static str = "Puts the assumptions back to the defaults.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Result<InForce, ControlError> {
        Ok(put(controls, scope, Assumptions::default()))
    }
}
