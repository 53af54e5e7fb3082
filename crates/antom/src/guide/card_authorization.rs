//! Card authorization and capture: the bank keeps an amount aside, and you take it when goods leave.
//!
//! For a card, success means *authorised*. Nothing is taken until it is captured, so nothing is shipped on a success
//! alone; [`Plan`](crate::core::flow::payment::Plan) says it otherwise where that is wanted.
//!
//! ```no_run
//! # async fn example(shop: antom::shop::Shop) -> Result<(), Box<dyn std::error::Error>> {
//! use antom::core::api::payments::PaymentFactor;
//! use antom::core::flow::payment::{Capture, Product};
//! use antom::core::preset::{self, CardMetaData, Purchase, ThreeDs};
//! use antom::core::{Amount, Currency};
//!
//! let purchase = Purchase::new("ORDER-1-1", "ORDER-1", "Two books", Amount::new(Currency::EUR, 30_000));
//! let factor = PaymentFactor::new().with_is_authorization(true).with_capture_mode("MANUAL");
//! let mut request = preset::card_hosted(purchase, "https://shop.example/thanks")
//!     .with_payment_factor(factor)
//!     .with_payment_notify_url("https://shop.example/antom/notify");
//! CardMetaData::new().with_three_ds(ThreeDs::IfIssuerAsks).apply(&mut request.payment_method);
//! // The product says the same as the request: it decides what success means.
//! let product = Product::Card { capture: Capture::Manual };
//! let turn = shop.orders().pay("ORDER-1", request, product).await?;
//! println!("send the buyer to {:?}", turn.show());
//! # Ok(()) }
//! ```
//!
//! Capture in parts; the last one lets go of the rest. What is not wanted is cancelled.
//!
//! ```no_run
//! # async fn example(shop: antom::shop::Shop) -> Result<(), Box<dyn std::error::Error>> {
//! use antom::core::flow::payment::NewCapture;
//! use antom::core::{Amount, Currency};
//!
//! let part = |id: &str, cents, last| NewCapture {
//!     request_id: id.into(),
//!     amount: Amount::new(Currency::EUR, cents),
//!     last,
//! };
//! shop.orders().capture("ORDER-1", part("CAP-1", 12_000, false)).await?;
//! let turn = shop.orders().capture("ORDER-1", part("CAP-2", 15_000, true)).await?;
//! println!("{:?}", turn.payment.state());
//! shop.orders().cancel("ORDER-2").await?;
//! # Ok(()) }
//! ```
//!
//! [`card_server_to_server`](crate::core::preset::card_server_to_server) is for merchants who may handle card data
//! (PCI DSS). A request with a card number is stored nowhere: after a crash it is inquired or cancelled, never sent
//! again.
