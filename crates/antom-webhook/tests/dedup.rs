//! Which notifications are the same, and that a repeat is never refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::time::Duration;

use antom_webhook::signature::ClientId;
use antom_webhook::testing::{MemoryInbox, TestGateway};
use antom_webhook::time::UnixTime;
use antom_webhook::{Ack, Clock, DedupKey, Inbox, InboxEntry, Kept, WebhookVerifier};
use support::{BODY, CLIENT, NOW, PATH};

fn key_of(client: &str, path: &str, body: &str, at: UnixTime) -> DedupKey {
    let client_id = ClientId::new(client).unwrap();
    let gateway = TestGateway::published(client_id.clone()).unwrap();
    let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path(path).build().unwrap();
    let sent = gateway.sign(path, body.to_owned(), at).unwrap();
    DedupKey::of(&verifier.verify(&sent.head(), sent.body().clone(), NOW).unwrap())
}

fn key(body: &str) -> DedupKey {
    key_of(CLIENT, PATH, body, NOW)
}

#[test]
fn a_redelivery_has_the_same_key_whatever_its_time() {
    let first = key(BODY);
    assert_eq!(key_of(CLIENT, PATH, BODY, NOW.saturating_sub(Duration::from_secs(7200))), first);
    assert_eq!(first.to_string().len(), 64);
    assert_eq!(first.as_bytes().len(), 32);
}

#[test]
fn other_client_path_or_body_is_another_notification() {
    let first = key(BODY);
    assert_ne!(key_of("SANDBOX_OTHER", PATH, BODY, NOW), first);
    assert_ne!(key_of(CLIENT, "/other", BODY, NOW), first);
    // One payment has many notifications: pending, then paid.
    let pending = BODY.replace("PAYMENT_RESULT", "PAYMENT_PENDING");
    assert_ne!(key(&pending), first);
    assert_ne!(key(&format!("{BODY} ")), first);
}

#[test]
fn the_events_id_decides_where_there_is_one() {
    let one = key(r#"{"notifyId":"N-1","status":"CREATED"}"#);
    assert_eq!(key(r#"{"status":"CREATED", "notifyId":"N-1"}"#), one);
    assert_eq!(key_of(CLIENT, "/other", r#"{"notifyId":"N-1"}"#, NOW), one);
    assert_ne!(key_of("SANDBOX_OTHER", PATH, r#"{"notifyId":"N-1"}"#, NOW), one);
    assert_ne!(key(r#"{"notifyId":"N-2","status":"CREATED"}"#), one);
    // No id, and nothing that could be mistaken for one.
    for body in [
        r#"{"notifyId":""}"#,
        r#"{"notifyId":null}"#,
        r#"{"notifyId":["N-1"]}"#,
        r#"{"inner":{"notifyId":"N-1"}}"#,
        r#"{"notifyId":"N-1","notifyId":"N-1"}"#,
        r#"{"notifyId":"N-1","a":1,"a":2}"#,
        r#"{"notifyId":"N-1"} x"#,
        r#"{"notifyId":"N-1""#,
    ] {
        assert_ne!(key(body), one, "{body}");
        assert_ne!(key(body), key(&format!("{body} ")), "{body}");
    }
}

/// The three kinds of key cannot collide by what a body says.
#[test]
fn an_id_cannot_pose_as_content() {
    let content = key("{}");
    assert_ne!(key(&format!(r#"{{"notifyId":"{PATH}\n{{}}"}}"#)), content);
    assert_ne!(key(r#"{"notifyId":"{}"}"#), content);
}

#[tokio::test]
async fn a_repeat_is_acknowledged_and_a_failure_to_store_is_refused() {
    #[derive(Debug)]
    struct Full;
    #[async_trait::async_trait]
    impl Inbox for Full {
        type Error = &'static str;
        async fn keep(&self, _: &InboxEntry) -> Result<Kept, Self::Error> {
            Err("disk full")
        }
    }
    let gateway = TestGateway::published(ClientId::new(CLIENT).unwrap()).unwrap();
    let sent = gateway.sign(PATH, BODY, NOW).unwrap();
    let verified = support::VERIFIER.verify(&sent.head(), sent.body().clone(), NOW).unwrap();
    let client_id = support::client_id();
    let entry = InboxEntry::new(verified, NOW);
    let clock = Clock::fixed(NOW);

    let (ack, kept) = Ack::after(&client_id, &clock, Full.keep(&entry)).await;
    assert_eq!((ack.status(), kept), (500, Err("disk full")));

    let inbox = MemoryInbox::new();
    for expected in [Kept::Now, Kept::Before, Kept::Before] {
        let (ack, kept) = Ack::after(&client_id, &clock, inbox.keep(&entry)).await;
        assert!(ack.is_success());
        assert_eq!(kept, Ok(expected));
    }
    assert_eq!(inbox.entries().len(), 1);
}

/// The answer is made after the work, not before it.
#[tokio::test]
async fn nothing_is_acknowledged_before_the_work_is_done() {
    use std::future::{Future, pending};
    use std::task::{Context, Poll, Waker};
    let client_id = support::client_id();
    let clock = Clock::fixed(NOW);
    let mut waiting = Box::pin(Ack::after(&client_id, &clock, pending::<Result<(), ()>>()));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(waiting.as_mut().poll(&mut cx), Poll::Pending));
}
