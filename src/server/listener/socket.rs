//! The byte streams that HTTP is spoken on.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Sleep, sleep};

use super::presence::ClientPresence;

/// How many bytes the look at a connection's beginning takes at most.
const FIRST_READ: usize = 2048;
/// How long a client that is still sending its body may be silent before it is given up.
pub(super) const LINGER_SILENCE: Duration = Duration::from_secs(1);
/// How long such a client may go on sending at all.
pub(super) const LINGER: Duration = Duration::from_secs(30);

/// A byte stream of any kind: a socket, a tunnel, TLS in either.
pub(super) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// A byte stream whose kind no longer matters. Boxed so that tunnels in TLS have a finite type.
pub(super) type BoxedStream = Box<dyn ByteStream>;

/// What is shared by everything that runs on one TCP connection.
#[derive(Debug)]
pub(super) struct Control {
    bytes_read: AtomicU64,
    reset: AtomicBool,
    lingers: AtomicBool,
    killed: watch::Sender<bool>,
}

/// An accepted TCP connection that can be told to end in a reset.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    control: Arc<Control>,
    presence: ClientPresence,
    closing: Option<Closing>,
}

/// A socket whose writing half is shut down already.
#[derive(Debug)]
struct Closing {
    silence: Pin<Box<Sleep>>,
    end: Pin<Box<Sleep>>,
}

/// A stream that gives back the bytes that were read to look at them.
pub(super) struct Prefixed {
    prefix: Bytes,
    stream: BoxedStream,
}

impl Control {
    pub(super) fn new() -> Arc<Self> {
        let (killed, _) = watch::channel(false);
        Arc::new(Self {
            bytes_read: AtomicU64::new(0),
            reset: AtomicBool::new(false),
            lingers: AtomicBool::new(false),
            killed,
        })
    }

    /// Makes the socket end in a reset, and everything on it stop.
    pub(super) fn reset(&self) {
        self.reset.store(true, Ordering::Release);
        self.killed.send_replace(true);
    }

    /// Resolves after [`Control::reset`].
    pub(super) async fn killed(&self) {
        // The sender lives in `self`: there is no error to meet here.
        let _ = self.killed.subscribe().wait_for(|killed| *killed).await;
    }

    /// Whether the client may still be sending when the server is done with it: its last request
    /// has a body, which may have been answered early.
    pub(super) fn set_lingers(&self, lingers: bool) {
        self.lingers.store(lingers, Ordering::Release);
    }

    /// How many bytes the client has sent so far.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }
}

impl Socket {
    pub(super) fn new(stream: TcpStream, control: Arc<Control>, presence: ClientPresence) -> Self {
        Self {
            stream,
            control,
            presence,
            closing: None,
        }
    }

    /// Whoever speaks HTTP here flushes each time that it has called a handler.
    fn flushed(&self) {
        self.presence.offer(&self.stream);
    }

    /// Ends the connection so that its last answer arrives.
    ///
    /// A socket that is closed with unread bytes ends in a reset, and a reset makes the client's
    /// system throw away what the client has not read yet. So the bytes of a body that was answered
    /// early are read and let go, until the client closes too or its time is over.
    fn poll_close(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.closing.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            self.closing = Some(Closing {
                silence: Box::pin(sleep(LINGER_SILENCE)),
                end: Box::pin(sleep(LINGER)),
            });
        }
        let closing = self.closing.as_mut().expect("it was set just now");
        let mut scrap = [0; 16 << 10];
        while self.control.lingers.load(Ordering::Acquire) {
            let mut buffer = ReadBuf::new(&mut scrap);
            match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    closing.silence = Box::pin(sleep(LINGER_SILENCE));
                    if closing.end.as_mut().poll(context).is_ready() {
                        break;
                    }
                }
                Poll::Ready(_) => break,
                Poll::Pending => {
                    ready!(closing.silence.as_mut().poll(context));
                    break;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Prefixed {
    /// Who is still there is seen at the socket.
    #[expect(
        clippy::unused_self,
        reason = "the other stream has something to do here"
    )]
    const fn flushed(&self) {}

    /// Waits for a stream's first bytes. An empty beginning is a stream that ended.
    pub(super) async fn read_beginning(mut stream: BoxedStream) -> io::Result<Self> {
        let mut beginning = BytesMut::with_capacity(FIRST_READ);
        stream.read_buf(&mut beginning).await?;
        Ok(Self {
            prefix: beginning.freeze(),
            stream,
        })
    }

    /// The first byte; `None` when the stream ended before it.
    pub(super) fn first_byte(&self) -> Option<u8> {
        self.prefix.first().copied()
    }

    fn poll_close(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.control.reset.load(Ordering::Acquire) {
            // A connection that is gone already cannot be reset: nothing to report.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(context, buffer);
        let received = buffer.filled().len() - before;
        self.control
            .bytes_read
            .fetch_add(received as u64, Ordering::Relaxed);
        outcome
    }
}

impl AsyncRead for Prefixed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.prefix.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let length = self.prefix.len().min(buffer.remaining());
        buffer.put_slice(&self.prefix[..length]);
        self.prefix.advance(length);
        Poll::Ready(Ok(()))
    }
}

/// Hands the writing half through to the stream inside.
macro_rules! write_through {
    ($type:ty) => {
        impl AsyncWrite for $type {
            fn poll_write(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.stream).poll_write(context, bytes)
            }

            fn poll_write_vectored(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
                slices: &[io::IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.stream).poll_write_vectored(context, slices)
            }

            fn is_write_vectored(&self) -> bool {
                self.stream.is_write_vectored()
            }

            fn poll_flush(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<io::Result<()>> {
                self.flushed();
                Pin::new(&mut self.stream).poll_flush(context)
            }

            fn poll_shutdown(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<io::Result<()>> {
                self.poll_close(context)
            }
        }
    };
}

write_through!(Socket);
write_through!(Prefixed);
