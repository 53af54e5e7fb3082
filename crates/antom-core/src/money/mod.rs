//! Amounts of money: a currency and a whole number of its smallest unit. No floating point anywhere.
//!
//! An [`Amount`] keeps the texts of the message it came from, so reading one never fails and never changes
//! it. Numbers come out through methods that refuse what is not a clean number, and two currencies are
//! never mixed.
//!
//! The number of decimals is known for the currencies the gateway documents; for all others it is not
//! guessed.

mod amount;
mod currency;
mod error;
mod rules;

pub use amount::Amount;
pub use currency::Currency;
pub use error::AmountError;
