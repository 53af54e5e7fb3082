use antom_core::flow::payment::{Attempt, AttemptState, Payment};
use antom_core::flow::{EntryKind, LedgerEntry};
use antom_core::money::Amount;
use antom_core::secret::Secret;
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;
use sha2::{Digest, Sha256};

use super::Table;
use super::plain::{card_text, finding_text, names_text, run_text};
use crate::body::FrozenBody;
use crate::card::CardState;
use crate::change::{Change, InboxWrite, Placement, Write};
use crate::check::{check, is_live};
use crate::cipher::{CipherError, Place, TokenCipher};
use crate::error::StoreError;
use crate::keys::{Key, KeyName, keys_of_card, keys_of_grant, keys_of_payment};
use crate::record::{MoneyRecord, records_of};
use crate::rows::{Event, Subject};

/// A change as it goes to the database: everything secret or personal is encrypted, so that it may wait in
/// queues, be retried and be logged by the database.
#[derive(Debug, Clone)]
pub(crate) struct SealedChange {
    pub(crate) state: Option<SealedState>,
    pub(crate) expected: Option<i64>,
    pub(crate) keys: Vec<SealedKey>,
    pub(crate) attempts: Vec<SealedAttempt>,
    pub(crate) records: Vec<MoneyRecord>,
    pub(crate) ledger: Vec<SealedEntry>,
    pub(crate) events: Vec<Vec<u8>>,
    pub(crate) findings: Vec<String>,
    pub(crate) inbox: Option<SealedNotice>,
    pub(crate) at: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct SealedState {
    pub(crate) table: Table,
    pub(crate) id: String,
    pub(crate) state: Vec<u8>,
    pub(crate) due: Option<UnixTime>,
    pub(crate) buyer: Option<String>,
    /// When a live token ends; when a run began.
    pub(crate) ends: Option<UnixTime>,
    /// Says whether keys, attempts and records are those of the write before.
    pub(crate) shape: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct SealedKey {
    pub(crate) digest: [u8; 32],
    pub(crate) single: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct SealedAttempt {
    pub(crate) client_id: ClientId,
    pub(crate) request_id: String,
    pub(crate) live: bool,
    pub(crate) open: bool,
    pub(crate) state: &'static str,
    pub(crate) amount: Amount,
    pub(crate) expires: i64,
    pub(crate) body: Option<Vec<u8>>,
}

#[derive(Debug, Clone)]
pub(crate) struct SealedEntry {
    pub(crate) kind: &'static str,
    pub(crate) attempt: String,
    pub(crate) movement: Option<String>,
    pub(crate) amount: Amount,
    pub(crate) at: i64,
    pub(crate) entry: String,
}

#[derive(Debug, Clone)]
pub(crate) struct SealedNotice {
    pub(crate) key: [u8; 32],
    pub(crate) received: i64,
    pub(crate) path: String,
    pub(crate) evidence: String,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) fact: Option<Vec<u8>>,
    pub(crate) placement: SealedPlacement,
}

#[derive(Debug, Clone)]
pub(crate) enum SealedPlacement {
    Kept,
    Matched(Subject),
    Parked { names: Vec<u8>, digests: Vec<[u8; 32]> },
}

/// Checks a change and encrypts it.
pub(crate) async fn seal(cipher: &dyn TokenCipher, change: &Change) -> Result<SealedChange, StoreError> {
    check(change)?;
    let mut sealed = SealedChange {
        state: None,
        expected: change.expected.map(|revision| i64::try_from(revision.get()).unwrap_or(i64::MAX)),
        keys: Vec::new(),
        attempts: Vec::new(),
        records: Vec::new(),
        ledger: change.ledger.iter().map(entry).collect(),
        events: Vec::with_capacity(change.outbox.len()),
        findings: change.findings.iter().map(finding_text).collect(),
        inbox: None,
        at: change.at.as_millis(),
    };
    if let Some(subject) = change.subject() {
        let (table, id) = Table::of(&subject);
        for event in &change.outbox {
            let text = match event {
                Event::Payment(event) => event.save(),
                Event::Token(event) => event.save(),
            };
            sealed.events.push(seal_text(cipher, "events", "event", id, text).await?);
        }
        for key in keys_of(&change.write) {
            let single = key.is_unique();
            sealed.keys.push(SealedKey { digest: digest(cipher, &key).await?, single });
        }
        if let Write::Order(payment) = &change.write {
            sealed.attempts = attempts(cipher, payment, &change.children).await?;
            sealed.records = records_of(payment);
        }
        let (text, due, buyer, ends) = columns(&change.write);
        sealed.state = Some(SealedState {
            table,
            id: id.to_owned(),
            state: seal_text(cipher, table.name(), "state", id, text).await?,
            due,
            buyer,
            ends,
            shape: shape(&sealed),
        });
    }
    if let Some(write) = &change.inbox {
        sealed.inbox = Some(notice(cipher, write).await?);
    }
    Ok(sealed)
}

fn keys_of(write: &Write) -> Vec<Key> {
    match write {
        Write::Order(payment) => keys_of_payment(payment),
        Write::Grant(grant) => keys_of_grant(grant),
        Write::Card(card) => keys_of_card(card),
        Write::Recovery(..) | Write::Run(_) | Write::Nothing => Vec::new(),
    }
}

type Columns = (Secret<String>, Option<UnixTime>, Option<String>, Option<UnixTime>);

fn columns(write: &Write) -> Columns {
    match write {
        Write::Order(payment) => (payment.save(), payment.due(), None, None),
        Write::Grant(grant) => {
            (grant.save(), grant.due(), Some(grant.buyer().to_owned()), crate::rows::live_until(grant))
        }
        Write::Card(card) => {
            let listed = (card.state == CardState::Active).then(|| card.buyer.clone());
            (Secret::new(card_text(card)), None, listed, None)
        }
        Write::Recovery(_, recovery) => (recovery.save(), None, None, None),
        Write::Run(run) => (Secret::new(run_text(run)), None, None, Some(run.started)),
        Write::Nothing => (Secret::new(String::new()), None, None, None),
    }
}

async fn seal_text(
    cipher: &dyn TokenCipher,
    table: &'static str,
    column: &'static str,
    row: &str,
    text: Secret<String>,
) -> Result<Vec<u8>, CipherError> {
    Ok(cipher.seal(&Place { table, column, row }, &text.into()).await?.0)
}

/// The index entry of a key. Tokens enter it by their keyed hash alone.
pub(crate) async fn digest(cipher: &dyn TokenCipher, key: &Key) -> Result<[u8; 32], CipherError> {
    let (kind, text) = key.name.parts();
    let mut digest = Sha256::new();
    // Neither a kind nor a client id holds a line break.
    for part in [kind, "\n", key.client_id.as_str(), "\n"] {
        digest.update(part);
    }
    match &key.name {
        KeyName::Token(token) => digest.update(cipher.fingerprint(token).await?.0),
        _ => digest.update(text),
    }
    Ok(digest.finalize().into())
}

async fn attempts(
    cipher: &dyn TokenCipher,
    payment: &Payment,
    bodies: &[FrozenBody],
) -> Result<Vec<SealedAttempt>, CipherError> {
    let mut sealed = Vec::with_capacity(payment.attempts().len());
    for attempt in payment.attempts() {
        let body = bodies.iter().find(|body| body.request_id() == attempt.request_id);
        let body = match body.filter(|_| attempt.is_open()) {
            Some(body) => {
                let place = Place { table: "attempts", column: "body", row: &attempt.request_id };
                Some(cipher.seal(&place, body.bytes()).await?.0)
            }
            None => None,
        };
        sealed.push(SealedAttempt {
            client_id: attempt.client_id.clone(),
            request_id: attempt.request_id.clone(),
            live: is_live(attempt),
            open: attempt.is_open(),
            state: state_word(attempt),
            amount: attempt.expected.clone(),
            expires: attempt.expires.as_millis(),
            body,
        });
    }
    // Ended ones first, so that the one that is live now is never the second.
    sealed.sort_by_key(|attempt| attempt.live);
    Ok(sealed)
}

fn state_word(attempt: &Attempt) -> &'static str {
    match attempt.state {
        AttemptState::Unresolved => "unresolved",
        AttemptState::Pending => "pending",
        AttemptState::Authorised => "authorised",
        AttemptState::Paid => "paid",
        AttemptState::Failed { .. } => "failed",
        AttemptState::Cancelled => "cancelled",
    }
}

fn entry(entry: &LedgerEntry) -> SealedEntry {
    SealedEntry {
        kind: match entry.kind {
            EntryKind::Authorised => "authorised",
            EntryKind::Captured => "captured",
            EntryKind::Cancelled => "cancelled",
            EntryKind::Refunded => "refunded",
            EntryKind::RefundReturned => "refund returned",
            EntryKind::Reversed => "reversed",
            EntryKind::AmountUpdated => "amount updated",
            EntryKind::Disputed => "disputed",
            EntryKind::DisputeWon => "dispute won",
            EntryKind::DisputeLost => "dispute lost",
            EntryKind::SuccessAfterCancel => "success after cancel",
            EntryKind::SuccessAfterFailure => "success after failure",
            _ => "other",
        },
        attempt: entry.attempt.clone(),
        movement: entry.movement.clone(),
        amount: entry.amount.clone(),
        at: entry.at.as_millis(),
        // Ids, an amount and evidence: nothing secret or personal, and worth reading with a query.
        entry: entry.save().expose().clone(),
    }
}

async fn notice(cipher: &dyn TokenCipher, write: &InboxWrite) -> Result<SealedNotice, StoreError> {
    let InboxWrite { entry, placement } = write;
    let row = entry.key.to_string();
    let place = |column| Place { table: "inbox", column, row: &row };
    let body = match &entry.message.body {
        Some(body) => Some(cipher.seal(&place("body"), body).await?.0),
        None => None,
    };
    let fact = match entry.fact.as_ref().and_then(antom_core::flow::Observed::save) {
        Some(fact) => Some(seal_text(cipher, "inbox", "fact", &row, fact).await?),
        None => None,
    };
    let placement = match placement {
        Placement::Kept => SealedPlacement::Kept,
        Placement::Matched(subject) => SealedPlacement::Matched(subject.clone()),
        Placement::Parked(keys) => {
            let mut digests = Vec::with_capacity(keys.len());
            for key in keys {
                digests.push(digest(cipher, key).await?);
            }
            let names = Secret::new(names_text(keys));
            SealedPlacement::Parked {
                names: seal_text(cipher, "inbox", "names", &row, names).await?,
                digests,
            }
        }
    };
    Ok(SealedNotice {
        key: entry.key.0,
        received: entry.received.as_millis(),
        path: entry.message.path.clone(),
        evidence: entry.message.evidence.save().expose().clone(),
        body,
        fact,
        placement,
    })
}

/// A hash of what is written beside the state, so that most transitions need not write it again.
fn shape(sealed: &SealedChange) -> i64 {
    let mut digest = Sha256::new();
    for key in &sealed.keys {
        digest.update(key.digest);
    }
    for attempt in &sealed.attempts {
        digest.update(attempt.client_id.as_str());
        digest.update([0, u8::from(attempt.live), u8::from(attempt.open)]);
        for part in [&attempt.request_id, attempt.state, attempt.amount.value_text()] {
            digest.update(part);
            digest.update([0]);
        }
    }
    for record in &sealed.records {
        digest.update([record.kind as u8, record.state as u8]);
        digest.update(record.at.map_or(0, UnixTime::as_millis).to_be_bytes());
        for part in
            [&record.request_id, record.transaction_id.as_deref().unwrap_or(""), record.amount.value_text()]
        {
            digest.update(part);
            digest.update([0]);
        }
    }
    let bytes: [u8; 32] = digest.finalize().into();
    bytes.first_chunk::<8>().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}
