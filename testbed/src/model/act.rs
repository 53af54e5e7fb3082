//! What can happen at a moment, and what comes of it.

use std::time::Duration;

use antom_core::flow::payment::{
    AttemptState, ConflictKind, Input, NewAttempt, NewCapture, NewRefund, Payment, Product,
};
use antom_core::money::{Amount, Currency};
use antom_core::time::UnixTime;

use super::{AMOUNT, Act, BEGIN, Heard, Message, Moment, Row, Small, Worker};
use crate::book::{Ask, Book, Kind, MoveState, Said, State};
use crate::call::{Call, What, call_of, movement_id, pay_id};
use crate::facts::{Body, Reply, View, signed};
use crate::far::Missing;
use crate::rules::check_step;

/// How long after its expiry an attempt that nobody settles is reported.
const REPORTED: i64 = 24 * 3600 * 1000;

fn at(millis: i64) -> UnixTime {
    UnixTime::from_millis(millis)
}

fn amount() -> Amount {
    Amount::new(Currency::EUR, AMOUNT)
}

/// All messages are dated the same: the machine does not order by time, and states stay few.
fn reply(said: Option<Said>, view: View) -> Reply {
    Reply { key: 1, at: at(BEGIN), said, view }
}

impl Moment {
    /// Brings what has no order into one.
    pub(super) fn tidy(&mut self) {
        self.net.sort_by_cached_key(|message| format!("{message:?}"));
        // Two workers are alike.
        if matches!(self.workers, [Worker::Idle, _]) {
            self.workers.swap(0, 1);
        }
    }

    fn idle(&self) -> Option<usize> {
        self.workers.iter().position(|worker| *worker == Worker::Idle)
    }

    fn quiet(&self) -> bool {
        self.net.is_empty() && self.workers.iter().all(|worker| *worker == Worker::Idle)
    }

    fn take_up(&mut self, heard: Heard) {
        let row = self.row.clone();
        if let Some(place) = self.idle()
            && let Some(worker) = self.workers.get_mut(place)
        {
            *worker = Worker::Read(row, heard);
        }
    }

    fn set(&mut self, place: usize, worker: Worker) {
        if let Some(slot) = self.workers.get_mut(place) {
            *slot = worker;
        }
    }
}

impl Small {
    pub(super) fn possible(&self, moment: &Moment, acts: &mut Vec<Act>) {
        let payment = moment.row.payment();
        if moment.idle().is_some() {
            self.wishes(moment, payment, acts);
            if payment.due().is_some_and(|due| due <= at(moment.now)) {
                acts.push(Act::Tick);
            }
        }
        for (place, worker) in moment.workers.iter().enumerate() {
            match worker {
                Worker::Idle => continue,
                Worker::Read(..) => acts.push(Act::Commit(place)),
                Worker::Bound(..) => acts.push(Act::Send(place)),
                Worker::Waits(_, number) => {
                    let under_way = moment.net.iter().any(|message| message.is_of(*number));
                    if !under_way || moment.left.losses > 0 {
                        acts.push(Act::GiveUp(place));
                    }
                }
            }
            if moment.left.crashes > 0 {
                acts.push(Act::Crash(place));
            }
        }
        for (place, message) in moment.net.iter().enumerate() {
            if place > 0 && moment.net.get(place - 1) == Some(message) {
                continue;
            }
            let taken = !matches!(message, Message::Notice(..)) || moment.idle().is_some();
            if taken {
                acts.push(Act::Deliver(place));
                if moment.left.doubles > 0 {
                    acts.push(Act::Double(place));
                }
            }
            if moment.left.losses > 0 {
                acts.push(Act::Lose(place));
            }
        }
        for (number, entry) in moment.book.entries() {
            if entry.state == State::Waiting && moment.now < entry.expires {
                acts.extend([Act::Decide(number, true), Act::Decide(number, false)]);
            }
            let captures = entry.kind == Kind::Card { automatic: true };
            if captures && entry.state == State::Paid && entry.captures.is_empty() {
                acts.push(Act::Capture(number));
            }
        }
        self.time(moment, payment, acts);
    }

    /// The clock moves when nothing is under way: what is slower than the clock is a loss or a crash.
    fn time(&self, moment: &Moment, payment: &Payment, acts: &mut Vec<Act>) {
        if !moment.quiet() || payment.due().is_some_and(|due| due <= at(moment.now)) {
            return;
        }
        // The gateway captures within the hour; the merchant of this world captures and writes off in time.
        let awaits =
            |act: &Act| matches!(act, Act::Capture(_) | Act::Wish(Heard::Capture | Heard::WriteOff(_)));
        if acts.iter().any(awaits) {
            return;
        }
        let due = payment.due().map(UnixTime::as_millis);
        let waiting = moment.book.entries().filter(|(_, entry)| entry.state == State::Waiting);
        let expiry = waiting.map(|(_, entry)| entry.expires).filter(|expires| *expires > moment.now).min();
        let Some(mut to) = due.into_iter().chain(expiry).min() else { return };
        // A request that never arrived is asked for in vain for a day: one look at its end stands for all.
        if let Some(attempt) = payment.current() {
            let number = u8::try_from(payment.attempts().len().saturating_sub(1)).unwrap_or(0);
            if attempt.is_open() && attempt.closing.is_some() && moment.book.entry(number).is_none() {
                to = to.max(attempt.expires.as_millis().saturating_add(REPORTED));
            }
        }
        acts.push(Act::Pass(to));
    }

    fn wishes(&self, moment: &Moment, payment: &Payment, acts: &mut Vec<Act>) {
        let number = u8::try_from(payment.attempts().len()).unwrap_or(u8::MAX);
        let Some(attempt) = payment.current() else {
            if moment.left.attempts > 0 {
                acts.push(Act::Wish(Heard::Pay(0)));
            }
            return;
        };
        if attempt.is_final_unpaid() && moment.left.attempts > 0 {
            acts.push(Act::Wish(Heard::Pay(number)));
        }
        if moment.left.cancel {
            acts.push(Act::Wish(Heard::Cancel));
        }
        let manual = moment
            .book
            .entry(number.saturating_sub(1))
            .is_some_and(|entry| entry.kind == Kind::Card { automatic: false });
        if manual
            && attempt.state == AttemptState::Authorised
            && attempt.closing.is_none()
            && !moment.captured
        {
            acts.push(Act::Wish(Heard::Capture));
        }
        if moment.left.refunds > 0 && attempt.state == AttemptState::Paid && attempt.closing.is_none() {
            acts.push(Act::Wish(Heard::Refund(moment.left.refunds)));
        }
        let stuck = |kind: &ConflictKind| *kind == ConflictKind::NeverSettled;
        if attempt.is_open() && attempt.conflicts.iter().any(|conflict| stuck(&conflict.kind)) {
            acts.push(Act::Wish(Heard::WriteOff(number.saturating_sub(1))));
        }
    }

    pub(super) fn happen(&self, moment: &mut Moment, act: Act) {
        match act {
            Act::Wish(heard) => {
                match heard {
                    Heard::Pay(_) => moment.left.attempts -= 1,
                    Heard::Cancel => moment.left.cancel = false,
                    Heard::Capture => moment.captured = true,
                    Heard::Refund(_) => moment.left.refunds -= 1,
                    _ => {}
                }
                moment.take_up(heard);
            }
            Act::Tick => moment.take_up(Heard::Tick),
            Act::Commit(place) => self.commit(moment, place),
            Act::Send(place) => {
                let Some(Worker::Bound(call, ask)) = moment.workers.get(place).cloned() else { return };
                moment.calls = moment.calls.saturating_add(1);
                let number = moment.calls;
                moment.net.push(Message::Request(call, ask, number));
                moment.set(place, Worker::Waits(call, number));
            }
            Act::GiveUp(place) => {
                let Some(Worker::Waits(call, number)) = moment.workers.get(place).cloned() else { return };
                if moment.net.iter().any(|message| message.is_of(number)) {
                    moment.left.losses -= 1;
                }
                let row = moment.row.clone();
                moment.set(place, Worker::Read(row, Heard::Answer(call, None)));
            }
            Act::Crash(place) => {
                moment.left.crashes -= 1;
                let lost = moment.workers.get(place).cloned();
                moment.set(place, Worker::Idle);
                match lost {
                    // It was not acknowledged, so it comes again.
                    Some(Worker::Read(_, Heard::Notice(number, body, time))) => {
                        moment.net.push(Message::Notice(number, body, time));
                    }
                    // A person whose click was lost clicks again.
                    Some(Worker::Read(_, Heard::Capture)) => moment.captured = false,
                    Some(Worker::Read(_, Heard::Pay(_))) => moment.left.attempts += 1,
                    _ => {}
                }
            }
            Act::Deliver(place) => {
                let message = moment.net.remove(place);
                self.arrive(moment, message);
            }
            Act::Double(place) => {
                moment.left.doubles -= 1;
                if let Some(message) = moment.net.get(place).cloned() {
                    self.arrive(moment, message);
                }
            }
            Act::Lose(place) => {
                moment.left.losses -= 1;
                moment.net.remove(place);
            }
            Act::Decide(number, pays) => {
                if moment.book.decide(number, pays) {
                    moment.net.push(Message::Notice(number, Body::Payment { ok: pays }, 0));
                }
            }
            Act::Capture(number) => {
                if moment.book.capture_itself(number) {
                    let body = Body::Capture { number: 0, amount: AMOUNT };
                    moment.net.push(Message::Notice(number, body, 0));
                }
            }
            Act::Pass(to) => {
                moment.now = to;
                let open: Vec<u8> = moment.book.entries().map(|(number, _)| number).collect();
                for number in open {
                    if moment.book.expire(number, to) {
                        moment.net.push(Message::Notice(number, Body::Payment { ok: false }, 0));
                    }
                }
            }
        }
    }

    fn arrive(&self, moment: &mut Moment, message: Message) {
        match message {
            Message::Request(call, ask, number) => {
                let reply = serve(&mut moment.book, call, ask, moment.now, &mut moment.net);
                moment.net.push(Message::Answer(call, number, reply));
            }
            Message::Answer(call, number, reply) => {
                let waits = |worker: &Worker| matches!(worker, Worker::Waits(_, known) if *known == number);
                if let Some(place) = moment.workers.iter().position(waits) {
                    let row = moment.row.clone();
                    moment.set(place, Worker::Read(row, Heard::Answer(call, Some(reply))));
                }
            }
            Message::Notice(number, body, time) => moment.take_up(Heard::Notice(number, body, time)),
        }
    }

    fn commit(&self, moment: &mut Moment, place: usize) {
        let Some(Worker::Read(row, heard)) = moment.workers.get(place).cloned() else { return };
        if row != moment.row {
            // Somebody else wrote first: read again.
            let row = moment.row.clone();
            return moment.set(place, Worker::Read(row, heard));
        }
        moment.set(place, Worker::Idle);
        let before = row.payment();
        let Some(input) = self.input(before, &heard, moment.now) else { return };
        let Ok(turn) = before.apply(&input, at(moment.now)) else { return };
        check_step(before, &input, &turn, &self.client, |rule| moment.broken = Some(rule));
        moment.row = Row::of(turn.next.clone());
        if let Some(call) = call_of(&turn.step) {
            let expires = turn
                .next
                .attempts()
                .get(usize::from(call.attempt))
                .map_or(0, |attempt| attempt.expires.as_millis());
            moment.set(place, Worker::Bound(call, Ask { kind: self.kind, amount: AMOUNT, expires }));
        }
    }

    pub(super) fn input(&self, payment: &Payment, heard: &Heard, now: i64) -> Option<Input> {
        let current = u8::try_from(payment.attempts().len().saturating_sub(1)).unwrap_or(0);
        Some(match heard {
            Heard::Tick => Input::Tick,
            Heard::Pay(number) => {
                let expires = at(now).saturating_add(Duration::from_millis(self.open.unsigned_abs()));
                let new =
                    NewAttempt::new(self.client.clone(), pay_id(0, *number), amount(), self.product, expires);
                Input::Pay(new)
            }
            Heard::Cancel => Input::Cancel,
            Heard::Capture => Input::Capture(NewCapture {
                request_id: movement_id('C', 0, current, 1),
                amount: amount(),
                last: true,
            }),
            Heard::Refund(number) => Input::Refund(NewRefund {
                request_id: movement_id('R', 0, current, *number),
                amount: amount(),
                capture_id: None,
            }),
            Heard::WriteOff(number) => Input::WriteOff { request_id: pay_id(0, *number) },
            Heard::Answer(call, reply) => {
                let reply = reply.clone().ok_or(Missing::Lost);
                self.teller.input(*call, &reply, false)
            }
            Heard::Notice(number, body, _) => {
                let (fact, _) = self.teller.notice((0, *number), *body, Some(AMOUNT), signed(1), at(BEGIN));
                Input::noticed(&fact)?
            }
        })
    }
}

impl Message {
    fn is_of(&self, number: u8) -> bool {
        matches!(self, Self::Request(_, _, known) | Self::Answer(_, known, _) if *known == number)
    }
}

/// The gateway answers a request; what it tells by itself goes to the network.
fn serve(book: &mut Book, call: Call, ask: Ask, now: i64, net: &mut Vec<Message>) -> Reply {
    let number = call.attempt;
    let mut tell = |body| net.push(Message::Notice(number, body, 0));
    match call.what {
        What::Pay => {
            let (said, _) = book.pay(number, ask, now, State::Waiting);
            reply(Some(said), book.entry(number).cloned().map_or(View::Nothing, View::Payment))
        }
        What::Cancel => reply(Some(book.cancel(number)), View::Nothing),
        What::Inquire => match book.entry(number) {
            Some(entry) => reply(Some(Said::Yes), View::Payment(entry.clone())),
            None => reply(Some(Said::No("ORDER_NOT_EXIST")), View::Nothing),
        },
        What::Capture { number: movement, amount, last } => {
            let (said, new) = book.capture(number, movement, amount, last);
            if new {
                tell(Body::Capture { number: movement, amount });
            }
            reply(Some(said), View::Nothing)
        }
        What::Refund { number: movement, amount } => {
            let (said, new) = book.refund(number, movement, amount, false);
            if new {
                tell(Body::Refund { number: movement, amount, done: true });
            }
            reply(Some(said), View::Nothing)
        }
        What::InquireRefund { number: movement } => {
            let entry = book.entry(number);
            let found = entry.and_then(|entry| entry.refunds.iter().find(|known| known.number == movement));
            match found {
                Some(known) => {
                    debug_assert!(known.state != MoveState::Failed);
                    reply(Some(Said::Yes), View::Movement(*known))
                }
                None => reply(Some(Said::No("ORDER_NOT_EXIST")), View::Nothing),
            }
        }
    }
}

impl Small {
    /// Products of the model.
    pub const PRODUCTS: [Product; 5] = [
        Product::InStore,
        Product::Cashier,
        Product::Tokenised,
        Product::Card { capture: antom_core::flow::payment::Capture::Automatic },
        Product::Card { capture: antom_core::flow::payment::Capture::Manual },
    ];
}
