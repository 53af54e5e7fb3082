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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, client_id, entry, turn};
/// use antom_store::{Change, FrozenBody, Subject};
/// # let (turn, entry, account, now) = (turn(), entry(), client_id(), NOW);
///
/// // `turn` is what an order made of an input; `entry` is the notification that this input was.
/// let body = FrozenBody::new(account, "PAY-1", br#"{"paymentRequestId":"PAY-1"}"#)?;
/// let change = Change::payment(&turn, None, now).with_body(body).with_notification(entry);
/// assert_eq!(change.subject(), Some(Subject::Order("ORDER-1".into())));
/// assert_eq!((change.expected, change.children.len()), (None, 1));
/// assert!(change.inbox.is_some() && change.ledger.is_empty() && change.outbox.is_empty());
/// # Ok::<(), antom_store::BodyError>(())
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, turn};
/// use antom_store::{Change, Write};
/// # let turn = turn();
///
/// let change = Change::payment(&turn, None, NOW);
/// assert!(matches!(change.write, Write::Order(payment) if *payment == turn.next));
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, entry, turn};
/// use antom_store::{Change, Placement};
/// # let (turn, entry) = (turn(), entry());
///
/// let change = Change::payment(&turn, None, NOW).with_notification(entry);
/// let write = change.inbox.expect("a notification goes with it");
/// assert_eq!(write.entry.received, NOW);
/// assert!(matches!(write.placement, Placement::Matched(_)));
/// ```
#[derive(Debug, Clone)]
pub struct InboxWrite {
    /// The notification.
    pub entry: InboxEntry,
    /// What becomes of it.
    pub placement: Placement,
}

/// What becomes of a notification.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::entry;
/// use antom_store::{Change, Placement};
/// # let entry = entry();
///
/// // Of a kind that nothing here follows: it is kept all the same.
/// let change = Change::keep(entry);
/// assert!(matches!(change.inbox.unwrap().placement, Placement::Kept));
/// ```
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
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, client_id};
    /// use antom_core::flow::worker::Recovery;
    /// use antom_store::{Change, Subject, Write};
    /// # let (account, now) = (client_id(), NOW);
    ///
    /// let change = Change::write(Write::Recovery(account, Recovery::since(now)), None, now);
    /// assert_eq!(change.subject(), Some(Subject::Recovery("SANDBOX_5Y0000000000000001".into())));
    /// ```
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
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, consulting};
    /// use antom_store::{Change, Subject};
    /// # let turn = consulting();
    ///
    /// let change = Change::grant(&turn, None, NOW);
    /// assert_eq!(change.subject(), Some(Subject::Grant("q83uhFXpWm5rTnB2kYdLcE".into())));
    /// ```
    #[must_use]
    pub fn grant(turn: &token::Transition, expected: Option<Revision>, at: UnixTime) -> Self {
        Self {
            outbox: turn.events.iter().cloned().map(Event::Token).collect(),
            ..Self::write(Write::Grant(Box::new(turn.next.clone())), expected, at)
        }
    }

    /// A notification whose order or authorization is not known yet.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{client_id, entry};
    /// use antom_store::{Change, Placement, keys_of_fact};
    /// # let (entry, account) = (entry(), client_id());
    ///
    /// let keys = keys_of_fact(&account, entry.fact.as_ref().unwrap());
    /// let change = Change::park(entry, keys);
    /// assert!(change.subject().is_none());
    /// assert!(matches!(change.inbox.unwrap().placement, Placement::Parked(keys) if keys.len() == 2));
    /// ```
    #[must_use]
    pub fn park(entry: InboxEntry, keys: Vec<Key>) -> Self {
        Self::only(entry, Placement::Parked(keys))
    }

    /// A notification nothing here follows.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::entry;
    /// use antom_store::{Change, Write};
    /// # let entry = entry();
    ///
    /// assert!(matches!(Change::keep(entry).write, Write::Nothing));
    /// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, entry};
/// use antom_store::{Applied, Change, MemoryStore, Store};
/// # let (store, entry) = (MemoryStore::new(), entry());
///
/// # block_on(async {
/// // The same notification twice: written once, and acknowledged both times.
/// let _ = store.commit(Change::keep(entry.clone())).await?;
/// let again = store.commit(Change::keep(entry)).await?;
/// assert!(matches!(again, Applied::AlreadyThere));
/// # Ok(()) });
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, client_id, entry, turn};
/// use antom_store::{Applied, Change, MemoryStore, Store, keys_of_fact};
/// # let (store, entry, turn, account, now) = (MemoryStore::new(), entry(), turn(), client_id(), NOW);
///
/// # block_on(async {
/// // The notification came first, and was parked under the id of its payment.
/// let keys = keys_of_fact(&account, entry.fact.as_ref().unwrap());
/// let _ = store.commit(Change::park(entry.clone(), keys)).await?;
/// // The commit that makes the order known hands it over.
/// let applied = store.commit(Change::payment(&turn, None, now)).await?;
/// let Applied::Changed(changed) = applied else { panic!("not written") };
/// assert_eq!(changed.parked[0].key, entry.key);
/// assert!(changed.revision.is_some() && changed.owners.is_empty());
/// # Ok(()) });
/// ```
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
