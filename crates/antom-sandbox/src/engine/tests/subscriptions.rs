//! The buyer agrees once; the gateway debits by itself until somebody ends it.

use antom_core::api::models::{
    Env, PaymentMethod, PeriodRule, SettlementStrategy, SubscriptionStatus, Trial,
};
use antom_core::api::notifications::SubscriptionNotificationType as Kind;
use antom_core::api::subscriptions as api;
use antom_core::api::subscriptions::OrderInfo;
use antom_core::time::DateTimeText;

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn order(minor: u64) -> OrderInfo {
    OrderInfo::new().with_order_amount(usd(minor))
}

fn request(shop: &Merchant, id: &str, rule: PeriodRule, minor: u64) -> api::CreateRequest {
    api::CreateRequest::new(
        id,
        "A paper, every month",
        "https://shop.example/back",
        DateTimeText::from(shop.now.to_rfc3339()),
        rule,
        PaymentMethod::new("GCASH"),
        NOTIFY,
        "http://127.0.0.1:9/notify?debit=1",
        order(minor),
        usd(minor),
        SettlementStrategy::new().with_settlement_currency("USD"),
        Env::new().with_terminal_type("WEB"),
    )
}

fn monthly() -> PeriodRule {
    PeriodRule::new("MONTH", 1)
}

/// The page at which the buyer agrees.
fn create(shop: &mut Merchant, request: &api::CreateRequest) -> String {
    let answer = shop.call::<api::Create>(request);
    is(&answer.result, "S", "SUCCESS");
    answer.normal_url.unwrap().expose().clone()
}

/// Kinds of what came about subscriptions, and phase and amount of what came about their payments, in order.
fn told(shop: &mut Merchant) -> Vec<String> {
    let line = |note| match note {
        Notification::Subscription(note) => {
            let status = note.subscription_status.as_ref().map_or("", SubscriptionStatus::as_str);
            format!("{} {status}", note.subscription_notification_type.as_ref().unwrap().as_str())
        }
        Notification::SubscriptionPayment(note) => {
            let (status, _) = code(note.result.as_ref().unwrap());
            let amount = note.payment_amount.unwrap();
            format!("{} {} {status}", note.phase_no.unwrap(), amount.value_text())
        }
        other => panic!("{other:?}"),
    };
    shop.read_inbox().into_iter().map(line).collect()
}

/// An active one: its id.
fn active(shop: &mut Merchant, id: &str) -> String {
    let asked = request(shop, id, monthly(), 500);
    let page = create(shop, &asked);
    shop.buyer(&page, BuyerAction::Approve).unwrap();
    let Some(Notification::Subscription(note)) = shop.read_inbox().into_iter().next() else { panic!() };
    note.subscription_id.unwrap()
}

#[test]
fn twelve_debits_follow_by_themselves() {
    let mut shop = Merchant::new();
    let asked = request(&shop, "S1", monthly(), 500);
    let page = create(&mut shop, &asked);
    assert_eq!(create(&mut shop, &asked), page, "the same request is the same subscription");
    let other = request(&shop, "S1", monthly(), 600);
    is(&shop.call::<api::Create>(&other).result, "F", "REPEAT_REQ_INCONSISTENT");
    let by_request = api::InquiryRequest::new().with_subscription_request_id("S1");
    assert_eq!(shop.call::<api::Inquiry>(&by_request).subscription_status, None, "nobody has agreed");

    let next = shop.buyer(&page, BuyerAction::Approve).unwrap();
    assert_eq!(next, Some(BuyerNext::Redirect("https://shop.example/back".into())));
    assert_eq!(told(&mut shop), ["CREATE ACTIVE", "1 500 S"]);
    shop.wait(3 * MINUTE - Duration::from_secs(1));
    assert!(told(&mut shop).is_empty());
    shop.wait(Duration::from_secs(1));
    assert_eq!(told(&mut shop), ["2 500 S"]);
    shop.wait(100 * MINUTE);
    assert_eq!(told(&mut shop).len(), 10, "twelve debits in all");
    let found = shop.call::<api::Inquiry>(&by_request);
    assert_eq!(found.subscription_status.as_deref(), Some("ACTIVE"));
    assert_eq!(shop.buyer(&page, BuyerAction::Approve), Err(BuyerError::Closed("agreed to")));
}

#[test]
fn periods_last_as_published() {
    for (kind, count, minutes) in
        [("DAY", 31, 3), ("DAY", 366, 3), ("WEEK", 1, 3), ("MONTH", 3, 15), ("MONTH", 6, 30), ("YEAR", 1, 60)]
    {
        let mut shop = Merchant::new();
        let asked = request(&shop, "S1", PeriodRule::new(kind, count), 500);
        let page = create(&mut shop, &asked);
        shop.buyer(&page, BuyerAction::Approve).unwrap();
        told(&mut shop);
        shop.wait(minutes * MINUTE - Duration::from_secs(1));
        assert!(told(&mut shop).is_empty(), "{kind} {count}");
        shop.wait(Duration::from_secs(1));
        assert_eq!(told(&mut shop), ["2 500 S"], "{kind} {count}");
    }
}

#[test]
fn a_debit_is_a_payment_like_any_other() {
    let mut shop = Merchant::new();
    let id = active(&mut shop, "S1");
    shop.wait(3 * MINUTE);
    let Some(Notification::SubscriptionPayment(note)) = shop.read_inbox().pop() else { panic!() };
    let payment = note.payment_id.unwrap();
    is(&shop.refund("R1", &payment, 500).result, "S", "SUCCESS");
    let debits = api::InquireSubscriptionPaymentRequest::new(&*id).with_page_size(1_i64);
    let answer = shop.call::<api::InquireSubscriptionPayment>(&debits);
    let (debits, paginator) = (answer.payments.unwrap(), answer.paginator.unwrap());
    assert_eq!(
        (debits.len(), debits[0].phase_no, debits[0].payment_id.as_ref()),
        (1, Some(2), Some(&payment))
    );
    assert_eq!((paginator.total_count, paginator.total_page), (Some(2), Some(2)));
    shop.gateway.dispute(shop.now, &payment).unwrap();
}

#[test]
fn a_debit_can_fail() {
    let mut shop = Merchant::new();
    let asked = request(&shop, "S1", monthly(), 1100);
    let page = create(&mut shop, &asked);
    shop.buyer(&page, BuyerAction::Approve).unwrap();
    assert_eq!(told(&mut shop), ["CREATE ACTIVE", "1 1100 F"]);
    shop.wait(3 * MINUTE);
    assert_eq!(told(&mut shop), ["2 1100 F"], "the next period is another attempt");
}

#[test]
fn trials_cost_what_they_say() {
    let mut shop = Merchant::new();
    let free = Trial::new(usd(0), 1_i64);
    let cheap = Trial::new(usd(100), 2_i64).with_trial_end_period(3_i64);
    let asked = request(&shop, "S1", monthly(), 500).with_trials(vec![free, cheap]);
    let page = create(&mut shop, &asked);
    shop.buyer(&page, BuyerAction::Approve).unwrap();
    assert_eq!(told(&mut shop), ["CREATE ACTIVE"]);
    shop.wait(9 * MINUTE);
    assert_eq!(told(&mut shop), ["2 100 S", "3 100 S", "4 500 S"]);
}

#[test]
fn cancelled_ends_with_its_period_and_terminated_at_once() {
    let mut shop = Merchant::new();
    let id = active(&mut shop, "S1");
    let cancel = |kind: &str, id: &str| api::CancelRequest::new(kind).with_subscription_id(id);
    is(&shop.call::<api::Cancel>(&cancel("CANCEL", &id)).result, "S", "SUCCESS");
    is(&shop.call::<api::Cancel>(&cancel("CANCEL", &id)).result, "S", "SUCCESS");
    assert_eq!(told(&mut shop), ["CANCEL CANCELLED"], "once");
    shop.wait(3 * MINUTE);
    assert_eq!(told(&mut shop), ["TERMINATE TERMINATED"]);
    shop.wait(100 * MINUTE);
    assert!(told(&mut shop).is_empty());
    let one = shop.call::<api::InquireSubscription>(&api::InquireSubscriptionRequest::new(&*id));
    assert_eq!(one.subscription.unwrap().status, Some(SubscriptionStatus::Terminated));

    let id = active(&mut shop, "S2");
    let by_request = api::CancelRequest::new("TERMINATE").with_subscription_request_id("S2");
    is(&shop.call::<api::Cancel>(&by_request).result, "S", "SUCCESS");
    assert_eq!(told(&mut shop), ["TERMINATE TERMINATED"]);
    let late = api::ChangeRequest::new("C1", &*id);
    is(&shop.call::<api::Change>(&late).result, "F", "PROCESS_FAIL");
    is(&shop.call::<api::Cancel>(&cancel("CANCEL", "unknown")).result, "F", "PARAM_ILLEGAL");
    is(&shop.call::<api::Cancel>(&cancel("OTHER", &id)).result, "F", "PARAM_ILLEGAL");
    is(&shop.call::<api::Cancel>(&api::CancelRequest::new("CANCEL")).result, "F", "PARAM_ILLEGAL");
}

#[test]
fn a_change_shows_and_is_made_once() {
    let mut shop = Merchant::new();
    let id = active(&mut shop, "S1");
    let change = api::ChangeRequest::new("C1", &*id)
        .with_payment_amount(usd(900))
        .with_payment_amount_difference(usd(400))
        .with_order_info(order(900));
    is(&shop.call::<api::Change>(&change).result, "S", "SUCCESS");
    is(&shop.call::<api::Change>(&change).result, "S", "SUCCESS");
    assert_eq!(told(&mut shop), ["CHANGE ACTIVE", "1 400 S"]);
    let later = DateTimeText::from(shop.now.saturating_add(10 * MINUTE).to_rfc3339());
    let update = api::UpdateRequest::new("U1", &*id)
        .with_next_subscription_date(later)
        .with_subscription_description("Two papers");
    is(&shop.call::<api::Update>(&update).result, "S", "SUCCESS");
    assert_eq!(told(&mut shop), ["UPDATE ACTIVE"]);
    shop.wait(9 * MINUTE);
    assert!(told(&mut shop).is_empty());
    shop.wait(MINUTE);
    assert_eq!(told(&mut shop), ["2 900 S"]);
    let legacy =
        shop.call::<api::InquireLegacy>(&api::InquireLegacyRequest::new().with_subscription_id(&*id));
    assert_eq!((legacy.phase_no.as_deref(), legacy.payment_amount), (Some("2"), Some(usd(900))));
    let list = api::InquireSubscriptionListRequest::new().with_statuses(vec![SubscriptionStatus::Active]);
    let listed = shop.call::<api::InquireSubscriptionList>(&list).subscriptions.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].subscription_description.as_deref(), Some("Two papers"));
    let none = api::InquireSubscriptionListRequest::new().with_currencies(vec!["EUR".into()]);
    assert_eq!(shop.call::<api::InquireSubscriptionList>(&none).subscriptions.unwrap().len(), 0);
}

#[test]
fn a_buyer_declines_or_is_too_late() {
    let mut shop = Merchant::new();
    for (id, late) in [("S1", false), ("S2", true)] {
        let asked = request(&shop, id, monthly(), 500);
        let page = create(&mut shop, &asked);
        if late {
            shop.wait(30 * MINUTE);
        } else {
            shop.buyer(&page, BuyerAction::Decline).unwrap();
        }
        let Some(Notification::Subscription(note)) = shop.read_inbox().pop() else { panic!() };
        assert_eq!(note.subscription_notification_type, Some(Kind::Create));
        assert_eq!(code(note.result.as_ref().unwrap()).0, "F");
        assert_eq!(shop.buyer(&page, BuyerAction::Approve), Err(BuyerError::Closed("declined or expired")));
    }
}

#[test]
fn it_begins_and_ends_when_it_says() {
    let mut shop = Merchant::new();
    let time = |at: UnixTime| DateTimeText::from(at.to_rfc3339());
    let mut asked = request(&shop, "S1", monthly(), 500);
    asked.subscription_start_time = time(shop.now.saturating_add(60 * MINUTE));
    asked.subscription_end_time = Some(time(shop.now.saturating_add(65 * MINUTE)));
    let page = create(&mut shop, &asked);
    shop.buyer(&page, BuyerAction::Approve).unwrap();
    assert_eq!(told(&mut shop), ["CREATE ACTIVE"]);
    shop.wait(60 * MINUTE);
    assert_eq!(told(&mut shop), ["1 500 S"]);
    shop.wait(60 * MINUTE);
    assert_eq!(told(&mut shop), ["2 500 S", "TERMINATE TERMINATED"]);
    let mut wrong = request(&shop, "S2", monthly(), 500);
    wrong.subscription_end_time = Some(wrong.subscription_start_time.clone());
    is(&shop.call::<api::Create>(&wrong).result, "F", "PARAM_ILLEGAL");
}
