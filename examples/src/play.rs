//! A shop to play with: a sandbox, a client, a store in memory and a web server for notifications, on one clock that
//! stands still until somebody waits. A year of payments takes no time this way.

use std::sync::Arc;
use std::time::Duration;

use antom::core::flow::Show;
use antom::core::signature::sandbox_keys;
use antom::core::time::{Now, UnixTime};
use antom::prelude::*;
use antom::shop::Shop;
use antom::shop::worker::{Pace, Settler, TokenKeeper, Worker};
use antom::store::{Backend, MemoryStore};
use antom::webhook::{Ack, Delivery, Receiver};
use antom_sandbox::{Clock, Sandbox, SandboxConfig};
use async_trait::async_trait;
use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::post;
use tokio::net::TcpListener;

use crate::Failure;

/// Where Antom's notifications arrive; a part of what is signed.
pub const NOTIFY: &str = "/antom/notify";

/// When the play begins.
pub const BEGIN: UnixTime = UnixTime::from_secs(1_772_360_430);

/// The sandbox's clock as the client's clock and timer: whoever waits moves it.
#[derive(Debug, Clone)]
pub struct SandboxTime(pub Arc<Sandbox>);

impl antom::transport::Clock for SandboxTime {
    fn now(&self) -> Now {
        let wall = self.0.now();
        Now::new(wall, wall.since(UnixTime::EPOCH))
    }
}

#[async_trait]
impl antom::transport::Sleep for SandboxTime {
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

async fn notify(State(web): State<Web>, delivery: Delivery) -> Ack {
    let taken = web.shop.on_notification(delivery.verified(), delivery.received_at());
    delivery.acknowledge_after(taken).await.0
}

/// Everything that a merchant has, and the other side.
#[derive(Debug)]
pub struct Play {
    /// The gateway and its buyers.
    pub sandbox: Arc<Sandbox>,
    /// The merchant's orders and tokens.
    pub shop: Shop,
    /// The address of the merchant's notifications.
    pub notify_url: String,
}

impl Play {
    /// Starts everything, on free ports of this machine.
    ///
    /// # Errors
    ///
    /// There is no port.
    pub async fn start() -> Result<Self, Failure> {
        Self::on(Arc::new(MemoryStore::new())).await
    }

    /// The same on another store.
    ///
    /// # Errors
    ///
    /// There is no port.
    pub async fn on(store: Arc<dyn Backend>) -> Result<Self, Failure> {
        let mut config = SandboxConfig::default();
        config.clock = Clock::fixed(BEGIN);
        let sandbox = Arc::new(Sandbox::start(config).await?);
        let time = SandboxTime(Arc::clone(&sandbox));
        let client = Client::builder()
            .gateway_url(sandbox.gateway_url())
            .client_id(sandbox.client_id())
            .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
            .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
            .clock(time.clone())
            .sleep(time.clone())
            .build()?;
        let shop = Shop::new(client.clone(), store)?;
        let received = antom::webhook::Clock::new(move || time.0.now());
        let receiver = Receiver::new([client.webhook_verifier(NOTIFY)?], antom::webhook::Sleep::tokio())?
            .with_clock(received);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let notify_url = format!("http://{}{NOTIFY}", listener.local_addr()?);
        let web = Web { shop: shop.clone(), receiver };
        let routes = Router::new().route(NOTIFY, post(notify)).with_state(web);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { sandbox, shop, notify_url })
    }

    /// What the workers of a real program do all the time: a round of each, again and again, until nothing is open and
    /// no token is due. The clock goes on between rounds.
    ///
    /// # Errors
    ///
    /// The store failed, a row failed, or an order is open for days.
    pub async fn work(&self) -> Result<(), Failure> {
        let (settler, keeper) = (Settler::new(self.shop.clone()), TokenKeeper::new(self.shop.clone()));
        for _ in 0..10_000 {
            // Whatever the gateway has to tell is told first.
            self.sandbox.idle().await;
            for round in [settler.round(Pace::default()).await?, keeper.round(Pace::default()).await?] {
                if let Some((subject, error)) = round.failed.into_iter().next() {
                    return Err(format!("{subject:?}: {error}").into());
                }
            }
            let measures = self.shop.measure().await?;
            if measures.orders.open == 0 && measures.grants.due == 0 {
                return Ok(());
            }
            self.sandbox.advance(Duration::from_secs(15)).await;
        }
        Err("orders are open for days".into())
    }
}

/// The text of the code, or the address of the page, that a buyer is shown.
///
/// # Errors
///
/// There is nothing to show: the answer was lost, for example, and a worker asks for it.
pub fn place(show: Option<&Show>) -> Result<String, Failure> {
    match show {
        Some(Show::Code { text, .. }) => Ok(text.expose().clone()),
        Some(Show::Redirect { url: Some(url), .. }) => Ok(url.expose().clone()),
        other => Err(format!("nothing to show the buyer: {other:?}").into()),
    }
}
