//! What can change. Handlers propose changes, the state makes them, the journal names them.

use antom_core::secret::Secret;
use antom_core::time::UnixTime;

use super::auth::{Authorization, Token};
use super::card::StoredCard;
use super::dispute::{Dispute, DisputeStage};
use super::payment::{Capture, PaidCard, Payment, PaymentState, Refund};
use super::subscription::{Subscription, SubscriptionStage, Told};
use super::vault::{Vaulting, VaultingStage};

/// One change. Handlers only propose them; [`State::apply`](super::state::State::apply) makes them.
#[derive(Debug)]
pub(super) enum Change {
    PaymentCreated(Box<Payment>),
    /// The card is known; the bank asks for more.
    PaymentChallenged {
        payment: String,
        card: PaidCard,
    },
    PaymentPaid {
        payment: String,
        card: Option<PaidCard>,
        capture: Option<Capture>,
    },
    PaymentFailed {
        payment: String,
        code: &'static str,
        message: &'static str,
    },
    PaymentCancelled {
        payment: String,
    },
    Captured {
        payment: String,
        capture: Capture,
    },
    RefundCreated {
        payment: String,
        refund: Refund,
    },
    RefundDone {
        payment: String,
        refund: String,
    },
    CardStored(Box<StoredCard>),
    CardDeleted {
        token: Secret<String>,
    },
    AuthorizationOpened(Box<Authorization>),
    AuthorizationGranted {
        page: String,
        code: Secret<String>,
        until: UnixTime,
    },
    AuthorizationClosed {
        page: String,
    },
    /// `replaces` is the access token that dies with it.
    TokenIssued {
        token: Box<Token>,
        replaces: Option<String>,
    },
    TokenCancelled {
        access: String,
        by_buyer: bool,
    },
    DisputeOpened(Box<Dispute>),
    /// The time to defend is nearly over.
    DisputeNearsItsEnd {
        dispute: String,
    },
    DisputeMoved {
        dispute: String,
        stage: DisputeStage,
    },
    /// A vaulting is as it is here.
    VaultingSet(Box<Vaulting>),
    /// A subscription is as it is here.
    SubscriptionSet {
        subscription: Box<Subscription>,
        told: Option<Told>,
    },
}

impl Change {
    /// Whether a settlement has something to say about it. What is cancelled was never settled.
    pub(super) fn moves_money(&self) -> bool {
        match self {
            Self::PaymentCreated(payment) => matches!(payment.state, PaymentState::Paid { .. }),
            Self::RefundCreated { refund, .. } => refund.done,
            Self::PaymentPaid { .. }
            | Self::Captured { .. }
            | Self::RefundDone { .. }
            | Self::DisputeOpened(_)
            | Self::DisputeMoved { .. } => true,
            Self::PaymentChallenged { .. }
            | Self::PaymentFailed { .. }
            | Self::PaymentCancelled { .. }
            | Self::CardStored(_)
            | Self::CardDeleted { .. }
            | Self::AuthorizationOpened(_)
            | Self::AuthorizationGranted { .. }
            | Self::AuthorizationClosed { .. }
            | Self::TokenIssued { .. }
            | Self::TokenCancelled { .. }
            | Self::DisputeNearsItsEnd { .. }
            | Self::VaultingSet(_)
            | Self::SubscriptionSet { .. } => false,
        }
    }

    /// What it is and what it changes, for the journal. Tokens are not named.
    pub(super) fn name(&self) -> (&'static str, String) {
        match self {
            Self::PaymentCreated(payment) => ("payment created", payment.id.clone()),
            Self::PaymentChallenged { payment, .. } => ("payment waits for 3-D Secure", payment.clone()),
            Self::PaymentPaid { payment, .. } => ("payment paid", payment.clone()),
            Self::PaymentFailed { payment, .. } => ("payment failed", payment.clone()),
            Self::PaymentCancelled { payment } => ("payment cancelled", payment.clone()),
            Self::Captured { capture, .. } => ("captured", capture.id.clone()),
            Self::RefundCreated { refund, .. } => ("refund created", refund.id.clone()),
            Self::RefundDone { refund, .. } => ("refund done", refund.clone()),
            Self::CardStored(stored) => ("card stored", stored.card.masked()),
            Self::CardDeleted { .. } => ("card deleted", String::new()),
            Self::AuthorizationOpened(authorization) => {
                ("authorization opened", authorization.auth_state.clone())
            }
            Self::AuthorizationGranted { .. } => ("authorization granted", String::new()),
            Self::AuthorizationClosed { .. } => ("authorization closed", String::new()),
            Self::TokenIssued { token, .. } => ("token issued", token.wallet.clone()),
            Self::TokenCancelled { .. } => ("token cancelled", String::new()),
            Self::DisputeOpened(dispute) => ("dispute opened", dispute.id.clone()),
            Self::DisputeNearsItsEnd { dispute } => ("dispute nears its end", dispute.clone()),
            Self::DisputeMoved { dispute, stage } => {
                let what = match stage {
                    DisputeStage::Open => "dispute open",
                    DisputeStage::Defended { .. } => "dispute defended",
                    DisputeStage::Accepted { in_time: true, .. } => "dispute accepted",
                    DisputeStage::Accepted { .. } => "dispute not answered in time",
                    DisputeStage::Judged { merchant_won: true, .. } => "dispute won",
                    DisputeStage::Judged { .. } => "dispute lost",
                    DisputeStage::Cancelled { .. } => "dispute cancelled",
                };
                (what, dispute.clone())
            }
            Self::VaultingSet(vaulting) => {
                let what = match vaulting.stage {
                    VaultingStage::CardEntry => "vaulting waits for a card",
                    VaultingStage::Challenge { .. } => "vaulting waits for 3-D Secure",
                    VaultingStage::Decision => "vaulting waits for the buyer",
                    VaultingStage::Stored { .. } => "vaulting done",
                    VaultingStage::Failed { .. } => "vaulting failed",
                };
                (what, vaulting.request_id.clone())
            }
            Self::SubscriptionSet { subscription, told } => {
                let what = match (subscription.stage, told) {
                    (SubscriptionStage::Open, _) => "subscription waits for the buyer",
                    (SubscriptionStage::Active, None) => "subscription goes on",
                    (SubscriptionStage::Active, Some(_)) if subscription.changes.is_empty() => {
                        "subscription agreed to"
                    }
                    (SubscriptionStage::Active, Some(_)) => "subscription changed",
                    (SubscriptionStage::Cancelled, _) => "subscription cancelled",
                    (SubscriptionStage::Terminated, _) => "subscription ended",
                    (SubscriptionStage::Closed, _) => "subscription not agreed to",
                };
                (what, subscription.request_id.clone())
            }
        }
    }
}
