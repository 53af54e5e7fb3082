//! A shop on axum: it asks for a payment, hears from Antom that it was made, and ships.
//!
//! The orders are kept in memory here. A real shop keeps them in a store that survives a crash
//! (`antom::store`): each change is stored before the step it calls for is taken.
#![allow(clippy::print_stdout, clippy::print_stderr)] // It is a program for a terminal.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use antom::core::flow::payment::{
    Input, NewAttempt, NextStep, Payment, PaymentState, Plan, Product, Transition,
};
use antom::core::flow::{Answer, Observed, Show};
use antom::core::signature::sandbox_keys;
use antom::core::time::{DateTimeText, UnixTime, UtcOffset};
use antom::prelude::*;
use antom::webhook::{Ack, Delivery, Receiver, Sleep};
use antom_examples::{Failure, price, two_coffees};
use antom_sandbox::{Sandbox, SandboxConfig};
use axum::Router;
use axum::extract::{FromRef, Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Where Antom's notifications arrive; a part of what is signed.
const NOTIFY: &str = "/antom/notify";

#[derive(Clone)]
struct Shop {
    client: Client,
    receiver: Receiver,
    url: String,
    orders: Arc<Mutex<HashMap<String, Payment>>>,
}

impl FromRef<Shop> for Receiver {
    fn from_ref(shop: &Shop) -> Self {
        shop.receiver.clone()
    }
}

impl Shop {
    /// An order hears something; what it has to do about it is in the transition.
    fn hears(&self, order: &str, input: &Input) -> Result<Transition, Failure> {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let payment = orders.entry(order.to_owned()).or_insert_with(|| Payment::new(order, Plan::default()));
        let turn = payment.apply(input, now())?;
        *payment = turn.next.clone();
        Ok(turn)
    }

    /// Asks for the payment of an order; the text of the code to show.
    async fn pay(&self, order: &str) -> Result<String, Failure> {
        let id = format!("{order}-1");
        let expires = UnixTime::from_secs(now().saturating_add(Duration::from_secs(600)).as_secs());
        let client_id = self.client.profile().client_id().ok_or("a client id")?.clone();
        let attempt = NewAttempt::new(client_id, id.as_str(), price(), Product::InStore, expires);
        let NextStep::Send { .. } = self.hears(order, &Input::Pay(attempt))?.step else {
            return Err("the order is being paid already".into());
        };
        let request = two_coffees(&id, order)
            .with_payment_expiry_time(DateTimeText::at(expires, UtcOffset::UTC))
            .with_payment_notify_url(format!("{}{NOTIFY}", self.url));
        let outcome = self.client.payments().pay(&request).await;
        let answered = Input::PayAnswered { request_id: id, answer: Answer::pay(&outcome) };
        match self.hears(order, &answered)?.step {
            NextStep::ShowCode { show: Show::Code { text, .. }, .. } => Ok(text.expose().clone()),
            // An answer that got lost, for example: the machine says what to do, a worker does it.
            other => Err(format!("no code to show, but {other:?}").into()),
        }
    }
}

async fn order(State(shop): State<Shop>, Path(order): Path<String>) -> Result<String, StatusCode> {
    shop.pay(&order).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn state(State(shop): State<Shop>, Path(order): Path<String>) -> Result<&'static str, StatusCode> {
    let orders = shop.orders.lock().unwrap_or_else(PoisonError::into_inner);
    let payment = orders.get(&order).ok_or(StatusCode::NOT_FOUND)?;
    Ok(match payment.state() {
        PaymentState::Paid { .. } if payment.may_ship() => "shipped",
        PaymentState::Failed | PaymentState::Cancelled => "not paid",
        _ => "waiting",
    })
}

/// The delivery is verified already: nothing else gets into a `Delivery`.
async fn notify(State(shop): State<Shop>, delivery: Delivery) -> Ack {
    let heard = async {
        if let Observed::Payment(fact) = Observed::of(delivery.verified())? {
            let id = fact.request_id().and_then(|id| id.strip_suffix("-1"));
            let order = id.ok_or("a notification of no order")?.to_owned();
            // What it calls for, if anything, a worker does.
            let _turn = shop.hears(&order, &Input::PaymentNoticed(*fact))?;
        }
        Ok::<(), Failure>(())
    };
    // Not acknowledged, a notification comes again.
    let (ack, heard) = delivery.acknowledge_after(heard).await;
    if let Err(error) = heard {
        eprintln!("not taken in: {error}");
    }
    ack
}

fn now() -> UnixTime {
    UnixTime::from(SystemTime::now())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    let client = Client::builder()
        .gateway_url(sandbox.gateway_url())
        .client_id(sandbox.client_id())
        .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
        .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
        .product_family(ProductFamily::InStore)
        .build()?;
    let receiver = Receiver::new([client.webhook_verifier(NOTIFY)?], Sleep::tokio())?
        .on_refusal(|error| eprintln!("refused: {error}"));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let shop = Shop { client, receiver, url: format!("http://{address}"), orders: Arc::default() };
    let routes = Router::new()
        .route("/orders/{order}", post(order).merge(get(state)))
        .route(NOTIFY, post(notify))
        .with_state(shop);
    tokio::spawn(async move { axum::serve(listener, routes).await });

    // From here on this program is the buyer.
    let code = ask(address, "POST", "/orders/ORDER-1").await?;
    println!("before: {}", ask(address, "GET", "/orders/ORDER-1").await?);
    sandbox.buyer_approves(&code)?;
    sandbox.idle().await;
    println!("after: {}", ask(address, "GET", "/orders/ORDER-1").await?);
    Ok(())
}

/// The buyer's browser.
async fn ask(shop: std::net::SocketAddr, method: &str, path: &str) -> Result<String, Failure> {
    let mut socket = TcpStream::connect(shop).await?;
    let head =
        format!("{method} {path} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    socket.write_all(head.as_bytes()).await?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.1 200") => Ok(body.to_owned()),
        _ => Err(format!("the shop answered {answer}").into()),
    }
}
