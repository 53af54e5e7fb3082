use std::sync::Arc;

use super::kit::{apply, at, auth_state, claim, consulted, open, paid_fact, written};
use super::{Failure, Outcome, cases, ensure};
use crate::change::Change;
use crate::record::{MoneyRecord, RecordKind, RecordState};
use crate::store::Backend;

cases! {
    the_numbers_tell_what_waits,
    records_come_in_order_page_by_page,
}

async fn the_numbers_tell_what_waits(store: Arc<dyn Backend>) -> Outcome {
    let none = store.order_stats(at(0)).await?;
    ensure!(none.open == 0 && none.oldest_open.is_none() && none.due == 0, "an empty store has {none:?}");
    open(&*store, "ORDER-1", "PAY-1").await?;
    open(&*store, "ORDER-2", "PAY-2").await?;
    let row = store.order("ORDER-1").await?.and_then(|row| row.payment.due());
    let due = row.ok_or_else(|| Failure("a sent order has no tick".into()))?;
    let early = store.order_stats(at(0)).await?;
    ensure!(early.open == 2 && early.oldest_open == Some(at(0)), "two open orders are {early:?}");
    ensure!(early.due == 0 && early.oldest_due.is_none(), "too early due: {early:?}");
    let late = store.order_stats(due).await?;
    ensure!(late.due == 2 && late.oldest_due == Some(due), "two due orders are {late:?}");
    apply(&*store, "ORDER-1", &paid_fact("PAY-1")?, at(7)).await?;
    let one = store.order_stats(due).await?;
    ensure!(one.open == 1 && one.due == 1, "after one was paid: {one:?}");
    let events = store.outbox_stats().await?;
    ensure!(events.waiting == 1 && events.oldest_waiting == Some(at(7)), "one event is {events:?}");
    store.claim_events(claim(10, 5)).await?;
    let events = store.outbox_stats().await?;
    ensure!(events.waiting == 1 && events.most_claims == 1, "one claimed event is {events:?}");
    let turn = consulted(&auth_state(1), "BUYER-1", 0)?;
    written(store.commit(Change::grant(&turn, None, at(0))).await?)?;
    let grants = store.grant_stats(at(1_000_000), at(0)).await?;
    ensure!(grants.due == 1 && grants.oldest_due == turn.next.due(), "one due grant is {grants:?}");
    ensure!(grants.expiring == 0, "a grant without token expires: {grants:?}");
    Ok(())
}

async fn records_come_in_order_page_by_page(store: Arc<dyn Backend>) -> Outcome {
    for number in [3_u8, 1, 5, 4, 2] {
        open(&*store, &format!("ORDER-{number}"), &format!("PAY-{number}")).await?;
    }
    apply(&*store, "ORDER-4", &paid_fact("PAY-4")?, at(1)).await?;
    let mut all: Vec<MoneyRecord> = Vec::new();
    loop {
        let page = store.records(RecordKind::Payment, all.last(), 2).await?;
        if page.is_empty() {
            break;
        }
        ensure!(page.len() <= 2, "a page has {} records", page.len());
        all.extend(page);
        ensure!(all.len() <= 5, "five records became {} or more", all.len());
    }
    let ids: Vec<_> = all.iter().map(|record| record.request_id.as_str()).collect();
    ensure!(ids == ["PAY-1", "PAY-2", "PAY-3", "PAY-4", "PAY-5"], "the records are {ids:?}");
    let moved: Vec<_> = all.iter().filter(|record| record.state == RecordState::Moved).collect();
    ensure!(
        moved.len() == 1
            && moved
                .iter()
                .all(|r| r.order_id == "ORDER-4" && r.transaction_id.as_deref() == Some("ID-PAY-4")),
        "moved are {moved:?}"
    );
    ensure!(store.records(RecordKind::Refund, None, 10).await?.is_empty(), "there are refunds");
    Ok(())
}
