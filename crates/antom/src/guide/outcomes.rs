//! Outcomes: what a call came to, and what that says about money.
//!
//! Two questions, two types. An [`Outcome`](crate::core::outcome::Outcome) speaks of the call, a
//! [`PaymentState`](crate::core::flow::payment::PaymentState) of the money.
//!
//! ```no_run
//! # async fn example(client: antom::Client, request: antom::core::api::payments::PayRequest)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! use antom::prelude::*;
//!
//! match client.payments().pay(&request).await? {
//!     Outcome::Accepted(reply) => println!("under way; show {:?}", reply.value().normal_url.is_some()),
//!     Outcome::Completed(reply) => println!("answered, which is not paid: {:?}", reply.result()),
//!     Outcome::Declined(declined) => println!("refused: {:?}", declined.advice),
//!     Outcome::Unresolved(unknown) => println!("inquire by {:?}, with {:?}", unknown.inquire, unknown.ids),
//!     later => println!("a later version knows more: {later:?}"),
//! }
//! # Ok(()) }
//! ```
//!
//! An error instead of an outcome means that nothing was sent. `Unresolved` is never "failed": the request may have
//! taken effect. Inquire, then send the *same* id again; another id may pay twice.
//!
//! [`Payment::settle`](crate::Payment::settle) does all of that for one payment, in one program, without a store; the
//! feature `store` has `shop`, which does it for many, on any number of machines:
//!
//! ```no_run
//! # async fn example(client: antom::Client, request: antom::core::api::payments::PayRequest)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! use antom::Payment;
//! use antom::core::flow::payment::{PaymentState, Product};
//!
//! let settled = Payment::new(request, Product::Cashier).settle(&client, |show| println!("{show:?}")).await?;
//! match settled.payment.state() {
//!     PaymentState::Paid { captured } => println!("{captured} taken"),
//!     PaymentState::Failed | PaymentState::Cancelled => println!("proven: nothing was, and nothing will be"),
//!     other => println!("a person has to look: {other:?}"),
//! }
//! # Ok(()) }
//! ```
