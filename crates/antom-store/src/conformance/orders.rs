use std::sync::Arc;

use antom_core::flow::EntryKind;
use antom_core::flow::payment::{Input, NewRefund, PaymentState};
use antom_core::money::{Amount, Currency};

use super::kit::{apply, at, client, open, opened, paid_fact, stranger, together, written};
use super::{Outcome, cases, ensure};
use crate::body::FrozenBody;
use crate::change::{Applied, Change};
use crate::error::StoreError;
use crate::keys::{Key, KeyName};
use crate::rows::{Revision, Subject};
use crate::store::Backend;

cases! {
    an_order_is_created_once,
    a_state_comes_back_as_it_was,
    of_two_writers_one_wins,
    many_writers_lose_nothing,
    what_is_not_written_leaves_no_trace,
    request_ids_belong_to_one_order,
    orders_are_found_by_what_notifications_name,
    the_ledger_keeps_its_order_and_pages,
    requests_are_kept_while_they_may_be_needed,
    requests_of_others_are_refused,
}

async fn an_order_is_created_once(store: Arc<dyn Backend>) -> Outcome {
    let revision = open(&*store, "ORDER-1", "PAY-1").await?;
    ensure!(revision == Revision::FIRST, "the first revision is {revision:?}");
    let turn = opened("ORDER-1", "PAY-1", 0)?;
    let again = store.commit(Change::payment(&turn, None, at(0))).await?;
    ensure!(
        matches!(again, Applied::Stale { current: Some(current) } if current == revision),
        "creating it again came to {again:?}"
    );
    let missing =
        store.commit(Change::payment(&opened("ORDER-2", "PAY-2", 0)?, Some(revision), at(0))).await?;
    ensure!(
        matches!(missing, Applied::Stale { current: None }),
        "changing a missing order came to {missing:?}"
    );
    ensure!(store.order("ORDER-2").await?.is_none(), "a missing order appeared");
    Ok(())
}

async fn a_state_comes_back_as_it_was(store: Arc<dyn Backend>) -> Outcome {
    let turn = opened("ORDER-ü\"\\", "PAY-1", 0)?;
    written(store.commit(Change::payment(&turn, None, at(0))).await?)?;
    let row = store.order("ORDER-ü\"\\").await?;
    ensure!(row.as_ref().map(|row| &row.payment) == Some(&turn.next), "read {row:?}");
    ensure!(store.order("ORDER").await?.is_none(), "an unknown order was found");
    Ok(())
}

async fn of_two_writers_one_wins(store: Arc<dyn Backend>) -> Outcome {
    open(&*store, "ORDER-1", "PAY-1").await?;
    let Some(row) = store.order("ORDER-1").await? else { return Err(super::Failure("no order".into())) };
    let cancel = row.payment.apply(&Input::Cancel, at(1))?;
    let pay = row.payment.apply(&paid_fact("PAY-1")?, at(1))?;
    let changes = [cancel, pay].map(|turn| store.commit(Change::payment(&turn, Some(row.revision), at(1))));
    let results = together(changes.into()).await;
    let mut won = 0;
    for result in results {
        match result? {
            Applied::Changed(_) => won += 1,
            Applied::Stale { current } => {
                ensure!(current == Some(row.revision.next()), "the loser saw {current:?}");
            }
            Applied::AlreadyThere => return Err(super::Failure("no notification was there".into())),
        }
    }
    ensure!(won == 1, "{won} writers won");
    Ok(())
}

async fn many_writers_lose_nothing(store: Arc<dyn Backend>) -> Outcome {
    open(&*store, "ORDER-1", "PAY-1").await?;
    apply(&*store, "ORDER-1", &paid_fact("PAY-1")?, at(1)).await?;
    let inputs: Vec<Input> = (0..20)
        .map(|number| {
            let amount = Amount::new(Currency::EUR, 10);
            Input::Refund(NewRefund { request_id: format!("REFUND-{number}"), amount, capture_id: None })
        })
        .collect();
    let writers = inputs.iter().map(|input| apply(&*store, "ORDER-1", input, at(2))).collect();
    for result in together(writers).await {
        result?;
    }
    let row = store.order("ORDER-1").await?;
    let attempt = row.as_ref().and_then(|row| row.payment.current());
    let refunds = attempt.map_or(0, |attempt| attempt.refunds.len());
    ensure!(refunds == 20, "{refunds} of 20 refunds were kept");
    let revision = row.map(|row| row.revision.get());
    ensure!(revision == Some(22), "22 commits came to revision {revision:?}");
    Ok(())
}

async fn what_is_not_written_leaves_no_trace(store: Arc<dyn Backend>) -> Outcome {
    let revision = open(&*store, "ORDER-1", "PAY-1").await?;
    open(&*store, "ORDER-2", "PAY-2").await?;
    let Some(row) = store.order("ORDER-1").await? else { return Err(super::Failure("no order".into())) };
    let events = store.events(0, 100).await?.len();
    let turn = row.payment.apply(&paid_fact("PAY-1")?, at(1))?;
    ensure!(!turn.entries.is_empty() && !turn.events.is_empty(), "the transition writes nothing");

    let stale = store.commit(Change::payment(&turn, Some(revision.next()), at(1))).await?;
    ensure!(matches!(stale, Applied::Stale { .. }), "a stale change came to {stale:?}");
    let taken = store.commit(Change::payment(&opened("ORDER-3", "PAY-2", 0)?, None, at(0))).await;
    ensure!(matches!(taken, Err(StoreError::KeyTaken { .. })), "a taken id came to {taken:?}");

    let after = store.order("ORDER-1").await?;
    ensure!(after.as_ref() == Some(&row), "the state changed");
    ensure!(store.order("ORDER-3").await?.is_none(), "the refused order is there");
    ensure!(store.ledger("ORDER-1", 0, 10).await?.is_empty(), "the ledger has lines");
    ensure!(store.events(0, 100).await?.len() == events, "the outbox has events");
    let found = store.find(&Key::new(&client()?, KeyName::Payment("ID-PAY-1".into()))).await?;
    ensure!(found.is_empty(), "an index has {found:?}");
    Ok(())
}

async fn request_ids_belong_to_one_order(store: Arc<dyn Backend>) -> Outcome {
    open(&*store, "ORDER-1", "PAY-1").await?;
    let other = store.commit(Change::payment(&opened("ORDER-2", "PAY-1", 0)?, None, at(0))).await;
    let owner = Subject::Order("ORDER-1".into());
    ensure!(
        matches!(&other, Err(StoreError::KeyTaken { owner: found }) if *found == owner),
        "a second order with the id came to {other:?}"
    );
    Ok(())
}

async fn orders_are_found_by_what_notifications_name(store: Arc<dyn Backend>) -> Outcome {
    open(&*store, "ORDER-1", "PAY-1").await?;
    apply(&*store, "ORDER-1", &paid_fact("PAY-1")?, at(1)).await?;
    let amount = Amount::new(Currency::EUR, 10);
    let refund = NewRefund { request_id: "REFUND-1".into(), amount, capture_id: None };
    apply(&*store, "ORDER-1", &Input::Refund(refund), at(2)).await?;
    let owner = vec![Subject::Order("ORDER-1".into())];
    for name in [
        KeyName::Request("PAY-1".into()),
        KeyName::Payment("ID-PAY-1".into()),
        KeyName::Refund("REFUND-1".into()),
    ] {
        let found = store.find(&Key::new(&client()?, name.clone())).await?;
        ensure!(found == owner, "{name:?} leads to {found:?}");
        let found = store.find(&Key::new(&stranger()?, name.clone())).await?;
        ensure!(found.is_empty(), "{name:?} of another account leads to {found:?}");
    }
    let found = store.find(&Key::new(&client()?, KeyName::Capture("REFUND-1".into()))).await?;
    ensure!(found.is_empty(), "a refund's id is found as a capture's");
    Ok(())
}

async fn the_ledger_keeps_its_order_and_pages(store: Arc<dyn Backend>) -> Outcome {
    open(&*store, "ORDER-1", "PAY-1").await?;
    apply(&*store, "ORDER-1", &paid_fact("PAY-1")?, at(1)).await?;
    apply(&*store, "ORDER-1", &Input::Cancel, at(2)).await?;
    // A success after the cancellation, twice: recorded once.
    let all = store.ledger("ORDER-1", 0, 10).await?;
    let kinds: Vec<_> = all.iter().map(|row| row.entry.kind).collect();
    ensure!(kinds == [EntryKind::Captured], "the ledger says {kinds:?}");
    let first = all.first().map_or(0, |row| row.sequence);
    ensure!(store.ledger("ORDER-1", first, 10).await?.is_empty(), "the page after the last line has lines");
    ensure!(store.ledger("ORDER-1", 0, 0).await?.is_empty(), "a page of none has lines");
    ensure!(store.ledger("ORDER-1", u64::MAX, 10).await?.is_empty(), "the page after all places has lines");
    ensure!(store.ledger("ORDER", 0, 10).await?.is_empty(), "an unknown order has lines");
    Ok(())
}

async fn requests_are_kept_while_they_may_be_needed(store: Arc<dyn Backend>) -> Outcome {
    let bytes = b" {\"paymentRequestId\": \"PAY-1\"} ";
    let body = FrozenBody::new(client()?, "PAY-1", bytes)?;
    let turn = opened("ORDER-1", "PAY-1", 0)?;
    written(store.commit(Change::payment(&turn, None, at(0)).with_body(body)).await?)?;
    let kept = store.body(&client()?, "PAY-1").await?;
    ensure!(kept.as_ref().is_some_and(|kept| kept.expose() == bytes), "the request came back otherwise");
    ensure!(store.body(&stranger()?, "PAY-1").await?.is_none(), "another account has the request");
    apply(&*store, "ORDER-1", &paid_fact("PAY-1")?, at(1)).await?;
    ensure!(store.body(&client()?, "PAY-1").await?.is_none(), "the request is kept although it is final");
    let state = store.order("ORDER-1").await?.map(|row| row.payment.state());
    ensure!(matches!(state, Some(PaymentState::Paid { .. })), "the payment is {state:?}");
    Ok(())
}

async fn requests_of_others_are_refused(store: Arc<dyn Backend>) -> Outcome {
    let turn = opened("ORDER-1", "PAY-1", 0)?;
    for body in [FrozenBody::new(client()?, "PAY-2", b"{}")?, FrozenBody::new(stranger()?, "PAY-1", b"{}")?] {
        let refused = store.commit(Change::payment(&turn, None, at(0)).with_body(body)).await;
        ensure!(matches!(refused, Err(StoreError::StrayBody)), "a stray request came to {refused:?}");
    }
    ensure!(store.order("ORDER-1").await?.is_none(), "the refused change was written");
    Ok(())
}
