//! What may be refunded. The sum is reserved before sending: what is unresolved counts, a proven failure
//! frees.
//!
//! ```
//! # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
//! # use kit::{NOW, paid};
//! use antom_core::flow::payment::{Input, NewRefund, Refused};
//! use antom_core::money::{Amount, Currency};
//! # let payment = paid();
//!
//! // Of 10.50 EUR one refund asks for 10.00: until it is proven failed, 0.50 are left.
//! let refund = |id: &str, minor| {
//!     let amount = Amount::new(Currency::EUR, minor);
//!     Input::Refund(NewRefund { request_id: id.into(), amount, capture_id: None })
//! };
//! let turn = payment.apply(&refund("REF-1", 1000), NOW)?;
//! assert_eq!(turn.next.apply(&refund("REF-2", 51), NOW), Err(Refused::Exceeds { left: 50 }));
//! # Ok::<(), Refused>(())
//! ```

use crate::flow::movement::{Movement, MovementState};
use crate::flow::payment::{Attempt, AttemptState, NewRefund, Refused};
use crate::money::Amount;

/// Whether a refund may be stored and sent: money was taken, nothing is being cancelled, and with all that
/// is under way it stays within what was captured.
pub(crate) fn check(attempt: &Attempt, new: &NewRefund) -> Result<(), Refused> {
    if attempt.state != AttemptState::Paid || attempt.payment_id.is_none() {
        return Err(Refused::NotNow);
    }
    if attempt.closing.is_some() {
        return Err(Refused::Closing);
    }
    let left = attempt.captured().saturating_sub(attempt.refund_reserved());
    check_amount(attempt, &new.amount, left)
}

pub(crate) fn check_amount(attempt: &Attempt, amount: &Amount, left: u128) -> Result<(), Refused> {
    if amount.currency() != attempt.expected.currency() {
        return Err(Refused::Amount);
    }
    match amount.minor_units() {
        Ok(0) | Err(_) => Err(Refused::Amount),
        Ok(minor) if minor > left => Err(Refused::Exceeds { left }),
        Ok(_) => Ok(()),
    }
}

/// The refusals of an inquiry that say the refund is unknown. The request may still land, so the same one is
/// sent again; it is never replaced.
pub(crate) fn is_not_found(code: Option<&str>) -> bool {
    matches!(code, Some("ORDER_NOT_EXIST" | "REFUND_NOT_EXIST"))
}

/// The refunds of an attempt that are proven done.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, paid};
/// use antom_core::flow::payment::{Input, NewRefund};
/// use antom_core::flow::refund;
/// use antom_core::money::{Amount, Currency};
/// # let payment = paid();
///
/// let wish = NewRefund { request_id: "REF-1".into(), amount: Amount::new(Currency::EUR, 500), capture_id: None };
/// let turn = payment.apply(&Input::Refund(wish), NOW)?;
/// // A refund that was only sent is not done.
/// assert_eq!(refund::done(turn.next.current().unwrap()).count(), 0);
/// # Ok::<(), antom_core::flow::payment::Refused>(())
/// ```
pub fn done(attempt: &Attempt) -> impl Iterator<Item = &Movement> {
    attempt.refunds.iter().filter(|refund| refund.state == MovementState::Done)
}
