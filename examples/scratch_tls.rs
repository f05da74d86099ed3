//! scratch
#[path = "../tests/it/clients/accounts.rs"]
mod accounts;
use fake_dropbox::dropbox::assumptions::Assumptions;
use fake_dropbox::dropbox::world::World;
use fake_dropbox::server::certificates::CertificateAuthority;
use fake_dropbox::server::listener::ListenerConfig;
use fake_dropbox::server::{App, Server, ServerConfig};

#[tokio::main]
async fn main() {
    let config = ServerConfig::default();
    let app = App::new(
        config.clone(),
        World::new(config.seed, Assumptions::default()),
    );
    let now = fake_dropbox::control::clock::real_time();
    let ca = CertificateAuthority::fresh(now).expect("ca");
    std::fs::write("/tmp/cl/ca.pem", ca.ca_pem()).expect("w");
    std::fs::write("/tmp/cl/ca.p12", ca.ca_pkcs12("changeit").expect("p12")).expect("w");
    accounts::declare(&app);
    accounts::trouble(&app);
    let mut listener = ListenerConfig::loopback(18080);
    listener.tls = Some(
        ca.tls(&[], now)
            .expect("tls")
            .with_http2_on_content_host(std::env::var("H2").is_ok()),
    );
    let server = Server::bind(app, listener).await.expect("a port");
    let _report = server.serve(std::future::pending()).await;
}
