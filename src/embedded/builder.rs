//! Setting up a fake before it starts.

use super::{FakeDropbox, Shared};
use crate::config::{BadSettings, CannotPrepare, Settings};
use crate::server::listener::BindError;
use crate::server::{App, Server};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Why a fake did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] BadSettings),
    /// No port was to be had.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The directory that shall keep everything cannot be used.
    #[cfg(feature = "data-dir")]
    #[error(transparent)]
    DataDir(#[from] crate::config::DataDirError),
    /// There is no certificate authority.
    #[cfg(feature = "tls")]
    #[error(transparent)]
    Certificates(#[from] crate::server::certificates::CertificateError),
    /// The thread or its runtime could not be made.
    #[error("cannot make a thread for the fake: {0}")]
    Thread(#[from] std::io::Error),
    /// The thread ended before it had a port.
    #[error("the fake ended while it started")]
    Ended,
}

impl From<CannotPrepare> for StartError {
    fn from(error: CannotPrepare) -> Self {
        match error {
            CannotPrepare::Settings(error) => error.into(),
            #[cfg(feature = "data-dir")]
            CannotPrepare::DataDir(error) => error.into(),
            #[cfg(feature = "tls")]
            CannotPrepare::Certificates(error) => error.into(),
        }
    }
}

/// A fake that has not started yet. Whatever the program's `serve` can be told stands in
/// [`Settings`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), fake_dropbox::StartError> {
/// use fake_dropbox::{Builder, FakeDropbox, StartError};
///
/// let builder: Builder = FakeDropbox::builder()
///     .seed(7)
///     .assume("failed_commit", "frees");
/// let dropbox = builder.try_start().await?;
/// // Its port is taken now.
/// let port = dropbox.address().port();
/// let refused = FakeDropbox::builder().port(port).try_start_blocking();
/// assert!(matches!(refused, Err(StartError::Bind(_))));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it starts"]
pub struct Builder {
    settings: Settings,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            settings: Settings {
                port: 0,
                // Ids are the same in every run, so that a failure can be looked at again.
                seed: Some(0),
                tls: false,
                ..Settings::default()
            },
        }
    }

    /// All settings at once.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Changes some of the settings.
    ///
    /// ```
    /// use fake_dropbox::FakeDropbox;
    ///
    /// let dropbox = FakeDropbox::builder()
    ///     .configure(|settings| settings.quota = "10 MiB".parse().expect("a size"))
    ///     .start_blocking();
    /// assert_eq!(dropbox.account("t").status().quota, 10 << 20);
    /// ```
    pub fn configure(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// The source of every id; 0 if nothing is said.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = Some(seed);
        self
    }

    /// The port; a free one if nothing is said.
    pub fn port(mut self, port: u16) -> Self {
        self.settings.port = port;
        self
    }

    /// Also speaks TLS, and ends `CONNECT` tunnels to Dropbox's hosts; see [`FakeDropbox::ca_pem`].
    ///
    /// ```
    /// let dropbox = fake_dropbox::FakeDropbox::builder().tls().start_blocking();
    /// let pem = dropbox.ca_pem().expect("it speaks TLS");
    /// assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
    /// ```
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> Self {
        self.settings.tls = true;
        self
    }

    /// Answers an open question in another way.
    ///
    /// # Panics
    /// When there is no such assumption or it does not take the value; the text says what is allowed.
    #[track_caller]
    pub fn assume(mut self, name: &str, value: &str) -> Self {
        if let Err(error) = self.settings.assume.set_text(name, value) {
            panic!("{error}");
        }
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// Where [`Self::try_start`] fails.
    pub async fn start(self) -> FakeDropbox {
        match self.try_start().await {
            Ok(fake) => fake,
            Err(error) => panic!("fake-dropbox does not start: {error}"),
        }
    }

    /// Starts it, for code that is not asynchronous.
    ///
    /// # Panics
    /// Where [`Self::try_start_blocking`] fails.
    #[track_caller]
    pub fn start_blocking(self) -> FakeDropbox {
        match self.try_start_blocking() {
            Ok(fake) => fake,
            Err(error) => panic!("fake-dropbox does not start: {error}"),
        }
    }

    /// Starts it, or says why not.
    pub async fn try_start(self) -> Result<FakeDropbox, StartError> {
        let (give, take) = oneshot::channel();
        let starting = self.spawn(move |started| {
            let _ = give.send(started);
        })?;
        let started = take.await.unwrap_or(Err(StartError::Ended));
        starting.finish(started)
    }

    /// Starts it, or says why not; the thread waits.
    pub fn try_start_blocking(self) -> Result<FakeDropbox, StartError> {
        let (give, take) = std::sync::mpsc::sync_channel(1);
        let starting = self.spawn(move |started| {
            let _ = give.send(started);
        })?;
        let started = take.recv().unwrap_or(Err(StartError::Ended));
        starting.finish(started)
    }

    fn spawn(
        self,
        tell: impl FnOnce(Result<Started, StartError>) + Send + 'static,
    ) -> Result<Starting, StartError> {
        let prepared = self.settings.prepare()?;
        let (app, listener, files) = (prepared.app, prepared.listener, prepared.files);
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&app);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        let thread = std::thread::Builder::new()
            .name("fake-dropbox".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    if let Err(error) = files.put(&shared).await {
                        return tell(Err(error.into()));
                    }
                    match Server::bind(shared, listener).await {
                        Err(error) => tell(Err(error.into())),
                        Ok(server) => {
                            tell(Ok(Started {
                                addresses: server.local_addresses().to_vec(),
                            }));
                            // Nobody is there to be told what was cut.
                            let _report = server
                                .serve(async {
                                    // Dropping the sender stops it, too.
                                    let _ = stopped.await;
                                })
                                .await;
                        }
                    }
                });
                runtime.shutdown_background();
            })?;
        Ok(Starting {
            app,
            handle,
            stop,
            thread,
            #[cfg(feature = "tls")]
            authority: prepared.authority,
        })
    }
}

struct Started {
    addresses: Vec<std::net::SocketAddr>,
}

struct Starting {
    app: Arc<App>,
    handle: tokio::runtime::Handle,
    stop: oneshot::Sender<()>,
    thread: std::thread::JoinHandle<()>,
    #[cfg(feature = "tls")]
    authority: Option<crate::server::certificates::CertificateAuthority>,
}

impl Starting {
    fn finish(self, started: Result<Started, StartError>) -> Result<FakeDropbox, StartError> {
        let started = started?;
        Ok(FakeDropbox {
            shared: Shared {
                api_url: format!("http://{}", started.addresses[0]),
                app: self.app,
                runtime: self.handle,
                has_told: Arc::default(),
            },
            addresses: started.addresses,
            #[cfg(feature = "tls")]
            authority: self.authority,
            stop: Some(self.stop),
            thread: Some(self.thread),
        })
    }
}
