use super::*;
use antom_core::api::payments::{CaptureMode, PaymentFactor};
use antom_core::preset::{Card, CardMetaData, ThreeDs};
use antom_core::secret::Secret;

const GOOD: &str = "4054695723100768";
const FAILS: &str = "4054692760174822";
const EXEMPT: &str = "4035501000000008";

fn card(number: &str) -> Card {
    Card::new(number, "12", "39").with_cvv("123")
}

fn server_to_server(id: &str, minor: u64, number: &str) -> PayRequest {
    preset::card_server_to_server(purchase(id, minor), "https://shop.example/back", card(number))
}

fn manual(request: PayRequest) -> PayRequest {
    let factor =
        PaymentFactor::new().with_is_authorization(true).with_capture_mode(CaptureMode::from("MANUAL"));
    request.with_payment_factor(factor)
}

fn with_3ds(mut request: PayRequest) -> PayRequest {
    CardMetaData::new().with_three_ds(ThreeDs::Demand).apply(&mut request.payment_method);
    request
}

fn hosted(id: &str) -> PayRequest {
    preset::card_hosted(purchase(id, 3000), "https://shop.example/back")
}

#[test]
fn server_to_server_with_3ds_and_manual_captures() {
    let mut shop = Merchant::new();
    let answer = shop.pay(&manual(with_3ds(server_to_server("P1", 3000, GOOD))));
    is(&answer.result, "U", "PAYMENT_IN_PROCESS");
    let id = answer.payment_id.unwrap();
    is(&shop.capture("C0", &id, 100).result, "F", "ORDER_STATUS_INVALID");
    let next = shop.buyer(answer.normal_url.unwrap().expose(), BuyerAction::Approve).unwrap();
    assert_eq!(next, Some(BuyerNext::Redirect("https://shop.example/back".into())));
    let notes = shop.read_inbox();
    let [Notification::PaymentResult(note)] = notes.as_slice() else { panic!("{notes:?}") };
    let info = note.payment_result_info.as_ref().unwrap();
    assert_eq!(info.three_ds_result.as_ref().unwrap().eci.as_deref(), Some("05"));
    assert_eq!(info.card_no.as_ref().unwrap().expose(), "405469******0768");
    assert!(note.auth_expiry_time.is_some());

    let first = shop.capture("C1", &id, 1000);
    is(&first.result, "S", "SUCCESS");
    let notes = shop.read_inbox();
    assert!(
        matches!(notes.as_slice(), [Notification::Capture(note)] if note.capture_id == first.capture_id),
        "{notes:?}"
    );
    is(&shop.capture("C1", &id, 1000).result, "S", "SUCCESS");
    is(&shop.capture("C1", &id, 999).result, "F", "REPEAT_REQ_INCONSISTENT");
    is(&shop.capture("C2", &id, 2001).result, "F", "CAPTURE_AMOUNT_EXCEED_AUTH_LIMIT");
    is(&shop.capture("C2", &id, 0).result, "F", "PARAM_ILLEGAL");
    is(&shop.refund("R0", &id, 1001).result, "F", "REFUND_AMOUNT_EXCEED");
    let last = CaptureRequest::new("C3", id.as_str(), usd(500)).with_is_last_capture(true);
    let last = shop.call::<Capture>(&last);
    is(&last.result, "S", "SUCCESS");
    is(&shop.capture("C4", &id, 1).result, "F", "MULTI_CAPTURE_NOT_SUPPORTED");
    assert_eq!(shop.cancel("P1"), ("F".into(), "PROCESS_FAIL".into()));

    let of_capture = |id: &str, capture: &Option<String>, minor| {
        RefundRequest::new(id, answer_id(&first), usd(minor)).with_capture_id(capture.clone().unwrap())
    };
    is(&shop.call::<Refund>(&of_capture("R1", &last.capture_id, 501)).result, "F", "REFUND_AMOUNT_EXCEED");
    is(&shop.call::<Refund>(&of_capture("R1", &last.capture_id, 500)).result, "S", "SUCCESS");
    is(&shop.call::<Refund>(&of_capture("R2", &last.capture_id, 1)).result, "F", "REFUND_AMOUNT_EXCEED");
    is(&shop.call::<Refund>(&of_capture("R2", &first.capture_id, 1000)).result, "S", "SUCCESS");
    is(&shop.call::<Refund>(&of_capture("R3", &Some("none".into()), 1)).result, "F", "ORDER_NOT_EXIST");
    let kinds: Vec<String> = shop
        .inquire("P1")
        .transactions
        .unwrap()
        .iter()
        .map(|item| item.transaction_type.as_ref().unwrap().as_str().to_owned())
        .collect();
    assert_eq!(kinds, ["CAPTURE", "CAPTURE", "REFUND", "REFUND"]);
}

fn answer_id(capture: &CaptureResponse) -> String {
    capture.payment_id.clone().unwrap()
}

#[test]
fn an_authorization_is_voided_or_expires() {
    let mut shop = Merchant::new();
    let voided = shop.pay(&manual(server_to_server("P1", 3000, GOOD)));
    is(&voided.result, "S", "SUCCESS");
    assert_eq!(shop.cancel("P1"), ("S".into(), "SUCCESS".into()));
    is(&shop.capture("C1", &voided.payment_id.unwrap(), 1).result, "F", "AUTH_CANCELLED");
    let late = shop.pay(&manual(server_to_server("P2", 3000, GOOD)));
    shop.wait(Duration::from_secs(7 * 24 * 3600));
    is(&shop.capture("C2", &late.payment_id.unwrap(), 1).result, "F", "AUTH_EXPIRED");
    is(&shop.capture("C3", "none", 1).result, "F", "AUTH_NOT_FOUND");
}

#[test]
fn automatic_capture_has_an_id_of_its_own() {
    let mut shop = Merchant::new();
    let answer = shop.pay(&server_to_server("P1", 3000, GOOD));
    is(&answer.result, "S", "SUCCESS");
    assert!(answer.normal_url.is_none());
    let notes = shop.read_inbox();
    let [Notification::PaymentResult(_), Notification::Capture(capture)] = notes.as_slice() else {
        panic!("{notes:?}")
    };
    assert_eq!(capture.capture_amount, Some(usd(3000)));
    assert_ne!(capture.capture_id, answer.payment_id);
    is(&shop.capture("C1", &answer.payment_id.unwrap(), 1).result, "F", "MULTI_CAPTURE_NOT_SUPPORTED");
}

#[test]
fn the_hosted_page_stores_a_card_that_pays_again() {
    let mut shop = Merchant::new();
    let answer = shop.pay(&hosted("P1"));
    is(&answer.result, "U", "PAYMENT_IN_PROCESS");
    let url = answer.normal_url.unwrap().expose().clone();
    assert_eq!(shop.buyer(&url, BuyerAction::Approve), Err(BuyerError::OtherPage("waits for a card")));
    let bad = shop.buyer(&url, BuyerAction::EnterCard(CardEntry::valid("4111111111111111")));
    assert!(matches!(bad, Err(BuyerError::Card { code: "INVALID_CARD_NUMBER", .. })), "{bad:?}");
    shop.buyer(&url, BuyerAction::EnterCard(CardEntry::valid(GOOD))).unwrap();
    let notes = shop.read_inbox();
    let [Notification::PaymentResult(note), Notification::Capture(_)] = notes.as_slice() else {
        panic!("{notes:?}")
    };
    let token = note.card_info.as_ref().unwrap().card_token.clone().unwrap();
    let inquiry = shop.inquire("P1");
    assert_eq!(inquiry.card_info.unwrap().card_token, Some(token.clone()));

    let stored =
        |id, token: Secret<String>| preset::card_stored(purchase(id, 50), "https://shop.example/back", token);
    is(&shop.pay(&stored("P2", token)).result, "S", "SUCCESS");
    is(&shop.pay(&stored("P3", Secret::from("nonsense"))).result, "F", "INVALID_CARD_NUMBER");
}

#[test]
fn the_hosted_page_leads_to_3ds() {
    let mut shop = Merchant::new();
    let answer = shop.pay(&with_3ds(hosted("P1")));
    let url = answer.normal_url.unwrap().expose().clone();
    assert_eq!(shop.buyer(&url, BuyerAction::Fail3ds), Err(BuyerError::OtherPage("is no 3-D Secure page")));
    let next = shop.buyer(&url, BuyerAction::EnterCard(CardEntry::valid(GOOD))).unwrap();
    assert_eq!(next, Some(BuyerNext::Challenge));
    assert!(shop.read_inbox().is_empty());
    shop.buyer(&url, BuyerAction::Approve).unwrap();
    assert_eq!(shop.read_inbox().len(), 2);

    let failed = shop.pay(&with_3ds(server_to_server("P2", 100, GOOD)));
    shop.buyer(failed.normal_url.unwrap().expose(), BuyerAction::Fail3ds).unwrap();
    assert_eq!(shop.inquire("P2").payment_status.unwrap().as_str(), "FAIL");
    is(&shop.pay(&with_3ds(server_to_server("P3", 100, EXEMPT))).result, "S", "SUCCESS");
}

#[test]
fn cards_and_amounts_that_fail() {
    let mut shop = Merchant::new();
    is(&shop.pay(&server_to_server("P1", 3000, FAILS)).result, "F", "PROCESS_FAIL");
    assert_eq!(shop.inquire("P1").payment_status.unwrap().as_str(), "FAIL");
    for (n, minor) in [11, 1100, 1111].into_iter().enumerate() {
        is(&shop.pay(&server_to_server(&format!("R{n}"), minor, GOOD)).result, "F", "RISK_REJECT");
    }
    is(&shop.pay(&order_code("O1", 11)).result, "U", "PAYMENT_IN_PROCESS");
    is(&shop.pay(&server_to_server("P2", 3000, "4111111111111111")).result, "F", "INVALID_CARD_NUMBER");
    let bad = |id, card| preset::card_server_to_server(purchase(id, 3000), "https://shop.example/back", card);
    is(&shop.pay(&bad("P3", Card::new(GOOD, "13", "39"))).result, "F", "INVALID_EXPIRATION_DATE");
    is(&shop.pay(&bad("P4", Card::new(GOOD, "12", "39").with_cvv("99"))).result, "F", "INVALID_CVV");
    let declined = shop.pay(&hosted("P5"));
    shop.buyer(declined.normal_url.unwrap().expose(), BuyerAction::EnterCard(CardEntry::valid(FAILS)))
        .unwrap();
    assert_eq!(shop.inquire("P5").payment_status.unwrap().as_str(), "FAIL");
}

#[test]
fn nothing_kept_shows_a_card_or_a_token() {
    let mut shop = Merchant::new();
    shop.pay(&server_to_server("P1", 3000, GOOD));
    let access = shop.token("S1").access_token.unwrap();
    let request = preset::agreement(purchase("P2", 700), "GCASH", access.clone());
    shop.pay(&request);
    let journal = format!("{:?} {:?}", shop.gateway.journal().collect::<Vec<_>>(), shop.gateway);
    assert!(journal.contains("P1") && journal.contains("PAYMENT_RESULT"));
    assert!(!journal.contains(GOOD) && !journal.contains(access.expose()), "{journal}");
}
