use super::*;
use antom_core::api::payments::{InquiryRefund, InquiryRefundRequest};
use antom_core::profile::ProductFamily;

#[test]
fn an_order_code_is_shown_scanned_paid_and_partly_refunded() {
    let mut shop = Merchant::new();
    shop.profile = shop.profile.clone().with_family(ProductFamily::InStore);
    let answer = shop.pay(&order_code("P1", 1000));
    is(&answer.result, "U", "PAYMENT_IN_PROCESS");
    assert_eq!(shop.inquire("P1").payment_status.unwrap().as_str(), "PROCESSING");
    let form = answer.order_code_form.as_ref().unwrap();
    assert_eq!(
        form.expire_time.as_ref().unwrap().instant().unwrap(),
        shop.now.saturating_add(Duration::from_secs(840))
    );

    shop.buyer(&shown_code(&answer), BuyerAction::Approve).unwrap();
    let notes = shop.read_inbox();
    let [Notification::PaymentResult(note)] = notes.as_slice() else { panic!("{notes:?}") };
    is(note.result.as_ref().unwrap(), "S", "SUCCESS");
    assert_eq!(note.payment_amount, Some(usd(1000)));
    assert_eq!(note.payment_id, answer.payment_id);
    assert_eq!(shop.inquire("P1").payment_status.unwrap().as_str(), "SUCCESS");

    let id = answer.payment_id.unwrap();
    let refund = shop.refund("R1", &id, 400);
    is(&refund.result, "S", "SUCCESS");
    let notes = shop.read_inbox();
    assert!(
        matches!(notes.as_slice(), [Notification::Refund(note)] if note.refund_id == refund.refund_id),
        "{notes:?}"
    );
    let inquiry = shop.call::<InquiryRefund>(&InquiryRefundRequest::new().with_refund_request_id("R1"));
    assert_eq!(inquiry.refund_status.unwrap().as_str(), "SUCCESS");
    assert_eq!(inquiry.refund_id, refund.refund_id);
    let found = shop.inquire("P1").transactions.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].transaction_request_id.as_deref(), Some("R1"));
}

#[test]
fn refunds_never_exceed_the_payment() {
    let mut shop = Merchant::new();
    let answer = shop.pay(&order_code("P1", 1000));
    let id = answer.payment_id.clone().unwrap();
    is(&shop.refund("R0", &id, 100).result, "F", "ORDER_STATUS_INVALID");
    shop.buyer(&shown_code(&answer), BuyerAction::Approve).unwrap();
    is(&shop.refund("R1", &id, 600).result, "S", "SUCCESS");
    is(&shop.refund("R2", &id, 401).result, "F", "REFUND_AMOUNT_EXCEED");
    is(&shop.refund("R2", &id, 400).result, "S", "SUCCESS");
    is(&shop.refund("R3", &id, 1).result, "F", "REFUND_AMOUNT_EXCEED");
    is(&shop.refund("R4", "nothing", 1).result, "F", "ORDER_NOT_EXIST");
    is(&shop.refund("R4", &id, 0).result, "F", "PARAM_ILLEGAL");
    let other = RefundRequest::new("R5", id.as_str(), Amount::new(Currency::EUR, 1));
    is(&shop.call::<Refund>(&other).result, "F", "CURRENCY_NOT_SUPPORT");
    // The same request again hears the same; another one under the same id is contradicted.
    let again = shop.refund("R1", &id, 600);
    is(&again.result, "S", "SUCCESS");
    assert!(again.refund_id.is_some());
    is(&shop.refund("R1", &id, 500).result, "F", "REPEAT_REQ_INCONSISTENT");
}

#[test]
fn an_asynchronous_refund_is_done_later() {
    let mut shop = Merchant::new();
    let answer = shop.pay(&order_code("P1", 1000));
    shop.buyer(&shown_code(&answer), BuyerAction::Approve).unwrap();
    shop.read_inbox();
    let request = RefundRequest::new("R1", answer.payment_id.unwrap(), usd(1000)).with_is_async_refund(true);
    is(&shop.call::<Refund>(&request).result, "U", "REFUND_IN_PROCESS");
    let inquiry = InquiryRefundRequest::new().with_refund_request_id("R1");
    assert_eq!(shop.call::<InquiryRefund>(&inquiry).refund_status.unwrap().as_str(), "PROCESSING");
    assert!(shop.read_inbox().is_empty());
    shop.wait(Duration::from_secs(2));
    let notes = shop.read_inbox();
    assert!(matches!(notes.as_slice(), [Notification::Refund(_)]), "{notes:?}");
    assert_eq!(shop.call::<InquiryRefund>(&inquiry).refund_status.unwrap().as_str(), "SUCCESS");
    is(&shop.call::<Refund>(&request).result, "S", "SUCCESS");
}

#[test]
fn the_same_id_is_the_same_payment() {
    let mut shop = Merchant::new();
    let first = shop.pay(&order_code("P1", 1000));
    assert_eq!(shop.pay(&order_code("P1", 1000)), first);
    is(&shop.pay(&order_code("P1", 1001)).result, "F", "REPEAT_REQ_INCONSISTENT");
    shop.buyer(&shown_code(&first), BuyerAction::Approve).unwrap();
    let later = shop.pay(&order_code("P1", 1000));
    is(&later.result, "S", "SUCCESS");
    assert_eq!(later.payment_id, first.payment_id);
    assert_eq!(shop.read_inbox().len(), 1);
}

#[test]
fn what_nobody_pays_expires() {
    let mut shop = Merchant::new();
    let answer = shop.pay(&order_code("P1", 1000));
    assert_eq!(shop.gateway.next_wakeup(), Some(shop.now.saturating_add(Duration::from_secs(14 * 60))));
    shop.buyer(&shown_code(&answer), BuyerAction::WalkAway).unwrap();
    shop.wait(Duration::from_secs(14 * 60));
    let notes = shop.read_inbox();
    let [Notification::PaymentResult(note)] = notes.as_slice() else { panic!("{notes:?}") };
    is(note.result.as_ref().unwrap(), "F", "ORDER_IS_CLOSED");
    assert_eq!(shop.inquire("P1").payment_status.unwrap().as_str(), "FAIL");
    let late = shop.buyer(&shown_code(&answer), BuyerAction::Approve);
    assert_eq!(late, Err(BuyerError::Closed("failed or expired")));
    is(&shop.pay(&order_code("P1", 1000)).result, "F", "ORDER_IS_CLOSED");
}

#[test]
fn a_merchants_own_expiry_counts_and_must_lie_ahead() {
    let mut shop = Merchant::new();
    let at = |shop: &Merchant, secs| {
        antom_core::time::DateTimeText::from(shop.now.saturating_add(Duration::from_secs(secs)))
    };
    let past = order_code("P0", 1000).with_payment_expiry_time(at(&shop, 0));
    is(&shop.pay(&past).result, "F", "PARAM_ILLEGAL");
    is(&shop.inquire("P0").result, "F", "ORDER_NOT_EXIST");
    let soon = order_code("P1", 1000).with_payment_expiry_time(at(&shop, 60));
    is(&shop.pay(&soon).result, "U", "PAYMENT_IN_PROCESS");
    shop.wait(Duration::from_secs(59));
    assert_eq!(shop.inquire("P1").payment_status.unwrap().as_str(), "PROCESSING");
    shop.wait(Duration::from_secs(1));
    assert_eq!(shop.inquire("P1").payment_status.unwrap().as_str(), "FAIL");
}

#[test]
fn cancelling_voids_what_is_open_or_fresh() {
    let mut shop = Merchant::new();
    let ok = || ("S".to_owned(), "SUCCESS".to_owned());
    let f = |code: &str| ("F".to_owned(), code.to_owned());
    assert_eq!(shop.cancel("P0"), f("ORDER_NOT_EXIST"));

    let open = shop.pay(&order_code("P1", 1000));
    assert_eq!(shop.cancel("P1"), ok());
    assert_eq!(shop.cancel("P1"), ok());
    assert_eq!(shop.inquire("P1").payment_status.unwrap().as_str(), "CANCELLED");
    assert_eq!(shop.buyer(&shown_code(&open), BuyerAction::Approve), Err(BuyerError::Closed("cancelled")));
    is(&shop.pay(&order_code("P1", 1000)).result, "F", "ORDER_IS_CANCELED");

    let paid = shop.pay(&order_code("P2", 1000));
    shop.buyer(&shown_code(&paid), BuyerAction::Approve).unwrap();
    assert_eq!(shop.cancel("P2"), ok());
    is(&shop.refund("R", &paid.payment_id.unwrap(), 1).result, "F", "ORDER_IS_CANCELED");

    let refunded = shop.pay(&order_code("P3", 1000));
    shop.buyer(&shown_code(&refunded), BuyerAction::Approve).unwrap();
    shop.refund("R3", &refunded.payment_id.unwrap(), 1);
    assert_eq!(shop.cancel("P3"), f("PROCESS_FAIL"));

    let late = shop.pay(&order_code("P4", 1000));
    shop.buyer(&shown_code(&late), BuyerAction::Approve).unwrap();
    shop.wait(Duration::from_secs(2 * 24 * 3600));
    assert_eq!(shop.cancel("P4"), f("CANCEL_WINDOW_EXCEED"));

    // Paid at 06:13:20 in the gateway's time: until 00:15:00 of the day after.
    shop.now = UnixTime::from_secs(1_700_000_000);
    for (id, wait, expected) in [("P6", 64_900, ok()), ("P7", 64_901, f("CANCEL_WINDOW_EXCEED"))] {
        shop.now = UnixTime::from_secs(1_700_000_000);
        let paid = shop.pay(&order_code(id, 1000));
        shop.buyer(&shown_code(&paid), BuyerAction::Approve).unwrap();
        shop.wait(Duration::from_secs(wait));
        assert_eq!(shop.cancel(id), expected, "{id}");
    }

    // A payment that failed stays failed; the wish to cancel it is fulfilled all the same.
    shop.pay(&order_code("P5", 1000));
    shop.wait(Duration::from_secs(14 * 60));
    assert_eq!(shop.cancel("P5"), ok());
    assert_eq!(shop.inquire("P5").payment_status.unwrap().as_str(), "FAIL");
}

#[test]
fn a_declining_buyer_fails_the_payment() {
    let mut shop = Merchant::new();
    let answer = shop.pay(&preset::cashier(purchase("P1", 500), "GCASH", "https://shop.example/back"));
    let url = answer.normal_url.unwrap();
    let next = shop.buyer(url.expose(), BuyerAction::Decline).unwrap();
    assert_eq!(next, Some(BuyerNext::Redirect("https://shop.example/back".into())));
    assert_eq!(shop.inquire("P1").payment_status.unwrap().as_str(), "FAIL");
}

#[test]
fn requests_are_checked() {
    let mut shop = Merchant::new();
    is(&shop.pay(&order_code("P1", 0)).result, "F", "PARAM_ILLEGAL");
    is(&shop.pay(&order_code(&"x".repeat(65), 1)).result, "F", "PARAM_ILLEGAL");
    let mut signed = order_code("P1", 1);
    signed.payment_amount = Amount::parse_wire("USD", "-5");
    is(&shop.pay(&signed).result, "F", "PARAM_ILLEGAL");
    signed.payment_amount = Amount::parse_wire("usd", "5");
    is(&shop.pay(&signed).result, "F", "PARAM_ILLEGAL");
    let mut product = order_code("P1", 1);
    product.product_code = "OTHER".into();
    is(&shop.pay(&product).result, "F", "PARAM_ILLEGAL");
    let mut scenario = order_code("P1", 1);
    scenario.payment_factor = None;
    is(&shop.pay(&scenario).result, "F", "PARAM_ILLEGAL");
    is(&shop.call::<Cancel>(&CancelRequest::new()).result, "F", "PARAM_ILLEGAL");
    is(&shop.call::<InquiryPayment>(&InquiryPaymentRequest::new()).result, "F", "PARAM_ILLEGAL");
    is(&shop.call::<InquiryRefund>(&InquiryRefundRequest::new()).result, "F", "PARAM_ILLEGAL");
}

#[test]
fn old_payments_make_room_for_new_ones() {
    let mut shop = Merchant::new();
    let keys = KeySet::published().unwrap();
    let settings = Settings {
        max_objects: 2,
        ..Settings::new(shop.gateway.settings().client_id.clone(), keys, "http://h")
    };
    shop.gateway = Gateway::new(settings).unwrap();
    for id in ["P1", "P2", "P3"] {
        let answer = shop.pay(&order_code(id, 1));
        shop.buyer(&shown_code(&answer), BuyerAction::Approve).unwrap();
    }
    is(&shop.inquire("P1").result, "F", "ORDER_NOT_EXIST");
    is(&shop.inquire("P2").result, "S", "SUCCESS");
    is(&shop.inquire("P3").result, "S", "SUCCESS");
}
