//! The merchant's workers: each takes something in, commits it, and only then takes the step. Each may die
//! between any two of these.

use std::time::Duration;

use antom_core::flow::payment::{Input, NewAttempt, NextStep, Payment, Plan as Policy, Refused, Transition};
use antom_store::{
    Applied, Change, Claim, FrozenBody, InboxEntry, Orders, Revision, Store, Subject, keys_of_fact,
};

use super::{Event, Heard, Late, Wish, World, ready};
use crate::call::{Call, What, call_of, numbers, order_id};
use crate::far::Far;
use crate::fault::Fault;
use crate::rules::{check_step, check_truth};

/// How long a worker holds what it claimed.
const LEASE: Duration = Duration::from_secs(30);

impl<F: Far> World<F> {
    pub(super) fn crash(&mut self, worker: usize) {
        if let Some(worker) = self.workers.get_mut(worker) {
            worker.epoch += 1;
        }
    }

    pub(super) fn any_worker(&mut self) -> usize {
        usize::try_from(self.dice.rng.below(2)).unwrap_or(0)
    }

    /// The settler: takes what is due.
    pub(super) fn due(&mut self, order: u32) {
        let at = self.now;
        match self.order_mut(order) {
            Some(order) if order.look == Some(at) => order.look = None,
            _ => return,
        }
        let worker = self.any_worker();
        if self.dice.hit(Fault::ClockJump) {
            let skew = self.dice.rng.between(-120_000, 120_000);
            if let Some(worker) = self.workers.get_mut(worker) {
                worker.skew = skew;
            }
            let wait = self.dice.rng.between(60_000, 600_000);
            self.push(wait, Event::ClockSet(worker));
        }
        let now = self.clock(worker);
        let claim = Claim { now, lease: LEASE, limit: 4 };
        let rows = ready(self.store.claim_orders(claim)).and_then(Result::ok).unwrap_or_default();
        for row in rows.into_iter().filter_map(|row| ready(row.open()).and_then(Result::ok)) {
            let (id, _, _) = numbers(row.payment.order_id());
            self.trace.note(self.now.as_millis(), "tick", id, row.revision.get());
            // Whatever becomes of this worker, the row is due again when the lease ends.
            self.set_due(id, Some(now.saturating_add(LEASE)));
            let heard = Heard { input: Input::Tick, wish: None, notice: None };
            self.take_in(worker, id, Some(row), heard);
        }
        // A clock that went back has this order due later.
        self.wake(order);
    }

    fn set_due(&mut self, order: u32, due: Option<antom_core::time::UnixTime>) {
        if let Some(order) = self.order_mut(order) {
            order.due = due;
        }
        self.wake(order);
    }

    /// Comes back when the order is due on a worker's clock.
    fn wake(&mut self, order: u32) {
        let Some(due) = self.order(order).and_then(|order| order.due) else { return };
        // The slower clock decides; a worker ahead of it may find the row earlier by another's event.
        let skew = self.workers.iter().map(|worker| worker.skew).min().unwrap_or(0);
        let at = due.as_millis().saturating_sub(skew).max(self.now.as_millis().saturating_add(1));
        let at = antom_core::time::UnixTime::from_millis(at);
        match self.order_mut(order) {
            Some(order) if order.look.is_none_or(|look| look > at) => order.look = Some(at),
            _ => return,
        }
        self.push_at(at, Event::Due(order));
    }

    /// Reads, applies, commits, takes the step.
    pub(super) fn hear(&mut self, worker: usize, order: u32, heard: Heard<F>) {
        let row = self.row(order);
        self.take_in(worker, order, row, heard);
    }

    fn take_in(&mut self, worker: usize, order: u32, row: Option<antom_store::OrderRow>, heard: Heard<F>) {
        if self.dice.hit(Fault::StoreDown) {
            return self.lost(order, heard.wish);
        }
        if self.dice.hit(Fault::CrashBeforeCommit) {
            self.crash(worker);
            return self.lost(order, heard.wish);
        }
        match row {
            Some(row) if self.dice.hit(Fault::SlowCommit) => {
                let epoch = self.workers.get(worker).map_or(0, |worker| worker.epoch);
                let wait = self.dice.rng.between(10, 5_000);
                self.push(wait, Event::Commit(Box::new(Late { worker, epoch, order, row, heard })));
            }
            Some(row) => self.commit(worker, order, row.payment, Some(row.revision), heard),
            None => {
                let payment = Payment::new(order_id(order), Policy::default());
                self.commit(worker, order, payment, None, heard);
            }
        }
    }

    pub(super) fn late(&mut self, late: Late<F>) {
        let Late { worker, epoch, order, row, heard } = late;
        if self.workers.get(worker).is_some_and(|worker| worker.epoch == epoch) {
            self.commit(worker, order, row.payment, Some(row.revision), heard);
        } else {
            self.lost(order, heard.wish);
        }
    }

    /// What a dead process had in hand is lost. A person whose click was lost clicks again; a notification
    /// comes again by itself.
    fn lost(&mut self, order: u32, wish: Option<Wish>) {
        if let Some(wish) = wish {
            self.push(2_000, Event::Wish(order, wish));
        }
    }

    fn commit(
        &mut self,
        worker: usize,
        order: u32,
        payment: Payment,
        revision: Option<Revision>,
        heard: Heard<F>,
    ) {
        let now = self.clock(worker);
        let turn = match payment.apply(&heard.input, now) {
            Ok(turn) => turn,
            Err(refused) => return self.refused(order, heard.wish, &refused),
        };
        let mut rules = Vec::new();
        check_step(&payment, &heard.input, &turn, &self.client, |rule| rules.push(rule));
        for rule in rules {
            self.broken(order, rule, || format!("{:?} made {payment:?} into {turn:?}", heard.input));
        }
        let mut change = Change::payment(&turn, revision, now);
        if let Input::Pay(new) = &heard.input
            && new.replayable
            && turn.next.attempts().len() > payment.attempts().len()
            && let Some(body) = self.frozen(order, new)
        {
            change = change.with_body(body);
        }
        if let Some((entry, _)) = &heard.notice {
            change = change.with_notification(entry.clone());
        }
        match ready(self.store.commit(change)) {
            Some(Ok(Applied::Changed(changed))) => {
                self.commits += 1;
                self.committed(worker, order, &turn, &heard);
                for entry in changed.parked {
                    self.parked(worker, order, entry);
                }
            }
            Some(Ok(Applied::AlreadyThere)) => self.acknowledge(heard),
            Some(Ok(Applied::Stale { .. })) => {
                self.dice.counts.add(Fault::StaleCommit);
                if let Some(row) = self.row(order) {
                    self.commit(worker, order, row.payment, Some(row.revision), heard);
                }
            }
            other => self.broken(order, "the store takes every change", || format!("{other:?}")),
        }
    }

    fn committed(&mut self, worker: usize, order: u32, turn: &Transition, heard: &Heard<F>) {
        self.trace.note(
            self.now.as_millis(),
            "commit",
            order,
            turn.next.due().map_or(0, |due| due.as_millis().unsigned_abs()),
        );
        self.set_due(order, turn.next.due());
        self.compare(order, &turn.next);
        if !turn.events.is_empty() && !self.courier {
            self.courier = true;
            self.push(20, Event::Courier);
        }
        if let Some((_, Some(delivery))) = &heard.notice {
            // Stored, then acknowledged.
            if self.dice.hit(Fault::CrashBeforeAcknowledgement) {
                self.crash(worker);
            } else {
                self.push(20, Event::Acknowledged(delivery.clone()));
            }
        }
        if self.dice.hit(Fault::CrashAfterCommit) {
            return self.crash(worker);
        }
        self.step(worker, order, turn);
    }

    fn acknowledge(&mut self, heard: Heard<F>) {
        self.acknowledge_later(heard.notice.and_then(|(_, delivery)| delivery));
    }

    fn acknowledge_later(&mut self, delivery: Option<F::Delivery>) {
        if let Some(delivery) = delivery {
            self.push(20, Event::Acknowledged(delivery));
        }
    }

    /// Holds what the merchant believes against what is so.
    fn compare(&mut self, order: u32, payment: &Payment) {
        for (number, attempt) in (0_u8..).zip(payment.attempts()) {
            if attempt.is_open() {
                continue;
            }
            let truth = self.far.truth(self.now, order, number);
            let mut rules = Vec::new();
            check_truth(payment, attempt, truth, |rule| rules.push(rule));
            for rule in rules {
                self.broken(order, rule, || format!("{truth:?} {payment:?}"));
            }
        }
        if payment.attempts().len() > 1 && self.far.charges(self.now, order) > 1 {
            self.broken(order, "never two charges for one order (6)", || format!("{payment:?}"));
        }
    }

    fn step(&mut self, worker: usize, order: u32, turn: &Transition) {
        if let NextStep::ShowCode { request_id, show, .. } | NextStep::Redirect { request_id, show, .. } =
            &turn.step
        {
            let (_, attempt, _) = numbers(request_id);
            self.far.shown(self.now, order, attempt, show, &mut self.dice);
            if self.order(order).is_some_and(|order| order.plan.returns) {
                let wait = self.dice.rng.between(2_000, 60_000);
                self.push(wait, Event::Wish(order, Wish::Returned));
            }
        }
        let Some(call) = call_of(&turn.step) else { return };
        let attempt = turn.next.attempts().get(usize::from(call.attempt));
        let expires = attempt.map_or(0, |attempt| attempt.expires.as_millis());
        let stored = match (&turn.step, attempt) {
            (NextStep::Send { request_id } | NextStep::SendAgain { request_id }, Some(attempt)) => {
                let body = ready(self.store.body(&self.client, request_id)).and_then(Result::ok).flatten();
                if body.is_none() && attempt.replayable {
                    return self.broken(order, "what is sent was stored", || request_id.clone());
                }
                body
            }
            _ => None,
        };
        let payment_id = attempt.and_then(|attempt| attempt.payment_id.as_deref());
        self.call(worker, call, expires, payment_id, stored.as_ref().map(|body| body.expose().as_slice()));
    }

    fn frozen(&mut self, order: u32, new: &NewAttempt) -> Option<FrozenBody> {
        let (_, attempt, _) = numbers(&new.request_id);
        let terms = self.terms(order, new.expires.as_millis())?;
        let body = self.far.body(Call { order, attempt, what: What::Pay }, terms);
        FrozenBody::new(new.client_id.clone(), new.request_id.clone(), &body).ok()
    }

    /// A notification arrives.
    pub(super) fn notice(&mut self, delivery: F::Delivery) {
        self.receive(&delivery, true);
    }

    /// Takes a notification in; one that was fetched is not acknowledged.
    pub(super) fn receive(&mut self, delivery: &F::Delivery, acknowledged: bool) {
        let Some(entry) = self.far.open(self.now, delivery, &mut self.dice) else { return };
        let delivery = acknowledged.then(|| delivery.clone());
        let worker = self.any_worker();
        let Some(fact) = &entry.fact else { return };
        let keys = keys_of_fact(&self.client, fact);
        let owner = keys.iter().find_map(|key| ready(self.store.find(key))?.ok()?.into_iter().next());
        if let (Some(Subject::Order(id)), Some(input)) = (owner, Input::noticed(fact)) {
            let (order, _, _) = numbers(&id);
            self.trace.note(self.now.as_millis(), "notice", order, 0);
            return self.hear(worker, order, Heard { input, wish: None, notice: Some((entry, delivery)) });
        }
        match ready(self.store.commit(Change::park(entry.clone(), keys))) {
            Some(Ok(Applied::Changed(changed))) => {
                for owner in changed.owners {
                    if let Subject::Order(id) = owner {
                        self.parked(worker, numbers(&id).0, entry.clone());
                    }
                }
                self.acknowledge_later(delivery);
            }
            Some(Ok(Applied::AlreadyThere)) => self.acknowledge_later(delivery),
            other => self.broken(u32::MAX, "the store parks every notification", || format!("{other:?}")),
        }
    }

    fn parked(&mut self, worker: usize, order: u32, entry: InboxEntry) {
        if let Some(input) = entry.fact.as_ref().and_then(Input::noticed) {
            self.hear(worker, order, Heard { input, wish: None, notice: Some((entry, None)) });
        }
    }

    fn refused(&mut self, order: u32, wish: Option<Wish>, refused: &Refused) {
        if wish.is_none() {
            self.broken(order, "only wishes are refused", || refused.to_string());
        }
    }
}
