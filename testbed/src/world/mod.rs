//! One world: a shop with two workers, its store, a network and a gateway, on a clock of its own.

mod merchant;
mod network;
mod shop;

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use antom_core::flow::payment::Input;
use antom_core::flow::worker::Recovery;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use antom_store::{InboxEntry, MemoryStore, OrderRow, Orders};

use crate::book::Ask;
use crate::call::{Call, order_id};
use crate::far::{Far, Missing, Terms};
use crate::fault::{Dice, Fault, Level};
use crate::plan::Plan;
use crate::report::{Outcome, Trace};
use crate::rules::{Violation, check_end};

/// When every world begins.
pub const BEGIN: UnixTime = UnixTime::from_secs(1_700_000_000);
/// A world that is not over after this has a machine that never rests.
const LONGEST: Duration = Duration::from_secs(60 * 24 * 3600);
/// The wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What the merchant's program wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Pay(u8),
    Cancel,
    Capture(u8),
    Refund(u8),
    Returned,
    /// Looks what became of money that came while the order was being closed.
    LookAfter,
    WriteOff(u8),
}

/// Something that will happen.
enum Event<F: Far> {
    Wish(u32, Wish),
    ToGateway(Option<usize>, Box<F::Request>),
    ToMerchant(usize, Box<Result<F::Response, Missing>>),
    Notice(F::Delivery),
    Acknowledged(F::Delivery),
    Due(u32),
    Far(F::Timer),
    Commit(Box<Late<F>>),
    Courier,
    Recover,
    ClockSet(usize),
    Rotate,
    Learn,
}

/// A commit whose row was read a while ago.
struct Late<F: Far> {
    worker: usize,
    epoch: u32,
    order: u32,
    row: OrderRow,
    heard: Heard<F>,
}

/// What a worker takes in.
struct Heard<F: Far> {
    input: Input,
    wish: Option<Wish>,
    notice: Option<(InboxEntry, Option<F::Delivery>)>,
}

struct Item<F: Far> {
    at: UnixTime,
    sequence: u64,
    event: Event<F>,
}

impl<F: Far> PartialEq for Item<F> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl<F: Far> Eq for Item<F> {}
impl<F: Far> PartialOrd for Item<F> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<F: Far> Ord for Item<F> {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.sequence).cmp(&(self.at, self.sequence))
    }
}

/// A call under way.
struct Under<F: Far> {
    call: Call,
    worker: usize,
    epoch: u32,
    sent: UnixTime,
    pending: F::Pending,
}

#[derive(Debug, Clone, Copy, Default)]
struct Worker {
    skew: i64,
    epoch: u32,
}

struct Order {
    plan: Plan,
    due: Option<UnixTime>,
    /// The one look that is planned; older plans are ignored.
    look: Option<UnixTime>,
    written_off: bool,
}

/// A world.
pub struct World<F: Far> {
    far: F,
    dice: Dice,
    store: MemoryStore,
    client: ClientId,
    now: UnixTime,
    events: BinaryHeap<Item<F>>,
    sequence: u64,
    calls: Vec<Option<Under<F>>>,
    free: Vec<usize>,
    workers: [Worker; 2],
    orders: Vec<Order>,
    courier: bool,
    recovery: Recovery,
    recovered: u64,
    trace: Trace,
    commits: u64,
    violations: Vec<Violation>,
    violated: u64,
}

impl<F: Far> std::fmt::Debug for World<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("now", &self.now)
            .field("orders", &self.orders.len())
            .finish_non_exhaustive()
    }
}

/// The memory store never waits.
fn ready<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

impl<F: Far> World<F> {
    /// A world of so many orders, decided by a seed; `far` makes its other side, which may fail to.
    pub fn planned(
        client: ClientId,
        orders: u32,
        seed: u64,
        level: Level,
        lines: bool,
        far: impl FnOnce(&ClientId, &[Plan]) -> Option<F>,
    ) -> Option<Self> {
        let mut dice = Dice::new(seed, level);
        let plans: Vec<Plan> = (0..orders).map(|_| Plan::draw(&mut dice.rng)).collect();
        let far = far(&client, &plans)?;
        let mut world = Self {
            far,
            dice,
            store: MemoryStore::new(),
            client,
            now: BEGIN,
            events: BinaryHeap::new(),
            sequence: 0,
            calls: Vec::new(),
            free: Vec::new(),
            workers: [Worker::default(); 2],
            orders: plans
                .iter()
                .map(|plan| Order { plan: *plan, due: None, look: None, written_off: false })
                .collect(),
            courier: false,
            recovery: Recovery::since(BEGIN),
            recovered: 0,
            trace: Trace::new(lines),
            commits: 0,
            violations: Vec::new(),
            violated: 0,
        };
        // Often while orders come in, then now and then: as often as the tick says would be most of the work.
        let often = (1..=24).map(|step| step * 300_000);
        let seldom = (1..=120).map(|step| step * 6 * 3_600_000);
        for after in often.chain(seldom) {
            world.push(after, Event::Recover);
        }
        let span = i64::from(orders) * 200;
        for (order, plan) in (0_u32..).zip(&plans) {
            let begin = world.dice.rng.between(0, span);
            world.push(begin, Event::Wish(order, Wish::Pay(0)));
            if plan.double_click {
                world.push(begin + 3, Event::Wish(order, Wish::Pay(0)));
            }
            if let Some(wait) = plan.cancel {
                world.push(begin + wait, Event::Wish(order, Wish::Cancel));
            }
        }
        if level != Level::None {
            let at = world.dice.rng.between(0, span.max(1));
            world.push(at, Event::Rotate);
        }
        Some(world)
    }

    fn push(&mut self, after: i64, event: Event<F>) {
        let at = self.now.saturating_add(Duration::from_millis(u64::try_from(after).unwrap_or(0)));
        self.push_at(at, event);
    }

    fn push_at(&mut self, at: UnixTime, event: Event<F>) {
        self.sequence += 1;
        self.events.push(Item { at: at.max(self.now), sequence: self.sequence, event });
    }

    /// The time on a worker's clock.
    fn clock(&self, worker: usize) -> UnixTime {
        let skew = self.workers.get(worker).map_or(0, |worker| worker.skew);
        UnixTime::from_millis(self.now.as_millis().saturating_add(skew))
    }

    fn order(&self, order: u32) -> Option<&Order> {
        self.orders.get(usize::try_from(order).unwrap_or(usize::MAX))
    }

    fn order_mut(&mut self, order: u32) -> Option<&mut Order> {
        self.orders.get_mut(usize::try_from(order).unwrap_or(usize::MAX))
    }

    fn terms(&self, order: u32, expires: i64) -> Option<Terms> {
        let plan = self.order(order)?.plan;
        let ask = Ask { kind: plan.kind, amount: plan.amount, expires };
        Some(Terms { ask, in_store: plan.product == antom_core::flow::payment::Product::InStore })
    }

    fn broken(&mut self, order: u32, rule: &'static str, seen: impl FnOnce() -> String) {
        self.violated += 1;
        if self.violations.len() < 10 {
            self.violations.push(Violation { order, rule, seen: seen() });
        }
    }

    /// Lets everything happen, and says what it came to. The text of the trace is empty unless it was kept.
    pub fn run(mut self) -> (Outcome, String) {
        let end = BEGIN.saturating_add(LONGEST);
        while let Some(item) = self.events.pop() {
            if item.at > end {
                break;
            }
            self.now = item.at;
            self.happen(item.event);
            self.drain();
        }
        self.finish()
    }

    fn happen(&mut self, event: Event<F>) {
        match event {
            Event::Wish(order, wish) => self.wish(order, wish),
            Event::ToGateway(call, request) => self.send_to_gateway(call, *request),
            Event::ToMerchant(call, answer) => self.send_to_merchant(call, *answer),
            Event::Notice(delivery) => self.notice(delivery),
            Event::Acknowledged(delivery) => self.far.acknowledged(self.now, &delivery),
            Event::Due(order) => self.due(order),
            Event::Far(timer) => self.far.timer(self.now, timer, &mut self.dice),
            Event::Commit(late) => self.late(*late),
            Event::Courier => self.deliver(),
            Event::Recover => self.recover(),
            Event::ClockSet(worker) => {
                if let Some(worker) = self.workers.get_mut(worker) {
                    worker.skew = 0;
                }
            }
            Event::Rotate => {
                self.dice.counts.add(Fault::KeyRotated);
                self.far.rotate();
                let wait = self.dice.rng.between(500, 5_000);
                self.push(wait, Event::Learn);
            }
            Event::Learn => self.far.learn(),
        }
    }

    fn row(&self, order: u32) -> Option<OrderRow> {
        ready(self.store.order(&order_id(order)))?.ok()?
    }

    fn finish(mut self) -> (Outcome, String) {
        let mut outcome = Outcome { payments: self.orders.len() as u64, ..Outcome::default() };
        for order in 0..u32::try_from(self.orders.len()).unwrap_or(u32::MAX) {
            let Some(row) = self.row(order) else {
                // The buyer's click was lost with the process that took it, and nobody clicked again.
                self.broken(order, "every order is stored", String::new);
                continue;
            };
            let payment = row.payment;
            let attempts = u8::try_from(payment.attempts().len()).unwrap_or(u8::MAX);
            let truths: Vec<_> =
                (0..attempts).map(|attempt| self.far.truth(self.now, order, attempt)).collect();
            let mut rules = Vec::new();
            check_end(&payment, &truths, |rule| rules.push(rule));
            outcome.written_off += u64::from(self.order(order).is_some_and(|order| order.written_off));
            let end = match payment.resting_step() {
                antom_core::flow::payment::NextStep::Settled(verdict) => Some(match verdict {
                    antom_core::flow::payment::Verdict::Paid { .. } => 0,
                    antom_core::flow::payment::Verdict::Failed { .. } => 1,
                    antom_core::flow::payment::Verdict::Cancelled => 2,
                }),
                _ => None,
            };
            if let (Some(place), true) = (end, rules.is_empty()) {
                outcome.settled += 1;
                outcome.ends.iter_mut().skip(place).take(1).for_each(|count| *count += 1);
            }
            for rule in rules {
                self.broken(order, rule, || format!("{truths:?} {payment:?}"));
            }
        }
        outcome.commits = self.commits;
        outcome.recovered = self.recovered;
        outcome.faults = self.dice.counts;
        outcome.violations = self.violated;
        outcome.first = self.violations;
        outcome.virtual_millis = u64::try_from(self.now.since(BEGIN).as_millis()).unwrap_or(u64::MAX);
        outcome.digest = self.trace.digest();
        (outcome, self.trace.text().to_owned())
    }
}
