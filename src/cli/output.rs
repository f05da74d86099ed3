//! Standard output and standard error, each written by a thread of its own.
//!
//! Whoever started this program may have put a pipe there that nobody reads, or a full disk. A write
//! that blocks or fails must then stop neither a request nor the end of the process.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Bytes of lines that may be left out and wait to be written.
const WAITING: usize = 4 << 20;

/// How long the end of the program waits for a write that does not end.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it waits that long while lines are written.
const TURNS: usize = 5;

static STDERR: OnceLock<Output> = OnceLock::new();
static STDOUT: OnceLock<Output> = OnceLock::new();

pub fn stderr() -> &'static Output {
    STDERR.get_or_init(|| Output::to(io::stderr()))
}

/// Standard output of a program that goes on; a command whose result stands there writes itself.
pub fn stdout() -> &'static Output {
    STDOUT.get_or_init(|| Output::to(io::stdout()))
}

/// A place to write to without waiting for it.
#[derive(Debug)]
pub struct Output {
    queue: Sender<Message>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes that wait.
    waiting: AtomicUsize,
    /// Lines that were left out and not told yet.
    left_out: AtomicU64,
    /// Lines that were written, or could not be.
    done: AtomicU64,
}

#[derive(Debug)]
enum Message {
    Line {
        left_out_before: u64,
        bytes: Vec<u8>,
    },
    Finish(Sender<()>),
}

impl Output {
    fn to(out: impl Write + Send + 'static) -> Self {
        let (queue, lines) = mpsc::channel();
        let state = Arc::new(State::default());
        let writer = Writer {
            out,
            state: Arc::clone(&state),
        };
        // Without a thread nothing is written, and everything else works.
        let _ = std::thread::Builder::new()
            .name("output".to_owned())
            .spawn(move || writer.write_all(&lines));
        Self { queue, state }
    }

    /// Writes a text, however much waits already.
    pub fn say(&self, text: impl Into<Vec<u8>>) {
        self.send(text.into(), 0);
    }

    /// Writes a line, or leaves it out where too much waits. How many were left out is told later.
    pub fn log(&self, line: &[u8]) {
        let State {
            waiting, left_out, ..
        } = &*self.state;
        if waiting.load(Ordering::Relaxed) + line.len() > WAITING {
            left_out.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.send(line.to_vec(), left_out.swap(0, Ordering::Relaxed));
    }

    fn send(&self, bytes: Vec<u8>, left_out_before: u64) {
        self.state.waiting.fetch_add(bytes.len(), Ordering::Relaxed);
        // Nobody receives where no thread could be started.
        let _ = self.queue.send(Message::Line {
            left_out_before,
            bytes,
        });
    }

    /// Waits until all is written, or nothing moves any more.
    pub fn finish(&self) {
        let (written, wait) = mpsc::channel();
        let _ = self.queue.send(Message::Finish(written));
        let mut done = None;
        for _ in 0..TURNS {
            match wait.recv_timeout(PATIENCE) {
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    let now = Some(self.state.done.load(Ordering::Relaxed));
                    if now == done {
                        return;
                    }
                    done = now;
                }
            }
        }
    }
}

struct Writer<W> {
    out: W,
    state: Arc<State>,
}

impl<W: Write> Writer<W> {
    fn write_all(mut self, lines: &Receiver<Message>) {
        loop {
            let message = match lines.try_recv() {
                Ok(message) => message,
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => {
                    self.tell(self.state.left_out.swap(0, Ordering::Relaxed));
                    let Ok(message) = lines.recv() else { return };
                    message
                }
            };
            match message {
                Message::Line {
                    left_out_before,
                    bytes,
                } => {
                    self.tell(left_out_before);
                    self.write(&bytes);
                    self.state.waiting.fetch_sub(bytes.len(), Ordering::Relaxed);
                    self.state.done.fetch_add(1, Ordering::Relaxed);
                }
                Message::Finish(written) => {
                    self.tell(self.state.left_out.swap(0, Ordering::Relaxed));
                    let _ = written.send(());
                }
            }
        }
    }

    fn tell(&mut self, left_out: u64) {
        if left_out > 0 {
            let lines = if left_out == 1 {
                "line was"
            } else {
                "lines were"
            };
            self.write(
                format!("fake-dropbox: {left_out} {lines} left out of the log: it came faster than it was read\n")
                    .as_bytes(),
            );
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        // Nobody is left to be told if this fails.
        let _ = self.out.write_all(bytes).and_then(|()| self.out.flush());
    }
}

/// What the log writes to.
#[derive(Clone, Copy, Debug)]
pub struct Log;

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        stderr().log(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until what was said is written. The last thing that the program does.
pub fn finish() {
    for output in [&STDOUT, &STDERR] {
        if let Some(output) = output.get() {
            output.finish();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Keeps what is written, once it may.
    struct Gate {
        open: Receiver<()>,
        written: Arc<Mutex<Vec<u8>>>,
        is_open: bool,
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if !self.is_open {
                let _ = self.open.recv();
                self.is_open = true;
            }
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_nobody_reads_is_bounded_and_what_was_left_out_is_told_in_its_place() {
        let (open, gate) = mpsc::channel();
        let written = Arc::new(Mutex::new(Vec::new()));
        let output = Output::to(Gate {
            open: gate,
            written: Arc::clone(&written),
            is_open: false,
        });
        let line = vec![b'x'; 1 << 16];
        for _ in 0..1000 {
            output.log(&line);
        }
        assert!(output.state.waiting.load(Ordering::Relaxed) <= WAITING);
        output.say("the last word\n");
        open.send(()).unwrap();
        output.finish();
        output.log(b"later\n");
        output.finish();
        let written = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        assert_eq!(written.matches(&"x".repeat(1 << 16)).count(), WAITING >> 16);
        let (_, end) = written.split_once("the last word\n").unwrap();
        let told = format!("{} lines were left out", 1000 - (WAITING >> 16));
        assert!(end.contains(&told), "{end}");
        assert!(end.ends_with("\nlater\n"), "{end}");
    }

    #[test]
    fn a_place_that_takes_nothing_is_no_reason_to_stop() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let output = Output::to(Full);
        output.log(b"a\n");
        output.finish();
        output.say("b\n");
        output.finish();
        assert_eq!(output.state.done.load(Ordering::Relaxed), 2);
        assert_eq!(output.state.waiting.load(Ordering::Relaxed), 0);
    }
}
