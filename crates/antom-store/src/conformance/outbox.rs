use std::sync::Arc;

use antom_core::flow::payment::Input;

use super::kit::{apply, at, claim, open, open_all, paid_fact, together};
use super::{Failure, Outcome, cases, ensure};
use crate::rows::{OutboxRow, Subject};
use crate::store::Backend;

cases! {
    events_come_in_order_and_until_they_are_handed_over,
    a_held_event_holds_back_later_ones_of_its_order_alone,
    handed_over_is_handed_over,
    claimers_of_events_never_overlap,
    a_postponed_event_waits_and_holds_back_its_order,
}

fn sequences(rows: &[OutboxRow]) -> Vec<u64> {
    rows.iter().map(|row| row.sequence).collect()
}

/// Two orders, each with an event of its payment and one of its cancellation.
async fn fill(store: &dyn Backend) -> Outcome {
    for (order, request) in [("ORDER-1", "PAY-1"), ("ORDER-2", "PAY-2")] {
        open(store, order, request).await?;
        apply(store, order, &paid_fact(request)?, at(1)).await?;
        apply(store, order, &Input::Cancel, at(2)).await?;
    }
    Ok(())
}

async fn events_come_in_order_and_until_they_are_handed_over(store: Arc<dyn Backend>) -> Outcome {
    fill(&*store).await?;
    let all = store.events(0, 100).await?;
    ensure!(all.len() == 4, "there are {} events", all.len());
    let order = sequences(&all);
    ensure!(order.is_sorted() && order.first() > Some(&0), "their places are {order:?}");
    let claimed = open_all(store.claim_events(claim(10, 10)).await?).await?;
    ensure!(sequences(&claimed) == order, "claimed were {:?}", sequences(&claimed));
    ensure!(claimed.iter().all(|row| row.claims == 0), "a first claim counts claims");
    ensure!(store.claim_events(claim(39, 10)).await?.is_empty(), "held events were given away");
    // Nobody said that they arrived: they come again, with the same places.
    let again = open_all(store.claim_events(claim(40, 10)).await?).await?;
    ensure!(sequences(&again) == order, "claimed again were {:?}", sequences(&again));
    ensure!(again.iter().all(|row| row.claims == 1), "claims are not counted");
    let page = store.events(order.first().copied().unwrap_or_default(), 2).await?;
    ensure!(Some(sequences(&page).as_slice()) == order.get(1..3), "the page is {:?}", sequences(&page));
    Ok(())
}

async fn a_held_event_holds_back_later_ones_of_its_order_alone(store: Arc<dyn Backend>) -> Outcome {
    fill(&*store).await?;
    let first = open_all(store.claim_events(claim(10, 1)).await?).await?;
    let held = first.first().map(|row| row.subject.clone());
    ensure!(held == Some(Subject::Order("ORDER-1".into())), "held is {held:?}");
    let others = open_all(store.claim_events(claim(10, 10)).await?).await?;
    ensure!(others.len() == 2, "{} events were free", others.len());
    ensure!(others.iter().all(|row| Some(&row.subject) != held.as_ref()), "an order's events were split");
    Ok(())
}

async fn handed_over_is_handed_over(store: Arc<dyn Backend>) -> Outcome {
    fill(&*store).await?;
    for row in open_all(store.claim_events(claim(10, 10)).await?).await? {
        store.delivered(row.sequence).await?;
        store.delivered(row.sequence).await?;
    }
    store.delivered(u64::MAX).await?;
    ensure!(store.claim_events(claim(1_000_000, 10)).await?.is_empty(), "events come again");
    ensure!(store.events(0, 100).await?.len() == 4, "events are gone from the whole list");
    Ok(())
}

async fn claimers_of_events_never_overlap(store: Arc<dyn Backend>) -> Outcome {
    for number in 0..20 {
        let (order, request) = (format!("ORDER-{number}"), format!("PAY-{number}"));
        open(&*store, &order, &request).await?;
        apply(&*store, &order, &paid_fact(&request)?, at(1)).await?;
    }
    let mut seen = Vec::new();
    for rows in together((0..5).map(|_| store.claim_events(claim(10, 4))).collect()).await {
        seen.extend(sequences(&open_all(rows?).await?));
    }
    seen.extend(sequences(&open_all(store.claim_events(claim(10, 100)).await?).await?));
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    ensure!(count == 20 && seen.len() == 20, "{count} claimed, {} different", seen.len());
    Ok(())
}

async fn a_postponed_event_waits_and_holds_back_its_order(store: Arc<dyn Backend>) -> Outcome {
    open(&*store, "ORDER-1", "PAY-1").await?;
    apply(&*store, "ORDER-1", &paid_fact("PAY-1")?, at(1)).await?;
    apply(&*store, "ORDER-1", &Input::Cancel, at(2)).await?;
    let first = open_all(store.claim_events(claim(10, 1)).await?).await?;
    let sequence = first.first().map(|row| row.sequence).ok_or_else(|| Failure("no event".into()))?;
    store.postpone(sequence, at(500)).await?;
    ensure!(store.claim_events(claim(499, 10)).await?.is_empty(), "a postponed event was given");
    ensure!(!store.claim_events(claim(500, 10)).await?.is_empty(), "a postponed event never came");
    store.delivered(sequence).await?;
    // What was handed over is not brought back.
    store.postpone(sequence, at(501)).await?;
    let rest = open_all(store.claim_events(claim(9000, 10)).await?).await?;
    ensure!(rest.iter().all(|row| row.sequence != sequence), "a handed-over event came back");
    Ok(())
}
