//! What the merchant is told, and where.

use antom_core::api::models::{CardInfo, PaymentResultInfo, ThreeDSResult};
use antom_core::api::notifications::{
    AuthorizationNotification, CaptureNotification, DisputeJudgedResult, DisputeNotification,
    DisputeNotificationType, PaymentNotification, RefundNotification, SubscriptionNotification,
    SubscriptionPaymentNotification, VaultingNotification, VaultingPaymentMethodDetail,
};
use antom_core::api::vaults::PaymentMethodDetail;
use antom_core::codec::{Limits, Message, ReadMessage as _, Table};
use antom_core::secret::Secret;
use antom_core::time::DateTimeText;

use super::auth::Stage;
use super::dispute::DisputeStage;
use super::payment::{PaidCard, Payment, PaymentState, Phase};
use super::reply::{failure, stamp, success};
use super::state::State;
use super::subscription::Told;

/// Something the merchant is to be told. It holds ids; the text is written from the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Notice {
    Payment(String),
    Capture { payment: String, capture: String },
    Refund { payment: String, refund: String },
    CodeCreated(String),
    TokenCancelled { access: String, by_buyer: bool },
    Dispute(String),
    DisputeAlert(String),
    Vaulting(String),
    Subscription { id: String, told: Told },
}

/// A notice that was written.
pub(super) struct Written {
    pub(super) kind: &'static str,
    /// The id of what it speaks of; never a token.
    pub(super) about: String,
    /// The operation that it is the outcome of, and the id which that request had, for faults that wait for it.
    pub(super) operation: &'static str,
    pub(super) reference: Option<String>,
    /// The URL that the request named.
    pub(super) url: Option<String>,
    pub(super) body: Vec<u8>,
    /// What the body is made of.
    pub(super) table: &'static Table,
}

impl Notice {
    /// Writes the notification. `None` when what it speaks of is forgotten.
    pub(super) fn write(&self, state: &State) -> Option<Written> {
        match self {
            Self::Payment(id) => {
                let payment = state.payment(id)?;
                payment.phase.as_ref().map_or_else(|| paid(payment), |phase| debited(payment, phase))
            }
            Self::Capture { payment, capture: id } => capture(state.payment(payment)?, id),
            Self::Refund { payment, refund: id } => refund(state.payment(payment)?, id),
            Self::CodeCreated(page) => code_created(state, page),
            Self::TokenCancelled { access, by_buyer } => token_cancelled(state, access, *by_buyer),
            Self::Dispute(id) => dispute(state, id, None),
            Self::DisputeAlert(id) => dispute(state, id, Some(DisputeNotificationType::DefenseDueAlert)),
            Self::Vaulting(id) => vaulting(state, id),
            Self::Subscription { id, told } => subscription(state, id, told),
        }
    }
}

fn paid(payment: &Payment) -> Option<Written> {
    let mut note = PaymentNotification::new();
    note.notify_type = Some("PAYMENT_RESULT".into());
    note.result = Some(payment.outcome());
    note.payment_request_id = Some(payment.request_id.clone());
    note.payment_id = Some(payment.id.clone());
    // A failed payment is told without amounts, as at the real gateway.
    if let PaymentState::Paid { at } = payment.state {
        note.payment_amount = Some(payment.amount.clone());
        note.actual_payment_amount = Some(payment.amount.clone());
        note.payment_create_time = Some(DateTimeText::from(stamp(payment.created)));
        note.payment_time = Some(DateTimeText::from(stamp(at)));
        note.auth_expiry_time = payment.authorization_expires().map(|at| DateTimeText::from(stamp(at)));
    }
    note.payment_method_type = Some(payment.method.clone());
    note.card_info = card_info(payment);
    note.payment_result_info = card_result(payment);
    Some(Written {
        kind: "PAYMENT_RESULT",
        about: payment.id.clone(),
        operation: "payments/pay",
        reference: Some(payment.request_id.clone()),
        url: payment.notify_url.clone(),
        body: note.to_json(),
        table: PaymentNotification::describe(),
    })
}

/// A debit of a subscription.
fn debited(payment: &Payment, phase: &Phase) -> Option<Written> {
    let time = |at| Some(DateTimeText::from(stamp(at)));
    let mut note = SubscriptionPaymentNotification::new();
    note.notify_type = Some("PAYMENT_RESULT".into());
    note.result = Some(payment.outcome());
    note.payment_request_id = Some(payment.request_id.clone());
    note.payment_id = Some(payment.id.clone());
    note.payment_amount = Some(payment.amount.clone());
    note.payment_create_time = time(payment.created);
    if let PaymentState::Paid { at } = payment.state {
        note.payment_time = time(at);
    }
    note.payment_method_type = Some(payment.method.clone());
    note.subscription_request_id = Some(phase.subscription_request.clone());
    note.subscription_id = Some(phase.subscription.clone());
    note.period_start_time = time(phase.from);
    note.period_end_time = time(phase.to);
    note.phase_no = Some(phase.number.to_string());
    Some(Written {
        kind: "PAYMENT_RESULT",
        about: payment.id.clone(),
        operation: "subscriptions/create",
        reference: Some(phase.subscription_request.clone()),
        url: payment.notify_url.clone(),
        body: note.to_json(),
        table: SubscriptionPaymentNotification::describe(),
    })
}

fn capture(payment: &Payment, id: &str) -> Option<Written> {
    let capture = payment.captures.iter().find(|capture| capture.id == id)?;
    let mut note = CaptureNotification::new();
    note.notify_type = Some("CAPTURE_RESULT".into());
    note.result = Some(success());
    note.capture_request_id = Some(capture.request_id.clone());
    note.payment_id = Some(payment.id.clone());
    note.capture_id = Some(capture.id.clone());
    note.capture_amount = Some(capture.amount.clone());
    note.capture_time = Some(DateTimeText::from(stamp(capture.at)));
    Some(Written {
        kind: "CAPTURE_RESULT",
        about: capture.id.clone(),
        operation: "payments/capture",
        reference: Some(capture.request_id.clone()),
        url: payment.notify_url.clone(),
        body: note.to_json(),
        table: CaptureNotification::describe(),
    })
}

fn refund(payment: &Payment, id: &str) -> Option<Written> {
    let refund = payment.refunds.iter().find(|refund| refund.id == id)?;
    let mut note = RefundNotification::new();
    note.notify_type = Some("REFUND_RESULT".into());
    note.result = Some(success());
    note.refund_status = Some("SUCCESS".into());
    note.refund_request_id = Some(refund.request_id.clone());
    note.refund_id = Some(refund.id.clone());
    note.refund_amount = Some(refund.amount.clone());
    note.refund_time = Some(DateTimeText::from(stamp(refund.due)));
    let url = refund.notify_url.clone().or_else(|| payment.notify_url.clone());
    Some(Written {
        kind: "REFUND_RESULT",
        about: refund.id.clone(),
        operation: "payments/refund",
        reference: Some(refund.request_id.clone()),
        url,
        body: note.to_json(),
        table: RefundNotification::describe(),
    })
}

fn code_created(state: &State, page: &str) -> Option<Written> {
    let authorization = state.authorization(page)?;
    let Stage::Granted { code, .. } = &authorization.stage else { return None };
    let mut note = authorization_note("AUTHCODE_CREATED", &authorization.auth_client_id);
    note.auth_code = Some(code.clone());
    note.auth_state = Some(authorization.auth_state.clone());
    Some(Written {
        kind: "AUTHCODE_CREATED",
        about: authorization.auth_state.clone(),
        operation: "authorizations/consult",
        reference: Some(authorization.auth_state.clone()),
        url: authorization.notify_url.clone(),
        body: note.to_json(),
        table: AuthorizationNotification::describe(),
    })
}

fn token_cancelled(state: &State, access: &str, by_buyer: bool) -> Option<Written> {
    let token = state.token(access)?;
    let mut note = authorization_note("TOKEN_CANCELED", &token.auth_client_id);
    note.access_token = Some(token.access.clone());
    note.reason = Some(if by_buyer { "cancelled by the buyer" } else { "revoked by the merchant" }.into());
    Some(Written {
        kind: "TOKEN_CANCELED",
        about: format!("a token of {}", token.wallet),
        operation: "authorizations/revoke",
        reference: None,
        url: token.notify_url.clone(),
        body: note.to_json(),
        table: AuthorizationNotification::describe(),
    })
}

/// What happened to a dispute, or that its end is near.
fn dispute(state: &State, id: &str, alert: Option<DisputeNotificationType>) -> Option<Written> {
    use DisputeNotificationType as Kind;
    let dispute = state.dispute(id)?;
    let payment = state.payment(&dispute.payment);
    let mut note = DisputeNotification::new();
    let time = |at| Some(DateTimeText::from(stamp(at)));
    let kind = match (alert, dispute.stage) {
        (Some(alert), _) => alert,
        (None, DisputeStage::Open) => Kind::DisputeCreated,
        (None, DisputeStage::Defended { at }) => {
            note.defense_supplied_time = time(at);
            Kind::DefenseSupplied
        }
        (None, DisputeStage::Accepted { at, in_time }) => {
            note.dispute_accept_time = time(at);
            note.dispute_accept_reason = Some(if in_time { "MERCHANT_ACCEPTED" } else { "TIMEOUT" }.into());
            Kind::DisputeAccepted
        }
        (None, DisputeStage::Judged { at, merchant_won }) => {
            note.dispute_judged_time = time(at);
            note.dispute_judged_amount = Some(dispute.amount.clone());
            note.dispute_judged_result = Some(match merchant_won {
                true => DisputeJudgedResult::AcceptByCustomer,
                false => DisputeJudgedResult::AcceptByMerchant,
            });
            Kind::DisputeJudged
        }
        (None, DisputeStage::Cancelled { at }) => {
            note.dispute_cancelled_time = time(at);
            Kind::DisputeCancelled
        }
    };
    note.result = Some(success());
    note.payment_id = Some(dispute.payment.clone());
    note.payment_request_id = payment.map(|payment| payment.request_id.clone());
    note.dispute_id = Some(dispute.id.clone());
    note.dispute_time = time(dispute.opened);
    note.dispute_amount = Some(dispute.amount.clone());
    note.dispute_type = Some("CHARGEBACK".into());
    note.dispute_reason_msg = Some("The buyer does not know the payment.".into());
    note.dispute_reason_code = Some("10.4".into());
    note.defense_due_time = time(dispute.due);
    note.defendable = Some(dispute.stage == DisputeStage::Open);
    note.dispute_notification_type = Some(kind);
    Some(Written {
        kind: "DISPUTE",
        about: dispute.id.clone(),
        operation: "payments/acceptDispute",
        reference: Some(dispute.id.clone()),
        url: payment.and_then(|payment| payment.notify_url.clone()),
        body: note.to_json(),
        table: DisputeNotification::describe(),
    })
}

/// What a vaulting came to.
fn vaulting(state: &State, id: &str) -> Option<Written> {
    let vaulting = state.vaulting(id)?;
    let mut note = VaultingNotification::new();
    note.result = Some(vaulting.outcome());
    note.vaulting_request_id = Some(vaulting.request_id.clone());
    note.vaulting_create_time = Some(DateTimeText::from(stamp(vaulting.created)));
    note.metadata.clone_from(&vaulting.metadata);
    // The answer's document under the notification's type; what came to nothing is told with its method alone.
    let told = vaulting.detail().unwrap_or_else(|| PaymentMethodDetail::new(vaulting.method.clone()));
    note.payment_method_detail =
        VaultingPaymentMethodDetail::from_json(&told.to_json(), &Limits::NOTIFICATION).ok();
    Some(Written {
        kind: "VAULTING",
        about: vaulting.request_id.clone(),
        operation: "vaults/vaultPaymentMethod",
        reference: Some(vaulting.request_id.clone()),
        url: Some(vaulting.notify_url.clone()),
        body: note.to_json(),
        table: VaultingNotification::describe(),
    })
}

/// What happened to a subscription.
fn subscription(state: &State, id: &str, told: &Told) -> Option<Written> {
    let found = state.subscription(id)?;
    let mut note = SubscriptionNotification::new();
    note.result = Some(told.failed.map_or_else(success, |(code, message)| failure(code, message)));
    note.subscription_request_id = Some(found.request_id.clone());
    note.subscription_id = Some(found.id.clone());
    note.subscription_status = Some(found.status());
    note.subscription_notification_type = Some(told.kind.clone());
    note.subscription_start_time = Some(DateTimeText::from(stamp(found.starts)));
    // Without an end of its own, a subscription ends with the century, as published.
    let end = found.ends.map_or_else(|| "2099-12-31T23:59:59+08:00".to_owned(), stamp);
    note.subscription_end_time = Some(DateTimeText::from(end));
    note.period_rule = Some(found.rule.clone());
    note.allow_accumulate = found.allow_accumulate;
    note.max_accumulate_amount.clone_from(&found.max_accumulate_amount);
    Some(Written {
        kind: "SUBSCRIPTION",
        about: found.request_id.clone(),
        operation: "subscriptions/create",
        reference: Some(found.request_id.clone()),
        url: Some(found.notify_url.clone()),
        body: note.to_json(),
        table: SubscriptionNotification::describe(),
    })
}

fn authorization_note(kind: &str, auth_client_id: &Option<String>) -> AuthorizationNotification {
    let mut note = AuthorizationNotification::new();
    note.authorization_notify_type = Some(kind.into());
    note.result = Some(success());
    note.auth_client_id.clone_from(auth_client_id);
    note
}

/// `cardInfo` of notification and inquiry.
pub(super) fn card_info(payment: &Payment) -> Option<CardInfo> {
    let paid = payment.card.as_ref()?;
    let mut info = CardInfo::new();
    info.card_no = Some(Secret::new(paid.card.masked()));
    info.card_brand = Some(paid.card.brand.into());
    info.card_token.clone_from(&paid.token);
    info.issuing_country = Some(paid.card.region.into());
    info.funding = Some("CREDIT".into());
    info.payment_method_region = Some(paid.card.region.into());
    info.three_ds_result = three_ds(paid);
    info.network_transaction_id = Some(paid.network_id.clone());
    info.avs_result_raw = Some("A".into());
    info.cvv_result_raw = Some("Y".into());
    Some(info)
}

/// `paymentResultInfo` of answer, notification and inquiry.
pub(super) fn card_result(payment: &Payment) -> Option<PaymentResultInfo> {
    let paid = payment.card.as_ref()?;
    let mut info = PaymentResultInfo::new();
    info.card_no = Some(Secret::new(paid.card.masked()));
    info.card_brand = Some(paid.card.brand.into());
    info.card_token.clone_from(&paid.token);
    info.issuing_country = Some(paid.card.region.into());
    info.funding = Some("CREDIT".into());
    info.payment_method_region = Some(paid.card.region.into());
    info.three_ds_result = three_ds(paid);
    info.network_transaction_id = Some(Secret::from(paid.network_id.as_str()));
    info.avs_result_raw = Some("A".into());
    info.cvv_result_raw = Some("Y".into());
    info.last_four = Some(paid.card.last_four().into());
    if let PaymentState::Failed { .. } = payment.state {
        info.refusal_code_raw = Some("05".into());
        info.refusal_reason_raw = Some("declined".into());
    }
    Some(info)
}

fn three_ds(paid: &PaidCard) -> Option<ThreeDSResult> {
    paid.challenged.then(|| {
        let mut result = ThreeDSResult::new();
        result.three_ds_version = Some("2.2.0".into());
        result.eci = Some(if paid.card.brand == "MASTERCARD" { "02" } else { "05" }.into());
        result.ds_transaction_id = Some(format!("ds-{}", paid.network_id));
        result.challenged = Some(true);
        result
    })
}
