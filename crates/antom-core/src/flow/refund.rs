//! What may be refunded. The sum is reserved before sending: what is unresolved counts, a proven failure
//! frees.

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
pub fn done(attempt: &Attempt) -> impl Iterator<Item = &Movement> {
    attempt.refunds.iter().filter(|refund| refund.state == MovementState::Done)
}
