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
use antom_examples::{NOTIFY, Play, price, two_coffees};
use antom_sandbox::Sandbox;

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
        let Play { sandbox, shop, notify_url } = Play::on(Arc::clone(&store)).await.unwrap();
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
    antom_examples::place(show).unwrap()
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
