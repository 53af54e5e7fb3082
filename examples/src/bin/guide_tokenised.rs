//! The program of docs/guides/tokenised-payment.md: a subscription that is paid by a linked wallet every month, also in the
//! months in which something goes wrong.
//!
//! The sandbox stands where Antom stands; its clock stands still until somebody waits, so a year takes no time.
#![allow(clippy::print_stdout)] // It is a program for a terminal.

use std::time::Duration;

use antom::core::api::authorizations::{ConsultRequest, CustomerBelongsTo};
use antom::core::api::models::{PaymentMethodType, ResultStatus, ScopeType, TerminalType};
use antom::core::api::payments::PayRequest;
use antom::core::flow::payment::PaymentState;
use antom::core::flow::token::REFRESH_AHEAD;
use antom::core::preset::{self, Purchase};
use antom::prelude::*;
use antom_examples::{Failure, Play, place};
use antom_sandbox::engine::{Event, Fault, FaultTarget};

const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);

/// A buyer links a wallet; the guide before this one tells how.
async fn link(play: &Play) -> Result<String, Failure> {
    let scopes = vec![ScopeType::AGREEMENT_PAY];
    let back = "https://shop.example/linked";
    let request = ConsultRequest::new(CustomerBelongsTo::GCASH, back, scopes, "", TerminalType::WEB)
        .with_auth_notify_url(play.notify_url.clone());
    let turn = play.shop.tokens().authorize("BUYER-1", request).await?;
    play.sandbox.buyer_approves(&place(turn.show())?)?;
    play.work().await?;
    Ok(turn.grant.auth_state().to_owned())
}

/// The payment of a month: try 1, or another one after the first is proven unpaid.
fn month(play: &Play, order: &str, attempt: u32) -> PayRequest {
    let fee = Amount::new(Currency::PHP, 29_900);
    let purchase = Purchase::new(format!("{order}-{attempt}"), order, "One month", fee);
    preset::agreement(purchase, PaymentMethodType::GCASH, "").with_payment_notify_url(play.notify_url.clone())
}

/// Whether an order is paid, after the workers settled it.
async fn is_paid(play: &Play, order: &str) -> Result<bool, Failure> {
    play.work().await?;
    Ok(matches!(play.shop.orders().get(order).await?.state(), PaymentState::Paid { .. }))
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let play = Play::start().await?;
    let (shop, sandbox) = (&play.shop, &play.sandbox);
    let linked = link(&play).await?;
    let pay = FaultTarget::Operation("payments/pay".into());

    // January: all is well.
    shop.orders().pay_with_token("2026-01", month(&play, "2026-01", 1), &linked).await?;
    println!("2026-01: paid: {}", is_paid(&play, "2026-01").await?);

    // February: the wallet is empty. That is proven, so a second attempt may begin, with an id of its own.
    sandbox.advance(MONTH).await;
    let empty = Fault::Refuse { code: "USER_BALANCE_NOT_ENOUGH".into(), status: ResultStatus::F };
    sandbox.set_fault(pay.clone(), empty, Some(1));
    shop.orders().pay_with_token("2026-02", month(&play, "2026-02", 1), &linked).await?;
    println!("2026-02: paid: {}", is_paid(&play, "2026-02").await?);
    shop.orders().pay_with_token("2026-02", month(&play, "2026-02", 2), &linked).await?;
    println!("2026-02: paid at the second attempt: {}", is_paid(&play, "2026-02").await?);

    // March: the answer is lost, and the notification with it. Nobody knows, so no new attempt may begin; the workers
    // find out.
    sandbox.advance(MONTH).await;
    sandbox.set_fault(FaultTarget::RequestId("2026-03-1".into()), Fault::NoAnswer, Some(1));
    sandbox.set_fault(pay, Fault::NotifyLost, Some(1));
    let turn = shop.orders().pay_with_token("2026-03", month(&play, "2026-03", 1), &linked).await?;
    println!("2026-03: {:?}", turn.payment.state());
    if let Err(refused) = shop.orders().pay_with_token("2026-03", month(&play, "2026-03", 2), &linked).await {
        println!("2026-03: {refused}");
    }
    println!("2026-03: paid: {}", is_paid(&play, "2026-03").await?);
    let charged = sandbox.journal().iter().filter(|entry| is_pay(&entry.event, "2026-03")).count();
    println!("2026-03: pay was sent {charged} time");

    // The token ends in a year. It is refreshed ten days before, and the old one is forgotten once the new one is stored.
    let old = shop.tokens().get(&linked).await?.token().cloned().ok_or("a token")?;
    let end = old.expires.ok_or("a token that ends")?;
    sandbox.advance(end.since(sandbox.now()).saturating_sub(REFRESH_AHEAD)).await;
    play.work().await?;
    let new = shop.tokens().get(&linked).await?.token().cloned().ok_or("a token")?;
    println!("refreshed: {}", new.access_token != old.access_token && new.expires > old.expires);

    // The buyer leaves.
    let turn = shop.tokens().revoke(&linked).await?;
    println!("revoked: {:?}", turn.grant.state());
    Ok(())
}

/// Whether a request of pay for this order arrived at the gateway.
fn is_pay(event: &Event, order: &str) -> bool {
    matches!(event, Event::Request { path, reference: Some(id), .. } if path.ends_with("/pay") && id.starts_with(order))
}
