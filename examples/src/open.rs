//! A shop that is open: orders and tokens in a store, a webhook, and a gateway to talk to, all in this process and on one
//! clock. The guides' programs begin with it.

use std::sync::Arc;
use std::time::Duration;

use antom::core::flow::Show;
use antom::core::signature::sandbox_keys;
use antom::core::time::{Now, UnixTime};
use antom::prelude::*;
use antom::shop::Shop;
use antom::shop::worker::{Pace, Settler, TokenKeeper, Worker};
use antom::store::MemoryStore;
use antom::transport::{Clock as ClientClock, Sleep};
use antom::webhook::{Ack, Delivery, Receiver};
use antom_sandbox::{Clock, Sandbox, SandboxConfig};
use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::post;
use tokio::net::TcpListener;

use crate::Failure;

/// Where Antom's notifications arrive; a part of what is signed.
const NOTIFY: &str = "/antom/notify";

/// The sandbox's clock; waiting moves it, so that a year takes no time here.
#[derive(Debug, Clone)]
struct Time(Arc<Sandbox>);

impl ClientClock for Time {
    fn now(&self) -> Now {
        let wall = self.0.now();
        Now::new(wall, wall.since(UnixTime::EPOCH))
    }
}

#[async_trait::async_trait]
impl Sleep for Time {
    async fn sleep(&self, duration: Duration) {
        self.0.advance(duration).await;
    }
}

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

/// Stored, and only then acknowledged; not acknowledged, it comes again.
async fn notify(State(web): State<Web>, delivery: Delivery) -> Ack {
    let taken = web.shop.on_notification(delivery.verified(), delivery.received_at());
    delivery.acknowledge_after(taken).await.0
}

/// A shop that is open.
#[derive(Debug)]
pub struct OpenShop {
    /// The gateway, and the buyer's side of it.
    pub sandbox: Arc<Sandbox>,
    /// Orders and tokens.
    pub shop: Shop,
    /// The URL of the webhook.
    pub notify_url: String,
}

impl OpenShop {
    /// Opens it. A real shop differs in three lines: the gateway's region and keys, a store that survives, and the
    /// machine's own clock.
    ///
    /// # Errors
    ///
    /// There is no port, or no randomness.
    pub async fn open(family: ProductFamily) -> Result<Self, Failure> {
        let mut config = SandboxConfig::default();
        config.clock = Clock::fixed(UnixTime::from_secs(1_772_360_430));
        let sandbox = Arc::new(Sandbox::start(config).await?);
        let time = Time(Arc::clone(&sandbox));
        let client = Client::builder()
            .gateway_url(sandbox.gateway_url())
            .client_id(sandbox.client_id())
            .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
            .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
            .product_family(family)
            .clock(time.clone())
            .sleep(time.clone())
            .build()?;
        let shop = Shop::new(client.clone(), Arc::new(MemoryStore::new()))?;
        let receiver = Receiver::new([client.webhook_verifier(NOTIFY)?], antom::webhook::Sleep::tokio())?
            .with_clock(antom::webhook::Clock::new(move || time.now().wall));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let notify_url = format!("http://{}{NOTIFY}", listener.local_addr()?);
        let routes =
            Router::new().route(NOTIFY, post(notify)).with_state(Web { shop: shop.clone(), receiver });
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { sandbox, shop, notify_url })
    }

    /// Lets time pass, with the workers at work: orders are settled, tokens applied for and refreshed.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub async fn pass(&self, time: Duration) -> Result<(), Failure> {
        let step = Duration::from_secs(30).min(time);
        let mut passed = Duration::ZERO;
        loop {
            Settler::new(self.shop.clone()).round(Pace::default()).await?;
            TokenKeeper::new(self.shop.clone()).round(Pace::default()).await?;
            if passed >= time {
                return Ok(());
            }
            // Much time is passed in few steps.
            let step = step.max(time / 100);
            self.sandbox.advance(step).await;
            passed = passed.saturating_add(step);
        }
    }
}

/// Where the buyer goes: the text of a code, or the URL of a page.
///
/// # Errors
///
/// There is nothing to show: the answer got lost, and a worker finds out.
pub fn place(show: Option<&Show>) -> Result<String, Failure> {
    match show {
        Some(Show::Code { text, .. }) => Ok(text.expose().clone()),
        Some(Show::Redirect { url: Some(url), .. }) => Ok(url.expose().clone()),
        other => Err(format!("nothing to show: {other:?}").into()),
    }
}
