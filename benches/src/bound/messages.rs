//! The messages with serde's derive: just the members that the documents have.
#![allow(missing_docs, reason = "the names are those of the wire")]

use serde::{Deserialize, Serialize};

macro_rules! messages {
    ($($name:ident { $($field:ident: $type:ty,)* })*) => { $(
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name { $(
            #[serde(skip_serializing_if = "Option::is_none")]
            pub $field: Option<$type>,
        )* }
    )* };
}

messages! {
    Amount { currency: String, value: String, }
    ResultInfo { result_code: String, result_status: String, result_message: String, }
    UserName { first_name: String, last_name: String, }
    Address { region: String, state: String, city: String, address1: String, address2: String, zip_code: String, }
    Goods {
        reference_goods_id: String, goods_name: String, goods_category: String, goods_brand: String,
        goods_unit_amount: Amount, goods_quantity: String, goods_url: String, delivery_method_type: String,
    }
    Shipping {
        shipping_name: UserName, shipping_address: Address, shipping_carrier: String, shipping_phone_no: String,
        ship_to_email: String,
    }
    Buyer {
        reference_buyer_id: String, buyer_name: UserName, buyer_phone_no: String, buyer_email: String,
        buyer_registration_time: String, is_account_verified: bool, successful_order_count: i64,
    }
    Order {
        reference_order_id: String, order_description: String, order_amount: Amount, merchant: Merchant,
        goods: Vec<Goods>, shipping: Shipping, buyer: Buyer,
    }
    PaymentMethod { payment_method_type: String, }
    PaymentFactor { is_authorization: bool, }
    SettlementStrategy { settlement_currency: String, }
    BrowserInfo { java_enabled: bool, java_script_enabled: bool, language: String, }
    Env {
        terminal_type: String, user_agent: String, client_ip: String, browser_info: BrowserInfo,
        color_depth: String, screen_height: String, screen_width: String, time_zone_offset: i64,
        device_language: String,
    }
    PayRequest {
        product_code: String, payment_request_id: String, order: Order, payment_amount: Amount,
        payment_method: PaymentMethod, payment_expiry_time: String, payment_redirect_url: String,
        payment_notify_url: String, payment_factor: PaymentFactor, settlement_strategy: SettlementStrategy,
        env: Env, merchant_region: String,
    }
    RedirectActionForm { method: String, redirect_url: String, action_form_type: String, }
    PayResponse {
        result: ResultInfo, payment_request_id: String, payment_id: String, payment_amount: Amount,
        payment_create_time: String, redirect_action_form: RedirectActionForm,
        gross_settlement_amount: Amount, normal_url: String, scheme_url: String, applink_url: String,
    }
    PspCustomerInfo { psp_name: String, psp_customer_id: String, display_customer_id: String, }
    PaymentNotification {
        notify_type: String, result: ResultInfo, payment_request_id: String, payment_id: String,
        payment_amount: Amount, payment_create_time: String, payment_time: String,
        gross_settlement_amount: Amount, psp_customer_info: PspCustomerInfo, acquirer_reference_no: String,
        payment_method_type: String,
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Merchant {
    pub reference_merchant_id: Option<String>,
    #[serde(rename = "merchantMCC")]
    pub merchant_mcc: Option<String>,
    pub merchant_name: Option<String>,
    pub merchant_address: Option<Address>,
}

#[cfg(test)]
mod tests {
    use antom::core::api::notifications::PaymentNotification as OurNotification;
    use antom::core::api::payments::{PayRequest as OurRequest, PayResponse as OurResponse};
    use antom::core::codec::{Limits, ReadMessage};
    use serde_json::Value;

    use super::*;
    use crate::fixture;

    /// Both sides carry every member of the document, so that they do the same work.
    fn both<Ours: ReadMessage, Bound: Serialize + for<'de> Deserialize<'de>>(text: &str) {
        let whole: Value = serde_json::from_str(text).unwrap();
        let ours = Ours::from_json(text.as_bytes(), &Limits::ANSWER).unwrap();
        assert!(ours.rest().is_empty());
        assert_eq!(serde_json::from_slice::<Value>(&ours.to_json()).unwrap(), whole);
        let bound: Bound = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_value(&bound).unwrap(), whole);
    }

    #[test]
    fn both_sides_carry_the_whole_documents() {
        both::<OurRequest, PayRequest>(&fixture::pay_request());
        both::<OurRequest, PayRequest>(&fixture::pay_request_of(60_000));
        both::<OurResponse, PayResponse>(fixture::pay_response());
        both::<OurNotification, PaymentNotification>(fixture::notification());
    }

    #[test]
    fn the_documents_have_the_lengths_of_the_table() {
        assert!((2200..2400).contains(&fixture::pay_request().len()), "{}", fixture::pay_request().len());
        assert!((60_000..60_400).contains(&fixture::pay_request_of(60_000).len()));
        assert!((580..620).contains(&fixture::notification().len()));
    }
}
