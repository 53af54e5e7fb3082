use antom_core::flow::payment::{Attempt, AttemptState, Payment};
use antom_core::flow::{Movement, MovementState};
use antom_core::money::Amount;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;

/// What a record is of.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::turn;
/// use antom_store::{RecordKind, records_of};
/// # let payment = turn().next;
///
/// // An order whose payment was sent, and that took or gave back nothing yet.
/// let kinds: Vec<RecordKind> = records_of(&payment).iter().map(|record| record.kind).collect();
/// assert_eq!(kinds, [RecordKind::Payment]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// An attempt to pay.
    Payment,
    /// A capture.
    Capture,
    /// A refund.
    Refund,
}

/// How far its money is.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::turn;
/// use antom_store::{RecordState, records_of};
/// # let payment = turn().next;
///
/// assert_eq!(records_of(&payment)[0].state, RecordState::Open); // It was sent; nobody knows more.
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordState {
    /// Nobody knows yet, or it is under way.
    Open,
    /// The issuer reserved it.
    Reserved,
    /// It moved.
    Moved,
    /// It is proven that none moved.
    NotMoved,
    /// What moved went back, or goes back: a cancelled payment, a returned refund.
    Back,
}

/// One payment, capture or refund as another system's list would show it.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::turn;
/// use antom_store::{MoneyRecord, records_of};
/// # let payment = turn().next;
///
/// let MoneyRecord { request_id, order_id, amount, transaction_id, .. } = records_of(&payment).remove(0);
/// assert_eq!((request_id.as_str(), order_id.as_str()), ("PAY-1", "ORDER-1"));
/// assert_eq!((amount.to_string().as_str(), transaction_id), ("EUR 10.50", None));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyRecord {
    /// What it is of.
    pub kind: RecordKind,
    /// The account.
    pub client_id: ClientId,
    /// Its request id.
    pub request_id: String,
    /// The merchant's order.
    pub order_id: String,
    /// The gateway's id: `paymentId`, `captureId` or `refundId`.
    pub transaction_id: Option<String>,
    /// How much.
    pub amount: Amount,
    /// How far it is.
    pub state: RecordState,
    /// The signed time of the message the state rests on.
    pub at: Option<UnixTime>,
}

/// The records of an order: its attempts with their captures and refunds, also those that others began.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::turn;
/// use antom_store::records_of;
/// # let payment = turn().next;
///
/// assert_eq!(records_of(&payment).len(), payment.attempts().len());
/// ```
#[must_use]
pub fn records_of(payment: &Payment) -> Vec<MoneyRecord> {
    let mut records = Vec::new();
    for attempt in payment.attempts() {
        records.push(MoneyRecord {
            kind: RecordKind::Payment,
            client_id: attempt.client_id.clone(),
            request_id: attempt.request_id.clone(),
            order_id: payment.order_id().into(),
            transaction_id: attempt.payment_id.clone(),
            amount: attempt.expected.clone(),
            state: match attempt.state {
                AttemptState::Unresolved | AttemptState::Pending => RecordState::Open,
                AttemptState::Authorised => RecordState::Reserved,
                // Of a card payment the captures are what moved.
                AttemptState::Paid if !attempt.captures.is_empty() => RecordState::Reserved,
                AttemptState::Paid => RecordState::Moved,
                AttemptState::Failed { .. } => RecordState::NotMoved,
                AttemptState::Cancelled => RecordState::Back,
            },
            at: attempt.evidence.as_ref().map(antom_core::flow::Evidence::time),
        });
        let captures = attempt.captures.iter().map(|movement| (RecordKind::Capture, movement));
        let refunds = attempt.refunds.iter().map(|movement| (RecordKind::Refund, movement));
        records
            .extend(captures.chain(refunds).map(|(kind, movement)| moved(payment, attempt, kind, movement)));
    }
    records
}

fn moved(payment: &Payment, attempt: &Attempt, kind: RecordKind, movement: &Movement) -> MoneyRecord {
    MoneyRecord {
        kind,
        client_id: attempt.client_id.clone(),
        request_id: movement.request_id.clone(),
        order_id: payment.order_id().into(),
        transaction_id: movement.id.clone(),
        amount: movement.amount.clone(),
        state: match movement.state {
            MovementState::Unresolved | MovementState::InProcess => RecordState::Open,
            MovementState::Done => RecordState::Moved,
            MovementState::Failed { .. } => RecordState::NotMoved,
            MovementState::Returned => RecordState::Back,
        },
        at: movement.evidence.as_ref().map(antom_core::flow::Evidence::time),
    }
}
