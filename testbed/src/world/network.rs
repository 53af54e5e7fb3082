//! Requests, answers and notifications on their way, and what befalls them there.

use super::{Event, TIMEOUT, Under, World};
use crate::call::{Call, What};
use crate::far::{Far, Missing};
use crate::fault::Fault;

impl<F: Far> World<F> {
    /// Takes a call to the network.
    pub(super) fn call(
        &mut self,
        worker: usize,
        call: Call,
        expires: i64,
        payment_id: Option<&str>,
        stored: Option<&[u8]>,
    ) {
        let Some(terms) = self.terms(call.order, expires) else { return };
        let clock = self.clock(worker);
        let Some((pending, request)) = self.far.request(clock, call, terms, payment_id, stored) else {
            return self.broken(call.order, "a request can be made", || format!("{call:?}"));
        };
        self.trace.note(self.now.as_millis(), name(call.what), call.order, u64::from(call.attempt));
        let epoch = self.workers.get(worker).map_or(0, |worker| worker.epoch);
        let under = Under { call, worker, epoch, sent: self.now, pending };
        let place = match self.free.pop() {
            Some(place) => place,
            None => {
                self.calls.push(None);
                self.calls.len() - 1
            }
        };
        if let Some(slot) = self.calls.get_mut(place) {
            *slot = Some(under);
        }
        if self.dice.hit(Fault::NotSent) {
            return self.push(1, Event::ToMerchant(place, Box::new(Err(Missing::NotSent))));
        }
        if self.dice.hit(Fault::RequestLost) {
            return self.push(millis(TIMEOUT), Event::ToMerchant(place, Box::new(Err(Missing::Lost))));
        }
        let doubled = self.dice.hit(Fault::RequestDoubled).then(|| request.clone());
        let wait = self.latency(Fault::RequestDelayed);
        self.push(wait, Event::ToGateway(Some(place), Box::new(request)));
        if let Some(request) = doubled {
            let wait = self.latency(Fault::RequestDelayed);
            self.push(wait, Event::ToGateway(None, Box::new(request)));
        }
    }

    fn latency(&mut self, delayed: Fault) -> i64 {
        if self.dice.hit(delayed) {
            self.dice.rng.between(1_000, 200_000)
        } else {
            self.dice.rng.between(5, 150)
        }
    }

    pub(super) fn send_to_gateway(&mut self, place: Option<usize>, request: F::Request) {
        let response = self.far.arrive(self.now, request, &mut self.dice);
        // The second of two equal requests has nobody who waits for its answer.
        let Some(place) = place else { return };
        let Some(sent) = self.calls.get(place).and_then(Option::as_ref).map(|under| under.sent) else {
            return;
        };
        let deadline = millis(sent.saturating_add(TIMEOUT).since(self.now));
        if self.dice.hit(Fault::AnswerLost) {
            return self.push(deadline, Event::ToMerchant(place, Box::new(Err(Missing::Lost))));
        }
        let wait = self.latency(Fault::AnswerDelayed);
        if wait < deadline {
            self.push(wait, Event::ToMerchant(place, Box::new(Ok(response))));
        } else {
            self.push(deadline, Event::ToMerchant(place, Box::new(Err(Missing::Lost))));
        }
    }

    pub(super) fn send_to_merchant(&mut self, place: usize, answer: Result<F::Response, Missing>) {
        let Some(under) = self.calls.get_mut(place).and_then(Option::take) else { return };
        self.free.push(place);
        // The process that waited for it died.
        if self.workers.get(under.worker).is_none_or(|worker| worker.epoch != under.epoch) {
            return;
        }
        if self.dice.hit(Fault::CrashInFlight) {
            return self.crash(under.worker);
        }
        let clock = self.clock(under.worker);
        let input = self.far.read(clock, under.call, under.pending, answer, &mut self.dice);
        self.hear(under.worker, under.call.order, super::Heard { input, wish: None, notice: None });
    }

    /// Puts on the network what the far side sends by itself.
    pub(super) fn drain(&mut self) {
        let effects = self.far.effects();
        for delivery in effects.deliveries {
            if self.dice.hit(Fault::NoticeLost) {
                continue;
            }
            if self.dice.hit(Fault::NoticeDoubled) {
                let wait = self.latency(Fault::NoticeDelayed);
                self.push(wait, Event::Notice(delivery.clone()));
            }
            let wait = self.latency(Fault::NoticeDelayed);
            self.push(wait, Event::Notice(delivery));
        }
        for (at, timer) in effects.timers {
            self.push_at(at, Event::Far(timer));
        }
    }
}

fn millis(span: std::time::Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

fn name(what: What) -> &'static str {
    match what {
        What::Pay => "pay",
        What::Cancel => "cancel",
        What::Inquire => "inquire",
        What::Capture { .. } => "capture",
        What::Refund { .. } => "refund",
        What::InquireRefund { .. } => "inquire_refund",
    }
}
