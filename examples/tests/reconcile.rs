//! The whole loop: pay, capture, refund, dispute, settle, read, reconcile, nothing left over.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is not as it should be")]

mod support;

use std::time::Duration;

use antom::core::api::payments::PaymentFactor;
use antom::core::flow::payment::{Capture, NewCapture, NewRefund, Product};
use antom::core::preset::{self, Purchase};
use antom::prelude::*;
use antom::reports::{AmountForm, Check, Decimal, Outcome, Reader, Span, Theirs, in_order};
use antom_examples::{BEGIN, price};
use antom_sandbox::engine::{BankAction, CardEntry, Rate, ReportFile, ReportNames, ReportPlan, TEST_CARDS};
use support::{World, place, signed_notice};

/// Reads and checks files; their rows.
fn read(files: &[ReportFile], names: ReportNames) -> Vec<Theirs> {
    let (mut check, mut rows) = (Check::default(), Vec::new());
    let (_, missing) = in_order(&files.iter().map(|file| &*file.name).collect::<Vec<_>>());
    assert!(missing.is_empty(), "{missing:?}");
    for file in files {
        let mut reader = match names {
            ReportNames::Current => Reader::new(&*file.name, file.text.as_bytes()).unwrap(),
            ReportNames::Older => {
                Reader::with_amounts(&*file.name, file.text.as_bytes(), AmountForm::Decimals).unwrap()
            }
        };
        while let Some(row) = reader.next_row().unwrap() {
            check.row(&row);
            if row.text(antom::reports::Column::SummaryType).is_none() {
                rows.push(Theirs::of(&row));
            }
        }
        check.end(reader.summary());
    }
    check.totals();
    assert!(check.is_clean(), "{:#?}", check.problems());
    rows
}

fn older(mut plan: ReportPlan) -> ReportPlan {
    plan.names = ReportNames::Older;
    plan
}

/// Everything settled in dollars, with a fee of the account, a reserve, and one that is let go.
fn in_dollars(mut plan: ReportPlan, rate: Rate) -> ReportPlan {
    plan.settled_in = Some(Currency::USD);
    plan.rates.push(rate);
    (plan.account_fee, plan.reserve_percent, plan.reserve_released) = (500, 10, 250);
    plan
}

#[tokio::test]
async fn what_was_paid_captured_refunded_and_disputed_is_what_is_settled() {
    let world = World::new().await;
    let orders = world.shop.orders();
    for number in 1..=7 {
        let (order, request) = (format!("ORDER-{number}"), format!("PAY-{number}"));
        let request = world.coffees(&request, &order);
        let turn = orders.pay(&order, request, Product::InStore).await.unwrap();
        world.sandbox.buyer_approves(&place(turn.show())).unwrap();
    }
    let factor = PaymentFactor::new().with_is_authorization(true).with_capture_mode("MANUAL");
    let purchase = Purchase::new("PAY-CARD", "ORDER-CARD", "A book", price());
    let request = preset::card_hosted(purchase, "https://shop.example/thanks")
        .with_payment_factor(factor)
        .with_payment_notify_url(world.notify.clone());
    let turn = orders.pay("ORDER-CARD", request, Product::Card { capture: Capture::Manual }).await.unwrap();
    world.sandbox.buyer_enters_card(&place(turn.show()), CardEntry::valid(TEST_CARDS[0].number)).unwrap();
    world.sandbox.idle().await;
    let part = Amount::new(Currency::SGD, 500);
    let capture = NewCapture { request_id: "CAP-1".into(), amount: part.clone(), last: true };
    orders.capture("ORDER-CARD", capture).await.unwrap();
    let refund =
        NewRefund { request_id: "REF-1".into(), amount: Amount::new(Currency::SGD, 200), capture_id: None };
    orders.refund("ORDER-1", refund).await.unwrap();
    world.settle_all().await;

    // Three banks take their payments back: one keeps it, one is persuaded, one is still to decide.
    for (request, decided) in [("PAY-4", Some(false)), ("PAY-5", Some(true)), ("PAY-6", None)] {
        let dispute = world.sandbox.dispute(request).unwrap();
        if let Some(merchant_wins) = decided {
            world.sandbox.bank(&dispute, BankAction::Judge { merchant_wins }).unwrap();
        }
    }
    world.sandbox.idle().await;
    // One that the buyer never paid: it is in the transactions, and in no settlement.
    orders.pay("ORDER-8", world.coffees("PAY-8", "ORDER-8"), Product::InStore).await.unwrap();

    let until = world.sandbox.now().saturating_add(Duration::from_secs(1));
    let span = Span { from: Some(BEGIN), until: Some(until) };
    let mut plan = ReportPlan::new(BEGIN, until);
    plan.rows_a_file = 3;
    let plans = [
        plan.clone(),
        older(plan.clone()),
        in_dollars(plan.clone(), Rate::new(Currency::SGD, Currency::USD, 7_409, 4)),
        older(in_dollars(plan.clone(), Rate::new(Currency::USD, Currency::SGD, 134_975, 5))),
    ];
    for (number, plan) in plans.iter().enumerate() {
        let files = world.sandbox.settlement_reports(plan);
        assert!(files.len() >= 4, "three parts of details and a summary: {}", files.len());
        let rows = read(&files, plan.names);
        let run = format!("RUN-{number}");
        let names: Vec<_> = files.iter().map(|file| file.name.clone()).collect();
        let done = world.shop.reconcile(&run, names.clone(), rows.clone(), span).await.unwrap().unwrap();
        let count = |outcome| done.totals.counts.get(&outcome).copied().unwrap_or(0);
        assert!(!done.totals.needs_a_person(), "{:?}", done.totals);
        // Seven payments, a capture, a refund, three disputes, one that was won; the card's authorization is no money.
        assert_eq!((count(Outcome::Matched), count(Outcome::NoMoney)), (13, 1), "{:?}", done.totals);
        let of_the_account = if plan.settled_in.is_some() { (1, 2) } else { (0, 0) };
        assert_eq!((count(Outcome::FeeOnly), count(Outcome::Reserve)), of_the_account, "{:?}", done.totals);
        let stored = world.shop.store().run(&run).await.unwrap().unwrap().run;
        assert_eq!(stored.counts.get("matched"), Some(&13));
        assert!(stored.finished.is_some());
        // The same run is not made twice.
        assert!(world.shop.reconcile(&run, names, rows, span).await.unwrap().is_none());
    }

    // The details of transactions: what did not come about moves nothing; older files do not list it.
    for (names, nothing) in [(ReportNames::Current, 2), (ReportNames::Older, 1)] {
        plan.names = names;
        let files = world.sandbox.transaction_reports(&plan);
        let rows = read(&files, names);
        let run = format!("RUN-{names:?}");
        let done = world.shop.reconcile(&run, Vec::new(), rows, span).await.unwrap().unwrap();
        let expected = [(Outcome::Matched, 13), (Outcome::NoMoney, nothing)];
        assert_eq!(done.totals.counts, expected.into());
    }

    // A row that was changed on the way, one that is missing, and one of nobody.
    let files = world.sandbox.settlement_reports(&ReportPlan::new(BEGIN, until));
    let mut rows = read(&files, ReportNames::Current);
    let place = rows.iter().position(|row| row.request_id() == "PAY-2").unwrap();
    rows[place] = rows[place].clone().with_amount(Some(Decimal::new(951, 2)));
    rows.retain(|row| row.request_id() != "PAY-3");
    rows.push(Theirs::new("DISPUTE", "", "UNHEARD-OF", Some(Decimal::new(-100, 2)), "SGD"));
    rows.push(Theirs::new("PAYMENT", "PAY-OF-NOBODY", "NOBODY", Some(Decimal::new(950, 2)), "SGD"));
    let done = world.shop.reconcile("RUN-BAD", Vec::new(), rows, span).await.unwrap().unwrap();
    assert!(done.totals.needs_a_person());
    let found = world.shop.store().findings("RUN-BAD", 0, 10).await.unwrap();
    let found: Vec<_> =
        found.iter().map(|row| (row.finding.kind.as_str(), row.finding.request_id.as_deref())).collect();
    assert_eq!(
        found,
        [
            ("amount differs", Some("PAY-2")),
            ("only ours", Some("PAY-3")),
            ("only theirs", Some("PAY-OF-NOBODY")),
            ("dispute", None),
        ]
    );
}

#[tokio::test]
async fn a_refund_that_came_back_is_held_against_the_ledger() {
    let world = World::new().await;
    let orders = world.shop.orders();
    let turn = orders.pay("ORDER-1", world.coffees("PAY-1", "ORDER-1"), Product::InStore).await.unwrap();
    world.sandbox.buyer_approves(&place(turn.show())).unwrap();
    world.sandbox.idle().await;
    let refund =
        NewRefund { request_id: "REF-1".into(), amount: Amount::new(Currency::SGD, 200), capture_id: None };
    orders.refund("ORDER-1", refund).await.unwrap();
    world.settle_all().await;
    let row = |kind: &str, request: &str, minor| {
        Theirs::new(kind, request, "", Some(Decimal::new(minor, 2)), "SGD")
    };
    let held = async |run: &str, rows: &[Theirs]| {
        let rows = rows.to_vec();
        world.shop.reconcile(run, Vec::new(), rows, Span::default()).await.unwrap().unwrap().totals.counts
    };
    let paid = row("PAYMENT", "PAY-1", 950);
    let all = [paid.clone(), row("REFUND", "REF-1", -200), row("REFUND_REVERSAL", "REF-1", 200)];
    // The report knows it first: that proves nothing, and somebody has to inquire.
    let first = held("RUN-1", &all).await;
    assert_eq!(first, [(Outcome::Matched, 2), (Outcome::Reversal, 1)].into());

    let order = world.shop.store().order("ORDER-1").await.unwrap().unwrap();
    let id = order.payment.current().unwrap().refunds[0].id.clone().unwrap();
    let body = format!(
        r#"{{"notifyType":"REFUND_RESULT","result":{{"resultCode":"SUCCESS","resultStatus":"S"}},"refundStatus":"FAIL","refundRequestId":"REF-1","refundId":"{id}","refundAmount":{{"currency":"SGD","value":"200"}}}}"#
    );
    let now = world.sandbox.now();
    let notice = signed_notice(world.shop.client(), body, now);
    world.shop.on_notification(&notice, now).await.unwrap();
    // The gateway said so and signed it.
    assert_eq!(held("RUN-2", &all).await, [(Outcome::Matched, 3)].into());
    // Other files may list the refund and its way back.
    assert_eq!(held("RUN-3", &[paid]).await, [(Outcome::Matched, 1)].into());
}
