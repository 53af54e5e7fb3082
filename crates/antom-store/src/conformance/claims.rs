use std::collections::BTreeSet;
use std::sync::Arc;

use antom_core::flow::payment::Input;

use super::kit::{apply, at, claim, open_all, opened, together, written};
use super::{Outcome, cases, ensure};
use crate::change::Change;
use crate::rows::OrderRow;
use crate::store::Backend;

cases! {
    what_is_due_is_claimed_oldest_first,
    a_lease_hides_until_it_ends,
    a_commit_ends_the_lease,
    claimers_share_and_never_overlap,
    a_claim_is_no_lock,
}

/// Opens orders whose first tick is due fifteen seconds after each of these moments.
async fn open_at(store: &dyn Backend, moments: &[i64]) -> Outcome {
    for (number, seconds) in moments.iter().enumerate() {
        let turn = opened(&format!("ORDER-{number}"), &format!("PAY-{number}"), *seconds)?;
        written(store.commit(Change::payment(&turn, None, at(*seconds))).await?)?;
    }
    Ok(())
}

fn ids(rows: &[OrderRow]) -> Vec<&str> {
    rows.iter().map(|row| row.payment.order_id()).collect()
}

async fn what_is_due_is_claimed_oldest_first(store: Arc<dyn Backend>) -> Outcome {
    open_at(&*store, &[30, 10, 20, 100]).await?;
    let early = open_all(store.claim_orders(claim(24, 10)).await?).await?;
    ensure!(early.is_empty(), "{:?} were due too early", ids(&early));
    let first = open_all(store.claim_orders(claim(60, 2)).await?).await?;
    ensure!(ids(&first) == ["ORDER-1", "ORDER-2"], "the first two are {:?}", ids(&first));
    let rest = open_all(store.claim_orders(claim(60, 10)).await?).await?;
    ensure!(ids(&rest) == ["ORDER-0"], "the rest is {:?}", ids(&rest));
    Ok(())
}

async fn a_lease_hides_until_it_ends(store: Arc<dyn Backend>) -> Outcome {
    open_at(&*store, &[0]).await?;
    ensure!(store.claim_orders(claim(20, 1)).await?.len() == 1, "the order is not due");
    ensure!(store.claim_orders(claim(49, 1)).await?.is_empty(), "a leased order was given away");
    ensure!(store.claim_orders(claim(50, 1)).await?.len() == 1, "the lease did not end");
    Ok(())
}

async fn a_commit_ends_the_lease(store: Arc<dyn Backend>) -> Outcome {
    open_at(&*store, &[0]).await?;
    ensure!(store.claim_orders(claim(20, 1)).await?.len() == 1, "the order is not due");
    apply(&*store, "ORDER-0", &Input::Tick, at(20)).await?;
    let due = store.order("ORDER-0").await?.and_then(|row| row.payment.due());
    ensure!(due == Some(at(80)), "the next tick is due {due:?}");
    ensure!(store.claim_orders(claim(79, 1)).await?.is_empty(), "the order is due too early");
    ensure!(store.claim_orders(claim(80, 1)).await?.len() == 1, "the order is not due any more");
    Ok(())
}

async fn claimers_share_and_never_overlap(store: Arc<dyn Backend>) -> Outcome {
    open_at(&*store, &[0; 40]).await?;
    let claims = (0..8).map(|_| store.claim_orders(claim(20, 7))).collect();
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for rows in together(claims).await {
        for row in open_all(rows?).await? {
            count += 1;
            seen.insert(row.payment.order_id().to_owned());
        }
    }
    ensure!(count == seen.len(), "{count} were claimed, {} of them different", seen.len());
    // A backend may give one claimer fewer than asked for while another holds rows, but loses none.
    loop {
        let rows = open_all(store.claim_orders(claim(20, 7)).await?).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            ensure!(seen.insert(row.payment.order_id().to_owned()), "an order was claimed twice");
        }
    }
    ensure!(seen.len() == 40, "{} of 40 were claimed", seen.len());
    Ok(())
}

async fn a_claim_is_no_lock(store: Arc<dyn Backend>) -> Outcome {
    open_at(&*store, &[0]).await?;
    ensure!(store.claim_orders(claim(20, 1)).await?.len() == 1, "the order is not due");
    // A notification does not wait for a worker.
    let tries = apply(&*store, "ORDER-0", &super::kit::paid_fact("PAY-0")?, at(21)).await?;
    ensure!(tries == 1, "the commit took {tries} tries");
    ensure!(store.claim_orders(claim(10_000, 1)).await?.is_empty(), "a settled order is due");
    Ok(())
}
