//! Unofficial Rust SDK for [Antom](https://docs.antom.com/)'s payments API. It has no affiliation with Antom.
//!
//! ```no_run
//! use antom::prelude::*;
//! use antom::core::api::payments::InquiryPaymentRequest;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder()
//!     .region(Region::Asia)
//!     .client_id("SANDBOX_5Y0000000000000000")
//!     .private_key(KeySource::env("ANTOM_PRIVATE_KEY"))
//!     .gateway_key(1, KeySource::file("antom-public-key.pem"))
//!     .build()?;
//!
//! let request = InquiryPaymentRequest::new().with_payment_request_id("order-42-1");
//! match client.payments().inquiry_payment(&request).await? {
//!     // The call was answered, which does not mean that the order is paid: read the answer.
//!     Outcome::Completed(reply) => println!("{:?}", reply.value().payment_status),
//!     other => println!("{other:?}"),
//! }
//! # Ok(()) }
//! ```
//!
//! | you want to | look at |
//! | --- | --- |
//! | make calls | [`Client`] and its groups, such as [`Client::payments`] |
//! | know what a call came to | [`Outcome`](core::outcome::Outcome) |
//! | know what happened to the money | [`core::flow`] |
//! | see one payment through to its end, without a store | `Payment::settle` |
//! | keep orders and tokens in a database, with workers | `shop` (feature `store`) |
//! | make calls without a runtime | `blocking::Client` (feature `blocking`) |
//! | use an API key instead of RSA keys | [`ApiKeyClient`] |
//! | count and time calls | [`transport::observe`], the feature `tracing` |
//! | receive notifications | [`Client::webhook_verifier`], [`webhook`] |
//! | use another HTTP stack or runtime | [`transport`] |
//! | do all I/O yourself | [`core`] alone |
//! | build one of the usual systems, step by step | [`guide`] |
#![cfg_attr(docsrs, feature(doc_cfg))]

mod client;
pub mod groups;
pub mod guide;
pub mod prelude;
#[cfg(feature = "qr")]
#[cfg_attr(docsrs, doc(cfg(feature = "qr")))]
pub mod qr;

#[cfg(feature = "payments")]
mod attempt;
#[cfg(feature = "payments")]
mod settle;
#[cfg(feature = "store")]
#[cfg_attr(docsrs, doc(cfg(feature = "store")))]
pub mod shop;

pub use antom_core as core;
#[cfg(feature = "reports")]
#[cfg_attr(docsrs, doc(cfg(feature = "reports")))]
pub use antom_reports as reports;
#[cfg(feature = "store")]
#[cfg_attr(docsrs, doc(cfg(feature = "store")))]
pub use antom_store as store;
pub use antom_transport as transport;
#[cfg(feature = "webhook")]
#[cfg_attr(docsrs, doc(cfg(feature = "webhook")))]
pub use antom_webhook as webhook;

#[cfg(feature = "blocking")]
#[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
pub use client::blocking;
pub use client::builder;
#[cfg(feature = "payments")]
#[cfg_attr(docsrs, doc(cfg(feature = "payments")))]
pub use settle::{Payment, SettleError, Settled};

pub use client::{
    ApiKeyClient, ApiKeyClientBuilder, Client, ClientBuilder, ConfigError, ConfigProblem, GatewayKeys,
    KeySource, KeySourceError,
};

/// The example of this crate's README, compiled.
#[cfg(all(doctest, feature = "reqwest", feature = "payments"))]
#[doc = include_str!("../README.md")]
struct Readme;
