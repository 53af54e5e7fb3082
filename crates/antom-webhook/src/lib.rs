//! Receives what Antom sends: raw bytes in, a verified notification out.
//!
//! Nobody can act on a notification that Antom did not sign, nobody loses one that it did, and when
//! verification fails the error says why.
//!
//! ```text
//! head + raw body ─► WebhookVerifier ─► Verified ─► your store (DedupKey) ─► Ack::success
//!                          │                            │ failed
//!                          ▼                            ▼
//!                    WebhookError                  Ack::refuse: delivered again
//! ```
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `ring` (default) | `Keyring` checks RSA signatures |
//! | `axum`, `actix` | `Delivery` as an extractor, `Ack` as a response |
//! | `hyper` | `Receiver::receive` for every `http::Request` |
//! | `tower` | `WebhookLayer` |
//! | `tokio` | `Sleep::tokio` |
//! | `testing` | `testing`: signs notifications as the gateway would |
//!
//! With an adapter, a `Receiver` holds one [`WebhookVerifier`] for each account and hands out a
//! `Delivery`. Without one, call [`WebhookVerifier::verify`] with the bytes as they came.
//!
//! ```
//! use antom_webhook::signature::ClientId;
//! use antom_webhook::time::UnixTime;
//! use antom_webhook::{Ack, DedupKey, WebhookVerifier};
//! # use antom_webhook::testing::TestGateway;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
//! # let gateway = TestGateway::published(client_id.clone())?;
//! # let (keys, now) = (gateway.keyring().clone(), UnixTime::from_secs(1_772_360_430));
//! # let sent = gateway.sign("/notify", r#"{"notifyType":"PAYMENT_RESULT"}"#, now)?;
//! # let (head, body) = (sent.head(), sent.body().clone());
//! let verifier = WebhookVerifier::builder(client_id.clone(), keys).path("/notify").build()?;
//! let ack = match verifier.verify(&head, body, now) {
//!     Ok(verified) => {
//!         let _key = DedupKey::of(&verified); // Store both, and only then:
//!         Ack::success(&client_id, now)
//!     }
//!     Err(error) => Ack::for_error(&error), // Log `error`: it says what to do.
//! };
//! assert!(ack.is_success());
//! # Ok(()) }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod ack;
#[cfg(any(feature = "hyper", feature = "actix"))]
mod adapter;
mod clock;
mod dedup;
mod error;
mod freshness;
mod head;
mod inbox;
#[cfg(feature = "testing")]
pub mod testing;
mod verifier;

pub use ack::Ack;
#[cfg(any(feature = "hyper", feature = "actix"))]
pub use adapter::{Delivery, Receiver, Sleep};
#[cfg(feature = "tower")]
pub use adapter::{WebhookLayer, WebhookService};
pub use clock::Clock;
pub use dedup::DedupKey;
pub use error::{Cause, FailedStep, WebhookError};
pub use freshness::{Freshness, Staleness};
pub use head::{HeadHeader, WebhookHead};
pub use inbox::{Inbox, InboxEntry, Kept};
pub use verifier::{ConfigError, WebhookVerifier, WebhookVerifierBuilder};

pub use antom_core::api::notifications::Notification;
pub use antom_core::fact::{NotificationError, Proof, Verified};
/// Keys, key rings and client ids.
pub use antom_core::signature;
/// Points in time.
pub use antom_core::time;

/// The example of this crate's README, compiled.
#[cfg(all(doctest, feature = "testing"))]
#[doc = include_str!("../README.md")]
struct Readme;
