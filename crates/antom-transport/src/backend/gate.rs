//! Proof that a request was not sent.
//!
//! HTTP stacks connect, pool and retry out of sight, so their errors seldom tell whether a request left.
//! The body can tell: it stands behind a gate that the stack has to pass before it gets the first byte, and
//! that closes for good from either side. A gate that was shut before the stack came proves [`Sent::No`]:
//! at most the head of the request is out, and a gateway executes no request without its body.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use antom_core::call::Sent;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A gate that nothing went through yet.
const OPEN: u32 = u32::MAX;
/// One that nothing will go through.
const SHUT: u32 = u32::MAX - 1;
/// Up to here: one that was gone through after so many milliseconds.
const LAST: u32 = u32::MAX - 2;

/// The gate between a request's body and the stack that sends it.
#[derive(Debug)]
pub(crate) struct Gate {
    since: Instant,
    state: AtomicU32,
}

impl Default for Gate {
    fn default() -> Self {
        Self { since: Instant::now(), state: AtomicU32::new(OPEN) }
    }
}

impl Gate {
    /// A gate, and the body behind it.
    pub(crate) fn before(bytes: Bytes) -> (Arc<Self>, GatedBody) {
        let gate = Arc::new(Self::default());
        let body = gate.body(bytes);
        (gate, body)
    }

    /// A body behind this gate. Of several bodies behind one gate at most one gets through.
    pub(crate) fn body(self: &Arc<Self>, bytes: Bytes) -> GatedBody {
        if bytes.is_empty() {
            // Nobody fetches an empty body, so it proves nothing.
            self.pass();
        }
        GatedBody { gate: self.clone(), bytes: Some(bytes).filter(|bytes| !bytes.is_empty()) }
    }

    /// Shuts the gate and says what is certain now.
    pub(crate) fn shut(&self) -> Sent {
        match self.state.compare_exchange(OPEN, SHUT, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) | Err(SHUT) => Sent::No,
            Err(_) => Sent::Maybe,
        }
    }

    /// When the gate was made.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }

    /// How long after that the body went through, in whole milliseconds. Nobody is woken by it: a limit that it
    /// moves is one that has yet to end.
    pub(crate) fn passed(&self) -> Option<Duration> {
        let state = self.state.load(Ordering::Acquire);
        (state <= LAST).then(|| Duration::from_millis(state.into()))
    }

    /// Goes through, unless the gate is shut or something went through before.
    pub(crate) fn pass(&self) -> bool {
        let now = u32::try_from(self.since.elapsed().as_millis()).unwrap_or(LAST).min(LAST);
        self.state.compare_exchange(OPEN, now, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// A body that tells when it is fetched: one piece, of known length.
///
/// ```
/// use antom_transport::backend::{GatedBody, gated};
/// use bytes::Bytes;
///
/// let request: http::Request<GatedBody> = gated(http::Request::new(Bytes::from_static(b"{}")));
/// assert_eq!(http_body::Body::size_hint(request.body()).exact(), Some(2));
/// ```
#[derive(Debug)]
pub struct GatedBody {
    gate: Arc<Gate>,
    bytes: Option<Bytes>,
}

/// The sender stopped waiting before the body was fetched.
///
/// ```
/// use antom_transport::backend::GateShut;
///
/// assert!(GateShut.to_string().contains("given up before its body was sent"));
/// ```
#[derive(Debug, thiserror::Error)]
#[error("the request was given up before its body was sent")]
pub struct GateShut;

impl Body for GatedBody {
    type Data = Bytes;
    type Error = GateShut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, GateShut>>> {
        if self.bytes.is_some() && !self.gate.pass() {
            return Poll::Ready(Some(Err(GateShut)));
        }
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, Bytes::len) as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn fetch(body: &mut GatedBody) -> Poll<Option<Result<Frame<Bytes>, GateShut>>> {
        Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_gate_shut_first_keeps_the_body_for_good() {
        let (gate, mut body) = Gate::before(Bytes::from_static(b"{}"));
        assert_eq!(body.size_hint().exact(), Some(2));
        assert_eq!(gate.shut(), Sent::No);
        assert_eq!(gate.shut(), Sent::No);
        for _ in 0..2 {
            assert!(matches!(fetch(&mut body), Poll::Ready(Some(Err(GateShut)))));
        }
        assert_eq!(gate.passed(), None);
    }

    #[test]
    fn a_body_that_passed_is_never_called_unsent() {
        let (gate, mut body) = Gate::before(Bytes::from_static(b"{}"));
        assert_eq!(gate.passed(), None);
        assert!(matches!(fetch(&mut body), Poll::Ready(Some(Ok(_)))));
        assert!(gate.passed().is_some_and(|passed| Some(passed) == gate.passed()));
        assert_eq!(gate.shut(), Sent::Maybe);
        assert!(body.is_end_stream());
        assert!(matches!(fetch(&mut body), Poll::Ready(None)));
    }

    #[test]
    fn an_empty_body_proves_nothing() {
        let (gate, body) = Gate::before(Bytes::new());
        assert!(body.is_end_stream());
        assert_eq!(gate.shut(), Sent::Maybe);
    }
}
