use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;
use crate::api::models::{Address, CardBrand, PaymentMethodType, UserName};
use crate::api::payments::RefundRequest;
use crate::check::{self, CardMode, Context};
use crate::codec::Message;
use crate::{Amount, Currency};

const BACK: &str = "https://shop.example/back";

fn purchase() -> Purchase {
    Purchase::new("PAY-1", "ORDER-1", "Two coffees", Amount::new(Currency::SGD, 950))
}

fn shop() -> Shop {
    Shop::new(Party::new("M-1", "Coffee Ltd", "5814"), Party::new("S-1", "Corner", "5814"))
}

fn card() -> Card {
    Card::new("4054695723100768", "12", "29")
        .with_cvv("123")
        .with_holder(UserName::new().with_first_name("Ada").with_last_name("L"))
}

fn json(request: &PayRequest) -> String {
    String::from_utf8(request.to_json()).unwrap()
}

fn problems(request: &PayRequest, cards: CardMode) -> Vec<String> {
    let context = Context { cards, payment_method: None };
    check::problems(request, context).iter().map(|problem| problem.pointer().into()).collect()
}

#[test]
fn order_codes_have_their_fixed_values() {
    let request = order_code(purchase(), shop());
    assert_eq!(problems(&request, CardMode::Hosted), [""; 0]);
    assert_eq!(
        json(&request),
        concat!(
            r#"{"productCode":"IN_STORE_PAYMENT","paymentRequestId":"PAY-1","order":{"referenceOrderId":"ORDER-1","#,
            r#""orderDescription":"Two coffees","orderAmount":{"currency":"SGD","value":"950"},"merchant":"#,
            r#"{"referenceMerchantId":"M-1","merchantMCC":"5814","merchantName":"Coffee Ltd","store":"#,
            r#"{"referenceStoreId":"S-1","storeName":"Corner","storeMCC":"5814"}}},"#,
            r#""paymentAmount":{"currency":"SGD","value":"950"},"#,
            r#""paymentMethod":{"paymentMethodType":"CONNECT_WALLET"},"#,
            r#""paymentFactor":{"inStorePaymentScenario":"OrderCode"}}"#
        )
    );
}

#[test]
fn the_other_store_codes_add_what_they_need() {
    let entry = json(&entry_code(purchase(), shop(), "Browser/1"));
    assert!(entry.contains(r#""env":{"userAgent":"Browser/1"}"#), "{entry}");
    assert!(entry.contains(r#""inStorePaymentScenario":"EntryCode""#), "{entry}");
    let shown = user_presented_code(purchase(), shop(), Terminal::new("T-1", "2026-01-02T03:04:05Z"), "2888");
    let text = json(&shown);
    let env = r#""env":{"storeTerminalId":"T-1","storeTerminalRequestTime":"2026-01-02T03:04:05Z"}"#;
    assert!(text.contains(env), "{text}");
    assert!(text.contains(r#""paymentMethodId":"2888""#), "{text}");
    assert!(text.contains(r#""inStorePaymentScenario":"PaymentCode""#), "{text}");
    assert!(!format!("{shown:?}").contains("2888"));
}

#[test]
fn online_products_have_their_fixed_values() {
    let text = json(&cashier(purchase(), PaymentMethodType::GCASH, BACK));
    assert!(text.starts_with(r#"{"productCode":"CASHIER_PAYMENT""#), "{text}");
    assert!(text.contains(r#""paymentMethod":{"paymentMethodType":"GCASH"}"#), "{text}");
    assert!(text.contains(r#""paymentRedirectUrl":"https://shop.example/back""#), "{text}");
    let text = json(&agreement(purchase(), "DANA", "token-1"));
    assert!(text.starts_with(r#"{"productCode":"AGREEMENT_PAYMENT""#), "{text}");
    assert!(
        text.contains(r#""paymentMethod":{"paymentMethodType":"DANA","paymentMethodId":"token-1"}"#),
        "{text}"
    );
}

#[test]
fn card_data_belongs_to_the_server_to_server_mode() {
    let request = card_server_to_server(purchase(), BACK, card());
    assert_eq!(problems(&request, CardMode::ServerToServer), [""; 0]);
    let map = "/paymentMethod/paymentMethodMetaData";
    let expected = ["cardNo", "cvv", "expiryYear", "expiryMonth"].map(|name| format!("{map}/{name}"));
    assert_eq!(problems(&request, CardMode::Hosted), expected);
    for harmless in [card_hosted(purchase(), BACK), card_stored(purchase(), BACK, "card-token")] {
        assert_eq!(problems(&harmless, CardMode::Hosted), [""; 0]);
        assert!(json(&harmless).contains(r#""paymentFactor":{"isAuthorization":true}"#));
    }
}

#[test]
fn every_card_feature_has_its_members() {
    let mut request = card_hosted(purchase(), BACK);
    let external = ExternalThreeDs::new("2.2.0", "05").with_cavv("c4vv").with_ds_transaction_id("ds-1");
    CardMetaData::new()
        .with_card(card())
        .with_three_ds(ThreeDs::IfIssuerAsks)
        .with_external_three_ds(external)
        .with_address_check(Address::new("SG"))
        .with_brand(CardBrand::CARTES_BANCAIRES)
        .with_card_on_file()
        .apply(&mut request.payment_method);
    let text = json(&request);
    let expected = concat!(
        r#""paymentMethodMetaData":{"cardNo":"4054695723100768","cvv":"123","expiryYear":"29","expiryMonth":"12","#,
        r#""cardholderName":{"firstName":"Ada","lastName":"L"},"billingAddress":{"region":"SG"},"#,
        r#""is3DSAuthentication":false,"enableAuthenticationUpgrade":true,"#,
        r#""mpiData":{"threeDSVersion":"2.2.0","eci":"05","cavv":"c4vv","dsTransactionId":"ds-1"},"#,
        r#""isCardOnFile":true,"selectedCardBrand":"CARTES_BANCAIRES"}"#
    );
    assert!(text.contains(expected), "{text}");
    assert!(!format!("{request:?}").contains("4054"));
}

#[test]
fn merchant_initiated_payments_name_the_first_one() {
    let mut request = card_stored(purchase(), BACK, "card-token");
    let again = MerchantInitiated::new(RecurringType::SCHEDULED, "net-1");
    CardMetaData::new().with_merchant_initiated(again).apply(&mut request.payment_method);
    let expected = concat!(
        r#""paymentMethodMetaData":{"isCardOnFile":true,"is3DSAuthentication":false,"#,
        r#""enableAuthenticationUpgrade":false,"recurringType":"SCHEDULED","networkTransactionId":"net-1"}"#
    );
    assert!(json(&request).contains(expected), "{}", json(&request));
    assert_eq!(problems(&request, CardMode::Hosted), [""; 0]);
}

#[test]
fn the_limits_of_the_card_map_are_checked() {
    let mut request = card_hosted(purchase(), BACK);
    let holder = UserName::new().with_first_name("x".repeat(33)).with_last_name("L");
    CardMetaData::new()
        .with_card(Card::new("4".repeat(33), "12", "2029").with_cvv("12345").with_holder(holder))
        .apply(&mut request.payment_method);
    let map = "/paymentMethod/paymentMethodMetaData";
    let expected =
        ["cardNo", "cvv", "expiryYear", "cardholderName/firstName"].map(|name| format!("{map}/{name}"));
    assert_eq!(problems(&request, CardMode::ServerToServer), expected);
}

#[test]
fn payment_methods_have_steps_and_least_amounts() {
    let small = |currency, value| Purchase::new("P", "O", "x", Amount::new(currency, value));
    let request = cashier(small(Currency::IDR, 29_900), PaymentMethodType::DANA, BACK);
    assert_eq!(problems(&request, CardMode::Hosted), ["/paymentAmount/value"]);
    let request = cashier(small(Currency::TWD, 150), PaymentMethodType::JKOPAY, BACK);
    assert_eq!(problems(&request, CardMode::Hosted), ["/paymentAmount/value"]);
    let request = cashier(small(Currency::IDR, 30_000), PaymentMethodType::DANA, BACK);
    assert_eq!(problems(&request, CardMode::Hosted), [""; 0]);
    // A broken amount is named once, for the order and for the payment.
    let request = cashier(small(Currency::IDR, 29_950), PaymentMethodType::DANA, BACK);
    assert_eq!(problems(&request, CardMode::Hosted), ["/order/orderAmount/value", "/paymentAmount/value"]);

    let refund = RefundRequest::new("R-1", "P-1", Amount::new(Currency::IDR, 29_900));
    assert!(check::problems(&refund, Context::default()).is_empty());
    let dana = Context { payment_method: Some("DANA"), ..Context::default() };
    let found = check::problems(&refund, dana);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].pointer(), "/refundAmount/value");
}

#[test]
fn a_nested_member_that_pay_demands_is_missed() {
    let mut request = cashier(purchase(), PaymentMethodType::GCASH, BACK);
    request.order.order_description = None;
    request.order.reference_order_id = None;
    assert_eq!(problems(&request, CardMode::Hosted), ["/order/referenceOrderId", "/order/orderDescription"]);
}
