//! The documents, keys and ids that both sides work on.

use std::time::SystemTime;

use antom::core::signature::sandbox_keys;

/// The account.
pub const CLIENT_ID: &str = "SANDBOX_5Y0000000000000042";
/// Where payments are asked for.
pub const PAY_PATH: &str = "/ams/sandbox/api/v1/payments/pay";
/// Where notifications arrive.
pub const NOTIFY_PATH: &str = "/antom/notify";
/// The published pair of the merchant.
pub const MERCHANT_KEY: &str = sandbox_keys::MERCHANT_PRIVATE_KEY;
/// Its public half.
pub const MERCHANT_PUBLIC_KEY: &str = sandbox_keys::MERCHANT_PUBLIC_KEY;
/// The published pair of the gateway.
pub const GATEWAY_KEY: &str = sandbox_keys::GATEWAY_PRIVATE_KEY;
/// Its public half.
pub const GATEWAY_PUBLIC_KEY: &str = sandbox_keys::GATEWAY_PUBLIC_KEY;

/// A request of 2.3 kB.
#[must_use]
pub fn pay_request() -> String {
    include_str!("../data/pay_request.json").trim_end().to_owned()
}

/// The same request with goods until it is at least this long.
#[must_use]
pub fn pay_request_of(length: usize) -> String {
    let small = pay_request();
    let opening = "\"goods\":[";
    let (head, tail) = small.split_once(opening).expect("the request has goods");
    let mut goods = String::new();
    let mut number = 0;
    while small.len() + goods.len() < length {
        number += 1;
        goods.push_str(&format!(
            r#"{{"referenceGoodsId":"sku-1{number:05}","goodsName":"Saucer, 14 cm","goodsCategory":"home/kitchen","goodsUnitAmount":{{"currency":"USD","value":"0"}},"goodsQuantity":"1"}},"#
        ));
    }
    format!("{head}{opening}{goods}{tail}")
}

/// The answer to the request: 770 bytes.
#[must_use]
pub fn pay_response() -> &'static str {
    include_str!("../data/pay_response.json").trim_end()
}

/// A notification of 600 bytes.
#[must_use]
pub fn notification() -> &'static str {
    include_str!("../data/notification.json").trim_end()
}

/// Milliseconds since 1970, as the headers have them.
#[must_use]
pub fn now_text() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("the clock is right");
    since.as_millis().to_string()
}
