//! The merchant's program: what it wants, and how it answers to what the outbox tells it.

use std::time::Duration;

use antom_core::flow::payment::{
    Attempt, AttemptState, ConflictKind, Event as Told, Input, NewAttempt, NewCapture, NewRefund, Payment,
};
use antom_core::flow::worker::{Deliver, Recover, deliver};
use antom_core::flow::{Movement, MovementState};
use antom_core::money::{Amount, Currency};
use antom_core::time::UnixTime;
use antom_store::{Claim, Event as Stored, Outbox, Subject};

use super::{Event, Heard, Wish, World, ready};
use crate::call::{movement_id, numbers, pay_id};
use crate::far::Far;
use crate::fault::Fault;
use crate::plan::Giving;

/// The most captures or refunds asked for, whatever fails.
const MOST_MOVES: u8 = 8;

fn reserved(moves: &[Movement]) -> u64 {
    let counts =
        |known: &&Movement| !matches!(known.state, MovementState::Failed { .. } | MovementState::Returned);
    let minor =
        |known: &Movement| known.amount.minor_units().ok().and_then(|minor| u64::try_from(minor).ok());
    moves.iter().filter(counts).filter_map(minor).sum()
}

fn minor(attempt: &Attempt) -> u64 {
    attempt.captured().try_into().unwrap_or(0)
}

impl<F: Far> World<F> {
    /// Hands over what waits in the outbox.
    pub(super) fn deliver(&mut self) {
        self.courier = false;
        let claim = Claim { now: self.now, lease: Duration::from_secs(5), limit: 16 };
        let rows = ready(self.store.claim_events(claim)).and_then(Result::ok).unwrap_or_default();
        let any = !rows.is_empty();
        for row in rows.into_iter().filter_map(|row| ready(row.open()).and_then(Result::ok)) {
            if let (Subject::Order(id), Stored::Payment(event)) = (&row.subject, &row.event) {
                self.told(numbers(id).0, event);
            }
            if self.dice.hit(Fault::EventRepeated) {
                // Died after it was handed over and before that was noted.
                let tries = row.claims.saturating_add(1);
                let again = match deliver(tries, Some(self.now), self.now) {
                    Deliver::NotBefore(at) => at,
                    Deliver::Now { .. } => self.now,
                };
                self.push_at(again, Event::Courier);
            } else {
                let _ = ready(self.store.delivered(row.sequence));
            }
        }
        if any {
            self.courier = true;
            self.push(20, Event::Courier);
        }
    }

    /// Fetches the notifications that were missed, when it is time to.
    pub(super) fn recover(&mut self) {
        let Recover::Fetch { from, to, .. } = self.recovery.tick(self.now) else { return };
        if self.dice.hit(Fault::StoreDown) {
            self.recovery = self.recovery.failed(self.now);
            return;
        }
        for delivery in self.far.missed(from, to) {
            self.recovered += 1;
            self.receive(&delivery, false);
        }
        self.recovery = self.recovery.fetched(to, self.now);
    }

    fn told(&mut self, order: u32, event: &Told) {
        let Some(plan) = self.order(order).map(|order| order.plan) else { return };
        match event {
            Told::Failed { attempt, .. } | Told::Cancelled { attempt } | Told::WrittenOff { attempt } => {
                let next = numbers(attempt).1.saturating_add(1);
                if next <= plan.retries {
                    self.push(1_000, Event::Wish(order, Wish::Pay(next)));
                }
            }
            Told::Authorised { .. } => {
                let wait = self.dice.rng.between(500, 60_000);
                self.push(wait, Event::Wish(order, Wish::Capture(1)));
            }
            Told::Paid { .. } => {
                if plan.captures > 1 {
                    let wait = self.dice.rng.between(500, 60_000);
                    self.push(wait, Event::Wish(order, Wish::Capture(2)));
                }
                if plan.giving != Giving::Nothing {
                    let wait = self.dice.rng.between(1_000, 600_000);
                    self.push(wait, Event::Wish(order, Wish::Refund(1)));
                    if plan.giving == Giving::TwoParts {
                        self.push(wait + 5_000, Event::Wish(order, Wish::Refund(2)));
                    }
                }
            }
            Told::PaidLate { .. } | Told::CancelRefused { .. } => {
                self.push(120_000, Event::Wish(order, Wish::LookAfter));
            }
            Told::MovementFailed { movement, .. } => {
                let (_, _, number) = numbers(movement);
                let next = number.saturating_add(2);
                let wish =
                    if movement.starts_with(['C', 'c']) { Wish::Capture(next) } else { Wish::Refund(next) };
                if next <= MOST_MOVES {
                    self.push(5_000, Event::Wish(order, wish));
                }
            }
            Told::ConflictFound { attempt, conflict: ConflictKind::NeverSettled } => {
                let number = numbers(attempt).1;
                self.push(3_600_000, Event::Wish(order, Wish::WriteOff(number)));
            }
            // The gateway of this world never lies, so nothing else contradicts.
            Told::ConflictFound { conflict, .. } => {
                self.broken(order, "honest messages make no conflict", || format!("{conflict:?}"));
            }
            _ => {}
        }
    }

    pub(super) fn wish(&mut self, order: u32, wish: Wish) {
        let worker = self.any_worker();
        let payment = self.row(order).map(|row| row.payment);
        let Some(input) = self.input(order, wish, payment.as_ref(), self.clock(worker)) else { return };
        self.trace.note(self.now.as_millis(), "wish", order, 0);
        if let (Wish::WriteOff(_), Some(order)) = (wish, self.order_mut(order)) {
            order.written_off = true;
        }
        self.hear(worker, order, Heard { input, wish: Some(wish), notice: None });
    }

    /// The wish as the machine hears it; `None` when there is nothing to wish for any more.
    fn input(&mut self, order: u32, wish: Wish, payment: Option<&Payment>, now: UnixTime) -> Option<Input> {
        let plan = self.order(order)?.plan;
        let current = payment.and_then(Payment::current);
        let number = current.map_or(0, |attempt| numbers(&attempt.request_id).1);
        let eur = |minor| Amount::new(Currency::EUR, minor);
        match wish {
            Wish::Pay(attempt) => {
                let expires = now.saturating_add(Duration::from_millis(plan.open.unsigned_abs()));
                let id = pay_id(order, attempt);
                Some(Input::Pay(NewAttempt::new(
                    self.client.clone(),
                    id,
                    eur(plan.amount),
                    plan.product,
                    expires,
                )))
            }
            Wish::Cancel => payment.map(|_| Input::Cancel),
            Wish::Returned => Some(Input::BuyerReturned { request_id: current?.request_id.clone() }),
            Wish::WriteOff(attempt) => Some(Input::WriteOff { request_id: pay_id(order, attempt) }),
            Wish::Capture(movement) => {
                let attempt = current?;
                let last = movement >= plan.captures;
                let left = plan.amount.saturating_sub(reserved(&attempt.captures));
                let amount = if last { left } else { left / 2 };
                let request_id = movement_id('C', order, number, movement);
                let capture = NewCapture { request_id, amount: eur(amount), last };
                (amount > 0).then_some(Input::Capture(capture))
            }
            Wish::Refund(movement) => {
                let attempt = current?;
                let left = minor(attempt).saturating_sub(reserved(&attempt.refunds));
                let amount = match plan.giving {
                    Giving::Part => left.min(plan.amount / 3),
                    Giving::TwoParts if movement == 1 => left / 2,
                    _ => left,
                };
                let request_id = movement_id('R', order, number, movement);
                let refund = NewRefund { request_id, amount: eur(amount), capture_id: None };
                (amount > 0).then_some(Input::Refund(refund))
            }
            Wish::LookAfter => {
                let attempt = current?;
                if !attempt.paid_late {
                    return None;
                }
                if attempt.closing.is_some() {
                    self.push(300_000, Event::Wish(order, wish));
                    return None;
                }
                let left = minor(attempt).saturating_sub(reserved(&attempt.refunds));
                let is_paid = attempt.state == AttemptState::Paid;
                let request_id = movement_id('R', order, number, 7);
                let refund = NewRefund { request_id, amount: eur(left), capture_id: None };
                (is_paid && left > 0).then_some(Input::Refund(refund))
            }
        }
    }
}
