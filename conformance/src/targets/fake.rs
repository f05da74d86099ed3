//! The fake of this workspace, started in this process: the default target. This is the only module
//! that knows that the library `fake_dropbox` exists.

use crate::clock::TargetClock;
use crate::targets::CannotRun;

#[cfg(feature = "fake")]
pub use built_in::{RunningFake, start};

#[cfg(feature = "fake")]
mod built_in {
    use std::sync::{Arc, mpsc};
    use std::thread::JoinHandle;
    use std::time::Duration;

    use fake_dropbox::dropbox::assumptions::Assumptions;
    use fake_dropbox::dropbox::world::World;
    use fake_dropbox::server::listener::ListenerConfig;
    use fake_dropbox::server::{App, Server, ServerConfig};
    use tokio::sync::oneshot;

    use super::{CannotRun, TargetClock};
    use crate::clock::Movable;

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
        let config = ServerConfig::default();
        let world = World::new(config.seed, Assumptions::default());
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
