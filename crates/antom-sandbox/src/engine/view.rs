//! What a person may see: no card, no token, no code that a merchant could use.

use antom_core::money::Amount;
use antom_core::time::UnixTime;

use super::Gateway;
use super::auth::Stage;
use super::dispute::{Dispute, DisputeStage};
use super::payment::{Payment, PaymentState, Waiting};
use super::state::Page;
use super::subscription::{Subscription, SubscriptionStage};
use super::vault::{Vaulting, VaultingStage};

/// What the gateway remembers, the latest first.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::paid;
/// # let gateway = paid();
/// let view = gateway.view(10);
/// assert_eq!((view.payments.len(), view.disputes.len(), view.unacknowledged), (1, 0, 1));
/// assert!(view.authorizations.is_empty() && view.vaultings.is_empty() && view.subscriptions.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Payments.
    pub payments: Vec<PaymentView>,
    /// Authorizations.
    pub authorizations: Vec<AuthorizationView>,
    /// Disputes.
    pub disputes: Vec<DisputeView>,
    /// Vaultings.
    pub vaultings: Vec<VaultingView>,
    /// Subscriptions.
    pub subscriptions: Vec<SubscriptionView>,
    /// How many notifications are neither acknowledged nor given up.
    pub unacknowledged: usize,
}

/// A payment.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::paid;
/// # let gateway = paid();
/// let payment = &gateway.view(10).payments[0];
/// assert_eq!((payment.payment_request_id.as_str(), payment.method.as_str()), ("PAY-1", "GCASH"));
/// assert_eq!((payment.captured, payment.refunded), (0, 0)); // Captures are of cards.
/// assert!(payment.failure.is_none());
/// ```
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
    pub failure: Option<String>,
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::paid;
/// use antom_sandbox::engine::AuthorizationView;
/// # let gateway = paid();
///
/// // None was asked for here.
/// let open: Vec<AuthorizationView> = gateway.view(10).authorizations;
/// assert!(open.is_empty());
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, paid};
/// # let (mut gateway, now) = (paid(), NOW);
/// gateway.dispute(now, "PAY-1")?;
/// let dispute = &gateway.view(10).disputes[0];
/// assert_eq!(dispute.amount.to_string(), "EUR 10.50");
/// assert!(dispute.due > now); // Until then the merchant may defend.
/// # Ok::<(), antom_sandbox::engine::BankError>(())
/// ```
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

/// A vaulting of a payment method.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::paid;
/// use antom_sandbox::engine::VaultingView;
/// # let gateway = paid();
///
/// // None was asked for here.
/// let open: Vec<VaultingView> = gateway.view(10).vaultings;
/// assert!(open.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultingView {
    /// The merchant's id.
    pub vaulting_request_id: String,
    /// The payment method.
    pub method: String,
    /// How far it is, in a word or two.
    pub state: &'static str,
    /// The last part of the buyer's page.
    pub page: Option<String>,
    /// When it ends if nothing happens.
    pub expires: UnixTime,
}

/// A subscription.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::paid;
/// use antom_sandbox::engine::SubscriptionView;
/// # let gateway = paid();
///
/// // None was asked for here.
/// let running: Vec<SubscriptionView> = gateway.view(10).subscriptions;
/// assert!(running.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionView {
    /// The gateway's id.
    pub subscription_id: String,
    /// The merchant's id.
    pub subscription_request_id: String,
    /// What the buyer subscribes to.
    pub description: String,
    /// The payment method.
    pub method: String,
    /// What a period costs.
    pub amount: Amount,
    /// How far it is, in a word or two.
    pub state: &'static str,
    /// The phase it is in; 0 before the first debit.
    pub phase: u32,
    /// When something happens to it by itself.
    pub next: Option<UnixTime>,
    /// The last part of the buyer's page.
    pub page: String,
}

/// What a buyer's page asks.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{gateway, pay};
/// use antom_sandbox::engine::{Ask, PageView};
/// # let mut gateway = gateway();
/// # let page = pay(&mut gateway);
///
/// // `page` is the URL that the merchant got for the buyer.
/// let name = page.rsplit('/').next().unwrap();
/// let Some(PageView::Payment { payment, asks }) = gateway.page(name) else { panic!("no payment") };
/// assert_eq!((payment.payment_request_id.as_str(), asks), ("PAY-1", Some(Ask::Decision)));
/// assert!(gateway.page("no-page").is_none());
/// ```
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
    /// For a payment method to keep.
    Vaulting {
        /// The vaulting.
        vaulting: VaultingView,
        /// What the buyer is asked; `None` when nothing is open any more.
        asks: Option<Ask>,
    },
    /// For a subscription.
    Subscription {
        /// The subscription.
        subscription: SubscriptionView,
        /// Whether it is open.
        open: bool,
    },
}

/// What a buyer is asked.
///
/// ```
/// use antom_sandbox::engine::Ask;
///
/// /// What a page of one's own would show.
/// fn words(ask: Ask) -> &'static str {
///     match ask {
///         Ask::Decision => "Pay?",
///         Ask::Card => "Your card, please.",
///         Ask::Challenge => "Is it you?",
///         Ask::Nothing => "One moment.",
///     }
/// }
/// assert_eq!(words(Ask::Decision), "Pay?");
/// ```
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
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::paid;
    /// # let gateway = paid();
    /// assert_eq!(gateway.view(10).payments.len(), 1);
    /// assert!(gateway.view(0).payments.is_empty());
    /// ```
    #[must_use]
    pub fn view(&self, most: usize) -> View {
        let mut payments: Vec<&Payment> = self.state.payments().collect();
        payments.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        let mut authorizations: Vec<_> = self.state.authorizations().collect();
        authorizations.sort_by(|a, b| (b.expires, &b.page).cmp(&(a.expires, &a.page)));
        let mut disputes: Vec<_> = self.state.disputes().collect();
        disputes.sort_by(|a, b| (b.opened, &b.id).cmp(&(a.opened, &a.id)));
        let mut vaultings: Vec<_> = self.state.vaultings().collect();
        vaultings.sort_by(|a, b| (b.created, &b.request_id).cmp(&(a.created, &a.request_id)));
        let mut subscriptions: Vec<_> = self.state.subscriptions().collect();
        subscriptions.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
        View {
            vaultings: vaultings.into_iter().take(most).map(vaulting).collect(),
            subscriptions: subscriptions.into_iter().take(most).map(subscription).collect(),
            disputes: disputes.into_iter().take(most).map(dispute).collect(),
            payments: payments.into_iter().take(most).map(payment).collect(),
            authorizations: authorizations.into_iter().take(most).map(authorization).collect(),
            unacknowledged: self.unacknowledged(),
        }
    }

    /// What a buyer's page shows, by the last part of its URL.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::gateway;
    /// # let gateway = gateway();
    /// assert!(gateway.page("no-page").is_none());
    /// ```
    #[must_use]
    pub fn page(&self, page: &str) -> Option<PageView> {
        Some(match self.state.page(page)? {
            Page::Payment(found) => {
                let asks = match found.state {
                    PaymentState::Waiting(Waiting::Decision) => Some(Ask::Decision),
                    PaymentState::Waiting(Waiting::CardEntry) => Some(Ask::Card),
                    PaymentState::Waiting(Waiting::Challenge) => Some(Ask::Challenge),
                    PaymentState::Waiting(Waiting::Settlement) => Some(Ask::Nothing),
                    _ => None,
                };
                PageView::Payment { payment: payment(found), asks }
            }
            Page::Authorization(found) => {
                let open = matches!(found.stage, Stage::Open);
                PageView::Authorization { authorization: authorization(found), open }
            }
            Page::Vaulting(found) => {
                let asks = match found.stage {
                    VaultingStage::CardEntry => Some(Ask::Card),
                    VaultingStage::Challenge { .. } => Some(Ask::Challenge),
                    VaultingStage::Decision => Some(Ask::Decision),
                    VaultingStage::Stored { .. } | VaultingStage::Failed { .. } => None,
                };
                PageView::Vaulting { vaulting: vaulting(found), asks }
            }
            Page::Subscription(found) => {
                let open = found.stage == SubscriptionStage::Open;
                PageView::Subscription { subscription: subscription(found), open }
            }
        })
    }
}

fn vaulting(vaulting: &Vaulting) -> VaultingView {
    VaultingView {
        vaulting_request_id: vaulting.request_id.clone(),
        method: vaulting.method.as_str().to_owned(),
        state: match vaulting.stage {
            VaultingStage::CardEntry => "waits for a card",
            VaultingStage::Challenge { .. } => "waits for 3-D Secure",
            VaultingStage::Decision => "waits for the buyer",
            VaultingStage::Stored { .. } => "stored",
            VaultingStage::Failed { .. } => "failed",
        },
        page: vaulting.page.clone(),
        expires: vaulting.expires,
    }
}

fn subscription(subscription: &Subscription) -> SubscriptionView {
    SubscriptionView {
        subscription_id: subscription.id.clone(),
        subscription_request_id: subscription.request_id.clone(),
        description: subscription.description.clone(),
        method: subscription.method.as_str().to_owned(),
        amount: subscription.amount.clone(),
        state: match subscription.stage {
            SubscriptionStage::Open => "waits for the buyer",
            SubscriptionStage::Active => "active",
            SubscriptionStage::Cancelled => "cancelled",
            SubscriptionStage::Terminated => "ended",
            SubscriptionStage::Closed => "not agreed to",
        },
        phase: subscription.phase,
        next: subscription.turns(),
        page: subscription.page.clone(),
    }
}

fn payment(payment: &Payment) -> PaymentView {
    let (state, failure) = match &payment.state {
        PaymentState::Waiting(Waiting::Decision) => ("waits for the buyer", None),
        PaymentState::Waiting(Waiting::CardEntry) => ("waits for a card", None),
        PaymentState::Waiting(Waiting::Challenge) => ("waits for 3-D Secure", None),
        PaymentState::Waiting(Waiting::Settlement) => ("in process", None),
        PaymentState::Paid { .. } => ("paid", None),
        PaymentState::Failed { code, .. } => ("failed", Some(code.to_string())),
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
