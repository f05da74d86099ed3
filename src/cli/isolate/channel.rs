//! What the processes of an isolated command tell each other: messages with a length in front, and open
//! sockets.
//!
//! It is the standard input of the process that is started, so that it has no name that others could find; the
//! standard input that the command gets travels through it.

use super::Role;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

/// Sockets in one message; the system takes 253.
const AT_ONCE: usize = 64;
/// Longer than any message is.
const LONGEST: u32 = 1 << 24;

/// What the process says that makes the namespaces.
#[derive(Debug, Serialize, Deserialize)]
pub enum Said {
    /// The namespace of users is there and wants its maps.
    WantsMaps,
    /// All is set up. Sockets follow: the channel of the first process inside, and one for each role.
    Ready {
        roles: Vec<Role>,
        notes: Vec<String>,
        /// An empty directory for the files of this run.
        directory: PathBuf,
    },
    /// It cannot be had. The step says where, the error why.
    Refused {
        step: Step,
        error: Option<i32>,
        text: String,
    },
    /// The first process is there and waits.
    Waits,
    /// There is nothing to run.
    NotBegun { code: u8, why: String },
    /// It is connected, and the socket follows; or the system's number says why not.
    Connected(Result<(), Option<i32>>),
    /// Something that the summary shows.
    Note(String),
}

/// Where the set-up stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    Namespaces,
    Maps,
    Network,
    /// This port could not be listened on.
    Port(u16),
    Files,
    Rights,
    /// The file system of processes.
    Processes,
    /// The directory for temporary files. The text says it all.
    Directory,
    /// Something that has no cure.
    Other,
}

/// What the outside says.
#[derive(Debug, Serialize, Deserialize)]
pub enum Told {
    /// The maps are written.
    Mapped,
    /// The command may begin, with these variables; those without a value are removed.
    Go {
        variables: Vec<(String, Option<String>)>,
    },
    /// Connect to this address, as the command would.
    Connect(SocketAddr),
    /// The command gets this signal.
    Signal(i32),
}

/// The channel of this process, if it was started with one.
pub fn own() -> io::Result<UnixStream> {
    Ok(UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?))
}

pub fn send(mut to: &UnixStream, message: &impl Serialize) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(&bytes)
}

pub fn receive<T: DeserializeOwned>(mut from: &UnixStream) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; length as usize];
    from.read_exact(&mut bytes)?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// Hands open sockets over.
pub fn send_sockets(to: &UnixStream, sockets: &[impl AsFd]) -> io::Result<()> {
    for some in sockets.chunks(AT_ONCE) {
        let handles: Vec<_> = some.iter().map(AsFd::as_fd).collect();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(AT_ONCE))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !control.push(SendAncillaryMessage::ScmRights(&handles)) {
            return Err(io::Error::other("no room for sockets"));
        }
        sendmsg(to, &[IoSlice::new(b"s")], &mut control, SendFlags::empty())?;
    }
    Ok(())
}

/// Takes over as many open sockets as were announced.
pub fn receive_sockets(from: &UnixStream, count: usize) -> io::Result<Vec<OwnedFd>> {
    let mut all = Vec::new();
    while all.len() < count {
        let mut byte = [0];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(AT_ONCE))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut into = [IoSliceMut::new(&mut byte)];
        let received = recvmsg(from, &mut into, &mut control, RecvFlags::CMSG_CLOEXEC)?;
        let before = all.len();
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(handles) = message {
                all.extend(handles);
            }
        }
        if received.bytes == 0 || all.len() == before {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_sockets_arrive_in_order() {
        let (sender, receiver) = UnixStream::pair().unwrap();
        let sockets: Vec<OwnedFd> = (0..150)
            .map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap().into())
            .collect();
        send(&sender, &Told::Signal(15)).unwrap();
        send_sockets(&sender, &sockets).unwrap();
        send(&sender, &Told::Mapped).unwrap();
        assert!(matches!(receive(&receiver).unwrap(), Told::Signal(15)));
        assert_eq!(receive_sockets(&receiver, 150).unwrap().len(), 150);
        assert!(matches!(receive(&receiver).unwrap(), Told::Mapped));
    }
}
