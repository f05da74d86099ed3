//! Any server that claims to speak Dropbox, named by its URL.

use std::sync::Arc;

use rand::Rng as _;

use crate::secrecy::secret::{Secret, SecretKind, Vault};
use crate::targets::clock::TargetClock;
use crate::targets::control::Controls;
use crate::targets::{CannotRun, GivenTokens, Reach, Target, Tokens, declared};

/// Connects to it. Tokens that were not given are made up: a fake that isolates accounts by token
/// then gives the run a fresh account.
pub async fn connect(
    name: &str,
    reach: &Reach,
    given: GivenTokens,
    vault: Arc<Vault>,
) -> Result<Target, CannotRun> {
    let layers = reach.layers()?;
    let is_made_up = given.main.is_none();
    let tokens = Tokens {
        main: given.main.unwrap_or_else(|| made_up(&vault)),
        second: given.second.clone().or_else(|| Some(made_up(&vault))),
        restricted: given.restricted,
        special: given.special,
    };
    let mut target = Target::new(name, reach, layers, tokens, vault);
    let origin = target.api.clone();
    if let Some(controls) = use_controls(&mut target, &origin).await {
        // A fake may take declared tokens only.
        if is_made_up {
            declared::declare_account(&target.tokens.main, given.app_folder, &controls).await;
        }
        if let (None, Some(token)) = (&given.second, &target.tokens.second) {
            declared::declare_account(token, given.app_folder, &controls).await;
        }
    }
    Ok(target)
}

/// If there are a fake's controls at `origin`, its clock is moved instead of waited for, and the tokens that
/// were not given are declared.
pub async fn use_controls(target: &mut Target, origin: &str) -> Option<Controls> {
    let controls = Controls::find(&target.client, origin, &target.tokens.main).await?;
    declared::declare_missing(&mut target.tokens, &controls, &target.vault).await;
    target.clock = TargetClock::Moved(controls.clone());
    Some(controls)
}

fn made_up(vault: &Vault) -> Secret {
    let number: u128 = rand::rng().random();
    vault.keep(
        SecretKind::AccessToken,
        format!("sl.conformance-{number:032x}"),
    )
}
