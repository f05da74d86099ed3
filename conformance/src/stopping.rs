//! A run that is to end: a flag that Ctrl-C sets, and that everybody who waits looks at.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often somebody who waits looks at the flag.
const LOOK: Duration = Duration::from_millis(50);

/// Over when the run is to end.
pub async fn stopped(stopping: &AtomicBool) {
    while !stopping.load(Ordering::SeqCst) {
        tokio::time::sleep(LOOK).await;
    }
}
