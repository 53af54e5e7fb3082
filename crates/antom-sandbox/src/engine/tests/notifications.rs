use super::*;

#[test]
fn what_is_not_acknowledged_comes_again_by_the_schedule() {
    let mut shop = Merchant::new();
    let answer = shop.pay(&order_code("P1", 1000));
    let start = shop.now;
    shop.buyer(&shown_code(&answer), BuyerAction::Approve).unwrap();
    // The payment's own expiry is still on the clock; it changes nothing any more.
    let mut times = vec![Duration::ZERO];
    while let Some(at) = shop.gateway.next_wakeup() {
        let before = shop.inbox.len();
        shop.wait(at.since(shop.now));
        times.extend((before < shop.inbox.len()).then(|| at.since(start)));
    }
    let minutes: Vec<u64> = times.iter().map(|time| time.as_secs() / 60).collect();
    assert_eq!(minutes, [0, 2, 12, 22, 82, 202, 562, 1462]);
    assert_eq!(shop.gateway.unacknowledged(), 0, "given up");
    assert!(shop.gateway.journal().any(|entry| matches!(entry.event, Event::GivenUp { .. })));

    let bodies: Vec<_> = shop.inbox.iter().map(|delivery| delivery.body.clone()).collect();
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    let attempts: Vec<u8> = shop.inbox.iter().map(|delivery| delivery.attempt).collect();
    assert_eq!(attempts, [1, 2, 3, 4, 5, 6, 7, 8]);
    // Each attempt is signed for its own time.
    for delivery in &shop.inbox {
        shop.verify(delivery);
    }
    assert_ne!(shop.inbox[0].headers, shop.inbox[1].headers);
}

#[test]
fn an_acknowledgement_ends_it() {
    let mut shop = Merchant::new();
    let answer = shop.pay(&order_code("P1", 1000));
    shop.buyer(&shown_code(&answer), BuyerAction::Approve).unwrap();
    let id = shop.inbox[0].id;
    shop.gateway.delivered(shop.now, id, DeliveryResult::Refused(500));
    shop.wait(Duration::from_secs(120));
    assert_eq!(shop.inbox.len(), 2);
    shop.gateway.delivered(shop.now, id, DeliveryResult::Acknowledged);
    let expiry = answer.order_code_form.unwrap().expire_time.unwrap().instant().unwrap();
    assert!(shop.gateway.next_wakeup() > Some(expiry), "what is paid does not expire; its day is settled");
    shop.wait(Duration::from_secs(48 * 3600));
    assert_eq!(shop.inbox.len(), 2);
    assert_eq!(shop.gateway.next_wakeup(), None);
}

#[test]
fn the_requests_url_goes_before_the_accounts() {
    let mut shop = Merchant::new();
    let own = order_code("P1", 1000).with_payment_notify_url("http://127.0.0.1:9/own");
    let answer = shop.pay(&own);
    shop.buyer(&shown_code(&answer), BuyerAction::Approve).unwrap();
    assert_eq!(shop.inbox[0].url, "http://127.0.0.1:9/own");
    let refund = RefundRequest::new("R1", answer.payment_id.unwrap(), usd(1))
        .with_refund_notify_url("http://127.0.0.1:9/refund");
    shop.call::<Refund>(&refund);
    assert_eq!(shop.inbox[1].url, "http://127.0.0.1:9/refund");
    let second = shop.pay(&order_code("P2", 1000));
    shop.buyer(&shown_code(&second), BuyerAction::Approve).unwrap();
    assert_eq!(shop.inbox[2].url, NOTIFY);

    let unusable = order_code("P3", 1000).with_payment_notify_url("not a url");
    let third = shop.pay(&unusable);
    shop.buyer(&shown_code(&third), BuyerAction::Approve).unwrap();
    assert_eq!(shop.inbox.len(), 3);
    assert!(shop.gateway.journal().any(|entry| matches!(entry.event, Event::NoAddress { .. })));
}

#[test]
fn the_same_seed_gives_the_same_story() {
    let story = || {
        let mut shop = Merchant::new();
        let answer = shop.pay(&order_code("P1", 1000));
        shop.buyer(&shown_code(&answer), BuyerAction::Approve).unwrap();
        (answer, shop.inbox)
    };
    assert_eq!(story(), story());
}

#[test]
fn what_waits_is_bounded() {
    let mut shop = Merchant::new();
    let keys = KeySet::published().unwrap();
    let id = shop.gateway.settings().client_id.clone();
    let settings =
        Settings { max_objects: 3, notify_url: Some(NOTIFY.into()), ..Settings::new(id, keys, "http://h") };
    shop.gateway = Gateway::new(settings).unwrap();
    for n in 0..5 {
        let answer = shop.pay(&order_code(&format!("P{n}"), 1));
        shop.buyer(&shown_code(&answer), BuyerAction::Approve).unwrap();
    }
    assert_eq!(shop.inbox.len(), 5, "each was sent once");
    assert_eq!(shop.gateway.unacknowledged(), 3);
    let before = shop.inbox.len();
    shop.wait(Duration::from_secs(120));
    assert_eq!(shop.inbox.len() - before, 3);
}
