//! The fake of this workspace, started in this process: the default target. This is the only module
//! that knows that the library `fake_dropbox` exists.

use crate::targets::CannotRun;

#[cfg(feature = "fake")]
pub use built_in::{RunningFake, start, start_assuming, start_strict};

#[cfg(feature = "fake")]
mod built_in {
    use std::sync::mpsc;
    use std::thread::JoinHandle;

    use fake_dropbox::internals::dropbox::assumptions::Assumptions;
    use fake_dropbox::internals::dropbox::world::World;
    use fake_dropbox::internals::server::listener::ListenerConfig;
    use fake_dropbox::internals::server::{App, Server, ServerConfig};
    use tokio::sync::oneshot;

    use super::CannotRun;

    /// A fake that runs until it is dropped.
    #[derive(Debug)]
    pub struct RunningFake {
        /// Where it listens: `http://127.0.0.1:PORT`.
        pub url: String,
        stop: Option<oneshot::Sender<()>>,
        thread: Option<JoinHandle<()>>,
    }

    /// Starts the fake on a free port, in a thread of its own.
    pub fn start() -> Result<RunningFake, CannotRun> {
        start_assuming(Assumptions::default())
    }

    /// As [`start`], with other answers to the open questions.
    pub fn start_assuming(assumptions: Assumptions) -> Result<RunningFake, CannotRun> {
        start_world(World::new(ServerConfig::default().seed, assumptions))
    }

    /// As [`start`], in this dialect, and with no token but those that are declared.
    pub fn start_strict(dialect: &str) -> Result<RunningFake, CannotRun> {
        let mut assumptions = Assumptions::default();
        let set = assumptions.set("dialect", dialect);
        set.map_err(|error| CannotRun(error.to_string()))?;
        let world = World::new(ServerConfig::default().seed, assumptions);
        world.credentials().open = false;
        start_world(world)
    }

    fn start_world(world: World) -> Result<RunningFake, CannotRun> {
        let config = ServerConfig::default();
        let app = App::new(config, world);
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, told) = mpsc::channel();
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
                match Server::bind(app, ListenerConfig::loopback(0)).await {
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
            stop: Some(stop),
            thread: Some(thread),
        })
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
}

/// Never made: the fake is not built in.
#[cfg(not(feature = "fake"))]
#[derive(Debug)]
pub struct RunningFake {
    pub url: String,
}

/// Says what to do instead.
#[cfg(not(feature = "fake"))]
pub fn start() -> Result<RunningFake, CannotRun> {
    start_strict("")
}

/// Says what to do instead.
#[cfg(not(feature = "fake"))]
pub fn start_strict(_dialect: &str) -> Result<RunningFake, CannotRun> {
    Err(CannotRun(
        "The fake is not built into this program: start it with `fake-dropbox serve` and give its \
         address as --target http://127.0.0.1:PORT."
            .to_owned(),
    ))
}
