use alloc::string::String;

use crate::flow::Observed;
use crate::flow::dispute::DisputeFact;
use crate::flow::fact::{AmountFact, Answer, MovementFact, PaymentFact};
use crate::flow::payment::Product;
use crate::money::Amount;
use crate::signature::ClientId;
use crate::time::UnixTime;

/// What a payment hears: a wish of the merchant, the answer to one of its own steps, a notification, the
/// clock.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{PAID, verified};
/// use antom_core::flow::Observed;
/// use antom_core::flow::payment::Input;
/// # let message = verified("/notify", PAID);
///
/// let fact = Observed::of(&message)?;
/// assert!(matches!(Input::noticed(&fact), Some(Input::PaymentNoticed(_))));
/// # Ok::<(), antom_core::fact::NotificationError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// The merchant wants the money: a new attempt.
    Pay(NewAttempt),
    /// The merchant wants to close the order.
    Cancel,
    /// The merchant wants to take authorised money.
    Capture(NewCapture),
    /// The merchant wants to give money back.
    Refund(NewRefund),
    /// A person has looked at all conflicts there are.
    ConflictsReviewed,
    /// A person decided, outside this program, that an attempt which was reported as never settled took no
    /// money. It is the only end of an attempt that rests on a decision instead of a proof.
    WriteOff {
        /// The attempt.
        request_id: String,
    },
    /// The buyer came back, or says "I have paid". What the address says is no proof of anything.
    BuyerReturned {
        /// The attempt.
        request_id: String,
    },
    /// What the call of pay came to. Report each call once.
    PayAnswered {
        /// The attempt.
        request_id: String,
        /// The answer.
        answer: Answer<PaymentFact>,
    },
    /// What the call of cancel came to.
    CancelAnswered {
        /// The attempt.
        request_id: String,
        /// The answer; says `Cancelled` where it is done.
        answer: Answer<PaymentFact>,
    },
    /// What the call of inquiryPayment came to.
    Inquired {
        /// The attempt.
        request_id: String,
        /// The answer.
        answer: Answer<PaymentFact>,
    },
    /// What the call of capture came to.
    CaptureAnswered {
        /// The capture.
        capture_request_id: String,
        /// The answer.
        answer: Answer<MovementFact>,
    },
    /// What the call of refund came to.
    RefundAnswered {
        /// The refund.
        refund_request_id: String,
        /// The answer.
        answer: Answer<MovementFact>,
    },
    /// What the call of inquiryRefund came to.
    RefundInquired {
        /// The refund.
        refund_request_id: String,
        /// The answer.
        answer: Answer<MovementFact>,
    },
    /// A notification about a payment.
    PaymentNoticed(PaymentFact),
    /// A notification about a capture or a refund.
    MovementNoticed(MovementFact),
    /// A notification about the update of an authorised amount.
    AmountNoticed(AmountFact),
    /// A notification about a dispute.
    DisputeNoticed(DisputeFact),
    /// Nothing but time went by.
    Tick,
}

impl Input {
    /// What a payment hears by a notification; `None` when it is about something else than a payment.
    #[must_use]
    pub fn noticed(fact: &Observed) -> Option<Self> {
        Some(match fact {
            Observed::Payment(fact) => Self::PaymentNoticed((**fact).clone()),
            Observed::Movement(fact) => Self::MovementNoticed((**fact).clone()),
            Observed::Amount(fact) => Self::AmountNoticed((**fact).clone()),
            Observed::Dispute(fact) => Self::DisputeNoticed((**fact).clone()),
            _ => return None,
        })
    }
}

/// A new attempt: all of it is stored before the first byte is sent.
///
/// ```
/// use antom_core::flow::payment::{NewAttempt, Product};
/// use antom_core::money::{Amount, Currency};
/// use antom_core::signature::ClientId;
/// use antom_core::time::UnixTime;
///
/// let client = ClientId::new("SANDBOX_5Y0000000000000001")?;
/// let expires = UnixTime::from_secs(1_700_000_600);
/// let attempt = NewAttempt::new(client, "PAY-1", Amount::new(Currency::IDR, 15_000), Product::Cashier, expires)
///     .with_merchant_account("2188100000000000")
///     .not_cancellable();
/// assert!(attempt.replayable && !attempt.cancellable);
/// // A body with a card number is never stored, so it is never sent again.
/// assert!(!attempt.with_replayable(false).replayable);
/// # Ok::<(), antom_core::signature::ClientIdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewAttempt {
    /// The account.
    pub client_id: ClientId,
    /// The `paymentRequestId`.
    pub request_id: String,
    /// The `paymentAmount`.
    pub amount: Amount,
    /// The kind of payment.
    pub product: Product,
    /// The `paymentExpiryTime`, which the request must carry.
    pub expires: UnixTime,
    /// The merchant account, where the client has several.
    pub merchant_account: Option<String>,
    /// Whether the payment method knows cancellation (Indonesian methods and JKOPay do not).
    pub cancellable: bool,
    /// Whether the request is stored and may be sent again; `false` for requests with card data.
    pub replayable: bool,
}

impl NewAttempt {
    /// An attempt that can be cancelled and, unless it is a card payment, sent again.
    #[must_use]
    pub fn new(
        client_id: ClientId,
        request_id: impl Into<String>,
        amount: Amount,
        product: Product,
        expires: UnixTime,
    ) -> Self {
        Self {
            client_id,
            request_id: request_id.into(),
            amount,
            product,
            expires,
            merchant_account: None,
            cancellable: true,
            replayable: !product.is_card(),
        }
    }

    /// For one of several merchant accounts of the client.
    #[must_use]
    pub fn with_merchant_account(mut self, account: impl Into<String>) -> Self {
        self.merchant_account = Some(account.into());
        self
    }

    /// By a method that does not know cancellation: it is inquired until final.
    #[must_use]
    pub fn not_cancellable(mut self) -> Self {
        self.cancellable = false;
        self
    }

    /// Whether the request body may be stored and sent again. A body with a card number or security code
    /// may not; one that goes to a hosted card page may.
    #[must_use]
    pub fn with_replayable(mut self, replayable: bool) -> Self {
        self.replayable = replayable;
        self
    }
}

/// A capture the merchant wants.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, authorised};
/// use antom_core::flow::payment::{Input, NewCapture, NextStep};
/// use antom_core::money::{Amount, Currency};
/// # let payment = authorised();
///
/// let wish = NewCapture { request_id: "CAP-1".into(), amount: Amount::new(Currency::EUR, 1050), last: true };
/// let turn = payment.apply(&Input::Capture(wish), NOW)?;
/// assert!(matches!(turn.step, NextStep::Capture { last: true, .. }));
/// # Ok::<(), antom_core::flow::payment::Refused>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCapture {
    /// The `captureRequestId`.
    pub request_id: String,
    /// How much.
    pub amount: Amount,
    /// Whether what is left of the authorisation is let go.
    pub last: bool,
}

/// A refund the merchant wants.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, paid};
/// use antom_core::flow::payment::{Input, NewRefund, NextStep};
/// use antom_core::money::{Amount, Currency};
/// # let payment = paid();
///
/// let wish = NewRefund { request_id: "REF-1".into(), amount: Amount::new(Currency::EUR, 500), capture_id: None };
/// let turn = payment.apply(&Input::Refund(wish), NOW)?;
/// assert!(matches!(turn.step, NextStep::Refund { refund_request_id, .. } if refund_request_id == "REF-1"));
/// # Ok::<(), antom_core::flow::payment::Refused>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefund {
    /// The `refundRequestId`.
    pub request_id: String,
    /// How much.
    pub amount: Amount,
    /// The `captureId` it is about, where there are several captures.
    pub capture_id: Option<String>,
}

/// Why a wish of the merchant cannot be granted. Nothing changed.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, paid};
/// use antom_core::flow::payment::{Input, NewRefund, Refused};
/// use antom_core::money::{Amount, Currency};
/// # let payment = paid();
///
/// // 10.50 EUR were taken.
/// let wish = NewRefund { request_id: "REF-1".into(), amount: Amount::new(Currency::EUR, 1100), capture_id: None };
/// assert_eq!(payment.apply(&Input::Refund(wish), NOW), Err(Refused::Exceeds { left: 1050 }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The order is closed.
    #[error("the order was closed by a cancellation; take the money with a new order")]
    Closed,
    /// An earlier attempt may still take money.
    #[error(
        "attempt {request_id} is not proven final and unpaid; a new one now could charge the buyer twice"
    )]
    AttemptLive {
        /// The live attempt.
        request_id: String,
    },
    /// The id is in use with other values.
    #[error("request id {request_id} was used with other values; take a new id")]
    IdReused {
        /// The id.
        request_id: String,
    },
    /// The amount cannot be used.
    #[error("the amount must be above zero, readable, and in the currency of the payment")]
    Amount,
    /// Its time is already over.
    #[error("the expiry time is not in the future")]
    Expired,
    /// There is nothing to do it to.
    #[error("no attempt of the order is in a state in which this can be done")]
    NotNow,
    /// The payment method does not know it.
    #[error("this payment method cannot be cancelled; wait for the payment to end, then refund it")]
    NotCancellable,
    /// A cancellation is under way.
    #[error("a cancellation is stored; wait for what it comes to")]
    Closing,
    /// Refunded payments cannot be cancelled.
    #[error("a refund is stored, and a refunded payment cannot be cancelled")]
    HasRefunds,
    /// It would be more than there is.
    #[error("only {left} of the smallest unit are left; what is under way counts")]
    Exceeds {
        /// What is left.
        left: u128,
    },
    /// The gateway captures by itself.
    #[error("this payment is captured automatically; do not capture it")]
    CapturedAutomatically,
    /// A review is under way.
    #[error("a review of the payment is under way; capture when it has ended")]
    InReview,
    /// It was not reported as never settled.
    #[error("only an attempt that was reported as never settled can be written off; wait for the report")]
    NotStuck,
    /// The last capture was made.
    #[error("the last capture was made; the rest of the authorisation is gone")]
    LastCaptureMade,
}
