//! The fake of this workspace, started in this process: the default target. This is the only module
//! that knows that the library `fake_dropbox` exists.

use crate::clock::TargetClock;
use crate::targets::CannotRun;

#[cfg(feature = "fake")]
pub use built_in::{RunningFake, start, start_assuming};

#[cfg(feature = "fake")]
mod built_in {
    use std::sync::{Arc, mpsc};
    use std::thread::JoinHandle;
    use std::time::Duration;

    use fake_dropbox::dropbox::assumptions::Assumptions;
    use fake_dropbox::dropbox::credentials::{App as DropboxApp, AppAccess, Grant, Holder};
    use fake_dropbox::dropbox::time::Timestamp;
    use fake_dropbox::dropbox::world::World;
    use fake_dropbox::server::listener::ListenerConfig;
    use fake_dropbox::server::{App, Server, ServerConfig};
    use tokio::sync::oneshot;

    use super::{CannotRun, TargetClock};
    use crate::clock::Movable;
    use crate::secret::{SecretKind, Vault};
    use crate::special_token::SpecialToken;
    use crate::targets::url::GivenTokens;

    /// The scopes that the routes of the suite ask for.
    const SCOPES: [&str; 5] = [
        "account_info.read",
        "files.content.read",
        "files.content.write",
        "files.metadata.read",
        "files.metadata.write",
    ];

    /// A fake that runs until it is dropped.
    #[derive(Debug)]
    pub struct RunningFake {
        /// Where it listens: `http://127.0.0.1:PORT`.
        pub url: String,
        app: Arc<App>,
        stop: Option<oneshot::Sender<()>>,
        thread: Option<JoinHandle<()>>,
    }

    /// Starts the fake on a free port, in a thread of its own.
    pub fn start() -> Result<RunningFake, CannotRun> {
        start_assuming(Assumptions::default())
    }

    /// As [`start`], with other answers to the open questions.
    pub fn start_assuming(assumptions: Assumptions) -> Result<RunningFake, CannotRun> {
        let config = ServerConfig::default();
        let world = World::new(config.seed, assumptions);
        let app = App::new(config, world);
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, told) = mpsc::channel();
        let serving = Arc::clone(&app);
        let thread = std::thread::spawn(move || {
            let runtime = match tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
            {
                Ok(runtime) => runtime,
                Err(error) => {
                    let _told = tell.send(Err(error.to_string()));
                    return;
                }
            };
            runtime.block_on(async {
                match Server::bind(serving, ListenerConfig::loopback(0)).await {
                    Ok(server) => {
                        let _told = tell.send(Ok(server.local_address()));
                        let stop = async {
                            let _stopped = stopped.await;
                        };
                        let _report = server.serve(stop).await;
                    }
                    Err(error) => {
                        let _told = tell.send(Err(error.to_string()));
                    }
                }
            });
        });
        let told = told
            .recv()
            .unwrap_or_else(|_| Err("it ended at once".to_owned()));
        let address =
            told.map_err(|error| CannotRun(format!("The fake cannot start: {error}.")))?;
        Ok(RunningFake {
            url: format!("http://{address}"),
            app,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    impl RunningFake {
        /// Declares every kind of token. The special ones see accounts of their own, so that the run's
        /// account stays as it is.
        pub fn tokens(&self, vault: &Vault) -> GivenTokens {
            let mut world = self.app.world();
            let credentials = &mut world.credentials;
            let all_but = |scope: &str| {
                let scopes = SCOPES.iter().filter(|known| **known != scope);
                Some(scopes.map(|scope| (*scope).to_owned()).collect())
            };
            let mut declare = |name: &str, change: &dyn Fn(&mut Grant)| {
                let token = format!("sl.conformance-{name}-token");
                let mut grant = Grant::for_account(&format!("conformance-{name}"));
                change(&mut grant);
                credentials.declare_token(&token, grant);
                vault.keep(SecretKind::AccessToken, token)
            };
            let restricted = declare("restricted", &|grant| {
                grant.scopes = all_but("files.content.write");
            });
            let special = SpecialToken::ALL
                .into_iter()
                .map(|kind| {
                    let token = declare(kind.name(), &|grant| match kind {
                        SpecialToken::Expired => grant.expires_at = Some(Timestamp::from_micros(0)),
                        SpecialToken::Revoked => grant.revoked = true,
                        SpecialToken::Suspended => grant.suspended = true,
                        SpecialToken::NoMetadataScope => {
                            grant.scopes = all_but("files.metadata.read");
                        }
                        SpecialToken::AppLacksScope => grant.app = "lacks-scope".into(),
                        SpecialToken::AppFolder => grant.app = "app-folder".into(),
                        SpecialToken::FullDropbox => {}
                        SpecialToken::Team => {
                            grant.holder = Holder::Team(vec!["conformance-member".into()]);
                        }
                    });
                    (kind, token)
                })
                .collect();
            credentials.declare_app(DropboxApp {
                scopes: all_but("files.content.write"),
                ..DropboxApp::new("lacks-scope")
            });
            credentials.declare_app(DropboxApp {
                access: AppAccess::AppFolder("conformance".to_owned()),
                ..DropboxApp::new("app-folder")
            });
            GivenTokens {
                restricted: Some(restricted),
                special,
                ..GivenTokens::default()
            }
        }

        /// Its clock, the whole server's: nobody else uses this fake.
        pub fn clock(&self) -> TargetClock {
            TargetClock::AtHand(Arc::new(FakeClock(Arc::clone(&self.app))))
        }
    }

    impl Drop for RunningFake {
        fn drop(&mut self) {
            if let Some(stop) = self.stop.take() {
                let _stopping = stop.send(());
            }
            if let Some(thread) = self.thread.take() {
                let _ended = thread.join();
            }
        }
    }

    #[derive(Debug)]
    struct FakeClock(Arc<App>);

    impl Movable for FakeClock {
        fn advance(&self, time: Duration) {
            self.0.clock.advance(None, time);
        }

        fn freeze(&self) {
            self.0.clock.freeze(None);
        }

        fn resume(&self) {
            self.0.clock.resume(None);
        }
    }
}

/// Never made: the fake is not built in.
#[cfg(not(feature = "fake"))]
#[derive(Debug)]
pub struct RunningFake {
    /// Where it would listen.
    pub url: String,
}

#[cfg(not(feature = "fake"))]
impl RunningFake {
    /// Its clock.
    pub fn clock(&self) -> TargetClock {
        TargetClock::Waited
    }

    /// Its tokens.
    pub fn tokens(&self, _vault: &crate::secret::Vault) -> crate::targets::url::GivenTokens {
        crate::targets::url::GivenTokens::default()
    }
}

/// Says what to do instead.
#[cfg(not(feature = "fake"))]
pub fn start() -> Result<RunningFake, CannotRun> {
    Err(CannotRun(
        "The fake is not built into this program: start it with `fake-dropbox serve` and give its \
         address as --target http://127.0.0.1:PORT."
            .to_owned(),
    ))
}
