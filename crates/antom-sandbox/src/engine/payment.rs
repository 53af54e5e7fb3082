//! One payment: what was asked for, how far it is, what was captured and refunded.

use std::borrow::Cow;

use antom_core::api::models::PaymentMethodType;
use antom_core::money::{Amount, Currency};
use antom_core::secret::Secret;
use antom_core::time::UnixTime;

use super::card::TestCard;

/// How the buyer comes to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Channel {
    /// A code that the buyer scans at the counter.
    OrderCode,
    /// A code that the merchant scanned from the buyer's phone.
    PresentedCode,
    /// A page of the buyer's wallet.
    Wallet,
    /// A token the buyer gave the merchant earlier.
    Agreement,
    /// A card.
    Card,
}

/// What a payment waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Waiting {
    /// The buyer looks at a page or code and decides.
    Decision,
    /// The buyer enters a card.
    CardEntry,
    /// The buyer's bank asks who they are (3-D Secure).
    Challenge,
    /// The wallet, without the buyer.
    Settlement,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum PaymentState {
    Waiting(Waiting),
    Paid { at: UnixTime },
    Failed { at: UnixTime, code: Cow<'static, str>, message: Cow<'static, str> },
    Cancelled { at: UnixTime },
}

impl PaymentState {
    pub(super) fn is_final(&self) -> bool {
        !matches!(self, Self::Waiting(_))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum CaptureMode {
    Automatic,
    Manual,
}

/// The card of a payment. Its number is one of the published ones; nothing the buyer typed is kept.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct PaidCard {
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::card"))]
    pub(super) card: &'static TestCard,
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::secrets"))]
    pub(super) token: Option<Secret<String>>,
    pub(super) challenged: bool,
    pub(super) network_id: String,
}

#[derive(Debug, Clone)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Capture {
    pub(super) id: String,
    pub(super) request_id: String,
    pub(super) amount: Amount,
    pub(super) at: UnixTime,
    pub(super) last: bool,
}

#[derive(Debug, Clone)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) request_id: String,
    pub(super) amount: Amount,
    pub(super) capture_id: Option<String>,
    pub(super) notify_url: Option<String>,
    /// When it was, or will be, done.
    pub(super) due: UnixTime,
    pub(super) done: bool,
}

#[derive(Debug, Clone)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Payment {
    pub(super) id: String,
    pub(super) request_id: String,
    pub(super) amount: Amount,
    pub(super) method: PaymentMethodType,
    /// The token or code it is paid with; part of what a repetition must not change.
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::secrets"))]
    pub(super) method_id: Option<Secret<String>>,
    pub(super) channel: Channel,
    pub(super) capture_mode: CaptureMode,
    /// The merchant asked for 3-D Secure.
    pub(super) asks_3ds: bool,
    pub(super) notify_url: Option<String>,
    pub(super) redirect_url: Option<String>,
    /// The buyer's page.
    pub(super) page: Option<String>,
    pub(super) created: UnixTime,
    pub(super) expires: UnixTime,
    pub(super) state: PaymentState,
    pub(super) card: Option<PaidCard>,
    pub(super) captures: Vec<Capture>,
    pub(super) refunds: Vec<Refund>,
    /// When a payment that had failed before was cancelled.
    pub(super) cancel_noted: Option<UnixTime>,
    /// What it pays for, if a subscription made it.
    pub(super) phase: Option<Phase>,
}

/// A phase of a subscription.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Phase {
    pub(super) subscription: String,
    pub(super) subscription_request: String,
    pub(super) number: u32,
    pub(super) from: UnixTime,
    pub(super) to: UnixTime,
}

impl Payment {
    /// How long an uncaptured card authorization holds.
    const AUTHORIZATION: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);

    /// Until when a card authorization can be captured.
    pub(super) fn authorization_expires(&self) -> Option<UnixTime> {
        match (self.channel, &self.state) {
            (Channel::Card, PaymentState::Paid { at }) => Some(at.saturating_add(Self::AUTHORIZATION)),
            _ => None,
        }
    }

    pub(super) fn currency(&self) -> &Currency {
        self.amount.currency()
    }

    pub(super) fn minor(&self) -> u128 {
        self.amount.minor_units().unwrap_or(0)
    }

    pub(super) fn captured(&self) -> u128 {
        self.captures.iter().map(|capture| capture.amount.minor_units().unwrap_or(0)).sum()
    }

    /// What can be given back at most: what was captured of a card, all that was paid of the rest.
    pub(super) fn refundable(&self) -> u128 {
        match self.channel {
            Channel::Card => self.captured(),
            _ => self.minor(),
        }
    }

    /// What was given back or is about to be.
    pub(super) fn refunded(&self) -> u128 {
        self.refunds.iter().map(|refund| refund.amount.minor_units().unwrap_or(0)).sum()
    }

    pub(super) fn is_closed_for_capture(&self) -> bool {
        self.captures.iter().any(|capture| capture.last)
    }

    /// Whether nothing will change any more by itself.
    pub(super) fn is_settled(&self) -> bool {
        self.state.is_final() && self.refunds.iter().all(|refund| refund.done)
    }

    /// The result that describes the payment, as pay, notification and inquiry give it.
    pub(super) fn outcome(&self) -> antom_core::api::models::ResultInfo {
        use super::reply::{failure, in_process, success};
        match &self.state {
            PaymentState::Waiting(_) => in_process("PAYMENT_IN_PROCESS", "payment in process"),
            PaymentState::Paid { .. } => success(),
            PaymentState::Failed { code, message, .. } => failure(code, message),
            PaymentState::Cancelled { .. } => failure("ORDER_IS_CANCELED", "The order is canceled."),
        }
    }
}
