//! Every fault does what its name says, however it was asked for.

use antom_core::api::payments::{Pay, PayRequest};
use antom_core::call::ReplyError;
use antom_core::signature::MAX_GATEWAY_KEYS;

use super::fault_names::NAMES;
use super::*;

/// What a merchant's program sees of an answer.
#[derive(Debug, PartialEq)]
enum Sees {
    Result(&'static str, &'static str),
    Refused(&'static str),
    Nothing,
}

/// Asks for a payment whose id ends with the fault's name.
fn ask(shop: &mut Merchant, request: &PayRequest) -> Sees {
    let call = shop.signed::<Pay>(request);
    let handled = shop.gateway.handle(shop.now, &incoming(call.request()));
    shop.inbox.extend(handled.deliveries);
    let Some(answer) = handled.response.answer() else { return Sees::Nothing };
    match call.receive(&received(answer), &shop.keys, Now::new(shop.now, Duration::ZERO)) {
        Ok(reply) => {
            let (status, code) = code(&reply.into_value().result);
            match (&*status, &*code) {
                ("U", "PAYMENT_IN_PROCESS") => Sees::Result("U", "PAYMENT_IN_PROCESS"),
                ("U", "UNKNOWN_EXCEPTION") => Sees::Result("U", "UNKNOWN_EXCEPTION"),
                ("F", "CODE") => Sees::Result("F", "CODE"),
                ("U", "CODE") => Sees::Result("U", "CODE"),
                other => panic!("{other:?}"),
            }
        }
        Err(ReplyError::Unsigned(_)) => Sees::Refused("unsigned"),
        Err(ReplyError::Signature(_)) => Sees::Refused("signature"),
        Err(_) => Sees::Refused("unreadable"),
    }
}

#[test]
fn every_fault_of_an_answer_is_seen_and_the_effect_stays() {
    const AS_USUAL: Sees = Sees::Result("U", "PAYMENT_IN_PROCESS");
    let mut shop = Merchant::new();
    for name in NAMES {
        let fault: Fault = name.parse().unwrap();
        if fault.is_of_notification() {
            continue;
        }
        let (expected, happens) = match *name {
            "S" | "delay-30s" => (AS_USUAL, true),
            "U" => (Sees::Result("U", "UNKNOWN_EXCEPTION"), false),
            "F-CODE" => (Sees::Result("F", "CODE"), false),
            "U-CODE" => (Sees::Result("U", "CODE"), false),
            "no-answer" | "reset" => (Sees::Nothing, true),
            "html-503" => (Sees::Refused("unreadable"), true),
            "unsigned" => (Sees::Refused("unsigned"), true),
            "truncated" | "wrong-signature" => (Sees::Refused("signature"), true),
            // Without a change of keys before it is the key in use.
            "old-key" => (AS_USUAL, true),
            // Rightly signed, and about another payment: the ids do not fit.
            "foreign" => (Sees::Refused("unreadable"), true),
            other => panic!("no expectation for {other}"),
        };
        let id = format!("PAY__{name}");
        assert_eq!(ask(&mut shop, &order_code(&id, 750)), expected, "{name}");
        assert_eq!(shop.gateway.state.payment_of_request(&id).is_some(), happens, "{name}");
        // The script has one step: the next request is answered as usual.
        assert_eq!(ask(&mut shop, &order_code(&id, 750)), AS_USUAL, "{name}, again");
    }
}

#[test]
fn delays_are_said_to_the_server() {
    let mut shop = Merchant::new();
    let call = shop.signed::<Pay>(&order_code("PAY__delay-30s", 750));
    let handled = shop.gateway.handle(shop.now, &incoming(call.request()));
    assert_eq!(handled.delay, Duration::from_secs(30));
}

#[test]
fn after_a_change_of_keys_the_old_one_is_a_fault() {
    let mut shop = Merchant::new();
    // Any pair but the two that are in use: the published ones are all that tests have.
    let keys = KeySet::published().unwrap();
    let merchants = keys.merchant_private().unwrap().clone();
    assert!(matches!(shop.gateway.rotate(&merchants), Err(SettingsError::SameKey)));
    let version = shop.gateway.rotate(&keys.gateway.clone()).unwrap();
    assert_eq!((version, shop.gateway.key_version()), (KeyVersion::new(2), KeyVersion::new(2)));
    let name = |answer: &Answer| header::parse(answer.header("signature").unwrap()).unwrap().key_version;
    let mut version_of = |id: &str| {
        let call = shop.signed::<Pay>(&order_code(id, 750));
        name(shop.gateway.handle(shop.now, &incoming(call.request())).response.answer().unwrap())
    };
    assert_eq!(version_of("A"), Some(KeyVersion::new(2)));
    assert_eq!(version_of("B__old-key"), Some(KeyVersion::FIRST));
}

#[test]
fn every_fault_of_a_notification_is_seen() {
    for name in NAMES {
        let fault: Fault = name.parse().unwrap();
        if !fault.is_of_notification() {
            continue;
        }
        let mut shop = Merchant::new();
        let id = format!("PAY__{name}");
        let answer = shop.pay(&order_code(&id, 750));
        shop.buyer(&shown_code(&answer), BuyerAction::Approve).unwrap();
        let first = std::mem::take(&mut shop.inbox);
        match *name {
            "notify-twice" => assert_eq!(first.len(), 2),
            "notify-first" => assert!(first.len() == 1 && first[0].before_answer),
            "notify-lost" | "notify-late-10m" => assert!(first.is_empty(), "{name}"),
            "notify-bad-signature" => {
                assert_eq!(first.len(), 1);
                let header =
                    |name: &str| first[0].headers.iter().find(|(known, _)| *known == name).unwrap().1.clone();
                let signature = header::parse(&header("signature")).unwrap();
                let input = VerifyInput {
                    path: "/notify?shop=1".into(),
                    client_id: ClientId::new(&header("client-id")).unwrap(),
                    time: WireTime::parse(&header("request-time")).unwrap(),
                    key_hint: signature.key_version,
                    signature: signature.decode().unwrap(),
                    body: first[0].body.clone(),
                };
                assert!(Verified::signed(input, &shop.keys).is_err());
            }
            other => panic!("no expectation for {other}"),
        }
        // Whatever went wrong, the schedule goes on: the next attempt is as usual, but for one that is lost.
        shop.wait(Duration::from_secs(10 * 60));
        let next = shop.read_inbox().len();
        assert_eq!(next > 0, *name != "notify-lost", "{name}");
        assert_eq!(shop.gateway.unacknowledged(), 0, "{name}");
    }
}

#[test]
fn a_notification_is_sent_again_when_asked() {
    let mut shop = Merchant::new();
    let answer = shop.pay(&order_code("PAY-1", 750));
    shop.buyer(&shown_code(&answer), BuyerAction::Approve).unwrap();
    let id = shop.inbox[0].id;
    assert_eq!(shop.read_inbox().len(), 1);
    assert!(shop.gateway.resend(shop.now, id));
    shop.wait(Duration::ZERO);
    assert_eq!(shop.read_inbox().len(), 1);
    assert!(!shop.gateway.resend(shop.now, "N99".parse().unwrap()));
}

#[test]
fn the_merchants_key_can_be_replaced_with_overlap() {
    let mut shop = Merchant::new();
    let keys = KeySet::published().unwrap();
    assert!(shop.gateway.accept_merchant_key(keys.gateway_public().clone()).is_err());
    for _ in 0..10 {
        shop.gateway.accept_merchant_key(keys.merchant().clone()).unwrap();
    }
    assert_eq!(shop.gateway.merchant.len(), MAX_GATEWAY_KEYS);
    shop.pay(&order_code("PAY-1", 750));
}
