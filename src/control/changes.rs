//! Who waits for changes of an account: long polls and webhooks.

use std::sync::Arc;
use tokio::sync::broadcast;

/// Tells that an account changed.
#[derive(Debug)]
pub struct Changes(broadcast::Sender<Arc<str>>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::channel(1024).0)
    }
}

impl Changes {
    /// The account changed.
    pub fn tell(&self, account: &Arc<str>) {
        // Nobody has to listen.
        let _ = self.0.send(Arc::clone(account));
    }

    /// The accounts that change from now on. A listener that falls behind is told so and looks anew.
    pub fn listen(&self) -> broadcast::Receiver<Arc<str>> {
        self.0.subscribe()
    }
}
