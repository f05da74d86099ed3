//! The connection layer: one port that takes plain HTTP, TLS and `CONNECT` tunnels.
//!
//! A connection's first byte tells TLS from HTTP. `CONNECT` to a host that the fake stands for
//! ends here: the bytes of such a tunnel are a fresh connection, TLS or not. Requests in clear text
//! to hosts that are not its own are passed on or refused as tunnels are. Everything else that
//! a connection can do wrong is answered or closed here, so the service behind it only ever sees
//! complete requests with a path.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use fake_dropbox::internals::server::listener::{ConnectionFacts, Listener, ListenerConfig};
//! use hyper_util::service::TowerToHyperService;
//! use warp::Filter;
//!
//! let filter = warp::any()
//!     .and(warp::ext::get::<ConnectionFacts>())
//!     .map(|facts: ConnectionFacts| format!("hello, {}", facts.peer));
//! let listener = Listener::bind(ListenerConfig::loopback(0)).await?;
//! println!("listening on {}", listener.local_address());
//! let service = TowerToHyperService::new(warp::service(filter));
//! listener.serve(service, async { /* resolves when the server shall stop */ }).await;
//! # Ok(())
//! # }
//! ```

mod body;
mod config;
mod conversation;
mod facts;
mod forward;
mod host;
mod hosts;
mod lifetime;
mod listen;
mod presence;
mod problem;
mod request_body;
mod service;
mod socket;
#[cfg_attr(not(feature = "tls"), path = "without_tls.rs")]
mod tls;
mod tunnel;

pub use body::BoxError;
pub use config::{HttpLimits, ListenerConfig, TunnelWatch};
pub use facts::{ConnectionAction, ConnectionFacts, Scheme};
pub(super) use host::is_host_and_port;
pub use hosts::{AllowedTunnel, DROPBOX_HOSTS, InvalidTunnel, LOCAL_ADDRESSES, LOCAL_HOSTS};
pub(super) use hosts::{is_unspecified, plain_host};
pub use lifetime::StopReport;
pub use listen::{BindError, Listener};
pub use presence::ClientPresence;
pub(super) use problem::{NOT_DROPBOX, problem};
pub use request_body::RequestBody;
#[cfg(feature = "tls")]
pub use tls::TlsSettings;

#[cfg(test)]
mod tests;
