//! The command-line program.

use fake_dropbox::dropbox::assumptions::Assumptions;
use fake_dropbox::dropbox::world::World;
use fake_dropbox::server::listener::ListenerConfig;
use fake_dropbox::server::{App, Server, ServerConfig};

#[tokio::main]
async fn main() {
    tracing_subscriber::fmt().with_target(false).init();
    let config = ServerConfig::default();
    let world = World::new(config.seed, Assumptions::default());
    let app = App::new(config, world);
    let server = Server::bind(app, ListenerConfig::loopback(8080))
        .await
        .expect("a port");
    let _report = server.serve(std::future::pending()).await;
}
