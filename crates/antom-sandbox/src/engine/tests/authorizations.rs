use super::*;
use antom_core::api::authorizations::{
    ApplyToken, ApplyTokenRequest, Consult, ConsultRequest, Revoke, RevokeRequest,
};
use antom_core::api::models::ScopeType;
use antom_core::secret::Secret;

fn refresh(token: &Secret<String>) -> ApplyTokenRequest {
    ApplyTokenRequest::new("REFRESH_TOKEN", "GCASH").with_refresh_token(token.clone())
}

fn by_code(code: &Secret<String>) -> ApplyTokenRequest {
    ApplyTokenRequest::new("AUTHORIZATION_CODE", "GCASH").with_auth_code(code.clone())
}

fn granted(shop: &mut Merchant, state: &str) -> Secret<String> {
    let page = shop.consult(state);
    shop.buyer(&page, BuyerAction::Approve).unwrap();
    match shop.read_inbox().pop() {
        Some(Notification::Authorization(note)) => note.auth_code.unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn scan_to_link_from_consult_to_revoke() {
    let mut shop = Merchant::new();
    let page = shop.consult("STATE 1");
    let next = shop.buyer(&page, BuyerAction::Approve).unwrap();
    let Some(BuyerNext::Redirect(url)) = next else { panic!("{next:?}") };
    assert!(
        url.starts_with("https://shop.example/back?authCode=") && url.ends_with("&authState=STATE%201"),
        "{url}"
    );
    let notes = shop.read_inbox();
    let [Notification::Authorization(note)] = notes.as_slice() else { panic!("{notes:?}") };
    assert_eq!(note.authorization_notify_type.as_ref().unwrap().as_str(), "AUTHCODE_CREATED");
    assert_eq!(note.auth_state.as_deref(), Some("STATE 1"));

    let token = shop.call::<ApplyToken>(&by_code(note.auth_code.as_ref().unwrap()));
    is(&token.result, "S", "SUCCESS");
    let access = token.access_token.unwrap();

    let paid = shop.pay(&preset::agreement(purchase("P1", 700), "GCASH", access.clone()));
    is(&paid.result, "U", "PAYMENT_IN_PROCESS");
    let notes = shop.read_inbox();
    assert!(
        matches!(notes.as_slice(), [Notification::PaymentResult(note)] if note.payment_id == paid.payment_id),
        "{notes:?}"
    );
    assert_eq!(shop.inquire("P1").payment_status.unwrap().as_str(), "SUCCESS");

    let newer = shop.call::<ApplyToken>(&refresh(token.refresh_token.as_ref().unwrap()));
    is(&newer.result, "S", "SUCCESS");
    let new_access = newer.access_token.unwrap();
    assert_ne!(new_access, access);
    is(
        &shop.pay(&preset::agreement(purchase("P2", 700), "GCASH", access)).result,
        "F",
        "INVALID_ACCESS_TOKEN",
    );
    is(
        &shop.pay(&preset::agreement(purchase("P3", 700), "GCASH", new_access.clone())).result,
        "U",
        "PAYMENT_IN_PROCESS",
    );
    shop.read_inbox();

    is(&shop.call::<Revoke>(&RevokeRequest::new(new_access.clone())).result, "S", "SUCCESS");
    let notes = shop.read_inbox();
    let [Notification::Authorization(note)] = notes.as_slice() else { panic!("{notes:?}") };
    assert_eq!(note.authorization_notify_type.as_ref().unwrap().as_str(), "TOKEN_CANCELED");
    assert_eq!(note.access_token.as_ref(), Some(&new_access));
    is(&shop.call::<Revoke>(&RevokeRequest::new(new_access.clone())).result, "S", "SUCCESS");
    assert!(shop.read_inbox().is_empty());
    is(
        &shop.pay(&preset::agreement(purchase("P4", 700), "GCASH", new_access)).result,
        "F",
        "INVALID_ACCESS_TOKEN",
    );
    is(&shop.inquire("P4").result, "F", "ORDER_NOT_EXIST");
}

#[test]
fn a_code_lives_one_minute_and_gives_one_token() {
    let mut shop = Merchant::new();
    let code = granted(&mut shop, "S1");
    shop.wait(Duration::from_secs(60));
    let token = shop.call::<ApplyToken>(&by_code(&code));
    is(&token.result, "S", "SUCCESS");
    shop.wait(Duration::from_secs(3600));
    assert_eq!(shop.call::<ApplyToken>(&by_code(&code)), token, "whoever lost the answer hears it again");
    let other = ApplyTokenRequest::new("AUTHORIZATION_CODE", "DANA").with_auth_code(code.clone());
    is(&shop.call::<ApplyToken>(&other).result, "F", "INVALID_CODE");
    shop.call::<Revoke>(&RevokeRequest::new(token.access_token.unwrap()));
    is(&shop.call::<ApplyToken>(&by_code(&code)).result, "F", "USED_CODE");

    let code = granted(&mut shop, "S2");
    shop.wait(Duration::from_secs(61));
    is(&shop.call::<ApplyToken>(&by_code(&code)).result, "F", "EXPIRED_CODE");
    is(&shop.call::<ApplyToken>(&by_code(&Secret::from("nonsense"))).result, "F", "INVALID_CODE");
    is(
        &shop.call::<ApplyToken>(&ApplyTokenRequest::new("AUTHORIZATION_CODE", "GCASH")).result,
        "F",
        "PARAM_ILLEGAL",
    );
    is(
        &shop.call::<ApplyToken>(&ApplyTokenRequest::new("REFRESH_TOKEN", "GCASH")).result,
        "F",
        "PARAM_ILLEGAL",
    );
    is(&shop.call::<ApplyToken>(&ApplyTokenRequest::new("OTHER", "GCASH")).result, "F", "PARAM_ILLEGAL");
}

#[test]
fn only_the_latest_refresh_token_works() {
    let mut shop = Merchant::new();
    let first = shop.token("S1").refresh_token.unwrap();
    let second = shop.call::<ApplyToken>(&refresh(&first));
    assert_eq!(shop.call::<ApplyToken>(&refresh(&first)), second);
    let third = shop.call::<ApplyToken>(&refresh(second.refresh_token.as_ref().unwrap()));
    is(&third.result, "S", "SUCCESS");
    is(&shop.call::<ApplyToken>(&refresh(&first)).result, "F", "INVALID_REFRESH_TOKEN");
    is(&shop.call::<ApplyToken>(&refresh(&Secret::from("nonsense"))).result, "F", "INVALID_REFRESH_TOKEN");
    shop.call::<Revoke>(&RevokeRequest::new(third.access_token.unwrap()));
    is(
        &shop.call::<ApplyToken>(&refresh(&third.refresh_token.unwrap())).result,
        "F",
        "EXPIRED_REFRESH_TOKEN",
    );
}

#[test]
fn an_access_token_expires() {
    let mut shop = Merchant::new();
    let token = shop.token("S1");
    let end = token.access_token_expiry_time.unwrap().instant().unwrap();
    shop.wait(end.since(shop.now));
    let access = token.access_token.unwrap();
    is(&shop.pay(&preset::agreement(purchase("P1", 7), "GCASH", access)).result, "F", "INVALID_ACCESS_TOKEN");
    is(&shop.call::<ApplyToken>(&refresh(&token.refresh_token.unwrap())).result, "S", "SUCCESS");
}

#[test]
fn the_buyer_cancels_in_the_wallet() {
    let mut shop = Merchant::new();
    let page = shop.consult("S1");
    assert_eq!(shop.buyer(&page, BuyerAction::CancelAuthorization), Err(BuyerError::Closed("never granted")));
    shop.buyer(&page, BuyerAction::Approve).unwrap();
    assert_eq!(shop.buyer(&page, BuyerAction::CancelAuthorization), Err(BuyerError::Closed("no token yet")));
    let Some(Notification::Authorization(note)) = shop.read_inbox().pop() else { panic!() };
    let token = shop.call::<ApplyToken>(&by_code(&note.auth_code.unwrap()));
    let newer = shop.call::<ApplyToken>(&refresh(&token.refresh_token.unwrap()));
    // By the page: the token that the chain of refreshes has come to.
    shop.buyer(&page, BuyerAction::CancelAuthorization).unwrap();
    let notes = shop.read_inbox();
    assert!(
        matches!(notes.as_slice(), [Notification::Authorization(note)] if note.access_token == newer.access_token),
        "{notes:?}"
    );
    let access = newer.access_token.unwrap();
    let again = shop.buyer(access.expose(), BuyerAction::CancelAuthorization);
    assert_eq!(again, Err(BuyerError::Closed("cancelled or replaced")));
}

#[test]
fn an_authorization_page_works_once() {
    let mut shop = Merchant::new();
    let page = shop.consult("S1");
    assert_eq!(shop.consult("S1"), page, "an open one is the same");
    shop.buyer(&page, BuyerAction::Decline).unwrap();
    assert!(shop.read_inbox().is_empty(), "a refusal is not told");
    assert_eq!(shop.buyer(&page, BuyerAction::Approve), Err(BuyerError::Closed("declined or expired")));
    let scopes = vec![ScopeType::from("AGREEMENT_PAY")];
    let again = ConsultRequest::new("GCASH", "https://shop.example/back", scopes, "S1", "WEB");
    is(&shop.call::<Consult>(&again).result, "F", "PARAM_ILLEGAL");

    let late = shop.consult("S2");
    shop.wait(Duration::from_secs(15 * 60));
    assert_eq!(shop.buyer(&late, BuyerAction::Approve), Err(BuyerError::Closed("declined or expired")));
    let scopes = vec![ScopeType::from("USER_INFO")];
    let other = ConsultRequest::new("GCASH", "https://shop.example/back", scopes, "S3", "WEB");
    is(&shop.call::<Consult>(&other).result, "F", "PARAM_ILLEGAL");
    let scopes = vec![ScopeType::from("AGREEEMENT_PAY")];
    let misspelled = ConsultRequest::new("GCASH", "https://shop.example/back", scopes, "S4", "WEB");
    is(&shop.call::<Consult>(&misspelled).result, "S", "SUCCESS");
}

#[test]
fn a_token_is_one_wallets_only() {
    let mut shop = Merchant::new();
    let access = shop.token("S1").access_token.unwrap();
    is(&shop.pay(&preset::agreement(purchase("P1", 7), "DANA", access)).result, "F", "INVALID_ACCESS_TOKEN");
    is(
        &shop.pay(&preset::agreement(purchase("P2", 7), "GCASH", "nonsense")).result,
        "F",
        "INVALID_ACCESS_TOKEN",
    );
    is(&shop.call::<Revoke>(&RevokeRequest::new("nonsense")).result, "F", "INVALID_ACCESS_TOKEN");
}
