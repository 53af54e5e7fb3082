//! Everything the gateway remembers, and the one place where it changes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use antom_core::time::UnixTime;

use super::auth::{Authorization, Stage, Token};
use super::card::TestCard;
use super::change::Change;
use super::dispute::{ALERT, Dispute, DisputeStage};
use super::notice::Notice;
use super::payment::{Capture, Payment, PaymentState, Refund, Waiting};

/// Something that will happen by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    PaymentExpires(String),
    RefundDone { payment: String, refund: String },
    AuthorizationExpires(String),
    DisputeAlert(String),
    DisputeEnds(String),
}

/// What a buyer's page belongs to.
#[derive(Debug, Clone)]
pub(super) enum Page {
    Payment(String),
    Authorization,
}

#[derive(Debug, Default)]
pub(super) struct State {
    payments: BTreeMap<String, Payment>,
    payment_of_request: BTreeMap<String, String>,
    payment_of_capture: BTreeMap<String, String>,
    payment_of_refund: BTreeMap<String, String>,
    payment_of_refund_request: BTreeMap<String, String>,
    pages: BTreeMap<String, Page>,
    authorizations: BTreeMap<String, Authorization>,
    page_of_state: BTreeMap<String, String>,
    page_of_code: BTreeMap<String, String>,
    tokens: BTreeMap<String, Token>,
    /// Code or refresh token to the access token that was given for it.
    issued_for: BTreeMap<String, String>,
    access_of_refresh: BTreeMap<String, String>,
    cards: BTreeMap<String, &'static TestCard>,
    disputes: BTreeMap<String, Dispute>,
    dispute_age: VecDeque<String>,
    timers: BTreeSet<(UnixTime, Timer)>,
    age: VecDeque<String>,
    authorization_age: VecDeque<String>,
    max_objects: usize,
}

impl State {
    pub(super) fn new(max_objects: usize) -> Self {
        Self { max_objects: max_objects.max(1), ..Self::default() }
    }

    pub(super) fn payments(&self) -> impl Iterator<Item = &Payment> {
        self.payments.values()
    }

    pub(super) fn payment(&self, id: &str) -> Option<&Payment> {
        self.payments.get(id)
    }

    pub(super) fn payment_of_request(&self, request_id: &str) -> Option<&Payment> {
        self.payments.get(self.payment_of_request.get(request_id)?)
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
        let payment = self.payments.get(self.payment_of_capture.get(request_id)?)?;
        let capture = payment.captures.iter().find(|capture| capture.request_id == request_id)?;
        Some((payment, capture))
    }

    pub(super) fn refund(&self, id: &str) -> Option<(&Payment, &Refund)> {
        let payment = self.payments.get(self.payment_of_refund.get(id)?)?;
        Some((payment, payment.refunds.iter().find(|refund| refund.id == id)?))
    }

    pub(super) fn refund_of_request(&self, request_id: &str) -> Option<(&Payment, &Refund)> {
        let payment = self.payments.get(self.payment_of_refund_request.get(request_id)?)?;
        Some((payment, payment.refunds.iter().find(|refund| refund.request_id == request_id)?))
    }

    pub(super) fn page(&self, page: &str) -> Option<&Page> {
        self.pages.get(page)
    }

    pub(super) fn authorizations(&self) -> impl Iterator<Item = &Authorization> {
        self.authorizations.values()
    }

    pub(super) fn authorization(&self, page: &str) -> Option<&Authorization> {
        self.authorizations.get(page)
    }

    pub(super) fn authorization_of_state(&self, auth_state: &str) -> Option<&Authorization> {
        self.authorizations.get(self.page_of_state.get(auth_state)?)
    }

    pub(super) fn authorization_of_code(&self, code: &str) -> Option<&Authorization> {
        self.authorizations.get(self.page_of_code.get(code)?)
    }

    pub(super) fn token(&self, access: &str) -> Option<&Token> {
        self.tokens.get(access)
    }

    pub(super) fn token_issued_for(&self, code_or_refresh: &str) -> Option<&Token> {
        self.tokens.get(self.issued_for.get(code_or_refresh)?)
    }

    pub(super) fn token_of_refresh(&self, refresh: &str) -> Option<&Token> {
        self.tokens.get(self.access_of_refresh.get(refresh)?)
    }

    pub(super) fn card(&self, token: &str) -> Option<&'static TestCard> {
        self.cards.get(token).copied()
    }

    pub(super) fn disputes(&self) -> impl Iterator<Item = &Dispute> {
        self.disputes.values()
    }

    pub(super) fn dispute(&self, id: &str) -> Option<&Dispute> {
        self.disputes.get(id)
    }

    pub(super) fn next_timer(&self) -> Option<UnixTime> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Takes out the next timer that has run out, with the time it ran out at.
    pub(super) fn elapsed(&mut self, now: UnixTime) -> Option<(UnixTime, Timer)> {
        if self.next_timer()? > now { None } else { self.timers.pop_first() }
    }

    /// Makes one change; says what the merchant is to be told.
    pub(super) fn apply(&mut self, now: UnixTime, change: Change) -> Vec<Notice> {
        match change {
            Change::PaymentCreated(payment) => self.create(*payment),
            Change::PaymentChallenged { payment, card } => {
                self.with_payment(&payment, |payment| {
                    payment.card = Some(card);
                    payment.state = PaymentState::Waiting(Waiting::Challenge);
                });
                Vec::new()
            }
            Change::PaymentPaid { payment, card, capture } => {
                let mut notices = vec![Notice::Payment(payment.clone())];
                if let Some(capture) = &capture {
                    notices.push(Notice::Capture { payment: payment.clone(), capture: capture.id.clone() });
                }
                self.with_payment(&payment, |payment| {
                    payment.state = PaymentState::Paid { at: now };
                    payment.card = card.or(payment.card.take());
                    payment.captures.extend(capture);
                });
                notices
            }
            Change::PaymentFailed { payment, code, message } => {
                self.with_payment(&payment, |payment| {
                    payment.state = PaymentState::Failed { at: now, code, message };
                });
                vec![Notice::Payment(payment)]
            }
            Change::PaymentCancelled { payment } => {
                self.with_payment(&payment, |payment| match payment.state {
                    // What failed stays failed: a final state never changes its name.
                    PaymentState::Failed { .. } => payment.cancel_noted = Some(now),
                    _ => payment.state = PaymentState::Cancelled { at: now },
                });
                Vec::new()
            }
            Change::Captured { payment, capture } => {
                let notice = Notice::Capture { payment: payment.clone(), capture: capture.id.clone() };
                self.payment_of_capture.insert(capture.request_id.clone(), payment.clone());
                self.with_payment(&payment, |payment| payment.captures.push(capture));
                vec![notice]
            }
            Change::RefundCreated { payment, refund } => {
                let notice = Notice::Refund { payment: payment.clone(), refund: refund.id.clone() };
                let (done, due) = (refund.done, refund.due);
                self.payment_of_refund.insert(refund.id.clone(), payment.clone());
                self.payment_of_refund_request.insert(refund.request_id.clone(), payment.clone());
                let id = refund.id.clone();
                self.with_payment(&payment, |payment| payment.refunds.push(refund));
                if done {
                    return vec![notice];
                }
                self.timers.insert((due, Timer::RefundDone { payment, refund: id }));
                Vec::new()
            }
            Change::RefundDone { payment, refund } => {
                let mut changed = false;
                self.with_payment(&payment, |payment| {
                    if let Some(found) = payment.refunds.iter_mut().find(|known| known.id == refund) {
                        changed = !found.done;
                        found.done = true;
                        found.due = now;
                    }
                });
                if changed { vec![Notice::Refund { payment, refund }] } else { Vec::new() }
            }
            Change::CardStored { token, card } => {
                self.cards.insert(token.expose().clone(), card);
                Vec::new()
            }
            Change::AuthorizationOpened(authorization) => self.open(*authorization),
            Change::AuthorizationGranted { page, code, until } => {
                self.page_of_code.insert(code.expose().clone(), page.clone());
                if let Some(authorization) = self.authorizations.get_mut(&page) {
                    authorization.stage = Stage::Granted { code, until };
                }
                vec![Notice::CodeCreated(page)]
            }
            Change::AuthorizationClosed { page } => {
                if let Some(authorization) = self.authorizations.get_mut(&page) {
                    authorization.stage = Stage::Closed;
                }
                Vec::new()
            }
            Change::TokenIssued { token, spent, replaces } => {
                if let Some(old) = replaces.and_then(|old| self.tokens.get_mut(&old)) {
                    old.live = false;
                }
                let access = token.access.expose().clone();
                self.issued_for.insert(spent.expose().clone(), access.clone());
                self.access_of_refresh.insert(token.refresh.expose().clone(), access.clone());
                self.tokens.insert(access, *token);
                Vec::new()
            }
            Change::TokenCancelled { access, by_buyer } => {
                let Some(token) = self.tokens.get_mut(&access).filter(|token| token.live) else {
                    return Vec::new();
                };
                token.live = false;
                vec![Notice::TokenCancelled { access, by_buyer }]
            }
            Change::DisputeOpened(dispute) => self.dispute_opened(*dispute),
            Change::DisputeNearsItsEnd { dispute } => vec![Notice::DisputeAlert(dispute)],
            Change::DisputeMoved { dispute: id, stage } => {
                let Some(dispute) = self.disputes.get_mut(&id) else { return Vec::new() };
                dispute.stage = stage;
                for timer in dispute_timers(dispute) {
                    self.timers.remove(&timer);
                }
                vec![Notice::Dispute(id)]
            }
        }
    }

    fn dispute_opened(&mut self, dispute: Dispute) -> Vec<Notice> {
        while self.dispute_age.len() >= self.max_objects {
            let Some(oldest) = self.dispute_age.pop_front() else { break };
            if let Some(oldest) = self.disputes.remove(&oldest) {
                for timer in dispute_timers(&oldest) {
                    self.timers.remove(&timer);
                }
            }
        }
        self.timers.extend(dispute_timers(&dispute));
        let id = dispute.id.clone();
        self.dispute_age.push_back(id.clone());
        self.disputes.insert(id.clone(), dispute);
        vec![Notice::Dispute(id)]
    }

    /// What a dispute that nobody answered comes to at its end.
    pub(super) fn dispute_ends(&self, id: &str, at: UnixTime) -> Option<Change> {
        let dispute = self.disputes.get(id).filter(|dispute| dispute.stage == DisputeStage::Open)?;
        let stage = DisputeStage::Accepted { at, in_time: false };
        Some(Change::DisputeMoved { dispute: dispute.id.clone(), stage })
    }

    fn create(&mut self, payment: Payment) -> Vec<Notice> {
        self.make_room();
        let id = payment.id.clone();
        self.payment_of_request.insert(payment.request_id.clone(), id.clone());
        if let Some(page) = &payment.page {
            self.pages.insert(page.clone(), Page::Payment(id.clone()));
        }
        let mut notices = Vec::new();
        if payment.state.is_final() {
            notices.push(Notice::Payment(id.clone()));
        } else {
            self.timers.insert((payment.expires, Timer::PaymentExpires(id.clone())));
        }
        for capture in &payment.captures {
            notices.push(Notice::Capture { payment: id.clone(), capture: capture.id.clone() });
        }
        self.age.push_back(id.clone());
        self.payments.insert(id, payment);
        notices
    }

    fn open(&mut self, authorization: Authorization) -> Vec<Notice> {
        while self.authorization_age.len() >= self.max_objects {
            let Some(page) = self.authorization_age.pop_front() else { break };
            self.forget_authorization(&page);
        }
        let page = authorization.page.clone();
        self.pages.insert(page.clone(), Page::Authorization);
        self.page_of_state.insert(authorization.auth_state.clone(), page.clone());
        self.timers.insert((authorization.expires, Timer::AuthorizationExpires(page.clone())));
        self.authorization_age.push_back(page.clone());
        self.authorizations.insert(page, authorization);
        Vec::new()
    }

    fn with_payment(&mut self, id: &str, change: impl FnOnce(&mut Payment)) {
        if let Some(payment) = self.payments.get_mut(id) {
            change(payment);
        }
    }

    /// Forgets the oldest payments that nothing will happen to, so that memory stays bounded. A payment that
    /// still waits is spared once and goes to the back of the queue.
    fn make_room(&mut self) {
        let mut spared = 0;
        while self.age.len() >= self.max_objects {
            let Some(id) = self.age.pop_front() else { return };
            let settled = self.payments.get(&id).is_none_or(Payment::is_settled);
            if !settled && spared < 64 {
                spared += 1;
                self.age.push_back(id);
                continue;
            }
            self.forget_payment(&id);
        }
    }

    fn forget_payment(&mut self, id: &str) {
        let Some(payment) = self.payments.remove(id) else { return };
        self.payment_of_request.remove(&payment.request_id);
        self.timers.remove(&(payment.expires, Timer::PaymentExpires(id.to_owned())));
        for capture in &payment.captures {
            self.payment_of_capture.remove(&capture.request_id);
        }
        for refund in &payment.refunds {
            self.payment_of_refund.remove(&refund.id);
            self.payment_of_refund_request.remove(&refund.request_id);
        }
        if let Some(page) = &payment.page {
            self.pages.remove(page);
        }
        if let Some(token) = payment.card.and_then(|card| card.token) {
            self.cards.remove(token.expose());
        }
    }

    fn forget_authorization(&mut self, page: &str) {
        let Some(authorization) = self.authorizations.remove(page) else { return };
        self.pages.remove(page);
        self.page_of_state.remove(&authorization.auth_state);
        self.timers.remove(&(authorization.expires, Timer::AuthorizationExpires(page.to_owned())));
        let Stage::Granted { code, .. } = &authorization.stage else { return };
        self.page_of_code.remove(code.expose());
        // The chain of tokens that grew from this code: each refresh token leads to the next.
        let mut spent = code.expose().clone();
        while let Some(token) = self.issued_for.remove(&spent).and_then(|access| self.tokens.remove(&access))
        {
            self.access_of_refresh.remove(token.refresh.expose());
            spent = token.refresh.expose().clone();
        }
    }
}

/// What will happen to an open dispute by itself.
fn dispute_timers(dispute: &Dispute) -> [(UnixTime, Timer); 2] {
    [
        (dispute.due.saturating_sub(ALERT), Timer::DisputeAlert(dispute.id.clone())),
        (dispute.due, Timer::DisputeEnds(dispute.id.clone())),
    ]
}
