//! Order code: the till shows a code that was made for this order, and the buyer scans it.
//!
//! The preset sets what the product demands and asks for the rest. The attempt is stored before its first byte leaves,
//! so nothing is lost if the program dies, and asking again with the same id sends nothing twice.
//!
//! ```no_run
//! # async fn example(shop: antom::shop::Shop) -> Result<(), Box<dyn std::error::Error>> {
//! use antom::core::flow::Show;
//! use antom::core::flow::payment::Product;
//! use antom::core::preset::{self, Party, Purchase};
//! use antom::core::{Amount, Currency};
//!
//! let purchase = Purchase::new("ORDER-1-1", "ORDER-1", "Two coffees", Amount::new(Currency::SGD, 950));
//! let place = preset::Shop::new(
//!     Party::new("MERCHANT-1", "Corner Coffee Ltd", "5814"),
//!     Party::new("STORE-1", "Coffee at the corner", "5814"),
//! );
//! let request = preset::order_code(purchase, place).with_payment_notify_url("https://shop.example/antom/notify");
//! let turn = shop.orders().pay("ORDER-1", request, Product::InStore).await?;
//! match turn.show() {
//!     Some(Show::Code { text, .. }) => println!("draw {}", text.expose()),
//!     // The answer was lost: a worker asks, and the till asks the order again.
//!     _ => println!("one moment"),
//! }
//! # Ok(()) }
//! ```
//!
//! Then the [`Settler`](crate::shop::worker::Settler) inquires where no notification comes, and cancels at the expiry
//! what nobody paid; the [`Courier`](crate::shop::worker::Courier) hands over what happened. Hand the coffee over when
//! [`may_ship`](crate::core::flow::payment::Payment::may_ship) says so, and for no other reason:
//!
//! ```no_run
//! # async fn example(shop: antom::shop::Shop) -> Result<(), Box<dyn std::error::Error>> {
//! use antom::core::flow::payment::NewRefund;
//! use antom::core::{Amount, Currency};
//!
//! if shop.orders().get("ORDER-1").await?.may_ship() {
//!     println!("make two coffees");
//! }
//! // One was cold. More than was taken is refused here, before anything is sent.
//! let half = NewRefund {
//!     request_id: "REFUND-1".into(),
//!     amount: Amount::new(Currency::SGD, 475),
//!     capture_id: None,
//! };
//! shop.orders().refund("ORDER-1", half).await?;
//! # Ok(()) }
//! ```
//!
//! The text of a code opens a payment: show it, and log it nowhere. The feature `qr` draws it.
