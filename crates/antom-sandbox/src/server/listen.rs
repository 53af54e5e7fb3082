//! Connections: taken, made safe where that was asked for, served, and ended in good order.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::http::{self, Doors};
use super::shared::Shared;

/// How long connections may take to finish at shutdown.
const GRACE: Duration = Duration::from_secs(5);

/// How bytes travel.
#[derive(Debug, Clone)]
pub(super) enum Channel {
    Http,
    #[cfg(feature = "tls")]
    Https(super::tls::Tls),
}

impl Channel {
    pub(super) fn scheme(&self) -> &'static str {
        match self {
            Self::Http => "http",
            #[cfg(feature = "tls")]
            Self::Https(_) => "https",
        }
    }
}

/// Takes connections until it is told to stop.
pub(super) async fn accept(
    listener: TcpListener,
    channel: Channel,
    doors: Doors,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(shared.rules.max_connections));
    loop {
        let (permit, stream) = tokio::select! {
            () = stop(&mut stopped) => break,
            accepted = next(&listener, &room) => match accepted {
                Ok(accepted) => accepted,
                // Too many open files, or a connection that is gone already: the next one may be good.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
        };
        // Small answers should not wait for more to come.
        let _ = stream.set_nodelay(true);
        let (wire, reset) = Wire::new(stream);
        let (shared, watcher) = (Arc::clone(&shared), graceful.watcher());
        match &channel {
            Channel::Http => drop(tokio::spawn(async move {
                serve(wire, reset, doors, shared, watcher).await;
                drop(permit);
            })),
            #[cfg(feature = "tls")]
            Channel::Https(tls) => {
                let tls = tls.clone();
                tokio::spawn(async move {
                    // A client that does not trust the authority says so itself.
                    if let Ok(stream) = tls.accept(wire).await {
                        serve(stream, reset, doors, shared, watcher).await;
                    }
                    drop(permit);
                });
            }
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

/// The next connection, once there is room for it.
async fn next(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(OwnedSemaphorePermit, TcpStream)> {
    // Nobody closes it.
    let permit = Arc::clone(room).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((permit, stream))
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    reset: Reset,
    doors: Doors,
    shared: Arc<Shared>,
    watcher: Watcher,
) {
    let service = service_fn(move |request| http::serve(Arc::clone(&shared), doors, reset.clone(), request));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(30))
        .serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is the client's affair.
    drop(watcher.watch(connection).await);
}

/// Waits until the sandbox is shut down or dropped.
pub(super) async fn stop(stopped: &mut watch::Receiver<bool>) {
    // An error means that the sandbox was dropped.
    drop(stopped.wait_for(|stop| *stop).await);
}

/// Says that a connection is to end with a reset.
#[derive(Debug, Clone, Default)]
pub(super) struct Reset(Arc<AtomicBool>);

impl Reset {
    pub(super) fn ask(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A connection that can end with a reset instead of an orderly end.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    reset: Reset,
}

impl Wire {
    fn new(stream: TcpStream) -> (Self, Reset) {
        let reset = Reset::default();
        (Self { stream, reset: reset.clone() }, reset)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.0.load(Ordering::SeqCst) {
            // Closing without waiting for what is unsent is a reset.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.0.load(Ordering::SeqCst) {
            // An orderly end would go out before the reset.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
