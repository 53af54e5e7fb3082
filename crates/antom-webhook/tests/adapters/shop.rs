//! The merchant behind every server: two accounts, one inbox, an observer.

use std::sync::{Arc, Mutex};

use antom_webhook::signature::{ClientId, PrivateKey, sandbox_keys};
use antom_webhook::testing::{MemoryInbox, TestGateway};
use antom_webhook::{
    Ack, Clock, Delivery, Inbox, InboxEntry, Kept, Receiver, Sleep, WebhookError, WebhookVerifier,
};
use tokio::sync::{Notify, mpsc};

use crate::support::{GATEWAY, NOW, PATH, client_id};

pub(crate) const OTHER_PATH: &str = "/other/notify";
/// A small cap, so that the tests need not send much to exceed it.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// Everything a test looks at.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) receiver: Receiver,
    pub(crate) inbox: Arc<TestInbox>,
    /// Rings the alarm of a body's deadline: no test waits for time to pass.
    pub(crate) alarm: Arc<Notify>,
    pub(crate) refusals: Arc<Mutex<mpsc::UnboundedReceiver<WebhookError>>>,
}

#[derive(Debug, Default)]
pub(crate) struct TestInbox {
    pub(crate) memory: MemoryInbox,
    pub(crate) full: bool,
}

#[async_trait::async_trait]
impl Inbox for TestInbox {
    type Error = &'static str;

    async fn keep(&self, entry: &InboxEntry) -> Result<Kept, Self::Error> {
        if self.full {
            return Err("disk full");
        }
        self.memory.keep(entry).await.map_err(|never| match never {})
    }
}

/// The second account, with a key of its own.
pub(crate) fn other_gateway() -> TestGateway {
    let key = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY).unwrap();
    TestGateway::new(ClientId::new("SANDBOX_OTHER").unwrap(), &key, Default::default()).unwrap()
}

impl Shop {
    pub(crate) fn new(full: bool) -> Self {
        let verifier = |client_id: ClientId, gateway: &TestGateway, path| {
            WebhookVerifier::builder(client_id, gateway.keyring().clone())
                .path(path)
                .max_body(MAX_BODY)
                .build()
                .unwrap()
        };
        let other = other_gateway();
        let endpoints = [
            verifier(client_id(), &GATEWAY, PATH),
            verifier(ClientId::new("SANDBOX_OTHER").unwrap(), &other, OTHER_PATH),
        ];
        let alarm = Arc::new(Notify::new());
        let ringing = alarm.clone();
        let sleep = Sleep::new(move |_| {
            let ringing = ringing.clone();
            async move { ringing.notified().await }
        });
        let (tell, refusals) = mpsc::unbounded_channel();
        let receiver = Receiver::new(endpoints, sleep)
            .unwrap()
            .with_clock(Clock::fixed(NOW))
            .on_refusal(move |error| drop(tell.send(error.clone())));
        let inbox = Arc::new(TestInbox { full, ..TestInbox::default() });
        Self { receiver, inbox, alarm, refusals: Arc::new(Mutex::new(refusals)) }
    }

    /// The handler: keep, then answer.
    pub(crate) async fn handle(&self, delivery: Delivery) -> Ack {
        delivery.keep_in(&*self.inbox).await.0
    }

    /// The bodies that were kept.
    pub(crate) fn kept(&self) -> Vec<String> {
        let entries = self.inbox.memory.entries();
        entries.iter().map(|entry| String::from_utf8_lossy(entry.verified.raw()).into_owned()).collect()
    }

    /// The next refusal the observer heard of.
    #[expect(clippy::await_holding_lock, reason = "one test, one reader")]
    pub(crate) async fn refusal(&self) -> WebhookError {
        self.refusals.lock().unwrap().recv().await.unwrap()
    }
}
