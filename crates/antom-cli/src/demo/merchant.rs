//! The merchant's server: receives notifications, verifies, stores, acknowledges.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use antom::core::fact::Verified;
use antom::webhook::{Ack, Receiver};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::book::{Book, Turn};
use crate::failure::causes;

/// Where the shop's notifications go; a part of what is signed.
pub(crate) const PATH: &str = "/antom/notify";

/// How long a notification may take. The sandbox sends at once; this only ends a demo that went wrong.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of a delivery.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// Verified, stored and acknowledged, and what it brought about.
    Kept(Kept),
    /// Refused, and why.
    Refused(String),
}

/// A notification that is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) verified: Verified,
    pub(crate) turn: Turn,
}

/// The server; it stops when dropped.
#[derive(Debug)]
pub(crate) struct Merchant {
    address: SocketAddr,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
    /// Came in, and nobody has asked for it yet.
    early: VecDeque<Kept>,
    task: JoinHandle<()>,
}

impl Merchant {
    /// Serves on a free loopback port.
    pub(crate) fn start(listener: TcpListener, receiver: Receiver, book: Book) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, arrivals) = mpsc::unbounded_channel();
        let task = tokio::spawn(serve(listener, receiver, book, sender));
        Ok(Self { address, arrivals, early: VecDeque::new(), task })
    }

    /// The URL for notifications.
    pub(crate) fn notify_url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// The URL the buyer comes back to.
    pub(crate) fn return_url(&self) -> String {
        format!("http://{}/thanks", self.address)
    }

    /// The first notification that is wanted, waited for if it has not come yet. Others are kept for those
    /// who will ask for them: the order of arrival is not promised.
    pub(crate) async fn next(&mut self, wanted: impl Fn(&Verified) -> bool) -> Result<Kept, String> {
        if let Some(position) = self.early.iter().position(|kept| wanted(&kept.verified)) {
            return self.early.remove(position).ok_or_else(|| "none".to_owned());
        }
        loop {
            match tokio::time::timeout(PATIENCE, self.arrivals.recv()).await {
                Ok(Some(Arrival::Kept(kept))) if wanted(&kept.verified) => return Ok(kept),
                Ok(Some(Arrival::Kept(other))) => self.early.push_back(other),
                Ok(Some(Arrival::Refused(why))) => return Err(format!("one that was refused: {why}")),
                Ok(None) => return Err("the server stopped".to_owned()),
                Err(_) => return Err(format!("none within {} s", PATIENCE.as_secs())),
            }
        }
    }

    /// How many came in that nobody asked for.
    pub(crate) fn left_over(&mut self) -> usize {
        while let Ok(arrival) = self.arrivals.try_recv() {
            if let Arrival::Kept(kept) = arrival {
                self.early.push_back(kept);
            }
        }
        self.early.len()
    }
}

impl Drop for Merchant {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    listener: TcpListener,
    receiver: Receiver,
    book: Book,
    arrivals: mpsc::UnboundedSender<Arrival>,
) {
    loop {
        // A connection that could not be accepted is delivered again on another one.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (receiver, book, arrivals) = (receiver.clone(), book.clone(), arrivals.clone());
        let service =
            service_fn(move |request| receive(receiver.clone(), book.clone(), arrivals.clone(), request));
        let connection =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // A connection that breaks is the sender's affair: what it sent is stored or comes again.
        tokio::spawn(async move { drop(connection.await) });
    }
}

/// Stores first and acknowledges then; what could not be stored is refused, and Antom delivers it again.
async fn receive(
    receiver: Receiver,
    book: Book,
    arrivals: mpsc::UnboundedSender<Arrival>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (ack, arrival) = match receiver.receive(request).await {
        Ok(delivery) => match delivery.acknowledge_after(book.receive(&delivery)).await {
            (ack, Ok(turn)) => (ack, Arrival::Kept(Kept { verified: delivery.into_verified(), turn })),
            (ack, Err(why)) => (ack, Arrival::Refused(why)),
        },
        Err(error) => (Ack::for_error(&error), Arrival::Refused(causes(&error))),
    };
    // Nobody listens any more when the demo is over.
    let _ = arrivals.send(arrival);
    Ok(ack.into_http())
}
