//! An order and its attempts to take the money.
//!
//! ```text
//!             Pay                    accepted              success (not a card)
//!  Created ─────────► Unresolved ───────────────► Pending ──────────────────────► Paid ◄─────┐
//!                       │  ▲ ▲                      │  │                           ▲         │ captured
//!                inquire│  │ │ same id again         │  └── success (card) ─► Authorised ─────┘
//!                       ▼  │ │                      │                            │
//!                     (asked)┘                      │ failure stated             │ Cancel
//!                                                   ▼                            ▼
//!                                                 Failed        Cancelling ─ S ─► Cancelled
//! ```
//!
//! [`Payment::apply`] is pure: what it needs comes in, what is to be done comes out. Commit the
//! [`Transition`] in one piece, and only then take its step; a worker may die between any two of these.
//!
//! ```
//! use antom_core::flow::payment::{Input, NewAttempt, NextStep, Payment, PaymentState, Plan, Product};
//! use antom_core::money::{Amount, Currency};
//! use antom_core::signature::ClientId;
//! use antom_core::time::UnixTime;
//! use core::time::Duration;
//!
//! let now = UnixTime::from_secs(1_700_000_000);
//! let payment = Payment::new("ORDER-1", Plan::default());
//! let attempt = NewAttempt::new(
//!     ClientId::new("SANDBOX_5Y0000000000000001")?,
//!     "PAY-1",
//!     Amount::new(Currency::EUR, 1050),
//!     Product::InStore,
//!     now.saturating_add(Duration::from_secs(600)),
//! );
//! let turn = payment.apply(&Input::Pay(attempt), now)?;
//! // Store `turn.next` here; then send.
//! assert_eq!(turn.step, NextStep::Send { request_id: "PAY-1".into() });
//! assert_eq!(turn.next.state(), PaymentState::Unresolved);
//! // No answer: the machine asks before it does anything else.
//! let later = turn.next.due().unwrap();
//! let turn = turn.next.apply(&Input::Tick, later)?;
//! assert!(matches!(turn.step, NextStep::Inquire { .. }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod amounts;
mod attempt;
mod closing;
mod disputes;
mod facts;
mod input;
mod movements;
mod step;
mod tick;
mod turn;
mod wishes;

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;

pub use attempt::{
    AmountUpdate, Attempt, AttemptState, Capture, Closing, ClosingReason, Conflict, ConflictKind, Product,
};
pub use input::{Input, NewAttempt, NewCapture, NewRefund, Refused};
pub use step::{Event, NextStep, Transition, Verdict};

use crate::flow::LoadError;
use crate::flow::dispute::DisputeState;
use crate::flow::stored::{load, record, save};
use crate::money::Amount;
use crate::secret::Secret;
use crate::time::UnixTime;
use turn::Output;

record! {
    /// What the merchant decided once for an order.
    ///
    /// ```
    /// use antom_core::flow::payment::Plan;
    ///
    /// // By default only signed facts count, and a card order ships when the money is taken.
    /// assert_eq!(Plan::default(), Plan { accept_tls: false, ship_on_authorisation: false });
    /// ```
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
    pub struct Plan {
        /// Whether facts that are proven by the channel alone count; needed with API-key credentials.
        pub accept_tls: bool,
        /// Whether a card order may be shipped when it is authorised, before the money is taken.
        pub ship_on_authorisation: bool,
    }
}

record! {
    /// An order, as far as its money is concerned.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::paid;
    /// use antom_core::flow::payment::{Payment, PaymentState, Plan};
    /// # let paid = paid();
    ///
    /// let new = Payment::new("ORDER-1", Plan::default());
    /// assert_eq!((new.order_id(), new.state()), ("ORDER-1", PaymentState::Created));
    /// assert_eq!(new.plan(), Plan::default());
    /// assert!(new.current().is_none() && new.due().is_none());
    ///
    /// // After the notification that the payment PAY-1 succeeded:
    /// assert!(paid.may_ship());
    /// assert_eq!(paid.attempts().len(), 1);
    /// assert_eq!(paid.attempt("PAY-1"), paid.current());
    /// assert_eq!(Payment::load(paid.save().expose())?, paid);
    /// # Ok::<(), antom_core::flow::LoadError>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Payment {
        order_id: String,
        plan: Plan,
        closed: bool,
        attempts: Vec<Attempt>,
    }
}

/// What is known about the money of an order.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::paid;
/// use antom_core::flow::payment::PaymentState;
/// # let payment = paid();
///
/// match payment.state() {
///     PaymentState::Paid { captured } => assert_eq!(captured.to_string(), "EUR 10.50"),
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PaymentState {
    /// Nothing was tried yet.
    Created,
    /// It was sent, or may have been; nobody knows more.
    Unresolved,
    /// The gateway waits, mostly for the buyer.
    Pending,
    /// A card amount is reserved.
    Authorised,
    /// Money was taken.
    Paid {
        /// How much so far.
        captured: Amount,
    },
    /// Proven unpaid. Another attempt may begin.
    Failed,
    /// A cancellation is stored and not confirmed.
    Cancelling,
    /// Cancelled.
    Cancelled,
    /// There is a contradiction that no person has looked at.
    Conflict,
}

/// The version of the stored form.
const VERSION: i64 = 1;

impl Payment {
    /// An order without attempts.
    #[must_use]
    pub fn new(order_id: impl Into<String>, plan: Plan) -> Self {
        Self { order_id: order_id.into(), plan, closed: false, attempts: Vec::new() }
    }

    /// The merchant's id of the order.
    #[must_use]
    pub fn order_id(&self) -> &str {
        &self.order_id
    }

    /// What the merchant decided.
    #[must_use]
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// All attempts, oldest first.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The newest attempt; all older ones are final and unpaid.
    #[must_use]
    pub fn current(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// The attempt with this `paymentRequestId`.
    #[must_use]
    pub fn attempt(&self, request_id: &str) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.request_id == request_id)
    }

    /// What is known about the money.
    #[must_use]
    pub fn state(&self) -> PaymentState {
        if self.attempts.iter().any(|attempt| attempt.open_conflicts().next().is_some()) {
            return PaymentState::Conflict;
        }
        let Some(attempt) = self.current() else {
            return if self.closed { PaymentState::Cancelled } else { PaymentState::Created };
        };
        if attempt.closing.is_some() {
            return PaymentState::Cancelling;
        }
        match attempt.state {
            AttemptState::Unresolved => PaymentState::Unresolved,
            AttemptState::Pending => PaymentState::Pending,
            AttemptState::Authorised => PaymentState::Authorised,
            AttemptState::Paid => PaymentState::Paid { captured: captured_amount(attempt) },
            AttemptState::Failed { .. } => PaymentState::Failed,
            AttemptState::Cancelled => PaymentState::Cancelled,
        }
    }

    /// Whether the goods may leave: the money is proven to be there, all of it, nothing contradicts it,
    /// nothing is being cancelled, and it did not come late.
    #[must_use]
    pub fn may_ship(&self) -> bool {
        let Some(attempt) = self.current() else { return false };
        let undisturbed = attempt.closing.is_none()
            && !attempt.paid_late
            && !attempt.in_review
            && attempt.disputes.iter().all(|dispute| dispute.state == DisputeState::Won)
            && self.attempts.iter().all(|attempt| attempt.open_conflicts().next().is_none());
        let there = match attempt.state {
            AttemptState::Paid => {
                let closed = attempt.captures.iter().any(|capture| {
                    capture.last && capture.state == crate::flow::movement::MovementState::Done
                });
                closed || self.plan.ship_on_authorisation || attempt.captured() >= attempt.expected_minor()
            }
            AttemptState::Authorised => self.plan.ship_on_authorisation,
            _ => false,
        };
        undisturbed && there
    }

    /// When the next [`Input::Tick`] is due; `None` when nothing waits for time.
    #[must_use]
    pub fn due(&self) -> Option<UnixTime> {
        self.attempts.iter().filter_map(Attempt::next_due).min()
    }

    /// Takes one input in. Pure: the same arguments give the same transition.
    ///
    /// Facts are never refused: what they come to is said by the events. Only wishes of the merchant are.
    ///
    /// # Errors
    ///
    /// The wish cannot be granted; nothing changed.
    ///
    /// ```
    /// use antom_core::flow::payment::{Input, NextStep, Payment, Plan, Verdict};
    /// use antom_core::time::UnixTime;
    ///
    /// let payment = Payment::new("ORDER-1", Plan::default());
    /// let turn = payment.apply(&Input::Cancel, UnixTime::from_secs(1_700_000_000))?;
    /// assert_eq!(turn.step, NextStep::Settled(Verdict::Cancelled));
    /// // The payment itself did not change: what is to be stored is `turn.next`.
    /// assert_ne!(turn.next, payment);
    /// # Ok::<(), antom_core::flow::payment::Refused>(())
    /// ```
    pub fn apply(&self, input: &Input, now: UnixTime) -> Result<Transition, Refused> {
        let mut next = self.clone();
        let mut out = Output::default();
        next.take_in(input, now, &mut out)?;
        let step = out.step.unwrap_or_else(|| next.resting_step());
        Ok(Transition { next, entries: out.entries, step, events: out.events })
    }

    /// What there is to do when no input asks for more.
    ///
    /// ```
    /// use antom_core::flow::payment::{NextStep, Payment, Plan};
    ///
    /// assert_eq!(Payment::new("ORDER-1", Plan::default()).resting_step(), NextStep::AwaitPay);
    /// ```
    #[must_use]
    pub fn resting_step(&self) -> NextStep {
        let conflict = self.attempts.iter().flat_map(Attempt::open_conflicts).next();
        if let Some(conflict) = conflict {
            return NextStep::Conflict(conflict.kind.clone());
        }
        let Some(attempt) = self.current() else {
            return if self.closed { NextStep::Settled(Verdict::Cancelled) } else { NextStep::AwaitPay };
        };
        let verdict = match &attempt.state {
            AttemptState::Authorised
                if attempt.product == (Product::Card { capture: Capture::Manual })
                    && attempt.closing.is_none()
                    && !attempt.captures.iter().any(crate::flow::movement::Movement::is_open) =>
            {
                return NextStep::AwaitCapture {
                    request_id: attempt.request_id.clone(),
                    by: attempt.capture_by,
                };
            }
            AttemptState::Paid => Some(Verdict::Paid { captured: captured_amount(attempt) }),
            AttemptState::Failed { code } => Some(Verdict::Failed { code: code.clone() }),
            AttemptState::Cancelled => Some(Verdict::Cancelled),
            _ => None,
        };
        match (self.due(), verdict) {
            (None, Some(verdict)) => NextStep::Settled(verdict),
            (due, _) => NextStep::InquireNotBefore(due.unwrap_or(UnixTime::EPOCH)),
        }
    }

    /// The version of the stored form that this program writes and reads.
    pub const STATE_VERSION: i64 = VERSION;

    /// The text to store. It may hold codes, URLs and a card token: encrypt it.
    #[must_use]
    pub fn save(&self) -> Secret<String> {
        save("payment", VERSION, self)
    }

    /// A payment from a trusted store.
    ///
    /// # Errors
    ///
    /// The text is of another version, or no payment. Leave the row as it is.
    pub fn load(text: &str) -> Result<Self, LoadError> {
        load("payment", VERSION, text)
    }
}

fn captured_amount(attempt: &Attempt) -> Amount {
    Amount::from_minor(attempt.expected.currency().clone(), attempt.captured())
        .unwrap_or_else(|_| attempt.expected.clone())
}
