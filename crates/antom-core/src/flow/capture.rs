//! What may be captured.
//!
//! ```
//! # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
//! # use kit::{NOW, authorised};
//! use antom_core::flow::payment::{Input, NewCapture, Refused};
//! use antom_core::money::{Amount, Currency};
//! # let payment = authorised();
//!
//! // 10.50 EUR are authorised; no capture takes more.
//! let wish = NewCapture { request_id: "CAP-1".into(), amount: Amount::new(Currency::EUR, 1051), last: false };
//! assert_eq!(payment.apply(&Input::Capture(wish), NOW), Err(Refused::Exceeds { left: 1050 }));
//! ```

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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{authorised, noticed};
/// use antom_core::flow::capture;
/// # let captured = r#"{"notifyType":"CAPTURE_RESULT","captureRequestId":"CAP-1","captureId":"1","paymentId":"20231114001",
/// #     "captureAmount":{"currency":"EUR","value":"600"},"result":{"resultStatus":"S","resultCode":"SUCCESS"}}"#;
/// # let payment = noticed(&authorised(), captured).next;
///
/// // A notification told that 6.00 EUR of an authorised payment were captured.
/// let attempt = payment.current().unwrap();
/// let amounts: Vec<String> = capture::done(attempt).map(|capture| capture.amount.to_string()).collect();
/// assert_eq!(amounts, ["EUR 6.00"]);
/// ```
pub fn done(attempt: &Attempt) -> impl Iterator<Item = &Movement> {
    attempt.captures.iter().filter(|capture| capture.state == MovementState::Done)
}
