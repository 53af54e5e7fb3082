//! Subscriptions: the buyer agrees once, the gateway debits by itself. Periods are short here, as they are in Antom's
//! own sandbox: a month lasts three minutes, and there are twelve debits at most.

use std::time::Duration;

use antom_core::api::models::{PaymentMethod, PaymentMethodType, PeriodRule, SubscriptionStatus, Trial};
use antom_core::api::notifications::SubscriptionNotificationType;
use antom_core::money::Amount;
use antom_core::time::UnixTime;

use super::change::Change;
use super::desk::Desk;
use super::pay::{RISK_AMOUNTS, failed};
use super::payment::{CaptureMode, Channel, Payment, PaymentState, Phase};

/// The most debits of one subscription, as published.
const MOST_DEBITS: u32 = 12;
/// How long a debit may take; the gateway makes it at once.
const DEBIT: Duration = Duration::from_secs(60);

/// How far a subscription is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum SubscriptionStage {
    /// The buyer has not decided.
    Open,
    /// It is debited.
    Active,
    /// It is debited no more, and ends with its period.
    Cancelled,
    /// It served its time, or was ended at once.
    Terminated,
    /// The buyer declined, or was too late.
    Closed,
}

/// What the merchant is told about a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) kind: SubscriptionNotificationType,
    /// The code and the sentence of a creation that came to nothing.
    pub(super) failed: Option<(&'static str, &'static str)>,
}

impl From<SubscriptionNotificationType> for Told {
    fn from(kind: SubscriptionNotificationType) -> Self {
        Self { kind, failed: None }
    }
}

#[derive(Debug, Clone)]
#[cfg_attr(feature = "state-file", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) request_id: String,
    pub(super) page: String,
    pub(super) description: String,
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::message"))]
    pub(super) rule: PeriodRule,
    pub(super) amount: Amount,
    pub(super) method: PaymentMethodType,
    #[cfg_attr(feature = "state-file", serde(with = "super::saved::messages"))]
    pub(super) trials: Vec<Trial>,
    pub(super) starts: UnixTime,
    pub(super) ends: Option<UnixTime>,
    /// Until when the buyer may agree.
    pub(super) expires: UnixTime,
    pub(super) redirect_url: String,
    pub(super) notify_url: String,
    pub(super) payment_notify_url: String,
    pub(super) allow_accumulate: Option<bool>,
    pub(super) max_accumulate_amount: Option<Amount>,
    pub(super) stage: SubscriptionStage,
    /// The phase it is in; 0 before the first debit.
    pub(super) phase: u32,
    /// From when until when that phase lasts.
    pub(super) period: Option<(UnixTime, UnixTime)>,
    pub(super) payments: Vec<String>,
    /// The ids of the changes that were made, for those who ask again.
    pub(super) changes: Vec<String>,
    pub(super) created: UnixTime,
    pub(super) updated: UnixTime,
}

impl Subscription {
    /// When something happens to it by itself.
    pub(super) fn turns(&self) -> Option<UnixTime> {
        match self.stage {
            SubscriptionStage::Open => Some(self.expires),
            SubscriptionStage::Active => [self.next_debit(), self.ends].into_iter().flatten().min(),
            SubscriptionStage::Cancelled => Some(self.period.map_or(self.updated, |(_, until)| until)),
            SubscriptionStage::Terminated | SubscriptionStage::Closed => None,
        }
    }

    fn next_debit(&self) -> Option<UnixTime> {
        (self.phase < MOST_DEBITS).then(|| self.period.map_or(self.starts, |(_, until)| until))
    }

    pub(super) fn status(&self) -> SubscriptionStatus {
        match self.stage {
            SubscriptionStage::Active => SubscriptionStatus::Active,
            SubscriptionStage::Cancelled => SubscriptionStatus::Cancelled,
            _ => SubscriptionStatus::Terminated,
        }
    }

    pub(super) fn payment_method(&self) -> PaymentMethod {
        PaymentMethod::new(self.method.clone())
    }

    /// What a phase costs.
    fn price(&self, phase: u32) -> &Amount {
        let phase = i64::from(phase);
        let within = |trial: &&Trial| {
            let Some(first) = trial.trial_start_period else { return false };
            (first..=trial.trial_end_period.unwrap_or(first)).contains(&phase)
        };
        self.trials.iter().find(within).and_then(|trial| trial.trial_amount.as_ref()).unwrap_or(&self.amount)
    }

    /// The change that makes this one the one that is kept.
    pub(super) fn set(self, told: Option<Told>) -> Change {
        Change::SubscriptionSet { subscription: Box::new(self), told }
    }
}

/// How long a period lasts here. The published ones, and for others the next longer of them.
pub(super) fn lasts(rule: &PeriodRule) -> Duration {
    let count = rule.period_count.unwrap_or(1);
    let minutes = match rule.period_type.as_deref() {
        Some("YEAR") => 60,
        Some("MONTH") if count > 3 => 30,
        Some("MONTH") if count > 1 => 15,
        _ => 3,
    };
    Duration::from_secs(minutes * 60)
}

/// The buyer agrees: it is active, and debited at once if it has begun.
pub(super) fn agree(desk: &mut Desk<'_>, subscription: &Subscription) -> Vec<Change> {
    let stage = SubscriptionStage::Active;
    let active = Subscription { stage, updated: desk.now, ..subscription.clone() };
    let told = Some(SubscriptionNotificationType::Create.into());
    if active.starts > desk.now {
        return vec![active.set(told)];
    }
    let (next, payment) = debit(desk, &active);
    std::iter::once(next.set(told)).chain(payment).collect()
}

/// The buyer declines, or was too late.
pub(super) fn close(
    now: UnixTime,
    subscription: &Subscription,
    code: &'static str,
    message: &'static str,
) -> Change {
    let told = Told { kind: SubscriptionNotificationType::Create, failed: Some((code, message)) };
    Subscription { stage: SubscriptionStage::Closed, updated: now, ..subscription.clone() }.set(Some(told))
}

/// Ends it at once.
pub(super) fn terminate(now: UnixTime, subscription: &Subscription) -> Change {
    let stage = SubscriptionStage::Terminated;
    let ended = Subscription { stage, updated: now, ..subscription.clone() };
    ended.set(Some(SubscriptionNotificationType::Terminate.into()))
}

/// Time has passed for it.
pub(super) fn turn(desk: &mut Desk<'_>, id: &str) -> Vec<Change> {
    let Some(subscription) = desk.state.subscription(id) else { return Vec::new() };
    match subscription.stage {
        SubscriptionStage::Open => {
            vec![close(desk.now, subscription, "ORDER_IS_CLOSED", "The buyer did not agree in time.")]
        }
        SubscriptionStage::Active if subscription.ends.is_some_and(|end| end <= desk.now) => {
            vec![terminate(desk.now, subscription)]
        }
        SubscriptionStage::Active => {
            let (next, payment) = debit(desk, &subscription.clone());
            std::iter::once(next.set(None)).chain(payment).collect()
        }
        SubscriptionStage::Cancelled => vec![terminate(desk.now, subscription)],
        SubscriptionStage::Terminated | SubscriptionStage::Closed => Vec::new(),
    }
}

/// The next phase begins, and is paid for unless it is free.
fn debit(desk: &mut Desk<'_>, subscription: &Subscription) -> (Subscription, Option<Change>) {
    let until = desk.now.saturating_add(lasts(&subscription.rule));
    let mut next = subscription.clone();
    next.phase = subscription.phase.saturating_add(1);
    next.period = Some((desk.now, until));
    let price = next.price(next.phase).clone();
    let payment = charge(desk, &mut next, price);
    (next, payment)
}

/// Takes an amount for the phase that the subscription is in.
pub(super) fn charge(desk: &mut Desk<'_>, subscription: &mut Subscription, amount: Amount) -> Option<Change> {
    let (from, to) = subscription.period?;
    if amount.minor_units() == Ok(0) {
        return None;
    }
    let state = match RISK_AMOUNTS.contains(&amount.value_text()) {
        true => failed(desk.now, "RISK_REJECT", "The debit was rejected by risk control."),
        false => PaymentState::Paid { at: desk.now },
    };
    let payment = Payment {
        id: desk.ids.numbered("194010800", desk.now),
        request_id: desk.ids.numbered("194010850", desk.now),
        amount,
        method: subscription.method.clone(),
        method_id: None,
        channel: Channel::Agreement,
        capture_mode: CaptureMode::Automatic,
        asks_3ds: false,
        notify_url: Some(subscription.payment_notify_url.clone()),
        redirect_url: None,
        page: None,
        created: desk.now,
        expires: desk.now.saturating_add(DEBIT),
        state,
        card: None,
        captures: Vec::new(),
        refunds: Vec::new(),
        cancel_noted: None,
        phase: Some(Phase {
            subscription: subscription.id.clone(),
            subscription_request: subscription.request_id.clone(),
            number: subscription.phase,
            from,
            to,
        }),
    };
    subscription.payments.push(payment.id.clone());
    Some(Change::PaymentCreated(Box::new(payment)))
}
