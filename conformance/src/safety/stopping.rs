//! A run that is to end: a flag that Ctrl-C sets, and that everybody who waits looks at.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What a report says of a run that Ctrl-C has ended.
pub const INTERRUPTED: &str = "The run was interrupted: what was done until then is in the report.";

/// How often somebody who waits looks at the flag.
const LOOK: Duration = Duration::from_millis(50);

/// Over when the run is to end.
pub async fn stopped(stopping: &AtomicBool) {
    while !stopping.load(Ordering::SeqCst) {
        tokio::time::sleep(LOOK).await;
    }
}
