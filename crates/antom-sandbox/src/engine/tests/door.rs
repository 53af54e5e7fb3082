use super::*;
use antom_core::profile::ProductFamily;

fn request(shop: &Merchant) -> GatewayRequest {
    incoming(shop.signed::<Pay>(&order_code("P1", 1000)).request())
}

fn set(request: &mut GatewayRequest, name: &str, value: Option<&str>) {
    request.headers.retain(|(known, _)| known != name);
    request.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
}

/// The request must be turned away with an unsigned answer, and must have done nothing.
fn turned_away(shop: &mut Merchant, request: &GatewayRequest, expected: &str) {
    let response = shop.send(request);
    let answer = response.answer().unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!((answer.header("signature"), answer.header("response-time")), (None, None));
    let body = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(
        body.contains(&format!("\"resultCode\":\"{expected}\"")) && body.contains("\"resultStatus\":\"F\""),
        "{body}"
    );
    assert!(shop.inbox.is_empty());
    is(&shop.inquire("P1").result, "F", "ORDER_NOT_EXIST");
}

#[test]
fn what_is_not_signed_right_gets_an_unsigned_refusal() {
    let mut shop = Merchant::new();
    let good = request(&shop);
    let change = |name: &str, value: Option<&str>| {
        let mut changed = good.clone();
        set(&mut changed, name, value);
        changed
    };
    turned_away(&mut shop, &change("signature", None), "INVALID_SIGNATURE");
    turned_away(
        &mut shop,
        &change("signature", Some("algorithm=RSA256,keyVersion=1,signature=")),
        "INVALID_SIGNATURE",
    );
    turned_away(
        &mut shop,
        &change("signature", Some("algorithm=RSA256,signature=AAAA")),
        "INVALID_SIGNATURE",
    );
    turned_away(&mut shop, &change("signature", Some("nonsense")), "INVALID_SIGNATURE");
    turned_away(&mut shop, &change("request-time", None), "INVALID_SIGNATURE");
    turned_away(&mut shop, &change("request-time", Some("1700000000001")), "INVALID_SIGNATURE");
    turned_away(&mut shop, &change("request-time", Some("yesterday")), "INVALID_SIGNATURE");
    turned_away(&mut shop, &change("client-id", None), "INVALID_CLIENT");
    turned_away(&mut shop, &change("client-id", Some("SANDBOX_other")), "INVALID_CLIENT");
    for name in ["signature", "request-time"] {
        let mut doubled = good.clone();
        let (_, value) = doubled.headers.iter().find(|(known, _)| known == name).unwrap().clone();
        doubled.headers.push((name.to_uppercase(), value));
        turned_away(&mut shop, &doubled, "INVALID_SIGNATURE");
    }
    let mut body = good.clone();
    let mut bytes = body.body.to_vec();
    bytes[20] ^= 1;
    body.body = bytes.into();
    turned_away(&mut shop, &body, "INVALID_SIGNATURE");
    for target in [
        "/ams/sandbox/api/v1/payments/capture",
        "/ams/api/v1/payments/pay",
        "/ams/sandbox/api/v1/payments/pay?x=1",
    ] {
        let other = GatewayRequest { target: target.into(), ..good.clone() };
        turned_away(&mut shop, &other, "INVALID_SIGNATURE");
    }
    for target in ["/", "", "/other", "/ams/v1/payments/pay", "/ams/sandbox/api/v1/payments/pay\n"] {
        let other = GatewayRequest { target: target.into(), ..good.clone() };
        turned_away(&mut shop, &other, "NO_INTERFACE_DEF");
    }
    let get = GatewayRequest { method: "GET".into(), ..good.clone() };
    turned_away(&mut shop, &get, "METHOD_NOT_SUPPORTED");
    // The good one still is good.
    assert!(shop.send(&good).answer().unwrap().header("signature").is_some());
    is(&shop.inquire("P1").result, "S", "SUCCESS");
}

#[test]
fn both_path_families_and_every_usual_spelling_are_let_in() {
    let mut shop = Merchant::new();
    is(&shop.pay(&order_code("P1", 1)).result, "U", "PAYMENT_IN_PROCESS");
    shop.profile = shop.profile.clone().with_family(ProductFamily::InStore);
    is(&shop.pay(&order_code("P2", 1)).result, "U", "PAYMENT_IN_PROCESS");

    // ISO time, mixed-case names, a blank in the header, a query in the path, an indented body.
    let target = "/ams/sandbox/api/v1/payments/inquiryPayment?trace=1";
    let body = b"{\n   \"paymentRequestId\": \"P1\"\n}";
    let id = shop.gateway.settings().client_id.clone();
    for time in
        ["2023-11-14T22:13:20+00:00", "2023-11-14T22:13:20Z", "2023-11-14T22:13:20+0000", "1700000000000"]
    {
        let wire = WireTime::parse(time).unwrap();
        let content = antom_core::signature::content("POST", target, &id, &wire, body);
        let signature = shop.signer.sign(&content).unwrap();
        let value = header::render(&signature, KeyVersion::FIRST).replace(',', ", ");
        let request = GatewayRequest::post(target, &body[..])
            .with_header("Client-Id", id.as_str())
            .with_header("Request-Time", time)
            .with_header("SIGNATURE", value);
        let response = shop.send(&request);
        let answer = response.answer().unwrap();
        assert!(answer.header("signature").is_some(), "{time}");
        assert_eq!(answer.header("response-time"), Some("2023-11-15T06:13:20+08:00"));
    }
}

#[test]
fn unreadable_bodies_get_a_signed_refusal() {
    let mut shop = Merchant::new();
    let id = shop.gateway.settings().client_id.clone();
    let target = "/ams/sandbox/api/v1/payments/pay";
    for body in
        [&b""[..], b"{", b"[]", b"\xff", b"{\"a\":1,\"a\":2}", b"{}", b"<html>", b"{\"paymentAmount\":7}"]
    {
        let wire = WireTime::epoch_ms(shop.now);
        let content = antom_core::signature::content("POST", target, &id, &wire, body);
        let signature = shop.signer.sign(&content).unwrap();
        let request = GatewayRequest::post(target, body)
            .with_header("client-id", id.as_str())
            .with_header("request-time", wire.as_str())
            .with_header("signature", header::render(&signature, KeyVersion::FIRST));
        let response = shop.send(&request);
        let answer = response.answer().unwrap();
        assert!(answer.header("signature").is_some());
        assert!(String::from_utf8_lossy(&answer.body).contains("PARAM_ILLEGAL"), "{answer:?}");
    }
}

#[test]
fn live_client_ids_and_mixed_up_keys_are_refused() {
    let keys = KeySet::published().unwrap();
    let settings = |id, keys| Settings::new(ClientId::new(id).unwrap(), keys, "http://127.0.0.1:1");
    assert!(matches!(Gateway::new(settings("T_LIVE", keys.clone())), Err(SettingsError::NotASandboxId)));
    let own = keys.clone().with_merchant_public_key(keys.gateway_public().clone());
    assert!(matches!(Gateway::new(settings("SANDBOX_1", own)), Err(SettingsError::SameKey)));
}

#[test]
fn faults_spoil_the_answer_and_not_the_effect() {
    let mut shop = Merchant::new();
    let mut faulty = |fault: Fault, id: &str| {
        shop.gateway.set_fault(FaultTarget::RequestId(id.into()), fault, Some(1));
        let call = shop.signed::<Pay>(&order_code(id, 1000));
        let response = shop.send(&incoming(call.request()));
        let read = response.answer().map(|answer| {
            call.receive(&received(answer), &shop.keys, Now::new(shop.now, Duration::ZERO))
                .map(|reply| reply.into_value())
        });
        (read, code(&shop.inquire(id).result))
    };
    let done = ("S".to_owned(), "SUCCESS".to_owned());
    assert_eq!(faulty(Fault::NoAnswer, "P1"), (None, done.clone()));
    for (n, fault) in
        [Fault::Unsigned, Fault::WrongSignature, Fault::HtmlPage(502), Fault::HtmlPage(200), Fault::Truncated]
            .into_iter()
            .enumerate()
    {
        let (read, effect) = faulty(fault.clone(), &format!("Q{n}"));
        assert!(matches!(read, Some(Err(_))), "{fault:?}");
        assert_eq!(effect, done, "{fault:?}");
    }
    let refuse = Fault::Refuse { code: "UNKNOWN_EXCEPTION".into(), status: ResultStatus::U };
    let (read, effect) = faulty(refuse, "P9");
    is(&read.unwrap().unwrap().result, "U", "UNKNOWN_EXCEPTION");
    assert_eq!(effect.1, "ORDER_NOT_EXIST");
    is(&shop.pay(&order_code("P9", 1000)).result, "U", "PAYMENT_IN_PROCESS");
}

#[test]
fn paths_that_the_api_does_not_have_leave_nothing_behind() {
    let mut shop = Merchant::new();
    for n in 0..50 {
        let key = "Bearer isak_TEST_id_secret";
        let request = GatewayRequest::post(format!("/ams/api/v1/payments/x{n}"), &b"{}"[..])
            .with_header("authorization", key);
        let response = shop.send(&request);
        let body = String::from_utf8(response.answer().unwrap().body.to_vec()).unwrap();
        assert!(body.contains("NO_INTERFACE_DEF"), "{body}");
    }
    assert!(shop.gateway.latest.is_empty());
    shop.pay(&order_code("P1", 1000));
    assert_eq!(shop.gateway.latest.len(), 1);
}
