use std::sync::Arc;
use std::time::Duration;

use antom::core::api::models::PaymentMethodType;
use antom::core::preset::{self, Purchase};
use antom::core::secret::Secret;
use antom::core::signature::sandbox_keys;
use antom::core::{Amount, Currency};
use antom::shop::worker::{
    Courier, Handler, HandlerError, Pace, Round, Settler, Stop, Worker, run as go_round,
};
use antom::shop::{Shop, ShopError};
use antom::store::{Event, OutboxRow, Subject, open};
use antom::{Client, core::flow::payment};
use async_trait::async_trait;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Failure, cipher, number_of, order_id};

/// What a child is told.
#[derive(Debug, Clone)]
pub struct ChildSettings {
    /// The store.
    pub store: String,
    /// The sandbox.
    pub gateway: String,
    /// The hub.
    pub hub: String,
    /// The token that pays.
    pub token: String,
}

/// A handle on the parent.
#[derive(Debug, Clone)]
struct Hub {
    address: String,
}

impl Hub {
    async fn next(&self) -> Result<Option<u64>, Failure> {
        Ok(self.ask("GET", "next").await?.parse().ok())
    }

    async fn say(&self, path: &str) -> Result<(), Failure> {
        self.ask("POST", path).await.map(drop)
    }

    /// One request on a connection of its own; the body of a good answer.
    async fn ask(&self, method: &str, path: &str) -> Result<String, Failure> {
        let mut socket = TcpStream::connect(&self.address).await?;
        let head = format!(
            "{method} /{path} HTTP/1.1\r\nhost: hub\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).await?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await?;
        match answer.split_once("\r\n\r\n") {
            Some((head, body)) if head.starts_with("HTTP/1.1 200") => Ok(body.to_owned()),
            _ => Err("the hub refused".into()),
        }
    }
}

/// The merchant's program: it tells the hub what it was told.
#[async_trait]
impl Handler for Hub {
    async fn handle(&self, event: &OutboxRow) -> Result<(), HandlerError> {
        if let (Subject::Order(id), Event::Payment(payment::Event::Paid { .. })) =
            (&event.subject, &event.event)
        {
            let number = number_of(id).ok_or("an order of nobody")?;
            self.say(&format!("event/{}/{number}", event.sequence)).await?;
        }
        Ok(())
    }
}

/// Four workers, until they are killed: a till, two settlers, a courier.
///
/// # Errors
///
/// The store or the client cannot be made.
pub async fn run(settings: ChildSettings) -> Result<(), Failure> {
    let client = Client::builder()
        .gateway_url(&settings.gateway)
        .client_id("SANDBOX_5Y0000000000000001")
        .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
        .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
        .build()?;
    let store = open(&settings.store, cipher()?).await?;
    let shop = Shop::new(client, store)?;
    let hub = Hub { address: settings.hub.trim_start_matches("http://").to_owned() };
    let pace = Pace::default()
        .with_idle(Duration::from_millis(100))
        .with_lease(Duration::from_secs(5))
        .with_rows(64, 16);
    let (stop, watch) = (Stop::new(), |_: Result<&Round, &ShopError>| ());
    let settlers = [Settler::new(shop.clone()), Settler::new(shop.clone())];
    let courier = Courier::new(shop.clone(), Arc::new(hub.clone()));
    let [one, two] = &settlers;
    tokio::join!(
        till(&shop, &hub, &settings.token),
        go_round(&shop, one as &dyn Worker, pace, &stop, &watch),
        go_round(&shop, two as &dyn Worker, pace, &stop, &watch),
        go_round(&shop, &courier as &dyn Worker, pace, &stop, &watch),
    );
    Ok(())
}

/// Begins orders as long as the hub has some, several at once.
async fn till(shop: &Shop, hub: &Hub, token: &str) {
    let lane = || async {
        loop {
            match hub.next().await {
                Ok(Some(number)) => {
                    // What could not be begun the hub gives out again.
                    if begin(shop, number, token).await.is_ok() {
                        let _ = hub.say(&format!("stored/{number}")).await;
                    }
                }
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    };
    tokio::join!(lane(), lane(), lane(), lane());
}

async fn begin(shop: &Shop, number: u64, token: &str) -> Result<(), Failure> {
    let (order, request) = (order_id(number), format!("PAY-{number}"));
    let purchase = Purchase::new(&*request, &*order, "A ride", Amount::new(Currency::SGD, 950));
    let request = preset::agreement(purchase, PaymentMethodType::GCASH, Secret::from(token));
    let orders = shop.orders();
    let request_id = request.payment_request_id.clone();
    orders.pay(&order, request, payment::Product::Tokenised).await?;
    // Most buyers look at their order at once, so that it settles while processes die; the others' orders are
    // inquired in the rhythm of the product.
    if !number.is_multiple_of(8) {
        orders.buyer_returned(&order, &request_id).await?;
    }
    Ok(())
}
