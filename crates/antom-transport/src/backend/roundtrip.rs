//! The answer of any stack that gives an `http` one, within its limits.

use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use antom_core::call::{IncomingResponse, SendOptions, Sent, TransportError, TransportErrorKind};
use bytes::{Buf, Bytes, BytesMut};
use http::Response;
use http_body::Body;

use super::classify::{kind_of, settle};
use super::gate::Gate;

type BoxError = Box<dyn StdError + Send + Sync>;

/// Waits for the answer and reads it, within the limits of `options`, which began to run when the gate was made.
///
/// Until the body is on its way the limit for connecting holds, then the one for reading; the one for
/// everything always.
pub(super) async fn roundtrip<A, B, E, T, S>(
    answer: A,
    watch: Watch<'_>,
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
    let left = || options.total.saturating_sub(watch.gate.since().elapsed());
    let response = {
        let mut answer = pin!(answer);
        // Moments since the gate was made. The timer is set for what may end first, and set anew where nothing has ended by
        // then. Most answers come before, and have cost one timer and no wake-up.
        let mut sending =
            Sending { connect: options.connect, read: options.read, total: options.total, reading: None };
        let mut alarm = sending.first();
        let mut limit = pin!(timer(alarm));
        let result = poll_fn(|context| {
            if let Poll::Ready(result) = answer.as_mut().poll(context) {
                return Poll::Ready(Some(result));
            }
            while limit.as_mut().poll(context).is_ready() {
                let Some(next) = sending.next(alarm, watch.gate.passed(), watch.is_watched()) else {
                    return Poll::Ready(None);
                };
                limit.set(timer(next.saturating_sub(alarm)));
                alarm = next;
            }
            Poll::Pending
        })
        .await;
        match result {
            Some(Ok(response)) => response,
            Some(Err(error)) => return Err(watch.failed(error.into())),
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

/// When waiting for the head of an answer ends. All moments are counted from the start.
#[derive(Debug)]
struct Sending {
    connect: Duration,
    read: Duration,
    total: Duration,
    /// Since when the limit for reading holds.
    reading: Option<Duration>,
}

impl Sending {
    /// The first moment at which something may have ended.
    fn first(&self) -> Duration {
        self.connect.min(self.read).min(self.total)
    }

    /// The next one after `now`, or none if it is over. The body `passed` the gate at that moment; one that is not
    /// watched may be out without a word.
    fn next(&mut self, now: Duration, passed: Option<Duration>, watched: bool) -> Option<Duration> {
        self.reading = self.reading.or(passed);
        if self.reading.is_none() && self.connect <= now && !watched {
            self.reading = Some(now);
        }
        let ends = match self.reading {
            Some(since) => since.saturating_add(self.read),
            None => self.connect,
        }
        .min(self.total);
        // A body that has yet to pass is waited for as long as `read` from now at the least.
        (now < ends).then(|| ends.min(now.saturating_add(self.read)))
    }
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

    /// What the stack's error means.
    #[cold]
    fn failed(&self, error: BoxError) -> TransportError {
        let sent = self.give_up();
        let kind = match kind_of(&*error) {
            // A stack has no other reason to refuse a request that it could have sent.
            TransportErrorKind::Other if self.needs_http2 && sent == Sent::No => {
                TransportErrorKind::Unsupported
            }
            kind => settle(kind, sent),
        };
        TransportError::new(kind, sent).with_source(error)
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
            Some(Some(Err(error))) => return Err(broken(error.into())),
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

/// An answer that ended before its end.
#[cold]
fn broken(error: BoxError) -> TransportError {
    TransportError::new(kind_of(&*error), Sent::Yes).with_source(error)
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

#[cfg(test)]
mod tests {
    use super::Sending;
    use std::time::Duration;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn sending(connect: u64, read: u64, total: u64) -> Sending {
        Sending { connect: seconds(connect), read: seconds(read), total: seconds(total), reading: None }
    }

    /// The moments at which the timer ends, with a body that passes at `passed`.
    fn alarms(mut sending: Sending, passed: Option<u64>, watched: bool) -> Vec<u64> {
        let mut alarms = vec![sending.first()];
        while let Some(&now) = alarms.last() {
            let passed = passed.map(seconds).filter(|passed| *passed <= now);
            match sending.next(now, passed, watched) {
                Some(next) => alarms.push(next),
                None => break,
            }
        }
        alarms.iter().map(Duration::as_secs).collect()
    }

    #[test]
    fn a_body_that_never_passes_ends_with_the_limit_for_connecting() {
        assert_eq!(alarms(sending(10, 30, 60), None, true), [10]);
        assert_eq!(alarms(sending(10, 4, 60), None, true), [4, 8, 10]);
        assert_eq!(alarms(sending(10, 30, 7), None, true), [7]);
    }

    #[test]
    fn from_the_body_on_the_limit_for_reading_holds() {
        assert_eq!(alarms(sending(10, 30, 60), Some(0), true), [10, 30]);
        assert_eq!(alarms(sending(10, 30, 60), Some(9), true), [10, 39]);
        assert_eq!(alarms(sending(10, 4, 60), Some(0), true), [4]);
        assert_eq!(alarms(sending(10, 4, 60), Some(5), true), [4, 8, 9]);
        assert_eq!(alarms(sending(10, 30, 20), Some(1), true), [10, 20]);
    }

    #[test]
    fn a_body_that_is_not_watched_may_be_out_when_connecting_ends() {
        assert_eq!(alarms(sending(10, 30, 60), None, false), [10, 40]);
        assert_eq!(alarms(sending(10, 4, 60), None, false), [4, 8, 10, 14]);
        assert_eq!(alarms(sending(10, 30, 10), None, false), [10]);
    }
}
