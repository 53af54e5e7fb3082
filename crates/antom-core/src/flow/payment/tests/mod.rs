//! One file for each group of money rules; `sequences` holds what must hold for any sequence of inputs.

mod amounts;
mod attempts;
mod captures;
mod closing;
mod sequences;
mod stored;
mod updates;
mod verdicts;

use super::*;
use crate::flow::fact::{Answer, PaymentFact, Says};
use crate::flow::kit::{PAY, at, client, eur};
use crate::flow::{EntryKind, Unfit};

/// A payment under test with the clock beside it.
struct Bench {
    payment: Payment,
    now: UnixTime,
    entries: Vec<EntryKind>,
    events: Vec<Event>,
}

impl Bench {
    fn new(product: Product) -> Self {
        Self::planned(product, Plan::default(), |attempt| attempt)
    }

    fn planned(product: Product, plan: Plan, change: impl FnOnce(NewAttempt) -> NewAttempt) -> Self {
        let mut bench = Self {
            payment: Payment::new("ORDER-1", plan),
            now: at(0),
            entries: Vec::new(),
            events: Vec::new(),
        };
        let step = bench.put(Input::Pay(change(Self::attempt(PAY, product)))).unwrap();
        assert_eq!(step, NextStep::Send { request_id: PAY.into() });
        bench
    }

    fn attempt(id: &str, product: Product) -> NewAttempt {
        NewAttempt::new(client(), id, eur(1050), product, at(600))
    }

    fn put(&mut self, input: Input) -> Result<NextStep, Refused> {
        let turn = self.payment.apply(&input, self.now)?;
        self.payment = turn.next;
        self.entries.extend(turn.entries.iter().map(|entry| entry.kind));
        self.events.extend(turn.events);
        Ok(turn.step)
    }

    fn step(&mut self, input: Input) -> NextStep {
        self.put(input).unwrap()
    }

    fn answered(&mut self, answer: Answer<PaymentFact>) -> NextStep {
        self.step(Input::PayAnswered { request_id: PAY.into(), answer })
    }

    fn inquired(&mut self, answer: Answer<PaymentFact>) -> NextStep {
        self.step(Input::Inquired { request_id: PAY.into(), answer })
    }

    fn cancelled(&mut self, answer: Answer<PaymentFact>) -> NextStep {
        self.step(Input::CancelAnswered { request_id: PAY.into(), answer })
    }

    fn noticed(&mut self, fact: PaymentFact) -> NextStep {
        self.step(Input::PaymentNoticed(fact))
    }

    /// Moves the clock to the next due moment and ticks.
    fn tick(&mut self) -> NextStep {
        self.now = self.now.max(self.payment.due().expect("nothing is due"));
        self.step(Input::Tick)
    }

    fn ignored(&self) -> Option<Unfit> {
        self.events.iter().rev().find_map(|event| match event {
            Event::Ignored { why, .. } => Some(*why),
            _ => None,
        })
    }

    fn conflicts(&self) -> Vec<ConflictKind> {
        let all = self.payment.attempts().iter().flat_map(|attempt| &attempt.conflicts);
        all.map(|conflict| conflict.kind.clone()).collect()
    }
}

fn inquire() -> NextStep {
    NextStep::Inquire { request_id: PAY.into(), payment_id: None }
}

fn accepted() -> PaymentFact {
    crate::flow::kit::fact(crate::flow::Source::PayReply, Says::Nothing)
}
