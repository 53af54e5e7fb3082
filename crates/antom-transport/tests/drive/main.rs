//! The drivers, with scripted transports and a clock that is moved by hand.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod world;

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use antom_core::api::payments::{InquiryPayment, Pay, PayResponse};
use antom_core::call::{Sent, TransportErrorKind};
use antom_core::exchange::{Exchange, Policy};
use antom_core::outcome::{CallError, CallErrorKind, Outcome, Reason};
use antom_core::signature::{KeyVersion, SignError, Signature};
use antom_transport::testing::{ManualClock, NeverTransport, Script, ScriptedTransport};
use antom_transport::{
    BlockingTransport, Clock, RemoteSigner, Transport, drive, drive_blocking, drive_local,
};
use world::*;

type PayResult = Result<Outcome<PayResponse>, CallError>;

/// Drives one exchange in each of the three ways, with a script made anew for each.
async fn three_ways(
    script: impl Fn() -> Vec<Script>,
    check: impl Fn(PayResult, &ScriptedTransport, &ManualClock),
) {
    for way in 0..3 {
        let (clock, transport) = (ManualClock::new(start()), ScriptedTransport::new(script()));
        let mut exchange = pay(&clock);
        let engine = exchange.engine();
        let (signer, keys) = (merchant(), keys());
        match way {
            0 => drive(engine, &signer, &keys, &clock, &clock, &transport).await,
            1 => drive_blocking(engine, &signer, &keys, &clock, &clock, &transport),
            _ => {
                drive_local(
                    engine,
                    &signer,
                    &keys,
                    &clock,
                    async |wait| antom_transport::Sleep::sleep(&clock, wait).await,
                    async |request, options| Transport::send(&transport, request, &options).await,
                )
                .await;
            }
        }
        check(exchange.finish(), &transport, &clock);
        assert_eq!(transport.left(), 0, "the whole script was played");
    }
}

fn pay(clock: &ManualClock) -> Exchange<Pay> {
    Exchange::new(&pay_request(), &profile(), Policy::DEFAULT, 7, clock.now()).unwrap()
}

fn header(transport: &ScriptedTransport, index: usize, name: &str) -> String {
    let sent = transport.sent();
    sent[index].0.headers().iter().find(|header| header.name == name).unwrap().value.to_string()
}

#[tokio::test]
async fn a_verified_answer_ends_the_call() {
    three_ways(
        || vec![signed(&answer("U", "PAYMENT_IN_PROCESS"))],
        |result, transport, clock| {
            assert!(matches!(result, Ok(Outcome::Accepted(_))), "{result:?}");
            assert_eq!(transport.sent().len(), 1);
            assert!(clock.waits().is_empty());
        },
    )
    .await;
}

#[tokio::test]
async fn a_request_that_was_not_sent_goes_out_again_with_a_new_signature_and_the_same_id() {
    three_ways(
        || vec![Script::Fail(TransportErrorKind::Connect, Sent::No), signed(&answer("S", "SUCCESS"))],
        |result, transport, clock| {
            let Ok(Outcome::Completed(reply)) = result else { panic!("{result:?}") };
            assert_eq!(reply.value().payment_request_id.as_deref(), Some("pay-1"));
            assert_eq!(clock.waits().len(), 1);
            assert_ne!(header(transport, 0, "signature"), header(transport, 1, "signature"));
            assert_ne!(header(transport, 0, "request-time"), header(transport, 1, "request-time"));
            let sent = transport.sent();
            assert_eq!(sent[0].0.body(), sent[1].0.body());
        },
    )
    .await;
}

#[tokio::test]
async fn a_lost_answer_to_a_payment_is_unresolved_after_one_send() {
    three_ways(
        || vec![Script::Fail(TransportErrorKind::Interrupted, Sent::Maybe)],
        |result, _, clock| {
            let Ok(Outcome::Unresolved(unresolved)) = result else { panic!("{result:?}") };
            assert_eq!((unresolved.sent, unresolved.sends), (Sent::Maybe, 1));
            assert_eq!(unresolved.inquire, Some("payments/inquiryPayment"));
            assert!(clock.waits().is_empty());
        },
    )
    .await;
}

#[tokio::test]
async fn sends_within_no_time_are_not_tried() {
    let (clock, transport) = (ManualClock::new(start()), ScriptedTransport::default());
    let mut exchange = pay(&clock);
    clock.advance(Policy::DEFAULT.deadline);
    drive(exchange.engine(), &merchant(), &keys(), &clock, &clock, &transport).await;
    let error = exchange.finish().unwrap_err();
    let CallErrorKind::NotSent(cause) = &error.kind else { panic!("{error:?}") };
    assert_eq!((cause.kind(), cause.sent()), (TransportErrorKind::Timeout, Sent::No));
    assert!(transport.sent().is_empty());
}

#[tokio::test]
async fn a_wall_clock_that_jumps_changes_the_request_time_and_nothing_else() {
    let script = [Script::Fail(TransportErrorKind::Connect, Sent::No), signed(&answer("S", "SUCCESS"))];
    let (clock, transport) = (ManualClock::new(start()), ScriptedTransport::new(script));
    let mut exchange = pay(&clock);
    clock.set_wall(start().saturating_add(Duration::from_secs(3 * 24 * 3600)));
    drive(exchange.engine(), &merchant(), &keys(), &clock, &clock, &transport).await;
    assert!(matches!(exchange.finish(), Ok(Outcome::Completed(_))));
    let times: Vec<i64> = (0..2).map(|at| header(&transport, at, "request-time").parse().unwrap()).collect();
    assert_eq!((times[1] - times[0]) / (24 * 3600 * 1000), 3);
}

#[tokio::test]
async fn a_dropped_drive_leaves_an_unresolved_call_that_is_not_sent_again() {
    let clock = ManualClock::new(start());
    let mut exchange = pay(&clock);
    poll_once(drive(exchange.engine(), &merchant(), &keys(), &clock, &clock, &NeverTransport));
    let transport = ScriptedTransport::default();
    drive(exchange.engine(), &merchant(), &keys(), &clock, &clock, &transport).await;
    assert!(transport.sent().is_empty());
    let Ok(Outcome::Unresolved(unresolved)) = exchange.finish() else { panic!() };
    assert_eq!((unresolved.sent, unresolved.sends), (Sent::Maybe, 1));
    let Reason::NoAnswer(error) = &unresolved.reason else { panic!() };
    assert_eq!(error.kind(), TransportErrorKind::Cancelled);

    let mut exchange = pay(&clock);
    poll_once(drive(exchange.engine(), &merchant(), &keys(), &clock, &clock, &NeverTransport));
    assert!(matches!(exchange.finish(), Ok(Outcome::Unresolved(_))));
}

#[tokio::test]
async fn a_dropped_drive_of_a_reading_call_can_be_taken_up_again() {
    let clock = ManualClock::new(start());
    let mut exchange =
        Exchange::<InquiryPayment>::new(&inquiry_request(), &profile(), Policy::DEFAULT, 7, clock.now())
            .unwrap();
    poll_once(drive(exchange.engine(), &merchant(), &keys(), &clock, &clock, &NeverTransport));
    let transport = ScriptedTransport::new([signed(&answer("S", "SUCCESS"))]);
    drive(exchange.engine(), &merchant(), &keys(), &clock, &clock, &transport).await;
    assert!(matches!(exchange.finish(), Ok(Outcome::Completed(_))));
}

#[tokio::test]
async fn a_call_dropped_while_it_is_signed_was_not_sent() {
    let clock = ManualClock::new(start());
    let mut exchange = pay(&clock);
    // The timer that ends the waiting must not fire here.
    poll_once(drive(exchange.engine(), &AbsentSigner, &keys(), &clock, &NeverSleep, &NeverTransport));
    let error = exchange.finish().unwrap_err();
    let CallErrorKind::NotSent(cause) = &error.kind else { panic!("{error:?}") };
    assert_eq!(cause.kind(), TransportErrorKind::Cancelled);
}

#[tokio::test]
async fn a_signer_that_never_answers_is_given_up_at_the_deadline() {
    let (clock, transport) = (ManualClock::new(start()), ScriptedTransport::default());
    let mut exchange = pay(&clock);
    drive(exchange.engine(), &AbsentSigner, &keys(), &clock, &clock, &transport).await;
    assert_eq!(clock.waits(), [Policy::DEFAULT.deadline]);
    let error = exchange.finish().unwrap_err();
    assert!(matches!(error.kind, CallErrorKind::Sign(_)), "{error:?}");
    assert!(transport.sent().is_empty());
}

#[tokio::test]
async fn a_remote_signer_that_takes_its_time_is_waited_for() {
    let clock = ManualClock::new(start());
    let transport = ScriptedTransport::new([signed(&answer("S", "SUCCESS"))]);
    let mut exchange = pay(&clock);
    drive(exchange.engine(), &SlowSigner, &keys(), &clock, &NeverSleep, &transport).await;
    assert!(matches!(exchange.finish(), Ok(Outcome::Completed(_))));
}

#[test]
fn the_future_of_a_drive_can_move_between_threads() {
    fn assert_send<T: Send>(_: &T) {}
    let clock = ManualClock::new(start());
    let (signer, keys) = (merchant(), keys());
    let mut exchange = pay(&clock);
    assert_send(&drive(exchange.engine(), &signer, &keys, &clock, &clock, &NeverTransport));
    let shared: Arc<dyn BlockingTransport> = Arc::new(ScriptedTransport::default());
    assert_send(&shared);
}

fn poll_once(future: impl Future<Output = ()>) {
    assert!(pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_pending());
}

#[derive(Debug)]
struct NeverSleep;

#[async_trait::async_trait]
impl antom_transport::Sleep for NeverSleep {
    async fn sleep(&self, _: Duration) {
        std::future::pending().await
    }
}

/// A key service that does not answer.
#[derive(Debug)]
struct AbsentSigner;

#[async_trait::async_trait]
impl RemoteSigner for AbsentSigner {
    fn remote_key_version(&self) -> KeyVersion {
        KeyVersion::FIRST
    }

    async fn sign_remote(&self, _: &[u8]) -> Result<Signature, SignError> {
        std::future::pending().await
    }
}

/// A key service that answers the second time it is looked at.
#[derive(Debug)]
struct SlowSigner;

#[async_trait::async_trait]
impl RemoteSigner for SlowSigner {
    fn remote_key_version(&self) -> KeyVersion {
        KeyVersion::FIRST
    }

    async fn sign_remote(&self, input: &[u8]) -> Result<Signature, SignError> {
        Later(false).await;
        merchant().sign_remote(input).await
    }
}

struct Later(bool);

impl Future for Later {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
