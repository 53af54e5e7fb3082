//! What may be captured.

use crate::flow::movement::{Movement, MovementState};
use crate::flow::payment::{Attempt, AttemptState, Capture, NewCapture, Product, Refused};

/// Whether a capture may be stored and sent: the money is reserved, nothing is being cancelled or reviewed,
/// and with all that is under way it stays within what was authorised.
pub(crate) fn check(attempt: &Attempt, new: &NewCapture) -> Result<(), Refused> {
    match attempt.product {
        Product::Card { capture: Capture::Manual } => {}
        Product::Card { capture: Capture::Automatic } => return Err(Refused::CapturedAutomatically),
        _ => return Err(Refused::NotNow),
    }
    if !matches!(attempt.state, AttemptState::Authorised | AttemptState::Paid) || attempt.payment_id.is_none()
    {
        return Err(Refused::NotNow);
    }
    if attempt.closing.is_some() {
        return Err(Refused::Closing);
    }
    if attempt.in_review {
        return Err(Refused::InReview);
    }
    if attempt.captures.iter().any(|known| known.last && known.reserves()) {
        return Err(Refused::LastCaptureMade);
    }
    let left = attempt.expected_minor().saturating_sub(attempt.capture_reserved());
    super::refund::check_amount(attempt, &new.amount, left)
}

/// The captures of an attempt that are proven done.
pub fn done(attempt: &Attempt) -> impl Iterator<Item = &Movement> {
    attempt.captures.iter().filter(|capture| capture.state == MovementState::Done)
}
