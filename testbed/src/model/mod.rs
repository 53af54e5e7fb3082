//! A small world, explored exhaustively: one order, the real machine, a store of one row, two workers of
//! which one may die, a network that loses, delays, doubles and reorders, and the small gateway.
//!
//! Every number in a [`Bounds`] only goes down and time only goes forward, so the state space has no cycle.
//! Liveness is therefore a property of states: where nothing can happen any more, everything is settled.

mod act;
pub mod replay;
mod row;
pub mod token;

use antom_core::flow::payment::{Capture, Product};
use antom_core::signature::ClientId;
use stateright::{Model, Property};

use crate::book::{Ask, Book, Kind};
use crate::call::Call;
use crate::facts::{Body, Reply, Teller};
pub use row::Row;

/// When the order begins, in milliseconds.
pub const BEGIN: i64 = 1_700_000_000_000;
/// The amount of the order.
pub const AMOUNT: u64 = 1050;

/// What may go wrong, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bounds {
    /// Messages that are lost, or overtaken by the patience of whoever waits for them.
    pub losses: u8,
    /// Messages that arrive twice.
    pub doubles: u8,
    /// Workers that die.
    pub crashes: u8,
    /// Whether the merchant may close the order at any moment.
    pub cancel: bool,
    /// How many attempts the merchant makes.
    pub attempts: u8,
    /// How many refunds of the whole amount the merchant wants.
    pub refunds: u8,
}

/// The model of one product.
#[derive(Debug, Clone)]
pub struct Small {
    /// The kind of payment.
    pub product: Product,
    /// How the gateway handles it.
    pub kind: Kind,
    /// How long it is open, in milliseconds.
    pub open: i64,
    /// What may go wrong.
    pub bounds: Bounds,
    pub(crate) teller: Teller,
    pub(crate) client: ClientId,
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Message {
    /// A request of a worker; its number tells calls apart.
    Request(Call, Ask, u8),
    /// An answer to a request.
    Answer(Call, u8, Reply),
    /// A notification about an attempt.
    Notice(u8, Body, i64),
}

/// What a worker is at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Worker {
    /// Nothing.
    Idle,
    /// It read the row and has something to apply to it.
    Read(Row, Heard),
    /// It committed, and is about to make this call.
    Bound(Call, Ask),
    /// It waits for the answer to its call.
    Waits(Call, u8),
}

/// What a worker applies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Heard {
    /// Time.
    Tick,
    /// An attempt the merchant wants.
    Pay(u8),
    /// The merchant closes the order.
    Cancel,
    /// The merchant captures.
    Capture,
    /// The merchant refunds.
    Refund(u8),
    /// A person writes the attempt off.
    WriteOff(u8),
    /// An answer; without one nobody knows.
    Answer(Call, Option<Reply>),
    /// A notification.
    Notice(u8, Body, i64),
}

/// Everything there is at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Moment {
    /// The time, in milliseconds.
    pub now: i64,
    /// The stored order.
    pub row: Row,
    /// What the gateway knows.
    pub book: Book,
    /// What is on its way, in an order without meaning.
    pub net: Vec<Message>,
    /// The workers.
    pub workers: [Worker; 2],
    /// What may still go wrong, and what the merchant may still want.
    pub left: Bounds,
    /// How many calls were made.
    pub calls: u8,
    /// Whether the merchant asked for the capture.
    pub captured: bool,
    /// The rule that the last commit broke.
    pub broken: Option<&'static str>,
}

/// Something that can happen next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Act {
    /// The merchant wants something, and a worker takes it up.
    Wish(Heard),
    /// A worker takes the due row.
    Tick,
    /// A worker commits.
    Commit(usize),
    /// A worker makes its call.
    Send(usize),
    /// A worker's patience ends.
    GiveUp(usize),
    /// A worker dies.
    Crash(usize),
    /// A message arrives.
    Deliver(usize),
    /// A message arrives, and another like it will.
    Double(usize),
    /// A message is lost.
    Lose(usize),
    /// The buyer, bank or wallet decides.
    Decide(u8, bool),
    /// The gateway captures by itself.
    Capture(u8),
    /// Time passes to the next moment at which something is due.
    Pass(i64),
}

impl Act {
    /// Whether it comes about by itself in the end. A wish, a decision of the buyer or a fault may never
    /// come: none of them may be what it takes to settle an order.
    fn must_come(&self) -> bool {
        match self {
            Self::Wish(wish) => matches!(wish, Heard::Capture | Heard::WriteOff(_)),
            Self::Decide(..) | Self::Crash(_) | Self::Double(_) | Self::Lose(_) => false,
            _ => true,
        }
    }
}

impl Small {
    /// The model of a product; `None` never happens, for its client id is a good one.
    #[must_use]
    pub fn of(product: Product, bounds: Bounds) -> Option<Self> {
        let client = ClientId::new("SANDBOX_5Y0000000000000001").ok()?;
        let kind = match product {
            Product::Tokenised => Kind::Wallet,
            Product::Card { capture } => Kind::Card { automatic: capture == Capture::Automatic },
            _ => Kind::Asked,
        };
        Some(Self { product, kind, open: 12_000, bounds, teller: Teller::new(client.clone()), client })
    }

    /// The name of the product in reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.product {
            Product::InStore => "in store",
            Product::Cashier => "cashier",
            Product::Tokenised => "tokenised",
            Product::Card { capture: Capture::Automatic } => "card, captured automatically",
            Product::Card { capture: Capture::Manual } => "card, captured by the merchant",
        }
    }
}

/// The properties, which are the money rules, by name.
pub const PROPERTIES: [&str; 4] = [
    "no step breaks a money rule",
    "the merchant never believes what is not so",
    "never two charges for one order",
    "nothing rests unsettled or in disagreement",
];

impl Model for Small {
    type State = Moment;
    type Action = Act;

    fn init_states(&self) -> Vec<Moment> {
        vec![Moment {
            now: BEGIN,
            row: Row::new(),
            book: Book::default(),
            net: Vec::new(),
            workers: [Worker::Idle, Worker::Idle],
            left: self.bounds,
            calls: 0,
            captured: false,
            broken: None,
        }]
    }

    fn actions(&self, moment: &Moment, acts: &mut Vec<Act>) {
        // What follows a broken rule is of no interest.
        if moment.broken.is_none() {
            self.possible(moment, acts);
        }
    }

    fn next_state(&self, moment: &Moment, act: Act) -> Option<Moment> {
        let mut next = moment.clone();
        self.happen(&mut next, act);
        next.tidy();
        (next != *moment).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let [step, belief, charge, rest] = PROPERTIES;
        vec![
            Property::always(step, |_, moment: &Moment| moment.broken.is_none()),
            Property::always(belief, |_, moment: &Moment| moment.believes_truth()),
            Property::always(charge, |_, moment: &Moment| moment.book.charges() <= 1),
            Property::always(rest, |model: &Self, moment: &Moment| {
                let mut acts = Vec::new();
                model.actions(moment, &mut acts);
                acts.iter().any(Act::must_come) || moment.broken.is_some() || moment.is_settled()
            }),
        ]
    }
}
