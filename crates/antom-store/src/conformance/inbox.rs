use std::sync::Arc;

use antom_core::flow::payment::{Input, PaymentState};
use antom_core::flow::{Observed, payment};

use super::kit::{at, client, entry, notification, open, opened, paid, stranger, together, written};
use super::{Failure, Outcome, cases, ensure};
use crate::change::{Applied, Change, Changed, Placement};
use crate::keys::keys_of_fact;
use crate::rows::{InboxEntry, InboxKey, Subject};
use crate::store::Backend;

cases! {
    a_notification_is_applied_once_however_often_it_comes,
    a_parked_notification_is_handed_over_when_its_order_appears,
    a_notification_parked_too_late_says_whose_it_is,
    parked_ones_of_other_accounts_stay,
    parked_ones_are_listed_oldest_first,
    what_nobody_follows_is_kept,
}

/// Finds what a notification is about, applies it and commits; parks it when nobody knows it.
async fn receive(store: &dyn Backend, entry: &InboxEntry) -> Result<Applied, Failure> {
    let Some(fact) = &entry.fact else { return Ok(store.commit(Change::keep(entry.clone())).await?) };
    let keys = keys_of_fact(&client()?, fact);
    for _ in 0..1000 {
        let mut owner = None;
        for key in &keys {
            owner = owner.or(store.find(key).await?.into_iter().next());
        }
        let Some(Subject::Order(order)) = owner else {
            return Ok(store.commit(Change::park(entry.clone(), keys)).await?);
        };
        match apply(store, &order, entry).await? {
            Applied::Stale { .. } => {}
            applied => return Ok(applied),
        }
    }
    Err(Failure("a thousand commits were stale".into()))
}

async fn apply(store: &dyn Backend, order: &str, entry: &InboxEntry) -> Result<Applied, Failure> {
    let Some(Observed::Payment(fact)) = &entry.fact else { return Err(Failure("no payment fact".into())) };
    let row = store.order(order).await?.ok_or_else(|| Failure(format!("{order} is gone")))?;
    let turn: payment::Transition = row.payment.apply(&Input::PaymentNoticed((**fact).clone()), at(1))?;
    let change = Change::payment(&turn, Some(row.revision), at(1)).with_notification(entry.clone());
    Ok(store.commit(change).await?)
}

async fn state(store: &dyn Backend, order: &str) -> Result<Option<PaymentState>, Failure> {
    Ok(store.order(order).await?.map(|row| row.payment.state()))
}

async fn a_notification_is_applied_once_however_often_it_comes(store: Arc<dyn Backend>) -> Outcome {
    open(&*store, "ORDER-1", "PAY-1").await?;
    let entry = entry(&paid(&client()?, "PAY-1")?, 1, 1)?;
    let results = together((0..100).map(|_| receive(&*store, &entry)).collect()).await;
    let (mut written, mut there) = (0, 0);
    for result in results {
        match result? {
            Applied::Changed(_) => written += 1,
            Applied::AlreadyThere => there += 1,
            Applied::Stale { .. } => return Err(Failure("receive gives no stale result".into())),
        }
    }
    ensure!((written, there) == (1, 99), "{written} were written, {there} were there");
    ensure!(store.ledger("ORDER-1", 0, 10).await?.len() == 1, "the ledger has not one line");
    let row = store.notification(entry.key).await?;
    let Some(row) = row else { return Err(Failure("the notification is not kept".into())) };
    let owner = Subject::Order("ORDER-1".into());
    ensure!(
        matches!(&row.placement, Placement::Matched(found) if *found == owner),
        "it is {:?}",
        row.placement
    );
    ensure!(row.entry.message == entry.message, "the message came back otherwise");
    Ok(())
}

/// Applies and commits what a commit handed over.
async fn drain(store: &dyn Backend, order: &str, changed: &Changed) -> Outcome {
    for entry in &changed.parked {
        written(apply(store, order, entry).await?)?;
    }
    Ok(())
}

async fn a_parked_notification_is_handed_over_when_its_order_appears(store: Arc<dyn Backend>) -> Outcome {
    let entry = entry(&paid(&client()?, "PAY-1")?, 1, 0)?;
    let parked = written(receive(&*store, &entry).await?)?;
    ensure!(parked.owners.is_empty() && parked.revision.is_none(), "parking came to {parked:?}");
    ensure!(matches!(receive(&*store, &entry).await?, Applied::AlreadyThere), "it was parked twice");
    ensure!(store.inbox_stats().await?.parked == 1, "it is not counted");

    let change = Change::payment(&opened("ORDER-1", "PAY-1", 0)?, None, at(0));
    let changed = written(store.commit(change).await?)?;
    let keys: Vec<_> = changed.parked.iter().map(|entry| entry.key).collect();
    ensure!(keys == [entry.key], "{keys:?} were handed over");
    // A worker may die here: the next commit hands it over again.
    super::kit::apply(&*store, "ORDER-1", &Input::Tick, at(0)).await?;
    drain(&*store, "ORDER-1", &changed).await?;
    let state = state(&*store, "ORDER-1").await?;
    ensure!(matches!(state, Some(PaymentState::Paid { .. })), "the order is {state:?}");
    ensure!(store.inbox_stats().await?.parked == 0, "it is still parked");
    let row = store.notification(entry.key).await?;
    ensure!(row.is_some_and(|row| row.entry.message.body == entry.message.body), "its bytes are gone");
    ensure!(matches!(receive(&*store, &entry).await?, Applied::AlreadyThere), "it was applied twice");
    Ok(())
}

async fn a_notification_parked_too_late_says_whose_it_is(store: Arc<dyn Backend>) -> Outcome {
    // Looked up before the order was there, parked after it.
    let entry = entry(&paid(&client()?, "PAY-1")?, 1, 0)?;
    let Some(fact) = &entry.fact else { return Err(Failure("no fact".into())) };
    let keys = keys_of_fact(&client()?, fact);
    open(&*store, "ORDER-1", "PAY-1").await?;
    let changed = written(store.commit(Change::park(entry.clone(), keys)).await?)?;
    ensure!(changed.owners == [Subject::Order("ORDER-1".into())], "its owners are {:?}", changed.owners);
    written(apply(&*store, "ORDER-1", &entry).await?)?;
    ensure!(store.inbox_stats().await?.parked == 0, "it is still parked");
    Ok(())
}

async fn parked_ones_of_other_accounts_stay(store: Arc<dyn Backend>) -> Outcome {
    let entry = entry(&paid(&stranger()?, "PAY-1")?, 1, 0)?;
    let Some(fact) = &entry.fact else { return Err(Failure("no fact".into())) };
    let keys = keys_of_fact(&stranger()?, fact);
    written(store.commit(Change::park(entry, keys)).await?)?;
    let change = Change::payment(&opened("ORDER-1", "PAY-1", 0)?, None, at(0));
    let changed = written(store.commit(change).await?)?;
    ensure!(changed.parked.is_empty(), "another account's notification was handed over");
    Ok(())
}

async fn parked_ones_are_listed_oldest_first(store: Arc<dyn Backend>) -> Outcome {
    for (number, seconds) in [(1, 30), (2, 10), (3, 20), (4, 10)] {
        let entry = entry(&paid(&client()?, &format!("PAY-{number}"))?, number, seconds)?;
        written(receive(&*store, &entry).await?)?;
    }
    let stats = store.inbox_stats().await?;
    ensure!((stats.parked, stats.oldest_parked) == (4, Some(at(10))), "the inbox is {stats:?}");
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.parked(after, 3).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.entry.received, last.entry.key));
        seen.extend(page.iter().map(|row| row.entry.key));
        ensure!(seen.len() <= 4, "pages go in circles");
    }
    let expected = [2, 4, 3, 1].map(|number| InboxKey([number; 32]));
    ensure!(seen == expected, "the order is {seen:?}");
    Ok(())
}

async fn what_nobody_follows_is_kept(store: Arc<dyn Backend>) -> Outcome {
    let message = notification(&client()?, r#"{"something":"new"}"#)?;
    let entry = InboxEntry { fact: None, ..entry(&message, 1, 0)? };
    written(receive(&*store, &entry).await?)?;
    ensure!(matches!(receive(&*store, &entry).await?, Applied::AlreadyThere), "it was kept twice");
    let row = store.notification(entry.key).await?;
    ensure!(row.is_some_and(|row| row.entry.message == entry.message), "it came back otherwise");
    ensure!(store.inbox_stats().await?.parked == 0, "it is parked");
    Ok(())
}
