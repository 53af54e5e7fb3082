//! Guides: how the parts of this SDK make a payment system. Text and examples only; there is no item in here.
//!
//! | you build | read |
//! | --- | --- |
//! | a till that shows a code for each order | `order_code` |
//! | a page on which buyers link a wallet | `scan_to_link` |
//! | a shop that reserves money on cards and takes it later | `card_authorization` |
//! | payments that need no buyer | `tokenised_payment` |
//!
//! | you want to know | read |
//! | --- | --- |
//! | what a call came to, and what happened to the money | `outcomes` |
//! | how to receive notifications safely | `webhooks` |
//! | how to test what goes wrong | [`testing`] |
//!
//! The first four need the feature `store`. Whole programs for each, played by tests, are among the repository's
//! examples, and the book in its folder `docs` tells more.
//!
//! ```
//! # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
//! # use kit::{block_on, client};
//! use antom::core::api::payments::InquiryPaymentRequest;
//! use antom::prelude::*;
//! # let client = client(&[r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentStatus":"PROCESSING"}"#]);
//!
//! # block_on(async {
//! let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
//! let Outcome::Completed(reply) = client.payments().inquiry_payment(&request).await? else { panic!("no answer") };
//! // What the guides say in many words: a call that succeeded is not a payment that did.
//! assert_eq!(reply.value().payment_status.as_ref().unwrap().as_str(), "PROCESSING");
//! # Ok(()) });
//! ```

#[cfg(feature = "store")]
#[cfg_attr(docsrs, doc(cfg(feature = "store")))]
pub mod card_authorization;
#[cfg(feature = "store")]
#[cfg_attr(docsrs, doc(cfg(feature = "store")))]
pub mod order_code;
#[cfg(feature = "payments")]
#[cfg_attr(docsrs, doc(cfg(feature = "payments")))]
pub mod outcomes;
#[cfg(feature = "store")]
#[cfg_attr(docsrs, doc(cfg(feature = "store")))]
pub mod scan_to_link;
pub mod testing;
#[cfg(feature = "store")]
#[cfg_attr(docsrs, doc(cfg(feature = "store")))]
pub mod tokenised_payment;
#[cfg(feature = "webhook")]
#[cfg_attr(docsrs, doc(cfg(feature = "webhook")))]
pub mod webhooks;
