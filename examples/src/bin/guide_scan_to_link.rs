//! Scan to Link: the buyer scans once and agrees, the shop pays by token from then on, refreshes it in time, and takes it
//! back in the end. The guide is docs/guides/scan-to-link.md.
#![allow(clippy::print_stdout)] // It is a program for a terminal.

use std::time::Duration;

use antom::core::api::authorizations::ConsultRequest;
use antom::core::api::models::{PaymentMethodType, ScopeType, TerminalType};
use antom::core::flow::payment::PaymentState;
use antom::core::preset::{self, Purchase};
use antom::core::profile::ProductFamily;
use antom_examples::open::{OpenShop, place};
use antom_examples::{Failure, price};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let open = OpenShop::open(ProductFamily::Online).await?;
    let tokens = open.shop.tokens();

    // Consult: the answer is a URL to show as a code. `authState` is made here, hard to guess, and stored first.
    let request = ConsultRequest::new(
        "GCASH",
        "https://shop.example/linked",
        vec![ScopeType::AGREEMENT_PAY],
        "",
        TerminalType::WEB,
    )
    .with_auth_notify_url(open.notify_url.clone());
    let turn = tokens.authorize("BUYER-1", request).await?;
    let (state, code) = (turn.grant.auth_state().to_owned(), place(turn.show())?);
    println!("the shop shows a code to scan");

    // From here on this program is the buyer, who agrees in the wallet.
    open.sandbox.buyer_approves(&code)?;
    open.sandbox.idle().await;

    // The authorization code came by notification; the keeper trades it for a token within its minute.
    println!("the authorization is {:?}", tokens.get(&state).await?.state());
    open.pass(Duration::ZERO).await?;
    let grant = tokens.get(&state).await?;
    println!("the authorization is {:?}", grant.state());

    // From now on the shop pays without the buyer.
    let token = grant.token().ok_or("a token")?.clone();
    let purchase = Purchase::new("PAY-1", "RIDE-1", "A ride", price());
    let request = preset::agreement(purchase, PaymentMethodType::GCASH, token.access_token.clone())
        .with_payment_notify_url(open.notify_url.clone());
    open.shop.orders().pay_with_token("RIDE-1", request, &state).await?;
    open.pass(Duration::from_secs(60)).await?;
    let ride = open.shop.orders().get("RIDE-1").await?;
    let PaymentState::Paid { captured } = ride.state() else {
        return Err(format!("not paid: {:?}", ride.state()).into());
    };
    println!("RIDE-1 is paid: {captured}");

    // A year later the keeper has refreshed the token, ten days before its end.
    open.pass(360 * DAY).await?;
    let newer = tokens.get(&state).await?.token().ok_or("a token")?.clone();
    println!("the token was refreshed: {}", newer.access_token != token.access_token);

    // The buyer leaves: the token is taken back, and pays no more.
    let turn = tokens.revoke(&state).await?;
    println!("the authorization is {:?}", turn.grant.state());
    let purchase = Purchase::new("PAY-2", "RIDE-2", "A ride", price());
    let request = preset::agreement(purchase, PaymentMethodType::GCASH, newer.access_token);
    let refused = open.shop.orders().pay_with_token("RIDE-2", request, &state).await;
    println!("RIDE-2 is refused before anything is sent: {}", refused.is_err());
    Ok(())
}
