//! Disputes: a buyer's bank takes a payment back; the merchant defends, accepts, or lets the time pass.

use std::time::Duration;

use antom_core::api::disputes::{
    AcceptDisputeRequest, AcceptDisputeResponse, SupplyDefenseDocumentRequest, SupplyDefenseDocumentResponse,
    SupplyEvidenceRequest, SupplyEvidenceResponse,
};
use antom_core::codec::Message;
use antom_core::money::Amount;
use antom_core::time::{DateTimeText, UnixTime};

use super::change::Change;
use super::desk::Desk;
use super::payment::PaymentState;
use super::reply::{Done, Refusal, refuse, stamp, success};
use super::wire::Delivery;

/// How long a merchant may take to defend.
const DEFENCE: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long before the end the merchant is reminded.
pub(super) const ALERT: Duration = Duration::from_secs(2 * 24 * 3600);

/// How far a dispute is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum DisputeStage {
    Open,
    Defended {
        at: UnixTime,
    },
    /// By the merchant, or because the time passed.
    Accepted {
        at: UnixTime,
        in_time: bool,
    },
    Judged {
        at: UnixTime,
        merchant_won: bool,
    },
    Cancelled {
        at: UnixTime,
    },
}

#[derive(Debug, Clone)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Dispute {
    pub(super) id: String,
    pub(super) payment: String,
    pub(super) amount: Amount,
    pub(super) opened: UnixTime,
    pub(super) due: UnixTime,
    pub(super) stage: DisputeStage,
    /// Whether the merchant was reminded.
    pub(super) alerted: bool,
}

impl Dispute {
    pub(super) fn is_over(&self) -> bool {
        !matches!(self.stage, DisputeStage::Open | DisputeStage::Defended { .. })
    }
}

/// What the buyer's bank does.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, paid};
/// use antom_sandbox::engine::BankAction;
/// # let (mut gateway, now) = (paid(), NOW);
///
/// let dispute = gateway.dispute(now, "PAY-1")?.dispute_id;
/// let deliveries = gateway.bank(now, &dispute, BankAction::Cancel)?;
/// assert_eq!(deliveries.len(), 1);
/// # Ok::<(), antom_sandbox::engine::BankError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BankAction {
    /// It decides: the merchant keeps the money, or the buyer gets it back.
    Judge {
        /// Whether the merchant keeps the money.
        merchant_wins: bool,
    },
    /// It takes the dispute back.
    Cancel,
}

/// Why a bank could not do that. Nothing has changed.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, paid};
/// use antom_sandbox::engine::BankError;
/// # let (mut gateway, now) = (paid(), NOW);
///
/// gateway.dispute(now, "PAY-1")?;
/// assert_eq!(gateway.dispute(now, "PAY-1"), Err(BankError::Disputed));
/// # Ok::<(), BankError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BankError {
    /// There is no such payment or dispute.
    #[error("the bank: no such payment or dispute; give a paymentId, a paymentRequestId or a disputeId")]
    Unknown,
    /// Only what was paid can be disputed.
    #[error("the bank: the payment is not paid")]
    NotPaid,
    /// A payment has one dispute at a time.
    #[error("the bank: the payment is disputed already")]
    Disputed,
    /// It is accepted, judged or cancelled.
    #[error("the bank: the dispute is over")]
    Over,
}

/// A dispute that was opened.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, paid};
/// # let (mut gateway, now) = (paid(), NOW);
/// let disputed = gateway.dispute(now, "PAY-1")?;
/// assert!(!disputed.dispute_id.is_empty());
/// assert_eq!(disputed.deliveries.len(), 1);
/// # Ok::<(), antom_sandbox::engine::BankError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disputed {
    /// Its id.
    pub dispute_id: String,
    /// What to send to the merchant.
    pub deliveries: Vec<Delivery>,
}

/// Opens a dispute about all of a payment, found by its id or its request's id.
pub(super) fn open(desk: &mut Desk<'_>, payment: &str) -> Result<Dispute, BankError> {
    let found = desk.state.payment(payment).or_else(|| desk.state.payment_of_request(payment));
    let payment = found.ok_or(BankError::Unknown)?;
    if !matches!(payment.state, PaymentState::Paid { .. }) {
        return Err(BankError::NotPaid);
    }
    if desk.state.disputes().any(|known| known.payment == payment.id && !known.is_over()) {
        return Err(BankError::Disputed);
    }
    Ok(Dispute {
        id: desk.ids.numbered("194010840", desk.now),
        payment: payment.id.clone(),
        amount: payment.amount.clone(),
        opened: desk.now,
        due: desk.now.saturating_add(DEFENCE),
        stage: DisputeStage::Open,
        alerted: false,
    })
}

/// What the bank's action makes of a dispute.
pub(super) fn act(desk: &Desk<'_>, id: &str, action: BankAction) -> Result<Change, BankError> {
    let dispute = desk.state.dispute(id).ok_or(BankError::Unknown)?;
    if dispute.is_over() {
        return Err(BankError::Over);
    }
    let at = desk.now;
    let stage = match action {
        BankAction::Judge { merchant_wins } => DisputeStage::Judged { at, merchant_won: merchant_wins },
        BankAction::Cancel => DisputeStage::Cancelled { at },
    };
    Ok(Change::DisputeMoved { dispute: dispute.id.clone(), stage })
}

pub(super) fn accept(desk: &Desk<'_>, request: &AcceptDisputeRequest) -> Result<Done, Refusal> {
    let dispute = waiting(desk, &request.dispute_id)?;
    let stage = DisputeStage::Accepted { at: desk.now, in_time: true };
    let mut answer = AcceptDisputeResponse::new(success());
    answer.dispute_id = Some(dispute.id.clone());
    answer.dispute_resolution_time = Some(DateTimeText::from(stamp(desk.now)));
    Ok(moved(answer.to_json(), dispute, stage))
}

pub(super) fn defend(desk: &Desk<'_>, request: &SupplyDefenseDocumentRequest) -> Result<Done, Refusal> {
    let dispute = undefended(desk, &request.dispute_id)?;
    let mut answer = SupplyDefenseDocumentResponse::new(success());
    answer.dispute_id = Some(dispute.id.clone());
    answer.dispute_resolution_time = Some(DateTimeText::from(stamp(desk.now)));
    Ok(moved(answer.to_json(), dispute, DisputeStage::Defended { at: desk.now }))
}

pub(super) fn supply(desk: &Desk<'_>, request: &SupplyEvidenceRequest) -> Result<Done, Refusal> {
    let dispute = undefended(desk, &request.dispute_id)?;
    let mut answer = SupplyEvidenceResponse::new(success());
    answer.dispute_id = Some(dispute.id.clone());
    Ok(moved(answer.to_json(), dispute, DisputeStage::Defended { at: desk.now }))
}

fn moved(body: Vec<u8>, dispute: &Dispute, stage: DisputeStage) -> Done {
    let changes = vec![Change::DisputeMoved { dispute: dispute.id.clone(), stage }];
    Done { body, result: success(), changes }
}

/// A dispute that the merchant can still do something about.
fn waiting<'a>(desk: &Desk<'a>, id: &str) -> Result<&'a Dispute, Refusal> {
    let Some(dispute) = desk.state.dispute(id) else {
        return refuse("PARAM_ILLEGAL", "/disputeId: no such dispute");
    };
    match dispute.stage {
        DisputeStage::Accepted { in_time: false, .. } => {
            refuse("TIME_EXCEEDS_LIMIT", "the time to answer is over")
        }
        _ if dispute.is_over() => refuse("REPEAT_REQUEST", "the dispute is over"),
        _ => Ok(dispute),
    }
}

/// A dispute that nothing was supplied for yet.
fn undefended<'a>(desk: &Desk<'a>, id: &str) -> Result<&'a Dispute, Refusal> {
    let dispute = waiting(desk, id)?;
    match dispute.stage {
        DisputeStage::Defended { .. } => refuse("REPEAT_REQUEST", "the dispute was defended before"),
        _ => Ok(dispute),
    }
}
