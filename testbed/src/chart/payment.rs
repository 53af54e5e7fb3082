//! The charts of an order: its own states, an attempt's, a capture's, a refund's, a dispute's.

use std::collections::HashSet;
use std::time::Duration;

use antom_core::flow::dispute::DisputeSays;
use antom_core::flow::payment::{Capture, Input, NewAttempt, NewCapture, NewRefund, Payment, Plan, Product};
use antom_core::flow::simulation::{MovementParts, PaymentParts, dispute};
use antom_core::flow::{Answer, Movement, MovementFact, MovementKind, PaymentFact, Says, Source};
use antom_core::money::{Amount, Currency};
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;

use super::{Chart, NOW, name, signed};

const PAY: &str = "PAY-1";
/// Deep enough for every state; the explored set is small because states that look alike are asked once.
const DEPTH: usize = 9;

#[derive(Debug, Default)]
pub(super) struct Drawn {
    pub(super) order: Chart,
    pub(super) attempt: Chart,
    pub(super) capture: Chart,
    pub(super) refund: Chart,
    pub(super) dispute: Chart,
}

fn eur(minor: u64) -> Amount {
    Amount::new(Currency::EUR, minor)
}

fn fact(client: &ClientId, source: Source, says: Says) -> PaymentFact {
    let mut parts = PaymentParts::new(signed(client, source));
    parts.says = says;
    parts.request_id = Some(PAY.into());
    parts.payment_id = Some("G-1".into());
    parts.amount = Some(eur(1050));
    parts.into()
}

fn refusal(client: &ClientId, source: Source, code: &str) -> Answer<PaymentFact> {
    let mut parts = PaymentParts::new(signed(client, source));
    parts.code = Some(code.into());
    Answer::Refused { fact: parts.into(), first_send: true }
}

fn moved(client: &ClientId, kind: MovementKind, id: &str, minor: u64, says: Says) -> MovementFact {
    MovementParts {
        evidence: signed(client, Source::Notification),
        kind,
        says,
        request_id: Some(id.into()),
        id: None,
        payment_id: Some("G-1".into()),
        amount: Some(eur(minor)),
        code: None,
    }
    .into()
}

/// The alphabet.
fn inputs(client: &ClientId, product: Product) -> Vec<(&'static str, Input)> {
    let request_id = || PAY.to_owned();
    let pay = |answer| Input::PayAnswered { request_id: request_id(), answer };
    let cancel = |answer| Input::CancelAnswered { request_id: request_id(), answer };
    let asked = |answer| Input::Inquired { request_id: request_id(), answer };
    let noticed = |says| Input::PaymentNoticed(fact(client, Source::Notification, says));
    let inquiry = |says| asked(Answer::Done(fact(client, Source::PaymentInquiry, says)));
    let capture = |says| Input::MovementNoticed(moved(client, MovementKind::Capture, "CAP-1", 1050, says));
    let refund = |says| Input::MovementNoticed(moved(client, MovementKind::Refund, "REF-1", 500, says));
    let disputed = |says| {
        let ids = (Some("D-1".into()), Some("G-1".into()), Some(PAY.into()));
        Input::DisputeNoticed(dispute(signed(client, Source::Notification), says, ids, Some(eur(1050)), None))
    };
    let expires = NOW.saturating_add(Duration::from_secs(600));
    let new = NewAttempt::new(client.clone(), PAY, eur(1050), product, expires);
    vec![
        ("pay", Input::Pay(new)),
        ("cancel wanted", Input::Cancel),
        ("time", Input::Tick),
        ("accepted (U)", pay(Answer::Accepted(fact(client, Source::PayReply, Says::Nothing)))),
        ("refused (F, only send)", pay(refusal(client, Source::PayReply, "RISK_REJECT"))),
        ("no answer", pay(Answer::Unresolved)),
        ("success stated", noticed(Says::Success)),
        ("failure stated", noticed(Says::Failed)),
        ("failure stated", inquiry(Says::Failed)),
        ("cancelled stated", inquiry(Says::Cancelled)),
        ("cancel confirmed (S)", cancel(Answer::Done(fact(client, Source::CancelReply, Says::Cancelled)))),
        ("cancel refused", cancel(refusal(client, Source::CancelReply, "PROCESS_FAIL"))),
        ("conflicts reviewed", Input::ConflictsReviewed),
        ("written off", Input::WriteOff { request_id: request_id() }),
        (
            "capture wanted",
            Input::Capture(NewCapture { request_id: "CAP-1".into(), amount: eur(1050), last: true }),
        ),
        ("capture under way", capture(Says::Processing)),
        ("captured", capture(Says::Success)),
        ("capture failed", capture(Says::Failed)),
        (
            "refund wanted",
            Input::Refund(NewRefund { request_id: "REF-1".into(), amount: eur(500), capture_id: None }),
        ),
        ("refund under way", refund(Says::Processing)),
        ("refunded", refund(Says::Success)),
        ("refund failed", refund(Says::Failed)),
        ("dispute opened", disputed(DisputeSays::Open)),
        ("defence supplied", disputed(DisputeSays::Defended)),
        ("dispute won", disputed(DisputeSays::Won)),
        ("dispute lost", disputed(DisputeSays::Lost)),
    ]
}

fn movement(all: &[Movement], id: &str) -> String {
    all.iter().find(|known| known.request_id == id).map_or("None".into(), |known| name(&known.state))
}

/// How a state is drawn: order, attempt, capture, refund, dispute.
fn look(payment: &Payment) -> [String; 5] {
    let attempt = payment.current();
    [
        name(&payment.state()),
        attempt.map_or("None".into(), |attempt| name(&attempt.state)),
        attempt.map_or("None".into(), |attempt| movement(&attempt.captures, "CAP-1")),
        attempt.map_or("None".into(), |attempt| movement(&attempt.refunds, "REF-1")),
        attempt
            .and_then(|attempt| attempt.disputes.first())
            .map_or("None".into(), |known| name(&known.state)),
    ]
}

/// What makes two states alike for a chart: how they are drawn, and what the machine decides by.
fn alike(payment: &Payment) -> String {
    let attempt = payment.current();
    let inner = attempt.map(|attempt| {
        (
            attempt.closing.as_ref().map(|closing| closing.refused),
            attempt.paid_late,
            attempt.success_after_cancel,
            attempt.payment_id.is_some(),
            attempt.conflicts.iter().map(|conflict| name(&conflict.kind)).collect::<Vec<_>>(),
        )
    });
    format!("{:?} {inner:?}", look(payment))
}

pub(super) fn draw(client: &ClientId) -> Drawn {
    let mut drawn = Drawn::default();
    let products = [
        Product::InStore,
        Product::Cashier,
        Product::Card { capture: Capture::Manual },
        Product::Card { capture: Capture::Automatic },
    ];
    for product in products {
        explore(client, product, &mut drawn);
    }
    drawn
}

fn explore(client: &ClientId, product: Product, drawn: &mut Drawn) {
    let inputs = inputs(client, product);
    let first = Payment::new("ORDER-1", Plan::default());
    let mut seen = HashSet::from([alike(&first)]);
    let mut edge: Vec<(Payment, UnixTime)> = vec![(first, NOW)];
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for (payment, now) in edge {
            for (by, input) in &inputs {
                let now =
                    if matches!(input, Input::Tick) { payment.due().unwrap_or(now).max(now) } else { now };
                let Ok(turn) = payment.apply(input, now) else { continue };
                let (from, to) = (look(&payment), look(&turn.next));
                let charts = [
                    &mut drawn.order,
                    &mut drawn.attempt,
                    &mut drawn.capture,
                    &mut drawn.refund,
                    &mut drawn.dispute,
                ];
                for ((chart, from), to) in charts.into_iter().zip(&from).zip(&to) {
                    chart.edge(from, to, by);
                }
                if seen.insert(alike(&turn.next)) {
                    next.push((turn.next, now));
                }
            }
        }
        edge = next;
    }
}
