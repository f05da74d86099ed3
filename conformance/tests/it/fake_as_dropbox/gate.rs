//! A gate between the program and the fake. It passes bytes on as they are, TLS and all, and holds back
//! the one answer that a test is interested in.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fake_dropbox::internals::control::scope::Scope;
use fake_dropbox::internals::server::App;
use fake_dropbox::{Fault, FaultId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::Stage;

/// What becomes of the answers after the one that is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    /// Everything passes until that answer is due.
    Open,
    /// That answer waits, and so does whatever else the fake says.
    Holding,
    LetGo,
    /// Nothing passes any more: every connection ends.
    Torn,
}

/// The gate; it stands until the process ends.
pub struct Gate {
    pub address: SocketAddr,
    position: watch::Sender<Position>,
}

impl Gate {
    /// Holds back the answer to this request, counted from 1. The rule marks the moment: it acts when the
    /// fake has done everything and before the first byte of the answer is sent.
    pub fn holding(stage: &Stage, request: u64) -> Self {
        let point = Fault::before_answer().nth(request);
        let mark = point.delay(Duration::from_millis(1));
        let mark = stage.app.faults.add(Scope::All, mark).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let position = watch::Sender::new(Position::Open);
        let (app, fake, told) = (Arc::clone(&stage.app), stage.address, position.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((client, _)) = listener.accept().await {
                    if *told.borrow() != Position::Torn {
                        tokio::spawn(pass(client, fake, Arc::clone(&app), mark, told.clone()));
                    }
                }
            });
        });
        Self { address, position }
    }

    /// Waits until the answer is held back; false if the run does not come so far.
    pub fn waits_for_holding(&self) -> bool {
        let mut position = self.position.subscribe();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let held = position.wait_for(|position| *position == Position::Holding);
            tokio::time::timeout(Duration::from_secs(30), held)
                .await
                .is_ok()
        })
    }

    /// Lets the answer go, and everything after it.
    pub fn let_go(&self) {
        self.position.send_replace(Position::LetGo);
    }

    /// The network goes away.
    pub fn tear(&self) {
        self.position.send_replace(Position::Torn);
    }
}

async fn pass(
    client: TcpStream,
    fake: SocketAddr,
    app: Arc<App>,
    mark: FaultId,
    told: watch::Sender<Position>,
) {
    let Ok(server) = TcpStream::connect(fake).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let upwards = async {
        let _copied = tokio::io::copy(&mut from_client, &mut to_server).await;
        // An upload that is cut off is cut off before the fake, too.
        let _ended = to_server.shutdown().await;
    };
    let downwards = async {
        let mut position = told.subscribe();
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = from_server.read(&mut bytes).await {
            let due = app.faults.status(mark).is_some_and(|mark| mark.fired > 0);
            told.send_if_modified(|position| {
                let holds = due && *position == Position::Open;
                if holds {
                    *position = Position::Holding;
                }
                holds
            });
            let moves_on = position.wait_for(|position| *position != Position::Holding);
            if moves_on.await.is_err() || to_client.write_all(&bytes[..count]).await.is_err() {
                return;
            }
        }
    };
    let mut position = told.subscribe();
    tokio::select! {
        ((), ()) = async { tokio::join!(upwards, downwards) } => {}
        _torn = position.wait_for(|position| *position == Position::Torn) => {}
    }
}
