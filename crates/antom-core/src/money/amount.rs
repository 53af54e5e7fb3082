//! An amount and what can be done with it.

use alloc::format;
use alloc::string::{String, ToString as _};
use core::fmt;

use super::rules::{self, Purpose};
use super::{AmountError, Currency};
use crate::codec::Rest;
use crate::open_enum::Shown;

mod wire;

/// The most digits of smallest units the gateway takes.
const MAX_DIGITS: usize = 16;
/// The greatest number of that many digits.
const MAX_MINOR: u128 = 9_999_999_999_999_999;

/// An amount of money: a currency and a number of its smallest unit, both kept as the texts they travel in.
///
/// Equality and hash are by text; [`Amount::same_money`] compares values, for which `0100` is `100`.
///
/// ```
/// use antom_core::money::{Amount, AmountError, Currency};
///
/// let price = Amount::from_decimal("10.50", Currency::USD)?;
/// assert_eq!(price.minor_units()?, 1050);
/// assert_eq!(price, Amount::new(Currency::USD, 1050));
///
/// let total = price.checked_add(&Amount::new(Currency::USD, 50))?;
/// assert_eq!(total.to_decimal()?, "11.00");
/// assert_eq!(total.to_string(), "USD 11.00");
/// assert_eq!(total.checked_sub(&price)?, Amount::from_minor(Currency::USD, 50)?);
/// assert_eq!((total.currency(), total.value_text()), (&Currency::USD, "1100"));
///
/// assert_eq!(Amount::from_decimal("500", Currency::JPY)?.minor_units()?, 500);
/// assert!(Amount::from_decimal("10.505", Currency::USD).is_err());
/// # Ok::<(), AmountError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Amount {
    currency: Currency,
    value: String,
    rest: Rest,
}

impl Amount {
    /// An amount from smallest units: cents for USD, yen for JPY.
    ///
    /// More than 16 digits are stored but refused by [`Amount::minor_units`] and all that reads the number;
    /// [`Amount::from_minor`] refuses them at once.
    pub fn new(currency: Currency, minor: u64) -> Self {
        Self { currency, value: minor.to_string(), rest: Rest::new() }
    }

    /// An amount from smallest units of any size.
    ///
    /// # Errors
    ///
    /// [`AmountError::TooLong`] for more than 16 digits.
    pub fn from_minor(currency: Currency, minor: u128) -> Result<Self, AmountError> {
        if minor > MAX_MINOR {
            return Err(AmountError::TooLong);
        }
        Ok(Self { currency, value: minor.to_string(), rest: Rest::new() })
    }

    /// An amount from decimal text: digits, and optionally a point with digits after it. Nothing is rounded.
    ///
    /// # Errors
    ///
    /// When the text has any other form, when digits beyond the currency's decimals are not zero, when the
    /// currency's decimals are not known, and when the amount breaks the currency's step (whole rupiah) or
    /// has more than 16 digits.
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, AmountError> {
        let exponent = rules::exponent(&currency)?;
        // Without a point the fraction is as good as zeros.
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        require_digits(whole)?;
        // Nothing, a sign or a second point after the point: one mistake, whatever the character.
        require_digits(fraction).map_err(|_| AmountError::NotDigits)?;
        let exponent_digits = usize::from(exponent);
        if fraction.bytes().skip(exponent_digits).any(|byte| byte != b'0') {
            return Err(AmountError::ExcessPrecision { currency, exponent });
        }
        let decimals = fraction.bytes().chain(core::iter::repeat(b'0')).take(exponent_digits);
        let minor = number(whole.bytes().chain(decimals))?;
        rules::check_currency(&currency, minor)?;
        Self::from_minor(currency, minor)
    }

    /// An amount from the two texts of a message, whatever they are. Nothing is checked; [`Amount::check`]
    /// does that.
    ///
    /// ```
    /// use antom_core::money::Amount;
    ///
    /// // As it came: reading a message never fails because of an amount.
    /// let odd = Amount::parse_wire("EURO", "ten");
    /// assert_eq!(odd.value_text(), "ten");
    /// assert!(odd.check().is_err() && odd.minor_units().is_err());
    /// ```
    pub fn parse_wire(currency: &str, value: &str) -> Self {
        Self { currency: Currency::from(currency), value: value.into(), rest: Rest::new() }
    }

    /// The currency, which may be any text when the amount came from outside.
    pub const fn currency(&self) -> &Currency {
        &self.currency
    }

    /// The number as it came or as it will be sent.
    pub fn value_text(&self) -> &str {
        &self.value
    }

    /// The number of smallest units.
    ///
    /// # Errors
    ///
    /// Unless the text is one to 16 digits; leading zeros are allowed and count.
    pub fn minor_units(&self) -> Result<u128, AmountError> {
        match require_digits(&self.value) {
            Err(AmountError::NotDigits) if self.value.split('.').all(|part| require_digits(part).is_ok()) => {
                return Err(AmountError::Decimals);
            }
            other => other?,
        }
        if self.value.len() > MAX_DIGITS {
            return Err(AmountError::TooLong);
        }
        number(self.value.bytes())
    }

    /// The amount as decimal text, exactly, with all decimals of the currency. The step is not checked.
    ///
    /// # Errors
    ///
    /// When the currency's decimals are not known, or the number cannot be read.
    pub fn to_decimal(&self) -> Result<String, AmountError> {
        let exponent = rules::exponent(&self.currency)?;
        let minor = self.minor_units()?;
        if exponent == 0 {
            return Ok(minor.to_string());
        }
        let unit = 10_u128.pow(u32::from(exponent));
        Ok(format!("{}.{:0width$}", minor / unit, minor % unit, width = usize::from(exponent)))
    }

    /// Whether both are the same money: the same currency and the same number, however it is written.
    ///
    /// # Errors
    ///
    /// When either number cannot be read: such an amount is neither equal nor different.
    ///
    /// ```
    /// use antom_core::money::{Amount, Currency};
    ///
    /// let price = Amount::new(Currency::EUR, 100);
    /// assert_eq!(Amount::parse_wire("EUR", "0100").same_money(&price), Ok(true));
    /// assert_eq!(Amount::parse_wire("USD", "100").same_money(&price), Ok(false));
    /// // What cannot be read is neither the same nor another.
    /// assert!(Amount::parse_wire("EUR", "1.00").same_money(&price).is_err());
    /// ```
    pub fn same_money(&self, other: &Self) -> Result<bool, AmountError> {
        let (left, right) = (self.minor_units()?, other.minor_units()?);
        Ok(self.currency == other.currency && left == right)
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    ///
    /// When the currencies differ, a number cannot be read, or the sum has more than 16 digits.
    pub fn checked_add(&self, other: &Self) -> Result<Self, AmountError> {
        let (left, right) = self.both(other)?;
        Self::from_minor(self.currency.clone(), left.checked_add(right).ok_or(AmountError::TooLong)?)
    }

    /// What is left of this amount after taking away another of the same currency.
    ///
    /// # Errors
    ///
    /// When the currencies differ, a number cannot be read, or the other amount is larger.
    pub fn checked_sub(&self, other: &Self) -> Result<Self, AmountError> {
        let (left, right) = self.both(other)?;
        Self::from_minor(self.currency.clone(), left.checked_sub(right).ok_or(AmountError::Negative)?)
    }

    /// Checks what holds for every payment method: a documented currency, a readable number, the currency's
    /// step. Zero passes.
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    ///
    /// ```
    /// use antom_core::money::{Amount, Currency};
    ///
    /// assert!(Amount::new(Currency::IDR, 150_000).check().is_ok());
    /// assert!(Amount::new(Currency::IDR, 150_050).check().is_err()); // Whole rupiah only.
    /// ```
    pub fn check(&self) -> Result<(), AmountError> {
        self.checked().map(|_| ())
    }

    /// Checks the amount of a payment with one payment method, named as in requests (`DANA`, `KAKAOPAY`).
    ///
    /// That is [`Amount::check`] and the method's own step and minimum, where they are documented. The
    /// gateway knows more rules (contracts, maxima), so passing is no promise.
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    ///
    /// ```
    /// use antom_core::money::{Amount, Currency};
    ///
    /// assert!(Amount::new(Currency::IDR, 1_500_000).check_for("DANA").is_ok());
    /// assert!(Amount::new(Currency::IDR, 1_500_050).check_for("DANA").is_err());
    /// ```
    pub fn check_for(&self, payment_method: &str) -> Result<(), AmountError> {
        rules::check_method(&self.currency, self.checked()?, payment_method, Purpose::Payment)
    }

    /// Checks the amount of a refund of a payment with one payment method; its minimum may differ from that
    /// of payments.
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    ///
    /// ```
    /// use antom_core::money::{Amount, Currency};
    ///
    /// assert!(Amount::new(Currency::IDR, 1_500_000).check_refund_for("DANA").is_ok());
    /// assert!(Amount::new(Currency::IDR, 1_500_050).check_refund_for("DANA").is_err());
    /// ```
    pub fn check_refund_for(&self, payment_method: &str) -> Result<(), AmountError> {
        rules::check_method(&self.currency, self.checked()?, payment_method, Purpose::Refund)
    }

    fn checked(&self) -> Result<u128, AmountError> {
        rules::exponent(&self.currency)?;
        let minor = self.minor_units()?;
        rules::check_currency(&self.currency, minor)?;
        Ok(minor)
    }

    fn both(&self, other: &Self) -> Result<(u128, u128), AmountError> {
        if self.currency != other.currency {
            let (left, right) = (self.currency.clone(), other.currency.clone());
            return Err(AmountError::CurrencyMismatch { left, right });
        }
        Ok((self.minor_units()?, other.minor_units()?))
    }
}

/// One or more ASCII digits.
fn require_digits(text: &str) -> Result<(), AmountError> {
    if text.is_empty() {
        Err(AmountError::Empty)
    } else if text.starts_with(['+', '-']) {
        Err(AmountError::Signed)
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(AmountError::NotDigits)
    }
}

/// The number that ASCII digits stand for.
fn number(digits: impl Iterator<Item = u8>) -> Result<u128, AmountError> {
    let mut number = 0_u128;
    for digit in digits {
        number = number * 10 + u128::from(digit.wrapping_sub(b'0'));
        // Stopping here also keeps the multiplication from overflowing.
        if number > MAX_MINOR {
            return Err(AmountError::TooLong);
        }
    }
    Ok(number)
}

/// `USD 10.50`; without known decimals, `KWD 1050 (minor units)`; a number that cannot be read is shown in
/// quotes.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let currency = Shown(self.currency.as_str());
        match (self.to_decimal(), self.minor_units()) {
            (Ok(decimal), _) => write!(f, "{currency} {decimal}"),
            (Err(_), Ok(minor)) => write!(f, "{currency} {minor} (minor units)"),
            (Err(_), Err(_)) => {
                write!(f, "{currency} \"{}\" (not a number of minor units)", Shown(&self.value))
            }
        }
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
