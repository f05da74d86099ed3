//! Serves, from outside, the sockets that were opened inside: names, ways outside, and the watch.

use super::dns::answer;
use super::names::Names;
use super::pass::Passed;
use super::seen::Seen;
use super::watch::{LONGEST, attempt};
use super::{Plan, Role};
use crate::cli::failure::{eprint_warning, plain};
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

/// The largest question and answer in a stream.
const LARGEST: usize = 1 << 16;
/// The pause after a failure to accept, which is mostly a lack of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);
/// How long somebody may take to ask in a stream.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is known of names.
struct Known {
    names: Names,
    has_six: bool,
    seen: Arc<Seen>,
}

/// Serves all until it is dropped.
pub fn all(sockets: Vec<(Role, OwnedFd)>, plan: Plan, seen: &Arc<Seen>) -> io::Result<JoinSet<()>> {
    let has_six = sockets.iter().any(|(role, socket)| {
        let address = (*role == Role::Datagrams).then(|| rustix::net::getsockname(socket));
        address.is_some_and(|address| {
            address
                .is_ok_and(|address| address.address_family() == rustix::net::AddressFamily::INET6)
        })
    });
    let known = Arc::new(Known {
        names: plan.known(),
        has_six,
        seen: Arc::clone(seen),
    });
    let is_told: Vec<Arc<AtomicBool>> = plan.passed.iter().map(|_| Arc::default()).collect();
    let mut tasks = JoinSet::new();
    for (role, socket) in sockets {
        match role {
            Role::Fake => {}
            Role::Datagrams => {
                tasks.spawn(datagrams(datagram_socket(socket)?, Arc::clone(&known)));
            }
            Role::Streams => {
                tasks.spawn(streams(listener(socket)?, Arc::clone(&known)));
            }
            Role::Passed(number) => {
                if let Some(passed) = plan.passed.get(number) {
                    let is_told = Arc::clone(&is_told[number]);
                    tasks.spawn(pass(listener(socket)?, passed.clone(), is_told));
                }
            }
            Role::Watch => {
                // It gives packets as another gives datagrams.
                let watch = Watch {
                    socket: datagram_socket(socket)?,
                    seen: Arc::clone(seen),
                };
                tasks.spawn(watch.run());
            }
        }
    }
    Ok(tasks)
}

fn listener(socket: OwnedFd) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::from(socket);
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

fn datagram_socket(socket: OwnedFd) -> io::Result<UdpSocket> {
    let socket = std::net::UdpSocket::from(socket);
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}

async fn datagrams(socket: UdpSocket, known: Arc<Known>) {
    let mut question = vec![0; LARGEST];
    loop {
        match socket.recv_from(&mut question).await {
            Ok((length, from)) => {
                if let Some(bytes) = known.answer(&question[..length]) {
                    let _ = socket.send_to(&bytes, from).await;
                }
            }
            // Somebody did not wait for an answer.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

impl Known {
    fn answer(&self, question: &[u8]) -> Option<Vec<u8>> {
        let answer = answer(question, &self.names, self.has_six)?;
        if let Some(missing) = answer.missing {
            self.seen.name(missing);
        }
        Some(answer.bytes)
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn streams(listener: TcpListener, known: Arc<Known>) {
    let mut asking = JoinSet::new();
    loop {
        tokio::select! {
            stream = accept(&listener) => {
                asking.spawn(conversation(stream, Arc::clone(&known)));
            }
            Some(_) = asking.join_next() => {}
        }
    }
}

async fn conversation(mut stream: TcpStream, known: Arc<Known>) {
    let talk = async {
        loop {
            let length = stream.read_u16().await?;
            let mut question = vec![0; length.into()];
            stream.read_exact(&mut question).await?;
            let Some(bytes) = known.answer(&question) else {
                return Ok(());
            };
            // In one piece: some take the length for all that comes.
            let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
            let answer = [&length.to_be_bytes()[..], &bytes].concat();
            stream.write_all(&answer).await?;
        }
    };
    let _: Result<io::Result<()>, _> = tokio::time::timeout(PATIENCE, talk).await;
}

/// Leads connections outside.
async fn pass(listener: TcpListener, passed: Passed, is_told: Arc<AtomicBool>) {
    let mut connections = JoinSet::new();
    let passed = Arc::new(passed);
    loop {
        tokio::select! {
            stream = accept(&listener) => {
                connections.spawn(lead(stream, Arc::clone(&passed), Arc::clone(&is_told)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn lead(mut inside: TcpStream, passed: Arc<Passed>, is_told: Arc<AtomicBool>) {
    match TcpStream::connect((passed.outside.as_str(), passed.port)).await {
        Ok(mut outside) => {
            let _ = inside.set_nodelay(true);
            let _ = outside.set_nodelay(true);
            let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
        }
        Err(error) => {
            // Closed with a reset, which is nearest to a refusal.
            let _ = inside.set_zero_linger();
            if !is_told.swap(true, Ordering::Relaxed) {
                eprint_warning(&format!(
                    "{passed} cannot be reached from outside: {}; connections to it are cut",
                    plain(&error)
                ));
            }
        }
    }
}

/// Reads what the watch sees, to the last packet.
struct Watch {
    socket: UdpSocket,
    seen: Arc<Seen>,
}

impl Watch {
    async fn run(self) {
        while self.socket.readable().await.is_ok() {
            self.read();
        }
    }

    fn read(&self) {
        let mut packet = [0; LONGEST as usize];
        while let Ok(length) = self.socket.try_recv(&mut packet) {
            if let Some(attempt) = attempt(&packet[..length]) {
                self.seen.attempt(attempt);
            }
        }
    }
}

impl Drop for Watch {
    /// The last ones come as the command ends.
    fn drop(&mut self) {
        self.read();
    }
}
