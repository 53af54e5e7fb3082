//! What every backend refuses before it writes.

use antom_core::flow::payment::Attempt;

use crate::body::FrozenBody;
use crate::change::{Change, Write};
use crate::error::StoreError;

/// Whether a change is sound in itself.
pub(crate) fn check(change: &Change) -> Result<(), StoreError> {
    if let Write::Order(payment) = &change.write {
        let live = payment.attempts().iter().filter(|attempt| is_live(attempt));
        if live.count() > 1 {
            return Err(StoreError::TwoLiveAttempts);
        }
    }
    let fits = |child: &FrozenBody| match &change.write {
        Write::Order(payment) => payment.attempts().iter().any(|attempt| {
            attempt.replayable
                && attempt.request_id == child.request_id()
                && attempt.client_id == *child.client_id()
        }),
        _ => false,
    };
    if change.children.iter().all(fits) { Ok(()) } else { Err(StoreError::StrayBody) }
}

/// Whether an attempt may have taken money, or may yet.
pub(crate) fn is_live(attempt: &Attempt) -> bool {
    !attempt.is_final_unpaid()
}
