//! The server's side of one connection, and the tricks it knows.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

use super::server::{GUARD, Seen, Shared};
use super::wire;

/// The server's side of one connection.
pub(super) struct Peer {
    wire: Wire,
    stream: Arc<TcpStream>,
    number: usize,
    shared: Arc<Shared>,
    /// What came in and was not used yet.
    buffer: Vec<u8>,
}

enum Wire {
    Bare(Socket),
    Secure(Box<StreamOwned<ServerConnection, Socket>>),
}

/// A socket that several owners can read and write.
struct Socket(Arc<TcpStream>);

impl Read for Socket {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(space)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Peer {
    /// The side of a connection that was accepted, after the handshake if there is one.
    pub(super) fn new(
        stream: Arc<TcpStream>,
        tls: Option<Arc<ServerConfig>>,
        number: usize,
        shared: Arc<Shared>,
    ) -> io::Result<Self> {
        let wire = match tls {
            None => Wire::Bare(Socket(stream.clone())),
            Some(config) => {
                let connection = ServerConnection::new(config).map_err(io::Error::other)?;
                let mut secure = StreamOwned::new(connection, Socket(stream.clone()));
                while secure.conn.is_handshaking() {
                    secure.conn.complete_io(&mut secure.sock)?;
                }
                Wire::Secure(Box::new(secure))
            }
        };
        Ok(Self { wire, stream, number, shared, buffer: Vec::new() })
    }

    /// Which connection this is; the first is 1.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// What the server's threads share.
    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The connection itself.
    pub(super) fn stream(&self) -> &Arc<TcpStream> {
        &self.stream
    }

    /// Whether both sides chose HTTP/2.
    pub(super) fn is_http2(&self) -> bool {
        matches!(&self.wire, Wire::Secure(secure) if secure.conn.alpn_protocol() == Some(b"h2"))
    }

    /// Reads a whole request; `false` if the client closed the connection instead.
    pub(super) fn request(&mut self) -> io::Result<bool> {
        let Some(head) = self.head()? else { return Ok(false) };
        let length = header(&head, "content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
        while self.buffer.len() < length {
            self.fill()?;
        }
        let body = self.take(length);
        self.note(head, body);
        Ok(true)
    }

    /// Puts a request on record.
    pub(super) fn note(&self, head: String, body: Vec<u8>) {
        self.shared.log().requests.push(Seen { connection: self.number, head, body });
    }

    /// Reads up to the end of a head, if the client does not close the connection instead.
    pub(super) fn head(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = self.take(end + 4);
                return Ok(Some(String::from_utf8_lossy(&head).into_owned()));
            }
            match self.fill() {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && self.buffer.is_empty() => {
                    return Ok(None);
                }
                result => result?,
            }
        }
    }

    /// The next bytes, exactly so many.
    pub(super) fn exactly(&mut self, count: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < count {
            self.fill()?;
        }
        Ok(self.take(count))
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.buffer.split_off(count.min(self.buffer.len()));
        std::mem::replace(&mut self.buffer, rest)
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut space = [0; 16 << 10];
        match self.read(&mut space)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.buffer.extend_from_slice(space.get(..count).unwrap_or_default());
                Ok(())
            }
        }
    }

    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        match &mut self.wire {
            Wire::Bare(socket) => socket.read(space),
            Wire::Secure(secure) => secure.read(space),
        }
    }

    /// Sends these bytes at once.
    pub(super) fn write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        match &mut self.wire {
            Wire::Bare(socket) => socket.write_all(bytes.as_ref()),
            Wire::Secure(secure) => {
                secure.write_all(bytes.as_ref())?;
                secure.flush()
            }
        }
    }

    /// Sends an answer of the usual kind.
    pub(super) fn answer(&mut self, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
        self.write(wire::answer(status, headers, body))
    }

    /// Waits until the client closes the connection.
    pub(super) fn hold(&mut self) -> io::Result<()> {
        let mut space = [0; 16 << 10];
        while self.read(&mut space)? > 0 {}
        Ok(())
    }

    /// Waits this long; `false` if the client closed the connection meanwhile.
    pub(super) fn pause(&mut self, duration: Duration) -> io::Result<bool> {
        self.stream.set_read_timeout(Some(duration))?;
        let read = self.read(&mut [0; 1 << 10]);
        self.stream.set_read_timeout(Some(GUARD))?;
        match read {
            Ok(count) => Ok(count > 0),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }

    /// Says that nothing more will come, in the way of the channel, and waits for the client to close.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        if let Wire::Secure(secure) = &mut self.wire {
            secure.conn.send_close_notify();
            secure.conn.write_tls(&mut secure.sock)?;
        }
        self.cut()
    }

    /// Ends the connection without a word about it in the secure channel, and waits for the client to close.
    pub(super) fn cut(&mut self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)?;
        self.hold()
    }

    /// Breaks the connection: what is on its way is lost, in both directions.
    pub(super) fn reset(&mut self) -> io::Result<()> {
        SockRef::from(&*self.stream).set_linger(Some(Duration::ZERO))
        // It breaks when the script returns and the last owner is gone.
    }
}

/// The value of a header in a head, its name in any case.
pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    headers(head, name).next()
}

/// All values of a header in a head.
pub(super) fn headers<'a>(head: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    head.lines().skip(1).filter_map(move |line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer").field("number", &self.number).finish_non_exhaustive()
    }
}
