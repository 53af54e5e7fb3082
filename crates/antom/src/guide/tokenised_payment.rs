//! Tokenised payment: an agreement that the buyer made earlier pays, without the buyer.
//!
//! Name the order after what is owed. A job that runs twice then asks for the same attempt, and nothing is sent twice.
//!
//! ```no_run
//! # async fn example(shop: antom::shop::Shop, linked: &str) -> Result<(), Box<dyn std::error::Error>> {
//! use antom::core::api::models::PaymentMethodType;
//! use antom::core::preset::{self, Purchase};
//! use antom::core::{Amount, Currency};
//! use antom::shop::ShopError;
//!
//! let purchase = Purchase::new("2026-01-1", "2026-01", "One month", Amount::new(Currency::PHP, 29_900));
//! // The shop puts the token in; this program never has it in its hands.
//! let request = preset::agreement(purchase, PaymentMethodType::GCASH, "")
//!     .with_payment_notify_url("https://shop.example/antom/notify");
//! match shop.orders().pay_with_token("2026-01", request, linked).await {
//!     Ok(turn) => println!("{:?}", turn.payment.state()),
//!     Err(ShopError::NoUsableToken) => println!("ask the buyer to link again"),
//!     // An earlier attempt may still take the money: a new one now could charge twice.
//!     Err(ShopError::Refused(why)) => println!("{why}"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(()) }
//! ```
//!
//! | what comes | means | then |
//! | --- | --- | --- |
//! | a signed refusal to the first and only send | proven: nothing was taken | another attempt may begin, when you say so |
//! | no answer | nobody knows | the workers inquire, then send the same id again |
//! | success, by answer or notification | the money is there, if the amount is the expected one | the courier tells |
