//! A shop whose orders survive: on SQLite, or on PostgreSQL where `DATABASE_URL` names a database.
//!
//! It begins an order, shows its code, hears from Antom that it was paid, and ships it from the outbox. Kill it
//! anywhere: begun again on the same database it goes on from there.
#![allow(clippy::print_stdout, clippy::print_stderr)] // It is a program for a terminal.

use std::sync::Arc;
use std::time::Duration;

use antom::core::flow::Show;
use antom::core::flow::payment::{Event as PaymentEvent, PaymentState, Product};
use antom::core::signature::sandbox_keys;
use antom::prelude::*;
use antom::shop::worker::{
    Courier, Handler, HandlerError, Pace, Recoverer, Settler, Stop, TokenKeeper, Worker, run,
};
use antom::shop::{Shop, ShopError};
use antom::store::{AesGcmCipher, Event, OutboxRow, Subject, open};
use antom::webhook::{Ack, Delivery, Receiver, Sleep};
use antom_examples::{Failure, two_coffees};
use antom_sandbox::{Sandbox, SandboxConfig};
use async_trait::async_trait;
use axum::Router;
use axum::extract::{FromRef, Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use tokio::net::TcpListener;

/// Where Antom's notifications arrive; a part of what is signed.
const NOTIFY: &str = "/antom/notify";

#[derive(Clone)]
struct Web {
    shop: Shop,
    receiver: Receiver,
    url: String,
}

impl FromRef<Web> for Receiver {
    fn from_ref(web: &Web) -> Self {
        web.receiver.clone()
    }
}

/// `POST /orders/{id}`: the text of the code to show.
async fn order(State(web): State<Web>, Path(order): Path<String>) -> Result<String, StatusCode> {
    let request =
        two_coffees(&format!("{order}-1"), &order).with_payment_notify_url(format!("{}{NOTIFY}", web.url));
    let turn = web.shop.orders().pay(&order, request, Product::InStore).await;
    match turn.map_err(|_| StatusCode::CONFLICT)?.show() {
        Some(Show::Code { text, .. }) => Ok(text.expose().clone()),
        // The answer got lost: a worker finds out, and the page asks again.
        _ => Err(StatusCode::ACCEPTED),
    }
}

/// `GET /orders/{id}`.
async fn state(State(web): State<Web>, Path(order): Path<String>) -> Result<&'static str, StatusCode> {
    let payment = match web.shop.orders().get(&order).await {
        Ok(payment) => payment,
        Err(ShopError::NotFound { .. }) => return Err(StatusCode::NOT_FOUND),
        Err(_) => return Err(StatusCode::SERVICE_UNAVAILABLE),
    };
    Ok(match payment.state() {
        PaymentState::Paid { .. } if payment.may_ship() => "paid",
        PaymentState::Failed | PaymentState::Cancelled => "not paid",
        _ => "waiting",
    })
}

/// Stored, and only then acknowledged; not acknowledged, it comes again.
async fn notify(State(web): State<Web>, delivery: Delivery) -> Ack {
    let taken = web.shop.on_notification(delivery.verified(), delivery.received_at());
    let (ack, taken) = delivery.acknowledge_after(taken).await;
    if let Err(error) = taken {
        eprintln!("not stored: {error}");
    }
    ack
}

/// What is done once an order is paid: at least once, so a real one remembers the sequences it has seen.
#[derive(Debug)]
struct Ship(tokio::sync::mpsc::Sender<String>);

#[async_trait]
impl Handler for Ship {
    async fn handle(&self, event: &OutboxRow) -> Result<(), HandlerError> {
        if let (Subject::Order(order), Event::Payment(PaymentEvent::Paid { .. })) =
            (&event.subject, &event.event)
        {
            self.0.send(order.clone()).await?;
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    let client = Client::builder()
        .gateway_url(sandbox.gateway_url())
        .client_id(sandbox.client_id())
        .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
        .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
        .build()?;
    // A real shop takes its keys from a key service, and keeps them.
    let cipher = Arc::new(AesGcmCipher::ephemeral()?);
    let folder = std::env::temp_dir().join(format!("antom-shop-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("shop.db");
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| format!("sqlite:{}", file.display()));
    let shop = Shop::new(client.clone(), open(&url, cipher).await?)?;

    let receiver = Receiver::new([client.webhook_verifier(NOTIFY)?], Sleep::tokio())?
        .on_refusal(|error| eprintln!("refused: {error}"));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let routes = Router::new()
        .route("/orders/{order}", post(order).merge(get(state)))
        .route(NOTIFY, post(notify))
        .with_state(Web { shop: shop.clone(), receiver, url: url.clone() });
    tokio::spawn(async move { axum::serve(listener, routes).await });

    // The workers, each on a task of its own. Any number of processes may run them.
    let (stop, (shipped, mut ships)) = (Stop::new(), tokio::sync::mpsc::channel(16));
    let workers: Vec<Box<dyn Worker>> = vec![
        Box::new(Settler::new(shop.clone())),
        Box::new(TokenKeeper::new(shop.clone())),
        Box::new(Courier::new(shop.clone(), Arc::new(Ship(shipped)))),
        Box::new(Recoverer::new(shop.clone())),
    ];
    let running: Vec<_> = workers
        .into_iter()
        .map(|worker| {
            let (shop, stop) = (shop.clone(), stop.clone());
            let pace = Pace::default().with_idle(Duration::from_millis(100));
            tokio::spawn(async move {
                run(&shop, &*worker, pace, &stop, &|round| {
                    if let Err(error) = round {
                        eprintln!("{error}");
                    }
                })
                .await;
            })
        })
        .collect();

    // From here on this program is the buyer.
    let order = format!("ORDER-{}", std::process::id());
    let path = format!("/orders/{order}");
    let code = ask(&url, "POST", &path).await?;
    println!("before: {}", ask(&url, "GET", &path).await?);
    sandbox.buyer_approves(&code)?;
    let shipped = ships.recv().await.ok_or("nothing was shipped")?;
    println!("after: {}", ask(&url, "GET", &path).await?);
    println!("shipped: {}", shipped == order);

    stop.stop();
    for worker in running {
        worker.await?;
    }
    drop(shop);
    let _ = std::fs::remove_dir_all(&folder);
    Ok(())
}

/// The buyer's browser.
async fn ask(url: &str, method: &str, path: &str) -> Result<String, Failure> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let host = url.trim_start_matches("http://");
    let mut socket = tokio::net::TcpStream::connect(host).await?;
    let head =
        format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    socket.write_all(head.as_bytes()).await?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.1 200") => Ok(body.to_owned()),
        _ => Err(format!("the shop answered {answer}").into()),
    }
}
