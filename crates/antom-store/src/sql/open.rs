use std::sync::Arc;

use antom_core::flow::payment::{self, Payment};
use antom_core::flow::token::{Grant, TokenEvent};
use antom_core::flow::worker::Recovery;
use antom_core::flow::{Evidence, LedgerEntry, LoadError, Observed};
use antom_core::money::Amount;
use antom_core::secret::Secret;
use antom_core::signature::ClientId;

use super::plain;
use super::session::Cells;
use super::{Table, Written};
use crate::body::StoredMessage;
use crate::card::CardRow;
use crate::change::{Applied, Changed, Placement};
use crate::cipher::{CipherError, Place, Sealed, TokenCipher};
use crate::claimed::Claimed;
use crate::error::StoreError;
use crate::record::{MoneyRecord, RecordKind, RecordState};
use crate::rows::{
    Event, GrantRow, InboxEntry, InboxKey, InboxRow, LedgerRow, OrderRow, OutboxRow, RecoveryRow, Revision,
    Subject,
};
use crate::run::{FindingRow, RunRow};

/// Decrypts and reads rows.
#[derive(Debug, Clone)]
pub(crate) struct Opener {
    pub(crate) cipher: Arc<dyn TokenCipher>,
}

fn revision(row: &mut Cells) -> Result<Revision, StoreError> {
    row.count().map(Revision::new)
}

/// Opens all rows with one of the opener's functions.
macro_rules! each {
    ($rows:expr, |$row:ident| $open:expr) => {{
        let mut opened = Vec::with_capacity($rows.len());
        #[allow(unused_mut, reason = "some openings take the row apart first")]
        for mut $row in $rows {
            opened.extend($open);
        }
        Ok(opened)
    }};
}

fn misread(what: &'static str) -> StoreError {
    StoreError::Backend { step: "reading a row", source: what.into() }
}

impl Opener {
    async fn bytes(&self, place: Place<'_>, sealed: Vec<u8>) -> Result<Secret<Vec<u8>>, CipherError> {
        self.cipher.open(&place, &Sealed(sealed)).await
    }

    async fn text(&self, place: Place<'_>, sealed: Vec<u8>) -> Result<Secret<String>, StoreError> {
        let bytes = self.bytes(place, sealed).await?;
        match core::str::from_utf8(bytes.expose()) {
            Ok(text) => Ok(Secret::from(text)),
            Err(_) => Err(misread("a decrypted column is no text")),
        }
    }

    /// Revision and text of a row of states.
    async fn state(
        &self,
        table: Table,
        id: &str,
        mut row: Cells,
    ) -> Result<(Revision, Secret<String>), StoreError> {
        let revision = revision(&mut row)?;
        let place = Place { table: table.name(), column: "state", row: id };
        Ok((revision, self.text(place, row.blob()?).await?))
    }

    pub(crate) async fn order(&self, mut row: Cells) -> Result<OrderRow, StoreError> {
        self.order_of(&row.text()?, row).await
    }

    async fn order_of(&self, id: &str, row: Cells) -> Result<OrderRow, StoreError> {
        let (revision, text) = self.state(Table::Orders, id, row).await?;
        let payment = Payment::load(text.expose()).map_err(StoreError::Unreadable)?;
        Ok(OrderRow { payment, revision })
    }

    pub(crate) async fn grant(&self, mut row: Cells) -> Result<GrantRow, StoreError> {
        self.grant_of(&row.text()?, row).await
    }

    async fn grant_of(&self, id: &str, row: Cells) -> Result<GrantRow, StoreError> {
        let (revision, text) = self.state(Table::Grants, id, row).await?;
        let grant = Grant::load(text.expose()).map_err(StoreError::Unreadable)?;
        Ok(GrantRow { grant, revision })
    }

    pub(crate) async fn card(&self, mut row: Cells) -> Result<CardRow, StoreError> {
        let id = row.text()?;
        let (revision, text) = self.state(Table::Cards, &id, row).await?;
        Ok(CardRow { card: plain::card(id, text.expose())?, revision })
    }

    pub(crate) async fn recovery(&self, mut row: Cells) -> Result<RecoveryRow, StoreError> {
        let (revision, text) = self.state(Table::Recoveries, &row.text()?, row).await?;
        let recovery = Recovery::load(text.expose()).map_err(StoreError::Unreadable)?;
        Ok(RecoveryRow { recovery, revision })
    }

    pub(crate) async fn run(&self, mut row: Cells) -> Result<RunRow, StoreError> {
        let id = row.text()?;
        let (revision, text) = self.state(Table::Runs, &id, row).await?;
        Ok(RunRow { run: plain::run(id, text.expose())?, revision })
    }

    /// Orders that were claimed, each to be opened by itself.
    pub(crate) fn claimed_orders(&self, rows: Vec<Cells>) -> Result<Vec<Claimed<OrderRow>>, StoreError> {
        each!(rows, |row| {
            let (opener, subject) = (self.clone(), Subject::Order(row.text()?));
            Some(Claimed::sealed_row(subject, |subject| async move {
                opener.order_of(Table::of(&subject).1, row).await
            }))
        })
    }

    /// Authorizations that were claimed, each to be opened by itself.
    pub(crate) fn claimed_grants(&self, rows: Vec<Cells>) -> Result<Vec<Claimed<GrantRow>>, StoreError> {
        each!(rows, |row| {
            let (opener, subject) = (self.clone(), Subject::Grant(row.text()?));
            Some(Claimed::sealed_row(subject, |subject| async move {
                opener.grant_of(Table::of(&subject).1, row).await
            }))
        })
    }

    /// Events that were claimed, each to be opened by itself; without those about tables of a newer program.
    pub(crate) fn claimed_events(&self, rows: Vec<Cells>) -> Result<Vec<Claimed<OutboxRow>>, StoreError> {
        each!(rows, |row| {
            let (sequence, kind, id) = (row.count()?, row.int()?, row.text()?);
            Table::subject(kind, id).map(|subject| {
                let opener = self.clone();
                Claimed::sealed_row(subject, move |subject| async move {
                    opener.event_of(sequence, subject, row).await
                })
            })
        })
    }

    pub(crate) async fn body(
        &self,
        request_id: &str,
        sealed: Vec<u8>,
    ) -> Result<Secret<Vec<u8>>, StoreError> {
        Ok(self.bytes(Place { table: "attempts", column: "body", row: request_id }, sealed).await?)
    }

    /// An event; `None` for one of a newer program, which that program hands over.
    async fn event(&self, mut row: Cells) -> Result<Option<OutboxRow>, StoreError> {
        let (sequence, kind, id) = (row.count()?, row.int()?, row.text()?);
        let Some(subject) = Table::subject(kind, id) else { return Ok(None) };
        match self.event_of(sequence, subject, row).await {
            Err(StoreError::Unreadable(LoadError::Version { .. })) => Ok(None),
            result => result.map(Some),
        }
    }

    async fn event_of(
        &self,
        sequence: u64,
        subject: Subject,
        mut row: Cells,
    ) -> Result<OutboxRow, StoreError> {
        let (table, id) = Table::of(&subject);
        let text = self.text(Place { table: "events", column: "event", row: id }, row.blob()?).await?;
        let (at, claims) = (row.time()?, u32::try_from(row.count()?).unwrap_or(u32::MAX));
        let event = match table {
            Table::Orders => payment::Event::load(text.expose()).map(Event::Payment),
            _ => TokenEvent::load(text.expose()).map(Event::Token),
        };
        Ok(OutboxRow { sequence, event: event.map_err(StoreError::Unreadable)?, subject, at, claims })
    }

    /// A notification, with its bytes where the row has them.
    pub(crate) async fn notice(&self, mut row: Cells, with_body: bool) -> Result<InboxRow, StoreError> {
        let key: [u8; 32] = row.blob()?.try_into().map_err(|_| misread("a key has another length"))?;
        let (key, received, path) = (InboxKey(key), row.time()?, row.text()?);
        let evidence = Evidence::load(&row.text()?).map_err(StoreError::Unreadable)?;
        let name = key.to_string();
        let place = |column| Place { table: "inbox", column, row: &name };
        let fact = match row.maybe_blob()? {
            Some(sealed) => {
                let text = self.text(place("fact"), sealed).await?;
                Some(Observed::load(text.expose()).map_err(StoreError::Unreadable)?)
            }
            None => None,
        };
        let (placement, names) = (row.int()?, row.maybe_blob()?);
        let (kind, id) = (row.maybe_int()?, row.maybe_text()?);
        let placement = match (placement, names, kind.zip(id)) {
            (1, _, Some((kind, id))) => {
                let subject = Table::subject(kind, id);
                Placement::Matched(subject.ok_or_else(|| misread("a row of an unknown table"))?)
            }
            (2, Some(names), _) => {
                Placement::Parked(plain::names(self.text(place("names"), names).await?.expose())?)
            }
            _ => Placement::Kept,
        };
        let body = match with_body {
            true => match row.maybe_blob()? {
                Some(sealed) => Some(self.bytes(place("body"), sealed).await?),
                None => None,
            },
            false => None,
        };
        let message = StoredMessage { body, path, evidence };
        Ok(InboxRow { entry: InboxEntry { key, message, fact, received }, placement })
    }

    pub(crate) async fn grants(&self, rows: Vec<Cells>) -> Result<Vec<GrantRow>, StoreError> {
        each!(rows, |row| Some(self.grant(row).await?))
    }

    pub(crate) async fn cards(&self, rows: Vec<Cells>) -> Result<Vec<CardRow>, StoreError> {
        each!(rows, |row| Some(self.card(row).await?))
    }

    pub(crate) async fn runs(&self, rows: Vec<Cells>) -> Result<Vec<RunRow>, StoreError> {
        each!(rows, |row| Some(self.run(row).await?))
    }

    pub(crate) async fn notices(&self, rows: Vec<Cells>) -> Result<Vec<InboxRow>, StoreError> {
        each!(rows, |row| Some(self.notice(row, true).await?))
    }

    pub(crate) async fn events(&self, rows: Vec<Cells>) -> Result<Vec<OutboxRow>, StoreError> {
        each!(rows, |row| self.event(row).await?)
    }

    /// What a written change came to.
    pub(crate) async fn applied(&self, written: Written) -> Result<Applied, StoreError> {
        let number = |revision: i64| Revision::new(u64::try_from(revision).unwrap_or_default());
        Ok(match written {
            Written::Changed { revision, parked, owners } => {
                let mut changed = Changed { revision: revision.map(number), parked: Vec::new(), owners };
                for row in parked {
                    changed.parked.push(self.notice(row, false).await?.entry);
                }
                Applied::Changed(changed)
            }
            Written::AlreadyThere => Applied::AlreadyThere,
            Written::Stale { current } => Applied::Stale { current: current.map(number) },
        })
    }
}

pub(crate) fn ledger(mut row: Cells) -> Result<LedgerRow, StoreError> {
    let sequence = row.count()?;
    let entry = LedgerEntry::load(&row.text()?).map_err(StoreError::Unreadable)?;
    Ok(LedgerRow { sequence, entry })
}

pub(crate) fn finding(mut row: Cells) -> Result<FindingRow, StoreError> {
    Ok(FindingRow { sequence: row.count()?, finding: plain::finding(&row.text()?)? })
}

pub(crate) fn record(kind: RecordKind, mut row: Cells) -> Result<MoneyRecord, StoreError> {
    let (request_id, client_id, order_id) = (row.text()?, row.text()?, row.text()?);
    let (transaction_id, currency, value) = (row.maybe_text()?, row.text()?, row.text()?);
    let state = match row.int()? {
        0 => RecordState::Open,
        1 => RecordState::Reserved,
        2 => RecordState::Moved,
        3 => RecordState::NotMoved,
        4 => RecordState::Back,
        _ => return Err(misread("a record has a state this program does not know")),
    };
    Ok(MoneyRecord {
        kind,
        client_id: ClientId::new(&client_id).map_err(|_| misread("a record has no client id"))?,
        request_id,
        order_id,
        transaction_id,
        amount: Amount::parse_wire(&currency, &value),
        state,
        at: row.maybe_time()?,
    })
}
