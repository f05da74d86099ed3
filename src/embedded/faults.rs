//! Faults in a test's hands.

use super::{Account, FakeDropbox, Shared};
use crate::control::faults::{CustomAnswer, FaultId, FaultRule, FaultStatus, Times};
use crate::control::operations::ControlError;
use crate::control::operations::faults::{AddFault, ClearFaults, ListFaults, RemoveFault};
use crate::control::scope::Scope;

/// A fault that was added.
///
/// ```
/// use fake_dropbox::{AddedFault, FakeDropbox, Fault};
///
/// let dropbox = FakeDropbox::start_blocking();
/// let lost: AddedFault<'_> = dropbox.fail(Fault::after_commit().of("upload_link").reset());
/// assert!(!lost.has_fired());
/// assert_eq!(dropbox.faults()[0].id, lost.id());
/// lost.remove();
/// assert!(dropbox.faults().is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct AddedFault<'a> {
    shared: &'a Shared,
    scope: Scope,
    id: FaultId,
}

impl AddedFault<'_> {
    /// Its number, as [`FakeDropbox::faults`] lists it.
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

fn stub(route: &str, json: serde_json::Value) -> FaultRule {
    let answer = CustomAnswer::json(200, json);
    FaultRule::head()
        .of(route)
        .answer(answer)
        .times(Times::Unlimited)
}

impl Shared {
    fn try_fail(&self, scope: &Scope, fault: FaultRule) -> Result<AddedFault<'_>, ControlError> {
        let added = self.run_blocking(scope.clone(), AddFault(fault))?;
        Ok(AddedFault {
            shared: self,
            scope: scope.clone(),
            id: added.id,
        })
    }

    #[track_caller]
    fn fail(&self, scope: &Scope, fault: FaultRule) -> AddedFault<'_> {
        match self.try_fail(scope, fault) {
            Ok(fault) => fault,
            Err(error) => panic!("{error}"),
        }
    }

    #[track_caller]
    fn assert_faults_fired(&self, scope: &Scope) {
        let unfired = self.expect(scope, ListFaults { unfired: true }).faults;
        let lines: Vec<String> = unfired.iter().map(ToString::to_string).collect();
        assert!(
            lines.is_empty(),
            "faults that never triggered:\n  {}",
            lines.join("\n  ")
        );
    }
}

/// Faults for whatever account.
impl FakeDropbox {
    /// Lets something go wrong, once if the fault says nothing else.
    ///
    /// ```
    /// use fake_dropbox::{FakeDropbox, Fault};
    ///
    /// let dropbox = FakeDropbox::start_blocking();
    /// // The bytes are stored, and the answer is lost.
    /// let lost = dropbox.fail(Fault::after_commit().of("upload_link").reset());
    /// assert!(!lost.has_fired());
    /// ```
    ///
    /// # Panics
    /// When the fault can never match or never act; the text says why.
    #[track_caller]
    pub fn fail(&self, fault: FaultRule) -> AddedFault<'_> {
        self.shared.fail(&Scope::All, fault)
    }

    /// Answers every request to a route that is not faked with 200 and this JSON. A fault with a
    /// [`CustomAnswer`] says anything else. The journal marks it as stubbed by you: it is no evidence of
    /// what Dropbox does.
    ///
    /// ```
    /// use fake_dropbox::FakeDropbox;
    /// use serde_json::json;
    ///
    /// let dropbox = FakeDropbox::start_blocking();
    /// let tags = dropbox.stub("files/tags/get", json!({"paths_to_tags": []}));
    /// assert!(!tags.has_fired());
    /// ```
    ///
    /// # Panics
    /// When Dropbox has no such route; the text names the nearest.
    #[track_caller]
    pub fn stub(&self, route: &str, json: serde_json::Value) -> AddedFault<'_> {
        self.fail(stub(route, json))
    }

    /// Lets something go wrong, unless the fault can never match or never act.
    ///
    /// ```
    /// use fake_dropbox::{FakeDropbox, Fault};
    ///
    /// let dropbox = FakeDropbox::start_blocking();
    /// let never = dropbox.try_fail(Fault::after_commit().of("check/user").reset());
    /// assert!(never.unwrap_err().detail.contains("check/user"));
    /// ```
    pub fn try_fail(&self, fault: FaultRule) -> Result<AddedFault<'_>, ControlError> {
        self.shared.try_fail(&Scope::All, fault)
    }

    /// The faults, each with what became of it.
    pub fn faults(&self) -> Vec<FaultStatus> {
        let all = ListFaults { unfired: false };
        self.shared.expect(&Scope::All, all).faults
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.shared.expect(&Scope::All, ClearFaults {});
    }

    /// Fails the test if a fault never triggered: then it did not test what it says.
    ///
    /// # Panics
    /// If there is such a fault.
    #[track_caller]
    pub fn assert_faults_fired(&self) {
        self.shared.assert_faults_fired(&Scope::All);
    }
}

/// Faults for this account alone.
impl<'a> Account<'a> {
    /// Lets something go wrong for this account; see [`FakeDropbox::fail`].
    ///
    /// # Panics
    /// When the fault can never match or never act; the text says why.
    #[track_caller]
    pub fn fail(&self, fault: FaultRule) -> AddedFault<'a> {
        self.shared.fail(&self.scope, fault)
    }

    /// Answers this account's requests to a route that is not faked; see [`FakeDropbox::stub`].
    ///
    /// # Panics
    /// When Dropbox has no such route; the text names the nearest.
    #[track_caller]
    pub fn stub(&self, route: &str, json: serde_json::Value) -> AddedFault<'a> {
        self.fail(stub(route, json))
    }

    /// The same, unless the fault can never match or never act.
    pub fn try_fail(&self, fault: FaultRule) -> Result<AddedFault<'a>, ControlError> {
        self.shared.try_fail(&self.scope, fault)
    }

    /// Its faults, each with what became of it.
    pub fn faults(&self) -> Vec<FaultStatus> {
        let all = ListFaults { unfired: false };
        self.shared.expect(&self.scope, all).faults
    }

    /// Removes its faults.
    pub fn clear_faults(&self) {
        self.shared.expect(&self.scope, ClearFaults {});
    }

    /// Fails the test if one of its faults never triggered.
    ///
    /// # Panics
    /// If there is such a fault.
    #[track_caller]
    pub fn assert_faults_fired(&self) {
        self.shared.assert_faults_fired(&self.scope);
    }
}
