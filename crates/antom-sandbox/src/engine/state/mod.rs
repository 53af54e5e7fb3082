//! Everything the gateway remembers, and the one place where it changes.

mod apply;
mod index;
mod objects;
#[cfg(feature = "state-file")]
mod saved;

use antom_core::time::UnixTime;

use super::auth::{Authorization, Token};
use super::card::StoredCard;
use super::dispute::Dispute;
use super::kept::Kept;
use super::payment::{Capture, Payment, Refund};
use super::subscription::Subscription;
use super::vault::Vaulting;
use index::{Index, Link};

pub(super) use index::Timer;

/// What a buyer's page belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Page<'a> {
    Payment(&'a Payment),
    Authorization(&'a Authorization),
    Vaulting(&'a Vaulting),
    Subscription(&'a Subscription),
}

#[derive(Debug, Default)]
pub(super) struct State {
    payments: Kept<Payment>,
    authorizations: Kept<Authorization>,
    tokens: Kept<Token>,
    cards: Kept<StoredCard>,
    disputes: Kept<Dispute>,
    vaultings: Kept<Vaulting>,
    subscriptions: Kept<Subscription>,
    index: Index,
}

impl State {
    /// Room for so many of each kind.
    pub(super) fn new(max_objects: usize) -> Self {
        Self {
            payments: Kept::new(max_objects),
            authorizations: Kept::new(max_objects),
            tokens: Kept::new(max_objects),
            cards: Kept::new(max_objects),
            disputes: Kept::new(max_objects),
            vaultings: Kept::new(max_objects),
            subscriptions: Kept::new(max_objects),
            index: Index::default(),
        }
    }

    pub(super) fn payments(&self) -> impl Iterator<Item = &Payment> {
        self.payments.values()
    }

    pub(super) fn payment(&self, id: &str) -> Option<&Payment> {
        self.payments.get(id)
    }

    pub(super) fn payment_of_request(&self, request_id: &str) -> Option<&Payment> {
        self.payments.get(self.index.find(Link::PaymentOfRequest, request_id)?)
    }

    /// By payment id or, without one, by request id: the first wins over the second.
    pub(super) fn find_payment(&self, id: Option<&str>, request_id: Option<&str>) -> Option<&Payment> {
        match (id, request_id) {
            (Some(id), _) => self.payment(id),
            (None, Some(request_id)) => self.payment_of_request(request_id),
            (None, None) => None,
        }
    }

    pub(super) fn capture_of_request(&self, request_id: &str) -> Option<(&Payment, &Capture)> {
        let payment = self.payments.get(self.index.find(Link::PaymentOfCapture, request_id)?)?;
        let capture = payment.captures.iter().find(|capture| capture.request_id == request_id)?;
        Some((payment, capture))
    }

    pub(super) fn refund(&self, id: &str) -> Option<(&Payment, &Refund)> {
        let payment = self.payments.get(self.index.find(Link::PaymentOfRefund, id)?)?;
        Some((payment, payment.refunds.iter().find(|refund| refund.id == id)?))
    }

    pub(super) fn refund_of_request(&self, request_id: &str) -> Option<(&Payment, &Refund)> {
        let payment = self.payments.get(self.index.find(Link::PaymentOfRefundRequest, request_id)?)?;
        Some((payment, payment.refunds.iter().find(|refund| refund.request_id == request_id)?))
    }

    /// What a buyer's page belongs to, by its name.
    pub(super) fn page(&self, page: &str) -> Option<Page<'_>> {
        if let Some(authorization) = self.authorizations.get(page) {
            return Some(Page::Authorization(authorization));
        }
        let payment = self.index.find(Link::PaymentOfPage, page).and_then(|id| self.payments.get(id));
        if let Some(payment) = payment {
            return Some(Page::Payment(payment));
        }
        let vaulting = self.index.find(Link::VaultingOfPage, page).and_then(|id| self.vaultings.get(id));
        if let Some(vaulting) = vaulting {
            return Some(Page::Vaulting(vaulting));
        }
        self.subscriptions.get(self.index.find(Link::SubscriptionOfPage, page)?).map(Page::Subscription)
    }

    pub(super) fn authorizations(&self) -> impl Iterator<Item = &Authorization> {
        self.authorizations.values()
    }

    pub(super) fn authorization(&self, page: &str) -> Option<&Authorization> {
        self.authorizations.get(page)
    }

    pub(super) fn authorization_of_state(&self, auth_state: &str) -> Option<&Authorization> {
        self.authorizations.get(self.index.find(Link::AuthorizationOfState, auth_state)?)
    }

    pub(super) fn authorization_of_code(&self, code: &str) -> Option<&Authorization> {
        self.authorizations.get(self.index.find(Link::AuthorizationOfCode, code)?)
    }

    pub(super) fn token(&self, access: &str) -> Option<&Token> {
        self.tokens.get(access)
    }

    pub(super) fn token_issued_for(&self, code_or_refresh: &str) -> Option<&Token> {
        self.tokens.get(self.index.find(Link::TokenOfSpent, code_or_refresh)?)
    }

    pub(super) fn token_of_refresh(&self, refresh: &str) -> Option<&Token> {
        self.tokens.get(self.index.find(Link::TokenOfRefresh, refresh)?)
    }

    pub(super) fn card(&self, token: &str) -> Option<&StoredCard> {
        self.cards.get(token)
    }

    pub(super) fn disputes(&self) -> impl Iterator<Item = &Dispute> {
        self.disputes.values()
    }

    pub(super) fn dispute(&self, id: &str) -> Option<&Dispute> {
        self.disputes.get(id)
    }

    pub(super) fn vaultings(&self) -> impl Iterator<Item = &Vaulting> {
        self.vaultings.values()
    }

    pub(super) fn vaulting(&self, request_id: &str) -> Option<&Vaulting> {
        self.vaultings.get(request_id)
    }

    pub(super) fn subscriptions(&self) -> impl Iterator<Item = &Subscription> {
        self.subscriptions.values()
    }

    pub(super) fn subscription(&self, id: &str) -> Option<&Subscription> {
        self.subscriptions.get(id)
    }

    pub(super) fn subscription_of_request(&self, request_id: &str) -> Option<&Subscription> {
        self.subscriptions.get(self.index.find(Link::SubscriptionOfRequest, request_id)?)
    }

    pub(super) fn next_timer(&self) -> Option<UnixTime> {
        self.index.next_timer()
    }

    /// Takes out the next timer that has run out, with the time it ran out at.
    pub(super) fn elapsed(&mut self, now: UnixTime) -> Option<(UnixTime, Timer)> {
        if self.next_timer()? > now { None } else { self.index.pop_timer() }
    }
}
