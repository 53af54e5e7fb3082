use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::flow::dispute::Dispute;
use crate::flow::evidence::Evidence;
use crate::flow::fact::{Card, Show};
use crate::flow::movement::{Movement, MovementState};
use crate::flow::stored::{choice, record};
use crate::money::Amount;
use crate::signature::ClientId;
use crate::time::UnixTime;

choice! {
    /// Who takes the money of an authorised card payment.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::authorised;
    /// use antom_core::flow::payment::{Capture, NextStep};
    /// # let payment = authorised();
    ///
    /// // Authorised with `Capture::Manual`: the merchant's move.
    /// let attempt = payment.current().unwrap();
    /// assert_eq!(attempt.product, antom_core::flow::payment::Product::Card { capture: Capture::Manual });
    /// assert!(matches!(payment.resting_step(), NextStep::AwaitCapture { .. }));
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Capture {
        /// The gateway, by itself.
        Automatic,
        /// The merchant, by a call.
        Manual,
    }
}

choice! {
    /// The kind of payment; it decides about rhythm and about what success means.
    ///
    /// ```
    /// use antom_core::flow::payment::{Capture, Product};
    ///
    /// assert_eq!(Product::Tokenised.expiry().as_secs(), 60);
    /// assert_eq!(Product::Card { capture: Capture::Automatic }.expiry().as_secs(), 14 * 60);
    /// assert_eq!(Product::Cashier.expiry_for("BANKTRANSFER_BNI").as_secs(), 48 * 3600 - 60);
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Product {
        /// Order code, entry code or the buyer's code at a counter.
        InStore,
        /// A cashier page or app.
        Cashier,
        /// By an authorized token, without the buyer.
        Tokenised,
        /// A card: success means authorised.
        Card {
            /// Who captures.
            capture: Capture,
        },
    }
}

impl Product {
    /// How long a payment by this `paymentMethodType` is open when the merchant sets nothing: as
    /// [`expiry`](Self::expiry) says, but two days, less a minute, for bank transfers: a time that is sent must
    /// be under the gateway's own.
    ///
    /// ```
    /// use antom_core::flow::payment::Product;
    /// assert_eq!(Product::Cashier.expiry_for("GCASH").as_secs(), 14 * 60);
    /// assert_eq!(Product::Cashier.expiry_for("BANKTRANSFER_BNI").as_secs(), 48 * 3600 - 60);
    /// ```
    #[must_use]
    pub fn expiry_for(self, payment_method: &str) -> Duration {
        match payment_method {
            method if method.starts_with("BANKTRANSFER") || method.starts_with("ATMTRANSFER") => {
                Duration::from_secs(48 * 3600 - 60)
            }
            _ => self.expiry(),
        }
    }

    /// How long a payment is open when the merchant sets nothing: one minute by token, else fourteen. In a
    /// shop the contract may say otherwise.
    #[must_use]
    pub fn expiry(self) -> Duration {
        match self {
            Self::Tokenised => Duration::from_secs(60),
            _ => Duration::from_secs(14 * 60),
        }
    }

    pub(crate) fn is_card(self) -> bool {
        matches!(self, Self::Card { .. })
    }
}

choice! {
    /// What is known about the money of an attempt.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::sent;
    /// use antom_core::flow::payment::AttemptState;
    /// # use antom_core::flow::payment::Product;
    /// # let payment = sent(Product::InStore);
    ///
    /// // It was sent, and no answer came yet.
    /// assert_eq!(payment.current().unwrap().state, AttemptState::Unresolved);
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum AttemptState {
        /// It was sent, or may have been; nobody knows more.
        Unresolved,
        /// The gateway has it and waits, mostly for the buyer.
        Pending,
        /// A card amount is reserved; nothing is taken yet.
        Authorised,
        /// Money was taken.
        Paid,
        /// Proven: no money moved, and none will.
        Failed {
            /// The result code, if there was one.
            code: Option<String>,
        },
        /// Proven: cancelled. What was taken goes back.
        Cancelled,
    }
}

choice! {
    /// Why an attempt is being closed.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, sent};
    /// use antom_core::flow::payment::{ClosingReason, Input};
    /// # use antom_core::flow::payment::Product;
    /// # let payment = sent(Product::Cashier);
    ///
    /// let turn = payment.apply(&Input::Cancel, NOW)?;
    /// let closing = turn.next.current().unwrap().closing.as_ref().unwrap();
    /// assert_eq!(closing.reason, ClosingReason::Merchant);
    /// # Ok::<(), antom_core::flow::payment::Refused>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum ClosingReason {
        /// The merchant wants it.
        Merchant,
        /// Its time is over.
        Expired,
        /// A payment at a counter was stated failed; it is cancelled all the same.
        FailedInStore {
            /// What stated it.
            evidence: Evidence,
            /// The result code.
            code: Option<String>,
        },
    }
}

record! {
    /// The stored intent to cancel. While it is there no pay leaves.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, sent};
    /// use antom_core::flow::payment::{Input, NextStep};
    /// # use antom_core::flow::payment::Product;
    /// # let payment = sent(Product::Cashier);
    ///
    /// let turn = payment.apply(&Input::Cancel, NOW)?;
    /// let closing = turn.next.current().unwrap().closing.as_ref().unwrap();
    /// assert_eq!((closing.since, closing.refused), (NOW, false));
    /// // The intent is stored first; only then is cancel called.
    /// assert!(matches!(turn.step, NextStep::Cancel { .. }));
    /// # Ok::<(), antom_core::flow::payment::Refused>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Closing {
        /// Why.
        pub reason: ClosingReason,
        /// Since when.
        pub since: UnixTime,
        /// Whether the gateway refused the cancellation for good; the payment is then inquired until final.
        pub refused: bool,
        pub(crate) sends: u32,
        pub(crate) tries: u32,
    }
}

choice! {
    /// A contradiction that is kept and reported, and never resolved silently.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{PAID, noticed, sent};
    /// use antom_core::flow::payment::{ConflictKind, NextStep};
    /// # use antom_core::flow::payment::Product;
    /// # let (payment, less) = (sent(Product::InStore), PAID.replace("1050", "1000"));
    ///
    /// // The notification says that 10.00 EUR were paid; 10.50 EUR were asked for.
    /// let turn = noticed(&payment, &less);
    /// let NextStep::Conflict(ConflictKind::Amount { expected, stated }) = turn.step else { panic!("no conflict") };
    /// assert_eq!((expected.to_string(), stated.to_string()), ("EUR 10.50".into(), "EUR 10.00".into()));
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum ConflictKind {
        /// The stated amount or currency is another than the stored one.
        Amount {
            /// What was asked for.
            expected: Amount,
            /// What was stated.
            stated: Amount,
        },
        /// The stated payment id is another than the bound one.
        PaymentId,
        /// The stated merchant account is another than the attempt's.
        MerchantAccount,
        /// A success was stated after the failure was proven.
        SuccessAfterFailure,
        /// A failure was stated after the success was proven.
        FailureAfterSuccess,
        /// The payment was cancelled after the money was taken, and not by us.
        CancelledAfterPaid,
        /// The funds of a cancelled payment whose success was stated later were not seen to go back.
        MoneyNotReturned,
        /// Nobody could settle the attempt for a day after its expiry: neither found nor final.
        NeverSettled,
        /// More was captured than authorised.
        CaptureExceeds,
        /// More was given back than was taken.
        RefundExceeds,
        /// A dispute that had ended was stated to have ended otherwise.
        DisputeContradicted {
            /// The dispute.
            dispute: String,
        },
        /// A capture or refund was stated with another amount than it was asked with.
        MovementAmount {
            /// Its request id.
            movement: String,
        },
        /// A capture or refund was stated with another id than before.
        MovementId {
            /// Its request id.
            movement: String,
        },
        /// A capture or refund that was proven final was stated to have ended otherwise.
        MovementContradicted {
            /// Its request id.
            movement: String,
        },
    }
}

record! {
    /// A conflict with what raised it.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, PAID, noticed, sent};
    /// use antom_core::flow::payment::{Input, PaymentState};
    /// # use antom_core::flow::payment::Product;
    /// # let payment = noticed(&sent(Product::InStore), &PAID.replace("1050", "1000")).next;
    ///
    /// // A notification stated another amount than was asked for.
    /// assert_eq!(payment.state(), PaymentState::Conflict);
    /// let conflict = &payment.current().unwrap().conflicts[0];
    /// assert!(conflict.evidence.is_some() && !conflict.reviewed);
    /// // Nobody but a person ends it.
    /// let turn = payment.apply(&Input::ConflictsReviewed, NOW)?;
    /// assert!(turn.next.current().unwrap().conflicts[0].reviewed);
    /// # Ok::<(), antom_core::flow::payment::Refused>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Conflict {
        /// What contradicts what.
        pub kind: ConflictKind,
        /// The fact that raised it; without one, time did.
        pub evidence: Option<Evidence>,
        /// When it was found.
        pub at: UnixTime,
        /// Whether a person has looked at it.
        pub reviewed: bool,
    }
}

record! {
    /// The update of an authorised amount.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{authorised, noticed};
    /// # let updated = r#"{"notifyType":"UPDATE_AMOUNT_RESULT","updateRequestId":"UPD-1","paymentRequestId":"PAY-1","paymentId":"20231114001",
    /// #     "paymentAmount":{"currency":"EUR","value":"2000"},"result":{"resultStatus":"S","resultCode":"SUCCESS"}}"#;
    /// # let payment = noticed(&authorised(), updated).next;
    /// // A notification told that the authorised amount was raised to 20.00 EUR.
    /// let attempt = payment.current().unwrap();
    /// let update = &attempt.amount_updates[0];
    /// assert_eq!((update.from.to_string(), update.to.to_string()), ("EUR 10.50".into(), "EUR 20.00".into()));
    /// assert_eq!(attempt.expected, update.to);
    /// assert_eq!(attempt.asked_amount(), &update.from);
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AmountUpdate {
        /// The `updateRequestId`, if it was named.
        pub update_id: Option<String>,
        /// The amount before.
        pub from: Amount,
        /// The amount since.
        pub to: Amount,
        /// What proves it.
        pub evidence: Evidence,
    }
}

record! {
    /// One try to take the money, keyed by client id and request id.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{paid, sent};
    /// # use antom_core::flow::payment::Product;
    /// # let (open, payment) = (sent(Product::InStore), paid());
    /// // A payment of 10.50 EUR that was sent once, and the same one after its notification.
    /// let attempt = open.current().unwrap();
    /// assert!(attempt.is_open() && attempt.sends() == 1);
    ///
    /// let attempt = payment.current().unwrap();
    /// assert_eq!(attempt.payment_id.as_deref(), Some("20231114001"));
    /// assert_eq!((attempt.captured(), attempt.refunded()), (1050, 0));
    /// assert_eq!(attempt.asked_amount().to_string(), "EUR 10.50");
    /// assert!(!attempt.is_final_unpaid() && attempt.open_conflicts().next().is_none());
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Attempt {
        /// The account.
        pub client_id: ClientId,
        /// The `paymentRequestId`.
        pub request_id: String,
        /// The merchant account the payment is for, where the client has several.
        pub merchant_account: Option<String>,
        /// The `paymentAmount`, with proven updates: what every statement is compared with.
        pub expected: Amount,
        /// The kind of payment.
        pub product: Product,
        /// The `paymentExpiryTime` of the request.
        pub expires: UnixTime,
        /// Whether the payment method knows cancellation.
        pub cancellable: bool,
        /// Whether the stored request may be sent again. A request with card data is never stored.
        pub replayable: bool,
        /// What is known about the money.
        pub state: AttemptState,
        /// The message the state rests on.
        pub evidence: Option<Evidence>,
        /// The `paymentId`, bound by the first proven statement.
        pub payment_id: Option<String>,
        /// The stored intent to cancel.
        pub closing: Option<Closing>,
        /// What the buyer is shown while the payment waits.
        pub show: Option<Show>,
        /// What is known about the card.
        pub card: Option<Box<Card>>,
        /// The last moment to capture.
        pub capture_by: Option<UnixTime>,
        /// Whether a review is under way; nothing may be captured meanwhile.
        pub in_review: bool,
        /// Whether money came while the attempt was being closed. It is not shipped.
        pub paid_late: bool,
        /// Whether a success was stated after the cancellation was confirmed.
        pub success_after_cancel: bool,
        /// Captures.
        pub captures: Vec<Movement>,
        /// Refunds.
        pub refunds: Vec<Movement>,
        /// Disputes.
        pub disputes: Vec<Dispute>,
        /// What changed the expected amount, oldest first.
        pub amount_updates: Vec<AmountUpdate>,
        /// Contradictions.
        pub conflicts: Vec<Conflict>,
        pub(crate) sends: u32,
        pub(crate) asked: u32,
        pub(crate) due: Option<UnixTime>,
        pub(crate) last_look: bool,
        pub(crate) reminded: bool,
    }
}

impl Attempt {
    /// How often the request may have been put on the wire.
    #[must_use]
    pub fn sends(&self) -> u32 {
        self.sends
    }

    /// Whether nobody knows yet, or the buyer has not paid yet.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, AttemptState::Unresolved | AttemptState::Pending)
    }

    /// Whether it is proven that this attempt took no money, or that what it took goes back. Only then may
    /// another attempt begin.
    #[must_use]
    pub fn is_final_unpaid(&self) -> bool {
        matches!(self.state, AttemptState::Failed { .. } | AttemptState::Cancelled)
    }

    /// The conflicts no person has looked at yet.
    pub fn open_conflicts(&self) -> impl Iterator<Item = &Conflict> {
        self.conflicts.iter().filter(|conflict| !conflict.reviewed)
    }

    /// The amount that pay asked for, before any update.
    #[must_use]
    pub fn asked_amount(&self) -> &Amount {
        self.amount_updates.first().map_or(&self.expected, |update| &update.from)
    }

    /// What was taken, in the expected currency's smallest unit.
    #[must_use]
    pub fn captured(&self) -> u128 {
        match (self.product.is_card(), &self.state) {
            (true, _) => total(&self.captures, |movement| movement.state == MovementState::Done),
            (false, AttemptState::Paid) => self.expected_minor(),
            (false, _) => 0,
        }
    }

    /// What was given back by refunds.
    #[must_use]
    pub fn refunded(&self) -> u128 {
        total(&self.refunds, |movement| movement.state == MovementState::Done)
    }

    /// What captures hold or may yet take.
    pub(crate) fn capture_reserved(&self) -> u128 {
        total(&self.captures, Movement::reserves)
    }

    /// What refunds hold or may yet give back.
    pub(crate) fn refund_reserved(&self) -> u128 {
        total(&self.refunds, Movement::reserves)
    }

    pub(crate) fn expected_minor(&self) -> u128 {
        self.expected.minor_units().unwrap_or(0)
    }

    /// What a cancellation gives back: the reserved or taken money that no refund gave back.
    pub(crate) fn at_stake(&self) -> u128 {
        match self.state {
            AttemptState::Authorised => self.expected_minor(),
            AttemptState::Paid => self.captured().saturating_sub(self.refunded()),
            _ => 0,
        }
    }

    /// When something is due for this attempt.
    pub(crate) fn next_due(&self) -> Option<UnixTime> {
        let movements = self.captures.iter().chain(&self.refunds).filter_map(|movement| movement.due);
        let disputes = self.disputes.iter().filter_map(|dispute| dispute.due);
        self.due.into_iter().chain(movements).chain(disputes).min()
    }
}

/// The sum of the movements that count. Sums beyond the range of an amount saturate and are refused by
/// every comparison.
fn total(movements: &[Movement], counts: impl Fn(&Movement) -> bool) -> u128 {
    movements
        .iter()
        .filter(|movement| counts(movement))
        .filter_map(|movement| movement.amount.minor_units().ok())
        .fold(0, u128::saturating_add)
}
