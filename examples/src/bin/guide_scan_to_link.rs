//! The program of docs/guides/scan-to-link.md: a buyer scans a code on the merchant's page, agrees in the wallet, and is
//! linked: from then on the merchant's payments need no buyer.
//!
//! The sandbox stands where Antom stands; its clock stands still until somebody waits.
#![allow(clippy::print_stdout)] // It is a program for a terminal.

use std::time::Duration;

use antom::core::api::authorizations::{ConsultRequest, CustomerBelongsTo};
use antom::core::api::models::{PaymentMethodType, ScopeType, TerminalType};
use antom::core::flow::payment::PaymentState;
use antom::core::flow::token::{CODE_WAIT, GrantState};
use antom::core::preset::{self, Purchase};
use antom::qr::QrImage;
use antom::shop::{ShopError, TokenTurn};
use antom_examples::{Failure, Play, place, price};
use antom_sandbox::engine::BuyerAction;

/// Asks a buyer, who is logged in here, to link a wallet.
async fn link(play: &Play, buyer: &str) -> Result<TokenTurn, Failure> {
    let request = ConsultRequest::new(
        CustomerBelongsTo::GCASH,
        "https://shop.example/linked",
        vec![ScopeType::AGREEMENT_PAY],
        "", // The shop fills in an `authState` that nobody can guess.
        TerminalType::WEB,
    )
    .with_auth_notify_url(play.notify_url.clone());
    Ok(play.shop.tokens().authorize(buyer, request).await?)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let play = Play::start().await?;
    let (shop, sandbox) = (&play.shop, &play.sandbox);

    // 1. The code to scan.
    let turn = link(&play, "BUYER-1").await?;
    let state = turn.grant.auth_state().to_owned();
    let code = place(turn.show())?;
    println!("{}", QrImage::new(&code)?.terminal());

    // 2. The buyer agrees in the wallet, and Antom tells the merchant's server.
    sandbox.buyer_approves(&code)?;
    sandbox.idle().await;
    println!("told: {:?}", shop.tokens().get(&state).await?.state());

    // 3. A worker turns the code into a token, within the minute that it lives.
    play.work().await?;
    let grant = shop.tokens().get(&state).await?;
    println!("linked: {:?}, usable: {}", grant.state(), grant.usable(sandbox.now()).is_some());

    // 4. A payment without the buyer. The token comes out of the store and is never in this program's hands.
    let purchase = Purchase::new("PAY-1", "ORDER-1", "A ride", price());
    let request = preset::agreement(purchase, PaymentMethodType::GCASH, "")
        .with_payment_notify_url(play.notify_url.clone());
    shop.orders().pay_with_token("ORDER-1", request, &state).await?;
    play.work().await?;
    let paid = shop.orders().get("ORDER-1").await?;
    println!("ORDER-1: paid: {}", matches!(paid.state(), PaymentState::Paid { .. }));

    // 5. The buyer ends it in the wallet. The token pays no more.
    sandbox.buyer(&code, BuyerAction::CancelAuthorization)?;
    sandbox.idle().await;
    println!("unlinked: {:?}", shop.tokens().get(&state).await?.state());
    let purchase = Purchase::new("PAY-2", "ORDER-2", "A ride", price());
    let request = preset::agreement(purchase, PaymentMethodType::GCASH, "");
    match shop.orders().pay_with_token("ORDER-2", request, &state).await {
        Err(error @ ShopError::NoUsableToken) => println!("ORDER-2: {error}"),
        other => return Err(format!("a dead token paid: {other:?}").into()),
    }

    // 6. Another buyer never scans the code: it is over after a quarter of an hour.
    let turn = link(&play, "BUYER-2").await?;
    sandbox.advance(CODE_WAIT + Duration::from_secs(1)).await;
    play.work().await?;
    let grant = shop.tokens().get(turn.grant.auth_state()).await?;
    println!("BUYER-2: over: {}", matches!(grant.state(), GrantState::Ended { .. }));
    Ok(())
}
