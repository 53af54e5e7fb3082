//! A card or wallet is left with the gateway, pays later, and is taken back.

use antom_core::api::models::{CardPaymentMethodDetail, Env};
use antom_core::api::notifications::VaultingNotification;
use antom_core::api::vaults::{
    Card, CreateVaultingSession, CreateVaultingSessionRequest, DeleteToken, DeleteTokenRequest, FetchNonce,
    FetchNonceRequest, InquireToken, InquireTokenRequest, InquireVaulting, InquireVaultingRequest,
    InquireVaultingResponse, PaymentMethodDetail, UpdateToken, UpdateTokenRequest, VaultPaymentMethod,
    VaultPaymentMethodRequest, VaultPaymentMethodResponse, VaultingStatus,
};
use antom_core::secret::Secret;
use antom_core::time::DateTimeText;

use super::*;

fn request(id: &str, detail: PaymentMethodDetail) -> VaultPaymentMethodRequest {
    let env = Env::new().with_terminal_type("WEB");
    VaultPaymentMethodRequest::new(id, NOTIFY, "https://shop.example/kept", detail, env).with_metadata("M")
}

fn card(number: &str, asks_3ds: bool) -> PaymentMethodDetail {
    let mut card = CardPaymentMethodDetail::new();
    card.card_no = Some(Secret::from(number));
    card.expiry_month = Some(Secret::from("12"));
    card.expiry_year = Some(Secret::from("39"));
    card.cvv = Some(Secret::from("123"));
    card.is_3ds_authentication = Some(asks_3ds);
    let mut detail = PaymentMethodDetail::new("CARD");
    detail.card = Some(card);
    detail
}

fn vault(shop: &mut Merchant, id: &str, detail: PaymentMethodDetail) -> VaultPaymentMethodResponse {
    shop.call::<VaultPaymentMethod>(&request(id, detail))
}

fn inquire(shop: &mut Merchant, id: &str) -> InquireVaultingResponse {
    shop.call::<InquireVaulting>(&InquireVaultingRequest::new(id))
}

fn token(detail: Option<PaymentMethodDetail>) -> Secret<String> {
    detail.unwrap().card.unwrap().card_token.unwrap()
}

fn told(shop: &mut Merchant) -> VaultingNotification {
    match shop.read_inbox().pop() {
        Some(Notification::Vaulting(note)) => *note,
        other => panic!("{other:?}"),
    }
}

/// A payment with a stored card.
fn pays(shop: &mut Merchant, id: &str, token: &Secret<String>) -> (String, String) {
    let request = preset::card_stored(purchase(id, 500), "https://shop.example/back", token.clone());
    code(&shop.pay(&request).result)
}

#[test]
fn a_card_becomes_a_token_that_pays() {
    let mut shop = Merchant::new();
    let answer = vault(&mut shop, "V1", card(TEST_CARDS[0].number, false));
    is(&answer.result, "S", "SUCCESS");
    let kept = token(answer.payment_method_detail);
    let note = told(&mut shop);
    assert_eq!((note.vaulting_request_id.as_deref(), note.metadata.as_deref()), (Some("V1"), Some("M")));
    let said = note.payment_method_detail.unwrap().card.unwrap();
    assert_eq!((said.card_token.as_ref(), said.card_no), (Some(&kept), None));
    let found = inquire(&mut shop, "V1");
    assert_eq!(found.vaulting_status, Some(VaultingStatus::Success));
    assert_eq!(token(found.payment_method_detail), kept);
    assert_eq!(pays(&mut shop, "P1", &kept), ("S".into(), "SUCCESS".into()));

    let again = vault(&mut shop, "V1", card(TEST_CARDS[0].number, false));
    assert_eq!(token(again.payment_method_detail), kept, "whoever lost the answer hears it again");
    let other = vault(&mut shop, "V1", PaymentMethodDetail::new("GCASH"));
    is(&other.result, "F", "PARAM_ILLEGAL");
    is(&inquire(&mut shop, "V9").result, "F", "VAULTING_NOT_EXIST");

    let until = DateTimeText::from("2030-01-01T00:00:00+08:00");
    let update = UpdateTokenRequest::new().with_token(kept.clone()).with_token_expiry_time(until.clone());
    is(&shop.call::<UpdateToken>(&update).result, "S", "SUCCESS");
    let known = shop.call::<InquireToken>(&InquireTokenRequest::new().with_token(kept.clone()));
    assert_eq!((known.token.as_ref(), known.token_expiry_time), (Some(&kept), Some(until)));
    let delete = DeleteTokenRequest::new().with_token(kept.clone());
    is(&shop.call::<DeleteToken>(&delete).result, "S", "SUCCESS");
    is(&shop.call::<DeleteToken>(&delete).result, "F", "PARAM_ILLEGAL");
    assert_eq!(pays(&mut shop, "P2", &kept), ("F".into(), "INVALID_CARD_NUMBER".into()));
}

#[test]
fn a_bank_asks_first_or_says_no() {
    let mut shop = Merchant::new();
    let answer = vault(&mut shop, "V1", card(TEST_CARDS[0].number, true));
    is(&answer.result, "U", "VERIFICATION_IN_PROCESS");
    let page = answer.normal_url.unwrap().expose().clone();
    assert_eq!(inquire(&mut shop, "V1").vaulting_status, Some(VaultingStatus::Processing));
    assert!(shop.inbox.is_empty());
    let next = shop.buyer(&page, BuyerAction::Approve).unwrap();
    assert_eq!(next, Some(BuyerNext::Redirect("https://shop.example/kept".into())));
    is(told(&mut shop).result.as_ref().unwrap(), "S", "SUCCESS");
    assert_eq!(shop.buyer(&page, BuyerAction::Approve), Err(BuyerError::Closed("stored")));

    let page = vault(&mut shop, "V2", card(TEST_CARDS[0].number, true)).normal_url.unwrap();
    shop.buyer(page.expose(), BuyerAction::Fail3ds).unwrap();
    is(told(&mut shop).result.as_ref().unwrap(), "F", "USER_PAYMENT_VERIFICATION_FAILED");
    let found = inquire(&mut shop, "V2");
    is(&found.result, "S", "SUCCESS");
    assert_eq!(found.vaulting_status, Some(VaultingStatus::Fail));

    let declined = TEST_CARDS.iter().find(|card| card.behaviour == CardBehaviour::Declines).unwrap();
    is(&vault(&mut shop, "V3", card(declined.number, false)).result, "F", "PROCESS_FAIL");
    assert!(told(&mut shop).payment_method_detail.unwrap().card.is_none());
    is(&vault(&mut shop, "V4", card("4111111111111111", false)).result, "F", "INVALID_CARD_NUMBER");
    assert!(shop.inbox.is_empty(), "a request that is no good begins nothing");
}

#[test]
fn a_buyer_types_a_card_or_agrees_in_a_wallet() {
    let mut shop = Merchant::new();
    let request = CreateVaultingSessionRequest::new("CARD", "V1", NOTIFY).with_is_3ds_authentication(true);
    let session = shop.call::<CreateVaultingSession>(&request);
    assert_eq!(session, shop.call::<CreateVaultingSession>(&request), "an open one is the same");
    let page = session.normal_url.unwrap().expose().clone();
    let entry = |number: &str| BuyerAction::EnterCard(CardEntry::valid(number));
    assert_eq!(shop.buyer(&page, BuyerAction::Approve), Err(BuyerError::OtherPage("waits for a card")));
    assert!(matches!(shop.buyer(&page, entry("4111111111111111")), Err(BuyerError::Card { .. })));
    assert_eq!(shop.buyer(&page, entry(TEST_CARDS[0].number)), Ok(Some(BuyerNext::Challenge)));
    shop.buyer(&page, BuyerAction::Approve).unwrap();
    let card = told(&mut shop).payment_method_detail.unwrap().card.unwrap().card_token.unwrap();
    assert_eq!(pays(&mut shop, "P1", &card), ("S".into(), "SUCCESS".into()));

    let page = vault(&mut shop, "V2", PaymentMethodDetail::new("GCASH")).normal_url.unwrap();
    shop.buyer(page.expose(), BuyerAction::Approve).unwrap();
    let wallet = told(&mut shop).payment_method_detail.unwrap().wallet.unwrap().token;
    assert!(wallet.is_some());
    assert_eq!(inquire(&mut shop, "V2").payment_method_detail.unwrap().wallet.unwrap().token, wallet);

    vault(&mut shop, "V3", PaymentMethodDetail::new("GCASH"));
    shop.wait(Duration::from_secs(30 * 60));
    is(told(&mut shop).result.as_ref().unwrap(), "F", "ORDER_IS_CLOSED");
}

#[test]
fn a_nonce_is_a_token_for_a_card_that_was_sent() {
    let mut shop = Merchant::new();
    let send = |number: &str| FetchNonceRequest::new(Card::new(number, "39", "12"));
    let answer = shop.call::<FetchNonce>(&send(TEST_CARDS[0].number));
    let nonce = answer.card_token.unwrap();
    assert_eq!(pays(&mut shop, "P1", &nonce), ("S".into(), "SUCCESS".into()));
    is(&shop.call::<FetchNonce>(&send("4111111111111111")).result, "F", "INVALID_CARD_NUMBER");
    assert!(shop.read_inbox().iter().all(|note| !matches!(note, Notification::Vaulting(_))));
}
