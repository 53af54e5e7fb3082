//! Verified bytes that fit no type stay verified: kept, acknowledged, never guessed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use antom_webhook::{Clock, Inbox, InboxEntry, Kept, Notification, Verified, testing::MemoryInbox};
use support::{GATEWAY, NOW, PATH, VERIFIER, client_id};

fn verified(body: &str) -> Verified {
    let sent = GATEWAY.sign(PATH, body.to_owned(), NOW).unwrap();
    VERIFIER.verify(&sent.head(), sent.body().clone(), NOW).unwrap()
}

#[test]
fn bodies_that_fit_no_type_are_verified_and_unreadable() {
    let deep = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
    for body in [
        "",
        " ",
        "null",
        "[]",
        "not json",
        "<html></html>",
        r#"{"notifyType":"PAYMENT_RESULT""#,
        r#"{"notifyType":"PAYMENT_RESULT","notifyType":"PAYMENT_PENDING"}"#,
        r#"{"notifyType":"PAYMENT_RESULT","paymentAmount":{"currency":"EUR","value":"1","value":"2"}}"#,
        r#"{"notifyType":"PAYMENT_RESULT"} {}"#,
        "\u{feff}{}",
        &deep,
    ] {
        let verified = verified(body);
        assert_eq!(verified.raw(), body);
        let error = verified.notification().expect_err(body);
        let text = error.to_string();
        assert!(text.contains("store it, acknowledge it and inquire"), "{text}");
    }
}

#[test]
fn a_member_of_another_shape_is_absent_and_kept() {
    let notification =
        verified(r#"{"notifyType":"PAYMENT_RESULT","paymentAmount":"a lot"}"#).notification().unwrap();
    let Notification::PaymentResult(message) = &notification else { panic!("{notification:?}") };
    assert_eq!(message.payment_amount, None);
    assert!(message.rest.get("paymentAmount").is_some());
    assert!(!format!("{notification:?}").contains("a lot"), "{notification:?}");
}

#[test]
fn what_is_not_known_is_unknown_and_no_error() {
    for body in [
        "{}",
        r#"{"notifyType":"PAYMENT_RESULT2"}"#,
        r#"{"notifyType":7}"#,
        r#"{"notifyType":["PAYMENT_RESULT"]}"#,
        r#"{"someNewThing":{"a":[1]}}"#,
    ] {
        let notification = verified(body).notification().expect(body);
        assert!(matches!(notification, Notification::Unknown(_)), "{body}: {notification:?}");
    }
}

#[tokio::test]
async fn unreadable_notifications_are_kept_and_acknowledged() {
    let inbox = MemoryInbox::new();
    let clock = Clock::fixed(NOW);
    for body in ["not json", r#"{"a":1,"a":2}"#, "{}"] {
        for expected in [Kept::Now, Kept::Before] {
            let entry = InboxEntry::new(verified(body), NOW);
            let (ack, kept) = antom_webhook::Ack::after(&client_id(), &clock, inbox.keep(&entry)).await;
            assert!(ack.is_success());
            assert_eq!(kept, Ok(expected), "{body}");
        }
    }
    assert_eq!(inbox.entries().len(), 3);
}
