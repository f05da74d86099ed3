//! How accounts go: one that is removed, and those that hold nothing where there are very many.

use super::super::account::{Account, AccountState, Profile};
use super::super::credentials::Grant;
use super::super::property_templates::PropertyTemplates;
use super::super::recorded::Rows;
use super::{Defaults, World};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl World {
    /// Removes an account with all that it holds and all that opens it: tokens, codes, links. What was there comes back;
    /// none if there is no such account. What was under way in it comes to nothing.
    pub fn remove_account(&self, name: &str) -> Option<AccountState> {
        let _alone = self.gate.open.write();
        let account = self.directory.write().remove(name)?;
        let mut rows = Rows::default();
        let (old, ..) = account.step_alone(Account::reset, &mut Rows::default());
        rows.clear(account.part(), None);
        self.recording().record(rows);
        self.links.forget(old.links.keys());
        self.downloads.forget(old.downloads.keys());
        self.shared_links.forget(old.shared_links.by_id().keys());
        self.credentials().forget_account(name);
        account.tell();
        Some(old)
    }

    /// Where there are more accounts than are kept, lets those go that hold nothing and that nobody looks at: such an
    /// account comes back as it was when its token is seen again. Only those that an undeclared token made are of
    /// this kind.
    pub(super) fn make_room_for_account(&self) {
        let count = self.directory.read().by_name.len();
        if count < self.most_accounts.load(Ordering::Relaxed) {
            return;
        }
        let grants = self.credentials().undeclared();
        let defaults = self.defaults().clone();
        let mut gone = Vec::new();
        let left = {
            let _alone = self.gate.open.write();
            let mut directory = self.directory.write();
            let is_gone = |name: &Arc<str>| {
                let account = directory.by_name.get(name)?;
                let is_idle = Arc::strong_count(account) == DIRECTORY_HOLDS;
                let is_made = grants.get(name) == Some(&Grant::for_account(name));
                let is_candidate = is_idle && is_made && !directory.declared.contains(name);
                (is_candidate
                    && account
                        .step_alone(
                            |account| account.holds_nothing(&defaults),
                            &mut Rows::default(),
                        )
                        .0)
                    .then(|| Arc::clone(name))
            };
            gone.extend(grants.keys().filter_map(is_gone));
            let mut rows = Rows::default();
            for name in &gone {
                if let Some(account) = directory.remove(name) {
                    rows.clear(account.part(), None);
                }
            }
            self.recording().record(rows);
            directory.by_name.len()
        };
        // Where all hold something, not everyone who comes looks through all of them.
        let next = self.bounds.accounts.max(2 * left);
        self.most_accounts.store(next, Ordering::Relaxed);
        let mut credentials = self.credentials();
        for name in &gone {
            credentials.forget_undeclared(name);
        }
    }
}

/// The directory has an account by its name and by its id.
const DIRECTORY_HOLDS: usize = 2;

impl Account {
    /// Whether it is as it was made, so that nobody can tell it from one that is made again.
    fn holds_nothing(&self, defaults: &Defaults) -> bool {
        let state = &self.state;
        self.epoch == 0
            && self.profile == Profile::default()
            && self.home.is_root()
            && state.tree.position() == 0
            && state.links.is_empty()
            && state.sessions.is_empty()
            && state.downloads.is_empty()
            && state.shared_links.by_id().is_empty()
            && state.refused_writes.is_empty()
            && state.expected_failures.is_empty()
            && state.templates == PropertyTemplates::default()
            && state.link_uploads == 0
            && state.quota == defaults.quota
            && state.assumptions == defaults.assumptions
            && self.has_drawn_no_id()
    }
}
