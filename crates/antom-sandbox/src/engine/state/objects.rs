//! What each kind of object is found by, and what happens to it by itself.

use antom_core::time::UnixTime;

use super::super::auth::{Authorization, Stage, Token};
use super::super::card::StoredCard;
use super::super::dispute::{ALERT, Dispute, DisputeStage};
use super::super::payment::{Payment, PaymentState};
use super::super::subscription::Subscription;
use super::super::vault::Vaulting;
use super::index::{Link, Object, Timer};

impl Object for Payment {
    fn id(&self) -> &str {
        &self.id
    }

    fn links(&self) -> Vec<(Link, &str)> {
        let mut links = vec![(Link::PaymentOfRequest, &*self.request_id)];
        links.extend(self.page.as_deref().map(|page| (Link::PaymentOfPage, page)));
        links.extend(self.captures.iter().map(|capture| (Link::PaymentOfCapture, &*capture.request_id)));
        for refund in &self.refunds {
            links.push((Link::PaymentOfRefund, &refund.id));
            links.push((Link::PaymentOfRefundRequest, &refund.request_id));
        }
        links
    }

    fn timers(&self) -> Vec<(UnixTime, Timer)> {
        let mut timers = Vec::new();
        if let PaymentState::Waiting(_) = self.state {
            timers.push((self.expires, Timer::PaymentExpires(self.id.clone())));
        }
        timers.extend(self.refunds.iter().filter(|refund| !refund.done).map(|refund| {
            (refund.due, Timer::RefundDone { payment: self.id.clone(), refund: refund.id.clone() })
        }));
        timers
    }
}

impl Object for Authorization {
    fn id(&self) -> &str {
        &self.page
    }

    fn links(&self) -> Vec<(Link, &str)> {
        let mut links = vec![(Link::AuthorizationOfState, &*self.auth_state)];
        if let Stage::Granted { code, .. } = &self.stage {
            links.push((Link::AuthorizationOfCode, code.expose()));
        }
        links
    }

    fn timers(&self) -> Vec<(UnixTime, Timer)> {
        match self.stage {
            Stage::Open => vec![(self.expires, Timer::AuthorizationExpires(self.page.clone()))],
            _ => Vec::new(),
        }
    }
}

impl Object for Token {
    fn id(&self) -> &str {
        self.access.expose()
    }

    fn links(&self) -> Vec<(Link, &str)> {
        vec![(Link::TokenOfSpent, self.spent.expose()), (Link::TokenOfRefresh, self.refresh.expose())]
    }
}

impl Object for StoredCard {
    fn id(&self) -> &str {
        self.token.expose()
    }
}

impl Object for Dispute {
    fn id(&self) -> &str {
        &self.id
    }

    fn timers(&self) -> Vec<(UnixTime, Timer)> {
        if self.stage != DisputeStage::Open {
            return Vec::new();
        }
        let mut timers = vec![(self.due, Timer::DisputeEnds(self.id.clone()))];
        if !self.alerted {
            timers.push((self.due.saturating_sub(ALERT), Timer::DisputeAlert(self.id.clone())));
        }
        timers
    }
}

impl Object for Vaulting {
    fn id(&self) -> &str {
        &self.request_id
    }

    fn links(&self) -> Vec<(Link, &str)> {
        self.page.as_deref().map(|page| (Link::VaultingOfPage, page)).into_iter().collect()
    }

    fn timers(&self) -> Vec<(UnixTime, Timer)> {
        match self.is_open() {
            true => vec![(self.expires, Timer::VaultingExpires(self.request_id.clone()))],
            false => Vec::new(),
        }
    }
}

impl Object for Subscription {
    fn id(&self) -> &str {
        &self.id
    }

    fn links(&self) -> Vec<(Link, &str)> {
        vec![(Link::SubscriptionOfRequest, &self.request_id), (Link::SubscriptionOfPage, &self.page)]
    }

    fn timers(&self) -> Vec<(UnixTime, Timer)> {
        self.turns().map(|at| (at, Timer::SubscriptionTurns(self.id.clone()))).into_iter().collect()
    }
}
