//! Disputes: a buyer takes a payment back through the bank or the wallet. What is at stake, until when the
//! merchant may answer, and how it ended.
//!
//! ```
//! # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
//! # use kit::{noticed, paid};
//! use antom_core::flow::payment::Event;
//! # let disputed = r#"{"disputeNotificationType":"DISPUTE_CREATED","disputeId":"D-1","paymentRequestId":"PAY-1",
//! #     "paymentId":"20231114001","disputeAmount":{"currency":"EUR","value":"1050"},"defenseDueTime":"2023-11-28T22:13:20Z"}"#;
//! # let turn = noticed(&paid(), disputed);
//!
//! // What a paid order makes of the notification that the buyer disputes it:
//! assert!(matches!(&turn.events[0], Event::DisputeOpened { dispute, defend_by: Some(_), .. } if dispute == "D-1"));
//! assert!(!turn.next.may_ship());
//! ```

use alloc::string::String;

use crate::flow::evidence::Evidence;
use crate::flow::stored::{choice, record};
use crate::money::Amount;
use crate::time::UnixTime;

choice! {
    /// What a message says about a dispute.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::verified;
    /// use antom_core::flow::Observed;
    /// use antom_core::flow::dispute::DisputeSays;
    /// # const DISPUTED: &str = r#"{"disputeNotificationType":"DISPUTE_CREATED","disputeId":"D-1","paymentRequestId":"PAY-1",
    /// #     "paymentId":"20231114001","disputeAmount":{"currency":"EUR","value":"1050"},"defenseDueTime":"2023-11-28T22:13:20Z"}"#;
    /// # let message = verified("/notify", DISPUTED);
    ///
    /// // A notification of the type DISPUTE_CREATED.
    /// let Observed::Dispute(fact) = Observed::of(&message)? else { panic!("no dispute") };
    /// assert_eq!(fact.says(), &DisputeSays::Open);
    /// # Ok::<(), antom_core::fact::NotificationError>(())
    /// ```
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
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::verified;
    /// use antom_core::flow::{Observed, Source};
    /// # const DISPUTED: &str = r#"{"disputeNotificationType":"DISPUTE_CREATED","disputeId":"D-1","paymentRequestId":"PAY-1",
    /// #     "paymentId":"20231114001","disputeAmount":{"currency":"EUR","value":"1050"},"defenseDueTime":"2023-11-28T22:13:20Z"}"#;
    /// # let message = verified("/notify", DISPUTED);
    ///
    /// let Observed::Dispute(fact) = Observed::of(&message)? else { panic!("no dispute") };
    /// assert_eq!((fact.request_id(), fact.payment_id()), (Some("PAY-1"), Some("20231114001")));
    /// assert_eq!(fact.says(), &antom_core::flow::dispute::DisputeSays::Open);
    /// assert_eq!(fact.evidence().source(), Source::Notification);
    /// # Ok::<(), antom_core::fact::NotificationError>(())
    /// ```
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
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{noticed, paid};
    /// use antom_core::flow::dispute::DisputeState;
    /// # const DISPUTED: &str = r#"{"disputeNotificationType":"DISPUTE_CREATED","disputeId":"D-1","paymentRequestId":"PAY-1",
    /// #     "paymentId":"20231114001","disputeAmount":{"currency":"EUR","value":"1050"},"defenseDueTime":"2023-11-28T22:13:20Z"}"#;
    /// # let payment = noticed(&paid(), DISPUTED).next;
    ///
    /// // The buyer disputes a paid order: it is not shipped meanwhile.
    /// assert_eq!(payment.current().unwrap().disputes[0].state, DisputeState::Open);
    /// assert!(!payment.may_ship());
    /// ```
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
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{noticed, paid};
    /// # const DISPUTED: &str = r#"{"disputeNotificationType":"DISPUTE_CREATED","disputeId":"D-1","paymentRequestId":"PAY-1",
    /// #     "paymentId":"20231114001","disputeAmount":{"currency":"EUR","value":"1050"},"defenseDueTime":"2023-11-28T22:13:20Z"}"#;
    /// # let payment = noticed(&paid(), DISPUTED).next;
    /// let dispute = &payment.current().unwrap().disputes[0];
    /// assert_eq!((dispute.id.as_str(), dispute.amount.to_string().as_str()), ("D-1", "EUR 10.50"));
    /// assert_eq!(dispute.defend_by.unwrap().to_rfc3339(), "2023-11-28T22:13:20Z");
    /// assert!(!dispute.is_over() && dispute.evidence.proof().is_signed());
    /// ```
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
