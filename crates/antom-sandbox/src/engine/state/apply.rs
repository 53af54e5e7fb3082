//! Changes, made one by one.

use antom_core::time::UnixTime;

use super::super::auth::Stage;
use super::super::change::Change;
use super::super::notice::Notice;
use super::super::payment::{Payment, PaymentState, Waiting};
use super::State;

impl State {
    /// Makes one change; says what the merchant is to be told.
    pub(in super::super) fn apply(&mut self, now: UnixTime, change: Change) -> Vec<Notice> {
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
                    payment.state =
                        PaymentState::Failed { at: now, code: code.into(), message: message.into() };
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
                self.with_payment(&payment, |payment| payment.captures.push(capture));
                vec![notice]
            }
            Change::RefundCreated { payment, refund } => {
                let notice = Notice::Refund { payment: payment.clone(), refund: refund.id.clone() };
                let done = refund.done;
                self.with_payment(&payment, |payment| payment.refunds.push(refund));
                if done { vec![notice] } else { Vec::new() }
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
            Change::CardStored(card) => {
                self.index.put(&mut self.cards, *card);
                Vec::new()
            }
            Change::CardDeleted { token } => {
                self.index.remove(&mut self.cards, token.expose());
                Vec::new()
            }
            Change::AuthorizationOpened(authorization) => {
                self.index.put(&mut self.authorizations, *authorization);
                Vec::new()
            }
            Change::AuthorizationGranted { page, code, until } => {
                let stage = Stage::Granted { code, until };
                self.index.alter(&mut self.authorizations, &page, |found| found.stage = stage);
                vec![Notice::CodeCreated(page)]
            }
            Change::AuthorizationClosed { page } => {
                self.index.alter(&mut self.authorizations, &page, |found| found.stage = Stage::Closed);
                Vec::new()
            }
            Change::TokenIssued { token, replaces } => {
                if let Some(old) = replaces {
                    self.index.alter(&mut self.tokens, &old, |old| old.live = false);
                }
                self.index.put(&mut self.tokens, *token);
                Vec::new()
            }
            Change::TokenCancelled { access, by_buyer } => {
                let mut changed = false;
                self.index.alter(&mut self.tokens, &access, |token| {
                    changed = std::mem::replace(&mut token.live, false);
                });
                if changed { vec![Notice::TokenCancelled { access, by_buyer }] } else { Vec::new() }
            }
            Change::DisputeOpened(dispute) => {
                let notice = Notice::Dispute(dispute.id.clone());
                self.index.put(&mut self.disputes, *dispute);
                vec![notice]
            }
            Change::DisputeNearsItsEnd { dispute } => {
                self.index.alter(&mut self.disputes, &dispute, |dispute| dispute.alerted = true);
                vec![Notice::DisputeAlert(dispute)]
            }
            Change::DisputeMoved { dispute, stage } => {
                self.index.alter(&mut self.disputes, &dispute, |dispute| dispute.stage = stage);
                vec![Notice::Dispute(dispute)]
            }
            Change::VaultingSet(vaulting) => {
                let notice = (!vaulting.is_open()).then(|| Notice::Vaulting(vaulting.request_id.clone()));
                self.index.put(&mut self.vaultings, *vaulting);
                notice.into_iter().collect()
            }
            Change::SubscriptionSet { subscription, told } => {
                let id = subscription.id.clone();
                self.index.put(&mut self.subscriptions, *subscription);
                told.map(|told| Notice::Subscription { id, told }).into_iter().collect()
            }
        }
    }

    fn create(&mut self, payment: Payment) -> Vec<Notice> {
        self.make_room();
        let mut notices = Vec::new();
        if payment.state.is_final() {
            notices.push(Notice::Payment(payment.id.clone()));
        }
        for capture in &payment.captures {
            notices.push(Notice::Capture { payment: payment.id.clone(), capture: capture.id.clone() });
        }
        self.index.put(&mut self.payments, payment);
        notices
    }

    fn with_payment(&mut self, id: &str, change: impl FnOnce(&mut Payment)) {
        self.index.alter(&mut self.payments, id, change);
    }

    /// Forgets the oldest payments that nothing will happen to, so that memory stays bounded. A payment that
    /// still waits is spared once and goes to the back of the queue.
    fn make_room(&mut self) {
        let mut spared = 0;
        while self.payments.is_full() {
            let Some((id, payment)) = self.payments.oldest() else { return };
            if !payment.is_settled() && spared < 64 {
                spared += 1;
                self.payments.spare_oldest();
                continue;
            }
            let id = id.to_owned();
            self.index.remove(&mut self.payments, &id);
        }
    }
}
