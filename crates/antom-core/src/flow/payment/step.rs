use alloc::string::String;
use alloc::vec::Vec;

use crate::flow::LoadError;
use crate::flow::evidence::Unfit;
use crate::flow::fact::Show;
use crate::flow::ledger::LedgerEntry;
use crate::flow::payment::{ConflictKind, Payment};
use crate::flow::stored::{choice, load, save};
use crate::money::Amount;
use crate::secret::Secret;
use crate::time::UnixTime;

/// What one input came to. Commit `next`, `entries` and `events` as one, then take the step.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, PAID, observed, sent};
/// use antom_core::flow::payment::{Event, Input, NextStep, Verdict};
/// # use antom_core::flow::payment::Product;
/// # let (payment, fact) = (sent(Product::InStore), observed(PAID));
///
/// // `fact` is the notification that the payment succeeded.
/// let turn = payment.apply(&Input::noticed(&fact).unwrap(), NOW)?;
/// // Store these three in one piece ...
/// assert!(turn.next.may_ship());
/// assert_eq!(turn.entries.len(), 1);
/// assert_eq!(turn.events, [Event::Paid { attempt: "PAY-1".into() }]);
/// // ... and only then do what there is to do.
/// assert!(matches!(turn.step, NextStep::Settled(Verdict::Paid { .. })));
/// # Ok::<(), antom_core::flow::payment::Refused>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "commit the transition before taking its step"]
pub struct Transition {
    /// The payment afterwards.
    pub next: Payment,
    /// Lines to append to the ledger.
    pub entries: Vec<LedgerEntry>,
    /// The one thing to do next.
    pub step: NextStep,
    /// What is worth telling.
    pub events: Vec<Event>,
}

/// The one thing to do next.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::sent;
/// use antom_core::flow::payment::{Input, NextStep};
/// # use antom_core::flow::payment::Product;
/// # let payment = sent(Product::InStore);
///
/// // No answer came. The first thing that a tick asks for is an inquiry, never another pay.
/// let due = payment.due().unwrap();
/// let turn = payment.apply(&Input::Tick, due)?;
/// assert_eq!(turn.step, NextStep::Inquire { request_id: "PAY-1".into(), payment_id: None });
/// # Ok::<(), antom_core::flow::payment::Refused>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// Send the stored pay request, once.
    Send {
        /// The attempt.
        request_id: String,
    },
    /// Send the same pay request again, byte for byte, freshly dated and signed.
    SendAgain {
        /// The attempt.
        request_id: String,
    },
    /// Draw this code for the buyer, then tick at the time.
    ShowCode {
        /// The attempt.
        request_id: String,
        /// What to draw.
        show: Show,
        /// When to tick.
        tick_at: UnixTime,
    },
    /// Send the buyer there, then tick at the time.
    Redirect {
        /// The attempt.
        request_id: String,
        /// Where to.
        show: Show,
        /// When to tick.
        tick_at: UnixTime,
    },
    /// Call inquiryPayment now.
    Inquire {
        /// The attempt.
        request_id: String,
        /// The bound payment id.
        payment_id: Option<String>,
    },
    /// Wait; tick at this time, which will ask or act.
    InquireNotBefore(UnixTime),
    /// Call cancel now.
    Cancel {
        /// The attempt.
        request_id: String,
        /// The bound payment id.
        payment_id: Option<String>,
    },
    /// The money is reserved: the merchant should capture before this time.
    AwaitCapture {
        /// The attempt.
        request_id: String,
        /// The last moment.
        by: Option<UnixTime>,
    },
    /// Call capture now, for the first time or again with the same values.
    Capture {
        /// The payment.
        payment_id: String,
        /// The capture.
        capture_request_id: String,
        /// How much.
        amount: Amount,
        /// Whether it is the last one.
        last: bool,
    },
    /// Call refund now, for the first time or again with the same values.
    Refund {
        /// The payment.
        payment_id: String,
        /// The refund.
        refund_request_id: String,
        /// How much.
        amount: Amount,
        /// The capture it is about.
        capture_id: Option<String>,
    },
    /// Call inquiryRefund now.
    InquireRefund {
        /// The refund.
        refund_request_id: String,
        /// The gateway's id of it.
        refund_id: Option<String>,
    },
    /// A contradiction waits for a person. Ticks go on.
    Conflict(ConflictKind),
    /// There is no attempt yet.
    AwaitPay,
    /// Everything is known.
    Settled(Verdict),
}

/// How a payment ended.
///
/// ```
/// use antom_core::flow::payment::{Input, NextStep, Payment, Plan, Verdict};
/// use antom_core::time::UnixTime;
///
/// // The order is closed before anything was tried.
/// let turn = Payment::new("ORDER-1", Plan::default()).apply(&Input::Cancel, UnixTime::from_secs(1_700_000_000))?;
/// assert_eq!(turn.step, NextStep::Settled(Verdict::Cancelled));
/// # Ok::<(), antom_core::flow::payment::Refused>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Money was taken.
    Paid {
        /// How much, refunds not taken off.
        captured: Amount,
    },
    /// Proven: no money moved.
    Failed {
        /// The result code, if there was one.
        code: Option<String>,
    },
    /// Cancelled; what was taken goes back.
    Cancelled,
}

choice! {
    /// What is worth telling the merchant's program or a person.
    ///
    /// ```
    /// use antom_core::flow::payment::Event;
    ///
    /// let event = Event::Paid { attempt: "PAY-1".into() };
    /// assert_eq!(Event::load(event.save().expose())?, event);
    /// # Ok::<(), antom_core::flow::LoadError>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Event {
        /// The gateway has the payment and waits.
        Waiting {
            /// The attempt.
            attempt: String,
        },
        /// A card amount is reserved.
        Authorised {
            /// The attempt.
            attempt: String,
        },
        /// Money was taken.
        Paid {
            /// The attempt.
            attempt: String,
        },
        /// Money came while the attempt was being closed. Do not ship: it is cancelled or to be refunded.
        PaidLate {
            /// The attempt.
            attempt: String,
        },
        /// Proven unpaid.
        Failed {
            /// The attempt.
            attempt: String,
            /// The result code.
            code: Option<String>,
        },
        /// A person decided that the attempt took no money.
        WrittenOff {
            /// The attempt.
            attempt: String,
        },
        /// The intent to cancel was stored.
        Closing {
            /// The attempt.
            attempt: String,
        },
        /// Cancelled, confirmed.
        Cancelled {
            /// The attempt.
            attempt: String,
        },
        /// The gateway refuses to cancel.
        CancelRefused {
            /// The attempt.
            attempt: String,
            /// The result code.
            code: Option<String>,
        },
        /// A success was stated after the cancellation was confirmed. Neither ship nor refund.
        SuccessAfterCancel {
            /// The attempt.
            attempt: String,
        },
        /// The payment was undone by someone else.
        Reversed {
            /// The attempt.
            attempt: String,
        },
        /// A capture or refund was done.
        MovementDone {
            /// The attempt.
            attempt: String,
            /// The capture or refund request id.
            movement: String,
        },
        /// A capture or refund is proven to have moved nothing.
        MovementFailed {
            /// The attempt.
            attempt: String,
            /// The capture or refund request id.
            movement: String,
            /// The result code.
            code: Option<String>,
        },
        /// A refund came back.
        RefundReturned {
            /// The attempt.
            attempt: String,
            /// The refund request id.
            movement: String,
        },
        /// A capture was stated before the authorization was.
        CaptureBeforeAuthorisation {
            /// The attempt.
            attempt: String,
        },
        /// An authorization ends soon.
        CaptureDue {
            /// The attempt.
            attempt: String,
            /// When it ends.
            by: UnixTime,
        },
        /// The authorised amount was changed, and with it what is expected.
        AmountUpdated {
            /// The attempt.
            attempt: String,
            /// The amount before.
            from: Amount,
            /// The amount since.
            to: Amount,
        },
        /// The authorised amount was not changed.
        AmountUpdateFailed {
            /// The attempt.
            attempt: String,
            /// The result code.
            code: Option<String>,
        },
        /// The buyer disputes the payment.
        DisputeOpened {
            /// The attempt.
            attempt: String,
            /// The dispute.
            dispute: String,
            /// The last moment to defend.
            defend_by: Option<UnixTime>,
        },
        /// The time to defend ends soon.
        DisputeDue {
            /// The attempt.
            attempt: String,
            /// The dispute.
            dispute: String,
            /// The last moment to defend.
            defend_by: Option<UnixTime>,
        },
        /// The merchant's defence arrived.
        DisputeDefended {
            /// The attempt.
            attempt: String,
            /// The dispute.
            dispute: String,
        },
        /// A dispute is over.
        DisputeEnded {
            /// The attempt.
            attempt: String,
            /// The dispute.
            dispute: String,
            /// Whether the merchant keeps the money.
            won: bool,
        },
        /// A card was stored for later payments.
        CardStored {
            /// The attempt.
            attempt: String,
        },
        /// A review began or ended.
        Review {
            /// The attempt.
            attempt: String,
            /// Whether it is under way.
            under_way: bool,
        },
        /// A contradiction was found.
        ConflictFound {
            /// The attempt.
            attempt: String,
            /// What contradicts what.
            conflict: ConflictKind,
        },
        /// A fact changed nothing, and why.
        Ignored {
            /// The attempt it was held against, if any.
            attempt: Option<String>,
            /// Why.
            why: Unfit,
        },
    }
}

impl Event {
    /// The text to store.
    #[must_use]
    pub fn save(&self) -> Secret<String> {
        save("event", 1, self)
    }

    /// An event from a trusted store.
    ///
    /// # Errors
    ///
    /// The text is of another version, or no event.
    pub fn load(text: &str) -> Result<Self, LoadError> {
        load("event", 1, text)
    }
}
