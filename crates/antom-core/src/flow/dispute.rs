//! Disputes: a buyer takes a payment back through the bank or the wallet. What is at stake, until when the
//! merchant may answer, and how it ended.

use alloc::string::String;

use crate::flow::evidence::Evidence;
use crate::flow::stored::{choice, record};
use crate::money::Amount;
use crate::time::UnixTime;

choice! {
    /// What a message says about a dispute.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum DisputeSays {
        /// It was opened, or its deadline comes near: the merchant is asked to defend.
        Open,
        /// The merchant's defence arrived.
        Defended,
        /// It is over, and the merchant keeps the money.
        Won,
        /// It is over, and the money goes back to the buyer.
        Lost,
        /// A word this SDK has never heard of, or a judgment without a result.
        Unknown {
            /// The word.
            status: String,
        },
    }
}

record! {
    /// What a message says about a dispute, with its evidence.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct DisputeFact {
        pub(crate) evidence: Evidence,
        pub(crate) says: DisputeSays,
        pub(crate) id: Option<String>,
        pub(crate) payment_id: Option<String>,
        pub(crate) request_id: Option<String>,
        pub(crate) amount: Option<Amount>,
        pub(crate) defend_by: Option<UnixTime>,
    }
}

impl DisputeFact {
    /// What it says.
    #[must_use]
    pub fn says(&self) -> &DisputeSays {
        &self.says
    }

    /// By what right.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The payment's `paymentRequestId`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The payment.
    #[must_use]
    pub fn payment_id(&self) -> Option<&str> {
        self.payment_id.as_deref()
    }
}

choice! {
    /// How far a dispute is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum DisputeState {
        /// The merchant may defend.
        Open,
        /// A defence was supplied; the judgment is awaited.
        Defended,
        /// Over: the merchant keeps the money.
        Won,
        /// Over: the money goes back.
        Lost,
    }
}

record! {
    /// A dispute about a payment.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Dispute {
        /// The gateway's id of it.
        pub id: String,
        /// How far it is.
        pub state: DisputeState,
        /// What is disputed.
        pub amount: Amount,
        /// The last moment to defend, if it was told.
        pub defend_by: Option<UnixTime>,
        /// What the state rests on.
        pub evidence: Evidence,
        /// When the merchant is reminded.
        pub(crate) due: Option<UnixTime>,
    }
}

impl Dispute {
    /// Whether it is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, DisputeState::Won | DisputeState::Lost)
    }
}
