//! What can be wrong with an amount.

use super::Currency;
use crate::open_enum::Shown;

/// Why an amount cannot be read, made, changed or sent.
///
/// ```
/// use antom_core::money::{Amount, Currency};
///
/// let paid = Amount::from_decimal("10.00", Currency::USD)?;
/// let asked = Amount::from_decimal("10.01", Currency::USD)?;
/// assert!(paid.checked_sub(&asked).is_err());
/// assert!(paid.same_money(&Amount::from_decimal("10", Currency::EUR)?).is_ok_and(|same| !same));
/// assert!(Amount::parse_wire("USD", "ten").check().is_err());
/// # Ok::<(), antom_core::money::AmountError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// There is no number.
    #[error("reading an amount: the number is empty; write 0 for nothing")]
    Empty,
    /// The number has a sign.
    #[error("reading an amount: the number has a sign; amounts are never negative and have no plus sign")]
    Signed,
    /// The number has a decimal point where whole smallest units are expected.
    #[error(
        "reading an amount: a decimal point in a number of smallest units; use `Amount::from_decimal` for decimal text"
    )]
    Decimals,
    /// Something other than digits.
    #[error("reading an amount: expected ASCII digits only, without blanks, separators or exponent")]
    NotDigits,
    /// More than 16 digits.
    #[error("reading or making an amount: more than 16 digits of smallest units, the most the gateway takes")]
    TooLong,
    /// More decimals than the currency has.
    #[error(
        "reading a decimal amount: {currency} has {exponent} decimals and the digits after them are not zero; round first"
    )]
    ExcessPrecision {
        /// The currency.
        currency: Currency,
        /// Its number of decimals.
        exponent: u8,
    },
    /// The currency is not three upper-case letters.
    #[error("checking an amount: `{}` is not a currency code of three upper-case letters", Shown(.currency.as_str()))]
    InvalidCurrency {
        /// The text found.
        currency: Currency,
    },
    /// The number of decimals of the currency is not known.
    #[error("checking an amount: the decimals of {} are not known; use a documented currency", Shown(.currency.as_str()))]
    UnsupportedCurrency {
        /// The currency.
        currency: Currency,
    },
    /// The number is not a multiple of the step the currency or the payment method allows.
    #[error("checking an amount: {currency} must be a multiple of {step} smallest units here; round first")]
    Step {
        /// The currency.
        currency: Currency,
        /// The step, in smallest units.
        step: u64,
    },
    /// The number is below what the payment method accepts.
    #[error("checking an amount: {method} takes at least {minimum} smallest units of {currency}")]
    BelowMinimum {
        /// The currency.
        currency: Currency,
        /// The payment method.
        method: &'static str,
        /// The smallest amount accepted, in smallest units.
        minimum: u64,
    },
    /// Two amounts of different currencies.
    #[error(
        "calculating with amounts: {} and {} do not mix; exchange is never implied",
        Shown(.left.as_str()), Shown(.right.as_str())
    )]
    CurrencyMismatch {
        /// The currency of the amount itself.
        left: Currency,
        /// The currency of the other amount.
        right: Currency,
    },
    /// The result would be below zero.
    #[error("subtracting amounts: the result would be negative")]
    Negative,
}
