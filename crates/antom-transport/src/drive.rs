use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use antom_core::call::{
    IncomingResponse, OutgoingRequest, SendOptions, Sent, TransportError, TransportErrorKind,
};
use antom_core::exchange::{Engine, Step};
use antom_core::signature::{SignError, Signer, Verifier};
use antom_core::time::Now;

use crate::{BlockingSleep, BlockingTransport, Clock, RemoteSigner, Sleep, Transport};

/// Carries out the steps of an exchange until it is finished.
///
/// The future may be dropped at any point. A request that was on its way then counts as perhaps sent:
/// `finish` says so, and driving the same engine again does not send it a second time unless the exchange
/// would repeat it after any lost answer.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, AnyKey, NOW, Stamp, answer, engine};
/// use antom_core::call::{Sent, TransportErrorKind};
/// use antom_transport::drive;
/// use antom_transport::testing::{ManualClock, Script, ScriptedTransport};
/// # let (mut engine, signer, keys, answer) = (engine(), Stamp, AnyKey, answer());
///
/// # block_on(async {
/// let clock = ManualClock::new(NOW);
/// let transport = ScriptedTransport::new([
///     Script::Fail(TransportErrorKind::Interrupted, Sent::Maybe),
///     Script::Answer(answer),
/// ]);
/// drive(&mut engine, &signer, &keys, &clock, &clock, &transport).await;
/// // An inquiry only reads: after a lost answer it was sent again, and the clock waited in between.
/// assert_eq!((engine.sends(), clock.waits().len()), (2, 1));
/// # Ok(()) });
/// ```
pub async fn drive(
    engine: &mut Engine,
    signer: &dyn RemoteSigner,
    keys: &dyn Verifier,
    clock: &dyn Clock,
    sleep: &dyn Sleep,
    transport: &dyn Transport,
) {
    let mut now = clock.now();
    resume(engine, keys, now);
    loop {
        let left = engine.left(now);
        match engine.step(now) {
            Step::Sign(input) => {
                let signed = within(signer.sign_remote(input), || sleep.sleep(left)).await;
                engine.signed(signed.unwrap_or_else(|| Err(too_slow())));
                now = clock.now();
            }
            Step::Send { request, options } => {
                let result = match out_of_time(&options) {
                    Some(error) => Err(error),
                    None => transport.send(request.clone(), &options).await,
                };
                now = clock.now();
                engine.answered(result, keys, now);
            }
            Step::Wait(duration) => {
                sleep.sleep(duration).await;
                now = clock.now();
            }
            Step::Finished => return,
        }
    }
}

/// [`drive`] for runtimes on one thread: neither the timer's nor the transport's futures need be `Send`.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, AnyKey, NOW, Stamp, answer, engine};
/// use std::{cell::Cell, rc::Rc};
/// use antom_transport::testing::ManualClock;
/// use antom_transport::{Sleep, drive_local};
/// # let (mut engine, signer, keys, answer) = (engine(), Stamp, AnyKey, answer());
///
/// # block_on(async {
/// let clock = ManualClock::new(NOW);
/// let sends = Rc::new(Cell::new(0)); // What a stack on one thread may hold.
/// let send = async |_request, _options| {
///     sends.set(sends.get() + 1);
///     Ok(answer.clone())
/// };
/// drive_local(&mut engine, &signer, &keys, &clock, async |time| clock.sleep(time).await, send).await;
/// assert_eq!((sends.get(), engine.sends()), (1, 1));
/// # Ok(()) });
/// ```
pub async fn drive_local<W, S>(
    engine: &mut Engine,
    signer: &dyn RemoteSigner,
    keys: &dyn Verifier,
    clock: &dyn Clock,
    sleep: W,
    send: S,
) where
    W: AsyncFn(Duration),
    S: AsyncFn(OutgoingRequest, SendOptions) -> Result<IncomingResponse, TransportError>,
{
    let mut now = clock.now();
    resume(engine, keys, now);
    loop {
        let left = engine.left(now);
        match engine.step(now) {
            Step::Sign(input) => {
                let signed = within(signer.sign_remote(input), || sleep(left)).await;
                engine.signed(signed.unwrap_or_else(|| Err(too_slow())));
                now = clock.now();
            }
            Step::Send { request, options } => {
                let result = match out_of_time(&options) {
                    Some(error) => Err(error),
                    None => send(request.clone(), options).await,
                };
                now = clock.now();
                engine.answered(result, keys, now);
            }
            Step::Wait(duration) => {
                sleep(duration).await;
                now = clock.now();
            }
            Step::Finished => return,
        }
    }
}

/// [`drive`] for programs without a runtime.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{AnyKey, NOW, Stamp, engine};
/// use antom_core::call::{RawAnswer, Sent, TransportErrorKind};
/// use antom_core::outcome::CallErrorKind;
/// use antom_transport::drive_blocking;
/// use antom_transport::testing::{ManualClock, Script, ScriptedTransport};
/// # let (mut engine, signer, keys) = (engine(), Stamp, AnyKey);
///
/// // No connection, three times: nothing left this machine, and the error says so.
/// let clock = ManualClock::new(NOW);
/// let refused = || Script::Fail(TransportErrorKind::Connect, Sent::No);
/// let transport = ScriptedTransport::new([refused(), refused(), refused()]);
/// drive_blocking(&mut engine, &signer, &keys, &clock, &clock, &transport);
/// let error = engine.finish::<RawAnswer>().unwrap_err();
/// assert!(matches!(error.kind, CallErrorKind::NotSent(_)));
/// assert_eq!(transport.left(), 0);
/// ```
pub fn drive_blocking(
    engine: &mut Engine,
    signer: &dyn Signer,
    keys: &dyn Verifier,
    clock: &dyn Clock,
    sleep: &dyn BlockingSleep,
    transport: &dyn BlockingTransport,
) {
    let mut now = clock.now();
    resume(engine, keys, now);
    loop {
        match engine.step(now) {
            Step::Sign(input) => {
                let signed = signer.sign(input);
                engine.signed(signed);
                now = clock.now();
            }
            Step::Send { request, options } => {
                let result = match out_of_time(&options) {
                    Some(error) => Err(error),
                    None => transport.send(request.clone(), &options),
                };
                now = clock.now();
                engine.answered(result, keys, now);
            }
            Step::Wait(duration) => {
                sleep.sleep(duration);
                now = clock.now();
            }
            Step::Finished => return,
        }
    }
}

/// An engine that is handed over in the middle of a send comes from a driver that was dropped: nobody
/// waits for that answer any more. For an engine in any other state this does nothing.
fn resume(engine: &mut Engine, keys: &dyn Verifier, now: Now) {
    let dropped = TransportError::new(TransportErrorKind::Cancelled, Sent::Maybe);
    engine.answered(Err(dropped), keys, now);
}

/// No transport is asked to send within no time at all.
fn out_of_time(options: &SendOptions) -> Option<TransportError> {
    options.total.is_zero().then(|| TransportError::new(TransportErrorKind::Timeout, Sent::No))
}

fn too_slow() -> SignError {
    SignError::new("the signer gave no answer before the deadline of the call")
}

/// The work's result, or `None` when the timer ends first. The timer is only made when the work has to
/// wait, which a key in memory never does.
async fn within<T, F: Future<Output = ()>>(
    work: impl Future<Output = T>,
    timer: impl FnOnce() -> F,
) -> Option<T> {
    let mut work = pin!(work);
    let mut make = Some(timer);
    let mut timer: Option<Pin<Box<F>>> = None;
    poll_fn(|context| {
        if let Poll::Ready(value) = work.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        if let Some(make) = make.take() {
            timer = Some(Box::pin(make()));
        }
        match &mut timer {
            Some(timer) => timer.as_mut().poll(context).map(|()| None),
            None => Poll::Pending,
        }
    })
    .await
}
