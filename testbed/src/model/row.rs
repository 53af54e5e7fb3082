//! The stored order. It is compared and hashed by a digest of its stored form, which holds all of it.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use antom_core::flow::payment::{Payment, Plan};
use sha2::{Digest, Sha256};

use super::{Moment, Worker};
use crate::book::Entry;
use crate::far::Truth;
use crate::rules::{check_end, check_truth};

/// A payment as it was committed.
#[derive(Debug, Clone)]
pub struct Row(Arc<(Payment, [u8; 16])>);

impl Row {
    /// An order without attempts.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Payment::new("O-0", Plan::default()))
    }

    /// A committed state.
    #[must_use]
    pub fn of(payment: Payment) -> Self {
        let whole = Sha256::digest(payment.save().expose());
        let mut digest = [0; 16];
        digest.iter_mut().zip(whole).for_each(|(place, byte)| *place = byte);
        Self(Arc::new((payment, digest)))
    }

    /// The payment.
    #[must_use]
    pub fn payment(&self) -> &Payment {
        &self.0.0
    }
}

impl Default for Row {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.0.1 == other.0.1
    }
}

impl Eq for Row {}

impl Hash for Row {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.1.hash(state);
    }
}

fn truth(entry: &Entry) -> Truth {
    Truth { state: entry.state, amount: entry.amount, taken: entry.taken(), returned: entry.returned() }
}

impl Moment {
    /// What the gateway knows about an attempt.
    #[must_use]
    pub fn truth(&self, attempt: u8) -> Option<Truth> {
        self.book.entry(attempt).map(truth)
    }

    /// Whether what the merchant believes at this moment is so.
    #[must_use]
    pub fn believes_truth(&self) -> bool {
        let payment = self.row.payment();
        let mut right = true;
        for (number, attempt) in (0_u8..).zip(payment.attempts()) {
            check_truth(payment, attempt, self.truth(number), |_| right = false);
        }
        right
    }

    /// Whether all is over, and both sides agree.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let payment = self.row.payment();
        let attempts = u8::try_from(payment.attempts().len()).unwrap_or(0);
        let truths: Vec<_> = (0..attempts).map(|attempt| self.truth(attempt)).collect();
        let mut right = self.workers.iter().all(|worker| *worker == Worker::Idle);
        check_end(payment, &truths, |_| right = false);
        right
    }
}
