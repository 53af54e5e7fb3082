//! The answer of any stack that gives an `http` one, within its limits.

use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use antom_core::call::{IncomingResponse, SendOptions, Sent, TransportError, TransportErrorKind};
use bytes::{Buf, Bytes, BytesMut};
use http::Response;
use http_body::Body;

use super::classify::{kind_of, settle};
use super::gate::Gate;

type BoxError = Box<dyn StdError + Send + Sync>;

/// Waits for the answer and reads it, within the limits of `options`, which began to run at `start`.
///
/// Until the body is on its way the limit for connecting holds, then the one for reading; the one for
/// everything always.
pub(super) async fn roundtrip<A, B, E, T, S>(
    answer: A,
    watch: Watch<'_>,
    start: Instant,
    options: &SendOptions,
    timer: T,
) -> Result<IncomingResponse, TransportError>
where
    A: Future<Output = Result<Response<B>, E>>,
    E: Into<BoxError>,
    B: Body,
    B::Error: Into<BoxError>,
    T: Fn(Duration) -> S,
    S: Future<Output = ()>,
{
    let left = || options.total.saturating_sub(start.elapsed());
    let response = {
        let mut answer = pin!(answer);
        // Moments since `start`. One timer serves both limits: it is set for what may end first, and set anew where
        // something else ends by then. Most answers come before, and have cost one timer.
        let mut ends = options.connect.min(options.total);
        let mut alarm = ends.min(options.read);
        let mut limit = pin!(timer(alarm));
        let mut reading = false;
        let result = poll_fn(|context| {
            loop {
                if let Poll::Ready(result) = answer.as_mut().poll(context) {
                    return Poll::Ready(Some(result));
                }
                if !reading && watch.gate.poll_passed(context) {
                    reading = true;
                    let now = start.elapsed();
                    ends = now.saturating_add(options.read).min(options.total);
                    if ends < alarm {
                        alarm = ends;
                        limit.set(timer(alarm.saturating_sub(now)));
                    }
                }
                if limit.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                if alarm >= ends {
                    if reading || watch.is_watched() || left().is_zero() {
                        return Poll::Ready(None);
                    }
                    // The stack may have connected long ago without a word.
                    reading = true;
                    ends = alarm.saturating_add(options.read).min(options.total);
                }
                limit.set(timer(ends.saturating_sub(alarm)));
                alarm = ends;
            }
        })
        .await;
        match result {
            Some(Ok(response)) => response,
            Some(Err(error)) => {
                let error: BoxError = error.into();
                let sent = watch.give_up();
                let kind = match kind_of(&*error) {
                    // A stack has no other reason to refuse a request that it could have sent.
                    TransportErrorKind::Other if watch.needs_http2 && sent == Sent::No => {
                        TransportErrorKind::Unsupported
                    }
                    kind => settle(kind, sent),
                };
                return Err(TransportError::new(kind, sent).with_source(error));
            }
            // If the body passes between the timer and this line, it is `Maybe`; if not, it never will.
            None => return Err(TransportError::new(TransportErrorKind::Timeout, watch.give_up())),
        }
    };
    let (head, body) = response.into_parts();
    let body = read(body, options, left, timer).await?;
    let mut incoming = IncomingResponse::new(head.status.as_u16(), body);
    for (name, value) in &head.headers {
        incoming.push_header(name.as_str(), value.as_bytes());
    }
    Ok(incoming)
}

/// Knows whether the body of a request went out.
pub(super) struct Watch<'a> {
    /// The gate in front of the body.
    pub(super) gate: &'a Gate,
    /// Whether the body stands behind that gate; `None` if it certainly does.
    pub(super) watched: Option<&'a AtomicBool>,
    /// Whether the stack has to refuse a connection that speaks HTTP/1.
    pub(super) needs_http2: bool,
}

impl Watch<'_> {
    fn is_watched(&self) -> bool {
        self.watched.is_none_or(|watched| watched.load(Ordering::Acquire))
    }

    /// Keeps the body from going out, and says whether it did. A body that stands behind no gate may have.
    fn give_up(&self) -> Sent {
        let sent = self.gate.shut();
        if self.is_watched() { sent } else { Sent::Maybe }
    }
}

/// Reads the answer's body. From here on every failure is `Sent::Yes`: only the gateway answers behind a
/// channel that is set up, and it answers requests.
async fn read<B, T, S>(
    body: B,
    options: &SendOptions,
    left: impl Fn() -> Duration,
    timer: T,
) -> Result<Bytes, TransportError>
where
    B: Body,
    B::Error: Into<BoxError>,
    T: Fn(Duration) -> S,
    S: Future<Output = ()>,
{
    let failed = |kind| TransportError::new(kind, Sent::Yes);
    if body.size_hint().lower() > options.max_answer as u64 {
        return Err(failed(TransportErrorKind::TooLarge));
    }
    let mut body = pin!(body);
    let mut whole = Gathered::default();
    // Made when there is something to wait for: most answers are there by now.
    let mut limit = pin!(None);
    loop {
        let frame = poll_fn(|context| {
            if let Poll::Ready(frame) = body.as_mut().poll_frame(context) {
                return Poll::Ready(Some(frame));
            }
            if limit.is_none() {
                limit.set(Some(timer(options.read.min(left()))));
            }
            limit.as_mut().as_pin_mut().map_or(Poll::Pending, |limit| limit.poll(context).map(|()| None))
        })
        .await;
        match frame {
            None => return Err(failed(TransportErrorKind::Timeout)),
            Some(None) => return Ok(whole.into_bytes()),
            Some(Some(Err(error))) => {
                let error: BoxError = error.into();
                return Err(failed(kind_of(&*error)).with_source(error));
            }
            Some(Some(Ok(frame))) => {
                // Trailers mean nothing here: what they say is not signed.
                if let Ok(mut data) = frame.into_data() {
                    if whole.len().saturating_add(data.remaining()) > options.max_answer {
                        return Err(failed(TransportErrorKind::TooLarge));
                    }
                    whole.push(data.copy_to_bytes(data.remaining()));
                }
                limit.set(None);
            }
        }
        if left().is_zero() {
            return Err(failed(TransportErrorKind::Timeout));
        }
    }
}

/// Most answers come in one piece, which needs no copy.
#[derive(Default)]
struct Gathered {
    first: Bytes,
    rest: BytesMut,
}

impl Gathered {
    fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }

    fn push(&mut self, piece: Bytes) {
        if self.len() == 0 {
            self.first = piece;
            return;
        }
        if self.rest.is_empty() {
            self.rest.extend_from_slice(&self.first);
            self.first = Bytes::new();
        }
        self.rest.extend_from_slice(&piece);
    }

    fn into_bytes(self) -> Bytes {
        if self.rest.is_empty() { self.first } else { self.rest.freeze() }
    }
}
