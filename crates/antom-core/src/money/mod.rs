//! Amounts of money: a currency and a whole number of its smallest unit. No floating point anywhere.
//!
//! An [`Amount`] keeps the texts of the message it came from, so reading one never fails and never changes
//! it. Numbers come out through methods that refuse what is not a clean number, and two currencies are
//! never mixed.
//!
//! The number of decimals is known for the currencies the gateway documents; for all others it is not
//! guessed.
//!
//! ```
//! use antom_core::money::{Amount, Currency};
//!
//! let price = Amount::new(Currency::JPY, 500); // The yen has no cents.
//! assert_eq!(price.to_string(), "JPY 500");
//! let price = Amount::new(Currency::EUR, 500);
//! assert_eq!(price.to_string(), "EUR 5.00");
//! ```

mod amount;
mod currency;
mod error;
mod rules;

pub use amount::Amount;
pub use currency::Currency;
pub use error::AmountError;
