//! The program of docs/guides/order-code.md: a till shows a code for each order, the buyer scans it and pays.
//!
//! Everything a real till has is here: a client, a store, a route for notifications, workers. The sandbox stands where
//! Antom stands, and `main` plays the buyers as well.
#![allow(clippy::print_stdout, clippy::print_stderr)] // It is a program for a terminal.

use std::sync::Arc;

use antom::core::flow::payment::{Event as PaymentEvent, NewRefund, PaymentState, Product};
use antom::core::preset::{self, Party, Purchase};
use antom::core::signature::sandbox_keys;
use antom::prelude::*;
use antom::qr::QrImage;
use antom::shop::worker::{Courier, Handler, HandlerError, Pace, Settler, Stop, Worker, run};
use antom::shop::{Shop, ShopError};
use antom::store::{Event, MemoryStore, OutboxRow, Subject};
use antom::webhook::{Ack, Delivery, Receiver, Sleep};
use antom_examples::{Failure, NOTIFY, place};
use antom_sandbox::{Sandbox, SandboxConfig};
use async_trait::async_trait;
use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

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
    let (ack, taken) = delivery.acknowledge_after(taken).await;
    if let Err(error) = taken {
        eprintln!("not stored: {error}");
    }
    ack
}

/// The barista, who is told when an order is paid. At least once: a real one remembers the sequences it has seen.
#[derive(Debug)]
struct Barista(mpsc::Sender<String>);

#[async_trait]
impl Handler for Barista {
    async fn handle(&self, event: &OutboxRow) -> Result<(), HandlerError> {
        if let (Subject::Order(order), Event::Payment(PaymentEvent::Paid { .. })) =
            (&event.subject, &event.event)
        {
            self.0.send(order.clone()).await?;
        }
        Ok(())
    }
}

/// Asks for the payment of an order; the text of the code to draw. Each attempt to pay has an id of its own.
async fn ask(shop: &Shop, order: &str, attempt: u32, notify_url: &str) -> Result<String, Failure> {
    let purchase =
        Purchase::new(format!("{order}-{attempt}"), order, "Two coffees", Amount::new(Currency::SGD, 950));
    let place_of_sale = preset::Shop::new(
        Party::new("MERCHANT-1", "Corner Coffee Ltd", "5814"),
        Party::new("STORE-1", "Coffee at the corner", "5814"),
    );
    let request = preset::order_code(purchase, place_of_sale).with_payment_notify_url(notify_url);
    let turn = shop.orders().pay(order, request, Product::InStore).await?;
    place(turn.show())
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
    let shop = Shop::new(client.clone(), Arc::new(MemoryStore::new()))?;

    // The route for notifications.
    let receiver = Receiver::new([client.webhook_verifier(NOTIFY)?], Sleep::tokio())?
        .on_refusal(|error| eprintln!("refused: {error}"));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let notify_url = format!("http://{}{NOTIFY}", listener.local_addr()?);
    let routes = Router::new().route(NOTIFY, post(notify)).with_state(Web { shop: shop.clone(), receiver });
    tokio::spawn(async move { axum::serve(listener, routes).await });

    // The workers: one asks about orders that nobody told us about, one hands over what happened.
    let (stop, (paid, mut to_make)) = (Stop::new(), mpsc::channel(16));
    let workers: [Box<dyn Worker>; 2] =
        [Box::new(Settler::new(shop.clone())), Box::new(Courier::new(shop.clone(), Arc::new(Barista(paid))))];
    for worker in workers {
        let (shop, stop) = (shop.clone(), stop.clone());
        tokio::spawn(async move {
            run(&shop, &*worker, Pace::default(), &stop, &|round| {
                if let Err(error) = round {
                    eprintln!("{error}");
                }
            })
            .await;
        });
    }

    // The first guest scans the code and pays.
    let code = ask(&shop, "ORDER-1", 1, &notify_url).await?;
    println!("{}", QrImage::new(&code)?.terminal());
    sandbox.buyer_approves(&code)?;
    let order = to_make.recv().await.ok_or("the courier ended")?;
    println!("{order}: paid, make two coffees");
    println!("{order}: may be handed over: {}", shop.orders().get(&order).await?.may_ship());

    // One coffee was cold.
    let half = NewRefund {
        request_id: "REFUND-1".into(),
        amount: Amount::new(Currency::SGD, 475),
        capture_id: None,
    };
    shop.orders().refund("ORDER-1", half).await?;
    for line in shop.orders().ledger("ORDER-1").await? {
        println!("ORDER-1: {:?} {}", line.kind, line.amount);
    }

    // The second guest walks away.
    ask(&shop, "ORDER-2", 1, &notify_url).await?;
    let turn = shop.orders().cancel("ORDER-2").await?;
    println!("ORDER-2: closed: {}", turn.payment.state() == PaymentState::Cancelled);
    match ask(&shop, "ORDER-2", 2, &notify_url).await.map_err(|error| error.downcast::<ShopError>()) {
        Err(Ok(refused)) => println!("ORDER-2: {refused}"),
        other => return Err(format!("a closed order was paid: {other:?}").into()),
    }
    stop.stop();
    Ok(())
}
