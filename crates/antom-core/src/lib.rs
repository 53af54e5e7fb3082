//! Sans-IO core of the antom SDK: everything about Antom's payments API that needs no socket, file,
//! thread, clock or random source.
//!
//! Values in, values out. Data walks one way:
//!
//! ```text
//! message → signing input → request → answer → verified fact → state → next step
//!   api        call          call      call        fact         flow      flow
//! ```
//!
//! | room | what it is for |
//! | --- | --- |
//! | [`money`], [`time`], [`secret`], [`open_enum`] | the values everything is made of |
//! | [`signature`] | bytes to sign, header, keys, signers and verifiers given by value |
//! | [`codec`] | JSON in both directions, one parser |
//! | [`api`] | the messages, generated from the API description |
//! | [`check`] | what the gateway would refuse, found before sending, on request |
//! | [`preset`] | payments as the products want them, card data typed |
//! | [`profile`] | who calls, where to, for which kind of product |
//! | [`call`], [`exchange`] | one request and its answer; the same with repetitions and a deadline |
//! | [`fact`], [`outcome`] | what is known and by what right; what a call came to |
//! | [`flow`] | what happened to the money |
//!
//! ```
//! use antom_core::{Amount, Currency, preset};
//!
//! let purchase = preset::Purchase::new("PAY-1", "ORDER-1", "A book", Amount::new(Currency::SGD, 4500));
//! let request = preset::card_hosted(purchase, "https://shop.example/back");
//! assert!(antom_core::check::problems(&request, Default::default()).is_empty());
//! ```
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

#[doc(hidden)]
pub mod __private {
    pub extern crate alloc;
}

pub mod api;
mod ascii;
pub mod call;
pub mod check;
pub mod codec;
pub mod exchange;
pub mod fact;
pub mod flow;
pub mod money;
pub mod open_enum;
pub mod outcome;
#[cfg(feature = "payments")]
pub mod preset;
pub mod profile;
pub mod secret;
pub mod signature;
pub mod time;

pub use money::{Amount, Currency};
pub use profile::Profile;

/// The example of this crate's README, compiled.
#[cfg(all(doctest, feature = "payments"))]
#[doc = include_str!("../README.md")]
struct Readme;
