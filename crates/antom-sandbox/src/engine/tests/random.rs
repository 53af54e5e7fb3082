//! No bytes make the gateway panic, and what is not signed changes nothing.

use proptest::prelude::*;

use super::*;

fn target() -> impl Strategy<Value = String> {
    let operation =
        proptest::sample::select(OPERATIONS).prop_map(|name| format!("/ams/sandbox/api/v1/{name}"));
    prop_oneof![3 => operation, 1 => ".{0,40}", 1 => "/ams/api/v1/[a-zA-Z/]{0,20}"]
}

/// JSON-like text with the names that handlers look for.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let name = proptest::sample::select(
        &[
            "paymentRequestId",
            "paymentId",
            "paymentAmount",
            "currency",
            "value",
            "paymentMethod",
            "paymentMethodType",
            "paymentMethodId",
            "paymentMethodMetaData",
            "cardNo",
            "productCode",
            "order",
            "paymentFactor",
            "captureMode",
            "inStorePaymentScenario",
            "refundAmount",
            "refundRequestId",
            "captureAmount",
            "captureRequestId",
            "scopes",
            "authState",
            "authCode",
            "grantType",
            "customerBelongsTo",
            "accessToken",
            "paymentExpiryTime",
            "terminalType",
            "authRedirectUrl",
            "orderAmount",
            "referenceOrderId",
            "orderDescription",
        ][..],
    );
    let scalar = prop_oneof![
        proptest::sample::select(
            &[
                "\"P1\"",
                "\"USD\"",
                "\"11\"",
                "\"CARD\"",
                "\"AGREEMENT_PAYMENT\"",
                "\"IN_STORE_PAYMENT\"",
                "\"OrderCode\"",
                "\"99999999999999999999\"",
                "\"-1\"",
                "null",
                "true",
                "[]",
                "{}",
                "1e400",
                "\"AUTHORIZATION_CODE\"",
                "[\"AGREEMENT_PAY\"]",
                "\"9999-12-31T23:59:59Z\"",
                "\"4054695723100768\"",
                "\"CASHIER_PAYMENT\"",
            ][..]
        )
        .prop_map(str::to_owned),
        "\"[ -!#-Z^-~]{0,80}\"",
    ];
    let object = scalar.prop_recursive(4, 40, 8, move |inner| {
        proptest::collection::vec((name.clone(), inner), 0..8).prop_map(|members| {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            format!("{{{}}}", members.join(","))
        })
    });
    prop_oneof![3 => object.prop_map(String::into_bytes), 1 => proptest::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_get_an_answer(
        method in "[A-Z]{0,5}",
        target in target(),
        headers in proptest::collection::vec(("(?i)client-id|request-time|signature|.{0,8}", ".{0,60}"), 0..6),
        body in body(),
    ) {
        let mut shop = Merchant::new();
        let request = GatewayRequest { method, target, headers, body: body.into() };
        let handled = shop.gateway.handle(shop.now, &request);
        prop_assert!(handled.deliveries.is_empty());
        prop_assert_eq!(handled.response.answer().unwrap().header("signature"), None);
    }

    #[test]
    fn any_signed_bytes_get_a_signed_answer(target in target(), bodies in proptest::collection::vec(body(), 1..4)) {
        prop_assume!(antom_core::signature::check_path(&target).is_ok() && target.starts_with("/ams/"));
        let mut shop = Merchant::new();
        let id = shop.gateway.settings().client_id.clone();
        for body in bodies {
            let time = WireTime::epoch_ms(shop.now);
            let content = antom_core::signature::content("POST", &target, &id, &time, &body);
            let signature = shop.signer.sign(&content).unwrap();
            let request = GatewayRequest::post(target.clone(), body)
                .with_header("client-id", id.as_str())
                .with_header("request-time", time.as_str())
                .with_header("signature", header::render(&signature, KeyVersion::FIRST));
            let handled = shop.gateway.handle(shop.now, &request);
            prop_assert!(handled.response.answer().unwrap().header("signature").is_some());
        }
        // Whatever came of it also ends: every timer and every redelivery runs out.
        let mut rounds = 0;
        while let Some(at) = shop.gateway.next_wakeup() {
            shop.gateway.tick(at);
            rounds += 1;
            prop_assert!(rounds < 200);
        }
    }

    #[test]
    fn any_text_is_no_page(at in ".{0,60}") {
        let mut shop = Merchant::new();
        prop_assert_eq!(shop.buyer(&at, BuyerAction::Approve), Err(BuyerError::Unknown));
        prop_assert_eq!(shop.buyer(&at, BuyerAction::CancelAuthorization), Err(BuyerError::Unknown));
    }
}
