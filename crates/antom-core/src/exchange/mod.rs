//! One call with its repetitions and its deadline, as a machine without I/O.
//!
//! ```text
//!           ┌────────────────────────────────────────────┐
//!           ▼                                            │ again: same id, new time, new signature
//! step ─► Sign ─ signed() ─► Send ─ answered() ─┬─► Wait ┘
//!                                               └─► Finished ─ finish() ─► Outcome
//! ```
//!
//! An exchange repeats a request only when that cannot do harm: after [`Sent::No`]; for operations that
//! only read; and for operations that are told apart by an id and have no inquiry. It never inquires: that
//! is [`flow`](crate::flow)'s business. Time and randomness come in as arguments, so that a test can print
//! the whole schedule.
//!
//! ```
//! # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
//! # use kit::{AnyKey, CLOCKS, answer, profile};
//! use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
//! use antom_core::exchange::{Exchange, Policy, Step};
//! use antom_core::outcome::Outcome;
//! # use antom_core::signature::Signature;
//! # let (profile, keys, now) = (profile(), AnyKey, CLOCKS);
//! # let sign = |_: &[u8]| Ok(Signature::new(vec![1; 256]));
//! # let http = |_: &antom_core::call::OutgoingRequest| Ok(answer(r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#));
//!
//! // `sign` and `http` are yours: a key, and any HTTP stack. This loop is a whole driver.
//! let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
//! let mut exchange = Exchange::<InquiryPayment>::new(&request, &profile, Policy::DEFAULT, 42, now)?;
//! let outcome = loop {
//!     match exchange.engine().step(now) {
//!         Step::Sign(input) => {
//!             let signature = sign(input);
//!             exchange.engine().signed(signature);
//!         }
//!         Step::Send { request, .. } => {
//!             let answer = http(request);
//!             exchange.engine().answered(answer, &keys, now);
//!         }
//!         Step::Wait(_) => unreachable!("the gateway of this example always answers"),
//!         Step::Finished => break exchange.finish()?,
//!     }
//! };
//! assert!(matches!(outcome, Outcome::Completed(_)));
//! # Ok::<(), antom_core::outcome::CallError>(())
//! ```

mod policy;

use alloc::string::String;
use core::marker::PhantomData;
use core::time::Duration;

pub use policy::{Backoff, Policy};

use crate::call::{
    EncodeError, File, IncomingResponse, Operation, OutgoingRequest, Prepared, Repeat, Reply, ReplyError,
    SendOptions, Sent, TransportError, TransportErrorKind, Window,
};
use crate::codec::ReadMessage;
use crate::fact::Verified;
use crate::outcome::{CallError, CallErrorKind, Outcome, Reason, Unresolved};
use crate::profile::Profile;
use crate::secret::Secret;
use crate::signature::{SignError, Signature, Verifier};
use crate::time::{Now, UnixTime};

/// What to do next.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{CLOCKS, profile};
/// use antom_core::exchange::{Exchange, Policy, Step};
/// # use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// # let (profile, now) = (profile(), CLOCKS);
/// # let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
///
/// let mut exchange = Exchange::<InquiryPayment>::new(&request, &profile, Policy::DEFAULT, 42, now)?;
/// // Asking twice gives the same answer: a step is not lost when a driver is interrupted.
/// assert!(matches!(exchange.engine().step(now), Step::Sign(_)));
/// assert!(matches!(exchange.engine().step(now), Step::Sign(_)));
/// # Ok::<(), antom_core::outcome::CallError>(())
/// ```
#[derive(Debug)]
pub enum Step<'a> {
    /// Sign these bytes, then call [`Engine::signed`].
    Sign(&'a [u8]),
    /// Send this, then call [`Engine::answered`].
    Send {
        /// The request.
        request: &'a OutgoingRequest,
        /// Limits for this sending, cut to what is left of the deadline.
        options: SendOptions,
    },
    /// Wait this long, then ask again.
    Wait(Duration),
    /// Call [`Exchange::finish`].
    Finished,
}

/// One call to one operation. Only the two ends know the types; everything between is [`Engine`].
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{CLOCKS, profile};
/// use antom_core::exchange::{Exchange, Policy};
/// use antom_core::outcome::CallErrorKind;
/// use antom_core::signature::SignError;
/// # use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// # let (profile, now) = (profile(), CLOCKS);
/// # let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
///
/// let mut exchange = Exchange::<InquiryPayment>::new(&request, &profile, Policy::DEFAULT, 42, now)?;
/// exchange.engine().signed(Err(SignError::new("the key service is down")));
/// // Nothing left this machine, and the error says so.
/// let error = exchange.finish().unwrap_err();
/// assert!(matches!(error.kind, CallErrorKind::Sign(_)));
/// # Ok::<(), antom_core::outcome::CallError>(())
/// ```
#[derive(Debug)]
pub struct Exchange<O> {
    engine: Engine,
    marker: PhantomData<fn() -> O>,
}

impl<O: Operation> Exchange<O> {
    /// Prepares a call. `seed` feeds the jitter of waits and nothing else.
    ///
    /// # Errors
    ///
    /// The request has no form on the wire with this profile.
    pub fn new(
        request: &O::Request,
        profile: &Profile,
        policy: Policy,
        seed: u64,
        now: Now,
    ) -> Result<Self, CallError> {
        Self::of(Prepared::new(O::INFO, request, profile, now.wall), policy, seed, now)
    }

    /// Prepares a call that carries a file; see [`Prepared::upload`].
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), or the file cannot be sent.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{CLOCKS, profile};
    /// use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
    /// use antom_core::call::File;
    /// use antom_core::exchange::{Exchange, Policy};
    /// # let (profile, now) = (profile(), CLOCKS);
    ///
    /// // An inquiry carries no file: nothing is sent.
    /// let (request, file) = (InquiryPaymentRequest::new(), File::new("shoe.png", &b"a picture"[..]));
    /// let refused = Exchange::<InquiryPayment>::upload(&request, &file, &profile, Policy::DEFAULT, 42, now);
    /// assert!(refused.is_err());
    /// ```
    pub fn upload(
        request: &O::Request,
        file: &File,
        profile: &Profile,
        policy: Policy,
        seed: u64,
        now: Now,
    ) -> Result<Self, CallError> {
        Self::of(Prepared::upload(O::INFO, request, file, profile, now.wall), policy, seed, now)
    }

    /// Prepares a call inside a session; see [`Prepared::session`].
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), or the session id cannot be one.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{CLOCKS, profile};
    /// use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
    /// use antom_core::exchange::{Exchange, Policy};
    /// use antom_core::secret::Secret;
    /// # let (profile, now) = (profile(), CLOCKS);
    ///
    /// // An inquiry is no call inside a session: nothing is sent.
    /// let (request, session) = (InquiryPaymentRequest::new(), Secret::new("session-1".to_owned()));
    /// let refused = Exchange::<InquiryPayment>::session(&request, &session, &profile, Policy::DEFAULT, 42, now);
    /// assert!(refused.is_err());
    /// ```
    pub fn session(
        request: &O::Request,
        session_id: &Secret<String>,
        profile: &Profile,
        policy: Policy,
        seed: u64,
        now: Now,
    ) -> Result<Self, CallError> {
        Self::of(Prepared::session(O::INFO, request, session_id, profile, now.wall), policy, seed, now)
    }

    fn of(
        prepared: Result<Prepared, EncodeError>,
        policy: Policy,
        seed: u64,
        now: Now,
    ) -> Result<Self, CallError> {
        let prepared = prepared
            .map_err(|error| CallError { operation: O::INFO.id, kind: CallErrorKind::Encode(error) })?;
        Ok(Self { engine: Engine::new(prepared, policy, seed, now), marker: PhantomData })
    }

    /// The part that drivers work on.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// What the call came to. A call that is dropped while its request is on its way is unresolved.
    ///
    /// # Errors
    ///
    /// Nothing was sent.
    pub fn finish(self) -> Result<Outcome<O::Response>, CallError> {
        self.engine.finish()
    }
}

/// The machine behind an [`Exchange`], compiled once for all operations.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{AnyKey, CLOCKS, profile};
/// use antom_core::call::{Sent, TransportError, TransportErrorKind};
/// use antom_core::exchange::{Exchange, Policy, Step};
/// use antom_core::signature::Signature;
/// # use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest};
/// # let (profile, now) = (profile(), CLOCKS);
/// # let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
/// # let keys = AnyKey;
///
/// let mut exchange = Exchange::<InquiryPayment>::new(&request, &profile, Policy::DEFAULT, 42, now)?;
/// let engine = exchange.engine();
/// assert_eq!(engine.prepared().info().id, "payments/inquiryPayment");
/// engine.signed(Ok(Signature::new(vec![1; 256])));
/// assert!(matches!(engine.step(now), Step::Send { .. }));
/// // The connection broke. An inquiry only reads: it is sent again, after a wait.
/// let broke = TransportError::new(TransportErrorKind::Interrupted, Sent::Maybe);
/// engine.answered(Err(broke), &keys, now);
/// assert!(matches!(engine.step(now), Step::Wait(_)));
/// assert_eq!((engine.sends(), engine.left(now)), (1, Policy::DEFAULT.deadline));
/// # Ok::<(), antom_core::outcome::CallError>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    prepared: Prepared,
    policy: Policy,
    backoff: Backoff,
    state: State,
    started: Duration,
    sends: u32,
    /// The most that any earlier sending may have done.
    sent: Sent,
}

#[derive(Debug)]
enum State {
    Unsigned,
    Signed,
    Sending,
    Waiting {
        until: Duration,
    },
    /// `first`: no earlier sending of this exchange can have left this machine.
    Answered {
        verified: Verified,
        first: bool,
    },
    Failed(Failure),
}

#[derive(Debug)]
enum Failure {
    Sign(SignError),
    Transport(TransportError),
    Reply(ReplyError),
}

impl State {
    fn unsent(prepared: &Prepared) -> Self {
        if prepared.signs() { Self::Unsigned } else { Self::Signed }
    }
}

impl Engine {
    /// Takes a prepared call.
    #[must_use]
    pub fn new(prepared: Prepared, policy: Policy, seed: u64, now: Now) -> Self {
        let state = State::unsent(&prepared);
        let backoff = Backoff::new(&policy, seed);
        Self { prepared, policy, backoff, state, started: now.mono, sends: 0, sent: Sent::No }
    }

    /// What to do next. Asking twice gives the same answer.
    pub fn step(&mut self, now: Now) -> Step<'_> {
        if let State::Waiting { until } = self.state {
            if now.mono < until {
                return Step::Wait(until.saturating_sub(now.mono));
            }
            self.prepare_again(now.wall);
        }
        match self.state {
            State::Unsigned => Step::Sign(self.prepared.signing_input()),
            State::Signed | State::Sending => {
                if !matches!(self.state, State::Sending) {
                    self.state = State::Sending;
                    self.sends += 1;
                }
                let left = self.left(now);
                let mut options = self.policy.send;
                options.total = options.total.min(left);
                options.read = options.read.min(options.total);
                options.connect = options.connect.min(options.total);
                Step::Send { request: self.prepared.request(), options }
            }
            State::Waiting { .. } | State::Answered { .. } | State::Failed(_) => Step::Finished,
        }
    }

    /// The signature over the bytes of [`Step::Sign`], or why there is none.
    pub fn signed(&mut self, result: Result<Signature, SignError>) {
        if !matches!(self.state, State::Unsigned) {
            return;
        }
        self.state = match result {
            Ok(signature) => {
                self.prepared.attach(&signature);
                State::Signed
            }
            Err(error) => State::Failed(Failure::Sign(error)),
        };
    }

    /// The answer to [`Step::Send`], or why there is none.
    pub fn answered(
        &mut self,
        result: Result<IncomingResponse, TransportError>,
        keys: &dyn Verifier,
        now: Now,
    ) {
        if !matches!(self.state, State::Sending) {
            return;
        }
        let failure = match result {
            Ok(response) => match self.prepared.verify(&response, keys, now.wall, Window::DEFAULT) {
                Ok(verified) => {
                    let first = core::mem::replace(&mut self.sent, Sent::Yes) == Sent::No;
                    self.state = State::Answered { verified, first };
                    return;
                }
                Err(error) => Failure::Reply(error),
            },
            Err(error) => Failure::Transport(error),
        };
        let sent = match &failure {
            Failure::Transport(error) => error.sent(),
            _ => Sent::Yes,
        };
        self.sent = self.sent.max(sent);
        let asked = match &failure {
            Failure::Reply(ReplyError::HttpStatus(seen) | ReplyError::Unsigned(seen)) => seen.retry_after,
            _ => None,
        };
        let wait = self.backoff.next().map(|wait| asked.map_or(wait, |asked| asked.max(wait)));
        self.state = match wait {
            Some(wait)
                if self.may_repeat(&failure, sent)
                    && self.sends < self.policy.max_sends
                    && wait < self.left(now) =>
            {
                State::Waiting { until: now.mono.saturating_add(wait) }
            }
            _ => State::Failed(failure),
        };
    }

    /// How often the request was put on the wire so far.
    #[must_use]
    pub fn sends(&self) -> u32 {
        self.sends
    }

    /// The request's ids.
    #[must_use]
    pub fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// What the call came to, its answer read as `T`. [`Exchange::finish`] does this with the operation's
    /// own type.
    ///
    /// # Errors
    ///
    /// Nothing was sent.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{CLOCKS, profile};
    /// use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest, InquiryPaymentResponse};
    /// use antom_core::call::{Operation, Prepared};
    /// use antom_core::exchange::{Engine, Policy};
    /// # let (profile, now) = (profile(), CLOCKS);
    ///
    /// let prepared = Prepared::new(InquiryPayment::INFO, &InquiryPaymentRequest::new(), &profile, now.wall)?;
    /// let engine = Engine::new(prepared, Policy::ONCE, 42, now);
    /// // Dropped before anything was signed: certainly not sent.
    /// assert!(engine.finish::<InquiryPaymentResponse>().is_err());
    /// # Ok::<(), antom_core::call::EncodeError>(())
    /// ```
    pub fn finish<T: ReadMessage>(self) -> Result<Outcome<T>, CallError> {
        let mut engine = self;
        let info = engine.prepared.info();
        let ids = engine.prepared.take_ids();
        let sent = engine.sent_so_far();
        let sends = engine.sends;
        let failed = |kind| Err(CallError { operation: info.id, kind });
        let reason = match engine.state {
            State::Answered { verified, first } => match Reply::read(info, verified) {
                Ok(reply) => return Ok(Outcome::of(reply, first, &ids, sends)),
                Err(error) => Reason::Unproven(error),
            },
            State::Failed(Failure::Reply(error)) => Reason::Unproven(error),
            State::Failed(Failure::Transport(error)) if sent == Sent::No => {
                return failed(CallErrorKind::NotSent(error));
            }
            State::Failed(Failure::Transport(error)) => Reason::NoAnswer(error),
            State::Failed(Failure::Sign(error)) if sent == Sent::No => {
                return failed(CallErrorKind::Sign(error));
            }
            State::Sending | State::Failed(Failure::Sign(_)) => {
                Reason::NoAnswer(TransportError::new(TransportErrorKind::Cancelled, Sent::Maybe))
            }
            State::Unsigned | State::Signed | State::Waiting { .. } => {
                let error = TransportError::new(TransportErrorKind::Cancelled, sent);
                if sent == Sent::No {
                    return failed(CallErrorKind::NotSent(error));
                }
                Reason::NoAnswer(error)
            }
        };
        let inquire = info.inquiry;
        Ok(Outcome::Unresolved(Unresolved { operation: info, inquire, ids, sent, reason, sends }))
    }

    fn sent_so_far(&self) -> Sent {
        match self.state {
            State::Sending => self.sent.max(Sent::Maybe),
            _ => self.sent,
        }
    }

    /// The time left before the deadline: zero when it has passed.
    #[must_use]
    pub fn left(&self, now: Now) -> Duration {
        self.policy.deadline.saturating_sub(now.mono.saturating_sub(self.started))
    }

    fn prepare_again(&mut self, at: UnixTime) {
        self.prepared = self.prepared.again(at);
        self.state = State::unsent(&self.prepared);
    }

    /// Whether the same request may go out again after this failure.
    fn may_repeat(&self, failure: &Failure, sent: Sent) -> bool {
        match failure {
            // A key that fails, or a stack that cannot, fails again.
            Failure::Sign(_) => return false,
            Failure::Transport(error) if error.kind() == TransportErrorKind::Unsupported => return false,
            Failure::Transport(error) if error.kind() == TransportErrorKind::Tls => return false,
            // What was tampered with or misread is not mended by asking again; a missing proof may be.
            Failure::Reply(ReplyError::HttpStatus(seen)) if seen.status < 500 && seen.status != 429 => {
                return false;
            }
            Failure::Reply(ReplyError::HttpStatus(_)) | Failure::Transport(_) => {}
            Failure::Reply(_) => return false,
        }
        match self.prepared.info().repeat {
            Repeat::Read => true,
            Repeat::SameId(_) if self.prepared.info().inquiry.is_none() => true,
            Repeat::SameId(_) | Repeat::Never => sent == Sent::No && self.sent == Sent::No,
        }
    }
}
