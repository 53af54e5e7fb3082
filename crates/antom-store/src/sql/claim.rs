use core::time::Duration;

use antom_core::time::UnixTime;

use super::session::{Cells, Session, Value};
use super::{Table, statements as sql};
use crate::error::StoreError;
use crate::rows::{Claim, Rate};

fn limit(rows: usize) -> Value<'static> {
    Value::Int(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// Claims due rows, the longest due first: id, revision, state of each.
pub(crate) async fn claim_states<S: Session>(
    session: &mut S,
    table: Table,
    claim: Claim,
) -> Result<Vec<Cells>, StoreError> {
    let now = session.now(claim.now).await?;
    let until = now.saturating_add(claim.lease);
    let values = [Value::time(until), Value::time(now), Value::Int(table.version()), limit(claim.limit)];
    let rows = session.query(session.claim_states(table), &values).await?;
    let mut sorted = Vec::with_capacity(rows.len());
    for mut row in rows {
        sorted.push((row.int()?, row));
    }
    sorted.sort_by_key(|(since, _)| *since);
    Ok(sorted.into_iter().map(|(_, row)| row).collect())
}

/// Claims events, oldest first.
pub(crate) async fn claim_events<S: Session>(
    session: &mut S,
    claim: Claim,
) -> Result<Vec<Cells>, StoreError> {
    let now = session.now(claim.now).await?;
    let values = [Value::time(now.saturating_add(claim.lease)), Value::time(now), limit(claim.limit)];
    let rows = session.query(sql::CLAIM_EVENTS, &values).await?;
    let mut sorted = Vec::with_capacity(rows.len());
    for row in rows {
        sorted.push((row.clone().int()?, row));
    }
    sorted.sort_by_key(|(place, _)| *place);
    Ok(sorted.into_iter().map(|(_, row)| row).collect())
}

pub(crate) async fn delivered<S: Session>(session: &mut S, sequence: u64) -> Result<(), StoreError> {
    let Ok(place) = i64::try_from(sequence) else { return Ok(()) };
    session.execute(sql::DELIVERED, &[Value::Int(place)]).await?;
    Ok(())
}

pub(crate) async fn postpone<S: Session>(
    session: &mut S,
    sequence: u64,
    until: UnixTime,
) -> Result<(), StoreError> {
    let Ok(place) = i64::try_from(sequence) else { return Ok(()) };
    session.execute(sql::POSTPONE, &[Value::time(until), Value::Int(place)]).await?;
    Ok(())
}

pub(crate) async fn admit<S: Session>(
    session: &mut S,
    gate: &str,
    rate: Rate,
    calls: u32,
    now: UnixTime,
) -> Result<Duration, StoreError> {
    let now = session.now(now).await?.as_millis().saturating_mul(1000);
    let values = [Value::Text(gate), Value::Int(now), Value::Int(rate.cost(calls))];
    let rows = session.query(sql::ADMIT, &values).await?;
    let used = rows.into_iter().next().map_or(Ok(now), |mut row| row.int())?;
    Ok(rate.wait(used, now))
}
