use super::seal::{SealedAttempt, SealedChange, SealedNotice, SealedPlacement, SealedState};
use super::session::{Cells, Session, Value};
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
    if let Some(notice) = &change.inbox {
        if let SealedPlacement::Parked { digests, .. } = &notice.placement {
            session.meet(digests).await?;
        }
        if !write_notice(session, notice).await? {
            return Ok(Written::AlreadyThere);
        }
    }
    let (mut revision, mut parked) = (None, Vec::new());
    if let Some(state) = &change.state {
        let Some((written, same_shape)) = write_state(session, state, change).await? else {
            let rows = session.query(state.table.statements().revision, &[Value::Text(&state.id)]).await?;
            let current = rows.into_iter().next().map(|mut row| row.int()).transpose()?;
            return Ok(Written::Stale { current });
        };
        revision = Some(written);
        let mut statements = Vec::new();
        if !same_shape {
            prepare_keys(session, state, change).await?;
            key_statements(state, change, &mut statements);
            statements.extend(change.attempts.iter().map(|attempt| attempt_statement(&state.id, attempt)));
            statements.extend(change.records.iter().map(record_statement));
        }
        append_statements(state, change, session.put_event(), &mut statements);
        let counts = session.execute_all(&statements).await?;
        if !same_shape {
            check_keys(session, state, change, &counts).await?;
            parked = waiting(session, change).await?;
        }
    }
    let mut owners = Vec::new();
    if let Some(SealedNotice { placement: SealedPlacement::Parked { digests, .. }, .. }) = &change.inbox {
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

/// The new revision, and whether keys, attempts and records are those of the write before; `None` when
/// somebody else was first.
async fn write_state<S: Session>(
    session: &mut S,
    state: &SealedState,
    change: &SealedChange,
) -> Result<Option<(i64, bool)>, StoreError> {
    let statements = state.table.statements();
    let (version, bytes) = (Value::Int(state.table.version()), Value::Blob(&state.state));
    let (due, ends) = (Value::maybe_time(state.due), Value::maybe_time(state.ends));
    let (buyer, id, at) =
        (Value::text(state.buyer.as_deref()), Value::Text(&state.id), Value::Int(change.at));
    let shape = Value::Int(state.shape);
    match change.expected {
        None => {
            let values = [id, version, bytes, due, buyer, ends, at, shape];
            let written = session.execute(statements.insert, &values).await?;
            Ok((written == 1).then_some((1, false)))
        }
        Some(expected) => {
            let values = [version, bytes, due, buyer, ends, at, shape, id, Value::Int(expected)];
            let rows = session.query(statements.update, &values).await?;
            let before = rows.into_iter().next().map(|mut row| row.maybe_int()).transpose()?;
            Ok(before.map(|before| (expected.saturating_add(1), before == Some(state.shape))))
        }
    }
}

/// A statement with its values, to be run with others.
type Statement<'a> = (&'static str, Vec<Value<'a>>);

async fn prepare_keys<S: Session>(
    session: &mut S,
    state: &SealedState,
    change: &SealedChange,
) -> Result<(), StoreError> {
    let digests: Vec<[u8; 32]> = change.keys.iter().map(|key| key.digest).collect();
    session.meet(&digests).await?;
    // Orders never lose a key; tokens and cards do.
    if state.table != Table::Orders && change.expected.is_some() {
        let values = [Value::Int(state.table.number()), Value::Text(&state.id)];
        session.execute(sql::DROP_KEYS, &values).await?;
    }
    Ok(())
}

/// The keys' statements are the first of all.
fn key_statements<'a>(state: &'a SealedState, change: &'a SealedChange, statements: &mut Vec<Statement<'a>>) {
    let (kind, id) = (Value::Int(state.table.number()), Value::Text(&state.id));
    statements.extend(
        change
            .keys
            .iter()
            .map(|key| (sql::PUT_KEY, vec![Value::Blob(&key.digest), kind, id, Value::flag(key.single)])),
    );
}

/// A key that was not written is there: this row's own, or another's, which may not be if it is single.
async fn check_keys<S: Session>(
    session: &mut S,
    state: &SealedState,
    change: &SealedChange,
    counts: &[u64],
) -> Result<(), StoreError> {
    let (kind, id) = (Value::Int(state.table.number()), Value::Text(&state.id));
    for (key, _) in change.keys.iter().zip(counts).filter(|(key, count)| key.single && **count == 0) {
        let owner = session.query(sql::OTHER_OWNER, &[Value::Blob(&key.digest), kind, id]).await?;
        if let Some(mut row) = owner.into_iter().next()
            && let Some(owner) = Table::subject(row.int()?, row.text()?)
        {
            return Err(StoreError::KeyTaken { owner });
        }
    }
    Ok(())
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

/// Whether the notification was written, or taken out of the parking place.
async fn write_notice<S: Session>(session: &mut S, notice: &SealedNotice) -> Result<bool, StoreError> {
    let (placement, names, subject) = match &notice.placement {
        SealedPlacement::Kept => (0, None, None),
        SealedPlacement::Matched(subject) => (1, None, Some(Table::of(subject))),
        SealedPlacement::Parked { names, .. } => (2, Some(names.as_slice()), None),
    };
    let key = Value::Blob(&notice.key);
    let kind = Value::or_null(subject, |(table, _)| Value::Int(table.number()));
    let id = Value::text(subject.map(|(_, id)| id));
    let values = [
        key,
        Value::Int(notice.received),
        Value::Text(&notice.path),
        Value::Text(&notice.evidence),
        Value::or_null(notice.body.as_deref(), Value::Blob),
        Value::or_null(notice.fact.as_deref(), Value::Blob),
        Value::Int(placement),
        Value::or_null(names, Value::Blob),
        kind,
        id,
    ];
    if session.execute(sql::PUT_NOTICE, &values).await? == 1 {
        if let SealedPlacement::Parked { digests, .. } = &notice.placement {
            for digest in digests {
                session.execute(sql::PARK, &[Value::Blob(digest), key]).await?;
            }
        }
        return Ok(true);
    }
    if !matches!(notice.placement, SealedPlacement::Matched(_))
        || session.execute(sql::MATCH_NOTICE, &[kind, id, key]).await? == 0
    {
        return Ok(false);
    }
    session.execute(sql::UNPARK, &[key]).await?;
    Ok(true)
}

/// The notifications parked for these keys, the first to arrive first. The one that this change is about is
/// out of the parking place already.
async fn waiting<S: Session>(session: &mut S, change: &SealedChange) -> Result<Vec<Cells>, StoreError> {
    let mut found = Vec::new();
    for key in &change.keys {
        for row in session.query(sql::WAITING, &[Value::Blob(&key.digest)]).await? {
            let mut peek = row.clone();
            found.push(((peek.blob()?, peek.int()?), row));
        }
    }
    found.sort_by(|(a, _), (b, _)| (a.1, &a.0).cmp(&(b.1, &b.0)));
    found.dedup_by(|(a, _), (b, _)| a.0 == b.0);
    Ok(found.into_iter().map(|(_, row)| row).collect())
}
