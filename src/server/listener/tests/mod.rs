//! Real sockets, real timers: what a client sees of the connection layer.

mod plain;
mod stop;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "tls")]
mod tunnels;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper::service::service_fn;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::{
    BoxError, ConnectionAction, ConnectionFacts, Listener, ListenerConfig, RequestBody, StopReport,
};

/// Long enough for a busy machine, short enough to notice a hang.
const PATIENCE: Duration = Duration::from_secs(20);

type TestBody = UnsyncBoxBody<Bytes, BoxError>;

/// A running listener in front of [`handle`].
struct Server {
    address: SocketAddr,
    addresses: Vec<SocketAddr>,
    gate: Arc<Gate>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<StopReport>,
}

/// Holds `/gate` requests until the test lets them go.
#[derive(Default)]
struct Gate {
    entered: Notify,
    open: Notify,
}

impl Server {
    async fn start() -> Self {
        Self::with(ListenerConfig::loopback(0)).await
    }

    async fn with(config: ListenerConfig) -> Self {
        let listener = Listener::bind(config).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let gate = Arc::new(Gate::default());
        let (address, addresses) = (
            listener.local_address(),
            listener.local_addresses().to_vec(),
        );
        let handler = Arc::clone(&gate);
        let service = service_fn(move |request| handle(request, Arc::clone(&handler)));
        let serving = tokio::spawn(listener.serve(service, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            addresses,
            gate,
            stop,
            serving,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends these bytes and returns everything up to the end of the connection.
    async fn exchange(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_ref()).await.unwrap();
        read_to_end(&mut stream).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn stop(self) -> StopReport {
        self.stop.send(()).unwrap();
        in_time(self.serving).await.unwrap()
    }
}

/// Fails the test where it would hang.
async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("this took too long")
}

async fn read_to_end(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut answer = Vec::new();
    in_time(stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Reads up to the end of the head and as many bytes of body as it announces.
async fn read_answer(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut answer = Vec::new();
    let mut missing = None;
    while missing != Some(0) {
        let byte = in_time(stream.read_u8()).await.unwrap();
        answer.push(byte);
        if let Some(count) = &mut missing {
            *count -= 1;
        } else if answer.ends_with(b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&answer).to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            missing = Some(length.map_or(0, |length| length.parse().unwrap()));
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

async fn handle(
    request: Request<RequestBody>,
    gate: Arc<Gate>,
) -> Result<Response<TestBody>, Infallible> {
    let facts = request
        .extensions()
        .get::<ConnectionFacts>()
        .cloned()
        .unwrap();
    let mut response = Response::new(full(""));
    match request.uri().path() {
        "/facts" => *response.body_mut() = full(format!("{facts:?}")),
        "/scheme" => {
            let (server_name, alpn) = (facts.server_name.as_deref(), facts.alpn.as_deref());
            let text = format!(
                "{} {:?} name={} alpn={} tunnel={}",
                facts.scheme.as_str(),
                request.version(),
                server_name.unwrap_or("-"),
                alpn.unwrap_or("-"),
                facts.tunnel.as_ref().map_or("-", |tunnel| tunnel.as_str()),
            );
            *response.body_mut() = full(text);
        }
        "/echo" => {
            let body = request.into_body().collect().await;
            *response.body_mut() = match body {
                Ok(body) => full(body.to_bytes()),
                Err(error) => full(error.to_string()),
            };
        }
        "/gate" => {
            gate.entered.notify_one();
            gate.open.notified().await;
            *response.body_mut() = full("through the gate");
        }
        "/panic" => panic!("this handler panics on purpose"),
        "/panic-in-body" => {
            let frames = futures_util::stream::poll_fn(|_| panic!("this body panics on purpose"));
            *response.body_mut() = StreamBody::new(frames).boxed_unsync();
        }
        "/abort" => {
            response.extensions_mut().insert(ConnectionAction::Abort);
        }
        "/reset" => {
            response.extensions_mut().insert(ConnectionAction::Reset);
        }
        "/truncate" => {
            let frames = [
                Ok(Frame::data(Bytes::from_static(b"the first half"))),
                Err(BoxError::from("cut on purpose")),
            ];
            let frames = futures_util::stream::iter(frames).boxed();
            *response.body_mut() = StreamBody::new(frames).boxed_unsync();
        }
        _ => *response.body_mut() = full("hello"),
    }
    Ok(response)
}

fn full(text: impl Into<Bytes>) -> TestBody {
    Full::new(text.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}
