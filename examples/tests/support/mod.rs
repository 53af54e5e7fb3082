//! A shop with a web server for its notifications, and workers by hand, on one clock that waiting moves.
#![allow(dead_code, reason = "each test program uses a part")]

use std::sync::Arc;
use std::time::Duration;

use antom::core::api::models::PaymentMethodType;
use antom::core::api::payments::PayRequest;
use antom::core::fact::{Verified, VerifyInput};
use antom::core::flow::Show;
use antom::core::preset::{self, Purchase};
use antom::core::signature::{
    KeyVersion, Keyring, PrivateKey, RsaSigner, Signer as _, content, sandbox_keys,
};
use antom::core::time::{UnixTime, WireTime};
use antom::prelude::*;
use antom::shop::Shop;
use antom::shop::worker::{Pace, Round, Settler, TokenKeeper, Worker};
use antom::store::{Backend, MemoryStore};
use antom::webhook::{Ack, Delivery, Receiver};
use antom_examples::{SandboxTime, price, two_coffees};
use antom_sandbox::{Clock, Sandbox, SandboxConfig};
use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::post;
use tokio::net::TcpListener;

pub(crate) use antom_examples::{BEGIN, NOTIFY};

#[derive(Clone)]
struct Web {
    shop: Shop,
    receiver: Receiver,
}

impl FromRef<Web> for Receiver {
    fn from_ref(web: &Web) -> Self {
        web.receiver.clone()
    }
}

async fn notify(State(web): State<Web>, delivery: Delivery) -> Ack {
    let taken = web.shop.on_notification(delivery.verified(), delivery.received_at());
    delivery.acknowledge_after(taken).await.0
}

pub(crate) struct World {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) store: Arc<dyn Backend>,
    pub(crate) shop: Shop,
    pub(crate) notify: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(Arc::new(MemoryStore::new())).await
    }

    pub(crate) async fn on(store: Arc<dyn Backend>) -> Self {
        let mut config = SandboxConfig::default();
        config.clock = Clock::fixed(BEGIN);
        let sandbox = Arc::new(Sandbox::start(config).await.unwrap());
        let client = Client::builder()
            .gateway_url(sandbox.gateway_url())
            .client_id(sandbox.client_id())
            .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
            .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
            .clock(SandboxTime(Arc::clone(&sandbox)))
            .sleep(SandboxTime(Arc::clone(&sandbox)))
            .build()
            .unwrap();
        let shop = Shop::new(client.clone(), Arc::clone(&store)).unwrap();
        let time = SandboxTime(Arc::clone(&sandbox));
        let receiver =
            Receiver::new([client.webhook_verifier(NOTIFY).unwrap()], antom::webhook::Sleep::tokio())
                .unwrap()
                .with_clock(antom::webhook::Clock::new(move || time.0.now()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let notify_url = format!("http://{}{NOTIFY}", listener.local_addr().unwrap());
        let routes =
            Router::new().route(NOTIFY, post(notify)).with_state(Web { shop: shop.clone(), receiver });
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { sandbox, store, shop, notify: notify_url }
    }

    pub(crate) fn coffees(&self, request: &str, order: &str) -> PayRequest {
        two_coffees(request, order).with_payment_notify_url(self.notify.clone())
    }

    pub(crate) fn cashier(&self, request: &str, order: &str) -> PayRequest {
        let purchase = Purchase::new(request, order, "A book", price());
        preset::cashier(purchase, PaymentMethodType::GCASH, "https://shop.example/thanks")
            .with_payment_notify_url(self.notify.clone())
    }

    /// Another process on the same database.
    pub(crate) fn process(&self) -> Shop {
        Shop::new(self.shop.client().clone(), Arc::clone(&self.store)).unwrap()
    }

    pub(crate) async fn settle(&self) -> Round {
        let round = Settler::new(self.process()).round(Pace::default()).await.unwrap();
        assert!(round.failed.is_empty(), "{round:?}");
        round
    }

    /// The keeper of the process that hears the notifications.
    pub(crate) async fn keep(&self) -> Round {
        let round = TokenKeeper::new(self.shop.clone()).round(Pace::default()).await.unwrap();
        assert!(round.failed.is_empty(), "{round:?}");
        round
    }

    /// Goes from one due time to the next until nothing is due any more.
    pub(crate) async fn settle_all(&self) {
        for _ in 0..10_000 {
            self.settle().await;
            let stats = self.shop.measure().await.unwrap();
            if stats.orders.open == 0 {
                return;
            }
            self.sandbox.advance(Duration::from_secs(30)).await;
        }
        panic!("orders are open for days");
    }
}

pub(crate) fn place(show: Option<&Show>) -> String {
    match show.unwrap() {
        Show::Code { text, .. } => text.expose().clone(),
        Show::Redirect { url, .. } => url.as_ref().unwrap().expose().clone(),
        other => panic!("{other:?}"),
    }
}

/// A notification signed as the gateway signs it.
pub(crate) fn signed_notice(client: &Client, body: String, at: UnixTime) -> Verified {
    let account = client.profile().client_id().unwrap().clone();
    let key = PrivateKey::parse(sandbox_keys::GATEWAY_PRIVATE_KEY).unwrap();
    let signer = RsaSigner::new(&key, KeyVersion::FIRST).unwrap();
    let (time, body) = (WireTime::epoch_ms(at), bytes::Bytes::from(body));
    let signature = signer.sign(&content("POST", NOTIFY, &account, &time, &body)).unwrap();
    let keys = Keyring::new(&account, [(KeyVersion::FIRST, key.public().clone())], None).unwrap();
    let path = NOTIFY.into();
    let input = VerifyInput { path, client_id: account, time, key_hint: None, signature, body };
    Verified::signed(input, &keys).unwrap()
}
