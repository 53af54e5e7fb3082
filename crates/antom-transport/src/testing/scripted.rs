use std::collections::VecDeque;
use std::fmt;
use std::future::pending;
use std::sync::{Mutex, MutexGuard, PoisonError};

use antom_core::call::{
    IncomingResponse, OutgoingRequest, SendOptions, Sent, TransportError, TransportErrorKind,
};
use async_trait::async_trait;

use crate::{BlockingTransport, Transport};

/// What a [`ScriptedTransport`] does with one request.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::request;
/// use antom_core::call::{IncomingResponse, SendOptions, Sent, TransportErrorKind};
/// use antom_transport::BlockingTransport;
/// use antom_transport::testing::{Script, ScriptedTransport};
/// # let request = request();
///
/// let transport = ScriptedTransport::new([
///     Script::Fail(TransportErrorKind::Timeout, Sent::Maybe),
///     Script::reply(|request| IncomingResponse::new(200, request.body().clone())),
/// ]);
/// assert_eq!(transport.send(request.clone(), &SendOptions::DEFAULT).unwrap_err().sent(), Sent::Maybe);
/// assert_eq!(transport.send(request.clone(), &SendOptions::DEFAULT)?.body(), request.body());
/// # Ok::<(), antom_core::call::TransportError>(())
/// ```
pub enum Script {
    /// Answers this.
    Answer(IncomingResponse),
    /// Answers what the function makes of the request.
    Reply(Box<dyn Fn(&OutgoingRequest) -> IncomingResponse + Send + Sync>),
    /// Fails like this.
    Fail(TransportErrorKind, Sent),
}

impl Script {
    /// Answers what the function makes of the request.
    pub fn reply(answer: impl Fn(&OutgoingRequest) -> IncomingResponse + Send + Sync + 'static) -> Self {
        Self::Reply(Box::new(answer))
    }

    fn play(&self, request: &OutgoingRequest) -> Result<IncomingResponse, TransportError> {
        match self {
            Self::Answer(response) => Ok(response.clone()),
            Self::Reply(answer) => Ok(answer(request)),
            Self::Fail(kind, sent) => Err(TransportError::new(*kind, *sent)),
        }
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(response) => f.debug_tuple("Answer").field(response).finish(),
            Self::Reply(_) => f.write_str("Reply(..)"),
            Self::Fail(kind, sent) => f.debug_tuple("Fail").field(kind).field(sent).finish(),
        }
    }
}

/// Plays a script, one entry a request, and keeps the requests. A request beyond the script's end is
/// refused as unsupported.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{answer, request};
/// use antom_core::call::{SendOptions, Sent, TransportErrorKind};
/// use antom_transport::BlockingTransport;
/// use antom_transport::testing::{Script, ScriptedTransport};
/// # let (request, answer) = (request(), answer());
///
/// let transport = ScriptedTransport::new([Script::Answer(answer)]);
/// transport.send(request.clone(), &SendOptions::DEFAULT)?;
/// assert_eq!((transport.sent().len(), transport.left()), (1, 0));
/// // More was sent than the script has.
/// let beyond = transport.send(request, &SendOptions::DEFAULT).unwrap_err();
/// assert_eq!((beyond.kind(), beyond.sent()), (TransportErrorKind::Unsupported, Sent::No));
/// # Ok::<(), antom_core::call::TransportError>(())
/// ```
#[derive(Debug, Default)]
pub struct ScriptedTransport {
    script: Mutex<VecDeque<Script>>,
    sent: Mutex<Vec<(OutgoingRequest, SendOptions)>>,
}

impl ScriptedTransport {
    /// A transport with this script.
    #[must_use]
    pub fn new(script: impl IntoIterator<Item = Script>) -> Self {
        Self { script: Mutex::new(script.into_iter().collect()), sent: Mutex::default() }
    }

    /// What was sent so far, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<(OutgoingRequest, SendOptions)> {
        lock(&self.sent).clone()
    }

    /// How much of the script is left.
    #[must_use]
    pub fn left(&self) -> usize {
        lock(&self.script).len()
    }

    fn play(
        &self,
        request: OutgoingRequest,
        options: SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        let entry = lock(&self.script).pop_front();
        let result = match entry {
            Some(entry) => entry.play(&request),
            None => Err(TransportError::new(TransportErrorKind::Unsupported, Sent::No)
                .with_source("the script has no entry for this request")),
        };
        lock(&self.sent).push((request, options));
        result
    }
}

#[async_trait]
impl Transport for ScriptedTransport {
    async fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        self.play(request, *options)
    }
}

impl BlockingTransport for ScriptedTransport {
    fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        self.play(request, *options)
    }
}

/// Never answers and keeps no limit: for tests of what happens when a call is dropped.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, request};
/// use antom_core::call::SendOptions;
/// use antom_transport::Transport;
/// use antom_transport::testing::NeverTransport;
/// use std::time::Duration;
/// # let request = request();
///
/// # block_on(async {
/// let call = NeverTransport.send(request, &SendOptions::DEFAULT);
/// // What a program does that gives up on a call.
/// let given_up = tokio::time::timeout(Duration::from_millis(1), call).await;
/// assert!(given_up.is_err());
/// # Ok(()) });
/// ```
#[derive(Debug, Default)]
pub struct NeverTransport;

#[async_trait]
impl Transport for NeverTransport {
    async fn send(&self, _: OutgoingRequest, _: &SendOptions) -> Result<IncomingResponse, TransportError> {
        pending().await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
