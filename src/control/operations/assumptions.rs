//! How the open questions are answered.

use super::{Answered, ControlError, Controls, Operation};
use crate::control::scope::Scope;
use crate::dropbox::assumptions::Assumptions;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The assumptions in force.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct AssumptionValues {
    /// Each by its name.
    pub assumptions: Map<String, Value>,
}

fn in_force(controls: Controls<'_>, scope: &Scope) -> AssumptionValues {
    let assumptions = match scope {
        Scope::All => Arc::clone(&controls.world.defaults().assumptions),
        Scope::Account(name) => {
            let account = controls.world.account(name);
            let account = account.lock();
            Arc::clone(&account.state.assumptions)
        }
    };
    AssumptionValues {
        assumptions: assumptions
            .to_json()
            .as_object()
            .cloned()
            .unwrap_or_default(),
    }
}

/// Changes the assumptions of each account of the scope, and of those to come if it is all, in one step.
fn change(controls: Controls<'_>, scope: &Scope, change: impl Fn(&mut Assumptions)) {
    controls.with_each(
        scope,
        |defaults| change(Arc::make_mut(&mut defaults.assumptions)),
        |_, account| change(Arc::make_mut(&mut account.state.assumptions)),
    );
}

/// Reads the assumptions of an account, or those of accounts to come.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadAssumptions {}

impl Operation for ReadAssumptions {
    type Answer = AssumptionValues;
    const NAME: &'static str = "read_assumptions";
    const METHOD: &'static str = "GET";
    const PATH: &'static str = "/assumptions";
    const SUMMARY: &'static str =
        "Reads how the open questions are answered in an account, or in accounts to come.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        Ok(in_force(controls, scope))
    }
}

/// Sets assumptions by their names, all of them or none.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct SetAssumptions(pub Map<String, Value>);

impl Operation for SetAssumptions {
    type Answer = AssumptionValues;
    const NAME: &'static str = "set_assumptions";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/assumptions";
    const SUMMARY: &'static str = "Sets assumptions by their names, all of them or none; without an account, in every account, also those to come.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        // Whether a value is one does not depend on the others.
        let set = |assumptions: &mut Assumptions| {
            let mut named = self.0.iter();
            named.try_for_each(|(name, value)| assumptions.set_json(name, value.clone()))
        };
        set(&mut Assumptions::default())
            .map_err(|error| ControlError::bad(format!("{error}. Nothing was changed.")))?;
        change(controls, scope, |assumptions| {
            set(assumptions).expect("it went well on others");
        });
        Ok(in_force(controls, scope))
    }
}

/// Puts the assumptions back to the defaults.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetAssumptions {}

impl Operation for ResetAssumptions {
    type Answer = AssumptionValues;
    const NAME: &'static str = "reset_assumptions";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/assumptions/reset";
    const SUMMARY: &'static str = "Puts the assumptions back to the defaults.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        change(controls, scope, |assumptions| {
            *assumptions = Assumptions::default();
        });
        Ok(in_force(controls, scope))
    }
}
