use antom_core::api::disputes::{
    AcceptDispute, AcceptDisputeRequest, SupplyDefenseDocument, SupplyDefenseDocumentRequest,
};

use super::*;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A paid payment that is disputed; the dispute's id.
fn disputed(shop: &mut Merchant, id: &str) -> String {
    let answer = shop.pay(&order_code(id, 750));
    shop.buyer(&shown_code(&answer), BuyerAction::Approve).unwrap();
    let disputed = shop.gateway.dispute(shop.now, id).unwrap();
    shop.inbox.extend(disputed.deliveries);
    disputed.dispute_id
}

/// What the merchant was told of disputes.
fn told(shop: &mut Merchant) -> Vec<String> {
    let word = |note| match note {
        Notification::Dispute(note) => Some(note.dispute_notification_type.unwrap().as_str().to_owned()),
        _ => None,
    };
    shop.read_inbox().into_iter().filter_map(word).collect()
}

fn accept(shop: &mut Merchant, id: &str) -> (String, String) {
    code(&shop.call::<AcceptDispute>(&AcceptDisputeRequest::new(id)).result)
}

fn defend(shop: &mut Merchant, id: &str) -> (String, String) {
    let request = SupplyDefenseDocumentRequest::new(id, "ZG9jdW1lbnQ=");
    code(&shop.call::<SupplyDefenseDocument>(&request).result)
}

fn success() -> (String, String) {
    ("S".into(), "SUCCESS".into())
}

#[test]
fn a_defended_dispute_is_judged() {
    for (merchant_wins, result) in [(true, "ACCEPT_BY_CUSTOMER"), (false, "ACCEPT_BY_MERCHANT")] {
        let mut shop = Merchant::new();
        let id = disputed(&mut shop, "PAY-1");
        assert_eq!(told(&mut shop), ["DISPUTE_CREATED"]);
        assert_eq!(defend(&mut shop, &id), success());
        assert_eq!(defend(&mut shop, &id).1, "REPEAT_REQUEST");
        assert_eq!(told(&mut shop), ["DEFENSE_SUPPLIED"]);
        // What was defended does not run out.
        shop.wait(30 * DAY);
        assert!(told(&mut shop).is_empty());
        let told = shop.gateway.bank(shop.now, &id, BankAction::Judge { merchant_wins }).unwrap();
        shop.inbox.extend(told);
        let Some(Notification::Dispute(note)) = shop.read_inbox().pop() else { panic!("nothing was told") };
        assert_eq!(note.dispute_judged_result.unwrap().as_str(), result);
        assert_eq!(note.dispute_judged_amount, Some(usd(750)));
        assert_eq!(shop.gateway.bank(shop.now, &id, BankAction::Cancel), Err(BankError::Over));
        assert_eq!(accept(&mut shop, &id).1, "REPEAT_REQUEST");
    }
}

#[test]
fn an_accepted_and_a_cancelled_dispute_are_over() {
    let mut shop = Merchant::new();
    let id = disputed(&mut shop, "PAY-1");
    assert_eq!(shop.gateway.dispute(shop.now, "PAY-1"), Err(BankError::Disputed));
    assert_eq!(accept(&mut shop, &id), success());
    assert_eq!(told(&mut shop), ["DISPUTE_CREATED", "DISPUTE_ACCEPTED"]);
    // The payment may be disputed once more.
    let payment = shop.inquire("PAY-1").payment_id.unwrap();
    let again = shop.gateway.dispute(shop.now, &payment).unwrap();
    shop.inbox.extend(again.deliveries);
    let told_of = shop.gateway.bank(shop.now, &again.dispute_id, BankAction::Cancel).unwrap();
    shop.inbox.extend(told_of);
    assert_eq!(told(&mut shop), ["DISPUTE_CREATED", "DISPUTE_CANCELLED"]);
}

#[test]
fn a_dispute_that_nobody_answers_runs_out() {
    let mut shop = Merchant::new();
    let id = disputed(&mut shop, "PAY-1");
    assert_eq!(told(&mut shop), ["DISPUTE_CREATED"]);
    shop.wait(5 * DAY);
    assert_eq!(told(&mut shop), ["DEFENSE_DUE_ALERT"]);
    shop.wait(2 * DAY);
    assert_eq!(told(&mut shop), ["DISPUTE_ACCEPTED"]);
    assert_eq!(accept(&mut shop, &id).1, "TIME_EXCEEDS_LIMIT");
    assert_eq!(defend(&mut shop, &id).1, "TIME_EXCEEDS_LIMIT");
}

#[test]
fn only_what_is_paid_can_be_disputed() {
    let mut shop = Merchant::new();
    shop.pay(&order_code("PAY-1", 750));
    assert_eq!(shop.gateway.dispute(shop.now, "PAY-1"), Err(BankError::NotPaid));
    assert_eq!(shop.gateway.dispute(shop.now, "PAY-2"), Err(BankError::Unknown));
    assert_eq!(shop.gateway.bank(shop.now, "D", BankAction::Cancel), Err(BankError::Unknown));
    assert_eq!(accept(&mut shop, "D").1, "PARAM_ILLEGAL");
}

/// What the clock settled: the files of each day.
fn settled(shop: &Merchant) -> Vec<(UnixTime, UnixTime, Vec<String>)> {
    let day = |entry: &Entry| match &entry.event {
        Event::Settled { from, to, files } => Some((*from, *to, files.clone())),
        _ => None,
    };
    shop.gateway.journal().filter_map(day).collect()
}

#[test]
fn a_day_in_which_money_moved_is_settled_at_its_end() {
    let mut shop = Merchant::new();
    shop.pay(&order_code("WAITS", 100));
    assert!(shop.gateway.next_wakeup() < Some(shop.now.saturating_add(Duration::from_secs(3600))));
    let code = shown_code(&shop.pay(&order_code("P1", 1000)));
    shop.buyer(&code, BuyerAction::Approve).unwrap();
    shop.read_inbox();
    // The story begins at a quarter past six in the morning, in UTC+8.
    let end = UnixTime::from_secs(1_700_064_000);
    shop.wait(end.since(shop.now) - Duration::from_millis(1));
    assert!(settled(&shop).is_empty());
    shop.wait(Duration::from_millis(1));
    let days = settled(&shop);
    let [(from, to, files)] = days.as_slice() else { panic!("{days:?}") };
    assert_eq!((*to, to.since(*from)), (end, Duration::from_secs(24 * 3600)));
    let reports = shop.gateway.settlement_reports(&ReportPlan::new(*from, *to));
    assert_eq!(*files, reports.iter().map(|file| file.name.clone()).collect::<Vec<_>>());
    assert!(reports.iter().any(|file| file.text.contains("P1")), "{files:?}");
    // Nothing moves the day after; then a refund does, days later, and two days are never run together.
    shop.wait(Duration::from_secs(3 * 24 * 3600));
    assert_eq!(settled(&shop).len(), 1);
    let payment = shop.inquire("P1").payment_id.unwrap();
    shop.refund("R1", &payment, 100);
    shop.wait(Duration::from_secs(2 * 24 * 3600));
    assert_eq!(settled(&shop).len(), 2);
}
