use super::seal::{SealedAttempt, SealedChange, SealedNotice, SealedPlacement, SealedState};
use super::session::{Cells, Ran, Session, Statement, Value};
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
    let notice = change.inbox.as_ref().map(notice_statement);
    let state = change.state.as_ref().map(|state| state_statement(state, change));
    let statements: Vec<Statement<'_>> = notice.into_iter().chain(state).collect();
    let mut ran = session.run_all(&statements).await?.into_iter();
    if let Some(notice) = &change.inbox {
        let is_new = ran.next().unwrap_or_default().written == 1;
        if !is_new && !take_out(session, notice).await? {
            return Ok(Written::AlreadyThere);
        }
        if let Some(digests) = parked_under(notice).filter(|_| is_new) {
            let key = Value::Blob(&notice.key);
            let park: Vec<_> =
                digests.iter().map(|digest| (sql::PARK, vec![Value::Blob(digest), key])).collect();
            session.run_all(&park).await?;
        }
    }
    let (mut revision, mut parked) = (None, Vec::new());
    if let Some(state) = &change.state {
        let Some((written, same_shape)) = state_written(state, change, ran.next().unwrap_or_default())?
        else {
            let rows = session.query(state.table.statements().revision, &[Value::Text(&state.id)]).await?;
            let current = rows.into_iter().next().map(|mut row| row.int()).transpose()?;
            return Ok(Written::Stale { current });
        };
        revision = Some(written);
        parked = write_beside(session, state, change, same_shape).await?;
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

fn state_statement<'a>(state: &'a SealedState, change: &SealedChange) -> Statement<'a> {
    let statements = state.table.statements();
    let (version, bytes) = (Value::Int(state.table.version()), Value::Blob(&state.state));
    let (due, ends) = (Value::maybe_time(state.due), Value::maybe_time(state.ends));
    let (buyer, id, at) =
        (Value::text(state.buyer.as_deref()), Value::Text(&state.id), Value::Int(change.at));
    let shape = Value::Int(state.shape);
    match change.expected {
        None => (statements.insert, vec![id, version, bytes, due, buyer, ends, at, shape]),
        Some(expected) => {
            (statements.update, vec![version, bytes, due, buyer, ends, at, shape, id, Value::Int(expected)])
        }
    }
}

/// The new revision, and whether keys, attempts and records are those of the write before; `None` when
/// somebody else was first.
fn state_written(
    state: &SealedState,
    change: &SealedChange,
    ran: Ran,
) -> Result<Option<(i64, bool)>, StoreError> {
    match change.expected {
        None => Ok((ran.written == 1).then_some((1, false))),
        Some(expected) => {
            let before = ran.rows.into_iter().next().map(|mut row| row.maybe_int()).transpose()?;
            Ok(before.map(|before| (expected.saturating_add(1), before == Some(state.shape))))
        }
    }
}

/// Writes what stands beside a state, and gives the notifications that were parked for it, the first to arrive
/// first. The one that this change is about is out of the parking place already.
async fn write_beside<S: Session>(
    session: &mut S,
    state: &SealedState,
    change: &SealedChange,
    same_shape: bool,
) -> Result<Vec<Cells>, StoreError> {
    let (kind, id) = (Value::Int(state.table.number()), Value::Text(&state.id));
    let mut statements = Vec::new();
    if same_shape {
        append_statements(state, change, session.put_event(), &mut statements);
        session.run_all(&statements).await?;
        return Ok(Vec::new());
    }
    let places = meeting_places(change.keys.iter().map(|key| &key.digest));
    statements.extend(session.meeting().map(|sql| (sql, vec![Value::Ints(&places)])));
    // Orders never lose a key; tokens and cards do.
    if state.table != Table::Orders && change.expected.is_some() {
        statements.push((sql::DROP_KEYS, vec![kind, id]));
    }
    let first_key = statements.len();
    statements.extend(
        change
            .keys
            .iter()
            .map(|key| (sql::PUT_KEY, vec![Value::Blob(&key.digest), kind, id, Value::flag(key.single)])),
    );
    statements.extend(change.attempts.iter().map(|attempt| attempt_statement(&state.id, attempt)));
    statements.extend(change.records.iter().map(record_statement));
    append_statements(state, change, session.put_event(), &mut statements);
    let first_look = statements.len();
    statements.extend(change.keys.iter().map(|key| (sql::WAITING, vec![Value::Blob(&key.digest)])));
    let mut ran = session.run_all(&statements).await?;
    let waiting = ran.split_off(first_look);
    check_keys(session, state, change, ran.get(first_key..).unwrap_or_default()).await?;
    in_order(waiting)
}

/// A key that was not written is there: this row's own, or another's, which may not be if it is single.
async fn check_keys<S: Session>(
    session: &mut S,
    state: &SealedState,
    change: &SealedChange,
    ran: &[Ran],
) -> Result<(), StoreError> {
    let (kind, id) = (Value::Int(state.table.number()), Value::Text(&state.id));
    for (key, _) in change.keys.iter().zip(ran).filter(|(key, ran)| key.single && ran.written == 0) {
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

fn attempt_statement<'a>(order_id: &'a str, attempt: &'a SealedAttempt) -> Statement<'a> {
    let values = vec![
        Value::Text(&attempt.client_id),
        Value::Text(&attempt.request_id),
        Value::Text(order_id),
        Value::flag(attempt.live),
        Value::Text(attempt.state),
        Value::Text(&attempt.currency),
        Value::Text(&attempt.value),
        Value::Int(attempt.expires),
        Value::or_null(attempt.body.as_deref(), Value::Blob),
        Value::flag(attempt.open),
    ];
    (sql::PUT_ATTEMPT, values)
}

fn record_statement(record: &MoneyRecord) -> Statement<'_> {
    let values = vec![
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
    (sql::PUT_RECORD, values)
}

fn append_statements<'a>(
    state: &'a SealedState,
    change: &'a SealedChange,
    put_event: &'static str,
    statements: &mut Vec<Statement<'a>>,
) {
    let (kind, id) = (Value::Int(state.table.number()), Value::Text(&state.id));
    if state.table == Table::Orders {
        statements.extend(change.ledger.iter().map(|entry| {
            let values = vec![
                id,
                Value::Text(entry.kind),
                Value::Text(&entry.attempt),
                Value::text(entry.movement.as_deref()),
                Value::Text(&entry.currency),
                Value::Text(&entry.value),
                Value::Int(entry.at),
                Value::Text(&entry.entry),
            ];
            (sql::PUT_LEDGER, values)
        }));
    }
    statements.extend(
        change
            .events
            .iter()
            .map(|event| (put_event, vec![kind, id, Value::Blob(event), Value::Int(change.at)])),
    );
    if state.table == Table::Runs {
        statements
            .extend(change.findings.iter().map(|finding| (sql::PUT_FINDING, vec![id, Value::Text(finding)])));
    }
}

/// The digests under which a notification is parked, if it is to be.
fn parked_under(notice: &SealedNotice) -> Option<&[[u8; 32]]> {
    match &notice.placement {
        SealedPlacement::Parked { digests, .. } => Some(digests),
        SealedPlacement::Kept | SealedPlacement::Matched(_) => None,
    }
}

fn notice_statement(notice: &SealedNotice) -> Statement<'_> {
    let (placement, names, subject) = match &notice.placement {
        SealedPlacement::Kept => (0, None, None),
        SealedPlacement::Matched(subject) => (1, None, Some(Table::of(subject))),
        SealedPlacement::Parked { names, .. } => (2, Some(names.as_slice()), None),
    };
    let values = vec![
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
    (sql::PUT_NOTICE, values)
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
