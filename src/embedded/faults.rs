//! Faults in a test's hands.

use super::Shared;
use crate::control::faults::{FaultId, FaultRule, FaultStatus};
use crate::control::operations::ControlError;
use crate::control::operations::faults::{AddFault, ClearFaults, ListFaults, RemoveFault};
use crate::control::scope::Scope;

/// What shall go wrong for an account, or for all.
///
/// ```
/// use fake_dropbox::FakeDropbox;
/// use fake_dropbox::control::faults::{Action, FaultRule, Phase};
///
/// let dropbox = FakeDropbox::start_blocking();
/// // The bytes are stored, and the answer is lost: once.
/// let fault = dropbox
///     .faults()
///     .add(FaultRule::new(Phase::AfterCommit, Action::Reset).route("upload_link"));
/// assert!(!fault.has_fired());
/// assert_eq!(fault.status().expect("it was added").fired, 0);
///
/// // One that can never act is refused.
/// let never = FaultRule::new(Phase::AfterCommit, Action::Reset).route("check/user");
/// assert!(dropbox.faults().try_add(never).is_err());
///
/// assert_eq!(dropbox.faults().list()[0].id, fault.id());
/// fault.remove();
/// // At the end of a test: did every fault do what it was there for?
/// dropbox.faults().assert_all_fired();
/// dropbox.faults().clear();
/// ```
#[derive(Clone, Debug)]
pub struct FaultsHandle<'a> {
    shared: &'a Shared,
    scope: Scope,
}

impl<'a> FaultsHandle<'a> {
    pub(super) fn new(shared: &'a Shared, scope: Scope) -> Self {
        Self { shared, scope }
    }

    /// Adds a rule.
    ///
    /// # Panics
    /// When it can never match or never act; the text says why.
    #[track_caller]
    pub fn add(&self, rule: FaultRule) -> FaultHandle<'a> {
        match self.try_add(rule) {
            Ok(fault) => fault,
            Err(error) => panic!("{error}"),
        }
    }

    /// Adds a rule, unless it can never match or never act.
    pub fn try_add(&self, rule: FaultRule) -> Result<FaultHandle<'a>, ControlError> {
        let added = self
            .shared
            .run_blocking(self.scope.clone(), AddFault(rule))?;
        Ok(FaultHandle {
            shared: self.shared,
            scope: self.scope.clone(),
            id: added.id,
        })
    }

    /// The rules, each with what became of it.
    pub fn list(&self) -> Vec<FaultStatus> {
        let all = ListFaults { unfired: false };
        self.shared.expect(&self.scope, all).faults
    }

    /// Removes all rules.
    pub fn clear(&self) {
        self.shared.expect(&self.scope, ClearFaults {});
    }

    /// Fails the test if a rule never acted: then it did not test what it says.
    ///
    /// # Panics
    /// If there is such a rule.
    #[track_caller]
    pub fn assert_all_fired(&self) {
        let unfired = ListFaults { unfired: true };
        let unfired = self.shared.expect(&self.scope, unfired).faults;
        let lines: Vec<String> = unfired.iter().map(ToString::to_string).collect();
        assert!(
            lines.is_empty(),
            "faults that never acted:\n  {}",
            lines.join("\n  ")
        );
    }
}

/// A rule that was added.
///
/// ```
/// use fake_dropbox::FakeDropbox;
/// use fake_dropbox::control::faults::{Action, FaultRule, Phase};
/// use fake_dropbox::embedded::{FaultHandle, FaultsHandle};
///
/// let dropbox = FakeDropbox::start_blocking();
/// let faults: FaultsHandle<'_> = dropbox.account("token").faults();
/// let fault: FaultHandle<'_> = faults.add(FaultRule::new(Phase::Head, Action::Close));
/// assert!(!fault.has_fired());
/// ```
#[derive(Clone, Debug)]
pub struct FaultHandle<'a> {
    shared: &'a Shared,
    scope: Scope,
    id: FaultId,
}

impl FaultHandle<'_> {
    /// Its number.
    pub fn id(&self) -> FaultId {
        self.id
    }

    /// What became of it; none once it was removed.
    pub fn status(&self) -> Option<FaultStatus> {
        self.shared.app.faults.status(self.id)
    }

    /// Whether it acted.
    pub fn has_fired(&self) -> bool {
        self.status().is_some_and(|status| status.fired > 0)
    }

    /// Removes it.
    pub fn remove(self) {
        // It may have been cleared already.
        let _ = self
            .shared
            .run_blocking(self.scope.clone(), RemoveFault { id: self.id });
    }
}
