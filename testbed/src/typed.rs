//! The far side without bytes: the small model of the gateway, and facts made of what it says.

use std::time::Duration;

use antom_core::flow::Show;
use antom_core::flow::payment::Input;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use antom_sandbox::engine::SCHEDULE;
use antom_store::{InboxEntry, InboxKey, StoredMessage};

use crate::book::{Book, Kind, Said, State};
use crate::call::{Call, What};
use crate::facts::{Body, Reply, Teller, View, recovered, signed};
use crate::far::{Effects, Far, Missing, Terms, Truth};
use crate::fault::{Dice, Fault};

/// The small gateway with its buyers.
#[derive(Debug)]
pub struct Typed {
    teller: Teller,
    books: Vec<Book>,
    notices: Vec<Notice>,
    effects: Effects<Letter, Timer>,
    key: u32,
    known_key: u32,
}

/// A moment of the gateway or of a buyer.
#[derive(Debug, Clone, Copy)]
pub enum Timer {
    /// The buyer, bank or wallet decides.
    Decide(u32, u8, bool),
    /// A payment ends.
    Expire(u32, u8),
    /// The gateway captures.
    Capture(u32, u8),
    /// A refund ends.
    Refund(u32, u8, u8, bool),
    /// A success is told although the payment was cancelled.
    LateSuccess(u32, u8),
    /// A notification is due again.
    Again(usize),
}

#[derive(Debug, Clone, Copy)]
struct Notice {
    order: u32,
    attempt: u8,
    body: Body,
    first: UnixTime,
    sent: usize,
    acknowledged: bool,
}

/// A notification on its way.
#[derive(Debug, Clone, Copy)]
pub struct Letter {
    id: usize,
    key: u32,
    at: UnixTime,
    /// Whether it stood in an answer of the recovery.
    recovered: bool,
}

/// A request on its way.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    call: Call,
    terms: Terms,
}

impl Typed {
    /// A gateway for so many orders.
    #[must_use]
    pub fn new(client: ClientId, orders: u32) -> Self {
        let books = (0..orders).map(|_| Book::default()).collect();
        Self {
            teller: Teller::new(client),
            books,
            notices: Vec::new(),
            effects: Effects::default(),
            key: 1,
            known_key: 1,
        }
    }

    fn book(&mut self, order: u32) -> Option<&mut Book> {
        self.books.get_mut(usize::try_from(order).unwrap_or(usize::MAX))
    }

    fn at(&mut self, at: UnixTime, timer: Timer) {
        self.effects.timers.push((at, timer));
    }

    fn notify(&mut self, now: UnixTime, order: u32, attempt: u8, body: Body) {
        let id = self.notices.len();
        self.notices.push(Notice { order, attempt, body, first: now, sent: 0, acknowledged: false });
        self.send(now, id);
    }

    fn send(&mut self, now: UnixTime, id: usize) {
        let Some(notice) = self.notices.get_mut(id).filter(|notice| !notice.acknowledged) else { return };
        notice.sent += 1;
        let next = SCHEDULE.get(notice.sent).copied();
        self.effects.deliveries.push(Letter { id, key: self.key, at: now, recovered: false });
        if let Some(wait) = next {
            self.at(now.saturating_add(wait), Timer::Again(id));
        }
    }

    /// A payment was made: who decides about it, and when.
    fn begin(&mut self, now: UnixTime, call: Call, terms: Terms, dice: &mut Dice) {
        let (order, attempt) = (call.order, call.attempt);
        let expires = UnixTime::from_millis(terms.ask.expires);
        let rng = &mut dice.rng;
        let after = |millis: i64| now.saturating_add(Duration::from_millis(millis.unsigned_abs()));
        let decision = match terms.ask.kind {
            Kind::AtOnce => None,
            Kind::Wallet => Some((after(rng.between(300, 20_000)), rng.chance(900_000))),
            Kind::Asked | Kind::Card { .. } => match rng.below(100) {
                0..72 => {
                    let most = if terms.in_store { 20_000 } else { 120_000 };
                    Some((after(rng.between(2_000, most)), true))
                }
                72..82 => Some((after(rng.between(2_000, 60_000)), false)),
                82..90 => Some((expires.saturating_sub(Duration::from_millis(rng.below(3_000))), true)),
                _ => None,
            },
        };
        if let Some((at, pays)) = decision {
            self.at(at.max(now), Timer::Decide(order, attempt, pays));
        }
        self.at(expires, Timer::Expire(order, attempt));
    }

    fn decided(&mut self, now: UnixTime, order: u32, attempt: u8, dice: &mut Dice) {
        let Some(entry) = self.book(order).and_then(|book| book.entry(attempt)) else { return };
        let (ok, kind) = (entry.state == State::Paid, entry.kind);
        self.notify(now, order, attempt, Body::Payment { ok });
        if ok && kind == (Kind::Card { automatic: true }) {
            let wait = Duration::from_millis(dice.rng.below(30_000));
            self.at(now.saturating_add(wait), Timer::Capture(order, attempt));
        }
    }

    fn serve(&mut self, now: UnixTime, wish: Wish, dice: &mut Dice) -> (Said, View) {
        let Call { order, attempt, what } = wish.call;
        let millis = now.as_millis();
        let first = match wish.terms.ask.kind {
            Kind::AtOnce if dice.rng.chance(850_000) => State::Paid,
            Kind::AtOnce => State::Failed,
            _ => State::Waiting,
        };
        let later = dice.rng.chance(300_000);
        let Some(book) = self.book(order) else { return (Said::No("ORDER_NOT_EXIST"), View::Nothing) };
        match what {
            What::Pay => {
                let (said, new) = book.pay(attempt, wish.terms.ask, millis, first);
                let view = book.entry(attempt).cloned().map_or(View::Nothing, View::Payment);
                if new && first == State::Waiting {
                    self.begin(now, wish.call, wish.terms, dice);
                } else if new {
                    self.decided(now, order, attempt, dice);
                }
                (said, view)
            }
            What::Cancel => {
                let open = book.entry(attempt).is_some_and(|entry| entry.state == State::Waiting);
                let said = book.cancel(attempt);
                if open && dice.hit(Fault::SuccessAfterCancel) {
                    let wait = Duration::from_millis(dice.rng.below(60_000));
                    self.at(now.saturating_add(wait), Timer::LateSuccess(order, attempt));
                }
                (said, View::Nothing)
            }
            What::Inquire => match book.entry(attempt) {
                Some(entry) => (Said::Yes, View::Payment(entry.clone())),
                None => (Said::No("ORDER_NOT_EXIST"), View::Nothing),
            },
            What::Capture { number, amount, last } => {
                let (said, new) = book.capture(attempt, number, amount, last);
                if new {
                    self.notify(now, order, attempt, Body::Capture { number, amount });
                }
                (said, View::Nothing)
            }
            What::Refund { number, amount } => {
                let (said, new) = book.refund(attempt, number, amount, later);
                if new && later {
                    let (wait, done) = (dice.rng.below(120_000), dice.rng.chance(900_000));
                    let at = now.saturating_add(Duration::from_millis(wait));
                    self.at(at, Timer::Refund(order, attempt, number, done));
                } else if new {
                    self.notify(now, order, attempt, Body::Refund { number, amount, done: true });
                }
                (said, View::Nothing)
            }
            What::InquireRefund { number } => {
                let found =
                    book.entry(attempt).and_then(|entry| entry.refunds.iter().find(|r| r.number == number));
                match found {
                    Some(refund) => (Said::Yes, View::Movement(*refund)),
                    None => (Said::No("ORDER_NOT_EXIST"), View::Nothing),
                }
            }
        }
    }
}

impl Far for Typed {
    type Request = Wish;
    type Pending = ();
    type Response = Reply;
    type Delivery = Letter;
    type Timer = Timer;

    fn body(&mut self, _call: Call, _terms: Terms) -> Vec<u8> {
        b"{}".to_vec()
    }

    fn request(
        &mut self,
        _now: UnixTime,
        call: Call,
        terms: Terms,
        _payment_id: Option<&str>,
        _stored: Option<&[u8]>,
    ) -> Option<((), Wish)> {
        Some(((), Wish { call, terms }))
    }

    fn arrive(&mut self, now: UnixTime, wish: Wish, dice: &mut Dice) -> Reply {
        if dice.hit(Fault::GatewayBusy) {
            return Reply { key: self.key, at: now, said: None, view: View::Nothing };
        }
        let (said, view) = self.serve(now, wish, dice);
        if dice.hit(Fault::AnswerBroken) {
            return Reply { key: self.key, at: now, said: None, view: View::Nothing };
        }
        Reply { key: self.key, at: now, said: Some(said), view }
    }

    fn read(
        &mut self,
        _now: UnixTime,
        call: Call,
        _pending: (),
        answer: Result<Reply, Missing>,
        dice: &mut Dice,
    ) -> Input {
        let reply = match answer {
            Ok(reply) if reply.key > self.known_key => {
                dice.counts.add(Fault::Unverifiable);
                Err(Missing::Lost)
            }
            other => other,
        };
        let odd = call.what == What::Inquire && dice.hit(Fault::UnknownStatus);
        self.teller.input(call, &reply, odd)
    }

    fn shown(&mut self, _now: UnixTime, _order: u32, _attempt: u8, _show: &Show, _dice: &mut Dice) {}

    fn timer(&mut self, now: UnixTime, timer: Timer, dice: &mut Dice) {
        match timer {
            Timer::Decide(order, attempt, pays) => {
                if self.book(order).is_some_and(|book| book.decide(attempt, pays)) {
                    self.decided(now, order, attempt, dice);
                }
            }
            Timer::Expire(order, attempt) => {
                let millis = now.as_millis();
                if self.book(order).is_some_and(|book| book.expire(attempt, millis)) {
                    self.decided(now, order, attempt, dice);
                }
            }
            Timer::Capture(order, attempt) => {
                if self.book(order).is_some_and(|book| book.capture_itself(attempt)) {
                    let entry = self.book(order).and_then(|book| book.entry(attempt));
                    let amount = entry.map_or(0, |entry| entry.amount);
                    self.notify(now, order, attempt, Body::Capture { number: 0, amount });
                }
            }
            Timer::Refund(order, attempt, number, done) => {
                if self.book(order).is_some_and(|book| book.end_refund(attempt, number, done)) {
                    let entry = self.book(order).and_then(|book| book.entry(attempt));
                    let refund = entry.and_then(|entry| entry.refunds.iter().find(|r| r.number == number));
                    let amount = refund.map_or(0, |refund| refund.amount);
                    self.notify(now, order, attempt, Body::Refund { number, amount, done });
                }
            }
            Timer::LateSuccess(order, attempt) => {
                self.notify(now, order, attempt, Body::Payment { ok: true })
            }
            Timer::Again(id) => self.send(now, id),
        }
    }

    fn effects(&mut self) -> Effects<Letter, Timer> {
        std::mem::take(&mut self.effects)
    }

    fn missed(&mut self, from: UnixTime, to: UnixTime) -> Vec<Letter> {
        let span = |notice: &Notice| !notice.acknowledged && from <= notice.first && notice.first <= to;
        let missed = self.notices.iter().enumerate().rev().filter(|(_, notice)| span(notice));
        missed.map(|(id, _)| Letter { id, key: self.key, at: to, recovered: true }).collect()
    }

    fn open(&mut self, now: UnixTime, letter: &Letter, dice: &mut Dice) -> Option<InboxEntry> {
        if letter.key > self.known_key {
            dice.counts.add(Fault::Unverifiable);
            return None;
        }
        let notice = *self.notices.get(letter.id)?;
        let about = (notice.order, notice.attempt);
        let amount =
            self.book(notice.order).and_then(|book| book.entry(notice.attempt)).map(|entry| entry.amount);
        let amount = if dice.hit(Fault::AmountAbsent) { None } else { amount };
        let proof = match letter.recovered {
            true => recovered(letter.id, letter.key),
            false => signed(letter.key),
        };
        let (fact, evidence) = self.teller.notice(about, notice.body, amount, proof, letter.at);
        let mut key = [0; 32];
        key.iter_mut().zip(letter.id.to_le_bytes()).for_each(|(place, byte)| *place = byte);
        let message = StoredMessage { body: None, path: "/notify".into(), evidence };
        Some(InboxEntry { key: InboxKey(key), message, fact: Some(fact), received: now })
    }

    fn acknowledged(&mut self, _now: UnixTime, letter: &Letter) {
        if let Some(notice) = self.notices.get_mut(letter.id) {
            notice.acknowledged = true;
        }
    }

    fn rotate(&mut self) {
        self.key += 1;
    }

    fn learn(&mut self) {
        self.known_key = self.key;
    }

    fn truth(&mut self, _now: UnixTime, order: u32, attempt: u8) -> Option<Truth> {
        let entry = self.book(order)?.entry(attempt)?;
        Some(Truth {
            state: entry.state,
            amount: entry.amount,
            taken: entry.taken(),
            returned: entry.returned(),
        })
    }

    fn charges(&mut self, _now: UnixTime, order: u32) -> usize {
        self.book(order).map_or(0, |book| book.charges())
    }
}
