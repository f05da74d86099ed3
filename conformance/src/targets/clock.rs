//! Time, asked of the target: a fake's clock is moved, a real one is waited for.

use std::time::Duration;

use serde_json::json;

use crate::targets::control::Controls;

/// How time passes on a target.
#[derive(Clone, Debug)]
pub enum TargetClock {
    /// A fake moves it, for the account of the run.
    Moved(Controls),
    Waited,
}

impl TargetClock {
    /// Whether the clock can be moved.
    pub fn is_moved(&self) -> bool {
        !matches!(self, Self::Waited)
    }

    /// The controls of a target that has them.
    pub fn controls(&self) -> Option<&Controls> {
        match self {
            Self::Moved(controls) => Some(controls),
            Self::Waited => None,
        }
    }

    /// Lets time pass.
    pub async fn pass(&self, time: Duration) -> Result<(), String> {
        let Self::Moved(controls) = self else {
            tokio::time::sleep(time).await;
            return Ok(());
        };
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        controls
            .post_for_account("clock/advance", &json!({ "milliseconds": milliseconds }))
            .await
    }

    /// Stops the clock, so that only [`Self::pass`] moves it.
    pub async fn freeze(&self) -> Result<(), String> {
        self.command("clock/freeze").await
    }

    pub async fn resume(&self) -> Result<(), String> {
        self.command("clock/resume").await
    }

    async fn command(&self, name: &str) -> Result<(), String> {
        match self {
            Self::Moved(controls) => controls.post_for_account(name, &json!({})).await,
            Self::Waited => Err("this clock cannot be moved".to_owned()),
        }
    }
}
