use alloc::string::String;
use core::fmt;

use crate::money::AmountError;

/// One thing that is wrong with a request. Never shows a value.
///
/// ```
/// use antom_core::check::{self, Context};
/// use antom_core::api::payments::RefundRequest;
/// use antom_core::{Amount, Currency};
///
/// let request = RefundRequest::new("REF-1", "", Amount::new(Currency::EUR, 500));
/// let problem = &check::problems(&request, Context::default())[0];
/// assert_eq!((problem.pointer(), problem.kind().name()), ("/paymentId", "empty"));
/// assert_eq!(problem.to_string(), "/paymentId: required, and empty: set it");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pointer: String,
    kind: ProblemKind,
}

/// What is wrong.
///
/// ```
/// use antom_core::check::ProblemKind;
///
/// let kind = ProblemKind::TooLong { max: 64 };
/// assert_eq!((kind.name(), kind.to_string().as_str()), ("too_long", "too long: at most 64 characters"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A required member is not there.
    Missing,
    /// A required text has no characters.
    Empty,
    /// A text has more characters than the API takes.
    TooLong {
        /// The most characters.
        max: u32,
    },
    /// A list has more elements than the API takes.
    TooManyItems {
        /// The most elements.
        max: u32,
    },
    /// A number is smaller than the API takes.
    TooSmall {
        /// The smallest number.
        min: i64,
    },
    /// A decimal number does not have the form of a number.
    NotANumber,
    /// An amount breaks a rule.
    Amount(AmountError),
    /// Card data in a request of a merchant whose buyers enter it at Antom.
    CardData,
}

impl Problem {
    pub(super) fn new(pointer: String, kind: ProblemKind) -> Self {
        Self { pointer, kind }
    }

    /// Where, as a JSON pointer (RFC 6901); empty for the request itself.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What is wrong there.
    #[must_use]
    pub fn kind(&self) -> &ProblemKind {
        &self.kind
    }
}

impl ProblemKind {
    /// A short name for programs, such as `missing` or `too_long`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::TooManyItems { .. } => "too_many_items",
            Self::TooSmall { .. } => "too_small",
            Self::NotANumber => "not_a_number",
            Self::Amount(_) => "amount",
            Self::CardData => "card_data",
        }
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("required, and not there: set it"),
            Self::Empty => f.write_str("required, and empty: set it"),
            Self::TooLong { max } => write!(f, "too long: at most {max} characters"),
            Self::TooManyItems { max } => write!(f, "too many elements: at most {max}"),
            Self::TooSmall { min } => write!(f, "too small: at least {min}"),
            Self::NotANumber => f.write_str("not a number: digits with an optional sign and point"),
            // The text of a currency came from outside and is not repeated.
            Self::Amount(AmountError::InvalidCurrency { .. }) => {
                f.write_str("not a currency code: three upper-case letters, such as USD")
            }
            Self::Amount(AmountError::UnsupportedCurrency { .. }) => f.write_str(
                "a currency whose decimals are not known: use a documented currency or settle the form with Antom",
            ),
            Self::Amount(error) => error.fmt(f),
            Self::CardData => f.write_str(
                "card data outside the server-to-server mode: leave it out, or state the mode if you are PCI DSS qualified",
            ),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the request" } else { &self.pointer };
        write!(f, "{place}: {}", self.kind)
    }
}

impl core::error::Error for Problem {}
