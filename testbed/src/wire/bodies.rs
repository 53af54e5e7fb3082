//! The bodies of the merchant's requests.

use antom_core::api::models::PaymentMethodType;
use antom_core::api::payments::{
    CancelRequest, CaptureRequest, InquiryPaymentRequest, InquiryRefundRequest, PayRequest, PaymentFactor,
    RefundRequest,
};
use antom_core::codec::Message;
use antom_core::money::{Amount, Currency};
use antom_core::preset::{self, Party, Purchase, Shop, Terminal};
use antom_core::time::{DateTimeText, UnixTime, UtcOffset};

use crate::book::Kind;
use crate::call::{Call, What, movement_id, order_id, pay_id};
use crate::far::Terms;

/// Where notifications go.
pub(super) const NOTIFY: &str = "http://merchant.example/notify";
const BACK: &str = "https://merchant.example/back";

fn eur(minor: u64) -> Amount {
    Amount::new(Currency::EUR, minor)
}

fn purchase(call: Call, amount: u64) -> Purchase {
    Purchase::new(pay_id(call.order, call.attempt), order_id(call.order), "A thing", eur(amount))
}

fn shop() -> Shop {
    Shop::new(Party::new("MERCHANT-1", "Corner shop", "5814"), Party::new("STORE-1", "Corner shop", "5814"))
}

/// The body of pay.
pub(super) fn pay(call: Call, terms: Terms, access_token: &str) -> Vec<u8> {
    let purchase = purchase(call, terms.ask.amount);
    let request: PayRequest = match (terms.ask.kind, terms.in_store) {
        (Kind::AtOnce, _) => {
            let terminal = Terminal::new("TILL-1", DateTimeText::at(UnixTime::EPOCH, UtcOffset::UTC));
            preset::user_presented_code(purchase, shop(), terminal, "285555555555555555")
        }
        (Kind::Asked, true) => preset::order_code(purchase, shop()),
        (Kind::Asked, false) => preset::cashier(purchase, PaymentMethodType::GCASH, BACK),
        (Kind::Wallet, _) => preset::agreement(purchase, PaymentMethodType::GCASH, access_token),
        (Kind::Card { automatic }, _) => {
            let mode = if automatic { "AUTOMATIC" } else { "MANUAL" };
            let factor = PaymentFactor::new().with_is_authorization(true).with_capture_mode(mode);
            preset::card_hosted(purchase, BACK).with_payment_factor(factor)
        }
    };
    // Whole seconds: the gateway reads no more.
    let expires = UnixTime::from_secs(UnixTime::from_millis(terms.ask.expires).as_secs());
    request
        .with_payment_expiry_time(DateTimeText::at(expires, UtcOffset::UTC))
        .with_payment_notify_url(NOTIFY)
        .to_json()
}

/// The body of any other call.
pub(super) fn other(call: Call, payment_id: &str) -> Vec<u8> {
    let id = |letter, number| movement_id(letter, call.order, call.attempt, number);
    match call.what {
        What::Pay => Vec::new(),
        What::Cancel => {
            CancelRequest::new().with_payment_request_id(pay_id(call.order, call.attempt)).to_json()
        }
        What::Inquire => {
            InquiryPaymentRequest::new().with_payment_request_id(pay_id(call.order, call.attempt)).to_json()
        }
        What::Capture { number, amount, last } => {
            CaptureRequest::new(id('C', number), payment_id, eur(amount)).with_is_last_capture(last).to_json()
        }
        What::Refund { number, amount } => RefundRequest::new(id('R', number), payment_id, eur(amount))
            .with_is_async_refund(number % 2 == 1)
            .with_refund_notify_url(NOTIFY)
            .to_json(),
        What::InquireRefund { number } => {
            InquiryRefundRequest::new().with_refund_request_id(id('R', number)).to_json()
        }
    }
}
