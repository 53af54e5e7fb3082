//! A server of threads: one that accepts, and one for every connection.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::ServerConfig;

use super::peer::Peer;

/// A connection that the transport leaves open longer than this is given up, so that no case hangs.
pub(super) const GUARD: Duration = Duration::from_secs(20);

/// What a connection is given to.
pub(super) type Serve = dyn Fn(Peer) -> io::Result<()> + Send + Sync;

/// What the server saw.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// How many connections were accepted.
    pub(super) connections: usize,
    /// The requests of which the server read the whole body.
    pub(super) requests: Vec<Seen>,
    /// Whether anything but a handshake came over a channel that should not have been set up.
    pub(super) leaked: bool,
}

impl Log {
    /// How many connections carried requests.
    pub(super) fn used(&self) -> usize {
        let mut used: Vec<_> = self.requests.iter().map(|seen| seen.connection).collect();
        used.sort_unstable();
        used.dedup();
        used.len()
    }

    /// Whether connections were used again. Some pools take a connection back a moment after its answer was
    /// read and open another one meanwhile, so how many there are is a matter of luck; none twice is not.
    pub(super) fn reused(&self) -> Result<(), String> {
        match (self.requests.len(), self.used()) {
            (requests, used) if used < requests => Ok(()),
            (requests, _) => Err(format!("{requests} calls had a connection each")),
        }
    }

    /// Whether every request had a connection of its own.
    pub(super) fn separate(&self) -> Result<(), String> {
        match self.used() == self.requests.len() {
            true => Ok(()),
            false => Err("a connection was used again that the server had done with".into()),
        }
    }
}

/// A request as it came.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) connection: usize,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

/// What the server's threads share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    stopped: AtomicBool,
    stopping: (Mutex<()>, Condvar),
    log: Mutex<Log>,
    open: Mutex<Vec<Weak<TcpStream>>>,
    workers: Mutex<Vec<JoinHandle<()>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn log(&self) -> MutexGuard<'_, Log> {
        lock(&self.log)
    }

    /// Remembers a connection, to close it when the server stops.
    pub(super) fn track(&self, stream: TcpStream) -> io::Result<Arc<TcpStream>> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(GUARD))?;
        stream.set_write_timeout(Some(GUARD))?;
        let stream = Arc::new(stream);
        lock(&self.open).push(Arc::downgrade(&stream));
        if self.stopped.load(Ordering::SeqCst) {
            stream.shutdown(Shutdown::Both)?;
        }
        Ok(stream)
    }

    /// Waits until the server is stopped: for a connection that nobody reads from.
    pub(super) fn wait_for_stop(&self) -> io::Result<()> {
        let (mutex, condition) = &self.stopping;
        let go_on = |(): &mut ()| !self.stopped.load(Ordering::SeqCst);
        let _ = condition.wait_timeout_while(lock(mutex), GUARD, go_on);
        Ok(())
    }

    /// Runs this in a thread that the server waits for when it stops.
    pub(super) fn spawn(&self, work: impl FnOnce() + Send + 'static) {
        lock(&self.workers).push(thread::spawn(work));
    }
}

/// A server on the loopback; it stops when it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(tls: Option<Arc<ServerConfig>>, serve: Arc<Serve>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let acceptor = {
            let shared = shared.clone();
            thread::spawn(move || accept(&listener, &shared, tls, &serve))
        };
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes every connection, waits for the threads, and says what was seen.
    pub(super) fn stop(mut self) -> Log {
        self.halt();
        std::mem::take(&mut *self.shared.log())
    }

    fn halt(&mut self) {
        let (mutex, condition) = &self.shared.stopping;
        {
            let _turn = lock(mutex);
            self.shared.stopped.store(true, Ordering::SeqCst);
        }
        condition.notify_all();
        for stream in lock(&self.shared.open).drain(..).filter_map(|stream| stream.upgrade()) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        if let Some(acceptor) = self.acceptor.take() {
            // Wakes the thread that accepts.
            drop(TcpStream::connect(self.address));
            let _ = acceptor.join();
        }
        loop {
            // A worker may have started another one.
            let Some(worker) = lock(&self.shared.workers).pop() else { return };
            let _ = worker.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.halt();
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, tls: Option<Arc<ServerConfig>>, serve: &Arc<Serve>) {
    while let Ok((stream, _)) = listener.accept() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let number = {
            let mut log = shared.log();
            log.connections += 1;
            log.connections
        };
        let (own, tls, serve) = (shared.clone(), tls.clone(), serve.clone());
        shared.spawn(move || {
            // What goes wrong with a connection that is there to go wrong is told by the transport.
            let _ = own.track(stream).and_then(|stream| serve(Peer::new(stream, tls, number, own.clone())?));
        });
    }
}
