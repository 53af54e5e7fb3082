//! Plays traces of the model on the sandbox's engine: the same acts in the same order, but with real requests,
//! answers and notifications in place of the model's. Both worlds must come to the same end.

use antom_core::exchange::Engine;
use antom_core::flow::payment::{AttemptState, Input, Payment, Plan, Product};
use antom_core::flow::{MovementKind, Observed};
use antom_core::time::UnixTime;
use antom_sandbox::engine::{BuyerAction, CardEntry, Delivery, GatewayRequest, TEST_CARDS};
use stateright::Model;

use super::{AMOUNT, Act, BEGIN, Heard, Message, Moment, Small, Worker};
use crate::book::{Ask, Kind};
use crate::call::{Call, call_of, numbers, pay_id};
use crate::facts::Body;
use crate::far::{Far, Missing, Terms};
use crate::fault::{Dice, Level};
use crate::rng::Rng;
use crate::rules::{check_end, check_step};
use crate::wire::Wire;

/// No trace is longer; the bounds end all of them far earlier.
const LONGEST: usize = 10_000;

/// One way through the model.
#[derive(Debug, Clone)]
pub struct Path {
    /// Each moment, and what happened then.
    pub steps: Vec<(Moment, Act)>,
    /// The moment at which nothing more has to come.
    pub end: Moment,
}

/// A way through the model that a seed decides, to a moment at which nothing more has to come.
#[must_use]
pub fn walk(model: &Small, seed: u64) -> Option<Path> {
    let mut rng = Rng::new(seed);
    let mut moment = model.init_states().into_iter().next()?;
    let mut steps = Vec::new();
    while steps.len() < LONGEST {
        let mut acts = Vec::new();
        model.actions(&moment, &mut acts);
        let over = !moment.row.payment().attempts().is_empty() && !acts.iter().any(Act::must_come);
        if acts.is_empty() || (over && rng.chance(700_000)) {
            break;
        }
        // The engine captures as soon as the buyer has paid, so that is the way to follow.
        let capture = acts.iter().position(|act| matches!(act, Act::Capture(_)));
        let drawn = usize::try_from(rng.below(acts.len() as u64)).unwrap_or(0);
        let place = capture.unwrap_or(drawn);
        let act = acts.swap_remove(place);
        if let Some(next) = model.next_state(&moment, act.clone()) {
            steps.push((moment, act));
            moment = next;
        }
    }
    (steps.len() < LONGEST).then_some(Path { steps, end: moment })
}

/// What a worker of the real world is at; its place and number are those of the model's.
#[derive(Debug)]
enum Hand {
    Idle,
    Wish(Heard),
    Notice(Option<Delivery>),
    Answered(Call, Engine, Result<Packet, Missing>),
    Bound(Call),
    Waits(Call, Engine, u8),
}

type Packet = Option<antom_core::call::IncomingResponse>;

/// A call on its way, in the one direction or the other.
#[derive(Debug)]
enum Parcel {
    Request(GatewayRequest),
    Answer(Packet),
}

struct Stage<'a> {
    model: &'a Small,
    wire: Wire,
    dice: Dice,
    now: UnixTime,
    payment: Payment,
    hands: [Hand; 2],
    parcels: Vec<(u8, Parcel)>,
    letters: Vec<Delivery>,
    /// The page or code of each attempt, which the buyer knows even when the merchant does not.
    pages: [Option<String>; 4],
    broken: Vec<&'static str>,
}

/// What came of a replay.
#[derive(Debug)]
pub struct Replayed {
    /// How many acts were played.
    pub acts: usize,
    /// The rules that were broken, or what differs between both worlds at the end.
    pub wrong: Vec<String>,
}

/// Plays a path on a new engine.
#[must_use]
pub fn replay(model: &Small, path: &Path, seed: u64) -> Option<Replayed> {
    let now = UnixTime::from_millis(BEGIN);
    let mut stage = Stage {
        model,
        wire: Wire::new(&model.client, vec![model.kind], seed, now)?,
        dice: Dice::new(seed, Level::None),
        now,
        payment: Payment::new("O-0", Plan::default()),
        hands: [Hand::Idle, Hand::Idle],
        parcels: Vec::new(),
        letters: Vec::new(),
        pages: [const { None }; 4],
        broken: Vec::new(),
    };
    for (moment, act) in &path.steps {
        stage.act(moment, act);
    }
    stage.rest();
    let mut wrong: Vec<String> = stage.broken.iter().map(|rule| (*rule).to_owned()).collect();
    let (ours, theirs) = (verdicts(&stage.payment), verdicts(path.end.row.payment()));
    if ours != theirs {
        wrong.push(format!("the verdict is {ours:?} with the engine and {theirs:?} in the model"));
    }
    Some(Replayed { acts: path.steps.len(), wrong })
}

/// The text of a member, wherever it stands: a buyer looks at a page, not at a document.
fn member(body: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let rest = text.split_once(&format!("\"{name}\":\""))?.1;
    Some(rest.split_once('"')?.0.to_owned())
}

fn stale(moment: &Moment, place: usize) -> bool {
    matches!(moment.workers.get(place), Some(Worker::Read(row, _)) if *row != moment.row)
}

/// What a payment came to: for each attempt its state, what was taken, and what was given back.
fn verdicts(payment: &Payment) -> Vec<(&'static str, u128, u128)> {
    let name = |state: &AttemptState| match state {
        AttemptState::Paid => "paid",
        AttemptState::Authorised => "authorised",
        AttemptState::Failed { .. } => "failed",
        AttemptState::Cancelled => "cancelled",
        _ => "open",
    };
    let attempts = payment.attempts().iter();
    attempts.map(|attempt| (name(&attempt.state), attempt.captured(), attempt.refunded())).collect()
}

impl Stage<'_> {
    fn terms(&self, attempt: u8) -> Terms {
        let known = self.payment.attempts().get(usize::from(attempt));
        let expires = known.map_or(0, |attempt| attempt.expires.as_millis());
        let ask = Ask { kind: self.model.kind, amount: AMOUNT, expires };
        Terms { ask, in_store: self.model.product == Product::InStore }
    }

    fn act(&mut self, moment: &Moment, act: &Act) {
        match act {
            Act::Wish(wish) => self.take_up(moment, Hand::Wish(wish.clone())),
            Act::Tick => self.take_up(moment, Hand::Wish(Heard::Tick)),
            // Somebody else wrote first: the worker reads again, and commits by a later act.
            Act::Commit(place) if stale(moment, *place) => {}
            Act::Commit(place) => {
                let heard = self.take(*place);
                let call = self.hear(heard);
                self.put(*place, call.map_or(Hand::Idle, Hand::Bound));
            }
            Act::Send(place) => {
                let number = moment.calls.saturating_add(1);
                if let Hand::Bound(call) = self.take(*place)
                    && let Some((engine, request)) = self.request(call)
                {
                    self.parcels.push((number, Parcel::Request(request)));
                    self.put(*place, Hand::Waits(call, engine, number));
                }
            }
            Act::GiveUp(place) => match self.take(*place) {
                Hand::Waits(call, engine, _) => {
                    self.put(*place, Hand::Answered(call, engine, Err(Missing::Lost)));
                }
                other => self.put(*place, other),
            },
            Act::Crash(place) => {
                if let Hand::Notice(Some(letter)) = self.take(*place) {
                    self.letters.push(letter);
                }
            }
            Act::Deliver(place) => self.arrive(moment, *place, false),
            Act::Double(place) => self.arrive(moment, *place, true),
            Act::Lose(place) => self.lose(moment, *place),
            Act::Decide(number, pays) => self.decide(*number, *pays),
            // The engine captures as soon as the buyer has paid.
            Act::Capture(_) => {}
            Act::Pass(to) => {
                self.now = UnixTime::from_millis(*to);
                self.wire.timer(self.now, crate::wire::Timer::Tick, &mut self.dice);
                self.collect();
            }
        }
        // Two workers are alike, and the model keeps the idle one behind.
        if matches!(self.hands, [Hand::Idle, _]) {
            self.hands.swap(0, 1);
        }
    }

    /// The model's idle worker is the one with this place.
    fn take_up(&mut self, moment: &Moment, hand: Hand) {
        if let Some(place) = moment.workers.iter().position(|worker| *worker == Worker::Idle) {
            self.put(place, hand);
        }
    }

    fn take(&mut self, place: usize) -> Hand {
        self.hands.get_mut(place).map_or(Hand::Idle, |hand| std::mem::replace(hand, Hand::Idle))
    }

    fn put(&mut self, place: usize, hand: Hand) {
        if let Some(slot) = self.hands.get_mut(place) {
            *slot = hand;
        }
    }

    fn collect(&mut self) {
        let effects = self.wire.effects();
        self.letters.extend(effects.deliveries);
    }

    fn request(&mut self, call: Call) -> Option<(Engine, GatewayRequest)> {
        let attempt = self.payment.attempts().get(usize::from(call.attempt));
        let payment_id = attempt.and_then(|attempt| attempt.payment_id.clone());
        let terms = self.terms(call.attempt);
        self.wire.request(self.now, call, terms, payment_id.as_deref(), None)
    }

    fn answer(&mut self, request: GatewayRequest) -> Packet {
        let about = member(&request.body, "paymentRequestId");
        let answer = self.wire.arrive(self.now, request, &mut self.dice);
        self.collect();
        let shown = answer.as_ref().and_then(|answer| {
            member(answer.body(), "codeValue").or_else(|| member(answer.body(), "normalUrl"))
        });
        if let (Some(page), Some(about)) = (shown, about)
            && let Some(known) = self.pages.get_mut(usize::from(numbers(&about).1))
        {
            *known = Some(page);
        }
        answer
    }

    fn arrive(&mut self, moment: &Moment, place: usize, again: bool) {
        match moment.net.get(place) {
            Some(Message::Request(_, _, number)) => {
                let known =
                    |parcel: &(u8, Parcel)| parcel.0 == *number && matches!(parcel.1, Parcel::Request(_));
                let Some(at) = self.parcels.iter().position(known) else { return };
                let Some((_, Parcel::Request(request))) = self.parcels.get(at) else { return };
                let request = request.clone();
                if !again {
                    self.parcels.swap_remove(at);
                }
                let answer = self.answer(request);
                self.parcels.push((*number, Parcel::Answer(answer)));
            }
            Some(Message::Answer(_, number, _)) => {
                let known =
                    |parcel: &(u8, Parcel)| parcel.0 == *number && matches!(parcel.1, Parcel::Answer(_));
                let Some(at) = self.parcels.iter().position(known) else { return };
                let waits = |hand: &Hand| matches!(hand, Hand::Waits(_, _, waited) if waited == number);
                let hand = self.hands.iter().position(waits);
                let Some((_, Parcel::Answer(answer))) = self.parcels.get(at) else { return };
                let answer = answer.clone();
                if !again {
                    self.parcels.swap_remove(at);
                }
                if let Some(place) = hand
                    && let Hand::Waits(call, engine, _) = self.take(place)
                {
                    self.put(place, Hand::Answered(call, engine, Ok(answer)));
                }
            }
            Some(Message::Notice(number, body, _)) => {
                let letter = self.letter(*number, *body);
                if again {
                    self.letters.extend(letter.clone());
                }
                self.take_up(moment, Hand::Notice(letter));
            }
            None => {}
        }
    }

    fn lose(&mut self, moment: &Moment, place: usize) {
        match moment.net.get(place) {
            Some(Message::Request(_, _, number)) => {
                let known =
                    |parcel: &(u8, Parcel)| parcel.0 == *number && matches!(parcel.1, Parcel::Request(_));
                self.parcels.iter().position(known).map(|at| self.parcels.swap_remove(at));
            }
            Some(Message::Answer(_, number, _)) => {
                let known =
                    |parcel: &(u8, Parcel)| parcel.0 == *number && matches!(parcel.1, Parcel::Answer(_));
                self.parcels.iter().position(known).map(|at| self.parcels.swap_remove(at));
            }
            Some(Message::Notice(number, body, _)) => drop(self.letter(*number, *body)),
            None => {}
        }
    }

    /// The engine's notification that says what the model's does, if it sent one.
    fn letter(&mut self, number: u8, body: Body) -> Option<Delivery> {
        let (now, wire, dice) = (self.now, &mut self.wire, &mut self.dice);
        let wanted = pay_id(0, number);
        let fits = |fact: &Observed| match (fact, body) {
            (Observed::Payment(fact), Body::Payment { .. }) => fact.request_id() == Some(&wanted),
            (Observed::Movement(fact), Body::Capture { .. }) => fact.kind() == MovementKind::Capture,
            (Observed::Movement(fact), Body::Refund { .. }) => fact.kind() == MovementKind::Refund,
            _ => false,
        };
        let place = self.letters.iter().position(|letter| {
            wire.open(now, letter, dice).and_then(|entry| entry.fact).is_some_and(|fact| fits(&fact))
        })?;
        Some(self.letters.swap_remove(place))
    }

    fn decide(&mut self, number: u8, pays: bool) {
        let Some(page) = self.pages.get(usize::from(number)).cloned().flatten() else { return };
        let card = matches!(self.model.kind, Kind::Card { .. });
        let action = match (pays, card) {
            (true, true) => {
                let Some(card) = TEST_CARDS.first() else { return };
                BuyerAction::EnterCard(CardEntry::valid(card.number))
            }
            (true, false) => BuyerAction::Approve,
            (false, _) => BuyerAction::Decline,
        };
        self.wire.timer(self.now, crate::wire::Timer::Buyer(page, action), &mut self.dice);
        self.collect();
    }

    fn input(&mut self, hand: Hand) -> Option<Input> {
        match hand {
            Hand::Wish(wish) => self.model.input(&self.payment, &wish, self.now.as_millis()),
            Hand::Notice(letter) => {
                let letter = letter?;
                let entry = self.wire.open(self.now, &letter, &mut self.dice)?;
                self.wire.acknowledged(self.now, &letter);
                Input::noticed(entry.fact.as_ref()?)
            }
            Hand::Answered(call, engine, answer) => {
                Some(self.wire.read(self.now, call, engine, answer, &mut self.dice))
            }
            Hand::Idle | Hand::Bound(_) | Hand::Waits(..) => None,
        }
    }

    /// Applies to the state that was read last, and commits.
    fn hear(&mut self, hand: Hand) -> Option<Call> {
        let input = self.input(hand)?;
        let turn = self.payment.apply(&input, self.now).ok()?;
        check_step(&self.payment, &input, &turn, &self.model.client, |rule| self.broken.push(rule));
        self.payment = turn.next.clone();
        call_of(&turn.step)
    }

    /// What is still to come, one thing after the other, without faults.
    fn rest(&mut self) {
        for place in 0..self.hands.len() {
            let hand = self.take(place);
            match hand {
                Hand::Bound(call) => self.call(call),
                Hand::Waits(call, engine, _) => self.heard(Hand::Answered(call, engine, Err(Missing::Lost))),
                hand => self.heard(hand),
            }
        }
        for _ in 0..200 {
            while let Some(letter) = self.letters.pop() {
                self.heard(Hand::Notice(Some(letter)));
            }
            let Some(due) = self.payment.due() else { break };
            self.now = self.now.max(due);
            self.wire.timer(self.now, crate::wire::Timer::Tick, &mut self.dice);
            self.collect();
            self.heard(Hand::Wish(Heard::Tick));
        }
        let attempts = u8::try_from(self.payment.attempts().len()).unwrap_or(0);
        let truths: Vec<_> = (0..attempts).map(|number| self.wire.truth(self.now, 0, number)).collect();
        check_end(&self.payment, &truths, |rule| self.broken.push(rule));
    }

    fn heard(&mut self, hand: Hand) {
        if let Some(call) = self.hear(hand) {
            self.call(call);
        }
    }

    fn call(&mut self, call: Call) {
        let mut next = Some(call);
        while let Some(call) = next {
            let Some((engine, request)) = self.request(call) else { return };
            let answer = self.answer(request);
            next = self.hear(Hand::Answered(call, engine, Ok(answer)));
        }
    }
}
