//! What the gateway knows about one order: a small model without time of its own, network or text, shared by
//! the simulation's typed mode and the model checker. `tests/agree.rs` holds it against the sandbox's engine.

/// How a payment comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The buyer decides on a page or code.
    Asked,
    /// The answer to pay is final.
    AtOnce,
    /// The wallet pays by itself after a while.
    Wallet,
    /// A card: success is an authorization.
    Card {
        /// Whether the gateway captures by itself.
        automatic: bool,
    },
}

/// How far a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// The buyer, the bank or the wallet has not decided.
    Waiting,
    /// Paid, or with cards authorised.
    Paid,
    /// Nothing was taken and nothing will be.
    Failed,
    /// Cancelled.
    Cancelled,
}

/// How far a capture or refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MoveState {
    /// Under way.
    Processing,
    /// Done.
    Done,
    /// Nothing moved.
    Failed,
}

/// A capture or refund. Number 0 is one of the gateway's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Move {
    /// The merchant's number.
    pub number: u8,
    /// How much.
    pub amount: u64,
    /// How far.
    pub state: MoveState,
    /// Whether the rest of the authorization is let go.
    pub last: bool,
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    /// How it comes about.
    pub kind: Kind,
    /// The `paymentAmount`.
    pub amount: u64,
    /// The `paymentExpiryTime`, in milliseconds.
    pub expires: i64,
    /// How far it is.
    pub state: State,
    /// Captures.
    pub captures: Vec<Move>,
    /// Refunds.
    pub refunds: Vec<Move>,
}

/// What pay asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ask {
    /// How it comes about.
    pub kind: Kind,
    /// The amount.
    pub amount: u64,
    /// The expiry, in milliseconds.
    pub expires: i64,
}

/// The result of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Said {
    /// `S`.
    Yes,
    /// `U` with a code that says "under way".
    UnderWay,
    /// `F` with this code.
    No(&'static str),
}

/// What the gateway knows about one order: its payments by number, from 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Book {
    entries: Vec<Option<Entry>>,
}

fn total(moves: &[Move]) -> u64 {
    moves.iter().filter(|known| known.state != MoveState::Failed).map(|known| known.amount).sum()
}

impl Entry {
    /// What was taken.
    #[must_use]
    pub fn taken(&self) -> u64 {
        match (self.kind, self.state) {
            (Kind::Card { .. }, _) => self
                .captures
                .iter()
                .filter(|known| known.state == MoveState::Done)
                .map(|known| known.amount)
                .sum(),
            (_, State::Paid) => self.amount,
            _ => 0,
        }
    }

    /// What was given back by refunds that are done.
    #[must_use]
    pub fn returned(&self) -> u64 {
        self.refunds.iter().filter(|known| known.state == MoveState::Done).map(|known| known.amount).sum()
    }

    /// Whether the buyer is charged, or an amount of theirs is held.
    #[must_use]
    pub fn charges(&self) -> bool {
        self.state == State::Paid && (self.taken() == 0 || self.taken() > self.returned())
    }
}

impl Book {
    /// A payment.
    #[must_use]
    pub fn entry(&self, number: u8) -> Option<&Entry> {
        self.entries.get(usize::from(number)).and_then(Option::as_ref)
    }

    /// A payment, to be changed.
    pub fn entry_mut(&mut self, number: u8) -> Option<&mut Entry> {
        self.entries.get_mut(usize::from(number)).and_then(Option::as_mut)
    }

    /// All payments with their numbers.
    pub fn entries(&self) -> impl Iterator<Item = (u8, &Entry)> {
        (0_u8..).zip(&self.entries).filter_map(|(number, entry)| Some((number, entry.as_ref()?)))
    }

    /// How many payments charge the buyer at this moment. More than one is what must never be.
    #[must_use]
    pub fn charges(&self) -> usize {
        self.entries().filter(|(_, entry)| entry.charges()).count()
    }

    /// pay. `first` decides the state of a payment that is decided at once. Says whether it is new.
    pub fn pay(&mut self, number: u8, ask: Ask, now: i64, first: State) -> (Said, bool) {
        if let Some(known) = self.entry(number) {
            return (Self::answer_to_pay(known), false);
        }
        if now >= ask.expires {
            return (Said::No("PARAM_ILLEGAL"), false);
        }
        let Ask { kind, amount, expires } = ask;
        let entry = Entry { kind, amount, expires, state: first, captures: Vec::new(), refunds: Vec::new() };
        let said = Self::answer_to_pay(&entry);
        let place = usize::from(number);
        if self.entries.len() <= place {
            self.entries.resize(place + 1, None);
        }
        if let Some(free) = self.entries.get_mut(place) {
            *free = Some(entry);
        }
        (said, true)
    }

    fn answer_to_pay(entry: &Entry) -> Said {
        match entry.state {
            State::Waiting => Said::UnderWay,
            State::Paid => Said::Yes,
            State::Failed => Said::No("PROCESS_FAIL"),
            State::Cancelled => Said::No("ORDER_IS_CLOSED"),
        }
    }

    /// The buyer, bank or wallet decides, if it is still open.
    pub fn decide(&mut self, number: u8, pays: bool) -> bool {
        match self.entry_mut(number) {
            Some(entry) if entry.state == State::Waiting => {
                entry.state = if pays { State::Paid } else { State::Failed };
                true
            }
            _ => false,
        }
    }

    /// Time is over.
    pub fn expire(&mut self, number: u8, now: i64) -> bool {
        match self.entry_mut(number) {
            Some(entry) if entry.state == State::Waiting && now >= entry.expires => {
                entry.state = State::Failed;
                true
            }
            _ => false,
        }
    }

    /// cancel.
    pub fn cancel(&mut self, number: u8) -> Said {
        let Some(entry) = self.entry_mut(number) else { return Said::No("ORDER_NOT_EXIST") };
        match entry.state {
            // Nothing was paid and nothing will be: the wish is fulfilled.
            State::Failed | State::Cancelled => {}
            State::Waiting => entry.state = State::Cancelled,
            State::Paid if !entry.refunds.is_empty() || !entry.captures.is_empty() => {
                return Said::No("PROCESS_FAIL");
            }
            State::Paid => entry.state = State::Cancelled,
        }
        Said::Yes
    }

    /// The gateway's own capture of an authorised card.
    pub fn capture_itself(&mut self, number: u8) -> bool {
        match self.entry_mut(number) {
            Some(entry) if entry.state == State::Paid && entry.captures.is_empty() => {
                let amount = entry.amount;
                entry.captures.push(Move { number: 0, amount, state: MoveState::Done, last: true });
                true
            }
            _ => false,
        }
    }

    /// capture. Says whether it is new.
    pub fn capture(&mut self, number: u8, movement: u8, amount: u64, last: bool) -> (Said, bool) {
        let Some(entry) = self.entry_mut(number) else { return (Said::No("AUTH_NOT_FOUND"), false) };
        if entry.captures.iter().any(|known| known.number == movement) {
            return (Said::Yes, false);
        }
        if entry.state != State::Paid || !matches!(entry.kind, Kind::Card { .. }) {
            return (Said::No("ORDER_STATUS_INVALID"), false);
        }
        if entry.captures.iter().any(|known| known.last) {
            return (Said::No("MULTI_CAPTURE_NOT_SUPPORTED"), false);
        }
        let sum = total(&entry.captures) + amount;
        if sum > entry.amount {
            return (Said::No("CAPTURE_AMOUNT_EXCEED_AUTH_LIMIT"), false);
        }
        let last = last || sum == entry.amount;
        entry.captures.push(Move { number: movement, amount, state: MoveState::Done, last });
        (Said::Yes, true)
    }

    /// refund; `later` means that it is done after a while. Says whether it is new.
    pub fn refund(&mut self, number: u8, movement: u8, amount: u64, later: bool) -> (Said, bool) {
        let Some(entry) = self.entry_mut(number) else { return (Said::No("ORDER_NOT_EXIST"), false) };
        if let Some(known) = entry.refunds.iter().find(|known| known.number == movement) {
            let said = match known.state {
                MoveState::Processing => Said::UnderWay,
                MoveState::Done => Said::Yes,
                MoveState::Failed => Said::No("PROCESS_FAIL"),
            };
            return (said, false);
        }
        if entry.state != State::Paid {
            return (Said::No("ORDER_STATUS_INVALID"), false);
        }
        if total(&entry.refunds) + amount > entry.taken() {
            return (Said::No("REFUND_AMOUNT_EXCEED"), false);
        }
        let state = if later { MoveState::Processing } else { MoveState::Done };
        entry.refunds.push(Move { number: movement, amount, state, last: false });
        (if later { Said::UnderWay } else { Said::Yes }, true)
    }

    /// A refund that is under way ends.
    pub fn end_refund(&mut self, number: u8, movement: u8, done: bool) -> bool {
        let refunds = self.entry_mut(number).map(|entry| &mut entry.refunds);
        let found = refunds.and_then(|all| all.iter_mut().find(|known| known.number == movement));
        match found {
            Some(refund) if refund.state == MoveState::Processing => {
                refund.state = if done { MoveState::Done } else { MoveState::Failed };
                true
            }
            _ => false,
        }
    }
}
