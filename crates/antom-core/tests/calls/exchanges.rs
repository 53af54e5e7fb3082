use std::time::Duration;

use antom_core::api::payments::{InquiryPayment, Pay};
use antom_core::call::{IncomingResponse, Operation, Sent, TransportError, TransportErrorKind};
use antom_core::exchange::{Exchange, Policy, Step};
use antom_core::outcome::{CallErrorKind, Outcome, Reason};
use antom_core::signature::{SignError, Signer};
use antom_core::time::Now;

use crate::world::*;

/// What the network does with one sending.
enum Net {
    Answer(Box<dyn Fn(Now) -> IncomingResponse>),
    Fail(TransportErrorKind, Sent),
}

fn fail(kind: TransportErrorKind, sent: Sent) -> Net {
    Net::Fail(kind, sent)
}

fn says(path: &'static str, body: String) -> Net {
    Net::Answer(Box::new(move |now| signed(path, now.wall, &body)))
}

fn status(status: u16) -> Net {
    Net::Answer(Box::new(move |_| IncomingResponse::new(status, "busy")))
}

/// Plays a script; gives the outcome, what happened line by line, and the request-times that were signed.
fn play<O: Operation>(
    request: &O::Request,
    script: Vec<Net>,
) -> (Result<Outcome<O::Response>, CallErrorKind>, Vec<String>) {
    let mut now = start();
    let mut trace = Vec::new();
    let mut script = script.into_iter();
    let mut exchange = Exchange::<O>::new(request, &profile(), Policy::DEFAULT, 7, now).unwrap();
    let engine = exchange.engine();
    loop {
        let event = match engine.step(now) {
            Step::Sign(input) => Some(merchant().sign(input)),
            Step::Send { request, options } => {
                let time = request.headers().iter().find(|h| h.name == "request-time").unwrap().value.clone();
                trace.push(format!("send {time} within {} ms", options.total.as_millis()));
                None
            }
            Step::Wait(wait) => {
                trace.push(format!("wait {} ms", wait.as_millis()));
                now = later(now, wait);
                continue;
            }
            Step::Finished => break,
        };
        match event {
            Some(signature) => engine.signed(signature),
            None => {
                now = later(now, Duration::from_millis(250));
                let result = match script.next().expect("one sending too many") {
                    Net::Answer(answer) => Ok(answer(now)),
                    Net::Fail(kind, sent) => Err(TransportError::new(kind, sent)),
                };
                engine.answered(result, &keys(), now);
            }
        }
    }
    assert!(script.next().is_none(), "one sending too few: {trace:?}");
    (exchange.finish().map_err(|error| error.kind), trace)
}

const NO: (TransportErrorKind, Sent) = (TransportErrorKind::Connect, Sent::No);
const MAYBE: (TransportErrorKind, Sent) = (TransportErrorKind::Timeout, Sent::Maybe);

#[test]
fn the_schedule_is_a_function_of_policy_seed_and_events() {
    let script = || vec![fail(NO.0, NO.1), fail(NO.0, NO.1), says(PAY_PATH, answer("S", "SUCCESS"))];
    let (outcome, trace) = play::<Pay>(&pay_request(), script());
    assert!(matches!(outcome, Ok(Outcome::Completed(_))));
    assert_eq!(trace, play::<Pay>(&pay_request(), script()).1);
    assert_eq!(
        trace,
        [
            "send 1790000000000 within 30000 ms",
            "wait 410 ms",
            "send 1790000000660 within 30000 ms",
            "wait 932 ms",
            "send 1790000001842 within 30000 ms",
        ]
    );
}

#[test]
fn a_payment_is_sent_again_only_if_it_certainly_was_not_sent() {
    let (outcome, trace) = play::<Pay>(&pay_request(), vec![fail(MAYBE.0, MAYBE.1)]);
    let Ok(Outcome::Unresolved(unresolved)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(
        (unresolved.sent, unresolved.inquire, unresolved.sends),
        (Sent::Maybe, Some("payments/inquiryPayment"), 1)
    );
    assert_eq!(unresolved.ids[0].value, "pay-1");
    assert_eq!(trace.len(), 1);
    // Not sent, then perhaps sent: that is the end of it.
    let (outcome, _) = play::<Pay>(&pay_request(), vec![fail(NO.0, NO.1), fail(MAYBE.0, MAYBE.1)]);
    assert!(matches!(outcome, Ok(Outcome::Unresolved(_))));
    // An unproven answer: the request was sent.
    let (outcome, _) = play::<Pay>(&pay_request(), vec![status(503)]);
    let Ok(Outcome::Unresolved(unresolved)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(unresolved.sent, Sent::Yes);
    assert!(matches!(unresolved.reason, Reason::Unproven(_)));
}

#[test]
fn a_request_that_never_left_is_an_error_and_safe_to_repeat() {
    let (outcome, _) =
        play::<Pay>(&pay_request(), vec![fail(NO.0, NO.1), fail(NO.0, NO.1), fail(NO.0, NO.1)]);
    assert!(matches!(outcome, Err(CallErrorKind::NotSent(_))), "{outcome:?}");
    let (outcome, _) = play::<Pay>(&pay_request(), vec![fail(TransportErrorKind::Unsupported, Sent::No)]);
    assert!(matches!(outcome, Err(CallErrorKind::NotSent(_))), "{outcome:?}");
}

#[test]
fn what_only_reads_is_asked_again() {
    let (outcome, trace) = play::<InquiryPayment>(
        &inquiry_request(),
        vec![fail(MAYBE.0, MAYBE.1), status(502), says(INQUIRY_PATH, answer("S", "SUCCESS"))],
    );
    assert!(matches!(outcome, Ok(Outcome::Completed(_))), "{outcome:?}");
    assert_eq!(trace.iter().filter(|line| line.starts_with("send")).count(), 3);
    // But not because of an answer that was tampered with.
    let (outcome, _) =
        play::<InquiryPayment>(&inquiry_request(), vec![says(PAY_PATH, answer("S", "SUCCESS"))]);
    assert!(matches!(outcome, Ok(Outcome::Unresolved(_))), "{outcome:?}");
}

#[test]
fn a_verified_answer_ends_it_whatever_it_says() {
    for (status, code) in [("S", "SUCCESS"), ("F", "PROCESS_FAIL"), ("U", "UNKNOWN_EXCEPTION")] {
        let (outcome, _) =
            play::<InquiryPayment>(&inquiry_request(), vec![says(INQUIRY_PATH, answer(status, code))]);
        drop(outcome.unwrap());
    }
}

#[test]
fn only_a_refusal_of_the_first_sending_is_marked_as_one() {
    for (script, first) in [
        (vec![says(PAY_PATH, answer("F", "PROCESS_FAIL"))], true),
        (vec![fail(NO.0, NO.1), says(PAY_PATH, answer("F", "PROCESS_FAIL"))], true),
    ] {
        let (outcome, _) = play::<Pay>(&pay_request(), script);
        let Ok(Outcome::Declined(declined)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(declined.first_send, first);
    }
    let script = vec![fail(MAYBE.0, MAYBE.1), says(INQUIRY_PATH, answer("F", "ORDER_NOT_EXIST"))];
    let (outcome, _) = play::<InquiryPayment>(&inquiry_request(), script);
    assert!(matches!(outcome, Ok(Outcome::Declined(declined)) if !declined.first_send));
}

#[test]
fn the_deadline_ends_the_repetitions_and_cuts_the_limits() {
    let mut now = start();
    let policy = Policy { deadline: Duration::from_secs(20), max_sends: 99, ..Policy::DEFAULT };
    let mut exchange =
        Exchange::<InquiryPayment>::new(&inquiry_request(), &profile(), policy, 1, now).unwrap();
    let mut totals = Vec::new();
    loop {
        match exchange.engine().step(now) {
            Step::Sign(input) => {
                let signature = merchant().sign(input);
                exchange.engine().signed(signature);
            }
            Step::Send { options, .. } => {
                totals.push(options.total);
                now = later(now, options.total.min(Duration::from_secs(6)));
                exchange.engine().answered(Err(TransportError::new(MAYBE.0, MAYBE.1)), &keys(), now);
            }
            Step::Wait(wait) => now = later(now, wait),
            Step::Finished => break,
        }
    }
    assert!(now.mono - start().mono <= Duration::from_secs(20));
    assert!(totals.windows(2).all(|pair| pair[1] < pair[0]) && totals.len() >= 3, "{totals:?}");
}

#[test]
fn a_wall_clock_that_jumps_changes_nothing_but_the_request_time() {
    let mut now = start();
    let mut exchange = Exchange::<Pay>::new(&pay_request(), &profile(), Policy::DEFAULT, 7, now).unwrap();
    let engine = exchange.engine();
    let mut waits = Vec::new();
    for sending in 0..3 {
        if let Step::Sign(input) = engine.step(now) {
            let signature = merchant().sign(input);
            engine.signed(signature);
        }
        assert!(matches!(engine.step(now), Step::Send { .. }));
        now.wall = now.wall.saturating_sub(Duration::from_secs(86_400));
        engine.answered(Err(TransportError::new(NO.0, NO.1)), &keys(), now);
        if sending < 2 {
            let Step::Wait(wait) = engine.step(now) else { panic!("no wait") };
            waits.push(wait.as_millis());
            now.mono += wait;
        }
    }
    assert_eq!(waits, [410, 932]);
}

#[test]
fn a_drive_that_is_dropped_leaves_its_request_unresolved() {
    let mut exchange = Exchange::<Pay>::new(&pay_request(), &profile(), Policy::DEFAULT, 7, start()).unwrap();
    let engine = exchange.engine();
    let Step::Sign(input) = engine.step(start()) else { panic!("not to be signed") };
    let signature = merchant().sign(input);
    engine.signed(signature);
    assert!(matches!(engine.step(start()), Step::Send { .. }));
    assert!(matches!(engine.step(start()), Step::Send { .. }), "asking twice gives the same answer");
    assert_eq!(engine.sends(), 1);
    let Ok(Outcome::Unresolved(unresolved)) = exchange.finish() else { panic!("resolved") };
    assert_eq!(unresolved.sent, Sent::Maybe);
    // Before it was sent nothing happened.
    let exchange = Exchange::<Pay>::new(&pay_request(), &profile(), Policy::DEFAULT, 7, start()).unwrap();
    assert!(matches!(exchange.finish(), Err(error) if matches!(error.kind, CallErrorKind::NotSent(_))));
}

#[test]
fn a_key_that_fails_is_an_error_of_its_own() {
    let mut exchange = Exchange::<Pay>::new(&pay_request(), &profile(), Policy::DEFAULT, 7, start()).unwrap();
    exchange.engine().signed(Err(SignError::new("the key service is out of reach")));
    assert!(matches!(exchange.engine().step(start()), Step::Finished));
    assert!(matches!(exchange.finish(), Err(error) if matches!(error.kind, CallErrorKind::Sign(_))));
}
