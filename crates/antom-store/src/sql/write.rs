use super::seal::{SealedAttempt, SealedChange, SealedKey, SealedNotice, SealedPlacement, SealedState};
use super::session::{Batch, Cells, Ran, Session, Value};
use super::{Table, statements as sql};
use crate::error::StoreError;
use crate::record::MoneyRecord;
use crate::rows::Subject;

/// What a written change came to, before it is decrypted.
#[derive(Debug)]
pub(crate) enum Written {
    Changed {
        revision: Option<i64>,
        /// The inbox rows that were parked for what is known now.
        parked: Vec<Cells>,
        owners: Vec<Subject>,
    },
    AlreadyThere,
    Stale {
        current: Option<i64>,
    },
}

/// Writes a change in the session's transaction. Unless the answer is `Changed` the transaction must be rolled
/// back: a part may be written.
pub(crate) async fn write<S: Session>(session: &mut S, change: &SealedChange) -> Result<Written, StoreError> {
    if let Some(digests) = change.inbox.as_ref().and_then(parked_under) {
        meet(session, digests).await?;
    }
    // The state is written in one go with the notification: where that is there already, both are undone.
    let mut batch = Batch::new();
    if let Some(notice) = &change.inbox {
        add_notice(&mut batch, notice);
    }
    if let Some(state) = &change.state {
        add_state(&mut batch, state, change);
    }
    let mut ran = session.run_all(&batch).await?.into_iter();
    if let Some(notice) = &change.inbox {
        let is_new = ran.next().unwrap_or_default().written == 1;
        if !is_new && !take_out(session, notice).await? {
            return Ok(Written::AlreadyThere);
        }
        if let Some(digests) = parked_under(notice).filter(|_| is_new) {
            let key = Value::Blob(&notice.key);
            let mut park = Batch::new();
            for digest in digests {
                park.add(sql::PARK, [Value::Blob(digest), key]);
            }
            session.run_all(&park).await?;
        }
    }
    let (mut revision, mut parked) = (None, Vec::new());
    if let Some(state) = &change.state {
        let Some((written, before)) = state_written(change, ran)? else {
            let rows = session.query(state.table.statements().revision, &[Value::Text(&state.id)]).await?;
            let current = rows.into_iter().next().map(|mut row| row.int()).transpose()?;
            return Ok(Written::Stale { current });
        };
        revision = Some(written);
        parked = write_beside(session, state, change, &before).await?;
    }
    let mut owners = Vec::new();
    if let Some(digests) = change.inbox.as_ref().and_then(parked_under) {
        for digest in digests {
            for mut row in session.query(sql::OWNERS, &[Value::Blob(digest)]).await? {
                owners.extend(Table::subject(row.int()?, row.text()?));
            }
        }
        owners.sort_unstable();
        owners.dedup();
    }
    Ok(Written::Changed { revision, parked, owners })
}

/// Waits for others that are making one of these keys known, or are parking something under one.
pub(crate) async fn meet<S: Session>(session: &mut S, keys: &[[u8; 32]]) -> Result<(), StoreError> {
    if let Some(statement) = session.meeting() {
        session.run(statement, &[Value::Ints(&meeting_places(keys.iter()))]).await?;
    }
    Ok(())
}

/// In one order everywhere, so that two who want the same never wait for each other in a circle.
fn meeting_places<'a>(keys: impl Iterator<Item = &'a [u8; 32]>) -> Vec<i64> {
    let number = |key: &[u8; 32]| key.first_chunk::<8>().map_or(0, |first| i64::from_be_bytes(*first));
    let mut places: Vec<i64> = keys.map(number).collect();
    places.sort_unstable();
    places.dedup();
    places
}

fn add_state<'a>(batch: &mut Batch<'a>, state: &'a SealedState, change: &SealedChange) {
    let statements = state.table.statements();
    let (version, bytes) = (Value::Int(state.table.version()), Value::Blob(&state.state));
    let (due, ends) = (Value::maybe_time(state.due), Value::maybe_time(state.ends));
    let (buyer, id, at) =
        (Value::text(state.buyer.as_deref()), Value::Text(&state.id), Value::Int(change.at));
    let shape = Value::Int(state.shape);
    match change.expected {
        None => batch.add(statements.insert, [id, version, bytes, due, buyer, ends, at, shape]),
        Some(expected) => {
            let expected = Value::Int(expected);
            batch.add(statements.update, [version, bytes, due, buyer, ends, at, shape, id, expected]);
            batch.add(statements.before, [id, Value::Int(state.table.number())]);
        }
    }
}

/// What stood beside a state before it was written.
#[derive(Debug, Default)]
struct Before {
    shape: Option<i64>,
    keys: Vec<Vec<u8>>,
}

/// The new revision, with what was there before; `None` when somebody else was first.
fn state_written(
    change: &SealedChange,
    mut ran: impl Iterator<Item = Ran>,
) -> Result<Option<(i64, Before)>, StoreError> {
    let mut before = Before::default();
    if ran.next().unwrap_or_default().written != 1 {
        return Ok(None);
    }
    for mut row in ran.next().unwrap_or_default().rows {
        before.shape = row.maybe_int()?;
        before.keys.extend(row.maybe_blob()?);
    }
    let revision = change.expected.map_or(1, |expected| expected.saturating_add(1));
    Ok(Some((revision, before)))
}

/// Writes what stands beside a state, and gives the notifications that were parked for it, the first to arrive
/// first. The one that this change is about is out of the parking place already.
async fn write_beside<S: Session>(
    session: &mut S,
    state: &SealedState,
    change: &SealedChange,
    before: &Before,
) -> Result<Vec<Cells>, StoreError> {
    let (kind, id) = (Value::Int(state.table.number()), Value::Text(&state.id));
    let mut batch = Batch::new();
    if before.shape == Some(state.shape) {
        append(&mut batch, state, change, session.put_event());
        session.run_all(&batch).await?;
        return Ok(Vec::new());
    }
    let places = meeting_places(change.keys.iter().map(|key| &key.digest));
    if let Some(meet) = session.meeting() {
        batch.add(meet, [Value::Ints(&places)]);
    }
    // Orders never lose a key; tokens and cards do.
    if state.table != Table::Orders {
        for gone in before.keys.iter().filter(|known| change.keys.iter().all(|key| key.digest != known[..])) {
            batch.add(sql::DROP_KEY, [Value::Blob(gone), kind, id]);
        }
    }
    let new = || change.keys.iter().filter(|key| before.keys.iter().all(|known| key.digest != known[..]));
    let first_key = batch.len();
    for key in new() {
        batch.add(sql::PUT_KEY, [Value::Blob(&key.digest), kind, id, Value::flag(key.single)]);
    }
    change.attempts.iter().for_each(|attempt| add_attempt(&mut batch, &state.id, attempt));
    change.records.iter().for_each(|record| add_record(&mut batch, record));
    append(&mut batch, state, change, session.put_event());
    let first_look = batch.len();
    // Where nobody else writes, one look mostly tells that nothing is parked at all. Over a network it would be
    // one more way there and back where something is.
    let alone = session.meeting().is_none();
    if alone {
        batch.add(sql::ANY_PARKED, []);
    } else {
        look(&mut batch, change);
    }
    let mut ran = session.run_all(&batch).await?;
    let mut waiting = ran.split_off(first_look);
    check_keys(session, state, new().zip(ran.get(first_key..).unwrap_or_default())).await?;
    if alone && waiting.iter().any(|ran| !ran.rows.is_empty()) {
        let mut looks = Batch::new();
        look(&mut looks, change);
        waiting = session.run_all(&looks).await?;
    }
    in_order(waiting)
}

/// Looks for what is parked under each key.
fn look<'a>(batch: &mut Batch<'a>, change: &'a SealedChange) {
    for key in &change.keys {
        batch.add(sql::WAITING, [Value::Blob(&key.digest)]);
    }
}

/// A new key that was not written is there: it was named twice, or another has it, which may not be if it is
/// single.
async fn check_keys<'a, S: Session>(
    session: &mut S,
    state: &SealedState,
    keys: impl Iterator<Item = (&'a SealedKey, &'a Ran)>,
) -> Result<(), StoreError> {
    let (kind, id) = (Value::Int(state.table.number()), Value::Text(&state.id));
    for (key, _) in keys.filter(|(key, ran)| key.single && ran.written == 0) {
        let owner = session.query(sql::OTHER_OWNER, &[Value::Blob(&key.digest), kind, id]).await?;
        if let Some(mut row) = owner.into_iter().next()
            && let Some(owner) = Table::subject(row.int()?, row.text()?)
        {
            return Err(StoreError::KeyTaken { owner });
        }
    }
    Ok(())
}

/// The parked notifications that were found under several keys, each once, the first to arrive first.
fn in_order(found: Vec<Ran>) -> Result<Vec<Cells>, StoreError> {
    let mut rows = Vec::new();
    for row in found.into_iter().flat_map(|ran| ran.rows) {
        let mut peek = row.clone();
        rows.push(((peek.blob()?, peek.int()?), row));
    }
    rows.sort_by(|(a, _), (b, _)| (a.1, &a.0).cmp(&(b.1, &b.0)));
    rows.dedup_by(|(a, _), (b, _)| a.0 == b.0);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

fn add_attempt<'a>(batch: &mut Batch<'a>, order_id: &'a str, attempt: &'a SealedAttempt) {
    let values = [
        Value::Text(attempt.client_id.as_str()),
        Value::Text(&attempt.request_id),
        Value::Text(order_id),
        Value::flag(attempt.live),
        Value::Text(attempt.state),
        Value::Text(attempt.amount.currency().as_str()),
        Value::Text(attempt.amount.value_text()),
        Value::Int(attempt.expires),
        Value::or_null(attempt.body.as_deref(), Value::Blob),
        Value::flag(attempt.open),
    ];
    batch.add(sql::PUT_ATTEMPT, values);
}

fn add_record<'a>(batch: &mut Batch<'a>, record: &'a MoneyRecord) {
    let values = [
        Value::Int(record.kind as i64),
        Value::Text(&record.request_id),
        Value::Text(record.client_id.as_str()),
        Value::Text(&record.order_id),
        Value::text(record.transaction_id.as_deref()),
        Value::Text(record.amount.currency().as_str()),
        Value::Text(record.amount.value_text()),
        Value::Int(record.state as i64),
        Value::maybe_time(record.at),
    ];
    batch.add(sql::PUT_RECORD, values);
}

/// What is only ever appended: lines of the ledger, events, findings.
fn append<'a>(
    batch: &mut Batch<'a>,
    state: &'a SealedState,
    change: &'a SealedChange,
    put_event: &'static str,
) {
    let (kind, id) = (Value::Int(state.table.number()), Value::Text(&state.id));
    if state.table == Table::Orders {
        for entry in &change.ledger {
            let values = [
                id,
                Value::Text(entry.kind),
                Value::Text(&entry.attempt),
                Value::text(entry.movement.as_deref()),
                Value::Text(entry.amount.currency().as_str()),
                Value::Text(entry.amount.value_text()),
                Value::Int(entry.at),
                Value::Text(&entry.entry),
            ];
            batch.add(sql::PUT_LEDGER, values);
        }
    }
    for event in &change.events {
        batch.add(put_event, [kind, id, Value::Blob(event), Value::Int(change.at)]);
    }
    if state.table == Table::Runs {
        for finding in &change.findings {
            batch.add(sql::PUT_FINDING, [id, Value::Text(finding)]);
        }
    }
}

/// The digests under which a notification is parked, if it is to be.
fn parked_under(notice: &SealedNotice) -> Option<&[[u8; 32]]> {
    match &notice.placement {
        SealedPlacement::Parked { digests, .. } => Some(digests),
        SealedPlacement::Kept | SealedPlacement::Matched(_) => None,
    }
}

fn add_notice<'a>(batch: &mut Batch<'a>, notice: &'a SealedNotice) {
    let (placement, names, subject) = match &notice.placement {
        SealedPlacement::Kept => (0, None, None),
        SealedPlacement::Matched(subject) => (1, None, Some(Table::of(subject))),
        SealedPlacement::Parked { names, .. } => (2, Some(names.as_slice()), None),
    };
    let values = [
        Value::Blob(&notice.key),
        Value::Int(notice.received),
        Value::Text(&notice.path),
        Value::Text(&notice.evidence),
        Value::or_null(notice.body.as_deref(), Value::Blob),
        Value::or_null(notice.fact.as_deref(), Value::Blob),
        Value::Int(placement),
        Value::or_null(names, Value::Blob),
        Value::or_null(subject, |(table, _)| Value::Int(table.number())),
        Value::text(subject.map(|(_, id)| id)),
    ];
    batch.add(sql::PUT_NOTICE, values);
}

/// Takes a notification that is there out of the parking place for what it is about; whether it was parked.
async fn take_out<S: Session>(session: &mut S, notice: &SealedNotice) -> Result<bool, StoreError> {
    let SealedPlacement::Matched(subject) = &notice.placement else { return Ok(false) };
    let ((table, id), key) = (Table::of(subject), Value::Blob(&notice.key));
    let matched =
        session.execute(sql::MATCH_NOTICE, &[Value::Int(table.number()), Value::Text(id), key]).await?;
    if matched == 0 {
        return Ok(false);
    }
    session.execute(sql::UNPARK, &[key]).await?;
    Ok(true)
}
