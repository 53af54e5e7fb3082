//! What a person may see: no card, no token, no code that a merchant could use.

use antom_core::money::Amount;
use antom_core::time::UnixTime;

use super::Gateway;
use super::auth::Stage;
use super::dispute::{Dispute, DisputeStage};
use super::payment::{Payment, PaymentState, Waiting};
use super::state::Page;

/// What the gateway remembers, the latest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Payments.
    pub payments: Vec<PaymentView>,
    /// Authorizations.
    pub authorizations: Vec<AuthorizationView>,
    /// Disputes.
    pub disputes: Vec<DisputeView>,
    /// How many notifications are neither acknowledged nor given up.
    pub unacknowledged: usize,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentView {
    /// The gateway's id.
    pub payment_id: String,
    /// The merchant's id.
    pub payment_request_id: String,
    /// The payment method.
    pub method: String,
    /// What was asked for.
    pub amount: Amount,
    /// How far it is, in a word or two.
    pub state: &'static str,
    /// Why it failed.
    pub failure: Option<&'static str>,
    /// What was captured, in the currency's smallest unit.
    pub captured: u128,
    /// What was refunded or is about to be, in the currency's smallest unit.
    pub refunded: u128,
    /// The last part of the buyer's page.
    pub page: Option<String>,
    /// When it was asked for.
    pub created: UnixTime,
    /// When it expires if nothing happens.
    pub expires: UnixTime,
}

/// An authorization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationView {
    /// The merchant's id.
    pub auth_state: String,
    /// The wallet.
    pub wallet: String,
    /// How far it is, in a word.
    pub state: &'static str,
    /// The last part of the buyer's page.
    pub page: String,
    /// When the page ends.
    pub expires: UnixTime,
}

/// A dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeView {
    /// Its id.
    pub dispute_id: String,
    /// The gateway's id of the payment.
    pub payment_id: String,
    /// How much is disputed.
    pub amount: Amount,
    /// How far it is, in a word.
    pub state: &'static str,
    /// Until when the merchant may defend.
    pub due: UnixTime,
}

/// What a buyer's page asks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageView {
    /// For a payment.
    Payment {
        /// The payment.
        payment: PaymentView,
        /// What the buyer is asked; `None` when nothing is open any more.
        asks: Option<Ask>,
    },
    /// For an authorization.
    Authorization {
        /// The authorization.
        authorization: AuthorizationView,
        /// Whether it is open.
        open: bool,
    },
}

/// What a buyer is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// To pay or not.
    Decision,
    /// To type a card.
    Card,
    /// To prove at the bank's page who they are.
    Challenge,
    /// Nothing: the wallet is at work.
    Nothing,
}

impl Gateway {
    /// The latest of everything, at most so many of a kind.
    #[must_use]
    pub fn view(&self, most: usize) -> View {
        let mut payments: Vec<&Payment> = self.state.payments().collect();
        payments.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        let mut authorizations: Vec<_> = self.state.authorizations().collect();
        authorizations.sort_by(|a, b| (b.expires, &b.page).cmp(&(a.expires, &a.page)));
        let mut disputes: Vec<_> = self.state.disputes().collect();
        disputes.sort_by(|a, b| (b.opened, &b.id).cmp(&(a.opened, &a.id)));
        View {
            disputes: disputes.into_iter().take(most).map(dispute).collect(),
            payments: payments.into_iter().take(most).map(payment).collect(),
            authorizations: authorizations.into_iter().take(most).map(authorization).collect(),
            unacknowledged: self.unacknowledged(),
        }
    }

    /// What a buyer's page shows, by the last part of its URL.
    #[must_use]
    pub fn page(&self, page: &str) -> Option<PageView> {
        match self.state.page(page)? {
            Page::Payment(id) => {
                let found = self.state.payment(id)?;
                let asks = match found.state {
                    PaymentState::Waiting(Waiting::Decision) => Some(Ask::Decision),
                    PaymentState::Waiting(Waiting::CardEntry) => Some(Ask::Card),
                    PaymentState::Waiting(Waiting::Challenge) => Some(Ask::Challenge),
                    PaymentState::Waiting(Waiting::Settlement) => Some(Ask::Nothing),
                    _ => None,
                };
                Some(PageView::Payment { payment: payment(found), asks })
            }
            Page::Authorization => {
                let found = self.state.authorization(page)?;
                let open = matches!(found.stage, Stage::Open);
                Some(PageView::Authorization { authorization: authorization(found), open })
            }
        }
    }
}

fn payment(payment: &Payment) -> PaymentView {
    let (state, failure) = match &payment.state {
        PaymentState::Waiting(Waiting::Decision) => ("waits for the buyer", None),
        PaymentState::Waiting(Waiting::CardEntry) => ("waits for a card", None),
        PaymentState::Waiting(Waiting::Challenge) => ("waits for 3-D Secure", None),
        PaymentState::Waiting(Waiting::Settlement) => ("in process", None),
        PaymentState::Paid { .. } => ("paid", None),
        PaymentState::Failed { code, .. } => ("failed", Some(*code)),
        PaymentState::Cancelled { .. } => ("cancelled", None),
    };
    PaymentView {
        payment_id: payment.id.clone(),
        payment_request_id: payment.request_id.clone(),
        method: payment.method.as_str().to_owned(),
        amount: payment.amount.clone(),
        state,
        failure,
        captured: payment.captured(),
        refunded: payment.refunded(),
        page: payment.page.clone(),
        created: payment.created,
        expires: payment.expires,
    }
}

fn dispute(dispute: &Dispute) -> DisputeView {
    DisputeView {
        dispute_id: dispute.id.clone(),
        payment_id: dispute.payment.clone(),
        amount: dispute.amount.clone(),
        state: match dispute.stage {
            DisputeStage::Open => "open",
            DisputeStage::Defended { .. } => "defended",
            DisputeStage::Accepted { in_time: true, .. } => "accepted",
            DisputeStage::Accepted { .. } => "not answered in time",
            DisputeStage::Judged { merchant_won: true, .. } => "won",
            DisputeStage::Judged { .. } => "lost",
            DisputeStage::Cancelled { .. } => "cancelled",
        },
        due: dispute.due,
    }
}

fn authorization(authorization: &super::auth::Authorization) -> AuthorizationView {
    AuthorizationView {
        auth_state: authorization.auth_state.clone(),
        wallet: authorization.wallet.clone(),
        state: match authorization.stage {
            Stage::Open => "open",
            Stage::Granted { .. } => "granted",
            Stage::Closed => "closed",
        },
        page: authorization.page.clone(),
        expires: authorization.expires,
    }
}
