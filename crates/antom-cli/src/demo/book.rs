//! What the shop remembers: orders, authorizations and notifications, in a SQLite file that goes away with it.
//!
//! Every input goes the same way: read the row, let the machine decide, commit state, ledger, events and
//! notification as one. Whoever finds that somebody else wrote first reads again.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use antom::core::flow::payment::{self, Payment, Plan};
use antom::core::flow::token::{self, Grant, NewGrant};
use antom::core::flow::{LedgerEntry, Observed};
use antom::core::time::UnixTime;
use antom::store::{
    AesGcmCipher, Applied, Backend, Change, Changed, FrozenBody, InboxEntry, InboxKey, SqliteStore,
    StoredMessage, Subject, keys_of_fact,
};
use antom::webhook::Delivery;

use crate::failure::causes;

/// A handle on the book; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Book {
    store: Arc<dyn Backend>,
    /// Dropped after the store.
    _folder: Arc<Folder>,
}

/// A folder that goes away.
#[derive(Debug)]
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is encrypted under keys that are gone.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a notification brought about.
#[derive(Debug, Clone)]
pub(crate) enum Turn {
    /// An order went on.
    Order(Box<payment::Transition>),
    /// An authorization went on.
    Grant(Box<token::Transition>),
    /// It is kept, and nothing went on: a repeat, one of an unknown order, or of a kind nobody follows.
    Kept,
}

/// Why something is not in the book; for people.
type Kept<T> = Result<T, String>;

impl Book {
    /// An empty book in a temporary folder.
    pub(crate) fn open() -> Kept<Self> {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
        let folder = std::env::temp_dir().join(format!("antom-demo-{}-{since}", std::process::id()));
        std::fs::create_dir(&folder)
            .map_err(|error| format!("making {} failed: {error}", folder.display()))?;
        let folder = Folder(folder);
        let cipher = AesGcmCipher::ephemeral().map_err(said)?;
        let store = SqliteStore::open(folder.0.join("shop.db"), Arc::new(cipher)).map_err(said)?;
        Ok(Self { store: Arc::new(store), _folder: Arc::new(folder) })
    }

    /// An order as it is stored.
    pub(crate) async fn payment(&self, order: &str) -> Kept<Payment> {
        match self.store.order(order).await {
            Ok(Some(row)) => Ok(row.payment),
            Ok(None) => Err("no such order".to_owned()),
            Err(error) => Err(causes(&error)),
        }
    }

    /// An authorization as it is stored.
    pub(crate) async fn grant(&self, auth_state: &str) -> Kept<Grant> {
        match self.store.grant(auth_state).await {
            Ok(Some(row)) => Ok(row.grant),
            Ok(None) => Err("no such authorization".to_owned()),
            Err(error) => Err(causes(&error)),
        }
    }

    /// What happened to an order's money, oldest first.
    pub(crate) async fn ledger(&self, order: &str) -> Kept<Vec<LedgerEntry>> {
        let rows = self.store.ledger(order, 0, 100).await.map_err(said)?;
        Ok(rows.into_iter().map(|row| row.entry).collect())
    }

    /// An order hears something. A new attempt brings the request it will send, so that a crash between the
    /// two can be made good.
    pub(crate) async fn payment_hears(
        &self,
        order: &str,
        input: &payment::Input,
        body: Option<FrozenBody>,
        now: UnixTime,
    ) -> Kept<payment::Transition> {
        let heard = self.apply_to_order(order, input, body, None, now).await?;
        heard.ok_or_else(|| "nothing that was not known".to_owned())
    }

    /// Begins an authorization.
    pub(crate) async fn begin_grant(&self, new: &NewGrant, now: UnixTime) -> Kept<token::Transition> {
        let turn = Grant::begin(new, now);
        match self.store.commit(Change::grant(&turn, None, now)).await.map_err(said)? {
            Applied::Changed(_) => Ok(turn),
            _ => Err("an authorization with this authState".to_owned()),
        }
    }

    /// An authorization hears something.
    pub(crate) async fn grant_hears(
        &self,
        auth_state: &str,
        input: &token::Input,
        now: UnixTime,
    ) -> Kept<token::Transition> {
        let heard = self.apply_to_grant(auth_state, input, None, now).await?;
        heard.ok_or_else(|| "nothing that was not known".to_owned())
    }

    /// Takes a verified notification in. When this returns it is stored and may be acknowledged.
    pub(crate) async fn receive(&self, delivery: &Delivery) -> Kept<Turn> {
        let verified = delivery.verified();
        let entry = InboxEntry {
            key: InboxKey(*delivery.dedup_key().as_bytes()),
            message: StoredMessage::of(verified),
            // A document that does not fit its type is stored and acknowledged all the same.
            fact: Observed::of(verified).ok(),
            received: delivery.received_at(),
        };
        let keys =
            entry.fact.as_ref().map(|fact| keys_of_fact(delivery.client_id(), fact)).unwrap_or_default();
        for key in &keys {
            if let Some(subject) = self.store.find(key).await.map_err(said)?.into_iter().next() {
                return self.apply(&subject, entry).await;
            }
        }
        let received = entry.received;
        let change = match keys.is_empty() {
            true => Change::keep(entry.clone()),
            false => Change::park(entry.clone(), keys),
        };
        match self.store.commit(change).await.map_err(said)? {
            // Its order became known between looking and parking.
            Applied::Changed(Changed { owners, .. }) if !owners.is_empty() => {
                let mut turn = Turn::Kept;
                for owner in owners {
                    turn = self.apply(&owner, InboxEntry { received, ..entry.clone() }).await?;
                }
                Ok(turn)
            }
            _ => Ok(Turn::Kept),
        }
    }

    /// Applies a notification to what it is about.
    async fn apply(&self, subject: &Subject, entry: InboxEntry) -> Kept<Turn> {
        let now = entry.received;
        match (subject, entry.fact.clone()) {
            (Subject::Order(order), Some(fact)) => {
                let Some(input) = payment::Input::noticed(&fact) else { return Ok(Turn::Kept) };
                let turn = self.apply_to_order(order, &input, None, Some(entry), now).await?;
                Ok(turn.map_or(Turn::Kept, |turn| Turn::Order(Box::new(turn))))
            }
            (Subject::Grant(auth_state), Some(fact)) => {
                let Some(input) = token::Input::noticed(&fact) else { return Ok(Turn::Kept) };
                let turn = self.apply_to_grant(auth_state, &input, Some(entry), now).await?;
                Ok(turn.map_or(Turn::Kept, |turn| Turn::Grant(Box::new(turn))))
            }
            _ => Ok(Turn::Kept),
        }
    }

    /// `None` when the notification is there already.
    async fn apply_to_order(
        &self,
        order: &str,
        input: &payment::Input,
        body: Option<FrozenBody>,
        notification: Option<InboxEntry>,
        now: UnixTime,
    ) -> Kept<Option<payment::Transition>> {
        loop {
            let (payment, revision) = match self.store.order(order).await.map_err(said)? {
                Some(row) => (row.payment, Some(row.revision)),
                None => (Payment::new(order, Plan::default()), None),
            };
            let turn = payment.apply(input, now).map_err(said)?;
            let mut change = Change::payment(&turn, revision, now);
            change.children.extend(body.clone());
            if let Some(entry) = &notification {
                change = change.with_notification(entry.clone());
            }
            match self.commit(change).await? {
                Committed::Yes => return Ok(Some(turn)),
                Committed::Known => return Ok(None),
                Committed::Stale => {}
            }
        }
    }

    async fn apply_to_grant(
        &self,
        auth_state: &str,
        input: &token::Input,
        notification: Option<InboxEntry>,
        now: UnixTime,
    ) -> Kept<Option<token::Transition>> {
        loop {
            let row = self.store.grant(auth_state).await.map_err(said)?;
            let row = row.ok_or_else(|| "no such authorization".to_owned())?;
            let turn = row.grant.apply(input, now).map_err(said)?;
            let mut change = Change::grant(&turn, Some(row.revision), now);
            if let Some(entry) = &notification {
                change = change.with_notification(entry.clone());
            }
            match self.commit(change).await? {
                Committed::Yes => return Ok(Some(turn)),
                Committed::Known => return Ok(None),
                Committed::Stale => {}
            }
        }
    }

    /// Commits; what was parked for the state that is known now is applied at once.
    async fn commit(&self, change: Change) -> Kept<Committed> {
        let subject = change.subject();
        match self.store.commit(change).await.map_err(said)? {
            Applied::Changed(changed) => {
                for (entry, subject) in changed.parked.into_iter().zip(subject.iter().cycle()) {
                    Box::pin(self.apply(subject, entry)).await?;
                }
                Ok(Committed::Yes)
            }
            Applied::AlreadyThere => Ok(Committed::Known),
            Applied::Stale { .. } => Ok(Committed::Stale),
        }
    }
}

/// What a commit came to.
enum Committed {
    Yes,
    /// The notification was there.
    Known,
    /// Somebody else wrote first.
    Stale,
}

fn said(error: impl Error + 'static) -> String {
    causes(&error)
}
