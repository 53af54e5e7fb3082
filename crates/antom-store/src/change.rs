use antom_core::flow::worker::Recovery;
use antom_core::flow::{LedgerEntry, payment, token};
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;

use crate::body::FrozenBody;
use crate::card::StoredCard;
use crate::keys::Key;
use crate::rows::{Event, InboxEntry, Revision, Subject};
use crate::run::{Finding, Run};

/// Everything that one input brought about, to be written together or not at all.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Change {
    /// The state.
    pub write: Write,
    /// The revision the state was read with; `None` for one that must not be there yet.
    pub expected: Option<Revision>,
    /// The requests of new attempts, frozen.
    pub children: Vec<FrozenBody>,
    /// Lines to append.
    pub ledger: Vec<LedgerEntry>,
    /// The notification that brought it about.
    pub inbox: Option<InboxWrite>,
    /// Events to hand over.
    pub outbox: Vec<Event>,
    /// What a reconciliation found, to append to its run.
    pub findings: Vec<Finding>,
    /// When.
    pub at: UnixTime,
}

/// The state to write.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Write {
    /// An order.
    Order(Box<payment::Payment>),
    /// An authorization.
    Grant(Box<token::Grant>),
    /// A card.
    Card(Box<StoredCard>),
    /// How far missed notifications of an account were fetched.
    Recovery(ClientId, Recovery),
    /// A reconciliation.
    Run(Box<Run>),
    /// None: a notification is kept for itself.
    Nothing,
}

/// A notification to keep.
#[derive(Debug, Clone)]
pub struct InboxWrite {
    /// The notification.
    pub entry: InboxEntry,
    /// What becomes of it.
    pub placement: Placement,
}

/// What becomes of a notification.
#[derive(Debug, Clone)]
pub enum Placement {
    /// It was applied to this.
    Matched(Subject),
    /// It waits for whatever makes one of these keys known.
    Parked(Vec<Key>),
    /// It is kept, and nothing here follows it.
    Kept,
}

impl Change {
    /// A state by itself. `expected` is the revision it was read with, `None` for one that is new.
    #[must_use]
    pub fn write(write: Write, expected: Option<Revision>, at: UnixTime) -> Self {
        Self {
            write,
            expected,
            children: Vec::new(),
            ledger: Vec::new(),
            inbox: None,
            outbox: Vec::new(),
            findings: Vec::new(),
            at,
        }
    }

    /// An order's transition. `expected` is the revision the payment was read with, `None` for a new order.
    #[must_use]
    pub fn payment(turn: &payment::Transition, expected: Option<Revision>, at: UnixTime) -> Self {
        Self {
            ledger: turn.entries.clone(),
            outbox: turn.events.iter().cloned().map(Event::Payment).collect(),
            ..Self::write(Write::Order(Box::new(turn.next.clone())), expected, at)
        }
    }

    /// An authorization's transition. `expected` is the revision it was read with, `None` for a new one.
    #[must_use]
    pub fn grant(turn: &token::Transition, expected: Option<Revision>, at: UnixTime) -> Self {
        Self {
            outbox: turn.events.iter().cloned().map(Event::Token).collect(),
            ..Self::write(Write::Grant(Box::new(turn.next.clone())), expected, at)
        }
    }

    /// A notification whose order or authorization is not known yet.
    #[must_use]
    pub fn park(entry: InboxEntry, keys: Vec<Key>) -> Self {
        Self::only(entry, Placement::Parked(keys))
    }

    /// A notification nothing here follows.
    #[must_use]
    pub fn keep(entry: InboxEntry) -> Self {
        Self::only(entry, Placement::Kept)
    }

    fn only(entry: InboxEntry, placement: Placement) -> Self {
        let at = entry.received;
        Self { inbox: Some(InboxWrite { entry, placement }), ..Self::write(Write::Nothing, None, at) }
    }

    /// With the request of a new attempt.
    #[must_use]
    pub fn with_body(mut self, body: FrozenBody) -> Self {
        self.children.push(body);
        self
    }

    /// With the notification that brought the transition about; it is stored as matched.
    #[must_use]
    pub fn with_notification(mut self, entry: InboxEntry) -> Self {
        if let Some(subject) = self.subject() {
            self.inbox = Some(InboxWrite { entry, placement: Placement::Matched(subject) });
        }
        self
    }

    /// What the state is about.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        match &self.write {
            Write::Order(payment) => Some(Subject::Order(payment.order_id().into())),
            Write::Grant(grant) => Some(Subject::Grant(grant.auth_state().into())),
            Write::Card(card) => Some(Subject::Card(card.card_id.clone())),
            Write::Recovery(client_id, _) => Some(Subject::Recovery(client_id.as_str().into())),
            Write::Run(run) => Some(Subject::Run(run.run_id.clone())),
            Write::Nothing => None,
        }
    }
}

/// What a commit came to.
#[derive(Debug, Clone)]
#[must_use = "a stale change was not written"]
pub enum Applied {
    /// All of it was written.
    Changed(Changed),
    /// The notification is there already; nothing was written, and it may be acknowledged.
    AlreadyThere,
    /// Somebody else wrote first; nothing was written. Read again, apply the input again.
    Stale {
        /// The revision that is there; `None` when there is no such row.
        current: Option<Revision>,
    },
}

/// What a written change made known.
#[derive(Debug, Clone, Default)]
pub struct Changed {
    /// The new revision of the state; `None` when the change had none.
    pub revision: Option<Revision>,
    /// Notifications that were parked for what is known now, without their bytes, which stay in the store.
    /// Apply each, and commit it with [`Change::with_notification`], which takes it out of the parking
    /// place.
    pub parked: Vec<InboxEntry>,
    /// For a notification that was just parked: what it is about after all, because it became known
    /// meanwhile. Apply it to that.
    pub owners: Vec<Subject>,
}
