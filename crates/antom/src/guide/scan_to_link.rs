//! Scan to Link: a buyer scans a code on your page, agrees in the wallet, and you hold a token that pays without them.
//!
//! ```no_run
//! # async fn example(shop: antom::shop::Shop) -> Result<(), Box<dyn std::error::Error>> {
//! use antom::core::api::authorizations::{ConsultRequest, CustomerBelongsTo};
//! use antom::core::api::models::{ScopeType, TerminalType};
//!
//! let request = ConsultRequest::new(
//!     CustomerBelongsTo::GCASH,
//!     "https://shop.example/linked",
//!     vec![ScopeType::AGREEMENT_PAY],
//!     "", // An `authState` that nobody can guess is drawn.
//!     TerminalType::WEB,
//! )
//! .with_auth_notify_url("https://shop.example/antom/notify");
//! let turn = shop.tokens().authorize("BUYER-1", request).await?;
//! let state = turn.grant.auth_state(); // Keep it in the buyer's session.
//! println!("show {:?}, then ask {state}", turn.show());
//! # Ok(()) }
//! ```
//!
//! The code comes by notification and lives for a minute. A [`TokenKeeper`](crate::shop::worker::TokenKeeper) turns it
//! into a token, refreshes the token ten days before its end, and keeps the old one until the new one is stored.
//!
//! ```no_run
//! # async fn example(shop: antom::shop::Shop, state: &str) -> Result<(), Box<dyn std::error::Error>> {
//! use antom::core::flow::token::GrantState;
//!
//! match shop.tokens().get(state).await?.state() {
//!     GrantState::Active | GrantState::Refreshing => println!("linked"),
//!     GrantState::Ended { why } => println!("over: {why:?}"),
//!     _ => println!("one moment"),
//! }
//! // The token pays no more from the moment this is stored; the gateway is asked until it confirms.
//! shop.tokens().revoke(state).await?;
//! # Ok(()) }
//! ```
//!
//! What a buyer's browser brings back in an address proves nothing. How such a token pays:
//! [`tokenised_payment`](super::tokenised_payment).
