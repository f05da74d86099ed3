//! Adding, reading and removing fault rules.

use super::{Answered, ControlError, Controls, Count, Operation};
use crate::control::faults::{FaultId, FaultRule, FaultStatus};
use crate::control::journal::{Miss, Query};
use crate::control::scope::Scope;
use serde::{Deserialize, Serialize};

/// Adds a rule. It concerns the requests of one account, or all.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct AddFault(pub FaultRule);

impl Operation for AddFault {
    type Answer = FaultStatus;
    const NAME: &'static str = "add_fault";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/faults";
    const SUMMARY: &'static str =
        "Adds a fault rule; one that can never match or never act is refused.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        check_scope(controls, scope, &self.0)?;
        let added = controls.faults.add(scope.clone(), self.0);
        let id = added
            .map_err(|error| ControlError::bad(format!("The fault rule is refused: {error}.")))?;
        controls.faults.status(id).ok_or_else(|| unknown(id))
    }
}

/// Refuses a rule for one account that could only match requests of another, or of none.
fn check_scope(
    controls: Controls<'_>,
    scope: &Scope,
    rule: &FaultRule,
) -> Result<(), ControlError> {
    let Scope::Account(name) = scope else {
        return Ok(());
    };
    let route = rule.matcher.route.as_deref();
    if let Some(route @ ("oauth2/token" | "check/app")) = route {
        return Err(ControlError::bad(format!(
            "{route} is called for no account, so a rule for one account never matches; add it for all."
        )));
    }
    if let Some(token) = &rule.matcher.token {
        let credentials = controls.world.credentials();
        let opens = match credentials.known_grant(token.expose()) {
            Some(grant) => grant.accounts().contains(name),
            // It may be declared later; until then it opens an account of its own.
            None => !credentials.open || token.expose() == &**name,
        };
        if !opens {
            return Err(ControlError::bad(
                "The token opens another account than the one that the rule is for, so it never matches; add it for all accounts.",
            ));
        }
    }
    Ok(())
}

/// Reads the rules with what became of them.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ListFaults {
    /// Only those that never triggered.
    pub unfired: bool,
}

/// Rules with what became of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Faults {
    /// In the order in which they were added.
    pub faults: Vec<FaultStatus>,
}

impl Operation for ListFaults {
    type Answer = Faults;
    const NAME: &'static str = "list_faults";
    const METHOD: &'static str = "GET";
    const FLAGS: &'static [&'static str] = &["unfired"];
    const PATH: &'static str = "/faults";
    const SUMMARY: &'static str = "Lists the fault rules of an account, or all, each with how often it matched, was armed and acted.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let mut faults = controls.faults.list(scope);
        faults.retain(|fault| !self.unfired || fault.fired == 0);
        Ok(Faults { faults })
    }
}

/// Reads which requests came near to rules that never triggered.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ReadNearMisses {
    /// The number of the one rule that is meant, whether it acted or not; all that never did if nothing is said.
    pub id: Option<FaultId>,
}

/// Requests that rules did not match.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct NearMisses {
    /// In the order in which the rules were added.
    pub faults: Vec<NearTo>,
}

/// What came near to a rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct NearTo {
    /// The number of the rule.
    pub id: FaultId,
    /// The nearest first; only the route and the path of the rule, and its account, are looked at.
    pub nearest: Vec<NearMiss>,
}

/// A request that came near to a rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct NearMiss {
    /// Its number in the journal.
    pub sequence: u64,
    /// It in a line.
    pub request: String,
    /// What is different from what the rule wants.
    pub differs: Vec<String>,
}

impl From<Miss> for NearMiss {
    fn from(miss: Miss) -> Self {
        Self {
            sequence: miss.entry.sequence,
            request: miss.entry.to_string(),
            differs: miss.differs,
        }
    }
}

impl Operation for ReadNearMisses {
    type Answer = NearMisses;
    const NAME: &'static str = "read_near_misses";
    const METHOD: &'static str = "GET";
    const NUMBERS: &'static [&'static str] = &["id"];
    const PATH: &'static str = "/faults/nearest";
    const SUMMARY: &'static str = "Reads which requests came nearest to fault rules that never triggered, and what was different.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let mut wanted = controls.faults.list(scope);
        wanted.retain(|fault| self.id.map_or(fault.fired == 0, |id| fault.id == id));
        if let Some(id) = self.id.filter(|_| wanted.is_empty()) {
            return Err(unknown(id));
        }
        let near_to = |fault: &FaultStatus| {
            let account = fault.scope.name();
            let query = Query {
                account: account.map(|name| controls.aliases.account(name)),
                route: fault.rule.matcher.route.clone(),
                path: fault.rule.matcher.path.clone(),
                ..Query::default()
            };
            let nearest = controls.journal.nearest(&query).into_iter();
            NearTo {
                id: fault.id,
                nearest: nearest.map(NearMiss::from).collect(),
            }
        };
        Ok(NearMisses {
            faults: wanted.iter().map(near_to).collect(),
        })
    }
}

/// Removes a rule.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RemoveFault {
    /// Its number.
    pub id: FaultId,
}

impl Operation for RemoveFault {
    type Answer = FaultStatus;
    const NAME: &'static str = "remove_fault";
    const METHOD: &'static str = "DELETE";
    const NUMBERS: &'static [&'static str] = &["id"];
    const PATH: &'static str = "/faults";
    const SUMMARY: &'static str = "Removes a fault rule, and tells what became of it.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        let status = controls.faults.status(self.id);
        // An account cannot see the rules of another, so it cannot remove them either.
        if status.is_none_or(|status| *scope != Scope::All && status.scope != *scope) {
            return Err(unknown(self.id));
        }
        controls
            .faults
            .remove(self.id)
            .ok_or_else(|| unknown(self.id))
    }
}

/// Removes all rules of the scope.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClearFaults {}

impl Operation for ClearFaults {
    type Answer = Count;
    const NAME: &'static str = "clear_faults";
    const METHOD: &'static str = "POST";
    const PATH: &'static str = "/faults/clear";
    const SUMMARY: &'static str = "Removes the fault rules of an account, or all.";

    async fn run(self, controls: Controls<'_>, scope: &Scope) -> Answered<Self> {
        Ok(Count {
            count: controls.faults.clear(scope),
        })
    }
}

fn unknown(id: FaultId) -> ControlError {
    ControlError::not_found(format!(
        "There is no rule {id} here; list_faults names those there are."
    ))
}
