//! The other end: a server on a thread of its own, whose processor time can be asked for.

use std::convert::Infallible;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};

use crate::bound::wire::{Signs, content, key_pair};
use crate::fixture::{self, CLIENT_ID, GATEWAY_KEY, PAY_PATH, now_text};
use crate::measure::thread_cpu;

/// A gateway's answer.
pub(crate) fn signed(time: String, signature: String, body: Bytes) -> Response<Full<Bytes>> {
    let response = Response::builder()
        .header("content-type", "application/json; charset=UTF-8")
        .header("client-id", CLIENT_ID)
        .header("response-time", time)
        .header("signature", signature)
        .body(Full::new(body));
    response.expect("the answer is one")
}

/// A running server. It ends with the process.
#[derive(Debug)]
pub struct Peer {
    /// Where it listens.
    pub address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    questions: mpsc::UnboundedSender<oneshot::Sender<f64>>,
}

impl Peer {
    /// Serves requests with `answer`, which is made on the server's thread.
    ///
    /// # Panics
    ///
    /// The loopback cannot be listened on.
    pub fn start<S, F>(make: impl FnOnce() -> S + Send + 'static) -> Self
    where
        S: Fn(Request<Incoming>) -> F + Clone + 'static,
        F: Future<Output = Result<Response<Full<Bytes>>, Infallible>> + 'static,
    {
        let accepted = Arc::new(AtomicUsize::new(0));
        let (questions, mut asked) = mpsc::unbounded_channel::<oneshot::Sender<f64>>();
        let (tell, told) = std::sync::mpsc::channel();
        let counter = accepted.clone();
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
            let local = tokio::task::LocalSet::new();
            local.block_on(&runtime, async move {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
                tell.send(listener.local_addr().expect("it has an address")).expect("the starter waits");
                let answer = make();
                loop {
                    tokio::select! {
                        connection = listener.accept() => {
                            let (stream, _) = connection.expect("connections are accepted");
                            stream.set_nodelay(true).expect("it is TCP");
                            counter.fetch_add(1, Ordering::Relaxed);
                            let service = service_fn(answer.clone());
                            tokio::task::spawn_local(
                                http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                            );
                        }
                        Some(question) = asked.recv() => {
                            let _ = question.send(thread_cpu());
                        }
                    }
                }
            });
        });
        let address = told.recv().expect("the server starts");
        Self { address, accepted, questions }
    }

    /// A gateway that gives every request the same signed answer.
    #[must_use]
    pub fn gateway() -> Self {
        Self::start(|| {
            let time = now_text();
            let body = Bytes::from_static(fixture::pay_response().as_bytes());
            let signs = Signs::Ring(Box::new(key_pair(GATEWAY_KEY)));
            let signature = signs.header(&content(PAY_PATH, &time, &body));
            move |request: Request<Incoming>| {
                let (time, signature, body) = (time.clone(), signature.clone(), body.clone());
                async move {
                    let path_fits = request.uri().path() == PAY_PATH;
                    let asked = request.into_body().collect().await;
                    assert!(path_fits && asked.is_ok(), "it is asked for a payment");
                    Ok(signed(time, signature, body))
                }
            }
        })
    }

    /// How many connections were opened so far.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    /// The processor time of its thread so far, in nanoseconds.
    ///
    /// # Panics
    ///
    /// The server has died.
    pub async fn cpu(&self) -> f64 {
        let (question, answer) = oneshot::channel();
        self.questions.send(question).expect("the server lives");
        answer.await.expect("the server answers")
    }
}
