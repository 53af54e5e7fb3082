use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use antom_core::call::{
    IncomingResponse, OperationInfo, OutgoingRequest, Reply, SendOptions, TransportError,
};
use antom_core::outcome::{CallError, Outcome};
use async_trait::async_trait;

#[cfg(feature = "tracing")]
use super::spans;
use super::{Attempt, Called, Ending, Observer};
use crate::{BlockingTransport, Clock, Transport};

/// Follows one call from its start to its end.
///
/// ```
/// # use antom_core::exchange::Engine;
/// # use antom_core::signature::{Signer, Verifier};
/// # use antom_transport::observe::{Observer, Watch};
/// # use antom_transport::{Clock, BlockingSleep, BlockingTransport, drive_blocking};
/// # fn example(mut engine: Engine, signer: &dyn Signer, keys: &dyn Verifier, clock: &dyn Clock,
/// #     sleep: &dyn BlockingSleep, transport: &dyn BlockingTransport, observer: &dyn Observer) {
/// let watch = Watch::start(engine.prepared().info(), Some(observer), clock);
/// let watched = watch.transport(transport);
/// watch.call_blocking(|| drive_blocking(&mut engine, signer, keys, clock, sleep, &watched));
/// let result = engine.finish::<antom_core::call::RawAnswer>();
/// watch.finished(&result);
/// # }
/// ```
#[derive(Debug)]
pub struct Watch<'a> {
    operation: &'static OperationInfo,
    observer: Option<&'a dyn Observer>,
    clock: &'a dyn Clock,
    started: Duration,
    sends: AtomicU32,
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

impl<'a> Watch<'a> {
    /// Begins with a call.
    #[must_use]
    pub fn start(
        operation: &'static OperationInfo,
        observer: Option<&'a dyn Observer>,
        clock: &'a dyn Clock,
    ) -> Self {
        Self {
            operation,
            observer,
            clock,
            started: if observer.is_some() { clock.now().mono } else { Duration::ZERO },
            sends: AtomicU32::new(0),
            #[cfg(feature = "tracing")]
            span: spans::call(operation),
        }
    }

    /// Whether anyone is told of anything.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, request};
    /// use antom_transport::observe::Watch;
    /// use antom_transport::testing::ManualClock;
    /// # let request = request();
    ///
    /// let clock = ManualClock::new(NOW);
    /// // Nobody asked to be told, and no subscriber of `tracing` listens.
    /// assert!(!Watch::start(request.operation(), None, &clock).is_on());
    /// ```
    #[must_use]
    pub fn is_on(&self) -> bool {
        #[cfg(feature = "tracing")]
        if !self.span.is_disabled() {
            return true;
        }
        self.observer.is_some()
    }

    /// The transport, with every sending watched.
    #[must_use]
    pub fn transport<'t, T: ?Sized>(&'t self, transport: &'t T) -> Watched<'t, T> {
        Watched { watch: self, transport }
    }

    /// The drive, within the call's span.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, NOW, request};
    /// use antom_transport::observe::Watch;
    /// use antom_transport::testing::ManualClock;
    /// # let request = request();
    ///
    /// # block_on(async {
    /// let clock = ManualClock::new(NOW);
    /// let watch = Watch::start(request.operation(), None, &clock);
    /// assert_eq!(watch.call(async { 7 }).await, 7);
    /// # Ok(()) });
    /// ```
    pub async fn call<F: Future>(&self, drive: F) -> F::Output {
        #[cfg(feature = "tracing")]
        let drive = tracing::Instrument::instrument(drive, self.span.clone());
        drive.await
    }

    /// The drive, within the call's span.
    pub fn call_blocking<R>(&self, drive: impl FnOnce() -> R) -> R {
        #[cfg(feature = "tracing")]
        let _entered = self.span.enter();
        drive()
    }

    /// One sending, watched: for closures of [`drive_local`](crate::drive_local), which take no
    /// [`Transport`].
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, NOW, answer, request};
    /// use antom_transport::observe::Watch;
    /// use antom_transport::testing::ManualClock;
    /// # let request = request();
    /// # let send = async { Ok(answer()) };
    ///
    /// # block_on(async {
    /// let clock = ManualClock::new(NOW);
    /// let watch = Watch::start(request.operation(), None, &clock);
    /// // `send` is your stack's future.
    /// let response = watch.attempt(&request, send).await?;
    /// assert_eq!(response.status(), 200);
    /// # Ok(()) });
    /// ```
    pub async fn attempt(
        &self,
        request: &OutgoingRequest,
        send: impl Future<Output = Result<IncomingResponse, TransportError>>,
    ) -> Result<IncomingResponse, TransportError> {
        let open = self.open(request);
        #[cfg(feature = "tracing")]
        let send = tracing::Instrument::instrument(send, open.span.clone());
        let result = send.await;
        self.close(&open, request, &result);
        result
    }

    fn attempt_blocking(
        &self,
        request: &OutgoingRequest,
        send: impl FnOnce() -> Result<IncomingResponse, TransportError>,
    ) -> Result<IncomingResponse, TransportError> {
        let open = self.open(request);
        let result = {
            #[cfg(feature = "tracing")]
            let _entered = open.span.enter();
            send()
        };
        self.close(&open, request, &result);
        result
    }

    /// Tells what the call came to.
    pub fn finished<T>(&self, result: &Result<Outcome<T>, CallError>) {
        if !self.is_on() {
            return;
        }
        let ending = match result {
            Ok(Outcome::Completed(_)) => Ending::Completed,
            Ok(Outcome::Accepted(_)) => Ending::Accepted,
            Ok(Outcome::Declined(_)) => Ending::Declined,
            Ok(_) => Ending::Unresolved,
            Err(_) => Ending::NotSent,
        };
        let proven = result.as_ref().ok().and_then(Outcome::reply).map(Reply::result);
        self.over(&Called {
            operation: self.operation,
            sends: self.sends.load(Ordering::Relaxed),
            took: self.took(self.started),
            ending,
            result_status: proven
                .and_then(|result| result.result_status.as_ref())
                .map(|status| status.as_str()),
            result_code: proven.and_then(|result| result.result_code.as_ref()).map(|code| code.as_str()),
        });
    }

    fn over(&self, called: &Called<'_>) {
        #[cfg(feature = "tracing")]
        spans::called(&self.span, called);
        if let Some(observer) = self.observer {
            observer.called(called);
        }
    }

    #[cfg_attr(not(feature = "tracing"), allow(unused_variables))]
    fn open(&self, request: &OutgoingRequest) -> Open {
        let resends = self.sends.fetch_add(1, Ordering::Relaxed);
        Open {
            resends,
            started: if self.observer.is_some() { self.clock.now().mono } else { Duration::ZERO },
            #[cfg(feature = "tracing")]
            span: spans::attempt(&self.span, request, resends),
        }
    }

    fn close(
        &self,
        open: &Open,
        request: &OutgoingRequest,
        result: &Result<IncomingResponse, TransportError>,
    ) {
        let attempt = Attempt {
            operation: self.operation,
            gateway: request.gateway(),
            resends: open.resends,
            took: self.took(open.started),
            result: result.as_ref().map(IncomingResponse::status),
        };
        #[cfg(feature = "tracing")]
        spans::attempted(&open.span, &attempt);
        if let Some(observer) = self.observer {
            observer.attempted(&attempt);
        }
    }

    /// The clock is asked for an observer only: a span has a clock of its own.
    fn took(&self, since: Duration) -> Duration {
        match self.observer {
            Some(_) => self.clock.now().mono.saturating_sub(since),
            None => Duration::ZERO,
        }
    }
}

/// A sending that is under way.
struct Open {
    resends: u32,
    started: Duration,
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

/// A transport whose sendings are watched.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, answer, request};
/// use antom_core::call::SendOptions;
/// use antom_transport::BlockingTransport;
/// use antom_transport::observe::Watch;
/// use antom_transport::testing::{ManualClock, Script, ScriptedTransport};
/// # let (request, answer) = (request(), answer());
///
/// let clock = ManualClock::new(NOW);
/// let watch = Watch::start(request.operation(), None, &clock);
/// // Sends as the transport does, and tells of it.
/// let transport = ScriptedTransport::new([Script::Answer(answer)]);
/// let response = watch.transport(&transport).send(request, &SendOptions::DEFAULT)?;
/// assert_eq!(response.status(), 200);
/// # Ok::<(), antom_core::call::TransportError>(())
/// ```
#[derive(Debug)]
pub struct Watched<'a, T: ?Sized> {
    watch: &'a Watch<'a>,
    transport: &'a T,
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Watched<'_, T> {
    async fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        let send = self.transport.send(request.clone(), options);
        self.watch.attempt(&request, send).await
    }
}

impl<T: BlockingTransport + ?Sized> BlockingTransport for Watched<'_, T> {
    fn send(
        &self,
        request: OutgoingRequest,
        options: &SendOptions,
    ) -> Result<IncomingResponse, TransportError> {
        self.watch.attempt_blocking(&request, || self.transport.send(request.clone(), options))
    }
}
