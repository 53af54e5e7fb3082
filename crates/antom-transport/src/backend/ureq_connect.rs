//! Connections for ureq: the secure channel as this crate sets it up, and ends that are told from breaks.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use ureq::Error;
use ureq::unversioned::transport::time::{Duration, Instant};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};

/// The last in the chain of connectors.
pub(super) struct SecureConnector {
    tls: Arc<ClientConfig>,
}

impl SecureConnector {
    pub(super) fn new(tls: Arc<ClientConfig>) -> Self {
        Self { tls }
    }
}

impl<In: Transport> Connector<In> for SecureConnector {
    type Out = Strict;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Strict>, Error> {
        let Some(inner) = chained else { return Err(Error::ConnectionFailed) };
        if !details.needs_tls() || inner.is_tls() {
            return Ok(Some(Strict::Plain(inner.boxed())));
        }
        let host = details.uri.host().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let name =
            ServerName::try_from(host.to_owned()).map_err(|_| Error::Tls("the host's name is not one"))?;
        let mut tls =
            ClientConnection::new(self.tls.clone(), name).map_err(|error| Error::Other(error.into()))?;
        let mut socket = TransportAdapter::new(inner.boxed(), details.current_time.clone());
        socket.set_timeout(left(details));
        tls.complete_io(&mut socket)?;
        let config = details.config;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(Strict::Secure { stream: Box::new(StreamOwned::new(tls, socket)), buffers }))
    }
}

/// What the limit for connecting leaves for the secure channel. The limit for reading speaks of answers.
fn left(details: &ConnectionDetails<'_>) -> NextTimeout {
    let NextTimeout { after, reason, .. } = details.timeout;
    let after = match (after, details.now) {
        (Duration::Exact(limit), Instant::Exact(start)) => {
            Duration::Exact(limit.saturating_sub(start.elapsed()))
        }
        (after, _) => after,
    };
    NextTimeout { after, reason, per_read: None, per_write: None }
}

/// A connection on which a break is an error.
///
/// ureq takes a reset connection, or a secure channel that was cut off, for the end of an answer that
/// announced no length. Such an answer is not known to be whole.
pub(super) enum Strict {
    Plain(Box<dyn Transport>),
    Secure { stream: Box<StreamOwned<ClientConnection, TransportAdapter>>, buffers: LazyBuffers },
}

impl Transport for Strict {
    fn buffers(&mut self) -> &mut dyn Buffers {
        match self {
            Self::Plain(inner) => inner.buffers(),
            Self::Secure { buffers, .. } => buffers,
        }
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        match self {
            Self::Plain(inner) => inner.transmit_output(amount, timeout),
            Self::Secure { stream, buffers } => {
                stream.sock.set_timeout(timeout);
                let output = buffers.output().get(..amount).unwrap_or_default();
                stream.write_all(output).map_err(Error::from)
            }
        }
        .map_err(broken)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        match self {
            Self::Plain(inner) => inner.await_input(timeout),
            Self::Secure { stream, buffers } => {
                stream.sock.set_timeout(timeout);
                stream.read(buffers.input_append_buf()).map_err(Error::from).map(|amount| {
                    buffers.input_appended(amount);
                    amount > 0
                })
            }
        }
        .map_err(broken)
    }

    fn is_open(&mut self) -> bool {
        match self {
            Self::Plain(inner) => inner.is_open(),
            Self::Secure { stream, .. } => nothing_unread(stream) && stream.sock.get_mut().is_open(),
        }
    }

    fn is_tls(&self) -> bool {
        matches!(self, Self::Secure { .. })
    }
}

/// Whether the channel holds nothing that could be taken for a part of the next answer.
fn nothing_unread(stream: &mut StreamOwned<ClientConnection, TransportAdapter>) -> bool {
    loop {
        match stream.conn.process_new_packets() {
            Ok(state) if state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed() => {}
            _ => return false,
        }
        let received = stream.sock.get_mut().buffers().input();
        if received.is_empty() {
            return true;
        }
        match stream.conn.read_tls(&mut &*received) {
            Ok(amount) if amount > 0 => stream.sock.get_mut().buffers().input_consume(amount),
            _ => return false,
        }
    }
}

/// Makes sure that a break is not taken for an end.
fn broken(error: Error) -> Error {
    match error {
        Error::Io(error)
            if matches!(
                error.kind(),
                io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::ConnectionReset
            ) =>
        {
            Error::Other(error.into())
        }
        error => error,
    }
}

impl fmt::Debug for SecureConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecureConnector")
    }
}

impl fmt::Debug for Strict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Secure { .. } => "Secure",
        })
    }
}
