//! What can change. Handlers propose changes, the state makes them, the journal names them.

use antom_core::secret::Secret;
use antom_core::time::UnixTime;

use super::auth::{Authorization, Token};
use super::card::TestCard;
use super::dispute::{Dispute, DisputeStage};
use super::payment::{Capture, PaidCard, Payment, Refund};

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
    CardStored {
        token: Secret<String>,
        card: &'static TestCard,
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
    /// `spent` is the code or refresh token it was given for; `replaces` the access token that dies with it.
    TokenIssued {
        token: Box<Token>,
        spent: Secret<String>,
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
}

impl Change {
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
            Self::CardStored { card, .. } => ("card stored", card.masked()),
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
        }
    }
}
