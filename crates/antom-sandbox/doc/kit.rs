// What the examples of this crate stand on, taken in by hidden lines: a gateway without a socket, and a payment
// PAY-1 of 10.50 EUR in it.

use antom_core::codec::{Limits, Message as _, ReadMessage as _};
use antom_core::api::payments::PayResponse;
use antom_core::money::{Amount, Currency};
use antom_core::preset::{self, Purchase};
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use antom_sandbox::engine::{BuyerAction, Gateway, GatewayRequest, KeySet, Settings};

/// The time of the examples: 2023-11-14 22:13:20 UTC.
pub const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

pub fn settings() -> Settings {
    let client_id = ClientId::new("SANDBOX_5Y0000000000000001").unwrap();
    let mut settings = Settings::new(client_id, KeySet::published().unwrap(), "http://127.0.0.1:8080");
    settings.notify_url = Some("http://127.0.0.1:9090/notify".into());
    settings
}

/// A gateway that remembers nothing yet.
pub fn gateway() -> Gateway {
    Gateway::new(settings()).unwrap()
}

/// The payment as the merchant asks for it, signed.
pub fn request(gateway: &Gateway) -> GatewayRequest {
    let purchase = Purchase::new("PAY-1", "ORDER-1", "A book", Amount::new(Currency::EUR, 1050));
    let request = preset::cashier(purchase, "GCASH", "https://shop.example/back");
    let body = String::from_utf8(request.to_json()).unwrap();
    gateway.as_merchant(NOW, "payments/pay", &body).unwrap()
}

/// Asks for it; the URL of the buyer's page.
pub fn pay(gateway: &mut Gateway) -> String {
    let request = request(gateway);
    let handled = gateway.handle(NOW, &request);
    let answer = handled.response.answer().unwrap();
    let response = PayResponse::from_json(&answer.body, &Limits::ANSWER).unwrap();
    response.normal_url.unwrap().expose().clone()
}

/// A gateway in which the buyer paid.
pub fn paid() -> Gateway {
    let mut gateway = gateway();
    let page = pay(&mut gateway);
    gateway.buyer(NOW, &page, BuyerAction::Approve).unwrap();
    gateway
}
