//! A small world of one authorization: the real machine, a store of one row, two workers of which one may die,
//! a network that loses, delays, doubles and reorders, and an office that gives out codes and tokens.
//!
//! As in the world of the order every bound only goes down and time only goes forward, so liveness is a
//! property of states: where nothing can happen any more, both sides agree, or a person was told.

mod act;
mod office;

use std::sync::Arc;

use antom_core::flow::token::{Grant, GrantState, NewGrant};
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use sha2::{Digest, Sha256};
use stateright::{Model, Property};

pub use office::{Office, Said, Wanted};

use super::BEGIN;

/// The random state of the authorization. The model needs no randomness.
pub(crate) const AUTH_STATE: &str = "a-state-of-some-32-characters-xx";

/// What may go wrong, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bounds {
    /// Requests, answers and codes that are lost, or overtaken by the patience of whoever waits for them.
    pub losses: u8,
    /// Messages that arrive twice.
    pub doubles: u8,
    /// Workers that die.
    pub crashes: u8,
    /// How often the buyer authorizes: a second time makes a second code.
    pub codes: u8,
    /// Whether the merchant may revoke.
    pub revoke: bool,
    /// Whether the buyer may cancel in the wallet.
    pub buyer_cancels: bool,
}

/// The model, with the habits of the office in which methods differ.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// What may go wrong.
    pub bounds: Bounds,
    /// Whether a code that was used gives the same token again; otherwise it is refused.
    pub repeats: bool,
    pub(crate) client: ClientId,
}

/// A committed authorization, compared by a digest of its stored form, which holds all of it.
#[derive(Debug, Clone)]
pub struct Row(Arc<(Grant, [u8; 16])>);

impl Row {
    /// A committed state.
    #[must_use]
    pub fn of(grant: Grant) -> Self {
        let whole = Sha256::digest(grant.save().expose());
        let mut digest = [0; 16];
        digest.iter_mut().zip(whole).for_each(|(place, byte)| *place = byte);
        Self(Arc::new((grant, digest)))
    }

    /// The authorization.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.0.0
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.0.1 == other.0.1
    }
}

impl Eq for Row {}

impl std::hash::Hash for Row {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.1.hash(state);
    }
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Message {
    /// A request; its number tells calls apart.
    Request(Wanted, u8),
    /// An answer.
    Answer(Wanted, u8, Said),
    /// A notification.
    Notice(Notice),
}

/// What the office tells by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Notice {
    /// A code, by its number, and when it was made.
    Code(u8, i64),
    /// A token of this generation was made.
    Created(u8),
    /// The token of this generation is dead.
    Cancelled(u8),
}

/// What a worker is at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Worker {
    /// Nothing.
    Idle,
    /// It read the row and has something to apply to it.
    Read(Row, Heard),
    /// It committed, and is about to make this call.
    Bound(Wanted),
    /// It waits for the answer to its call.
    Waits(Wanted, u8),
}

/// What a worker applies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Heard {
    /// Time.
    Tick,
    /// The merchant revokes.
    Revoke,
    /// An answer; without one nobody knows.
    Answer(Wanted, Option<Said>),
    /// A notification.
    Notice(Notice),
}

/// Everything there is at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Moment {
    /// The time, in milliseconds.
    pub now: i64,
    /// The stored authorization.
    pub row: Row,
    /// What the gateway knows.
    pub office: Office,
    /// What is on its way, in an order without meaning.
    pub net: Vec<Message>,
    /// Ends of tokens that nobody here knows, by their generations.
    pub parked: Vec<u8>,
    /// The workers.
    pub workers: [Worker; 2],
    /// What may still go wrong, and what may still be wanted.
    pub left: Bounds,
    /// How many calls were made.
    pub calls: u8,
    /// Whether the merchant's program was told that a token may live unknown.
    pub told: bool,
    /// The rule that the last commit broke.
    pub broken: Option<&'static str>,
}

/// Something that can happen next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Act {
    /// The merchant wants the token dead, and a worker takes it up.
    Revoke,
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
    /// The buyer authorizes.
    Authorize,
    /// The buyer cancels in the wallet.
    BuyerCancels,
    /// Time passes to the next moment at which something is due.
    Pass(i64),
}

impl Act {
    /// Whether it comes about by itself in the end. What the merchant or the buyer wants, and faults, may
    /// never come: none of them may be what it takes for both sides to agree.
    fn must_come(&self) -> bool {
        !matches!(
            self,
            Self::Revoke
                | Self::Authorize
                | Self::BuyerCancels
                | Self::Crash(_)
                | Self::Double(_)
                | Self::Lose(_)
        )
    }
}

impl Tokens {
    /// The model; `None` never happens, for its client id is a good one.
    #[must_use]
    pub fn of(repeats: bool, bounds: Bounds) -> Option<Self> {
        Some(Self { bounds, repeats, client: ClientId::new("SANDBOX_5Y0000000000000001").ok()? })
    }

    /// The name in reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        if self.repeats { "token, a used code repeats it" } else { "token, a used code is refused" }
    }
}

/// The properties by name.
pub const PROPERTIES: [&str; 4] = [
    "no step breaks a rule of tokens",
    "never a usable token that was not issued",
    "never two tokens for one authorization",
    "nothing rests in disagreement unless a person was told",
];

impl Moment {
    fn believes_truth(&self) -> bool {
        let grant = self.row.grant();
        let held = grant.token().map(|token| office::generation_of(token.access_token.expose()));
        held.is_none_or(|held| held <= self.office.generation)
    }

    fn is_settled(&self) -> bool {
        let grant = self.row.grant();
        let held = grant.token().map(|token| office::generation_of(token.access_token.expose()));
        let over = matches!(grant.state(), GrantState::Ended { .. });
        let agree = match (self.office.live, over) {
            (true, false) => held == Some(self.office.generation),
            (true, true) => self.told,
            (false, false) => false,
            (false, true) => true,
        };
        agree && self.workers.iter().all(|worker| *worker == Worker::Idle)
    }
}

impl Model for Tokens {
    type State = Moment;
    type Action = Act;

    fn init_states(&self) -> Vec<Moment> {
        let new = NewGrant::new(self.client.clone(), AUTH_STATE, "buyer-1", "GCASH");
        let begun = new.map(|new| Grant::begin(&new, UnixTime::from_millis(BEGIN)).next);
        let moment = |grant| Moment {
            now: BEGIN,
            row: Row::of(grant),
            office: Office::default(),
            net: Vec::new(),
            parked: Vec::new(),
            // The commit that began it was made: consult is about to be called.
            workers: [Worker::Bound(Wanted::Consult), Worker::Idle],
            left: self.bounds,
            calls: 0,
            told: false,
            broken: None,
        };
        begun.into_iter().map(moment).collect()
    }

    fn actions(&self, moment: &Moment, acts: &mut Vec<Act>) {
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
        let [step, belief, one, rest] = PROPERTIES;
        vec![
            Property::always(step, |_, moment: &Moment| moment.broken.is_none()),
            Property::always(belief, |_, moment: &Moment| moment.believes_truth()),
            Property::always(one, |_, moment: &Moment| moment.office.authorizations <= 1),
            Property::always(rest, |model: &Self, moment: &Moment| {
                let mut acts = Vec::new();
                model.actions(moment, &mut acts);
                acts.iter().any(Act::must_come) || moment.broken.is_some() || moment.is_settled()
            }),
        ]
    }
}
