//! The asynchronous shell: sockets, TLS and HTTP around the pure parts.

mod api;
pub mod app;
mod authorize;
#[cfg(feature = "tls")]
pub mod certificates;
pub mod control_api;
mod fallback;
mod faults;
mod filters;
pub mod http;
mod journal_entry;
mod links;
pub mod listener;
mod oauth;
mod page;
pub mod receive;
pub mod routes;
mod shell;
mod webhooks;

use futures_util::future::{Either, select};
use listener::{BindError, Listener, ListenerConfig, StopReport, TunnelWatch};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

pub use app::App;
pub use app::config::ServerConfig;
pub use control_api::AUTHORITY;
pub use http::AUTHORITY_REPLACED;
pub use journal_entry::REQUEST_LOG;
pub use page::PAGE;
pub use shell::Shell;

/// A server that has its port and answers nobody yet.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    listener: Listener,
}

impl Server {
    /// Takes a port for `app`.
    pub async fn bind(app: Arc<App>, mut listener: ListenerConfig) -> Result<Self, BindError> {
        let counted = Arc::clone(&app);
        listener.refused_tunnels =
            TunnelWatch::new(move |authority| counted.tally.tunnel_refused(authority));
        let counted = Arc::clone(&app);
        listener.failed_handshakes =
            TunnelWatch::new(move |why| counted.tally.handshake_failed(why));
        Ok(Self {
            app,
            listener: Listener::bind(listener).await?,
        })
    }

    /// Serves these sockets as well, which somebody else opened.
    #[cfg(all(feature = "cli", target_os = "linux"))]
    pub fn adopt(&mut self, sockets: Vec<std::net::TcpListener>) -> std::io::Result<()> {
        self.listener.adopt(sockets)
    }

    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// The first address that it listens on.
    pub fn local_address(&self) -> SocketAddr {
        self.listener.local_address()
    }

    /// All addresses that it listens on.
    pub fn local_addresses(&self) -> &[SocketAddr] {
        self.listener.local_addresses()
    }

    /// Answers until `stop` is over; requests under way are finished within the listener's limit.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> StopReport {
        let shell = Shell::new(Arc::clone(&self.app));
        let stopping = Arc::clone(&self.app);
        let telling = pin!(webhooks::run(Arc::clone(&self.app)));
        let serving = pin!(self.listener.serve(shell, async move {
            stop.await;
            stopping.stop();
        }));
        match select(serving, telling).await {
            Either::Left((report, _)) => report,
            Either::Right(((), serving)) => serving.await,
        }
    }
}
